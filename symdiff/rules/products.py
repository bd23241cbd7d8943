"""Rules of products of arrays."""

from __future__ import annotations

from typing import Any

from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import Tuple, is_number
from symdiff.rules.factors import transposed as _transposed
from symdiff.rules.row import ArrayRule, Bound, Pull, refuse
from symdiff.rules.shapes import extent, shape_of, unbroadcast

__all__ = ["PRODUCTS"]

_ALL = SliceItem()


def _row(c: Bound, x: Atom) -> Atom:
    """`x[..., None, :]`"""
    return c.b.emit("getitem", x, params=Index(("rest", "new", _ALL), True))


def _column(c: Bound, x: Atom) -> Atom:
    """`x[..., None]`"""
    return c.b.emit("getitem", x, params=Index(("rest", "new"), True))


# -- matmul ---------------------------------------------------------------------------


def _ranks(c: Bound) -> tuple[int, int]:
    return c.array("a").ndim, c.array("b").ndim


def _matmul_a(c: Bound, g: Atom) -> Atom:
    b, y = c.b, c["b"]
    left, right = _ranks(c)
    if left == 1:
        if right == 1:
            return b.emit("mul", g, y)
        if right == 2:
            return b.emit("matmul", y, g)
        summed = b.emit("matmul", y, _column(c, g))  # (…, k, n) @ (…, n, 1)
        summed = b.emit("getitem", summed, Const(0), params=Index(("rest", "at"), True))
        return unbroadcast(b, summed, c["a"], 1)
    if right == 1:
        if left == 2:
            return c.emit("numpy.outer", g, y)
        return b.emit("mul", _column(c, g), y)
    return unbroadcast(b, b.emit("matmul", g, _transposed(c, y)), c["a"], 2)


def _matmul_b(c: Bound, g: Atom) -> Atom:
    b, x = c.b, c["a"]
    left, right = _ranks(c)
    if right == 1:
        if left == 1:
            return b.emit("mul", g, x)
        if left == 2:
            return b.emit("matmul", _transposed(c, x), g)
        product = b.emit("mul", _column(c, g), x)
        return c.emit("numpy.sum", product, axis=tuple(range(left - 1)))
    if left == 1:
        if right == 2:
            return c.emit("numpy.outer", x, g)
        return unbroadcast(b, b.emit("mul", _column(c, x), _row(c, g)), c["b"], 2)
    return unbroadcast(b, b.emit("matmul", _transposed(c, x), g), c["b"], 2)


# -- dot, inner, tensordot, outer, vdot -----------------------------------------------


def _dot_a(c: Bound, g: Atom) -> Atom:
    if any(is_number(kind_of(c[k])) for k in "ab"):
        return unbroadcast(c.b, c.b.emit("mul", g, c["b"]), c["a"])
    left, right = _ranks(c)
    if left <= 2 and right <= 2:
        return _matmul_a(c, g)
    return _tensordot_pull(c, g, "a", (left - 1,), (max(right - 2, 0),))


def _dot_b(c: Bound, g: Atom) -> Atom:
    if any(is_number(kind_of(c[k])) for k in "ab"):
        return unbroadcast(c.b, c.b.emit("mul", g, c["a"]), c["b"])
    left, right = _ranks(c)
    if left <= 2 and right <= 2:
        return _matmul_b(c, g)
    return _tensordot_pull(c, g, "b", (left - 1,), (max(right - 2, 0),))


def _inner(name: str) -> Any:
    def pull(c: Bound, g: Atom) -> Atom:
        other = c["b" if name == "a" else "a"]
        if is_number(kind_of(other)) or is_number(kind_of(c[name])):
            return unbroadcast(c.b, c.b.emit("mul", g, other), c[name])
        left, right = _ranks(c)
        if left == right == 1:
            return c.b.emit("mul", g, other)
        return _tensordot_pull(c, g, name, (left - 1,), (right - 1,))

    return pull


def _tensordot(name: str) -> Any:
    def pull(c: Bound, g: Atom) -> Atom:
        left, right = _ranks(c)
        return _tensordot_pull(c, g, name, *_tensor_axes(c, left, right))

    return pull


