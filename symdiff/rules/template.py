"""Derivative rules as text, expanded into equations.

A partial such as `"y * x ** (y - 1)"` is parsed once, at its first use, and then walked
with the atoms of one equation in place of its names. It is never expanded alone but
always times a bar or a dot: `"-out / y"` becomes `-(out_bar * out / y)` and `"1"` the
bar itself, so that what comes out reads as if written by hand.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, kind_of
from symdiff.ir.kinds import COMPLEX, Array, Tuple, Unknown, is_complex
from symdiff.rules.choices import choice_of

__all__ = ["Expansion", "conjugate", "parse", "signature"]

_OPS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_FOLD: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip
_COMPARE = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
# Function names of rule text that NumPy spells differently.
_NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"}
# Functions that generated code brings along: no library has them.
_HELPERS = frozenset({"digamma", "trigamma"})
_ELEMENTARY = frozenset(
    "abs cos cosh exp floor log log1p sign sin sinh sqrt tan tanh".split()
)
# The functions of a distribution of `scipy.stats` in terms of which the others have slopes.
_METHODS = frozenset("logpdf mean pdf pmf".split())
# 0 at 0, as numpy.sign: the slope that is taken where abs has none.
_SIGN = ast.parse("1 if x > 0 else -1 if x < 0 else 0", mode="eval").body

Signed = tuple[bool, Atom]  # (negative?, magnitude)


@cache
def parse(text: str) -> ast.expr:
    """The tree of one partial, its constant parts worked out."""
    return _fold_constants(ast.parse(text.strip(), mode="eval").body)


@cache
def signature(form: str) -> tuple[tuple[str, ...], dict[str, Any], str | None]:
    """Argument names of a form, in order, the defaults, and the name of a `*rest`.

    `"x ** y"` and `"-x"` are forms too: their arguments are their operands.
    """
    tree = ast.parse(form, mode="eval").body
    if isinstance(tree, ast.BinOp):
        operands: list[ast.expr] = [tree.left, tree.right]
    elif isinstance(tree, ast.UnaryOp):
        operands = [tree.operand]
    elif isinstance(tree, ast.Call):
        operands = tree.args
    else:
        operands = [tree]
    names, rest = [], None
    for operand in operands:
        if isinstance(operand, ast.Starred):
            rest = ast.unparse(operand.value)
        else:
            names.append(ast.unparse(operand))
    defaults: dict[str, Any] = {}
    for keyword in tree.keywords if isinstance(tree, ast.Call) else ():
        names.append(str(keyword.arg))
        defaults[str(keyword.arg)] = ast.literal_eval(keyword.value)
    return tuple(names), defaults, rest


def _fold_constants(node: ast.expr) -> ast.expr:
    """`2 / sqrt(pi)` as one number: a NumPy function of a plain number would return a
    float64 scalar, which turns float32 arrays into float64 ones."""
    if isinstance(node, ast.Name) and node.id in ("pi", "inf"):
        return ast.Constant(getattr(math, node.id))
    if isinstance(node, ast.BinOp):
        left, right = _fold_constants(node.left), _fold_constants(node.right)
        plain = isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
        node = ast.BinOp(left, node.op, right)
        return _evaluated(node) if plain else node
    if isinstance(node, ast.UnaryOp):
        return ast.UnaryOp(node.op, _fold_constants(node.operand))
    if isinstance(node, ast.Compare):
        others = [_fold_constants(c) for c in node.comparators]
        return ast.Compare(_fold_constants(node.left), node.ops, others)
    if isinstance(node, ast.IfExp):
        parts = (node.test, node.body, node.orelse)
        return ast.IfExp(*map(_fold_constants, parts))
    if isinstance(node, ast.Call):
        args = [_fold_constants(a) for a in node.args]
        plain = all(isinstance(a, ast.Constant) for a in args)
        node = ast.Call(node.func, args, [])
        return _evaluated(node) if plain else node
    return node


def _evaluated(node: ast.expr) -> ast.expr:
    tree = ast.fix_missing_locations(ast.Expression(node))
    value = eval(compile(tree, "<rule>", "eval"), {"__builtins__": {}}, vars(math))
    return ast.Constant(value)


class Expansion:
    """Expands partials of one equation; `names` maps the names in the text to atoms."""

    def __init__(
        self,
        b: Builder,
        names: Mapping[str, Atom],
        library: str = "math",
        op: str = "",
    ) -> None:
        self.b = b
        self.names = names
        self.library = library  # of the functions in the text: math, cmath or numpy
        self.op = op  # one of SciPy's says which functions can be named besides

    @property
    def numpy(self) -> bool:
        return self.library == "numpy"

    def total(self, terms: Sequence[tuple[Atom, ast.expr]]) -> Atom | None:
        """The sum of dot * partial: the tangent; None if it is zero.

        Partials that branch on one condition branch once: a tangent of `where(c, a, b)`
        is `where(c, a_dot, b_dot)`.
        """
        branches = [(d, n) for d, n in terms if isinstance(n, ast.IfExp)]
        tests = {ast.unparse(n.test) for _, n in branches}
        if len(terms) == len(branches) > 1 == len(tests):
            cond = self.value(branches[0][1].test)
            then = [(d, n.body) for d, n in branches]
            other = [(d, n.orelse) for d, n in branches]
            if isinstance(cond, Const):
                return self.total(then if cond.value else other)
            return self._choose(cond, self.total(then), self.total(other))
        result: Atom | None = None
        for dot, node in terms:
            term = self.times(dot, node)
            if term is None:
                continue
            negative, atom = term
            if result is None:
                result = self.b.emit("neg", atom) if negative else atom
            else:
                result = self.b.emit("sub" if negative else "add", result, atom)
        return result

    def times(self, bar: Atom, node: ast.expr) -> Signed | None:
        """bar * node with its sign apart; None if that is zero.

        Keeping the sign outermost lets `x_bar + -t` become `x_bar -= t`. A choice that
        `where` made stays outermost too: `where(c, bar * p, 0)` is 0 where it is not
        chosen, although p may be infinite there.
        """
        found = None if _is_unit(node) else choice_of(self.b, bar)
        if found is not None:
            negative, choice = found
            term = self.times(choice.x, node)
            if term is None:
                return None
            return term[0] != negative, choice.of(self.b, term[1])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return _flip(self.times(bar, node.operand))
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
            left = self.times(bar, node.left)
            if left is None:
                return None
            if isinstance(node.op, ast.Mult):
                right = self.times(left[1], node.right)
                return _flip(right) if left[0] else right
            return left[0], self.b.emit("div", left[1], self.value(node.right))
        if isinstance(node, ast.IfExp):
            cond = self.value(node.test)
            if isinstance(cond, Const):
                return self.times(bar, node.body if cond.value else node.orelse)
            then, other = self.times(bar, node.body), self.times(bar, node.orelse)
            chosen = self._choose(cond, self.settle(then), self.settle(other))
            return None if chosen is None else (False, chosen)
        if isinstance(node, ast.Call) and _called(node) == "sign" and not self.numpy:
            inner = Expansion(self.b, {"x": self.value(node.args[0])})
            return inner.times(bar, _SIGN)
        factor = self.value(node)
        if not isinstance(factor, Const):
            return False, self.b.emit("mul", bar, factor)
        if factor.value == 0:
            return None
        if factor.value in (1, -1):
            return factor.value == -1, bar
        return False, self.b.emit("mul", factor, bar)

    def settle(self, signed: Signed | None) -> Atom | None:
        """The value with its sign put back."""
        if signed is None:
            return None
        return self.b.emit("neg", signed[1]) if signed[0] else signed[1]

    def value(self, node: ast.expr) -> Atom:
        """The value of a part of the text."""
        if isinstance(node, ast.Constant):
            return Const(node.value)
        if isinstance(node, ast.Name):
            return self.names[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = self.value(node.operand)
            plain = isinstance(operand, Const)
            return Const(-operand.value) if plain else self.b.emit("neg", operand)  # type: ignore[union-attr]
        if isinstance(node, ast.BinOp):
            left, right = self.value(node.left), self.value(node.right)
            return self._binary(_OPS[type(node.op)], left, right)
        if isinstance(node, ast.Compare):
            left, right = self.value(node.left), self.value(node.comparators[0])
            return self._binary(_OPS[type(node.ops[0])], left, right)
        if isinstance(node, ast.IfExp):
            cond = self.value(node.test)
            if isinstance(cond, Const):
                return self.value(node.body if cond.value else node.orelse)
            chosen = self._choose(cond, self.value(node.body), self.value(node.orelse))
            assert chosen is not None
            return chosen
        if isinstance(node, ast.Call):
            return self._call(_called(node), [self.value(a) for a in node.args])
        raise ValueError(f"not allowed in a rule: {ast.unparse(node)}")

    def _binary(self, op: str, left: Atom, right: Atom) -> Atom:
        if isinstance(left, Const) and isinstance(right, Const) and op in _FOLD:
            if left.value is None or right.value is None:
                return Const(False)  # a bound that is not there, as in clip(x, None, 1)
            return Const(_FOLD[op](left.value, right.value))
        if op in _COMPARE and (_is_none(left) or _is_none(right)):
            return Const(False)
        if op == "pow" and isinstance(right, Const):
            if right.value == 0:
                return Const(1)
            if right.value == 1:
                return left
        return self.b.emit(op, left, right)

    def _choose(self, cond: Atom, then: Atom | None, other: Atom | None) -> Atom | None:
        if then is None and other is None:
            return None
        then = Const(0.0) if then is None else then
        other = Const(0.0) if other is None else other
        kinds = [kind_of(a) for a in (cond, then, other)]
        arrays = any(isinstance(k, Array) for k in kinds)
        arrays = arrays or (self.numpy and any(isinstance(k, Unknown) for k in kinds))
        return self.b.emit("numpy.where" if arrays else "select", cond, then, other)

    def _call(self, name: str, args: list[Atom]) -> Atom:
        if name == "conjugate":
            return conjugate(self.b, args[0])
        plain = all(isinstance(a, Const) and not is_complex(kind_of(a)) for a in args)
        known = abs if name == "abs" else getattr(math, name, None)
        if plain and known is not None:
            values = [a.value for a in args if isinstance(a, Const)]
            try:
                return Const(known(*values))
            except (ValueError, OverflowError):
                pass  # let the generated code report it where it happens
        if name in _METHODS and self.op.startswith("scipy.stats."):
            defaults = (Const(0), Const(1))  # of `loc` and `scale`
            while len(args) > 2 and args[-2:] == list(defaults):
                args = args[:-2]
            return self.b.emit(f"{self.op.rpartition('.')[0]}.{name}", *args)
        if name not in _ELEMENTARY and self.op.startswith("scipy."):
            return self.b.emit(f"scipy.special.{name}", *args)
        if name in _HELPERS:
            return self.b.emit(name, *args)
        if self.numpy:
            return self.b.emit(f"numpy.{_NUMPY_NAMES.get(name, name)}", *args)
        if name == "sign":
            inner = Expansion(self.b, {"x": args[0]})
            return inner.value(_SIGN)
        call = "builtins.abs" if name == "abs" else f"{self.library}.{name}"
        return self.b.emit(call, *args)


def conjugate(b: Builder, x: Atom) -> Atom:
    """The complex conjugate; of what is known to be real, the value itself."""
    kind = kind_of(x)
    if not is_complex(kind) and not isinstance(kind, (Tuple, Unknown)):
        return x
    return b.emit("conjugate" if kind == COMPLEX else "numpy.conjugate", x)


def _flip(signed: Signed | None) -> Signed | None:
    return None if signed is None else (not signed[0], signed[1])


def _is_unit(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (0, 1, -1)


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.value is None


def _called(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Name)
    return node.func.id
