"""One derivative rule: a row of data that serves reverse and forward mode."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Var, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.kinds import (
    COMPLEX, Array, Complex, Float, Int, Kind, Tuple, Unknown, is_complex, is_real,
)  # fmt: skip
from symdiff.rules.template import Expansion, parse, signature

__all__ = [
    "JOINT", "ZERO", "ArrayRule", "Bound", "Pull", "Push", "Rule", "Zero", "constant_in",
    "emit", "in_kind", "library_of", "refuse",
]  # fmt: skip


class Zero:
    """The result never depends smoothly on the arguments: floor, comparisons, len, …"""

    elementwise = True

    def __repr__(self) -> str:
        return "ZERO"


ZERO = Zero()

# A partial of None: there is no rule with respect to that argument.
Partials = tuple[str | None, ...] | Callable[[int], tuple[str, ...]]
Accumulate = Callable[[Builder, Equation, Atom, Atom], Atom]


def refuse(eq: Equation, message: str, help: str | None = None) -> DifferentiationError:
    """The error for an equation that the rules cannot differentiate: raise it."""
    return DifferentiationError(Diagnostic(message, eq.span, help))


def emit(b: Builder, op: str, *args: Any, **keywords: Any) -> Atom:
    """Emit a library call; plain numbers and tuples become atoms, None is a literal."""
    atoms = [lift(b, a) for a in (*args, *keywords.values())]
    return b.emit(op, *atoms, params=tuple(keywords) or None)


def lift(b: Builder, value: Any) -> Atom:
    if isinstance(value, tuple):
        return b.emit("tuple", *(lift(b, v) for v in value))
    if value is None or isinstance(value, (bool, int, float, complex, str)):
        return Const(value)
    atom: Atom = value
    return atom


# Keywords that NumPy takes under a second name.
_ALIASES = {"min": "a_min", "max": "a_max", "newshape": "shape"}


def names_of_args(eq: Equation, form: str) -> tuple[str, ...]:
    """The name in the form for each argument of the equation."""
    names, defaults, rest = signature(form)
    keywords = tuple(eq.params or ()) if "." in eq.op else ()
    given = len(eq.args) - len(keywords)
    if rest is not None and set(keywords) <= {"optimize"}:
        return (*(f"{rest}{k}" for k in range(given)), *keywords)
    keywords = tuple(_ALIASES.get(k, k) if k not in names else k for k in keywords)
    for keyword in keywords:
        if keyword not in names:
            text = f"no derivative rule for the argument `{keyword}` of `{eq.op}`"
            raise refuse(eq, text)
    missing = [n for n in names[given:] if n not in defaults and n not in keywords]
    if given > len(names) or missing:
        raise refuse(eq, f"no derivative rule for `{eq.op}` with {given} arguments")
    return (*names[:given], *keywords)


class Rule:
    """An element-wise row: `Rule("tan(x)", ("1 + out ** 2",))`.

    One partial per argument; names in it are the arguments, `out` and functions. For
    variable arity (`"hypot(*x)"`, whose arguments are called x0, x1, …) the partials
    are a function of the number of arguments. `ops` lists the operations the row is
    for: by default the function of that name in `math` and in `numpy`.
    """

    elementwise = True
    takes_lists = False  # whether arguments may be lists of run-time length
    whole = False  # whether it takes adjoints in the shape and dtype of the result
    joint = False  # whether it gives the adjoints of all arguments at once
    accumulate: Accumulate | None = None

    def __init__(self, form: str, partials: Partials | Zero, ops: str = "") -> None:
        self.form = form
        self.partials = partials
        name = form.partition("(")[0]
        self._tables: dict[Any, Any] = {}
        self.ops = tuple((ops or f"math.{name} numpy.{name}").split())

    def __repr__(self) -> str:
        return f"Rule({self.form!r}, {self.partials!r})"

    def texts(self, arity: int) -> tuple[str | None, ...]:
        """The partials when there are so many arguments."""
        if isinstance(self.partials, Zero):
            return ("0",) * arity
        return self.partials(arity) if callable(self.partials) else self.partials

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        """What each wanted argument's adjoint gains, in the shape of the result."""
        names, texts, expansion = self._open(b, eq)
        bars: list[Atom | None] = [None] * len(names)
        for k, want in enumerate(wanted):
            if want:
                term = expansion.times(out_bar, _partial(eq, names[k], texts))
                bars[k] = expansion.settle(term)
        return tuple(bars)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        """The tangent of the result, None if it is zero."""
        names, texts, expansion = self._open(b, eq)
        pairs = zip(names, dots, strict=True)
        terms = [
            (dot, _partial(eq, name, texts))
            for name, dot in pairs
            if dot is not None and texts[name] != "0"
        ]
        if not terms:
            return None
        dot = expansion.total(terms)
        return None if dot is None else _shaped(b, dot, eq)

    def _open(
        self, b: Builder, eq: Equation
    ) -> tuple[tuple[str, ...], dict[str, str | None], Expansion]:
        written = (eq.op, len(eq.args), eq.params if "." in eq.op else None)
        if written not in self._tables:
            self._tables[written] = self._table(eq)
        names, defaults, table, library = self._tables[written]
        atoms: dict[str, Atom] = {**defaults, **dict(zip(names, eq.args, strict=True))}
        atoms["out"] = eq.target
        return names, table, Expansion(b, atoms, library or library_of(eq.args), eq.op)

    def _table(
        self, eq: Equation
    ) -> tuple[tuple[str, ...], dict[str, Atom], dict[str, str | None], str]:
        """For a way to write the operation: argument names, defaults, partials, library."""
        names = names_of_args(eq, self.form)
        formal, defaults, rest = signature(self.form)
        texts = self.texts(len(eq.args))
        formal = formal[: len(texts)] if rest is None else names
        if len(formal) > len(texts):
            raise refuse(eq, f"no derivative rule for `{eq.op}` of one sequence")
        given: dict[str, Atom] = {n: Const(v) for n, v in defaults.items()}
        return names, given, dict(zip(formal, texts, strict=True)), _library(eq.op)


