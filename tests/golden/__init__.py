"""Functions whose generated code is kept beside them, to be read in reviews.

`functions_*.py` hold the functions; `NAME.py` is the stand-alone module that symdiff
makes of the gradient of the function NAME in reverse mode, `NAME_forward.py` that in
forward mode, `NAME_jvp.py` its tangent. `python tests/test_golden.py` writes them anew: read the difference as a colleague's, line by line, before it is committed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symdiff.checkpoints import Checkpoints

FOLDER = Path(__file__).parent
GOLDEN: list[Golden] = []


@dataclass(frozen=True)
class Golden:
    """A function, and the call that its gradient is generated for."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: Any
    value: bool
    rtol: float
    has_aux: bool
    order: str = "reverse"
    forward: bool = False
    unroll: bool = False
    indicators: bool = False
    target: str = "python"
    checkpoint: Checkpoints = ()

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}{self.suffix}.py"

    @property
    def suffix(self) -> str:
        if self.order == "forward":
            return "_forward"
        return "_jvp" if self.forward else "_indicators" if self.indicators else ""


def golden(
    *args, argnums=0, value=False, rtol=1e-6, has_aux=False, forward=False, along=False, **options
):
    """Keep the generated code of the decorated function for arguments like these; with
    `forward` also that of its tangent, with `along` that of its gradient in forward
    mode."""

    def register(function):
        case = Golden(function, args, argnums, value, rtol, has_aux, **options)
        GOLDEN.append(case)
        if forward:
            GOLDEN.append(replace(case, forward=True))
        if along:
            GOLDEN.append(replace(case, order="forward"))
        return function

    return register


for _module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
    if _module.startswith("functions_"):
        importlib.import_module(f"{__name__}.{_module}")
