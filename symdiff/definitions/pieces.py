"""Arrays cut into pieces and turned: views, as in NumPy."""

import numpy as np

__all__ = [
    "array_split", "dsplit", "fliplr", "flipud", "hsplit", "rollaxis", "rot90", "split",
    "unstack", "vsplit",
]  # fmt: skip


def _cut(ary, points, axis):
    before = (slice(None),) * (axis % ary.ndim)
    starts, stops = (None, *points), (*points, None)
    return [ary[(*before, slice(a, b))] for a, b in zip(starts, stops)]


def array_split(ary, indices_or_sections, axis=0):
    if not isinstance(indices_or_sections, int):
        return _cut(ary, indices_or_sections, axis)
    size, longer = divmod(ary.shape[axis], indices_or_sections)
    places = range(1, indices_or_sections)
    return _cut(ary, [k * size + min(k, longer) for k in places], axis)


def split(ary, indices_or_sections, axis=0):
    if not isinstance(indices_or_sections, int):
        return _cut(ary, indices_or_sections, axis)
    if ary.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    size = ary.shape[axis] // indices_or_sections
    return _cut(ary, [k * size for k in range(1, indices_or_sections)], axis)


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def hsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0 if ary.ndim == 1 else 1)


def dsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 2)


def unstack(x, *, axis=0):
    return tuple(np.moveaxis(x, axis, 0))


def rollaxis(a, axis, start=0):
    axis = axis % a.ndim
    start = start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def flipud(m):
    return m[::-1]


def fliplr(m):
    return m[:, ::-1]


def rot90(m, k=1, axes=(0, 1)):
    first, second = axes
    if k % 4 == 0:
        return m[...]
    if k % 4 == 2:
        return np.flip(np.flip(m, first), second)
    if k % 4 == 1:
        return np.swapaxes(np.flip(m, second), first, second)
    return np.flip(np.swapaxes(m, first, second), second)
