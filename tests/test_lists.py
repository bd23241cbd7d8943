"""Operations on lists of run-time length: gradients, in-place code and their text."""

from __future__ import annotations

import numpy as np
import pytest
from list_programs import BOTH, FLOATS, N, ROWS, VECTOR, Program, check

from symdiff.ir.core import Function, Index, SliceItem, Var
from symdiff.ir.kinds import FLOAT

FROM, UPTO = Index((SliceItem(start=True),)), Index((SliceItem(stop=True),))
PART, EVERY = Index((SliceItem(True, True),)), Index((SliceItem(step=True),))
ONE = Index(("at",))
XS = [0.3, -1.2, 0.8, 2.0, 0.5]
C = [[0.5, 1.5, -0.3], [0.2, 0.9, 1.1], [1.3, -0.7, 0.4]]
V = np.array([0.4, -0.2, 1.7])


def squares(p: Program, xs: Var) -> Var:
    """`sum(sin(v) * v for v in xs)`, with a weight for each place."""
    s = p("mul", 0.0, 1.0, base="s")

    def body(i, s):
        v = p.get(xs, i)
        weight = p("add", i, 1.5)
        term = p("mul", weight, p("mul", p("math.sin", v), v))
        return p("add", s, term, base="s")

    return p.loop(p("builtins.len", xs), (s,), body)[0]


def appended() -> Function:
    p = Program(x=FLOAT, n=N)
    x, n = p.params
    xs = p("list.new", base="xs")

    def body(i, xs):
        return p("list.append", xs, p("math.sin", p("mul", x, i)), base="xs")

    return p.function(p("builtins.sum", p.loop(n, (xs,), body)[0]))


def recurrence() -> Function:
    """Reads what was appended before, from the end and from the start."""
    p = Program(x=FLOAT, n=N)
    x, n = p.params
    xs = p("list.new", x, p("mul", x, x), base="xs")

    def body(i, xs):
        v = p("mul", p("math.sin", p.get(xs, -1)), p.get(xs, i))
        return p("list.append", xs, v, base="xs")

    return p.function(squares(p, p.loop(n, (xs,), body)[0]))


def stack() -> Function:
    p = Program(x=FLOAT, n=N)
    x, n = p.params
    st = p("list.new", x, base="st")

    def push(i, st):
        v = p.get(st, -1, base="v")
        st = p("list.delitem", st, -1, base="st")
        st = p("list.append", st, p("math.sin", v), base="st")
        return p("list.append", st, p("mul", v, v), base="st")

    (st,) = p.loop(n, (st,), push)
    s = p("mul", x, 1.0, base="s")

    def pop(i, s, st):
        v = p.get(st, -1, base="v")
        st = p("list.delitem", st, -1, base="st")
        return p("add", p("mul", s, v), v, base="s"), st

    return p.function(p.loop(p("builtins.len", st), (s, st), pop)[0])


def queue() -> Function:
    """Takes from the front, puts at the end."""
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")
    s = p("mul", p.get(xs, 0), 2.0, base="s")

    def body(i, s, q):
        v = p.get(q, 0, base="v")
        q = p("list.delitem", q, 0, base="q")
        q = p("list.append", q, p("mul", p("math.cos", v), s), base="q")
        return p("add", s, v, base="s"), q

    s, q = p.loop(n, (s, q), body)
    return p.function(p("add", s, squares(p, q)))


def inserted(place: int) -> Function:
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")

    def body(i, q):
        v = p("math.sin", p("mul", p.get(q, place), p.get(q, i)))
        return p("list.insert", q, place, v, base="q")

    return p.function(squares(p, p.loop(n, (q,), body)[0]))


def inserted_somewhere() -> Function:
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")

    def body(i, q):
        v = p("math.sin", p.get(q, i))
        at = p("sub", p("mul", i, 3), 4)
        return p("list.insert", q, at, v, base="q")

    return p.function(squares(p, p.loop(n, (q,), body)[0]))


def deleted(place: int) -> Function:
    p = Program(xs=FLOATS)
    (xs,) = p.params
    q = p("list.copy", xs, base="q")
    w = p("math.sin", p("mul", p.get(q, place), p.get(q, 1)))
    q = p("list.delitem", q, place, base="q")
    q = p.set(q, 0, p("mul", p.get(q, 0), w))
    return p.function(squares(p, q))


def deleted_somewhere() -> Function:
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")
    s = p("mul", p.get(q, 0), 1.0, base="s")

    def body(i, q, s):
        at = p("sub", p("mul", i, 2), 1)
        v = p.get(q, at)
        q = p("list.delitem", q, at, base="q")
        return q, p("add", p("mul", s, v), p.get(q, 0), base="s")

    q, s = p.loop(n, (q, s), body)
    return p.function(p("add", s, squares(p, q)))


