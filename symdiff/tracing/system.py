"""The gradients of a trace as the multipliers of a constrained problem.

Minimise z_n subject to z_i = f_i(z_a(i)). The Lagrangian is

    L(z, λ) = z_n - Σ λ_i (z_i - f_i(z_a(i))),

and where it is stationary in z, λ_n = 1 and λ_i = Σ_{k in b(i)} λ_k ∂f_k/∂z_i: the λ are
the gradients. As a linear system A λ = (0, ..., 0, -1): row i, column k of A holds
∂f_k/∂z_i, the diagonal -1. A is upper triangular, and back substitution in it is
back-propagation.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.rules import rule_of
from symdiff.tracing.flat import filled, flat
from symdiff.tracing.operations import zeros
from symdiff.tracing.text import short
from symdiff.tracing.trace import Step, Trace
from symdiff.tracing.triangle import Triangle

__all__ = ["Method", "System"]

Method = Literal["back-substitution", "sparse", "dense", "least-squares-check"]


class Multipliers(dict[str, Any]):
    """The λ by `"z5"`, in the form of the values; also found by the program's names."""

    def __init__(self, found: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(found)
        self._names = names

    def __missing__(self, name: str) -> Any:
        if name in self._names:
            return self[self._names[name]]
        called = ", ".join(self._names)
        raise KeyError(f"no λ of `{name}`: there are {', '.join(self)}, called {called}")


class System:
    """The linear system of the gradients of one run. All z that may depend on an input
    have a row and a column, or one for each of their numbers."""

    def __init__(
        self, trace: Trace, gradients: Callable[[], Mapping[str, Any]] | None = None
    ) -> None:
        """`gradients` gives those of the generated code by the names of the inputs."""
        trace.check_number(trace.result)
        self.trace = trace
        self._gradients = gradients
        last = trace.result
        self.steps = tuple(s for s in trace if s.varies or s is last)
        self._places = {step.index: k for k, step in enumerate(self.steps)}
        self._forms = [_vector(step) for step in self.steps]
        sizes = [len(vector) for vector in self._forms]
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the block rows, and of the block columns."""
        return tuple(f"z{step.index}" for step in self.steps)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the rows, and of the columns: `z1[0, 2]` for an entry."""
        return tuple(label for step in self.steps for label in _labels(step))

    def __len__(self) -> int:
        """How many rows A has."""
        return int(self._starts[-1])

    # -- text -------------------------------------------------------------------------

    @property
    def lagrangian(self) -> str:
        """L(z, λ), the products of arrays written <λ, ...>."""
        lines = [f"L(z, λ) = z{self.trace.result.index}"]
        for step in self.steps:
            gap = f"z{step.index} - {_enclosed(step.text)}"
            name, form = f"λ{step.index}", _shape(step)
            lines.append(
                f"    - {name}*({gap})" if form == () else f"    - <{name}, {gap}>"
            )
        return "\n".join(lines)

    @property
    def equations(self) -> tuple[str, ...]:
        """The rows as text: where L is stationary in one z after the other."""
        lines = []
        for step in self.steps:
            terms = [f"∂f{k}/∂z{step.index} λ{k}" for k in self._readers(step)]
            right = "-1" if step is self.trace.result else "0"
            lines.append(" + ".join([f"-λ{step.index}", *terms]) + f" = {right}")
        return tuple(lines)

    def _readers(self, step: Step) -> list[int]:
        return [k for k in step.children if k in self._places]

    def __str__(self) -> str:
        return f"{self.lagrangian}\n\n{self.triangle()}\n"

    def table(self, found: Mapping[str, Any]) -> list[str]:
        """Lines with the λ of each equation."""
        rows = [(f"λ{s.index} = {short(found[f'z{s.index}'])}", s) for s in self.steps]
        width = max(len(text) for text, _ in rows)
        return [f"{text:<{width}}  # {step}" for text, step in rows]

    def __repr__(self) -> str:
        size = f"{len(self)} x {len(self)}"
        return f"<system of {self.trace.name}: {len(self.steps)} equations, A is {size}>"

    # -- the system -------------------------------------------------------------------

    @cached_property
    def blocks(self) -> dict[tuple[str, str], Any]:
        """∂f_k/∂z_i by the names (of z_i, of z_k), a row for each number of z_i and a
        column for each of z_k."""
        found = {}
        for step in self.steps:
            for k, block in self._jacobians(step).items():
                found[f"z{k}", f"z{step.index}"] = block
        return found

    @cached_property
    def A(self) -> Any:  # the matrix has this name in mathematics
        """The matrix, upper triangular: a `scipy.sparse.csr_array`."""
        sparse = _scipy("sparse")
        size = len(self)
        rows, columns, entries = [np.arange(size)], [np.arange(size)], [-np.ones(size)]
        start = {name: self._starts[k] for k, name in enumerate(self.names)}
        for (row, column), block in self.blocks.items():
            i, j = np.nonzero(block)  # what is not a number counts as something
            rows.append(start[row] + i)
            columns.append(start[column] + j)
            entries.append(block[i, j])
        places = np.concatenate(rows), np.concatenate(columns)
        made = sparse.coo_array((np.concatenate(entries), places), shape=(size, size))
        return made.tocsr()

    @property
    def rhs(self) -> Any:
        """The right-hand side: zeros, and -1 in the row of the result."""
        right = np.zeros(len(self))
        right[self._starts[self._places[self.trace.result.index]]] = -1.0
        return right

    def _jacobians(self, step: Step) -> dict[int, Any]:
        """The blocks of one column, by the parent."""
        parents = [k for k in step.parents if k in self._places]
        if not parents:
            return {}
        own = self._forms[self._places[step.index]]
        if all(_is_elementwise(step, self.trace[k]) for k in parents):
            shares = self._shares(step, parents, np.ones(len(own)))
            return {k: np.diag(share) for k, share in shares.items()}
        heights = {k: len(self._forms[self._places[k]]) for k in parents}
        found = {k: np.zeros((height, len(own))) for k, height in heights.items()}
        for column in range(len(own)):
            bar = np.zeros(len(own))
            bar[column] = 1.0
            for k, share in self._shares(step, parents, bar).items():
                found[k][:, column] = share
        return found

    def _shares(self, step: Step, parents: list[int], bar: Any) -> dict[int, Any]:
        bar = filled(step.value, bar)
        found = self.trace.vjp(step.index, bar, among=parents)
        return {k: flat(found.get(k, zeros(self.trace[k].value))) for k in parents}

    # -- solving ----------------------------------------------------------------------

    def solve(self, method: Method = "back-substitution") -> Multipliers:
        """The λ by name.

        "back-substitution" goes from the last row to the first; "sparse" and "dense" know
        nothing of the triangle and factorise A; "least-squares-check" minimises the
        residual, and fails unless it vanishes for one solution only.
        """
        if method not in get_args(Method):
            known = ", ".join(get_args(Method))
            raise ValueError(f"no method {method!r}; there are {known}")
        solution = _SOLVERS[method](self.A, self.rhs)
        found = {}
        for place, step in enumerate(self.steps):
            part = solution[self._starts[place] : self._starts[place + 1]]
            found[f"z{step.index}"] = filled(step.value, part)
        names = {s.name: f"z{s.index}" for s in self.steps if s.name is not None}
        return Multipliers(found, names)

    def check(
        self, rtol: float | None = None, method: Method = "back-substitution"
    ) -> list[tuple[str, float]]:
        """Compare λ with the gradients of the generated code: (name, largest difference)
        for each input. Raises `AssertionError` where they differ by more than `rtol`,
        relative to the largest entry."""
        assert self._gradients is not None, "the system was made from a trace alone"
        found, code = self.solve(method), self._gradients()
        compared = []
        for step in self.steps:
            if step.operation != "input" or step.text not in code:
                continue
            name = f"z{step.index}"
            got, want = flat(found[name]), flat(code[step.text])
            gap = float(np.max(np.abs(got - want), initial=0.0))
            size = float(np.max(np.abs(want), initial=0.0))
            single = np.result_type(got, want).itemsize < 8
            allowed = (1e-4 if single else 1e-9) if rtol is None else rtol
            same = np.array_equal(got, want, equal_nan=True)
            if not same and not gap <= allowed * max(size, 1e-300):
                raise AssertionError(
                    f"λ of {name} = {step.text} is {short(found[name])}, and the gradient "
                    f"of the generated code {short(code[step.text])}"
                )
            compared.append((step.text, 0.0 if same else gap))
        return compared

    # -- pictures ---------------------------------------------------------------------

    def triangle(self) -> str:
        """The blocks of A as text: `\\` on the diagonal, `#` where z_k reads z_i."""
        return self._triangle().text()

    def svg(self) -> str:
        """The entries of A as a picture, or its blocks where there are many entries."""
        return self._triangle().svg()

    def png(self) -> bytes:
        """The same picture as the bytes of a PNG file, without text."""
        return self._triangle().png()

    def _triangle(self) -> Triangle:
        pattern = {
            (place, self._places[k])
            for place, step in enumerate(self.steps)
            for k in self._readers(step)
        }
        return Triangle(self.names, pattern, self._starts.tolist(), lambda: self.A)


def _vector(step: Step) -> Any:
    try:
        return flat(step.value)
    except TypeError:
        message = f"z{step.index} holds more than real numbers"
        raise DifferentiationError(Diagnostic(message, step.span)) from None


def _labels(step: Step) -> Iterator[str]:
    name = f"z{step.index}"
    if isinstance(step.value, np.ndarray) and step.value.ndim:
        for place in np.ndindex(step.value.shape):
            yield f"{name}[{', '.join(map(str, place))}]"
    elif isinstance(step.value, (list, tuple)):
        yield from (f"{name}[{k}]" for k in range(len(flat(step.value))))
    else:
        yield name


def _is_elementwise(step: Step, parent: Step) -> bool:
    """Whether entry k of the step depends on entry k of the parent only."""
    rules = map(rule_of, step.equations)
    known = all(getattr(rule, "elementwise", False) for rule in rules)
    return known and _shape(step) is not None and _shape(parent) == _shape(step)


def _shape(step: Step) -> tuple[int, ...] | None:
    """The shape of a number or an array, None for lists and tuples."""
    return None if isinstance(step.value, (list, tuple)) else np.shape(step.value)


def _enclosed(text: str) -> str:
    """A right side as what is subtracted."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:  # such as `z3 with [0] = z4`
        return f"({text})"
    plain = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List)
    if isinstance(tree, ast.BinOp):
        is_sum = isinstance(tree.op, (ast.Add, ast.Sub, *_BITWISE))
        return f"({text})" if is_sum else text
    return text if isinstance(tree, plain) else f"({text})"


_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)


# -- solvers --------------------------------------------------------------------------


def _scipy(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"scipy.{module}")
    except ModuleNotFoundError:
        message = "solving the system needs SciPy: pip install scipy"
        raise ModuleNotFoundError(message) from None


def _back_substitution(A: Any, rhs: Any) -> Any:
    return _scipy("sparse.linalg").spsolve_triangular(A, rhs, lower=False)


def _sparse(A: Any, rhs: Any) -> Any:
    return np.atleast_1d(_scipy("sparse.linalg").spsolve(A.tocsc(), rhs))


def _dense(A: Any, rhs: Any) -> Any:
    return np.linalg.solve(A.toarray(), rhs)


def _least_squares(A: Any, rhs: Any) -> Any:
    solution, _, rank, _ = np.linalg.lstsq(A.toarray(), rhs)
    gap = float(np.max(np.abs(A @ solution - rhs)))
    scale = float(np.max(np.abs(A).dot(np.abs(solution)), initial=1.0))
    if rank < len(rhs) or not gap <= 1e-9 * scale:
        raise ArithmeticError(
            f"A has the rank {rank} of {len(rhs)}, the residual is {gap:.2g}: λ is not "
            "found in this precision"
        )
    return solution


_SOLVERS: dict[str, Callable[[Any, Any], Any]] = {
    "back-substitution": _back_substitution, "sparse": _sparse, "dense": _dense,
    "least-squares-check": _least_squares,
}  # fmt: skip
