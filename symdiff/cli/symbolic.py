"""`symdiff symbolic`: a function of numbers and its derivatives as formulas."""

from __future__ import annotations

import argparse
from typing import Any

from symdiff.api import symbolic
from symdiff.cli.target import CommandError, Target, parse_argnums

__all__ = ["run"]


def run(target: Target, options: argparse.Namespace) -> int:
    argnums = parse_argnums(options.argnums)
    found = symbolic(
        target.function,
        argnums=target.argnums if argnums is None else argnums,
        **_given(options.given),
    )
    if options.simplify:
        found = found.simplified()
    if options.report:
        print(found.report())
        return 0
    text = found.latex if options.latex else found.source if options.source else found.text
    print(text.rstrip("\n"))
    return 0


def _given(text: str) -> dict[str, Any]:
    """The numbers in a text such as `n=3, c=0.5`."""
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (side.strip() for side in part.partition("="))
        try:
            number = float(value)
        except ValueError:
            raise CommandError(f"--given: `{part}` is not written like n=3") from None
        found[name] = int(value) if value.lstrip("-").isdecimal() else number
    return found
