"""Functions, and objects of different classes, of which the run decides which one a name
stands for."""

from __future__ import annotations

import ast
import enum
import itertools
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Items
from contextlib import contextmanager
from typing import Any

from symdiff.definitions.keyed import KEYED
from symdiff.frontend.derivatives.solving import Solving
from symdiff.frontend.memory.forms import Part, rebuilt
from symdiff.frontend.memory.plans import LoopPlan
from symdiff.frontend.memory.state import Branch
from symdiff.frontend.memory.values import (
    MISSING, Bound, Closure, Contents, Missing, ObjectRef, OneOf, Opened, Partial,
    Poison, Ref, Static, Value, sure,
)  # fmt: skip
from symdiff.frontend.reading.library import is_users_object
from symdiff.ir.core import Atom, Const, Var, defined_by, kind_of
from symdiff.ir.effects import READING
from symdiff.ir.kinds import PLACES, Unknown

__all__ = ["Choices", "Pair", "Paths", "Phi", "is_choice"]

Pair = tuple[Value, Value]
Paths = tuple[Branch, Branch]
Phi = Callable[[Pair, str], Value]
Meet = Callable[[Pair], Value]
_MOST_CHOICES = 64  # what is asked of one of them is asked of all


class Choices(Solving):
    """Finds what stands for one of several functions or objects."""

    @contextmanager
    def path(self, branch: Branch):  # type: ignore[no-untyped-def]
        """Lower one path of a branch into `branch`; its names roll back afterwards."""
        with self.state.branch(branch), self.build.block() as nodes:
            self.build.nodes = branch.nodes
            self.open_branches += 1
            try:
                yield
            finally:
                self.open_branches -= 1
                branch.nodes = self.build.nodes
                del nodes

    def is_a_choice(self, values: Pair, paths: Paths) -> bool:
        """Whether what two paths leave are functions, or objects of different classes."""
        if any(isinstance(value, OneOf) for value in values):
            return all(isinstance(v, Missing) or is_choice(v) for v in values)
        if not all(map(is_choice, values)):
            return False
        a, b = (self._class_on(*each) for each in zip(values, paths, strict=True))
        return a is None or b is None or (a is not b and Unknown not in (a, b))

    def _class_on(self, value: Value, path: Branch) -> type | None:
        """The class of an object as one path leaves it, where that is known, and one for
        all that stand for dicts; None for functions."""
        if not isinstance(value, ObjectRef):
            return None
        with self.path(path):
            return self._class_of(value)

    def _class_of(self, value: ObjectRef) -> type | None:
        if not isinstance(self.state.get(self.resolved(value).buffer), Contents):
            return Unknown
        cls = self.outline(value, None).cls
        return dict if cls in KEYED else cls

    def merge_choices(
        self, values: Pair, paths: Paths, phi: Phi, base: str, meet: Meet
    ) -> Value:
        """One of what either path leaves; objects of one class are put together."""
        found: list[list[Value]] = []
        places: tuple[list[int], list[int]] = ([], [])
        classes: list[Any] = []
        for side, (value, path) in enumerate(zip(values, paths, strict=True)):
            for each in _alternatives(value):
                cls = self._class_on(each, path)
                for place, pair in enumerate(found):
                    fits = pair[0] == each if cls is None else classes[place] is cls
                    if fits and isinstance(pair[side], Missing):
                        break
                else:
                    place = len(found)
                    found.append([MISSING, MISSING])
                    classes.append(cls)
                found[place][side] = each
                places[side].append(place)
        made = {v for path in paths for node in path.nodes for v in defined_by(node)}
        merged = [self._met((a, b), phi, made, meet) for a, b in found]
        wrong = next((value for value in merged if isinstance(value, Poison)), None)
        if wrong is not None:
            return wrong
        if len(merged) == 1:
            return merged[0]
        ats = [
            self._renumbered(value, place, path)
            for value, place, path in zip(values, places, paths, strict=True)
        ]
        at = phi((ats[0], ats[1]), f"which_{base}")
        assert isinstance(at, Var)
        return OneOf(tuple(merged), at)

    def _met(self, pair: Pair, phi: Phi, made: set[Var], meet: Meet) -> Value:
        a, b = pair
        if not isinstance(a, Missing) and not isinstance(b, Missing):
            return meet(pair)

        def seen(part: Part) -> Part | None:
            """What was computed on the path, as it is known after it."""
            if not isinstance(part, Var) or part not in made:
                return None
            return phi((part, MISSING) if alone is a else (MISSING, part), part.base)

        alone = b if isinstance(a, Missing) else a
        return rebuilt(alone, seen)  # type: ignore[return-value]  # a value remains one

    def _renumbered(self, value: Value, places: list[int], path: Branch) -> Value:
        """The number of a value among those of both paths."""
        if isinstance(value, Missing):
            return Const(0)  # it may be asked for where nothing comes of it
        with self.path(path):
            return self._at_other_places(value, places)

    def _at_other_places(self, value: Value, places: list[int]) -> Atom:
        """The number of a value, where its alternatives are found at these places."""
        if not isinstance(value, OneOf):
            return Const(places[0])
        if places == list(range(len(places))):
            return value.at
        number: Atom = Const(places[-1])
        for k in reversed(range(len(places) - 1)):
            chosen = self.build.define("eq", value.at, Const(k))
            asked = chosen, Const(places[k]), number
            number = self.build.define("select", *asked, base="which")
        return number

    # -- items by an index --------------------------------------------------------------

    def chosen_item(
        self, items: tuple[Value, ...], index: Atom, node: ast.AST, base: str
    ) -> Value | None:
        items = tuple(map(sure, items))
        if len(items) > _MOST_CHOICES:
            return None
        if not all(map(is_choice, items)) or self.form_for(Contents(items)) is not None:
            return None
        found: list[Value] = []
        for item in items:
            found += [each for each in _alternatives(item) if each not in found]
        numbers = [self.number_among(tuple(found), item) for item in items]
        if numbers == list(map(Const, range(len(items)))) and self._is_within(
            index, len(items)
        ):
            return OneOf(tuple(found), index)
        places = self.new_list(tuple(number for number in numbers if number is not None))
        self.list_names[places.buffer] = f"places_{base}"
        at = self.element(places, index, node, f"which_{base}")
        assert isinstance(at, Var)
        return OneOf(tuple(found), at)

    def _is_within(self, index: Atom, count: int) -> bool:
        """Whether an index is surely one of the first so many numbers."""
        made = self.build.definitions.get(index) if isinstance(index, Var) else None
        if made is None:
            return False
        of_key = made.op == READING and kind_of(made.args[-1]) == PLACES
        return of_key or (made.op == "mod" and made.args[1] == Const(count))

    # -- from round to round --------------------------------------------------------------

    def number_among(self, values: tuple[Value, ...], value: Value) -> Atom | None:
        """Which one of some values another one is; None if it may be none of them."""
        found = list(_alternatives(value))
        if not found or any(each not in values for each in found):
            return None
        return self._at_other_places(value, list(map(values.index, found)))

    def are_of_two_classes(self, start: Value, back: Value) -> bool:
        """Whether two values are objects of which no round makes one from the other."""
        if not isinstance(start, ObjectRef) or not isinstance(back, ObjectRef):
            return False
        a, b = self._class_of(start), self._class_of(back)
        return a is not b and Unknown not in (a, b)

    def choices_of_rounds(
        self, start: Value, back: Value, plan: LoopPlan
    ) -> tuple[Value, ...] | None:
        """What a name may stand for from round to round, if all of it is older than the
        loop or known now."""
        if not is_choice(start) or not is_choice(back):
            return None
        found = list(_alternatives(start))
        found += [each for each in _alternatives(back) if each not in found]
        return tuple(found) if all(_is_steady(each, plan) for each in found) else None

    def choices_made(
        self,
        known: tuple[Value, ...],
        found: Iterable[Value],
        form: Callable[[int, Value], Value],
    ) -> tuple[Value, ...] | None:
        """What a name may stand for from round to round if rounds make objects: one of
        each class, whose form is asked for by its place. None if some has no class."""
        values = [v for v in known if isinstance(v, Opened) or not isinstance(v, Ref)]
        for each in itertools.chain.from_iterable(map(_alternatives, found)):
            if self._place_among(values, each) is not None:
                continue
            if isinstance(each, ObjectRef):
                each = form(len(values), each)
                if not isinstance(each, Opened) or _class_of_form(each) is None:
                    return None
            elif not isinstance(each, Static):
                return None
            values.append(each)
        return tuple(values)

    def _place_among(self, values: Items[Value], value: Value) -> int | None:
        """Where what rounds may have made is among what a name stands for."""
        cls: object = None
        if isinstance(value, ObjectRef):
            cls = self._class_of(value)
        elif isinstance(value, Opened):
            cls = _class_of_form(value)
        for place, each in enumerate(values):
            if each == value if cls is None else _class_of_form(each) is cls:
                return place
        return None

    def told(
        self, values: tuple[Value, ...], starts: tuple[Value, ...], value: Value
    ) -> tuple[Atom, tuple[Value, ...]] | None:
        """Which one of some values another one is, and what each of them is then: as it
        was at the start where it is not that one. None if it may be none of them."""
        found = list(_alternatives(value))
        if not any(isinstance(each, Opened) for each in values):
            number = self.number_among(values, value)
            return None if number is None else (number, starts)
        places = [self._place_among(values, each) for each in found]
        now = list(starts)
        for place, each in zip(places, found, strict=True):
            if place is None:
                return None
            now[place] = each
        known = [place for place in places if place is not None]
        return (self._at_other_places(value, known), tuple(now)) if known else None


