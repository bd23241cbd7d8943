"""From generated text to a Python function that tracebacks and debuggers can show."""

from __future__ import annotations

import ast
import builtins
import importlib
import linecache
import os
import re
import sys
import types
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from symdiff.declared import find
from symdiff.digests import digest
from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.frontend.reading.source import file_of
from symdiff.ir.external import External
from symdiff.request import Emitted

__all__ = ["compiled", "load", "name_the_line", "resolve", "statement_at"]

MISSING = object()
_registered: Counter[str] = Counter()


def compiled(emitted: Emitted, file: str | None = None) -> types.CodeType:
    """What the text compiles to; `file` is one that holds it, if there is one."""
    if file is None:
        file = f"<symdiff {emitted.name} {digest(emitted.source)[:16]}>"
    return compile(emitted.source, file, "exec", dont_inherit=True)


def load(
    emitted: Emitted,
    values: Mapping[str, Any],
    module: str | None = None,
    code: types.CodeType | None = None,
) -> types.FunctionType:
    """Run the text with its outer names bound to `values`; the function it defines.

    The text is put into `linecache` and taken out again with the function. `code` is
    what it was compiled to, if it was.
    """
    code = code or compiled(emitted)
    file = code.co_filename
    namespace: dict[str, Any] = dict(values)
    namespace["__name__"] = module or "symdiff.generated"
    exec(code, namespace)
    function: types.FunctionType = namespace[emitted.name]
    _keep_compiled(namespace, file)
    _register(function, file, emitted.source)
    return function


def _keep_compiled(namespace: Mapping[str, Any], file: str) -> None:
    """Have Numba keep the machine code of what it compiles beside the file."""
    if os.path.isabs(file):
        for value in namespace.values():
            if hasattr(value, "enable_caching") and value.__code__.co_filename == file:
                value.enable_caching()


def _register(function: types.FunctionType, file: str, text: str) -> None:
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    _registered[file] += 1
    weakref.finalize(function, _unregister, file).atexit = False


def _unregister(file: str) -> None:
    _registered[file] -= 1
    if not _registered[file]:
        del _registered[file]
        linecache.cache.pop(file, None)


# -- outer names ----------------------------------------------------------------------


def resolve(
    externals: Iterable[External],
    functions: Sequence[types.FunctionType],
    root: types.FunctionType | None = None,
    statics: Mapping[str, Any] = types.MappingProxyType({}),
) -> dict[str, Any]:
    """The value of each outer name, given all the functions that the text came from, the
    one that is differentiated, and its arguments that are known.

    Raises `KeyError` where a path leads nowhere.
    """
    return {e.name: _value_from(e.path, functions, root, statics) for e in externals}


def _value_from(
    path: tuple[str, ...],
    functions: Sequence[types.FunctionType],
    root: types.FunctionType | None,
    statics: Mapping[str, Any],
) -> Any:
    """The value at a path that begins with the place of a function."""
    form, *rest = path
    if form in ("vjp", "jvp"):  # of the rule that was declared for the function there
        declared = find(_value_from(tuple(rest[:-1]), functions, root, statics))
        if declared is None:
            raise KeyError(".".join(path))
        return getattr(declared, form)
    if form == "root":
        return root
    if form == "parameter":
        first, *steps = _STEPS.findall(rest[-1])
        return _follow(statics[first], steps)
    if not form.endswith(" of"):
        return _value_at(path, functions)
    *owner, _, name = rest
    function = _value_from(tuple(owner), functions, root, statics)
    first, *steps = _STEPS.findall(name)
    value = _follow(_own_value(form.removesuffix(" of"), first, function), steps)
    if value is MISSING:
        raise KeyError(".".join(path))
    return value


def _value_at(path: tuple[str, ...], functions: Sequence[types.FunctionType]) -> Any:
    form, *owner, name = path
    if form == "module":
        return importlib.import_module(name)
    if form == "builtin":
        return getattr(builtins, name)
    name, *steps = _STEPS.findall(name)
    found = [v for v in _values_in(form, owner, name, functions) if v is not MISSING]
    if form == "global" and not found:
        found = [_module_names(owner[-1]).get(name, MISSING)]
    found = [_follow(value, steps) for value in found]
    if not found or found[0] is MISSING:
        raise KeyError(".".join(path))
    if any(value is not found[0] for value in found):
        raise DifferentiationError(
            Diagnostic(
                f"two functions called `{owner[-1]}` close over different values of "
                f"`{name}`",
                help="give the functions different names",
            )
        )
    return found[0]


