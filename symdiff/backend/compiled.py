"""What Numba makes of generated text: errors at the user's lines, compile time, cache."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any

from symdiff.backend.cache import Entry, directory, keep_text
from symdiff.backend.load import statement_at
from symdiff.digests import digest
from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.targets.refused import HELP

__all__ = ["compile_seconds", "file_for", "has_numba", "is_compile_error", "refused"]


def has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def file_for(entry: Entry, values: Mapping[str, Any]) -> str | None:
    """The file beside which Numba keeps machine code for a text; None where none is kept.

    Numba builds the values of outer names into the code: the file's name holds them.
    Functions it would take to be what they once were, and arrays may change.
    """
    plain = (int, float, complex, bool, str, type(None), types.ModuleType)
    folder = directory()
    if folder is None or not all(isinstance(v, plain) for v in values.values()):
        return None
    known = sorted((name, repr(value)) for name, value in values.items())
    mark = digest(repr((entry.source, known)))
    path = os.path.join(folder, "compiled", f"{entry.name}-{mark}.py")
    return path if keep_text(path, entry.source) else None


def compile_seconds(function: Any) -> float:
    """How long Numba worked on a function of this process."""
    file = function.__code__.co_filename
    own = [
        each for value in getattr(function, "py_func", function).__globals__.values()
        if getattr(getattr(value, "__code__", None), "co_filename", None) == file
        for each in getattr(value, "overloads", {}).values()
    ]  # fmt: skip
    timers = [(each.metadata or {}).get("timers", {}) for each in own]
    return max((t.get("compiler_lock", 0.0) for t in timers), default=0.0)


# -- errors -----------------------------------------------------------------------------


def is_compile_error(error: BaseException) -> bool:
    """Whether it was raised while Numba compiled, before anything ran."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "_compile_for_args" and "numba" in code.co_filename:
            return True
        trace = trace.tb_next
    return False


def refused(
    error: BaseException,
    file: str,
    source: str,
    lines: Mapping[int, Span],
    place: Span | None,
) -> DifferentiationError:
    """Numba's error as one at the user's line; `place` is that of the function."""
    line = max((n for f, n in _places(str(error)) if f == file), default=0)
    span = lines.get(statement_at(line, source)) or place
    text = _CODES.sub("", str(error))
    named = next((found[1] for p in _NAMES if (found := p.search(text))), None)
    called = _called(source, line, named) if named else None
    what = f"`{called}`" if called else "this"
    return DifferentiationError(Diagnostic(f"numba cannot compile {what}", span, HELP))


_CODES = re.compile(r"\x1b\[[0-9;]*m")  # colours
_NAMES = [
    re.compile(r"unsupported NumPy function 'numpy\.([\w.]+)'"),
    re.compile(r"Untyped global name '(\w+)'"),
    re.compile(r"Unknown attribute '(\w+)'"),
    re.compile(
        r"Function\(<(?:function|ufunc|built-in function) '?(?:array_|npy_|np_|ol_)?(\w+)"
    ),
]


def _places(text: str) -> Iterator[tuple[str, int]]:
    for found in re.finditer(r'File "([^"]*)", line (\d+)', text):
        yield found[1], int(found[2])
    for found in re.finditer(r"(<symdiff [^>]*>|\S+\.py) \((\d+)\)", text):
        yield found[1], int(found[2])


def _called(source: str, line: int, name: str) -> str | None:
    """What is called on a line by that name, as it is written."""
    last = name.rpartition(".")[2]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or 0):
            text = ast.unparse(node.func)
            if text.rpartition(".")[2] == last:
                return text if text.replace(".", "").isidentifier() else last
    return None
