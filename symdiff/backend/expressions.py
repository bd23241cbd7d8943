"""Equations -> Python expressions (as `ast` trees)."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.backend.fuse import Inlined
from symdiff.backend.helpers import HELPER_OF, HELPERS
from symdiff.backend.lists import LISTS, added, copied, name, part_of_items
from symdiff.backend.naming import Names
from symdiff.backend.scope import Scope
from symdiff.backend.trees import Trees
from symdiff.ir.core import (
    Atom, Const, Equation, Global, Index, SliceItem, Undef, Var,
    kind_of,
)  # fmt: skip
from symdiff.ir.effects import APPLIES, INVOKES, READING
from symdiff.ir.handed import HANDED, Handed
from symdiff.ir.kinds import INT, UNKNOWN, Array, Float, Int, Kind, List
from symdiff.records import replace

__all__ = ["BINARY", "Expressions", "name", "negated"]

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "div": ast.Div,
    "floordiv": ast.FloorDiv, "mod": ast.Mod, "pow": ast.Pow, "matmul": ast.MatMult,
    "bitand": ast.BitAnd, "bitor": ast.BitOr, "bitxor": ast.BitXor,
    "lshift": ast.LShift, "rshift": ast.RShift,
}  # fmt: skip
COMPARE: dict[str, type[ast.cmpop]] = {
    "lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE, "eq": ast.Eq,
    "ne": ast.NotEq, "is": ast.Is, "isnot": ast.IsNot, "in": ast.In, "notin": ast.NotIn,
}  # fmt: skip
UNARY: dict[str, type[ast.unaryop]] = {
    "neg": ast.USub, "pos": ast.UAdd, "not": ast.Not, "invert": ast.Invert,
}  # fmt: skip
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
METHODS = frozenset({
    "all", "any", "argmax", "argmin", "astype", "copy", "cumsum", "max", "mean", "min",
    "prod", "ravel", "reshape", "std", "sum", "trace", "var",
})  # fmt: skip


_SUMS = ("add", "sub")
_LINEAR = ("add", "sub", "mul", "div", "neg")


def _has_minus(value: object) -> bool:
    """Whether it is a number such as -1j, which is 1j with a minus before it."""
    if not isinstance(value, complex) or value.real != 0:
        return False
    return math.copysign(1, value.real) < 0 and value.imag < 0


def _is_number(atom: Atom) -> bool:
    return isinstance(kind_of(atom), (Float, Int))


def negated(cond: ast.expr) -> ast.expr:
    """`not cond`; only those comparisons are turned round that NaN does not break."""
    if isinstance(cond, ast.UnaryOp) and isinstance(cond.op, ast.Not):
        return cond.operand
    if isinstance(cond, ast.Compare) and len(cond.ops) == 1:
        opposite = OPPOSITE.get(type(cond.ops[0]))
        if opposite is not None:
            return ast.Compare(cond.left, [opposite()], cond.comparators)
    return ast.UnaryOp(ast.Not(), cond)


class Expressions(Trees):
    """Prints atoms by their names and fused equations in their place."""

    def __init__(self, names: Names, inlined: Inlined, scope: Scope) -> None:
        self.names = names
        self.inlined = inlined
        self.scope = scope
        self.loose = False  # whether products of numbers may be bracketed otherwise

    # -- atoms --------------------------------------------------------------------------

    def atom(self, atom: Atom) -> ast.expr:
        if isinstance(atom, Var):
            equation = self.inlined.get(atom)
            if equation is not None:
                return self.equation(equation)
            return ast.Name(self.names[atom])
        if isinstance(atom, Global):
            if "." not in atom.name:
                return name(atom.name)
            module, rest = self.scope.split(atom.name)
            return ast.Attribute(name(module), rest)
        if isinstance(atom, Undef):
            return ast.Constant(None)
        return self.constant(atom.value)

    def constant(self, value: object) -> ast.expr:
        if isinstance(value, tuple):
            return ast.Tuple(list(map(self.constant, value)))
        if isinstance(value, complex):
            if value.real == 0 and math.copysign(1, value.real) > 0:
                if math.isfinite(value.imag) and math.copysign(1, value.imag) > 0:
                    return ast.Constant(value)
            if _has_minus(value):
                return ast.UnaryOp(ast.USub(), self.constant(-value))
            parts = [self.constant(value.real), self.constant(value.imag)]
            return self.call(name("complex"), parts)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if value != value:
                return name(f"{self.scope.infinity()}.nan")
            if math.copysign(1, value) < 0:
                return ast.UnaryOp(ast.USub(), self.constant(-value))
            if value == math.inf:
                return name(f"{self.scope.infinity()}.inf")
        assert value is None or value is ... or isinstance(value, (bool, int, float, str))
        return ast.Constant(value)

    def many(self, atoms: Sequence[Atom]) -> list[ast.expr]:
        return [self.atom(a) for a in atoms]

    def definition(self, atom: Atom) -> Equation | None:
        """The equation that is printed in place of an atom."""
        return self.inlined.get(atom) if isinstance(atom, Var) else None

    def negation(self, atom: Atom) -> Atom | None:
        """w, where the atom is printed as `-w`, or as a product that begins so."""
        equation = self.definition(atom)
        if equation is not None and equation.op == "neg":
            return equation.args[0]
        if equation is not None and equation.op in ("mul", "div"):
            first, second = equation.args
            factor = self.negation(first)
            if factor is None:
                return None
            return self.hidden(equation.op, equation.target.kind, factor, second)
        if equation is not None and equation.op in ("add", "sub"):
            return self.negated_sum(equation)
        if isinstance(atom, Const) and isinstance(atom.value, (int, float)):
            if not isinstance(atom.value, bool) and atom.value < 0:
                return Const(-atom.value)
        if isinstance(atom, Const) and _has_minus(atom.value):
            return Const(-atom.value)
        return None

    def negated_sum(self, equation: Equation) -> Atom | None:
        """a + b, for `-a - b`: the same to the last bit."""
        first, second = equation.args
        if self.definition(first) is None:
            return None
        if equation.op == "add":
            other = self.negation(second) if self.definition(second) else None
        else:
            other = None if self.negation(second) else second
        opposite = None if other is None else self.negation(first)
        if other is None or opposite is None:
            return None
        return self.hidden("add", equation.target.kind, opposite, other)

    def shifted(self, atom: Atom, by: int) -> Atom:
        """An integer that is so much larger."""
        if isinstance(atom, Const):
            return Const(atom.value + by)
        equation = self.definition(atom)
        if equation is not None and equation.op in ("add", "sub"):
            left, right = equation.args
            if isinstance(right, Const) and isinstance(left, Var):
                by += right.value if equation.op == "add" else -right.value
                atom = left
        if not by:
            return atom
        op = "add" if by > 0 else "sub"
        return self.hidden(op, INT, atom, Const(abs(by)))

    def hidden(self, op: str, kind: Kind, *args: Atom) -> Var:
        """A value that is only printed inside an expression."""
        var = Var("t", kind=kind)
        self.inlined[var] = Equation(var, op, args)
        return var

    # -- equations ----------------------------------------------------------------------

    def equation(self, equation: Equation) -> ast.expr:
        if not self.loose or equation.op in _LINEAR:
            return self.printed(equation)
        self.loose = False  # what the user put in brackets inside a call stays there
        tree = self.printed(equation)
        self.loose = True
        return tree

    def printed(self, equation: Equation) -> ast.expr:
        op, args = equation.op, equation.args
        if op in BINARY:
            return self.binary(op, args[0], args[1])
        if op in COMPARE:
            return ast.Compare(self.atom(args[0]), [COMPARE[op]()], [self.atom(args[1])])
        if op in UNARY:
            if op == "not":
                return negated(self.atom(args[0]))
            if op == "neg" and isinstance(args[0], Const):
                opposite = self.negation(args[0])
                if opposite is not None:
                    return self.atom(opposite)
            product = self.definition(args[0])
            if op == "neg" and product is not None and product.op in ("mul", "div"):
                return self.negative(args[0])
            return ast.UnaryOp(UNARY[op](), self.atom(args[0]))
        special = _SPECIAL.get(op)
        if special is not None:
            return special(self, equation)
        if "." in op:
            return self.library(equation)
        raise ValueError(f"no way to print `{op}`")

    def negative(self, atom: Atom) -> ast.expr:
        """Minus a product, with the sign at its first factor: the same to the last bit."""
        product = self.definition(atom)
        if product is not None and product.op in ("mul", "div"):
            first, second = product.args
            right = self.atom(second)
            return ast.BinOp(self.negative(first), BINARY[product.op](), right)
        opposite = self.negation(atom)
        if opposite is not None:
            return self.atom(opposite)
        if isinstance(atom, Const) and isinstance(atom.value, (int, float)):
            return ast.UnaryOp(ast.USub(), self.constant(atom.value))
        return ast.UnaryOp(ast.USub(), self.atom(atom))

    def binary(self, op: str, left: Atom, right: Atom) -> ast.expr:
        if op in ("add", "sub"):
            opposite = self.negation(right)
            if opposite is not None:
                other = ast.Sub() if op == "add" else ast.Add()
                return ast.BinOp(self.atom(left), other, self.atom(opposite))
            opposite = self.negation(left)
            product = self.definition(left)
            if opposite is not None and product is not None and op == "add":
                if product.op in _SUMS:
                    return ast.BinOp(self.atom(left), ast.Add(), self.atom(right))
                return ast.BinOp(self.atom(right), ast.Sub(), self.atom(opposite))
        elif op in ("mul", "div"):
            total = self.definition(left)
            if total is not None and total.op in _SUMS:
                opposite = self.negation(left)
                if opposite is not None:
                    tree = ast.UnaryOp(ast.USub(), self.atom(opposite))
                    return ast.BinOp(tree, BINARY[op](), self.atom(right))
            if op == "mul" and self.loose:
                factors = self.definition(right)
                if factors is not None and factors.op in ("mul", "div"):
                    first, second = factors.args
                    signed = self.negation(first) is not None
                    if not signed and all(map(_is_number, (left, first, second))):
                        begun = self.binary("mul", left, first)
                        return ast.BinOp(begun, BINARY[factors.op](), self.atom(second))
        return ast.BinOp(self.atom(left), BINARY[op](), self.atom(right))

    def library(self, equation: Equation) -> ast.expr:
        kind = kind_of(equation.args[0]) if equation.args else UNKNOWN
        return self.applied(equation.op, kind, self.many(equation.args), equation.params)

    def applied(self, op: str, kind: Kind, trees: list[ast.expr], names: Any) -> ast.expr:
        """A call of a library function; `kind` is that of the first argument."""
        if op in ("real", "imag"):
            return ast.Attribute(trees[0], op)
        names = names or ()
        root, _, function = op.partition(".")
        if root == "builtins":
            return self.call(name(self.scope.builtin(function)), trees, names)
        if root == "numpy" and trees and len(trees) > len(names):
            # What is computed from arrays without axes may be a number of Python's.
            if (isinstance(kind, Array) and kind.dims) or function == "astype":
                if function == "transpose" and len(trees) == 1:
                    return ast.Attribute(trees[0], "T")
                short = not isinstance(trees[0], (ast.BinOp, ast.UnaryOp, ast.Compare))
                if function == "conjugate" and short:
                    return self.call(ast.Attribute(trees[0], "conj"), [])
                if function in METHODS and (short or function == "astype"):
                    method = ast.Attribute(trees[0], function)
                    return self.call(method, trees[1:], names)
        alias, function = self.scope.split(op)
        return self.call(name(f"{alias}.{function}"), trees, names)

    def subscript(
        self, base: ast.expr, kind: Kind, index: Index, atoms: Sequence[Atom]
    ) -> ast.Subscript:
        """`u[i, j]`, or `c[i][j]` of a list of lists."""
        base, kind, index, atoms = self.seen_through(base, kind, index, atoms)
        while isinstance(kind, List) and len(index.items) > 1:
            base, kind = ast.Subscript(base, self.atom(atoms[0])), kind.item
            index, atoms = Index(index.items[1:], len(index.items) > 2), atoms[1:]
        return ast.Subscript(base, self.index(index, atoms))

    def seen_through(
        self, base: ast.expr, kind: Kind, index: Index, atoms: Sequence[Atom]
    ) -> tuple[ast.expr, Kind, Index, Sequence[Atom]]:
        """The view that a subscript is taken of, and the rest of the subscript."""
        views, own = index.split(atoms)
        for step, some in zip(index.through, views, strict=True):
            if step.op == "getitem":
                base = self.subscript(base, kind, step.params, some)
            else:
                base = self.applied(step.op, kind, [base, *self.many(some)], step.params)
        return base, kind, index.inner, own

    def index(self, index: Index, atoms: Sequence[Atom]) -> ast.expr:
        left = iter(self.many(atoms))
        items: list[ast.expr] = []
        for item in index.items:
            if isinstance(item, SliceItem):
                flags = (item.start, item.stop, item.step)
                items.append(ast.Slice(*(next(left) if f else None for f in flags)))
            elif item == "at":
                items.append(next(left))
            else:
                items.append(ast.Constant(... if item == "rest" else None))
        if len(items) == 1 and not index.tupled:
            return items[0]
        return ast.Tuple(items)

    def part_of_complex(self, equation: Equation) -> ast.expr:
        whole = self.atom(equation.args[0])
        if isinstance(kind_of(equation.args[0]), List):
            return part_of_items(whole, equation.op)
        return ast.Attribute(whole, equation.op)

    def conjugated(self, equation: Equation) -> ast.expr:
        return self.call(ast.Attribute(self.atom(equation.args[0]), "conjugate"), [])

    # -- forms of their own -------------------------------------------------------------

    def getitem(self, equation: Equation) -> ast.expr:
        base, *atoms = equation.args
        return self.element(self.atom(base), kind_of(base), equation.params, atoms)

    def float_of(self, equation: Equation) -> ast.expr:
        """`float(x)`, or `u.item(i, j)` of an element read for that alone."""
        read = self.definition(equation.args[0])
        if equation.params != "item" or read is None:
            return self.call(name(self.scope.builtin("float")), self.many(equation.args))
        base, *atoms = read.args
        owner, _, _, places = self.seen_through(
            self.atom(base), kind_of(base), read.params, atoms
        )
        return self.call(ast.Attribute(owner, "item"), self.many(places))

    def element(
        self, base: ast.expr, kind: Kind, index: Index, atoms: Sequence[Atom]
    ) -> ast.Subscript:
        """What is read or added to: `c[i]`, too, for all of an array in a list c."""
        inner, items = kind, index.items
        while isinstance(inner, List) and len(items) > 1:
            inner, items = inner.item, items[1:]
        if isinstance(inner, Array) and isinstance(kind, List) and items == (SliceItem(),):
            index = Index(index.items[:-1], len(index.items) > 2)
        return self.subscript(base, kind, index, atoms)

    def increased(self, equation: Equation) -> ast.expr:
        """What an element that is a list or tuple is with another one added to it."""
        base, *atoms, value = equation.args
        read = self.subscript(self.atom(base), kind_of(base), equation.params, atoms)
        return added(self.scope, read, self.atom(value), kind_of(value))

    def on_lists(self, equation: Equation) -> ast.expr:
        return LISTS[equation.op](self.scope, self.many(equation.args), equation)

    def attr(self, equation: Equation) -> ast.expr:
        return ast.Attribute(self.atom(equation.args[0]), equation.params)

    def item(self, equation: Equation) -> ast.expr:
        return ast.Subscript(self.atom(equation.args[0]), self.constant(equation.params))

    def entry(self, equation: Equation) -> ast.expr:
        tape, place = self.many(equation.args)
        return ast.Subscript(tape, place)

    def copied(self, equation: Equation) -> ast.expr:
        return copied(self.atom(equation.args[0]), kind_of(equation.args[0]))

    def tupled(self, equation: Equation) -> ast.expr:
        return ast.Tuple(self.many(equation.args))

    def listed(self, equation: Equation) -> ast.expr:
        return ast.List(self.many(equation.args))

    def called(self, equation: Equation) -> ast.expr:
        function, *args = self.many(equation.args)
        return self.call(function, args, equation.params or ())

    def applied_to(self, equation: Equation) -> ast.expr:
        function, *args = self.many(equation.args)
        return self.call(function, args, equation.params.keywords)

    def method(self, equation: Equation) -> ast.expr:
        method, names = equation.params
        owner, *args = self.many(equation.args)
        return self.call(ast.Attribute(owner, method), args, names or ())

    def lu_solved(self, equation: Equation) -> ast.expr:
        lu, *args = self.many(equation.args)
        plain = equation.args[-1] == Const("N")
        return self.call(ast.Attribute(lu, "solve"), args[:1] if plain else args, ())

    def asked(self, equation: Equation) -> ast.expr:
        op, params = equation.params
        return self.printed(replace(equation, op=op, params=params))

    def invoked(self, equation: Equation) -> ast.expr:
        function = name(self.scope.functions[equation.params])
        return self.call(function, self.many(equation.args))

    def handed(self, equation: Equation) -> ast.expr:
        """The call of a library function that gets functions of the program."""
        params: Handed = equation.params
        values = self.many(equation.args)
        functions = {}
        plain = values[: len(values) - sum(params.captured)]
        read = values[len(plain) :]
        for callee, place, count in zip(
            params.functions, params.places, params.captured, strict=True
        ):
            assert isinstance(callee, str)
            function: ast.expr = name(self.scope.functions[callee])
            if count:
                partial = ast.Attribute(name(self.scope.alias("functools")), "partial")
                function = self.call(partial, [function, *read[:count]])
            functions[place] = function
            read = read[count:]
        args = plain[: len(plain) - len(params.names)]
        named = dict(zip(params.names, plain[len(args) :], strict=True))
        for place, function in functions.items():
            if isinstance(place, int):
                args.insert(place, function)
            else:
                named[place] = function
        called: ast.expr = name(params.call)
        if params.call not in HELPERS:
            module, rest = self.scope.split(params.call)
            called = ast.Attribute(name(module), rest)
        return self.call(called, [*args, *named.values()], tuple(named))

    def unpacked(self, equation: Equation) -> ast.expr:
        return self.atom(equation.args[0])

    def select(self, equation: Equation) -> ast.expr:
        cond, yes, no = self.many(equation.args)
        if isinstance(cond, ast.UnaryOp) and isinstance(cond.op, ast.Not):
            cond, yes, no = cond.operand, no, yes
        return ast.IfExp(cond, yes, no)

    def both(self, equation: Equation) -> ast.expr:
        return self.boolean(ast.And(), equation)

    def either(self, equation: Equation) -> ast.expr:
        return self.boolean(ast.Or(), equation)

    def boolean(self, op: ast.boolop, equation: Equation) -> ast.expr:
        values: list[ast.expr] = []
        for tree in self.many(equation.args):
            same = isinstance(tree, ast.BoolOp) and isinstance(tree.op, type(op))
            values += tree.values if same and isinstance(tree, ast.BoolOp) else [tree]
        return ast.BoolOp(op, values)

    def helper(self, equation: Equation) -> ast.expr:
        return self.call(name(HELPER_OF[equation.op]), self.many(equation.args))

    def dict_of(self, equation: Equation) -> ast.expr:
        values = self.many(equation.args)
        if equation.params is None:  # keys and values in turn
            return ast.Dict(list(values[::2]), values[1::2])
        return ast.Dict([ast.Constant(key) for key in equation.params], values)

    def fstring(self, equation: Equation) -> ast.expr:
        left = iter(self.many(equation.args))
        parts: list[ast.expr] = []
        for part in equation.params:
            if isinstance(part, str):
                parts.append(ast.Constant(part))
                continue
            conversion, spec = part or (None, None)
            code = ord(conversion) if isinstance(conversion, str) else conversion or -1
            form = ast.JoinedStr([ast.Constant(spec)]) if spec else None
            parts.append(ast.FormattedValue(next(left), code, form))
        return ast.JoinedStr(parts)


_SPECIAL: dict[str, Callable[[Expressions, Equation], ast.expr]] = {
    "getitem": Expressions.getitem,
    "attr": Expressions.attr,
    "item": Expressions.item,
    "entry": Expressions.entry,
    "part": Expressions.part,
    "copy": Expressions.copied,
    "tuple": Expressions.tupled,
    "list": Expressions.listed,
    "tape": Expressions.listed,
    "call": Expressions.called,
    **dict.fromkeys(APPLIES, Expressions.applied_to),
    "method": Expressions.method,
    "scipy.sparse.lu_solve": Expressions.lu_solved,
    READING: Expressions.asked,
    "select": Expressions.select,
    HANDED: Expressions.handed,
    **dict.fromkeys(INVOKES, Expressions.invoked),
    "unpack": Expressions.unpacked,
    **dict.fromkeys(("real", "imag"), Expressions.part_of_complex),
    "conjugate": Expressions.conjugated,
    "stop": Expressions.unpacked,
    "check length": Expressions.unpacked,
    "boolean and": Expressions.both,
    "boolean or": Expressions.either,
    **dict.fromkeys(HELPER_OF, Expressions.helper),
    "builtins.float": Expressions.float_of,
    "builtins.dict": Expressions.dict_of,
    "fstring": Expressions.fstring,
    **dict.fromkeys(LISTS, Expressions.on_lists),
}
