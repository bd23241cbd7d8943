"""`scipy.sparse`: matrices, each by its entries, whatever its format.

A matrix that was made outside of a function is read in its own format. Entries at one
place count as their sum.
"""

import numpy as np

from symdiff.definitions.solving import lu_solve, sparse_product, sparse_solve

__all__ = [
    "LinearOperator", "SuperLU", "coo_array", "coo_matrix", "csc_array", "csc_matrix",
    "csr_array", "csr_matrix", "dia_array", "dia_matrix", "issparse",
]  # fmt: skip


def _check(dtype):
    """Refuse what would round."""
    if isinstance(dtype, str):
        double = dtype in ("float64", "float", "d", "f8")
    else:
        double = dtype is None or dtype is float or dtype is np.float64
    if not double:
        raise NotImplementedError("a sparse matrix of another dtype than float64")


class LinearOperator:
    """Of a function of a vector."""

    def __init__(self, shape, matvec, rmatvec=None, matmat=None, dtype=None, rmatmat=None):
        self.shape = shape
        self.matvec = matvec

    def __matmul__(self, x):
        return self.matvec(x)

    def dot(self, x):
        return self.matvec(x)


class _Sparse:
    """Entries `data` at places (`row`, `col`), or as a format has it."""

    _is_matrix = False  # `*` is the product of matrices

    def __init__(self, arg1, shape=None, dtype=None, copy=False, maxprint=None):
        _check(dtype)
        if arg1 is None:
            self.shape = shape
        elif isinstance(arg1, _Sparse):
            self.data, self.row, self.col = arg1._entries()
            self.shape = arg1.shape
        elif isinstance(arg1, tuple) and len(arg1) == 3:
            self._compressed(arg1, shape)
        elif isinstance(arg1, tuple) and isinstance(arg1[0], int):
            self.data, self.row, self.col = np.zeros(0), _none(), _none()
            self.shape = arg1
        elif isinstance(arg1, tuple):
            self._placed(np.asarray(arg1[0]), arg1[1], shape)
        else:
            dense = np.atleast_2d(np.asarray(arg1))
            m, n = dense.shape
            self.data = np.ravel(dense)
            self.row, self.col = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
            self.shape = (m, n)

    def _placed(self, data, places, shape):
        self.data = data
        self.row, self.col = np.asarray(places[0]), np.asarray(places[1])
        if shape is None:
            shape = (int(np.max(self.row)) + 1, int(np.max(self.col)) + 1)
        self.shape = shape

    def _compressed(self, parts, shape):
        raise TypeError("three arrays are the entries of a csr or csc matrix")

    # -- entries ------------------------------------------------------------------------

    def _entries(self):
        return self.data, self.row, self.col

    def _stored(self):
        """A format, and the entries in it."""
        data, row, col = self._entries()
        return "coo", data, row, col

    def _like(self, data, row, col, shape):
        cls = coo_matrix if self._is_matrix else coo_array
        return cls((data, (row, col)), shape=shape)

    def _same(self, data):
        _, row, col = self._entries()
        return self._like(data, row, col, self.shape)

    @property
    def ndim(self):
        return 2

    @property
    def T(self):
        form, data, row, col = self._stored()
        shape = (self.shape[1], self.shape[0])
        if form == "coo":
            return self._like(data, col, row, shape)
        return _turned(self, form, data, row, col, shape)

    def transpose(self, axes=None, copy=False):
        return self.T

    def asformat(self, format, copy=False):
        return self

    def tocoo(self, copy=False):
        return self.asformat("coo")

    def tocsc(self, copy=False):
        return self.asformat("csc")

    def tocsr(self, copy=False):
        return self.asformat("csr")

    def todia(self, copy=False):
        return self.asformat("dia")

    def tolil(self, copy=False):
        raise NotImplementedError("`tolil`: matrices that are written into")

    def copy(self):
        return self

    def asfptype(self):
        return self

    def astype(self, dtype, casting="unsafe", copy=True):
        _check(dtype)
        return self._same(1.0 * self._entries()[0])

    def toarray(self, order=None, out=None):
        data, row, col = self._entries()
        result = np.zeros(self.shape)
        np.add.at(result, (row, col), data)
        return result

    def todense(self, order=None, out=None):
        if self._is_matrix:
            raise NotImplementedError("a `numpy.matrix`, as `todense` gives it,")
        return self.toarray()

    def diagonal(self, k=0):
        data, row, col = self._entries()
        m, n = self.shape
        on = col - row == k
        count = max(min(m + min(k, 0), n - max(k, 0)), 0)
        return _summed(data[on], np.minimum(row, col)[on], count)

    def trace(self, offset=0):
        return np.sum(self.diagonal(offset))

    def sum(self, axis=None, dtype=None, out=None):
        data, row, col = self._entries()
        if axis is None:
            return np.sum(data)
        if self._is_matrix:
            raise NotImplementedError("a `numpy.matrix`, as `sum` along an axis gives it,")
        if axis in (0, -2):
            return _summed(data, col, self.shape[1])
        return _summed(data, row, self.shape[0])

    def mean(self, axis=None, dtype=None, out=None):
        m, n = self.shape
        return self.sum(axis) / (m * n if axis is None else m if axis in (0, -2) else n)

    # -- arithmetic ---------------------------------------------------------------------

    def __neg__(self):
        return self._same(-self._entries()[0])

    def __add__(self, other):
        if not isinstance(other, _Sparse):
            if np.ndim(other) == 0 or self._is_matrix:
                raise NotImplementedError("a sparse matrix and what is not sparse in a sum")
            return self.toarray() + other
        return _joined(self, [self._entries(), other._entries()], self.shape)

    def __radd__(self, other):
        if np.ndim(other) == 0 and other == 0:
            return self
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return (-self) + other

    def __truediv__(self, other):
        if np.ndim(other) != 0:
            raise NotImplementedError("a sparse matrix divided by an array")
        return self._same(self._entries()[0] / other)

    def __mul__(self, other):
        if not isinstance(other, _Sparse) and np.ndim(other) == 0:
            return self._same(self._entries()[0] * other)
        return self @ other if self._is_matrix else self.multiply(other)

    def __rmul__(self, other):
        if np.ndim(other) == 0:
            return self._same(other * self._entries()[0])
        return other @ self if self._is_matrix else self.multiply(other)

    def multiply(self, other):
        if isinstance(other, _Sparse):
            raise NotImplementedError("sparse matrices multiplied element by element")
        data, row, col = self._entries()
        if np.ndim(other) == 0:
            return self._same(data * other)
        m, n = self.shape
        other = np.broadcast_to(np.atleast_2d(other), (m, n))
        return self._like(data * other[row, col], row, col, self.shape)

    def __matmul__(self, x):
        if isinstance(x, _Sparse):
            return _times(self, x)
        form, data, row, col = self._stored()
        return sparse_product(form, data, row, col, *self.shape, np.asarray(x))

    def __rmatmul__(self, x):
        form, data, row, col = self._stored()
        turned = _TURNED[form]
        m, n = self.shape
        x = np.asarray(x)
        if x.ndim == 1:
            return sparse_product(turned, data, col, row, n, m, x)
        x = np.transpose(x)
        return np.transpose(sparse_product(turned, data, col, row, n, m, x))

    def dot(self, x):
        return self @ x

    def _solve(self, b):
        form, data, row, col = self._stored()
        return sparse_solve(form, data, row, col, np.asarray(b))

    # -- parts --------------------------------------------------------------------------

    def __getitem__(self, key):
        rows, cols = key if isinstance(key, tuple) else (key, slice(None))
        data, row, col = self._entries()
        m, n = self.shape
        if isinstance(rows, int) and isinstance(cols, int):
            return np.sum(data[(row == rows % m) & (col == cols % n)])
        if isinstance(rows, int) or isinstance(cols, int):
            raise NotImplementedError("a row or column of a sparse matrix")
        whole = isinstance(rows, slice) or isinstance(cols, slice)
        if not whole and np.ndim(rows) == 1:
            raise NotImplementedError("single elements of a sparse matrix")
        if not whole:
            rows, cols = np.ravel(rows), np.ravel(cols)  # as `np.ix_` gives them
        if not _is_all(rows):
            data, row, col, m = _chosen(data, row, col, rows, m)
        if not _is_all(cols):
            data, col, row, n = _chosen(data, col, row, cols, n)
        return self._like(data, row, col, (m, n))


