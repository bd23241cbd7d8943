"""Rules of reductions, running sums and functions of a sequence of numbers."""

from __future__ import annotations

from math import comb
from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import Array, Tuple, is_number
from symdiff.rules.row import ArrayRule, Bound, refuse
from symdiff.rules.shapes import (
    along, axes_of, extent, full_index, nonzero, restored, shape_of, spread, total,
)  # fmt: skip
from symdiff.rules.template import conjugate

__all__ = ["REDUCTIONS"]

Dots = dict[str, Atom]


def _count(c: Bound) -> Atom:
    """How many elements each mean is over."""
    x = c["a"]
    kind = c.array("a")
    axes = axes_of(c, "axis", kind.ndim)
    if len(axes) == kind.ndim:
        return c.b.emit("attr", x, params="size")
    count = extent(c.b, x, axes[0])
    for axis in axes[1:]:
        count = c.b.emit("mul", count, extent(c.b, x, axis))
    return count


def _mean(c: Bound, g: Atom) -> Atom:
    if is_number(kind_of(c["a"])):
        return g
    return spread(c, c.b.emit("div", g, _count(c)))


def _axis_keywords(c: Bound, keepdims: bool = False) -> dict[str, Any]:
    keywords: dict[str, Any] = {}
    if "axis" in c.given:
        keywords["axis"] = c["axis"]
    if keepdims:
        keywords["keepdims"] = True
    elif "keepdims" in c.given:
        keywords["keepdims"] = c["keepdims"]
    return keywords


def _sum_push(c: Bound, dots: Dots) -> Atom:
    """The sum of the tangent, times what number each term has as a factor."""
    number, rest = _without_number(c.b, dots["a"])
    total = c.b.emit(c.eq.op, rest, *c.eq.args[1:], params=c.eq.params)
    return total if number is None else c.b.emit("mul", number, total)


def _without_number(b: Builder, atom: Atom) -> tuple[Const | None, Atom]:
    """A product as a number and the rest; None if it has no number among its factors."""
    made = b.definitions.get(atom) if isinstance(atom, Var) else None
    if made is None or made.op != "mul":
        return None, atom
    first, second = made.args
    if isinstance(first, Const):
        return first, second
    number, rest = _without_number(b, first)
    return (None, atom) if number is None else (number, b.emit("mul", rest, second))


def _shares(c: Bound) -> tuple[Atom, Atom]:
    """Where the extremum is, as 1 and 0 in the array's dtype, and how often."""
    x, kind = c["a"], c.array("a")
    hit = c.b.emit("eq", x, restored(c, c.out))
    hit = c.emit("numpy.astype", hit, Const(kind.dtype))
    return hit, _kept(c, "numpy.sum", hit)


def _kept(c: Bound, op: str, x: Atom) -> Atom:
    """A reduction that can be combined with the array again."""
    ndim = c.array("a").ndim
    if len(axes_of(c, "axis", ndim)) == ndim:
        return c.emit(op, x)
    return c.emit(op, x, **_axis_keywords(c, keepdims=True))


def _extremum(c: Bound, g: Atom) -> Atom:
    if is_number(kind_of(c["a"])):
        return g
    hit, count = _shares(c)
    return c.b.emit("div", c.b.emit("mul", restored(c, g), hit), count)


def _extremum_push(c: Bound, dots: Dots) -> Atom:
    if is_number(kind_of(c["a"])):
        return dots["a"]
    kind = kind_of(c["a"])
    if isinstance(kind, Array) and kind.dims and not _axis_keywords(c):
        at = c.b.emit("eq", c["a"], c.out)
        largest = c.b.emit("getitem", dots["a"], at, params=Index(("at",)))
        return c.emit("numpy.mean", largest)
    hit, count = _shares(c)
    share = c.b.emit("div", c.b.emit("mul", dots["a"], hit), count)
    return c.emit("numpy.sum", share, **_axis_keywords(c))


def _spread_factor(c: Bound) -> Atom:
    """2 (a - mean) / (n - ddof): the derivative of the variance."""
    b, x = c.b, c["a"]
    mean = _kept(c, "numpy.mean", x)
    count = _count(c)
    if "ddof" in c.given:
        count = b.emit("sub", count, c["ddof"])
    centred = conjugate(b, b.emit("sub", x, mean))
    return b.emit("div", b.emit("mul", Const(2), centred), count)


