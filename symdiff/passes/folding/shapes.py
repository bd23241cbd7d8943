"""Arrays of a derivative in a shorter form: their shapes, dtypes, transposes, elements."""

from __future__ import annotations

from typing import Any

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Index, Var, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.kinds import Array, Float, Int, Kind, List, is_number
from symdiff.passes.folding.apart import apart
from symdiff.passes.folding.arithmetic import hinted, inner_step
from symdiff.passes.folding.exact import Rule, made_by

__all__ = ["SHAPES"]


def _transpose(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """`b.T @ a` for `(a.T @ b).T`."""
    product = made_by(b, args[0], "matmul") if len(args) == 1 else None
    if product is None or not product.target.is_derivative:
        return None
    kinds = [kind_of(a) for a in product.args]
    if not all(isinstance(kind, Array) and kind.ndim == 2 for kind in kinds):
        return None
    if not any(made_by(b, a, "numpy.transpose") for a in product.args):
        return None
    first, second = (inner_step(b, "numpy.transpose", a) for a in reversed(product.args))
    return hinted(b, "matmul", first, second)


def _same_shape(x: Kind, y: Kind) -> bool:
    if isinstance(x, Array) and isinstance(y, Array):
        return x.dims == y.dims
    return is_number(x) and is_number(y)


def _unbroadcast(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    return args[0] if _same_shape(kind_of(args[0]), kind_of(args[1])) else None


def _astype(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    kind = kind_of(args[0])
    if params or len(args) != 2 or not isinstance(kind, Array) or kind.ndim == 0:
        return None
    dtype = args[1]
    if isinstance(dtype, Const):
        return args[0] if dtype.value == kind.dtype else None
    source = made_by(b, dtype, "attr")
    if source is not None and source.params == "dtype":
        other = kind_of(source.args[0])
        if isinstance(other, Array) and other.dtype == kind.dtype:
            return args[0]
    return None


def _zeros_like(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """Of zeros there is a simpler model."""
    model = None if params else made_by(b, args[0], "numpy.zeros_like")
    if model is None or model.params:
        return None
    base, role = b.hint
    return b.define("numpy.zeros_like", *model.args, base=base, role=role)


_LONGEST = 32  # writes that are looked back upon


def _takes(kind: Kind, values: tuple[Atom, ...], index: Index) -> bool:
    """Whether what is put into zeros at these places is what is added to them there."""
    *places, value = values
    if isinstance(kind, List):
        return (
            index == Index(("at",))
            and isinstance(kind.item, Float)
            and is_number(kind_of(value))
        )
    return index.once or all(isinstance(kind_of(place), Int) for place in places)


def _additem(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """`x_bar[k] = v` for `x_bar[k] += v` where nothing was added there before."""
    at: Atom = args[0]
    for _ in range(_LONGEST):
        made = b.definitions.get(at) if isinstance(at, Var) else None
        if made is None:
            return None
        if made.op in ("list.zeros_like", "numpy.zeros_like"):
            if not _takes(made.target.kind, args[1:], params):
                return None
            base, role = b.hint
            return b.emit("setitem", *args, params=params, base=base, role=role)
        if made.op not in ("setitem", "additem"):
            return None
        if not apart(b, params, args[1:-1], made.params, made.args[1:-1]):
            return None
        at = made.args[0]
    return None


def _attribute(b: Builder, args: tuple[Atom, ...], params: Any) -> Atom | None:
    """How many elements are read at the places in vectors: as many as there are places."""
    made = b.made(args[0]) if params == "size" else None
    if made is None:
        return None
    if made.op == "numpy.arange" and len(made.args) == 1 and not made.params:
        count = b.made(made.args[0])
        return made.args[0] if count is not None and count.op == "builtins.len" else None
    if made.op != "getitem" or not isinstance(made.params, Index):
        return None
    kinds = list(map(kind_of, made.args))
    vectors = [k for k, kind in enumerate(kinds[1:], 1) if not isinstance(kind, Int)]
    whole = isinstance(kinds[0], Array) and kinds[0].ndim == len(kinds) - 1
    if not vectors or not whole or set(made.params.items) != {"at"} or made.params.through:
        return None
    first = kinds[vectors[0]]
    for kind in (kinds[k] for k in vectors):
        if not isinstance(kind, Array) or kind.ndim != 1 or kind.dtype == "bool":
            return None
        if not isinstance(first, Array) or not agree(kind.dims, first.dims):
            return None
    return b.emit("attr", made.args[vectors[0]], params="size")


SHAPES: dict[str, Rule] = {
    "unbroadcast": _unbroadcast, "numpy.astype": _astype, "numpy.zeros_like": _zeros_like,
    "additem": _additem, "attr": _attribute, "numpy.transpose": _transpose,
}  # fmt: skip
