"""The object that `grad` returns: called like the function, it finds the generated code."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.api.argnums import Argnums, parameters, resolve_argnums
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.frontend.source import plain_function

if TYPE_CHECKING:
    import inspect

    from symdiff.api.specialise import Specialised
    from symdiff.request import Mode

__all__ = ["Gradient"]

_WHAT = {"grad": "Gradient", "value_and_grad": "Value and gradient"}


class Gradient:
    """A function's gradient, called with the arguments of the function.

    The first call with arguments of new kinds generates Python code for them; `source`
    is that code.
    """

    # The class looks `__call__` up in this slot, so each gradient has its own.
    __slots__ = ("__call__", "__dict__", "__weakref__")

    __call__: Callable[..., Any]
    __wrapped__: Callable[..., Any]
    __name__: str

    def __init__(self, function: Callable[..., Any], argnums: Argnums, mode: Mode) -> None:
        if isinstance(function, Gradient):
            raise DifferentiationError(
                Diagnostic(
                    f"`{function.__name__}` is a gradient, and gradients of gradients are "
                    "not supported",
                    help="differentiate a function",
                )
            )
        primal = plain_function(function)
        self.__wrapped__ = self.primal = primal
        self._mode = mode
        self.argnums = argnums
        self._argnums = resolve_argnums(primal, argnums)
        self._single = not isinstance(argnums, (tuple, list))
        self._latest: Specialised | None = None
        self.__call__ = self._miss
        self.__module__ = primal.__module__
        self.__name__ = f"{primal.__name__.replace('<lambda>', 'lambda')}_{mode}"
        self.__qualname__ = self.__name__
        self.__doc__ = self._documentation()

    def _documentation(self) -> str:
        names = parameters(self.primal)
        by = ", ".join(names[k] for k in self._argnums)
        text = f"{_WHAT[self._mode]} of {self.primal.__name__} with respect to {by}."
        own = self.primal.__doc__
        return f"{text}\n\n{own}" if own else text

    def _miss(self, *args: Any, **kwargs: Any) -> Any:
        """A call that does not fit the latest specialisation: see `symdiff.api.entry`."""
        return self._find(args, kwargs).call(*args, **kwargs)

    def _find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialised:
        """The specialisation for a call, made if it is not there."""
        from symdiff.api.specialise import find

        key = (self._mode, self._argnums, self._single)
        self._latest = found = find(self.primal, key, args, kwargs, self.__name__)
        self.__call__ = found.entry_to(self._miss)
        return found

    # -- looking inside -----------------------------------------------------------------

    @property
    def source(self) -> str:
        """The generated code of the latest specialisation.

        Before the first call it is that for the kinds which annotations, defaults and
        uses suggest.
        """
        from symdiff.api.specialise import make, request_unbound

        if self._latest is None:
            argnums, single = self._argnums, self._single
            self._latest = make(request_unbound(self.primal, argnums, single, self._mode))
        elif not self._latest.holds():
            self._latest = make(self._latest.request)
        return self._latest.entry.source

    def specialize(self, *args: Any, **kwargs: Any) -> types.FunctionType:
        """The generated function for arguments like these: plain Python, nothing around it.

        It is right for arguments of the same kinds only, and as long as the constants
        that the function reads stay as they are.
        """
        return self._find(args, kwargs).function

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        signature = inspect.signature(self.primal, follow_wrapped=False)
        return signature.replace(return_annotation=inspect.Signature.empty)

    def __repr__(self) -> str:
        return f"<{self.__name__} of {self.primal!r}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        import sys

        module = sys.modules.get(self.primal.__module__)
        if getattr(module, self.primal.__qualname__, None) is self:
            return str(self.primal.__qualname__)  # a decorated function, found by its name
        return Gradient, (self.primal, self.argnums, self._mode)
