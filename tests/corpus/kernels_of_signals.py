"""Particles, transforms, filters, convolutions and scans, written in place."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw


def accelerations(pos, mass, acc, softening):
    acc[:] = 0.0
    n = len(mass)
    for i in range(n):
        for j in range(i + 1, n):
            d = pos[j] - pos[i]
            r3 = (d @ d + softening**2) ** 1.5
            acc[i] += mass[j] * d / r3
            acc[j] -= mass[i] * d / r3


@case(draw(3, 2), draw(3, 2, seed=1), draw(3, seed=2), 0.05)
def leapfrog_bodies(pos, vel, mass, dt):
    acc = np.empty_like(pos)
    accelerations(pos, mass, acc, 0.3)
    energy = np.zeros(3)
    for step in range(3):
        vel += 0.5 * dt * acc
        pos += dt * vel
        accelerations(pos, mass, acc, 0.3)
        vel += 0.5 * dt * acc
        energy[step] = 0.5 * np.sum(mass * np.sum(vel**2, axis=1))
    return np.sum(energy) + np.sum(pos**2)


@case(draw(3, 3), draw(3, 3, seed=1), draw(3, seed=2))
def bodies_at_once(pos, vel, mass):
    for _ in range(2):
        dx = pos[:, 0:1].T - pos[:, 0:1]
        dy = pos[:, 1:2].T - pos[:, 1:2]
        inv_r3 = dx**2 + dy**2 + 0.04
        inv_r3[inv_r3 > 0] = inv_r3[inv_r3 > 0] ** (-1.5)
        vel[:, 0] += 0.1 * (dx * inv_r3) @ mass
        vel[:, 1] += 0.1 * (dy * inv_r3) @ mass
        pos += 0.1 * vel
    return np.sum(pos**2) + np.sum(vel * pos)


@case(draw(8), draw(8, seed=1))
def stockham_fft(re, im):
    n = len(re)
    xr, xi = re, im
    yr, yi = np.empty(n), np.empty(n)
    half, stride = n // 2, 1
    while half >= 1:
        for p in range(half):
            angle = -math.pi * p / half
            c, s = math.cos(angle), math.sin(angle)
            for q in range(stride):
                a, b = q + stride * p, q + stride * (p + half)
                dr, di = xr[a] - xr[b], xi[a] - xi[b]
                yr[q + stride * 2 * p] = xr[a] + xr[b]
                yi[q + stride * 2 * p] = xi[a] + xi[b]
                yr[q + stride * (2 * p + 1)] = dr * c - di * s
                yi[q + stride * (2 * p + 1)] = dr * s + di * c
        xr, yr = yr, xr
        xi, yi = yi, xi
        half //= 2
        stride *= 2
    return np.sum(np.sqrt(xr**2 + xi**2) * np.arange(n))


@case(draw(8), draw(8, seed=1))
def fft_in_place(re, im):
    """Bits reversed first, then butterflies on views."""
    n = len(re)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    size = 2
    while size <= n:
        k = np.arange(size // 2)
        c, s = np.cos(-2 * np.pi * k / size), np.sin(-2 * np.pi * k / size)
        for start in range(0, n, size):
            ur, ui = re[start : start + size // 2], im[start : start + size // 2]
            lr = re[start + size // 2 : start + size]
            li = im[start + size // 2 : start + size]
            tr, ti = lr * c - li * s, lr * s + li * c
            lr[:] = ur - tr
            li[:] = ui - ti
            ur += tr
            ui += ti
        size *= 2
    return np.sum((re**2 + im**2) * np.arange(n)) + re[1] * im[2]


@case(draw(1, 5, 5, 2), draw(3, 3, 2, 2, seed=1), draw(2, seed=2))
def conv2d_by_loops(x, weights, bias):
    K = weights.shape[0]
    N, H, W, _ = x.shape
    out = np.empty((N, H - K + 1, W - K + 1, weights.shape[3]))
    for i in range(H - K + 1):
        for j in range(W - K + 1):
            out[:, i, j, :] = np.sum(
                x[:, i : i + K, j : j + K, :, np.newaxis] * weights[np.newaxis, :, :, :],
                axis=(1, 2, 3),
            )
    out += bias
    np.maximum(out - 4.0, 0, out=out)
    return np.sum(out**2)


@case(draw(5, 6), draw(3, 2, seed=1))
def correlate_by_four_loops(image, kernel):
    rows, columns = image.shape[0] - 2, image.shape[1] - 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            for a in range(3):
                for b in range(2):
                    out[i, j] += image[i + a, j + b] * kernel[a, b]
    return np.sum(np.tanh(out))


@case(draw(1, 4, 6, 2))
def max_pooling(x):
    output = np.empty((x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]))
    for i in range(x.shape[1] // 2):
        for j in range(x.shape[2] // 2):
            block = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :]
            output[:, i, j, :] = np.max(block, axis=(1, 2))
    return np.sum(output**2)


@case(draw(4, 6))
def pooling_by_reshape(x):
    blocks = x.reshape(2, 2, 3, 2)
    peaks = blocks.max(axis=(1, 3))
    peaks[0] *= peaks[1]
    return np.sum(peaks**2) + np.sum(blocks.mean(axis=(1, 3)))


@case(draw(6), draw(6, seed=1), 0.9)
def generalised_advantages(rewards, values, gamma):
    """A scan from the end, with `np.flip`."""
    advantages = np.zeros(6)
    carry = 0.0
    for k, delta in enumerate(np.flip(rewards - values)):
        carry = delta + gamma * 0.95 * carry
        advantages[k] = carry
    advantages = np.flip(advantages)
    advantages -= advantages.mean()
    return np.sum(advantages**2 * values)


@case(draw(6), draw(6, seed=1))
def edge_filter(y, x):
    """A recursive filter, forwards and backwards (Deriche)."""
    n = len(y)
    y1, y2 = np.empty_like(y), np.empty_like(y)
    a1, a2, b1, b2 = 0.3, 0.1, 0.4, -0.2
    y1[0] = a1 * x[0]
    y1[1] = a1 * x[1] + a2 * x[0] + b1 * y1[0]
    for j in range(2, n):
        y1[j] = a1 * x[j] + a2 * x[j - 1] + b1 * y1[j - 1] + b2 * y1[j - 2]
    y2[-1] = 0.0
    y2[-2] = a1 * x[-1]
    for j in range(n - 3, -1, -1):
        y2[j] = a1 * x[j + 1] + a2 * x[j + 2] + b1 * y2[j + 1] + b2 * y2[j + 2]
    return np.sum((y1 + y2) ** 2 * y)


@case(draw(9))
def savitzky_golay(y):
    n, half = len(y), 2
    t = np.arange(-half, half + 1)
    basis = np.vander(t, 3, increasing=True)
    weights = np.linalg.pinv(basis)[0]
    smooth = y.copy()
    for i in range(half, n - half):
        smooth[i] = weights @ y[i - half : i + half + 1]
    smooth[:half] = 0.5 * (y[:half] + smooth[half])
    smooth[-half:] += smooth[-half - 1] ** 2
    return np.sum((smooth - y) ** 2)


@case(draw(5, 5), draw(4, low=0.3, high=3.6), draw(4, seed=1, low=0.3, high=3.6))
def bilinear_interpolation(image, x, y):
    x0 = np.floor(x).astype(int)
    y0 = np.floor(y).astype(int)
    fx, fy = x - x0, y - y0
    top = image[y0, x0] * (1 - fx) + image[y0, x0 + 1] * fx
    bottom = image[y0 + 1, x0] * (1 - fx) + image[y0 + 1, x0 + 1] * fx
    return np.sum((top * (1 - fy) + bottom * fy) ** 2)


@case(draw(8), draw(8, seed=1, low=0.1, high=3.9))
def weighted_histogram(weights, where):
    bins = np.zeros(5)
    cell = where.astype(int)
    part = where - cell
    np.add.at(bins, cell, weights * (1 - part))
    np.add.at(bins, cell + 1, weights * part)
    return np.sum(bins**2)


@case(draw(8))
def prefix_sums_by_doubling(u):
    shift = 1
    while shift < len(u):
        u[shift:] = u[shift:] + u[:-shift]
        shift *= 2
    return np.sum(u**2)


@case(draw(8))
def prefix_sums_up_and_down(u):
    """Blelloch's scan, on strided views."""
    n = len(u)
    d = 1
    while d < n:
        u[2 * d - 1 :: 2 * d] += u[d - 1 :: 2 * d]
        d *= 2
    u[-1] = 0.0
    d = n // 2
    while d >= 1:
        left, right = u[d - 1 :: 2 * d], u[2 * d - 1 :: 2 * d]
        kept = left.copy()
        left[:] = right
        right += kept
        d //= 2
    return np.sum(u**2)


