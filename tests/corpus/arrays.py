"""NumPy without writes: element-wise functions, broadcasting, reductions, shapes."""

from __future__ import annotations

import math

import numpy as np
from corpus.registry import case, draw

V, W = draw(5), draw(5, seed=1)
A, B = draw(3, 4), draw(3, 4, seed=1)
S = draw(4, 4, seed=2) + 2 * np.eye(4)
NODES = np.linspace(0.0, 1.0, 5)
MATRIX = draw(4, 3, seed=7)


@case(V, W)
def operators(u, v):
    return ((u + v) * (u - v) / v - u**2 + v**u - -u).sum()


@case(V)
def unary_functions(u):
    return np.sum(
        np.sin(u) * np.cos(u) + np.tan(u / 2) + np.exp(-u) + np.log(u) + np.sqrt(u)
    )


@case(V / 2)
def more_functions(u):
    return np.sum(
        np.arcsin(u) + np.arccos(u) + np.arctan(u) + np.arcsinh(u) + np.arctanh(u)
    )


@case(V)
def hyperbolic_functions(u):
    return np.sum(np.sinh(u) * np.tanh(u) + np.cosh(u) + np.arccosh(u + 1))


@case(V)
def logarithms(u):
    return np.sum(
        np.log2(u) + np.log10(u) * np.log1p(u) + np.exp2(u) + np.expm1(u) + np.cbrt(u)
    )


@case(V - 0.8)
def flat_and_kinked(u):
    return np.sum(
        np.abs(u) + np.sign(u) * u + np.floor(u) * u + np.square(u) + np.absolute(u)
    )


@case(V, W)
def binary_functions(u, v):
    return np.sum(np.arctan2(u, v) + np.hypot(u, v) + np.power(u, v) + np.logaddexp(u, v))


@case(V, W)
def named_operators(u, v):
    w = np.add(u, np.multiply(u, v)) - np.subtract(v, np.divide(u, v))
    return np.sum(np.negative(w) * np.reciprocal(v) + np.true_divide(w, u))


@case(V, W)
def maximum_minimum(u, v):
    return np.sum(np.maximum(u, v) * 2 + np.minimum(u, 0.9) ** 2)


@case(V, W)
def where_arrays(u, v):
    return np.sum(np.where(u > v, u * v, u - v) + np.where(u < 1, 0.0, u))


@case(V)
def where_masks(u):
    mask = (u > 0.5) & (u < 1.5) | ~(u < 1.0)
    return np.sum(np.where(mask, u * u, 1.0))


@case(V)
def mask_times_array(u):
    return np.sum((u > 0.8) * u * u)


@case(V)
def clipping(u):
    return np.sum(np.clip(u, 0.5, 1.2) ** 2)


@case(V, 1.3)
def array_and_scalar(u, c):
    return np.sum(c * u + u / c - c**u + (c - u) ** 2)


@case(A, draw(4, seed=3))
def broadcast_row(a, r):
    return np.sum(a * r + r**2)


@case(A, draw(3, 1, seed=3))
def broadcast_column(a, c):
    return np.sum(np.sin(a * c) / (a + c))


@case(draw(4, seed=3), draw(3, 1, seed=3))
def broadcast_both(r, c):
    return np.sum((r * c) ** 2 + r)


@case(draw(2, 3, 4, seed=3), draw(3, 1, seed=4), draw(1, seed=5))
def broadcast_three_axes(t, c, one):
    return np.sum(np.exp(t * c) * one + one**2)


@case(A)
def reductions(a):
    return a.sum() + a.mean() * a.sum(axis=0)[1] + a.sum(axis=1)[0] + np.mean(a, axis=0)[2]


@case(A)
def sum_axes(a):
    p = np.sum(a, axis=(0, 1)) * np.sum(a * a, axis=-1)
    q = a.sum(axis=0, keepdims=True) * a
    return p.sum() + q.sum()


@case(A)
def mean_keepdims(a):
    centred = a - a.mean(axis=1, keepdims=True)
    return np.sum(centred**2 * a)


@case(A)
def extremes(a):
    return a.max() * a.min() + np.max(a, axis=0).sum() + (np.min(a, axis=1) ** 2).sum()


@case(A)
def extremes_keepdims(a):
    shifted = a - a.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)).sum() + np.amax(a) + np.amin(a)


