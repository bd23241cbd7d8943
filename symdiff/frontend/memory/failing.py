"""What fails whenever it runs: read items of nothing, or compute with None."""

from __future__ import annotations

import ast

from symdiff.frontend.memory.context import Context, Unreached
from symdiff.frontend.memory.values import Value
from symdiff.frontend.reading.nothing import Failure, failure_of_none
from symdiff.ir.core import Atom, Const, Var
from symdiff.ir.kinds import NONE

__all__ = ["Failing"]


class Failing(Context):
    """Goes to the handler of an error, or refuses what raises it."""

    def reading_nothing(self, node: ast.AST) -> Unreached:
        """The refusal of a read of an item of an empty list that no handler sees."""
        text = "list index out of range"
        return self.failing((IndexError, text), node, "this list is empty")

    def check_is_there(self, value: Value, failure: Failure, node: ast.AST) -> None:
        """Refuse what fails with None, if this is None and no handler sees it."""
        if value == Const(None) or (isinstance(value, Var) and value.kind == NONE):
            raise self.failing(failure, node)

    def check_numbers(self, op: str, args: tuple[Atom, ...], node: ast.AST) -> None:
        """Refuse an operation on numbers that takes None for one, if no handler sees it."""
        failure = failure_of_none(op, args)
        if failure is not None:
            raise self.failing(failure, node)

    def failing(self, failure: Failure, node: ast.AST, message: str = "") -> Unreached:
        """The refusal of what surely fails with an error that no handler sees."""
        cls, text = failure
        self.raise_now(cls, node)
        return Unreached(message or f"this raises {cls.__name__}: {text}", node, failure)
