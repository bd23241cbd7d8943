"""Modules that pass messages: each knows its own forward text, and symdiff the rest.

A module turns z_in into z_out. Going back it gets δ, the adjoint of z_out, from each of
its children, and sends the adjoint of z_in to its parents; the gradients of its
parameters fall off on the way. Wired in any acyclic shape, modules compute gradients
without any formula for the whole.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symdiff.api.gradient import Gradient
from symdiff.entries import holds_floats
from symdiff.errors import Diagnostic, DifferentiationError

__all__ = ["Module", "Wiring"]


def _weighed(function: Any, delta: Any, *args: Any) -> Any:
    """Its gradient is δ times the Jacobian of the function."""
    return np.sum(delta * function(*args))


class Module:
    """One step of a network: a plain function of its inputs, its parameters and constants.

    function: `function(*inputs, *parameters)`, whose parameters are named here.
    constants: arguments that are not learnt: a rate, a mask.
    parameters: arrays or floats by name; the order is that of the function. Arrays that
        several modules hold are shared.

    >>> scale = Module(lambda z, a: a * z, a=np.array([2.0, 3.0]))
    >>> scale.forward(np.array([1.0, 1.0])).tolist()
    [2.0, 3.0]
    >>> scale.backward(np.array([1.0, 10.0])).tolist()
    [2.0, 30.0]
    >>> scale.parameter_gradients()["a"].tolist()
    [1.0, 10.0]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        constants: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> None:
        self.function = function
        self.parameters: dict[str, Any] = parameters
        self.constants: dict[str, Any] = dict(constants or {})
        self.name = getattr(function, "__name__", type(function).__name__)
        self._order = list(inspect.signature(function).parameters)
        held = [*self.parameters, *self.constants]
        unknown = [name for name in held if name not in self._order]
        if unknown:
            raise _refusal(
                f"`{self.name}` has no parameter `{unknown[0]}`",
                f"its parameters are {', '.join(self._order)}",
            )
        self.inputs = [name for name in self._order if name not in held]
        self._gradients: dict[tuple[int, ...], Gradient] = {}
        self._given: list[Any] | None = None
        self._result: Any = None
        self._found: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<module {self.name}({', '.join(self.inputs)})>"

    def forward(self, *z_in: Any) -> Any:
        """z_out, given z_in."""
        if len(z_in) != len(self.inputs):
            listed = ", ".join(self.inputs) or "nothing"
            message = f"module `{self.name}` takes {listed}, and gets {len(z_in)} values"
            raise _refusal(message)
        values = {**self.constants, **self.parameters}
        values.update(zip(self.inputs, z_in, strict=True))
        self._given = [values[name] for name in self._order]
        try:
            self._result = self.function(*self._given)
        except (ValueError, IndexError) as error:
            shapes = (f"{n} {np.shape(values[n])}" for n in self._order)
            message = f"module `{self.name}` does not fit its arguments: {error}"
            raise _refusal(message, f"their shapes are {', '.join(shapes)}") from error
        self._found = {}
        return self._result

    def backward(self, *deltas: Any) -> Any:
        """δ for z_in, given those of all children for z_out: a tuple if there are several
        inputs; None for those that hold no floats."""
        if self._given is None:
            raise _refusal(f"module `{self.name}` goes back before it went forward")
        delta = self._total(deltas)
        learnt = {*self.inputs, *self.parameters}
        places = tuple(
            k
            for k, (name, value) in enumerate(zip(self._order, self._given, strict=True))
            if name in learnt and holds_floats(value)
        )
        found: dict[str, Any] = {}
        if places:
            if places not in self._gradients:
                argnums = tuple(k + 2 for k in places)
                self._gradients[places] = Gradient(_weighed, argnums, "grad")
            bars = self._gradients[places](self.function, delta, *self._given)
            found = {self._order[k]: bar for k, bar in zip(places, bars, strict=True)}
        self._found = {name: found.get(name) for name in self.parameters}
        sent = tuple(found.get(name) for name in self.inputs)
        return sent[0] if len(sent) == 1 else sent

    def _total(self, deltas: Sequence[Any]) -> Any:
        """The messages of all children, added up."""
        want = np.shape(self._result)
        total: Any = None
        for delta in deltas:
            if np.shape(delta) != want:
                raise _refusal(
                    f"module `{self.name}` gets a δ of shape {np.shape(delta)} for a "
                    f"result of shape {want}"
                )
            total = delta if total is None else total + delta
        return np.zeros(want) if total is None else total

    def parameter_gradients(self) -> dict[str, Any]:
        """The gradient of each parameter, as of the last `backward`."""
        if self._found.keys() != self.parameters.keys():
            raise _refusal(f"module `{self.name}` has not gone back since it went forward")
        return dict(self._found)


