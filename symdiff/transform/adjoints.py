"""The adjoints of values as a reverse sweep comes upon them."""

from __future__ import annotations

from symdiff.ir.builder import Builder
from symdiff.ir.core import UNDEF, Atom, Const, Equation, Index, Var, kind_of
from symdiff.ir.extents import agree
from symdiff.ir.kinds import (
    FLOAT, Array, Complex, Float, List, Tape, Tuple, Unknown, is_complex, is_number,
)  # fmt: skip
from symdiff.rules.choices import sum_of_choices
from symdiff.rules.row import in_kind
from symdiff.rules.shapes import plus, spread_over, unspread, zeros

__all__ = ["Adjoints"]


class Adjoints:
    """`bars` holds the adjoint of each active value met so far."""

    def __init__(self, build: Builder, active: set[Var]) -> None:
        self.build, self.active = build, active
        self.bars: dict[Var, Atom] = {}

    def add(self, atom: Atom, contribution: Atom | None) -> None:
        """Add a contribution to the adjoint of a value."""
        if contribution is None or not isinstance(atom, Var) or atom not in self.active:
            return
        contribution = self.fitting(contribution, atom)
        known = self.bars.get(atom)
        if known is None or self.stands_for(contribution, known, atom):
            self.bars[atom] = self.named(contribution, atom)
        elif self.stands_for(known, contribution, atom):
            return
        else:
            self.bars[atom] = self._sum(known, contribution, atom)

    def stands_for(self, bar: Atom, other: Atom, of: Var) -> bool:
        """Whether a contribution is the sum of both, as the other is zero."""
        if not self.is_zero(other):
            return False
        return kind_of(bar) == kind_of(other) == of.kind and self.unspread(bar) is bar

    def fitting(self, bar: Atom, of: Var) -> Atom:
        """A contribution to the adjoint of a value, complex only if the value is, and
        then a complex array if that is an array; a number may stand for all of it. That
        of a number is no array, not even one without axes."""
        have = kind_of(bar)
        if is_number(of.kind) and isinstance(have, Array) and not have.dims:
            thin = self.unspread(bar)
            if thin is bar and of.kind in (FLOAT, Float("float64")):
                thin = self.build.emit("builtins.float", bar)  # it may be one already
            elif thin is bar:
                thin = self.build.emit("getitem", bar, params=Index(()))
            return in_kind(self.build, thin, of.kind)
        if is_complex(of.kind) and is_number(kind_of(self.unspread(bar))):
            return bar
        return in_kind(self.build, bar, of.kind)

    def settled(self, bar: Atom, of: Var) -> Atom:
        """The adjoint of a value where regions meet: of a complex array a complex array
        of its own."""
        if bar != UNDEF and isinstance(of.kind, Array) and is_complex(of.kind):
            return in_kind(self.build, self.owned(bar, of), of.kind)
        return bar

    def _sum(self, a: Atom, b: Atom, of: Var) -> Atom:
        if isinstance(of.kind, (Tuple, List)):
            return plus(self.build, a, b, of.stem, "bar")
        if isinstance(of.kind, Array) and is_complex(of.kind):
            a, b = self._as_made(a, b), self._as_made(b, a)
        chosen = sum_of_choices(self.build, a, b)
        if chosen is not None:
            return self.named(chosen, of)
        # One of two terms need not be spread to the full shape.
        thin = self.unspread(b)
        numbers = self.unspread(a), thin
        if numbers != (a, b) and all(is_number(kind_of(n)) for n in numbers):
            total = self.build.emit("add", *numbers)
            return total if total == Const(0.0) else self.spread(total, of)
        if isinstance(of.kind, Array) and self.full(a, of):
            b = thin
        elif isinstance(of.kind, Array) and self.full(b, of):
            a = self.unspread(a)
        if isinstance(a, Var) and a not in self.build.definitions:
            if a.of is not None and a.of.stem == of.stem:
                of = a.of  # what a loop hands on is added to
        self.build.of = of
        total = self.build.emit("add", a, b, base=of.stem, role="bar")
        self.build.of = None
        return total

    def _as_made(self, bar: Atom, other: Atom) -> Atom:
        """A real term of a sum before it was made complex, if the other term is so."""
        made, beside = (
            self.build.definitions.get(x) if isinstance(x, Var) else None
            for x in (bar, other)
        )
        if made is None or made.op != "numpy.astype" or is_complex(kind_of(made.args[0])):
            return bar
        real = beside is not None and beside.op == "numpy.astype"
        return bar if real else made.args[0]

    def final(self, var: Var) -> Atom:
        """The adjoint of a parameter, in the parameter's shape and dtype."""
        bar = self.bars.get(var)
        return self.zero(var) if bar is None else self.full_bar(bar, var)

    def full_bar(self, bar: Atom, var: Var) -> Atom:
        """An adjoint in the shape and dtype of its value."""
        if not isinstance(var.kind, Array):
            have = kind_of(bar)
            number = "complex" if isinstance(var.kind, Complex) else "float"
            exact = (None, "float64", "complex128")
            narrow = isinstance(have, (Float, Complex)) and have.dtype not in exact
            if number == "complex" and isinstance(bar, Const):
                return Const(complex(bar.value))
            if isinstance(var.kind, Float) and var.kind.dtype not in exact:
                if var.kind == have:
                    return bar
                op = f"numpy.{var.kind.dtype}"
                return self.build.emit(op, bar, base=var.stem, role="bar")
            if var.kind != have and (
                narrow or (number == "complex" and not is_complex(have))
            ):
                op = f"builtins.{number}"
                return self.build.emit(op, bar, base=var.stem, role="bar")
            return bar
        bar = self.owned(bar, var)
        have = kind_of(bar)
        if is_number(have):
            return self.build.emit("numpy.full_like", var, bar, base=var.stem, role="bar")
        if isinstance(have, Array):
            other = have.dtype != var.kind.dtype
        else:
            other = var.kind.dtype == "float32"  # of unknown kind
        if other:
            dtype = Const(var.kind.dtype)
            return self.build.emit("numpy.astype", bar, dtype, base=var.stem, role="bar")
        if not var.kind.dims and bar not in self.build.definitions:
            # What a loop leaves of an array without axes may be a number.
            return self.build.emit("numpy.asarray", bar, base=var.stem, role="bar")
        return bar

    def full(self, atom: Atom, like: Var) -> bool:
        kind = kind_of(atom)
        return (
            isinstance(kind, Array)
            and isinstance(like.kind, Array)
            and agree(kind.dims, like.kind.dims)
            and self.unspread(atom) is atom
        )

    def unspread(self, atom: Atom) -> Atom:
        return unspread(self.build, atom)

    def spread(self, number: Atom, of: Var) -> Atom:
        return spread_over(self.build, number, of)

    def is_zero(self, bar: Atom) -> bool:
        """Whether an adjoint has turned out to be zero."""
        made = self.build.definitions.get(bar) if isinstance(bar, Var) else None
        return bar == Const(0.0) or (made is not None and made.op == "numpy.zeros_like")

    def named(self, atom: Atom, of: Var) -> Atom:
        """Name a value just computed after the variable whose adjoint it is."""
        nodes = self.build.nodes
        if not nodes or not isinstance(atom, Var) or not _is_temporary(atom):
            return atom
        last = nodes[-1]
        if not isinstance(last, Equation) or last.target is not atom:
            return atom
        target = self.build.names.bar(of, atom.kind)
        renamed = Equation(target, last.op, last.args, last.params, last.span)
        nodes[-1] = renamed
        self.build.definitions[target] = renamed
        return target

    def zero(self, var: Var) -> Atom:
        """The adjoint of a value that nothing has contributed to."""
        if isinstance(var.kind, Tape):
            return UNDEF
        if is_number(var.kind) or isinstance(var.kind, Unknown):
            return Const(0j if isinstance(var.kind, Complex) else 0.0)
        return zeros(self.build, var)

    def owned(self, bar: Atom, of: Var) -> Atom:
        """An adjoint that is going to be added to: not one spread from a smaller one."""
        thin = self.unspread(bar)
        if thin is bar or not is_number(kind_of(thin)):
            return bar
        if thin == Const(1.0):
            return self.build.emit("numpy.ones_like", of, base=of.stem, role="bar")
        return self.build.emit("numpy.full_like", of, thin, base=of.stem, role="bar")


def _is_temporary(var: Var) -> bool:
    return var.base == "t" and var.role in ("", "partial")
