"""Lowered statements -> `ast` statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from symdiff.backend.expressions import BINARY, Expressions, name
from symdiff.backend.flow import Comment, Flow, Printed
from symdiff.backend.fuse import CALLS
from symdiff.backend.lower import (
    Branch, Break, Compute, Copy, Loop, Return, Statement, Unpack,
)  # fmt: skip
from symdiff.backend.naming import label_of
from symdiff.backend.scope import repeats, spreads
from symdiff.ir.core import (
    Atom, Const, Equation, Index, SliceItem, Tree, Var, kind_of,
    leaves,
)  # fmt: skip
from symdiff.ir.kinds import (
    Array, Bool, Complex, Float, Int, Kind, List, NoneKind, Tuple,
    is_number,
)  # fmt: skip
from symdiff.ir.structure import Path, many_in, unpacking

__all__ = ["Statements"]

_AUGMENTED = ("add", "sub", "mul", "div", "floordiv", "mod")
_COMMUTATIVE = ("add", "mul")


class Statements(Flow):
    """Prints statements one after the other; `nothing` holds the values that are given
    None where they have no value."""

    # -- blocks -------------------------------------------------------------------------

    def function(self, body: list[Statement]) -> Printed:
        self.printed.body = self.block(body)
        return self.printed

    def block(self, body: Sequence[Statement]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        parts: list[Equation] = []
        for statement in body:
            if isinstance(statement, Compute) and statement.equation.op == "part":
                parts.append(statement.equation)
                continue
            out += self.unpacked(parts)
            parts = []
            made = self.statement(statement)
            self.empty = self.empty and not made
            out += made
        return out + self.unpacked(parts)

    def unpacked(self, parts: list[Equation]) -> list[ast.stmt]:
        """Reads of parts: sequences of which all items are read are unpacked."""
        out: list[ast.stmt] = []
        found: dict[Var, dict[Path, Var]] = {}
        inside: set[tuple[Var, Path]] = set()  # that hold what is unpacked
        for part in parts:
            root, path = part.args[0], part.params
            assert isinstance(root, Var)
            targets = found.setdefault(root, {})
            above = [path[:k] for k in range(len(path))]
            overlaps = (root, path) in inside or any(p in targets for p in (*above, path))
            if overlaps or many_in(path) is not None:  # each by itself
                out.append(self.read_part(root, path, part.target))
            else:
                targets[path] = part.target
                inside.update((root, each) for each in above)
        for root, targets in found.items():
            for path, tree in unpacking(root.kind, targets):
                out.append(self.read_part(root, path, tree))
        return out

    def read_part(self, root: Var, path: Path, tree: Tree) -> ast.stmt:
        place = self.expressions.printed(Equation(root, "part", (root,), path))
        return ast.Assign([self.expressions.tree(tree)], place)

    def statement(self, statement: Statement) -> list[ast.stmt]:
        if isinstance(statement, Compute):
            return self.compute(statement.equation)
        if isinstance(statement, Unpack):
            return [self.unpack(statement)]
        if isinstance(statement, Copy):
            return self.copy(statement)
        if isinstance(statement, Branch):
            return self.branch(statement)
        if isinstance(statement, Loop):
            return self.loop(statement)
        if isinstance(statement, Break):
            return [ast.Break()]
        return [self.returned(statement)]

    def returned(self, statement: Return) -> ast.stmt:
        made = ast.Return(self.expressions.tree(statement.tree))
        equations = map(self.expressions.definition, leaves(statement.tree))
        span = next((e.span for e in equations if e is not None and e.span), None)
        return self.spanned(made, span)

    # -- equations ----------------------------------------------------------------------

    def compute(self, equation: Equation) -> list[ast.stmt]:
        special = _SPECIAL.get(equation.op)
        if special is not None:
            made = special(self, equation)
        elif equation.target not in self.used and self.is_effect(equation):
            made = [ast.Expr(self.expressions.equation(equation))]
        else:
            made = [self.assign(equation.target, equation)]
        span = None if equation.op == "tape" else equation.span
        if _is_ours(equation):
            self.printed.unmarked.update(made)
        spans = self.printed.spans
        return [s if s in spans else self.spanned(s, span) for s in made]

    def unpack(self, statement: Unpack) -> ast.stmt:
        """`a, _, c = f(x)`"""
        equation = statement.equation
        targets = [
            ast.Name(self.unread) if v is None else self.target(v)
            for v in statement.targets
        ]
        value = self.expressions.equation(equation)
        unread = all(isinstance(t, ast.Name) and t.id == self.unread for t in targets)
        if unread and equation.op != "check length":
            return self.spanned(ast.Expr(value), equation.span)
        return self.spanned(ast.Assign([ast.Tuple(targets)], value), equation.span)

    @staticmethod
    def is_effect(equation: Equation) -> bool:
        nothing = isinstance(equation.target.kind, NoneKind)
        return nothing or equation.op in CALLS

    def assign(self, target: Var, equation: Equation) -> ast.stmt:
        self.expressions.loose = target.is_derivative
        made = self.assigned(target, equation)
        self.expressions.loose = False
        return made

    def assigned(self, target: Var, equation: Equation) -> ast.stmt:
        """`x = …`, or `x += …` for numbers that change in place of their name."""
        place = self.expressions.names[target]
        twice = len({*equation.args}) == 1  # `x = x + x` reads better than `x += x`
        if equation.op in _AUGMENTED and _is_number(target) and not twice:
            for left, right in self.orders(equation.op, equation.args):
                if self.expressions.definition(left) is None and isinstance(left, Var):
                    if _is_number(left) and self.expressions.names[left] == place:
                        return self.augmented(ast.Name(place), equation.op, right)
        if target.is_derivative and isinstance(target.kind, Float):
            added = self.added(place, equation)
            if added is not None:
                return added
        return ast.Assign([ast.Name(place)], self.expressions.equation(equation))

    def added(self, place: str, equation: Equation) -> ast.stmt | None:
        """`a += b - c` for `a + b - c`, which may round otherwise: of adjoints only."""
        spine: list[tuple[str, Atom]] = []
        left: Atom = equation.target
        step: Equation | None = equation
        while step is not None and step.op in ("add", "sub"):
            left, right = step.args
            opposite = self.expressions.negation(right)
            minus = (step.op == "sub") != (opposite is not None)
            spine.append(
                ("sub" if minus else "add", right if opposite is None else opposite)
            )
            step = self.expressions.definition(left)
        if step is not None or not isinstance(left, Var) or not _is_number(left):
            return None
        if self.expressions.names[left] != place:
            return None
        spine.reverse()
        signs = [sign for sign, _ in spine]
        first = signs.index("add") if "add" in signs else 0
        sign, total = spine.pop(first)
        for other, value in spine:
            op = "add" if other == sign else "sub"
            total = self.expressions.hidden(op, equation.target.kind, total, value)
        return self.augmented(ast.Name(place), sign, total)

    @staticmethod
    def orders(op: str, args: tuple[Atom, ...]) -> list[tuple[Atom, Atom]]:
        left, right = args
        return [(left, right), (right, left)] if op in _COMMUTATIVE else [(left, right)]

    def augmented(self, place: ast.Name | ast.Subscript, op: str, value: Atom) -> ast.stmt:
        opposite = self.expressions.negation(value) if op in ("add", "sub") else None
        if opposite is not None:
            op, value = ("sub" if op == "add" else "add"), opposite
        return ast.AugAssign(place, BINARY[op](), self.expressions.atom(value))

    def own(self, equation: Equation) -> tuple[list[ast.stmt], ast.Name]:
        """The name of what is written in place. It is args[0]'s, unless that has none."""
        place = self.expressions.names[equation.target]
        source = self.expressions.atom(equation.args[0])
        target = ast.Name(place)
        if isinstance(source, ast.Name) and source.id == place:
            return [], target
        return [ast.Assign([target], source)], target

    def setitem(self, equation: Equation) -> list[ast.stmt]:
        first, target = self.own(equation)
        base, *atoms, value = equation.args
        place = self.expressions.subscript(target, kind_of(base), equation.params, atoms)
        again = self.expressions.definition(value)
        whole = isinstance(kind_of(value), Array) and isinstance(kind_of(base), Array)
        compiled = self.expressions.scope.target != "python"
        if (
            again is not None
            and again.op in _AUGMENTED
            and not (first or (whole and compiled))
        ):
            for left, right in self.orders(again.op, again.args):
                read = self.expressions.definition(left)
                if read is not None and self.same_place(equation, read):
                    if _updates(kind_of(base), read, right):
                        return [self.augmented(place, again.op, right)]
        return [*first, ast.Assign([place], self.expressions.atom(value))]

    def stored(self, equation: Equation) -> list[ast.stmt]:
        base, *atoms, value = equation.args
        tree = self.expressions.atom(base)
        place = self.expressions.subscript(tree, kind_of(base), equation.params, atoms)
        return [ast.Assign([place], self.expressions.atom(value))]

    @staticmethod
    def same_place(write: Equation, read: Equation) -> bool:
        return (
            read.op == "getitem"
            and read.params == write.params
            and read.args == write.args[:-1]
        )

    def additem(self, equation: Equation) -> list[ast.stmt]:
        first, target = self.own(equation)
        base, *atoms, value = equation.args
        index = equation.params
        if index.whole:
            return [*first, self.increased(target, kind_of(base), value)]
        if isinstance(kind_of(value), (List, Tuple)) and isinstance(kind_of(base), List):
            place = self.expressions.subscript(target, kind_of(base), index, atoms)
            return [*first, ast.Assign([place], self.expressions.increased(equation))]
        if not repeats(equation, self.expressions.scope.target):
            place = self.expressions.element(target, kind_of(base), index, atoms)
            return [*first, self.increased(place, kind_of(base), value)]
        kind = kind_of(base)
        view, _, index, own = self.expressions.seen_through(target, kind, index, atoms)
        tree = self.expressions.index(index, own)
        if self.adds_rows(index, kind_of(base), value):
            function = name("_add_at")
            rest = self.expressions.many([*own, value])
            return [*first, ast.Expr(Expressions.call(function, [view, *rest]))]
        numpy = self.expressions.scope.alias("numpy")
        opposite = self.expressions.negation(value)
        if any(isinstance(item, SliceItem) for item in index.items):
            tree = ast.Subscript(name(f"{numpy}.s_"), tree)
        function = name(f"{numpy}.{'add' if opposite is None else 'subtract'}.at")
        added = self.expressions.atom(value if opposite is None else opposite)
        if spreads(equation):
            added = ast.Subscript(added, ast.Constant(None))
        return [*first, ast.Expr(Expressions.call(function, [view, tree, added]))]

    def adds_rows(self, index: Index, base: Kind, value: Atom) -> bool:
        """Whether a helper of compiled code adds to the rows that an array of indices
        names."""
        kind = kind_of(value)
        if not isinstance(kind, Array) or not isinstance(base, Array):
            return False
        compiled = self.expressions.scope.target != "python"
        return compiled and index.items == ("at",) and kind.ndim == base.ndim

    def increased(
        self, place: ast.Name | ast.Subscript, base: Kind, value: Atom
    ) -> ast.stmt:
        """`u[i] += v`; for arrays in compiled code `u[i] = u[i] + v`, since Numba adds
        what may lie in the same memory element by element."""
        plain = isinstance(place, ast.Name)
        if self.expressions.scope.target == "python" or not (
            isinstance(kind_of(value), Array) and isinstance(base, Array)
        ):
            return self.augmented(place, "add", value)
        all_of_it = ast.Subscript(place, ast.Slice()) if plain else place
        opposite = self.expressions.negation(value)
        op = ast.Add() if opposite is None else ast.Sub()
        term = self.expressions.atom(value if opposite is None else opposite)
        return ast.Assign([all_of_it], ast.BinOp(place, op, term))

    def push(self, equation: Equation) -> list[ast.stmt]:
        first, tape = self.own(equation)
        values = self.expressions.many(equation.args[1:])
        entry = values[0] if len(values) == 1 else ast.Tuple(values)
        made = ast.Expr(Expressions.call(ast.Attribute(tape, "append"), [entry]))
        spans = [e.span for e in map(self.expressions.definition, equation.args) if e]
        if any(spans):
            return [*first, self.spanned(made, next(filter(None, spans)))]
        self.printed.unmarked.add(made)
        return [*first, made]

    def put(self, equation: Equation) -> list[ast.stmt]:
        """Add an entry to a list, or write it over an old one."""
        tape, *values = self.expressions.many(equation.args)
        at = None if equation.params else values.pop(0)
        entry = values[0] if len(values) == 1 else ast.Tuple(values)
        added = ast.Expr(Expressions.call(ast.Attribute(tape, "append"), [entry]))
        if at is None:
            return [added]
        length = Expressions.call(name(self.expressions.scope.builtin("len")), [tape])
        is_new = ast.Compare(at, [ast.Eq()], [length])
        return [ast.If(is_new, [added], [ast.Assign([ast.Subscript(tape, at)], entry)])]

    # -- lists --------------------------------------------------------------------------

    def method(self, equation: Equation, method: str) -> list[ast.stmt]:
        first, target = self.own(equation)
        args = self.expressions.many(equation.args[1:])
        owner: ast.expr = target
        for _ in equation.params.items if equation.params else ():
            owner = ast.Subscript(owner, args.pop(0))
        return [*first, ast.Expr(Expressions.call(ast.Attribute(owner, method), args))]

    def append(self, equation: Equation) -> list[ast.stmt]:
        return self.method(equation, "append")

    def extend(self, equation: Equation) -> list[ast.stmt]:
        return self.method(equation, "extend")

    def insert(self, equation: Equation) -> list[ast.stmt]:
        return self.method(equation, "insert")

    def delitem(self, equation: Equation) -> list[ast.stmt]:
        first, target = self.own(equation)
        index = equation.params or Index(("at",))
        base, *atoms = equation.args
        place = self.expressions.subscript(target, kind_of(base), index, atoms)
        if index.items[-1] == "at" and atoms[-1] == Const(-1):
            return [
                *first,
                ast.Expr(Expressions.call(ast.Attribute(place.value, "pop"), [])),
            ]
        return [*first, ast.Delete([place])]

    # -- other statements ---------------------------------------------------------------

    def asserted(self, equation: Equation) -> list[ast.stmt]:
        test, *message = self.expressions.many(equation.args)
        return [ast.Assert(test, message[0] if message else None)]

    def raised(self, equation: Equation) -> list[ast.stmt]:
        return [ast.Raise(self.expressions.atom(equation.args[0]), None)]

    def comment(self, equation: Equation) -> list[ast.stmt]:
        # A heading serves only to part what follows from what is above.
        return [] if self.empty else [Comment(str(equation.params))]


