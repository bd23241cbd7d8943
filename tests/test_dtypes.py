"""Dtypes: what programs ask of them, and that adjoints keep them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import symdiff

DTYPE = np.dtype("float32")


def chosen(x):
    return np.sum(x**2) if x.dtype == np.float32 else np.sum(3 * x)


def by_name(x):
    return np.sum(x**2) if x.dtype == "float32" else np.sum(3 * x)


def among(x):
    return np.sum(x**2) if x.dtype in (np.float16, DTYPE) else np.sum(3 * x)


def not_among(x):
    return np.sum(3 * x) if x.dtype not in [np.float16, np.float32] else np.sum(x**2)


def by_letter(x):
    return np.sum(x**2) if x.dtype.itemsize == 4 and x.dtype.kind == "f" else np.sum(3 * x)


def below(x):
    return np.sum(x**2) if x.dtype < np.float64 else np.sum(3 * x)


def by_limits(x):
    return np.sum(x**2) if np.finfo(x.dtype).eps > 1e-10 else np.sum(3 * x)


def by_precedence(x):
    wide = np.result_type(x, np.float32) == np.float64
    return np.sum(3 * x) if wide and np.issubdtype(x.dtype, np.floating) else np.sum(x**2)


def of_one(x):
    return chosen(x[0]) + np.sum(x[1:]) ** 2


BRANCHES = (chosen, by_name, among, not_among, by_letter, below, by_limits, by_precedence)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", BRANCHES, ids=lambda f: f.__name__)
def test_the_branch_that_a_dtype_chooses(function, dtype):
    x = np.array([0.5, 2.0], dtype=dtype)
    expected = 2 * x if dtype == "float32" else np.full(2, 3.0)
    np.testing.assert_allclose(symdiff.grad(function)(x), expected)
    np.testing.assert_allclose(symdiff.jvp(function, (x,), (x,))[1], np.sum(x * expected))


def test_dtypes_as_arguments():
    def f(x, dtype):
        return np.sum(np.ones(3, dtype) * x.astype(dtype))

    x = np.ones(3)
    for dtype in (np.dtype("float32"), np.float32, "float32", float):
        np.testing.assert_array_equal(symdiff.grad(f)(x, dtype), x)


def test_dtypes_from_outside():
    def f(x):
        return np.sum(np.zeros(3, DTYPE) + x.astype(DTYPE) * x.dtype.type(2))

    np.testing.assert_array_equal(symdiff.grad(f)(np.ones(3)), 2 * np.ones(3))


def spread(x):
    return np.sum(x @ np.outer(x, x)) + np.sum(np.linalg.solve(np.outer(x, x) + EYE, x))


EYE = np.eye(3, dtype=np.float32)


def looped(x):
    total = x[0]
    for k in range(1, 3):
        total = total * x[k] + np.mean(x)
    return total


def written(x):
    y = np.zeros_like(x)
    for k in range(1, 3):
        y[k] = y[k - 1] * x[k] + x[0]
    return np.sum(np.tanh(y))


def collected(x):
    rows = []
    for value in x:
        rows.append(value * x)
    return np.linalg.norm(np.array(rows))


def counted(x):
    return np.sum(np.nanmean(np.outer(x, x), axis=0)) + np.nanstd(x)


@pytest.mark.parametrize(
    "function", (spread, looped, written, collected, counted), ids=lambda f: f.__name__
)
def test_adjoints_are_as_narrow_as_what_they_are_of(function):
    """Also those inside, as the code runs line by line."""
    wide = set()

    def look(frame, event, argument):
        if not frame.f_code.co_filename.startswith("<symdiff"):
            return None
        for name, value in frame.f_locals.items():
            if getattr(value, "dtype", None) in (np.float64, np.complex128):
                wide.add(name)
        return look

    gradient = symdiff.grad(function)
    x = np.array([0.5, 0.7, 0.9], dtype=np.float32)
    gradient(x)
    before = sys.gettrace()
    sys.settrace(look)
    try:
        found = gradient(x)
    finally:
        sys.settrace(before)
    assert found.dtype == np.float32
    assert wide == set()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_by_a_number_is_of_its_type(dtype):
    for function in (lambda v: v * 2.0, lambda v: np.sum(v), lambda v: np.sin(v) * v):
        assert np.asarray(symdiff.grad(function)(dtype(0.5))).dtype == dtype


@pytest.mark.parametrize("name", "sign floor ceil rint trunc imag angle real abs".split())
def test_derivatives_of_single_numbers_are_single(name):
    function, x = getattr(np, name), np.float32(1.5)
    assert type(symdiff.grad(lambda x: function(x))(x)) is np.float32
    value, dot = symdiff.jvp(lambda x: function(x), (x,), (x,))
    assert type(value) is type(function(x))
    assert type(dot) is np.float32


SINGLE = (np.eye(3) + 0.1 * np.arange(9.0).reshape(3, 3)).astype(np.float32)
OF_MATRICES = """
    linalg.slogdet linalg.inv linalg.eigh linalg.svd linalg.qr scipy.expm scipy.sinm
    scipy.lu scipy.lu_factor scipy.polar scipy.schur scipy.hessenberg scipy.signm scipy.logm
""".split()


@pytest.mark.filterwarnings("ignore:logm result")  # of its precision
@pytest.mark.parametrize("name", OF_MATRICES)
def test_derivatives_of_single_matrices_are_single(name):
    linalg = pytest.importorskip("scipy.linalg")
    function = getattr(np.linalg if name[0] == "l" else linalg, name.rpartition(".")[2])

    def first(a):
        found = function(a)
        return found[-1] if isinstance(found, tuple) else found

    value, dot = symdiff.jvp(lambda a: first(a @ a.T), (SINGLE,), (SINGLE,))
    assert value.dtype == dot.dtype == first(SINGLE).dtype
    slope = symdiff.grad(lambda a: np.sum(first(a @ a.T)))(SINGLE)
    assert slope.dtype == np.float32


def test_a_derivative_of_nothing_is_compiled():
    pytest.importorskip("numba")
    slope = symdiff.grad(lambda x: np.sign(x), compile="numba")
    assert slope(np.float32(1.5)) == 0.0
