"""`symdiff trace` and `symdiff graph`: what a function executes at given arguments."""

from __future__ import annotations

import argparse
from typing import Any

from symdiff.api import graph, trace
from symdiff.cli.check import parse_arguments, running
from symdiff.cli.target import CommandError, Target, parse_argnums

__all__ = ["run", "run_graph"]


def run(target: Target, options: argparse.Namespace) -> int:
    """Print the list of equations, with the gradients of the result if asked for."""
    args, kwargs = parse_arguments(options.at)
    with running(target):
        traced = trace(
            target.function,
            depth=_depth(options.depth),
            argnums=_argnums(target, options),
            limit=options.limit,
        )(*args, **kwargs)
        table = traced.table(traced.backward() if options.gradients else None)
    print("\n".join(table))
    return 0


def run_graph(target: Target, options: argparse.Namespace) -> int:
    """Print the graph in the language of Graphviz."""
    args, kwargs = parse_arguments(options.at)
    targets = options.targets.split(",") if options.targets else None
    with running(target):
        drawn = graph(
            target.function,
            depth=_depth(options.depth),
            argnums=_argnums(target, options),
            limit=options.limit,
        )(*args, **kwargs)
        text = drawn.dot(targets and [name.strip() for name in targets])
    print(text, end="")
    return 0


def _argnums(target: Target, options: argparse.Namespace) -> Any:
    argnums = parse_argnums(options.argnums)
    return target.argnums if argnums is None else argnums


def _depth(text: str) -> int | None:
    """How many levels of calls are written out."""
    if text == "all":
        return None
    if not text.isdecimal():
        raise CommandError(f"--depth: `{text}` is neither a number nor `all`")
    return int(text)
