"""Derivatives of an adjoint that is not worked out yet: that of a recursive function.

An adjoint is xbar = J(x)^T ybar. Its tangent for xdot and ybardot, and what it adds to the
adjoint of x for an adjoint w of xbar, are again adjoints, of f and its tangent
ydot = J(x) xdot together:

    xbardot = J^T ybardot + d/dx (ybar . J xdot),    d/dx (w . xbar) = d/dx (ybar . J w)

So second derivatives are one reverse sweep over forward mode, and no tape is ever
differentiated (Griewank & Walther, Evaluating Derivatives, section 5.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import Atom, Const, Equation, Function, Parameter, Var, kind_of, leaves
from symdiff.ir.derivative import DERIVE, Derivative
from symdiff.ir.kinds import Kind, Tuple, derivative_kind
from symdiff.ir.rerun import silent
from symdiff.records import replace
from symdiff.rules.shapes import zeros

__all__ = ["derived", "silenced", "tangent_of_adjoint", "with_tangents"]


def with_tangents(names: Names, function: Function, by: Sequence[int]) -> Function:
    """The function of the parameters and then tangents of those in `by`; it returns the
    results and then their tangents, those of all."""
    params = [names.fresh(p.var.base, p.var.role, p.var.kind) for p in function.params]
    given = [params[k] for k in by]
    dots = [names.fresh(v.stem, "dot", derivative_kind(v.kind)) for v in given]
    results = tuple(leaves(function.returns))
    kinds = [*map(kind_of, results), *(derivative_kind(kind_of(r)) for r in results)]
    build = Builder(names)
    with build.block() as body:
        derivative = Derivative("forward", function, tuple(by), tuple(range(len(results))))
        whole = derived(build, derivative, (*params, *dots), kinds)
        returns = tuple(build.define("item", whole, params=k) for k in range(len(kinds)))
    signature = tuple(map(Parameter, (*params, *dots)))
    return Function(function.name, signature, tuple(body), returns, function.span)


def derived(
    build: Builder, derivative: Derivative, args: Sequence[Atom], kinds: Sequence[Kind]
) -> Var:
    """Append a derivative."""
    target = build.names.fresh("t", "", Tuple(tuple(kinds)))
    build.append(Equation(target, DERIVE, tuple(args), derivative, build.span))
    return target


def silenced(eq: Equation) -> Equation:
    """The derivative as it is computed a second time, without what it prints."""
    derivative: Derivative = eq.params
    function = derivative.function
    function = replace(function, body=silent(function.body))
    return replace(eq, params=replace(derivative, function=function))


def tangent_of_adjoint(build: Builder, eq: Equation, dots: Mapping[Atom, Atom]) -> Var:
    """The tuple of the tangents of what an adjoint equation gives, which is made anew
    along with them: J^T ybar is the adjoint of xdot."""
    derivative: Derivative = eq.params
    function, of = derivative.function, derivative.of
    count, results = len(function.params), len(tuple(leaves(function.returns)))
    args, bars = eq.args[:count], eq.args[count:]
    moved = [k for k, arg in enumerate(args) if arg in dots or k in derivative.by]
    both = with_tangents(build.names, function, moved)
    by = (*derivative.by, *(count + moved.index(k) for k in derivative.by))
    again = Derivative("reverse", both, by, (*of, *(results + k for k in of)))
    kinds = [kind_of(r) for r in leaves(both.returns)]
    kinds += 2 * [derivative_kind(kind_of(args[k])) for k in derivative.by]
    tangents = [_dot(build, dots, atom) for atom in (*(args[k] for k in moved), *bars)]
    whole = derived(build, again, (*args, *tangents, *bars), kinds)
    first, second = range(results), range(results, 2 * results)
    third = range(2 * results, 2 * results + len(derivative.by))
    last = range(third.stop, len(kinds))
    own = [build.define("item", whole, params=k) for k in (*first, *last)]
    build.append(Equation(eq.target, "tuple", tuple(own), None, eq.span))
    found = [build.define("item", whole, params=k) for k in (*second, *third)]
    return build.define("tuple", *found)


def _dot(build: Builder, dots: Mapping[Atom, Atom], atom: Atom) -> Atom:
    if atom in dots:
        return dots[atom]
    return zeros(build, atom) if isinstance(atom, Var) else Const(0.0)
