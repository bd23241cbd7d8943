"""Loops in blocks, for less memory: reverse mode keeps the state at the start of each
block, and runs a block again when it comes to it.

With s blocks of n rounds that is s states and the tape of n / s rounds, for one more
evaluation; with blocks of blocks less of both, for one more each (Griewank & Walther,
Evaluating Derivatives, section 12.2: multilevel checkpointing with uniform steps).
"""

from __future__ import annotations


from symdiff.analysis.regions import lengths_that_vary
from symdiff.checkpoints import Checkpoints, Kept
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Iteration, Node, Parameter, Var,
    defined_by, inner_params, kind_of, used_in_block, walk,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import INT, Array, Bool, Int, Kind, List, Size, Tuple, is_number
from symdiff.ir.rerun import unrepeatable
from symdiff.ir.renumber import renumber
from symdiff.passes import fold
from symdiff.records import replace
from symdiff.transform.schedule import with_schedule

__all__ = ["in_blocks"]


def in_blocks(function: Function, names: Names, how: Checkpoints) -> Function:
    """The function with its outermost loops in so many blocks, those in blocks in turn for
    each further count, or with so much of their states kept. A count of 0 stands for the
    root of the number of rounds.

    Raises `DifferentiationError` if there is no loop that blocks can be made of.
    """
    work = _Blocks(function, names)
    body = work.block(function.body, how)
    if not work.made:
        message = f"no loop of `{function.name}` can be run in blocks"
        help = (
            "checkpoint= is for loops over ranges and sequences without `break`, which "
            "draw no random numbers"
        )
        raise DifferentiationError(Diagnostic(message, function.span, help))
    return replace(function, body=body)


class _Blocks:
    def __init__(self, function: Function, names: Names) -> None:
        self.function, self.names = function, names
        self.made = False

    def block(self, block: Block, how: Checkpoints) -> Block:
        found: list[Node] = []
        for node in block:
            if isinstance(node, If):
                then, orelse = self.block(node.then, how), self.block(node.orelse, how)
                found.append(replace(node, then=then, orelse=orelse))
            elif isinstance(node, For) and _fits(node):
                self.made = True
                if isinstance(how, Kept):
                    read = _read_from_outside(node)
                    found += with_schedule(node, self.function, self.names, how, read)
                else:
                    found += self.loop(node, how)
            else:
                found.append(node)
        return tuple(found)

    def loop(self, node: For, counts: tuple[int, ...]) -> Block:
        """The loop over blocks, after how long these are is computed."""
        build = Builder(self.names, fold)
        build.span = node.span
        first, end, step = node.iteration.args
        with build.block() as before:
            rounds = build.emit("sub", end, first)
            if step != Const(1):
                rounds = build.emit("neg", build.emit("floordiv", rounds, _minus(step)))
            rounds = build.emit("builtins.max", rounds, Const(1))
            if counts[0]:
                up = build.emit("add", rounds, Const(counts[0] - 1))
                size = build.emit("floordiv", up, Const(counts[0]), base="size")
            else:
                root = build.emit("math.sqrt", rounds)
                size = build.emit("builtins.int", root, base="size")
            stride = build.emit("mul", size, step)
        start = self.names.fresh("start", "", INT)
        carried = tuple(self.names.fresh(v.base, v.role, v.kind) for v in node.carried)
        with build.block() as body:
            ahead = build.emit("add", start, stride)
            nearer = "builtins.min" if _is_up(step) else "builtins.max"
            stop = build.emit(nearer, ahead, end)
            yields = self.again(build, node, (start, stop, step), carried, counts[1:])
        iteration = Iteration("range", (first, end, stride))
        outer = replace(
            node, targets=(start,), iteration=iteration, carried=carried,
            body=tuple(body), yields=yields,
        )  # fmt: skip
        return (*before, outer)

    def again(
        self,
        build: Builder,
        node: For,
        bounds: tuple[Atom, Atom, Atom],
        carried: tuple[Var, ...],
        counts: tuple[int, ...],
    ) -> tuple[Atom, ...]:
        """One block, which a reverse sweep runs again; what it hands on."""
        start, stop, step = bounds
        inner = self.names.fresh("start", "", INT), self.names.fresh("stop", "", INT)
        varying = lengths_that_vary(node)
        given = tuple(
            self.names.fresh(v.base, v.role, _entering(v.kind, varying)) for v in carried
        )
        loop = replace(node, iteration=Iteration("range", (*inner, step)), inits=given)
        outside = _read_from_outside(node)
        params = tuple(map(Parameter, (*inner, *given, *outside)))
        results = node.results
        body: Block = self.loop(loop, counts) if counts else (loop,)
        name = f"{self.function.name}_block"
        assert self.function.span is not None
        block = Function(name, params, body, results, node.span or self.function.span)
        # The parameters have the names of the values outside: give all of it new ones.
        block, _ = renumber(block, {}, self.names)
        args = (start, stop, *carried, *outside)
        target = self.names.fresh("t", "", Tuple(tuple(v.kind for v in results)))
        derivative = Derivative("again", block, (), ())
        build.append(Equation(target, DERIVE, args, derivative, node.span))
        return tuple(
            build.define("item", target, params=k, base=v.base)
            for k, v in enumerate(results)
        )


def _entering(kind: Kind, varying: set[str]) -> Kind:
    """The kind of what a block begins with: no length that rounds change is that of the
    rounds to come."""
    if not isinstance(kind, Array):
        return kind
    dims = (
        replace(d, symbol=f"{d.symbol} before")
        if isinstance(d, Size) and d.symbol in varying
        else d
        for d in kind.dims
    )
    return replace(kind, dims=tuple(dims))


def _minus(step: Atom) -> Const:
    assert isinstance(step, Const)
    return Const(-step.value)


def _is_up(step: Atom) -> bool:
    return isinstance(step, Const) and step.value > 0


def _fits(node: For) -> bool:
    """Whether the rounds can be counted off in blocks."""
    if node.iteration.form != "range" or node.leave is not None:
        return False
    step = node.iteration.args[2]
    if not isinstance(step, Const) or not node.carried:
        return False
    calls = any(isinstance(n, Equation) and n.op in INVOKES for n in walk(node.body))
    calls = calls or unrepeatable(node.body) is not None
    values = (*node.carried, *node.inits, *_read_from_outside(node))
    return not calls and all(_is_plain(kind_of(v)) for v in values)


def _read_from_outside(node: For) -> tuple[Var, ...]:
    """What the rounds read that is neither made by them nor carried, in a fixed order."""
    own = {*node.targets, *node.carried}
    for each in walk(node.body):
        own.update((*inner_params(each), *defined_by(each)))
    used = used_in_block(node.body)
    used.update(a for a in node.yields if isinstance(a, Var))
    return tuple(sorted(used - own, key=str))


def _is_plain(kind: Kind) -> bool:
    return is_number(kind) or isinstance(kind, (Array, Bool, Int, List))