def _var(c: Bound, g: Atom) -> Atom:
    return c.b.emit("mul", restored(c, g), _spread_factor(c))


def _var_push(c: Bound, dots: Dots) -> Atom:
    product = c.b.emit("mul", _spread_factor(c), dots["a"])
    return c.emit("numpy.sum", product, **_axis_keywords(c))


def _half(c: Bound, value: Atom) -> Atom:
    """Of what is proportional to the spread of equal elements, which is 0, too."""
    half = c.b.emit("mul", Const(0.5), value)
    return c.b.emit("div", half, nonzero(c.b, c.out))


def _std(c: Bound, g: Atom) -> Atom:
    return _var(c, _half(c, g))


def _std_push(c: Bound, dots: Dots) -> Atom:
    return _half(c, _var_push(c, dots))


def _others(c: Bound) -> Atom:
    """For each element the product of the others along the axis, zeros or not: what
    stands before it times what stands behind it."""
    b, x, ndim = c.b, c["a"], c.array("a").ndim
    axes = axes_of(c, "axis", ndim)
    back: tuple[int, ...] = ()
    if len(axes) == ndim and ndim > 1:
        x, axis = c.emit("numpy.ravel", x), 0
    elif len(axes) == 1:
        axis = axes[0]
    else:  # these axes come first, as one
        order = (*axes, *(k for k in range(ndim) if k not in axes))
        back = tuple(order.index(k) for k in range(ndim))
        moved = c.emit("numpy.transpose", x, order)
        rest = (extent(b, x, k) for k in order[len(axes) :])
        x, axis = c.emit("numpy.reshape", moved, (-1, *rest)), 0

    def before(values: Atom) -> Atom:
        run = c.emit("numpy.cumprod", values, axis=axis)
        ones = c.emit("numpy.ones_like", x)
        kept = along(b, run, axis, SliceItem(stop=True), Const(-1))
        index = full_index(axis, SliceItem(start=True))
        return b.emit("setitem", ones, Const(1), kept, params=index)

    def turned(values: Atom) -> Atom:
        return along(b, values, axis, SliceItem(step=True), Const(-1))

    others = b.emit("mul", before(x), turned(before(turned(x))))
    if back:
        return c.emit(
            "numpy.transpose", c.emit("numpy.reshape", others, shape_of(b, moved)), back
        )
    if x is not c["a"]:
        others = c.emit("numpy.reshape", others, shape_of(b, c["a"]))
    return others


def _prod(c: Bound, g: Atom) -> Atom:
    if is_number(kind_of(c["a"])):
        return g
    return c.b.emit("mul", restored(c, g), _others(c))


def _prod_push(c: Bound, dots: Dots) -> Atom:
    if is_number(kind_of(c["a"])):
        return dots["a"]
    terms = c.b.emit("mul", _others(c), dots["a"])
    dtype = {"dtype": c["dtype"]} if "dtype" in c.given else {}
    return c.emit("numpy.sum", terms, **_axis_keywords(c), **dtype)


def _without_each(c: Bound, axis: int) -> Atom:
    """For each factor i and place k behind it, the product up to k of the others: the
    slope by i of what is at k, zeros among the factors or not."""
    b = c.b
    x = _at_end(c, c["a"], axis)
    single = Index(("rest", "new", SliceItem()), True)
    rows = b.emit("getitem", x, params=single)
    itself = c.emit("numpy.eye", extent(b, x, -1), dtype="bool")
    products = c.emit("numpy.cumprod", c.emit("numpy.where", itself, 1.0, rows), axis=-1)
    return c.emit("numpy.triu", products)


def _at_end(c: Bound, x: Atom, axis: int, back: bool = False) -> Atom:
    """x with that axis at the end, or with the last axis there."""
    if axis == c.array("a").ndim - 1:
        return x
    return c.emit("numpy.moveaxis", x, *((-1, axis) if back else (axis, -1)))


def _cumprod_axis(c: Bound) -> int:
    (axis,) = axes_of(c, "axis", c.array("a").ndim)
    return axis


