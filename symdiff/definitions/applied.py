"""Functions applied to the rows, to the elements, to the places of arrays."""

import numpy as np

__all__ = [
    "apply_along_axis", "apply_over_axes", "frompyfunc", "fromfunction", "vectorize",
]  # fmt: skip


def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    arr = np.asarray(arr)
    rows = np.moveaxis(arr, axis, -1)
    flat = rows.reshape((-1, rows.shape[-1]))
    made = np.array([func1d(row, *args, **kwargs) for row in flat])
    made = made.reshape(rows.shape[:-1] + made.shape[1:])
    if made.ndim < arr.ndim:
        return made
    if made.ndim == arr.ndim:
        return np.moveaxis(made, -1, axis)
    count, first = made.ndim - arr.ndim + 1, axis % arr.ndim
    return np.moveaxis(made, tuple(range(-count, 0)), tuple(range(first, first + count)))


def apply_over_axes(func, a, axes):
    for axis in axes if isinstance(axes, (list, tuple)) else (axes,):
        made = func(a, axis)
        a = made if made.ndim == a.ndim else np.expand_dims(made, axis)
    return a


def fromfunction(function, shape, *, dtype="float64", **kwargs):
    return function(*np.indices(shape, dtype=dtype), **kwargs)


def _shaped(made, shape):
    """What a function gave for each element; an array for each part of its results."""
    if not isinstance(made[0], tuple):
        made = np.array(made)
        return made.reshape(shape + made.shape[1:])
    parts = range(len(made[0]))
    return tuple([_shaped([row[k] for row in made], shape) for k in parts])


def _axes_of(signature):
    """How many axes each argument has that the function is called with."""
    parts = signature.replace(" ", "").split("->")[0].split("),(")
    names = [part.strip("()") for part in parts]
    return [0 if each == "" else each.count(",") + 1 for each in names]


def _for_rows(function, signature, args):
    arrays = [np.asarray(arg) for arg in args]
    counts = [a.ndim - n for a, n in zip(arrays, _axes_of(signature))]
    shape = np.broadcast_shapes(*[a.shape[:n] for a, n in zip(arrays, counts)])
    rows = [
        np.broadcast_to(a, shape + a.shape[n:]).reshape((-1, *a.shape[n:]))
        for a, n in zip(arrays, counts)
    ]
    return _shaped([function(*row) for row in zip(*rows)], shape)


def vectorize(pyfunc, otypes=None, doc=None, excluded=None, cache=False, signature=None):
    if otypes is not None:
        if otypes[0] is not float and otypes[0] is not np.float64 and otypes[0] != "d":
            raise NotImplementedError("np.vectorize with results of other types")

    def each(*args, **kwargs):
        fixed = () if excluded is None else excluded
        for name in kwargs:
            if name not in fixed:
                raise NotImplementedError("np.vectorize with keywords that vary")
        varying = [k for k in range(len(args)) if k not in fixed]

        def function(*values):
            given = [
                values[varying.index(k)] if k in varying else args[k]
                for k in range(len(args))
            ]
            return pyfunc(*given, **kwargs)

        if signature is not None:
            return _for_rows(function, signature, [args[k] for k in varying])
        arrays = np.broadcast_arrays(*[args[k] for k in varying])
        columns = [array.ravel() for array in arrays]
        return _shaped([function(*values) for values in zip(*columns)], arrays[0].shape)

    return each


def frompyfunc(pyfunc, nin, nout):
    return vectorize(pyfunc)
