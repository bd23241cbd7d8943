"""Arrays written in place: elements, slices, loops, buffers, views, helpers."""

from __future__ import annotations

import math

import numpy as np
from corpus.registry import case, draw

V, W = draw(6), draw(6, seed=1)
A, B = draw(4, 5), draw(4, 5, seed=1)


@case(V)
def write_element(u):
    u[2] = u[1] * u[2] * 3
    return np.sum(u * u)


@case(V, 0.7)
def write_scalar_into_slice(u, c):
    u[1:3] = c * c
    return np.sum(u * u)


@case(V)
def write_slice(u):
    u[1:-1] = u[2:] * u[:-2]
    return np.sum(u * u)


@case(V)
def add_to_slice(u):
    u[2:] += u[:-2] ** 2
    return np.sum(u * u)


@case(V)
def shift_onto_itself(u):
    u[1:] = u[:-1]
    u[:-1] += u[1:]
    return np.sum(u**2 * np.arange(6))


@case(V)
def augmented_elements(u):
    u[0] += u[1]
    u[1] -= u[0] * 2
    u[2] *= u[1]
    u[3] /= u[2]
    u[4] **= 2
    u[-1] *= u[-1]
    return np.sum(u * u)


@case(V, W)
def augmented_slices(u, v):
    u[1:4] *= v[:3]
    u[::2] -= v[1::2]
    u[3:] /= v[3:]
    u[:2] **= 2
    return np.sum(u * u)


@case(V, W)
def augmented_whole(u, v):
    u += v
    u *= v
    u -= 0.5
    u /= v
    u **= 2
    return np.sum(u)


@case(V, W)
def write_whole(u, v):
    w = np.empty_like(u)
    w[:] = u * v
    w[...] = w * u
    return np.sum(w)


@case(V)
def fill_in_loop(u):
    w = np.zeros(6)
    for i in range(6):
        w[i] = u[i] ** 2 + i
    return np.sum(w * u)


@case(V)
def fill_from_previous(u):
    w = np.empty(6)
    w[0] = u[0]
    for i in range(1, 6):
        w[i] = w[i - 1] * u[i] + math.sin(w[i - 1])
    return w[-1] * w[2]


@case(V)
def read_before_and_after(u):
    before = u[1]
    u[1] = u[0] * u[2]
    after = u[1]
    return before * after + u.sum()


@case(V)
def overwritten_value_needed(u):
    s = 0.0
    for i in range(4):
        s = s + u[2] * u[2]
        u[2] = u[2] * u[i] * 0.5
    return s


@case(0.7, 1.3)
def table_of_powers(x, y):
    p = np.ones(5)
    for k in range(1, 5):
        p[k] = p[k - 1] * x
    return np.sum(p * y) + p[3]


@case(A)
def write_matrix_elements(a):
    for i in range(1, 4):
        for j in range(1, 5):
            a[i, j] = a[i - 1, j] * a[i, j - 1] + a[i, j]
    return a[3, 4] * a[1, 1]


@case(A)
def write_rows_and_columns(a):
    a[0] = a[1] * a[2]
    a[:, 1] = a[:, 2] ** 2
    a[1:, 2:] *= a[:-1, :-2]
    a[-1, ::2] += 1.5
    return np.sum(a * a)


@case(A, draw(5, seed=4))
def write_broadcast(a, r):
    a[1:3] = r
    a[:, 0] = r[1]
    a[3] += r * r
    return np.sum(a * a)


@case(V, 4)
def burgers(u, n):
    for _ in range(n):
        u[1:-1] = (
            u[1:-1]
            - 0.1 * u[1:-1] * (u[2:] - u[:-2])
            + 0.05 * (u[2:] - 2 * u[1:-1] + u[:-2])
        )
    return np.sum(u * u)


@case(V, 4)
def upwind_augmented(u, n):
    for _ in range(n):
        u[1:] -= 0.1 * u[1:] * (u[1:] - u[:-1])
        u[0] = u[-1]
    return np.sum(u * u)


@case(V, 4)
def double_buffer(u, n):
    new = np.empty_like(u)
    for _ in range(n):
        new[0] = u[0]
        new[-1] = u[-1]
        new[1:-1] = u[1:-1] * (u[2:] + u[:-2])
        u, new = new, u
    return np.sum(u * u)


@case(V, 3)
def double_buffer_copied(u, n):
    for _ in range(n):
        old = u.copy()
        u[1:] = old[:-1] * old[1:]
    return np.sum(u)


@case(V, 3)
def triple_buffer(u, n):
    a, b, c = u, u * 2, np.zeros_like(u)
    for _ in range(n):
        c[:] = 0.5 * a + b * a
        a, b, c = b, c, a
    return np.sum(a * b)


@case(V, 4)
def leapfrog(u, n):
    old, now = u.copy(), u * 1.1
    new = np.zeros_like(u)
    for k in range(n):
        new[1:-1] = 2 * now[1:-1] - old[1:-1] + 0.1 * now[2:] * now[:-2]
        old, now, new = now, new, old
    return np.sum(now**2)


