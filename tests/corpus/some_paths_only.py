"""Values that only some paths make, whose gradients are differentiated again."""

from __future__ import annotations

import numpy as np

from corpus.registry import case

U = np.array([0.5, -0.2, 0.9])
V = np.array([0.4, 0.7, -0.3])


def _in_two_branches(u):
    if u[0] > 0:
        if u[1] > 0:
            u = np.tanh(u) + u.sum()
    return np.sum(u * u)


@case(np.abs(U))
def both_branches_taken(u):
    return _in_two_branches(u)


@case(U)
def only_the_outer_branch_taken(u):
    return _in_two_branches(u)


@case(-U)
def no_branch_taken(u):
    return _in_two_branches(u)


@case(U, V, 0.2)
def written_in_a_loop_of_a_branch(u, v, c):
    for _ in range(4, 1, -1):
        u, v = v, u
        if c < 0.31:
            for i in range(1):
                u = np.sin(v) / (1 + u[:] ** 2)
                v[i] -= np.max(u) + 1.74
    return np.sum(u)


@case(3.0, np.int64(2))
def integer_of_numpy_is_no_int(x, n):
    return x * n if isinstance(n, int) else x**n


@case(3.0, 2)
def integer_is_an_int(x, n):
    return x * n if isinstance(n, int) else x**n


@case(3.0, np.bool_(True))
def truth_value_of_numpy_is_no_bool(x, flag):
    return x * x if isinstance(flag, bool) else x**3


@case(3.0)
def items_of_an_array_are_no_ints(x):
    total = 0.0
    for k in np.arange(3):
        total += x * k if isinstance(k, int) else x**2 * k
    for k in range(3):
        total += 5 * x * k if isinstance(k, int) else x**3 * k
    return total


@case(np.abs(U), 0.1)
def longer_in_some_rounds(u, c):
    for _ in range(2):
        if u[0] > c:
            u[:] = u * u.sum()
            u = np.append(u, u)
    return np.sum(u)


@case(U, V, 0.1)
def left_before_a_write(u, v, c):
    if v[2] < v[0]:
        for i in range(3):
            if u[i] > c + 5:
                return c * u[0]
        u[1:] = u[1:] ** 2
    return np.sum(u * u)


@case(U, V, -9.0)
def left_in_place_of_a_write(u, v, c):
    if v[2] < v[0]:
        for i in range(3):
            if u[i] > c + 5:
                return c * u[0]
        u[1:] = u[1:] ** 2
    return np.sum(u * u)


def _read_in_an_inner_branch(u, m):
    if m[0, 0] > 0:
        w = m @ u
        if u[1] > 0:
            u = np.sin(w)
        else:
            u = u * u[0] + w
    return np.sum(u * u)


@case(np.abs(U), np.outer(U, V))
def product_read_in_an_inner_branch(u, m):
    return _read_in_an_inner_branch(u, m)


@case(U, np.outer(U, V))
def product_that_no_inner_branch_reads(u, m):
    return _read_in_an_inner_branch(u, m)


@case(U, -np.outer(U, V))
def product_that_is_not_made(u, m):
    return _read_in_an_inner_branch(u, m)


@case(np.array([0.5, 0.2, 0.9, 0.4]), np.array([0.3, 0.8, 0.6, 0.7]), 0.1)
def loops_in_a_branch(u, v, c):
    if c < u[0]:
        for _ in range(2):
            v = u.copy()
            u = u - np.tanh(v)
            for j in range(1, 3):
                u = np.sin(v) + 0.1
                v[j] -= c
        if c < v[0]:
            return np.max(u)
    return np.sum(u * u) + np.sum(v * v)


@case(np.array([[0.3, 0.7, 0.2], [0.9, 1.4, 0.1], [0.8, 0.4, 1.1]]))
def eigenvalues_in_some_rounds(m):
    m = m.copy()
    for k in range(2, 0, -1):
        if np.abs(m[k, k - 1]) > 0.5:
            m[k, k] = np.linalg.eigvals(m[k - 1 : k + 1, k - 1 : k + 1])[0].real
        m[k, k - 1] = 0.0
    return np.sum(m**2)


@case(0.7, 3)
@case(0.7, 0)
def array_of_a_branch_read_in_a_loop(x, n):
    if n > 0:
        a = np.array([x, 2.0])
    for k in range(n):
        x = x * a[k % 2] + a[1]
    return x


@case(0.7, 3)
@case(0.7, 0)
def array_of_a_loop_read_in_another(x, n):
    for k in range(n):
        a = np.array([x, k])
    for k in range(n):
        x = x * a[k % 2] + a[1]
    return x


