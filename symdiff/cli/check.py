"""`symdiff check`: the gradient at given arguments beside differences of values."""

from __future__ import annotations

import argparse
import ast
import os
import sys
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from symdiff.checking import compare, table
from symdiff.cli.target import CommandError, Target, parse_argnums
from symdiff.errors import DifferentiationError
from symdiff.frontend.reading.source import plain_function

__all__ = ["parse_arguments", "run", "running"]


def run(target: Target, options: argparse.Namespace) -> int:
    function = plain_function(target.function)
    args, kwargs = parse_arguments(options.at)
    argnums = parse_argnums(options.argnums)
    with running(target):
        found = compare(
            function,
            args,
            argnums=target.argnums if argnums is None else argnums,
            has_aux=options.has_aux or target.has_aux,
            kwargs=kwargs,
            eps=options.eps,
            rtol=options.rtol,
            atol=options.atol,
        )
    print(table(found))
    wrong = sum(not each.agrees for each in found)
    entries = f"{len(found)} entr{'y' if len(found) == 1 else 'ies'}"
    if wrong:
        print(
            f"{target.name}: the gradient is wrong in {wrong} of {entries}", file=sys.stderr
        )
        return 1
    print(f"{target.name}: the gradient agrees with central differences in {entries}")
    return 0


@contextmanager
def running(target: Target) -> Iterator[None]:
    """Run the user's function; what it raises becomes the message of the command."""
    try:
        yield
    except DifferentiationError:
        raise
    except Exception as error:  # the user's function may raise anything
        notes = _notes(error, plain_function(target.function))
        text = "".join(f"\n  {note}" for note in notes)
        message = f"{type(error).__name__}: {error}{text}"
        raise CommandError(
            f"{target.name} does not run at these arguments: {message}"
        ) from None


def _notes(error: BaseException, function: types.FunctionType) -> list[str]:
    """Where in the user's file it happened: known, or looked up in the traceback."""
    notes = list(getattr(error, "__notes__", ()))
    if notes:
        return notes
    frames = traceback.extract_tb(error.__traceback__)
    mine = [f for f in frames if f.filename == function.__code__.co_filename]
    for frame in mine[-1:]:
        file = os.path.basename(frame.filename)
        notes.append(f"in {file}:{frame.lineno}, in `{frame.name}`: {frame.line}")
    return notes


_CONSTRUCTORS = (
    "arange", "array", "asarray", "eye", "float32", "float64", "full", "geomspace", "int64",
    "linspace", "logspace", "ones", "pi", "e", "zeros", "sin", "cos", "exp", "sqrt",
)  # fmt: skip
_NODES = (
    ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Tuple, ast.List,
    ast.keyword, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop,
)  # fmt: skip


def parse_arguments(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The values of arguments written as in a call: literals and NumPy constructors.

    >>> parse_arguments("1.0, [2, -3], n=2**3")
    ((1.0, [2, -3]), {'n': 8})
    """
    try:
        tree = ast.parse(f"_({text})", "--at", "eval")
    except SyntaxError as error:
        raise CommandError(
            f"--at: `{text}` is not a list of arguments: {error.msg}"
        ) from None
    call = tree.body
    for node in ast.walk(tree):
        if not isinstance(node, _NODES) or not _allowed(node, call):
            shown = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
            raise CommandError(
                f"--at: `{shown}` is not allowed: write numbers, lists, tuples and "
                "np.array, np.linspace and the like"
            )
    names: dict[str, Any] = {
        "_": lambda *args, **kwargs: (args, kwargs),
        "__builtins__": {},
        "inf": float("inf"),
        "nan": float("nan"),
    }
    if "np" in text or "numpy" in text:
        import numpy

        names["np"] = names["numpy"] = types.SimpleNamespace(
            **{name: getattr(numpy, name) for name in _CONSTRUCTORS}
        )
    try:
        args, kwargs = eval(compile(tree, "--at", "eval"), names)
    except (ValueError, TypeError, NameError, ArithmeticError, AttributeError) as error:
        raise CommandError(f"--at: {error}") from None
    return args, kwargs


def _allowed(node: ast.AST, outermost: ast.expr) -> bool:
    """Attributes are those of `np` only, and so is what is called."""
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy")
    if isinstance(node, ast.Call) and node is not outermost:
        return isinstance(node.func, ast.Attribute)
    return True
