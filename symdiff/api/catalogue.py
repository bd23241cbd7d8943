"""The primitive operations: each with its rule, to be read and to be called."""

from __future__ import annotations

import ast
import fnmatch
import importlib
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from symdiff.api.forward import push_forward
from symdiff.api.gradient import Gradient
from symdiff.declared import REGISTRY, Declared, find
from symdiff.entries import holds_floats
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.frontend.reading.library import operation
from symdiff.frontend.reading.source import give_text
from symdiff.rules import all_rules, hint, rule_for
from symdiff.rules.declared import partials_of
from symdiff.rules.row import ArrayRule, Rule, Zero
from symdiff.rules.template import signature

__all__ = ["Primitive", "primitive_of", "primitives", "table"]

_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "mod": operator.mod, "pow": operator.pow,
    "neg": operator.neg, "pos": operator.pos, "matmul": operator.matmul,
    "getitem": operator.getitem,
}  # fmt: skip


class Primitive:
    """An operation with a derivative of its own.

    name: how it is written, such as `np.tanh`, or `x + y`.
    parameters: the names of its arguments.
    partials: the derivative by each argument as text, in terms of the arguments and of
        `out`, the result; None if it does not work element by element, and for an
        argument of which nothing is known.
    function: the operation itself.
    """

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        partials: tuple[str | None, ...] | None,
        function: Callable[..., Any],
        modes: str,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.partials = partials
        self.function = function
        self.modes = modes

    def __repr__(self) -> str:
        return f"<rule of {self.name}>"

    def vjp(self, out_bar: Any, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """The adjoint of each argument, given that of the result: the product with the
        Jacobian from the left. None for arguments that hold no floats.

        >>> import symdiff, math
        >>> symdiff.rule_of(math.exp).vjp(2.0, 0.0)
        (2.0,)
        """
        program = _Program(self.function, args, kwargs)
        if not program.places:
            return (None,) * len(args)
        bars = program.vjp(out_bar)
        places = program.places
        return tuple(
            bars[places.index(k)] if k in places else None for k in range(len(args))
        )

    def jvp(self, dots: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        """The tangent of the result, given those of the arguments (None: zero): the
        product with the Jacobian from the right.

        >>> import symdiff, math
        >>> symdiff.rule_of(math.hypot).jvp((1.0, 1.0), 3.0, 4.0)
        1.4
        """
        program = _Program(self.function, args, kwargs)
        return program.jvp([dots[k] for k in program.places])


class _Program:
    """A call as a function of the floats among its arguments; the others are written
    into its text, so that an axis is known."""

    def __init__(
        self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        self.values: dict[str, Any] = {}
        self.places = [k for k, value in enumerate(args) if holds_floats(value)]
        placed = [self._written(f"x{k}", k in self.places, v) for k, v in enumerate(args)]
        named = [f"{key}={self._written(key, False, v)}" for key, v in kwargs.items()]
        self.call = f"function({', '.join([*placed, *named])})"
        self.function = function

    def _written(self, name: str, floats: bool, value: Any) -> str:
        if not floats:
            try:
                if ast.literal_eval(repr(value)) == value:
                    return repr(value)
            except (ValueError, SyntaxError):
                pass
        self.values[name] = value
        return name

    def vjp(self, out_bar: Any) -> Sequence[Any]:
        """The adjoints of the floats: the gradient of the result, weighed."""
        if isinstance(out_bar, tuple):
            terms = [
                _product(b, f"out_bar[{k}]", f"out[{k}]") for k, b in enumerate(out_bar)
            ]
            body = [f"out = {self.call}", f"return {' + '.join(terms)}"]
        else:
            body = [f"return {_product(out_bar, 'out_bar', self.call)}"]
        made = self._made(["out_bar", *self.values], body)
        names = tuple(f"x{k}" for k in self.places)
        found: Sequence[Any] = Gradient(made, names, "grad")(out_bar, *self.values.values())
        return found

    def jvp(self, dots: Sequence[Any]) -> Any:
        made = self._made(list(self.values), [f"return {self.call}"])
        given = dict(zip((f"x{k}" for k in self.places), dots, strict=True))
        tangents = [given.get(name) for name in self.values]
        return push_forward(made, tuple(self.values.values()), tangents, False)[1]

    def _made(self, names: Sequence[str], body: Sequence[str]) -> Callable[..., Any]:
        import numpy

        lines = [f"def call({', '.join(names)}):", *(f"    {line}" for line in body)]
        text = "\n".join([*lines, ""])
        space: dict[str, Any] = {"np": numpy, "function": self.function}
        space["__name__"] = "rules"
        exec(compile(text, "<string>", "exec", dont_inherit=True), space)
        made: Callable[..., Any] = space["call"]
        give_text(made, text)
        return made


def _product(value: Any, bar: str, out: str) -> str:
    return f"{bar} * {out}" if isinstance(value, (int, float)) else f"np.sum({bar} * {out})"


# -- finding them ---------------------------------------------------------------------


def primitive_of(function: Any) -> Primitive:
    """See `symdiff.rule_of`."""
    declared = find(function)
    if declared is not None:
        return _declared(function, declared)
    op = operation(function)
    rule = None if op is None else rule_for(op)
    if op is None or rule is None:
        name = op or getattr(function, "__name__", repr(function))
        help = (hint(op) if op else None) or "declare one: symdiff.rule(f, ...)"
        raise DifferentiationError(Diagnostic(f"no rule for `{name}`", help=help))
    return _built_in(op, rule)


def primitives(pattern: str = "*") -> list[Primitive]:
    """See `symdiff.primitives`."""
    return [each for each in _all() if fnmatch.fnmatch(each.name, pattern)]


def _all() -> Iterator[Primitive]:
    seen: set[Any] = set()
    for rule in all_rules():
        for op in rule.ops:
            function = _function(op)
            if operation(function) is not None and function not in seen:
                seen.add(function)  # functions under two names are one
                yield _built_in(op, rule)
    for function, declared in REGISTRY.all():
        yield _declared(function, declared)


def _function(op: str) -> Callable[..., Any] | None:
    """The function that an operation is; None of those that only generated code has."""
    if "." not in op:
        return _OPERATORS.get(op)
    module, *names = op.split(".")
    if module == "scipy":
        module = f"{module}.{names.pop(0)}"
    try:
        found: Any = importlib.import_module(module)
    except ImportError:  # SciPy may be missing
        return None
    for name in names:
        found = getattr(found, name, None)
    function: Callable[..., Any] | None = found
    return function


def _built_in(op: str, rule: Rule | Zero) -> Primitive:
    function = _function(op)
    assert function is not None
    name = op.replace("numpy.", "np.", 1).removeprefix("builtins.")
    if isinstance(rule, Zero):
        return Primitive(name, (), None, function, "constant")
    names, defaults, rest = signature(rule.form)
    count = len(names) - len(defaults)
    if rest is not None:
        count, names = 2, (f"{rest}0", f"{rest}1")
    if op in _OPERATORS:
        name = rule.form if op != "getitem" else "u[index]"
        name = "a @ b" if op == "matmul" else name
    if not rule.elementwise:
        by = tuple(rule.pulls) if isinstance(rule, ArrayRule) else names[:1]
        return Primitive(name, by, None, function, "vjp, jvp")
    # Without the parentheses that parts of a text may have brought along.
    texts = rule.texts(count)
    partials = tuple(t and ast.unparse(ast.parse(t, mode="eval")) for t in texts)
    return Primitive(name, names[: len(partials)], partials, function, "vjp, jvp")


def _declared(function: Any, declared: Declared) -> Primitive:
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", declared.name).replace(".<locals>", "")
    name = f"{module}.{name}" if module else name
    names = declared.parameters.names
    if declared.zero:
        return Primitive(name, names, None, function, "constant")
    if declared.vjp is None and declared.jvp is None:
        try:
            partials = partials_of(declared)
        except DifferentiationError:
            partials = (None,) * len(names)
        return Primitive(name, names, partials, function, "vjp, jvp")
    modes = ", ".join(form for form in ("vjp", "jvp") if getattr(declared, form))
    return Primitive(name, names, None, function, modes)


# -- printing them --------------------------------------------------------------------


def table(found: Sequence[Primitive]) -> list[str]:
    """A line for each: its name, and what its derivative is."""
    rows: list[tuple[str, str]] = []
    for each in found:
        if each.partials is not None:
            pairs = zip(each.parameters, each.partials, strict=True)
            what = "; ".join(f"d{name}: {text or 'unknown'}" for name, text in pairs)
        elif each.modes == "constant":
            what = "a constant"
        else:
            by = ", ".join(each.parameters)
            what = f"{each.modes} by {by}" if by else each.modes
        if each.partials and rows and rows[-1][1] == what:
            rows[-1] = f"{rows[-1][0]}, {each.name}", what
        else:
            rows.append((each.name, what))
    width = min(24, max((len(name) for name, _ in rows), default=0))
    return [f"{name:<{width}}  {what}" for name, what in rows]
