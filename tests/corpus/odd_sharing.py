"""Arrays under several names: views, swapped buffers, containers, helpers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from corpus.registry import case, draw

V, W = draw(6), draw(6, seed=1)
A, B = draw(4, 5), draw(4, 5, seed=1)
T = draw(2, 3, 4)


@case(A)
def view_read_after_the_base_was_written(a):
    column, corner, turned = a[:, 1], a[:2, :2], a[::-1]
    a *= 2.0
    a[0, 1] = a[3, 4] ** 2
    return np.sum(column**2) + np.sum(corner * corner) + np.sum(turned[0] * column[0])


@case(A)
def base_read_after_its_views_were_written(a):
    top, bottom = a[:2], a[2:]
    top += bottom
    bottom[:] = top * bottom
    top[1] = bottom[0]
    return np.sum(a * a)


@case(V)
def overlapping_views(u):
    left, right = u[:-1], u[1:]
    left += 0.5 * right
    right *= left
    left[2] = right[0] ** 2
    return np.sum(left * right)


@case(T)
def views_of_views_of_views(t):
    page = t[1]
    rows = page[::2]
    column = rows.T[-1]
    column *= rows[:, 0]
    flipped = column[::-1]
    flipped[0] += t[0, 0, 0] ** 2
    page[1] = flipped[1] * page[0]
    return np.sum(t * t)


@case(A)
def transposed_view_kept(a):
    b = a.T
    a[0, 1] = b[2, 3] ** 2
    b[1, 2] = a[0, 1] * 3.0
    b += 1.0
    b[:2] *= a[:, 2]
    return np.sum(a * a) + np.sum(b[1] * b[4])


@case(A)
def reshaped_view_kept(a):
    flat, pairs = a.reshape(-1), a.reshape(10, 2)
    flat[3] = flat[11] ** 2
    pairs[:, 1] *= pairs[:, 0]
    a[2] += flat[:5]
    return np.sum(flat * flat) + pairs[4, 1]


@case(V)
def real_part_is_the_array(u):
    w = u.real
    w[1] = u[2] ** 2
    w.real[0] = 3.0 * u[1]
    return np.sum(u * u)


@case(draw(1, 6, 1))
def squeezed_view(t):
    u = np.squeeze(t)
    u[1:] += u[:-1] ** 2
    t.squeeze()[0] = u[-1]
    return np.sum(t * t)


@case(A)
def diagonal_is_read_only_but_seen(a):
    d = np.diagonal(a)
    before = d.sum()
    a[1, 1] = a[0, 0] ** 2
    a[2] *= 2.0
    return np.sum(d * d) * before


@case(A, refused="is read-only")
def diagonal_written(a):
    d = np.diagonal(a)
    d[0] = 1.0
    return np.sum(a * a)


@case(A)
def diagonal_by_steps(a):
    s = a[:, :4].copy()
    s.flat[::5] += 2.0
    s.ravel()[1::5] *= s[0, 0]
    return np.sum(s * s)


@case(V, 3)
def three_buffers_turned(u, n):
    a, b, c = u, u * 0.5, np.zeros(6)
    for _ in range(n):
        c[1:] = a[:-1] * b[1:]
        c[0] = a[-1]
        a, b, c = c, a, b
    return np.sum(a * a) + np.sum(b * c)


@case(V, 3)
def buffers_swapped_in_a_branch(u, n):
    a, b = u, np.zeros(6)
    for k in range(n):
        b[:] = a * a * 0.5
        if b[k] > 0.2:
            a, b = b.copy(), a.copy()
        else:
            a[k] += b[k]
    return np.sum(a * a) + np.sum(b)


@case(A, 3)
def buffers_swapped_by_rows_of_one_array(a, n):
    """Both buffers in one array, chosen by the parity of the step."""
    w = np.zeros((2, 5))
    w[0] = a[0]
    for k in range(n):
        old, new = w[k % 2], w[(k + 1) % 2]
        new[1:-1] = old[2:] * old[:-2] + old[1:-1]
        new[0], new[-1] = old[0], old[-1]
    return np.sum(w[n % 2] ** 2)


@case(V, 2)
def buffers_swapped_by_a_helper(u, n):
    def step(old, new):
        new[1:] = old[1:] * old[:-1]
        new[0] = old[0]
        return new, old

    a, b = u, np.empty_like(u)
    for _ in range(n):
        a, b = step(a, b)
    return np.sum(a * b)


@case(V, 3)
def buffers_swapped_in_a_list(u, n):
    pair = [u, np.zeros(6)]
    for _ in range(n):
        pair[1][:] = pair[0] * pair[0] + 0.1
        pair[0], pair[1] = pair[1], pair[0]
    return np.sum(pair[0] * pair[1])


@case(V)
def arrays_in_a_dict(u):
    state = {"now": u, "old": u.copy(), "rate": 0.3}
    for _ in range(3):
        state["old"][:] = state["now"]
        state["now"][1:] += state["rate"] * state["old"][:-1] ** 2
        state["rate"] *= 1.1
    return np.sum(state["now"] ** 2)


@case(V, A)
def one_array_in_two_places(u, a):
    fields = {"u": u, "views": [u[1:], a[0]], "pair": (u, a)}
    fields["u"][2] = fields["views"][0][0] ** 2
    fields["views"][0][2] *= 3.0
    fields["pair"][1][0, 1] = fields["u"][2]
    return np.sum(fields["views"][1] ** 2) + np.sum(u * u)


class Field:
    def __init__(self, values):
        self.values = values
        self.inner = values[1:-1]
        self.work = np.zeros_like(self.inner)

    def relax(self, rate):
        self.work[:] = self.values[2:] - self.inner
        self.inner += rate * self.work * self.inner

    def swap(self, other):
        self.values[0], other.values[0] = other.values[0], self.values[0]


@case(V, W, 0.2)
def arrays_in_objects(u, v, rate):
    a, b = Field(u), Field(v)
    for _ in range(2):
        a.relax(rate)
        b.relax(rate * a.inner[0])
        a.swap(b)
    return np.sum(u * v) + np.sum(a.work)


@case(V)
def arrays_in_a_namespace(u):
    s = SimpleNamespace(q=u, p=u * 0.5)
    for _ in range(3):
        s.p -= 0.1 * s.q**2
        s.q += 0.1 * s.p
        s.q[0] = s.p[1]
    return np.sum(s.q * s.p)


def smooth(u):
    u[1:-1] = 0.5 * (u[2:] + u[:-2])


def smooth_all(fields):
    for field in fields:
        smooth(field)
        clamp(field, 1.2)


def clamp(u, top):
    u[u > top] = top


def both(a, b):
    smooth_all([a, b])
    a += b


def first_row(a):
    return a[0]


def chosen(a, b, which):
    return a if which else b


@case(V, W, 2)
def helpers_that_mutate_to_any_depth(u, v, n):
    for _ in range(n):
        both(u, v)
        both(v, u)
    return np.sum(u * v)


@case(A)
def helper_returns_a_view(a):
    row = first_row(a)
    row[1] = row[0] ** 2
    first_row(a)[2] *= a[1, 1]
    first_row(a.T)[3] = row[1]
    return np.sum(a * a)


@case(V, W)
def helper_returns_one_of_its_arguments(u, v):
    w = chosen(u, v, True)
    w[1] = v[2] * 2.0
    chosen(u, v, False)[:] *= w
    return np.sum(u * v)


def axpy(a, x, y):
    y += a * x
    x[0] = y[-1]
    return y


@case(V)
def same_array_for_two_parameters(u):
    w = axpy(2.0, u, u)
    w[1] *= u[0]
    return np.sum(u * w)


@case(V)
def overlapping_parts_for_two_parameters(u):
    axpy(0.5, u[:-1], u[1:])
    axpy(0.5, u[::-1], u)
    return np.sum(u * u)


@case(V)
def loop_writes_what_it_runs_over(u):
    for i, x in enumerate(u):
        if i + 1 < len(u):
            u[i + 1] += 0.5 * x * x
    return np.sum(u * u)


@case(A)
def loop_over_rows_that_changes_later_rows(a):
    for i, row in enumerate(a):
        row /= row.sum()
        a[i + 1 :] -= 0.2 * row
    return np.sum(a * a)


@case(A)
def loop_over_two_views_at_once(a):
    for above, below in zip(a[:-1], a[1:]):
        below += 0.5 * above**2
        above *= below
    return np.sum(a * a)


@case(A)
def columns_by_the_transposed_array(a):
    for k, column in enumerate(a.T):
        column -= column.mean()
        column *= k + 1.0
    return np.sum(a**2 * B)


@case(V)
@case(V[::-1])
def views_bound_in_both_branches(u):
    if u[0] > u[-1]:
        part = u[:3]
        part += u[3:]
    else:
        part = u[3:]
        part *= u[:3]
    return np.sum(u * u)


@case(V, refused="may share memory")
def view_known_in_one_branch_only(u):
    part = u[:3]
    if u[0] > 0.5:
        part = part * 2.0
    u[1] = 3.0
    return np.sum(part * part)


@case(A)
def names_change_places(a):
    x, y = a[0], a[1]
    x[1] = y[2] ** 2
    x, y = y, x
    x[1] *= 3.0
    y += x
    return np.sum(a * a)


@case(V)
def old_array_under_another_name(u):
    w = u
    u = u * 2.0
    w[1] = u[2] ** 2
    u[0] = w[1]
    w = u[1:]
    w *= u[0]
    return np.sum(u * u)


@case(V)
def kept_copies_of_each_round(u):
    kept = []
    for k in range(3):
        u[k:] *= 1.0 + 0.1 * u[k]
        kept.append(u.copy())
    return np.sum(kept[0] * kept[2]) + np.sum(kept[1])


@case(V, 3)
def accumulators_that_share_nothing(u, n):
    total, last = np.zeros_like(u), u.copy()
    for _ in range(n):
        total += last
        last *= u
        total[0] -= last[1]
    return np.sum(total * last)


@case(V)
def default_buffer_and_keyword(u):
    def step(x, out=None, scale=2.0):
        if out is None:
            out = np.empty_like(x)
        np.multiply(x, scale * x, out=out)
        return out

    w = step(u)
    step(w, out=u)
    step(u, u[::-1].copy(), scale=0.5)
    return np.sum(u * w)


@case(A)
def views_in_a_comprehension(a):
    rows = [row for row in a]
    rows[1][2] = rows[0][1] ** 2
    rows[2] += rows[1]
    halves = {name: a[:, k] for k, name in enumerate("xy")}
    halves["x"] *= halves["y"]
    return np.sum(a * a)


@case(A)
def unpacked_rows(a):
    first, second, *_ = a[0], a[1], 0
    p, q, r, s = a
    p += q
    r[:] = p * s
    first[0] = second[1] ** 2
    return np.sum(a * a)


@case(T)
def swapped_axes_in_loops(t):
    view = t.swapaxes(0, 2)
    for k in range(4):
        view[k] *= 1.0 + view[(k + 1) % 4]
        view[k, 1] += t[:, 0, k]
    return np.sum(t * t)


@case(A)
def split_parts_are_views(a):
    left, right = np.split(a[:, :4], 2, axis=1)
    left += right
    right[0] = left[1] ** 2
    return np.sum(a * a)
