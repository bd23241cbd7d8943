"""The rules of factorisations, of stacks of matrices, convolutions and margins."""

from __future__ import annotations

import numpy as np
import pytest
from test_rules_arrays import check, real

SQUARE = real(4, 4) + 4 * np.eye(4)
POSITIVE = SQUARE @ SQUARE.T
TALL, WIDE = real(5, 3), real(3, 5)
STACK = real(2, 3, 3) + 4 * np.eye(3)


@pytest.mark.parametrize("exact", [True, False])
def test_eigenvalues_and_vectors(exact):
    check("numpy.linalg.eigh", POSITIVE, exact=exact)
    check("numpy.linalg.eigh", POSITIVE, "U", exact=exact)
    check("numpy.linalg.eigh", np.stack([POSITIVE, POSITIVE @ POSITIVE]), exact=exact)


@pytest.mark.parametrize(
    "matrix", [TALL, WIDE, SQUARE, STACK], ids="tall wide square stack".split()
)
def test_singular_values_and_vectors(matrix):
    check("numpy.linalg.svd", matrix, full_matrices=False)
    check("numpy.linalg.svd", matrix, compute_uv=False)
    check("numpy.linalg.pinv", matrix)


def test_full_singular_vectors_of_square_matrices():
    check("numpy.linalg.svd", SQUARE)
    with pytest.raises(AssertionError, match="depends on the basis"):
        check("numpy.linalg.svd", TALL)


@pytest.mark.parametrize("matrix", [TALL, SQUARE, STACK], ids="tall square stack".split())
def test_triangular_factors(matrix):
    check("numpy.linalg.qr", matrix)
    check("numpy.linalg.qr", matrix, "r")


def test_stacks_of_matrices():
    check("numpy.linalg.inv", STACK)
    check("numpy.linalg.det", STACK)
    check("numpy.linalg.slogdet", STACK)
    check("numpy.linalg.solve", STACK, real(2, 3, 2))
    check("numpy.linalg.solve", STACK, real(3, 2))
    check("numpy.linalg.solve", STACK[0], real(2, 3, 2))
    check("numpy.linalg.cholesky", STACK @ STACK.swapaxes(1, 2))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(6, 3), (6, 4), (3, 6), (4, 4), (4, 7), (5, 1)])
def test_convolutions(mode, sizes):
    a, v = map(real, sizes)
    check("numpy.convolve", a, v, mode)
    check("numpy.correlate", a, v, mode)


def test_margins():
    check("numpy.pad", real(4), 2)
    check("numpy.pad", real(3, 4), 1, constant_values=0.3)
    check("numpy.pad", real(3, 4), ((1, 2), (0, 3)))
    check("numpy.pad", real(4), (2, 0), constant_values=1.5)


def test_orders_and_diagonals_along_axes():
    for axis in (0, 1, -1, None):
        check("numpy.sort", real(3, 4), axis)
    check("numpy.sort", real(2, 3, 4), 1)
    for axes in ((0, 1), (2, 0), (-1, 1)):
        check("numpy.diagonal", real(3, 4, 5), 1, *axes)
        check("numpy.diagonal", real(3, 4, 5), -1, *axes)
    for axes in ((0, 2), (1, 2), (0, 1, 2)):
        check("numpy.prod", real(2, 3, 4), axes)
        check("numpy.prod", np.where(real(2, 3, 4) > 1, 0.0, 1.5), axes, keepdims=True)
    check("numpy.linspace", real(3), real(2, 1), 4)
