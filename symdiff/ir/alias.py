"""Which memory the result of one equation lies in: its own, or that of an argument."""

from __future__ import annotations

from symdiff.ir.core import Equation, Index, SliceItem, kind_of
from symdiff.ir.effects import WRITES
from symdiff.ir.kinds import (
    Array, Kind, List, Member, NoneKind, Str, Tuple, is_number,
)  # fmt: skip
from symdiff.ir.structure import many_in

__all__ = [
    "has_memory", "is_basic_view", "is_container", "is_element", "is_flat", "is_fresh",
    "is_gathered", "is_made", "is_read_only", "may_be_view", "stored", "writes_inside",
]  # fmt: skip

_OPERATORS = frozenset(
    ("add", "sub", "mul", "div", "floordiv", "mod", "pow", "matmul", "bitand", "bitor",
     "bitxor", "lshift", "rshift", "lt", "le", "gt", "ge", "eq", "ne", "neg", "pos",
     "invert", "copy", "builtins.abs", "builtins.round")
)  # fmt: skip

# NumPy functions that always allocate what they return.
_FRESH = """
abs absolute add all amax amin angle any arange arccos arccosh arcsin arcsinh arctan
arctan2 arctanh argmax argmin argsort around average bincount cbrt ceil choose clip
column_stack concatenate conj conjugate convolve copy copysign correlate cos cosh
count_nonzero cov cross cumprod cumsum deg2rad degrees divide dot dstack empty
empty_like equal exp exp2 expm1 eye fabs float_power floor floor_divide fmax fmin fmod
full full_like greater greater_equal heaviside hstack hypot identity inner interp invert
isclose isfinite isinf isnan kron less less_equal linspace log log10 log1p log2
logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logspace matmul max
maximum mean median min minimum mod multiply nan_to_num nanmax nanmean nanmin nansum
negative not_equal ones ones_like outer pad positive power prod ptp rad2deg radians
reciprocal remainder repeat rint roll round searchsorted sign signbit sin sinc sinh sort
sqrt square stack std subtract sum take tan tanh tensordot tile trace trapezoid trapz
tri tril triu true_divide trunc vander var vdot vstack where zeros zeros_like astype
array linalg.cholesky linalg.det linalg.inv linalg.norm linalg.pinv linalg.solve
"""
_ALLOCATING = frozenset(
    (
        *("cofactors", "hessenberg_turn", "outer_sum", "schur_turn"),
        *(f"numpy.{name}" for name in _FRESH.split()),
    )
)
_MODULES = ("scipy.", "numpy.fft.")  # these too
# With these the caller may ask for no copy, or give the place for the result.
_RISKY_KEYWORDS = frozenset(("out", "copy", "subok", "like", "order"))

# Their results must not be written into, even if nobody else reads them: several
# elements may lie in one place, or the view is read-only.
_READ_ONLY = frozenset(
    ("numpy.broadcast_to", "numpy.broadcast_arrays", "numpy.diagonal", "numpy.diag",
     "numpy.meshgrid", "unbroadcast", "sum_to")
)  # fmt: skip


def has_memory(kind: Kind) -> bool:
    """Whether a value of the kind is, or holds, an object that may be written in place."""
    if isinstance(kind, Tuple):
        return any(map(has_memory, kind.items))
    return not is_number(kind) and not isinstance(kind, (Member, NoneKind, Str))


def is_container(kind: Kind) -> bool:
    """Whether the value may hold references to other values."""
    return not isinstance(kind, Array) and not is_flat(kind)


def is_flat(kind: Kind) -> bool:
    """Whether it is a list of numbers."""
    return isinstance(kind, List) and (is_number(kind.item) or kind.extent == 0)


def is_made(node: Equation) -> bool:
    """Whether the result is a new list, whose elements may be those of another one."""
    if node.op == "getitem":
        return isinstance(kind_of(node.args[0]), List) and node.params.items[-1] != "at"
    return node.op.startswith(("list.", "copy", "builtins.sorted")) or is_gathered(node)


