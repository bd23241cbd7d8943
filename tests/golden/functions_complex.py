"""Complex numbers and transforms between real arguments and a real result."""

import cmath

import numpy as np
from golden import golden

rng = np.random.default_rng(3)
V, PSI = rng.uniform(0.2, 1.5, 8), rng.normal(size=8) + 1j * rng.normal(size=8)
SIGNAL, GAINS = rng.uniform(-1, 1, 9), rng.uniform(0.2, 1.5, 5)


@golden(0.7, 1.3, 2.0, argnums=("r", "c"), forward=True)
def gain_of_filter(r, c, w):
    z = 1 / (1j * w * c)
    gain = z / (r + z)
    return abs(gain) + cmath.phase(gain)


@golden(SIGNAL, GAINS, argnums=("signal", "gains"), forward=True)
def filtered_energy(signal, gains):
    spectrum = np.fft.rfft(signal) * gains
    return np.sum(np.fft.irfft(spectrum, n=len(signal)) ** 3)


@golden(PSI, V, 0.1, 3, argnums=("psi", "v"))
def wave_in_a_potential(psi, v, dt, steps):
    k = np.fft.fftfreq(len(v))
    half = np.exp(-0.5j * dt * v)
    for _ in range(steps):
        psi = half * psi
        psi = half * np.fft.ifft(np.exp(-1j * dt * k**2) * np.fft.fft(psi))
    return np.sum(v * np.abs(psi) ** 2)


@golden(PSI, 0.1, argnums=("psi", "dt"))
def explicit_steps(psi, dt):
    psi = psi.copy()
    for _ in range(4):
        psi[1:-1] += 1j * dt * (psi[2:] - 2 * psi[1:-1] + psi[:-2])
    return np.sum(psi.real**2) + psi[3].imag
