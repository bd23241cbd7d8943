"""Spans in the user's files, diagnostics, and the one error class for refusals."""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from typing import NamedTuple

from symdiff.records import dataclass


__all__ = ["Diagnostic", "DifferentiationError", "Span", "render"]


class Span(NamedTuple):
    """A stretch of the user's text. Lines count from 1, columns from 0 (in characters)."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: what is wrong, where, and what to type next."""

    message: str
    span: Span | None = None
    help: str | None = None


class DifferentiationError(SyntaxError):
    """What symdiff refuses to differentiate, at the user's line.

    A `SyntaxError`, so that editors and IPython place it; `diagnostics` holds every
    problem that was found in the run, the first of which fills the standard fields.
    """

    diagnostics: tuple[Diagnostic, ...]
    late = False  # whether keys of dicts were asked for that only the run knows

    def __init__(self, diagnostics: Sequence[Diagnostic] | Diagnostic) -> None:
        if isinstance(diagnostics, Diagnostic):
            diagnostics = (diagnostics,)
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0]
        span = first.span
        if span is None:
            super().__init__(first.message)
        else:
            text = linecache.getline(span.file, span.line) or None
            end = span.end_column + 1 if span.end_line == span.line else None
            place = (span.file, span.line, span.column + 1, text, span.end_line, end)
            super().__init__(first.message, place)
        self.msg = first.message

    def __str__(self) -> str:
        return "\n\n".join(render(d) for d in self.diagnostics)


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as a compiler prints it: message, place, line with carets, help."""
    lines = [diagnostic.message]
    span = diagnostic.span
    gutter = ""
    if span is not None:
        gutter = " " * len(str(span.line))
        lines.append(f"{gutter}--> {span.file}:{span.line}:{span.column + 1}")
        text = linecache.getline(span.file, span.line).rstrip("\n")
        if text:
            shown = text.expandtabs(4)
            start = len(text[: span.column].expandtabs(4))
            last = span.end_column if span.end_line == span.line else len(text.rstrip())
            stop = len(text[:last].expandtabs(4))
            lines.append(f"{gutter} |")
            lines.append(f"{span.line} | {shown}")
            lines.append(f"{gutter} | {' ' * start}{'^' * max(1, stop - start)}")
    if diagnostic.help:
        if gutter:
            lines.append(f"{gutter} |")
        lines.append(f"{gutter} = help: {diagnostic.help}")
    return "\n".join(lines)
