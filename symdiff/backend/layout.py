"""Text of `ast` trees: lines of at most 88 columns, with comments.

Expressions of the usual forms are printed here, since astor takes a tenth of a
millisecond for each statement; astor prints whatever else there is, and `ast.unparse`
prints f-strings, which astor cannot print everywhere.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from os.path import basename

import astor

from symdiff.backend.flow import Comment, Printed
from symdiff.backend.wrap import WIDTH, filled, text, wrapped
from symdiff.errors import Span
from symdiff.records import dataclass, field

__all__ = ["Text", "fits_docstring", "lay_out"]

_TAB = 4
_QUOTES = '"""'
_UNMARKED = (ast.For, ast.While, ast.If, ast.Return, Comment)  # without line comments
_MARGIN = 60  # comments of a function share a column up to here


@dataclass(slots=True)
class _Line:
    text: str
    span: Span | None = None
    note: str = ""


@dataclass(slots=True)
class Text:
    """Lines of text, and the user's span for those that have one (from line 1)."""

    lines: list[str] = field(default_factory=list)
    spans: dict[int, Span] = field(default_factory=dict)


def lay_out(header: ast.arguments, name: str, doc: str | None, printed: Printed,
            file: str) -> Text:  # fmt: skip
    """The text of one function; `file` is the one whose lines need no file name."""
    writer = _Writer(printed, file)
    writer.lines += map(_Line, _header(name, header))
    if doc:
        writer.lines += map(_Line, _docstring(doc))
    writer.block(printed.body, 1)
    return writer.finish()


def _header(name: str, header: ast.arguments) -> list[str]:
    return wrapped(f"def {name}(", _parameters(header), "):", 0)


def _parameters(header: ast.arguments) -> list[str]:
    plain = [*header.posonlyargs, *header.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(header.defaults))
    shown = [
        _parameter(arg, default)
        for arg, default in zip(plain, [*defaults, *header.defaults], strict=True)
    ]
    if header.posonlyargs:
        shown.insert(len(header.posonlyargs), "/")
    if header.vararg is not None:
        shown.append(f"*{header.vararg.arg}")
    elif header.kwonlyargs:
        shown.append("*")
    pairs = zip(header.kwonlyargs, header.kw_defaults, strict=True)
    shown += [_parameter(arg, default) for arg, default in pairs]
    if header.kwarg is not None:
        shown.append(f"**{header.kwarg.arg}")
    return shown


def _parameter(arg: ast.arg, default: ast.expr | None) -> str:
    return arg.arg if default is None else f"{arg.arg}={text(default)}"


def _docstring(doc: str) -> list[str]:
    """The docstring, wrapped by paragraphs; lines that are indented stay as they are."""
    doc = doc.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if doc.endswith('"'):
        doc = doc[:-1] + '\\"'
    indent = " " * _TAB
    if fits_docstring(doc):
        return [f'{indent}"""{doc}"""']
    lines: list[str] = []
    for number, paragraph in enumerate(doc.split("\n")):
        first = _QUOTES if number == 0 else ""
        if len(indent + first + paragraph) <= WIDTH:
            lines.append(first + paragraph.rstrip())
        else:
            lead = paragraph[: len(paragraph) - len(paragraph.lstrip())]
            lines += _filled(paragraph, first, lead)
    lines.append(_QUOTES)
    return [indent + line if line else "" for line in lines]


def fits_docstring(doc: str) -> bool:
    """Whether a docstring takes one line with its quotes."""
    return "\n" not in doc and len(doc) + 2 * len(_QUOTES) + _TAB <= WIDTH


