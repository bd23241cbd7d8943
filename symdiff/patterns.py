"""Patterns of sparse matrices that are known by products with vectors, and colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Pattern", "coloured", "fullest", "probed"]

Vector = Any  # an array with one axis
_DENSE = 64  # columns that are looked at one by one
_FIRST = 8  # groups of columns in the first round
_EXACT = 1e-11  # how close products come that are equal but for rounding


@dataclass(frozen=True)
class Pattern:
    """Where a matrix may have entries: row by row, from left to right."""

    rows: Vector
    columns: Vector
    shape: tuple[int, int]

    @classmethod
    def at(cls, rows: Vector, columns: Vector, shape: tuple[int, int]) -> Pattern:
        """The pattern of entries at these places, in any order."""
        places = np.sort(np.asarray(rows, np.int64) * shape[1] + columns)
        places = places[np.diff(places, prepend=-1) > 0]
        count = max(shape[1], 1)
        return cls(places // count, places % count, shape)

    @classmethod
    def of(cls, matrix: Any) -> Pattern:
        """That of a matrix, sparse or not: its entries that are not zero."""
        if not hasattr(matrix, "nonzero"):
            matrix = np.asarray(matrix)
        rows, columns = matrix.nonzero()
        return cls.at(rows, columns, matrix.shape)

    def joined(self, other: Pattern) -> Pattern:
        rows = np.concatenate((self.rows, other.rows))
        columns = np.concatenate((self.columns, other.columns))
        return Pattern.at(rows, columns, self.shape)

    def transposed(self) -> Pattern:
        return Pattern.at(self.columns, self.rows, self.shape[::-1])

    def matrix(self, values: Vector | None = None) -> csr_array:
        """The matrix with these values; ones if there are none.

        Raises `ImportError` without SciPy.
        """
        from scipy.sparse import csr_array

        if values is None:
            values = np.ones(len(self.rows))
        starts = np.searchsorted(self.rows, np.arange(self.shape[0] + 1))
        return csr_array((values, self.columns, starts), self.shape)


def fullest(pattern: Pattern) -> int:
    """The most entries of a row: so many colours the columns have at least."""
    return int(np.bincount(pattern.rows).max(initial=0))


def coloured(pattern: Pattern) -> Vector:
    """A colour for each column, such that no row has entries in two of one colour.

    Greedy, those with most entries first (Welsh & Powell 1967).
    """
    by_column = pattern.transposed()
    count = pattern.shape[1]
    starts = np.searchsorted(by_column.rows, np.arange(count + 1)).tolist()
    rows = by_column.columns.tolist()
    taken = [0] * pattern.shape[0]  # for each row the colours in it, as bits
    found = np.zeros(count, np.int64)
    for column in np.argsort(-np.diff(starts), kind="stable").tolist():
        own = rows[starts[column] : starts[column + 1]]
        barred = 0
        for row in own:
            barred |= taken[row]
        free = ~barred & (barred + 1)
        for row in own:
            taken[row] |= free
        found[column] = free.bit_length() - 1
    return found


def probed(
    times: Callable[[Vector], Vector], shape: tuple[int, int], random: np.random.Generator
) -> Pattern:
    """The pattern of a matrix that is known by its products with vectors.

    Columns are put into groups. A row with one entry in a group tells by three products
    which column it is: with weights, with weights times codes, and with weights times
    other codes, as a check. Rounds with other and more groups go on until the entries
    found make up every row, but for entries 1e-11 times as large as the rest of the row.
    """
    count = shape[1]
    columns = np.arange(count)
    weights = random.uniform(1.0, 2.0, count) * random.choice((-1.0, 1.0), count)
    total = times(weights)
    if count <= _DENSE or total.dtype != np.float64 or not np.all(np.isfinite(total)):
        return _one_by_one(times, shape)
    code = _Code(times, weights, 1.0 + columns / count, random.uniform(1.0, 2.0, count))
    places, terms = np.zeros(0, np.int64), np.zeros(0)
    groups, order = _FIRST, columns
    spent = 1 + 3 * groups
    while spent < count:
        found = [code.singles(order % groups == group) for group in range(groups)]
        rows, own, shares = map(np.concatenate, zip(*found, strict=True))
        places, first = np.unique(
            np.concatenate((places, rows * count + own)), return_index=True
        )
        terms = np.concatenate((terms, shares))[first]
        rows = places // count
        size = np.bincount(rows, abs(terms), shape[0])
        left = total - np.bincount(rows, terms, shape[0])
        if np.all(abs(left) <= _EXACT * size):
            return Pattern(rows, places % count, shape)
        groups, order = 2 * groups, random.permutation(count)
        spent += 3 * groups
    return _one_by_one(times, shape)


@dataclass(frozen=True)
class _Code:
    """What tells columns of a matrix apart by products."""

    times: Callable[[Vector], Vector]
    weights: Vector
    codes: Vector
    checks: Vector

    def singles(self, group: Vector) -> tuple[Vector, Vector, Vector]:
        """The rows with one entry in the group of columns, where it is, and it times the
        weight of the column."""
        chosen = self.weights * group
        shares = self.times(chosen)
        (rows,) = shares.nonzero()
        if not len(rows):
            return rows, rows, shares[rows]
        shares = shares[rows]
        code = self.times(chosen * self.codes)[rows] / shares
        check = self.times(chosen * self.checks)[rows] / shares
        count = len(self.codes)
        own = np.clip(np.rint((code - 1.0) * count), 0, count - 1).astype(np.int64)
        single = abs(code - self.codes[own]) <= _EXACT
        single &= (abs(check - self.checks[own]) <= _EXACT) & group[own]
        return rows[single], own[single], shares[single]


def _one_by_one(times: Callable[[Vector], Vector], shape: tuple[int, int]) -> Pattern:
    """From a product for each column."""
    rows, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for column in range(shape[1]):
        (found,) = times(np.eye(1, shape[1], column)[0]).nonzero()
        rows.append(found)
        columns.append(np.full(len(found), column))
    return Pattern.at(np.concatenate(rows), np.concatenate(columns), shape)