_TURNED = {"coo": "coo", "csr": "csc", "csc": "csr"}


def _turned(like, form, data, row, col, shape):
    """The transposed matrix of one that is stored by rows or columns."""
    if form == "csr":
        made = (csc_matrix if like._is_matrix else csc_array)(None, shape)
        made.indices, made.indptr = col, row
    else:
        made = (csr_matrix if like._is_matrix else csr_array)(None, shape)
        made.indices, made.indptr = row, col
    made.data = data
    return made


def _is_all(key):
    if not isinstance(key, slice):
        return False
    return key.start is None and key.stop is None and key.step is None


def _none():
    return np.zeros(0, dtype=int)


def _summed(data, places, count):
    """The sums of what stands at each of so many places."""
    result = np.zeros(count)
    np.add.at(result, places, data)
    return result


def _joined(like, parts, shape):
    """The matrix that has the entries of all of these."""
    data, row, col = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return like._like(data, row, col, shape)


def _chosen(data, own, other, key, count):
    """The entries on some rows, or columns, and how many these are."""
    every = np.arange(count)[key]
    at = np.full(count, -1)
    at[every] = np.arange(len(every))
    kept = at[own] >= 0
    return data[kept], at[own][kept], other[kept], len(every)


def _times(a, b):
    """The product of two matrices: each entry of one meets a row of the other."""
    data, row, col = a._entries()
    other, rows, cols = b._entries()
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(a.shape[1] + 1))
    counts = np.diff(starts)[col]
    first = np.repeat(np.arange(len(col)), counts)
    within = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    second = order[starts[col][first] + within]
    shape = (a.shape[0], b.shape[1])
    return a._like(data[first] * other[second], row[first], cols[second], shape)


