"""Numerical differentiation, and the comparison of generated gradients with it."""

from __future__ import annotations

import inspect
import math
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple

import numpy as np

from symdiff.api.applied import opened
from symdiff.api.argnums import Argnums, parameters, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.gradient import Gradient
from symdiff.api.operators import grad, jvp, vjp
from symdiff.api.parts import part_at
from symdiff.directions import inner, leaves, moved, random_like
from symdiff.entries import IMAGINARY, REAL, Path, entries, holds_floats
from symdiff.ir.structure import WITHIN, under
from symdiff.records import dataclass, replace
from symdiff.signature import as_float, is_array
from symdiff.structures import copied, deep_copied, parts

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
    order: int = 1,
    modes: Sequence[str] = ("rev",),
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
    if unknown := set(modes) - {"fwd", "rev"}:
        raise ValueError(f'unknown mode {min(unknown)!r}: "fwd" or "rev"')
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
    for name in [names[k] for k in positions]:
        if parts(values[name], by=True) is None:
            values[name] = as_float(values[name])
    own = _Checked(primal, values, tuple(names[k] for k in positions), has_aux)
    own.callee = primal if bound else function
    how = _Differences(eps, rtol, atol, method)
    found: list[Comparison] = []
    if "rev" in modes:
        if own.is_number:
            gradients = grad(primal, positions, has_aux)(*bound, *args, **(kwargs or {}))
            gradients = gradients[0] if has_aux else gradients
        else:
            gradients = own.pulled_back()
        found += own.by_entries(gradients, how, most)
    if "fwd" in modes:
        found += own.in_a_direction(how)
    if order > 1:
        more = compare(
            own.gradient(), own.call.args, order - 1, modes,
            eps=eps, rtol=rtol, atol=atol, method=method, most=most,
        )  # fmt: skip
        found += [replace(each, argument=f"gradient: {each.argument}") for each in more]
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
    if path[0] == WITHIN:
        return _changed(value, tuple(rest), new)
    value = copied(value)
    if is_array(value):
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


class _Differences(NamedTuple):
    """How differences are taken, and how far off they may be."""

    eps: float | None
    rtol: float | None
    atol: float | None
    method: Method

    def beside(
        self, name: str, entry: str, exact: float, function: Callable[[float], float],
        at: float, dtype: str | None,
    ) -> Comparison:  # fmt: skip
        number, noise = difference(function, at, dtype, self.eps, self.method)
        coarse = dtype in _PRECISION
        rough = 1 if self.method == "symmetric" else 10
        rtol, atol = self.rtol, self.atol
        if rtol is None:
            rtol = (1e-2 if coarse else 1e-6) * rough
        if atol is None:
            atol = (1e-3 if coarse else 1e-8) * rough + noise
        return Comparison(name, entry, exact, number, atol + rtol * abs(number))