@case(A)
def products(a):
    return np.prod(a) + np.prod(a, axis=0).sum() + a.prod(axis=1)[0]


@case(A)
def spread(a):
    return np.var(a) + np.std(a) + a.std(axis=0).sum() + a.var(axis=1).sum()


@case(V)
def cumulative(u):
    return np.sum(np.cumsum(u) ** 2) + np.cumsum(u)[-1]


@case(V, W)
def dot_vectors(u, v):
    return u @ v + np.dot(u, u) * u.dot(v)


@case(A, draw(4, seed=3))
def matrix_vector(a, v):
    return np.sum((a @ v) ** 2) + np.dot(a, v)[0]


@case(A, draw(3, seed=3))
def vector_matrix(a, v):
    return np.sum(np.sin(v @ a))


@case(A, MATRIX)
def matrix_matrix(a, b):
    return np.sum((a @ b) ** 2) + np.trace(a @ b) + (a @ b).T[0, 1]


@case(draw(2, 3, 4, seed=3), MATRIX)
def batched_matmul(t, b):
    return np.sum((t @ b) ** 2)


@case(V, draw(3, seed=3))
def outer_product(u, v):
    return np.sum(np.outer(u, v) ** 2 * np.outer(u, v))


@case(V, W)
def inner_and_vdot(u, v):
    return np.inner(u, v) * np.vdot(u, u)


@case(A, B)
def tensordot_full(a, b):
    return np.tensordot(a, b, axes=2)


@case(A, B)
def einsum_full(a, b):
    return np.einsum("ij,ij->", a, b) * 2


@case(draw(4, seed=3))
def quadratic_form(x):
    return x @ S @ x


@case(draw(4, seed=3))
def least_squares(x):
    residual = S @ x - np.ones(4)
    return 0.5 * residual @ residual


@case(draw(3, seed=3))
def module_arrays(x):
    return np.sum(MATRIX @ x * np.arange(4)) + NODES.sum() * x[0] + NODES[2] * x[1]


@case(A)
def transposes(a):
    b = a.T
    return (
        np.sum(b[1] * b[2]) + np.transpose(a)[0, 1] * a.transpose()[1, 0] + (a.T @ a).sum()
    )


@case(draw(2, 3, 4, seed=3))
def transpose_axes(t):
    u = np.transpose(t, (2, 0, 1))
    return np.sum(u[0] * u[1]) + t.transpose(1, 0, 2)[0, 1, 2] ** 2


@case(A)
def reshapes(a):
    b = a.reshape(4, 3)
    c = np.reshape(a, (2, 6))
    d = a.reshape(-1)
    return np.sum(b[1] * 2) + c[1, 2] * d[0] + np.sum(a.reshape(2, -1) ** 2) + a.ravel()[3]


@case(A)
def new_axes(a):
    col = a[:, :, np.newaxis]
    row = a[:, None, :]
    return np.sum(col[0] * row[0]) + np.expand_dims(a, 0)[0, 1, 1]


@case(A)
def squeezes(a):
    return np.sum(np.squeeze(a[:1]) ** 2)


@case(V, W)
def concatenates(u, v):
    w = np.concatenate((u, v * 2, u[1:3]))
    return np.sum(w * w * np.arange(12.0))


@case(A, B)
def concatenates_axis(a, b):
    w = np.concatenate([a, b], axis=1)
    return np.sum(w[0] * w[1]) + np.concatenate([a, b[:1]])[3, 2] ** 2


@case(V, W)
def stacks(u, v):
    s = np.stack([u, v, u * v])
    t = np.stack((u, v), axis=1)
    return np.sum(s[0] * s[2]) + np.sum(t[:, 0] / t[:, 1]) + np.sum(s @ u)


@case(V, W)
def stacks_by_name(u, v):
    return np.sum(np.vstack([u, v]) ** 2) + np.sum(np.hstack([u, v]) ** 3)


@case(V, W)
def stacks_columns(u, v):
    return np.column_stack((u, v))[2, 1] ** 2


@case(0.4, 1.2)
def array_of_scalars(x, y):
    u = np.array([x, y, x * y, 1.0])
    return np.sum(u * u[::-1]) + u[2]


@case(0.4, 1.2)
def matrix_of_scalars(x, y):
    m = np.array([[x, y], [-y, x * x]])
    return np.sum(m @ m) + m[0, 1]


