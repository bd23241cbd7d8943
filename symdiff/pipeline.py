"""The stages from a plain function to the text of its gradient, in order.

frontend   the function's text becomes IR, specialised to kinds         (ssa)
transform  the IR becomes that of the gradient                          (adjoint)
passes     it is simplified, shared, pruned, and made to work in place  (optimised)
backend    it becomes Python text                                       (source)
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, NamedTuple

from symdiff.analysis.counts import numbers_among
from symdiff.analysis.expense import expense
from symdiff.backend.emit import emit
from symdiff.backend.layout import fits_docstring
from symdiff.backend.load import resolve
from symdiff.backend.naming import OWN_T, label_of, preferred
from symdiff.backend.survey import survey
from symdiff.depth import with_room
from symdiff.derivation import Derivation, derivation_of, root_of
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.frontend.lower import Lowered, lower
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Equation, For, Function, Var, While, each_function, inner_params, walk,
)  # fmt: skip
from symdiff.ir.kinds import Array, Fixed, Float, Int, Kind, List, Record, is_continuous
from symdiff.ir.listing import listing
from symdiff.ir.renumber import renumber
from symdiff.ir.structure import Path, all_kinds, many_in, part_text, parts_of
from symdiff.passes import (
    ahead, dead, dots, elements, floats, gather, inplace, items, optimise, ordered, picked,
    read_once, rebound, sides, simplify, spell_out, views, where_made, with_beginnings,
    without_stops,
)  # fmt: skip
from symdiff.records import replace
from symdiff.transform.write_out import write_out
from symdiff.request import Built, Emitted, Mode, Request
from symdiff.structures import counts
from symdiff.transform.along import (
    along_inputs, check_numbers, is_surely_cheaper, suits_forward,
)  # fmt: skip
from symdiff.transform.batch import over_batch
from symdiff.transform.blocks import in_blocks
from symdiff.transform.branchless import branchless
from symdiff.transform.elimination import eliminated
from symdiff.transform.elimination import multiplications as count_multiplications
from symdiff.transform.equations import is_smooth
from symdiff.transform.forward import tangents
from symdiff.transform.handing import handed_over
from symdiff.transform.inputs import Input, inputs_of, others_of
from symdiff.transform.nested import worked_out
from symdiff.transform.reverse import active_in, gradient
from symdiff.transform.rows import rows

__all__ = ["STAGES", "build", "derivative_of", "integers_as_floats", "multiplications"]

Place = tuple[str, Path]  # a part of a parameter

_REVERSE = ("grad", "value_and_grad", "vjp", "jacrev")
STAGES = ("ssa", "active", "adjoint", "optimised", "source")


def build(request: Request) -> Built:
    """Run all stages.

    Raises `DifferentiationError` with every problem that the first failing stage found.
    """
    with _no_collection():
        return with_room(partial(_build, request))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking again and again through what grows here,
    none of which is garbage: for a long function that is a fifth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def derivative_of(request: Request) -> Function:
    """The IR of a derivative, before it is made to work in place."""
    lowered, primal, names = _lowered(request)
    inputs = inputs_of(primal, _chosen(primal, request))
    return _derivative(lowered, primal, names, inputs, request).optimised


class _Made(NamedTuple):
    """A function as it was made, and optimised."""

    function: Function
    optimised: Function


def _made(function: Function) -> _Made:
    function = _whole(function)
    return _Made(function, optimise(function))


def _whole(function: Function) -> Function:
    """With the inner derivatives and what is handed to libraries written out."""
    return handed_over(worked_out(function))


_CLEARLY = 1.3  # before the passes; of 360 programs it then misjudges two, by 12%


def _made_of_cheaper(*functions: Function) -> _Made:
    """The one that takes less time; most often that shows when what is dead is gone."""
    begun = [each_function(function, dead) for function in functions]
    costs = list(map(expense, begun))
    left = [k for k, cost in enumerate(costs) if cost <= _CLEARLY * min(costs)]
    made = [_Made(functions[k], optimise(begun[k])) for k in left]
    return min(made, key=lambda each: expense(each.optimised))


_TOO_DEEP = "\n" + 100 * "    "  # Python takes less


def _build(request: Request) -> Built:
    lowered, primal, inputs, names = _primal(request)
    if request.mode == "primal":
        taken = {external.name for external in primal.externals}
        apart = f"{primal.name}_value" if primal.name in taken else primal.name
        made = _made(replace(primal, name=apart, doc=None))
    else:
        made = _derivative(lowered, primal, names, inputs, request)
    if request.batch is not None:
        batch, ndim = request.batch
        made = _made(over_batch(made.optimised, names, dict(batch), ndim))
    optimised = made.optimised
    if request.target == "python":
        optimised = gather(optimised)
        optimised = each_function(optimised, lambda f: sides(elements(dots(f))))
        if request.mode != "primal":
            optimised = floats(optimised)
    # Loops over elements read a view anew, out of the array as it was when it was taken.
    optimised = inplace(
        optimised,
        own_returns=request.mode != "primal",
        by_places=request.target == "python",
    )
    last = each_function(optimised, lambda f: spell_out(without_stops(f)))
    if request.target == "python":
        last = each_function(last, lambda f: items(views(f)))
    else:
        from symdiff.targets import fitted  # loaded only for a compiler

        last = fitted(last, request.target, request.statics)
    emitted: Emitted
    if request.target == "c":
        from symdiff.backend.c import emit_c

        emitted = emit_c(last, _results(inputs, request), _outside(last, request))
    else:
        emitted = emit(last, request.target, single=request.unroll)
        if _TOO_DEEP in emitted.source:
            message = "the derivative of this function nests too deeply for Python"
            help = "of many returns one after the other, put some into one test"
            raise DifferentiationError((Diagnostic(message, primal.span, help),))
    active = partial(active_in, primal, inputs, request.has_aux)
    stages = _Stages(primal, active, made.function, optimised, emitted.source)
    return Built(emitted, stages, lowered.written, lowered.compared)


def _results(inputs: list[Input], request: Request) -> list[str]:
    """What a C function calls the places for its results."""
    found = [f"grad_{preferred(label_of(each.param))}" for each in inputs]
    return ["value", *found] if request.mode == "value_and_grad" else found


def _outside(function: Function, request: Request) -> Mapping[str, Any]:
    """The values of outer names, which C has as literals."""
    functions = survey([request.function], []).functions
    return resolve(function.externals, functions, request.function, request.statics)


def _primal(request: Request) -> tuple[Lowered, Function, list[Input], Names]:
    """The function, and what it is differentiated by."""
    lowered, primal, names = _lowered(request)
    floats = integers_as_floats(primal, request)
    if floats:
        lowered, primal, names = _lowered(request, floats)
    if request.checkpoint:
        primal = in_blocks(primal, names, request.checkpoint)
    if request.indicators:
        primal = simplify(branchless(primal, names, "indicators"))
    elif request.mode == "jacobian":
        primal = simplify(branchless(primal, names, "choices"))
    return lowered, primal, inputs_of(primal, _chosen(primal, request), floats), names


def multiplications(request: Request) -> dict[str, int]:
    """How many multiplications the Jacobian takes in each order of elimination."""
    _, primal, inputs, _ = _primal(request)
    return count_multiplications(primal, inputs)


def _derivative(
    lowered: Lowered, primal: Function, names: Names, inputs: list[Input], request: Request
) -> _Made:
    mode = request.mode
    assert mode != "primal"
    made, made_for = derivation_of(request.function), _made_for(request)
    if mode == "jacobian":
        single = request.single and len(inputs) == 1

        def document(counts: Mapping[str, int]) -> str:
            counted = _counted(counts, request)
            return _docstring(lowered, inputs, mode, made_for, made, counted)

        return _made(eliminated(primal, names, inputs, single, request.order, document))

    def documented(more: str = "") -> str:
        return _docstring(lowered, inputs, mode, made_for, made, more)

    if mode == "jvp":
        return _made(tangents(primal, names, inputs, documented(), request.has_aux))
    if mode == "jacfwd":
        check_numbers(primal, inputs)
        doc = documented()
        options = mode, False, doc, request.has_aux
        return _made(along_inputs(primal, names, inputs, *options))
    single = request.single and len(inputs) == 1 and mode != "vjp"
    if mode == "jacrev":
        return _made(rows(primal, names, inputs, single, documented()))
    if mode != "vjp" and request.order != "reverse" and not request.holomorphic:
        cheaper = _cheaper(primal, names, inputs, mode, documented, request)
        if cheaper is not None:
            return cheaper
    how = request.has_aux, request.holomorphic
    gradients = gradient(primal, names, inputs, mode, single, documented(), *how)
    return _made(gradients)


def _cheaper(
    primal: Function,
    names: Names,
    inputs: list[Input],
    mode: Literal["grad", "value_and_grad"],
    documented: Callable[[str], str],
    request: Request,
) -> _Made | None:
    """The gradient in the mode that is asked for or the cheaper one; None where only
    reverse mode comes into question."""
    single = request.single and len(inputs) == 1
    call = inputs, mode, single, documented(_FORWARD), request.has_aux
    if request.order == "forward":
        check_numbers(primal, inputs)
        return _made(along_inputs(primal, names, *call))
    if not suits_forward(primal, inputs):
        return None
    try:
        forward = _whole(along_inputs(primal, Names.after(primal), *call))
    except DifferentiationError:  # a rule of the user's may be for one mode only
        return None
    if is_surely_cheaper(primal, inputs, request.has_aux):
        return _made_of_cheaper(forward)
    call = inputs, mode, single, documented(""), request.has_aux
    reverse = _whole(gradient(primal, Names.after(primal), *call))
    return _made_of_cheaper(reverse, forward)


def _lowered(
    request: Request, floats: Collection[Place] = ()
) -> tuple[Lowered, Function, Names]:
    lowered = lower(
        request.function,
        request.signature,
        request.statics,
        floats,
        request.unroll,
        request.exact,
        request.late,
        rounds=request.rounds,
    )
    # Rounds that were lowered twice leave dead values and gaps in the counting.
    function = each_function(lowered.function, _tidy)
    function = worked_out(function, _sweep(request))
    settled = each_function(function, lambda f: dead(simplify(f)))
    if request.target == "python":  # compiled code writes in place without a buffer
        settled = each_function(settled, rebound)
    if request.mode != "primal" and not request.checkpoint:
        settled = each_function(settled, write_out)
    settled = each_function(settled, lambda f: ahead(read_once(f)))
    return lowered, *renumber(settled, _bases(request, lowered, settled))


def _tidy(function: Function) -> Function:
    return with_beginnings(where_made(picked(ordered(dead(function)))))


def _sweep(request: Request) -> Literal["forward", "reverse"] | None:
    """Which sweep the program is made for."""
    if request.mode in ("primal", "jacobian"):
        return None
    by_rows = request.mode in _REVERSE and request.order != "forward"
    return "reverse" if by_rows else "forward"


def integers_as_floats(primal: Function, request: Request) -> set[Place]:
    """The integers in structures by which is differentiated as if they were floats."""
    places = others_of(primal, _chosen(primal, request))
    if not places:
        return set()
    numbers = numbers_among(primal, places, is_smooth)
    problems = [
        Diagnostic(
            f"`{part_text(*place)}` is {_what(var.kind)}, and the result depends on it",
            primal.span,
            "pass floats, or what is not differentiated as an argument of its own",
        )
        for var, place in places.items()
        if var in numbers and not _is_number(var.kind, place[1])
    ]
    if problems:
        raise DifferentiationError(problems)
    return {places[var] for var in numbers}


def _is_number(kind: Kind, path: Path) -> bool:
    """Whether a part is an integer, or one of each of many items."""
    if many_in(path) is not None and isinstance(kind, List):
        kind = kind.item
    return isinstance(kind, Int)


def _bases(request: Request, lowered: Lowered, settled: Function) -> Mapping[Var, str]:
    """The names of values; a `t` of the user's is marked, it is no temporary."""
    code, function = request.function.__code__, lowered.function
    params = {p.var: p.var.base for p in function.params}  # whatever is bound to them
    if "t" not in (*code.co_varnames, *code.co_cellvars):
        return {**lowered.bases, **_handed_on(settled, lowered.bases), **params}
    bases: dict[Var, str] = {}
    for node in walk(function.body):
        if not isinstance(node, Equation):  # regions hand on variables only
            bases.update((v, v.base) for v in (*inner_params(node), *node.results))
    bases |= {**lowered.bases, **params}
    return {var: OWN_T if base == "t" else base for var, base in bases.items()}


