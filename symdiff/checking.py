"""Numerical differentiation, and the comparison of generated gradients with it."""

from __future__ import annotations

import copy
import inspect
import math
import types
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from symdiff.api.applied import opened
from symdiff.api.argnums import Argnums, parameters, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.gradient import Gradient
from symdiff.api.operators import grad
from symdiff.api.prepared import part_at
from symdiff.entries import IMAGINARY, REAL, Path, entries, holds_floats
from symdiff.records import dataclass
from symdiff.signature import as_float
from symdiff.structures import parts

__all__ = [
    "Comparison", "GradientMismatch", "check", "compare", "difference", "table",
]  # fmt: skip

Method = Literal["symmetric", "one-sided"]
_PRECISION = {"float16": 2.0**-10, "float32": 2.0**-23}


class GradientMismatch(AssertionError):
    """The generated gradient and the numerical one differ."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One entry of one argument: the gradient there, generated and numerical."""

    argument: str
    entry: str
    exact: float
    numerical: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        if math.isnan(self.exact) or math.isnan(self.numerical):
            return math.isnan(self.exact) and math.isnan(self.numerical)
        return self.exact == self.numerical or self.error <= self.tolerance

    @property
    def error(self) -> float:
        return abs(self.exact - self.numerical)


def check(function: Callable[..., Any], args: Sequence[Any], **options: Any) -> None:
    """Raise `GradientMismatch` if the two differ: see `symdiff.check_grads`."""
    found = compare(function, args, **options)
    wrong = [each for each in found if not each.agrees]
    if wrong:
        name = getattr(function, "__name__", "the function")
        raise GradientMismatch(
            f"the gradient of {name} is wrong in {len(wrong)} of {len(found)} entries\n"
            + table(wrong)
        )


def compare(
    function: Callable[..., Any],
    args: Sequence[Any],
    *,
    argnums: Argnums | None = None,
    has_aux: bool = False,
    kwargs: Mapping[str, Any] | None = None,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    method: Method = "symmetric",
    most: int = 100,
) -> list[Comparison]:
    """Both gradients, entry by entry: see `symdiff.check_grads`."""
    if isinstance(function, Gradient):
        has_aux = has_aux or function.options.has_aux
        function = function.__wrapped__
    # A plain value is a slip that would otherwise be unpacked into something else.
    args = tuple(args) if isinstance(args, (tuple, list)) else (args,)
    primal, bound = opened(function, len(args), tuple(kwargs or ()))
    names = parameters(primal)
    values = bind(primal, (*bound, *args), dict(kwargs or {}), primal.__name__)
    if argnums is None:
        places = range(len(bound), len(names))
        positions = tuple(k for k in places if holds_floats(values[names[k]]))
        if not positions:
            raise ValueError(f"{primal.__name__}: no argument holds floats")
    else:
        positions = resolve_argnums(primal, argnums, len(bound))
    gradients = grad(primal, positions, has_aux)(*bound, *args, **(kwargs or {}))
    if has_aux:
        gradients, _ = gradients
    for name in [names[k] for k in positions]:
        if parts(values[name], by=True) is None:
            values[name] = as_float(values[name])
    found: list[Comparison] = []
    for position, gradient in zip(positions, gradients, strict=True):
        name = names[position]
        for entry, path, dtype in entries(values[name], most):
            exact = _entry_at(gradient, path)
            if path[-1:] == (IMAGINARY,):
                exact = -exact  # the gradient is df/dx - i df/dy
            function_of = _slice_of(primal, values, name, path, has_aux)
            at = _entry_at(values[name], path)
            number, noise = difference(function_of, at, dtype, eps, method)
            allowed = _tolerance(number, noise, dtype, rtol, atol, method)
            found.append(Comparison(name, entry, exact, number, allowed))
    return found


