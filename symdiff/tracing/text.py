"""The text of an equation with numbered values: `z5 = z1 @ z3`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symdiff.ir.core import Atom, Equation, Var
from symdiff.ir.listing import Printer

__all__ = ["right_side", "short"]

_LONGEST = 24


class _Texts(Printer):
    """Prints equations with what `shown` says of variables."""

    def __init__(
        self, modules: Sequence[tuple[str, str]], shown: Callable[[Var], str]
    ) -> None:
        self.aliases = {"numpy": "np", **dict(modules)}
        self.shown = shown

    def atom(self, atom: Atom) -> str:
        return self.shown(atom) if isinstance(atom, Var) else super().atom(atom)

    def value(self, node: Equation) -> str:
        form = _LISTS.get(node.op) if node.params is None else None
        if form is not None:
            return form.format(*map(self.atom, node.args))
        if node.op == "list.new":
            return f"[{self.atoms(node.args)}]"
        return super().value(node).removeprefix("list.")


# As expressions for the list that there is afterwards.
_LISTS = {
    "list.append": "[*{}, {}]", "list.extend": "[*{}, *{}]", "list.concat": "{} + {}",
    "list.repeat": "{} * {}",
}  # fmt: skip


def right_side(
    eq: Equation,
    labels: Mapping[Var, str],
    values: Mapping[Var, Any],
    hidden: Mapping[Var, Equation],
    modules: Sequence[tuple[str, str]],
) -> str:
    """What an equation computes. Values without a label are written out: as the
    equation in `hidden` that makes them, or as a literal."""

    def shown(var: Var) -> str:
        if var in labels:
            return labels[var]
        made = hidden.get(var)
        if made is not None and made.op in ("tuple", "list"):
            return texts.value(made)
        return literal(values[var])

    texts = _Texts(modules, shown)
    return texts.value(eq)


def literal(value: Any) -> str:
    """A plain value inside an equation."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bool, int, float, complex, str, type(None))):
        text = repr(value)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    if isinstance(value, tuple):
        inside = ", ".join(map(literal, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return getattr(value, "__name__", None) or type(value).__name__


def short(value: Any) -> str:
    """A value in few characters: numbers, and what else is known of arrays."""
    if isinstance(value, np.ndarray):
        if value.size > 4 or value.ndim > 1:
            return f"{value.dtype}[{', '.join(map(str, value.shape))}]"
        return (
            f"[{', '.join(map(_brief, value.flat))}]" if value.ndim else _brief(value[()])
        )
    if isinstance(value, list):
        return f"list of {len(value)}"
    if isinstance(value, (float, complex, np.inexact)):
        return f"{value:.9g}"
    return literal(value)


def _brief(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, np.inexact) else literal(value)


def called(name: str, args: Sequence[str]) -> str:
    return f"{name}({', '.join(args)})"
