"""Lowered statements -> `ast` statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from symdiff.backend.expressions import BINARY, Expressions, name, negated
from symdiff.backend.fuse import CALLS
from symdiff.backend.lower import (
    Branch, Break, Compute, Copy, Loop, Return, Statement, Unpack,
)  # fmt: skip
from symdiff.backend.naming import label_of
from symdiff.backend.scope import repeats
from symdiff.errors import Span
from symdiff.ir.core import (
    UNDEF, Atom, Const, Equation, Index, SliceItem, Tree, Undef, Var, kind_of,
    leaves,
)  # fmt: skip
from symdiff.ir.kinds import (
    INT, OPAQUE, Array, Bool, Complex, Float, Int, Kind, List, NoneKind, Tuple,
    is_number,
)  # fmt: skip
from symdiff.ir.structure import Path, unpacking
from symdiff.records import dataclass, field

__all__ = ["Comment", "Printed", "Statements"]

# Of integers: a comparison with NaN is false, and so is the opposite one.
_OPPOSITE: dict[str, type[ast.cmpop]] = {
    "lt": ast.GtE, "ge": ast.Lt, "le": ast.Gt, "gt": ast.LtE,
}  # fmt: skip
_AUGMENTED = ("add", "sub", "mul", "div", "floordiv", "mod")
_COMMUTATIVE = ("add", "mul")
_TOGETHER = 4  # so many constants at most are assigned in one line


class Comment(ast.stmt):
    """A line that holds a comment only."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


@dataclass(slots=True)
class Printed:
    """The body of a function, and for its statements their spans and notes."""

    body: list[ast.stmt] = field(default_factory=list)
    spans: dict[ast.stmt, Span] = field(default_factory=dict)
    notes: dict[ast.stmt, str] = field(default_factory=dict)
    unmarked: set[ast.stmt] = field(default_factory=set)  # not worth a comment