def _cumprod(c: Bound, g: Atom) -> Atom:
    """What rules call: programs that do are followed into steps that double."""
    axis = _cumprod_axis(c)
    row = Index(("rest", "new", SliceItem()), True)
    g = c.b.emit("getitem", _at_end(c, g, axis), params=row)
    terms = c.b.emit("mul", _without_each(c, axis), g)
    return _at_end(c, c.emit("numpy.sum", terms, axis=-1), axis, back=True)


def _cumprod_push(c: Bound, dots: Dots) -> Atom:
    axis = _cumprod_axis(c)
    column = Index(("rest", "new"), True)
    dot = c.b.emit("getitem", _at_end(c, dots["a"], axis), params=column)
    terms = c.b.emit("mul", _without_each(c, axis), dot)
    return _at_end(c, c.emit("numpy.sum", terms, axis=-2), axis, back=True)


def _cumsum(c: Bound, g: Atom) -> Atom:
    """The sums from the end."""
    ndim = c.array("a").ndim
    axis = c.static("axis")
    flat = axis is None
    axis = 0 if flat else axis % ndim
    back = SliceItem(step=True)
    turned = along(c.b, g, axis, back, Const(-1))
    sums = c.emit("numpy.cumsum", turned, **({} if flat else {"axis": axis}))
    sums = along(c.b, sums, axis, back, Const(-1))
    if flat and ndim != 1:
        return c.emit("numpy.reshape", sums, shape_of(c.b, c["a"]))
    return sums


def _diff(c: Bound, g: Atom) -> Atom:
    kind, order = c.array("a"), c.static("n")
    axis = c.static("axis") % kind.ndim
    bar = c.emit("numpy.zeros_like", c["a"])
    for k in range(order, -1, -1):
        bounds = [Const(v) for v in (k, k - order) if v]
        index = full_index(axis, SliceItem(start=k > 0, stop=k < order))
        factor = comb(order, k) * (-1) ** (order - k)
        term = g if abs(factor) == 1 else c.b.emit("mul", Const(abs(factor)), g)
        term = c.b.emit("neg", term) if factor < 0 else term
        bar = c.b.emit("additem", bar, *bounds, term, params=index)
    return bar


def _sort(c: Bound, g: Atom) -> Atom:
    bar = c.emit("numpy.zeros_like", c["a"])
    order, index = _order(c)
    if c.static("axis") is not None:
        return c.b.emit("setitem", bar, *order, g, params=index)
    flat = c.b.emit("setitem", c.emit("numpy.ravel", bar), *order, g, params=index)
    return c.emit("numpy.reshape", flat, shape_of(c.b, c["a"]))


def _sort_push(c: Bound, dots: Dots) -> Atom:
    order, index = _order(c)
    dot = dots["a"]
    if c.static("axis") is None:
        dot = c.emit("numpy.ravel", dot)
    return c.b.emit("getitem", dot, *order, params=index)


def _order(c: Bound) -> tuple[list[Atom], Index]:
    """Where the elements of the result were, as a subscript."""
    ndim, axis = c.array("a").ndim, c.static("axis")
    if ndim == 1 or axis is None:
        keywords = {} if axis is not None else {"axis": axis}
        return [c.emit("numpy.argsort", c["a"], **keywords)], Index(("at",))
    axis %= ndim
    places: list[Atom] = []
    for k in range(ndim):
        if k == axis:
            places.append(c.emit("numpy.argsort", c["a"], axis=axis))
            continue
        place = c.emit("numpy.arange", extent(c.b, c["a"], k))
        if k < ndim - 1:
            new = Index((SliceItem(), *("new",) * (ndim - k - 1)), True)
            place = c.b.emit("getitem", place, params=new)
        places.append(place)
    return places, Index(("at",) * ndim, True)


# -- sequences of numbers -------------------------------------------------------------


def _items(c: Bound, name: str = "items") -> list[Atom]:
    kind = kind_of(c[name])
    if not isinstance(kind, Tuple):
        raise refuse(c.eq, f"cannot tell how many numbers `{c.eq.op}` takes")
    return [c.b.emit("item", c[name], params=k) for k in range(len(kind.items))]


def _fsum(c: Bound, g: Atom) -> Atom:
    if isinstance(kind_of(c["items"]), Array):
        return c.emit("numpy.full_like", c["items"], g)
    return c.b.emit("tuple", *(g for _ in _items(c)))