def _partial(eq: Equation, name: str, texts: dict[str, str | None]) -> ast.expr:
    text = texts[name]
    if text is None:
        raise refuse(eq, f"no derivative rule for `{eq.op}` with respect to `{name}`")
    return parse(text)


def _library(op: str) -> str:
    """Whose functions those in the partials are, empty if the arguments say that. A
    `math` function works on scalars whatever their type, and so does its derivative."""
    if op.startswith(("numpy.", "scipy.")):
        return "numpy"
    return op.partition(".")[0] if op.startswith(("math.", "cmath.")) else ""


def library_of(atoms: Iterable[Atom]) -> str:
    """The library whose functions work on values such as these."""
    kinds = [kind_of(atom) for atom in atoms]
    for kind in kinds:
        if isinstance(kind, Array) or (isinstance(kind, (Float, Complex)) and kind.dtype):
            return "numpy"
    return "cmath" if COMPLEX in kinds else "math"


def _shaped(b: Builder, dot: Atom, eq: Equation) -> Atom:
    """A tangent in the shape of the result: of `a + x` with an inactive array a it is
    the scalar x_dot, spread."""
    dot = in_kind(b, dot, eq.target.kind)
    want, have = eq.target.kind, kind_of(dot)
    if not isinstance(want, Array):
        return dot
    if not isinstance(have, Array):
        return emit(b, "numpy.full_like", eq.target, dot)
    if have.dtype != want.dtype:  # `where(c, 1.0, 0.0)` is float64 whatever surrounds it
        dot = emit(b, "numpy.astype", dot, Const(want.dtype))
    if agree(have.dims, want.dims):
        return dot
    return emit(b, "numpy.broadcast_to", dot, b.emit("attr", eq.target, params="shape"))


def constant_in(b: Builder, derivative: Atom, kind: Kind) -> Atom:
    """A derivative that is known, of a number of single precision in that."""
    if not isinstance(derivative, Const) or not isinstance(kind, Float):
        return derivative
    if kind.dtype in ("float16", "float32"):
        return emit(b, f"numpy.{kind.dtype}", derivative)
    return derivative


def in_kind(b: Builder, derivative: Atom, kind: Kind, complex_: bool = False) -> Atom:
    """An adjoint or a tangent of a value of this kind: of what is real only the real part
    counts, of a complex array it is a complex array, and of a number of double precision
    it is no narrower one. One of unknown kind may be `complex_`."""
    have = kind_of(derivative)
    if type(have) is Float:
        double = type(kind) is Float and kind.dtype == "float64"
        if double and have.dtype in ("float16", "float32"):
            return b.emit("builtins.float", derivative)
        return derivative
    unknown = isinstance(have, Unknown)
    if is_real(kind) and (is_complex(have) or (unknown and complex_)):
        return b.emit("real", derivative)
    if isinstance(kind, Array) and is_complex(kind) and not is_complex(have):
        if unknown or isinstance(have, Array):
            return emit(b, "numpy.astype", derivative, Const(kind.dtype))
    return derivative


_NARROW = {"float64": "float32", "complex128": "complex64"}


