"""Jacobians of programs of numbers, by eliminating vertices of the computational graph.

An edge from u to v carries the partial derivative of v by u. Eliminating a vertex joins
each of its predecessors to each of its successors, which takes one multiplication per
pair; what is left in the end are edges from inputs to results, the Jacobian. From the
first vertex to the last this is forward mode, from the last to the first reverse mode;
other orders may take fewer multiplications, and the best one is hard to find (Griewank &
Reese 1991; Griewank & Walther, Evaluating Derivatives, chapter 9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Compound, Const, Equation, Function, Node, Tree, Var, defined_by, leaves,
)  # fmt: skip
from symdiff.ir.kinds import NONE, Float, is_number
from symdiff.passes import fold
from symdiff.records import replace
from symdiff.request import Order
from symdiff.transform.inputs import Input
from symdiff.transform.vertices import ONE, Vertices
from symdiff.transform.reverse import active_in, check_kinds

__all__ = ["eliminated", "multiplications"]

# Of vertices that cost the same the first or the last may go: both are tried.
TACTICS: dict[str, tuple[str, ...]] = {
    "markowitz": ("markowitz first", "markowitz last"),
    "forward": ("forward",),
    "reverse": ("reverse",),
}


def eliminated(
    function: Function,
    names: Names,
    inputs: Sequence[Input],
    single: bool,
    order: Order,
    doc: Callable[[Mapping[str, int]], str],
) -> Function:
    """The function that returns the Jacobian: for each number among the results of the
    primal one for each number among the inputs.

    `doc` makes the docstring from how many multiplications each order takes. Raises
    `DifferentiationError` for what is no straight list of equations between numbers.
    """
    graph = _Graph(function, names, inputs)
    counts, tactics = _tried(graph)
    cheapest = min(counts, key=counts.__getitem__)
    with graph.build.block() as nodes:
        graph.eliminate(tactics[cheapest if order == "least" else order])
    rows = iter(graph.rows(inputs, single))
    return replace(
        function,
        name=f"{function.name}_jacobian",
        body=(*graph.body, _marker(names), *nodes),
        returns=_like(function.returns, lambda: next(rows)),
        doc=doc(counts),
    )


def multiplications(function: Function, inputs: Sequence[Input]) -> dict[str, int]:
    """How many multiplications the elimination takes in each order."""
    return _tried(_Graph(function, Names.after(function), inputs))[0]


def _tried(graph: _Graph) -> tuple[dict[str, int], dict[str, str]]:
    """The multiplications that each order takes, and the tactic for that."""
    counts, best = {}, {}
    for order, tactics in TACTICS.items():
        tried = {each: graph.copy().eliminate(each) for each in tactics}
        best[order] = min(tried, key=tried.__getitem__)
        counts[order] = tried[best[order]]
    return counts, best


def _like(tree: Tree, row: Callable[[], Tree]) -> Tree:
    """The results with a row of the Jacobian in place of each number."""
    if isinstance(tree, tuple):
        return tuple(_like(item, row) for item in tree)
    if isinstance(tree, Compound):
        return replace(tree, items=tuple(_like(item, row) for item in tree.items))
    return row()


def _marker(names: Names) -> Equation:
    note = names.fresh("note", "", NONE)
    return Equation(note, "comment", (), "partial derivatives, multiplied together")


class _Graph(Vertices):
    """The linearised program. A vertex is a value, or the number of a result."""

    def __init__(self, function: Function, names: Names, inputs: Sequence[Input]) -> None:
        super().__init__(Builder(names, fold))
        self.inputs = {var: None for each in inputs for var in each.leaves.values()}
        active = active_in(function, inputs)
        check_kinds(function, active)
        _check(function, active, self.inputs)
        problems: list[Diagnostic] = []
        with self.build.block() as nodes:
            for node in function.body:
                assert isinstance(node, Equation)
                self.build.append(node)
                if node.target in active and node.target not in self.inputs:
                    self.inner.append(node.target)
                    try:
                        self.partials(node, active)
                    except DifferentiationError as error:
                        problems.extend(error.diagnostics)
        if problems:
            raise DifferentiationError(tuple(dict.fromkeys(problems)))
        self.body: tuple[Node, ...] = tuple(nodes)
        self.results = tuple(leaves(function.returns))
        for number, atom in enumerate(self.results):
            self.before[number] = {}
            if isinstance(atom, Var) and atom in active:
                self.join(atom, number, ONE)

    def named(self, partial: Atom, of: object, target: object, count: int) -> Atom:
        """Call what was computed since there were so many equations after the two values
        that it is the derivative of."""
        last = self.build.nodes[-1] if len(self.build.nodes) > count else None
        if not isinstance(last, Equation) or last.target is not partial:
            return partial
        assert isinstance(of, Var)
        above = target.base if isinstance(target, Var) else self._result(target)
        base, role = (f"d{name}".removesuffix("'") for name in (above, of.base))  # t' is t
        name = self.build.names.fresh(base, role, last.target.kind)
        self.build.nodes[-1] = self.build.definitions[name] = replace(last, target=name)
        return name

    def _result(self, number: object) -> str:
        """What a result is called."""
        atom = self.results[number] if isinstance(number, int) else None
        return atom.base if isinstance(atom, Var) and atom.base != "t" else "out"

    # -- the Jacobian -----------------------------------------------------------------

    def rows(self, inputs: Sequence[Input], single: bool) -> list[Tree]:
        """For each number among the results the derivatives, in the form of the inputs."""
        found: list[Tree] = []
        for number in range(len(self.results)):
            row = self.before[number]
            parts = tuple(each.gradient(self.build, _final(row)) for each in inputs)
            found.append(parts[0] if single else parts)
        return found


def _final(row: Mapping[object, Atom]) -> Callable[[Var], Atom]:
    """What one row of the Jacobian holds for an input."""
    return lambda var: row.get(var, Const(0.0))


def _check(function: Function, active: set[Var], inputs: Mapping[Var, None]) -> None:
    """Refuse what is no straight list of equations between numbers."""
    problems = []
    for var in inputs:
        if not isinstance(var.kind, Float):
            message = f"`{var.base}` is no number ({var.kind}): vertices are numbers"
            help = "pass its entries as a list or tuple"
            problems.append(Diagnostic(message, function.span, help))
    for node in function.body:
        if not isinstance(node, Equation):
            if not active.isdisjoint(defined_by(node)):
                message = "a branch that depends on the data has no fixed graph"
                help = "use an expression: a if condition else b"
                problems.append(Diagnostic(message, node.span, help))
        elif node.target in active and node.target not in inputs:
            if not isinstance(node.target.kind, Float):
                message = f"this is no number ({node.target.kind}): vertices are numbers"
                problems.append(Diagnostic(message, node.span, "use floats and lists"))
    for atom in leaves(function.returns):
        kind = atom.kind if isinstance(atom, Var) else None
        if kind is not None and not is_number(kind):
            message = f"`{function.name}` returns more than numbers ({kind})"
            help = "return numbers, or tuples, lists and dicts of them"
            problems.append(Diagnostic(message, function.span, help))
    if problems:
        raise DifferentiationError(tuple(dict.fromkeys(problems)))
