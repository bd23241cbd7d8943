"""Library functions in terms of others, as plain Python that is followed like the user's.

A function here stands for the library's own wherever that is called: its body is lowered
in the place of the call, so that it needs no derivative rule, in any mode or order, and
what is a view there is a view here. It takes what the library's function takes; what it
leaves out of the signature is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Any

__all__ = [
    "class_for", "definition_for", "definition_of", "gives_array", "held_by",
    "is_definition", "method_for", "names_in", "names_of_scipy", "names_of_series",
]  # fmt: skip

# Which modules hold the definitions for a module of SciPy.
_OF_SCIPY = {
    "cluster": ("cluster",),
    "integrate": ("integrate", "trajectories"),
    "interpolate": ("interpolate",),
    "linalg": ("linalg", "matrices", "systems"),
    "ndimage": ("ndimage", "resampled"),
    "optimize": ("optimize",),
    "signal": ("signal", "spectral"),
    "sparse": ("sparse", "sparse_assembled", "sparse_systems"),
    "spatial": ("spatial",),
    "special": ("special",),
    "stats": ("stats", "samples"),
}


# Modules of Python.
_STANDARD = ("dataclasses", "heapq", "random", "statistics", "typing")


@cache
def _table() -> dict[str, Callable[..., Any]]:
    from symdiff.definitions import (
        applied, chosen, fourier, joined, linear, pieces, places, polynomials, products,
        quantiles, sums, wider, written,
    )  # fmt: skip

    numpy = (
        applied, chosen, joined, pieces, places, products, quantiles, sums, wider, written,
    )  # fmt: skip
    modules = {
        **dict.fromkeys(numpy, "numpy."),
        linear: "numpy.linalg.",
        fourier: "numpy.fft.",
        polynomials: "numpy.polynomial.",
    }
    return {
        prefix + name.replace("__", "."): getattr(module, name)
        for module, prefix in modules.items()
        for name in module.__all__
    }


@cache
def _table_of_scipy(module: str) -> dict[str, Callable[..., Any]]:
    """Loads the module of SciPy, as the program has done that calls it."""
    parts = [import_module(f"{__name__}.scipy.{name}") for name in _OF_SCIPY[module]]
    return {
        name.replace("__", "."): getattr(part, name)
        for part in parts
        for name in part.__all__
        if not isinstance(getattr(part, name), type)
    }


@cache
def _table_of_standard(module: str) -> dict[str, Callable[..., Any]]:
    part = import_module(f"{__name__}.standard.{module}")
    return {name: getattr(part, name) for name in part.__all__}


def names_in(module: str) -> tuple[str, ...]:
    """The functions of a module of Python that have a definition."""
    return tuple(_table_of_standard(module)) if module in _STANDARD else ()


def names_of_scipy(module: str) -> tuple[str, ...]:
    """The functions of `scipy.module` that have a definition."""
    return tuple(_table_of_scipy(module)) if module in _OF_SCIPY else ()


# These have a rule for the arguments that they mostly get: the definition stands for
# calls with one of these keywords, or more arguments by position than so many.
_WIDER = {
    **dict.fromkeys(("sum", "prod", "mean", "max", "min"), ("where initial", 9)),
    **dict.fromkeys(("amax", "amin"), ("where initial", 9)),
    **dict.fromkeys(("std", "var"), ("where mean correction", 9)),
    **dict.fromkeys(("array", "asarray", "asanyarray"), ("ndmin", 9)),
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d"), ("", 1)),
    "linalg.cholesky": ("upper", 1),
    "linalg.norm": ("ord", 1),
    "linalg.pinv": ("rcond rtol hermitian", 1),
    "pad": ("mode constant_values", 2),
    "cross": ("axisa axisb axisc axis", 2),
    "diff": ("prepend append", 3),
    "interp": ("left right period", 3),
    "linspace": ("retstep axis dtype", 4),
    "ravel": ("order", 1),
    "reshape": ("order", 2),
    "trace": ("", -1),
}


@cache
def _tables_of_forms() -> dict[str, dict[str, Callable[..., Any]]]:
    from symdiff.definitions import numbers, stacked, ufuncs

    return {
        form: {n.replace("__", "."): getattr(module, n) for n in module.__all__}
        for form, module in (("number", numbers), ("array", stacked), ("ufunc", ufuncs))
    }


def definition_for(form: str, name: str) -> Callable[..., Any] | None:
    """The function that stands for one of NumPy's that gets a "number" where the rules
    are for arrays, or an "array" where they are for a list of them; or for a method of
    any "ufunc", which comes first among its arguments."""
    return _tables_of_forms()[form].get(name)


def method_for(name: str) -> Callable[..., Any] | None:
    """The function that stands for a method of any distribution of `scipy.stats`, which
    comes first among its arguments."""
    from symdiff.definitions.scipy import methods

    return getattr(methods, name) if name in methods.__all__ else None


# Which modules hold the classes that stand for those of a module of SciPy.
_CLASSES = {
    "scipy.interpolate": "interpolate",
    "scipy.sparse": "sparse",
    "scipy.spatial": "spatial",
    "scipy.stats": "densities",
}


def class_for(cls: type) -> type | None:
    """The class that stands for one of NumPy's or SciPy's: its methods are followed."""
    module = cls.__module__ or ""
    if module.startswith("numpy.polynomial") or cls.__name__ == "poly1d":
        from symdiff.definitions import series as part
    else:
        name = _CLASSES.get(".".join(module.split(".")[:2]))
        if (module, cls.__name__) == ("builtins", "SuperLU"):  # so it says of itself
            name = "sparse"
        if name is None:
            return None
        part = import_module(f"{__name__}.scipy.{name}")
    return getattr(part, cls.__name__, None) if cls.__name__ in part.__all__ else None


def held_by(value: Any) -> dict[str, str] | None:
    """What an object of a library holds, under the names that the class that stands for
    its own has for it; None for an object that is not followed."""
    held = getattr(class_for(type(value)), "_held", None)
    return None if held is None else held(value)


def names_of_series(module: str) -> tuple[str, ...]:
    """The functions of `numpy.polynomial.module` that have a definition."""
    prefix = f"numpy.polynomial.{module}."
    return tuple(op.removeprefix(prefix) for op in _table() if op.startswith(prefix))


def definition_of(
    op: str, count: int = 0, keywords: Iterable[str] = ()
) -> Callable[..., Any] | None:
    """The function that stands for an operation, such as "numpy.split", that gets so
    many arguments by position, and these keywords."""
    names, most = _WIDER.get(op.removeprefix("numpy."), ("", -1))
    if count <= most and not set(names.split()).intersection(keywords):
        return None
    root, _, last = op.partition(".")
    if root in _STANDARD:
        return _table_of_standard(root).get(last)
    if root != "scipy":
        return _table().get(op)
    _, module, name = op.split(".", 2)
    return _table_of_scipy(module).get(name) if module in _OF_SCIPY else None


# Functions that give an array without axes for numbers, unlike those that they call.
_WITHOUT_AXES = frozenset(
    (
        "BSpline.__call__", "BivariateSpline.ev", "KroghInterpolator.__call__",
        "PPoly.__call__", "i0", "interp1d.__call__", "piecewise", "select", "tensordot",
    )
)  # fmt: skip


def gives_array(function: Callable[..., Any]) -> bool:
    """Whether what this function of the package stands for makes an array of numbers."""
    return function.__qualname__ in _WITHOUT_AXES and is_definition(function)


def is_definition(function: Callable[..., Any]) -> bool:
    """Whether it is a function of this package, which has no lines of the user's."""
    return (function.__module__ or "").startswith(f"{__name__}.")
