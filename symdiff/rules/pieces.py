"""Rules of numbers taken apart (modf, frexp) and of interpolation between points."""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, Index, kind_of
from symdiff.ir.kinds import is_number
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import extent, total, zeros

__all__ = ["PIECES"]

Dots = dict[str, Atom]
_AT = Index(("at",))

# -- modf, frexp ----------------------------------------------------------------------


def _item(c: Bound, x: Atom, place: int) -> Atom:
    return c.b.emit("item", x, params=place)


def _modf(c: Bound, g: Atom) -> Atom:
    """The fraction moves with x, the whole number is constant between jumps."""
    return _item(c, g, 0)


def _modf_push(c: Bound, dots: Dots) -> Atom:
    return c.b.emit("tuple", dots["x"], zeros(c.b, _item(c, c.out, 1)))


def _scaled(c: Bound, value: Atom) -> Atom:
    """The slope of the mantissa is 2 ** -exponent."""
    back = c.b.emit("neg", _item(c, c.out, 1))
    return c.emit(c.eq.op.replace("frexp", "ldexp"), value, back)


def _frexp(c: Bound, g: Atom) -> Atom:
    return _scaled(c, _item(c, g, 0))


def _frexp_push(c: Bound, dots: Dots) -> Atom:
    return c.b.emit("tuple", _scaled(c, dots["x"]), zeros(c.b, _item(c, c.out, 1)))


# -- interp ---------------------------------------------------------------------------


def _interval(c: Bound) -> tuple[Atom, Atom, Atom]:
    """The number of the interval that x lies in, the number after it, and how far
    through the interval x is."""
    b, x, xp = c.b, c["x"], c["xp"]
    c.array("xp")
    found = c.emit("numpy.searchsorted", xp, x, side="right")
    last = extent(b, xp, 0)
    last = (
        Const(last.value - 2) if isinstance(last, Const) else b.emit("sub", last, Const(2))
    )
    left = c.emit("numpy.clip", b.emit("sub", found, Const(1)), 0, last)
    right = b.emit("add", left, Const(1))
    start = b.emit("getitem", xp, left, params=_AT)
    width = b.emit("sub", b.emit("getitem", xp, right, params=_AT), start)
    return left, right, b.emit("div", b.emit("sub", x, start), width)


def _slope(c: Bound, left: Atom, right: Atom, part: Atom) -> Atom:
    """The slope in x: zero beyond the ends."""
    b = c.b
    rise, run = (
        b.emit(
            "sub",
            b.emit("getitem", c[name], right, params=_AT),
            b.emit("getitem", c[name], left, params=_AT),
        )
        for name in ("fp", "xp")
    )
    inside = b.emit("eq", part, c.emit("numpy.clip", part, 0.0, 1.0))
    choose = "select" if is_number(kind_of(c["x"])) else "numpy.where"
    return b.emit(choose, inside, b.emit("div", rise, run), Const(0.0))


def _interp_x(c: Bound, g: Atom) -> Atom:
    return c.b.emit("mul", g, _slope(c, *_interval(c)))


def _interp_xp(c: Bound, g: Atom) -> Atom:
    left, right, part = _interval(c)
    moved = c.b.emit("mul", g, _slope(c, left, right, part))
    return _shared(c, "xp", c.b.emit("neg", moved), left, right, part)


def _interp_fp(c: Bound, g: Atom) -> Atom:
    c.array("fp")
    return _shared(c, "fp", g, *_interval(c))


def _shared(c: Bound, name: str, g: Atom, left: Atom, right: Atom, part: Atom) -> Atom:
    """g shared out between the two points on either side of x."""
    b = c.b
    weight = c.emit("numpy.clip", part, 0.0, 1.0)
    second = b.emit("mul", g, weight)
    bar = zeros(b, c[name])
    bar = b.emit("additem", bar, left, b.emit("sub", g, second), params=_AT)
    return b.emit("additem", bar, right, second, params=_AT)


def _interp_push(c: Bound, dots: Dots) -> Atom:
    b, terms = c.b, []
    if "fp" in dots:
        terms.append(c.emit("numpy.interp", c["x"], c["xp"], dots["fp"]))
    if "x" in dots or "xp" in dots:
        slope = _slope(c, *_interval(c))
        if "x" in dots:
            terms.append(b.emit("mul", slope, dots["x"]))
        if "xp" in dots:
            moved = c.emit("numpy.interp", c["x"], c["xp"], dots["xp"])
            terms.append(b.emit("neg", b.emit("mul", slope, moved)))
    return total(b, terms)


PIECES: tuple[ArrayRule, ...] = (
    ArrayRule("modf(x)", {"x": _modf}, "math.modf numpy.modf", _modf_push),
    ArrayRule("frexp(x)", {"x": _frexp}, "math.frexp numpy.frexp", _frexp_push),
    ArrayRule(
        "interp(x, xp, fp)",
        {"x": _interp_x, "xp": _interp_xp, "fp": _interp_fp},
        "numpy.interp",
        _interp_push,
    ),
)
