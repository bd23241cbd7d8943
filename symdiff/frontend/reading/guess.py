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
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, STR, Array, Int, Kind, List, Record, Size, Tuple,
)  # fmt: skip

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
            annotation = _parsed(argument.annotation)
            kinds[name] = _annotated(annotation) or uses.kind(name, _is_array(annotation))
    return kinds


def _parsed(annotation: ast.expr | None) -> ast.expr | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    return annotation


def _annotated(annotation: ast.expr | None) -> Kind | None:
    """The kind that an annotation says: `float`, `list[float]`, `tuple[float, int]`."""
    if not isinstance(annotation, ast.Subscript):
        return _ANNOTATIONS.get(_last_name(annotation))
    inner = annotation.slice
    items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    kinds = [kind for item in items if (kind := _annotated(_parsed(item))) is not None]
    if not kinds or len(kinds) < len(items):
        return None
    base = _last_name(annotation.value).lower()
    if base == "tuple":
        return Tuple(tuple(kinds))
    return List(kinds[0]) if base in ("list", "sequence") and len(kinds) == 1 else None


def _is_array(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return _last_name(annotation) in ("ndarray", "NDArray", "ArrayLike")


def _last_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class _Uses:
    """What the uses of each parameter show: a rank, or an integer."""

    def __init__(self, names: set[str], function: types.FunctionType, depth: int) -> None:
        self.names = names
        self.function = function
        self.depth = depth
        self.rank: dict[str, int] = {}
        self.integers: set[str] = set()
        self.keys: dict[str, dict[str, tuple[int, int]]] = {}  # and where they stand
        self.forms: dict[str, Kind] = {}  # as which it is unpacked

    def kind(self, name: str, is_array: bool = False) -> Kind:
        """`is_array` says that it is annotated as one."""
        places = self.keys.get(name, {})
        if places:
            keys = tuple(sorted(places, key=places.__getitem__))
            return Record(dict, keys, (FLOAT,) * len(keys))
        if name in self.forms:
            return self.forms[name]
        rank = self.rank.get(name, 1 if is_array else None)
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
            with_itself = ast.dump(node.left) == ast.dump(node.right)
            self._array(node.left, 1 if with_itself else 2)
            self._array(node.right, 1)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, (ast.For, ast.comprehension)):
            self._array(node.iter, 1)
        elif isinstance(node, ast.Assign):
            self._unpacked(node)

    def _subscript(self, node: ast.Subscript) -> None:
        value, index = node.value, node.slice
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            if isinstance(value, ast.Name) and value.id in self.names:
                places, place = self.keys.setdefault(value.id, {}), _place(node)
                places[index.value] = min(place, places.get(index.value, place))
            return
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
        elif name in ("enumerate", "zip", "reversed", "sorted"):
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

    def _unpacked(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        if not isinstance(target, (ast.Tuple, ast.List)):
            return
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            self._array(value.value, len(target.elts))
        elif isinstance(value, ast.Name) and value.id in self.names:
            if any(isinstance(each, (ast.Tuple, ast.List)) for each in target.elts):
                self.forms[value.id] = _form(target)
            else:
                self._array(value, 1)


def _form(target: ast.expr) -> Kind:
    """Tuples of floats, as a target unpacks them."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return Tuple(tuple(map(_form, target.elts)))
    return FLOAT


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset
