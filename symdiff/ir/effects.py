"""What an op does besides yielding a value: effects, writes, allocations, views."""

from __future__ import annotations

from functools import lru_cache

__all__ = [
    "APPLIES", "DESTRUCTIVE", "EFFECTS", "INVOKES", "READING", "READING_METHODS",
    "RESIZING", "SHAPE_ONLY", "WRITES", "is_allocation", "is_effect", "is_pure",
    "is_stateful", "may_write", "must_run",
]  # fmt: skip

# Runs a function of the program: "perform" one that has effects of its own. `params`
# is its name; the results of one that returns several are the items of a tuple.
INVOKES = ("invoke", "perform")

# Call the user's function that is the first argument: "apply" one that has a derivative,
# "run" one of which only the result counts as constant.
APPLIES = ("apply", "run")

# Asks an object that changes; `params` is what is asked: an op and its params.
READING = "reading"

# Methods of objects that are known to leave their arguments alone.
READING_METHODS = frozenset(
    (
        "normal uniform choice choices sample integers random standard_normal permutation "
        "poisson exponential gamma beta binomial multivariate_normal rand randn randint "
        "get keys values items index count format join split strip lower upper startswith "
        "endswith copy predict score evaluate"
    ).split()
)

# Statements: never removed, duplicated or reordered against one another.
# "store" writes an element of an array that is not followed by its versions.
# "put" adds an entry to a list, or writes it at a place: if `params` is false.
# "check length" fails unless its argument has so many items as `params` says.
EFFECTS = frozenset(
    ("builtins.print", "assert", "raise", "check length", "call", "method", "comment",
     "builtins.input", "builtins.next", "store", "builtins.open", "perform", "run",
     "put", READING)
)  # fmt: skip
# Of these, those that leave all arrays alone.
_HARMLESS = frozenset(("assert", "raise", "check length", "comment", "builtins.print"))
# A hidden state advances with each call of these.
_STATEFUL = ("numpy.random.", "random.", "time.", "builtins.input", "builtins.next")

# Ops that write into the array or list that is their first argument.
RESIZING = frozenset(("list.append", "list.insert", "list.delitem", "list.extend"))
WRITES = frozenset(("setitem", "additem")) | RESIZING
# Ops that write into whatever their first argument is.
DESTRUCTIVE = WRITES | {"push"}

# Which argument of an operation is read for its shape alone.
SHAPE_ONLY = {
    "numpy.zeros_like": 0, "numpy.ones_like": 0, "numpy.full_like": 0,
    "numpy.empty_like": 0, "attr": 0, "builtins.len": 0, "unbroadcast": 1,
    "list.zeros_like": 0,
}  # fmt: skip

_ALLOCATIONS = frozenset(
    ("tape", "push", "list", "copy", "builtins.list", "builtins.dict", "builtins.set",
     "builtins.iter", "builtins.bytearray", "list.new", "list.copy", "list.repeat",
     "list.zeros_like")
) | {
    f"numpy.{name}"
    for name in ("array", "copy", "empty", "empty_like", "full", "full_like", "ones",
                 "ones_like", "zeros", "zeros_like", "arange", "linspace", "eye",
                 "identity")
}  # fmt: skip


@lru_cache(4096)
def is_stateful(op: str) -> bool:
    """Whether a hidden state advances, so that the order of such ops matters."""
    return op.startswith(_STATEFUL)


@lru_cache(4096)
def is_effect(op: str) -> bool:
    """Whether the op keeps its place among others of its like."""
    return op in EFFECTS or is_stateful(op)


def may_write(op: str, params: object) -> bool:
    """Whether the op may write into arrays that are not its own arguments' versions."""
    if op == "method":
        assert isinstance(params, tuple)
        return params[0] not in READING_METHODS
    if op.startswith(("numpy.random.", "random.", "time.")):
        return op.endswith(".shuffle")
    return op in EFFECTS and op not in _HARMLESS


def must_run(op: str) -> bool:
    """Whether the op must run even if nobody reads its value: what only asks an object
    that changes need not, though it keeps its place."""
    return is_effect(op) and op != READING


def is_allocation(op: str) -> bool:
    """Whether two equal equations of this op are meant to be two objects."""
    return op in _ALLOCATIONS


@lru_cache(4096)
def is_pure(op: str) -> bool:
    """Whether the equation may move, and stand for every equal one."""
    return not is_effect(op) and op not in DESTRUCTIVE and not is_allocation(op)
