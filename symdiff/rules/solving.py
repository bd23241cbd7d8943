"""Rules of integrals, and of what makes a residual zero.

The derivative of an integral is the integral of the derivative, and the values at the
ends; that of what makes r(x, a) zero follows from r_x dx + r_a da = 0, however x was found.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.ir.builder import Builder
from symdiff.ir.core import (
    Atom, Const, Equation, Function, Parameter, kind_of, leaves,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.handed import IMPLICIT, INTEGRAL, MOVED, Implicit, Integral
from symdiff.ir.kinds import FLOAT, Array, Kind, Tuple, derivative_kind
from symdiff.rules.row import ZERO, ArrayRule, Rule, emit

__all__ = ["SOLVING"]

Dots = tuple[Atom | None, ...]
Bars = tuple[Atom | None, ...]


class _OfFunctions(Rule):
    """A rule of an equation that has functions."""

    elementwise = False
    whole = True
    joint = True

    def __init__(self, op: str) -> None:
        super().__init__(f"{op}(x)", ZERO, op)


def _derived(
    b: Builder,
    form: str,
    function: Function,
    args: Sequence[Atom],
    by: Sequence[int],
    seeds: Sequence[Atom],
) -> list[Atom]:
    """The value of a function, and its tangent, or the adjoints of some parameters."""
    (result,) = leaves(function.returns)
    about: list[Atom] = [result] if form == "forward" else []
    if form == "reverse":
        about = [function.params[k].var for k in by]
    kinds: list[Kind] = [kind_of(result)]
    kinds += [derivative_kind(kind_of(atom)) for atom in about]
    of = (0,) if about else ()
    derivative = Derivative(form, function, tuple(by), of)  # type: ignore[arg-type]
    target = b.names.fresh("t", "", Tuple(tuple(kinds)))
    b.append(Equation(target, DERIVE, (*args, *seeds), derivative, b.span))
    return [b.define("item", target, params=k) for k in range(len(kinds))]


def _value(b: Builder, function: Function, args: Sequence[Atom]) -> Atom:
    derivative = Derivative("forward", function, (), ())
    (result,) = leaves(function.returns)
    target = b.names.fresh("t", "", Tuple((kind_of(result),)))
    b.append(Equation(target, DERIVE, tuple(args), derivative, b.span))
    return b.define("item", target, params=0)


# -- what makes a residual zero -------------------------------------------------------


class _Implicit(_OfFunctions):
    def _solved(self, b: Builder, eq: Equation, value: Atom, transposed: bool) -> Atom:
        """The solution of the linear system with the Jacobian of the residual."""
        params: Implicit = eq.params
        read = eq.args[len(params.residual.params) :]
        jacobian = _value(b, params.jacobian, (eq.target, *read))
        if not isinstance(kind_of(jacobian), Array):
            return b.emit("div", value, jacobian)
        if transposed:
            jacobian = emit(b, "numpy.transpose", jacobian)
        return emit(b, "numpy.linalg.solve", jacobian, value)

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> Bars:
        function: Function = eq.params.residual
        count = len(function.params)
        by = [k for k in range(1, count) if wanted[k]]
        bars: list[Atom | None] = [None] * len(eq.args)
        if by:
            weights = b.emit("neg", self._solved(b, eq, out_bar, True))
            args = (eq.target, *eq.args[1:count])
            _, *found = _derived(b, "reverse", function, args, by, [weights])
            for k, bar in zip(by, found, strict=True):
                bars[k] = bar
        return tuple(bars)

    def jvp(self, b: Builder, eq: Equation, dots: Dots) -> Atom | None:
        function: Function = eq.params.residual
        count = len(function.params)
        by = [k for k in range(1, count) if dots[k] is not None]
        if not by:
            return None
        args = (eq.target, *eq.args[1:count])
        seeds = [dot for dot in dots[1:count] if dot is not None]
        _, moved = _derived(b, "forward", function, args, by, seeds)
        return b.emit("neg", self._solved(b, eq, moved, False))


# -- integrals ------------------------------------------------------------------------


class _Integral(_OfFunctions):
    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> Bars:
        bars: list[Atom | None] = [None] * len(eq.args)
        for k, want in enumerate(wanted):
            if want and k < 2:
                value = self._at_end(b, eq, k)
                if isinstance(kind_of(value), Array):
                    value = emit(b, "numpy.sum", b.emit("mul", out_bar, value))
                else:
                    value = b.emit("mul", out_bar, value)
                bars[k] = value
            elif want:
                bars[k] = self._adjoint(b, eq, k, out_bar)
        return tuple(bars)

    def jvp(self, b: Builder, eq: Equation, dots: Dots) -> Atom | None:
        total: Atom | None = None
        for k, dot in enumerate(dots[:2]):
            if dot is not None:
                term = b.emit("mul", dot, self._at_end(b, eq, k))
                total = term if total is None else b.emit("add", total, term)
        first = 2 + len(eq.params.names)
        by = [k for k in range(first, len(eq.args)) if dots[k] is not None]
        if by:
            given = [dots[k] for k in by]
            term = self._tangent(b, eq, by, given)  # type: ignore[arg-type]
            total = term if total is None else b.emit("add", total, term)
        return total

    def _at_end(self, b: Builder, eq: Equation, k: int) -> Atom:
        """What is added by moving the start or the end."""
        function: Function = eq.params.function
        read = eq.args[2 + len(eq.params.names) :]
        value = _value(b, function, (eq.args[k], *read))
        return b.emit("neg", value) if k == 0 else value

    def _tangent(self, b: Builder, eq: Equation, by: list[int], dots: list[Atom]) -> Atom:
        places = [k - 1 - len(eq.params.names) for k in by]
        return _of_derivative(b, eq, "forward", places, dots, "dot")

    def _adjoint(self, b: Builder, eq: Equation, k: int, out_bar: Atom) -> Atom:
        """What a value that is read adds to its adjoint."""
        place = [k - 1 - len(eq.params.names)]
        if isinstance(eq.target.kind, Array):
            return _of_derivative(b, eq, "reverse", place, [out_bar], "bar")
        slope = _of_derivative(b, eq, "reverse", place, [], "bar")
        return b.emit("mul", out_bar, slope)


def _of_derivative(
    b: Builder, eq: Equation, form: str, by: list[int], seeds: list[Atom], role: str
) -> Atom:
    """The integral of a tangent, or of an adjoint of one parameter."""
    function: Function = eq.params.function
    params = [b.names.fresh(p.var.base, p.var.role, p.var.kind) for p in function.params]
    about = [params[k] for k in by]
    if role == "dot":
        more = [b.names.fresh(v.stem, role, derivative_kind(v.kind)) for v in about]
    else:
        more = [b.names.fresh("out", role, kind_of(seed)) for seed in seeds]
    inner = Builder(b.names)
    inner.span = b.span
    with inner.block() as body:
        _, found = _derived(inner, form, function, params, by, more or [Const(1.0)])
    name = f"{function.name}_{'dot' if role == 'dot' else f'd{about[0].base}'}"
    signature = tuple(map(Parameter, (*params, *more)))
    made = Function(name, signature, tuple(body), found, function.span)
    kind = kind_of(found)
    kind = kind if isinstance(kind, Array) and kind.dims else FLOAT
    target = b.names.fresh("t", "", kind)
    of = Integral(made, kind, eq.params.names, True)
    b.append(Equation(target, INTEGRAL, (*eq.args, *seeds), of, b.span))
    return target


SOLVING: tuple[Rule, ...] = (
    _Implicit(IMPLICIT),
    _Integral(INTEGRAL),
    ArrayRule(
        "moved(value, by)",
        {"value": None, "by": lambda c, g: g},
        MOVED,
        lambda c, dots: dots["by"],
    ),
)
