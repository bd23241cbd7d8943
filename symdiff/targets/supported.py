"""Operations on arrays in forms that Numba takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, If, Index, Node, SliceItem, Var, While,
    kind_of,
)  # fmt: skip
from symdiff.ir.kinds import (
    ANY_LENGTH, BOOL, COMPLEX, FLOAT, INT, Array, Bool, Int, Kind, List, Size, Tuple,
    is_number,
)  # fmt: skip
from symdiff.records import replace
from symdiff.request import Target
from symdiff.targets.layouts import IN_ONE_PIECE, Layouts
from symdiff.targets.products import PRODUCTS, Around
from symdiff.targets.rearranged import REARRANGED

__all__ = ["supported"]

_ALONG = {
    "numpy.max": "max", "numpy.amax": "max", "numpy.min": "min", "numpy.amin": "min",
    "numpy.prod": "prod", "numpy.std": "std", "numpy.var": "var",
}  # fmt: skip
_AXIS = {"numpy.sum", "numpy.mean", *_ALONG}


def supported(function: Function, target: Target) -> tuple[Function, set[Var]]:
    """The function without what only NumPy takes, as far as there is another form, and
    the accesses to elements in it that need no check."""
    worker = _Supported(function, target)
    return replace(function, body=worker.block(function.body)), worker.known


class _Supported:
    def __init__(self, function: Function, target: Target) -> None:
        self.target = target
        self.known: set[Var] = set()
        self.names = Names.after(function)
        self.tuples: dict[Atom, tuple[Atom, ...]] = {}
        self.lists: dict[Atom, Equation] = {}
        self.layouts = Layouts()
        self.params = {p.var for p in function.params}

    def block(self, block: Block) -> Block:
        out: list[Node] = []
        for node in block:
            if isinstance(node, Equation):
                if node.op == "tuple":
                    self.tuples[node.target] = node.args
                elif node.op == "list":
                    self.lists[node.target] = node
                for each in self.rewritten(node):
                    if not isinstance(each, Equation):
                        out.append(each)
                        continue
                    out += self.in_one_piece(each)
                    self.layouts.note(each)
            elif isinstance(node, If):
                then, orelse = self.block(node.then), self.block(node.orelse)
                out.append(replace(node, then=then, orelse=orelse))
            else:
                if isinstance(node, While):
                    node = replace(node, test=self.block(node.test))
                out.append(replace(node, body=self.block(node.body)))
        return tuple(out)

    def rewritten(self, eq: Equation) -> Sequence[Node]:
        if eq.op in PRODUCTS:
            whole = self.target == "numba"
            return PRODUCTS[eq.op](eq, Around(self.names, self.tuples, whole, self.known))
        if eq.op in REARRANGED and self.target == "numba":
            made = REARRANGED[eq.op](eq, self.names, self.tuples)
            own = [[e] if e.op in REARRANGED else self.rewritten(e) for e in made]
            return [node for nodes in own for node in nodes]
        form = _FORMS.get(eq.op)
        return [eq] if form is None else form(self, eq)

    def made(
        self, out: list[Equation], like: Equation, op: str, args: tuple[Atom, ...],
        kind: Kind, params: object = None,
    ) -> Var:  # fmt: skip
        target = self.names.fresh("t", like.target.role, kind)
        out.append(Equation(target, op, args, params, like.span))
        return target

    def shape(self, out: list[Equation], like: Equation, array: Atom) -> Var:
        kind = kind_of(array)
        assert isinstance(kind, Array)
        dims = Tuple(tuple(map(Int, kind.dims)))
        return self.made(out, like, "attr", (array,), dims, "shape")

    # -- forms --------------------------------------------------------------------------

    def in_one_piece(self, eq: Equation) -> list[Equation]:
        """`np.ascontiguousarray(x[:, 1:]) @ u`"""
        if eq.op not in IN_ONE_PIECE:
            return [eq]
        out: list[Equation] = []
        args: list[Atom] = []
        for atom in eq.args[:1] if eq.op == "numpy.reshape" else eq.args:
            if self.layouts.is_apart(eq.op, atom, atom in self.params):
                copied = (atom,)
                op = "numpy.ascontiguousarray"
                atom = self.made(out, eq, op, copied, kind_of(atom))
            args.append(atom)
        return [*out, eq.with_args((*args, *eq.args[len(args) :]))]

    def joined(self, eq: Equation) -> list[Equation]:
        """`np.concatenate((u, v))` for `np.concatenate([u, v])`"""
        given = self.lists.get(eq.args[0])
        if given is None and self.target == "numba":
            return self.of_list(eq)
        if given is None or not all(isinstance(kind_of(a), Array) for a in given.args):
            return [eq]
        out: list[Equation] = []
        kind = Tuple(tuple(map(kind_of, given.args)))
        parts = self.made(out, eq, "tuple", given.args, kind)
        return [*out, eq.with_args((parts, *eq.args[1:]))]

    def of_list(self, eq: Equation) -> list[Equation]:
        """`_stacked(xs)` for `np.stack(xs)` of a list of which the run knows how long
        it is."""
        kind = kind_of(eq.args[0])
        item = kind.item if isinstance(kind, List) else None
        name = eq.op.removeprefix("numpy.")
        if len(eq.args) > 1:
            return [eq]
        if name == "stack" and item is not None and is_number(item):
            return [replace(eq, op="numpy.array")]
        if not isinstance(item, Array) or not item.ndim:
            return [eq]
        flat = item.ndim == 1
        if name in ("array", "asarray", "stack") or (name == "vstack" and flat):
            return [replace(eq, op="stacked")]
        if name in ("concatenate", "vstack") or (name == "hstack" and flat):
            return [replace(eq, op="end_to_end")]
        return [eq]

    def indexed(self, eq: Equation) -> list[Equation]:
        """`u[np.array([0, 2])]` for `u[[0, 2]]`"""
        out: list[Equation] = []
        args = list(eq.args)
        for k, atom in enumerate(eq.args[1:], 1):
            given = self.lists.get(atom)
            whole = given is not None and all(
                isinstance(kind_of(a), Int) for a in given.args
            )
            if given is not None and given.args and whole and isinstance(
                kind_of(eq.args[0]), Array
            ):  # fmt: skip
                kind = Array("int64", (len(given.args),))
                args[k] = self.made(out, eq, "numpy.array", (atom,), kind)
        return [*out, eq.with_args(tuple(args))] if out else [eq]

    def squeezed(self, eq: Equation) -> list[Equation]:
        """`x.reshape((n, m))` for `np.squeeze(x)`"""
        kind, result = kind_of(eq.args[0]), eq.target.kind
        if not isinstance(kind, Array) or not isinstance(result, Array):
            return [eq]
        kept = [k for k, d in enumerate(kind.dims) if d != 1]
        if eq.args[1:] or len(kept) != result.ndim or not kept:
            return [eq]
        out: list[Equation] = []
        whole = self.shape(out, eq, eq.args[0])
        lengths = tuple(self.made(out, eq, "item", (whole,), INT, k) for k in kept)
        shape = self.made(out, eq, "tuple", lengths, Tuple((INT,) * len(kept)))
        return [
            *out,
            replace(eq, op="numpy.reshape", args=(eq.args[0], shape), params=None),
        ]

    def unbroadcast(self, eq: Equation) -> list[Equation]:
        """`_sum_to(g, x.shape)`"""
        if not isinstance(kind_of(eq.args[1]), Array):
            return [eq]
        out: list[Equation] = []
        shape = self.shape(out, eq, eq.args[1])
        return [*out, replace(eq, op="sum_to", args=(eq.args[0], shape))]

    def reduced(self, eq: Equation) -> list[Equation]:
        """Sums along one axis after the other, from the last, and means of these."""
        options = self.options(eq)
        kind = kind_of(eq.args[0])
        if options is None or not isinstance(kind, Array) or eq.op not in _AXIS:
            return [eq]
        axes = self.axes(options.get("axis"), kind.ndim)
        keep = options.get("keepdims", Const(False)) == Const(True)
        mean = eq.op == "numpy.mean"
        if len(axes) == kind.ndim and not keep:
            return [replace(eq, args=eq.args[:1], params=None)]
        if not axes or (len(axes) == 1 and not (keep or mean) and eq.op == "numpy.sum"):
            return [eq]
        if eq.op not in ("numpy.sum", "numpy.mean"):
            return self.extreme(eq, axes, keep)
        out: list[Equation] = []
        total, dims = eq.args[0], list(kind.dims)
        for axis in sorted(axes, reverse=True):
            del dims[axis]
            left = Array(kind.dtype, tuple(dims)) if dims else _number(eq.target.kind)
            args = (total, Const(axis))
            total = self.made(out, eq, "numpy.sum", args, left, ("axis",))
        if mean:
            count: Atom = Const(1)
            shape = self.shape(out, eq, eq.args[0])
            for axis in axes:
                length = self.made(out, eq, "item", (shape,), INT, axis)
                if count != Const(1):
                    length = self.made(out, eq, "mul", (count, length), INT)
                count = length
            total = self.made(out, eq, "div", (total, count), kind_of(total))
        return self.finished(eq, out, total, axes, keep)

    def extreme(self, eq: Equation, axes: list[int], keep: bool) -> list[Equation]:
        """`_max_along(x, axis)`"""
        kind = kind_of(eq.args[0])
        assert isinstance(kind, Array)
        if len(axes) != 1:
            return [eq]
        out: list[Equation] = []
        dims = tuple(d for k, d in enumerate(kind.dims) if k != axes[0])
        left = Array(kind.dtype, dims) if dims else _number(eq.target.kind)
        op = f"{_ALONG[eq.op]}_along"
        if not dims:
            op = f"numpy.{_ALONG[eq.op]}"
            found = self.made(out, eq, op, eq.args[:1], left)
            return self.finished(eq, out, found, axes, keep)
        shape = self.shape(out, eq, eq.args[0])
        lengths = tuple(
            self.made(out, eq, "item", (shape,), INT, k)
            for k in range(kind.ndim)
            if k != axes[0]
        )
        result = self.made(out, eq, "tuple", lengths, Tuple((INT,) * len(lengths)))
        args = (eq.args[0], Const(axes[0]), result)
        return self.finished(eq, out, self.made(out, eq, op, args, left), axes, keep)

    def finished(
        self, eq: Equation, out: list[Equation], value: Atom, axes: list[int], keep: bool
    ) -> list[Equation]:
        """With the axes that were summed over as new ones, if they are to be kept."""
        kind = kind_of(eq.args[0])
        assert isinstance(kind, Array)
        if keep:
            if isinstance(kind_of(value), Array):
                items = ["new" if k in axes else SliceItem() for k in range(kind.ndim)]
                index = Index(tuple(items), True)
                return [*out, replace(eq, op="getitem", args=(value,), params=index)]
            shape = self.made(
                out, eq, "tuple", (Const(1),) * kind.ndim, Tuple((INT,) * kind.ndim)
            )
            args = (shape, value)
            return [*out, replace(eq, op="numpy.full", args=args, params=None)]
        return [*out[:-1], replace(out[-1], target=eq.target)]

    def cumulated(self, eq: Equation) -> list[Equation]:
        """Along the only axis there is."""
        options, kind = self.options(eq), kind_of(eq.args[0])
        if options is None or not isinstance(kind, Array) or kind.ndim != 1:
            return [eq]
        return [replace(eq, args=eq.args[:1], params=None)]

    def diagonal(self, eq: Equation) -> list[Equation]:
        plain = eq.args[1:] in ((), (Const(0), Const(0), Const(1))) and not eq.params
        return [replace(eq, op="numpy.diag", args=eq.args[:1])] if plain else [eq]

    def traced(self, eq: Equation) -> list[Equation]:
        """`np.diag(x).sum()`"""
        kind = kind_of(eq.args[0])
        if eq.args[1:] or not isinstance(kind, Array) or kind.ndim != 2:
            return [eq]
        out: list[Equation] = []
        line = Array(kind.dtype, (Size(ANY_LENGTH),))
        diagonal = self.made(out, eq, "numpy.diag", eq.args, line)
        return [*out, replace(eq, op="numpy.sum", args=(diagonal,))]

    def cube_root(self, eq: Equation) -> list[Equation]:
        return [replace(eq, op="numpy.cbrt")]

    def counted(self, eq: Equation) -> list[Equation]:
        """`_factorial(n)` for `math.factorial(n)`"""
        name = eq.op.removeprefix("math.")
        return [replace(eq, op=name)] if self.target == "numba" else [eq]

    def number_of(self, eq: Equation) -> list[Equation]:
        """`1.0 if c else 0.0` for `float(c)` of a condition."""
        if len(eq.args) != 1 or not isinstance(kind_of(eq.args[0]), Bool):
            return [eq]
        args = (eq.args[0], Const(1.0), Const(0.0))
        return [replace(eq, op="select", args=args)]

    # -- arguments ----------------------------------------------------------------------

    def options(self, eq: Equation) -> dict[str, Atom] | None:
        """The arguments behind the array by name; None if others than these are given."""
        names: tuple[Any, ...] = eq.params or ()
        given = len(eq.args) - len(names)
        if given > 2 or not set(names) <= {"axis", "keepdims"}:
            return None
        found = dict(zip(names, eq.args[given:], strict=True))
        if given == 2:
            found["axis"] = eq.args[1]
        return found

    def axes(self, atom: Atom | None, ndim: int) -> list[int]:
        """The axes of a reduction; none where they are not known."""
        if atom is None or atom == Const(None):
            return list(range(ndim))
        atoms = self.tuples.get(atom, (atom,))
        if not all(isinstance(a, Const) and isinstance(a.value, int) for a in atoms):
            return []
        return [a.value % ndim for a in atoms if isinstance(a, Const)]


def _number(kind: Kind) -> Kind:
    """The kind of an element of an array, or of what is a number already."""
    if not isinstance(kind, Array):
        return kind
    return {"int64": INT, "bool": BOOL, "complex128": COMPLEX}.get(kind.dtype, FLOAT)


_JOINS = ("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack")
_FORMS: dict[str, Callable[[_Supported, Equation], list[Equation]]] = {
    "unbroadcast": _Supported.unbroadcast,
    "builtins.float": _Supported.number_of,
    "math.cbrt": _Supported.cube_root,
    "math.comb": _Supported.counted,
    "math.factorial": _Supported.counted,
    "numpy.array": _Supported.joined,
    "numpy.asarray": _Supported.joined,
    "numpy.cumsum": _Supported.cumulated,
    "numpy.cumprod": _Supported.cumulated,
    "numpy.squeeze": _Supported.squeezed,
    **dict.fromkeys((f"numpy.{name}" for name in _JOINS), _Supported.joined),
    **dict.fromkeys(("getitem", "setitem", "additem", "numpy.take"), _Supported.indexed),
    "numpy.diagonal": _Supported.diagonal,
    "numpy.trace": _Supported.traced,
    **dict.fromkeys(_AXIS, _Supported.reduced),
}
