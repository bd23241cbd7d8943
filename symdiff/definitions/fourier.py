"""Fourier transforms of signals whose frequencies are real, or that are symmetric."""

import numpy as np

__all__ = ["hfft", "ihfft"]


def _other(norm):
    if norm == "ortho":
        return norm
    return "backward" if norm == "forward" else "forward"


def hfft(a, n=None, axis=-1, norm=None):
    return np.fft.irfft(np.conj(a), n, axis, _other(norm))


def ihfft(a, n=None, axis=-1, norm=None):
    return np.conj(np.fft.rfft(a, n, axis, _other(norm)))
