"""`symdiff trace`, `graph` and `system`: what a function executes at given arguments."""

from __future__ import annotations

import argparse
from typing import Any

from symdiff.api import graph, system, trace
from symdiff.cli.check import parse_arguments, running
from symdiff.cli.target import CommandError, Target, parse_argnums, write

__all__ = ["run", "run_graph", "run_system"]


def run(target: Target, options: argparse.Namespace) -> int:
    """Print the list of equations, with the gradients of the result if asked for."""
    args, kwargs = parse_arguments(options.at)
    with running(target):
        traced = trace(target.function, **_asked(target, options))(*args, **kwargs)
        table = traced.table(traced.backward() if options.gradients else None)
    print("\n".join(table))
    return 0


def run_graph(target: Target, options: argparse.Namespace) -> int:
    """Print the graph in the language of Graphviz, or draw it."""
    args, kwargs = parse_arguments(options.at)
    targets = options.targets.split(",") if options.targets else None
    with running(target):
        drawn = graph(target.function, **_asked(target, options))(*args, **kwargs)
        wanted = targets and [name.strip() for name in targets]
        text = drawn.dot(wanted) if options.svg is None else drawn.svg(wanted)
    if options.svg is None:
        print(text, end="")
    else:
        write(options.svg, text)
    return 0


def run_system(target: Target, options: argparse.Namespace) -> int:
    """Print the Lagrangian, the triangle and the multipliers, compared with the
    gradients of the generated code."""
    args, kwargs = parse_arguments(options.at)
    with running(target):
        solved = system(target.function, **_asked(target, options))(*args, **kwargs)
        found = solved.solve(options.solve)
        compared = solved.check(method=options.solve)
    if options.svg is not None:
        write(options.svg, solved.svg())
    if options.png is not None:
        write(options.png, solved.png())
    print(solved)
    print("\n".join(solved.table(found)))
    names = ", ".join(name for name, _ in compared)
    gap = max([1e-15, *(gap for _, gap in compared)])
    by = f"λ by {options.solve}"
    print(f"\n{by}: the gradients of the generated code by {names}, within {gap:.0e}")
    return 0


def _asked(target: Target, options: argparse.Namespace) -> dict[str, Any]:
    """The keywords of the three functions."""
    argnums = parse_argnums(options.argnums)
    return {
        "depth": _depth(options.depth),
        "argnums": target.argnums if argnums is None else argnums,
        "limit": options.limit,
    }


def _depth(text: str) -> int | None:
    """How many levels of calls are written out."""
    if text == "all":
        return None
    if not text.isdecimal():
        raise CommandError(f"--depth: `{text}` is neither a number nor `all`")
    return int(text)
