"""The object that `grad` returns: called like the function, it finds the generated code."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.api.arguments import Argnums, bind, parameters, resolve_argnums
from symdiff.api.fit import fit_of
from symdiff.api.specialise import (
    Specialised, as_floats, limit, make, request_for, request_unbound, table_of,
)  # fmt: skip
from symdiff.backend.load import name_the_line
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.frontend.source import plain_function
from symdiff.request import Mode
from symdiff.signature import key_of_value

if TYPE_CHECKING:
    import inspect

__all__ = ["Gradient"]

_WHAT = {"grad": "Gradient", "value_and_grad": "Value and gradient"}


class Gradient:
    """A function's gradient, called with the arguments of the function.

    The first call with arguments of new kinds generates Python code for them; `source`
    is that code.
    """

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
        self.__module__ = primal.__module__
        self.__name__ = f"{primal.__name__.replace('<lambda>', 'lambda')}_{mode}"
        self.__qualname__ = self.__name__
        self.__doc__ = self._documentation()
        self._table = table_of(primal, (mode, self._argnums, self._single))

    def _documentation(self) -> str:
        names = parameters(self.primal)
        by = ", ".join(names[k] for k in self._argnums)
        text = f"{_WHAT[self._mode]} of {self.primal.__name__} with respect to {by}."
        own = self.primal.__doc__
        return f"{text}\n\n{own}" if own else text

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = self._latest
        if found is None or kwargs or not found.fit(args):
            found = self._find(args, kwargs)
        try:
            return found.run(*args, **kwargs)
        except BaseException as error:  # only a note is added
            name_the_line(error, found.function, found.entry.lines, found.codes)
            raise

    def _find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialised:
        """The specialisation for a call, made if it is not there."""
        table = self._table
        key = (
            tuple(map(key_of_value, args)),
            tuple([(name, key_of_value(value)) for name, value in kwargs.items()]),
        )
        found = table.get(key)
        if found is None or not found.holds():
            values = bind(self.primal, args, kwargs, self.__name__)
            found = self._make(values)
            table.pop(key, None)
            table[key] = found
            limit(table)
            if not kwargs:
                found.fit = fit_of(args, found.guards)
        self._latest = found
        return found

    def _make(self, values: dict[str, Any]) -> Specialised:
        request = request_for(self.primal, self._argnums, self._single, self._mode, values)
        made = make(request)
        made.run = as_floats(made.run, request, values)
        return made

    # -- looking inside -----------------------------------------------------------------

    @property
    def source(self) -> str:
        """The generated code of the latest specialisation.

        Before the first call it is that for the kinds which annotations, defaults and
        uses suggest.
        """
        if self._latest is None or not self._latest.holds():
            if self._latest is None:
                request = request_unbound(
                    self.primal, self._argnums, self._single, self._mode
                )
            else:
                request = self._latest.request
            self._latest = make(request)
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