@case(0.7, 3)
@case(0.7, 0)
def array_of_a_while_loop_read_in_a_branch(x, n):
    k = 0
    while k < n:
        a = np.array([x, k])
        k += 1
    if n > 1:
        for _ in range(n):
            x = x * a[0] + a[1]
    return x


@case(0.7, 3)
@case(0.7, 0)
def array_of_the_round_before(x, n):
    for k in range(n):
        if k > 0:
            x = x + a[k % 2]  # noqa: F821
        a = np.array([x, x * k]) * 0.5
    return x


@case(0.7, 3)
@case(0.7, 0)
def table_of_a_branch_read_in_rounds_of_rounds(x, n):
    for i in range(2):
        if i < n:
            a = np.array([[x, 2.0 * i], [1.0, x * x]])
        for k in range(n):
            x = 0.1 * x * a[k % 2, 1] + a[1, k % 2]
    return x


@case(0.7, 3)
@case(0.7, 0)
def array_that_an_error_leaves_out(x, n):
    try:
        if n == 0:
            raise ValueError
        a = np.array([x, 2.0 * x])
    except ValueError:
        x = x * x
    for k in range(n):
        x = x * a[k % 2] + a[1]
    return x


@case(0.7, 3, 1)
@case(0.7, 0, 1)
def list_of_a_branch_that_the_run_picks_from(x, n, i):
    if n > 0:
        a = [x, 2.0 * x * x]
    s = x * x
    for k in range(n):
        s += a[k % 2] * a[i]
    return s


@case(0.7, 3, 1)
@case(0.7, 0, 1)
def rows_of_a_branch_that_the_run_picks_from(x, n, i):
    if n <= 0:
        s = x
    else:
        a = [[x, 2.0 * x * x], [x * x, x]]
        s = x * x
    for k in range(n):
        s += a[k % 2][i]
    return s


@case(U, 3, 1)
@case(U, 0, 1)
def arrays_of_a_branch_that_the_run_picks_from(u, n, i):
    if n > 0:
        a = [u * u, 3.0 * u]
    s = u[0] * u[1]
    for k in range(n):
        s += a[k % 2][i]
    return s


@case(0.7, 3, 1)
@case(0.7, 0, 1)
def list_of_the_last_round_that_the_run_picks_from(x, n, i):
    for k in range(n):
        a = [x, 2.0 * x * k]
    s = x * x
    for k in range(n):
        s += a[k % 2] * a[i]
    return s


@case(np.array([[0.3, 0.6], [0.9, 1.3], [1.6, 1.9]]), np.array([0.2, 0.4]))
def broadcast_in_a_branch(xs, v):
    for x in xs:
        s = np.sum(x**2)
        y = x * np.cos(s) + v * np.sin(s) if s > 1.0 else x + v
        v = y[0:2] / y[1]
    return np.sum(v * xs[0])


@case(np.array([0.3, 0.4]), np.array([0.5, -0.2]), 9)
@case(np.array([0.3, 0.4]), np.array([0.5, -0.2]), 3)
def zeros_on_both_ways_of_a_branch(x, y, n):
    a = np.zeros((n, 2))
    b = np.zeros((n, 2))
    b[0] = x
    if n > 3:
        for i in range(1, n - 3):
            if n > 3:
                b[i + 1] = 0.5 * b[i + 1]
            else:
                a[-1] = np.tanh(b[6 - i] - b[i - 1]) * x
            b[i + 1] = 0.5 * y + a[i + 1]
    return np.sum(a[0]) + np.sum(b[0]) + np.sum(b[2])


def _square_if_small(x):
    if x > 0.1:
        a = 2 * x
        if x < 5.0:
            m = x * x
    else:
        a, m = 1.0, 2.0
    return a, m


@case(0.7)
@case(0.05)
def items_that_a_branch_may_lack(x):
    both = _square_if_small(x)
    s = x
    for k in range(2):
        s += both[k] * (1.0 + 0.3 * k)
    return s


@case(0.7, 2)
@case(0.05, 2)
@case(0.7, 1)
def items_that_two_branches_may_lack(x, n):
    if x > 0.1:
        a = np.sin(x)
        if n > 1:
            b = a * x
        if x < 5.0 and n > 0:
            c = x * x
    else:
        if n > 1:
            b = 3.0 * x
        a = c = x**3
    if n < 2:
        return a * c
    found = [a, b, c]
    s = 0.0
    for k in range(3):
        s += found[k] * found[-k] * (1.0 + 0.3 * k)
    return s
