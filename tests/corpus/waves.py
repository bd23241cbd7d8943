"""Complex numbers on the way from real arguments to a real result."""

from __future__ import annotations

import cmath

import numpy as np

from corpus.registry import case, draw


@case(0.7, 1.3)
def impedance(r, c):
    """A voltage divider at some frequencies."""
    total = 0.0
    for w in (0.5, 1.0, 2.0):
        z = 1.0 / (1j * w * c)
        gain = z / (complex(r, 0.1 * w) + z)
        total += abs(gain) ** 2 + gain.imag
    return total


@case(0.3, 0.2, 6)
@case(0.9, 0.9, 6)
def escape(a, b, n):
    z, c = 0j, complex(a, b)
    for _ in range(n):
        z = z * z + c
        if abs(z) > 2.0:
            break
    return z.real**2 + z.imag


@case(0.4)
@case(-0.4)
def real_on_one_path(x):
    z = x * 1j if x > 0 else x
    w = z * (1 + 2j)
    return (w * w).real + abs(w)


@case(1.1, 0.4)
def functions_of_numbers(x, y):
    z = complex(x, y)
    w = cmath.exp(z) + cmath.sqrt(x - 3.0) * cmath.log(z) + cmath.sin(z) ** 2
    w += z**x + x**z + cmath.rect(x, y) + cmath.acosh(z) + cmath.atanh(z / 3)
    return cmath.phase(w) + abs(w) + w.conjugate().imag


@case(draw(8), draw(8, seed=1), 0.1, 3)
def split_step(v, psi0, dt, steps):
    """The Schroedinger equation, half a step in the potential at a time."""
    psi = psi0 * np.exp(1j * np.arange(8))
    k = 2 * np.pi * np.fft.fftfreq(psi.size)
    half, kinetic = np.exp(-0.5j * dt * v), np.exp(-0.5j * dt * k**2)
    for _ in range(steps):
        psi = half * psi
        psi = np.fft.ifft(kinetic * np.fft.fft(psi))
        psi *= half
    return np.sum(np.arange(8) * np.abs(psi) ** 2)


@case(draw(7), draw(7, seed=1), 0.1)
def crank_nicolson(re, im, dt):
    """In place, with neighbours."""
    psi = re + 1j * im
    for _ in range(3):
        psi[1:-1] += 0.5j * dt * (psi[2:] - 2 * psi[1:-1] + psi[:-2])
        psi /= np.sqrt(np.sum(np.abs(psi) ** 2))
    return np.sum(psi.real**2 * np.arange(7)) + psi[3].imag


@case(draw(8), 0.01, 2)
@case(draw(7), 0.01, 2)
def korteweg_de_vries(u, dt, steps):
    n = u.shape[0]
    k = np.fft.rfftfreq(n, 1.0 / n)
    linear = np.exp(1j * k**3 * dt)
    for _ in range(steps):
        u = np.fft.irfft(np.fft.rfft(u) * linear, n=n)
        slope = np.fft.irfft(1j * k * np.fft.rfft(u), n=n)
        u = u - 6 * dt * u * slope
    return np.sum(u**2) + np.sum(u**3)


@case(draw(8), draw(5, seed=1))
def spectral_filter(signal, gains):
    filtered = np.fft.irfft(np.fft.rfft(signal) * gains)
    return np.sum((filtered - 0.3 * signal) ** 2)


@case(draw(6, 4))
def poisson(f):
    rows, columns = f.shape
    kx = np.fft.fftfreq(rows)[:, None] * rows
    ky = np.fft.rfftfreq(columns) * columns
    laplacian = -(kx**2 + ky**2)
    laplacian[0, 0] = 1.0
    spectrum = np.fft.rfft2(f) / laplacian
    spectrum[0, 0] = 0.0
    u = np.fft.irfft2(spectrum, s=f.shape)
    return np.sum(u * u * f)


@case(draw(4))
def reals_written_into_complex(x):
    z = np.zeros(4, dtype=complex)
    z[0] = x[0]
    z[1] = 1j * x[1]
    z[2:] = x[2:] * x[:2]
    z[0] += x[3] * 1j
    z *= np.exp(1j * x[0])
    return np.sum(np.abs(z) ** 2 * np.arange(1, 5)) + z[2].real


@case(draw(4), draw(4, seed=1))
def written_through_parts(re, im):
    z = re + 1j * im
    energy = np.sum(z.real**2)
    z.real[1] = energy
    z.imag[:] *= 2
    z.real = z.real + im
    return np.sum(np.abs(z) ** 2 * np.arange(4)) + z.imag[0] * z.real[1]


@case(draw(3, 3), draw(3, 3, seed=1))
def matrices(a, b):
    m = a + 1j * b
    x = np.linalg.solve(m, np.array([1.0, 2j, 3.0]))
    h = m @ m.conj().T
    corner = np.vdot(x, h[0]).imag + np.einsum("ij,ji->", h, m).real
    return np.linalg.norm(x) + abs(np.linalg.det(m)) + corner + np.trace(h).real


@case((0.3, 0.4, 0.5))
def in_containers(p):
    held = {"a": complex(p[0], p[1]), "b": [p[2] * 1j, p[0]]}
    total = 0
    for value in held["b"]:
        total = total + value * held["a"]
    held["a"] *= total
    return held["a"].imag + abs(total)


@case(draw(3), 2)
def on_a_tape(x, n):
    z, kept = np.exp(1j * x), []
    for _ in range(n):
        z = np.sin(z) * 1j + z
        kept.append(np.abs(z))
    return sum(np.sum(value) for value in kept) + np.sum(z.imag * x)


@case(draw(5), draw(3, seed=1))
def convolved(x, w):
    z = np.convolve(x * np.exp(1j * x), w + 1j)
    return np.sum(np.abs(z)) + np.var(z) + np.sum(np.correlate(z, w * 1j).real ** 2)


@case(0.8, 1.7)
def power_of_negative_numbers(x, y):
    z = (-x) ** complex(y, 0.5)
    return z.real + z.imag**2
