"""Partials by SymPy, of functions declared by what they compute."""

from __future__ import annotations

import functools
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from symdiff.declared import Declared
from symdiff.errors import Diagnostic, DifferentiationError

__all__ = ["Printer", "derived", "expression_of", "text_of"]


@functools.cache
def derived(declared: Declared) -> tuple[str | None, ...]:
    """The partial of each parameter as a text, in terms of the result where it occurs."""
    expression = expression_of(declared)
    out = _symbol("out")
    partials = []
    for name in declared.parameters.names:
        partial = sympy.diff(expression, _symbol(name))
        partial = partial.replace(sympy.DiracDelta, lambda *at: 0)  # steps have slope 0
        partials.append(text_of(_with_result(partial, expression, out)))
    return tuple(partials)


def expression_of(declared: Declared) -> Any:
    """The expression of a declared function."""
    text = declared.expression
    assert text is not None
    known = (*declared.parameters.names, *declared.parameters.keywords)
    try:
        found = sympy.sympify(text, locals={name: _symbol(name) for name in known})
    except (sympy.SympifyError, TypeError, AttributeError):
        found = None
    if not isinstance(found, sympy.Expr):
        message = f"the rule of `{declared.name}`: `{text}` is no expression of SymPy"
        raise DifferentiationError(Diagnostic(message))
    return found


def _symbol(name: str) -> Any:
    return sympy.Symbol(name, real=True)


def _with_result(partial: Any, expression: Any, out: Any) -> Any:
    """The partial, reading the result where it computes the same again."""
    if not expression.args:
        return partial
    shorter = partial.subs(expression, out)
    if shorter.subs(out, expression) != partial:
        return partial
    return shorter if sympy.count_ops(shorter) < sympy.count_ops(partial) else partial


def text_of(expression: Any) -> str:
    """An expression as the text of a partial: Python, with the functions of `math`.

    Raises `DifferentiationError` for what such a text cannot say.
    """
    for node in sympy.preorder_traversal(expression):
        if not _is_known(node):
            message = f"the derivative holds `{node}`, which is not known here"
            help = "declare the partials as text, or its vjp and jvp"
            raise DifferentiationError(Diagnostic(message, help=help))
    return str(Printer().doprint(expression))


_PLAIN = (
    sympy.Symbol, sympy.Add, sympy.Mul, sympy.Pow, sympy.Integer, sympy.Rational,
    sympy.Float, sympy.Piecewise, sympy.functions.elementary.piecewise.ExprCondPair,
    sympy.core.relational.Relational, sympy.logic.boolalg.BooleanTrue, sympy.Abs,
    sympy.Heaviside, sympy.Max, sympy.Min,
)  # fmt: skip
# The functions of SymPy that rules may name, and what they are called there.
_NAMES = {
    **{name: name for name in (
        "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp log sqrt "
        "erf erfc gamma sign floor"
    ).split()},
    "loggamma": "lgamma", "ceiling": "ceil",
}  # fmt: skip


def _is_known(node: Any) -> bool:
    if isinstance(node, sympy.polygamma):
        return node.args[0] in (0, 1)
    if isinstance(node, sympy.Piecewise):
        return node.args[-1].cond is sympy.true
    if isinstance(node, _PLAIN) or node in (sympy.pi, sympy.E):
        return True
    return isinstance(node, sympy.Function) and node.func.__name__ in _NAMES


class Printer(StrPrinter):  # type: ignore[misc]
    """Prints what the texts of rules may hold."""

    def function(self, name: str) -> str:
        """How a function is called."""
        return name

    def _print_Piecewise(self, node: Any) -> str:
        *others, last = node.args
        text = str(self._print(last.expr))
        for pair in reversed(others):
            text = f"{self._print(pair.expr)} if {self._print(pair.cond)} else {text}"
        return f"({text})"

    def _print_Relational(self, node: Any) -> str:
        return f"{self._print(node.lhs)} {node.rel_op} {self._print(node.rhs)}"

    def _print_Function(self, node: Any) -> str:
        if isinstance(node, sympy.polygamma):
            order, x = node.args
            return f"{self.function('trigamma' if order else 'digamma')}({self._print(x)})"
        args = ", ".join(map(self._print, node.args))
        return f"{self.function(_NAMES[node.func.__name__])}({args})"

    def _print_Exp1(self, node: Any) -> str:
        return f"{self.function('exp')}(1)"

    def _print_Abs(self, node: Any) -> str:
        return f"{self.function('abs')}({self._print(node.args[0])})"

    def _print_Heaviside(self, node: Any) -> str:
        at = self._print(node.args[0])
        return f"(1 if {at} > 0 else 0.5 if {at} == 0 else 0)"

    def _print_Max(self, node: Any) -> str:
        return self._chosen(node, ">")

    def _print_Min(self, node: Any) -> str:
        return self._chosen(node, "<")

    def _chosen(self, node: Any, sign: str) -> str:
        first, *others = node.args
        one = self._print(first)
        rest = self._print(node.func(*others)) if len(others) > 1 else self._print(*others)
        return f"({one} if {one} {sign} {rest} else {rest})"
