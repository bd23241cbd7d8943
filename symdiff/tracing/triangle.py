"""Pictures of a triangular matrix of blocks, as text, as SVG and as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

__all__ = ["Triangle"]

_MOST_HEADED = 30  # blocks with a heading for each column
_MOST_ENTRIES = 400  # rows that are drawn one by one
_COLOURS = {True: "#b0b0b0", False: "#2a6fbb"}  # the diagonal, and what is above it


class Triangle:
    """The blocks (row, column) in `pattern` are not zero, and those on the diagonal.

    Block k has the rows and columns from starts[k] to starts[k + 1] of the matrix, which
    is made only if its entries are drawn.
    """

    def __init__(
        self,
        names: Sequence[str],
        pattern: Collection[tuple[int, int]],
        starts: Sequence[int],
        matrix: Callable[[], Any],
    ) -> None:
        self.names = names
        self.pattern = pattern
        self.starts = starts
        self.matrix = matrix

    def _sign(self, row: int, column: int) -> str:
        if row == column:
            return "\\"
        return "#" if (row, column) in self.pattern else "."

    def text(self) -> str:
        count = len(self.names)
        headed = count <= _MOST_HEADED
        width = max(map(len, self.names), default=0)
        lines = [
            name.ljust(width)
            + "".join(
                self._sign(row, column).rjust(width + 1 if headed else 1)
                for column in range(count)
            )
            for row, name in enumerate(self.names)
        ]
        if not headed:
            return "\n".join(f"{line[:width]} {line[width:]}" for line in lines)
        heading = " " * width + "".join(name.rjust(width + 1) for name in self.names)
        return "\n".join([heading, *lines])

    # -- SVG ----------------------------------------------------------------------------

    def svg(self) -> str:
        """Squares for entries, lines between blocks, a title for each square."""
        by_entry = self.starts[-1] <= _MOST_ENTRIES
        borders = [*self.starts] if by_entry else [*range(len(self.names) + 1)]
        size = borders[-1]
        cell = max(3, min(24, 600 // max(size, 1)))
        label = 8 * max(map(len, self.names), default=0) + 8
        whole = label + cell * size + 4
        squares = self._entries() if by_entry else self._blocks()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole}" '
            f'viewBox="0 0 {whole} {whole}" font-family="monospace" font-size="12">',
            f'<rect width="{whole}" height="{whole}" fill="white"/>',
        ]
        for row, column, title in squares:
            x, y = label + cell * column, label + cell * row
            parts.append(
                f'<rect x="{x}" y="{y}" width="{cell}" height="{cell}" '
                f'fill="{_COLOURS[row == column]}"><title>{title}</title></rect>'
            )
        end = label + cell * size
        for border in borders:
            at = label + cell * border
            parts.append(
                f'<path d="M{label} {at}H{end}M{at} {label}V{end}" stroke="#dddddd"/>'
            )
        for name, low, high in zip(self.names, borders, borders[1:], strict=False):
            if cell * (high - low) < 10:
                continue  # there is no room for it
            middle = label + cell * (low + high) / 2
            parts.append(
                f'<text x="{label - 6}" y="{middle + 4}" text-anchor="end">{name}</text>'
            )
            parts.append(
                f'<text transform="translate({middle + 4} {label - 6}) rotate(-90)">'
                f"{name}</text>"
            )
        return "\n".join([*parts, "</svg>"]) + "\n"

    # -- PNG ----------------------------------------------------------------------------

    def png(self) -> bytes:
        """The same squares as pixels, without text."""
        by_entry = self.starts[-1] <= _MOST_ENTRIES
        size = self.starts[-1] if by_entry else len(self.names)
        cell = max(1, min(24, 600 // max(size, 1)))
        white, lines = bytes((255, 255, 255)), []
        rows: dict[int, dict[int, bytes]] = {}
        for row, column, _ in self._entries() if by_entry else self._blocks():
            rows.setdefault(row, {})[column] = bytes.fromhex(_COLOURS[row == column][1:])
        for row in range(size):
            own = rows.get(row, {})
            line = b"".join(own.get(column, white) * cell for column in range(size))
            lines += [b"\0" + line] * cell
        return _png(cell * size, cell * size, b"".join(lines))

    def _entries(self) -> list[tuple[int, int, str]]:
        found = self.matrix().tocoo()
        owner = [
            name
            for k, name in enumerate(self.names)
            for _ in range(self.starts[k + 1] - self.starts[k])
        ]
        return [
            (int(i), int(j), f"{owner[i]}, {owner[j]}: {v:.6g}")
            for i, j, v in zip(found.row, found.col, found.data, strict=True)
        ]

    def _blocks(self) -> list[tuple[int, int, str]]:
        count = len(self.names)
        return [
            (row, column, f"{self.names[row]}, {self.names[column]}")
            for row, column in [*((k, k) for k in range(count)), *sorted(self.pattern)]
        ]


def _png(width: int, height: int, rows: bytes) -> bytes:
    """A file with eight bits per colour, of rows behind the filter 0 (ISO 15948)."""

    def chunk(name: bytes, data: bytes) -> bytes:
        ends = struct.pack(">I", len(data)), struct.pack(">I", zlib.crc32(name + data))
        return ends[0] + name + data + ends[1]

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
