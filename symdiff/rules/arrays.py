"""Rules of array functions: shapes, joining and filling."""

from __future__ import annotations

from typing import Any

from symdiff.ir.core import Atom, Const, Index, SliceItem, kind_of
from symdiff.ir.kinds import Array, Tuple, dtype_of, is_complex, is_number, is_real
from symdiff.rules.row import JOINT, ArrayRule, Bound, refuse
from symdiff.rules.shapes import (
    along, extent, shape_of, total, unbroadcast, zeros,
)  # fmt: skip

__all__ = ["ARRAYS"]

Dots = dict[str, Atom]

# -- shapes ---------------------------------------------------------------------------


def _as_before(c: Bound, g: Atom) -> Atom:
    """Back to the shape of the argument."""
    if is_number(kind_of(c["a"])):
        return c.emit("numpy.sum", g)
    return c.emit("numpy.reshape", g, shape_of(c.b, c["a"]))


def _transpose(c: Bound, g: Atom) -> Atom:
    axes = c.static("axes")
    if axes is None:
        return c.emit("numpy.transpose", g)
    ndim = len(axes)
    back = sorted(range(ndim), key=lambda k: axes[k] % ndim)
    return c.emit("numpy.transpose", g, tuple(back))


def _again(c: Bound, g: Atom) -> Atom:
    """The operation is its own transpose."""
    return c.b.emit(c.eq.op, g, *c.eq.args[1:], params=c.eq.params)


def _moveaxis(c: Bound, g: Atom) -> Atom:
    return c.emit("numpy.moveaxis", g, c["destination"], c["source"])


def _roll(c: Bound, g: Atom) -> Atom:
    kind = kind_of(c["shift"])
    if isinstance(kind, Tuple):
        back: Any = tuple(-s for s in c.static("shift"))
    else:
        back = c.b.emit("neg", c["shift"])
        if isinstance(c["shift"], Const):
            back = -c.static("shift")
    keywords = {"axis": c["axis"]} if "axis" in c.given else {}
    return c.emit("numpy.roll", g, back, **keywords)


def _unbroadcast(c: Bound, g: Atom) -> Atom:
    return unbroadcast(c.b, g, c["a"])


def _tile(c: Bound, g: Atom) -> Atom:
    """The copies lie along axes of their own, over which the adjoint is summed."""
    if is_number(kind_of(c["a"])):
        return c.emit("numpy.sum", g)
    kind, b = c.array("a"), c.b
    reps = c.static("reps") if isinstance(kind_of(c["reps"]), Tuple) else (c["reps"],)
    ndim = max(len(reps), kind.ndim)
    lengths = [1] * (ndim - kind.ndim) + [extent(b, c["a"], k) for k in range(kind.ndim)]
    reps = (1,) * (ndim - len(reps)) + tuple(reps)
    shape = tuple(v for pair in zip(reps, lengths, strict=True) for v in pair)
    split = c.emit("numpy.reshape", g, shape)
    summed = c.emit("numpy.sum", split, axis=tuple(range(0, 2 * ndim, 2)))
    return summed if ndim == kind.ndim else _as_before(c, summed)


def _repeat(c: Bound, g: Atom) -> Atom:
    if is_number(kind_of(c["a"])):
        return c.emit("numpy.sum", g)
    kind, axis = c.array("a"), c.static("axis")
    if axis is None:
        size = c.b.emit("attr", c["a"], params="size")
        split = c.emit("numpy.reshape", g, (size, c["repeats"]))
        summed = c.emit("numpy.sum", split, axis=1)
        return summed if kind.ndim == 1 else _as_before(c, summed)
    axis %= kind.ndim
    shape: list[Any] = [extent(c.b, c["a"], k) for k in range(kind.ndim)]
    shape.insert(axis + 1, c["repeats"])
    return c.emit("numpy.sum", c.emit("numpy.reshape", g, tuple(shape)), axis=axis + 1)


# -- joining --------------------------------------------------------------------------


def _parts(c: Bound) -> list[Atom]:
    kind = kind_of(c["arrays"])
    if not isinstance(kind, Tuple):
        raise refuse(c.eq, f"cannot tell how many arrays `{c.eq.op}` joins")
    return [c.b.emit("item", c["arrays"], params=k) for k in range(len(kind.items))]


def _split(c: Bound, g: Atom, parts: list[Atom], axis: int, rank: int = 1) -> list[Atom]:
    """The stretches of g along an axis that belong to each part. A part with fewer than
    `rank` axes takes one place."""
    pieces: list[Atom] = []
    start: Atom | None = None
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        item = SliceItem(start=start is not None, stop=not last)
        stop: Atom | None = None
        if not last:
            size = extent(c.b, part, axis) if _ndim(c, part) >= rank else Const(1)
            stop = size if start is None else c.b.emit("add", start, size)
            if isinstance(start, Const) and isinstance(size, Const):
                stop = Const(start.value + size.value)
        bounds = [v for v in (start, stop) if v is not None]
        pieces.append(along(c.b, g, axis, item, *bounds))
        start = stop
    return pieces


