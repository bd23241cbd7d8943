"""`scipy.signal`: convolutions and filters."""

import numpy as np
import scipy.signal

from symdiff.definitions.common import conjugate

__all__ = [
    "convolve", "convolve2d", "correlate", "correlate2d", "detrend", "fftconvolve",
    "filtfilt", "hilbert", "lfilter", "lfilter_zi", "medfilt", "oaconvolve", "resample",
    "savgol_filter", "sosfilt", "upfirdn",
]  # fmt: skip


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


def oaconvolve(in1, in2, mode="full", axes=None):
    return fftconvolve(in1, in2, mode, axes)


def correlate(in1, in2, mode="full", method="auto"):
    in2 = conjugate(np.asarray(in2))
    return convolve(in1, in2[::-1] if in2.ndim == 1 else in2[::-1, ::-1], mode)


def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """One product of arrays for each element of the second."""
    in1, in2 = np.asarray(in1), np.asarray(in2)
    (n, m), (k, l) = in1.shape, in2.shape
    widths = ((k - 1, k - 1), (l - 1, l - 1))
    if boundary == "fill":
        padded = np.pad(in1, widths, constant_values=fillvalue)
    else:
        padded = np.pad(in1, widths, mode={"wrap": "wrap", "symm": "symmetric"}[boundary])
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
    b, a, x = np.atleast_1d(b), np.atleast_1d(a), np.asarray(x)
    if x.ndim != 1:
        if zi is not None:
            raise NotImplementedError("`zi` of `scipy.signal.lfilter` of several signals")
        b, a = b[: x.shape[axis]], a[: x.shape[axis]]  # no more than these have a part
        return _along(lambda row: scipy.signal.lfilter(b, a, row), x, axis)
    y = scipy.signal.lfilter(b, a, x)
    if zi is None:
        return y
    y = y + _run_out(a, np.asarray(zi), x.shape[0])
    return y, _state_after(b, a, x, y)


def _along(function, x, axis):
    """A function of one signal of each one along an axis."""
    x = np.moveaxis(x, axis, -1)
    rows = np.reshape(x, (-1, x.shape[-1]))
    result = np.stack([function(row) for row in rows])
    return np.moveaxis(np.reshape(result, x.shape), -1, axis)


def _run_out(a, zi, n):
    """What a state leaves behind without a signal."""
    state = np.concatenate([zi, np.zeros(n)])[:n]
    return scipy.signal.lfilter(a[:1], a, a[0] * state) / a[0]


def _state_after(b, a, x, y):
    """The delays of the transposed direct form after a signal."""
    size = max(a.shape[0], b.shape[0]) - 1
    b = np.concatenate([b, np.zeros(size + 1 - b.shape[0])]) / a[0]
    a = np.concatenate([a, np.zeros(size + 1 - a.shape[0])]) / a[0]
    x = np.concatenate([np.zeros(size), x])[x.shape[0] :]
    y = np.concatenate([np.zeros(size), y])[y.shape[0] :]
    state = np.zeros(size)
    for k in range(size):
        state[k] = b[k + 1 :] @ x[k:][::-1] - a[k + 1 :] @ y[k:][::-1]
    return state


def lfilter_zi(b, a):
    """The state in which a signal of ones is answered by a constant."""
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    size = max(a.shape[0], b.shape[0])
    b = np.concatenate([b, np.zeros(size - b.shape[0])]) / a[0]
    a = np.concatenate([a, np.zeros(size - a.shape[0])]) / a[0]
    steady = np.sum(b) / np.sum(a)
    rest = b - a * steady
    return np.cumsum(rest[::-1])[::-1][1:]


def filtfilt(b, a, x, axis=-1, padtype="odd", padlen=None, method="pad", irlen=None):
    x, b, a = np.asarray(x), np.atleast_1d(b), np.atleast_1d(a)
    if method != "pad":
        raise NotImplementedError("this method of `scipy.signal.filtfilt`")
    if x.ndim != 1:
        return _along(lambda row: filtfilt(b, a, row, -1, padtype, padlen), x, axis)
    edge = 3 * max(a.shape[0], b.shape[0]) if padlen is None else padlen
    wide = x
    if padtype is None:
        edge = 0
    if edge > 0:
        before, behind = x[1 : edge + 1][::-1], x[-edge - 1 : -1][::-1]
        if padtype == "odd":
            before, behind = 2 * x[0] - before, 2 * x[-1] - behind
        elif padtype == "constant":
            before, behind = x[0] + 0 * before, x[-1] + 0 * behind
        wide = np.concatenate([before, x, behind])
    state = lfilter_zi(b, a)
    n = wide.shape[0]
    y = scipy.signal.lfilter(b, a, wide) + _run_out(a, state * wide[0], n)
    back = y[::-1]
    y = (scipy.signal.lfilter(b, a, back) + _run_out(a, state * back[0], n))[::-1]
    return y[edge : n - edge]


