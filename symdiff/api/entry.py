"""The function that a call of a gradient enters.

All that a repeated call costs beside the generated code is here. So it is compiled, for
the parameters of the user's function and for the specialisation that was used last. For
`def f(x, n, k=2.0, *, c)`, called as `f(1.5, 3, c=0.5)`, it is

    def entry(p0, p1, p2, *rest, p3):
        while True:  # which takes no time, as it would to keep whether the call fits
            try:
                if type(p0) is v0 and ... and not rest:
                    break
            except (LookupError, AttributeError, ValueError):
                pass
            if find is None:
                break
            return find((p0, p1, p2, *rest), dict(c=p3))
        try:
            return run(p0, float(p1), d2, c=p3)
        except BaseException as error:
            note(error)
            raise

with `OMITTED` as the default of every parameter: by now the user's function may have got
other parameters, so the call that does not fit is repeated as it was. The parameters get
their own names after compiling, so that none hides another name.
"""

from __future__ import annotations

import builtins
import functools
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import parameters
from symdiff.api.fits import OMITTED, Conditions
from symdiff.backend.survey import Guard
from symdiff.signature import as_float, key_of_value, scalar_kind
from symdiff.structures import parts

__all__ = ["Entry", "Maker", "entry_of"]

Entry = Callable[..., Any]
Maker = Callable[[Entry | None], Entry]  # from what takes the calls that do not fit

_TEXT = """\
def make(find):
    def entry({header}):
        while True:
            try:
                if {test} and not rest:
                    break
            except (LookupError, AttributeError, ValueError):
                pass
            if find is None:
                break
            return find(({placed}), dict({named}))
        try:
            return run({given})
        except BaseException as error:
            note(error)
            raise
    return entry
"""


def entry_of(
    function: types.FunctionType,
    name: str,
    values: Mapping[str, Any],
    omitted: Collection[str],
    by: Collection[str],
    run: Callable[..., Any],
    note: Callable[[BaseException], None],
    guards: Iterable[Guard],
    exact: bool,
    apart: int | None,
) -> Maker:
    """What makes entries for calls like one that bound the parameters to these values.

    Those in `omitted` had their defaults. Integers among those in `by` are floats for
    `run`. An entry without `find` takes every call for one that fits. `exact` and `apart`
    say how closely values are looked at (`symdiff.forms.Look`).
    """
    names, count = parameters(function), function.__code__.co_argcount
    places = [f"p{k}" for k in range(len(names))]
    given = places.copy()
    space: dict[str, Any] = {"run": run, "note": note, "as_float": as_float}
    space["__builtins__"] = builtins  # where what Numba raises is looked for
    for k, key in enumerate(names):
        value = values[key]
        number = key in by and parts(value, True, exact) is None
        if key in omitted:
            given[k] = f"d{k}"
            space[given[k]] = as_float(value) if number else value
        elif number:
            given[k] = _as_float(places[k], value)
    called = {key: OMITTED if key in omitted else values[key] for key in names}
    test = _test_of(called, by, guards, Conditions(space, [], exact, apart))
    code = _compiled(
        header=_header(function.__code__, places),
        test=test or "False",
        placed=", ".join([*places[:count], "*rest"]),
        named=_named(names[count:], places[count:]),
        given=", ".join([*given[:count], _named(names[count:], given[count:])]),
    )
    local = names + code.co_varnames[len(names) :]
    code = code.replace(co_varnames=local, co_name=name, co_qualname=name)

    def make(find: Entry | None) -> Entry:
        if find is not None and test is None:
            return find
        again = find and functools.partial(_call, find, names)
        closure = (types.CellType(again),)
        entry = types.FunctionType(code, space, name, (OMITTED,) * count, closure)
        entry.__kwdefaults__ = dict.fromkeys(names[count:], OMITTED)
        return entry

    return make


def _call(
    function: Callable[..., Any],
    names: Sequence[str],
    placed: Sequence[Any],
    named: Mapping[str, Any],
) -> Any:
    """Call a function with what was not omitted: up to a gap by position, then by name."""
    count = next((k for k, v in enumerate(placed) if v is OMITTED), len(placed))
    named = {**dict(zip(names[count:], placed[count:], strict=False)), **named}
    return function(*placed[:count], **{n: v for n, v in named.items() if v is not OMITTED})


def _header(code: types.CodeType, places: Sequence[str]) -> str:
    count, alone = code.co_argcount, code.co_posonlyargcount
    slash = ["/"] if alone else []
    shown = [*places[:alone], *slash, *places[alone:count], "*rest", *places[count:]]
    return ", ".join(shown)


def _named(names: Sequence[str], texts: Sequence[str]) -> str:
    return ", ".join(f"{n}={text}" for n, text in zip(names, texts, strict=True))


def _as_float(place: str, value: Any) -> str:
    if key_of_value(as_float(value)) == key_of_value(value):
        return place
    return f"as_float({place})" if scalar_kind(type(value)) is None else f"float({place})"


@functools.lru_cache(256)
def _compiled(**parts: str) -> types.CodeType:
    space: dict[str, Any] = {}
    exec(compile(_TEXT.format(**parts), "<symdiff entry>", "exec"), space)
    code: types.CodeType = space["make"](find=None).__code__
    return code


_FORMS = {
    "item": "{0}[{1}] is {2}",
    "attribute": "{0}.{1} is {2}",
    "keys": "list({0}) == {2}",
    "absent": "{0}.keys().isdisjoint({2})",
    "length": "len({0}) == {2}",
}


def _test_of(
    values: Mapping[str, Any],
    by: Collection[str],
    guards: Iterable[Guard],
    test: Conditions,
) -> str | None:
    """An expression that is true for such values while guards hold; None where kinds take
    longer to test."""
    for position, (name, value) in enumerate(values.items()):
        if not test.value(f"p{position}", value, name in by):
            return None
    for guard in guards:
        owner, value = test.name_of(guard.owner), test.name_of(guard.value)
        part = test.name_of(guard.name) if guard.form == "item" else guard.name
        test.add(_FORMS[guard.form].format(owner, part, value))
    return " and ".join(test.texts) or "True"