@case(V)
def write_through_view(u):
    inner = u[1:-1]
    inner[:] = inner * u[2:]
    inner[0] = 3 * u[0]
    return np.sum(u * u)


@case(A)
def write_through_row(a):
    row = a[1]
    row[2] = row[0] * a[0, 0]
    row += a[2]
    return np.sum(a * a)


@case(A)
def write_through_transpose(a):
    b = a.T
    b[0, 1] = a[0, 0] * b[2, 2]
    b[1] *= 2
    return np.sum(a * a)


@case(A)
def write_through_reshape(a):
    flat = a.reshape(-1)
    flat[3] = flat[4] * a[0, 0]
    flat[5:8] += a[0, :3]
    return np.sum(a * a)


@case(A)
def view_sees_later_write(a):
    row = a[1]
    a[1, 2] = a[0, 0] * 5
    return np.sum(row * row)


@case(A)
def view_of_view(a):
    block = a[1:3, 1:4]
    corner = block[1, 1:]
    corner[0] = block[0, 0] ** 2
    block[:, 2] = corner[0]
    return np.sum(a * a)


@case(V)
def alias_sees_write(u):
    w = u
    w[0] = u[1] * 3
    w += 1
    return np.sum(u * u)


@case(V)
def copy_does_not_see_write(u):
    w = u.copy()
    w[0] = u[1] * 3
    u[1] = 2.0
    return np.sum(u * u) + np.sum(w * w)


@case(V)
def rebinding_is_no_write(u):
    w = u
    u = u + 1
    w[0] = u[2]
    return np.sum(u * w)


@case(A)
def loop_over_row_views(a):
    for row in a:
        row[1:] *= row[:-1]
    return np.sum(a * a)


@case(A)
def loop_row_by_index(a):
    for i in range(1, 4):
        row = a[i]
        row += a[i - 1] * 0.5
        row[0] = row[1] * row[2]
    return np.sum(a * a)


def scale_in_place(u, c):
    u *= c


def diffuse(u, k):
    u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])


def set_ends(u, left, right=0.0):
    u[0] = left
    u[-1] = right
    return u


def fill_squares(out, u):
    for i in range(len(u)):
        out[i] = u[i] * u[i]


@case(V, 0.7)
def helper_mutates(u, c):
    scale_in_place(u, c)
    return np.sum(u * u)


@case(V, 0.2, 3)
def helper_mutates_in_loop(u, k, n):
    for _ in range(n):
        diffuse(u, k)
    return np.sum(u * u)


@case(V, 0.7)
def helper_mutates_and_returns(u, c):
    w = set_ends(u, c * c)
    w[1] = u[0] * 2
    return np.sum(u * w)


@case(V)
def helper_fills_output(u):
    out = np.zeros_like(u)
    fill_squares(out, u)
    return np.sum(out * u)


@case(V)
def helper_mutates_slice(u):
    scale_in_place(u[1:4], u[0])
    return np.sum(u * u)


@case(A)
def helper_mutates_rows(a):
    for i in range(4):
        diffuse(a[i], 0.1)
        scale_in_place(a[:, i], 1.0 + a[i, i])
    return np.sum(a * a)


@case(V)
def closure_writes(u):
    w = np.zeros(6)

    def put(i, value):
        w[i] = value * u[i]

    for i in range(6):
        put(i, u[i - 1])
    return np.sum(w * w)


@case(V)
@case(V + 2.0)
def write_in_branch(u):
    if u[0] > 1:
        u[1] = u[0] * u[2]
    else:
        u[2:] *= u[0]
    return np.sum(u * u)


@case(V)
def write_in_branch_in_loop(u):
    for i in range(1, 6):
        if u[i] > u[i - 1]:
            u[i] = u[i] * u[i - 1]
        elif i % 2:
            u[i] += 0.5 * u[i - 1] ** 2
    return np.sum(u * u)


@case(V)
def write_and_break(u):
    for i in range(1, 6):
        u[i] = u[i] + u[i - 1]
        if u[i] > 3:
            break
        u[i - 1] *= u[i]
    return np.sum(u * u)


@case(V)
def write_and_continue(u):
    for i in range(6):
        if i % 2 == 0:
            continue
        u[i] *= u[i - 1]
    return np.sum(u * u)


@case(V)
def write_and_return_early(u):
    for i in range(1, 6):
        u[i] *= 1 + u[i - 1]
        if u[i] > 3:
            return u[i] * u[0]
    return np.sum(u)


@case(V)
def write_in_while(u):
    k = 0
    while u[0] < 20 and k < 10:
        u[0] = u[0] * 1.5 + u[k % 6]
        k += 1
    return u[0] * u[1]


@case(V)
def index_from_loop_state(u):
    k = 0
    for i in range(6):
        u[k] = u[k] * u[i]
        k = (k + 2) % 5
    return np.sum(u * u)


@case(V)
def accumulate_histogram(u):
    bins = np.zeros(3)
    for i in range(6):
        bins[i % 3] += u[i] ** 2
    return np.sum(bins**2)


@case(V)
def cumulative_in_place(u):
    for i in range(1, len(u)):
        u[i] += u[i - 1]
    return np.sum(u**2)