@case(draw(8))
def haar_wavelet(u):
    n = len(u)
    while n > 1:
        even, odd = u[:n:2].copy(), u[1:n:2].copy()
        u[: n // 2] = (even + odd) / math.sqrt(2)
        u[n // 2 : n] = (even - odd) / math.sqrt(2)
        n //= 2
    u[np.abs(u) < 0.1] = 0.0
    return np.sum(np.abs(u))


@case(draw(5, low=-1), draw(4, seed=1))
def longest_path_table(scores, gaps):
    n, m = len(scores) + 1, len(gaps) + 1
    table = np.zeros((n, m))
    table[1:, 0] = -np.cumsum(scores) * 0.1
    for i in range(1, n):
        for j in range(1, m):
            table[i, j] = max(
                table[i - 1, j - 1] + scores[i - 1] * gaps[j - 1],
                table[i - 1, j] - 0.2,
                table[i, j - 1] - gaps[j - 1] * 0.3,
            )
    return table[-1, -1] ** 2


@case(draw(2, 3), draw(3, 3, seed=1), draw(3, seed=2))
def recurrent_states(inputs, weights, bias):
    states = np.zeros((len(inputs) + 1, 3))
    for t, x in enumerate(inputs):
        np.tanh(weights @ states[t] + x + bias, out=states[t + 1])
    states[0] = states[-1] * states[1]
    return np.sum(states**2)


@case(draw(3, 4, 2), draw(4, 4, seed=1))
def attention_in_place(x, mask):
    scores = x[0] @ x[1].T
    scores[mask < 0.6] = -1e9
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return np.sum((scores @ x[2]) ** 2)


@case(draw(4, seed=3), draw(4, seed=4), 0.1)
def adam(w, target, rate):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, 4):
        g = 2 * (w - target) * w
        m *= 0.9
        m += 0.1 * g
        v[:] = 0.99 * v + 0.01 * g**2
        w -= rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)
    return np.sum((w - target) ** 2)


@case(draw(6, low=-0.3, high=0.3))
def error_diffusion(pixels):
    """Errors of rounding pushed on; half of the derivatives vanish."""
    image = pixels.reshape(2, 3)
    for y in range(2):
        for x in range(3):
            old = image[y, x]
            new = np.round(old)
            image[y, x] = new + 0.5 * old
            error = old - new
            if x + 1 < 3:
                image[y, x + 1] += error * 7 / 16
            if y + 1 < 2:
                image[y + 1, x] += error * 5 / 16
    return np.sum(image**2)