def _ndim(c: Bound, atom: Atom) -> int:
    kind = kind_of(atom)
    if is_number(kind):
        return 0
    if not isinstance(kind, Array):
        raise refuse(c.eq, f"cannot tell the number of axes of what `{c.eq.op}` joins")
    return kind.ndim


def _concatenate(c: Bound, g: Atom) -> Atom:
    parts, axis = _parts(c), c.static("axis")
    ndims = [_ndim(c, p) for p in parts]
    if axis is None:
        return _rejoined(c, _split(c, g, _flat(c, parts), 0), parts)
    return c.b.emit("tuple", *_split(c, g, parts, axis % ndims[0]))


def _flat(c: Bound, parts: list[Atom]) -> list[Atom]:
    return [c.emit("numpy.ravel", p) for p in parts]


def _rejoined(c: Bound, pieces: list[Atom], parts: list[Atom]) -> Atom:
    """Pieces in the shapes of the parts, as a tuple."""
    shaped = []
    for piece, part in zip(pieces, parts, strict=True):
        have, want = kind_of(piece), kind_of(part)
        if is_number(want):
            piece = c.emit("numpy.sum", piece)
        elif not isinstance(have, Array) or _ndim(c, part) != have.ndim:
            piece = c.emit("numpy.reshape", piece, shape_of(c.b, part))
        shaped.append(piece)
    return c.b.emit("tuple", *shaped)


def _stack(c: Bound, g: Atom) -> Atom:
    parts = _parts(c)
    axis = c.static("axis") % (_ndim(c, parts[0]) + 1)
    pieces = (along(c.b, g, axis, "at", Const(k)) for k in range(len(parts)))
    return c.b.emit("tuple", *pieces)


def _hstack(c: Bound, g: Atom) -> Atom:
    parts = _parts(c)
    axis = 0 if _ndim(c, parts[0]) < 2 else 1
    return _rejoined(c, _split(c, g, parts, axis), parts)


def _vstack(c: Bound, g: Atom) -> Atom:
    parts = _parts(c)
    if any(_ndim(c, p) > 1 for p in parts):
        return _rejoined(c, _split(c, g, parts, 0, 2), parts)
    rows = [along(c.b, g, 0, "at", Const(k)) for k in range(len(parts))]
    return _rejoined(c, rows, parts)


def _column_stack(c: Bound, g: Atom) -> Atom:
    parts = _parts(c)
    if all(_ndim(c, p) == 1 for p in parts):
        pieces = (along(c.b, g, 1, "at", Const(k)) for k in range(len(parts)))
        return c.b.emit("tuple", *pieces)
    return _rejoined(c, _split(c, g, parts, 1, 2), parts)


def _array(c: Bound, g: Atom) -> Atom:
    """Of numbers in lists, item by item; of an array, the array."""
    return _nested(c, g, c["a"])


def _nested(c: Bound, g: Atom, like: Atom) -> Atom:
    kind = kind_of(like)
    if not isinstance(kind, Tuple):
        return g
    items = []
    for k in range(len(kind.items)):
        item = c.b.emit("getitem", g, Const(k), params=Index(("at",)))
        items.append(_nested(c, item, c.b.emit("item", like, params=k)))
    return c.b.emit("tuple", *items)


# -- filling --------------------------------------------------------------------------


def _summed(c: Bound, g: Atom) -> Atom:
    return c.emit("numpy.sum", g)


def _filled(c: Bound, g: Atom) -> Atom:
    return unbroadcast(c.b, g, c["fill_value"])


def _linspace(start: float, stop: float) -> Any:
    def pull(c: Bound, g: Atom) -> Atom:
        keywords = {k: c[k] for k in ("endpoint",) if k in c.given}
        weights = c.emit("numpy.linspace", start, stop, c["num"], **keywords)
        kind = kind_of(g)
        ndim = kind.ndim if isinstance(kind, Array) else 1
        if ndim > 1:
            across = Index((SliceItem(), *("new",) * (ndim - 1)), True)
            weights = c.b.emit("getitem", weights, params=across)
        product = c.b.emit("mul", g, weights)
        if ndim == 1:
            return c.emit("numpy.sum", product)
        summed = c.emit("numpy.sum", product, axis=0)
        return unbroadcast(c.b, summed, c["start" if start else "stop"])

    return pull


def _linspace_push(c: Bound, dots: Dots) -> Atom:
    return JOINT(c, {k: dots.get(k) or zeros(c.b, c[k]) for k in ("start", "stop")})


