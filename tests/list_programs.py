"""Small functions on lists, written as IR, and their gradients against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from memory_interpreter import Interpreter

from symdiff.analysis.beside import Beside
from symdiff.backend.emit import emit
from symdiff.errors import Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, For, Function, If, Index, Iteration, Parameter, Var
from symdiff.ir.kinds import FLOAT, INT, Array, Int, Kind, List, Size, join
from symdiff.ir.renumber import renumber
from symdiff.ir.verify import verify, verify_in_place
from symdiff.passes import dead, inplace, optimise, simplify, spell_out
from symdiff.transform.inputs import inputs_of
from symdiff.transform.reverse import gradient

SPAN = Span("model.py", 1, 0, 1, 10)
AT, BOTH = Index(("at",)), Index(("at", "at"), True)
VECTOR = Array("float64", (Size("x.0", 0, True),))
FLOATS, ROWS = List(FLOAT, Size("xs.0")), List(List(FLOAT), Size("c.0"))
N = Int(Size("n"))


def atom(value: Any) -> Atom:
    return value if isinstance(value, (Var, Const)) else Const(value)


class Program:
    """Writes one function. Values are named by `base`."""

    def __init__(self, **params: Kind) -> None:
        self.names = Names()
        self.build = Builder(self.names)
        self.build.span = SPAN
        self.params = [self.names.fresh(n, "", k) for n, k in params.items()]

    def __call__(self, op: str, *args: Any, base: str = "t", params: Any = None) -> Var:
        atoms = tuple(map(atom, args))
        return self.build.define(op, *atoms, params=params, base=base)

    def get(self, u: Var, *index: Any, base: str = "t") -> Var:
        return self("getitem", u, *index, base=base, params=_index(index))

    def set(self, u: Var, *args: Any, op: str = "setitem") -> Var:
        return self(op, u, *args, base=u.base, params=_index(args[:-1]))

    def loop(
        self, stop: Any, inits: tuple[Var, ...], body: Callable[..., Any], start: Any = 0
    ) -> tuple[Var, ...]:
        """`for i in range(start, stop)`: body(i, *carried) gives the next values."""
        kinds = [v.kind for v in inits]
        index = self.names.fresh("i", "", INT)
        while True:
            carried = tuple(
                self.names.fresh(v.base, "", k) for v, k in zip(inits, kinds, strict=True)
            )
            with self.build.block() as nodes:
                ends = body(index, *carried)
                ends = ends if isinstance(ends, tuple) else (ends,)
            new = [join(k, e.kind) for k, e in zip(kinds, ends, strict=True)]
            if new == kinds:
                break
            kinds = new
        results = tuple(self.names.fresh(v.base, "", v.kind) for v in carried)
        steps = Iteration("range", (atom(start), atom(stop), Const(1)))
        self.build.append(
            For((index,), steps, carried, inits, tuple(nodes), ends, results, None, SPAN)
        )
        return results

    def choose(
        self, cond: Var, then: Callable[[], Any], orelse: Callable[[], Any]
    ) -> tuple[Var, ...]:
        sides = []
        for side in (then, orelse):
            with self.build.block() as nodes:
                ends = side()
            sides.append((tuple(nodes), ends if isinstance(ends, tuple) else (ends,)))
        (first, a), (second, b) = sides
        results = tuple(
            self.names.fresh(v.base, "", join(v.kind, w.kind))
            for v, w in zip(a, b, strict=True)
        )
        self.build.append(If(cond, first, second, results, a, b, SPAN))
        return results

    def function(self, result: Var) -> Function:
        params = tuple(Parameter(v) for v in self.params)
        made = Function("f", params, self.build.take(), result, SPAN)
        return made


def _index(atoms: Any) -> Index:
    return Index(("at",) * len(atoms), len(atoms) > 1)


def sources(made: Function, args: tuple[Any, ...]) -> tuple[str, str]:
    """The text of the function and of its gradient, verified on the way."""
    verify(made)
    primal, names = renumber(dead(simplify(made)), {})
    params = [p.var for p in primal.params if not isinstance(p.var.kind, Int)]
    inputs = inputs_of(primal, params)
    adjoint = gradient(primal, names, inputs, "grad", False, "Gradient.")
    verify(adjoint)
    texts = []
    for function, own in ((primal, False), (adjoint, True)):
        function = optimise(function)
        done = inplace(function, own_returns=own)
        verify(done)
        verify_in_place(done, Beside)
        want = Interpreter()(function, *copied(list(args)))
        assert repr(Interpreter(in_place=True)(done, *copied(list(args)))) == repr(want)
        texts.append(emit(spell_out(done)).source)
    return texts[0], texts[1]


def copied(value: Any) -> Any:
    if isinstance(value, list):
        return [copied(v) for v in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def entries(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, list):
        for k, v in enumerate(value):
            yield from entries(v, (*path, k))
    elif isinstance(value, np.ndarray):
        for k in np.ndindex(value.shape):
            yield (*path, k)
    elif isinstance(value, float):
        yield path


def changed(value: Any, path: tuple[Any, ...], by: float) -> Any:
    if not path:
        return value + by
    value = copied(value)
    value[path[0]] = changed(value[path[0]], path[1:], by)
    return value


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def check(made: Function, *args: Any, show: bool = False) -> str:
    """The gradient of a function against central differences; its text."""
    primal, text = sources(made, args)
    if show:
        print(primal, text, sep="\n")
    space: dict[str, Any] = {}
    exec(primal, space)
    exec(text, space)
    before = copied(list(args))
    found = space["f_grad"](*args)
    assert repr(before) == repr(list(args)), "an argument was changed"
    again = space["f_grad"](*args)
    assert repr(found) == repr(again)
    active = [k for k, a in enumerate(args) if not isinstance(a, int)]
    for place, bar in zip(active, found, strict=True):
        paths = list(entries(args[place]))
        assert list(entries(bar)) == paths, f"{bar} has another form than {args[place]}"
        for path in paths:
            step, values = 1e-6, []
            for by in (step, -step):
                given = copied(list(args))
                given[place] = changed(given[place], path, by)
                values.append(space["f"](*given))
            want = (values[0] - values[1]) / (2 * step)
            got = at(bar, path)
            assert abs(got - want) < 1e-6 * max(1.0, abs(want)), (path, got, want, text)
    return text


__all__ = ["AT", "BOTH", "FLOATS", "N", "ROWS", "VECTOR", "Program", "check"]
