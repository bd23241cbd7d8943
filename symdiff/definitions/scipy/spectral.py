"""`scipy.signal`: spectra of signals, as transforms of windowed segments."""

import numpy as np
import scipy.signal

from symdiff.definitions.solving import outside

__all__ = ["csd", "istft", "periodogram", "spectrogram", "stft", "welch"]


def _window(window, nperseg, n):
    """The window for signals of n samples, not longer than they are."""
    if not isinstance(window, (str, tuple)):
        return np.asarray(window)
    nperseg = min(256 if nperseg is None else nperseg, n)
    return outside("scipy.signal.get_window", window, nperseg, returns="float64[:]")


def _transforms(x, window, step, nfft, detrend, onesided):
    """Those of the segments along the last axis: the last but one counts them."""
    size = window.shape[0]
    count = (x.shape[-1] - size) // step + 1
    places = step * np.arange(count)[:, None] + np.arange(size)
    parts = x[..., places]
    if callable(detrend):
        parts = detrend(parts)
    elif detrend:
        parts = scipy.signal.detrend(parts, type=detrend)
    if onesided:
        return np.fft.rfft(parts * window, n=nfft)
    return np.fft.fft(parts * window, n=nfft)


def _frequencies(nfft, fs, onesided):
    return np.fft.rfftfreq(nfft, 1 / fs) if onesided else np.fft.fftfreq(nfft, 1 / fs)


def _scale(window, fs, scaling):
    if scaling == "density":
        return 1 / (fs * np.sum(window**2))
    return 1 / np.sum(window) ** 2


def _step(window, noverlap, share):
    size = window.shape[0]
    return size - (int(size * share) if noverlap is None else noverlap)


def _doubled(power, nfft, onesided):
    """With the energy of the frequencies that a one-sided spectrum leaves out."""
    if not onesided:
        return power
    last = power.shape[-1] - (1 - nfft % 2)
    twice = np.ones(power.shape[-1])
    twice[1:last] = 2.0
    return power * twice


def _same_length(x, y):
    """Both, with zeros behind the shorter one."""
    n = max(x.shape[-1], y.shape[-1])
    x = np.concatenate([x, np.zeros((*x.shape[:-1], n - x.shape[-1]))], axis=-1)
    return x, np.concatenate([y, np.zeros((*y.shape[:-1], n - y.shape[-1]))], axis=-1)


def csd(
    x, y, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None,
    detrend="constant", return_onesided=True, scaling="density", axis=-1, average="mean",
):  # fmt: skip
    if average != "mean":
        raise NotImplementedError("this average of `scipy.signal.csd`")
    x = np.moveaxis(np.asarray(x), axis, -1)
    y = np.moveaxis(np.asarray(y), axis, -1)
    x, y = _same_length(x, y)
    window = _window(window, nperseg, x.shape[-1])
    step = _step(window, noverlap, 0.5)
    nfft = window.shape[0] if nfft is None else nfft
    onesided = return_onesided and not (np.iscomplexobj(x) or np.iscomplexobj(y))
    first = _transforms(x, window, step, nfft, detrend, onesided)
    second = _transforms(y, window, step, nfft, detrend, onesided)
    power = _scale(window, fs, scaling) * np.mean(np.conj(first) * second, axis=-2)
    power = np.moveaxis(_doubled(power, nfft, onesided), -1, axis)
    return _frequencies(nfft, fs, onesided), power


def welch(
    x, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None,
    detrend="constant", return_onesided=True, scaling="density", axis=-1, average="mean",
):  # fmt: skip
    x = np.moveaxis(np.asarray(x), axis, -1)
    window = _window(window, nperseg, x.shape[-1])
    step = _step(window, noverlap, 0.5)
    nfft = window.shape[0] if nfft is None else nfft
    onesided = return_onesided and not np.iscomplexobj(x)
    parts = _transforms(x, window, step, nfft, detrend, onesided)
    power = np.real(parts) ** 2 + np.imag(parts) ** 2
    if average == "median":
        count = power.shape[-2]
        power = np.median(power, axis=-2) / _bias_of_median(count)
    else:
        power = np.mean(power, axis=-2)
    power = _doubled(_scale(window, fs, scaling) * power, nfft, onesided)
    return _frequencies(nfft, fs, onesided), np.moveaxis(power, -1, axis)


