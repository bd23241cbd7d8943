"""Operations on lists -> expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable

from symdiff.backend.scope import Scope
from symdiff.ir.core import Const, Equation
from symdiff.ir.kinds import Array, Kind, List, Tuple, is_number

__all__ = ["LISTS", "added", "copied", "name", "part_of_items"]


def name(text: str) -> ast.expr:
    """`a` or `a.b.c`."""
    first, *rest = text.split(".")
    tree: ast.expr = ast.Name(first)
    for part in rest:
        tree = ast.Attribute(tree, part)
    return tree


def _call(function: ast.expr | str, *args: ast.expr) -> ast.expr:
    return ast.Call(name(function) if isinstance(function, str) else function, [*args], [])


def _method(owner: ast.expr, method: str, *args: ast.expr) -> ast.expr:
    return _call(ast.Attribute(owner, method), *args)


def _each(element: ast.expr, target: ast.expr, over: ast.expr) -> ast.expr:
    """`[element for target in over]`; the element reads nothing but the target."""
    return ast.ListComp(element, [ast.comprehension(target, over, [], 0)])


def copied(tree: ast.expr, kind: Kind, depth: int = 0) -> ast.expr:
    """A copy of a list with copies of its elements, as deep as they are written into."""
    if not isinstance(kind, List) or is_number(kind.item) or kind.extent == 0:
        return _method(tree, "copy")
    if isinstance(kind.item, Tuple):
        return _method(tree, "copy")
    row = ast.Name(_ROWS[depth])
    return _each(copied(row, kind.item, depth + 1), row, tree)


_ROWS = ("row", "line", "part", "piece")


def _is_named(tree: ast.expr) -> bool:
    """Whether nothing is computed for it but perhaps a list of what has a name."""
    if isinstance(tree, ast.List):
        return all(map(_is_named, tree.elts))
    return isinstance(tree, (ast.Name, ast.Constant))


class _Printer:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def builtin(self, function: str, *args: ast.expr) -> ast.expr:
        return _call(self.scope.builtin(function), *args)

    def numpy(self, function: str, *args: ast.expr) -> ast.expr:
        return _call(f"{self.scope.alias('numpy')}.{function}", *args)

    def zeros(self, tree: ast.expr, kind: Kind, depth: int = 0) -> ast.expr:
        """Zeros in the form of a value."""
        if isinstance(kind, Array):
            return self.numpy("zeros_like", tree)
        if not isinstance(kind, List):
            return self.zero(kind)
        if isinstance(kind.item, (Array, List)):
            row = ast.Name(_ROWS[depth])
            return _each(self.zeros(row, kind.item, depth + 1), row, tree)
        one = ast.List([self.zero(kind.item)])
        count: ast.expr = self.builtin("len", tree)
        if isinstance(kind.extent, int) and _is_named(tree):
            count = ast.Constant(kind.extent)
        return ast.BinOp(one, ast.Mult(), count)

    def zero(self, kind: Kind) -> ast.expr:
        if isinstance(kind, Tuple):
            return ast.Tuple([self.zero(item) for item in kind.items])
        return ast.Constant(0.0)

    def added(self, a: ast.expr, b: ast.expr, kind: Kind, depth: int = 0) -> ast.expr:
        if isinstance(kind, Tuple):
            sums = []
            for k, item in enumerate(kind.items):
                place = ast.Constant(k)
                pair = ast.Subscript(a, place), ast.Subscript(b, place)
                sums.append(self.added(*pair, item, depth))
            return ast.Tuple(sums)
        if not isinstance(kind, List):
            return ast.BinOp(a, ast.Add(), b)
        x, y = map(ast.Name, _PAIRS[depth])
        inner = self.added(x, y, kind.item, depth + 1)
        return _each(inner, ast.Tuple([x, y]), self.builtin("zip", a, b))


def added(scope: Scope, a: ast.expr, b: ast.expr, kind: Kind) -> ast.expr:
    """The sums of the elements of two lists or tuples, pair by pair."""
    return _Printer(scope).added(a, b, kind)


def part_of_items(tree: ast.expr, part: str) -> ast.expr:
    """The real or imaginary parts of the numbers or arrays in a list."""
    item = ast.Name("z")
    return _each(ast.Attribute(item, part), item, tree)


_PAIRS = (("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"))


Trees = list[ast.expr]


def _new(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return ast.List(args)


def _copy(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return _method(args[0], "copy")


def _concat(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return ast.BinOp(args[0], ast.Add(), args[1])


def _repeat(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return ast.BinOp(args[0], ast.Mult(), args[1])


def _zip(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    printer = _Printer(scope)
    return printer.builtin("list", printer.builtin("zip", *args))


def _column(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    row = ast.Name(_ROWS[0])
    return _each(ast.Subscript(row, ast.Constant(eq.params)), row, args[0])


def _zeros_like(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return _Printer(scope).zeros(args[0], eq.target.kind)


def _added(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    a, b = args
    return added(scope, a, b, eq.target.kind)


def _unstack(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    """Python numbers are what a list of numbers held."""
    tree, kind = args[0], eq.params
    while isinstance(kind, List):
        kind = kind.item
    if is_number(kind) and scope.target == "python":
        return _method(tree, "tolist")
    return _Printer(scope).builtin("list", tree)


def _copy_of(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return _Printer(scope).builtin("list", args[0])


def _split(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    """`np.split(g, np.cumsum([len(v) for v in xs])[:-1])`"""
    printer, v = _Printer(scope), ast.Name("v")
    g, xs = args
    length = printer.builtin("len", v)
    axis: list[ast.expr] = []
    if eq.params:
        axis = [ast.Constant(eq.params)]
        length = ast.Subscript(ast.Attribute(v, "shape"), ast.Constant(eq.params))
    ends = printer.numpy("cumsum", _each(length, v, xs))
    last = ast.UnaryOp(ast.USub(), ast.Constant(1))
    return printer.numpy("split", g, ast.Subscript(ends, ast.Slice(None, last)), *axis)


def _order(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    """`sorted(range(len(xs)), key=xs.__getitem__)`"""
    printer, (xs, *rest) = _Printer(scope), args
    places = printer.builtin("range", printer.builtin("len", xs))
    keywords = [ast.keyword("key", ast.Attribute(xs, "__getitem__"))]
    keywords += [ast.keyword("reverse", tree) for tree in rest]
    return ast.Call(name(scope.builtin("sorted")), [places], keywords)


def _take(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    printer, (xs, order) = _Printer(scope), args
    moved = printer.builtin("map", ast.Attribute(xs, "__getitem__"), order)
    return printer.builtin("list", moved)


def _index(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    xs, value = args
    return _method(xs, "index", value)


def _pop(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    xs, *path, at = args
    for step in path:
        xs = ast.Subscript(xs, step)
    return _method(xs, "pop") if eq.args[-1] == Const(-1) else _method(xs, "pop", at)


def _values(scope: Scope, args: Trees, eq: Equation) -> ast.expr:
    return _Printer(scope).builtin("list", _method(args[0], "values"))


LISTS: dict[str, Callable[[Scope, Trees, Equation], ast.expr]] = {
    "list.new": _new, "list.copy": _copy, "list.concat": _concat, "list.repeat": _repeat,
    "list.zeros_like": _zeros_like, "list.added": _added, "list.unstack": _unstack,
    "list.split": _split, "list.order": _order, "list.take": _take, "list.index": _index,
    "list.members": _copy_of, "list.pop": _pop, "list.zip": _zip, "list.column": _column,
    "list.keys": _copy_of, "list.values": _values,
}  # fmt: skip
