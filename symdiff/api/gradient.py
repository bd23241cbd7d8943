"""The object that `grad` returns: called like the function, it finds the generated code."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.api.argnums import Argnums, Goal, parameters, resolve_argnums, target_of
from symdiff.api.options import Options
from symdiff.api.specialise import Specialised, find, make, request_unbound
from symdiff.derivation import Derivation, note_derivation
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.frontend.reading.calling import (
    caller_with, is_operation, required_by, takes_any_number,
)  # fmt: skip
from symdiff.frontend.reading.source import named, unbound

if TYPE_CHECKING:
    import inspect

    from symdiff.request import Mode

__all__ = ["Gradient"]

_PLAIN = Options()

_WHAT = {
    "grad": "Gradient", "value_and_grad": "Value and gradient", "jacrev": "Jacobian",
}  # fmt: skip


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

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: Argnums,
        mode: Mode,
        options: Options = _PLAIN,
    ) -> None:
        self.primal, self._bound = primal, _ = unbound(function)
        made = Derivation(function, mode, argnums, options.has_aux, options.holomorphic)
        note_derivation(self, made)
        if is_operation(function) and not takes_any_number(primal):
            function = primal  # whose parameters are known
        self.__wrapped__ = function
        self._forms: dict[Any, Gradient] | None = None
        if takes_any_number(primal):
            self._forms, self._bound = {}, ()
        self.argnums, self.options = argnums, options
        positions: tuple[int, ...] = ()
        if self._forms is None:
            positions = resolve_argnums(primal, argnums, len(self._bound))
        single = not isinstance(argnums, (tuple, list))
        target = target_of(primal, options.compile, options.fallback)
        self._goal = Goal(
            mode, positions, single, options.has_aux, options.unroll, options.order,
            options.indicators, target, options.checkpoint, options.holomorphic,
        )  # fmt: skip
        self._latest: Specialised | None = None
        self.__call__ = self._to(self._miss)
        self.__module__ = primal.__module__
        self.__name__ = f"{named(primal.__name__).replace('<lambda>', 'lambda')}_{mode}"
        self.__qualname__ = self.__name__
        self.__doc__ = self._documentation()

    def _documentation(self) -> str:
        names = parameters(self.primal)
        by = ", ".join(names[k] for k in self._goal.argnums or ())
        text = f"{_WHAT[self._goal.mode]} of {self.primal.__name__} with respect to {by}."
        own = self.primal.__doc__
        return f"{text}\n\n{own}" if own else text

    def _to(self, entry: Callable[..., Any]) -> Callable[..., Any]:
        """The entry, given what the primal is bound to."""
        return functools.partial(entry, *self._bound) if self._bound else entry

    def _miss(self, *args: Any, **kwargs: Any) -> Any:
        """A call that does not fit the latest specialisation: see `symdiff.api.entry`."""
        found = self._find(args, kwargs)
        if not self.options.fallback:
            return found.call(*args, **kwargs)
        try:
            return found.call(*args, **kwargs)
        except DifferentiationError:
            if not found.fails:  # Numba had nothing to do with it
                raise
        return self._find(args, kwargs).call(*args, **kwargs)

    def _find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialised:
        """The specialisation for a call, made if it is not there."""
        if self._forms is not None:
            self._latest = found = self._form(len(args), tuple(kwargs))._find(args, kwargs)
            return found
        if self.options.fallback:
            self._latest = found = self._find_either(args, kwargs)
            return found
        found = find(self.primal, self._goal, args, kwargs, self.__name__)
        self._latest = found
        self.__call__ = self._to(found.entry_to(self._miss))
        return found

    def _find_either(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialised:
        """The compiled specialisation, or that in Python if there is none."""
        call = args, kwargs, self.__name__
        plain = self._goal._replace(target="python")
        try:
            found = find(self.primal, self._goal, *call)
        except DifferentiationError:
            return find(self.primal, plain, *call)
        return find(self.primal, plain, *call) if found.fails else found

    def _form(self, count: int, names: tuple[str, ...]) -> Gradient:
        """The gradient for calls of one form of a function that takes any number of
        arguments."""
        assert self._forms is not None
        form = self._forms.get((count, names))
        if form is None:
            called = caller_with(self.__wrapped__, count, names)
            goal = self._goal
            form = Gradient(called, self.argnums, goal.mode, self.options)
            self._forms[count, names] = form
        return form

    @property
    def goal(self) -> Goal:
        return self._goal

    @property
    def bound(self) -> tuple[Any, ...]:
        """The arguments that the primal is bound to."""
        return self._bound

    # -- looking inside -----------------------------------------------------------------

    @property
    def source(self) -> str:
        """The generated code of the latest specialisation.

        Before the first call it is that for the kinds which annotations, defaults and
        uses suggest.
        """
        if self._latest is None and is_operation(self.__wrapped__):
            return self._form(required_by(self.__wrapped__), ()).source
        if self._latest is None:
            self._latest = make(request_unbound(self.primal, self._goal, bound=self._bound))
        elif not self._latest.holds():
            self._latest = make(self._latest.request)
        return self._latest.source

    def made_for(self, *args: Any, **kwargs: Any) -> Specialised:
        """The specialisation for a call with arguments like these."""
        return self._find((*self._bound, *args), kwargs)

    def specialize(
        self, *args: Any, **kwargs: Any
    ) -> types.FunctionType | types.MethodType:
        """The generated function for arguments like these: plain Python, nothing around it.

        It is right for arguments of the same kinds only, and as long as the constants
        that the function reads stay as they are. Code that is made for a string or None
        raises a ValueError for others. Raises DifferentiationError if the code is made for
        the integers and lengths of this call, unless `unroll` asks for that.
        """
        found = self.made_for(*args, **kwargs)
        if found.request.exact and not self._goal.unroll:
            message = "this code is right for the integers and lengths of one call only"
            help = "call the gradient itself, which looks at them, or ask for unroll=True"
            raise DifferentiationError((Diagnostic(message, None, help),))
        function = found.alone()
        return types.MethodType(function, *self._bound) if self._bound else function

    @property
    def compile_seconds(self) -> float:
        """How long Numba took to compile the latest specialisation; 0 if its machine code
        came from the disk, or if there is none."""
        from symdiff.backend.compiled import compile_seconds

        return 0.0 if self._latest is None else compile_seconds(self._latest.function)

    @property
    def __signature__(self) -> inspect.Signature:
        import inspect

        signature = inspect.signature(self.__wrapped__, follow_wrapped=False)
        return signature.replace(return_annotation=inspect.Signature.empty)

    def __repr__(self) -> str:
        return f"<{self.__name__} of {self.__wrapped__!r}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        import sys

        module = sys.modules.get(self.primal.__module__)
        if getattr(module, self.primal.__qualname__, None) is self:
            return str(self.primal.__qualname__)  # a decorated function, found by its name
        made = self.argnums, self._goal.mode, self.options
        return Gradient, (self.__wrapped__, *made)
