"""Items of lists that change places: rows, objects, what several names may lead to."""

from __future__ import annotations

import numpy as np

from corpus.registry import case, draw


def exchange(rows, a, b):
    kept = rows[a]
    rows[a] = rows[b]
    rows[b] = kept


class Rows:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    def __getitem__(self, k):
        return self.rows[k]

    def __setitem__(self, k, row):
        self.rows[k] = row


@case(draw(3, 3))
@case(draw(3, 3)[::-1])
def rows_change_places_by_way_of_a_name(u):
    rows = [list(row) for row in u]
    for j in range(3):
        best = max(range(j, 3), key=lambda i: rows[i][j])
        exchange(rows, j, best)
        for i in range(j + 1, 3):
            rows[i][j] /= rows[j][j]
    return rows[0][0] * rows[1][0] + rows[2][1] * rows[2][2]


@case(draw(3, 3))
def rows_change_places_in_a_class(u):
    m = Rows(u)
    for j in range(3):
        best = j
        for i in range(j + 1, 3):
            if m[i][j] > m[best][j]:
                best = i
        m[j], m[best] = m[best], m[j]
        m[j][2] *= 3.0
    return m[0][0] * m[1][2] + m[2][1] * m[0][2]


@case(draw(3, 3))
def views_do_not_change_places_by_way_of_a_name(u):
    v = u.copy()
    kept = v[0]
    v[0] = v[2]
    v[2] = kept
    kept[1] *= 2.0
    return (v * u).sum() + v[2, 1]


@case(draw(3, 3), refused="two places of this list may hold one inner list")
def three_rows_of_which_two_may_be_one(u):
    rows = [list(row) for row in u]
    i, j, k = 0, int(np.argmax(u[0])), int(np.argmin(u[1]))
    rows[i], rows[j], rows[k] = rows[j], rows[k], rows[i]
    rows[0][0] *= 3.0
    return rows[0][0] * rows[1][0] + rows[2][1]


class Halves(Rows):
    def __setitem__(self, k, row):
        if k > 0:
            self.rows[k] = row


@case(draw(3, 3), refused="two places of this list may hold one inner list")
def one_of_two_rows_changes_its_place(u):
    m = Halves(u)
    j = int(np.argmax(u[0]))
    m[0], m[j] = m[j], m[0]
    m[0][0] *= 3.0
    return m[0][0] * m[1][0] + m[2][1]


class Eager(Rows):
    def __setitem__(self, k, row):
        self.rows[k] = row
        self.rows[k][0] = 2.0


@case(draw(3, 3), refused="two places of this list may hold one inner list")
def rows_are_changed_while_they_change_places(u):
    m = Eager(u)
    j = int(np.argmax(u[0]))
    m[0], m[j] = m[j], m[0]
    return m[0][0] * m[1][0] + m[2][1]


class Body:
    def __init__(self, mass, x):
        self.mass = mass
        self.x = x


@case(draw(5))
def objects_are_sorted_in_place(u):
    bodies = [Body(v, v * v) for v in u]
    bodies.sort(key=lambda b: -b.mass)
    for k, b in enumerate(bodies):
        b.x *= k + 1.0
    bodies.sort(key=lambda b: b.x, reverse=True)
    return sum(k * b.x for k, b in enumerate(bodies)) + bodies[0].mass


@case(draw(5))
def rows_are_sorted_by_a_key(u):
    rows = [[v, v * v] for v in u]
    rows.sort(key=lambda row: -row[0])
    return sum(k * row[1] for k, row in enumerate(rows)) * rows[0][0]
