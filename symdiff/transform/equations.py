"""What both modes ask of an equation before they differentiate it."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.errors import Diagnostic
from symdiff.ir.core import Atom, Block, Const, Equation, Var, kind_of
from symdiff.ir.derivative import DERIVE
from symdiff.ir.effects import APPLIES
from symdiff.ir.kinds import List
from symdiff.records import replace
from symdiff.rules import hint, rule_for, rule_of
from symdiff.rules.complex import takes_complex
from symdiff.rules.row import Rule, Zero

__all__ = [
    "ON_TAPES", "doubled", "is_doubled", "items_of_results", "may_fail",
    "no_rule", "shown",
]  # fmt: skip

ON_TAPES = ("tape", "push")
_DOUBLED = {"mul": "pow", "add": "mul"}


def is_doubled(eq: Equation) -> bool:
    """Whether it is the square or the double of a value, written with two operands."""
    return eq.op in _DOUBLED and eq.args[0] == eq.args[1]


def doubled(eq: Equation) -> tuple[Equation, Rule]:
    """`x * x` as x ** 2 and `x + x` as x * 2, which have one share rather than two equal
    ones, and the rule for that."""
    eq = replace(eq, op=_DOUBLED[eq.op], args=(eq.args[0], Const(2)))
    rule = rule_for(eq.op)
    assert isinstance(rule, Rule)
    return eq, rule


def may_fail(eq: Equation) -> bool:
    """Whether the function fails for arguments for which its partials fail otherwise:
    then its own error comes first, as of `math.log(0.0)`."""
    return eq.op.startswith("math.") and eq.op not in ("math.sin", "math.cos")


def shown(eq: Equation) -> str:
    """The operation as a user would write its name."""
    name = eq.op
    if eq.op in ("call", *APPLIES):
        name = str(eq.args[0]).lstrip("@")
    elif eq.op == "method":
        name = f".{eq.params[0]}"
    elif eq.op == "attr":
        name = f".{eq.params}"
    return name.removeprefix("builtins.").replace("numpy.", "np.", 1)


def no_rule(eq: Equation) -> Diagnostic:
    """The problem of an active operation without a rule."""
    if any(isinstance(kind_of(a), List) for a in eq.args):
        message = f"no derivative rule for `{shown(eq)}` of a list"
        return Diagnostic(message, eq.span, "make an array of it: np.array(...)")
    if takes_complex(eq) and eq.op not in ("call", "method", *APPLIES):
        message = f"no derivative rule for `{shown(eq)}` of complex numbers"
        return Diagnostic(message, eq.span, "write it with .real and .imag")
    name = shown(eq) if eq.op == "method" else eq.op
    help = hint(name)
    if eq.op == "call":
        help = f"declare one: symdiff.rule({shown(eq)}, ...)"
    elif eq.op == "apply":  # a function of a rule, by a second derivative
        help = "declare the rule by partials: they have derivatives again"
    return Diagnostic(f"no derivative rule for `{shown(eq)}`", eq.span, help)


def is_smooth(eq: Equation) -> bool:
    """Whether the result may depend smoothly on the arguments."""
    return not isinstance(rule_of(eq), Zero)


def items_of_results(block: Block) -> Iterator[tuple[tuple[Atom, int], Var]]:
    """What a function with a declared derivative gave, by the tuple and the place."""
    given = set()
    for node in block:
        if isinstance(node, Equation):
            if node.op in ("apply", DERIVE):
                given.add(node.target)
            elif node.op == "item" and node.args[0] in given:
                yield (node.args[0], node.params), node.target
