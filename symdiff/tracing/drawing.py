"""Pictures of graphs as SVG: values in layers, by how many steps lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["drawn"]

_CHARACTER, _HEIGHT, _GAP, _LAYER = 7.3, 34, 18, 74  # in pixels, for text of 12
_STYLE = {"": "", "bar": ' stroke-dasharray="4 3"'}

Labels = Mapping[int, tuple[str, str]]  # two lines of text for each value, by number
Edges = Sequence[tuple[int, int]]


def drawn(labels: Labels, edges: Edges, bars: Labels) -> str:
    """The graph from its inputs below to its result above; beside it the same graph with
    edges turned round, of those values that are in `bars`."""
    rows = _layers(labels, edges)
    left, width = _placed(rows, labels, 0.0)
    parts = _part(left, labels, edges, "", len(rows))
    if bars:
        kept = [[k for k in row if k in bars] for row in rows]
        right, more = _placed(kept, bars, width + 2 * _GAP)
        back = [(b, a) for a, b in edges if a in bars and b in bars]
        parts += _part(right, bars, back, "bar", len(rows))
        width += 2 * _GAP + more
    height = _LAYER * len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" font-family="monospace" font-size="12">\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>\n'
        f'<rect width="{width:.0f}" height="{height}" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _layers(labels: Labels, edges: Edges) -> list[list[int]]:
    """The values by the longest path that leads to them, each row near its parents."""
    parents: dict[int, list[int]] = {k: [] for k in labels}
    for parent, child in edges:
        parents[child].append(parent)
    depth: dict[int, int] = {}
    for k in sorted(labels):
        depth[k] = 1 + max((depth[p] for p in parents[k]), default=-1)
    rows: list[list[int]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for k in sorted(labels):
        rows[depth[k]].append(k)
    place: dict[int, float] = {}
    for row in rows:
        own = {k: [place[p] for p in parents[k]] for k in row}
        row.sort(key=lambda k: sum(own[k]) / len(own[k]) if own[k] else k)
        place.update((k, (n + 0.5) / len(row)) for n, k in enumerate(row))
    return rows


def _width(lines: tuple[str, str]) -> float:
    return _CHARACTER * max(map(len, lines)) + 12


def _placed(
    rows: Sequence[Sequence[int]], labels: Labels, start: float
) -> tuple[dict[int, tuple[float, int, float]], float]:
    """For each value the left edge, the layer and the width of its box; the whole width."""
    spans = [sum(_width(labels[k]) + _GAP for k in row) for row in rows]
    whole = max(spans, default=0.0)
    found = {}
    for number, (row, span) in enumerate(zip(rows, spans, strict=True)):
        at = start + (whole - span + _GAP) / 2
        for k in row:
            found[k] = at, number, _width(labels[k])
            at += _width(labels[k]) + _GAP
    return found, whole


def _part(
    boxes: Mapping[int, tuple[float, int, float]],
    labels: Labels,
    edges: Edges,
    form: str,
    count: int,
) -> list[str]:
    def top(layer: int) -> float:
        return _LAYER * (count - 1 - layer) + (_LAYER - _HEIGHT) / 2

    lines = []
    for a, b in edges:
        (x, i, w), (u, j, v) = boxes[a], boxes[b]
        up = j > i
        begin, end = top(i) + (0 if up else _HEIGHT), top(j) + (_HEIGHT if up else 0)
        lines.append(
            f'<path d="M{x + w / 2:.1f} {begin:.0f}L{u + v / 2:.1f} {end:.0f}" '
            f'stroke="#808080"{_STYLE[form]} marker-end="url(#tip)"/>'
        )
    for k, (x, layer, width) in boxes.items():
        y, middle = top(layer), x + width / 2
        lines.append(
            f'<rect x="{x:.1f}" y="{y:.0f}" width="{width:.1f}" height="{_HEIGHT}" rx="3" '
            f'fill="white" stroke="black"{_STYLE[form]}/>'
        )
        for shift, text in zip((14, 28), labels[k], strict=True):
            lines.append(
                f'<text x="{middle:.1f}" y="{y + shift:.0f}" text-anchor="middle">'
                f"{escape(text)}</text>"
            )
    return lines