def _tensor_axes(
    c: Bound, left: int, right: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kind = kind_of(c["axes"])
    if isinstance(kind, Tuple) and len(kind.items) == 2:
        pairs = []
        for k, ndim in ((0, left), (1, right)):
            item = kind.items[k]
            inner = item.items if isinstance(item, Tuple) else (item,)
            values = [getattr(i, "extent", None) for i in inner]
            if not all(isinstance(v, int) for v in values):
                raise refuse(c.eq, "the axes of `numpy.tensordot` must be known numbers")
            pairs.append(tuple(v % ndim for v in values if isinstance(v, int)))
        return pairs[0], pairs[1]
    count = c.static("axes")
    return tuple(range(left - count, left)), tuple(range(count))


def _tensordot_pull(
    c: Bound, g: Atom, name: str, over_a: tuple[int, ...], over_b: tuple[int, ...]
) -> Atom:
    """The adjoint of a sum of products over pairs of axes: contract the result's axes
    that come from the other factor, then put the axes where they were."""
    left, right = _ranks(c)
    rest_a = tuple(k for k in range(left) if k not in over_a)
    rest_b = tuple(k for k in range(right) if k not in over_b)
    if name == "a":
        of_g = tuple(range(len(rest_a), len(rest_a) + len(rest_b)))
        if not rest_a and not rest_b:
            bar = c.b.emit("mul", g, c["b"])
        elif not of_g:
            bar = c.emit("numpy.tensordot", g, c["b"], axes=0)
        else:
            bar = c.emit("numpy.tensordot", g, c["b"], axes=(of_g, rest_b))
        # The axes left of b follow in rising order.
        order = rest_a + tuple(over_a[over_b.index(k)] for k in sorted(over_b))
    else:
        of_g = tuple(range(len(rest_a)))
        if not rest_a and not rest_b:
            bar = c.b.emit("mul", g, c["a"])
        elif not of_g:
            bar = c.emit("numpy.tensordot", c["a"], g, axes=0)
        else:
            bar = c.emit("numpy.tensordot", c["a"], g, axes=(rest_a, of_g))
        order = tuple(over_b[over_a.index(k)] for k in sorted(over_a)) + rest_b
    if order == tuple(range(len(order))):
        return bar
    back = tuple(order.index(k) for k in range(len(order)))
    return c.emit("numpy.transpose", bar, back)


def _outer_a(c: Bound, g: Atom) -> Atom:
    return _like(c, c.b.emit("matmul", g, _flat(c, "b")), "a")


def _outer_b(c: Bound, g: Atom) -> Atom:
    return _like(c, c.b.emit("matmul", _flat(c, "a"), g), "b")


def _vdot(name: str) -> Any:
    def pull(c: Bound, g: Atom) -> Atom:
        other = "b" if name == "a" else "a"
        kinds = c.array(name), c.array(other)
        x = c[other]
        if kinds[0].ndim != kinds[1].ndim or kinds[0].ndim != 1:
            x = c.emit("numpy.reshape", x, shape_of(c.b, c[name]))
        return c.b.emit("mul", g, x)

    return pull


def _flat(c: Bound, name: str) -> Atom:
    return c[name] if c.array(name).ndim == 1 else c.emit("numpy.ravel", c[name])


def _like(c: Bound, g: Atom, name: str) -> Atom:
    if c.array(name).ndim == 1:
        return g
    return c.emit("numpy.reshape", g, shape_of(c.b, c[name]))


# -- einsum ---------------------------------------------------------------------------


def _einsum_parts(c: Bound) -> tuple[list[str], str]:
    text = c.static("x0")
    if not isinstance(text, str):
        raise refuse(c.eq, "the subscripts of `numpy.einsum` must be a literal text")
    text = text.replace(" ", "")
    left, arrow, right = text.partition("->")
    operands = left.split(",")
    if not arrow:
        letters = left.replace(",", "")
        right = "".join(sorted(v for v in set(letters) if letters.count(v) == 1))
    return operands, right


def _einsum(c: Bound, g: Atom, place: int) -> Atom:
    operands, result = _einsum_parts(c)
    arrays = [c[f"x{k + 1}"] for k in range(len(operands))]
    others = [k for k in range(len(operands)) if k != place]
    mine = operands[place]
    found = set(result).union(*(operands[k] for k in others))
    kept = "".join(v for v in mine if v in found)
    text = ",".join([result, *(operands[k] for k in others)]) + "->" + kept
    bar = g
    if others or kept != result:
        bar = c.emit("numpy.einsum", text, g, *(arrays[k] for k in others))
    dims = dict(zip(mine, c.array(f"x{place + 1}").dims, strict=True))
    spread = [letter for letter in _spread(c, operands) if letter in mine]
    for letter in spread:
        if dims[letter] == 1 and letter in kept:
            axis = kept.index(letter)
            bar = c.emit("numpy.sum", bar, axis=axis, keepdims=True)
    if kept != mine:  # an index summed by itself: the same for each of its values
        index = Index(tuple(_ALL if v in found else "new" for v in mine), True)
        bar = c.b.emit("getitem", bar, params=index) if kept else bar
        bar = c.emit("numpy.broadcast_to", bar, shape_of(c.b, arrays[place]))
    elif any(dims[letter] != 1 for letter in spread):
        bar = c.emit("numpy.broadcast_to", bar, shape_of(c.b, arrays[place]))
    return bar


def _spread(c: Bound, operands: list[str]) -> list[str]:
    """The subscripts of axes of length 1 that einsum silently spreads over others."""
    found = []
    for letter in sorted(set("".join(operands))):
        lengths = {
            length
            for k, text in enumerate(operands)
            if letter in text
            for each, length in zip(text, c.array(f"x{k + 1}").dims, strict=True)
            if each == letter
        }
        if 1 in lengths and len(lengths) > 1:
            found.append(letter)
    return found


class _Einsum(ArrayRule):
    """einsum: linear in each operand; the subscripts come first."""

    def __init__(self) -> None:
        super().__init__("einsum(*x)", {}, "numpy.einsum")

    def _pull(self, c: Bound, name: str) -> Pull:
        return lambda c, g: _einsum(c, g, int(name[1:]) - 1)


# -- kron, cross ----------------------------------------------------------------------


def _kron(name: str) -> Any:
    """The blocks lie along axes of their own, between those of a."""

    def pull(c: Bound, g: Atom) -> Atom:
        b, other = c.b, "b" if name == "a" else "a"
        if any(is_number(kind_of(c[k])) for k in "ab"):
            return unbroadcast(b, b.emit("mul", g, c[other]), c[name])
        ranks = {k: c.array(k).ndim for k in "ab"}
        rank = max(ranks.values())
        sizes = {
            k: [1] * (rank - n) + [extent(b, c[k], axis) for axis in range(n)]
            for k, n in ranks.items()
        }
        shape = tuple(v for pair in zip(sizes["a"], sizes["b"], strict=True) for v in pair)
        blocks = c.emit("numpy.reshape", g, shape)
        own = 0 if name == "a" else 1  # its axes among each pair
        pair: tuple[str | SliceItem, ...] = ("new", _ALL) if own == 0 else (_ALL, "new")
        index = Index(pair * ranks[other], True)
        factor = b.emit("getitem", c[other], params=index)
        over = tuple(range(1 - own, 2 * rank, 2))
        bar = c.emit("numpy.sum", b.emit("mul", blocks, factor), axis=over)
        return (
            bar
            if ranks[name] == rank
            else c.emit("numpy.reshape", bar, shape_of(b, c[name]))
        )

    return pull


def _in_space(c: Bound, name: str) -> None:
    """Vectors in the plane are taken too, where the result may have an axis less."""
    length = extent(c.b, c[name], -1)
    if length != Const(3):
        text = "numpy.cross: only of vectors in three dimensions"
        c.b.emit("assert", c.b.emit("eq", length, Const(3)), Const(text))


def _cross_a(c: Bound, g: Atom) -> Atom:
    _in_space(c, "a")
    return unbroadcast(c.b, c.emit("numpy.cross", c["b"], g), c["a"], 1)


def _cross_b(c: Bound, g: Atom) -> Atom:
    _in_space(c, "b")
    return unbroadcast(c.b, c.emit("numpy.cross", g, c["a"]), c["b"], 1)


PRODUCTS: tuple[ArrayRule, ...] = (
    ArrayRule("matmul(a, b)", {"a": _matmul_a, "b": _matmul_b}, "matmul numpy.matmul"),
    ArrayRule("dot(a, b)", {"a": _dot_a, "b": _dot_b}, "numpy.dot"),
    ArrayRule("inner(a, b)", {"a": _inner("a"), "b": _inner("b")}, "numpy.inner"),
    ArrayRule(
        "tensordot(a, b, axes=2)",
        {"a": _tensordot("a"), "b": _tensordot("b")},
        "numpy.tensordot",
    ),
    ArrayRule("outer(a, b)", {"a": _outer_a, "b": _outer_b}, "numpy.outer"),
    ArrayRule("vdot(a, b)", {"a": _vdot("a"), "b": _vdot("b")}, "numpy.vdot"),
    _Einsum(),
    ArrayRule("kron(a, b)", {"a": _kron("a"), "b": _kron("b")}, "numpy.kron"),
    ArrayRule("cross(a, b)", {"a": _cross_a, "b": _cross_b}, "numpy.cross"),
)
