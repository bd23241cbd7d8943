"""Rules of convolutions, of filters and of arrays with a margin."""

from __future__ import annotations

from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import Tuple, is_number
from symdiff.rules.row import ArrayRule, Bound, refuse
from symdiff.rules.shapes import extent, total, zeros
from symdiff.rules.template import conjugate

__all__ = ["SIGNALS", "in_full", "turned"]

Dots = dict[str, Atom]

# -- convolve, correlate --------------------------------------------------------------


def in_full(c: Bound, g: Atom) -> Atom:
    """g in its place in the result for mode "full", with zeros around it."""
    mode, b = c.static("mode"), c.b
    if mode == "full":
        return g
    n, m = (c.emit("numpy.size", c[k]) for k in ("a", "v"))
    least = b.emit("builtins.min", n, m)
    before = b.emit("sub", least, Const(1))
    behind = before
    if mode == "same":
        whole = before
        before = b.emit("floordiv", whole, Const(2))
        if c.eq.op == "numpy.correlate":
            # NumPy turns the result round where the second array is longer.
            longer = b.emit("gt", m, n)
            other = b.emit("sub", whole, before)
            before = b.emit("select", longer, other, before)
        behind = b.emit("sub", whole, before)
    return c.emit("numpy.pad", g, b.emit("tuple", before, behind))


def turned(c: Bound, x: Atom) -> Atom:
    back = Index((SliceItem(step=True),))
    return c.b.emit("getitem", x, Const(-1), params=back)


def _matching(c: Bound, g: Atom, other: Atom) -> Atom:
    """The sums of products of g with the other array, where they overlap wholly."""
    return c.emit("numpy.correlate", g, conjugate(c.b, other))  # it takes it back


def _convolve_a(c: Bound, g: Atom) -> Atom:
    return _matching(c, in_full(c, g), c["v"])


def _convolve_v(c: Bound, g: Atom) -> Atom:
    return _matching(c, in_full(c, g), c["a"])


def _correlate_a(c: Bound, g: Atom) -> Atom:
    """`correlate(a, v)` is `convolve(a, v[::-1])`."""
    return _matching(c, in_full(c, g), turned(c, c["v"]))


def _correlate_v(c: Bound, g: Atom) -> Atom:
    return turned(c, _matching(c, in_full(c, g), c["a"]))


# -- pad ------------------------------------------------------------------------------


def _widths(c: Bound) -> list[tuple[Atom, Atom]]:
    """How much is added before and behind, for each axis."""
    b, width, ndim = c.b, c["pad_width"], c.array("array").ndim

    def pair(atom: Atom) -> tuple[Atom, Atom]:
        kind = kind_of(atom)
        if not isinstance(kind, Tuple):
            return atom, atom
        first = b.emit("item", atom, params=0)
        return first, b.emit("item", atom, params=len(kind.items) - 1)

    kind = kind_of(width)
    if isinstance(kind, Tuple) and any(isinstance(k, Tuple) for k in kind.items):
        rows = [pair(b.emit("item", width, params=k)) for k in range(len(kind.items))]
        return rows * ndim if len(rows) == 1 else rows
    return [pair(width)] * ndim


def _pad(c: Bound, g: Atom) -> Atom:
    items: list[SliceItem] = []
    atoms: list[Atom] = []
    for axis, (before, behind) in enumerate(_widths(c)):
        known = isinstance(behind, Const)
        if known and behind.value == 0:  # type: ignore[union-attr]
            items.append(SliceItem(start=True))
            atoms.append(before)
            continue
        items.append(SliceItem(start=True, stop=True))
        if known:
            atoms += [before, Const(-behind.value)]  # type: ignore[union-attr]
        else:
            atoms += [before, c.b.emit("add", before, extent(c.b, c["array"], axis))]
    return c.b.emit("getitem", g, *atoms, params=Index(tuple(items), len(items) > 1))


def _margin(c: Bound, g: Atom) -> Atom:
    if not is_number(kind_of(c["constant_values"])):
        raise refuse(c.eq, "`numpy.pad` is differentiated by one `constant_values` only")
    inner = c.emit("numpy.sum", _pad(c, g))
    return c.b.emit("sub", c.emit("numpy.sum", g), inner)


def _pad_push(c: Bound, dots: Dots) -> Atom:
    inner = dots.get("array") or zeros(c.b, c["array"])
    if "constant_values" not in dots:
        return c.emit("numpy.pad", inner, c["pad_width"])
    margin = dots["constant_values"]
    return c.emit("numpy.pad", inner, c["pad_width"], constant_values=margin)


# -- lfilter --------------------------------------------------------------------------


def _filtered(c: Bound, b: Atom, a: Atom, x: Atom) -> Atom:
    return c.emit("scipy.signal.lfilter", b, a, x)


def _alone(c: Bound) -> Atom:
    """The coefficients of no filter."""
    return c.emit("numpy.array", c.b.emit("list", Const(1.0)))


def _lagged(c: Bound, g: Atom, x: Atom, count: Atom) -> Atom:
    """The sums of g[n] * x[n - k], for each k below the count."""
    more = c.b.emit("sub", count, Const(1))
    return c.emit("numpy.correlate", c.emit("numpy.pad", g, (0, more)), x, "valid")


def _lfilter_x(c: Bound, g: Atom) -> Atom:
    return turned(c, _filtered(c, c["b"], c["a"], turned(c, g)))


def _lfilter_b(c: Bound, g: Atom) -> Atom:
    own = _filtered(c, _alone(c), c["a"], c["x"])
    return _lagged(c, g, own, extent(c.b, c["b"], 0))


def _lfilter_a(c: Bound, g: Atom) -> Atom:
    own = _filtered(c, _alone(c), c["a"], c.out)
    return c.b.emit("neg", _lagged(c, g, own, extent(c.b, c["a"], 0)))


def _lfilter_push(c: Bound, dots: Dots) -> Atom:
    b, terms = c.b, []
    if "x" in dots:
        terms.append(_filtered(c, c["b"], c["a"], dots["x"]))
    if "b" in dots:
        terms.append(_filtered(c, dots["b"], c["a"], c["x"]))
    if "a" in dots:
        terms.append(b.emit("neg", _filtered(c, dots["a"], c["a"], c.out)))
    return total(b, terms)


SIGNALS: tuple[ArrayRule, ...] = (
    ArrayRule(
        "convolve(a, v, mode='full')",
        {"a": _convolve_a, "v": _convolve_v},
        "numpy.convolve",
    ),
    ArrayRule(
        "correlate(a, v, mode='valid')",
        {"a": _correlate_a, "v": _correlate_v},
        "numpy.correlate",
    ),
    ArrayRule(
        "pad(array, pad_width, mode='constant', constant_values=0)",
        {"array": _pad, "constant_values": _margin},
        "numpy.pad",
        _pad_push,
    ),
    ArrayRule(
        "lfilter(b, a, x)",
        {"b": _lfilter_b, "a": _lfilter_a, "x": _lfilter_x},
        "scipy.signal.lfilter",
        _lfilter_push,
    ),
)
