"""Rules of products and linear algebra."""

from __future__ import annotations

from typing import Any

from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import Array, Tuple, is_number
from symdiff.rules.row import ArrayRule, Bound, Pull, refuse
from symdiff.rules.shapes import restored, shape_of, unbroadcast

__all__ = ["LINALG"]

Dots = dict[str, Atom]
_ALL = SliceItem()


def _transposed(c: Bound, x: Atom) -> Atom:
    """The last two axes exchanged."""
    kind = kind_of(x)
    if isinstance(kind, Array) and kind.ndim == 2:
        return c.emit("numpy.transpose", x)
    return c.emit("numpy.swapaxes", x, -1, -2)


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
        if not of_g:
            bar = c.emit("numpy.tensordot", g, c["b"], axes=0)
        else:
            bar = c.emit("numpy.tensordot", g, c["b"], axes=(of_g, rest_b))
        # The axes left of b follow in rising order.
        order = rest_a + tuple(over_a[over_b.index(k)] for k in sorted(over_b))
    else:
        of_g = tuple(range(len(rest_a)))
        if not of_g:
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
    if "." in text:
        raise refuse(c.eq, "`numpy.einsum` with an ellipsis is not differentiated")
    left, arrow, right = text.partition("->")
    operands = left.split(",")
    if not arrow:
        letters = left.replace(",", "")
        right = "".join(sorted(v for v in set(letters) if letters.count(v) == 1))
    for operand in operands:
        if len(set(operand)) < len(operand):
            message = "`numpy.einsum` with an index twice in one operand"
            raise refuse(c.eq, f"{message} is not differentiated")
    return operands, right


def _einsum(c: Bound, g: Atom, place: int) -> Atom:
    operands, result = _einsum_parts(c)
    arrays = [c[f"x{k + 1}"] for k in range(len(operands))]
    others = [k for k in range(len(operands)) if k != place]
    mine = operands[place]
    found = set(result).union(*(operands[k] for k in others))
    kept = "".join(v for v in mine if v in found)
    text = ",".join([result, *(operands[k] for k in others)]) + "->" + kept
    bar = c.emit("numpy.einsum", text, g, *(arrays[k] for k in others))
    if kept != mine:  # an index summed by itself: the same for each of its values
        index = Index(tuple(_ALL if v in found else "new" for v in mine), True)
        bar = c.b.emit("getitem", bar, params=index) if kept else bar
        bar = c.emit("numpy.broadcast_to", bar, shape_of(c.b, arrays[place]))
    return bar


def _check_lengths(c: Bound, operands: list[str]) -> None:
    """einsum broadcasts an axis of length 1 silently: its adjoint would be a sum."""
    for letter in set("".join(operands)):
        lengths = {
            c.array(f"x{k + 1}").dims[text.index(letter)]
            for k, text in enumerate(operands)
            if letter in text
        }
        if 1 in lengths and len(lengths) > 1:
            message = "`numpy.einsum` that broadcasts an axis of length 1"
            raise refuse(c.eq, f"{message} is not differentiated")


class _Einsum(ArrayRule):
    """einsum: linear in each operand; the subscripts come first."""

    def __init__(self) -> None:
        super().__init__("einsum(*x)", {}, "numpy.einsum")

    def _pull(self, c: Bound, name: str) -> Pull:
        _check_lengths(c, _einsum_parts(c)[0])
        return lambda c, g: _einsum(c, g, int(name[1:]) - 1)


# -- matrices -------------------------------------------------------------------------


def _trace(c: Bound, g: Atom) -> Atom:
    kind, b = c.array("a"), c.b
    if kind.ndim != 2:
        raise refuse(c.eq, "`numpy.trace` is differentiated for arrays with two axes only")
    shape = shape_of(b, c["a"])
    sizes = [b.emit("getitem", shape, Const(k), params=Index(("at",))) for k in (0, 1)]
    keywords = {} if kind.dtype == "float64" else {"dtype": kind.dtype}
    return b.emit("mul", g, c.emit("numpy.eye", *sizes, **keywords))


def _diag(c: Bound, g: Atom) -> Atom:
    kind = c.array("a")
    k = c.static("k" if "k" in c.defaults else "offset")
    if kind.ndim == 1:
        return c.emit("numpy.diag", g, *([k] if k else []))
    if kind.ndim != 2:
        raise refuse(c.eq, f"`{c.eq.op}` is differentiated for one or two axes only")
    steps = c.emit("numpy.arange", c.b.emit("builtins.len", g))
    rows = steps if k >= 0 else c.b.emit("add", steps, Const(-k))
    columns = steps if k <= 0 else c.b.emit("add", steps, Const(k))
    bar = c.emit("numpy.zeros_like", c["a"])
    index = Index(("at", "at"), True)
    return c.b.emit("setitem", bar, rows, columns, g, params=index)


