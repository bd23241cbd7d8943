"""`scipy.sparse`: matrices of diagonals, of blocks, and of parts of others."""

import numpy as np

from symdiff.definitions.scipy.sparse import (
    _check, _joined, _made, coo_array, coo_matrix, dia_matrix,
)  # fmt: skip

__all__ = [
    "block_array", "block_diag", "bmat", "diags", "diags_array", "eye", "eye_array",
    "hstack", "identity", "kron", "spdiags", "tril", "triu", "vstack",
]  # fmt: skip


def _banded(diagonals, offsets, shape, cls):
    if isinstance(offsets, int):
        if np.ndim(diagonals[0]) == 0:
            return _of_diagonals([diagonals], [offsets], shape, cls)
        return _of_diagonals(diagonals, [offsets], shape, cls)
    return _of_diagonals(diagonals, offsets, shape, cls)


def _of_diagonals(diagonals, offsets, shape, cls):
    if len(diagonals) != len(offsets):
        raise ValueError("Different number of diagonals and offsets.")
    if shape is None:
        m = len(diagonals[0]) + abs(offsets[0])
        shape = (m, m)
    firsts = [-k if k < 0 else 0 for k in offsets]
    counts = [_count(k, shape) for k in offsets]
    data = [_filled(each, count) for each, count in zip(diagonals, counts)]
    row = [
        np.arange(first, first + count) if first != 0 else np.arange(count)
        for first, count in zip(firsts, counts)
    ]
    col = [places + k if k else places for places, k in zip(row, offsets)]
    made = cls(None)
    if len(data) == 1:
        made._hold("coo", np.copy(data[0]), row[0], col[0], shape, False)
    else:
        parts = np.concatenate(data), np.concatenate(row), np.concatenate(col)
        made._hold("coo", *parts, shape, False)
    return made


def _count(k, shape):
    """How long a diagonal is."""
    m, n = shape
    if k < 0:
        return m + k if m == n else min(m + k, n)
    if k > 0:
        return n - k if m == n else min(m, n - k)
    return m if m == n else min(m, n)


def _filled(diagonal, count):
    if np.ndim(diagonal) == 0:
        return diagonal * np.ones(count)
    if isinstance(diagonal, (list, tuple)) and len(diagonal) == 1:
        return diagonal[0] * np.ones(count)
    diagonal = np.asarray(diagonal)
    if len(diagonal) != count:
        raise ValueError("a diagonal is not as long as it is in the matrix")
    return diagonal


def diags(diagonals, offsets=0, shape=None, format=None, dtype=None):
    _check(dtype)
    return _banded(diagonals, offsets, shape, coo_matrix)


def diags_array(diagonals, /, *, offsets=0, shape=None, format=None, dtype=None):
    _check(dtype)
    return _banded(diagonals, offsets, shape, coo_array)


def spdiags(data, diags, m=None, n=None, format=None):
    if m is None:
        m = n = len(data[0])
    return dia_matrix((data, diags), shape=(m, n))


def eye(m, n=None, k=0, dtype=None, format=None):
    _check(dtype)
    n = m if n is None else n
    return _of_diagonals([1.0], [k], (m, n), coo_matrix)


def eye_array(m, n=None, *, k=0, dtype=None, format=None):
    _check(dtype)
    n = m if n is None else n
    return _of_diagonals([1.0], [k], (m, n), coo_array)


def identity(n, dtype=None, format=None):
    return eye(n, dtype=dtype)


def kron(A, B, format=None):
    a, b = _made(A), _made(B)
    one, row, col = a._entries()
    two, rows, cols = b._entries()
    (m, n), (p, q) = a.shape, b.shape
    data = np.ravel(one[:, None] * two)
    row, col = np.ravel(row[:, None] * p + rows), np.ravel(col[:, None] * q + cols)
    return a._like(data, row, col, (m * p, n * q))


def block_array(blocks, *, format=None, dtype=None):
    rows = [[None if block is None else _made(block, False) for block in line]
            for line in blocks]  # fmt: skip
    heights = [next(b.shape[0] for b in line if b is not None) for line in rows]
    widths = [
        next(line[k].shape[1] for line in rows if line[k] is not None)
        for k in range(len(rows[0]))
    ]
    like, parts, top = None, [], 0
    for line, height in zip(rows, heights):
        left = 0
        for block, width in zip(line, widths):
            if block is not None:
                data, row, col = block._entries()
                parts.append((data, row + top, col + left))
                like = block if like is None else like
            left += width
        top += height
    return _joined(like, parts, (sum(heights), sum(widths)))


def bmat(blocks, format=None, dtype=None):
    return block_array(blocks)


def hstack(blocks, format=None, dtype=None):
    return block_array([blocks])


def vstack(blocks, format=None, dtype=None):
    return block_array([[block] for block in blocks])


def block_diag(mats, format=None, dtype=None):
    count = len(mats)
    return block_array(
        [[mats[k] if k == j else None for j in range(count)] for k in range(count)]
    )


def _part(A, kept):
    data, row, col = A._entries()
    return A._like(data[kept], row[kept], col[kept], A.shape)


def tril(A, k=0, format=None):
    a = _made(A)
    _, row, col = a._entries()
    return _part(a, col - row <= k)


def triu(A, k=0, format=None):
    a = _made(A)
    _, row, col = a._entries()
    return _part(a, col - row >= k)
