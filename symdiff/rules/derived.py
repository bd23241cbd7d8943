"""Partials by SymPy, of functions declared by what they compute."""

from __future__ import annotations

import functools
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from symdiff.declared import Declared
from symdiff.errors import Diagnostic, DifferentiationError

__all__ = ["expression_of", "partials_of", "text_of"]


@functools.cache
def partials_of(declared: Declared) -> tuple[str | None, ...]:
    """The partial of each parameter as a text, in terms of the result where it occurs."""
    expression = expression_of(declared)
    out = sympy.Symbol("out", real=True)
    return tuple(
        text_of(_with_result(sympy.diff(expression, _symbol(name)), expression, out))
        for name in declared.parameters.names
    )


def expression_of(declared: Declared) -> sympy.Expr:
    """The expression of a declared function, checked."""
    text = declared.expression
    assert text is not None
    known = (*declared.parameters.names, *declared.parameters.keywords)
    symbols = {name: _symbol(name) for name in known}
    try:
        found = sympy.sympify(text, locals=symbols)
    except (sympy.SympifyError, SyntaxError, TypeError, AttributeError) as error:
        raise _refusal(declared, f"`{text}` is no expression of SymPy: {error}") from None
    if not isinstance(found, sympy.Expr):
        raise _refusal(declared, f"`{text}` is no number for SymPy")
    unknown = sorted(str(s) for s in found.free_symbols if str(s) not in known)
    if unknown:
        raise _refusal(declared, f"`{text}` names `{unknown[0]}`, which is no parameter")
    return found


def _symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)


def _with_result(partial: Any, expression: Any, out: Any) -> Any:
    """The partial, reading the result where it computes the same again."""
    if not expression.args:
        return partial
    shorter = partial.subs(expression, out)
    return shorter if sympy.count_ops(shorter) < sympy.count_ops(partial) else partial


def text_of(expression: Any) -> str:
    """An expression as the text of a partial: Python, with the functions of `math`."""
    return str(_Printer().doprint(expression))


class _Printer(StrPrinter):
    """Prints what the texts of rules may hold, and nothing else."""

    def _print_Piecewise(self, node: Any) -> str:
        *others, (last, condition) = [(p.expr, p.cond) for p in node.args]
        if condition != True:  # noqa: E712 (a condition of SymPy)
            raise _unprintable(node)
        text = self._print(last)
        for value, test in reversed(others):
            text = f"{self._print(value)} if {self._print(test)} else {text}"
        return f"({text})"

    def _print_Relational(self, node: Any) -> str:
        sign = {"==": "==", "!=": "!="}.get(node.rel_op, node.rel_op)
        return f"{self._print(node.lhs)} {sign} {self._print(node.rhs)}"

    def _print_Function(self, node: Any) -> str:
        name = _NAMES.get(node.func.__name__)
        if node.func is sympy.polygamma and node.args[0] in (0, 1):
            return f"{('digamma', 'trigamma')[int(node.args[0])]}({self._print(node.args[1])})"
        if name is None:
            raise _unprintable(node)
        return f"{name}({', '.join(map(self._print, node.args))})"

    def _print_Exp1(self, node: Any) -> str:
        return "exp(1)"

    def emptyPrinter(self, expr: Any) -> str:
        raise _unprintable(expr)

    def _print_Heaviside(self, node: Any) -> str:
        at = self._print(node.args[0])
        return f"(1 if {at} > 0 else 0.5 if {at} == 0 else 0)"

    def _print_Max(self, node: Any) -> str:
        return self._chosen(node, ">")

    def _print_Min(self, node: Any) -> str:
        return self._chosen(node, "<")

    def _chosen(self, node: Any, sign: str) -> str:
        first, *others = node.args
        if not others:
            return str(self._print(first))
        rest = self._print(node.func(*others))
        return f"({self._print(first)} if {self._print(first)} {sign} {rest} else {rest})"

    def _print_Abs(self, node: Any) -> str:
        return f"abs({self._print(node.args[0])})"


# The functions of SymPy that rules may name, and what they are called there.
_NAMES = {
    **{name: name for name in (
        "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp log sqrt "
        "erf erfc gamma sign floor"
    ).split()},
    "loggamma": "lgamma", "ceiling": "ceil",
}  # fmt: skip


def _unprintable(node: Any) -> DifferentiationError:
    return DifferentiationError(
        Diagnostic(
            f"the derivative holds `{node}`, which is not known here",
            help="declare the partials as text, or its vjp and jvp",
        )
    )


def _refusal(declared: Declared, message: str) -> DifferentiationError:
    return DifferentiationError(
        Diagnostic(f"the rule of `{declared.name}`: {message}", help="write it in the "
                   f"parameters: {', '.join(declared.parameters.names)}")
    )  # fmt: skip
