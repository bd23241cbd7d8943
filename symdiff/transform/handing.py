"""What is handed to functions of libraries becomes functions of the program.

Integrals become calls of SciPy, and what was found by solving an equation is what was
found: from here on nothing is differentiated any more.
"""

from __future__ import annotations

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Block, Const, Equation, Function, If, Node, Var, While, leaves, used_in_block, walk,
)  # fmt: skip
from symdiff.ir.handed import HANDED, IMPLICIT, INTEGRAL, MOVED, Handed, Integral
from symdiff.ir.kinds import FLOAT, Array, Tuple
from symdiff.ir.listing import listing
from symdiff.ir.renumber import renumber
from symdiff.passes import optimise
from symdiff.records import replace
from symdiff.transform.nested import worked_out

__all__ = ["handed_over"]

_OPS = (HANDED, IMPLICIT, INTEGRAL, MOVED)
_ABSOLUTE = Const(1.49e-8)  # the tolerance of `scipy.integrate.quad`


def handed_over(function: Function) -> Function:
    """The program with what it hands over as functions of its own."""
    program = (function, *function.functions)
    if not any(_concerns(node) for each in program for node in walk(each.body)):
        return function
    work = _Work(function)
    inner = tuple(map(work.function, function.functions))
    outer = work.function(function)
    return replace(outer, functions=(*inner, *work.made.values()))


def _concerns(node: Node) -> bool:
    return isinstance(node, Equation) and node.op in _OPS


class _Work:
    """`made` are the functions that are handed over, by the names they have now."""

    def __init__(self, function: Function) -> None:
        self.program = function.functions
        self.taken = {function.name, *(each.name for each in function.functions)}
        self.made: dict[str, Function] = {}
        self.known: dict[str, str] = {}  # their names by what they compute

    def function(self, function: Function) -> Function:
        self.build = Builder(Names.after(function))
        return replace(function, body=self.block(function.body))

    def block(self, block: Block) -> Block:
        with self.build.block() as nodes:
            for node in block:
                self.node(node)
            return tuple(nodes)

    def node(self, node: Node) -> None:
        if isinstance(node, Equation):
            self.build.span = node.span
            self.equation(node)
        elif isinstance(node, If):
            then, orelse = self.block(node.then), self.block(node.orelse)
            self.build.append(replace(node, then=then, orelse=orelse))
        elif isinstance(node, While):
            test, body = self.block(node.test), self.block(node.body)
            self.build.append(replace(node, test=test, body=body))
        else:
            self.build.append(replace(node, body=self.block(node.body)))

    def equation(self, eq: Equation) -> None:
        if eq.op in (IMPLICIT, MOVED):
            self.build.append(Equation(eq.target, "stop", eq.args[:1], None, eq.span))
        elif eq.op == INTEGRAL:
            self.integral(eq)
        elif eq.op == HANDED:
            self.build.append(self.handed(eq))
        else:
            self.build.append(eq)

    def handed(self, eq: Equation) -> Equation:
        params: Handed = eq.params
        names: list[Function | str] = []
        captured: list[int] = []
        read = len(eq.args) - sum(params.captured)
        args = list(eq.args[:read])
        for each, count in zip(params.functions, params.captured, strict=True):
            some = eq.args[read : read + count]
            read += count
            if isinstance(each, Function):
                each, kept = self.named(each, count)
                some = tuple(some[k] for k in kept)
            names.append(each)
            args += some
            captured.append(len(some))
        params = replace(params, functions=tuple(names), captured=tuple(captured))
        return replace(eq, args=tuple(args), params=params)

    def integral(self, eq: Equation) -> None:
        """The call of `quad` or, for an integrand that is an array, `quad_vec`."""
        params: Integral = eq.params
        count = 2 + len(params.names)
        vector = isinstance(eq.target.kind, Array)
        names, plain = params.names, eq.args[:count]
        if vector and "epsabs" not in names:
            names, plain = (*names, "epsabs"), (*plain, _ABSOLUTE)
        calls = "_integrals" if vector else "_integral"
        kind = eq.target.kind
        if not params.derived:
            calls = f"scipy.integrate.{'quad_vec' if vector else 'quad'}"
            kind = Tuple((kind, FLOAT))
        captured = (len(eq.args) - count,)
        handed = Handed(calls, kind, names, (params.function,), (0,), captured)
        args = (*plain, *eq.args[count:])
        if params.derived:
            equation = Equation(eq.target, HANDED, args, handed, eq.span)
            self.build.append(self.handed(equation))
            return
        whole = self.build.names.fresh("t", "", kind)
        self.build.append(self.handed(Equation(whole, HANDED, args, handed, eq.span)))
        self.build.append(Equation(eq.target, "item", (whole,), 0, eq.span))

    def named(self, function: Function, captured: int) -> tuple[str, list[int]]:
        """The name under which a function is one of the program, and which of the values
        that it may read beside its arguments it does read: these come first there."""
        given = len(function.params) - captured
        own = optimise(worked_out(replace(function, functions=self.program)))
        outer, own = self.build, self.function(replace(own, functions=()))
        self.build = outer
        own = optimise(own)
        used = {*used_in_block(own.body), *leaves(own.returns)}
        first, read = own.params[:given], own.params[given:]
        kept = [k for k, param in enumerate(read) if param.var in used]
        own = replace(own, params=(*(read[k] for k in kept), *first))
        own, _ = renumber(own, _apart([param.var for param in own.params]))
        text = listing(replace(own, name=""))
        if text not in self.known:
            count, name = 1, function.name
            while name in self.taken:
                count += 1
                name = f"{function.name}{count}"
            self.taken.add(name)
            self.known[text] = name
            self.made[name] = replace(own, name=name, doc=None)
        return self.known[text], kept


def _apart(params: list[Var]) -> dict[Var, str]:
    """Names for parameters of which several have the same."""
    found: dict[Var, str] = {}
    taken: set[tuple[str, str]] = set()
    for var in params:
        base, count = var.base, 1
        while (base, var.role) in taken:
            base, count = f"{var.base}{count}", count + 1
        taken.add((base, var.role))
        found[var] = base
    return found