def _filled(paragraph: str, first: str, lead: str) -> list[str]:
    """The lines of a paragraph; no word is left alone on the last one."""
    lines: list[str] = []
    for width in range(WIDTH - _TAB, WIDTH // 2, -1):
        lines = textwrap.wrap(
            paragraph, width, initial_indent=first, subsequent_indent=lead
        )
        if len(lines[-1].split()) > 1:
            break
    return lines


class _Writer:
    def __init__(self, printed: Printed, file: str) -> None:
        self.printed = printed
        self.file = file
        self.lines: list[_Line] = []

    def finish(self) -> Text:
        """Put the comments on; all in one column where that is not far out."""
        ends = [len(l.text) for l in self.lines if l.note and len(l.text) <= _MARGIN - 2]
        column = -(-(max(ends, default=0) + 2) // _TAB) * _TAB
        out = Text()
        for number, line in enumerate(self.lines, 1):
            shown = line.text
            if line.note:
                for start in (column, len(shown) + 2):
                    padded = shown.ljust(start)
                    if padded[-2:] == "  " and len(padded + line.note) <= WIDTH:
                        shown = padded + line.note
                        break
            out.lines.append(shown)
            if line.span is not None:
                out.spans[number] = line.span
        return out

    # -- comments -----------------------------------------------------------------------

    def place(self, span: Span) -> str:
        if span.file == self.file:
            return f"line {span.line}"
        return f"{basename(span.file)}:{span.line}"

    def notes(self, body: list[ast.stmt]) -> dict[ast.stmt, str]:
        """The comments of a block: at the last of the statements from one line."""
        notes: dict[ast.stmt, str] = {}
        pending: tuple[ast.stmt, str] | None = None
        for statement in body:
            span = self.printed.spans.get(statement)
            simple = not isinstance(statement, _UNMARKED)
            note = None if span is None or not simple else f"# {self.place(span)}"
            if statement in self.printed.unmarked:
                note = None
            if pending is not None and not (simple and note in (None, pending[1])):
                notes[pending[0]] = pending[1]
                pending = None
            if note is not None:
                pending = (statement, note)
            elif span is not None and statement in self.printed.notes:
                extra = self.printed.notes[statement]
                notes[statement] = f"# {self.place(span)}, {extra}"
        if pending is not None:
            notes[pending[0]] = pending[1]
        return notes

    # -- statements ---------------------------------------------------------------------

    def block(self, body: list[ast.stmt], depth: int) -> None:
        notes = self.notes(body)
        for statement in body:
            note = notes.get(statement, "")
            if isinstance(statement, ast.If):
                self.branch(statement, depth)
            elif isinstance(statement, (ast.For, ast.While, ast.With)):
                self.add(statement, depth, note)
                self.block(statement.body, depth + 1)
            else:
                self.add(statement, depth, note)

    def branch(self, statement: ast.If, depth: int) -> None:
        word = "if"
        while True:
            self.put(wrapped(f"{word} ", statement.test, ":", depth), statement, "")
            self.block(statement.body, depth + 1)
            orelse = statement.orelse
            if not orelse:
                return
            if len(orelse) > 1 or not isinstance(orelse[0], ast.If):
                break
            statement, word = orelse[0], "elif"
        self.lines.append(_Line(" " * _TAB * depth + "else:"))
        self.block(orelse, depth + 1)

    def add(self, statement: ast.stmt, depth: int, note: str) -> None:
        self.put(_statement(statement, depth), statement, note)

    def put(self, lines: list[str], statement: ast.stmt, note: str) -> None:
        span = self.printed.spans.get(statement)
        self.lines += [_Line(line, span) for line in lines[:-1]]
        self.lines.append(_Line(lines[-1], span, note))


def _statement(node: ast.stmt, depth: int) -> list[str]:
    """The lines of a simple statement, or of the head of a loop."""
    if isinstance(node, ast.Assign):
        prefix = "".join(f"{text(t, 0)} = " for t in node.targets)
        return wrapped(prefix, node.value, "", depth)
    if isinstance(node, ast.AugAssign):
        sign = text(ast.BinOp(ast.Name(""), node.op, ast.Name(""))).strip()
        return wrapped(f"{text(node.target)} {sign}= ", node.value, "", depth)
    if isinstance(node, ast.Return):
        if node.value is None:
            return wrapped("return", "", "", depth)
        return wrapped("return ", node.value, "", depth)
    if isinstance(node, ast.Expr):
        return wrapped("", node.value, "", depth)
    if isinstance(node, ast.For):
        return _head(node, depth)
    if isinstance(node, ast.While):
        return wrapped("while ", node.test, ":", depth)
    if isinstance(node, ast.With):
        entered = ", ".join(text(item.context_expr) for item in node.items)
        return wrapped(f"with {entered}:", "", "", depth)
    if isinstance(node, ast.Assert):
        message = "" if node.msg is None else f", {text(node.msg)}"
        return wrapped("assert ", node.test, message, depth)
    if isinstance(node, ast.Raise) and node.exc is not None:
        return wrapped("raise ", node.exc, "", depth)
    if isinstance(node, Comment):
        return wrapped(f"# {node.text}", "", "", depth)
    return list(_others(node, depth))


def _head(node: ast.For, depth: int) -> list[str]:
    """The head of a loop; where the targets alone are too long they are wrapped."""
    indent = " " * (_TAB * depth)
    target, rest = text(node.target, 0), f" in {text(node.iter)}:"
    lines = wrapped(f"for {target} in ", node.iter, ":", depth)
    if len(lines) > 1 or len(lines[0]) > WIDTH:
        parts = node.target.elts if isinstance(node.target, ast.Tuple) else []
        plain = all(isinstance(each, ast.Name) for each in parts)
        if parts and (plain or len(lines[0]) > WIDTH):
            names = filled([text(each) for each in parts], indent + " " * _TAB)
            return [f"{indent}for (", *names, f"{indent}){rest}"]
    return lines


def _others(node: ast.stmt, depth: int) -> Iterator[str]:
    for line in astor.to_source(node).rstrip("\n").split("\n"):
        yield " " * _TAB * depth + line
