"""The derivative of a part of a program, before it is worked out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from symdiff.ir.core import Block, Equation, Function, walk
from symdiff.ir.handed import inner_functions, run_by
from symdiff.records import dataclass

__all__ = ["DERIVE", "Derivative", "invoked", "with_inner"]

# target = derive(arguments of the function, then tangents or adjoints): a tuple of the
# function's results, then their tangents, or the adjoints of its parameters.
DERIVE = "derive"


@dataclass(frozen=True, slots=True)
class Derivative:
    """The params of the op "derive".

    form: "reverse", which takes an adjoint for each result in `of` and gives one for each
        parameter in `by`; "forward", which takes tangents of the parameters in `by`
        and gives those of the results in `of`; "again", which gives the results alone,
        and of which a reverse sweep keeps the arguments: it runs the function once more.
        Or rounds of a loop with few states kept, "scheduled" and "unwound" backwards: see
        `symdiff.transform.schedule`.
    function: it reads nothing but its parameters and returns a tuple of values.
    """

    form: Literal["forward", "reverse", "again", "scheduled", "unwound"]
    function: Function
    by: tuple[int, ...]
    of: tuple[int, ...]


def with_inner(block: Block) -> Iterator[Equation]:
    """The equations of a block at any depth, and those of what is differentiated in it."""
    for node in walk(block):
        if isinstance(node, Equation):
            yield node
            if node.op == DERIVE:
                yield from with_inner(node.params.function.body)
            for inner in inner_functions(node):
                yield from with_inner(inner.body)


def invoked(block: Block) -> dict[str, None]:
    """The names of the functions that a block runs, and that is differentiated in it."""
    return {name: None for eq in with_inner(block) for name in run_by(eq)}