@case(V)
def reversed_write(u):
    for i in reversed(range(5)):
        u[i] += u[i + 1] * u[i]
    return np.sum(u)


@case(V)
def reverse_view_write(u):
    u[:] = u[::-1] * u
    u[::-1] += np.arange(6)
    return np.sum(u * u)


@case(V)
def swap_elements(u):
    u[0], u[1] = u[1], u[0] * u[1]
    return u[0] * 2 + u[1]


@case(V)
def fancy_write(u):
    u[[0, 2]] = u[[1, 3]] * 2
    u[np.array([4, 5])] *= u[0]
    return np.sum(u * u)


@case(V)
def mask_write(u):
    u[u > 1] = 0.5
    u[u < 0.5] *= 2
    return np.sum(u * u)


@case(V, 0.7)
def fill_method(u, c):
    w = np.empty(4)
    w.fill(c)
    return np.sum(w * w) + u.sum()


@case(V)
def zeros_like_accumulate(u):
    acc = np.zeros_like(u)
    for k in range(3):
        acc += u**k
    acc[1:] -= acc[:-1].copy()
    return np.sum(acc * u)


@case(draw(4, 4) + 3 * np.eye(4), draw(4, seed=3))
def gaussian_elimination(m, b):
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            factor = m[i, k] / m[k, k]
            m[i, k:] -= factor * m[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - m[i, i + 1 :] @ x[i + 1 :]) / m[i, i]
    return np.sum(x * x)


@case(draw(4, 4) + 5 * np.eye(4))
def cholesky_by_hand(a):
    n = a.shape[0]
    low = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= low[i, k] * low[j, k]
            if i == j:
                low[i, j] = np.sqrt(s)
            else:
                low[i, j] = s / low[j, j]
    return np.sum(np.log(np.diag(low)))


@case(A, 3)
def jacobi_sweeps(a, n):
    new = a.copy()
    for _ in range(n):
        new[1:-1, 1:-1] = 0.25 * (a[2:, 1:-1] + a[:-2, 1:-1] + a[1:-1, 2:] * a[1:-1, :-2])
        a, new = new, a
    return np.sum(a * a)


@case(A, 2)
def gauss_seidel(a, n):
    for _ in range(n):
        for i in range(1, 3):
            for j in range(1, 4):
                a[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] * a[i, j + 1])
    return np.sum(a * a)


@case(draw(3, seed=1), draw(3, seed=2), 0.1, 4)
def symplectic_euler(q, p, h, n):
    for _ in range(n):
        p -= h * np.sin(q) * q
        q += h * p
    return q @ q + p @ p


@case(V, 3)
def history(u, n):
    steps = np.zeros((n + 1, 6))
    steps[0] = u
    for k in range(n):
        steps[k + 1] = steps[k] * np.cos(steps[k]) + 0.1 * steps[0]
    return np.sum(steps[-1] ** 2) + np.sum(steps[:, 2])


@case(draw(7, seed=9))
def unpack_parameters(p):
    w = p[:6].reshape(2, 3)
    b = p[6]
    return np.sum(np.tanh(w @ np.array([1.0, -1.0, 0.5]) + b))


@case(0.7)
def buffer_reused(x):
    w = np.zeros(3)
    total = 0.0
    for i in range(4):
        w[0] = x * i
        w[1] = w[0] * w[2]
        w[2] = math.sin(w[1] + x)
        total += np.sum(w * w)
    return total


@case(V)
def same_array_twice(u):
    def combine(a, b):
        a[0] = b[1] * 2
        b[2] = a[0] * a[1]
        return np.sum(a * b)

    return combine(u, u)


@case(V)
def argument_kept_by_copy(u):
    w = np.array(u)
    w[2] = w[3] * 2
    return np.sum(w * u)


@case(V)
def asarray_is_alias(u):
    w = np.asarray(u)
    w[2] = w[3] * 2
    return np.sum(w * u)


@case(V)
def integer_counter_array(u):
    count = np.zeros(3, dtype=int)
    total = 0.0
    for i in range(6):
        count[i % 3] += 1
        total += u[i] * count[i % 3]
    return total


@case(V)
def buffers_in_tuple(u):
    state = (u, u * 2)
    state[0][1] = state[1][2] * 3
    a, b = state
    b[0] = a[1] * u[1]
    return np.sum(a * b)


@case(V)
def buffers_in_list(u):
    levels = [u, u * 2, np.zeros(6)]
    levels[2][:] = levels[0] * levels[1]
    levels[0][0] = levels[2][3]
    return np.sum(levels[0] * levels[2])


@case(draw(4))
def diagonal_matrix_that_is_filled(q):
    L = np.diag(np.exp(q))
    for j in range(len(q)):
        for i in range(j + 1, len(q)):
            L[i, j] = q[i] * L[j, j]
    return np.sum(L @ L)


@case(draw(4, 4))
def diagonal_of_a_matrix_of_which_it_is_a_view(a):
    a = a.copy()
    d = np.diag(a)
    a[1, 1] = a[0, 0] ** 2
    return np.sum(d**2) + a[1, 2]
