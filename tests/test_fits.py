"""A call fits a specialisation only if its arguments have the same key."""

from __future__ import annotations

import copy
import types
from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symdiff.api.fits import Conditions
from symdiff.forms import argument_key

Pair = namedtuple("Pair", "first second")


@dataclass
class Body:
    mass: Any
    place: Any = 0.0


class Slotted:
    __slots__ = ("a", "b")


class Mixed(Slotted):
    c: Any


class Plain:
    pass


def slotted(cls, **values):
    made = cls()
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Text(str):
    __slots__ = ()


NUMBERS = st.sampled_from([1.0, 2.5, 1, 2, True, 1j, np.float32(1.5), np.int64(3)])
ARRAYS = st.sampled_from(
    [np.ones(1), np.ones(2), np.ones(3), np.ones((1, 2)), np.ones((2, 2)), np.ones(()),
     np.ones(2, dtype=int), np.ones(2, dtype="float32"), np.array(["a", "b"])]
)  # fmt: skip
STATIC = st.sampled_from([None, "a", "b", b"a", abs, len, float, ...])
KEYS = st.sampled_from(["a", "b", Text("a"), 1, 1.0, True, None, (1, "a")])
CLASSES = st.sampled_from([Slotted, Mixed, Plain, types.SimpleNamespace])


def inner(items):
    names = st.lists(st.sampled_from(["a", "b"]), unique=True)
    return st.one_of(
        st.lists(items, max_size=3),
        st.lists(items, max_size=2).map(tuple),
        st.builds(lambda n, item: [item] * n, st.integers(1, 4), items),
        st.dictionaries(KEYS, items, max_size=2),
        st.builds(Body, items, items),
        st.builds(Pair, items, items),
        st.builds(lambda cls, names, value: slotted(cls, **dict.fromkeys(names, value)),
                  CLASSES, names, items),
    )  # fmt: skip


LEAVES = st.one_of(NUMBERS, ARRAYS, STATIC)
LONG = st.builds(lambda item, end: {f"k{k}": item for k in range(17)} | end, LEAVES,
                 st.dictionaries(KEYS, LEAVES, max_size=1))  # fmt: skip
VALUES = st.recursive(st.one_of(LEAVES, LONG), inner, max_leaves=3)


def fits(value, other, by, exact, apart):
    """Whether code for a value may be called with another one; None if that is not known
    at a glance."""
    space = {}
    conditions = Conditions(space, [], exact, apart)
    if not conditions.value("p0", value, by):
        return None
    try:
        return eval(f"lambda p0: {' and '.join(conditions.texts)}", space)(other)
    except (LookupError, AttributeError, ValueError):
        return False


@settings(max_examples=400)
@given(VALUES, VALUES, st.booleans(), st.booleans(), st.sampled_from([1, 2, None]))
def test_what_fits_has_the_same_key(value, other, by, exact, apart):
    known = fits(value, value, by, exact, apart)
    assert known in (True, None)
    assert fits(value, copy.deepcopy(value), by, exact, apart) == known
    key = argument_key(value, by, exact, apart)
    if fits(value, other, by, exact, apart):
        assert argument_key(other, by, exact, apart) == key


@pytest.mark.parametrize(
    "value",
    [
        {"w": np.ones((2, 2)), "b": np.ones(2)},
        [(np.ones((2, 2)), np.ones(2)), (np.ones((2, 2)), np.ones(2))],
        [1.0, 2, 3.0],
        [[1.0, 2.0], [3.0, 4.0]],
        [(1.0, 2)] * 20,
        [Body(1.0, np.ones(3)) for _ in range(20)],
        [Body(1.0, np.ones(3)), Body(1.0, None)],
        {f"k{k}": (1.0, 2.0) for k in range(30)},
        Body({"a": Pair(1.0, "up")}, types.SimpleNamespace(c=abs)),
        slotted(Mixed, a=1.0, c=[2.0]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_at_a_glance(value):
    assert fits(value, copy.deepcopy(value), True, False, 16) is True
    assert fits(value, copy.copy(value), False, False, 16) is True


@pytest.mark.parametrize(
    "value, other",
    [
        (slotted(Plain, a=1.0), slotted(Plain, a=1.0, b=1.0)),
        (slotted(Plain, a=1.0, b=1.0), slotted(Plain, b=1.0, a=1.0)),
        (slotted(Slotted, a=1.0), slotted(Slotted, a=1.0, b=1.0)),
        (slotted(Mixed, a=1.0), slotted(Mixed, a=1.0, c=1.0)),
        ({1: 1.0}, {True: 1.0}),
        ({"a": 1.0}, {Text("a"): 1.0}),
        ({"a": 1.0, "b": 1.0}, {"b": 1.0, "a": 1.0}),
        ({f"k{k}": 1.0 for k in range(20)}, {f"k{k}": 1.0 for k in range(16)}),
        ({f"k{k}": 1.0 for k in range(20)}, {**dict.fromkeys(range(20), 1.0), "k": 1.0}),
        ([1.0, 2.0], [1.0, 2]),
        ([1.0, 2.0], []),
        ([(1.0, 2.0)] * 20, [(1.0, 2.0)] * 19 + [(1.0, 2)]),
        ([(1.0, 2.0)] * 20, [(1.0, 2.0)] * 19 + [(1.0, 2.0, 3.0)]),
        ([(1.0, 2.0)] * 20, [(1.0, 2.0)]),
        ([[1.0], [2.0]], [[1.0], []]),
        ([Body(1.0)] * 20, [Body(1.0)] * 19 + [Body(1)]),
        (np.ones(2), np.ones(1)),
        (np.ones((1, 2)), np.ones((2, 2))),
        (np.ones(2), np.ones(2, dtype=int)),
        ((1.0, None), (1.0, 1.0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_near_misses(value, other):
    """What differs a little has another key, and does not fit."""
    for by, apart in ((True, 16), (False, 1)):
        keys = [argument_key(v, by, apart=apart) for v in (value, other)]
        assert keys[0] == keys[1] or not fits(value, other, by, False, apart)
    assert any(
        argument_key(value, by, apart=1) != argument_key(other, by, apart=1)
        for by in (True, False)
    )
