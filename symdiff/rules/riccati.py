"""Rules of `scipy.linalg.solve_continuous_are` and `solve_discrete_are`, the algebraic
Riccati equations, and of `solve_discrete_lyapunov`.

For x(a, b, q, r) with the gain k and the closed loop c = a - b @ k the tangents of both
equations are linear in that of x (Kao and Hennequin, 2020):

    continuous   c.T @ x_dot + x_dot @ c + rest = 0      p = x
    discrete     c.T @ x_dot @ c - x_dot + rest = 0      p = x @ c
    rest = (a_dot - b_dot @ k).T @ p + p.T @ (a_dot - b_dot @ k) + q_dot + k.T @ r_dot @ k
"""

from __future__ import annotations

from symdiff.ir.core import Atom
from symdiff.rules.factors import hermitian, product, transposed
from symdiff.rules.row import ArrayRule, Bound
from symdiff.rules.shapes import total
from symdiff.rules.template import conjugate

__all__ = ["RICCATI"]

Dots = dict[str, Atom]


class _Loop:
    """The closed loop of an equation."""

    def __init__(self, c: Bound) -> None:
        b, x = c.b, c.out
        self.c = c
        self.discrete = c.eq.op.endswith("solve_discrete_are")
        weight, ahead = c["r"], product(c, transposed(c, c["b"]), x)
        if self.discrete:
            weight = b.emit("add", weight, product(c, ahead, c["b"]))
            ahead = product(c, ahead, c["a"])
        self.gain = c.emit("numpy.linalg.solve", weight, ahead)
        self.closed = b.emit("sub", c["a"], product(c, c["b"], self.gain))
        self.p = product(c, x, self.closed) if self.discrete else x

    def solved(self, matrix: Atom, right: Atom) -> Atom:
        """The y of matrix.T @ y @ matrix - y + right = 0, or matrix.T @ y + y @ matrix."""
        c, other = self.c, transposed(self.c, matrix)
        if self.discrete:
            return c.emit("scipy.linalg.solve_discrete_lyapunov", other, right)
        right = c.b.emit("neg", right)
        return c.emit("scipy.linalg.solve_sylvester", other, matrix, right)


def _adjoint(c: Bound, g: Atom) -> tuple[_Loop, Atom]:
    loop = _Loop(c)
    return loop, loop.solved(transposed(c, loop.closed), g)


def _of_a(c: Bound, g: Atom) -> Atom:
    loop, y = _adjoint(c, g)
    return product(c, loop.p, c.b.emit("add", y, transposed(c, y)))


def _of_b(c: Bound, g: Atom) -> Atom:
    loop, y = _adjoint(c, g)
    a_bar = product(c, loop.p, c.b.emit("add", y, transposed(c, y)))
    return c.b.emit("neg", product(c, a_bar, transposed(c, loop.gain)))


def _of_q(c: Bound, g: Atom) -> Atom:
    return _adjoint(c, g)[1]


def _of_r(c: Bound, g: Atom) -> Atom:
    loop, y = _adjoint(c, g)
    return product(c, loop.gain, y, transposed(c, loop.gain))


def _push(c: Bound, dots: Dots) -> Atom:
    b, loop, terms, moves = c.b, _Loop(c), [], []
    if "a" in dots:
        moves.append(dots["a"])
    if "b" in dots:
        moves.append(b.emit("neg", product(c, dots["b"], loop.gain)))
    if moves:
        half = product(c, transposed(c, total(b, moves)), loop.p)
        terms.append(b.emit("add", half, transposed(c, half)))
    if "q" in dots:
        terms.append(dots["q"])
    if "r" in dots:
        terms.append(product(c, transposed(c, loop.gain), dots["r"], loop.gain))
    return loop.solved(loop.closed, total(b, terms))


# -- x = a @ x @ a^H + q --------------------------------------------------------------


def _lyapunov_q(c: Bound, g: Atom) -> Atom:
    """Adjoints are paired as in factors.py."""
    found = c.emit(c.eq.op, hermitian(c, c["a"]), conjugate(c.b, g))
    return conjugate(c.b, found)


def _lyapunov_a(c: Bound, g: Atom) -> Atom:
    y = c.emit(c.eq.op, hermitian(c, c["a"]), conjugate(c.b, g))
    first = product(c, y, c["a"], hermitian(c, c.out))
    second = product(c, hermitian(c, y), c["a"], c.out)
    return conjugate(c.b, c.b.emit("add", first, second))


def _lyapunov_push(c: Bound, dots: Dots) -> Atom:
    terms = []
    if "a" in dots:
        turned = hermitian(c, dots["a"])
        terms.append(product(c, dots["a"], c.out, hermitian(c, c["a"])))
        terms.append(product(c, c["a"], c.out, turned))
    if "q" in dots:
        terms.append(dots["q"])
    return c.emit(c.eq.op, c["a"], total(c.b, terms))


RICCATI: tuple[ArrayRule, ...] = (
    *(
        ArrayRule(
            f"{name}(a, b, q, r)",
            {"a": _of_a, "b": _of_b, "q": _of_q, "r": _of_r},
            f"scipy.linalg.{name}",
            _push,
        )
        for name in ("solve_continuous_are", "solve_discrete_are")
    ),
    ArrayRule(
        "solve_discrete_lyapunov(a, q)",
        {"a": _lyapunov_a, "q": _lyapunov_q},
        "scipy.linalg.solve_discrete_lyapunov",
        _lyapunov_push,
    ),
)
