"""One function for one signature: looked up, loaded from the cache, or built."""

from __future__ import annotations

import contextlib
import enum
import types
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from symdiff.api.argnums import FEW, MANY, ONE, Goal, parameters, place_of
from symdiff.api.arguments import bind, defaults_of, split
from symdiff.api.entry import Entry, Maker, entry_of
from symdiff.api.prepared import prepared
from symdiff.backend import cache
from symdiff.backend.load import compiled, load, name_the_line, resolve
from symdiff.backend.survey import Guard, Survey, survey
from symdiff.errors import DifferentiationError
from symdiff.forms import argument_key, classes_in, fixed_in, has_rows
from symdiff.ir.kinds import Kind
from symdiff.records import dataclass, replace
from symdiff.request import Built, Request, Sprawling

__all__ = ["Specialised", "find", "make", "request_for", "request_unbound", "seen_by"]


_MOST_KEPT = 512
_kept: dict[str, cache.Entry] = {}


class Specialised:
    """A loaded function with all that a call of it needs."""

    __slots__ = (
        "call", "codes", "entry", "entry_to", "fails", "function", "guards", "request",
        "run",
    )  # fmt: skip

    entry_to: Maker
    call: Entry  # for arguments that it is known to fit

    def __init__(
        self,
        function: types.FunctionType,
        run: Callable[..., Any],
        guards: tuple[Guard, ...],
        entry: cache.Entry,
        codes: tuple[types.CodeType, ...],
        request: Request,
    ) -> None:
        self.function = function
        self.run = run
        self.guards = guards
        self.entry = entry
        self.codes = codes
        self.request = request
        self.fails = False  # whether Numba was found not to compile it

    @property
    def source(self) -> str:
        """The text, which asks first for what it is made for."""
        from symdiff.api.guarded import guarded

        return guarded(self.entry.source, self.entry.name, self.request)

    def alone(self) -> types.FunctionType:
        """The function as it is called with nothing around it: it asks itself for what it
        is made for."""
        text, entry = self.source, self.entry
        if text == entry.source or self.request.target != "python":
            return self.function
        values = {e.name: self.function.__globals__[e.name] for e in entry.externals}
        return load(replace(entry, source=text), values, self.request.function.__module__)

    def holds(self) -> bool:
        """Whether all that was read from outside is still the same."""
        return all(guard.holds() for guard in self.guards)

    def note(self, error: BaseException) -> None:
        """Say on an error which of the user's lines it belongs to.

        Raises `DifferentiationError` in its place if Numba could not compile the text.
        """
        if self.request.target == "numba":
            from symdiff.backend.compiled import is_compile_error, refused

            if is_compile_error(error):
                self.fails = True
                file, entry = self.function.__code__.co_filename, self.entry
                place = place_of(self.request.function)
                raise refused(error, file, entry.source, entry.lines, place) from error
        name_the_line(error, self.function, self.entry.lines, self.codes)


# The goal is there in place of a specialisation that only this closer look has made known.
Table = dict[Any, Specialised | Goal]


class _Tables(dict[Any, Table]):
    """The specialisations of one function by kind of derivative and signature.

    They are kept on the function, so that both go together. A copy of its `__dict__`,
    as `functools.wraps` makes one, has no share in them.
    """

    owner: weakref.ref[types.FunctionType] | None = None

    def belong_to(self, function: types.FunctionType) -> bool:
        return self.owner is not None and self.owner() is function

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return _Tables, ()

    def __deepcopy__(self, memo: object) -> _Tables:
        return _Tables()


def _table_of(function: types.FunctionType, key: object) -> Table:
    """The table of a function for one kind of derivative."""
    tables = function.__dict__.get("__symdiff__")
    if not isinstance(tables, _Tables) or not tables.belong_to(function):
        tables = _Tables()
        tables.owner = weakref.ref(function)
        function.__dict__["__symdiff__"] = tables
    return tables.setdefault(key, {})


