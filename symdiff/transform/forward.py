"""Forward mode: a primal function becomes one that carries tangents along.

After each equation v = f(u, …) comes v_dot = sum of df/du * u_dot (Griewank & Walther,
Evaluating Derivatives, section 3.1). Values and tangents need no tape: both are
computed as the function runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symdiff.analysis.activity import active_vars
from symdiff.analysis.tapes import Tapes
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Compound, Const, Equation, For, Function, If, Iteration, Parameter, Tree,
    Undef, Var, While, atoms_of, kind_of, leaves,
)  # fmt: skip
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import FLOAT, Array, Kind, List, Tape, Tuple, is_number
from symdiff.ir.structure import Path
from symdiff.passes import fold
from symdiff.rules import rule_of
from symdiff.rules.row import Zero
from symdiff.rules.shapes import zeros
from symdiff.transform.inputs import Input
from symdiff.transform.pairs import Signature, signatures
from symdiff.transform.reverse import active_in, check_kinds, is_smooth, results_of
from symdiff.transform.equations import (
    ON_TAPES, doubled, is_doubled, items_of_results, no_rule,
)  # fmt: skip

__all__ = ["pushed_on", "tangents"]


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
    active = active_in(function, inputs, has_aux)
    check_kinds(function, active)
    callees = signatures(function, active)
    sweep = _Tangents(names, active, callees, Tapes(function))
    given = _given(names, function, inputs)
    body, returns = sweep.main(function, inputs, given, result)
    inner = [sweep.pair(each) for each in callees.values()]
    if sweep.problems:
        raise DifferentiationError(tuple(dict.fromkeys(sweep.problems)))
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
) -> tuple[Block, list[Atom]]:
    """The body of a function that runs no others, with tangents, and those of its results
    in `of`. `by` are parameters with their tangents.

    Raises `DifferentiationError` with all operations that have no rule.
    """
    inputs = [var for var, _ in by]
    active = active_vars(replace(function, returns=tuple(of)), inputs, is_smooth)
    check_kinds(function, active)
    sweep = _Tangents(names, active, {}, Tapes(function))
    with sweep.build.block() as nodes:
        sweep.dots.update(by)
        sweep.block(function.body)
        found = [sweep.dot(atom) for atom in of]
        if sweep.problems:
            raise DifferentiationError(tuple(dict.fromkeys(sweep.problems)))
        return tuple(nodes), found


class _Tangents:
    """Carries tangents through blocks; `dots` holds that of each active value. What is
    pushed on a tape is followed by its tangents."""

    def __init__(
        self,
        names: Names,
        active: set[Var],
        callees: dict[str, Signature],
        tapes: Tapes,
    ) -> None:
        self.names, self.active, self.callees = names, active, callees
        self.build = Builder(names, fold)
        self.tapes = tapes
        self.dots: dict[Atom, Atom] = {}
        self.taken: set[Var] = set()  # results that have been taken apart
        self.problems: list[Diagnostic] = []

    def main(
        self, function: Function, inputs: Sequence[Input], given: list[Var], result: Tree
    ) -> tuple[Block, Tree]:
        """The body with tangents, and the tangent of the result."""
        with self.build.block() as nodes:
            for each, dot in zip(inputs, given, strict=True):
                for path, var in each.leaves.items():
                    self.dots[var] = dot if not path else self.part(dot, path, var)
            self.block(function.body)
            returns = self.dots_of_result(result)
            return tuple(nodes), returns

    def part(self, dot: Var, path: Path, of: Var) -> Var:
        target = self.names.fresh(of.stem, "dot", _kind_of_dot(of))
        self.build.append(Equation(target, "part", (dot,), path))
        return target

    def pair(self, callee: Signature) -> Function:
        """A recursive function with the tangents of its active parameters and results."""
        function = callee.function
        inputs = [function.params[k].var for k in callee.params]
        given = [self.names.fresh(v.stem, "dot", _kind_of_dot(v)) for v in inputs]
        results = tuple(leaves(function.returns))
        with self.build.block() as nodes:
            self.dots.update(zip(inputs, given, strict=True))
            self.block(function.body)
            dots = tuple(self.dot(results[k]) for k in callee.results)
            return replace(
                function,
                name=_name(callee),
                params=(*function.params, *map(Parameter, given)),
                body=tuple(nodes),
                returns=(*results, *dots),
            )

    # -- tangents ---------------------------------------------------------------------

    def dot(self, atom: Atom) -> Atom:
        """The tangent of a value, zeros where it has none."""
        known = self.dots.get(atom)
        if known is not None:
            return known
        kind = kind_of(atom)
        if isinstance(atom, Undef):
            return atom
        if isinstance(kind, (Array, List, Tuple)):
            return zeros(self.build, atom)
        return Const(0.0)

    def dots_of_result(self, tree: Tree) -> Tree:
        """The tangents of what is returned; None for what has no derivative, as a text."""
        if isinstance(tree, tuple):
            return tuple(map(self.dots_of_result, tree))
        if isinstance(tree, Compound):
            return replace(tree, items=tuple(map(self.dots_of_result, tree.items)))
        kind = kind_of(tree)
        if tree in self.dots or is_number(kind) or isinstance(kind, (Array, List)):
            return self.dot(tree)
        return Const(None)

    def named(self, dot: Atom, of: Var) -> Atom:
        """Name a tangent that was just computed after its value."""
        nodes = self.build.nodes
        last = nodes[-1] if nodes else None
        if not isinstance(last, Equation) or last.target is not dot or dot.base != "t":
            return dot
        target = self.names.fresh(of.stem, "dot", last.target.kind)
        nodes[-1] = self.build.definitions[target] = replace(last, target=target)
        return target

    # -- blocks -----------------------------------------------------------------------

    def block(self, block: Block) -> None:
        self.build.items.update(items_of_results(block))
        for node in block:
            self.build.span = node.span
            if isinstance(node, Equation):
                self.equation(node)
            elif isinstance(node, If):
                self.branch(node)
            else:
                self.loop(node)

    def equation(self, eq: Equation) -> None:
        if eq.op in INVOKES and eq.params in self.callees:
            self.call(eq)
            return
        if eq.op == "part" or eq.target not in self.active or eq.target in self.dots:
            self.build.append(eq)
            return
        if eq.op in ON_TAPES:
            self.build.append(self.pushed(eq) if eq.op == "push" else eq)
            return
        if eq.op == "apply" and isinstance(eq.target.kind, Tuple):
            self.several(eq)
            return
        if eq.op == "item" and eq.target in self.taken:
            self.tangent(eq)
            return
        with self.build.block() as nodes:
            self.tangent(eq)
        if _may_fail(eq) or any(eq.target in atoms_of(node) for node in nodes):
            self.build.append(eq)
            self.build.nodes.extend(nodes)
        else:
            # The tangent first: it reads what `x = x * y` or `u[i] = u[j]` overwrites.
            self.build.nodes.extend(nodes)
            self.build.append(eq)

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
        """Compute the tangent of a value."""
        rule = rule_of(eq)
        if isinstance(rule, Zero):
            return
        if rule is None:
            self.problems.append(no_rule(eq))
            return
        if is_doubled(eq):
            eq, rule = doubled(eq)
        dots = tuple(self.dots.get(arg) for arg in eq.args)
        try:
            dot = rule.jvp(self.build, eq, dots)
        except DifferentiationError as error:
            self.problems.extend(error.diagnostics)
            return
        if dot is not None:
            self.dots[eq.target] = self.named(dot, eq.target)

    def branch(self, node: If) -> None:
        chosen = [k for k, var in enumerate(node.results) if self.has_dot(var)]
        sides = []
        for block, yields in (
            (node.then, node.then_yields),
            (node.orelse, node.else_yields),
        ):
            with self.build.block() as nodes:
                self.block(block)
                dots = tuple(self.dot(yields[k]) for k in chosen)
                sides.append((tuple(nodes), dots))
        results = tuple(self.fresh(node.results[k]) for k in chosen)
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
        self.dots.update(zip((node.results[k] for k in chosen), results, strict=True))

    def loop(self, node: For | While) -> None:
        chosen = [
            k
            for k, (var, result) in enumerate(zip(node.carried, node.results, strict=True))
            if self.has_dot(var) or self.has_dot(result)
        ]
        inits = tuple(self.dot(node.inits[k]) for k in chosen)
        carried = tuple(self.fresh(node.carried[k]) for k in chosen)
        results = tuple(self.fresh(node.results[k]) for k in chosen)
        self.dots.update(zip((node.carried[k] for k in chosen), carried, strict=True))
        changes: dict[str, Any] = {}
        if isinstance(node, For):
            changes = self.entries(node)
        else:
            with self.build.block() as nodes:
                self.block(node.test)
                changes["test"] = tuple(nodes)
        with self.build.block() as nodes:
            self.block(node.body)
            yields = tuple(self.dot(node.yields[k]) for k in chosen)
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
        self.dots.update(zip((node.results[k] for k in chosen), results, strict=True))

    def has_dot(self, var: Var) -> bool:
        return var in self.active and not isinstance(var.kind, Tape)

    def fresh(self, var: Var) -> Var:
        return self.names.fresh(var.stem, "dot", _kind_of_dot(var))

    # -- tapes ------------------------------------------------------------------------

    def pushed(self, eq: Equation) -> Equation:
        """An entry with the tangents of those of its values that are read."""
        cells = self.tapes.positions(eq.target)
        dots = [
            self.dot(atom)
            for cell, atom in zip(cells, eq.args[1:], strict=False)
            if any(map(self.has_dot, cell.read))
        ]
        return eq.with_args((*eq.args, *dots))

    def entries(self, node: For) -> dict[str, Any]:
        """The targets of a loop over tapes, those with the tangents of others last."""
        rows = []
        for k, (tape, targets) in enumerate(node.iteration.entries(node.targets)):
            cells = self.tapes.positions(tape)
            chosen = [
                var
                for cell, var in zip(cells, targets, strict=False)
                if any(map(self.has_dot, cell.read))
            ]
            dots = [self.fresh(var) for var in chosen]
            self.dots.update(zip(chosen, dots, strict=True))
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
        given = [self.dot(eq.args[k]) for k in callee.params]
        several = isinstance(callee.function.returns, tuple)
        kind = eq.target.kind
        kinds = kind.items if several and isinstance(kind, Tuple) else (kind,)
        dot_kinds = [FLOAT if is_number(kinds[k]) else kinds[k] for k in callee.results]
        whole = self.names.fresh("t", "", Tuple((*kinds, *dot_kinds)))
        args = (*eq.args, *given)
        self.build.append(Equation(whole, eq.op, args, _name(callee), eq.span))
        dots = {
            place: self.build.define(
                "item", whole, params=len(kinds) + k, base=eq.target.stem, role="dot"
            )
            for k, place in enumerate(callee.results)
        }
        if not several:
            self.build.append(replace(eq, op="item", args=(whole,), params=0))
            self.dots[eq.target] = dots[0]
            return
        items = [
            self.build.define("item", whole, params=k, base=eq.target.base)
            for k in range(len(kinds))
        ]
        self.build.append(replace(eq, op="tuple", args=tuple(items), params=None))
        rows = [dots[k] if k in dots else self.dot(items[k]) for k in range(len(kinds))]
        self.dots[eq.target] = self.build.define("tuple", *rows)


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


def _may_fail(eq: Equation) -> bool:
    """Whether the function fails for arguments for which its partials fail otherwise:
    then its own error comes first, as of `math.log(0.0)`."""
    return eq.op.startswith("math.") and eq.op not in ("math.sin", "math.cos")


def _name(callee: Signature) -> str:
    return f"{callee.function.name}_jvp"


def _kind_of_dot(var: Var) -> Kind:
    return FLOAT if is_number(var.kind) else var.kind