@case(V)
def indexing(u):
    return u[0] * u[-1] + u[1] ** u[2] + u[3]


@case(A)
def indexing_matrix(a):
    return a[0, 1] * a[1][2] + a[-1, -1] * a[2].sum() + a[:, 1].sum() ** 2


@case(V)
def slicing(u):
    return (
        np.sum(u[1:] * u[:-1])
        + np.sum(u[::2] ** 2)
        + u[1:-1].sum() * u[::-1][0]
        + u[-3:-1][0]
    )


@case(A)
def slicing_matrix(a):
    return (
        np.sum(a[1:, :-1] * a[:-1, 1:]) + np.sum(a[..., 0] * a[..., -1]) + a[::2, ::3].sum()
    )


@case(V, 2)
def variable_slices(u, k):
    return np.sum(u[k:] * u[: len(u) - k]) + u[k] * u[-k] + np.sum(u[k - 1 : k + 1])


@case(V)
def laplacian(u):
    d = u[2:] - 2 * u[1:-1] + u[:-2]
    return np.sum(d * d)


@case(V)
def differences(u):
    return np.sum(np.diff(u) ** 2)


@case(V)
def rolling(u):
    return np.sum(u * np.roll(u, 1) + u * np.roll(u, -2) ** 2)


@case(V)
def fancy_reading(u):
    index = np.array([0, 2, 2, 4])
    return np.sum(u[index] ** 2) + u[[1, 3]].sum() * u[0]


@case(V)
def mask_reading(u):
    return np.sum(u[u > 0.8] ** 2)


@case(V, 1.3)
def constant_arrays(u, c):
    n = len(u)
    return np.sum(
        np.ones(n) * u * c + np.zeros_like(u) + np.arange(n) * u + np.full(n, c) * u
    )


@case(V)
def grids(u):
    x = np.linspace(0, 1, u.shape[0])
    return (
        np.sum(np.sin(x * u)) + np.sum(np.eye(5) @ u) + np.sum(np.ones_like(u) * u) + u.size
    )


@case(0.4, 1.3)
def linspace_of_active(a, b):
    x = np.linspace(a, b, 4)
    return np.sum(x * x) * x[1]


@case(0.4)
def full_of_active(a):
    return np.sum(np.full(3, a) * np.arange(3)) + np.sum(np.full((2, 2), a) ** 2)


@case(V)
def attributes(u):
    (n,) = u.shape
    return np.sum(u) * n + u.ndim * u[0] + u.size * u[1] + len(u) * u[2]


@case(V)
def loop_over_elements(u):
    total = 1.0
    for value in u:
        total = total * math.sin(value) + value
    return total


@case(V)
def loop_over_indices(u):
    total = 0.0
    for i in range(len(u)):
        total += u[i] ** 2 * u[i - 1]
    return total


@case(A)
def loop_over_rows(a):
    total = 0.0
    for row in a:
        total = total * 0.5 + np.sum(row * row)
    return total


