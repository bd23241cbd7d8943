"""Kinds of parameters that nothing was said about, from annotations and uses."""

from __future__ import annotations

import ast
import inspect
import types
from typing import Any

from symdiff.derivation import root_of
from symdiff.errors import DifferentiationError
from symdiff.frontend.reading.library import is_library

from symdiff.frontend.reading.scopes import own_nodes
from symdiff.frontend.reading.source import source_of
from symdiff.ir.kinds import BOOL, FLOAT, INT, STR, Array, Int, Kind, Size

__all__ = ["guess_kinds"]

_ANNOTATIONS: dict[str, Kind] = {"float": FLOAT, "int": INT, "bool": BOOL, "str": STR}
_ARRAY_ARGUMENTS = frozenset(
    (
        "sum mean max min dot matmul outer concatenate stack transpose reshape cumsum "
        "prod zeros_like ones_like empty_like diff norm std var ravel inner vdot"
    ).split()
)
_ARRAY_METHODS = frozenset(("sum mean max min dot copy reshape ravel std var prod").split())
_SHAPES = frozenset(("zeros ones empty full eye arange range").split())


def guess_kinds(
    node: ast.FunctionDef | ast.Lambda,
    defaults: dict[str, Any],
    function: types.FunctionType,
    depth: int = 4,
) -> dict[str, Kind | None]:
    """The kind of every parameter; None where a default value settles it as static.

    Calls of plain functions are looked into, `depth` levels deep.
    """
    args = node.args
    names = {a.arg for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]}
    uses = _Uses(names, function, depth)
    body = node.body if isinstance(node.body, list) else [node.body]
    for part in own_nodes(*body):
        if not isinstance(part, (ast.Name, ast.Constant)):
            uses.note(part)
    kinds: dict[str, Kind | None] = {}
    for argument in [*args.posonlyargs, *args.args, *args.kwonlyargs]:
        name = argument.arg
        default = defaults.get(name, inspect.Parameter.empty)
        if default is None or isinstance(default, str):
            kinds[name] = None
        elif isinstance(default, bool):
            kinds[name] = BOOL
        else:
            kinds[name] = _annotated(argument.annotation) or uses.kind(name)
    return kinds


def _annotated(annotation: ast.expr | None) -> Kind | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _ANNOTATIONS.get(annotation.value)
    return _ANNOTATIONS.get(annotation.id) if isinstance(annotation, ast.Name) else None


class _Uses:
    """What the uses of each parameter show: a rank, or an integer."""

    def __init__(self, names: set[str], function: types.FunctionType, depth: int) -> None:
        self.names = names
        self.function = function
        self.depth = depth
        self.rank: dict[str, int] = {}
        self.integers: set[str] = set()

    def kind(self, name: str) -> Kind:
        rank = self.rank.get(name)
        if rank is not None:
            dims = tuple(Size(f"{name}.{axis}", 0, True) for axis in range(rank))
            return Array("float64", dims)
        return INT if name in self.integers else FLOAT

    def _array(self, node: ast.expr | None, rank: int) -> None:
        if isinstance(node, ast.Name) and node.id in self.names:
            self.rank[node.id] = max(rank, self.rank.get(node.id, 0))

    def _integer(self, node: ast.expr) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in self.names:
                self.integers.add(part.id)

    def note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Subscript):
            self._subscript(node)
        elif isinstance(node, ast.Attribute):
            if node.attr == "T":
                self._array(node.value, 2)
            elif (
                node.attr in ("shape", "size", "dtype", "ndim")
                or node.attr in _ARRAY_METHODS
            ):
                self._array(node.value, 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            self._array(node.left, 2)
            self._array(node.right, 1)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.For):
            self._array(node.iter, 1)
        elif isinstance(node, ast.Assign):
            self._unpacked_shape(node)

    def _subscript(self, node: ast.Subscript) -> None:
        value, index = node.value, node.slice
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            if isinstance(index, ast.Constant) and isinstance(index.value, int):
                self._array(value.value, max(1, index.value + 1))
            return
        used = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
        self._array(value, len(used))
        for part in parts:
            if not isinstance(part, ast.Slice):
                self._integer(part)

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and self.depth:
            self._callee(node, root_of(self._found(node.func.id)))
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name in _SHAPES:
            for arg in node.args[:1] if name == "full" else node.args:
                self._integer(arg)
        elif name == "len" or name in _ARRAY_ARGUMENTS:
            for arg in node.args[:1]:
                self._array(arg, 1)
            if name in ("dot", "matmul") and len(node.args) > 1:
                self._array(node.args[1], 1)
        elif name in ("enumerate", "zip"):
            for arg in node.args:
                self._array(arg, 1)

    def _found(self, name: str) -> object:
        """What a name stands for outside the function."""
        names = self.function.__code__.co_freevars
        if name in names:
            cell = (self.function.__closure__ or ())[names.index(name)]
            try:
                return cell.cell_contents
            except ValueError:
                return None
        return self.function.__globals__.get(name)

    def _callee(self, node: ast.Call, callee: object) -> None:
        """What a function does with the parameters that are passed on to it."""
        if not isinstance(callee, types.FunctionType) or is_library(callee):
            return
        try:
            inner = source_of(callee).node
        except DifferentiationError:
            return
        kinds = guess_kinds(inner, {}, callee, self.depth - 1)
        given = dict(zip(kinds, node.args, strict=False))
        given.update({k.arg: k.value for k in node.keywords if k.arg is not None})
        for name, value in given.items():
            kind = kinds.get(name)
            if isinstance(kind, Array):
                self._array(value, kind.ndim)
            elif isinstance(kind, Int) and isinstance(value, ast.Name):
                self._integer(value)

    def _unpacked_shape(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Attribute):
            if value.attr == "shape":
                self._array(value.value, len(target.elts))
