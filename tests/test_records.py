"""Classes of data are what `dataclasses` makes of the same text."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from symdiff import records

FORMS = [
    {"frozen": True, "slots": True},
    {"slots": True},
    {"frozen": True, "slots": True, "eq": False},
]


def classes(module, options):
    maker, field = module.dataclass, module.field

    class Base:
        """A base without fields."""

    Base = maker(**options)(Base)

    class Point(Base):
        x: int
        y: Any = 2
        tags: list[str] = field(default_factory=list)
        note: str = field(default="", compare=False, repr=False)
        total: int = field(init=False, default=0)

        def __post_init__(self):
            object.__setattr__(self, "total", self.x)

        def shifted(self):
            return self.x + 1

    Point = maker(**options)(Point)

    class Deep(Point):
        z: float = 0.5

        def __repr__(self):
            return "Deep"

    return Base, Point, maker(**options)(Deep)


@pytest.mark.parametrize("options", FORMS, ids=str)
def test_as_dataclasses_makes_them(options):
    ours = classes(records, options)
    theirs = classes(dataclasses, options)
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        assert mine.__match_args__ == other.__match_args__
        assert not hasattr(mine(1), "__dict__")
        for args in ((1,), (1, 3), (1, 3, ["a"]), (1, 3, ["a"], "b")):
            assert repr(mine(*args)) == repr(other(*args))
            assert mine(*args).shifted() == other(*args).shifted()
            assert mine(*args).total == 1
        same = options.get("eq", True)
        assert (mine(1, note="a") == mine(1, note="b")) is same
        assert mine(1) != mine(2)
        assert mine(1).tags is not mine(1).tags
        with pytest.raises(TypeError):
            mine()
        copied = copy.copy(mine(1, 5))
        assert (copied.x, copied.y, copied.total) == (1, 5, 1)
        assert repr(records.replace(mine(1, 5), x=7)) == repr(
            dataclasses.replace(other(1, 5), x=7)
        )
    assert ours[0]() != theirs[0]()
    assert ours[1](1) != ours[2](1)


def test_hashes():
    hashed = classes(records, {"frozen": True, "slots": True})[1]
    assert hash(hashed(1, 2, ("a",))) == hash(hashed(1, 2, ("a",)))
    assert classes(records, {"slots": True})[1].__hash__ is None


def test_pickling():
    from symdiff.ir.kinds import Array, Size

    kind = Array("float64", (Size("x.0"), 3))
    assert pickle.loads(pickle.dumps(kind)) == kind
