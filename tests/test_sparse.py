"""Sparse Jacobians and Hessians: patterns by probing, colours, and the products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares, rosen, rosen_hess

import symdiff
from symdiff.patterns import Pattern, _Code, coloured, fullest, probed


@st.composite
def matrices(draw):
    """Sparse matrices of several forms, some with rows that are full or empty."""
    rows, columns = draw(st.integers(0, 90)), draw(st.integers(0, 300))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = random.normal(size=(rows, columns))
    matrix *= random.random((rows, columns)) < draw(st.sampled_from((0.0, 0.01, 0.05, 0.3)))
    for row in draw(st.lists(st.integers(0, 89), max_size=2)):
        matrix[row : row + 1] = random.normal(size=columns) * 10.0 ** draw(
            st.integers(-6, 6)
        )
    return matrix


@given(matrices())
@settings(max_examples=60, deadline=None)
def test_the_pattern_is_found(matrix):
    found = probed(lambda v: matrix @ v, matrix.shape, np.random.default_rng(1))
    want = Pattern.of(matrix)
    assert np.array_equal(found.rows, want.rows)
    assert np.array_equal(found.columns, want.columns)
    assert np.array_equal(found.matrix().toarray(), matrix != 0.0)


@given(matrices())
@settings(max_examples=60, deadline=None)
def test_no_row_has_two_entries_of_one_colour(matrix):
    pattern = Pattern.of(matrix)
    colours = coloured(pattern)
    assert colours.shape == (matrix.shape[1],)
    for row in matrix:
        own = colours[row.nonzero()]
        assert len(set(own)) == len(own)
    assert colours.max(initial=-1) + 1 >= fullest(pattern)
    used = set(colours)
    assert used == set(range(len(used)))


def test_two_columns_are_not_taken_for_the_one_between_them():
    """Of equal weights, the codes of columns 0 and 2 add up to that of column 1."""
    matrix = np.array([[1.0, 0.0, 1.0], [0.0, 3.0, 0.0]])
    codes, checks = np.array([1.0, 4 / 3, 5 / 3]), np.array([1.1, 1.9, 1.4])
    code = _Code(lambda v: matrix @ v, np.ones(3), codes, checks)
    rows, columns, shares = code.singles(np.ones(3, bool))
    assert (rows.tolist(), columns.tolist(), shares.tolist()) == ([1], [1], [3.0])


def test_few_products_find_a_band():
    count = 0
    size = 20_000

    def times(v):
        nonlocal count
        count += 1
        return 2.0 * v - np.roll(v, 1) - np.roll(v, -1)

    found = probed(times, (size, size), np.random.default_rng(0))
    assert len(found.rows) == 3 * size
    assert count <= 25
    assert coloured(found).max() <= 4


def diffusion(u, k):
    """A loop over cells that writes in place: tridiagonal."""
    out = np.zeros_like(u)
    for i in range(len(u)):
        out[i] += u[i] ** 2
        if i > 0:
            out[i] -= k * u[i - 1] * u[i]
        if i < len(u) - 1:
            out[i] -= k * u[i + 1]
    return out


def chained(u, k):
    return np.concatenate([np.sin(u[:-1] * u[1:]), [k * u.sum()]])


def matrix_of_products(u, k):
    return np.outer(u[:3], u) * k


@pytest.mark.parametrize("function", [diffusion, chained, matrix_of_products])
@pytest.mark.parametrize("size", [1, 5, 80, 150])
def test_equals_the_dense_one(function, size):
    u = np.random.default_rng(size).normal(size=size)
    jacobian = symdiff.jacobian(function, sparse=True)
    want = symdiff.jacobian(function)(u, 0.7)
    found = jacobian(u, 0.7)
    assert np.allclose(found.toarray(), want.reshape(-1, size), rtol=1e-12, atol=1e-14)
    assert jacobian.products <= fullest(Pattern.of(found)) + 2 or size <= 5
    assert np.array_equal(jacobian.pattern.toarray(), found.toarray() != 0.0)


def test_rows_at_once_where_they_are_fewer():
    def sums(u):
        return np.array([np.sum(u[:500] ** 2), np.sum(u[500:] ** 3)])

    u = np.random.default_rng(0).normal(size=1000)
    jacobian = symdiff.jacobian(sums, sparse=True)
    found = jacobian(u)
    assert jacobian.products == 1
    assert found.nnz == 1000
    assert np.allclose(found.toarray(), symdiff.jacrev(sums)(u), rtol=1e-12)


def test_a_pattern_that_is_too_small_is_found_anew():
    """Entries that were zero at the first call, or are not in the pattern given."""

    def ramp(u):
        return np.maximum(u, 0.0) * np.roll(u, 1)

    jacobian = symdiff.jacobian(ramp, sparse=True)
    u = np.random.default_rng(3).normal(size=200)
    assert jacobian(-abs(u)).nnz == 0
    assert np.allclose(jacobian(u).toarray(), symdiff.jacfwd(ramp)(u), rtol=1e-12)
    given = symdiff.jacobian(ramp, pattern=np.eye(200))
    assert np.allclose(given(u).toarray(), symdiff.jacfwd(ramp)(u), rtol=1e-12)
    assert given.products > 1


def test_a_given_pattern_is_not_probed_for(monkeypatch):
    monkeypatch.setattr("symdiff.api.sparse.probed", None)
    jacobian = symdiff.jacobian(lambda u: u**2 * 3.0, pattern=np.eye(1000))
    u = np.linspace(0.0, 1.0, 1000)
    assert np.allclose(jacobian(u).diagonal(), 6.0 * u)
    assert jacobian.products == 1


def test_hessian():
    u = np.random.default_rng(0).normal(size=120)
    hessian = symdiff.hessian(
        lambda u: np.sum(100.0 * (u[1:] - u[:-1] ** 2) ** 2 + (1 - u[:-1]) ** 2),
        sparse=True,
    )
    assert rosen(u) > 0.0
    assert np.allclose(hessian(u).toarray(), rosen_hess(u), rtol=1e-10)
    assert hessian.products == 3


def test_with_more_results():
    jacobian = symdiff.jacobian(lambda u: (u * u, u.sum()), has_aux=True, sparse=True)
    matrix, total = jacobian(np.arange(4.0))
    assert np.array_equal(matrix.toarray(), np.diag(2.0 * np.arange(4.0)))
    assert total == 6.0


def test_single_precision_and_empty_arrays():
    u = np.linspace(1.0, 2.0, 100, dtype=np.float32)
    found = symdiff.jacobian(lambda u: u * u[::-1], sparse=True)(u)
    assert found.dtype == np.float32
    assert np.allclose(found.toarray(), symdiff.jacobian(lambda u: u * u[::-1])(u))
    assert symdiff.jacobian(lambda u: u[:0] * 2.0, sparse=True)(np.ones(3)).shape == (0, 3)


def test_sizes_may_change():
    jacobian = symdiff.jacobian(diffusion, sparse=True)
    for size in (3, 9, 3):
        u = np.arange(1.0, size + 1.0)
        want = symdiff.jacobian(diffusion)(u, 0.5)
        assert np.allclose(jacobian(u, 0.5).toarray(), want)


def test_with_least_squares():
    def model(p):
        return np.concatenate([p[1:] - np.sin(p[:-1]), [p[0] - 0.8]])

    fit = least_squares(model, np.zeros(100), jac=symdiff.jacobian(model, sparse=True))
    assert fit.cost < 1e-20


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: symdiff.jacobian(lambda u: u * 2, sparse=True)(3.0),
            "no array of floats but",
        ),
        (
            lambda: symdiff.jacobian(lambda u: {"a": u, "b": u}, sparse=True)(np.ones(3)),
            "the result of this lambda is no array of floats but dict",
        ),
        (
            lambda: symdiff.jacobian(lambda u, v: u * v, (0, 1), sparse=True),
            "a sparse Jacobian is that by one array",
        ),
        (
            lambda: symdiff.jacobian(lambda u: u * 2, pattern=np.eye(3))(np.ones(4)),
            r"the pattern has shape \(3, 3\), the Jacobian \(4, 4\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(symdiff.DifferentiationError, match=message):
        call()
