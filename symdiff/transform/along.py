"""Gradients in forward mode: a tangent along each of a few numbers, all in one sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from symdiff.analysis.activity import active_vars
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Equation, For, Function, Tree, Var, While, inner_params, kind_of, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE
from symdiff.ir.kinds import FLOAT, Array, Complex, is_number
from symdiff.records import replace
from symdiff.transform.forward import Tangents
from symdiff.transform.inputs import Input
from symdiff.transform.results import check_field, results_of, returned, scalar_result
from symdiff.transform.equations import is_smooth
from symdiff.transform.stretches import Way
from symdiff.transform.vertices import ONE

__all__ = ["along_inputs", "check_numbers", "is_surely_cheaper", "suits_forward"]

_FEW = 4  # inputs by which forward mode may be the cheaper one


def along_inputs(
    function: Function,
    names: Names,
    inputs: Sequence[Input],
    mode: Literal["grad", "value_and_grad", "jacfwd"],
    single: bool,
    doc: str,
    has_aux: bool = False,
) -> Function:
    """The gradient by a few numbers, with a tangent for each of them in one sweep: that
    of v along the input x is `v_dx`. With the mode "jacfwd" the result may have any form:
    the function returns it, and for each input the tangents in that form.

    With `has_aux` the function returns a pair, of which the first is differentiated.

    Raises `DifferentiationError` with all problems: results that are no scalar,
    operations that have no rule.
    """
    result, aux = results_of(function, has_aux)
    value = None if mode == "jacfwd" else scalar_result(function, result)
    if value is not None:
        check_field(function, value, inputs)
    smooth = replace(function, returns=result)
    leaves = [var for each in inputs for var in each.leaves.values()]
    ways = {
        var: Way(_name_of(var), active_vars(smooth, [var], is_smooth), {var: ONE})
        for var in leaves
    }
    sweep = Tangents(function, names, [*ways.values()], local=True)
    with sweep.build.block() as nodes:
        sweep.block(function.body)
        if value is None:
            bars = tuple(sweep.dots_of_result(result, way) for way in ways.values())
        else:
            found = {var: sweep.dot(value, way) for var, way in ways.items()}
            bars = tuple(each.gradient(sweep.build, found.__getitem__) for each in inputs)
        body = tuple(nodes)
    inner = sweep.finish()
    all_found: Tree = bars[0] if single else bars
    returns = returned(mode, result, all_found, (aux,) if has_aux else ())
    return replace(
        function,
        name=f"{function.name}_{mode}",
        body=body,
        returns=returns,
        doc=doc,
        functions=(*function.functions, *inner),
    )


def _name_of(var: Var) -> str:
    """The role of what is by a variable: that of a parameter `t` has the base "t'"."""
    return f"d{var.stem}".removesuffix("'")


def check_numbers(function: Function, inputs: Sequence[Input]) -> None:
    """Refuse a gradient in forward mode by what is no number."""
    problems = [
        Diagnostic(
            f"`{each.param.base}` is not made of numbers, which "
            'mode="forward" differentiates by',
            function.span,
            "leave out mode=, or use jvp or jacfwd",
        )
        for each in inputs
        if not all(map(_is_real_number, each.leaves.values()))
    ]
    if problems:
        raise DifferentiationError(problems)


def _is_real_number(var: Var) -> bool:
    return is_number(var.kind) and not isinstance(var.kind, Complex)


def suits_forward(function: Function, inputs: Sequence[Input]) -> bool:
    """Whether forward mode may be cheaper than reverse mode: by a few floats, where
    reverse mode has a loop to walk back, and no calls but those worked out in place."""
    kinds = [var.kind for each in inputs for var in each.leaves.values()]
    if len(kinds) > _FEW or any(kind != FLOAT for kind in kinds) or function.functions:
        return False
    nodes = list(walk(function.body))
    again = any(isinstance(node, Equation) and node.op == DERIVE for node in nodes)
    return not again and any(isinstance(node, (For, While)) for node in nodes)


def is_surely_cheaper(
    function: Function, inputs: Sequence[Input], has_aux: bool = False
) -> bool:
    """Whether forward mode is sure to be the cheaper one: by one number, where there are
    no arrays and reverse mode has to keep what the rounds of a loop compute."""
    if sum(len(each.leaves) for each in inputs) > 1:
        return False
    nodes = walk(function.body)
    for node in nodes:
        if isinstance(node, Equation):
            if any(isinstance(kind_of(a), Array) for a in (node.target, *node.args)):
                return False
    result, _ = results_of(function, has_aux)
    by = [var for each in inputs for var in each.leaves.values()]
    active = active_vars(replace(function, returns=result), by, is_smooth)
    loops = (node for node in nodes if isinstance(node, (For, While)))
    return any(_is_recorded(loop, active) for loop in loops)


def _is_recorded(loop: For | While, active: set[Var]) -> bool:
    """Whether the derivative of a round reads active values that change in the loop."""
    state: set[Atom] = set(loop.carried)
    for node in walk(loop.body):
        if not isinstance(node, Equation):
            state.update((*inner_params(node), *node.results))
            continue
        changing = state.intersection(node.args)
        if node.target in active and not active.isdisjoint(changing):
            if _is_curved(node, active):
                return True
        if changing:
            state.add(node.target)
    return False


def _is_curved(eq: Equation, active: set[Var]) -> bool:
    """Whether a partial derivative depends on active values."""
    if eq.op in ("mul", "div"):
        return eq.args[1] in active and (eq.op == "div" or eq.args[0] in active)
    return eq.op == "pow" or eq.op.startswith(("math.", "numpy."))