def _narrowed(b: Builder, dot: Atom, kind: Kind) -> Atom:
    """A tangent that some function of a library gives in double precision in that of the
    value; of several results each."""
    have = kind_of(dot)
    if isinstance(kind, Array) and isinstance(have, Array):
        if _NARROW.get(have.dtype) == kind.dtype:
            return emit(b, "numpy.astype", dot, Const(kind.dtype))
    made = b.definitions.get(dot) if isinstance(dot, Var) else None
    if isinstance(kind, Tuple) and made is not None and made.op == "tuple":
        items = [_narrowed(b, *pair) for pair in zip(made.args, kind.items, strict=True)]
        return dot if tuple(items) == made.args else b.emit("tuple", *items)
    return dot


_NONE = Const(None)


class Bound:
    """The arguments of one equation by the names of the rule's form."""

    def __init__(self, b: Builder, eq: Equation, form: str) -> None:
        self.b = b
        self.eq = eq
        self.out = eq.target
        self.names = names_of_args(eq, form)
        self.defaults = signature(form)[1]
        self.given = dict(zip(self.names, eq.args, strict=True))
        if self.given.get("out", _NONE) != _NONE:
            raise refuse(eq, f"no derivative rule for the argument `out` of `{eq.op}`")

    def __getitem__(self, name: str) -> Atom:
        if name in self.given:
            return self.given[name]
        return Const(self.defaults[name])

    def array(self, name: str) -> Array:
        """The kind of an argument that has to be a known array."""
        kind = kind_of(self[name])
        if not isinstance(kind, Array):
            what = f"the argument `{name}` of `{self.eq.op}`"
            raise refuse(self.eq, f"cannot tell the number of axes of {what}")
        return kind

    def static(self, name: str) -> Any:
        """The value of an argument that has to be known: a number, text, None, or a
        tuple of integers."""
        known, value = static_value(self[name])
        if not known:
            what = f"the argument `{name}` of `{self.eq.op}`"
            raise refuse(self.eq, f"{what} must be known before the program runs")
        return value

    def emit(self, op: str, *args: Any, **keywords: Any) -> Atom:
        return emit(self.b, op, *args, **keywords)


def static_value(atom: Atom) -> tuple[bool, Any]:
    """Whether the value of an atom is known, and the value."""
    if isinstance(atom, Const):
        return True, atom.value
    kind = kind_of(atom)
    if isinstance(kind, Int) and isinstance(kind.extent, int):
        return True, kind.extent
    if isinstance(kind, Tuple):
        extents = [k.extent if isinstance(k, Int) else None for k in kind.items]
        if all(isinstance(e, int) for e in extents):
            return True, tuple(extents)
    return False, None


Pull = Callable[[Bound, Atom], Atom]
Push = Callable[[Bound, dict[str, Atom]], Atom]


def _jointly(c: Bound, dots: dict[str, Atom]) -> Atom:
    """Linear in all its arguments together: the operation on the tangents."""
    args = []
    for name, arg in zip(c.names, c.eq.args, strict=True):
        args.append(dots.get(name, arg))
    return c.b.emit(c.eq.op, *args, params=c.eq.params)


JOINT: Push = _jointly


def _each(c: Bound, dots: dict[str, Atom]) -> Atom:
    """Linear in each argument alone: one term per tangent."""
    terms = [_jointly(c, {name: dot}) for name, dot in dots.items()]
    total = terms[0]
    for term in terms[1:]:
        total = c.b.emit("add", total, term)
    return total


class ArrayRule(Rule):
    """A row for what is not element-wise: `ArrayRule(form, {argument: pull}, ops)`.

    `pull(c, out_bar)` is the contribution to that argument's adjoint, in its shape; a
    pull of None says that the result does not vary with the argument. Without a `push`
    the operation is linear in each of the arguments that have a pull, and the tangent
    follows from the operation itself.
    """

    elementwise = False

    def __init__(
        self,
        form: str,
        pulls: dict[str, Pull | None],
        ops: str,
        push: Push = _each,
        accumulate: Accumulate | None = None,
    ) -> None:
        super().__init__(form, ZERO, ops)
        self.pulls = pulls
        self.push = push
        self.accumulate = accumulate

    def __repr__(self) -> str:
        return f"ArrayRule({self.form!r})"

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        c = Bound(b, eq, self.form)
        bars: list[Atom | None] = []
        for name, want in zip(c.names, wanted, strict=True):
            pull = self._pull(c, name) if want else None
            bars.append(None if pull is None else pull(c, out_bar))
        return tuple(bars)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        c = Bound(b, eq, self.form)
        active = {
            name: dot
            for name, dot in zip(c.names, dots, strict=True)
            if dot is not None and self._pull(c, name) is not None
        }
        return _narrowed(b, self.push(c, active), eq.target.kind) if active else None

    def _pull(self, c: Bound, name: str) -> Pull | None:
        if name in self.pulls:
            return self.pulls[name]
        text = f"no derivative rule for `{c.eq.op}` with respect to `{name}`"
        raise refuse(c.eq, text)
