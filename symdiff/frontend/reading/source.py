"""From a Python function to its node in the text of its file, with true positions."""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import linecache
import os
import time
import types
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from symdiff.digests import digest
from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.frontend.reading.calling import caller_of
from symdiff.frontend.reading.distributions import is_frozen
from symdiff.frontend.reading.private import named_in_code, spell_out_private
from symdiff.records import dataclass

__all__ = [
    "Source",
    "file_of",
    "give_text",
    "named",
    "plain_function",
    "source_of",
    "span_of",
    "unbound",
]

_STARTED = time.time()
_FUTURE_FLAGS = 0x1FF0000  # what `from __future__ import …` leaves in `co_flags`


@dataclass(frozen=True, slots=True)
class Source:
    """A function's node in the tree of its whole file."""

    file: str
    node: ast.FunctionDef | ast.Lambda
    lines: Sequence[str]
    ascii: bool

    @property
    def first_line(self) -> int:
        """The line of `def` or `lambda`, decorators not counted."""
        return self.node.lineno

    @property
    def text(self) -> str:
        """The lines of the file on which the function stands."""
        return "".join(self.lines[_first_line(self.node) - 1 : self.node.end_lineno])

    def span(self, node: ast.AST) -> Span | None:
        """Where a node of this file stands; None for a node without a place."""
        try:
            line, start = node.lineno, node.col_offset  # type: ignore[attr-defined]
            end_line, end = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        except AttributeError:
            return None
        if not self.ascii:
            start = _characters(self.lines[line - 1], start)
            end = _characters(self.lines[end_line - 1], end)
        return Span(self.file, line, start, end_line, end)


def span_of(node: ast.AST, file: str) -> Span | None:
    """Where a node of `file` stands, as the file reads now. `Source.span` is faster."""
    lines = linecache.getlines(file)
    ascii = all(map(str.isascii, lines))
    return Source(file, node, lines, ascii).span(node)  # type: ignore[arg-type]


def plain_function(thing: Any) -> types.FunctionType:
    """The thing itself if it is a plain Python function, or one that calls it; else the
    error that says why."""
    caller = caller_of(thing)
    if caller is not None:
        return caller
    if not isinstance(thing, types.FunctionType):
        raise _not_a_function(thing)
    return thing


def named(name: str) -> str:
    """What the gradient of a function is called after: `call` for `__call__`."""
    return name.strip("_") if name.startswith("__") and name.endswith("__") else name


def unbound(thing: Any) -> tuple[types.FunctionType, tuple[Any, ...]]:
    """A function and what its first parameter is bound to, if the thing is a method or an
    object that is called as a function."""
    if is_frozen(getattr(thing, "__self__", None)):
        return plain_function(thing), ()
    if isinstance(thing, types.MethodType) and isinstance(
        thing.__func__, types.FunctionType
    ):
        return thing.__func__, (thing.__self__,)
    if not isinstance(thing, types.FunctionType):
        called = inspect.getattr_static(type(thing), "__call__", None)
        if isinstance(called, types.FunctionType):
            return called, (thing,)
    return plain_function(thing), ()


def source_of(function: Any) -> Source:
    """The source of a plain Python function, or a `DifferentiationError` saying why not."""
    if not isinstance(function, types.FunctionType):
        raise _not_a_function(function)
    code = function.__code__
    linecache.checkcache(code.co_filename)
    file = file_of(code)
    lines = linecache.getlines(file, function.__globals__)
    if not lines:
        raise _no_text(function)
    text = _parse(file, lines)
    if text is None:
        raise _changed(function)
    nodes = text.nodes_of(code)
    if len(nodes) > 1:
        raise _ambiguous(function)
    if not nodes or not text.still_reads(code):
        raise _changed(function)
    node = nodes[0]
    if isinstance(node, ast.AsyncFunctionDef):
        raise _refusal(
            f"`{function.__name__}` is a coroutine function",
            "differentiate a plain function",
            Source(file, node, lines, text.ascii).span(node),  # type: ignore[arg-type]
        )
    from symdiff.frontend.reading.plain import plain  # loaded only where text is read

    return Source(file, plain(node), lines, text.ascii)


# -- text that is given -----------------------------------------------------------------

_given: dict[types.CodeType, str] = {}  # the files that stand for given texts, by the code


def give_text(thing: Any, text: str) -> None:
    """Remember the text that a function was made from by `exec`, for all functions that
    it defines."""
    function, _ = unbound(thing)
    code = function.__code__
    file = f"<text {digest(text)[:12]}>"
    flags = code.co_flags & _FUTURE_FLAGS
    codes = list(_codes(compile(text, file, "exec", flags, True)))
    if not any(_same_code(code, other) for other in codes):
        message = f"this is not the text that `{function.__name__}` was made from"
        raise _refusal(message, "pass all of the text that `exec` got")
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    _given.update(dict.fromkeys(codes, file))


