"""Rules that users declare for their functions: by partials, or by functions.

A function that is applied is the first argument of its equation.
"""

from __future__ import annotations


from symdiff.declared import Declared
from symdiff.errors import DifferentiationError
from symdiff.ir.builder import Builder
from symdiff.ir.core import Applied, Atom, Const, Equation, kind_of
from symdiff.ir.infer_dtypes import elementwise
from symdiff.ir.kinds import (
    UNKNOWN, Array, Complex, Float, Kind, List, Tuple, is_complex, is_continuous, is_number,
)  # fmt: skip
from symdiff.records import replace
from symdiff.rules.row import ZERO, Rule, Zero, library_of, refuse
from symdiff.rules.shapes import zeros
from symdiff.rules.template import Expansion

__all__ = ["declared_rule", "partials_of"]


def declared_rule(eq: Equation) -> Rule | Zero | None:
    """The rule of an applied function; None of one that belongs to a rule itself."""
    declared = eq.params.declared
    if declared is None:
        return None
    if declared.zero:
        return ZERO
    return _ByFunctions(declared) if _has_functions(declared) else _ByPartials(declared)


def partials_of(declared: Declared) -> tuple[str | None, ...]:
    """The partials of a function that was declared by them, or by an expression."""
    if declared.partials is not None:
        return declared.partials
    from symdiff.rules.derived import derived  # SymPy is loaded by few

    return derived(declared)


def _has_functions(declared: Declared) -> bool:
    return declared.vjp is not None or declared.jvp is not None


class _Declared(Rule):
    takes_lists = True

    def __init__(self, declared: Declared) -> None:
        names = (*declared.parameters.names, *declared.parameters.keywords)
        super().__init__(f"{declared.name}({', '.join(names)})", ZERO, "apply")
        self.declared = declared

    def given(self, eq: Equation) -> tuple[list[tuple[str, Atom]], dict[str, Atom]]:
        """The arguments by position and by keyword only, those left out included."""
        names, keywords, rest = self.declared.parameters
        applied: Applied = eq.params
        cut = len(eq.args) - len(applied.keywords)
        known = dict(zip(applied.keywords, eq.args[cut:], strict=True))
        known = {**dict(applied.others), **known}
        found = list(zip(names, eq.args[1:cut], strict=False))
        if rest:
            more = eq.args[1 + len(found) : cut]
            found += [(f"x{k}", atom) for k, atom in enumerate(more, len(found))]
        found += [(name, known[name]) for name in names[len(found) :] if name in known]
        return found, {name: known[name] for name in keywords if name in known}

    def places(self, eq: Equation) -> list[str]:
        """The name of the parameter for each argument of the call."""
        keywords = eq.params.keywords
        count = len(eq.args) - 1 - len(keywords)
        names = list(self.declared.parameters.names[:count])
        names += [f"x{k}" for k in range(len(names), count)]
        return [*names, *keywords]

    def missing(self, eq: Equation, name: str) -> Exception:
        message = f"the rule of `{self.declared.name}` has no derivative by `{name}`"
        return refuse(eq, message, "declare it, or pass a constant: symdiff.stop_gradient")


class _ByPartials(_Declared):
    """One text per parameter, for numbers and element by element."""

    def by_name(self, eq: Equation) -> dict[str, str]:
        """The partial by each parameter; an empty text where none is known."""
        try:
            partials = partials_of(self.declared)
        except DifferentiationError as error:
            problem = error.diagnostics[0]
            raise refuse(eq, problem.message, problem.help) from None
        texts = (text or "" for text in partials)
        return dict(zip(self.declared.parameters.names, texts, strict=True))

    def _open(
        self, b: Builder, eq: Equation
    ) -> tuple[tuple[str, ...], dict[str, str | None], Expansion]:
        texts = self.by_name(eq)
        placed, named = self.given(eq)
        atoms = {**dict(placed), **named, "out": eq.target}
        library = library_of(eq.args[1:] + (eq.target,))
        names = ("", *self.places(eq))
        return names, {"": "0", **texts}, _Expansion(b, atoms, library, eq, self.declared)

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        self._check(eq, wanted)
        return super().vjp(b, eq, out_bar, wanted)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        self._check(eq, tuple(dot is not None for dot in dots))
        return super().jvp(b, eq, dots)

    def _check(self, eq: Equation, wanted: tuple[bool, ...]) -> None:
        if any(is_complex(kind_of(a)) for a in (*eq.args, eq.target)):
            message = f"the partials of `{self.declared.name}` are for real numbers"
            raise refuse(eq, message, "declare its vjp and jvp")
        texts = self.by_name(eq)
        for name, want in zip(("", *self.places(eq)), wanted, strict=True):
            if want and not texts.get(name):
                raise self.missing(eq, name)


