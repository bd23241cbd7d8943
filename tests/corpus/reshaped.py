"""Reshaped arrays: where they share memory, and where they are copies."""

from __future__ import annotations

import numpy as np

from corpus.registry import case

A = np.array([[0.3, -0.7, 1.2], [0.45, 0.9, -1.1]])
W = np.arange(6.0)


@case(A)
def flat_view_written(x):
    a = x.copy()
    b = a.reshape(-1)
    b[2] = 5 * b[3]
    return np.sum(a**2 * W.reshape(2, 3))


@case(A)
def flat_view_read_after_a_write(x):
    a = x.copy()
    b = a.ravel()
    a[0, 0] = 5 * a[1, 1]
    return np.sum(b**2 * W)


@case(A)
def ravel_of_a_transposed_array_is_a_copy(x):
    a = x.copy()
    b = a.T.ravel()
    return np.sum(b**2 * W) + a[0, 0]


@case(A, refused="may share memory")
def copy_of_a_transposed_array_after_a_write(x):
    a = x.copy()
    b = a.T.ravel()
    a[0, 0] = 5 * a[1, 1]
    return np.sum(b**2 * W)


@case(A, refused="may share memory")
def columns_reshaped_after_a_write(x):
    a = x.copy()
    b = a[:, :2].reshape(-1)
    a[0, 0] = 7.0 * a[0, 1]
    return np.sum(b**2)


@case(A, refused="may share memory")
def result_in_fortran_order(x):
    b = x.T * 2.0
    c = b.ravel()
    b[0, 0] = c[1] ** 2
    return np.sum(c**2)


@case(A)
def rows_reshaped(x):
    a = x * x
    b = a[1:].reshape(3)
    b[0] = a[0, 0] * b[2]
    a[1, 1] = b[0]
    return np.sum(a * W.reshape(2, 3))


@case(np.linspace(0.1, 0.6, 6))
def one_axis_split(u):
    m = u.reshape(2, 3)
    m[1] = m[0] * u[3:]
    u[0] = m[1, 2] ** 2
    return np.sum(m * W.reshape(2, 3))


@case(np.linspace(0.1, 0.6, 6))
def every_other_split(u):
    m = u[::2].reshape(3, 1)
    m[1, 0] = m[0, 0] * u[1]
    return np.sum(u * W)


@case(np.linspace(0.1, 0.6, 6))
def blocks_of_a_vector(u):
    blocks = u.reshape(3, 2)
    for k in range(1, 3):
        blocks[k] += 0.5 * blocks[k - 1] ** 2
    return np.sum(u * W)


@case(A)
def reshaped_in_a_helper(x):
    def scale(flat, k):
        flat[k] *= 3.0

    a = x.copy()
    scale(a.reshape(-1), 4)
    scale(a.ravel(), 0)
    return np.sum(a**2)


@case(A)
def contiguous_copy_is_the_array_itself(x):
    a = x * 2.0
    b = np.ascontiguousarray(a)
    return np.sum(a * b)


@case(A)
def column_vector(x):
    v = x[0].copy()
    column = v.reshape(-1, 1)
    column[1] = v[2] ** 2
    return np.sum((column * v) ** 2)


@case(np.arange(12.0).reshape(2, 2, 3) / 7)
def transposed_view_of_three_axes(u):
    t = u.transpose(2, 0, 1)
    t[1] = t[0] * t[2]
    s = np.swapaxes(u, 0, 1)
    s[0, 1] += s[1, 0] ** 2
    m = np.moveaxis(u, -1, 0)
    m[2, 0, 0] = 2.0 * m[0, 1, 1]
    return np.sum(u**2)


@case(A)
def axes_added_and_removed(x):
    a = x.copy()
    w = np.expand_dims(a, 0)
    w[0, 1, 1] = 3 * x[0, 0]
    s = np.squeeze(w)
    s[0] = s[1] ** 2
    n = a[:, None]
    n[0, 0, 2] *= 2.0
    return np.sum(a * W.reshape(2, 3))


@case(A)
def turned_views(x):
    a = x.copy()
    b = np.flip(a, 1)
    c = a[::-1, 1:]
    for j in range(2):
        b[0, j] = c[1, j] * a[1, j]
        c[0, j] += b[1, j] ** 2
    return np.sum(a**2)


@case(np.linspace(-0.5, 0.7, 8))
def views_of_views(u):
    inner = u[1:-1]
    odd = inner[::2]
    back = odd[::-1]
    back[0] = inner[1] * odd[0]
    inner[3] += back[1] ** 2
    odd *= 1.5
    return np.sum(u * np.arange(8.0))


@case(np.linspace(-0.5, 0.7, 8))
def recurrence_in_a_view(u):
    inner = u[1:-1]
    for i in range(1, len(inner)):
        inner[i] = 0.5 * inner[i - 1] ** 2 + inner[i]
    return np.sum(u**2)


@case(A, refused="may share memory")
def copy_in_the_order_of_its_source(x):
    a = np.copy(x.T)
    b = a.reshape(-1)
    a[1, 0] = b[0] ** 2
    return np.sum(b**2 * W)


@case(A, refused="may share memory")
def array_in_the_order_of_its_source(x):
    a = np.array(x.T)
    b = a.ravel()
    a[1, 0] = b[0] ** 2
    return np.sum(b**2 * W)


@case(A)
def method_copies_in_order(x):
    a = x.T.copy()
    b = a.reshape(-1)
    a[1, 0] = b[0] ** 2
    return np.sum(b**2 * W)


@case(A[0])
def longer_in_the_loop_around(u):
    u, m = np.array([u[len(u) // 2]]), 0
    while m < 2 and u[0] < 30.0:
        m += 1
        for _ in range(2):
            u = u.copy()
            u += np.sin(u)
            v = np.concatenate([u, u])[:7]
        u = np.concatenate([v, u])[:7]
        if v[0] > 20.0:
            break
    return np.sum(u * u)