def deleted_slice() -> Function:
    p = Program(xs=FLOATS)
    (xs,) = p.params
    q = p("list.copy", xs, base="q")
    a = p("mul", p.get(q, 1), p.get(q, 2))
    q = p("list.delitem", q, 1, 3, base="q", params=PART)
    b = p("mul", p.get(q, 1), p.get(q, 0))
    q = p("list.delitem", q, -1, base="q", params=FROM)
    return p.function(p("add", squares(p, q), p("mul", a, b)))


def extended() -> Function:
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")

    def body(i, q):
        m = p("getitem", q, 1, 3, params=PART)
        m = p.set(m, 0, p("mul", p.get(m, 0), p.get(q, -1)))
        return p("list.extend", q, m, base="q")

    return p.function(squares(p, p.loop(n, (q,), body)[0]))


def concatenated() -> Function:
    p = Program(xs=FLOATS)
    (xs,) = p.params
    a = p("getitem", xs, 2, params=UPTO)
    b = p("getitem", xs, -1, params=EVERY)
    both = p("list.concat", a, p("list.concat", b, xs))
    return p.function(squares(p, both))


def repeated() -> Function:
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    one = p("list.repeat", p("list.new", p.get(xs, 0)), n)
    two = p("list.repeat", p("list.new", p.get(xs, 1), p.get(xs, 2)), n, base="two")
    two = p.set(two, 0, p("mul", p.get(two, 1), p.get(two, 0)))
    return p.function(p("add", squares(p, one), squares(p, two)))


def replaced_slice(start: int, stop: int) -> Function:
    p = Program(xs=FLOATS)
    (xs,) = p.params
    q = p("list.copy", xs, base="q")
    a = p("mul", p.get(q, 1), p.get(q, 0))
    m = p("list.new", a, p.get(q, -1), p("math.sin", a))
    q = p("setitem", q, start, stop, m, base="q", params=PART)
    b = p("mul", p.get(q, 1), p.get(q, 2))
    q = p.set(q, 1, b)
    return p.function(squares(p, q))


def sort(reverse: bool) -> Function:
    p = Program(xs=FLOATS)
    (xs,) = p.params
    if reverse:
        q = p("builtins.sorted", xs, True, params=("reverse",))
    else:
        q = p("builtins.sorted", xs)
    return p.function(p("mul", squares(p, q), p("builtins.sum", q)))


def extrema() -> Function:
    p = Program(xs=FLOATS)
    (xs,) = p.params
    low, high = p("builtins.min", xs), p("builtins.max", xs)
    return p.function(p("add", p("mul", low, high), p("math.fsum", xs)))


def array_of_list(op: str) -> Function:
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")

    def body(i, q):
        return p("list.append", q, p("math.sin", p.get(q, -1)), base="q")

    (q,) = p.loop(n, (q,), body)
    a = p(op, q)
    s = p("numpy.dot", p("numpy.sin", a), a)
    return p.function(p("mul", s, p("builtins.sum", q)))


def matrix_of_lists() -> Function:
    p = Program(c=ROWS, x=FLOAT)
    c, x = p.params
    a = p("numpy.array", c, base="a")
    s = p("numpy.sum", p("mul", p("matmul", a, a), x))
    return p.function(p("mul", s, p.get(c, 0, 1)))


def trajectory(op: str) -> Function:
    p = Program(x=VECTOR, n=N)
    x, n = p.params
    xs = p("list.new", x, base="xs")

    def body(i, xs, x):
        x = p("add", x, p("mul", 0.1, p("numpy.sin", x)), base="x")
        return p("list.append", xs, x, base="xs"), x

    xs, _ = p.loop(n, (xs, x), body)
    a = p(op, xs)
    return p.function(p("numpy.sum", p("mul", a, p("numpy.cos", a))))


def trajectory_of_last(deeper: bool) -> Function:
    """The state is read from the list; its elements are written into if `deeper`."""
    p = Program(x=VECTOR, n=N)
    x, n = p.params
    xs = p("list.new", p("copy", x), base="xs")

    def body(i, xs):
        x = p.get(xs, -1, base="x")
        xs = p("list.append", xs, p("numpy.sin", p("mul", x, x)), base="xs")
        if deeper:
            xs = p.set(xs, 0, 1, p("mul", p.get(xs, -1, 0), p.get(xs, 0, 1)))
            xs = p.set(xs, i, 0, p.get(xs, i, 1), op="additem")
        return xs

    (xs,) = p.loop(n, (xs,), body)
    total = p("builtins.sum", xs)
    return p.function(p("numpy.sum", p("mul", total, p.get(xs, 1))))


