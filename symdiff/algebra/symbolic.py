"""A scalar function and its partial derivatives as formulas."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import sympy
from sympy.printing.str import StrPrinter

from symdiff.algebra.formulas import UNDEFINED, Formula, operations
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.rules.derived import Printer

__all__ = ["Operations", "Symbolic"]


class Operations(NamedTuple):
    """How many operations it takes to evaluate a function and all its partials.

    written: by the formulas as they are written.
    shared: by the formulas, with what occurs in several places computed once.
    code: by the generated adjoint code.
    """

    written: int
    shared: int
    code: int


class Symbolic:
    """What `symdiff.symbolic` returns.

    symbols: by the names of the parameters; result: the formula of what the function
    returns; partials: those of its derivatives, by name.
    """

    def __init__(
        self,
        name: str,
        symbols: Mapping[str, Any],
        result: Any,
        partials: Mapping[str, Any],
        count: Callable[[tuple[float, ...]], int],
    ) -> None:
        self.name = name
        self.symbols = dict(symbols)
        self.result = result
        self.partials = dict(partials)
        self._count = count

    @classmethod
    def of(
        cls, name: str, formula: Formula, by: list[str], count: Callable[..., int]
    ) -> Symbolic:
        partials = {p: formula.partial(p) for p in by}
        return cls(name, formula.symbols, formula.result, partials, count)

    def __repr__(self) -> str:
        return f"<formulas of {self.name}({', '.join(self.symbols)})>"

    def __str__(self) -> str:
        return self.text

    def simplified(self) -> Symbolic:
        """The same, each formula simplified by SymPy."""
        partials = {name: sympy.simplify(p) for name, p in self.partials.items()}
        result = sympy.simplify(self.result)
        return Symbolic(self.name, self.symbols, result, partials, self._count)

    # -- texts ------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """A line for the result, and one for each partial."""
        lines = [f"{self.name}({', '.join(self.symbols)}) = {_text(self.result)}"]
        lines += [f"d{self.name}/d{p} = {_text(e)}" for p, e in self.partials.items()]
        return "\n".join(lines)

    @property
    def latex(self) -> str:
        """The same as an `align*` of LaTeX."""
        name = sympy.latex(sympy.Symbol(self.name))
        names = ", ".join(map(sympy.latex, self.symbols.values()))
        lines = [rf"{name}({names}) &= {sympy.latex(self.result)}"]
        for parameter, partial in self.partials.items():
            by = sympy.latex(self.symbols[parameter])
            fraction = rf"\frac{{\partial {name}}}{{\partial {by}}}"
            lines.append(rf"{fraction} &= {sympy.latex(partial)}")
        inside = " \\\\\n".join(f"  {line}" for line in lines)
        return f"\\begin{{align*}}\n{inside}\n\\end{{align*}}"

    @property
    def source(self) -> str:
        """A Python function that returns the gradient: the formulas, with what occurs in
        several places computed once."""
        names = (
            s for s in sympy.numbered_symbols("t", start=1) if str(s) not in self.symbols
        )
        choices, partials = _without_choices(list(self.partials.values()), names)
        shared, partials = sympy.cse(partials, symbols=names)
        printer = _Source()
        lines = [
            f"    {name} = {printer.doprint(e)}" for name, e in [*choices.items(), *shared]
        ]
        lines.append(f"    return {', '.join(map(printer.doprint, partials))}")
        head = f"def {self.name}_grad({', '.join(self.symbols)}):"
        imports = ["import math", "", ""] if printer.used else []
        body = ast.unparse(ast.parse("\n".join([head, *lines])))
        return "\n".join([*imports, body, ""])

    # -- swell ------------------------------------------------------------------------

    def operations(self, *at: float) -> Operations:
        """How many operations each way takes to evaluate the function and its partials;
        the code is run at a point, by default at one of its own choice."""
        formulas = [self.result, *self.partials.values()]
        known: dict[Any, int] = {}
        written = sum(operations(f, known) for f in formulas)
        shared, rest = sympy.cse(formulas)
        fewer = sum(operations(e) for e in [*(e for _, e in shared), *rest])
        point = at or tuple(0.3 + 0.4 * k for k in range(len(self.symbols)))
        return Operations(written, fewer, self._count(point))

    def report(self, *at: float) -> str:
        """The same as text."""
        written, shared, code = self.operations(*at)
        rows = [
            ("the formulas as they are written", written),
            ("the formulas, shared parts once", shared),
            ("the generated adjoint code", code),
        ]
        width = max(len(f"{count:,}") for _, count in rows)
        lines = [f"  {text:33} {count:>{width},} operations" for text, count in rows]
        what = f"{self.name} and its {len(self.partials)} partial derivatives"
        return "\n".join([f"to evaluate {what}:", *lines])


def _without_choices(
    formulas: list[Any], names: Iterator[Any]
) -> tuple[dict[Any, Any], list[Any]]:
    """The outermost Piecewise parts by new names, and the formulas that read the names:
    what stands in a branch must only be computed there."""
    found: dict[Any, Any] = {}

    def replaced(node: Any) -> Any:
        if isinstance(node, sympy.Piecewise):
            if node not in found:
                found[node] = next(names)
            return found[node]
        if not node.args or not node.has(sympy.Piecewise):
            return node
        return node.func(*map(replaced, node.args))

    rest = [replaced(formula) for formula in formulas]
    return {name: node for node, name in found.items()}, rest


def _text(expression: Any) -> str:
    return str(StrPrinter().doprint(expression))


class _Source(Printer):
    """Prints Python that runs: functions by their place."""

    def __init__(self) -> None:
        super().__init__()
        self.used = False

    def function(self, name: str) -> str:
        if name == "abs":
            return name
        if not hasattr(math, name):
            message = f"`{name}` is no function of Python"
            raise DifferentiationError(Diagnostic(message, help="use the text or LaTeX"))
        self.used = True
        return f"math.{name}"

    def _print_Pi(self, node: Any) -> str:
        return self.function("pi")

    def _print_Pow(self, node: Any, rational: bool = False) -> str:
        if abs(node.exp) == sympy.Rational(1, 2):
            root = f"{self.function('sqrt')}({self._print(node.base)})"
            return root if node.exp > 0 else f"1/{root}"
        return str(super()._print_Pow(node, rational=rational))

    def _print_sign(self, node: Any) -> str:
        x = self._print(node.args[0])
        return f"(1 if {x} > 0 else -1 if {x} < 0 else 0)"

    def _print_Symbol(self, node: Any) -> str:
        return self.function("nan") if node == UNDEFINED else str(node.name)

    def _print_Infinity(self, node: Any) -> str:
        return self.function("inf")

    def _print_NegativeInfinity(self, node: Any) -> str:
        return f"-{self.function('inf')}"

    def _print_NaN(self, node: Any) -> str:
        return self.function("nan")

    def _print_ITE(self, node: Any) -> str:
        cond, then, other = map(self._print, node.args)
        return f"({then} if {cond} else {other})"

    def _print_And(self, node: Any) -> str:
        return f"({' and '.join(map(self._print, node.args))})"

    def _print_Or(self, node: Any) -> str:
        return f"({' or '.join(map(self._print, node.args))})"

    def _print_Not(self, node: Any) -> str:
        return f"(not {self._print(node.args[0])})"