def _norm_order(c: Bound) -> str:
    order, ndim = c.static("ord"), c.array("a").ndim
    axis = c.static("axis")
    axes = ndim if axis is None else len(axis) if isinstance(axis, tuple) else 1
    if order is None or (order == 2 and axes == 1) or (order == "fro" and axes == 2):
        return "2"
    if order == 1 and axes == 1:
        return "1"
    raise refuse(c.eq, f"no derivative rule for `numpy.linalg.norm` with ord={order!r}")


def _slope(c: Bound) -> tuple[Atom, Atom | None]:
    """The numerator and the denominator of the norm's derivative."""
    if _norm_order(c) == "1":
        return c.emit("numpy.sign", c["a"]), None
    return c["a"], restored(c, c.out)


def _norm(c: Bound, g: Atom) -> Atom:
    top, bottom = _slope(c)
    bar = c.b.emit("mul", restored(c, g), top)
    return bar if bottom is None else c.b.emit("div", bar, bottom)


def _norm_push(c: Bound, dots: Dots) -> Atom:
    top, bottom = _slope(c)
    keywords = {k: c[k] for k in ("axis", "keepdims") if k in c.given}
    dot = c.emit("numpy.sum", c.b.emit("mul", top, dots["a"]), **keywords)
    return dot if bottom is None else c.b.emit("div", dot, c.out)


def _matrix(c: Bound) -> None:
    if c.array("a").ndim != 2:
        message = f"`{c.eq.op}` is differentiated for one matrix, not for a stack of them"
        raise refuse(c.eq, message)


def _solve_b(c: Bound, g: Atom) -> Atom:
    _matrix(c)
    return c.emit("numpy.linalg.solve", _transposed(c, c["a"]), g)


def _solve_a(c: Bound, g: Atom) -> Atom:
    b_bar = _solve_b(c, g)
    if c.array("b").ndim == 1:
        product = c.emit("numpy.outer", b_bar, c.out)
    else:
        product = c.b.emit("matmul", b_bar, _transposed(c, c.out))
    return c.b.emit("neg", product)


def _solve_push(c: Bound, dots: Dots) -> Atom:
    _matrix(c)
    right = dots.get("b")
    if "a" in dots:
        moved = c.b.emit("matmul", dots["a"], c.out)
        right = c.b.emit("neg", moved) if right is None else c.b.emit("sub", right, moved)
    return c.emit("numpy.linalg.solve", c["a"], right)


def _inv(c: Bound, g: Atom) -> Atom:
    turned = _transposed(c, c.out)
    product = c.b.emit("matmul", c.b.emit("matmul", turned, g), turned)
    return c.b.emit("neg", product)


def _inv_push(c: Bound, dots: Dots) -> Atom:
    product = c.b.emit("matmul", c.b.emit("matmul", c.out, dots["a"]), c.out)
    return c.b.emit("neg", product)


def _det(c: Bound, g: Atom) -> Atom:
    _matrix(c)
    inverse = c.emit("numpy.linalg.inv", c["a"])
    return c.b.emit("mul", c.b.emit("mul", g, c.out), _transposed(c, inverse))


def _det_push(c: Bound, dots: Dots) -> Atom:
    _matrix(c)
    relative = c.emit("numpy.linalg.solve", c["a"], dots["a"])
    return c.b.emit("mul", c.out, c.emit("numpy.trace", relative))


LINALG: tuple[ArrayRule, ...] = (
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
    ArrayRule("trace(a)", {"a": _trace}, "numpy.trace"),
    ArrayRule("diag(a, k=0)", {"a": _diag}, "numpy.diag"),
    ArrayRule("diagonal(a, offset=0)", {"a": _diag}, "numpy.diagonal"),
    ArrayRule(
        "norm(a, ord=None, axis=None, keepdims=False)",
        {"a": _norm},
        "numpy.linalg.norm",
        _norm_push,
    ),
    ArrayRule(
        "solve(a, b)", {"a": _solve_a, "b": _solve_b}, "numpy.linalg.solve", _solve_push
    ),
    ArrayRule("inv(a)", {"a": _inv}, "numpy.linalg.inv", _inv_push),
    ArrayRule("det(a)", {"a": _det}, "numpy.linalg.det", _det_push),
)