class _Expansion(Expansion):
    """Expands partials in which the function itself may be called."""

    def __init__(
        self, b: Builder, names: dict[str, Atom], library: str, eq: Equation, of: Declared
    ) -> None:
        super().__init__(b, names, library)
        self.eq = eq
        self.of = of

    def _call(self, name: str, args: list[Atom]) -> Atom:
        if name != self.of.name:
            return super()._call(name, args)
        kind = elementwise(tuple(map(kind_of, args)))
        applied = replace(self.eq.params, kind=kind, keywords=(), others=())
        return self.b.emit("apply", self.eq.args[0], *args, params=applied)


class _ByFunctions(_Declared):
    """A function for each mode: `vjp(out_bar, out, *args)`, `jvp(dots, out, *args)`."""

    elementwise = False
    whole = True

    def vjp(
        self, b: Builder, eq: Equation, out_bar: Atom, wanted: tuple[bool, ...]
    ) -> tuple[Atom | None, ...]:
        function = eq.params.vjp
        if function is None:
            raise self._one_way(eq, "vjp", "reverse")
        placed, named = self.given(eq)
        kinds = tuple(_adjoint_kind(kind_of(atom)) for _, atom in placed)
        bars = self._applied(b, eq, function, out_bar, Tuple(kinds))
        order = [name for name, _ in placed]
        found: list[Atom | None] = []
        for name, want in zip(("", *self.places(eq)), wanted, strict=True):
            if want and name in named:
                raise self.missing(eq, name)
            found.append(b.emit("item", bars, params=order.index(name)) if want else None)
        return tuple(found)

    def jvp(self, b: Builder, eq: Equation, dots: tuple[Atom | None, ...]) -> Atom | None:
        function = eq.params.jvp
        if function is None:
            raise self._one_way(eq, "jvp", "forward")
        placed, named = self.given(eq)
        known = dict(zip(("", *self.places(eq)), dots, strict=True))
        for name in named:
            if known.get(name) is not None:
                raise self.missing(eq, name)
        given = [_tangent(b, atom, known.get(name)) for name, atom in placed]
        kind = _adjoint_kind(eq.target.kind)
        return self._applied(b, eq, function, b.emit("tuple", *given), kind)

    def _applied(
        self, b: Builder, eq: Equation, function: Atom, first: Atom, kind: Kind
    ) -> Atom:
        """A call of one of the functions of the rule."""
        placed, named = self.given(eq)
        args = [first, _whole(b, eq.target), *(atom for _, atom in placed)]
        applied = Applied(kind, tuple(named))
        return b.emit("apply", function, *args, *named.values(), params=applied)

    def _one_way(self, eq: Equation, missing: str, mode: str) -> Exception:
        name = self.declared.name
        message = f"the rule of `{name}` has no `{missing}`: {mode} mode needs it"
        return refuse(eq, message, f"declare it: symdiff.rule({name}, ..., {missing}=...)")


def _whole(b: Builder, atom: Atom) -> Atom:
    """A result of several values, put together from them: they have names already."""
    kind = kind_of(atom)
    if not isinstance(kind, Tuple):
        return atom
    items = [b.emit("item", atom, params=k) for k in range(len(kind.items))]
    return b.emit("tuple", *items)


def _adjoint_kind(kind: Kind) -> Kind:
    """The kind of the adjoint or tangent of a value of this kind."""
    if isinstance(kind, Tuple):
        return Tuple(tuple(map(_adjoint_kind, kind.items)))
    if isinstance(kind, (Array, List, Float, Complex)):
        return kind
    return Float() if is_number(kind) else UNKNOWN


def _tangent(b: Builder, atom: Atom, dot: Atom | None) -> Atom:
    if dot is not None:
        return dot
    kind = kind_of(atom)
    if isinstance(kind, Array):
        return zeros(b, atom) if is_continuous(kind) else Const(None)
    return zeros(b, atom) if isinstance(kind, (Float, Complex)) else Const(None)
