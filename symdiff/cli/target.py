"""The function that a command names, and its arguments."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
import types
from typing import Any, NamedTuple

from symdiff.api import Gradient
from symdiff.api.argnums import Argnums
from symdiff.errors import DifferentiationError
from symdiff.records import replace

__all__ = ["CommandError", "Target", "find", "parse_argnums", "placed", "write"]


class CommandError(Exception):
    """The command cannot be carried out as it was given."""


class Target(NamedTuple):
    """A function and, if it was found decorated, what its gradient is taken by."""

    function: Any
    argnums: Argnums | None
    name: str
    has_aux: bool = False


def find(text: str) -> Target:
    """The function that `FILE:FUNCTION` or `module:function` names."""
    place, colon, name = text.rpartition(":")
    if not colon or not place or not name:
        raise CommandError(f"`{text}`: write FILE:FUNCTION, such as model.py:loss")
    is_file = place.endswith(".py") or os.sep in place or os.path.exists(place)
    module = _from_file(place) if is_file else _from_name(place)
    thing: Any = module
    for part in name.split("."):
        if not hasattr(thing, part):
            raise CommandError(f"no function `{name}` in {place}{_hint(thing, part)}")
        thing = getattr(thing, part)
    if isinstance(thing, Gradient):
        return Target(thing.__wrapped__, thing.argnums, name, thing.options.has_aux)
    return Target(thing, None, name)


def placed(error: DifferentiationError) -> DifferentiationError:
    """The error with files of this folder named from here, as the user does."""
    here = os.path.join(os.getcwd(), "")
    found = []
    for problem in error.diagnostics:
        span = problem.span
        if span is not None:
            span = span._replace(file=span.file.removeprefix(here))
        found.append(replace(problem, span=span))
    return DifferentiationError(found)


def _hint(owner: Any, name: str) -> str:
    import difflib

    known = [n for n, v in vars(owner).items() if callable(v) and not n.startswith("_")]
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _from_file(path: str) -> types.ModuleType:
    """The file as a module called after it, its folder importable as for `python FILE`."""
    if not os.path.isfile(path):
        raise CommandError(f"no file {path}")
    shown, path = path, os.path.abspath(path)
    name = os.path.splitext(os.path.basename(path))[0]
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CommandError(f"{path} is not a Python file")
    load = spec.loader.exec_module
    module = importlib.util.module_from_spec(spec)
    known = sys.modules.get(name)
    if known is None or getattr(known, "__file__", None) == path:
        sys.modules[name] = module  # dataclasses and pickle look modules up by name
    _run(lambda: load(module), shown)
    return module


def _from_name(name: str) -> types.ModuleType:
    sys.path.insert(0, os.getcwd())
    found: list[types.ModuleType] = []
    _run(lambda: found.append(importlib.import_module(name)), name)
    return found[0]


def _run(load: Any, place: str) -> None:
    """Run the user's module; what it raises becomes one line."""
    try:
        load()
    except DifferentiationError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        if isinstance(error, ModuleNotFoundError) and error.name == place.split(".")[0]:
            raise CommandError(f"no module `{place}`") from None
        where = _last_line_in(error)
        text = str(error) or type(error).__name__
        kind = "" if text == type(error).__name__ else f"{type(error).__name__}: "
        raise CommandError(f"{place} cannot be imported: {kind}{text}{where}") from None


def _last_line_in(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [f for f in frames if not f.filename.startswith("<frozen")]
    if not mine:
        return ""
    return f" ({os.path.basename(mine[-1].filename)}:{mine[-1].lineno})"


def parse_argnums(text: str | None) -> Argnums | None:
    """`x,c` or `0,2`; one alone gives a bare gradient."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise CommandError("--argnums names no parameter")
    items: list[int | str] = [int(p) if p.lstrip("-").isdigit() else p for p in parts]
    return items[0] if len(items) == 1 else tuple(items)


def write(path: str, content: str | bytes) -> None:
    """Write a file that the command was asked for."""
    data = content.encode() if isinstance(content, str) else content
    try:
        with open(path, "wb") as file:
            file.write(data)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from None
