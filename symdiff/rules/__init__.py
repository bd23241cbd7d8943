"""Derivative rules: rows of data, looked up by operation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from symdiff.ir.core import Equation, kind_of
from symdiff.ir.effects import APPLIES
from symdiff.ir.kinds import Array, Bool, Float, Int, List
from symdiff.rules.arrays import ARRAYS
from symdiff.rules.complex import HOLOMORPHIC, OF_COMPLEX, takes_complex
from symdiff.rules.declared import declared_rule
from symdiff.rules.eigen import EIGEN
from symdiff.rules.factors import FACTORS
from symdiff.rules.fourier import FOURIER
from symdiff.rules.linalg import LINALG
from symdiff.rules.lists import ON_LISTS
from symdiff.rules.memory import MEMORY
from symdiff.rules.pieces import PIECES
from symdiff.rules.products import PRODUCTS
from symdiff.rules.reductions import REDUCTIONS
from symdiff.rules.row import ZERO, ArrayRule, Rule, Zero
from symdiff.rules.scalar import CONSTANT, SCALAR
from symdiff.rules.shapes import unbroadcast
from symdiff.rules.signals import SIGNALS
from symdiff.rules.solving import SOLVING
from symdiff.rules.turning import TURNING

__all__ = [
    "ZERO", "ArrayRule", "Rule", "Zero", "all_rules", "hint", "rule_for", "rule_of",
    "unbroadcast",
]  # fmt: skip

_ROWS: tuple[Rule, ...] = (
    *SCALAR,
    *REDUCTIONS,
    *ARRAYS,
    *PRODUCTS,
    *LINALG,
    *EIGEN,
    *FACTORS,
    *TURNING,
    *SIGNALS,
    *FOURIER,
    *PIECES,
    *MEMORY,
    *SOLVING,
)


@cache
def _scipy_rows() -> tuple[Rule, ...]:
    """What only SciPy has: most rows, which are loaded only where a program uses one."""
    from symdiff.rules.bands import BANDS
    from symdiff.rules.distributions import DISTRIBUTIONS
    from symdiff.rules.moments import MOMENTS
    from symdiff.rules.riccati import RICCATI
    from symdiff.rules.scipy_linalg import SCIPY_LINALG
    from symdiff.rules.sparse import SPARSE
    from symdiff.rules.special import SPECIAL

    rows = *SCIPY_LINALG, *BANDS, *RICCATI, *SPARSE, *SPECIAL
    return *rows, *DISTRIBUTIONS, *MOMENTS


def _by_op(rows: Iterable[Rule]) -> dict[str, Rule]:
    return {op: row for row in rows for op in row.ops}


@cache
def _of_scipy() -> dict[str, Rule]:
    return _by_op(_scipy_rows())


_TABLE = _by_op(_ROWS)
# A function of `cmath` has the row of that of `math`.
_TABLE |= {op: _TABLE[op[1:]] for op in HOLOMORPHIC if op.startswith("cmath.")}
_OF_COMPLEX = _by_op(OF_COMPLEX)
# What is complex in the program may be real where values are looked at.
_TABLE |= {"real": _OF_COMPLEX["real"], "imag": Rule("imag(x)", ("0",), "imag")}
_ON_LISTS = _by_op(ON_LISTS)

_REAL = frozenset({Float, Int, Bool})
_TRANSFORMS = ("numpy.fft.", "scipy.fft.")  # linear, all of them

_FACTS = frozenset(
    {None, "shape", "ndim", "size", "strides", "dtype", "itemsize", "nbytes"}
    | {"flags.c_contiguous"}
)

_HINTS = {
    "nextafter": "it moves to a neighbouring number and is not smooth",
}
_STANDARD = {
    "normal": "mu + sigma * {}.standard_normal(size)",
    "uniform": "low + (high - low) * {}.random(size)",
    "exponential": "scale * {}.standard_exponential(size)",
}


def rule_for(op: str, params: Any = None) -> Rule | Zero | None:
    """The rule of an operation; ZERO if its result never depends smoothly on its
    arguments; None if there is no rule. `params` matters for "attr" only."""
    if op == "attr":
        return ZERO if params in _FACTS else None
    if op in CONSTANT or op in ("part", "stop"):
        return ZERO
    found = _TABLE.get(op)
    if found is None and op.startswith("scipy."):
        return _of_scipy().get(op)
    return found


def rule_of(eq: Equation) -> Rule | Zero | None:
    """The rule of an equation; operations on lists have rows of their own."""
    if eq.op in APPLIES:
        return declared_rule(eq)
    if _is_plain(eq):
        return rule_for(eq.op, eq.params)
    if eq.op.startswith("list.") or (eq.args and isinstance(kind_of(eq.args[0]), List)):
        found = _ON_LISTS.get(eq.op)
        if found is not None:
            return found
    rule = rule_for(eq.op, eq.params)
    if takes_complex(eq):
        rule = _for_complex(eq.op, rule)
    if isinstance(rule, Rule) and not rule.takes_lists:
        if any(isinstance(kind_of(a), List) for a in eq.args):
            return None
    return rule


def _is_plain(eq: Equation) -> bool:
    """Whether it is clear at a glance that neither lists nor complex numbers take part."""
    for kind in (eq.target.kind, *map(kind_of, eq.args)):
        cls = type(kind)
        if cls not in _REAL and (cls is not Array or kind.dtype != "float64"):  # type: ignore[attr-defined]
            return False
    return not eq.op.startswith("list.")


def _for_complex(op: str, rule: Rule | Zero | None) -> Rule | Zero | None:
    """The rule of an operation in which complex numbers take part, given that for real
    ones: most rows are wrong then, so that none serves unasked."""
    found = _OF_COMPLEX.get(op)
    if found is not None or op in HOLOMORPHIC or op.startswith(_TRANSFORMS):
        return found or rule
    return rule if isinstance(rule, Zero) and op != "numpy.sign" else None


def all_rules() -> tuple[Rule, ...]:
    """Every row, in the order of the tables."""
    return *_ROWS, *_scipy_rows()


def hint(op: str) -> str | None:
    """What to type where a rule is missing."""
    if op == "trigamma":
        return "`math.gamma` and `math.lgamma` are differentiated twice at most"
    module, _, name = op.rpartition(".")
    if module in ("numpy.random", "random", "") and name in _STANDARD:
        draw = _STANDARD[name].format(module.replace("numpy", "np") or "rng")
        return f"draw from the standard distribution: {draw}"
    if not module or module == "builtins":
        return None
    instead = "declare one, docs/rules.md, or use operations that have one, docs/numpy.md"
    reason = _HINTS.get(name)
    return f"{reason.format(module=module)}; {instead}" if reason else instead
