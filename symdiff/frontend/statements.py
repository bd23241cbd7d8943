"""Statements: assignment, branches, loops and the ways to leave them."""

from __future__ import annotations

import ast
import functools
import importlib
import types
from typing import Any

from symdiff.frontend.context import WHOLE, Refusal
from symdiff.frontend.expressions import BINARY
from symdiff.frontend.plans import Header, LoopPlan
from symdiff.frontend.regions import Regions
from symdiff.frontend.scopes import always_exits, may_exit, stored_names
from symdiff.frontend.state import Branch, Key
from symdiff.frontend.values import (
    MISSING, ArrayRef, Backwards, Enumerated, Poison, Ranged, Sequence, Static, Value,
    Zipped,
)  # fmt: skip
from symdiff.ir.core import Atom, Block, Const, For, Iteration, Node, Var, While, kind_of
from symdiff.ir.kinds import INT, Array, List, Tuple, is_number

__all__ = ["Statements"]

FALSE, TRUE = Const(False), Const(True)
_SIGNS = {"add": "+", "mul": "*"}


class Statements(Regions):
    """Lowers statements."""

    def __init__(self) -> None:
        super().__init__()
        self.loop_names: list[str] = []

    # -- bodies and exits -------------------------------------------------------------

    def run_body(self, body: list[ast.stmt], node: ast.AST) -> Value:
        """Lower a function's body; the value it returns."""
        loops, self.loop_names = self.loop_names, []
        returned, value = self._flag("<returned>"), self._flag("<result>")
        self.state.set(returned, FALSE)
        try:
            self.block(body)
            if self.state.get(returned) not in (TRUE, FALSE) and not self._all_raise(body):
                raise Refusal(
                    "not every path through this function returns a value",
                    node,
                    "end it with a return",
                )
            result = self.state.get(value)
            return Const(None) if result is MISSING else result
        finally:
            self.loop_names = loops

    def _all_raise(self, body: list[ast.stmt]) -> bool:
        return bool(body) and always_exits(body)

    def _flag(self, name: str) -> Key:
        return (self.frame.number, name)

    def _loop_flag(self, name: str) -> Key:
        return self._flag(f"<{name}{self.loop_names[-1]}>")

    def _flags(self) -> list[Key]:
        """The ways in which control may have left what is being lowered.

        "left" is set by every way to leave the innermost loop, "broken" by break alone.
        """
        if not self.loop_names:
            return [self._flag("<returned>")]
        return [self._loop_flag("left"), self._loop_flag("continued")]

    def block(self, statements: list[ast.stmt]) -> None:
        """Lower statements in order, as far as control gets."""
        for number, statement in enumerate(statements):
            exits = may_exit(statement)
            # Only where it is looked at: copied each time, this would be quadratic.
            rest = statements[number + 1 :] if exits else []
            if isinstance(statement, ast.If) and rest and exits:
                then_ends = always_exits(statement.body)
                else_ends = always_exits(statement.orelse)
                if then_ends or else_ends:
                    then = statement.body if then_ends else statement.body + rest
                    orelse = statement.orelse if else_ends else statement.orelse + rest
                    run = functools.partial(self.branch, statement, then, orelse)
                    self.guarded(statement, run)
                    return
            self.statement(statement)
            if self.ended or (exits and self._left(statement, rest)):
                return

    ended = False

    def _left(self, statement: ast.stmt, rest: list[ast.stmt]) -> bool:
        """Handle that control may have left; True if `rest` is dealt with."""
        unsure: list[Atom] = []
        for key in self._flags():
            flag = self.state.get(key)
            if flag == TRUE:
                return True
            if isinstance(flag, Var):
                unsure.append(flag)
        if not unsure:
            return False
        if rest:
            self._unless(unsure, statement, rest)
        return True

    def _unless(self, flags: list[Atom], node: ast.AST, rest: list[ast.stmt]) -> None:
        if not flags:
            self.block(rest)
            return
        paths = (Branch(), Branch())
        with self.path(paths[1]):
            self._unless(flags[1:], node, rest)
            paths[1].ends, self.ended = self.ended, False
        self.join_paths(flags[0], node, paths)

    def guarded(self, node: ast.stmt, run: Any) -> None:
        """Run; a refusal is reported, and lowering goes on after it."""
        try:
            run()
        except Refusal as refusal:
            if refusal.node is None:
                refusal.node = node
            if refusal.message:
                self.report(refusal)
            names = stored_names([node])
            if isinstance(node, ast.FunctionDef):
                names.append(node.name)
            for name in names:
                if name in self.frame.locals:
                    self.state.set((self.frame.number, name), Poison())
            if any(isinstance(n, ast.Return) for n in ast.walk(node)):
                self.state.set(self._flag("<result>"), Poison())
                if isinstance(node, ast.Return) or always_exits([node]):
                    self._returned()

    def statement(self, node: ast.stmt) -> None:
        method = getattr(self, "stmt_" + type(node).__name__, None)

        def run() -> None:
            if method is None:
                what = _STATEMENTS.get(type(node), type(node).__name__)
                raise Refusal(f"{what} is not supported", node)
            self.build.span = self.span(node)
            method(node)

        self.guarded(node, run)

    # -- simple statements ------------------------------------------------------------

    def stmt_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.expr(node.value)

    def stmt_Pass(self, node: ast.Pass) -> None:
        pass

    def stmt_Global(self, node: ast.Global) -> None:
        pass  # `assigned_names` has seen to it

    def stmt_Nonlocal(self, node: ast.Nonlocal) -> None:
        pass

    def stmt_Assign(self, node: ast.Assign) -> None:
        first = node.targets[0]
        base = first.id if isinstance(first, ast.Name) else "t"
        pairwise = isinstance(first, ast.Tuple) and isinstance(node.value, ast.Tuple)
        if pairwise and len(first.elts) == len(node.value.elts):  # type: ignore[attr-defined]
            value = self._pairwise(first, node.value)  # type: ignore[arg-type]
        else:
            value = self.expr(node.value, base)
        for target in node.targets:
            self.assign(target, value)

    def _pairwise(self, target: ast.Tuple, value: ast.Tuple) -> Value:
        """`a, b = x, y`: each value is named after its target."""
        items: list[Value] = []
        for t, v in zip(target.elts, value.elts, strict=True):
            if isinstance(t, ast.Starred) or isinstance(v, ast.Starred):
                return self.expr(value)
            items.append(self.expr(v, t.id if isinstance(t, ast.Name) else "t"))
        return Sequence(tuple(items))

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            base = node.target.id if isinstance(node.target, ast.Name) else "t"
            self.assign(node.target, self.expr(node.value, base))

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target to a value."""
        if isinstance(target, ast.Name):
            if target.id not in self.frame.locals:
                self._assign_outer(target, value)
                return
            if isinstance(value, ArrayRef) and value.path:
                self.view_names.setdefault(value, target.id.strip("<>"))
                self.read(
                    value, target, target.id.strip("<>")
                )  # so that the view bears this name
            self._suggest(target.id, value)
            self.state.set((self.frame.number, target.id), value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, target)
        elif isinstance(target, ast.Subscript):
            self.store(target, value)
        else:
            raise Refusal("assignment to an attribute is not supported", target)

    def _suggest(self, name: str, value: Value) -> None:
        """Name a nameless value after the variable that it is first bound to."""
        if isinstance(value, ArrayRef) and not value.path:
            value = self.state.get(value.buffer)
        if isinstance(value, Var) and value.base in ("t", "result"):
            self.bases.setdefault(value, name.strip("<>"))

    def _assign_outer(self, target: ast.Name, value: Value) -> None:
        frame = self.frame.outer
        while frame is not None:
            if target.id in frame.locals:
                self.state.set((frame.number, target.id), value)
                return
            frame = frame.outer
        raise Refusal(
            f"assignment to the global name `{target.id}` is not supported", target
        )

    def _unpack(self, targets: list[ast.expr], value: Value, node: ast.AST) -> None:
        starred = [k for k, t in enumerate(targets) if isinstance(t, ast.Starred)]
        if starred and isinstance(value, ArrayRef):
            raise Refusal(
                "a starred target of an array is not supported", node, "use slices"
            )
        items = self._unpacked(value, len(targets), node, targets)
        if starred:
            place = starred[0]
            after = len(targets) - place - 1
            if len(items) < len(targets) - 1:
                raise Refusal("not enough values to unpack", node)
            middle = items[place : len(items) - after]
            items = (*items[:place], Sequence(middle, True), *items[len(items) - after :])
        if len(items) != len(targets):
            raise Refusal(
                f"{len(items)} values are unpacked into {len(targets)} names", node
            )
        for target, item in zip(targets, items, strict=True):
            self.assign(target.value if isinstance(target, ast.Starred) else target, item)

    def _unpacked(
        self, value: Value, count: int, node: ast.AST, targets: list[ast.expr]
    ) -> tuple[Value, ...]:
        kind = self.kind(value) if not isinstance(value, (Ranged, Zipped)) else None
        if isinstance(value, ArrayRef) and isinstance(kind, Array) and kind.dims:
            bases = [t.id if isinstance(t, ast.Name) else "t" for t in targets]
            return tuple(
                self.element(value, Const(k), node, bases[k]) for k in range(count)
            )
        return self.items_of(value, node)

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Subscript):
            self.store_augmented(node, target)
            return
        if not isinstance(target, ast.Name):
            raise Refusal("assignment to an attribute is not supported", target)
        op = BINARY[type(node.op)]
        left = self.look_up(target.id, target)
        if isinstance(left, ArrayRef):
            value = self.atom(self.expr(node.value), node.value)
            self.build.span = self.span(node)
            self.update_in_place(op, left, WHOLE, (), value, node)
            return
        if isinstance(left, Sequence) and left.is_list:
            # Other names for the list would see it change.
            name, sign = target.id, _SIGNS.get(op, op)
            help = f"write `{name} = {name} {sign} ...`, which makes a new list"
            raise Refusal("a list that changes is not supported", node, help)
        right = self.expr(node.value)
        if not isinstance(left, Sequence) and not is_number(self.kind(left)):
            if isinstance(self.kind(right), Array):
                raise Refusal(
                    "it is not known whether this changes an array in place", node
                )
        self.assign(target, self.binary(op, left, right, node, target.id.strip("<>")))

    def stmt_Return(self, node: ast.Return) -> None:
        value: Value = Const(None)
        if node.value is not None:
            value = self.expr(node.value, "result")
        self.state.set(self._flag("<result>"), value)
        self._returned()

    def _returned(self) -> None:
        self.state.set(self._flag("<returned>"), TRUE)
        if self.loop_names:
            self.state.set(self._loop_flag("left"), TRUE)

    def stmt_Break(self, node: ast.Break) -> None:
        self.state.set(self._loop_flag("broken"), TRUE)
        self.state.set(self._loop_flag("left"), TRUE)

    def stmt_Continue(self, node: ast.Continue) -> None:
        self.state.set(self._loop_flag("continued"), TRUE)

    def stmt_Assert(self, node: ast.Assert) -> None:
        cond = self.expr(node.test)
        if self.truth(cond) is True:
            return
        atoms = [self.atom(cond, node.test)]
        if node.msg is not None:
            atoms.append(self.value_atom(node.msg))
        self.build.span = self.span(node)
        self.build.define("assert", *atoms)

    def stmt_Raise(self, node: ast.Raise) -> None:
        if node.exc is None:
            raise Refusal("`raise` without an exception is not supported", node)
        atom = self.atom(self.expr(node.exc), node.exc)
        self.build.span = self.span(node)
        self.build.define("raise", atom)
        self.ended = True

    def stmt_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            raise Refusal("a decorator on a nested function is not supported", node)
        self.state.set((self.frame.number, node.name), self.closure(node))

    def stmt_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            module = importlib.import_module(alias.name)
            name = alias.asname
            if name is None:
                name = alias.name.partition(".")[0]
                module = importlib.import_module(name)
            self.modules.setdefault(module.__name__, name)
            self.state.set((self.frame.number, name), Static(module, _module_path(module)))

    def stmt_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or node.module is None:
            raise Refusal("a relative import inside a function is not supported", node)
        module = Static(importlib.import_module(node.module), ("module", node.module))
        for alias in node.names:
            value = self.attribute(module, alias.name, node, "t")
            self.state.set((self.frame.number, alias.asname or alias.name), value)

    def stmt_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                raise Refusal("`del` of an item is not supported", target)
            self.state.set((self.frame.number, target.id), MISSING)

    # -- branches ---------------------------------------------------------------------

    def stmt_If(self, node: ast.If) -> None:
        self.branch(node, node.body, node.orelse)

    def branch(self, node: ast.If, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        test = self.expr(node.test)
        known = self.truth(test)
        if known is not None:
            self.block(body if known else orelse)
            return
        cond = self.atom(test, node.test)
        if isinstance(kind_of(cond), Array):
            kind = kind_of(cond)
            assert isinstance(kind, Array)
            if kind.dims and any(d != 1 for d in kind.dims):
                raise Refusal(
                    "the truth of an array is ambiguous", node.test, "use .any() or .all()"
                )
        paths = (Branch(), Branch())
        for path, statements in zip(paths, (body, orelse), strict=True):
            with self.path(path):
                self.block(statements)
                path.ends, self.ended = self.ended, False
        self.build.span = self.span(node)
        self.join_paths(cond, node, paths)
        self.ended = paths[0].ends and paths[1].ends

    # -- loops ------------------------------------------------------------------------

    def stmt_For(self, node: ast.For) -> None:
        iterable = self.expr(node.iter)
        items = self._static_items(iterable)
        if items is not None:
            self._unrolled(node, items)
            return
        index = self.names.fresh(self._index_name(node), "", INT)
        bounds, bind = self._rounds(iterable, node, index)
        self._begin_loop(node)

        def lower(header: Header, plan: LoopPlan) -> tuple[Atom | None, list[Any]]:
            self.build.span = self.span(node.iter)
            self.assign(node.target, bind(index, node.target))
            return self._round(node.body), []

        def finish(header: Header, extra: list[Any], leave: Atom | None) -> None:
            body: Block = extra[-1]
            self.build.append(
                For(
                    (index,), bounds, tuple(header.carried), tuple(header.inits), body,
                    tuple(header.yields), tuple(header.results), leave, self.span(node),
                )
            )  # fmt: skip

        self.loop(node, stored_names([node]), lower, finish)
        self._end_loop(node)

    def _index_name(self, node: ast.For) -> str:
        target = node.target
        if isinstance(target, ast.Name) and isinstance(node.iter, ast.Call):
            if isinstance(node.iter.func, ast.Name) and node.iter.func.id in (
                "range",
                "reversed",
            ):
                return target.id
        if isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name):
            if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name):
                if node.iter.func.id == "enumerate":
                    return target.elts[0].id
        return "k"

    def _begin_loop(self, node: ast.AST) -> None:
        self.loop_names.append(str(len(self.loop_names) or ""))
        for name in ("left", "broken", "continued"):
            self.state.set(self._loop_flag(name), FALSE)

    def _round(self, body: list[ast.stmt]) -> Atom | None:
        """Lower one round; the value that says whether the loop is left after it."""
        # A round begins only if no earlier one has left the loop.
        begun = [self._flag("<returned>"), *map(self._loop_flag, ("left", "broken"))]
        continued = self._loop_flag("continued")
        for key in (*begun, continued):
            if self.state.get(key) != FALSE:
                self.state.set(key, FALSE)
        self.block(body)
        self.ended = False
        if self.state.get(continued) != FALSE:
            self.state.set(continued, FALSE)
        left = self.state.get(self._loop_flag("left"))
        return left if isinstance(left, (Var, Const)) and left != FALSE else None

    def _end_loop(self, node: ast.For | ast.While) -> None:
        left = self.state.get(self._loop_flag("left"))
        returned = self.state.get(self._flag("<returned>"))
        self.loop_names.pop()
        if self.loop_names and returned != FALSE:
            self.state.set(self._loop_flag("left"), returned)
        if node.orelse and left != TRUE:
            self._unless([left] if isinstance(left, Var) else [], node, node.orelse)

    def _static_items(self, iterable: Value) -> tuple[Value, ...] | None:
        """The items of a literal sequence, whose loop is written out."""
        if isinstance(iterable, Sequence):
            return iterable.items
        if isinstance(iterable, Enumerated) and isinstance(iterable.start, Const):
            items = self._static_items(iterable.of)
            if items is not None:
                first = iterable.start.value
                return tuple(
                    Sequence((Const(first + k), item)) for k, item in enumerate(items)
                )
        if isinstance(iterable, Zipped):
            columns = [self._static_items(v) for v in iterable.of]
            known = [c for c in columns if c is not None]
            if columns and len(known) == len(columns):
                return tuple(map(Sequence, zip(*known, strict=False)))
            if known and all(
                c is not None or isinstance(self.kind(v), Tuple)
                for c, v in zip(columns, iterable.of, strict=True)
            ):
                parts = [self.items_of(v, self.frame.source.node) for v in iterable.of]
                return tuple(map(Sequence, zip(*parts, strict=False)))
        return None

    def _unrolled(self, node: ast.For, items: tuple[Value, ...]) -> None:
        self._begin_loop(node)
        self._next_items(node, items)
        self._end_loop(node)

    def _next_items(self, node: ast.For, items: tuple[Value, ...]) -> None:
        for number, item in enumerate(items):
            self.assign(node.target, item)
            self.block(node.body)
            self.state.set(self._loop_flag("continued"), FALSE)
            left = self.state.get(self._loop_flag("left"))
            if self.ended or left == TRUE:
                return
            if isinstance(left, Var):
                paths = (Branch(), Branch())
                with self.path(paths[1]):
                    self.state.set(self._loop_flag("left"), FALSE)
                    self._next_items(node, items[number + 1 :])
                self.join_paths(left, node, paths)
                return

    def _rounds(self, iterable: Value, node: ast.For, index: Var) -> tuple[Iteration, Any]:
        """What a loop runs over, and what its target is bound to in a round."""
        if isinstance(iterable, Ranged):
            form = "reversed" if iterable.reverse else "range"
            return (
                Iteration(form, (iterable.start, iterable.stop, iterable.step)),
                lambda i, target: i,
            )
        if isinstance(iterable, Enumerated):
            start = iterable.start
            inner, bind = self._rounds(iterable.of, node, index)

            def numbered(i: Atom, target: ast.expr) -> Value:
                part = target.elts[1] if isinstance(target, ast.Tuple) else target
                number: Atom = i
                if inner.args[0] != Const(0) or inner.args[2] != Const(1):
                    raise Refusal("enumerate over this is not supported", node.iter)
                if start != Const(0):
                    number = self.build.define("add", i, start)
                return Sequence((number, bind(i, part)))

            return inner, numbered
        if isinstance(iterable, Zipped):
            return self._zipped(iterable, node, index)
        if isinstance(iterable, Backwards):
            inner, bind = self._rounds(iterable.of, node, index)
            return Iteration("reversed", inner.args), bind
        kind = self.kind(iterable)
        if isinstance(kind, (Array, List, Tuple)):
            if isinstance(kind, Array) and not kind.dims:
                raise Refusal("iteration over a 0-d array", node.iter)
            length = self._length_of(iterable, node)

            def element(i: Atom, target: ast.expr) -> Value:
                base = target.id if isinstance(target, ast.Name) else "t"
                return self.element(iterable, i, node.iter, base)

            return Iteration("range", (Const(0), length, Const(1))), element
        raise Refusal(
            "a loop over this value is not supported",
            node.iter,
            "loop over a range, an array, a list or a tuple",
        )

    def _length_of(self, value: Value, node: ast.For) -> Atom:
        length = self.call_builtins_len([value], {}, node, "n")  # type: ignore[arg-type]
        return self.atom(length, node)

    def _zipped(self, iterable: Zipped, node: ast.For, index: Var) -> tuple[Iteration, Any]:
        parts = [self._rounds(part, node, index) for part in iterable.of]
        lengths: list[Atom] = []
        offsets: list[tuple[Atom, Atom]] = []
        for inner, _ in parts:
            start, stop, step = inner.args
            if inner.form != "range" or step != Const(1):
                raise Refusal("zip over this range is not supported", node.iter)
            length = stop if start == Const(0) else self.build.define("sub", stop, start)
            offsets.append((start, step))
            if not any(_equal_length(length, known) for known in lengths):
                lengths.append(length)
        length = lengths[0]
        if len(lengths) > 1:
            length = self.build.define("builtins.min", *lengths)

        def together(i: Atom, target: ast.expr) -> Value:
            nested = isinstance(target, ast.Tuple) and len(target.elts) == len(parts)
            targets = target.elts if nested else [target] * len(parts)  # type: ignore[attr-defined]
            items: list[Value] = []
            for (_, bind), (start, _), part in zip(parts, offsets, targets, strict=True):
                at = i if start == Const(0) else self.build.define("add", i, start)
                items.append(bind(at, part))
            return Sequence(tuple(items))

        return Iteration("range", (Const(0), length, Const(1))), together

    def stmt_While(self, node: ast.While) -> None:
        self._begin_loop(node)

        def lower(header: Header, plan: LoopPlan) -> tuple[Atom | None, list[Any]]:
            # The test is lowered into a block of its own; what it binds stays visible.
            outer = self.build.nodes
            test: list[Node] = []
            self.build.nodes = test
            value = self.expr(node.test)
            known = self.truth(value)
            cond = Const(known) if known is not None else self.atom(value, node.test)
            self.build.nodes = outer
            return self._round(node.body), [cond, tuple(test)]

        def finish(header: Header, extra: list[Any], leave: Atom | None) -> None:
            cond, test, body = extra
            if cond == TRUE and leave is None:
                raise Refusal("this loop never ends", node, "leave it with break or return")
            self.build.append(
                While(
                    test, cond, tuple(header.carried), tuple(header.inits), body,
                    tuple(header.yields), tuple(header.results), leave, self.span(node),
                )
            )  # fmt: skip

        self.loop(node, stored_names([node]), lower, finish)
        endless = isinstance(node.test, ast.Constant) and node.test.value
        if endless and self.state.get(self._loop_flag("broken")) == FALSE:
            # Only a return leads out of it.
            self.state.set(self._flag("<returned>"), TRUE)
        self._end_loop(node)


def _module_path(module: types.ModuleType) -> tuple[str, ...]:
    return ("module", module.__name__)


def _equal_length(a: Atom, b: Atom) -> bool:
    if a == b:
        return True
    x, y = getattr(kind_of(a), "extent", None), getattr(kind_of(b), "extent", None)
    return x is not None and x == y


_STATEMENTS: dict[type, str] = {
    ast.Try: "`try`",
    ast.With: "`with`",
    ast.Match: "`match`",
    ast.ClassDef: "a class inside a function",
    ast.AsyncFor: "`async for`",
    ast.AsyncWith: "`async with`",
    ast.AsyncFunctionDef: "an async function",
}