def product() -> Function:
    p = Program(a=ROWS, b=ROWS, n=N)
    a, b, n = p.params
    c = p("list.new", base="c")

    def rows(i, c):
        zero = p("list.repeat", p("list.new", 0.0), n, base="row")
        return p("list.append", c, zero, base="c")

    (c,) = p.loop(n, (c,), rows)

    def outer(i, c):
        def middle(j, c):
            def inner(k, c):
                t = p("mul", p.get(a, i, k), p.get(b, k, j))
                return p.set(c, i, j, t, op="additem")

            return p.loop(n, (c,), inner)[0]

        return p.loop(n, (c,), middle)[0]

    (c,) = p.loop(n, (c,), outer)
    return p.function(sum_of_rows(p, c))


def sum_of_rows(p: Program, c: Var) -> Var:
    def outer(i, s):
        row = p.get(c, i, base="row")

        def inner(j, s):
            v = p.get(c, i, j)
            term = p("mul", p("math.sin", v), p("add", p("mul", i, 2), j))
            return p("add", s, term, base="s")

        return p.loop(p("builtins.len", row), (s,), inner)[0]

    zero = p("mul", 0.0, 1.0, base="s")
    return p.loop(p("builtins.len", c), (zero,), outer)[0]


def elimination() -> Function:
    """Swaps rows and writes into them."""
    p = Program(m=ROWS, n=N)
    m, n = p.params
    c = p("copy", m, base="c")

    def outer(k, c):
        last = p("sub", n, 1)
        one, other = p.get(c, k, base="row"), p.get(c, last, base="row")
        c = p.set(c, k, other)
        c = p.set(c, last, one)

        def inner(i, c):
            f = p("div", p.get(c, i, k), p("add", p.get(c, k, k), 3.0))

            def columns(j, c):
                t = p("mul", f, p.get(c, k, j))
                return p.set(c, i, j, p("sub", p.get(c, i, j), t))

            return p.loop(n, (c,), columns)[0]

        return p.loop(n, (c,), inner, start=p("add", k, 1))[0]

    (c,) = p.loop(n, (c,), outer)
    return p.function(sum_of_rows(p, c))


def ragged() -> Function:
    """A table whose rows grow: C[i].append(v)."""
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    c = p("list.new", base="c")

    def rows(i, c):
        c = p("list.append", c, p("list.new", p.get(xs, i), base="row"), base="c")

        def grow(j, c):
            row = p.get(c, i, base="row")
            v = p("math.sin", p("mul", p.get(c, i, -1), p.get(c, 0, 0)))
            row = p("list.append", row, v, base="row")
            return p.set(c, i, row)

        return p.loop(i, (c,), grow)[0]

    (c,) = p.loop(n, (c,), rows)
    return p.function(sum_of_rows(p, c))


def rows_change() -> Function:
    """Inner lists grow and shrink in place."""
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    c = p("list.new", base="c")

    def rows(i, c):
        c = p("list.append", c, p("list.new", p.get(xs, i), base="row"), base="c")

        def grow(j, c):
            v = p("math.sin", p("mul", p.get(c, i, -1), p.get(c, 0, 0)))
            c = p("list.append", c, i, v, base="c", params=ONE)
            c = p("list.insert", c, j, 0, p.get(c, i, 0), base="c", params=ONE)
            return p("list.extend", c, i, p.get(c, 0), base="c", params=ONE)

        (c,) = p.loop(i, (c,), grow)
        c = p.set(c, i, -1, p("mul", p.get(c, i, 0), 0.7))
        return p("list.append", c, 0, p("math.cos", p.get(c, i, -1)), base="c", params=ONE)

    (c,) = p.loop(n, (c,), rows)
    v = p.get(c, 1, 0)
    c = p("list.delitem", c, 1, 0, base="c", params=BOTH)
    c = p("list.delitem", c, 0, -1, base="c", params=BOTH)
    return p.function(p("mul", v, sum_of_rows(p, c)))


def rows_read_whole() -> Function:
    p = Program(c=ROWS, n=N)
    c, n = p.params
    s = p("mul", 0.0, 1.0, base="s")

    def body(i, s):
        row = p.get(c, i, base="row")
        both = p("list.concat", row, p.get(c, 0, base="row"))
        return p("add", s, p("mul", p("builtins.sum", both), p.get(c, i, 1)), base="s")

    return p.function(p.loop(n, (s,), body)[0])


