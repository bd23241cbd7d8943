"""Writes with odd subscripts and right-hand sides, as NumPy means them."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw

V, W = draw(6), draw(6, seed=1)
A, B = draw(4, 5), draw(4, 5, seed=1)
T = draw(2, 3, 4)
ORDER = np.array([3, 0, 2, 3])


@case(V)
def negative_steps(u):
    u[::-2] = u[:3] ** 2
    u[4:1:-1] *= u[1:4]
    u[-2:0:-3] += u[0]
    return np.sum(u * u)


@case(A)
def negative_steps_of_two_axes(a):
    a[::-1, ::-2] = a[:, ::2] * 2.0
    a[-1:0:-1, 1] -= a[:3, 2] ** 2
    return np.sum(a * a)


@case(T)
def ellipsis_in_every_place(t):
    t[...] = t * t
    t[..., 0] = t[..., 1] * 2.0
    t[0, ...] += t[1, ...]
    t[1, ..., -1] *= 3.0
    t[..., 1, 2] = t[0, 0, 0] ** 2
    return np.sum(t)


@case(V, A)
def new_axes_on_the_right(u, a):
    a[:, :] = u[:4, np.newaxis]
    a[1:3] += u[None, :5] ** 2
    a[:, 1:2] *= u[2:, None]
    return np.sum(a * a)


@case(A)
def new_axes_on_the_left(a):
    a[:, None, 1] = a[:, :1] * 2.0
    a[np.newaxis, 2] += a[0] ** 2
    a[:, 3][:, None] *= a[:, 4:]
    return np.sum(a * a)


@case(T, V)
def right_sides_of_fewer_axes(t, u):
    t[:] = u[:4]
    t[1] = u[:3, None]
    t[:, 1] += u[2]
    t[:, :, 2] = t[0, :, 1]
    t[0, :2] -= t[1, 2]
    return np.sum(t * t)


@case(A, V)
def right_sides_with_axes_of_one(a, u):
    a[0:1] = u[None, :5]
    a[1] = u[:5][None, :]
    a[:, 2:3] = u[:1]
    return np.sum(a * a)


@case(V, W)
def masks_with_every_operator(u, v):
    m = u > 0.8
    u[m] += v[m]
    u[m] *= 2.0
    u[~m] -= v[~m] ** 2
    u[v > 1] /= v[v > 1]
    u[(u > 1) & (v < 1)] **= 2
    u[v < 0.7] = v[v < 0.7]
    return np.sum(u * u)


@case(A)
def masks_of_matrices(a):
    a[a > 1.2] = a[0, 0]
    a[a < 0.5] *= a[a < 0.5]
    rows = a[:, 0] > 0.9
    a[rows] += 1.0
    a[rows, 2] = a[rows, 1] ** 2
    a[:, a[0] > 1.0] *= 0.5
    return np.sum(a * a)


@case(V)
def mask_that_the_write_changes(u):
    for _ in range(3):
        u[u < 1.0] *= 1.7
        u[u > 2.0] -= u[u > 2.0] ** 2 * 0.1
    return np.sum(u * u)


@case(V, W)
def mask_from_another_array_in_loop(u, v):
    for i in range(4):
        low = v < 0.4 * i
        u[low] = u[low] * v[low] + v.sum()
    return np.sum(u)


@case(V)
def repeated_indices_keep_the_last(u):
    w = np.zeros(5)
    w[ORDER] = u[:4] ** 2
    w[[1, 1, 1]] = u[3:]
    return np.sum(w * w)


@case(V)
def repeated_indices_add_once(u):
    u[ORDER] += u[1:5] * 2.0
    u[[5, 5]] *= u[:2]
    return np.sum(u * u)


@case(V, W)
def repeated_indices_add_up(u, v):
    np.add.at(u, ORDER, v[:4] * v[1])
    np.subtract.at(u, [0, 0], v[4:])
    return np.sum(u * u)


@case(V)
def indices_computed_by_sorting(u):
    order = np.argsort(u)
    u[order] = u[order[::-1]] * np.arange(1.0, 7.0)
    u[np.argmax(u)] *= 2.0
    return np.sum(u * u)


@case(A)
def pairs_of_index_arrays(a):
    rows, columns = np.array([0, 1, 2]), np.array([4, 1, 1])
    a[rows, columns] = a[columns[:3] % 4, rows] ** 2
    a[rows, 0] *= a[0, columns]
    a[np.ix_([0, 2], [1, 3])] += 2.0 * a[np.ix_([1, 3], [1, 3])]
    return np.sum(a * a)


@case(A)
def rows_by_a_range_and_columns_by_a_mask(a):
    wanted = np.array([True, False, True, False, True])
    a[np.ix_(range(1, 3), wanted)] *= a[np.ix_(range(2), (0, 1, 3))]
    return np.sum(a * a)


@case(A)
def index_array_and_slice(a):
    a[[2, 0], 1:3] = a[1:3, :2] * 3.0
    a[1:, [4, 0]] -= a[:3, [0, 1]] ** 2
    return np.sum(a * a)


@case(A)
def rows_and_columns_swapped(a):
    a[[0, 2]] = a[[2, 0]]
    a[:, [1, 3]] = a[:, [3, 1]] * 2.0
    a[[0, 1, 3]] = a[[3, 0, 1]] * a[[1, 0, 0]]
    return np.sum(a[0] * a[1]) + np.sum(a[2] ** 2 * a[3])


@case(A)
def rows_swapped_through_a_copy(a):
    kept = a[1].copy()
    a[1] = a[2]
    a[2] = kept
    a[0], a[3] = a[3].copy(), a[0].copy() * 2.0
    return np.sum(a[1] * a[3]) + np.sum(a[2] * a[0])


@case(A)
def rows_swapped_without_a_copy(a):
    """Both are views: NumPy leaves one of the rows twice."""
    a[1], a[2] = a[2], a[1]
    return np.sum(a**2)


@case(V)
def parts_exchanged_without_a_copy(u):
    u[:3], u[3:] = u[3:], u[:3]
    return np.sum(u**3)


@case(V)
def overlapping_parts(u):
    u[1:] = u[:-1] * u[1:]
    u[:-2] = u[2:]
    u[2:] += u[:-2]
    u[::2] -= u[1::2] * u[::2]
    return np.sum(u * u)


@case(V)
def reversed_onto_itself(u):
    u[:] = u[::-1]
    u[:3] = u[2::-1]
    u += u[::-1]
    return np.sum(u * u * np.arange(6.0))


@case(A)
def transposed_onto_itself(a):
    s = a[:, :4]
    s[:] = s.T
    s += s.T * s
    return np.sum(a * a)


@case(V)
def empty_parts(u):
    u[3:3] = u[0]
    u[5:2] *= 2.0
    u[[]] = 1.0
    u[u > 100] = u[0]
    return np.sum(u * u)


@case(V, 1)
def bounds_from_arguments(u, k):
    u[k:-k] = u[: len(u) - 2 * k] * u[2 * k :]
    u[: k + 1] += u[-k - 1 :]
    u[k :: k + 1] *= u[k]
    return np.sum(u * u)


@case(V)
def bounds_that_move(u):
    for k in range(1, 4):
        u[k:] -= 0.3 * u[:-k] * u[k]
        u[:k] *= u[k : 2 * k]
    return np.sum(u * u)


@case(A, 0.6)
def empty_filled_later(a, c):
    out = np.empty((4, 3))
    out[:, 0] = a[:, 1]
    out[:, 1:] = a[:, 2:4] * c
    late = np.empty(4)
    for i in range(4):
        late[i] = out[i] @ out[i]
    return np.sum(late * late)


@case(A)
def row_by_row_and_by_tuple(a):
    for i, j in ((0, 1), (3, 2)):
        a[(i, j)] = a[j, i] ** 2
    place = (1, 2)
    a[place] *= a[place]
    a[1][3] = a[2][4] * 2.0
    a[2][:2] += a[3][1:3]
    return np.sum(a * a)


@case(V)
def slices_kept_in_variables(u):
    inner, left, right = slice(1, -1), slice(None, -2), slice(2, None)
    u[inner] += 0.2 * (u[left] * u[right])
    return np.sum(u * u)


@case(V, 2.0)
def numbers_rebind_and_arrays_do_not(u, x):
    y, w = x, u
    x += 1.0
    u += 1.0
    return y * x * np.sum(w * u)


@case(A)
def element_rebinds(a):
    x = a[1, 1]
    x += 1.0
    row = a[1]
    row += 1.0
    return x * a[1, 1] + np.sum(a * a)


@case(V)
def matrix_product_in_place(u):
    m = np.outer(u[:3], u[3:]) + np.eye(3)
    m @= m.T
    m -= m[0]
    return np.sum(m * m)


@case(A, draw(1, 5, seed=3), draw(1, seed=4))
def right_sides_with_more_axes(a, row, one):
    a[1] = row
    a[2, 1:] = row[:, 1:] * row[0, 0]
    a[0, :1] = one
    a[3] = a[None, None, 1] * 2.0
    v = np.empty(5)
    v[:] = row * one
    return np.sum(a * a) + np.sum(v * v)


@case(V)
def several_targets(u):
    u[0] = u[1] = w = u[2] * u[3]
    u[2] += w
    a = b = np.zeros(2)
    a[0] = u[0]
    b[1] = a[0] * u[2]
    return np.sum(a * b) + np.sum(u * u)


@case(V)
def order_of_evaluation(u):
    i = 0
    i, u[i] = 2, u[1] * u[2]
    u[i], i = u[0] * 2.0, 4
    u[i] += u[i - 1]
    return np.sum(u * u)


@case(V, W)
def where_and_three_forms_of_if(u, v):
    u[:] = np.where(u > v, u * v, u)
    u[1] = u[2] if u[0] > 1 else u[3] * u[1]
    np.maximum(u, v, out=u)
    return np.sum(u * u)


@case(draw(5, dtype=np.float32), rtol=1e-3, atol=1e-3, step=0.05)
def single_precision_in_place(u):
    w = np.zeros(5, dtype=np.float32)
    w[1:] = u[1:] * u[:-1]
    w *= 2
    return np.sum(w)


@case(V)
def whole_numbers_written_beside(u):
    count = np.zeros(6, dtype=int)
    for i in range(6):
        if u[i] > 0.8:
            count[i] = i
            count[:i] += 1
    return np.sum(u * count)


@case(draw(3))
def elements_behind_an_ellipsis(x):
    """`y[..., k]` is a view of one number, which later writes change."""
    y = np.zeros(3)
    first = y[..., 0]
    for k in range(3):
        y[..., k] += x[..., k] * k
        y[..., 0] *= x[1]
    first[...] += x[0]
    return y[0] ** 2 + y[1] * y[..., 2] + np.sin(first)


@case(draw(2, 2))
def ellipses_in_the_middle(m):
    return m[..., 1, 0] ** 2 + np.sum(m[0, ...]) * m[1, ..., 1]


# -- a variable that is called as what nobody reads -------------------------------------


@case(0.7, 3)
def underscore_is_read(x, n):
    _ = x - 1
    z = x * 2
    for _k in range(n):
        z = z + math.sin(x) * _
    return z * _


@case(draw(3), 3)
def underscore_of_a_tuple_is_read(v, n):
    _, b, c = v
    for k in range(n):
        b = b * _
    p, q, r = v * v
    return b * p


@case(0.4, 1.3, 2, argnums=(0, 1))
def underscore_is_a_parameter(_, x, n):
    for __ in range(n):
        x = x * _ + math.sin(_)
    first, second, third = (x * _, x, _)
    return first * second


_ = 1.7


@case(0.4, 3)
def underscore_is_a_constant(x, n):
    for k in range(n):
        x = x * x + _
    return x


class _Named:
    def __init__(self, x):
        self._ = x * x
        self.lambda_ = x
        self.np = x + 1
        self.reversed = math.sin(x)
        self.tape = x


@case(0.6, 3)
def attributes_with_names_of_other_things(x, n):
    named, settings = _Named(x), {}
    settings["class"] = x * named.np
    settings["range"] = x + 2
    for k in range(n):
        named.tape = named.tape * named._ + settings["range"]
        settings["class"] = settings["class"] + np.cos(named.tape) * named.reversed
    return settings["class"] * named.lambda_


_outer_sum = 2.5  # as a helper is called


@case(np.eye(3) * 0.5, draw(3), 3, argnums=(0, 1))
def constant_called_as_a_helper(w, h, n):
    for k in range(n):
        h = np.tanh(w @ h) * _outer_sum
    return h.sum()


@case(0.7, 3)
def array_without_axes_made_again(x, n):
    a = np.array(x)
    for k in range(n):
        a = np.array(a * 2 + np.sin(a))
    return a * 1.0


@case(0.7, 3)
def array_without_axes_from_a_number(x, n):
    a = np.array(0.0)
    for k in range(n):
        a = np.asarray(a + x * k)
    return float(a)


@case(1.3)
def array_without_axes_written_in_every_way(x):
    z = np.array(x)
    w = np.zeros(())
    w[()] = x
    w[()] *= x
    z[...] += x
    z *= w
    y = np.asarray(x)
    y[()] = z * x
    return float(z) * w + y.item() * y[()]


@case(1.3, 3)
def array_without_axes_written_in_a_loop(x, n):
    s = np.zeros(())
    for _ in range(n):
        s += x
        s[()] = s * x
    return s


@case(np.array([0.3, 0.2, 0.5, 1.0]), 1)
def element_of_what_is_called_t(u, n):
    t = np.full(3, u[2])
    for _ in range(len(u)):
        u = np.array([u[n], t[2]])
    return np.sum(u)
