"""Lists that hold numbers: grown, written, sliced, comprehended."""

from __future__ import annotations

import copy
import math

import numpy as np

from corpus.registry import case, draw


@case(1.3, 5)
def list_that_grows(x, n):
    values = []
    for k in range(n):
        values.append(x**k)
    s = 0.0
    for v in values:
        s += v * v
    return s


@case(1.3, 5)
def list_read_from_its_end(x, n):
    fib = [x, x * x]
    while len(fib) < n:
        fib.append(fib[-1] + 0.5 * fib[-2])
    return fib[-1]


@case(1.3, 0.4)
def list_with_index_assignment(x, y):
    v = [0.0] * 4
    v[0] = x
    for i in range(1, 4):
        v[i] = v[i - 1] * y + i
    v[-1] *= x
    return sum(v)


@case(1.3, 0.4)
def list_append_and_pop(x, y):
    stack = [x]
    stack.append(y)
    stack.append(x * y)
    top = stack.pop()
    under = stack.pop()
    return top * under + stack.pop(0) + len(stack)


@case(1.3, 4)
def list_pop_in_a_loop(x, n):
    queue = [x * (k + 1) for k in range(n)]
    s = 0.0
    while queue:
        s = s * 0.5 + queue.pop() ** 2
    return s


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
def list_sort(x, y):
    values = [x, y, x * y]
    values.sort()
    return values[0] + 2 * values[1] + 3 * values[2]


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
def table_by_comprehension(x, y):
    m = [[x * i + y * j for j in range(3)] for i in range(2)]
    return sum(m[i][j] * m[i][j] for i in range(2) for j in range(3))


@case(1.3, 0.4, 3)
def table_of_run_time_size(x, y, n):
    m = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            m[i][j] = x * i - y * j
    trace = 0.0
    for i in range(n):
        trace += m[i][i] * m[i][n - 1 - i]
    return trace


@case(1.3, 0.4)
def matrix_product_of_lists(x, y):
    a = [[x, y], [1.0, x]]
    b = [[y, 0.5], [x, y]]
    c = [[sum(a[i][k] * b[k][j] for k in range(2)) for j in range(2)] for i in range(2)]
    return c[0][0] * c[1][1] - c[0][1] * c[1][0]


@case(1.3, 0.4)
def transpose_by_zip(x, y):
    rows = [[x, y], [y * y, 2.0]]
    columns = list(zip(*rows))
    return columns[0][1] * columns[1][0]


@case(1.3, 6)
def differences_of_neighbours(x, n):
    values = [math.sin(x * k) for k in range(n)]
    return sum((b - a) ** 2 for a, b in zip(values, values[1:]))


@case(1.3, 6)
def comprehension_with_condition(x, n):
    return sum([x**k for k in range(n) if k % 2 == 0])


@case(1.3, 0.4)
def comprehension_with_active_condition(x, y):
    return sum(v * v for v in [x, y, x * y, y - x] if v > 0)


@case(1.3, 3)
def comprehension_with_two_loops(x, n):
    return sum(x**i * (j + 1) for i in range(n) for j in range(i))


@case(draw(4))
def comprehension_over_an_array(u):
    return sum([v**2 for v in u]) + max(v for v in u)


@case(draw(4))
def array_from_comprehension(u):
    v = np.array([math.sin(a) for a in u])
    return np.sum(v * u)


@case(draw(4))
def array_from_list_that_grew(u):
    collected = []
    for k in range(len(u)):
        collected.append(u[k] * u[k - 1])
    return np.sum(np.array(collected) ** 2)


@case(draw(4), 3)
def stack_of_a_list(u, n):
    rows = []
    for k in range(n):
        rows.append(u * k)
        u = np.sin(u)
    return np.sum(np.stack(rows)[1:] ** 2) + np.vstack(rows)[2, 0]


@case(1.3, 3)
def list_multiplied(x, n):
    v = [x] * n
    v[0] = 1.0
    return sum(v) * len(v)


@case(1.3, 0.4)
def swap_in_a_list(x, y):
    v = [x, y, x * y]
    v[0], v[2] = v[2], v[0]
    i, j = 0, 1
    v[i], v[j] = v[j], v[i]
    return v[0] + 2 * v[1] + 3 * v[2]


@case(1.3, 4)
def bubble_sort(x, n):
    v = [math.sin(3.0 * x * k) for k in range(n)]
    for i in range(n):
        for j in range(n - 1 - i):
            if v[j] > v[j + 1]:
                v[j], v[j + 1] = v[j + 1], v[j]
    return sum(v[k] * k for k in range(n))


@case(1.3, 0.4)
def list_changed_by_a_helper(x, y):
    def record(log, value):
        log.append(value)
        log[0] += value

    log = [0.0]
    record(log, x)
    record(log, x * y)
    return log[0] * log[2]


@case(1.3, 0.4)
def list_in_a_branch(x, y):
    values = [x]
    if x > y:
        values.append(y)
    else:
        values.append(x * 2.0)
        values.append(y)
    return sum(values) * len(values)


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


@case(0.7)
def work_list_that_grows(x):
    todo, total = [x], 0.0
    for v in todo:
        total = 0.9 * total + v * v
        if v < 1:
            todo.append(v + 1)
            continue
        if v > 6:
            break
        todo += [v * 2]
    else:
        total += 100 * x
    return total


@case(0.7)
def intervals_that_are_halved(x):
    parts, total = [(0.0, x)], 0.0
    for a, b in parts:
        m = (a + b) / 2
        if b - a > 0.3:
            parts.append((a, m))
            parts.append((m, b))
        else:
            total += (b - a) * math.sin(m)
    return total


BOARD = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@case(0.7, 5)
def deep_copies_of_nested_lists(x, n):
    board = copy.deepcopy(BOARD)
    for k in range(n):
        board[k % 2][k % 3] *= x
        board[1].append(x)
    other = copy.deepcopy(board)
    other[0][0] = 7.0 * x
    other[1].pop()
    return sum(map(sum, board)) * sum(map(sum, other)) * BOARD[0][0]


@case(draw(3), np.array([2, 0, 2]))
def deep_copies_of_lists_of_arrays(u, places):
    rows = [u * (j + 1) for j in range(len(places))]
    copied = copy.deepcopy(rows)
    for k in places:
        copied[k][0] *= 2.0
    return sum(row.sum() for row in copied) + sum((row * row).sum() for row in rows)


STEPS = np.array([(x, y) for x in (0, -1, 1) for y in (0, -1, 1)])


@case(draw(9))
def rows_that_are_looked_for(u):
    back = [STEPS.tolist().index((-step).tolist()) for step in STEPS]
    total = u[STEPS.tolist().index([1, 0])] ** 2
    for k in range(9):
        total += u[back[k]] * u[k] * (k + 1)
    return total


@case(draw(4), 0.3, 2)
def lists_written_into_slices(u, rate, rounds):
    n = len(u) - 2
    for _ in range(rounds):
        v = [0.0] * n
        for k in range(n):
            v[k] = u[k + 1] ** 3 * rate
        u[1:-1] = v
        u[:2] = v[:1]
    return np.sum(u**2)


@case(draw(5))
def a_loop_over_a_set(u):
    fixed = {3, 0}
    total = 0.0
    for k in fixed:
        total = total * u[1] + u[k] ** 2
    return total
