"""Pieces and turned views that are written, kept subscripts, views that a branch chose."""

from __future__ import annotations

import numpy as np

from corpus.registry import case, draw

V = draw(8)
A = draw(4, 6)
S = draw(4, 4)
INNER = np.s_[1:-1, 1:-1]
ODD = slice(1, None, 2)


@case(V)
def halves_of_a_vector(u):
    a, b = np.split(u, 2)
    a *= b
    return np.sum(u**2) + np.sum(a)


@case(V)
def pieces_of_different_length(u):
    a, b, c = np.array_split(u, 3)
    b[:] = a[0] * c[0]
    return np.sum(u**2)


@case(A)
def pieces_at_given_columns(m):
    for k, piece in enumerate(np.split(m, [1, 3], axis=1)):
        piece *= k + 1.0
    return np.sum(m**3)


@case(A)
def left_and_right_half(m):
    left, right = np.hsplit(m, 2)
    left += right**2
    top, bottom = np.vsplit(m, 2)
    bottom[0] = top[1] * top[0]
    return np.sum(m**2)


@case(A)
def four_gates(m):
    i, f, o, g = np.split(np.tanh(m.T @ m), [1, 2, 4], axis=1)
    return np.sum(i * f) + np.sum(o) * np.sum(g**2)


@case(S)
def turned_by_a_quarter(s):
    q = np.rot90(s)
    q[0] *= q[1]
    np.rot90(s, 2)[1, :2] += q[3, :2]
    np.rot90(s, k=-1, axes=(1, 0))[2] *= 0.5
    return np.sum(s**3)


@case(A)
def mirrored(m):
    np.flipud(m)[1:] *= m[1:]
    np.fliplr(m)[0, 2:] = m[1, :4]
    np.rollaxis(m, 1)[2] += 1.0
    return np.sum(m**2)


@case(V, S)
def subscripts_kept_in_names(u, s):
    inner = slice(1, -1)
    u[inner] *= u[2:]
    corner = np.s_[:2, ::2]
    s[INNER] = s[corner] ** 2
    s[corner] += s[INNER]
    u[ODD] -= u[np.s_[::2]]
    return np.sum(u**2) + np.sum(s**3)


@case(A)
def subscripts_made_for_an_axis(m):
    def but_last(axis):
        cut = [slice(None)] * m.ndim
        cut[axis] = slice(None, -1)
        return tuple(cut)

    before = (slice(None),)
    m[(*before, 0)] *= m[*before, 1]
    return np.sum(m[but_last(0)] ** 2) + np.sum(m[but_last(1)] ** 3)


@case(A)
def sorted_along_axes(m):
    m.sort(axis=0)
    rows = np.sort(m, axis=1)
    flat = np.sort(m, axis=None)
    return np.sum(m[1] ** 2 * rows[2]) + np.sum(flat * np.arange(24))


@case(V, A)
def partly_sorted(u, m):
    u.partition(3)
    return np.sum(u[:3] ** 2) + np.sum(np.partition(m, 2, axis=1)[:, :2] ** 2)


@case(V)
def put_with_modes(u):
    np.put(u, [0, 9], [u[1] ** 2, u[2]], mode="wrap")
    np.put(u, [2, 99], [u[3] ** 2, 0.5 * u[2]], mode="clip")
    return np.sum(u**2)


@case(A)
def put_along_an_axis(m):
    peaks = np.argmax(m, axis=1)[:, None]
    np.put_along_axis(m, peaks, 0.5 * m[:, :1], axis=1)
    order = np.argsort(m, axis=0)
    return np.sum(np.take_along_axis(m, order, axis=0)[1] ** 2)


@case(S)
def places_of_triangles(s):
    s[np.diag_indices(4)] *= 2
    s[np.triu_indices(4, 1)] = 0.5 * s[0, 0]
    i, j = np.tril_indices_from(s, -1)
    s[i, j] = s[j, i] ** 2
    np.fill_diagonal(s, s[0] ** 2)
    return np.sum(s**3)


@case(A)
def places_that_a_condition_gives(m):
    large = np.where(m > 1)
    m[large] = m[large] ** 3
    m[np.nonzero(m < 0.5)] -= 1
    for k in np.flatnonzero(m[0] > 1):
        m[1, k] *= m[0, k]
    return np.sum(m**2)


@case(A)
def places_in_turn(m):
    for place in np.ndindex(2, 3):
        m[place] = m[place] ** 2
    for (i, j), value in np.ndenumerate(m):
        m[i, j] = 0.5 * value * (i + 1) + j
    return np.sum(m**2)


