"""Statements: assignment, branches, and the ways to leave a function or a loop."""

from __future__ import annotations

import ast
import functools
import importlib
import types
from contextlib import nullcontext
from typing import Any

from symdiff.frontend.constructs.unrolling import Unrolling
from symdiff.frontend.flow.exits import FALSE, TRUE
from symdiff.frontend.memory.context import Frame, Refusal, Unfinished, Unreached
from symdiff.frontend.memory.state import Branch, Key
from symdiff.frontend.memory.values import (
    LATER, MISSING, NEVER, ArrayRef, DictRef, ListRef, ObjectRef, Poison, Sequence,
    Static, Value,
)  # fmt: skip
from symdiff.frontend.operations.subscripts import is_slice
from symdiff.frontend.reading.classes import made_class, names_read
from symdiff.frontend.reading.plain import Done, Exchange
from symdiff.frontend.reading.scopes import always_exits, may_exit, stored_names, yields
from symdiff.ir.core import Atom, Const, Var, kind_of
from symdiff.ir.kinds import Array

__all__ = ["Statements"]

_SIGNS = {"add": "+", "mul": "*"}


class Statements(Unrolling):
    """Lowers statements."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: dict[tuple[str, int, int], Any] = {}  # made here, by their place

    # -- bodies and exits -------------------------------------------------------------

    def run_body(self, body: list[ast.stmt], node: ast.AST) -> Value:
        """Lower a function's body; the value it returns."""
        loops, self.loop_names = self.loop_names, []
        returned, value = self.flag("<returned>"), self.flag("<result>")
        self.state.set(returned, FALSE)
        try:
            self.block(body)
            flag, result = self.state.get(returned), self.state.get(value)
            if flag not in (TRUE, FALSE) and not self._all_raise(body):
                if self.frame.number == 0 and result != Const(None):
                    raise Refusal(
                        "not every path through this function returns a value",
                        node,
                        "end it with a return",
                    )
                # Past its end a function returns None.
                last = ast.copy_location(ast.Return(None), body[-1])
                self.unless([self.atom(flag, node)], body[-1], [last])
            result = self.state.get(value)
            return Const(None) if result is MISSING else result
        finally:
            self.loop_names = loops

    def _all_raise(self, body: list[ast.stmt]) -> bool:
        return bool(body) and always_exits(body)

    def _flags(self) -> list[Key]:
        """The ways in which control may have left what is being lowered.

        "left" is set by every way to leave the innermost loop, "broken" by break alone.
        """
        if not self.loop_names:
            return [self.flag("<returned>")]
        return [self.loop_flag("left"), self.loop_flag("continued")]

    def block(self, statements: list[ast.stmt]) -> None:
        """Lower statements in order, as far as control gets."""
        for number, statement in enumerate(statements):
            exits = may_exit(statement)
            if self.frame.consumer is not None and yields(statement):
                if isinstance(statement, ast.Expr) and isinstance(
                    statement.value, ast.Yield
                ):
                    run = functools.partial(
                        self.yield_then, statement.value, statements[number + 1 :]
                    )
                    self.guarded(statement, run)
                    return
                exits = True  # where it yields, it may be left
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
            if isinstance(statement, ast.Try) and rest and _handlers_leave(statement):
                # What follows runs only if nothing was raised.
                self.statement(_continued(statement, rest))
                return
            self.statement(statement)
            if self.ended or (exits and self.left(statement, rest)):
                return

    def left(self, statement: ast.stmt, rest: list[ast.stmt]) -> bool:
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
            self.unless(unsure, statement, rest)
        return True

    def unless(self, flags: list[Atom], node: ast.AST, rest: list[ast.stmt]) -> None:
        if not flags:
            self.block(rest)
            return
        paths = (Branch(), Branch())
        with self.path(paths[1]):
            self.unless(flags[1:], node, rest)
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
            if isinstance(refusal, Unreached):
                if isinstance(node, ast.Return):
                    self.state.set(self.flag("<result>"), NEVER)
                    self._returned()
                for name in stored_names([node]):
                    if name in self.frame.locals:
                        self.state.set((self.frame.number, name), NEVER)
                return
            nothing = LATER if isinstance(refusal, Unfinished) else Poison()
            names = stored_names([node])
            if isinstance(node, ast.FunctionDef):
                names.append(node.name)
            for name in names:
                if name in self.frame.locals:
                    self.state.set((self.frame.number, name), nothing)
            leaves = isinstance(node, (ast.Return, ast.Raise)) or always_exits([node])
            if leaves or any(isinstance(n, ast.Return) for n in ast.walk(node)):
                self.state.set(self.flag("<result>"), nothing)
                if leaves:
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
        base = first.id.strip("<>") if isinstance(first, ast.Name) else "t"
        pairwise = isinstance(first, ast.Tuple) and isinstance(node.value, ast.Tuple)
        if pairwise and len(first.elts) == len(node.value.elts):  # type: ignore[attr-defined]
            permutes = isinstance(node, Exchange) or _is_permutation(first, node.value)
            value = self._pairwise(first, node.value, permutes)  # type: ignore[arg-type]
        else:
            permutes = False
            value = self.expr(node.value, base)
        with self.exchanging() if permutes else nullcontext():
            for target in node.targets:
                self.assign(target, value)

    def stmt_Exchange(self, node: Exchange) -> None:
        self.stmt_Assign(node)

    def _pairwise(self, target: ast.Tuple, value: ast.Tuple, permutes: bool) -> Value:
        """`a, b = x, y`: each value is named after its target."""
        items: list[Value] = []
        for t, v in zip(target.elts, value.elts, strict=True):
            if isinstance(t, ast.Starred) or isinstance(v, ast.Starred):
                return self.expr(value)
            item = self.expr(v, t.id if isinstance(t, ast.Name) else "t")
            if isinstance(item, ListRef) and item.path:
                item = self.detached(item, v)  # the first assignment may move it
            items.append(item)
        if permutes:
            items = [self.taken(item, value) for item in items]
        return Sequence(tuple(items))

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            base = node.target.id if isinstance(node.target, ast.Name) else "t"
            self.assign(node.target, self.expr(node.value, base))

    def bind_name(self, name: ast.Name, value: Value) -> None:
        """`name = value`."""
        if name.id not in self.frame.locals:
            self._assign_outer(name, value)
            return
        base = name.id.strip("<>")
        if isinstance(value, ArrayRef) and value.path:
            self.view_names.setdefault(value, base)
            self.read(value, name, base)  # so that the view bears this name
        self.suggest(base, value)
        self.state.set((self.frame.number, name.id), value)

    def _assign_outer(self, target: ast.Name, value: Value) -> None:
        frame = self.frame.outer
        while frame is not None:
            if target.id in frame.locals:
                if self.state.is_outside((frame.number, target.id)):
                    raise Refusal(
                        f"a recursive function assigns `{target.id}`, which is not its own",
                        target,
                        "pass it as an argument, and return it",
                    )
                self.state.set((frame.number, target.id), value)
                return
            frame = frame.outer
        space = self.frame.function.__globals__
        place = ("global", space.get("__name__", ""), target.id)
        self.set_slot(space, target.id, place, value, target)

    def stmt_Return(self, node: ast.Return) -> None:
        value: Value = Const(None)
        if node.value is not None:
            value = self.expr(node.value, "result")
        self.state.set(self.flag("<result>"), value)
        self._returned()

    def _returned(self) -> None:
        self.leave(self.flag("<returned>"), TRUE)
        if self.loop_names:
            self.leave(self.loop_flag("left"), TRUE)

    def stmt_Break(self, node: ast.Break) -> None:
        self.state.set(self.loop_flag("broken"), TRUE)
        self.leave(self.loop_flag("left"), TRUE)

    def stmt_Done(self, node: Done) -> None:
        self.state.set(self.loop_flag("left"), TRUE)

    def stmt_Continue(self, node: ast.Continue) -> None:
        self.state.set(self.loop_flag("continued"), TRUE)

    def stmt_FunctionDef(self, node: ast.FunctionDef) -> None:
        decorators = [(d, self.expr(d)) for d in node.decorator_list]
        value: Value = self.closure(node)
        for place, decorator in reversed(decorators):
            value = self.apply(decorator, [value], {}, _call_of(place), node.name)
        self._name(node.name, value, node)

    def _name(self, name: str, value: Value, node: ast.stmt) -> None:
        """A statement has given a name to something, here or where it is declared."""
        if name in self.frame.locals:
            self.state.set((self.frame.number, name), value)
        else:
            self._assign_outer(ast.copy_location(ast.Name(name, ast.Store()), node), value)

    def stmt_ClassDef(self, node: ast.ClassDef) -> None:
        """A class is made where the function is lowered, once for all calls."""
        place = (self.frame.source.file, node.lineno, node.col_offset)
        if place not in self.classes:
            around = self.frame.function
            own: dict[str, Any] = {}
            for name in sorted(names_read(node, around.__code__)):
                value = self._own_value(name)
                if isinstance(value, Static):
                    own[name] = value.value
                elif value is not MISSING and name != node.name:
                    raise Refusal(
                        f"a class inside a function reads its variable `{name}`",
                        node,
                        "pass it to the class, or define the class at module level",
                    )
            self.classes[place] = made_class(node, around, own)
        self._name(node.name, Static(self.classes[place]), node)

    def _own_value(self, name: str) -> Value:
        """What a name of this function, or of one around it, stands for."""
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.locals:
                return self.state.get((frame.number, name))
            frame = frame.outer
        return MISSING

    def stmt_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            module = self._imported(alias.name, node)
            name = alias.asname
            if name is None:
                name = alias.name.partition(".")[0]
                module = self._imported(name, node)
            self.modules.setdefault(module.__name__, name)
            self._name(name, Static(module, _module_path(module)), node)

    def _imported(self, name: str, node: ast.AST) -> types.ModuleType:
        try:
            return importlib.import_module(name)
        except ImportError as error:
            self.raise_now(type(error), node)
            raise Refusal(f"`{name}` cannot be imported", node) from None

    def stmt_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or node.module is None:
            raise Refusal("a relative import inside a function is not supported", node)
        module = Static(self._imported(node.module, node), ("module", node.module))
        for alias in node.names:
            value = self.attribute(module, alias.name, node, "t")
            self._name(alias.asname or alias.name, value, node)

    def stmt_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._name(target.id, MISSING, node)
            elif isinstance(target, ast.Subscript):
                self._delete_item_of(self.expr(target.value), target)
            else:
                raise Refusal("`del` of an attribute is not supported", target)

    def _delete_item_of(self, owner: Value, target: ast.Subscript) -> None:
        """`del owner[...]`."""
        if isinstance(owner, DictRef):
            key = self.key_in(owner, self.expr(target.slice), target)
            self.delete_key(owner, key, target)
        elif isinstance(owner, ObjectRef):
            args = [owner, self.expr(target.slice)]
            if self.special_method("__delitem__", args, target, "t") is None:
                raise Refusal("`del` of an item of this value is not supported", target)
        elif not isinstance(owner, ListRef):
            raise Refusal("`del` of an item of this value is not supported", target)
        else:
            key = self.expr(target.slice)
            delete: Any = self.delete_slice if is_slice(key) else self.delete_item
            delete(owner, key, target)

    # -- branches ---------------------------------------------------------------------

    def stmt_If(self, node: ast.If) -> None:
        self.branch(node, node.body, node.orelse)

    def branch(self, node: ast.If, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        test = self.tested(node.test)
        known = self.truth(test)
        if known is not None:
            self.block(body if known else orelse)
            return
        cond = self.condition(test, node.test)
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
                self.assume(cond, path is paths[0])
                before = len(self.problems), len(self.failures)
                self.block(statements)
                self.end_unreached(*before)
        self.build.span = self.span(node)
        self.join_paths(cond, node, paths)
        self.ended = paths[0].ends and paths[1].ends


@functools.lru_cache(256)
def _call_of(decorator: ast.expr) -> ast.Call:
    """The call that `@decorator` stands for."""
    return ast.copy_location(ast.Call(decorator, [], []), decorator)


def _handlers_leave(node: ast.Try) -> bool:
    """Whether each handler leaves the block."""
    handlers = [always_exits(handler.body) for handler in node.handlers]
    return bool(handlers) and all(handlers) and not node.finalbody


def _continued(node: ast.Try, rest: list[ast.stmt]) -> ast.Try:
    whole = ast.Try(node.body, node.handlers, [*node.orelse, *rest], [])
    return ast.copy_location(whole, node)


def _module_path(module: types.ModuleType) -> tuple[str, ...]:
    return ("module", module.__name__)


_STATEMENTS: dict[type, str] = {
    ast.AsyncFor: "`async for`",
    ast.AsyncWith: "`async with`",
    ast.AsyncFunctionDef: "an async function",
}


def _is_permutation(targets: ast.expr, values: ast.expr) -> bool:
    """Whether `a[i], a[j] = a[j], a[i]` or the like only moves items about."""
    if not isinstance(targets, ast.Tuple) or not isinstance(values, ast.Tuple):
        return False
    if len(targets.elts) > 2 and not all(map(_at_constant, targets.elts)):
        return False  # two of the indices may be equal: an item comes to two places
    return sorted(map(ast.unparse, targets.elts)) == sorted(map(ast.unparse, values.elts))


def _at_constant(target: ast.expr) -> bool:
    return not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Constant)
