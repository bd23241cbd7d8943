"""`symdiff show`: the generated code, or one stage on the way to it."""

from __future__ import annotations

import argparse
import os
import sys
import types
from typing import Any

from symdiff.api.argnums import Goal, parameters, resolve_argnums
from symdiff.api.arguments import bind
from symdiff.api.code_in_c import c_request
from symdiff.api.gradient import Gradient
from symdiff.api.options import Options, checkpoints
from symdiff.api.specialise import make, request_for, request_unbound
from symdiff.api.stages import listing
from symdiff.checkpoints import Checkpoints
from symdiff.cli.check import parse_arguments
from symdiff.cli.standalone import standalone
from symdiff.cli.target import CommandError, Target, parse_argnums, placed, write
from symdiff.entries import holds_floats
from symdiff.errors import DifferentiationError
from symdiff.frontend.reading.source import plain_function
from symdiff.request import Mode, Order, Request
from symdiff.signature import parse_types

__all__ = ["run"]


def run(target: Target, options: argparse.Namespace) -> int:
    request = _request(target, options)
    if options.text_for == "c" and options.stage == "source":
        return _show_c(request, options.output)
    if options.output is not None:
        text = standalone(make(request))
        if options.output == "-":
            _print(text, "python")
            return 0
        write(options.output, text)
        return 0
    if options.stage == "source":
        _print(make(request).source, "python")
    else:
        _print(listing([request], options.stage), "text")
    return 0


def _show_c(request: Request, output: str | None) -> int:
    """Print a C file, or write it with its header beside it."""
    code = c_request(request)
    if output in (None, "-"):
        print(code.source.rstrip("\n"))
        return 0
    assert output is not None
    base, ending = os.path.splitext(output)
    if ending != ".c":
        raise CommandError(f"-o {output}: a C file is called {base}.c")
    write(output, code.source)
    write(f"{base}.h", code.header)
    return 0


def _request(target: Target, options: argparse.Namespace) -> Request:
    function = plain_function(target.function)
    names = parameters(function)
    if options.at and options.types:
        raise CommandError("--at says what the types are: leave out --types")
    try:
        known = parse_types(options.types, names)
    except ValueError as error:
        raise CommandError(f"--types: {error}") from None
    asked: dict[Mode, bool] = {
        "jvp": options.jvp or options.hvp,
        "vjp": options.vjp,
        "jacfwd": options.jacfwd,
        "value_and_grad": options.value,
    }
    mode: Mode = next((mode for mode, wanted in asked.items() if wanted), "grad")
    if options.stage == "ssa":
        mode = "primal"
    has_aux = options.has_aux or target.has_aux
    argnums = parse_argnums(options.argnums)
    if argnums is None:
        argnums = target.argnums
    if options.hvp:
        argnums = 0 if argnums is None else argnums
        try:
            gradient = Gradient(function, argnums, "grad", Options(has_aux))
        except DifferentiationError as error:
            raise CommandError(str(placed(error))) from None
        function = plain_function(gradient)
    values = _values(target, function, options.at) if options.at else None
    positions = None
    single = not isinstance(argnums, (tuple, list))
    if argnums is not None:
        try:
            positions = resolve_argnums(function, argnums)
        except DifferentiationError as error:
            raise CommandError(str(placed(error))) from None
    elif values is not None:
        positions = tuple(k for k, n in enumerate(names) if holds_floats(values[n]))
        single = len(positions) == 1
    if options.jacobian:
        mode = "jacobian"
    unroll = options.unroll or mode == "jacobian"
    if options.mode and (options.jacobian or mode in ("jvp", "vjp", "jacfwd")):
        raise CommandError("--mode is for gradients: leave it out")
    order: Order = options.jacobian or options.mode or "least"
    counts = _again(options.checkpoint)
    flags = unroll, order, options.indicators, options.text_for, counts
    goal = Goal(mode, positions, single, has_aux, *flags)
    if values is not None:
        return request_for(function, goal, values)
    return request_unbound(function, goal, known)


def _again(text: str) -> Checkpoints:
    parts = [part.strip() for part in text.split(",")] if text else []
    try:
        if all(map(str.isdecimal, parts)) and "0" not in parts:
            return checkpoints(tuple(map(int, parts)))
        return checkpoints(text)
    except ValueError:
        message = 'write how many blocks, as 10 or 10,10, or what to keep, as "10 states"'
        raise CommandError(f'--checkpoint {text}: {message} or "64 MB"') from None


def _values(target: Target, function: types.FunctionType, at: str) -> dict[str, Any]:
    args, kwargs = parse_arguments(at)
    try:
        return bind(function, args, kwargs, target.name)
    except TypeError as error:
        raise CommandError(str(error)) from None


def _print(text: str, language: str) -> None:
    """Colour on a terminal, plain text in a pipe."""
    text = text.rstrip("\n")
    if language == "python" and sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.syntax import Syntax
        except ImportError:
            pass
        else:
            syntax = Syntax(text, language, theme="ansi_dark", background_color="default")
            Console().print(syntax)
            return
    print(text)
