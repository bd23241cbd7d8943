"""Linear algebra of complex matrices, and eigenvalues: both modes against differences."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

import symdiff

random = np.random.default_rng(5)


def complexes(*shape):
    return random.uniform(0.2, 0.9, shape) + 1j * random.uniform(0.2, 0.9, shape)


C, TALL = complexes(4, 4) + np.eye(4), complexes(5, 3)
STACK, REAL = complexes(2, 3, 3) + np.eye(3), random.uniform(0.2, 0.9, (4, 4)) + np.eye(4)
TURNING = np.array([[0.2, 1.4], [-1.0, 0.6]])  # its eigenvalues are complex


def total(z):
    weights = np.cos(np.arange(z.size) + 1.0).reshape(z.shape)
    return np.sum(weights * z.real) + np.sum(weights**2 * z.imag)


def turned(a):
    return a.conj().swapaxes(-1, -2)


def positive(a):
    return a @ turned(a) + np.eye(a.shape[-1])


def hermitian_function(a):
    w, v = np.linalg.eigh(a)
    return total((v * np.tanh(w)[..., None, :]) @ turned(v))


def singular_function(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return total((u * np.tanh(s)[..., None, :]) @ vh)


def unitary_part(a):
    u, _, vh = np.linalg.svd(a)
    return total(u @ vh)


def matrix_function(a):
    w, v = np.linalg.eig(a)
    return total((v * np.exp(w)[..., None, :]) @ np.linalg.inv(v))


def lengths_of_parts(a):
    return total(np.abs(np.linalg.eig(a)[1]))


def of_logarithm(a):
    sign, logarithm = np.linalg.slogdet(a)
    return total(sign * logarithm)


def with_upper_triangle(a):
    w, v = np.linalg.eigh(a, "U")
    return np.sum(np.sin(w)) + total(np.abs(v))


def factors(a):
    q, r = np.linalg.qr(a)
    return total(q) + total(np.abs(r))


def solved_by_factors(a):
    return total(scipy.linalg.cho_solve(scipy.linalg.cho_factor(positive(a)), a[0]))


CASES = {
    "eigh": (hermitian_function, positive(C)),
    "eigh of what is not Hermitian": (hermitian_function, C),
    "eigh of a stack": (hermitian_function, positive(STACK)),
    "eigh of the upper triangle": (with_upper_triangle, positive(C)),
    "eigvalsh": (lambda a: np.sum(np.linalg.eigvalsh(a) ** 2), C),
    "svd": (singular_function, TALL),
    "svd of a wide one": (singular_function, TALL.T),
    "svd of a stack": (singular_function, STACK),
    "svd with both factors": (unitary_part, C),
    "singular values": (lambda a: np.sum(np.linalg.svd(a)[1] ** 3), TALL.T[:, :3]),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), TALL),
    "spectral norm": (lambda a: np.linalg.norm(a, 2), TALL),
    "condition": (lambda a: np.linalg.cond(a), C),
    "qr": (factors, C),
    "qr of a tall one": (factors, TALL),
    "qr of a wide one": (factors, TALL.T),
    "cholesky": (lambda a: total(np.linalg.cholesky(a)), positive(C)),
    "cholesky of a stack": (lambda a: total(np.linalg.cholesky(a)), positive(STACK)),
    "upper triangle of SciPy": (lambda a: total(scipy.linalg.cholesky(a)), positive(C)),
    "cho_solve": (solved_by_factors, C),
    "pinv": (lambda a: total(np.linalg.pinv(a)), TALL),
    "pinv of a wide one": (lambda a: total(np.linalg.pinv(a)), TALL.T),
    "lstsq": (lambda a: total(np.linalg.lstsq(a, a[:, 0] ** 2)[0]), TALL),
    "slogdet": (of_logarithm, C),
    "slogdet of a stack": (of_logarithm, STACK),
    "inv": (lambda a: total(np.linalg.inv(a)), STACK),
    "solve": (lambda a: total(np.linalg.solve(a, a[0])), C),
    "eig": (matrix_function, C),
    "eig of a stack": (matrix_function, STACK),
    "eig of a real matrix": (matrix_function, REAL),
    "eig of a turn": (matrix_function, TURNING),
    "lengths of parts": (lengths_of_parts, C),
    "lengths of parts, real": (lengths_of_parts, REAL),
    "spectral radius": (lambda a: np.max(np.abs(np.linalg.eigvals(a))), REAL),
    "roots": (lambda p: np.sum(np.abs(np.roots(p)) ** 3), np.array([2.0, 1.0, 3.0])),
    "roots behind zeros": (lambda p: np.sum(np.roots([0.0, *p]).imag ** 2), np.ones(4)),
    "scipy eigvals": (lambda a: total(scipy.linalg.eigvals(a)), REAL),
    "scipy eigh": (lambda a: np.sum(np.sin(scipy.linalg.eigh(a)[0])), positive(C)),
    "solve of a Hermitian one": (
        lambda a: total(scipy.linalg.solve(a, a[0], assume_a="her")), positive(C)
    ),
    "triangular, turned": (
        lambda a: total(scipy.linalg.solve_triangular(a, a[0], trans="C", lower=True)), C
    ),
    "expm": (lambda a: total(scipy.linalg.expm(a)), 0.5 * C),
    "sqrtm": (lambda a: total(scipy.linalg.sqrtm(a)), C),
    "logm": (lambda a: total(scipy.linalg.logm(a)), C),
    "cosm": (lambda a: total(scipy.linalg.cosm(a)), 0.5 * C),
    "polar": (lambda a: total(scipy.linalg.polar(a)[0]), C),
    "lu": (lambda a: total(scipy.linalg.lu(a)[2]), C),
    "schur": (lambda a: total(np.abs(scipy.linalg.schur(a)[0])), C),
    "vectors of schur": (lambda a: total(np.abs(scipy.linalg.schur(a)[1])), C),
    "hessenberg": (lambda a: total(scipy.linalg.hessenberg(a)), C),
    "vectors of hessenberg": (lambda a: total(scipy.linalg.hessenberg(a, True)[1]), C),
    "hessenberg of a small one": (lambda a: total(scipy.linalg.hessenberg(a)), C[:2, :2]),
    "funm": (lambda a: total(scipy.linalg.funm(a, np.sin)), C),
    "signm": (lambda a: total(scipy.linalg.signm(a)), C - 1.1 * np.eye(4)),
    "fractional power": (
        lambda a: total(scipy.linalg.fractional_matrix_power(a, 0.3)), C
    ),
    "cholesky of a band": (
        lambda a: total(scipy.linalg.cholesky_banded(a, lower=True)),
        0.2 * C[:3] + np.array([[4.0], [0.0], [0.0]]) - 0.2j * C[:3].imag * [[1], [0], [0]],
    ),
    "toeplitz": (lambda a: total(scipy.linalg.toeplitz(a[0])), C),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_both_modes(name, monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")
    function, given = CASES[name]
    gradient = symdiff.grad(function)(given)
    assert gradient.dtype == given.dtype
    for _ in range(3):
        along = random.standard_normal(given.shape)
        if np.iscomplexobj(given):
            along = along + 1j * random.standard_normal(given.shape)
        h = 1e-6
        slope = (function(given + h * along) - function(given - h * along)) / (2 * h)
        _, dot = symdiff.jvp(function, (given,), (along,))
        scale = {"rtol": 2e-6, "atol": 2e-7 * max(1.0, np.abs(gradient).max())}
        np.testing.assert_allclose(np.sum(gradient * along).real, slope, **scale)
        np.testing.assert_allclose(dot, slope, **scale)


def test_eigenvalues_count_as_complex():
    with pytest.raises(symdiff.DifferentiationError, match="returns a complex number"):
        symdiff.grad(lambda a: np.sum(np.linalg.eigvals(a)))(REAL)
    gradient = symdiff.grad(lambda a: np.sum(np.linalg.eigvals(a).real))(REAL)
    np.testing.assert_allclose(gradient, np.eye(4), atol=1e-12)


def test_a_root_at_zero_has_no_derivative():
    with pytest.raises(AssertionError, match="a root at 0"):
        symdiff.grad(lambda p: np.sum(np.abs(np.roots(p))))(np.array([1.0, -1.0, 0.0]))