@case(V)
def numbers_without_axes(u):
    first = u[..., 0]
    u[..., 0] = u[1] ** 2
    first += u[2]
    return np.sum(u**2) * first


@case(V, A)
def parts_of_what_is_real(u, m):
    np.real(u)[1:] = u[:-1] ** 2
    u.real += 1.0
    m.flat = m.ravel()[::-1] ** 2
    m.T.flat[2:9] = m[0, 0]
    return np.sum(u**2) + np.sum(m**2 * np.arange(6))


@case(V, 1)
@case(V, 0)
def view_that_a_branch_chose(u, k):
    rows = u.reshape(2, 4)
    row = rows[0] if u[k] > 1.0 else rows[1]
    if u[2] > 0.1:
        row = rows[k]
    row *= u[5]
    return np.sum(u**2)


@case(V)
def views_that_a_branch_chose_and_others(u):
    rows = u.reshape(2, 4)
    high, low = (rows[0], rows[1]) if u[0] > 0.7 else (rows[1], rows[0])
    high[1] *= low[2]
    low[0] += high[1]
    start = u[2:]
    if u[0] > 3:
        start = u[4:]
    start *= 2
    return np.sum(u**2)


def checked(u, k):
    if len(u) % 2:
        raise ValueError("an even number of cells")
    half = len(u) // 2
    return u.reshape(2, half)[:, k:]


@case(V, 1)
def view_that_a_checking_function_gave(u, k):
    part = checked(u, k)
    part[0] *= part[1]
    return np.sum(u**2)


@case(A)
def joined_by_brackets(m):
    s = np.r_[m[0, 4:0:-1], m[1], m[2, -2:-5:-1], 0.5]
    pairs = np.c_[m[0], m[1] * m[2]]
    s[2:5] *= pairs[0, 1]
    return np.sum(s**2) + np.sum(pairs**3)


@case(A)
def picked_by_ranges(m):
    scores = m.T @ m
    correct = scores[range(6), range(6)]
    scores[range(6), np.argmax(scores, axis=1)] = 0.0
    return np.sum(scores * correct)


WEIGHTS = draw(3)


def weighted(row, w=WEIGHTS, options={"power": 2.0}):  # noqa: B006
    return np.sum(row * w) ** options["power"]


@case(draw(2, 3))
def defaults_of_a_function_that_numpy_calls(m):
    return np.sum(np.apply_along_axis(weighted, 1, m))


@case(0.3, 0.4)
def rotation_with_rows_of_integers(q, r):
    T = np.array([[q, -r, 0], [r, q, 0], [0, 0, 1]])
    return (T @ T).sum() * T[0, 1]


@case(0.3, np.array([1.0, 2.0, 3.0]))
def rows_of_several_dtypes(q, u):
    a = np.stack([u * q, np.arange(3)])
    b = np.concatenate([[0], u, [1, q]])
    c = np.vstack([u, [1, 2, 3], np.array([True, False, True])])
    return (a**2).sum() + (b**2 * np.arange(6)).sum() + (c**2).sum()


@case(0.3)
def arrays_of_lists_with_integers(q):
    total = np.linalg.det([[q, 1], [2, 3]]) + np.sum([[1, 2], [3, q]])
    return total + np.array([(1, 2), (q, 3)]).mean() + np.dot([1, 2], [q, 3.0])


@case(np.array([1.0, 2.0], np.float32), rtol=1e-3, atol=1e-3)
def rows_of_single_and_integers(x):
    return np.array([[x[0], 1], [2, x[1]]]).sum() * x[0]


@case(np.linspace(-0.7, 0.9, 24).reshape(2, 12))
def gates_that_share_an_array(a):
    size = a.shape[1] // 4
    keep, write = a[:, :size], a[:, size : 2 * size]
    show, new = a[:, 2 * size : 3 * size], a[:, 3 * size :]
    return np.sum(np.tanh(keep * write) * show * np.exp(new))


@case(np.linspace(-0.7, 0.9, 13))
def layers_in_one_vector(p):
    n, m = 3, 2
    w = p[: n * m].reshape(n, m)
    b, last = p[n * m : n * m + n], p[n * m + n :]
    return np.sum(np.tanh(w @ last[:m] + b)) + last[-1] * last[0]


@case(np.linspace(0.3, 0.9, 6), -1)
@case(np.linspace(0.3, 0.9, 6), 2)
def an_element_and_what_follows(u, k):
    return u[k] ** 2 * np.sum(u[k + 1 :] * u[k + 1 :]) + u[k + 1]
