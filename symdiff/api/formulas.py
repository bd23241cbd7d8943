"""From a function to its formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdiff.algebra.formulas import formula_of
from symdiff.algebra.symbolic import Symbolic
from symdiff.api.argnums import Argnums, Goal, parameters, refusal, resolve_argnums
from symdiff.api.gradient import Gradient
from symdiff.api.specialise import request_for, request_unbound, seen_by
from symdiff.backend.load import resolve
from symdiff.frontend.lower import lower
from symdiff.frontend.reading.source import named, unbound
from symdiff.ir.core import Const, Equation, Function, each_function, kind_of
from symdiff.passes import dead, simplify
from symdiff.pipeline import derivative_of
from symdiff.request import Request
from symdiff.tracing.interpreter import Interpreter
from symdiff.transform.nested import worked_out

__all__ = ["formulas"]


def formulas(
    function: Callable[..., Any],
    argnums: Argnums | None,
    limit: int,
    given: Mapping[str, float],
) -> Symbolic:
    """See `symdiff.symbolic`."""
    if isinstance(function, Gradient):
        function = function.__wrapped__
    primal, bound = unbound(function)
    names = parameters(primal)[len(bound) :]
    for name, value in given.items():
        if name not in names:
            help = f"its parameters are {', '.join(names)}"
            raise refusal(primal, f"there is no parameter `{name}`", help)
        if not isinstance(value, (int, float)):
            raise refusal(primal, f"`{name}` is given as {value!r}", "give a number", name)
    notes = getattr(primal, "__annotations__", {})
    known = {n: kind_of(Const(v)) for n, v in given.items() if n not in notes}
    request = request_unbound(primal, Goal("primal", None, True), known, bound)
    lowered = lower(primal, request.signature, request.statics).function
    program = each_function(worked_out(lowered), lambda f: dead(simplify(f)))
    seen = seen_by(request).functions
    outside = resolve(program.externals, seen, primal, request.statics)
    formula = formula_of(program, given, outside, request.statics, limit)
    by = list(formula.symbols)
    if argnums is not None:
        positions = resolve_argnums(primal, argnums, len(bound))
        asked = [parameters(primal)[k] for k in positions]
        for name in asked:
            if name not in by:
                raise refusal(primal, f"`{name}` is no float", "name floats", name)
        by = asked

    def count(point: tuple[float, ...]) -> int:
        at = dict(zip(formula.symbols, point, strict=True))
        every = [*bound, *(given.get(name, at.get(name)) for name in names)]
        return _operations(primal, every, tuple(parameters(primal).index(n) for n in by))

    name = named(primal.__name__)
    return Symbolic.of(name if name.isidentifier() else "f", formula, by, count)


def _operations(primal: Any, args: list[Any], argnums: tuple[int, ...]) -> int:
    """How many operations the code of value and gradient executes."""
    values = dict(zip(parameters(primal), args, strict=True))
    goal = Goal("value_and_grad", argnums, False, apart=None)
    request: Request = request_for(primal, goal, values)
    function: Function = derivative_of(request)
    seen = seen_by(request).functions
    names = resolve(function.externals, seen, primal, request.statics)
    counting = _Counting(names)
    counting.run(function, *args)
    return counting.operations


class _Counting(Interpreter):
    """Runs the code and counts what is arithmetic or a function."""

    operations = 0

    def equation(self, eq: Equation) -> Any:
        if eq.op in _ARITHMETIC or eq.op.startswith(("math.", "numpy.", "builtins.")):
            self.operations += 1
        return super().equation(eq)


_ARITHMETIC = frozenset("add sub mul div pow neg mod floordiv apply select".split())