def _bias_of_median(n):
    """Of n numbers that are distributed as a power is, relative to the mean."""
    even = 2.0 * np.arange(1, (n - 1) // 2 + 1)
    return 1 + np.sum(1 / (even + 1) - 1 / even)


def periodogram(
    x, fs=1.0, window="boxcar", nfft=None, detrend="constant", return_onesided=True,
    scaling="density", axis=-1,
):  # fmt: skip
    x = np.moveaxis(np.asarray(x), axis, -1)
    if nfft is not None:
        x = x[..., :nfft]
    window = "boxcar" if window is None else window
    freqs, power = welch(
        x, fs, window, x.shape[-1], 0, nfft, detrend, return_onesided, scaling
    )  # fmt: skip
    return freqs, np.moveaxis(power, -1, axis)


def _short_time(x, fs, window, step, nfft, detrend, return_onesided, scaling, extended):
    """Of signals along the last axis, with the frequencies before the times."""
    size = window.shape[0]
    nfft = size if nfft is None else nfft
    onesided = return_onesided and not np.iscomplexobj(x)
    parts = _transforms(x, window, step, nfft, detrend, onesided)
    parts = parts * np.sqrt(_scale(window, fs, scaling))
    times = np.arange(size / 2, x.shape[-1] - size / 2 + 1, step) / fs
    if extended:
        times = times - size / 2 / fs
    return _frequencies(nfft, fs, onesided), times, np.swapaxes(parts, -1, -2)


def stft(
    x, fs=1.0, window="hann", nperseg=256, noverlap=None, nfft=None, detrend=False,
    return_onesided=True, boundary="zeros", padded=True, axis=-1, scaling="spectrum",
):  # fmt: skip
    if boundary not in ("zeros", None):
        raise NotImplementedError("this boundary of `scipy.signal.stft`")
    x = np.asarray(x)
    if axis not in (-1, x.ndim - 1):
        raise NotImplementedError("`axis` of `scipy.signal.stft`")
    window = _window(window, nperseg, x.shape[-1])
    size, step = window.shape[0], _step(window, noverlap, 0.5)
    if boundary is not None:
        ends = np.zeros((*x.shape[:-1], size // 2))
        x = np.concatenate([ends, x, ends], axis=-1)
    if padded:
        more = -(x.shape[-1] - size) % step % size
        x = np.concatenate([x, np.zeros((*x.shape[:-1], more))], axis=-1)
    scaling = "density" if scaling == "psd" else scaling
    return _short_time(
        x, fs, window, step, nfft, detrend, return_onesided, scaling, boundary is not None
    )


def spectrogram(
    x, fs=1.0, window=("tukey", 0.25), nperseg=None, noverlap=None, nfft=None,
    detrend="constant", return_onesided=True, scaling="density", axis=-1, mode="psd",
):  # fmt: skip
    x = np.asarray(x)
    if axis not in (-1, x.ndim - 1) or mode in ("angle", "phase"):
        raise NotImplementedError("this use of `scipy.signal.spectrogram`")
    window = _window(window, nperseg, x.shape[-1])
    step = _step(window, noverlap, 0.125)
    freqs, times, parts = _short_time(
        x, fs, window, step, nfft, detrend, return_onesided, scaling, False
    )
    if mode == "complex":
        return freqs, times, parts
    if mode == "magnitude":
        return freqs, times, np.abs(parts)
    power = np.swapaxes(np.real(parts) ** 2 + np.imag(parts) ** 2, -1, -2)
    nfft = window.shape[0] if nfft is None else nfft
    power = _doubled(power, nfft, return_onesided and not np.iscomplexobj(x))
    return freqs, times, np.swapaxes(power, -1, -2)


def istft(
    Zxx, fs=1.0, window="hann", nperseg=None, noverlap=None, nfft=None,
    input_onesided=True, boundary=True, time_axis=-1, freq_axis=-2, scaling="spectrum",
):  # fmt: skip
    parts = np.swapaxes(np.asarray(Zxx), -1, -2)
    if time_axis not in (-1, parts.ndim - 1) or freq_axis not in (-2, parts.ndim - 2):
        raise NotImplementedError("the axes of `scipy.signal.istft`")
    count = parts.shape[-1]
    whole = 2 * (count - 1) if input_onesided else count
    nperseg = whole if nperseg is None else nperseg
    if nfft is None:
        odd = input_onesided and nperseg == whole + 1
        nfft = nperseg if odd else whole
    window = _window(window, nperseg, nperseg)
    step = _step(window, noverlap, 0.5)
    if input_onesided:
        parts = np.fft.irfft(parts, n=nfft)[..., :nperseg]
    else:
        parts = np.fft.ifft(parts, n=nfft)[..., :nperseg]
    segments = parts.shape[-2]
    n = nperseg + (segments - 1) * step
    norm, x = np.zeros(n), np.zeros((*parts.shape[:-2], n), dtype=parts.dtype)
    for k in range(segments):
        norm[k * step : k * step + nperseg] += window**2
        x[..., k * step : k * step + nperseg] += parts[..., k, :] * window
    scale = np.sum(window) if scaling == "spectrum" else np.sqrt(fs * np.sum(window**2))
    x = x * (scale / np.where(norm > 1e-10, norm, 1.0))
    if boundary:
        x = x[..., nperseg // 2 : n - nperseg // 2]
    return np.arange(x.shape[0]) / fs, x