def _is_number(var: Var) -> bool:
    return isinstance(var.kind, (Float, Int, Complex))


def _is_ours(equation: Equation) -> bool:
    """Whether no line of the user's makes the array: a copy that is written in place of
    the original, an adjoint that is zero at first."""
    target = equation.target
    if equation.op == "copy":
        source = equation.args[0]
        return isinstance(source, Var) and label_of(source) == label_of(target)
    zeros = equation.op.startswith(("numpy.zeros", "list.zeros"))
    return target.role == "bar" and zeros


def _updates(base: object, read: Equation, value: Atom) -> bool:
    """Whether `u[i] op= value` does what `u[i] = u[i] op value` does."""
    old, new = read.target.kind, kind_of(value)
    if isinstance(base, List):
        return is_number(old) and is_number(new)
    if not isinstance(base, Array):
        return False
    if isinstance(old, (Float, Int, Complex)):
        return isinstance(new, (Float, Int, Bool, Complex))
    if not isinstance(old, Array) or not base.dtype.startswith(("float", "complex")):
        return False
    if isinstance(new, Array):
        same = new.dtype == base.dtype or not new.dtype.startswith("complex")
        return same and new.ndim <= old.ndim
    return isinstance(new, (Float, Int, Bool))


_SPECIAL: dict[str, Callable[[Statements, Equation], list[ast.stmt]]] = {
    "setitem": Statements.setitem, "store": Statements.stored,
    "additem": Statements.additem, "push": Statements.push, "put": Statements.put,
    "list.append": Statements.append, "list.extend": Statements.extend,
    "list.insert": Statements.insert, "list.delitem": Statements.delitem,
    "assert": Statements.asserted, "raise": Statements.raised,
    "comment": Statements.comment,
}  # fmt: skip