def is_gathered(node: Equation) -> bool:
    """Whether it makes a list of what many items hold."""
    return node.op == "part" and many_in(node.params) is not None


def is_element(node: Equation) -> bool:
    """Whether it reads or writes a place of a list, and not something inside an array."""
    base = kind_of(node.args[0])
    for _ in node.params.items[1:] if node.params else ():
        base = base.item if isinstance(base, List) else base
    return isinstance(base, List)


def writes_inside(node: Equation) -> bool:
    """Whether it writes into an element of a list: `l[i][j] = v`, `l[i].append(v)`, or
    `l[i] += v` where l[i] is an array."""
    base = kind_of(node.args[0])
    if not isinstance(base, List) or node.op not in WRITES or node.params is None:
        return False
    if node.op == "additem" and node.params.items == ("at",):
        return isinstance(base.item, Array)
    own = 0 if node.op in ("list.append", "list.insert", "list.extend") else 1
    return len(node.params.items) > own


def stored(node: Equation) -> str:
    """Whether a write puts "one" object into a list, "several", or none ("")."""
    if node.op in ("list.append", "list.insert"):
        return "one"
    if node.op == "list.extend":
        return "several"
    base = kind_of(node.args[0])
    if node.op != "setitem" or not isinstance(base, List):
        return "" if isinstance(base, (Array, List)) else "one"
    place: Kind = base
    for item in node.params.items:
        if not isinstance(place, List):
            return ""  # an array takes in values
        if item != "at":
            return "several"
        place = place.item
    return "one"


def may_be_view(node: Equation) -> bool:
    """Whether a result of unknown kind may lie in the memory of an argument."""
    if node.op.startswith(_MODULES):
        return False
    return node.op not in _OPERATORS and node.op not in _ALLOCATING


def is_fresh(node: Equation) -> bool:
    """Whether the result is an array or list that lies in no argument's memory."""
    op, params = node.op, node.params
    if op in WRITES:
        return False
    if op in ("list.zeros_like", "list.added"):
        return True
    if is_flat(node.target.kind):
        if op == "getitem":
            return isinstance(node.params.items[-1], SliceItem)
        return op.startswith("list.") or op == "copy" or is_gathered(node)
    if isinstance(node.target.kind, List) and op == "copy":
        return True
    if op == "getitem":
        return _advanced(node)
    if not isinstance(node.target.kind, Array):
        return False
    if op in _OPERATORS:
        return True
    if op == "numpy.einsum":  # of one operand it may be a view
        return not params and len(node.args) > 2
    if op == "numpy.diag":  # of a vector it makes a matrix, of a matrix it is a view
        source = kind_of(node.args[0])
        return isinstance(source, Array) and source.ndim == 1
    if op in _ALLOCATING or op.startswith(_MODULES):
        return not isinstance(params, tuple) or _RISKY_KEYWORDS.isdisjoint(params)
    return False


def _advanced(node: Equation) -> bool:
    """Whether it is a selection by a mask or by index arrays, which NumPy copies."""
    if not isinstance(kind_of(node.args[0]), Array) or not isinstance(node.params, Index):
        return False
    rest = iter(node.params.split(node.args[1:])[1])
    for item in node.params.items:
        if isinstance(item, SliceItem):
            for _ in range(item.start + item.stop + item.step):
                next(rest)
        elif item == "at" and isinstance(kind_of(next(rest)), (Array, List)):
            return True
    return False


def is_basic_view(node: Equation) -> bool:
    """Whether it reads a part of an array or list without copying it."""
    if node.op != "getitem":
        return False
    base, kind = kind_of(node.args[0]), node.target.kind
    if isinstance(base, List):
        return isinstance(kind, (Array, List)) and node.params.items[-1] == "at"
    return isinstance(base, Array) and isinstance(kind, Array)


def is_read_only(op: str) -> bool:
    return op in _READ_ONLY
