"""`scipy.signal`: convolutions and filters."""

import numpy as np
import scipy.signal

from symdiff.definitions.common import conjugate

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d", "detrend", "fftconvolve",
           "lfilter"]  # fmt: skip


def _kept(whole, n, m, mode):
    """The part of a full convolution of n and m elements that a mode keeps."""
    if mode == "full":
        return whole
    if mode == "same":
        start = (m - 1) // 2
        return whole[start : start + n]
    return whole[min(n, m) - 1 : max(n, m)]


def convolve(in1, in2, mode="full", method="auto"):
    in1, in2 = np.asarray(in1), np.asarray(in2)
    if in1.ndim == 2:
        return convolve2d(in1, in2, mode)
    if in1.ndim != 1:
        raise NotImplementedError("a convolution of more than two axes")
    return _kept(np.convolve(in1, in2), in1.shape[0], in2.shape[0], mode)


def fftconvolve(in1, in2, mode="full", axes=None):
    if axes is not None:
        raise NotImplementedError("`axes` of `scipy.signal.fftconvolve`")
    return convolve(in1, in2, mode)


def correlate(in1, in2, mode="full", method="auto"):
    in2 = conjugate(np.asarray(in2))
    return convolve(in1, in2[::-1] if in2.ndim == 1 else in2[::-1, ::-1], mode)


def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """One product of arrays for each element of the second."""
    if boundary != "fill":
        raise NotImplementedError("this boundary of `scipy.signal.convolve2d`")
    in1, in2 = np.asarray(in1), np.asarray(in2)
    (n, m), (k, l) = in1.shape, in2.shape
    padded = np.pad(in1, ((k - 1, k - 1), (l - 1, l - 1)), constant_values=fillvalue)
    whole = np.zeros((n + k - 1, m + l - 1))
    for i in range(k):
        for j in range(l):
            rows = padded[k - 1 - i : n + 2 * k - 2 - i, l - 1 - j : m + 2 * l - 2 - j]
            whole += in2[i, j] * rows
    if mode == "full":
        return whole
    if mode == "same":
        top, left = (k - 1) // 2, (l - 1) // 2
        return whole[top : top + n, left : left + m]
    return whole[min(n, k) - 1 : max(n, k), min(m, l) - 1 : max(m, l)]


def correlate2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    in1, in2 = np.asarray(in1), conjugate(np.asarray(in2))
    if mode != "same":
        return convolve2d(in1, in2[::-1, ::-1], mode, boundary, fillvalue)
    whole = convolve2d(in1, in2[::-1, ::-1], "full", boundary, fillvalue)
    top, left = in2.shape[0] // 2, in2.shape[1] // 2
    return whole[top : top + in1.shape[0], left : left + in1.shape[1]]


def detrend(data, axis=-1, type="linear", bp=0, overwrite_data=False):
    if type not in ("linear", "l", "constant", "c") or bp != 0:
        raise NotImplementedError("this type of `scipy.signal.detrend`")
    data = np.asarray(data)
    rest = data - np.mean(data, axis=axis, keepdims=True)
    if type in ("constant", "c"):
        return rest
    rest = np.swapaxes(rest, axis, -1)
    steps = np.arange(rest.shape[-1]) - (rest.shape[-1] - 1) / 2
    slope = np.sum(rest * steps, axis=-1, keepdims=True) / np.sum(steps**2)
    return np.swapaxes(rest - slope * steps, axis, -1)


def lfilter(b, a, x, axis=-1, zi=None):
    b, a, x = np.asarray(b), np.asarray(a), np.asarray(x)
    if zi is not None:
        raise NotImplementedError("`zi` of `scipy.signal.lfilter`")
    if x.ndim != 1:
        raise NotImplementedError("`scipy.signal.lfilter` of several signals")
    return scipy.signal.lfilter(np.atleast_1d(b), np.atleast_1d(a), x)