def _values_in(
    form: str, owner: list[str], name: str, functions: Sequence[types.FunctionType]
) -> Iterator[Any]:
    for function in functions:
        module = function.__globals__.get("__name__", ""), function.__module__
        if form == "global":
            if owner[-1] in module:
                yield function.__globals__.get(name, MISSING)
        elif function.__qualname__ == owner[-1] and (len(owner) == 1 or owner[0] in module):
            yield _own_value(form, name, function)


def _own_value(form: str, name: str, function: types.FunctionType) -> Any:
    """What a function closes over, or the default of one of its parameters."""
    code = function.__code__
    if form == "closure":
        if name not in code.co_freevars or function.__closure__ is None:
            return MISSING
        cell = function.__closure__[code.co_freevars.index(name)]
        return _contents(cell)
    keywords = function.__kwdefaults__ or {}
    if name in keywords:
        return keywords[name]
    defaults = function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount][code.co_argcount - len(defaults) :]
    return defaults[names.index(name)] if name in names else MISSING


def _contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _module_names(module: str) -> dict[str, Any]:
    try:
        return vars(sys.modules.get(module) or importlib.import_module(module))
    except ImportError:
        return {}


# What a place such as `TABLE[0].rate` is made of: a name, then items and attributes.
_STEPS = re.compile(r"\[(?:[^\]'\"]|'[^']*'|\"[^\"]*\")*\]|[^.\[]+")


def _follow(value: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if value is MISSING:
            break
        if step.startswith("[#"):  # the value at a place of a dict
            values = list(value.values())
            value = values[int(step[2:-1])] if int(step[2:-1]) < len(values) else MISSING
        elif step.startswith("["):
            try:
                value = value[ast.literal_eval(step[1:-1])]
            except (LookupError, TypeError, ValueError, SyntaxError):
                return MISSING
        else:
            value = getattr(value, step, MISSING)
    return value


# -- errors while generated code runs -------------------------------------------------


def name_the_line(
    error: BaseException,
    function: types.FunctionType,
    lines: Mapping[int, Span],
    codes: Iterable[types.CodeType],
) -> None:
    """Add a note to `error` that says which of the user's lines it happened on.

    `codes` are the user's functions, the differentiated one first; the innermost of
    them around the line is named.
    """
    file = function.__code__.co_filename
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if line is None:
        return
    span = lines.get(statement_at(line, "".join(linecache.getlines(file))))
    codes = tuple(codes)
    if span is not None:
        text = linecache.getline(span.file, span.line).strip()
        note = f"in {_place(span.file, span.line)}{_name_around(span, codes)}: {text}"
    elif codes:
        first = codes[0]  # all that is known of a line that no single line gave rise to
        place = _place(file_of(first), first.co_firstlineno)
        note = f"in the gradient of `{first.co_name}` ({place})"
    else:
        return
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)


def statement_at(line: int, text: str) -> int:
    """The first line of the innermost statement that stands on a line."""
    first = 0
    todo: list[ast.AST] = [ast.parse(text)]
    while todo:
        for child in ast.iter_child_nodes(todo.pop()):
            if isinstance(child, ast.stmt) and child.lineno <= line <= (
                child.end_lineno or 0
            ):
                first = max(first, child.lineno)
                todo.append(child)
    return first


def _place(file: str, line: int) -> str:
    return f"{os.path.basename(file)}:{line}"


def _name_around(span: Span, codes: Iterable[types.CodeType]) -> str:
    best: tuple[int, str] | None = None
    for code in codes:
        if file_of(code) == span.file:
            last = max((line for *_, line in code.co_lines() if line), default=0)
            if code.co_firstlineno <= span.line <= last:
                size = last - code.co_firstlineno
                if best is None or size < best[0]:
                    best = size, code.co_name
    return "" if best is None else f", in `{best[1]}`"