# -- formats ----------------------------------------------------------------------------


class coo_array(_Sparse):
    @staticmethod
    def _held(made):
        return {name: name for name in ("data", "row", "col", "shape")}


class coo_matrix(coo_array):
    _is_matrix = True


class _Compressed(_Sparse):
    """Row by row, or column by column."""

    @staticmethod
    def _held(made):
        return {name: name for name in ("data", "indices", "indptr", "shape")}

    def _compressed(self, parts, shape):
        data, indices, indptr = map(np.asarray, parts)
        lines = _lines(indptr)
        if shape is None:
            count = int(np.max(indices)) + 1
            shape = (len(indptr) - 1, count) if self._by_rows else (count, len(indptr) - 1)
        places = (lines, indices) if self._by_rows else (indices, lines)
        self._placed(data, places, shape)

    def _stored(self):
        if not hasattr(self, "indptr"):
            return "coo", self.data, self.row, self.col
        if self._by_rows:
            return "csr", self.data, self.indptr, self.indices
        return "csc", self.data, self.indices, self.indptr

    def _entries(self):
        if not hasattr(self, "indptr"):
            return self.data, self.row, self.col
        lines = _lines(self.indptr)
        if self._by_rows:
            return self.data, lines, self.indices
        return self.data, self.indices, lines


def _lines(indptr):
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


class csr_array(_Compressed):
    _by_rows = True


class csr_matrix(csr_array):
    _is_matrix = True


class csc_array(_Compressed):
    _by_rows = False


class csc_matrix(csc_array):
    _is_matrix = True


class dia_array(_Sparse):
    @staticmethod
    def _held(made):
        return {name: name for name in ("data", "offsets", "shape")}

    def _placed(self, data, offsets, shape):
        self.data, self.offsets = np.atleast_2d(data), np.atleast_1d(np.asarray(offsets))
        self.shape = shape

    def _entries(self):
        if not hasattr(self, "offsets"):
            return self.data, self.row, self.col
        m, n = self.shape
        col = np.arange(self.data.shape[1]) + 0 * self.offsets[:, None]
        row = col - self.offsets[:, None]
        inside = (row >= 0) & (row < m) & (col < n)
        return self.data[inside], row[inside], col[inside]


class dia_matrix(dia_array):
    _is_matrix = True


class SuperLU:
    """Of a matrix; or one that was made outside of the function, for itself."""

    @staticmethod
    def _held(made):
        return {}

    def __init__(self, matrix):
        self.matrix = matrix
        self.shape = matrix.shape

    def solve(self, rhs, trans="N"):
        if trans not in ("N", "T"):
            raise NotImplementedError("`trans` of `SuperLU.solve`")
        if not hasattr(self, "matrix"):
            return lu_solve(self, np.asarray(rhs), trans)
        return (self.matrix if trans == "N" else self.matrix.T)._solve(rhs)


# -- asking and making ------------------------------------------------------------------


def issparse(x):
    return isinstance(x, _Sparse)


def _made(x, is_matrix=True):
    """A matrix of what may be one already."""
    if isinstance(x, _Sparse):
        return x
    return coo_matrix(x) if is_matrix else coo_array(x)
