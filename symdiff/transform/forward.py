"""Forward mode: a primal function becomes one that carries tangents along.

After each equation v = f(u, …) comes v_dot = sum of df/du * u_dot (Griewank & Walther,
Evaluating Derivatives, section 3.1). Values and tangents need no tape: both are
computed as the function runs.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.analysis.activity import active_vars
from symdiff.analysis.distances import distances
from symdiff.analysis.tapes import Tapes
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Compound, Const, Equation, For, Function, If, Iteration, Parameter, Tree,
    Undef, Var, While, atoms_of, kind_of, leaves,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import (
    Array, Complex, Kind, List, Tuple, derivative_kind, is_number,
)  # fmt: skip
from symdiff.ir.structure import Path
from symdiff.passes import fold
from symdiff.passes.folding.logistic import share_in
from symdiff.records import replace
from symdiff.rules import rule_of
from symdiff.rules.complex import takes_complex
from symdiff.rules.row import Zero, constant_in, in_kind
from symdiff.rules.shapes import zeros
from symdiff.transform.equations import (
    ON_TAPES, doubled, is_doubled, is_smooth, items_of_results, may_fail,
    no_rule,
)  # fmt: skip
from symdiff.transform.inputs import Input
from symdiff.transform.mixed import silenced, tangent_of_adjoint
from symdiff.transform.pairs import Signature, signatures
from symdiff.transform.results import results_of
from symdiff.transform.reverse import active_in, check_kinds
from symdiff.transform.stretches import Stretch, Stretches, Way

__all__ = ["Tangents", "pushed_on", "tangents"]

Chosen = tuple[int, Way]  # a place among values, and a direction along which it changes


def tangents(
    function: Function,
    names: Names,
    inputs: Sequence[Input],
    doc: str,
    has_aux: bool = False,
) -> Function:
    """The function that returns its value and the tangent of that, given the tangents
    of some parameters by name (`x_dot`).

    With `has_aux` the function returns a pair; only the first has a tangent, and what is
    returned are three things.

    Raises `DifferentiationError` with all operations that have no rule.
    """
    result, aux = results_of(function, has_aux)
    way = Way("dot", active_in(function, inputs, has_aux))
    sweep = Tangents(function, names, [way])
    given = _given(names, function, inputs)
    with sweep.build.block() as nodes:
        for each, dot in zip(inputs, given, strict=True):
            for path, var in each.leaves.items():
                way.dots[var] = dot if not path else sweep.part(dot, path, var)
        sweep.block(function.body)
        returns = sweep.dots_of_result(result, way)
        body = tuple(nodes)
    inner = sweep.finish()
    added = tuple(Parameter(var, None, "kw") for var in given)
    return replace(
        function,
        name=f"{function.name}_jvp",
        params=(*function.params, *added),
        body=body,
        returns=(result, returns, aux) if has_aux else (result, returns),
        doc=doc,
        functions=(*function.functions, *inner),
    )


def pushed_on(
    function: Function,
    names: Names,
    by: Sequence[tuple[Var, Atom]],
    of: Sequence[Atom],
) -> tuple[Block, list[Atom], list[Function]]:
    """The body of a function with tangents, those of its results in `of`, and what the
    functions that it runs become. `by` are parameters with their tangents.

    Raises `DifferentiationError` with all operations that have no rule.
    """
    inputs = [var for var, _ in by]
    active = active_vars(replace(function, returns=tuple(of)), inputs, is_smooth)
    way = Way("dot", active, dict(by))
    sweep = Tangents(function, names, [way])
    with sweep.build.block() as nodes:
        sweep.block(function.body)
        found = [sweep.dot(atom, way) for atom in of]
        body = tuple(nodes)
    return body, found, sweep.finish()


class Tangents:
    """Carries tangents in several directions through blocks. What is pushed on a tape is
    followed by its tangents. With `local` stretches of equations between numbers are
    summed up by their partial derivatives first: see `symdiff.transform.stretches`."""

    def __init__(
        self, function: Function, names: Names, ways: Sequence[Way], local: bool = False
    ) -> None:
        self.names, self.ways = names, ways
        self.active = set[Var]().union(*(way.active for way in ways))
        check_kinds(function, self.active)
        self.callees = signatures(function, self.active)
        self.build = Builder(names, fold)
        self.build.distances = distances(function.body, self.active)
        self.tapes = Tapes(function)
        self.stretches = Stretches(function, self.active, ways) if local else None
        self.taken: set[Var] = set()  # results that have been taken apart
        self.problems: list[Diagnostic] = []

    def finish(self) -> list[Function]:
        """The functions that those called recursively have become.

        Raises `DifferentiationError` if there were problems."""
        inner = [self.pair(each) for each in self.callees.values()]
        if self.problems:
            raise DifferentiationError(tuple(dict.fromkeys(self.problems)))
        return inner

    def part(self, dot: Var, path: Path, of: Var) -> Var:
        target = self.names.fresh(of.stem, "dot", _kind_of_dot(of))
        self.build.append(Equation(target, "part", (dot,), path))
        return target

    def pair(self, callee: Signature) -> Function:
        """A recursive function with the tangents of its active parameters and results."""
        function = callee.function
        inputs = [function.params[k].var for k in callee.params]
        taken = {(p.var.base, p.var.role) for p in function.params}
        given = [self.parameter(var, way, taken) for way in self.ways for var in inputs]
        results = tuple(leaves(function.returns))
        places = iter(given)
        with self.build.block() as nodes:
            for way in self.ways:
                way.dots.update((var, next(places)) for var in inputs)
            self.block(function.body)
            dots = tuple(
                self.dot(results[k], way) for way in self.ways for k in callee.results
            )
            return replace(
                function,
                name=_name(callee),
                params=(*function.params, *map(Parameter, given)),
                body=tuple(nodes),
                returns=(*results, *dots),
            )

    def parameter(self, var: Var, way: Way, taken: set[tuple[str, str]]) -> Var:
        """The tangent of a parameter, called otherwise than all others."""
        base, count = var.stem, 1
        while (base, way.role) in taken:
            base, count = f"{var.stem}{count}", count + 1
        taken.add((base, way.role))
        return self.names.fresh(base, way.role, _kind_of_dot(var))

    # -- tangents ---------------------------------------------------------------------

    def dot(self, atom: Atom, way: Way) -> Atom:
        """The tangent of a value, zeros where it has none."""
        known = way.dots.get(atom)
        if known is not None:
            return known
        kind = kind_of(atom)
        if isinstance(atom, Undef):
            return atom
        if isinstance(kind, (Array, List, Tuple, Complex)):
            return zeros(self.build, atom)
        return Const(0.0)

    def dots(self, atoms: Sequence[Atom], chosen: Sequence[Chosen]) -> tuple[Atom, ...]:
        return tuple(self.dot(atoms[k], way) for k, way in chosen)

    def dots_of_result(self, tree: Tree, way: Way) -> Tree:
        """The tangents of what is returned; None for what has no derivative, as a text."""
        if isinstance(tree, tuple):
            return tuple(self.dots_of_result(item, way) for item in tree)
        if isinstance(tree, Compound):
            items = tuple(self.dots_of_result(item, way) for item in tree.items)
            return replace(tree, items=items)
        kind = kind_of(tree)
        if tree in way.dots or is_number(kind) or isinstance(kind, (Array, List)):
            return constant_in(self.build, self.dot(tree, way), kind)
        return Const(None)

    def named(self, dot: Atom, of: Var, way: Way) -> Atom:
        """Name a tangent that was just computed after its value; one that has the name of
        another value, which is equal, keeps it."""
        nodes = self.build.nodes
        last = nodes[-1] if nodes else None
        if not isinstance(last, Equation) or last.target is not dot or dot.base != "t":
            return dot
        if dot.role == way.role:
            return dot
        target = self.names.fresh(of.stem, way.role, last.target.kind)
        nodes[-1] = self.build.definitions[target] = replace(last, target=target)
        return target

    # -- blocks -----------------------------------------------------------------------

    def block(self, block: Block) -> None:
        self.build.items.update(items_of_results(block))
        for node in block if self.stretches is None else self.stretches.of(block):
            if isinstance(node, Stretch):
                self.stretch(node)
                continue
            self.build.span = node.span
            if isinstance(node, Equation):
                self.equation(node)
            elif isinstance(node, If):
                self.branch(node)
            else:
                self.loop(node)

    def stretch(self, stretch: Stretch) -> None:
        """Equations between numbers, and the tangents of what is read after them."""
        try:
            summary = stretch.summed_up(self.build)
        except DifferentiationError as error:
            self.problems.extend(error.diagnostics)
            return
        with self.build.block() as nodes, self.build.temporaries("partial"):
            for target, weights in summary.weights:
                self.build.span = summary.spans[target]
                for way in self.ways:
                    if target not in way.active:
                        continue
                    dot = self.total(weights, way)
                    if dot is not None:
                        way.dots[target] = self.named(dot, target, way)
        self.build.nodes.extend(summary.arranged(nodes))

    def total(self, weights: Mapping[Any, Atom], way: Way) -> Atom | None:
        """The tangent of a value with such partial derivatives."""
        total: Atom | None = None
        for var, weight in weights.items():
            if var in way.dots:
                term = self.build.emit("mul", weight, way.dots[var])
                total = term if total is None else self.build.emit("add", total, term)
        return total

    def equation(self, eq: Equation) -> None:
        if eq.op in INVOKES and eq.params in self.callees:
            self.call(eq)
            return
        known = any(eq.target in way.dots for way in self.ways)
        if eq.op == "part" or eq.target not in self.active or known:
            self.build.append(eq)
            return
        if eq.op in ON_TAPES:
            self.build.append(self.pushed(eq) if eq.op == "push" else eq)
            return
        if eq.op == DERIVE:
            self.derived(eq)
            return
        if eq.op == "apply" and isinstance(eq.target.kind, Tuple):
            self.several(eq)
            return
        if eq.op == "item" and eq.target in self.taken:
            self.tangent(eq)
            return
        with self.build.block() as nodes:
            self.tangent(eq)
        if may_fail(eq) or any(eq.target in atoms_of(node) for node in nodes):
            self.build.append(eq)
            self.build.nodes.extend(nodes)
        else:
            # The tangent first: it reads what `x = x * y` or `u[i] = u[j]` overwrites.
            self.build.nodes.extend(nodes)
            self.build.append(eq)

    def derived(self, eq: Equation) -> None:
        """An adjoint and its tangents: see `symdiff.transform.mixed`."""
        assert eq.params.form == "reverse"
        target = eq.target
        for way in self.ways:
            if target in way.active:
                way.dots[target] = tangent_of_adjoint(self.build, eq, way.dots)
                eq = replace(silenced(eq), target=self.fresh(target, way))

    def several(self, eq: Equation) -> None:
        """The tangents of several results at once, which may read the results."""
        self.build.append(eq)
        for place in range(len(eq.target.kind.items)):  # type: ignore[attr-defined]
            item = self.build.items.get((eq.target, place))
            if item is not None:
                self.build.append(Equation(item, "item", (eq.target,), place, eq.span))
                self.taken.add(item)
        self.tangent(eq)

    def tangent(self, eq: Equation) -> None:
        """Compute the tangents of a value."""
        rule, target = rule_of(eq), eq.target
        if isinstance(rule, Zero):
            return
        if rule is None:
            self.problems.append(no_rule(eq))
            return
        if is_doubled(eq):
            eq, rule = doubled(eq)
        self.build.known = share_in(self.build, eq)
        for way in self.ways:
            if target not in way.active:
                continue
            dots = tuple(way.dots.get(arg) for arg in eq.args)
            try:
                dot = rule.jvp(self.build, eq, dots)
            except DifferentiationError as error:
                self.problems.extend(error.diagnostics)
                return
            if dot is not None:
                dot = in_kind(self.build, dot, target.kind, takes_complex(eq))
                way.dots[target] = self.named(dot, target, way)

    def branch(self, node: If) -> None:
        chosen = [
            (k, way)
            for way in self.ways
            for k, var in enumerate(node.results)
            if way.goes(var)
        ]
        sides = []
        for block, yields in (
            (node.then, node.then_yields),
            (node.orelse, node.else_yields),
        ):
            with self.build.block() as nodes:
                self.block(block)
                dots = self.dots(yields, chosen)
                sides.append((tuple(nodes), dots))
        results = self.made(node.results, chosen)
        self.build.append(
            replace(
                node,
                then=sides[0][0],
                orelse=sides[1][0],
                results=(*node.results, *results),
                then_yields=(*node.then_yields, *sides[0][1]),
                else_yields=(*node.else_yields, *sides[1][1]),
            )
        )
        self.know(node.results, chosen, results)

    def loop(self, node: For | While) -> None:
        slots = list(enumerate(zip(node.carried, node.results, strict=True)))
        chosen = [
            (k, way)
            for way in self.ways
            for k, (var, result) in slots
            if way.goes(var) or way.goes(result)
        ]
        inits = self.dots(node.inits, chosen)
        carried = self.made(node.carried, chosen)
        results = self.made(node.results, chosen)
        self.know(node.carried, chosen, carried)
        changes: dict[str, Any] = {}
        if isinstance(node, For):
            changes = self.entries(node)
        else:
            with self.build.block() as nodes:
                self.block(node.test)
                changes["test"] = tuple(nodes)
        with self.build.block() as nodes:
            self.block(node.body)
            yields = self.dots(node.yields, chosen)
            changes["body"] = tuple(nodes)
        self.build.append(
            replace(
                node,
                carried=(*node.carried, *carried),
                inits=(*node.inits, *inits),
                yields=(*node.yields, *yields),
                results=(*node.results, *results),
                **changes,
            )
        )
        self.know(node.results, chosen, results)

    def fresh(self, var: Var, way: Way) -> Var:
        return self.names.fresh(var.stem, way.role, _kind_of_dot(var))

    def made(self, values: Sequence[Var], chosen: Sequence[Chosen]) -> tuple[Var, ...]:
        """New tangents of some of the values."""
        return tuple(self.fresh(values[k], way) for k, way in chosen)

    def know(
        self, values: Sequence[Var], chosen: Sequence[Chosen], dots: Sequence[Var]
    ) -> None:
        """Take note of the tangents of some of the values."""
        for (k, way), dot in zip(chosen, dots, strict=True):
            way.dots[values[k]] = dot

    # -- tapes ------------------------------------------------------------------------

    def pushed(self, eq: Equation) -> Equation:
        """An entry with the tangents of those of its values that are read."""
        cells = self.tapes.positions(eq.target)
        dots = [
            self.dot(atom, way)
            for way in self.ways
            for cell, atom in zip(cells, eq.args[1:], strict=False)
            if any(map(way.goes, cell.read))
        ]
        return eq.with_args((*eq.args, *dots))

    def entries(self, node: For) -> dict[str, Any]:
        """The targets of a loop over tapes, those with the tangents of others last."""
        rows = []
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            cells = self.tapes.positions(tape)
            chosen = [
                (place, way)
                for way in self.ways
                for place, (cell, _) in enumerate(zip(cells, targets, strict=False))
                if any(map(way.goes, cell.read))
            ]
            dots = self.made(targets, chosen)
            self.know(targets, chosen, dots)
            rows.append((tape, (*targets, *dots), k in node.iteration.ahead))
        if not rows:
            return {}
        found = tuple(var for _, row, _ in rows for var in row)
        shapes = [(tape, len(row), ahead) for tape, row, ahead in rows]
        return {"targets": found, "iteration": Iteration.over(shapes)}

    # -- calls of recursive functions -------------------------------------------------

    def call(self, eq: Equation) -> None:
        """Run the function that gives the tangents of its results too."""
        callee = self.callees[eq.params]
        given = [self.dot(eq.args[k], way) for way in self.ways for k in callee.params]
        several = isinstance(callee.function.returns, tuple)
        kind = eq.target.kind
        kinds = kind.items if several and isinstance(kind, Tuple) else (kind,)
        dot_kinds = [derivative_kind(kinds[k]) for k in callee.results]
        whole = self.names.fresh("t", "", Tuple((*kinds, *dot_kinds * len(self.ways))))
        args = (*eq.args, *given)
        self.build.append(Equation(whole, eq.op, args, _name(callee), eq.span))
        base, places = eq.target.stem, itertools.count(len(kinds))
        dots = [
            {
                k: self.build.define(
                    "item", whole, params=next(places), base=base, role=way.role
                )
                for k in callee.results
            }
            for way in self.ways
        ]
        if not several:
            self.build.append(replace(eq, op="item", args=(whole,), params=0))
            for way, of_way in zip(self.ways, dots, strict=True):
                way.dots[eq.target] = of_way[0]
            return
        items = [
            self.build.define("item", whole, params=k, base=eq.target.base)
            for k in range(len(kinds))
        ]
        self.build.append(replace(eq, op="tuple", args=tuple(items), params=None))
        for way, of_way in zip(self.ways, dots, strict=True):
            rows = [of_way.get(k) or self.dot(items[k], way) for k in range(len(kinds))]
            way.dots[eq.target] = self.build.define("tuple", *rows)


def _given(names: Names, function: Function, inputs: Sequence[Input]) -> list[Var]:
    """The parameters for tangents: that of x is `x_dot`, unless it has one of its own."""
    taken = {each.var.base for each in function.params}
    given = []
    for each in inputs:
        base = each.param.stem
        while f"{base}_dot" in taken:
            base += "_"
        taken.add(f"{base}_dot")
        given.append(names.fresh(base, "dot", each.param.kind))
    return given


def _name(callee: Signature) -> str:
    return f"{callee.function.name}_jvp"


def _kind_of_dot(var: Var) -> Kind:
    return derivative_kind(var.kind)
