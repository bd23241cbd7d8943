"""What a program is rewritten to for a compiler, after all passes: IR -> IR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symdiff.ir.builder import Names
from symdiff.ir.core import Const, Equation, Function, each_function
from symdiff.ir.memory import Memory
from symdiff.passes.dead import dead
from symdiff.passes.entries import order_entries
from symdiff.records import replace
from symdiff.request import Target
from symdiff.targets.boundary import kernel_apart
from symdiff.targets.elements import VECTORS
from symdiff.targets.extents import Extents
from symdiff.targets.integers import checked
from symdiff.targets.loops import as_loops
from symdiff.targets.quotients import divided
from symdiff.targets.raised import with_fixed_messages, without_messages
from symdiff.targets.refused import (
    refuse_classes, refuse_draws, refuse_narrow, refuse_records,
)  # fmt: skip
from symdiff.targets.rows import kept_whole
from symdiff.targets.stacks import stacked
from symdiff.targets.supported import supported
from symdiff.targets.tapes import by_index, counted_tapes

__all__ = ["fitted"]


def fitted(function: Function, target: Target, statics: Mapping[str, Any]) -> Function:
    """The function in the form that suits the target."""
    for inner in (*function.functions, function):
        refuse_narrow(inner)
        refuse_draws(inner)
        refuse_classes(inner)
    refuse_records(function)
    quiet = tuple(c for c in function.contexts if not _is_silent(c))
    function = replace(function, contexts=quiet)
    if target == "numba":
        function = kernel_apart(function, statics)
    return each_function(function, lambda f: f if f.around else _fitted(f, target))


def _fitted(function: Function, target: Target) -> Function:
    quiet = without_messages if target == "c" else with_fixed_messages
    function = quiet(function)
    memory = Memory(function)
    memory.run()
    function, known = supported(function, target)
    function = order_entries(function)
    names = Names.after(function)
    function = dead(kept_whole(function, names))
    extents = Extents(function, names)
    arrays = counted_tapes(function, extents)
    function = stacked(function, names, arrays, every=target == "c")
    vectors = VECTORS if target == "numba" else {}
    function = checked(by_index(function, extents))
    function = as_loops(function, memory, extents, vectors, known)
    function = dead(replace(function, body=(*extents.made, *function.body)))
    return divided(function, target)


def _is_silent(context: Equation) -> bool:
    """Whether it is about warnings, which compiled code does not give."""
    said = (Const("ignore"), Const("warn"))
    return context.op == "numpy.errstate" and all(a in said for a in context.args)