class Statements:
    """Prints statements one after the other; `nothing` holds the values that are given
    None where they have no value."""

    def __init__(
        self, expressions: Expressions, used: frozenset[Var], nothing: frozenset[Var]
    ) -> None:
        self.expressions = expressions
        self.used = used
        self.nothing = nothing
        self.printed = Printed()
        self.empty = True  # whether nothing was printed so far on this path

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
        for part in parts:
            root = part.args[0]
            assert isinstance(root, Var)
            targets = found.setdefault(root, {})
            above = {path[:k] for path in targets for k in range(len(path))}
            below = any(part.params[:k] in targets for k in range(len(part.params) + 1))
            if below or part.params in above:  # of two that overlap, each by itself
                out.append(self.read_part(root, part.params, part.target))
            else:
                targets[part.params] = part.target
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

    def spanned(self, statement: ast.stmt, span: Span | None) -> ast.stmt:
        if span is not None:
            self.printed.spans[statement] = span
        return statement

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
            ast.Name("_") if v is None else self.target(v) for v in statement.targets
        ]
        value = self.expressions.equation(equation)
        unread = all(isinstance(t, ast.Name) and t.id == "_" for t in targets)
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
        if not repeats(equation):
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

    # -- copies -------------------------------------------------------------------------

    def copy(self, copy: Copy) -> list[ast.stmt]:
        """Assign at once what is handed over: in an order that works, cycles together."""
        pairs = []
        for target, source in copy.pairs:
            if isinstance(source, Undef):
                if self.expressions.scope.target != "python":
                    source = _zero(target.kind)
                elif target not in self.nothing:
                    continue
            elif self.is_same(target, source):
                continue
            pairs.append((target, source))
        order, cycle = self.order(pairs)
        out: list[ast.stmt] = []
        constants: list[tuple[Var, Atom]] = []
        for target, source in order:
            if _is_plain(source):
                constants.append((target, source))
                continue
            out += self.constants(constants)
            constants = []
            out.append(self.copied(target, source))
        out += self.constants(constants)
        if cycle:
            out.append(self.together(cycle))
        return out

    def is_same(self, target: Var, source: Atom) -> bool:
        names = self.expressions.names
        if not isinstance(source, Var) or self.expressions.definition(source):
            return False
        return names[target] == names[source]

    def copied(self, target: Var, source: Atom) -> ast.stmt:
        equation = self.expressions.definition(source)
        if equation is not None:
            span = None if equation.op == "tape" else equation.span
            return self.spanned(self.assign(target, equation), span)
        place = ast.Name(self.expressions.names[target])
        nothing = isinstance(source, Undef)
        value = self.nothing_in(target.kind) if nothing else self.expressions.atom(source)
        return ast.Assign([place], value)

    def nothing_in(self, kind: Kind) -> ast.expr:
        """What a name holds whose value nobody looks at, though it may be copied, or
        measured."""
        if isinstance(kind, List):
            return ast.List([])
        if isinstance(kind, Array):
            numpy = ast.Name(self.expressions.scope.alias("numpy"))
            return ast.Call(ast.Attribute(numpy, "zeros"), [ast.Tuple([])], [])
        return ast.Constant(None)

    def together(self, pairs: Sequence[tuple[Var, Atom]]) -> ast.stmt:
        """`a, b = x, y`"""
        targets: list[ast.expr] = [ast.Name(self.expressions.names[t]) for t, _ in pairs]
        values = self.expressions.many([source for _, source in pairs])
        statement = ast.Assign([ast.Tuple(targets)], ast.Tuple(values))
        equations = [self.expressions.definition(source) for _, source in pairs]
        spans = [e.span for e in equations if e is not None and e.span is not None]
        return self.spanned(statement, spans[0] if spans else None)

    def constants(self, pairs: list[tuple[Var, Atom]]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for at in range(0, len(pairs), _TOGETHER):
            some = pairs[at : at + _TOGETHER]
            out.append(self.copied(*some[0]) if len(some) == 1 else self.together(some))
        return out

    def order(
        self, pairs: list[tuple[Var, Atom]]
    ) -> tuple[list[tuple[Var, Atom]], list[tuple[Var, Atom]]]:
        """The pairs in an order in which none overwrites what a later one reads, and
        those that wait for one another."""
        names = self.expressions.names
        writer = {names[target]: k for k, (target, _) in enumerate(pairs)}
        waits: list[set[int]] = [set() for _ in pairs]  # readers to be done before k
        readers: list[list[int]] = [[] for _ in pairs]
        for k, (_, source) in enumerate(pairs):
            for var in reads(source, self.expressions):
                written = writer.get(names[var])
                if written is not None and written != k and k not in waits[written]:
                    waits[written].add(k)
                    readers[k].append(written)
        ready = [k for k, others in enumerate(waits) if not others]
        left = set(range(len(pairs)))
        order = []
        while ready:
            k = heappop(ready)
            left.remove(k)
            order.append(pairs[k])
            for written in readers[k]:
                waits[written].discard(k)
                if not waits[written]:
                    heappush(ready, written)
        return order, [pairs[k] for k in sorted(left)]

    # -- branches -----------------------------------------------------------------------

    def branch(self, branch: Branch) -> list[ast.stmt]:
        empty = self.empty
        then = self.block(branch.then)
        self.empty = empty
        orelse = self.block(branch.orelse)
        cond = self.expressions.atom(branch.cond)
        if not then and not orelse:
            return [ast.Expr(cond)] if _has_call(cond) else []
        if not then or (_leaves(orelse) and not _leaves(then)):
            cond, then, orelse = self.opposite(branch.cond), orelse, then
        made = ast.If(cond, then, [])
        self.spanned(made, branch.span)
        if _leaves(then):
            return [made, *orelse]
        made.orelse = orelse
        return [made]

    def opposite(self, cond: Atom) -> ast.expr:
        """`not cond`, or the opposite comparison where it is surely the same."""
        tree = self.expressions.atom(cond)
        equation = self.expressions.definition(cond)
        if equation is not None and isinstance(tree, ast.Compare):
            opposite = _OPPOSITE.get(equation.op)
            if opposite and all(isinstance(kind_of(a), Int) for a in equation.args):
                return ast.Compare(tree.left, [opposite()], tree.comparators)
        return negated(tree)

    # -- loops --------------------------------------------------------------------------

    def loop(self, loop: Loop) -> list[ast.stmt]:
        if loop.iteration is None:
            return [self.spanned(self.while_(loop), loop.span)]
        body = self.block(loop.body) or [ast.Pass()]
        made = ast.For(self.targets(loop), self.iterable(loop), body, [])
        if loop.iteration.form != "range" and not loop.iteration.ahead:
            self.printed.notes[made] = "backwards"
        return [self.spanned(made, loop.span)]

    def while_(self, loop: Loop) -> ast.stmt:
        body = self.block(loop.body)
        cond = self.expressions.atom(loop.cond)
        test = self.block(loop.test)
        if not test:
            return ast.While(cond, body or [ast.Pass()], [])
        leave = ast.If(self.opposite(loop.cond), [ast.Break()], [])
        return ast.While(ast.Constant(True), [*test, leave, *body], [])

    def targets(self, loop: Loop) -> ast.expr:
        names = [self.target(var) for var in loop.targets]
        rows = [names]
        if loop.iteration is not None and loop.iteration.takes:
            rows = [list(row) for _, row in loop.iteration.entries(tuple(names))]
        parts: list[ast.expr] = [
            row[0] if len(row) == 1 else ast.Tuple(row) for row in rows
        ]
        return parts[0] if len(parts) == 1 else ast.Tuple(parts)

    def target(self, var: Var) -> ast.expr:
        return ast.Name(self.expressions.names[var] if var in self.used else "_")

    def iterable(self, loop: Loop) -> ast.expr:
        assert loop.iteration is not None
        form, args = loop.iteration.form, loop.iteration.args
        scope = self.expressions.scope
        if form == "range":
            return self.range(args)
        if form == "reversed" and scope.target != "python":
            return self.backwards(args)
        runs = self.expressions.many(args) if form == "tape" else [self.range(args)]
        for k, run in enumerate(runs):
            if k not in loop.iteration.ahead:
                runs[k] = Expressions.call(name(scope.builtin("reversed")), [run])
        if len(runs) == 1:
            return runs[0]
        return Expressions.call(name(scope.builtin("zip")), runs)

    def backwards(self, args: tuple[Atom, ...]) -> ast.expr:
        """A range from its last number to its first, as a range."""
        start, stop, step = args
        up = self.expressions
        if isinstance(step, Const):
            back: Atom = Const(-step.value)
            before = up.shifted(start, -step.value)
        else:
            back, before = up.hidden("neg", INT, step), up.hidden("sub", INT, start, step)
        if back in (Const(1), Const(-1)) and isinstance(back, Const):
            return self.range((up.shifted(stop, back.value), before, back))
        run = up.hidden("builtins.range", OPAQUE, *args)
        rounds = up.hidden("builtins.len", INT, run)
        beyond = up.hidden("add", INT, before, up.hidden("mul", INT, rounds, step))
        return self.range((beyond, before, back))

    def range(self, args: tuple[Atom, ...]) -> ast.expr:
        start, stop, step = args
        shown: tuple[Atom, ...] = args
        if step == Const(1):
            shown = (stop,) if start == Const(0) else (start, stop)
        function = name(self.expressions.scope.builtin("range"))
        return Expressions.call(function, self.expressions.many(shown))


def reads(atom: Atom, expressions: Expressions) -> list[Var]:
    """The names that an atom reads where it is printed."""
    if not isinstance(atom, Var):
        return []
    equation = expressions.inlined.get(atom)
    if equation is None:
        return [atom]
    return [var for a in equation.args for var in reads(a, expressions)]


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


def _is_plain(atom: Atom) -> bool:
    return isinstance(atom, Const) and isinstance(atom.value, (int, float, complex))


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


def _zero(kind: Kind) -> Atom:
    """What a compiled name holds that has no value: it must have its type."""
    zeros = {Float: 0.0, Int: 0, Bool: False, Complex: 0j}
    return Const(zeros[type(kind)]) if type(kind) in zeros else UNDEF


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Break))


def _has_call(tree: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(tree))


_SPECIAL: dict[str, Callable[[Statements, Equation], list[ast.stmt]]] = {
    "setitem": Statements.setitem, "store": Statements.stored,
    "additem": Statements.additem, "push": Statements.push, "put": Statements.put,
    "list.append": Statements.append, "list.extend": Statements.extend,
    "list.insert": Statements.insert, "list.delitem": Statements.delitem,
    "assert": Statements.asserted, "raise": Statements.raised,
    "comment": Statements.comment,
}  # fmt: skip