def _arange_step(c: Bound, g: Atom) -> Atom:
    order = c.emit("numpy.arange", c.b.emit("attr", g, params="size"))
    return c.emit("numpy.sum", c.b.emit("mul", g, order))


def _arange_push(c: Bound, dots: Dots) -> Atom:
    terms = []
    if "start" in dots and "stop" in c.given:
        terms.append(c.emit("numpy.full_like", c.out, dots["start"]))
    if "step" in dots:
        order = c.emit("numpy.arange", c.b.emit("attr", c.out, params="size"))
        terms.append(c.b.emit("mul", dots["step"], order))
    return total(c.b, terms) if terms else c.emit("numpy.zeros_like", c.out)


def _start(c: Bound, g: Atom) -> Atom:
    """The first argument is the start only if a second one follows."""
    return _summed(c, g) if "stop" in c.given else zeros(c.b, c["start"])


def _converted(c: Bound, g: Atom) -> Atom:
    """Back to the dtype of the argument."""
    have, want = dtype_of(kind_of(g)), dtype_of(kind_of(c["a"]))
    if is_complex(kind_of(g)) and is_real(kind_of(c["a"])):
        g = c.b.emit("real", g)
        have = dtype_of(kind_of(g))
    if have is None or want is None or have == want:
        return g
    return c.emit("numpy.astype", g, want)


ARRAYS: tuple[ArrayRule, ...] = (
    # shapes
    ArrayRule("reshape(a, shape)", {"a": _as_before}, "numpy.reshape"),
    ArrayRule("ravel(a)", {"a": _as_before}, "numpy.ravel"),
    ArrayRule("squeeze(a, axis=None)", {"a": _as_before}, "numpy.squeeze"),
    ArrayRule("expand_dims(a, axis)", {"a": _as_before}, "numpy.expand_dims"),
    ArrayRule(
        "atleast_1d(a)",
        {"a": _as_before},
        "numpy.atleast_1d numpy.atleast_2d numpy.atleast_3d",
    ),
    ArrayRule("broadcast_to(a, shape)", {"a": _unbroadcast}, "numpy.broadcast_to"),
    ArrayRule(
        "transpose(a, axes=None)",
        {"a": _transpose},
        "numpy.transpose numpy.permute_dims",
    ),
    ArrayRule("swapaxes(a, axis1, axis2)", {"a": _again}, "numpy.swapaxes"),
    ArrayRule("matrix_transpose(a)", {"a": _again}, "numpy.matrix_transpose"),
    ArrayRule("moveaxis(a, source, destination)", {"a": _moveaxis}, "numpy.moveaxis"),
    ArrayRule("flip(a, axis=None)", {"a": _again}, "numpy.flip numpy.flipud numpy.fliplr"),
    ArrayRule("tril(a, k=0)", {"a": _again}, "numpy.tril numpy.triu"),
    ArrayRule("roll(a, shift, axis=None)", {"a": _roll}, "numpy.roll"),
    ArrayRule("tile(a, reps)", {"a": _tile}, "numpy.tile"),
    ArrayRule("repeat(a, repeats, axis=None)", {"a": _repeat}, "numpy.repeat"),
    # joining
    ArrayRule(
        "concatenate(arrays, axis=0)",
        {"arrays": _concatenate},
        "numpy.concatenate numpy.concat",
    ),
    ArrayRule("stack(arrays, axis=0)", {"arrays": _stack}, "numpy.stack"),
    ArrayRule("hstack(arrays)", {"arrays": _hstack}, "numpy.hstack"),
    ArrayRule("vstack(arrays)", {"arrays": _vstack}, "numpy.vstack"),
    ArrayRule("column_stack(arrays)", {"arrays": _column_stack}, "numpy.column_stack"),
    ArrayRule(
        "array(a, dtype=None, copy=None)",
        {"a": _array},
        "numpy.array numpy.asarray numpy.asanyarray numpy.asarray_chkfinite "
        "numpy.asfortranarray numpy.require",
    ),
    ArrayRule("astype(a, dtype, copy=True)", {"a": _converted}, "numpy.astype"),
    # filling
    ArrayRule(
        "full(shape, fill_value, dtype=None)",
        {"fill_value": _filled},
        "numpy.full",
    ),
    ArrayRule(
        "full_like(a, fill_value, dtype=None)",
        {"a": None, "fill_value": _filled},
        "numpy.full_like",
    ),
    ArrayRule(
        "linspace(start, stop, num=50, endpoint=True)",
        {"start": _linspace(1.0, 0.0), "stop": _linspace(0.0, 1.0)},
        "numpy.linspace",
        _linspace_push,
    ),
    ArrayRule(
        "arange(start, stop=None, step=1, dtype=None)",
        {"start": _start, "stop": None, "step": _arange_step},
        "numpy.arange",
        _arange_push,
    ),
)
