"""One function for one signature: looked up, loaded from the cache, or built."""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from symdiff.api.argnums import describe, parameters
from symdiff.api.arguments import bind, defaults_of, split
from symdiff.api.entry import Entry, Maker, entry_of
from symdiff.backend import cache
from symdiff.backend.load import load, name_the_line, resolve
from symdiff.backend.survey import Guard, survey
from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.kinds import Array, Kind, Opaque
from symdiff.request import Mode, Request
from symdiff.signature import key_of_value

__all__ = ["Specialised", "find", "make", "request_for", "request_unbound"]


_MOST_KEPT = 512
_kept: dict[str, cache.Entry] = {}


class Specialised:
    """A loaded function with all that a call of it needs."""

    __slots__ = (
        "call", "codes", "entry", "entry_to", "function", "guards", "request", "run",
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

    def holds(self) -> bool:
        """Whether all that was read from outside is still the same."""
        return all(guard.holds() for guard in self.guards)

    def note(self, error: BaseException) -> None:
        """Say on an error which of the user's lines it belongs to."""
        name_the_line(error, self.function, self.entry.lines, self.codes)


Table = dict[Any, Specialised]


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
    kind: tuple[Mode, tuple[int, ...], bool],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    name: str,
) -> Specialised:
    """The specialisation that a call needs, made if it is not there."""
    table = _table_of(function, kind)
    named = tuple([(key, key_of_value(value)) for key, value in kwargs.items()])
    key = tuple(map(key_of_value, args)), named
    found = table.get(key)
    if found is None or not found.holds():
        mode, argnums, single = kind
        values = bind(function, args, kwargs, name)
        found = make(request_for(function, argnums, single, mode, values))
        names = parameters(function)
        omitted = set(names[len(args) :]) - kwargs.keys()
        by = [names[k] for k in argnums]
        found.entry_to = entry_of(
            function, name, values, omitted, by, found.run, found.note, found.guards
        )
        found.call = found.entry_to(None)
        table.pop(key, None)
        table[key] = found
        _limit(table)
    return found


def _limit(table: dict[Any, Any], most: int = _MOST_KEPT) -> None:
    """Drop the oldest entry of a table that has grown too large."""
    if len(table) > most:
        table.pop(next(iter(table)), None)


# -- requests -------------------------------------------------------------------------


def request_for(
    function: types.FunctionType,
    argnums: tuple[int, ...],
    single: bool,
    mode: Mode,
    values: Mapping[str, Any],
) -> Request:
    """The request for a call that binds the parameters to these values."""
    names = parameters(function)
    by = [names[k] for k in argnums] if mode != "primal" else []
    kinds, statics = split(function, values, by)
    return Request(function, argnums, single, mode, kinds, statics)


def request_unbound(
    function: types.FunctionType,
    argnums: tuple[int, ...] | None,
    single: bool,
    mode: Mode,
    known: Mapping[str, Kind] | None = None,
) -> Request:
    """The request where no call is known: defaults and `known` say some kinds."""
    known = known or {}
    names = parameters(function)
    by = [names[k] for k in argnums or ()]
    notes = getattr(function, "__annotations__", {})
    told = {n: v for n, v in defaults_of(function).items() if n not in notes}
    kinds, statics = split(function, {n: v for n, v in told.items() if n not in known}, by)
    for name in names:
        if name not in statics and name not in kinds:
            kinds[name] = known.get(name)
    ordered = {name: kinds[name] for name in names if name in kinds}
    return Request(function, argnums, single, mode, ordered, statics)


# -- making ---------------------------------------------------------------------------


def make(request: Request) -> Specialised:
    """The function for a request: from memory, from the disk, or newly generated."""
    statics = request.statics.values()
    callees = [value for value in statics if isinstance(value, types.FunctionType)]
    seen = survey([request.function, *callees])
    key = cache.key_of(request, seen)
    entry = _kept.get(key)
    if not _usable(entry, seen):
        entry = cache.read(key)
        if not _usable(entry, seen):
            entry = cache.Entry.of(_build(request), seen)
            cache.write(key, entry)
        assert entry is not None
        _kept[key] = entry
        _limit(_kept)
    assert entry is not None
    values = resolve(entry.externals, seen.functions)
    function = load(entry, values, request.function.__module__)
    codes = tuple(f.__code__ for f in seen.functions)
    run = _prepared(function, request, entry, values)
    return Specialised(function, run, tuple(seen.guards), entry, codes, request)


def _usable(entry: cache.Entry | None, seen: Any) -> bool:
    """Whether an entry was made for the constants as they are now."""
    return entry is not None and entry.assumed == seen.assumed(entry.externals)


def _build(request: Request) -> Any:
    from symdiff.pipeline import build  # the generator is loaded only when it is needed

    return build(request)


# -- calls ----------------------------------------------------------------------------


def _prepared(
    function: types.FunctionType,
    request: Request,
    entry: cache.Entry,
    outside: Mapping[str, Any],
) -> Callable[..., Any]:
    """The function to call: the generated one, or one that looks at arguments first."""
    names = [n for n, k in request.signature.items() if isinstance(k, (Array, Opaque))]
    defaults = {e.name for e in entry.externals if e.path[0] == "default"}
    fixed = [v for n, v in outside.items() if n not in defaults and _is_array(v)]
    by = [] if request.mode == "primal" else _array_inputs(request)
    if len(names) + len(fixed) == 1 or not (entry.written or by):
        return function
    places = {name: k for k, name in enumerate(parameters(request.function))}

    def run(*args: Any, **kwargs: Any) -> Any:
        held = {n: kwargs[n] if n in kwargs else args[places[n]] for n in names}
        for name in entry.written:
            others = [v for n, v in held.items() if n != name and _is_array(v)]
            _check_apart(request.function, name, held[name], others + fixed)
        result = function(*args, **kwargs)
        gradients = result[1] if request.mode == "value_and_grad" else result
        for place, name in by:
            gradient = gradients if place is None else gradients[place]
            if gradient.shape != held[name].shape:
                raise _shapes_differ(request.function, name, held[name], gradient)
        return result

    return run


def _array_inputs(request: Request) -> list[tuple[int | None, str]]:
    """The arrays that are differentiated, and where their gradients are."""
    names = parameters(request.function)
    chosen = [names[k] for k in request.argnums or ()]
    return [
        (None if request.single else place, name)
        for place, name in enumerate(chosen)
        if isinstance(request.signature.get(name), Array)
    ]


def _shapes_differ(
    function: types.FunctionType, name: str, array: Any, gradient: Any
) -> ValueError:
    """What is wrong when axes that were taken to be equally long are not: the primal
    could not have been evaluated, although its gradient did not need to."""
    return ValueError(
        f"the shapes of the arguments of {describe(function)} do not fit together: "
        f"`{name}` has shape {array.shape}, its gradient would have {gradient.shape}"
    )


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array_interface__") and hasattr(value, "strides")


def _check_apart(
    function: types.FunctionType, name: str, array: Any, others: list[Any]
) -> None:
    import numpy

    for other in others:
        if numpy.may_share_memory(array, other) and _share(array, other):
            raise DifferentiationError(
                Diagnostic(
                    f"{describe(function)} writes into `{name}`, which shares memory with "
                    "another array that it reads",
                    help=f"pass a copy: {name}.copy()",
                )
            )


def _share(a: Any, b: Any) -> bool:
    import numpy

    enough: Any = 10_000  # the exact answer may take exponential time
    try:
        return bool(numpy.shares_memory(a, b, max_work=enough))
    except numpy.exceptions.TooHardError:
        return True
