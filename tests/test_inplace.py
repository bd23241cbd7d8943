"""Writes in place: random programs against value semantics, and where copies go."""

from __future__ import annotations

import random

import numpy as np
import pytest
from memory_interpreter import Interpreter

from symdiff.analysis.beside import Beside
from symdiff.errors import Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Const, Equation, For, Function, If, Index, Iteration, Parameter, SliceItem, Var, While,
    walk,
)  # fmt: skip
from symdiff.ir.kinds import BOOL, INT, TAPE, UNKNOWN, Array, List, Size
from symdiff.ir.verify import InvalidIR, verify, verify_in_place
from symdiff.passes import inplace, optimise

SPAN = Span("model.py", 1, 0, 1, 1)
C = Const
FULL, PART = Array("float64", (6,)), Array("float64", (4,))
AT, ALL = Index(("at",)), Index(("rest",))
INNER = Index((SliceItem(True, True),))
BACKWARDS = Index((SliceItem(step=True),))


class Program:
    """A random program over arrays of 6 and of 4 elements, views, tapes and lists."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = Names()
        self.b = Builder(self.names)
        self.params = [self.var(FULL, "p"), self.var(FULL, "q")]
        self.conds = [self.var(BOOL, "c"), self.var(BOOL, "d")]
        self.n = self.var(INT, "n")
        self.pools = {FULL: list(self.params), PART: []}
        self.lists: list[Var] = []
        self.pools[FULL].append(self.b.define("mul", self.params[0], C(2.0)))
        self.pools[PART].append(self.view(self.pools[FULL][-1]))

    def var(self, kind, base="t", role=""):
        return self.names.fresh(base, role, kind)

    def view(self, var):
        return self.b.define("getitem", var, C(1), C(5), params=INNER)

    def pick(self, kind):
        pool = self.pools[kind]
        # Recent values more often: chains of writes.
        if self.random.random() < 0.5:
            return pool[-1 - int(self.random.random() ** 2 * min(4, len(pool)))]
        return self.random.choice(pool)

    def add(self, var):
        self.pools[var.kind].append(var)

    def step(self, depth):
        r, b = self.random, self.b
        kind = FULL if r.random() < 0.7 else PART
        choice = r.random()
        if choice < 0.08:
            self.add(b.define("mul", self.pick(kind), C(r.choice((0.5, -1.0, 1.5)))))
        elif choice < 0.16:
            role = r.choice(("", "bar"))
            self.add(b.define("add", self.pick(kind), self.pick(kind), role=role))
        elif choice < 0.28:
            self.add(self.view(self.pick(FULL)))
        elif choice < 0.33:
            var = b.define("getitem", self.pick(kind), C(-1), params=BACKWARDS)
            self.add(var)
        elif choice < 0.36:
            self.add(b.define("numpy.ravel", self.pick(kind)))
        elif choice < 0.5:
            self.add(b.define("setitem", self.pick(kind), C(r.randrange(4)),
                              C(float(r.randrange(9))), params=AT))  # fmt: skip
        elif choice < 0.58:
            self.add(b.define("setitem", self.pick(FULL), C(1), C(5), self.pick(PART),
                              params=INNER))  # fmt: skip
        elif choice < 0.68:
            self.add(b.define("additem", self.pick(kind), self.pick(kind), params=ALL))
        elif choice < 0.71:
            self.lists.append(b.define("list", self.pick(FULL), self.pick(FULL)))
        elif choice < 0.74 and self.lists:
            items = r.choice(self.lists)
            op = r.random()
            if op < 0.5:
                var = Var("item", "", self.names.fresh("item").version, FULL)
                b.append(Equation(var, "getitem", (items, C(r.randrange(2))), AT))
                self.add(var)
            else:
                self.lists.append(self.listed(items))
        elif depth < 3 and choice < 0.83:
            self.branch(depth)
        elif depth < 3 and choice < 0.93:
            self.loop(depth)
        elif depth < 2:
            self.tape(depth)

    def listed(self, items):
        var = self.names.fresh("items", "", List(FULL, 2))
        place = C(self.random.randrange(2))
        self.b.append(Equation(var, "setitem", (items, place, self.pick(FULL)), AT))
        return var

    def scope(self):
        saved = {k: list(v) for k, v in self.pools.items()}, list(self.lists)

        def restore():
            self.pools, self.lists = saved

        return restore

    def steps(self, number, depth):
        for _ in range(number):
            self.step(depth)

    def branch(self, depth):
        r = self.random
        kinds = [r.choice((FULL, PART)) for _ in range(r.randrange(1, 3))]
        blocks, yields = [], []
        for _ in range(2):
            restore = self.scope()
            with self.b.block() as nodes:
                self.steps(r.randrange(4), depth + 1)
            blocks.append(tuple(nodes))
            yields.append(tuple(self.pick(k) for k in kinds))
            restore()
        results = tuple(self.var(k, "r") for k in kinds)
        self.b.append(If(r.choice(self.conds), *blocks, results, *yields))
        for var in results:
            self.add(var)

    def loop(self, depth, tape=None):
        """A loop; with a tape one that pushes on it, or runs over it."""
        r = self.random
        role = r.choice(("", "bar"))
        kinds = [r.choice((FULL, FULL, PART)) for _ in range(r.randrange(1, 4))]
        inits = [self.pick(k) for k in kinds]
        carried = [self.var(k, "t", role) for k in kinds]
        restore = self.scope()
        targets = (self.var(INT, "i"),)
        bounds = r.choice(((C(0), self.n, C(1)), (C(0), C(3), C(1))))
        iteration = Iteration("range", bounds)
        for var in carried:
            self.add(var)
        pushing = tape is not None and tape[0] == "push"
        if tape is not None and not pushing:
            targets = tuple(self.var(k, "s") for k in tape[2])
            iteration = Iteration("tape", (tape[1],))
            for var in targets:
                self.add(var)
        test = ()
        is_while = tape is None and r.random() < 0.2
        if is_while:
            with self.b.block() as nodes:
                if r.random() < 0.5:
                    self.steps(2, 9)
            count = self.var(INT, "k")
            more = Equation(self.var(BOOL, "m"), "lt", (count, self.n))
            test = (*nodes, more)
        with self.b.block() as nodes:
            self.steps(r.randrange(1, 4), depth + 1)
            pushed = None
            if pushing:
                held = self.var(TAPE, "tape", "tape")
                values = tuple(self.pick(k) for k in tape[2])
                pushed = Equation(self.var(TAPE, "tape", "tape"), "push", (held, *values))
                self.b.append(pushed)
            self.steps(r.randrange(1, 4), depth + 1)
            if is_while:
                up = Equation(self.var(INT, "k"), "add", (count, C(1)))
                self.b.append(up)
        yields = [self.pick(k) for k in kinds]
        if r.random() < 0.5:  # the newest of each kind, as programs do
            yields = [self.pools[k][-1] for k in kinds]
        elif r.random() < 0.5:  # swapped
            yields = [r.choice([c for c in carried if c.kind == k]) for k in kinds]
        results = [self.var(k, "t", role) for k in kinds]
        restore()
        for var in results:
            self.add(var)
        if pushed is not None:
            carried, inits = [*carried, held], [*inits, tape[1]]
            yields, results = [*yields, pushed.target], [*results, tape[3]]
        if is_while:
            carried, inits = [*carried, count], [*inits, C(0)]
            yields, results = [*yields, up.target], [*results, self.var(INT, "k")]
        parts = tuple(map(tuple, (carried, inits))), tuple(map(tuple, (yields, results)))
        (carried, inits), (yields, results) = parts
        if is_while:
            self.b.append(
                While(test, more.target, carried, inits, tuple(nodes), yields, results)
            )
        else:
            self.b.append(
                For(targets, iteration, carried, inits, tuple(nodes), yields, results)
            )

    def tape(self, depth):
        r = self.random
        kinds = [r.choice((FULL, PART)) for _ in range(r.randrange(1, 3))]
        first = self.b.define("tape", role="tape")
        full = self.var(TAPE, "tape", "tape")
        self.loop(depth + 1, ("push", first, kinds, full))
        self.steps(r.randrange(3), depth)
        self.loop(depth + 1, ("read", full, kinds))

    def function(self):
        self.steps(self.random.randrange(3, 14), 0)
        count = self.random.randrange(1, 4)
        returns = tuple(self.pick(self.random.choice((FULL, PART))) for _ in range(count))
        params = (*self.params, *self.conds, self.n)
        return Function("f", tuple(map(Parameter, params)), self.b.take(), returns, SPAN)


def copies(function):
    return sum(isinstance(n, Equation) and n.op == "copy" for n in walk(function.body))


def arguments(seed):
    r = random.Random(seed)
    return (np.arange(6.0), np.arange(6.0) ** 2 + 1, r.random() < 0.5, r.random() < 0.5,
            r.randrange(4))  # fmt: skip


def agree(a, b):
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("block", range(20))
def test_random_programs_keep_their_meaning(block):
    with np.errstate(all="ignore"):
        for seed in range(block * 100, block * 100 + 100):
            function = Program(seed).function()
            verify(function)
            result = inplace(function, own_returns=seed % 3 == 0)
            verify(result)
            verify_in_place(result, Beside)
            for k in range(3):
                given = arguments(seed + 7919 * k)
                expected = Interpreter()(function, *arguments(seed + 7919 * k))
                got = Interpreter(in_place=True)(result, *given)
                assert agree(got, expected), seed
                assert agree(given[:2], arguments(seed)[:2]), seed
                if seed % 3 == 0:
                    for i, x in enumerate(got):
                        others = (*got[:i], *given[:2])
                        assert not any(np.shares_memory(x, y) for y in others), seed


# -- where copies go, and where not ---------------------------------------------------

U = Array("float64", (Size("n"),))
ROUNDS = Iteration("range", (C(0), C(3), C(1)))


class Writer:
    """Short hands for programs by hand."""

    def __init__(self):
        self.b = Builder(Names())
        self.u = self.new("u")

    def new(self, base, kind=U, role=""):
        return self.b.names.fresh(base, role, kind)

    def set(self, u, at=0, value=1.0):
        atom = value if isinstance(value, Var) else C(value)
        return self.b.define("setitem", u, C(at), atom, params=AT)

    def make(self, returns, *params):
        function = Function(
            "f", tuple(map(Parameter, (self.u, *params))), self.b.take(), returns, SPAN
        )
        verify(function)
        result = inplace(function)
        verify(result)
        verify_in_place(result, Beside)
        return result

    def loop(self, carried, inits, body, yields, iteration=ROUNDS, targets=None):
        results = tuple(self.new(v.base, v.kind, v.role) for v in carried)
        targets = targets or (self.new("i", INT),)
        self.b.append(
            For(targets, iteration, tuple(carried), tuple(inits), tuple(body),
                tuple(yields), results)
        )  # fmt: skip
        return results


def test_the_argument_is_copied_once_before_the_loop():
    w = Writer()
    u = w.new("u")
    with w.b.block() as body:
        u1 = w.set(w.set(u), 1, 2.0)
    (r,) = w.loop([u], [w.u], body, [u1])
    result = w.make(w.set(r, 2))
    assert [getattr(n, "op", "for") for n in result.body] == ["copy", "for", "setitem"]
    assert copies(result) == 1


def test_owned_memory_is_written_without_copies():
    w = Writer()
    fresh = w.b.define("mul", w.u, C(2.0))
    assert copies(w.make(w.set(w.set(fresh)))) == 0


def test_swapping_buffers_makes_no_copies():
    w = Writer()
    old, new = w.b.define("mul", w.u, C(1.5)), w.b.define("numpy.zeros_like", w.u)
    a, b = w.new("a"), w.new("b")
    with w.b.block() as body:
        left = w.b.define("getitem", a, C(0), C(-2), params=INNER)
        b1 = w.b.define("setitem", b, C(1), C(-1), left, params=INNER)
    r = w.loop([a, b], [old, new], body, [b1, a])
    assert copies(w.make(r[0])) == 0


def test_buffers_of_each_round_may_lie_on_the_tape():
    w = Writer()
    tape, start = w.b.define("tape"), w.b.define("mul", w.u, C(1.5))
    t, u = w.new("tape", TAPE), w.new("u")
    with w.b.block() as body:
        fresh = w.b.define("mul", u, C(0.5))
        written = w.set(fresh)
        t1 = w.b.define("push", t, written)
    t2, r = w.loop([t, u], [tape, start], body, [t1, written])
    s, g = w.new("u"), w.new("u", role="bar")
    g0 = w.b.define("numpy.zeros_like", w.u)
    with w.b.block() as back:
        named = {"base": "u", "role": "bar"}
        g1 = w.b.define("additem", g, C(0), C(2.0), params=AT, **named)
        g2 = w.b.define("add", g1, s, **named)
    (g3,) = w.loop([g], [g0], back, [g2], Iteration("tape", (t2,)), (s,))
    result = w.make((r, g3))
    assert copies(result) == 0
    ops = [n.op for n in walk(result.body) if isinstance(n, Equation)]
    assert ops.count("additem") == 2  # the sum is added in place


def test_a_pushed_value_is_copied_at_the_push():
    w = Writer()
    tape, start = w.b.define("tape"), w.b.define("mul", w.u, C(1.5))
    t, u = w.new("tape", TAPE), w.new("u")
    with w.b.block() as body:
        part = w.b.define("getitem", u, C(1), C(-1), params=INNER)
        t1 = w.b.define("push", t, part)
        u1 = w.set(u)
    t2, r = w.loop([t, u], [tape, start], body, [t1, u1])
    result = w.make((r, t2))
    pushed = next(n for n in walk(result.body) if getattr(n, "op", "") == "push")
    before = next(n for n in walk(result.body) if getattr(n, "op", "") == "copy")
    assert copies(result) == 1
    assert pushed.args[1] is before.target
    assert before.args == (part,)


@pytest.mark.parametrize(
    ("at", "writes"),
    [(2, ["copy", "setitem"]), (-1, ["copy", "setitem"]), (0, ["setitem"])],
)
def test_a_view_read_later_is_copied_where_the_write_may_reach_it(at, writes):
    w = Writer()
    start = w.b.define("mul", w.u, C(1.5))
    part = w.b.define("getitem", start, C(1), C(-1), params=INNER)
    u1 = w.set(start, at)
    result = w.make((u1, part))
    ops = [n.op for n in result.body]
    assert ops == ["mul", "getitem", *writes]


@pytest.mark.parametrize("carries_on", ["the array", "a view of it", "a row of another"])
def test_places_are_compared_where_no_version_of_the_array_is_a_view(carries_on):
    w = Writer()
    start, x, row = w.b.define("mul", w.u, C(1.5)), w.new("x"), w.new("row")
    with w.b.block() as body:
        x1 = w.set(x, 0)
        part = w.b.define("getitem", x, C(1), C(-1), params=INNER)
        rows = {"the array": x1, "a view of it": part, "a row of another": row}
    rounds = Iteration("array", (w.u,)) if carries_on == "a row of another" else ROUNDS
    (r,) = w.loop([x], [start], body, [rows[carries_on]], rounds, (row,))
    function = Function("f", (Parameter(w.u),), w.b.take(), r, SPAN)
    write, view = body
    assert Beside(function)(view, write) == (carries_on == "the array")


def test_a_reverse_sweep_of_a_stencil_needs_no_further_copies():
    w = Writer()
    tape, start = w.b.define("tape"), w.b.define("copy", w.u)
    bar = w.b.define("numpy.zeros_like", w.u, base="u", role="bar")
    t, u = w.new("tape", TAPE), w.new("u")
    with w.b.block() as body:
        saved = w.b.define("getitem", u, C(1), C(-1), params=INNER)
        kept = w.b.define("copy", saved)
        t1 = w.b.define("push", t, kept)
        v = w.b.define("mul", saved, C(0.5))
        u1 = w.b.define("setitem", u, C(1), C(-1), v, params=INNER)
    t2, r = w.loop([t, u], [tape, start], body, [t1, u1])
    s, u2, g = w.new("s"), w.new("u"), w.new("u", role="bar")
    with w.b.block() as back:
        u3 = w.b.define("setitem", u2, C(1), C(-1), s, params=INNER)
        h = w.b.define("copy", w.b.define("getitem", g, C(1), C(-1), params=INNER))
        g1 = w.b.define("setitem", g, C(1), C(-1), C(0.0), params=INNER)
        x = w.b.define("getitem", u3, C(1), C(-1), params=INNER)
        g2 = w.b.define("additem", g1, C(1), C(-1), w.b.define("mul", h, x), params=INNER)
    r2 = w.loop([u2, g], [r, bar], back, [u3, g2], Iteration("tape", (t2,)), (s,))
    assert copies(w.make(r2[1])) == 3  # all were there


def test_both_branches_may_write():
    w = Writer()
    start = w.b.define("mul", w.u, C(1.5))
    cond, r = w.new("c", BOOL), w.new("r")
    with w.b.block() as then:
        a = w.set(start)
    with w.b.block() as orelse:
        c = w.set(start, 1)
    w.b.append(If(cond, tuple(then), tuple(orelse), (r,), (a,), (c,)))
    assert copies(w.make(w.set(r, 2), cond)) == 0


def test_broadcasts_and_opaque_results_are_not_owned():
    w = Writer()
    wide = w.b.define("numpy.broadcast_to", C(1.0), C(3))
    wide = Equation(w.new("w"), "numpy.broadcast_to", (C(1.0), C(3)))
    got = Equation(w.new("g"), "call", (w.new("f", UNKNOWN), w.u))
    w.b.append(wide)
    w.b.append(got)
    result = w.make((w.set(wide.target), w.set(got.target)), got.args[0])
    assert copies(result) == 2


def test_a_sum_of_plain_terms_stays_one():
    w = Writer()
    a = w.b.define("mul", w.u, C(2.0), base="x", role="bar")
    function = w.make(w.b.define("add", a, w.u, base="x", role="bar"))
    assert [n.op for n in function.body] == ["mul", "add"]


def test_the_verifier_refuses_what_would_go_wrong():
    b = Builder(Names())
    u = b.names.fresh("u", "", U)
    start = b.define("mul", u, C(2.0))
    new = b.define("setitem", start, C(0), C(1.0), params=AT)
    params = (Parameter(u),)
    verify_in_place(Function("f", params, b.take(), new, SPAN), Beside)
    with pytest.raises(InvalidIR, match="share"):
        verify_in_place(Function("f", params, b.take(), (new, start), SPAN), Beside)
    b.define("setitem", u, C(0), C(1.0), params=AT)
    with pytest.raises(InvalidIR, match="owned"):
        verify_in_place(Function("f", params, b.take(), new, SPAN), Beside)


def same_in_place(function, *values):
    """The result in place is that of value semantics, and arguments stay."""
    result = inplace(function)
    verify_in_place(result, Beside)
    given = [v.copy() for v in values]
    expected = Interpreter()(function, *[v.copy() for v in values])
    assert agree(Interpreter(in_place=True)(result, *given), expected)
    assert agree(given, values)
    return result


def test_a_sum_is_not_added_in_place_where_the_tape_or_the_caller_holds_it():
    w = Writer()
    named = {"base": "u", "role": "bar"}
    tape, g0 = w.b.define("tape"), w.b.define("numpy.zeros_like", w.u)
    t, g = w.new("tape", TAPE), w.new("u", role="bar")
    with w.b.block() as body:
        t1 = w.b.define("push", t, g)
        g1 = w.b.define("add", g, w.u, **named)
    t2, g2 = w.loop([t, g], [tape, g0], body, [t1, g1])
    s, h = w.new("s"), w.new("u", role="bar")
    with w.b.block() as back:
        h1 = w.b.define("add", h, s, **named)
    (h2,) = w.loop([h], [g2], back, [h1], Iteration("tape", (t2,)), (s,))
    k = w.new("u", role="bar")
    with w.b.block() as more:
        k1 = w.b.define("add", k, w.u, **named)
    (k2,) = w.loop([k], [w.u], more, [k1])
    function = Function("f", (Parameter(w.u),), w.b.take(), (h2, k2), SPAN)
    result = same_in_place(function, np.arange(3.0))
    ops = [n.op for n in walk(result.body) if isinstance(n, Equation)]
    assert copies(result) == 0
    assert ops.count("additem") == 1  # h alone: nobody reads g2 again


def test_a_tape_that_is_being_read_keeps_its_entries():
    w = Writer()
    named = {"base": "u", "role": "bar"}
    g = w.b.define("copy", w.u)
    tape = w.b.define("push", w.b.define("push", w.b.define("tape"), g), g)
    s, h = w.new("s"), w.new("u", role="bar")
    with w.b.block() as back:
        h1 = w.b.define("add", h, s, **named)
    (h2,) = w.loop([h], [g], back, [h1], Iteration("tape", (tape,)), (s,))
    same_in_place(Function("f", (Parameter(w.u),), w.b.take(), (h2,), SPAN), np.arange(3.0))


def test_lists_hold_what_they_were_given():
    w = Writer()
    a, c = w.b.define("mul", w.u, C(2.0)), w.b.define("mul", w.u, C(3.0))
    items = w.b.define("list", a, a)
    changed = Equation(w.new("v", List(U, 2)), "setitem", (items, C(0), c), AT)
    w.b.append(changed)
    first = Equation(w.new("x"), "getitem", (changed.target, C(0)), AT)
    w.b.append(first)
    c1, a1 = w.set(c), w.set(a)
    last = Equation(w.new("y"), "getitem", (changed.target, C(1)), AT)
    w.b.append(last)
    returns = (first.target, c1, a1, last.target)
    same_in_place(
        Function("f", (Parameter(w.u),), w.b.take(), returns, SPAN), np.arange(3.0)
    )


def test_the_first_value_of_a_sum_may_be_the_callers():
    w = Writer()
    seed, k = w.new("u", role="bar"), w.new("u", role="bar")
    start = w.b.define("mul", w.u, C(2.0))
    with w.b.block() as body:
        k1 = w.b.define("add", k, start, base="u", role="bar")
    (k2,) = w.loop([k], [seed], body, [k1])
    params = (Parameter(w.u), Parameter(seed))
    function = Function("f", params, w.b.take(), (k2,), SPAN)
    same_in_place(function, np.arange(3.0), np.ones(3))


@pytest.mark.parametrize("block", range(4))
def test_all_passes_keep_the_meaning_of_random_programs(block):
    with np.errstate(all="ignore"):
        for seed in range(10_000 + block * 100, 10_000 + block * 100 + 100):
            function = Program(seed).function()
            result = optimise(function)
            verify(result)
            assert optimise(result) is result, seed
            result = inplace(result)
            verify_in_place(result, Beside)
            for k in range(3):
                given = arguments(seed + 7919 * k)
                expected = Interpreter()(function, *arguments(seed + 7919 * k))
                assert agree(Interpreter(in_place=True)(result, *given), expected), seed