def file_of(code: types.CodeType) -> str:
    """The file that code is from, or what stands for it where its text was given."""
    given = _given.get(code)
    if given is None or linecache.getlines(code.co_filename):
        return code.co_filename
    return given


# -- finding the node -----------------------------------------------------------------


class _Text:
    """A file that was parsed, and what was found in it."""

    def __init__(self, lines: Sequence[str], tree: ast.Module, ascii: bool) -> None:
        self.lines = lines
        self.tree = tree
        self.ascii = ascii
        self._found: dict[int, tuple[types.CodeType, list[Any]]] = {}
        self._compiled: dict[int, dict[Any, list[types.CodeType]]] = {}  # by flags

    def nodes_of(self, code: types.CodeType) -> list[Any]:
        """The nodes that the code may be of: several if that cannot be told."""
        known = self._found.get(id(code))
        if known is None:
            nodes = _candidates(self.tree, code)
            if len(nodes) > 1:
                nodes = _at_its_place(nodes, code)
            known = self._found[id(code)] = code, nodes  # kept, so that no other has its id
        return known[1]

    def still_reads(self, code: types.CodeType) -> bool:
        """Whether the text is what the function was compiled from.

        Only a file that was written after symdiff was imported can differ.
        """
        try:
            if os.stat(code.co_filename).st_mtime < _STARTED:
                return True
        except OSError:
            return True
        flags = code.co_flags & _FUTURE_FLAGS
        if flags not in self._compiled:
            self._compiled[flags] = _codes_by_place("".join(self.lines), code, flags)
        others = self._compiled[flags].get(_place_of(code), ())
        return any(_same_code(code, other) for other in others)


_MOST_TEXTS = 64
_texts: dict[str, _Text] = {}  # by file, the one that was used last at the end


def _parse(file: str, lines: Sequence[str]) -> _Text | None:
    """The tree of a file, parsed once for each text; None if it does not parse."""
    known = _texts.pop(file, None)
    if known is not None and (known.lines is lines or known.lines == lines):
        _texts[file] = known
        return known
    text = "".join(lines)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were shown when the file was imported
            tree = ast.parse(text, file)
    except SyntaxError:
        return None
    spell_out_private(tree, text)
    if len(_texts) >= _MOST_TEXTS:
        del _texts[next(iter(_texts))]
    _texts[file] = _Text(lines, tree, text.isascii())
    return _texts[file]