def _handed_on(function: Function, bases: Mapping[Var, str]) -> dict[Var, str]:
    """What loops carry without a name, as an attribute, is called as its next value is."""
    found: dict[Var, str] = {}
    for node in walk(function.body):
        if isinstance(node, (For, While)):
            rows = zip(node.carried, node.results, node.yields, strict=True)
            for carried, result, end in rows:
                base = bases.get(end, end.base) if isinstance(end, Var) else "t"
                if carried.base == "t" and carried not in bases and base != "t":
                    found[carried] = found[result] = base
    return found


def _chosen(function: Function, request: Request) -> list[Var]:
    """The parameters to differentiate with respect to."""
    params = [p.var for p in function.params]
    if request.mode == "primal":
        return []
    if request.argnums is None:
        found = [v for v in params if _is_input(v.kind)]
        if not found:
            message = f"`{function.name}` has no parameter that could be differentiated"
            raise DifferentiationError(
                Diagnostic(message, function.span, "say what they are: --types")
            )
        return found
    chosen = [params[k] for k in request.argnums]
    problems = [
        Diagnostic(
            f"`{preferred(label_of(var))}` is {_what(var.kind)} "
            "and cannot be differentiated",
            function.span,
            "differentiate with respect to floats and float arrays",
        )
        for var in chosen
        if not _is_input(var.kind)
    ]
    if problems:
        raise DifferentiationError(problems)
    return chosen