class Wiring:
    """Modules that read one another's results, in any shape without a cycle.

    Each is given by the name of its result, with the names that it reads. Names of
    no module are inputs of the whole. The result that no module reads is that of the
    whole; say which if there are several.

    >>> twice = Module(lambda z: 2 * z)
    >>> total = Module(lambda a, b: np.sum(a * b))
    >>> net = Wiring(h=(twice, "x"), y=(total, "h", "x"))
    >>> float(net.forward(x=np.array([1.0, 2.0])))
    10.0
    >>> net.backward()["x"].tolist()
    [4.0, 8.0]
    """

    def __init__(self, *, output: str | None = None, **modules: tuple[Any, ...]) -> None:
        self.modules: dict[str, Module] = {}
        self.reads: dict[str, tuple[str, ...]] = {}
        for name, (module, *reads) in modules.items():
            if not isinstance(module, Module):
                raise _refusal(f"`{name}` is no module", "write name=(module, *reads)")
            if any(module is other for other in self.modules.values()):
                message = f"`{name}` is a module that stands in the wiring already"
                help = "make another one with the same parameters: they are shared"
                raise _refusal(message, help)
            if len(reads) != len(module.inputs):
                listed = ", ".join(module.inputs) or "nothing"
                raise _refusal(
                    f"`{name}` reads {len(reads)} values, and its module takes {listed}"
                )
            self.modules[name], self.reads[name] = module, tuple(reads)
        read = [name for reads in self.reads.values() for name in reads]
        self.inputs = [n for n in dict.fromkeys(read) if n not in self.modules]
        self.order = self._sorted()
        ends = [name for name in self.modules if name not in read]
        if output is None and len(ends) != 1:
            raise _refusal(f"the wiring ends in {', '.join(ends)}", "say which: output=...")
        if output is not None and output not in self.modules:
            raise _refusal(f"the output `{output}` is no module")
        self.output = output or ends[0]

    def _sorted(self) -> list[str]:
        """The modules in an order in which each reads earlier ones only."""
        order: list[str] = []
        open_: list[str] = []

        def visit(name: str) -> None:
            if name in order or name not in self.modules:
                return
            if name in open_:
                cycle = " -> ".join([*open_[open_.index(name) :], name])
                help = "unroll it through time: a module for each step"
                raise _refusal(f"the wiring has a cycle: {cycle}", help)
            open_.append(name)
            for each in self.reads[name]:
                visit(each)
            open_.pop()
            order.append(name)

        for name in self.modules:
            visit(name)
        return order

    def forward(self, **inputs: Any) -> Any:
        """The result, given the inputs by name."""
        if sorted(inputs) != sorted(self.inputs):
            raise _refusal(
                f"the wiring takes {', '.join(self.inputs)}, "
                f"and gets {', '.join(inputs) or 'nothing'}"
            )
        values = dict(inputs)
        for name in self.order:
            given = [values[each] for each in self.reads[name]]
            values[name] = self.modules[name].forward(*given)
        self.values = values
        return values[self.output]

    def backward(self, delta: Any = 1.0) -> dict[str, Any]:
        """Pass δ back from the output; what reaches each input."""
        messages: dict[str, list[Any]] = {self.output: [delta]}
        for name in reversed(self.order):
            sent = self.modules[name].backward(*messages.get(name, ()))
            if len(self.reads[name]) == 1:
                sent = (sent,)
            for parent, message in zip(self.reads[name], sent, strict=True):
                if message is not None:
                    messages.setdefault(parent, []).append(message)
        return {name: sum(messages[name]) for name in self.inputs if name in messages}

    # -- parameters -------------------------------------------------------------------

    def _held(self) -> Iterator[tuple[str, str, Any]]:
        for name in self.order:
            for parameter, value in self.modules[name].parameters.items():
                yield name, parameter, value

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters by `module.name`, shared ones once."""
        seen: set[int] = set()
        found = {}
        for name, parameter, value in self._held():
            if id(value) not in seen:
                found[f"{name}.{parameter}"] = value
            seen.add(id(value))
        return found

    def parameter_gradients(self) -> dict[str, Any]:
        """Their gradients by the same names; those of shared ones are summed."""
        names: dict[int, str] = {}
        found: dict[str, Any] = {}
        for name, parameter, value in self._held():
            gradient = self.modules[name].parameter_gradients()[parameter]
            key = names.setdefault(id(value), f"{name}.{parameter}")
            found[key] = found[key] + gradient if key in found else gradient
        return found

    def descend(self, rate: float) -> None:
        """One step of gradient descent, in place: θ <- θ - rate * gradient."""
        gradients = self.parameter_gradients()
        for name, value in self.parameters.items():
            if not isinstance(value, np.ndarray):
                raise _refusal(f"`{name}` is no array", "make an array of it: np.array(x)")
            if gradients[name] is not None:
                value -= rate * gradients[name]


def _refusal(message: str, help: str | None = None) -> DifferentiationError:
    return DifferentiationError(Diagnostic(message, help=help))