def find(
    function: types.FunctionType,
    goal: Goal,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    name: str,
    known: Any = None,
) -> Specialised:
    """The specialisation that a call needs, made if it is not there; its key may be
    `known`."""
    table = _table_of(function, goal)
    names = parameters(function)
    places = goal.argnums or ()
    by = {names[k] for k in places}
    exact = goal.is_exact
    look = exact, goal.apart
    key = known
    if key is None:
        named = [(key, argument_key(v, key in by, *look)) for key, v in kwargs.items()]
        placed = [argument_key(v, k in places, *look) for k, v in enumerate(args)]
        key = tuple(placed), tuple(named)
    found = table.get(key)
    if isinstance(found, Goal):
        same = (found.is_exact, found.apart) == look
        return find(function, found, args, kwargs, name, key if same else None)
    if found is None or not found.holds():
        values = bind(function, args, kwargs, name)
        again = partial(find, function, args=args, kwargs=kwargs, name=name)
        looks = _Looks(again, goal, goal.target != "python" or goal.indicators)
        try:
            request = request_for(function, goal, values)
            if any(map(has_rows, request.signature.values())):
                looks = replace(looks, whole=True)
            if goal.apart == FEW and _can_be_brief(function, goal, values):
                request = replace(request, rounds="few")
            found = make(request)
        except Sprawling:
            closer = table[key] = goal._replace(apart=ONE)
            _limit(table)
            return again(closer)
        except DifferentiationError as refusal:
            if exact or goal.late:
                raise
            table[key], found = looks.closer(refusal)
            _limit(table)
            return found
        omitted = set(names[len(args) :]) - kwargs.keys()
        found.entry_to = entry_of(
            function, name, values, omitted, by, found.run, found.note, found.guards, *look
        )  # fmt: skip
        found.call = found.entry_to(None)
        table.pop(key, None)
        table[key] = found
        _limit(table)
    return found


def _can_be_brief(
    function: types.FunctionType, goal: Goal, values: Mapping[str, Any]
) -> bool:
    """Whether more than those that are long are lists of objects of one form."""
    goals = goal, goal._replace(apart=ONE)
    few, one = (request_for(function, each, values).signature for each in goals)
    return few != one


@dataclass(frozen=True, slots=True)
class _Looks:
    """Closer looks at a call whose function was refused: each gives what it looked for,
    and the specialisation.

    whole: whether that may be as lists or dicts were taken as a whole.
    """

    call: Callable[[Goal], Specialised]
    goal: Goal
    whole: bool

    def look(self, **changes: Any) -> tuple[Goal, Specialised]:
        goal = self.goal._replace(**changes)
        return goal, self.call(goal)

    def closer(self, refusal: DifferentiationError) -> tuple[Goal, Specialised]:
        if self.whole and self.goal.apart in (ONE, FEW):
            if refusal.late:
                with contextlib.suppress(DifferentiationError):
                    return self.look(late=True)
            simple = self.goal.target != "python" or self.goal.indicators
            return self.look(apart=None if simple else MANY)
        if self.goal.indicators:
            raise refusal
        return self.at_integers(refusal)

    def at_integers(self, refusal: DifferentiationError) -> tuple[Goal, Specialised]:
        """A key, or how many items there are, may follow from integers and lengths."""
        try:
            return self.look(exact=True)
        except DifferentiationError as error:
            if refusal.late or error.late:
                return self.late(refusal)
            raise error if self.goal.checkpoint else refusal from None

    def late(self, refusal: DifferentiationError) -> tuple[Goal, Specialised]:
        """Leave the keys of dicts to the run; if these were all that was in the way, what
        is in the way now says more."""
        try:
            return self.look(late=True)
        except DifferentiationError as latest:
            alone = refusal.late and len(refusal.diagnostics) == 1
            raise latest if alone or self.goal.checkpoint else refusal from None


def _limit(table: dict[Any, Any], most: int = _MOST_KEPT) -> None:
    """Drop the oldest entry of a table that has grown too large."""
    if len(table) > most:
        table.pop(next(iter(table)), None)


