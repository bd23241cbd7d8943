"""Lists that hold numbers: grown, written, sliced, comprehended."""

from __future__ import annotations

import numpy as np

from corpus.registry import case, draw


@case(1.3, 0.4)
def list_append_and_pop(x, y):
    stack = [x]
    stack.append(y)
    stack.append(x * y)
    top = stack.pop()
    under = stack.pop()
    return top * under + stack.pop(0) + len(stack)


@case(1.3, 0.4)
def list_extend_and_concatenate(x, y):
    values = [x]
    values.extend([y, x * y])
    values += [1.0, y]
    values = values + [x] * 2
    return sum(v * k for k, v in enumerate(values))


@case(1.3, 0.4)
def list_slices(x, y):
    values = [x, y, x * y, x + y, 1.0]
    values[1:3] = [y * y, x]
    return sum(values[1:]) + values[::2][1] * sum(values[:-1]) - values[::-1][0]


@case(1.3, 0.4)
def list_reverse_and_copy(x, y):
    a = [x, y, x * y]
    b = a.copy()
    b.reverse()
    c = list(a)
    c[0] = 0.0
    d = a[:]
    d[1] = 5.0
    return a[0] * b[0] + c[1] + d[2]


@case(1.3, 0.4)
def list_aliases(x, y):
    a = [x, y]
    b = a
    b[0] = y * y
    b.append(x)
    return a[0] + 2 * a[2]


@case(1.3, 0.4)
def list_of_lists(x, y):
    m = [[x, y], [y, x * x]]
    m[0][1] += 1.0
    m[1] = [m[0][0], 2.0]
    return sum(sum(row) for row in m) * m[1][0]


@case(1.3, 0.4)
def transpose_by_zip(x, y):
    rows = [[x, y], [y * y, 2.0]]
    columns = list(zip(*rows))
    return columns[0][1] * columns[1][0]


@case(1.3, 0.4)
def comprehension_with_active_condition(x, y):
    return sum(v * v for v in [x, y, x * y, y - x] if v > 0)


@case(1.3, 3)
def comprehension_with_two_loops(x, n):
    return sum(x**i * (j + 1) for i in range(n) for j in range(i))


@case(1.3, 0.4)
def swap_in_a_list(x, y):
    v = [x, y, x * y]
    v[0], v[2] = v[2], v[0]
    i, j = 0, 1
    v[i], v[j] = v[j], v[i]
    return v[0] + 2 * v[1] + 3 * v[2]


@case(1.3, 0.4)
def list_changed_by_a_helper(x, y):
    def record(log, value):
        log.append(value)
        log[0] += value

    log = [0.0]
    record(log, x)
    record(log, x * y)
    return log[0] * log[2]


@case(1.3, 4)
def list_as_a_state_vector(x, n):
    state = [x, 0.0, 1.0]
    for _ in range(n):
        state = [s + 0.1 * (state[k - 1] - s) for k, s in enumerate(state)]
    return state[0] * state[1] + state[2]


@case(draw(3))
def list_of_arrays(u):
    parts = [u, 2 * u, u**2]
    parts[1][0] = 5.0
    return sum(np.sum(p) for p in parts) + np.concatenate(parts)[4] * u[0]
