"""From a function and its arguments to the list of the equations it executes."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from symdiff.api.argnums import Argnums, Goal, parameters, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.gradient import Gradient
from symdiff.api.specialise import request_for, seen_by
from symdiff.backend.load import resolve
from symdiff.depth import with_room
from symdiff.entries import holds_floats
from symdiff.errors import DifferentiationError
from symdiff.frontend.lower import Lowered, lower
from symdiff.frontend.reading.calling import caller_with, takes_any_number
from symdiff.frontend.reading.source import named, unbound
from symdiff.ir.core import each_function
from symdiff.ir.structure import part_text
from symdiff.passes import dead
from symdiff.pipeline import integers_as_floats
from symdiff.request import Request
from symdiff.signature import as_float
from symdiff.structures import parts
from symdiff.tracing.record import record
from symdiff.tracing.trace import Trace
from symdiff.transform.nested import worked_out

__all__ = ["chosen", "run"]


def chosen(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    argnums: Argnums | None,
) -> tuple[types.FunctionType, dict[str, Any], tuple[int, ...]]:
    """The plain function, the values of its parameters, and the positions of those in
    `argnums`: by default of all that hold floats."""
    if isinstance(function, Gradient):
        function = function.__wrapped__
    primal, bound = unbound(function)
    if takes_any_number(primal):
        function = caller_with(function, len(args), tuple(kwargs))
        primal, bound = unbound(function)
    names = parameters(primal)
    values = bind(primal, (*bound, *args), kwargs, primal.__name__)
    if argnums is None:
        places = range(len(bound), len(names))
        positions = tuple(k for k in places if holds_floats(values[names[k]]))
    else:
        positions = resolve_argnums(primal, argnums, len(bound))
    return primal, values, positions


def _lowered(
    primal: types.FunctionType, goal: Goal, values: Mapping[str, Any]
) -> tuple[Request, Lowered]:
    """The first of the ways to take a function that are not refused."""
    first: DifferentiationError | None = None
    for each in goal.looks():
        request = request_for(primal, each, values)
        given = request.signature, request.statics
        try:
            work = partial(lower, primal, *given, exact=each.exact, late=each.late)
            return request, with_room(work)
        except DifferentiationError as refusal:
            first = first or refusal
    assert first is not None
    raise first


def run(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    argnums: Argnums | None,
    depth: int | None,
    limit: int,
) -> Trace:
    """See `symdiff.trace`."""
    primal, values, positions = chosen(function, args, kwargs, argnums)
    names = parameters(primal)
    for name in (names[k] for k in positions):
        if parts(values[name], by=True) is None:
            values[name] = as_float(values[name])
    goal = Goal("grad", positions, False, apart=None)
    request, lowered = _lowered(primal, goal, values)
    floats: set[Any] = set()
    if argnums is not None:
        floats = integers_as_floats(lowered.function, request)
        if floats:
            given = request.signature, request.statics, floats
            lowered = lower(primal, *given, exact=request.exact, late=request.late)
    whole = worked_out(lowered.function)
    program = each_function(whole, lambda f: dead(f, keep_loops=True))
    functions = seen_by(request).functions
    codes = [each.__code__ for each in functions]
    kept = record(
        program,
        [values[p.var.base] for p in program.params],
        resolve(program.externals, functions, primal, request.statics),
        lowered.calls,
        lowered.bases,
        {name for code in codes for name in (*code.co_varnames, *code.co_cellvars)},
        {part_text(*place) for place in floats},
        limit,
    )
    return Trace(named(primal.__name__), kept, depth, program.modules)