def in_branches() -> Function:
    """Appends on one path, pops on the other; an early copy is kept."""
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    q = p("list.copy", xs, base="q")

    def body(i, q):
        v = p.get(q, -1, base="v")

        def grow():
            return p("list.append", q, p("mul", p("math.sin", v), p.get(q, 0)), base="q")

        def shrink():
            shorter = p("list.delitem", q, 0, base="q")
            return p.set(shorter, -1, p("mul", p.get(shorter, 0), v))

        even = p("eq", p("mod", i, 2), 0)
        return p.choose(even, grow, shrink)[0]

    (q,) = p.loop(n, (q,), body)
    return p.function(p("mul", squares(p, q), p("builtins.sum", xs)))


def kept_version() -> Function:
    """The list before a change is read after it."""
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params

    def body(i, q, s):
        new = p("list.append", q, p("math.sin", p.get(q, -1)), base="q")
        new = p.set(new, 0, p("mul", p.get(new, 0), p.get(new, 1)))
        return new, p("add", s, p("mul", p("builtins.sum", q), p.get(new, 0)), base="s")

    s = p("mul", 0.0, 1.0, base="s")
    q, s = p.loop(n, (xs, s), body)
    return p.function(p("add", s, squares(p, q)))


def table() -> Function:
    """Dynamic programming over a table of fixed size, overwritten in place."""
    p = Program(xs=FLOATS, n=N)
    xs, n = p.params
    d = p("list.repeat", p("list.new", 1.0), p("builtins.len", xs), base="d")

    def outer(i, d):
        def inner(j, d):
            left = p.get(d, p("sub", j, 1))
            v = p("add", p("mul", p.get(d, j), p.get(xs, j)), p("math.sin", left))
            return p.set(d, j, v)

        return p.loop(p("builtins.len", xs), (d,), inner, start=1)[0]

    return p.function(squares(p, p.loop(n, (d,), outer)[0]))


CASES = {
    "appended": (appended, 0.3, 4),
    "appended nothing": (appended, 0.3, 0),
    "recurrence": (recurrence, 0.7, 4),
    "stack": (stack, 0.3, 4),
    "queue": (queue, XS, 4),
    "queue twice through": (queue, XS, 9),
    "inserted first": (lambda: inserted(0), XS, 4),
    "inserted second": (lambda: inserted(1), XS, 4),
    "inserted before last": (lambda: inserted(-1), XS, 3),
    "inserted somewhere": (inserted_somewhere, XS, 5),
    "deleted first": (lambda: deleted(0), XS),
    "deleted third": (lambda: deleted(2), XS),
    "deleted last": (lambda: deleted(-1), XS),
    "deleted before last": (lambda: deleted(-2), XS),
    "deleted somewhere": (deleted_somewhere, XS, 2),
    "deleted slice": (deleted_slice, XS),
    "extended": (extended, XS, 3),
    "concatenated": (concatenated, XS),
    "repeated": (repeated, XS, 3),
    "replaced slice": (lambda: replaced_slice(1, 3), XS),
    "replaced long slice": (lambda: replaced_slice(0, 4), XS),
    "replaced empty slice": (lambda: replaced_slice(3, 1), XS),
    "replaced last part": (lambda: replaced_slice(-2, 9), XS),
    "sorted": (lambda: sort(False), XS),
    "sorted downwards": (lambda: sort(True), XS),
    "extrema": (extrema, XS),
    "array": (lambda: array_of_list("numpy.array"), XS, 3),
    "asarray": (lambda: array_of_list("numpy.asarray"), XS, 3),
    "matrix of lists": (matrix_of_lists, C, 0.7),
    "trajectory": (lambda: trajectory("numpy.array"), V, 3),
    "stacked": (lambda: trajectory("numpy.stack"), V, 3),
    "vstacked": (lambda: trajectory("numpy.vstack"), V, 3),
    "hstacked": (lambda: trajectory("numpy.hstack"), V, 3),
    "joined": (lambda: trajectory("numpy.concatenate"), V, 3),
    "columns": (lambda: trajectory("numpy.column_stack"), V, 3),
    "trajectory of last": (lambda: trajectory_of_last(False), V, 3),
    "trajectory written into": (lambda: trajectory_of_last(True), V, 3),
    "product": (product, C, C[::-1], 3),
    "elimination": (elimination, C, 3),
    "ragged": (ragged, XS, 4),
    "rows change": (rows_change, XS, 3),
    "rows read whole": (rows_read_whole, C, 3),
    "in branches": (in_branches, XS, 5),
    "kept version": (kept_version, XS, 4),
    "table": (table, XS, 3),
}


@pytest.mark.parametrize("name", CASES)
def test_gradient(name):
    make, *args = CASES[name]
    check(make(), *args)
