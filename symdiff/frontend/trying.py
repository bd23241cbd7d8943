"""`try`, `raise`, `assert` and `with`."""

from __future__ import annotations

import ast
from symdiff.frontend.context import Refusal
from symdiff.frontend.exits import FALSE, NOT_AT_HAND, Catcher, Handler
from symdiff.frontend.statements import Statements
from symdiff.frontend.values import MISSING, Poison, Sequence, Static, Value

__all__ = ["Trying"]


class Trying(Statements):
    """Lowers errors that are raised and caught, and contexts."""

    def stmt_Try(self, node: ast.Try) -> None:
        handlers = tuple(self._handler(k, node) for k, node in enumerate(node.handlers))
        for handler in handlers:
            self.state.set(handler.flag, FALSE)
        catcher = Catcher(
            handlers, len(self.levels), self.frame, list(self.loop_names), len(self.sites),
            list(self.catchers),
        )  # fmt: skip
        with self.level():
            self.catchers = [*catcher.outer, catcher]
            try:
                self.block(node.body)
            finally:
                self.catchers = catcher.outer
            if not self.ended and not self.left(node, node.orelse):
                self.block(node.orelse)
        for handler in handlers:
            self.state.set(handler.flag, MISSING)
        if node.finalbody:
            self._finally(node)
        self.check_raised(node)

    def _handler(self, place: int, node: ast.ExceptHandler) -> Handler:
        number = place + sum(len(catcher.handlers) for catcher in self.catchers)
        flag, error = (self.flag(f"<{w}{number or ''}>") for w in ("failed", "error"))
        return Handler(self._classes(node.type), node.name, node.body, flag, error)

    def _classes(self, node: ast.expr | None) -> tuple[type, ...]:
        """The classes of errors that `except node` catches."""
        if node is None:
            return (BaseException,)
        value = self.expr(node)
        found = value.items if isinstance(value, Sequence) else (value,)
        classes = [v.value for v in found if isinstance(v, Static)]
        if len(classes) != len(found) or not all(map(_is_error, classes)):
            raise Refusal("which errors this catches is not known", node)
        return tuple(classes)

    def _finally(self, node: ast.Try) -> None:
        for part in node.finalbody:
            for inner in ast.walk(part):
                if isinstance(inner, (ast.Return, ast.Break, ast.Continue)):
                    message = "a `finally` that leaves the function or a loop"
                    raise Refusal(f"{message} is not supported", inner)
        ended, self.ended = self.ended, False
        self.block(node.finalbody)
        self.ended = ended

    # -- raise and assert -------------------------------------------------------------

    def stmt_Raise(self, node: ast.Raise) -> None:
        if node.exc is None:
            self._raise_again(node)
            return
        if self.catchers:
            cls = self._class_raised(node.exc)
            found = self.catcher_of(cls)
            if found is not None:
                error = self._error(node.exc) if found[1].name else NOT_AT_HAND
                self.raise_now(cls, node, error)
        atom = self.atom(self._error(node.exc), node.exc)
        self.build.span = self.span(node)
        self.build.define("raise", atom)
        self.ended = True

    def _error(self, node: ast.expr) -> Value:
        """The error that is raised: a call of its class, which itself raises nothing."""
        self.asking, asking = True, self.asking
        try:
            return self.expr(node)
        finally:
            self.asking = asking

    def _raise_again(self, node: ast.Raise) -> None:
        if not self.handling or isinstance(self.handling[-1], Poison):
            message = "raising an error again that an operation raised"
            help = "raise one of your own"
            raise Refusal(f"{message} is not supported", node, help)
        self.build.define("raise", self.atom(self.handling[-1], node))
        self.ended = True

    def _class_raised(self, node: ast.expr) -> type:
        made = self.expr(node.func if isinstance(node, ast.Call) else node)
        if isinstance(made, Static) and _is_error(made.value):
            cls: type = made.value
            return cls
        raise Refusal("which error this raises is not known", node)

    def stmt_Assert(self, node: ast.Assert) -> None:
        cond = self.expr(node.test)
        if self.truth(cond) is True:
            return
        if self.catcher_of(AssertionError) is not None:
            self.raise_where(self.negated(cond, node, "t"), AssertionError, node)
            return
        atoms = [self.atom(cond, node.test)]
        if node.msg is not None:
            atoms.append(self.value_atom(node.msg))
        self.build.span = self.span(node)
        self.build.define("assert", *atoms)


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)