def _product_slopes(c: Bound) -> list[Atom]:
    """For each number the product of the others, without a division."""
    items, b = _items(c), c.b
    slopes: list[Atom] = []
    for k in range(len(items)):
        product: Atom = c["start"]
        for other in (*items[:k], *items[k + 1 :]):
            one = isinstance(product, Const) and product.value == 1
            product = other if one else b.emit("mul", product, other)
        slopes.append(product)
    return slopes


def _product(c: Bound, g: Atom) -> Atom:
    slopes = _product_slopes(c)
    return c.b.emit("tuple", *(c.b.emit("mul", g, slope) for slope in slopes))


def _product_push(c: Bound, dots: Dots) -> Atom:
    slopes = _product_slopes(c)
    parts = [c.b.emit("item", dots["items"], params=k) for k in range(len(slopes))]
    pairs = zip(slopes, parts, strict=True)
    return total(c.b, (c.b.emit("mul", slope, part) for slope, part in pairs))


def _dist(name: str) -> Any:
    """Of the distance: the difference of two coordinates over the distance."""

    def pull(c: Bound, g: Atom) -> Atom:
        ours, theirs = _items(c, name), _items(c, "q" if name == "p" else "p")
        slope = c.b.emit("div", g, c.out)
        pairs = zip(ours, theirs, strict=True)
        parts = (c.b.emit("mul", slope, c.b.emit("sub", x, y)) for x, y in pairs)
        return c.b.emit("tuple", *parts)

    return pull


def _dist_push(c: Bound, dots: Dots) -> Atom:
    points = zip(_items(c, "p"), _items(c, "q"), strict=True)
    terms: list[Atom] = []
    for k, (x, y) in enumerate(points):
        moved = {n: c.b.emit("item", d, params=k) for n, d in dots.items()}
        for name, pair in (("p", (x, y)), ("q", (y, x))):
            if name in moved:
                terms.append(c.b.emit("mul", c.b.emit("sub", *pair), moved[name]))
    return c.b.emit("div", total(c.b, terms), c.out)


def _sumprod(name: str) -> Any:
    def pull(c: Bound, g: Atom) -> Atom:
        other = "q" if name == "p" else "p"
        if isinstance(kind_of(c[other]), Array):
            return c.b.emit("mul", g, c[other])
        return c.b.emit("tuple", *(c.b.emit("mul", g, x) for x in _items(c, other)))

    return pull


# As in NumPy, in the order of its positional arguments.
_REDUCE = "a, axis=None, dtype=None, out=None, keepdims=False"

REDUCTIONS: tuple[ArrayRule, ...] = (
    ArrayRule(f"sum({_REDUCE})", {"a": spread}, "numpy.sum", _sum_push),
    ArrayRule(f"mean({_REDUCE})", {"a": _mean}, "numpy.mean"),
    ArrayRule(
        "max(a, axis=None, out=None, keepdims=False)",
        {"a": _extremum},
        "numpy.max numpy.min numpy.amax numpy.amin",
        _extremum_push,
    ),
    ArrayRule(
        "var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)",
        {"a": _var},
        "numpy.var",
        _var_push,
    ),
    ArrayRule(
        "std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False)",
        {"a": _std},
        "numpy.std",
        _std_push,
    ),
    ArrayRule(f"prod({_REDUCE})", {"a": _prod}, "numpy.prod", _prod_push),
    ArrayRule("cumprod(a, axis=None)", {"a": _cumprod}, "numpy.cumprod", _cumprod_push),
    ArrayRule("cumsum(a, axis=None, dtype=None, out=None)", {"a": _cumsum}, "numpy.cumsum"),
    ArrayRule("diff(a, n=1, axis=-1)", {"a": _diff}, "numpy.diff"),
    ArrayRule("sort(a, axis=-1, kind=None)", {"a": _sort}, "numpy.sort", _sort_push),
    # sequences of numbers
    ArrayRule("fsum(items)", {"items": _fsum}, "math.fsum"),
    ArrayRule("prod(items, start=1)", {"items": _product}, "math.prod", _product_push),
    ArrayRule("sumprod(p, q)", {"p": _sumprod("p"), "q": _sumprod("q")}, "math.sumprod"),
    ArrayRule("dist(p, q)", {"p": _dist("p"), "q": _dist("q")}, "math.dist", _dist_push),
)
