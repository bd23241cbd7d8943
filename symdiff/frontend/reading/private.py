"""Names that are private to a class: `self.__x` in a class `Tank` is `self._Tank__x`.

As the language reference has it, section "Identifiers (Names)": names that begin with two
underscores and do not end with two, wherever they stand in the text of a class.
"""

from __future__ import annotations

import ast
import re

__all__ = ["named_in_code", "spell_out_private"]

_PRIVATE = re.compile(r"\b__\w*(?<!__)\b")
_FIELDS = ("id", "attr", "arg", "name", "asname", "rest")  # of nodes, that hold names


def spell_out_private(tree: ast.Module, text: str) -> None:
    """Write private names as the compiler does, in place."""
    if _PRIVATE.search(text):
        _Speller().visit(tree)


def named_in_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What the code of a function is called: as it is written."""
    name: str = getattr(node, "written", node.name)
    return name


class _Speller(ast.NodeVisitor):
    def __init__(self) -> None:
        self.cls = ""
        self.in_body = False  # of the class itself, not of a function in it

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        written = node.name.lstrip("_")
        if not self.in_body:  # what a class binds is spelled out when it is made
            node.name = self._known(node.name)
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        self._inside(node.body, written, True)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not self.in_body and self._known(node.name) != node.name:
            node.written, node.name = node.name, self._known(node.name)  # type: ignore[union-attr]
        for outside in (*node.decorator_list, node.args):
            self.visit(outside)
        if node.returns is not None:
            self.visit(node.returns)
        self._inside(node.body, self.cls, False)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def _inside(self, body: list[ast.stmt], cls: str, in_body: bool) -> None:
        outer = self.cls, self.in_body
        self.cls, self.in_body = cls, in_body
        for statement in body:
            self.visit(statement)
        self.cls, self.in_body = outer

    def generic_visit(self, node: ast.AST) -> None:
        if self.cls and not isinstance(node, ast.keyword):
            for field in _FIELDS:
                name = getattr(node, field, None)
                if isinstance(name, str) and (field, type(node)) != ("name", ast.alias):
                    setattr(node, field, self._known(name))
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                node.names = list(map(self._known, node.names))
            if isinstance(node, ast.MatchClass):
                node.kwd_attrs = list(map(self._known, node.kwd_attrs))
        super().generic_visit(node)

    def _known(self, name: str) -> str:
        private = name.startswith("__") and not name.endswith("__")
        return f"_{self.cls}{name}" if private and self.cls else name