def _is_input(kind: Kind) -> bool:
    parts = parts_of(kind)
    if parts is None:
        return is_continuous(kind)
    return any(_is_input(item) or isinstance(item, Int) for _, item in parts)


def _what(kind: Kind) -> str:
    if isinstance(kind, Array):
        return f"an array of {kind.dtype}"
    return f"a value of kind {kind}"


_FORWARD = "In forward mode."
_MOST_SHOWN = 4  # in a docstring
_WHAT = {
    "grad": "Gradient", "value_and_grad": "Value and gradient",
    "jvp": "Value and tangent", "vjp": "Value and adjoints",
    "jacfwd": "Value and Jacobian by columns", "jacrev": "Jacobian",
    "jacobian": "Jacobian",
}  # fmt: skip


def _made_for(request: Request) -> str:
    """The numbers and lengths that the code is made for, as a sentence."""
    found = [f"{n} = {v}" for n, v in request.statics.items() if counts(v)]
    for name, kind in request.signature.items() if request.exact else ():
        for path, each in all_kinds(kind) if kind is not None else ():
            text = part_text(name, path)
            if isinstance(each, Array) and all(isinstance(d, int) for d in each.dims):
                found.append(f"{text} of shape {each.dims}")
            elif isinstance(each, Fixed) and counts(each.value):
                found.append(f"{text} = {each.value}")
            elif isinstance(each, Record) and each.cls is list:
                found.append(f"{text} of length {len(each.items)}")
    if not found:
        return ""
    form = "Written out" if request.unroll else "Made"
    cut = " and so on" if len(found) > _MOST_SHOWN else ""
    return f"{form} for {', '.join(found[:_MOST_SHOWN])}{cut}."