class _Checked:
    """A function at the values of its parameters, of which some are differentiated `by`."""

    def __init__(
        self,
        primal: types.FunctionType,
        values: Mapping[str, Any],
        by: tuple[str, ...],
        has_aux: bool,
    ) -> None:
        self.primal, self.values, self.by, self.has_aux = primal, values, by, has_aux
        self.callee: Callable[..., Any] = primal  # as it may be called elsewhere
        self.signature = inspect.signature(primal, follow_wrapped=False)
        self.call = inspect.BoundArguments(self.signature, OrderedDict(values))
        result = self.result({})
        self.is_number = type(result) in (int, bool) or isinstance(result, float)
        # Of other results a sum is looked at, with factors that single out each of them.
        self.weights = 1.0 if self.is_number else random_like(result)
        if not self.is_number:  # `vjp` takes no keywords
            self.by = tuple(name for name in by if name in self.places)

    def result(self, changed: Mapping[str, Any]) -> Any:
        given = {n: deep_copied(v) for n, v in self.values.items() if n not in changed}
        held = OrderedDict((n, changed.get(n, given.get(n))) for n in self.values)
        call = inspect.BoundArguments(self.signature, held)
        result = self.primal(*call.args, **call.kwargs)
        return result[0] if self.has_aux else result

    def number(self, changed: Mapping[str, Any]) -> float:
        result = self.result(changed)
        return float(result) if self.is_number else inner(self.weights, result)

    def along_entry(self, name: str, path: Path) -> Callable[[float], float]:
        """The function of one entry of one argument, all else fixed."""
        value = self.values[name]
        return lambda new: self.number({name: _changed(deep_copied(value), path, new)})

    def by_entries(
        self, gradients: Sequence[Any], how: _Differences, most: int
    ) -> Iterator[Comparison]:
        for name, gradient in zip(self.by, gradients, strict=True):
            for entry, path, dtype in entries(self.values[name], most):
                exact = _entry_at(gradient, path)
                if path[-1:] == (IMAGINARY,):
                    exact = -exact  # the gradient is df/dx - i df/dy
                along = self.along_entry(name, path)
                at = _entry_at(self.values[name], path)
                yield how.beside(name, entry, exact, along, at, dtype)

    def in_a_direction(self, how: _Differences) -> Iterator[Comparison]:
        """The derivative along all that is passed by position."""
        direction = {
            name: random_like(self.values[name], k, scaled=True)
            for k, name in enumerate(self.by)
            if name in self.places
        }
        if not direction:
            return

        def along(step: float) -> float:
            return self.number(
                {n: moved(self.values[n], dot, step) for n, dot in direction.items()}
            )

        found = {dtype for each in direction.values() for _, _, dtype in entries(each, 1)}
        coarsest = max(found, key=lambda dtype: _PRECISION.get(dtype or "", 0.0))
        exact = self.pushed_forward(direction)
        yield how.beside("forward mode", "", exact, along, 0.0, coarsest)

    # -- derivatives ------------------------------------------------------------------

    @property
    def positional(self) -> Callable[..., Any]:
        """The function of its positional arguments alone."""
        given = self.call.kwargs
        return partial(self.callee, **given) if given else self.callee

    @cached_property
    def places(self) -> dict[str, tuple[int, ...]]:
        """Where the positional arguments for each parameter are."""
        found: dict[str, tuple[int, ...]] = {}
        count = 0
        for name, parameter in self.signature.parameters.items():
            if name in self.values and name not in self.call.kwargs:
                many = parameter.kind is inspect.Parameter.VAR_POSITIONAL
                size = len(self.values[name]) if many else 1
                found[name] = tuple(range(count, count + size))
                count += size
        return found

    def pulled_back(self) -> list[Any]:
        pull = vjp(self.positional, *self.call.args, has_aux=self.has_aux)[1]
        found = pull(self.weights)
        return [
            tuple(found[k] for k in self.places[name]) if self.is_many(name)
            else found[self.places[name][0]]
            for name in self.by
        ]  # fmt: skip

    def is_many(self, name: str) -> bool:
        return self.signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL

    def pushed_forward(self, direction: Mapping[str, Any]) -> float:
        tangents: list[Any] = [None] * len(self.call.args)
        for name, along in direction.items():
            items = along if self.is_many(name) else (along,)
            for k, item in zip(self.places[name], items, strict=True):
                tangents[k] = item
        pushed = jvp(self.positional, self.call.args, tangents, has_aux=self.has_aux)
        return inner(self.weights, pushed[1])

    def gradient(self) -> Callable[..., Any]:
        """The gradient as a function of the positional arguments."""
        whole, is_pair = self.positional, self.has_aux
        places = tuple(k for name in self.by for k in self.places.get(name, ()))
        terms = tuple(leaves(self.weights))

        def number(*args: Any) -> Any:
            result = whole(*args)
            if is_pair:
                result = result[0]
            total = 0.0
            for path, weight in terms:
                part = result
                for step in path:
                    part = under(part, step)
                total += np.sum(weight * part).real
            return total

        def gradient(*args: Any) -> Any:
            return grad(number, places)(*args)

        return gradient


def _rounded(x: float, dtype: str) -> float:
    return float(np.dtype(dtype).type(x))
