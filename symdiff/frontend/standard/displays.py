"""Lists and tuples that are written with others unpacked in them."""

from __future__ import annotations

import ast

from symdiff.frontend.memory.values import Generator, ListRef, Sequence, Value
from symdiff.frontend.standard.containers import Containers

__all__ = ["Displays"]


class Displays(Containers):
    """Lowers `[x, *xs]` where the run may decide how many items there are."""

    def expr_List(self, node: ast.List, base: str) -> Value:
        if not _unpacks(node):
            return super().expr_List(node, base)
        made = self._display(node)
        self.list_names[made.buffer] = base
        return made

    def expr_Tuple(self, node: ast.Tuple, base: str) -> Value:
        if not _unpacks(node):
            return super().expr_Tuple(node, base)
        made = self._display(node)
        contents = self.contents(made, node)
        return made if contents is None else Sequence(contents.items)

    def _display(self, node: ast.List | ast.Tuple) -> ListRef:
        """What is unpacked goes into a list, one after the other."""
        made = self.new_list(())
        for part in node.elts:
            if isinstance(part, ast.Starred):
                value = self.expr(part.value)
                if not isinstance(value, (Generator, ListRef)):
                    value = self.new_list(self.items_of(value, part))
                self.extend_list(made, value, part)
            else:
                self.extend_list(made, self.new_list((self.expr(part),)), part)
        return made


def _unpacks(node: ast.List | ast.Tuple) -> bool:
    return any(isinstance(part, ast.Starred) for part in node.elts)