def sosfilt(sos, x, axis=-1, zi=None):
    if zi is not None:
        raise NotImplementedError("`zi` of `scipy.signal.sosfilt`")
    sos, x = np.asarray(sos), np.asarray(x)
    for section in sos:
        x = lfilter(section[:3], section[3:], x, axis)
    return x


def resample(x, num, t=None, axis=0, window=None, domain="time"):
    if t is not None or window is not None or domain != "time" or np.iscomplexobj(x):
        raise NotImplementedError("this use of `scipy.signal.resample`")
    x = np.asarray(x)
    n = x.shape[axis]
    spectrum = np.moveaxis(np.fft.rfft(x, axis=axis), axis, -1)
    least = min(num, n)
    factors = np.ones(least // 2 + 1)
    if least % 2 == 0 and num != n:  # the highest frequency stands for two, or for one
        factors[-1] = 2.0 if num < n else 0.5
    kept = spectrum[..., : least // 2 + 1] * factors
    return np.moveaxis(np.fft.irfft(kept, num), -1, axis) * (num / n)


def hilbert(x, N=None, axis=-1):
    x = np.moveaxis(np.asarray(x), axis, -1)
    n = x.shape[-1] if N is None else N
    twice = np.zeros(n)
    twice[0] = 1.0
    twice[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        twice[n // 2] = 1.0
    return np.moveaxis(np.fft.ifft(np.fft.fft(x, n) * twice), -1, axis)


def savgol_filter(
    x, window_length, polyorder, deriv=0, delta=1.0, axis=-1, mode="interp", cval=0.0
):
    """Polynomials fitted to each window, at its middle, and at the ends to the first and
    the last one."""
    x = np.asarray(x)
    if x.ndim != 1:

        def of_one(row):
            given = window_length, polyorder, deriv, delta, -1, mode, cval
            return savgol_filter(row, *given)

        return _along(of_one, x, axis)
    half = window_length // 2
    steps = np.arange(window_length) - half
    fit = np.linalg.pinv(np.vander(1.0 * steps, polyorder + 1, increasing=True))
    powers = np.arange(polyorder + 1)
    factors = np.ones(polyorder + 1)
    for k in range(deriv):
        factors = factors * (powers - k)
    lower = np.where(powers < deriv, 0, powers - deriv)
    values = factors * (1.0 * steps[:, None]) ** lower / delta**deriv  # of each power
    table = values @ fit
    if mode == "constant":
        x = np.pad(x, half, constant_values=cval)
    elif mode != "interp":
        modes = {"mirror": "reflect", "nearest": "edge", "wrap": "wrap"}
        x = np.pad(x, half, mode=modes[mode])
    places = np.arange(x.shape[0] - window_length + 1)[:, None] + np.arange(window_length)
    middle = x[places] @ table[half]
    if mode != "interp":
        return middle
    first, last = table[:half] @ x[:window_length], table[half + 1 :] @ x[-window_length:]
    return np.concatenate([first, middle, last])


def medfilt(volume, kernel_size=3):
    volume = np.asarray(volume)
    if volume.ndim != 1 or not isinstance(kernel_size, int):
        raise NotImplementedError("`medfilt` of anything but a vector")
    half = kernel_size // 2
    padded = np.pad(volume, half)
    places = np.arange(volume.shape[0])[:, None] + np.arange(kernel_size)
    return np.median(padded[places], axis=1)


def upfirdn(h, x, up=1, down=1, axis=-1, mode="constant", cval=0):
    h, x = np.asarray(h), np.asarray(x)
    if h.ndim != 1 or x.ndim != 1 or mode != "constant" or cval != 0:
        raise NotImplementedError("this mode of `scipy.signal.upfirdn`")
    apart = np.zeros((x.shape[0] - 1) * up + 1)
    apart[::up] = x
    return np.convolve(apart, h)[::down]