@case(A)
def loop_over_entries(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total += a[i, j] ** 2 * (i + 1) / (j + 1)
    return total


@case(V, W)
def loop_zip_arrays(u, v):
    total = 0.0
    for a, b in zip(u, v):
        total += a * b * b + total * a * 0.1
    return total


@case(V)
def loop_enumerate_array(u):
    total = 0.0
    for i, a in enumerate(u):
        total += a**i
    return total


@case(V)
def loop_reversed_array(u):
    total = 0.0
    for a in reversed(u):
        total = total * 0.7 + a * a
    return total


@case(V)
def loop_zip_slices(u):
    total = 0.0
    for left, right in zip(u[:-1], u[1:]):
        total += (right - left) ** 2 * left
    return total


@case(V, 3)
def array_recurrence(u, n):
    for _ in range(n):
        u = u * np.sin(u) + 0.1
    return u.sum()


@case(V, 4)
def branch_on_array(u, n):
    for _ in range(n):
        if u.sum() > 4:
            u = u * 0.8
        else:
            u = u + u * u * 0.1
    return np.sum(u * u)


@case(A)
def softmax(a):
    e = np.exp(a - np.max(a, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(np.log(p[:, 0]))


@case(draw(4, seed=3), 0.3)
def logistic_regression(w, b):
    z = A @ w + b
    y = np.array([0.0, 1.0, 1.0])
    return np.mean(np.log1p(np.exp(-z)) + (1 - y) * z) + 0.01 * w @ w


@case(draw(4, 3, seed=3), draw(3, seed=4), draw(3, seed=5))
def two_layers(w1, b1, w2):
    hidden = np.tanh(A @ w1 + b1)
    return np.mean((hidden @ w2 - 1.0) ** 2)


@case(V, W)
def helper_on_arrays(u, v):
    def centre(a):
        return a - a.mean()

    return np.sum(centre(u) * centre(v)) / np.sqrt(np.sum(centre(u) ** 2))


@case(V, W)
def norms(u, v):
    return np.linalg.norm(u) * np.sqrt(np.sum(v**2)) + np.linalg.norm(u - v)


@case(draw(4, seed=3))
def solve(b):
    return np.sum(np.linalg.solve(S, b) ** 2)


@case(S)
def determinant_and_inverse(m):
    return np.linalg.det(m) + np.sum(np.linalg.inv(m))


@case(V)
def array_truth(u):
    if np.all(u > 0) and np.any(u > 1):
        return np.sum(u * u)
    return np.sum(u)


@case(V)
def float_of_array(u):
    return float(np.sum(u)) * float(u[0]) + u[1].item()


@case(np.float64(0.7), 1.2)
def numpy_scalars(x, y):
    return np.sin(x) * y + np.exp(x * y) + x**2


@case(0.7)
def numpy_on_floats(x):
    return np.sin(x) + np.sqrt(x) * np.maximum(x, 0.2) + np.pi * x


@case(V)
def astype_same(u):
    w = u.astype(np.float64)
    return np.sum(w * u)


@case(np.array([[2.0]]))
def single_element(a):
    return (a * a).sum() + a[0, 0]


@case(np.array([1.5]), V)
def length_one_broadcast(a, u):
    return np.sum(a * u) + np.sum(u + a * a)


@case(np.array(1.5))
def zero_dimensional(a):
    return a * a + np.sin(a)


@case(np.asfortranarray(A), V[::-1], draw(10)[::2])
def strided_arguments(a, u, v):
    return np.sum(a * a[0]) + np.sum(u * v * u)


@case(draw(0), 1.3)
def empty_array(u, x):
    return np.sum(u * x) + x


@case(np.arange(1.0, 6.0), 0)
@case(np.arange(1.0, 6.0), 2)
def shape_of_the_first_round_alone(u, n):
    for _ in range(n):
        u = np.array([u.mean(), np.tanh(u[1])])
    return u[1] * u[0]


@case(np.arange(1.0, 6.0), 2)
def writes_into_a_shape_of_the_first_round_alone(u, n):
    for _ in range(n):
        u = u.copy()
        u[:] = u[::-1] * u[0]
        u = np.array([u.mean(), np.tanh(u[1])])
    return u[1] * u[0]


@case(np.arange(1.0, 4.0), 0.7)
def appended_parts(u, x):
    w = np.append(u, x * x)
    w = np.append(w, [x, 2.0])
    m = np.append(u[:, None] * u, w)
    return np.sum(w * w) * w[-2] + m.sum() * m[1]


@case(np.arange(1.0, 4.0), 0)
@case(np.arange(1.0, 4.0), 3)
def array_that_grows(u, n):
    found = np.array([])
    for k in range(n):
        found = np.append(found, u[k] * k)
    return np.sum(found**2) + u[0]


@case(np.arange(1.0, 4.0), 3)
def rows_that_are_appended(u, n):
    rows = np.empty((0, 2))
    for k in range(n):
        rows = np.append(rows, [[u[k] * k, u[k]]], axis=0)
    return np.sum(rows**2)


@case(np.arange(1.0, 4.0), 1.0)
@case(np.arange(1.0, 4.0), -1.0)
def longer_in_one_branch(u, x):
    if x > 0:
        u = u * x
    else:
        u = np.append(u, u)
    return np.sum(u * u) * x


@case(np.array([1.2, 0.7]))
def unpacked_array(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


@case(np.array([[1.2, 0.7], [0.3, 0.4]]))
def unpacked_rows(points):
    total = 0.0
    for x, y in points:
        total += x * y
    return total


@case(np.array([1.2, 0.7]))
@case(np.array([1.2, 0.7, 0.3]))
def unpacked_array_of_another_length(u):
    try:
        a, b = u
    except ValueError:
        return u.sum()
    return a * b


@case(1.3)
def array_without_axes(x):
    a = np.array(x)
    a += x
    b = np.array(a * x)
    b[...] = b * a
    b *= 2
    return float(a) ** 2 + b * x


@case(1.3)
def zip_stops_at_the_shorter_array(x):
    u = np.array([x, x * x])
    total = 0.0
    for weight, value in zip((1.0, 2.0, 3.0), u, strict=False):
        total += weight * value
    return total + sum(a * b for a, b in zip(u, [2.0, x, 1.0], strict=False))


@case(draw(3, 2, 4, seed=3))
def numbers_beside_index_arrays(t):
    """They are indices like these: what a slice keeps them apart from comes behind."""
    a = t[1, ::2, [0, 1]]
    b = t[:, 1, [0, 3, 3]]
    c = t[[0, 2], :, 1]
    d = t[0, None, [0, 1], 2:]
    total = np.sum(np.ones(a.shape) * a**2) + np.sum(np.arange(b.size).reshape(b.shape) * b)
    return total + np.sum(np.sin(c) * np.ones(np.shape(c))) + np.sum(np.cos(d).T[0])


@case(1.2, 0.7)
def lists_given_to_numpy(x, y):
    total = np.max([x, y, x * y]) + np.dot([x, 2.0], (y, x)) + np.linalg.norm([x, y, 1.0])
    rows = np.linalg.solve([[2.0, x], [y, 3.0]], [x, 1.0])
    return total + np.sum([rows, rows * x]) + np.std([x, y, 0.1]) * np.median((x, y, 0.3))


WINDOWS = 2 * np.arange(3)[:, None] + np.arange(4)


@case(draw(8), draw(4))
def spread_over_windows(u, w):
    """What is added at the places of a table has one axis less than that."""
    return (u[WINDOWS] * w).sum() + (u[[[0, 1, 1, 2], [3, 1, 2, 2]]] ** 2 * w).sum()


@case(draw(3, 8), draw(4))
def spread_over_windows_of_a_row(m, w):
    return (m[1][WINDOWS] * w).sum() + (m[:, 2][WINDOWS % 3] * w).sum()


@case(draw(3), 0.7)
def parameters_keep_their_names(t, result):
    x = np.asarray(t)
    y = np.moveaxis(x * result, 0, -1)
    z = result
    return (x * y).sum() * z


@case(np.arange(20.0).reshape(4, 5) / 7, np.array([[0.3, -1.0], [0.7, 0.2]]))
def convolved_by_strides(image, kernel):
    rows, columns = kernel.shape
    down, right = image.strides
    patches = np.lib.stride_tricks.as_strided(
        image,
        shape=(
            image.shape[0] - rows + 1,
            (image.shape[1] - columns) // 2 + 1,
            *kernel.shape,
        ),
        strides=(down, 2 * right, down, right),
    )
    return np.sum(np.tanh(np.einsum("abij,ij->ab", patches, kernel)))


@case(np.arange(5.0) + 0.7)
def slices_of_flat_are_copies(x):
    table = np.outer(x, x)
    cut = table.flat[3:9]
    whole = table.flat
    table[1] = 5 * x[0]
    cut[0] *= 3
    return np.sum(np.cos(cut)) + whole[7] * whole[11] + np.sum(table[0])


@case(np.arange(5.0) + 0.7)
def conjugates_of_real_arrays(x):
    table = np.outer(x, x)
    copied, same = np.conj(table), table.conj()
    table[1] = 5 * x[0]
    return np.sum(np.cos(copied)) + np.sum(np.sin(same))


@case(np.arange(5.0) + 0.7, refused="may share memory")
def windows_of_what_is_written(x):
    y = 2 * x
    windows = np.lib.stride_tricks.sliding_window_view(y, 3)
    y[1] = 5 * x[0]
    return np.sum(windows**2)


@case(np.arange(3.0) + 0.7)
def first_power_is_the_matrix_itself(x):
    table = np.outer(x, x)
    same = np.linalg.matrix_power(table, 1)
    table[1] = 5 * x[0]
    return np.sum(np.cos(same))
