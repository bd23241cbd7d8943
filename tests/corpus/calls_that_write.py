"""Calls that write into an array they are given: `out=`, `copyto`, `put`, `sort`, …"""

from __future__ import annotations

import numpy as np

from corpus.registry import case

A = np.array([[0.3, -0.7, 1.2], [0.45, 0.9, -1.1]])
U = np.array([0.8, -0.3, 1.4, 0.6])


@case(A)
def out_of_ufuncs(x):
    out = np.empty_like(x)
    np.multiply(x, x, out=out)
    np.add(out, x, out)
    return np.sum(np.sin(out))


@case(A)
def out_is_an_operand(x):
    a = x.copy()
    np.clip(a, -0.5, 0.5, out=a)
    np.cumsum(a, axis=1, out=a)
    np.exp(a, a)
    return np.sum(a)


@case(A)
def out_is_a_view(x):
    a = np.zeros((3, 3))
    np.multiply(x, 2.0, out=a[1:])
    np.sin(a[1], out=a[0])
    np.add(a[:, 0], a[:, 1], out=a[:, 2])
    return np.sum(a**2)


@case(A, U[:3])
def out_of_products(m, v):
    y = np.zeros(2)
    np.dot(m, v, out=y)
    z = np.zeros((2, 2))
    np.matmul(m, m.T, out=z)
    return np.sum(y**2) + np.sum(z)


@case(U)
def out_of_reductions_and_methods(u):
    total = np.zeros(4)
    np.cumsum(u, out=total)
    u.clip(0.0, 1.0, out=u)
    return np.sum(total * u)


@case(U)
def out_shared_by_rounds(u):
    work = np.empty_like(u)
    for _ in range(3):
        np.multiply(u, 0.5, out=work)
        np.subtract(u, work * u, out=u)
    return np.sum(u)


@case(U)
def division_where_it_is_defined(x):
    x = np.where(x < 0, 0.0, x)
    y = np.divide(1.0, x, out=np.zeros_like(x), where=x != 0)
    return np.sum(y * np.arange(4))


@case(A)
def ufunc_where_with_broadcasting(x):
    y = x.copy()
    np.multiply(y, x[0], out=y, where=np.array([True, False, True]))
    np.log(x, out=y, where=x > 0)
    return np.sum(y)


@case(A)
def result_of_a_call_with_out(x):
    a = np.zeros_like(x)
    b = np.add(x, 1.0, out=a)
    b[0, 0] = a[1, 1] ** 2
    return np.sum(a * a)


@case(A)
def copyto_with_and_without_mask(x):
    a = np.ones_like(x)
    np.copyto(a, x[0])
    np.copyto(a, 2 * x, where=x > 0)
    return np.sum(a**2)


@case(A)
def put_by_flat_indices(x):
    a = x.copy()
    np.put(a, [0, 4], [x[0, 1] ** 2, x[1, 1]])
    a.put([2], x[1, 2] * 3)
    return np.sum(a**2)


@case(U)
def put_into_one_axis(u):
    v = np.zeros(6)
    np.put(v, np.array([1, 3, 5, 0]), u)
    return np.sum(v * np.arange(6.0))


@case(U)
def putmask_and_place(u):
    v = u.copy()
    np.putmask(v, v > 0.7, v**2)
    np.place(v, v < 0, u[0])
    return np.sum(v**3)


@case(U)
def place_of_what_was_extracted(u):
    v, below = u * 2.0, u < 0.7
    np.place(v, below, np.extract(below, u) ** 2)
    return np.sum(v**3)


@case(U)
def place_and_putmask_repeat_what_is_short(u):
    v, w = u * 2.0, u * u
    np.place(v, v > 0.7, [u[0], u[1] ** 2])
    np.putmask(w, w > 0.1, u[1:3] * 3.0)
    a = np.outer(v, w)
    np.place(a[:, 1:], a[:, 1:] > 0, u)
    return np.sum(a**2)


@case(np.ones((3, 3)) * 0.5, 1.7)
def diagonal_filled(m, d):
    np.fill_diagonal(m, d * m[0, 1])
    return np.sum(m @ m)


@case(np.ones((3, 4)) * 0.5)
def diagonal_of_a_wide_matrix(m):
    a = m * m
    np.fill_diagonal(a, m[0, 0])
    return np.sum(a**2)


@case(U)
def sorted_in_place(u):
    v = u**2
    v.sort()
    return np.sum(v * np.arange(4.0))


@case(U)
def argument_sorted_in_place(u):
    u.sort()
    return u[0] * u[-1] ** 2


@case(A)
def flat_iterator(x):
    a = x.copy()
    f = a.flat
    f[2] = 3 * f[1]
    a.flat[0] = a.flat[5] ** 2
    return np.sum(a**2)


@case(A)
def flat_of_a_transposed_array(x):
    t = x.T
    t.flat[1] = 2.0 * t.flat[0]
    return np.sum(x**3)


@case(U)
def at_of_ufuncs(u):
    a = np.zeros(3)
    np.add.at(a, [0, 1, 1, 2], u)
    np.subtract.at(a, np.array([0, 0]), u[1])
    np.multiply.at(a, 1, u[2])
    return np.sum(a**2)


@case(U)
def methods_of_ufuncs(u):
    table = np.multiply.outer(u, u[:2])
    other = np.add.outer(u[1:], u)
    return np.add.reduce(u) * np.sum(table**2) + np.sum(np.add.accumulate(u) * other[0])


@case(U, 0.1)
def shuffled_order_of_steps(u, rate):
    rng = np.random.default_rng(3)
    order = np.arange(4)
    for _ in range(2):
        rng.shuffle(order)
        for k in order:
            u[k] -= rate * u[k - 1]
    np.random.seed(0)
    np.random.shuffle(order)
    return np.sum(u * order)


@case(A)
def view_without_arguments(x):
    a = x.copy()
    b = a.view()
    b[1] *= 2.0
    return np.sum(a**2)