def difference(
    function: Callable[[float], float],
    x: float,
    dtype: str | None = None,
    eps: float | None = None,
    method: Method = "symmetric",
) -> tuple[float, float]:
    """The numerical derivative at x, and how far rounding alone may put it off.

    >>> slope, noise = difference(math.sin, 0.0)
    >>> abs(slope - 1.0) < 1e-9 and noise < 1e-9
    True
    """
    unit = _PRECISION.get(dtype or "", 2.0**-52)
    root = 3 if method == "symmetric" else 2
    step = (unit ** (1 / root) if eps is None else eps) * max(1.0, abs(x))
    right, left = x + step, x - step if method == "symmetric" else x
    if dtype in _PRECISION:
        right, left = _rounded(right, dtype), _rounded(left, dtype)
    above, below = function(right), function(left)
    width = right - left  # what the step became in floating point
    noise = 4 * unit * max(abs(above), abs(below)) / abs(width)
    return (above - below) / width, noise


def table(rows: Sequence[Comparison], most: int = 20) -> str:
    """The comparisons as text, those that are furthest off first if there are many."""
    left_out = len(rows) - most
    if left_out > 0:
        order = sorted(rows, key=lambda row: (row.agrees, -row.error))
        chosen = {id(row) for row in order[:most]}
        rows = [row for row in rows if id(row) in chosen]
    cells = [("argument", "gradient", "differences", "error", "allowed", "")]
    cells += [
        (
            row.argument + row.entry, f"{row.exact:.10g}", f"{row.numerical:.10g}",
            f"{row.error:.1e}", f"{row.tolerance:.1e}", "" if row.agrees else "wrong",
        )
        for row in rows
    ]  # fmt: skip
    widths = [max(len(row[k]) for row in cells) for k in range(6)]
    lines = []
    for first, *others in cells:
        rest = map(str.rjust, others, widths[1:])
        lines.append("  ".join([first.ljust(widths[0]), *rest]).rstrip())
    if left_out > 0:
        lines.append(f"and {left_out} more")
    return "\n".join(lines)


# -- entries of arguments -------------------------------------------------------------


def _entry_at(value: Any, path: Path) -> float:
    if path[-1:] in ((REAL,), (IMAGINARY,)):
        return float(getattr(part_at(value, path[:-1]), path[-1][1]))
    return float(part_at(value, path))


def _changed(value: Any, path: Path, new: float) -> Any:
    """A copy of the argument with one entry changed."""
    if not path:
        return type(value)(new)
    if path == (REAL,):
        return type(value)(complex(new, value.imag))
    if path == (IMAGINARY,):
        return type(value)(complex(value.real, new))
    (form, key), *rest = path
    value = copy.copy(value)
    if hasattr(value, "dtype"):
        value[key] = _changed(value[key], tuple(rest), new)
    elif form == "attr":
        changed = _changed(getattr(value, key), tuple(rest), new)
        if isinstance(value, tuple):
            replace: Any = getattr(value, "_replace")  # noqa: B009
            return replace(**{key: changed})
        object.__setattr__(value, key, changed)
    elif isinstance(value, tuple):
        items = list(value)
        items[key] = _changed(items[key], tuple(rest), new)
        return tuple(items)
    else:
        value[key] = _changed(value[key], tuple(rest), new)
    return value


def _slice_of(
    primal: types.FunctionType,
    values: Mapping[str, Any],
    name: str,
    path: Path,
    has_aux: bool,
) -> Callable[[float], float]:
    """The function of one entry of one argument, all else fixed."""
    signature = inspect.signature(primal, follow_wrapped=False)

    def function(new: float) -> float:
        given = {n: copy.deepcopy(v) for n, v in values.items()}
        given[name] = _changed(given[name], path, new)
        call = inspect.BoundArguments(signature, OrderedDict(given))
        result = primal(*call.args, **call.kwargs)
        return float(result[0] if has_aux else result)

    return function


def _rounded(x: float, dtype: str) -> float:
    import numpy as np

    return float(np.dtype(dtype).type(x))


def _tolerance(
    number: float,
    noise: float,
    dtype: str | None,
    rtol: float | None,
    atol: float | None,
    method: Method,
) -> float:
    coarse = dtype in _PRECISION
    if rtol is None:
        rtol = (1e-2 if coarse else 1e-6) * (1 if method == "symmetric" else 10)
    if atol is None:
        atol = (1e-3 if coarse else 1e-8) * (1 if method == "symmetric" else 10) + noise
    return atol + rtol * abs(number)
