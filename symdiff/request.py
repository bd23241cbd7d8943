"""What the pipeline is asked for, and what it gives back."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from symdiff.checkpoints import Checkpoints
from symdiff.errors import Span
from symdiff.ir.external import External
from symdiff.ir.kinds import Kind
from symdiff.records import dataclass, field

__all__ = [
    "Built", "Compiler", "Emitted", "Fallback", "Mode", "NotByRows", "Order", "Request",
    "Rounds", "Sprawling", "Sweep", "Target",
]  # fmt: skip

# "jacobian" is by elimination, "jacfwd" and "jacrev" by sweeps.
Mode = Literal[
    "grad", "value_and_grad", "jvp", "vjp", "jacfwd", "jacrev", "jacobian", "primal"
]
Batch = tuple[tuple[tuple[str, str], ...], int]
Order = Literal["least", "markowitz", "forward", "reverse"]
Sweep = Literal["forward", "reverse"]
Compiler = Literal["numba"]
Fallback = Literal["python"]
Rounds = Literal["few", "short", "many"]
Target = Literal["python", "numba", "c"]  # what the text is for


class NotByRows(Exception):
    """No program of the mode "jacrev" is made for a function; its rows come one by one."""


class Sprawling(Exception):
    """More rounds over the caller's lists are written out than the "few" of a request."""


@dataclass(frozen=True, slots=True)
class Request:
    """One specialisation of one function.

    Every parameter that has a value is either in `signature` or in `statics`.

    argnums: positions of the parameters to differentiate by; None (from the command
        line) asks for every parameter whose kind turns out to be real.
    single: whether one parameter gives a bare gradient rather than a tuple of one.
    signature: the kind of each parameter; None where nothing was said, so that it is
        to be inferred from annotations and uses.
    has_aux: whether the function returns a pair, of which the first is differentiated.
    statics: the values of parameters that are a string, None, a function, a module or
        a class. A program may be specialised to these, and to no other values; to
        integers only with `exact`.
    unroll: whether loops are written out, with `exact`.
    exact: whether the signature knows all lengths and integers of a call.
    late: whether dicts may be asked for keys, and lists hold text, that only the run knows.
    rounds: how many rounds over lists of objects are written out: "few", or `Sprawling` is
        raised, those of short lists, or "many" where there is a choice.
    order: in which the vertices are eliminated for a Jacobian; for a gradient the mode.
    indicators: whether branches become sums over both sides.
    checkpoint: how outermost loops are run again in the reverse sweep.
    holomorphic: whether a complex function of complex numbers is differentiated as such.
    batch: the parameters that get arrays in place of numbers with their dtypes, and how
        many axes these have.
    """

    function: types.FunctionType
    argnums: tuple[int, ...] | None
    single: bool
    mode: Mode
    signature: Mapping[str, Kind | None]
    statics: Mapping[str, Any] = field(default_factory=dict)
    has_aux: bool = False
    unroll: bool = False
    order: Order = "least"
    indicators: bool = False
    checkpoint: Checkpoints = ()
    holomorphic: bool = False
    exact: bool = False
    late: bool = False
    rounds: Rounds = "short"
    batch: Batch | None = None
    target: Target = "python"


class Emitted(Protocol):
    """Python text: see `symdiff.backend.emit`."""

    @property
    def source(self) -> str: ...
    @property
    def lines(self) -> Mapping[int, Span]:
        """The user's place for lines of the text, counted from 1."""

    @property
    def name(self) -> str: ...
    @property
    def externals(self) -> tuple[External, ...]: ...


@dataclass(frozen=True, slots=True)
class Built:
    """The emitted text and, computed when asked for, the listing of each stage.

    `written` names the parameters whose array the function writes into (it works on a
    copy, which is sound only while no other argument shares that array's memory),
    `compared` the objects that are different ones, as far as the code knows.
    """

    emitted: Emitted
    stages: Mapping[str, str]
    written: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
