"""Arguments with structure: their leaves, and copies with another leaf."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np

from corpus import numeric


def parts(value):
    """The parts of a structure and how each is reached; None for a leaf."""
    if isinstance(value, (tuple, list)):
        return [(("item", k), item) for k, item in enumerate(value)]
    if isinstance(value, dict):
        named = getattr(value, "__dict__", {}).items()
        found = [(("item", key), item) for key, item in value.items()]
        return found + [(("attr", name), item) for name, item in named]
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
    elif type(value).__module__ in ("builtins", "numpy") or callable(value):
        return None
    else:
        names = list(vars(value))
    return [(("attr", name), getattr(value, name)) for name in names]


def leaves(value, path=()):
    """All leaves with the paths that lead to them."""
    found = parts(value)
    if found is None:
        yield path, value
    else:
        for step, part in found:
            yield from leaves(part, (*path, step))


def at(value, path):
    for form, key in path:
        value = getattr(value, key) if form == "attr" else value[key]
    return value


def is_float(leaf) -> bool:
    """Whether a leaf is differentiated by."""
    if isinstance(leaf, (float, np.floating)):
        return True
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"


def changed(value, path, leaf):
    """The structure with another leaf; what it is made of is shared with the old one."""
    if not path:
        return leaf
    (form, key), *rest = path
    part = changed(at(value, path[:1]), rest, leaf)
    if form == "attr":
        new = copy.copy(value)
        object.__setattr__(new, key, part)
        return new
    if isinstance(value, dict):
        new = copy.copy(value)
        new[key] = part
        return new
    items = [*value[:key], part, *value[key + 1 :]]
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def fresh(value):
    """A copy in double precision."""
    value = copy.deepcopy(value)
    for path, leaf in list(leaves(value)):
        if is_float(leaf):
            value = changed(value, path, numeric.fresh(leaf))
    return value


def gradient(function, args, place, step=numeric.STEP):
    """The derivatives with respect to the float leaves of one argument, by path."""

    def of(path):
        def leaf_function(leaf):
            given = [fresh(arg) for arg in args]
            given[place] = changed(given[place], path, leaf)
            return function(*given)

        return leaf_function

    return {
        path: numeric.gradient(of(path), (numeric.fresh(leaf),), 0, step)
        for path, leaf in leaves(args[place])
        if is_float(leaf)
    }


def same(one, other, rtol=0.0, atol=0.0) -> bool:
    """Whether two arguments are equal, leaf by leaf; floats to within the tolerances."""
    pairs = list(leaves(one)), list(leaves(other))
    if [p for p, _ in pairs[0]] != [p for p, _ in pairs[1]]:
        return False
    return all(
        np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
        if is_float(a) and is_float(b) and np.shape(a) == np.shape(b)
        else a is b or np.array_equal(a, b)
        for (_, a), (_, b) in zip(*pairs, strict=True)
    )
