"""Rules of Fourier transforms, which are linear.

The matrix of `fft` is symmetric, so it is its own transpose: adjoints are paired without
a conjugate. `rfft` gives the first half of the frequencies of a real signal. `irfft` adds
to these the other half, their conjugates: all but the first, and the last of an even
number, count twice.
"""

from __future__ import annotations

from typing import Any

from symdiff.ir.core import Atom, Const, SliceItem, kind_of
from symdiff.ir.infer_fourier import sized_axes
from symdiff.ir.kinds import Array
from symdiff.rules.row import ArrayRule, Bound, in_kind
from symdiff.rules.shapes import along, extent, full_index
from symdiff.rules.template import conjugate

__all__ = ["FOURIER"]

_UPTO = SliceItem(stop=True)


def _axes(c: Bound) -> tuple[int, ...]:
    """The axes of a transform, in its order."""
    keywords = {n: (kind_of(atom), atom) for n, atom in c.given.items()}
    name = c.eq.op.rpartition(".")[2]
    found = sized_axes(name, (), keywords, c.array(c.names[0]).ndim)
    assert found is not None  # or the kind of the result would not be known
    return found[0]


def _sizes(c: Bound) -> Atom | None:
    """The lengths that a call asks for, if it does."""
    sizes = c.given.get("s" if "s" in c.defaults else "n", Const(None))
    return None if sizes == Const(None) else sizes


def _options(c: Bound, norm: Any = None) -> dict[str, Any]:
    """The axes and the norm of a call, for another one."""
    found: dict[str, Any] = {n: a for n, a in c.given.items() if n in ("axis", "axes")}
    norm = c.static("norm") if norm is None else norm
    every = found.get("axes", Const(None)) == Const(None)
    if every and c.eq.op.endswith("n") and _sizes(c) is not None:
        found["axes"] = _axes(c)  # as many of the last ones as there are lengths
    return found if norm in (None, "backward") else {**found, "norm": norm}


def _fitted(c: Bound, x: Atom) -> Atom:
    """x cut off, or filled up with zeros, to the lengths of the argument."""
    like = c[c.names[0]]
    want = c.array(c.names[0])
    if _sizes(c) is None:
        return x
    x = in_kind(c.b, x, want)
    for axis in _axes(c):
        have, length = kind_of(x), want.dims[axis]
        assert isinstance(have, Array)
        size = have.dims[axis]
        if size == length:
            continue
        wanted, found = extent(c.b, like, axis), extent(c.b, x, axis)
        kept = along(c.b, x, axis, _UPTO, wanted)
        if isinstance(size, int) and isinstance(length, int) and size > length:
            x = kept
            continue
        axes = range(want.ndim)
        shape = tuple(extent(c.b, like if k == axis else x, k) for k in axes)
        zero = c.emit("numpy.zeros", shape, dtype=have.dtype)
        x = c.b.emit("setitem", zero, found, kept, params=full_index(axis, _UPTO))
    return x


def _fft(c: Bound, g: Atom) -> Atom:
    return _fitted(c, c.emit(c.eq.op, g, **_options(c)))


def _rfft(c: Bound, g: Atom) -> Atom:
    """The transform of all frequencies, the other half being zero."""
    like, axes, sizes = c[c.names[0]], _axes(c), _sizes(c)
    if sizes is None:
        lengths = tuple(extent(c.b, like, axis) for axis in axes)
        sizes = lengths[0] if "n" in c.defaults else c.b.emit("tuple", *lengths)
    options = _options(c)
    if c.eq.op.endswith("n") and "axes" not in options:
        options = {"axes": axes, **options}  # lengths without axes are deprecated
    return _fitted(c, c.emit(c.eq.op.replace("rfft", "fft"), g, sizes, **options))


def _irfft(c: Bound, g: Atom) -> Atom:
    norm = {None: "forward", "backward": "forward", "forward": "backward"}
    norm_back = norm.get(c.static("norm"), "ortho")
    op = c.eq.op.replace("irfft", "rfft")
    half = conjugate(c.b, c.emit(op, g, **_options(c, norm_back)))
    axis = _axes(c)[-1]
    more = c.b.emit("add", extent(c.b, g, axis), Const(1))
    middle = c.b.emit("floordiv", more, Const(2))
    index = full_index(axis, SliceItem(start=True, stop=True))
    inner = c.b.emit("getitem", half, Const(1), middle, params=index)
    twice = c.b.emit("mul", Const(2), inner)
    return _fitted(c, c.b.emit("setitem", half, Const(1), middle, twice, params=index))