def _first_line(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    own: int = node.lineno  # type: ignore[attr-defined]
    return min([own, *(d.lineno for d in decorators)])


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _candidates(tree: ast.Module, code: types.CodeType) -> list[Any]:
    """The function nodes with the name and first line of the code."""
    line = code.co_firstlineno
    found: list[Any] = []
    # The statements of a module are in order.
    first = bisect_left(tree.body, line, key=_last_line)
    todo: list[ast.AST] = [
        *tree.body[first : bisect_right(tree.body, line, key=_first_line)]
    ]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Lambda):
            if code.co_name == "<lambda>" and node.lineno == line:
                found.append(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if named_in_code(node) == code.co_name and _first_line(node) == line:
                found.append(node)
        for child in ast.iter_child_nodes(node):
            end = getattr(child, "end_lineno", None)
            # Nodes without a place (`arguments`) may hold ones with a place.
            if end is None or (end >= line and _first_line(child) <= line):
                todo.append(child)
    return found


def _at_its_place(nodes: Sequence[Any], code: types.CodeType) -> list[Any]:
    """Those of the nodes whose columns are those in the code."""
    # Set-up instructions stand at column 0; they belong to no expression.
    positions = {p for p in code.co_positions() if None not in p and p[2:] != (0, 0)}
    lambdas = [node for node in nodes if isinstance(node, ast.Lambda)]
    if not positions or len(lambdas) < len(nodes):
        return list(nodes)
    found = [node for node in lambdas if _place(node.body) in positions]
    # Of `a if False else b` the compiler has left nothing but b.
    return found or [node for node in lambdas if all(_holds(node, p) for p in positions)]


def _place(node: ast.expr) -> tuple[int | None, ...]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _holds(node: ast.Lambda, position: tuple[int | None, ...]) -> bool:
    first, last, start, end = _place(node.body)
    line, end_line, column, end_column = position
    return (first, start) <= (line, column) and (end_line, end_column) <= (last, end)


def _codes_by_place(
    text: str, code: types.CodeType, flags: int
) -> dict[Any, list[types.CodeType]]:
    """The code of all functions of a module by name and line; of none if the text is no
    program."""
    found: dict[Any, list[types.CodeType]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(SyntaxError):
            for each in _codes(compile(text, code.co_filename, "exec", flags, True)):
                found.setdefault(_place_of(each), []).append(each)
    return found


def _place_of(code: types.CodeType) -> tuple[str, int]:
    return code.co_name, code.co_firstlineno


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield const
            yield from _codes(const)


def _same_code(a: types.CodeType, b: types.CodeType) -> bool:
    if (a.co_name, a.co_firstlineno, a.co_code) != (b.co_name, b.co_firstlineno, b.co_code):
        return False
    if (a.co_names, a.co_varnames, a.co_freevars) != (
        (b.co_names, b.co_varnames, b.co_freevars)
    ):
        return False
    if len(a.co_consts) != len(b.co_consts):
        return False
    for x, y in zip(a.co_consts, b.co_consts, strict=True):
        if isinstance(x, types.CodeType) and isinstance(y, types.CodeType):
            if not _same_code(x, y):
                return False
        elif type(x) is not type(y) or (x != y and repr(x) != repr(y)):
            return False
    return True


@functools.lru_cache(4096)
def _characters(line: str, column: int) -> int:
    """The column in characters, from one in UTF-8 bytes."""
    return len(line.encode()[:column].decode(errors="replace"))


# -- refusals -------------------------------------------------------------------------


def _refusal(message: str, help: str, span: Span | None = None) -> DifferentiationError:
    return DifferentiationError(Diagnostic(message, span, help))


def _dotted(thing: Any) -> str:
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    name = name or type(thing).__name__
    module = getattr(thing, "__module__", None)
    if isinstance(thing, types.BuiltinMethodType | types.MethodType):
        owner = thing.__self__
        if not isinstance(owner, types.ModuleType) and owner is not None:
            return str(name)
    return str(name) if module in (None, "builtins", "__main__") else f"{module}.{name}"


def _not_a_function(thing: Any) -> DifferentiationError:
    name = _dotted(thing)
    if isinstance(thing, type):
        message, help = f"`{name}` is a class", "differentiate a plain Python function"
    elif isinstance(thing, types.MethodType):
        message = f"`{name}` is a bound method"
        help = "differentiate a function that takes what the method reads as arguments"
    elif isinstance(thing, functools.partial):
        message = "a `functools.partial` object has no source of its own"
        help = "write the call: def g(x): return f(x, ...)"
    elif isinstance(thing, types.BuiltinFunctionType) or _is_compiled(thing):
        message = f"`{name}` is compiled and has no Python source"
        help = f"differentiate a Python function that calls it: lambda x: {name}(x)"
    elif callable(thing):
        message = f"an object of type `{type(thing).__name__}` is not a Python function"
        help = "differentiate a plain Python function that calls it"
    else:
        message = f"expected a function, got {_article(type(thing).__name__)}"
        help = "write grad(f)(x), not grad(f(x))"
    return _refusal(message, help)


def _is_compiled(thing: Any) -> bool:
    kind = type(thing)
    if kind.__module__ == "numpy":
        return True  # a ufunc, or a function behind NumPy's dispatcher
    return kind.__name__ in (
        "builtin_function_or_method", "method_descriptor", "wrapper_descriptor",
        "cython_function_or_method", "fused_cython_function", "method-wrapper",
    )  # fmt: skip


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def _no_text(function: types.FunctionType) -> DifferentiationError:
    file, name = function.__code__.co_filename, function.__name__
    if file == "<stdin>" or file.startswith("<python-input"):
        message = f"no source text for `{name}`: it was typed at a prompt"
        help = "put it in a file and import it, or use IPython, which keeps the text"
    elif file == "<string>":
        message = f"no source text for `{name}`: it was made by `exec` or `python -c`"
        help = "hand over what `exec` got: grad(f, text=...)"
    else:
        message = f"no source text for `{name}`: {file} cannot be read"
        help = "keep the .py file where it was imported from"
    return _refusal(message, help)


def _changed(function: types.FunctionType) -> DifferentiationError:
    code = function.__code__
    name = "this lambda" if code.co_name == "<lambda>" else f"`{function.__name__}`"
    return _refusal(
        f"{name} is no longer on line {code.co_firstlineno} of {code.co_filename}: "
        "the file has changed since it was imported",
        "import it again: importlib.reload(module)",
    )


def _ambiguous(function: types.FunctionType) -> DifferentiationError:
    code = function.__code__
    line = code.co_firstlineno
    text = linecache.getline(code.co_filename, line)
    start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
    return _refusal(
        "several lambdas stand on this line, and which one is meant cannot be told",
        "give each a line of its own, or use def",
        Span(code.co_filename, line, start, line, stop),
    )
