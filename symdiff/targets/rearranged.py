"""Arrays put together in other ways, in the forms that Numba takes.

Slices, joins and writes of slices in place of `np.pad`, `np.tile` and their like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.ir.builder import Names
from symdiff.ir.core import Atom, Const, Equation, Index, SliceItem, Var, kind_of
from symdiff.ir.kinds import ANY_LENGTH, INT, Array, Extent, Int, Kind, Size, Tuple
from symdiff.records import replace

__all__ = ["REARRANGED"]

Tuples = Mapping[Atom, tuple[Atom, ...]]
_MOST = 16  # copies of an array that are joined
_ALL = SliceItem()


class _Made:
    """The equations that take the place of one."""

    def __init__(self, eq: Equation, names: Names) -> None:
        self.eq, self.names = eq, names
        self.out: list[Equation] = []

    def emit(
        self, op: str, args: tuple[Atom, ...], kind: Kind, params: object = None
    ) -> Var:
        target = self.names.fresh("t", self.eq.target.role, kind)
        self.out.append(Equation(target, op, args, params, self.eq.span))
        return target

    def shape(self, array: Atom, kind: Array) -> list[Var]:
        """The lengths of the axes."""
        shape = self.emit("attr", (array,), Tuple(tuple(map(Int, kind.dims))), "shape")
        return [self.emit("item", (shape,), Int(d), k) for k, d in enumerate(kind.dims)]

    def part(self, array: Atom, kind: Array, axis: int, item: SliceItem, at: Atom) -> Var:
        """The array with a slice of one axis; of what length is left open."""
        items = [item if k == axis else _ALL for k in range(kind.ndim)]
        return self.emit(
            "getitem", (array, at), _open(kind, axis), Index(tuple(items), True)
        )

    def done(self) -> list[Equation]:
        """With the target of the equation for that of the last one."""
        return [*self.out[:-1], replace(self.out[-1], target=self.eq.target)]


def _open(kind: Array, axis: int) -> Array:
    dims: list[Extent] = list(kind.dims)
    dims[axis] = Size(ANY_LENGTH)
    return Array(kind.dtype, tuple(dims))


def _given(eq: Equation, names: Sequence[str]) -> dict[str, Atom] | None:
    """The arguments behind the array by name; None if there are others."""
    words = eq.params or ()
    placed = len(eq.args) - len(words)
    if placed - 1 > len(names) or not {*words} <= {*names}:
        return None
    given = dict(zip(names, eq.args[1:placed], strict=False))
    return given | dict(zip(words, eq.args[placed:], strict=True))


def _axis(atom: Atom | None, ndim: int) -> int | None:
    if isinstance(atom, Const) and type(atom.value) is int and -ndim <= atom.value < ndim:
        return int(atom.value) % ndim
    return None


def _flip(eq: Equation, names: Names, tuples: Tuples) -> list[Equation]:
    """`u[:, ::-1]`"""
    kind, given = kind_of(eq.args[0]), _given(eq, ("axis",))
    if not isinstance(kind, Array) or given is None:
        return [eq]
    axis = _axis(given.get("axis"), kind.ndim)
    if axis is None:
        return [eq]
    made = _Made(eq, names)
    made.part(eq.args[0], kind, axis, SliceItem(step=True), Const(-1))
    return made.done()


def _diff(eq: Equation, names: Names, tuples: Tuples) -> list[Equation]:
    """`u[1:] - u[:-1]`"""
    kind, given = kind_of(eq.args[0]), _given(eq, ("n", "axis"))
    if not isinstance(kind, Array) or given is None or kind.dtype == "bool":
        return [eq]
    axis = _axis(given.get("axis", Const(-1)), kind.ndim)
    if axis is None or given.get("n", Const(1)) != Const(1):
        return [eq]
    made = _Made(eq, names)
    after = made.part(eq.args[0], kind, axis, SliceItem(start=True), Const(1))
    before = made.part(eq.args[0], kind, axis, SliceItem(stop=True), Const(-1))
    made.emit("sub", (after, before), eq.target.kind)
    return made.done()


def _roll(eq: Equation, names: Names, tuples: Tuples) -> list[Equation]:
    """`_roll(u, shift, axis)`"""
    kind, given = kind_of(eq.args[0]), _given(eq, ("shift", "axis"))
    if not isinstance(kind, Array) or given is None:
        return [eq]
    axis = _axis(given.get("axis"), kind.ndim)
    shift = given.get("shift", Const(None))
    if axis is None or not isinstance(kind_of(shift), Int):
        return [eq]
    return [replace(eq, op="roll", args=(eq.args[0], shift, Const(axis)), params=None)]


def _norm(eq: Equation, names: Names, tuples: Tuples) -> list[Equation]:
    """`np.sqrt(np.sum(u * u, axis=1))`"""
    kind, given = kind_of(eq.args[0]), _given(eq, ("ord", "axis", "keepdims"))
    if not isinstance(kind, Array) or given is None or kind.dtype != "float64":
        return [eq]
    axis = _axis(given.get("axis"), kind.ndim)
    plain = given.get("ord", Const(None)) in (Const(None), Const(2))
    if axis is None or not plain or kind.ndim < 2:
        return [eq]
    made = _Made(eq, names)
    squares = made.emit("mul", (eq.args[0], eq.args[0]), kind)
    words = ("axis", "keepdims")[: 1 + ("keepdims" in given)]
    args = (squares, Const(axis), *([given["keepdims"]] if words[1:] else ()))
    total = made.emit("numpy.sum", args, eq.target.kind, words)
    made.emit("numpy.sqrt", (total,), eq.target.kind)
    return made.done()


def _pad(eq: Equation, names: Names, tuples: Tuples) -> list[Equation]:
    """Zeros, into which the array is written"""
    kind, given = kind_of(eq.args[0]), _given(eq, ("pad_width", "mode"))
    target = eq.target.kind
    if not isinstance(kind, Array) or not isinstance(target, Array) or given is None:
        return [eq]
    widths = _widths(given.get("pad_width"), kind.ndim, tuples)
    zeros = given.get("mode", Const("constant")) == Const("constant")
    if widths is None or not zeros or kind.dtype != "float64":
        return [eq]
    made = _Made(eq, names)
    slices: list[Atom] = []
    lengths: list[Atom] = []
    for (before, after), length in zip(widths, made.shape(eq.args[0], kind), strict=True):
        stop = made.emit("add", (before, length), INT)
        slices += [before, stop]
        lengths.append(made.emit("add", (stop, after), INT))
    shape = made.emit("tuple", tuple(lengths), Tuple((INT,) * kind.ndim))
    empty = made.emit("numpy.zeros", (shape,), target)
    index = Index((SliceItem(True, True),) * kind.ndim, kind.ndim > 1)
    made.emit("setitem", (empty, *slices, eq.args[0]), target, index)
    return made.done()


def _widths(atom: Atom | None, ndim: int, tuples: Tuples) -> list[tuple[Atom, Atom]] | None:
    """How many places come before and after each axis; None where that is not known."""
    if atom is None:
        return None
    if isinstance(kind_of(atom), Int):
        return [(atom, atom)] * ndim
    parts = tuples.get(atom, ())
    pairs = [tuples.get(part, ()) for part in parts]
    if not any(pairs):
        pairs = [parts]
    if len(pairs) == 1:
        pairs *= ndim
    found = [(p[0], p[-1]) for p in pairs if len(p) in (1, 2)]
    whole = all(isinstance(kind_of(a), Int) for pair in found for a in pair)
    return found if whole and len(found) == ndim == len(pairs) else None


def _tile(eq: Equation, names: Names, tuples: Tuples) -> list[Equation]:
    """`np.concatenate((u, u, u))`"""
    kind, given = kind_of(eq.args[0]), _given(eq, ("reps",))
    if not isinstance(kind, Array) or given is None or "reps" not in given:
        return [eq]
    atoms = tuples.get(given["reps"], (given["reps"],))
    reps = [a.value for a in atoms if isinstance(a, Const) and type(a.value) is int]
    if len(reps) != len(atoms) or not all(1 <= n <= _MOST for n in reps):
        return [eq]
    made, array = _Made(eq, names), eq.args[0]
    more = len(reps) - kind.ndim
    if more > 0:
        kind = Array(kind.dtype, (1,) * more + kind.dims)
        index = Index(("new",) * more + (_ALL,) * (kind.ndim - more), True)
        array = made.emit("getitem", (array,), kind, index)
    for axis, count in enumerate([1] * -more + reps):
        if count > 1:
            parts = made.emit("tuple", (array,) * count, Tuple((kind,) * count))
            kind = _open(kind, axis)
            args = parts, Const(axis)
            array = made.emit("numpy.concatenate", args, kind, ("axis",))
    if not made.out or made.out[-1].op == "getitem":
        made.emit("copy", (array,), eq.target.kind)
    return made.done()


REARRANGED = {
    "numpy.flip": _flip, "numpy.diff": _diff, "numpy.roll": _roll,
    "numpy.linalg.norm": _norm, "numpy.pad": _pad, "numpy.tile": _tile,
}  # fmt: skip
