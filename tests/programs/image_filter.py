"""Sharpness of an image after unsharp masking with a kernel of given width and angle."""

import math
from functools import partial

import numpy as np


def gaussian_kernel(size, width, ratio, angle):
    """A Gaussian with axes of different widths, turned by an angle, with sum one."""
    half = size // 2
    kernel = np.zeros((size, size))
    c, s = math.cos(angle), math.sin(angle)
    for i in range(-half, half + 1):
        for j in range(-half, half + 1):
            u = c * i + s * j
            v = -s * i + c * j
            kernel[i + half, j + half] = math.exp(
                -0.5 * ((u / width) ** 2 + (v / (ratio * width)) ** 2)
            )
    kernel /= kernel.sum()
    return kernel


def convolve(image, kernel, mode="reflect"):
    """Correlation by hand, the border mirrored or held."""
    height, width = image.shape
    size = kernel.shape[0]
    half = size // 2
    padded = np.pad(image, half, mode="edge" if mode == "nearest" else "symmetric")
    result = np.zeros_like(image)
    for di in range(size):
        for dj in range(size):
            result += kernel[di, dj] * padded[di : di + height, dj : dj + width]
    return result


def gradient_magnitude(image):
    gx = np.zeros_like(image)
    gy = np.zeros_like(image)
    gx[:, 1:-1] = 0.5 * (image[:, 2:] - image[:, :-2])
    gy[1:-1, :] = 0.5 * (image[2:, :] - image[:-2, :])
    return np.sqrt(gx**2 + gy**2 + 1e-6)


def soft_threshold(image, level):
    return np.sign(image) * np.maximum(np.abs(image) - level, 0.0)


def pipeline(image, *stages):
    for stage in stages:
        image = stage(image)
    return image


def sharpness(image, width, ratio, angle, level):
    kernel = gaussian_kernel(3, width, ratio, angle)
    filtered = pipeline(
        image,
        partial(convolve, kernel=kernel),
        lambda blurred: image - blurred,
        partial(soft_threshold, level=level),
        lambda detail: image + 1.5 * detail,
        gradient_magnitude,
    )
    centre = filtered[1:-1, 1:-1]
    histogram = [np.mean(np.tanh(4 * (centre - t))) for t in (0.1, 0.3, 0.5)]
    return centre.mean() + 0.2 * float(sum(histogram))


if __name__ == "__main__":
    picture = np.random.default_rng(1).uniform(0.2, 1.0, (6, 7))
    print(sharpness(picture, 0.9, 1.4, 0.3, 0.05))