# -- requests -------------------------------------------------------------------------


def request_for(
    function: types.FunctionType, goal: Goal, values: Mapping[str, Any]
) -> Request:
    """The request for a call that binds the parameters to these values."""
    names = parameters(function)
    by = [names[k] for k in goal.argnums or ()] if goal.mode != "primal" else []
    kinds, statics = split(function, values, by, goal.is_exact, goal.apart)
    return _request(function, goal, kinds, statics)


def request_unbound(
    function: types.FunctionType,
    goal: Goal,
    known: Mapping[str, Kind] | None = None,
    bound: tuple[Any, ...] = (),
) -> Request:
    """The request where no call is known: defaults and `known` say some kinds; the first
    parameters are `bound` to values."""
    known = known or {}
    names = parameters(function)
    by = [names[k] for k in goal.argnums or ()]
    notes = getattr(function, "__annotations__", {})
    told = {n: v for n, v in defaults_of(function).items() if n not in notes}
    told |= dict(zip(names, bound, strict=False))
    told = {n: v for n, v in told.items() if n not in known}
    kinds, statics = split(function, told, by, goal.is_exact, goal.apart)
    for name in names:
        if name not in statics and name not in kinds:
            kinds[name] = known.get(name)
    ordered = {name: kinds[name] for name in names if name in kinds}
    return _request(function, goal, ordered, statics)


def _request(
    function: types.FunctionType,
    goal: Goal,
    kinds: Mapping[str, Kind | None],
    statics: Mapping[str, Any],
) -> Request:
    asked = goal._replace(exact=goal.is_exact)._asdict()
    if asked.pop("apart") is None:
        asked["rounds"] = "many"
    return Request(function, signature=kinds, statics=statics, **asked)


def seen_by(request: Request) -> Survey:
    """What the function reads, the functions among its arguments and their classes."""
    kinds = [kind for kind in request.signature.values() if kind is not None]
    held = [*request.statics.values(), *(v for k in kinds for v in fixed_in(k))]
    functions = [value for value in held if isinstance(value, types.FunctionType)]
    classes = [cls for kind in kinds for cls in classes_in(kind)]
    classes += [value for value in held if isinstance(value, type)]
    classes += [type(value) for value in held if isinstance(value, enum.Enum)]
    return survey([request.function, *functions], classes)


# -- making ---------------------------------------------------------------------------


def make(request: Request) -> Specialised:
    """The function for a request: from memory, from the disk, or newly generated."""
    seen = seen_by(request)
    key = cache.key_of(request, seen)
    entry = _kept.get(key)
    if not _usable(entry, seen):
        entry = cache.read(key)
        if not _usable(entry, seen):
            entry = _entry(_build(request), seen, request)
            cache.write(key, entry)
        assert entry is not None
        _kept[key] = entry
        _limit(_kept)
    assert entry is not None
    values = resolve(entry.externals, seen.functions, request.function, request.statics)
    code = entry.code
    if request.target == "numba":
        from symdiff.backend.compiled import file_for

        code = compiled(entry, file_for(entry, values))
    function = load(entry, values, request.function.__module__, code)
    codes = tuple(f.__code__ for f in seen.functions)
    run = prepared(function, request, entry, values)
    return Specialised(function, run, tuple(seen.guards), entry, codes, request)


def _usable(entry: cache.Entry | None, seen: Any) -> bool:
    """Whether an entry was made for the constants as they are now."""
    return entry is not None and entry.assumed == seen.assumed(entry.externals)


def _entry(built: Built, seen: Survey, request: Request) -> cache.Entry:
    """What is kept of generated text; Numba's is compiled where its machine code lies."""
    code = None if request.target == "numba" else compiled(built.emitted)
    return cache.Entry.of(built, seen, code)


def _build(request: Request) -> Built:
    from symdiff.pipeline import build  # the generator is loaded only when it is needed

    return build(request)
