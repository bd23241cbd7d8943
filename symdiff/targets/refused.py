"""What compiled code would compute otherwise than Python and NumPy do."""

from __future__ import annotations

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.core import Compound, Equation, Function, Tree, kind_of, leaves, walk
from symdiff.ir.kinds import dtype_of, is_number

__all__ = [
    "HELP",
    "has_compound",
    "refuse_classes",
    "refuse_draws",
    "refuse_narrow",
    "refuse_records",
]

HELP = 'leave out compile="numba", or let fallback="python" run this function in Python'
_WIDE = (None, "float64", "int64", "bool", "complex128")
# These compute nothing.
_MOVES = frozenset(
    ("getitem", "setitem", "copy", "part", "item", "attr", "entry", "comment", "push")
)
_MAKES = tuple(
    f"numpy.{name}" for name in ("zeros", "ones", "empty", "full", "astype", "float32")
)


def refuse_narrow(function: Function) -> None:
    """Refuse to compute with narrow numbers, for which Numba takes wider ones."""
    for node in walk(function.body):
        if isinstance(node, Equation) and node.op not in _MOVES:
            dtype = dtype_of(node.target.kind)
            if dtype not in _WIDE and not node.op.startswith(_MAKES):
                message = f"numba would not compute this with {dtype}"
                raise DifferentiationError(Diagnostic(message, node.span, HELP))


def refuse_draws(function: Function) -> None:
    """Refuse random numbers: Numba has generators of its own, with states of their own."""
    for node in walk(function.body):
        if isinstance(node, Equation) and node.op.startswith(("random.", "numpy.random.")):
            message = "numba would draw other random numbers than Python does"
            raise DifferentiationError(Diagnostic(message, node.span, HELP))


def refuse_classes(function: Function) -> None:
    """Refuse questions for the class of a number, which compiled code answers alike for
    Python's and NumPy's."""
    for node in walk(function.body):
        if isinstance(node, Equation) and node.op in (
            "builtins.isinstance",
            "builtins.type",
        ):
            message = "compiled code does not tell NumPy's numbers from Python's"
            raise DifferentiationError(Diagnostic(message, node.span, HELP))


def refuse_records(function: Function) -> None:
    """Refuse recursion that hands records to its reverse sweep: one of another type at
    each depth, of which Numba makes wrong code or none."""
    for inner in function.functions:
        numbers = all(is_number(kind_of(a)) for a in leaves(inner.returns))
        if not numbers or has_compound(inner.returns):
            message = (
                "what a function that calls itself keeps for the reverse sweep cannot be "
                "compiled"
            )
            raise DifferentiationError(Diagnostic(message, inner.span, HELP))


def has_compound(tree: Tree) -> bool:
    """Whether a tree is, or holds, more than tuples and atoms."""
    if isinstance(tree, Compound):
        return True
    return isinstance(tree, tuple) and any(map(has_compound, tree))
