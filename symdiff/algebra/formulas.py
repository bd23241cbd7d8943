"""From the IR of a scalar program to one formula: SymPy's rules of calculus do the rest.

Branches become Piecewise, loops with known counts are written out. A value that is used
twice stands twice in a formula, which is why formulas swell and programs do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sympy

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, Global, If, Var, While, kind_of,
)  # fmt: skip
from symdiff.ir.effects import INVOKES
from symdiff.ir.kinds import Array, Int, Kind, List
from symdiff.ir.structure import part_name, part_text
from symdiff.rules.derived import expression_of
from symdiff.tracing.interpreter import Interpreter

__all__ = ["Formula", "formula_of", "operations"]

LARGEST = 20_000  # operations
DEEPEST = 60  # calls in one another
# What a name stands for on a path that leaves it unassigned, or ends in an error.
UNDEFINED = sympy.Symbol("undefined", real=True)


class Formula:
    """The formula of the result, and the symbols of the floats that it is a formula of.

    `constants` are the formulas of symbols that stand for what derivatives take for
    constant.
    """

    def __init__(
        self, result: Any, symbols: dict[str, Any], constants: dict[Any, Any]
    ) -> None:
        self.symbols = symbols
        self._result = result
        self._constants = constants

    @property
    def result(self) -> Any:
        return self._with_constants(self._result)

    def partial(self, name: str) -> Any:
        """The partial derivative. Steps have slope 0 everywhere."""
        found = sympy.diff(self._result, self.symbols[name])
        found = found.replace(sympy.DiracDelta, lambda *at: sympy.Integer(0))
        return self._with_constants(found)

    def _with_constants(self, found: Any) -> Any:
        while self._constants and found.free_symbols & self._constants.keys():
            found = found.subs(self._constants)
        return found


class floor(sympy.Function):  # type: ignore[misc]
    """`sympy.floor`, of slope 0 everywhere."""

    is_real = True

    @classmethod
    def eval(cls, x: Any) -> Any:
        return sympy.floor(x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.Integer(0)


def formula_of(
    function: Function,
    given: Mapping[str, float],
    outside: Mapping[str, Any],
    constants: Collection[str],
    limit: int,
) -> Formula:
    """The formula of what a function returns; the parameters in `given` are numbers, those
    in `constants` known and no numbers; `outside` are the values that it finds outside.

    Raises `DifferentiationError` for what is not scalar code, for loops that do not end
    after a known number of rounds, at most `limit`, and for formulas that get too large.
    """
    work = _Evaluation(function, given, outside, limit)
    for parameter in function.params:
        work.parameter(parameter.var, parameter.var.base in constants)
    work.block(function.body)
    returns = function.returns
    if not isinstance(returns, (Var, Const)):
        raise refusal("the result is not one number", function.span, "return a number")
    result = work.number(returns, function.span)
    return Formula(result, work.symbols, work.constants)


def refusal(message: str, span: Span | None, help: str | None = None) -> Exception:
    return DifferentiationError(Diagnostic(message, span, help))


def operations(expression: Any, known: dict[Any, int] | None = None) -> int:
    """How many operations the formula has as it is written, shared parts counted as often
    as they stand there."""
    known = {} if known is None else known
    if expression not in known:
        inner = sum(operations(part, known) for part in expression.args)
        known[expression] = inner + _own(expression)
    return known[expression]


def _own(node: Any) -> int:
    if isinstance(node, (sympy.Add, sympy.Mul)):
        return len(node.args) - 1
    return 1 if isinstance(node, (sympy.Pow, sympy.Function)) else 0


class _Evaluation:
    """Runs the IR on formulas."""

    def __init__(
        self,
        function: Function,
        given: Mapping[str, float],
        outside: Mapping[str, Any],
        limit: int,
    ) -> None:
        self.functions = {f.name: f for f in function.functions}
        self.given, self.limit = given, limit
        self.names = Interpreter(outside)
        self.depth = 0
        self.env: dict[Var, Any] = {}
        self.symbols: dict[str, Any] = {}
        self.constants: dict[Any, Any] = {}
        self.sizes: dict[Any, int] = {}
        self.rounds = 0

    # -- values -----------------------------------------------------------------------

    def parameter(self, var: Var, is_constant: bool) -> None:
        if is_constant:
            self.env[var] = None
        elif var.base in self.given:
            self.env[var] = constant(self.given[var.base])
        else:
            self.env[var] = self.symbol(var.base, var.kind)

    def symbol(self, name: str, kind: Kind) -> Any:
        if isinstance(kind, Int):
            return sympy.Symbol(name, integer=True)
        found = sympy.Symbol(name, real=True)
        if not isinstance(kind, (Array, List)):
            self.symbols[name] = found
        return found

    def value(self, atom: Atom) -> Any:
        if isinstance(atom, Var):
            return self.env[atom]
        if isinstance(atom, Global):
            return constant(self.names.outside(atom))
        return constant(atom.value) if isinstance(atom, Const) else UNDEFINED

    def number(self, atom: Atom, span: Span | None) -> Any:
        found = self.value(atom)
        if isinstance(found, sympy.Expr):
            return found
        raise refusal(f"`{atom}` has no formula", span)

    # -- nodes ------------------------------------------------------------------------

    def block(self, block: Block) -> None:
        for node in block:
            if isinstance(node, Equation):
                self.env[node.target] = self.equation(node)
            elif isinstance(node, If):
                self.branch(node)
            elif isinstance(node, For):
                self.counted(node)
            else:
                self.repeated(node)

    def equation(self, eq: Equation) -> Any:
        if eq.op in _NOTHING:
            return None
        if eq.op == "part":
            name = part_name(str(eq.args[0]), eq.params)
            if part_text(str(eq.args[0]), eq.params) in self.given:
                return constant(self.given[part_text(str(eq.args[0]), eq.params)])
            return self.symbol(name, eq.target.kind)
        for atom in (eq.target, *eq.args):
            if isinstance(kind_of(atom), (Array, List)):
                message = f"`{_said(eq)}` works on arrays or lists, which have no formula"
                raise refusal(message, eq.span, "use numbers, or `symdiff.trace`")
        args = [self.value(a) for a in eq.args]
        if eq.op in INVOKES:
            return self.invoked(self.functions[eq.params], args, eq.span)
        if eq.op == "apply" and eq.params.declared.expression is not None:
            return self.declared(eq, args[1:])
        if eq.op in ("tuple", "list", "tape"):
            return tuple(args)
        if eq.op == "push":
            return (*args[0], tuple(args[1:]))
        if eq.op == "item":
            return args[0][eq.params]
        if eq.op == "stop":
            symbol = sympy.Dummy("constant", real=True)
            self.constants[symbol] = args[0]
            return symbol
        made = _OPERATIONS.get(eq.op)
        parts = [p for a in args for p in (a if isinstance(a, tuple) else (a,))]
        plain = all(isinstance(p, (sympy.Basic, bool, type(None))) for p in parts)
        if made is None or eq.params or not plain:
            message = f"no formula is known of `{_said(eq)}`"
            raise refusal(message, eq.span, "use operators and the functions of math")
        if eq.op not in _OF_TRUTHS:
            args = [_as_number(a) for a in args]
        found = made(*args)
        self.check(found, eq.span)
        return found

    def check(self, found: Any, span: Span | None) -> None:
        if isinstance(found, sympy.Basic) and operations(found, self.sizes) > LARGEST:
            message = f"the formula has more than {LARGEST:,} operations"
            raise refusal(message, span, "the program has fewer: differentiate that")

    def declared(self, eq: Equation, args: list[Any]) -> Any:
        parameters = eq.params.declared.parameters
        keywords = eq.params.keywords
        names = (*parameters.names[: len(args) - len(keywords)], *keywords)
        values = {name: self.value(atom) for name, atom in eq.params.others}
        values.update(zip(names, args, strict=True))
        expression = expression_of(eq.params.declared)
        symbols = {s: values[s.name] for s in expression.free_symbols}
        return expression.subs(symbols, simultaneous=True)

    def invoked(self, function: Function, args: list[Any], span: Span | None) -> Any:
        self.count(span)
        self.depth += 1
        if self.depth > DEEPEST:
            message = "this recursion does not end, as far as formulas can tell"
            raise refusal(message, span, "give it numbers for which it ends")
        outer, self.env = self.env, {}
        self.env.update(zip((p.var for p in function.params), args, strict=True))
        self.block(function.body)
        returns = function.returns
        many = isinstance(returns, tuple)
        found = tuple(map(self.value, returns)) if many else self.value(returns)  # type: ignore[arg-type]
        self.env = outer
        self.depth -= 1
        return found

    # -- branches and loops -----------------------------------------------------------

    def branch(self, node: If) -> None:
        cond = condition(self.value(node.cond))
        if cond in (sympy.true, sympy.false):
            block, yields = node.then, node.then_yields
            if cond is sympy.false:
                block, yields = node.orelse, node.else_yields
            self.block(block)
            self.env.update(zip(node.results, map(self.value, yields), strict=True))
            return
        self.block(node.then)
        then = [self.value(a) for a in node.then_yields]
        self.block(node.orelse)
        orelse = [self.value(a) for a in node.else_yields]
        self.merge(node.results, cond, then, orelse, node.span)

    def merge(
        self, results: tuple[Var, ...], cond: Any, then: list[Any], orelse: list[Any],
        span: Span | None,
    ) -> None:  # fmt: skip
        if cond.has(sympy.Piecewise):
            message = "this branches on what another branch chose: there is no formula"
            raise refusal(message, span, "differentiate the program: symdiff.grad")
        for var, a, b in zip(results, then, orelse, strict=True):
            self.env[var] = found = chosen(cond, a, b)
            self.check(found, span)

    def counted(self, node: For) -> None:
        args = [self.value(a) for a in node.iteration.args]
        if node.iteration.form == "tape":
            ahead = node.iteration.ahead
            tapes = [t if k in ahead else t[::-1] for k, t in enumerate(args)]
            rounds = [sum(row, ()) for row in zip(*tapes, strict=True)]
        else:
            if not all(isinstance(b, sympy.Integer) for b in args):
                self.unknown(node.span, args)
            rounds = [(sympy.Integer(k),) for k in range(*map(int, args))]
            if node.iteration.form == "reversed":
                rounds.reverse()
        self.assign(node.carried, [self.value(a) for a in node.inits])
        self.round(node, rounds, 0)

    def round(self, node: For, rounds: list[tuple[Any, ...]], at: int) -> None:
        """The rounds from one on; the results are in the end those of the last one."""
        if at == len(rounds):
            self.assign(node.results, [self.value(a) for a in node.carried])
            return
        self.count(node.span)
        self.assign(node.targets, list(rounds[at]))
        self.block(node.body)
        after = [self.value(a) for a in node.yields]
        self.ending(node, after, lambda: self.round(node, rounds, at + 1))

    def repeated(self, node: While) -> None:
        self.assign(node.carried, [self.value(a) for a in node.inits])
        self.again(node)

    def again(self, node: While) -> None:
        self.count(node.span)
        self.block(node.test)
        cond = condition(self.value(node.cond))
        if cond is sympy.false:
            self.assign(node.results, [self.value(a) for a in node.carried])
            return
        if cond is not sympy.true:
            self.unknown(node.span, [cond])
        self.block(node.body)
        after = [self.value(a) for a in node.yields]
        self.ending(node, after, lambda: self.again(node))

    def ending(self, node: For | While, after: list[Any], rest: Callable[[], None]) -> None:
        """After a round: the loop is left, or goes on."""
        leave = sympy.false
        if node.leave is not None:
            leave = condition(self.value(node.leave))
        if leave is sympy.true:
            self.assign(node.results, after)
            return
        going_on = after if leave is sympy.false else [_unless(leave, v) for v in after]
        self.assign(node.carried, going_on)
        rest()
        if leave is not sympy.false:
            last = [self.value(r) for r in node.results]
            self.merge(node.results, leave, after, last, node.span)

    def assign(self, targets: tuple[Var, ...], values: list[Any]) -> None:
        self.env.update(zip(targets, values, strict=True))

    def count(self, span: Span | None) -> None:
        self.rounds += 1
        if self.rounds > self.limit:
            message = f"this goes on after {self.limit} rounds"
            raise refusal(message, span, "give it numbers for which it ends, or a `limit`")

    def unknown(self, span: Span | None, bounds: list[Any]) -> None:
        names = sorted({s.name for b in bounds for s in getattr(b, "free_symbols", ())})
        named = f", which depends on `{names[0]}`" if names else ""
        help = f"give it: symbolic(f, {names[0]}=3)" if names else None
        raise refusal(f"the number of rounds is not known{named}", span, help)


def constant(value: Any) -> Any:
    """A number as SymPy writes it: 2.0 as 2, and pi as pi."""
    if isinstance(value, bool):
        return sympy.true if value else sympy.false
    if isinstance(value, int):
        return sympy.Integer(value)
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return sympy.nan
    if value in (math.pi, math.e):
        return sympy.pi if value == math.pi else sympy.E
    if value.is_integer() and abs(value) < 1e15:
        return sympy.Integer(int(value))
    return sympy.Float(value)


def is_truth(value: Any) -> bool:
    """Whether a value is true or false, and no number: symbols of SymPy are both."""
    return isinstance(value, sympy.logic.boolalg.Boolean) and not isinstance(
        value, sympy.Expr
    )


def condition(value: Any) -> Any:
    """The truth of a value."""
    if is_truth(value):
        return value
    if isinstance(value, sympy.Expr):
        return sympy.Ne(value, 0)
    return sympy.true if value else sympy.false


def chosen(cond: Any, then: Any, other: Any) -> Any:
    """`then if cond else other`."""
    if then is other or (isinstance(then, sympy.Basic) and then == other):
        return then
    if isinstance(then, tuple) and isinstance(other, tuple):
        return tuple(chosen(cond, a, b) for a, b in zip(then, other, strict=True))
    if is_truth(then) or is_truth(other):
        then, other = condition(then), condition(other)
        yes = sympy.And(cond, then, evaluate=False)
        no = sympy.And(sympy.Not(cond), other, evaluate=False)
        return sympy.Or(yes, no, evaluate=False) if other is not sympy.false else yes
    if not isinstance(then, sympy.Basic) or not isinstance(other, sympy.Basic):
        return then if isinstance(other, type(None)) else other
    return sympy.Piecewise((then, cond), (other, True), evaluate=False)


def _unless(cond: Any, value: Any) -> Any:
    """The value where a condition is false."""
    if isinstance(value, tuple):
        return tuple(_unless(cond, v) for v in value)
    if not isinstance(value, sympy.Basic):
        return value
    return value.xreplace({cond: sympy.false, sympy.Not(cond): sympy.true})


def _as_number(value: Any) -> Any:
    """A truth as 1 or 0."""
    if isinstance(value, tuple):
        return tuple(map(_as_number, value))
    return chosen(value, sympy.Integer(1), sympy.Integer(0)) if is_truth(value) else value


# -- operations -----------------------------------------------------------------------

_OF_TRUTHS = frozenset(
    ("not", "select", "boolean and", "boolean or", "bitand", "bitor", "builtins.bool")
)
_NOTHING = ("comment", "assert", "raise", "builtins.print", "check length")


def _copysign(x: Any, y: Any) -> Any:
    return sympy.Abs(x) * sympy.Piecewise((-1, y < 0), (1, True))


def _cube_root(x: Any) -> Any:
    return sympy.real_root(x, 3)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(sympy, name) for name in (
        "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp log sqrt "
        "erf erfc gamma"
    ).split()},
    "floor": floor, "ceil": lambda x: -floor(-x), "lgamma": sympy.loggamma,
    "fabs": sympy.Abs, "pow": sympy.Pow,
    "log2": lambda x: sympy.log(x) / sympy.log(2), "copysign": _copysign,
    "log10": lambda x: sympy.log(x) / sympy.log(10), "log1p": lambda x: sympy.log(1 + x),
    "expm1": lambda x: sympy.exp(x) - 1, "exp2": lambda x: 2**x, "cbrt": _cube_root,
    "hypot": lambda *x: sympy.sqrt(sum(v**2 for v in x)), "fsum": sum,
    "degrees": lambda x: x * 180 / sympy.pi, "radians": lambda x: x * sympy.pi / 180,
}  # fmt: skip
_NUMPY = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "power": "pow",
    "deg2rad": "radians", "rad2deg": "degrees",
}  # fmt: skip
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "pow": lambda a, b: a**b, "neg": lambda a: -a,
    "pos": lambda a: a, "floordiv": lambda a, b: floor(a / b),
    "mod": lambda a, b: a - b * floor(a / b),
    "lt": sympy.Lt, "le": sympy.Le, "gt": sympy.Gt, "ge": sympy.Ge, "eq": sympy.Eq,
    "ne": sympy.Ne, "not": lambda a: sympy.Not(condition(a)), "select": lambda c, a, b: (
        chosen(condition(c), a, b)
    ),
    "boolean and": lambda *v: sympy.And(*map(condition, v)),
    "boolean or": lambda *v: sympy.Or(*map(condition, v)),
    "bitand": lambda a, b: sympy.And(condition(a), condition(b)),
    "bitor": lambda a, b: sympy.Or(condition(a), condition(b)),
    "copy": lambda a: a,
    "builtins.float": lambda a: a, "builtins.bool": condition,
    "builtins.abs": sympy.Abs, "builtins.max": sympy.Max, "builtins.min": sympy.Min,
    "builtins.pow": lambda a, b: a**b, "builtins.sum": lambda v, start=0: sum(v, start),
    "numpy.maximum": sympy.Max, "numpy.minimum": sympy.Min, "numpy.abs": sympy.Abs,
    "numpy.absolute": sympy.Abs, "numpy.square": lambda a: a**2, "numpy.sign": sympy.sign,
    **{f"math.{name}": made for name, made in _FUNCTIONS.items()},
    **{f"numpy.{name}": made for name, made in _FUNCTIONS.items() if name not in _NUMPY},
    **{f"numpy.{name}": _FUNCTIONS[own] for name, own in _NUMPY.items()},
}  # fmt: skip


def _said(eq: Equation) -> str:
    name = str(eq.args[0]).lstrip("@") if eq.op in ("call", "apply") else eq.op
    if eq.op == "method":
        name = f".{eq.params[0]}"
    return name.removeprefix("builtins.").replace("numpy.", "np.", 1)
