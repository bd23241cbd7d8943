"""Sparse Jacobians: the pattern by probing, columns that share no row at once.

A product with a vector costs one forward sweep, whatever the vector. So columns with no
row in common are computed together, as those of one colour (Curtis, Powell & Reid 1974;
Gebremedhin, Manne & Pothen 2005); or rows with no column in common, in reverse mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from symdiff.api.applied import Applied, opened
from symdiff.api.argnums import Argnums, Goal, describe, refusal, resolve_argnums
from symdiff.api.reverse import Pull
from symdiff.api.trees import flat
from symdiff.derivation import Derivation, note_derivation
from symdiff.frontend.reading.calling import takes_any_number
from symdiff.frontend.reading.source import named, unbound
from symdiff.patterns import Pattern, coloured, fullest, probed
from symdiff.signature import is_array

if TYPE_CHECKING:
    import types

    from scipy.sparse import csr_array

__all__ = ["SparseJacobian"]

_TOLERANCE = 1e-8  # of a product with a random vector, by its largest terms


class SparseJacobian:
    """The Jacobian of an array by an array, as `scipy.sparse.csr_array`: one row for each
    entry of the result, one column for each of the argument.

    `pattern` holds, after the first call, where entries may be, and `products` how many
    products with vectors a call takes. Each call is checked by a product with a random
    vector: where the pattern turns out to be too small it is found anew.
    """

    pattern: csr_array | None
    products: int | None

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: Argnums,
        has_aux: bool,
        pattern: Any = None,
    ) -> None:
        primal, bound = unbound(function)
        if not takes_any_number(primal):
            resolve_argnums(primal, argnums, len(bound))
        if isinstance(argnums, (tuple, list)):
            raise refusal(
                primal,
                "a sparse Jacobian is that by one array",
                "give one position or name as argnums",
            )
        self._function, self._argnums, self._has_aux = function, argnums, has_aux
        self._given = pattern
        self._pattern: Pattern | None = None
        self._random = np.random.default_rng(0)
        self.pattern = self.products = None
        self.__name__ = self.__qualname__ = f"{named(primal.__name__)}_jacobian"
        self.__doc__ = f"Sparse Jacobian of {primal.__name__}."
        self.__module__ = primal.__module__
        self.__wrapped__ = function
        note_derivation(self, Derivation(function, "sparse", argnums, has_aux))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        called, first = opened(self._function, len(args), tuple(kwargs))
        by = resolve_argnums(called, self._argnums, len(first))
        at = _Point(called, by, self._has_aux, (*first, *args), kwargs)
        pattern = self._pattern
        if pattern is None or pattern.shape != at.shape:
            pattern = self._found(at)
        matrix = self._compressed(at, pattern)
        if not self._holds(at, matrix):
            pattern = pattern.joined(probed(at.times, at.shape, self._random))
            matrix = self._compressed(at, self._noted(pattern))
        return (matrix, at.aux) if self._has_aux else matrix

    def _found(self, at: _Point) -> Pattern:
        if self._given is None:
            return self._noted(probed(at.times, at.shape, self._random))
        given = Pattern.of(self._given)
        if given.shape != at.shape:
            raise refusal(
                at.function,
                f"the pattern has shape {given.shape}, the Jacobian {at.shape}",
                "rows are for entries of the result, columns for those of the argument",
            )
        return self._noted(given)

    def _noted(self, pattern: Pattern) -> Pattern:
        """Choose the colours for a pattern, and whether of columns or rows."""
        turned = pattern.transposed()
        self._colours, self._by_rows = coloured(pattern), False
        self.products = _count(self._colours)
        if fullest(turned) < self.products:  # rows may take fewer
            colours = coloured(turned)
            if _count(colours) < self.products:
                self._colours, self._by_rows = colours, True
                self.products = _count(colours)
        self._pattern, self.pattern = pattern, pattern.matrix()
        return pattern

    def _compressed(self, at: _Point, pattern: Pattern) -> csr_array:
        rows, columns = pattern.rows, pattern.columns
        colours = self._colours[rows if self._by_rows else columns]
        values = np.zeros(len(rows), at.dtype)
        multiply = at.times_transposed if self._by_rows else at.times
        for colour in range(self.products or 0):
            found = multiply((self._colours == colour).astype(at.dtype))
            chosen = colours == colour
            values[chosen] = found[(columns if self._by_rows else rows)[chosen]]
        return pattern.matrix(values)

    def _holds(self, at: _Point, matrix: csr_array) -> bool:
        """Whether the matrix times a random vector is the derivative along it."""
        along = self._random.uniform(1.0, 2.0, at.shape[1]).astype(at.dtype)
        along *= self._random.choice((-1.0, 1.0), at.shape[1]).astype(at.dtype)
        want, have = at.times(along), matrix @ along
        size = abs(matrix) @ abs(along) + abs(want)
        tolerance = max(_TOLERANCE, 32.0 * float(np.finfo(at.dtype).eps))
        close = abs(want - have) <= tolerance * size
        return bool(np.all(close | ~np.isfinite(want) & ~np.isfinite(have)))


def _count(colours: Any) -> int:
    return int(colours.max(initial=-1)) + 1


class _Point:
    """A function at some arguments, and products with its Jacobian there."""

    def __init__(
        self,
        function: types.FunctionType,
        by: tuple[int, ...],
        has_aux: bool,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self.function = function
        self._call = by, has_aux, args, kwargs
        self._push = Applied(function, Goal("jvp", by, False, has_aux), args, kwargs)
        (self._primal,) = self._push.primals.values()
        self._pull: Pull | None = None
        if not is_array(self._primal) or self._primal.dtype.kind != "f":
            raise self._refused("argument", self._primal)
        result = self._push(np.zeros_like(self._primal))
        self.aux = result[2] if has_aux else None
        found = flat(result[0])
        if len(found) != 1 or not is_array(found[0]) or found[0].dtype.kind != "f":
            raise self._refused("result", result[0])
        self._result = found[0]
        self.shape = self._result.size, self._primal.size
        self.dtype = np.result_type(self._result, self._primal)

    def _refused(self, what: str, value: Any) -> Exception:
        return refusal(
            self.function,
            f"the {what} of {describe(self.function)} is no array of floats "
            f"but {type(value).__name__}",
            "leave out sparse=",
        )

    def times(self, vector: Any) -> Any:
        """The Jacobian times a vector."""
        dot = vector.astype(self._primal.dtype).reshape(self._primal.shape)
        return flat(self._push(dot)[1])[0].ravel()

    def times_transposed(self, vector: Any) -> Any:
        """The transposed Jacobian times a vector."""
        if self._pull is None:
            by, has_aux, args, kwargs = self._call
            goal = Goal("vjp", by, False, has_aux)
            self._pull = Pull(self.function, goal, args, kwargs)
        bar = vector.astype(self._result.dtype).reshape(self._result.shape)
        return self._pull(bar)[0].ravel()
