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
    """Values at places, in the form "coo", "csr" or "csc": those of a matrix that was made
    outside are what SciPy calls them, those of one that was made here are nobody else's
    business, since SciPy may have them in another order. `_shared`: the values are an
    array of the program's, which it may write into.
    """

    _is_matrix = False  # `*` is the product of matrices
    _shared = True
    _format = ""

    def __init__(self, arg1, shape=None, dtype=None, copy=False, maxprint=None):
        _check(dtype)
        if arg1 is None:
            self.shape = shape
        elif isinstance(arg1, _Sparse):
            self._converted(arg1 if not copy else arg1.copy())
        elif isinstance(arg1, tuple) and len(arg1) == 3:
            self._compressed(arg1, shape, copy)
        elif isinstance(arg1, tuple) and isinstance(arg1[0], int):
            self._hold("coo", np.zeros(0), _none(), _none(), arg1, False)
        elif isinstance(arg1, tuple):
            self._placed(np.asarray(arg1[0]), arg1[1], shape, copy)
        else:
            dense = np.atleast_2d(np.array(arg1))
            m, n = dense.shape
            row, col = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
            self._hold("coo", np.ravel(dense), row, col, (m, n), False)

    def _hold(self, form, values, row, col, shape, shared):
        self._form, self.values, self.rows, self.cols = form, values, row, col
        self.shape, self._shared = shape, shared

    def _converted(self, other):
        if other._format != self._format:
            other = other.asformat(self._format)
        form, values, row, col = other._stored()
        self._hold(form, values, row, col, other.shape, other._shared)

    def _placed(self, values, places, shape, copy):
        """Only the format `coo` keeps the array that it gets."""
        shared = self._format == "coo" and not copy
        row, col = _places(places[0]), _places(places[1])
        if shape is None:
            shape = (int(np.max(row)) + 1, int(np.max(col)) + 1)
        self._hold("coo", values if shared else np.copy(values), row, col, shape, shared)

    def _compressed(self, parts, shape, copy):
        raise TypeError("three arrays are the entries of a csr or csc matrix")

    # -- entries ------------------------------------------------------------------------

    def _stored(self):
        """A form, and the values and places in it."""
        if hasattr(self, "values"):
            return self._form, self.values, self.rows, self.cols
        return self._from_outside()

    def _entries(self):
        form, values, row, col = self._stored()
        if form == "csr":
            row = _lines(row)
        elif form == "csc":
            col = _lines(col)
        return values, row, col

    def _like(self, data, row, col, shape):
        made = (coo_matrix if self._is_matrix else coo_array)(None)
        made._hold("coo", data, row, col, shape, False)
        return made

    def _same(self, data):
        _, row, col = self._entries()
        return self._like(data, row, col, self.shape)

    @property
    def ndim(self):
        return 2

    @property
    def T(self):
        form, values, row, col = self._stored()
        made = self._turned_class()(None)
        shape = (self.shape[1], self.shape[0])
        made._hold(_TURNED[form], values, col, row, shape, self._shared)
        return made

    def _turned_class(self):
        return coo_matrix if self._is_matrix else coo_array

    def transpose(self, axes=None, copy=False):
        return self.T

    def asformat(self, format, copy=False):
        """Another format has values of its own."""
        return self if format == self._format and not copy else self.copy()

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
        if not self._shared:
            return self
        form, values, row, col = self._stored()
        made = type(self)(None)
        made._hold(form, np.copy(values), row, col, self.shape, False)
        return made

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
            return self.copy()
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

    def __imul__(self, other):
        raise NotImplementedError("a sparse matrix that is changed in place")

    def __itruediv__(self, other):
        raise NotImplementedError("a sparse matrix that is changed in place")

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
        data, row, col = self.copy()._entries()
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


def _is_all(key):
    if not isinstance(key, slice):
        return False
    return key.start is None and key.stop is None and key.step is None


def _none():
    return np.zeros(0, dtype=int)


def _places(given):
    """Indices, which SciPy keeps in 32 bits: as they are, if they are."""
    given = np.asarray(given)
    return given if given.dtype == np.int32 else np.copy(given)


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
    _format = "coo"

    @staticmethod
    def _held(made):
        return {name: name for name in ("data", "row", "col", "shape")}

    def _from_outside(self):
        return "coo", self.data, self.row, self.col


class coo_matrix(coo_array):
    _is_matrix = True


class _Compressed(_Sparse):
    """Row by row, or column by column."""

    @staticmethod
    def _held(made):
        return {name: name for name in ("data", "indices", "indptr", "shape")}

    def _compressed(self, parts, shape, copy):
        values, indices, indptr = np.asarray(parts[0]), _places(parts[1]), _places(parts[2])
        if shape is None:
            lines, count = len(indptr) - 1, int(np.max(indices)) + 1
            shape = (lines, count) if self._format == "csr" else (count, lines)
        self._keep(
            values if not copy else np.copy(values), indices, indptr, shape, not copy
        )

    def _keep(self, values, indices, indptr, shape, shared):
        if self._format == "csr":
            self._hold("csr", values, indptr, indices, shape, shared)
        else:
            self._hold("csc", values, indices, indptr, shape, shared)

    def _from_outside(self):
        if self._format == "csr":
            return "csr", self.data, self.indptr, self.indices
        return "csc", self.data, self.indices, self.indptr

    def _turned_class(self):
        if self._format == "csr":
            return csc_matrix if self._is_matrix else csc_array
        return csr_matrix if self._is_matrix else csr_array


def _lines(indptr):
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


class csr_array(_Compressed):
    _format = "csr"


class csr_matrix(csr_array):
    _is_matrix = True


class csc_array(_Compressed):
    _format = "csc"


class csc_matrix(csc_array):
    _is_matrix = True


class dia_array(_Sparse):
    _format = "dia"

    @staticmethod
    def _held(made):
        return {name: name for name in ("data", "offsets", "shape")}

    def _placed(self, values, offsets, shape, copy):
        self.data = np.atleast_2d(np.copy(values) if copy else values)
        self.offsets, self.shape = np.atleast_1d(np.array(offsets)), shape

    def _from_outside(self):
        return "coo", *_on_diagonals(self.data, self.offsets, self.shape)


def _on_diagonals(data, offsets, shape):
    """The entries that lie in the matrix, each column of the data in its own."""
    m, n = shape
    col = np.arange(data.shape[1]) + 0 * offsets[:, None]
    row = col - offsets[:, None]
    inside = (row >= 0) & (row < m) & (col < n)
    return data[inside], row[inside], col[inside]


class dia_matrix(dia_array):
    _is_matrix = True


class SuperLU:
    """Of a matrix; or one that was made outside of the function, for itself."""

    @staticmethod
    def _held(made):
        return {}

    def __init__(self, matrix):
        self.matrix = matrix.copy()
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