def _class_of_form(value: Value) -> type | None:
    """The class of an object that rounds make."""
    held = value.contents if isinstance(value, Opened) else None
    return held.cls if isinstance(held, Contents) and held.cls not in KEYED else None


def is_choice(value: Value) -> bool:
    """Whether a value may be one of several that are known by themselves."""
    if isinstance(value, Static):
        known = value.value
        if isinstance(known, enum.Enum):
            return False
        return callable(known) or is_users_object(known)
    return isinstance(value, (ObjectRef, Closure, Partial, Bound, OneOf))


def _is_steady(value: Value, plan: LoopPlan) -> bool:
    """Whether a value is the same in each round in which it is met."""
    if isinstance(value, ObjectRef):
        return value.buffer <= plan.limit and not value.path
    if isinstance(value, Closure):
        return value.frame < plan.older and not value.defaults and not value.made_in
    if isinstance(value, Bound):
        return _is_steady(value.owner, plan)
    if isinstance(value, Partial):
        parts = (value.function, *value.args, *(v for _, v in value.keywords))
        return all(_is_steady(part, plan) for part in parts)
    return isinstance(value, (Static, Const))


def _alternatives(value: Value) -> Iterator[Value]:
    if isinstance(value, OneOf):
        yield from value.values
    elif not isinstance(value, Missing):
        yield value