def _counted(counts: Mapping[str, int], request: Request) -> str:
    others = (f"{order} {count}" for order, count in counts.items())
    order: str = request.order
    if order == "least":
        order = min(counts, key=counts.__getitem__)
    return f"Order of elimination: {order}. Multiplications: {', '.join(others)}."


def _docstring(
    lowered: Lowered,
    inputs: list[Input],
    mode: Mode,
    made_for: str,
    made: Derivation | None,
    more: str = "",
) -> str:
    function = lowered.function
    file = function.span.file.replace("\\", "/").rpartition("/")[2]
    names = ", ".join(preferred(label_of(each.param)) for each in inputs)
    what = _WHAT[mode]
    place = f"{file}:{function.span.line}"
    if made is not None:
        root = getattr(root_of(made.function), "__name__", "a function")
        place = f"derivative of {root}, {place}"
    first = f"{what} of {function.name} ({place}) with respect to {names}."
    rest = f"{more} Generated by symdiff.".lstrip()
    assumed = {n: k for n, k in lowered.guessed.items() if not isinstance(k, Float)}
    if assumed:
        listed = ", ".join(f"{name}: {kind}" for name, kind in assumed.items())
        rest = f"Assumed: {listed}. {rest}"
    if made_for:
        rest = f"{made_for} {rest}"
    return f"{first} {rest}" if fits_docstring(f"{first} {rest}") else f"{first}\n\n{rest}"


class _Stages(Mapping[str, str]):
    """The listing of each stage, made when it is asked for."""

    def __init__(
        self,
        primal: Function,
        active: Callable[[], set[Var]],
        adjoint: Function,
        optimised: Function,
        source: str,
    ) -> None:
        self._primal = primal
        self._active = active
        self._adjoint = adjoint
        self._optimised = optimised
        self._source = source

    def __getitem__(self, stage: str) -> str:
        if stage == "source":
            return self._source
        if stage == "adjoint":
            return listing(self._adjoint)
        if stage == "optimised":
            return listing(self._optimised)
        primal = self._primal
        if stage == "ssa":
            return listing(primal)
        if stage == "active":
            active = sorted(self._active(), key=str)
            return listing(primal) + "\nactive: " + ", ".join(map(str, active)) + "\n"
        raise KeyError(stage)

    def __iter__(self) -> Iterator[str]:
        return iter(STAGES)

    def __len__(self) -> int:
        return len(STAGES)
