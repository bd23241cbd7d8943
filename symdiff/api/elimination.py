"""Jacobians of programs of numbers, by elimination of vertices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from symdiff.api.argnums import Argnums, Goal, resolve_argnums
from symdiff.api.specialise import Specialised, find
from symdiff.api.tracing import chosen
from symdiff.frontend.reading.source import named
from symdiff.request import Order

__all__ = ["Elimination"]


class Elimination:
    """The Jacobian of a function by a chosen order of elimination, called with the
    arguments of the function. `source` and `multiplications` are those of the last call."""

    def __init__(
        self, function: Callable[..., Any], argnums: Argnums | None, order: Order
    ) -> None:
        if order not in get_args(Order):
            known = ", ".join(get_args(Order))
            raise ValueError(f"no order {order!r}; there are {known}")
        self.__wrapped__ = function
        self.argnums, self.order = argnums, order
        self._latest: Specialised | None = None
        name = named(getattr(function, "__name__", "f")).replace("<lambda>", "lambda")
        self.__name__ = f"{name}_jacobian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        primal, values, positions = chosen(self.__wrapped__, args, kwargs, self.argnums)
        count = primal.__code__.co_argcount
        names = [*values]
        single = not isinstance(self.argnums, (tuple, list))
        if self.argnums is None:
            positions = resolve_argnums(primal, positions)
            single = len(positions) == 1
        goal = Goal("jacobian", positions, single, False, True, self.order)
        placed = tuple(values[n] for n in names[:count])
        keywords = {n: values[n] for n in names[count:]}
        self._latest = found = find(primal, goal, placed, keywords, self.__name__)
        return found.call(*placed, **keywords)

    @property
    def source(self) -> str:
        """The generated code of the last call."""
        return self._made().entry.source

    @property
    def multiplications(self) -> dict[str, int]:
        """How many multiplications each order takes for what the last call got."""
        from symdiff.pipeline import multiplications

        return multiplications(self._made().request)

    def _made(self) -> Specialised:
        if self._latest is None:
            raise ValueError("call it first: the code is made for the arguments")
        return self._latest

    def __repr__(self) -> str:
        return f"<{self.__name__} of {self.__wrapped__!r}>"
