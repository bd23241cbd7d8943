"""Calls with arguments that the derivative rules do not take."""

import numpy as np

from symdiff.definitions.common import root, squares

__all__ = [
    "amax", "amin", "array", "atleast_1d", "atleast_2d", "atleast_3d", "cross", "diff",
    "interp", "linspace", "max", "mean", "min", "prod", "ravel", "reshape", "std", "sum",
    "trace", "tril", "triu", "var",
]  # fmt: skip

# -- reductions of some of the elements -----------------------------------------------


def sum(a, axis=None, dtype=None, keepdims=False, initial=0, where=True):
    chosen = a if where is True else np.where(where, a, 0)
    total = np.sum(chosen, axis=axis, dtype=dtype, keepdims=keepdims)
    return total + initial


def prod(a, axis=None, dtype=None, keepdims=False, initial=1, where=True):
    chosen = a if where is True else np.where(where, a, 1)
    total = np.prod(chosen, axis=axis, dtype=dtype, keepdims=keepdims)
    return total * initial


def max(a, axis=None, keepdims=False, initial=None, where=True):
    chosen = a if where is True else np.where(where, a, -np.inf)
    largest = np.max(chosen, axis=axis, keepdims=keepdims)
    return largest if initial is None else np.maximum(largest, initial)


def min(a, axis=None, keepdims=False, initial=None, where=True):
    chosen = a if where is True else np.where(where, a, np.inf)
    least = np.min(chosen, axis=axis, keepdims=keepdims)
    return least if initial is None else np.minimum(least, initial)


amax, amin = max, min


def _count(a, where, axis, keepdims):
    counted = np.broadcast_to(where, np.shape(a))
    return np.sum(counted, axis=axis, dtype=np.asarray(a).dtype, keepdims=keepdims)


def mean(a, axis=None, dtype=None, keepdims=False, where=True):
    total = np.sum(np.where(where, a, 0), axis=axis, dtype=dtype, keepdims=keepdims)
    return total / _count(a, where, axis, keepdims)


_mean = mean  # where `mean` is an argument


def var(
    a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, mean=None, correction=0
):
    ddof = ddof + correction  # only one of the two is given
    if mean is None and where is True:
        return np.var(a, axis, dtype, None, ddof, keepdims)
    centred = a - (_mean(a, axis, None, True, where) if mean is None else mean)
    if where is not True:
        centred = np.where(where, centred, 0)
    total = np.sum(squares(centred), axis=axis, keepdims=keepdims)
    return total / (_count(a, where, axis, keepdims) - ddof)


def std(
    a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, mean=None, correction=0
):
    if mean is None and where is True:
        return np.std(a, axis, dtype, None, ddof + correction, keepdims)
    return root(var(a, axis, dtype, ddof, keepdims, where, mean, correction))


# -- arrays with more axes ------------------------------------------------------------


def array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0):
    made = np.array(object) if dtype is None else np.array(object, dtype=dtype)
    return made.reshape((1,) * (ndmin - made.ndim) + made.shape)


def atleast_1d(*arys):
    return tuple([np.atleast_1d(each) for each in arys])


def atleast_2d(*arys):
    return tuple([np.atleast_2d(each) for each in arys])


def atleast_3d(*arys):
    return tuple([np.atleast_3d(each) for each in arys])


# -- other orders of the elements -----------------------------------------------------


def ravel(a, order="C"):
    if order == "C":
        return np.ravel(a)
    if order != "F":
        raise NotImplementedError("an order that depends on where the elements lie")
    return np.ravel(np.transpose(a))


def reshape(a, shape, order="C"):
    if order == "C":
        return np.reshape(a, shape)
    if order != "F":
        raise NotImplementedError("an order that depends on where the elements lie")
    shape = (shape,) if isinstance(shape, int) else shape
    return np.transpose(np.reshape(np.transpose(a), shape[::-1]))


def tril(m, k=0):
    return np.tril(_rows(m), k=k)


def triu(m, k=0):
    return np.triu(_rows(m), k=k)


def _rows(m):
    """One row stands for as many as it has elements."""
    m = np.asarray(m)
    return np.broadcast_to(m, (m.shape[0], m.shape[0])) if m.ndim == 1 else m


# -- products -------------------------------------------------------------------------


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    made = np.cross(np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1))
    return np.moveaxis(made, -1, axisc)


def trace(a, offset=0, axis1=0, axis2=1):
    a = np.asarray(a)
    if a.ndim == 2 and (offset, axis1, axis2) == (0, 0, 1):
        return np.trace(a)
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


# -- differences and points -----------------------------------------------------------


def _end(value, a, axis):
    if np.ndim(value):
        return value
    shape = [1 if k == axis % a.ndim else length for k, length in enumerate(a.shape)]
    return np.broadcast_to(value, tuple(shape))


def diff(a, n=1, axis=-1, prepend=None, append=None):
    a = np.asarray(a)
    parts = [a]
    if prepend is not None:
        parts = [_end(prepend, a, axis), *parts]
    if append is not None:
        parts = [*parts, _end(append, a, axis)]
    return np.diff(np.concatenate(parts, axis=axis), n, axis)


def interp(x, xp, fp, left=None, right=None, period=None):
    if period is not None:
        x, xp = np.asarray(x) % period, np.asarray(xp) % period
        order = np.argsort(xp)
        xp, fp = xp[order], np.asarray(fp)[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        return np.interp(x, xp, np.concatenate([fp[-1:], fp, fp[:1]]))
    result = np.interp(x, xp, fp)
    if left is not None:
        result = np.where(x < xp[0], left, result)
    if right is not None:
        result = np.where(x > xp[-1], right, result)
    return result


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    points = np.linspace(start, stop, num, endpoint=endpoint)
    if axis != 0:
        points = np.moveaxis(points, 0, axis)
    if dtype is not None:
        points = points.astype(dtype)
    if not retstep:
        return points
    return points, (stop - start) / (num - 1 if endpoint else num)
