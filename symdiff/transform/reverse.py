"""Reverse mode: a primal function becomes the function of its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from symdiff.analysis.activity import active_vars
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Compound, Const, Equation, Function, Tree, Undef, Var, kind_of, map_tree,
    walk,
)  # fmt: skip
from symdiff.ir.kinds import (
    NONE, Array, Complex, Float, Int, Kind, Tuple, Unknown, is_number,
)  # fmt: skip
from symdiff.passes import fold
from symdiff.rules import rule_of
from symdiff.rules.row import Zero
from symdiff.transform.inputs import Input
from symdiff.transform.replay import Replay
from symdiff.transform.sweep import Segment, Sweep, no_rule, shown

__all__ = ["active_in", "gradient"]


def is_smooth(eq: Equation) -> bool:
    """Whether the result may depend smoothly on the arguments."""
    return not isinstance(rule_of(eq), Zero)


def active_in(
    function: Function, inputs: Sequence[Input], has_aux: bool = False
) -> set[Var]:
    """The active values of a function with respect to some parameters."""
    result, _ = _results(function, has_aux)
    leaves = [var for each in inputs for var in each.leaves.values()]
    return active_vars(replace(function, returns=result), leaves, is_smooth)


def gradient(
    function: Function,
    names: Names,
    inputs: Sequence[Input],
    mode: Literal["grad", "value_and_grad"],
    single: bool,
    doc: str,
    has_aux: bool = False,
) -> Function:
    """The gradient of a scalar function with respect to some of its parameters.

    With `has_aux` the function returns a pair, of which the first is differentiated.

    Raises `DifferentiationError` with all problems: results that are no scalar,
    operations that have no rule.
    """
    result, aux = _results(function, has_aux)
    active = active_in(function, inputs, has_aux)
    _check_kinds(function, active)
    result = _scalar(function, result)
    build = Builder(names, fold)
    sweep = Sweep(build, active)
    start, end = Segment(_marker(names)), Segment(_marker(names))
    sweep.bars = {}
    if isinstance(result, Var) and result in active:
        sweep.bars[result] = Const(1.0)
    segments = sweep.block(function.body)
    with build.block() as nodes:
        build.nodes = end.nodes  # type: ignore[assignment]
        build.span = function.span
        bars: list[Tree] = [each.gradient(build, sweep) for each in inputs]
        del nodes
    if sweep.problems:
        raise DifferentiationError(tuple(dict.fromkeys(reversed(sweep.problems))))
    order = [start, *segments, end]
    replay = Replay(function, build, [order])
    with build.block() as reverse:
        replay.reverse(order)
        bars = [map_tree(bar, replay.value) for bar in bars]
    forward = replay.forward(function.body)
    returns: Tree = bars[0] if single else tuple(bars)
    if mode == "value_and_grad":
        returns = ((result, aux) if has_aux else result, returns)
    elif has_aux:
        returns = (returns, aux)
    return Function(
        name=f"{function.name}_grad"
        if mode == "grad"
        else f"{function.name}_value_and_grad",
        params=function.params,
        body=(*forward, _marker(names), *reverse),
        returns=returns,
        span=function.span,
        doc=doc,
        externals=function.externals,
        modules=function.modules,
        contexts=function.contexts,
    )


def _marker(names: Names) -> Equation:
    return Equation(names.fresh("note", "", NONE), "comment", (), "reverse sweep")


def _check_kinds(function: Function, active: set[Var]) -> None:
    """Refuse active values of which too little is known, where they arise."""
    problems = []
    for node in walk(function.body):
        if not isinstance(node, Equation) or node.target not in active:
            continue
        if rule_of(node) is None:
            problems.append(no_rule(node))
            continue
        kind, known = node.target.kind, [kind_of(a) for a in node.args if a in active]
        if isinstance(kind, Unknown) and not any(isinstance(k, Unknown) for k in known):
            message = f"the shape of the result of `{shown(node)}` is not known here"
            problems.append(Diagnostic(message, node.span))
        elif _is_complex(kind) and not any(map(_is_complex, known)):
            message = "complex values are not differentiated"
            problems.append(
                Diagnostic(message, node.span, "write out real and imaginary part")
            )
    if problems:
        raise DifferentiationError(tuple(dict.fromkeys(problems)))


def _is_complex(kind: Kind) -> bool:
    if isinstance(kind, Array):
        return kind.dtype.startswith("complex")
    return isinstance(kind, Complex)


def _results(function: Function, has_aux: bool) -> tuple[Tree, Tree]:
    """What is differentiated, and what else the function returns."""
    returns = function.returns
    if not has_aux:
        return returns, ()
    if isinstance(returns, tuple) and len(returns) == 2:
        return returns
    message = f"with has_aux `{function.name}` must return a pair: the value, the rest"
    raise DifferentiationError(
        Diagnostic(message, function.span, "end every path with `return value, aux`")
    )


def _scalar(function: Function, returns: Tree) -> Atom:
    if isinstance(returns, (tuple, Compound)):
        if isinstance(returns, tuple):
            what = f"a tuple of {len(returns)} values"
        else:
            what = f"a {returns.form}" if returns.form in ("list", "dict") else "an object"
        raise _not_scalar(
            function, what, "return one number, or `number, rest` with has_aux=True"
        )
    kind = kind_of(returns)
    if isinstance(returns, Undef) or kind == NONE:
        raise _not_scalar(function, "None", "return the value to differentiate")
    if isinstance(kind, Array) and kind.dims:
        raise _not_scalar(
            function,
            f"an array ({kind})",
            "return a number, for example the sum of the array",
        )
    if isinstance(kind, (Float, Int, Array)) or is_number(kind):
        return returns
    if isinstance(kind, Tuple):
        raise _not_scalar(function, "a tuple", "return one number")
    raise _not_scalar(function, f"a value of kind {kind}", "return one number")


def _not_scalar(function: Function, what: str, help: str) -> DifferentiationError:
    message = f"`{function.name}` returns {what}; a gradient needs a scalar"
    return DifferentiationError(Diagnostic(message, function.span, help))