def _shifted_back(c: Bound, g: Atom) -> Atom:
    module, _, name = c.eq.op.rpartition(".")
    other = name[1:] if name == "ifftshift" else f"i{name}"
    return c.b.emit(f"{module}.{other}", g, *c.eq.args[1:], params=c.eq.params)


def _per_sample(c: Bound, g: Atom) -> Atom:
    """Frequencies are multiples of 1 / d."""
    total = c.emit("numpy.sum", c.b.emit("mul", g, c.out))
    return c.b.emit("neg", c.b.emit("div", total, c["d"]))


def _per_sample_push(c: Bound, dots: dict[str, Atom]) -> Atom:
    return c.b.emit("neg", c.b.emit("mul", c.out, c.b.emit("div", dots["d"], c["d"])))


# -- cosines and sines ----------------------------------------------------------------

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}  # of each type, but for a factor


def _scaled(c: Bound, x: Atom, axis: int, places: tuple[int, ...], factor: float) -> Atom:
    """x with a factor at some places along an axis."""
    for place in places:
        index = full_index(axis, "at")
        value = c.b.emit("getitem", x, Const(place), params=index)
        value = c.b.emit("mul", Const(factor), value)
        x = c.b.emit("setitem", x, Const(place), value, params=index)
    return x


def _cosines(c: Bound, g: Atom) -> Atom:
    """Of matrices of cosines or sines. With the norm "ortho" the inverse is the transpose;
    else they are symmetric but for the weights of the first and the last entry."""
    module, _, name = c.eq.op.rpartition(".")
    kind, norm = c.static("type"), c.static("norm")
    if norm == "ortho":
        other = name[1:] if name.startswith("i") else f"i{name}"
        types = {} if kind == 2 else {"type": kind}
        return _fitted(c, c.emit(f"{module}.{other}", g, **types, **_options(c)))
    if name.startswith("i"):
        name, kind = name[1:], _INVERSE[kind]
        norm = {None: "forward", "backward": "forward", "forward": None}[norm]
    ends = {("dct", 1): (0, -1), ("dct", 2): (0,), ("dst", 2): (-1,)}
    after = {("dct", 1): (0, -1), ("dct", 3): (0,), ("dst", 3): (-1,)}
    form = name[:3], kind
    options = {} if norm in (None, "backward") else {"norm": norm}
    for axis in _axes(c):
        g = _scaled(c, g, axis, ends.get(form, ()), 2)
        g = c.emit(f"{module}.{form[0]}", g, type=_INVERSE[kind], axis=axis, **options)
        g = _scaled(c, g, axis, after.get(form, ()), 0.5)
    return _fitted(c, g)


def _rows() -> tuple[ArrayRule, ...]:
    rows = []
    for module, x in (("numpy.fft", "a"), ("scipy.fft", "x")):
        forms = {
            "": f"fft({x}, n=None, axis=-1, norm=None)",
            "2": f"fft2({x}, s=None, axes=(-2, -1), norm=None)",
            "n": f"fftn({x}, s=None, axes=None, norm=None)",
        }
        pulls = {"fft": _fft, "ifft": _fft, "rfft": _rfft, "irfft": _irfft}
        rows += [
            ArrayRule(form, {x: pull}, f"{module}.{name}{more}")
            for more, form in forms.items()
            for name, pull in pulls.items()
        ]
    each = "x, type=2, n=None, axis=-1, norm=None"
    several = "x, type=2, s=None, axes=None, norm=None"
    for name in ("dct", "idct", "dst", "idst"):
        rows.append(ArrayRule(f"{name}({each})", {"x": _cosines}, f"scipy.fft.{name}"))
        rows.append(ArrayRule(f"{name}n({several})", {"x": _cosines}, f"scipy.fft.{name}n"))
    return tuple(rows)


_BOTH = "numpy.fft.{0} scipy.fft.{0}"

FOURIER: tuple[ArrayRule, ...] = (
    *_rows(),
    ArrayRule(
        "fftshift(x, axes=None)",
        {"x": _shifted_back},
        f"{_BOTH.format('fftshift')} {_BOTH.format('ifftshift')}",
    ),
    ArrayRule(
        "fftfreq(n, d=1.0)",
        {"n": None, "d": _per_sample},
        f"{_BOTH.format('fftfreq')} {_BOTH.format('rfftfreq')}",
        _per_sample_push,
    ),
)
