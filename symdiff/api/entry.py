"""The function that a call of a gradient enters.

All that a repeated call costs beside the generated code is here. So it is compiled, for
the parameters of the user's function and for the specialisation that was used last. For
`def f(x, n, k=2.0, *, c)`, called as `f(1.5, 3, c=0.5)`, it is

    def entry(p0, p1, p2, *rest, p3):
        try:
            fits = find is None or not rest and type(p0) is v0 and ...
        except (LookupError, AttributeError, ValueError):
            fits = False
        if not fits:
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
import sys
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import parameters
from symdiff.backend.survey import Guard
from symdiff.signature import as_float, is_array, is_static, key_of_value, scalar_kind
from symdiff.structures import counts

__all__ = ["Entry", "Maker", "entry_of"]

Entry = Callable[..., Any]
Maker = Callable[[Entry | None], Entry]  # from what takes the calls that do not fit

OMITTED = object()

_TEXT = """\
def make(find):
    def entry({header}):
        try:
            fits = find is None or not rest and {test}
        except (LookupError, AttributeError, ValueError):
            fits = False
        if not fits:
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
    exact: bool = False,
) -> Maker:
    """What makes entries for calls like one that bound the parameters to these values.

    Those in `omitted` had their defaults. Integers among those in `by` are floats for
    `run`. An entry without `find` takes every call for one that fits. With `exact` others
    must be the same, and arrays of the same shape.
    """
    names, count = parameters(function), function.__code__.co_argcount
    places = [f"p{k}" for k in range(len(names))]
    given = places.copy()
    space: dict[str, Any] = {"run": run, "note": note, "as_float": as_float}
    space["__builtins__"] = builtins  # where what Numba raises is looked for
    for k, key in enumerate(names):
        if key in omitted:
            given[k] = f"d{k}"
            space[given[k]] = as_float(values[key]) if key in by else values[key]
        elif key in by:
            given[k] = _as_float(places[k], values[key])
    called = [OMITTED if key in omitted else values[key] for key in names]
    fixed = [exact and key not in by for key in names]
    test = _test_of(called, fixed, guards, space, exact)
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


# -- whether a call fits ----------------------------------------------------------------

_FORMS = {
    "item": "{0}[{1}] is {2}",
    "attribute": "{0}.{1} is {2}",
    "keys": "list({0}) == {2}",
    "absent": "{0}.keys().isdisjoint({2})",
    "length": "len({0}) == {2}",
}


def _test_of(
    values: Iterable[Any],
    fixed: Sequence[bool],
    guards: Iterable[Guard],
    space: dict[str, Any],
    exact: bool,
) -> str | None:
    """An expression that is true for such values while guards hold; it may be too strict.

    None where kinds take longer to test. What the expression names goes into `space`.
    """
    tests: list[str] = []

    def name_of(value: Any) -> str:
        name = f"v{len(space)}"
        space[name] = value
        return name

    for position, value in enumerate(values):
        place = f"p{position}"
        test = _test(place, value, name_of, exact)
        if test is None:
            return None
        tests.append(test)
        if fixed[position] and counts(value):
            tests.append(f"{place} == {name_of(value)}")
        elif exact and is_array(value):
            tests.append(f"{place}.shape == {name_of(value.shape)}")
    for guard in guards:
        owner, value = name_of(guard.owner), name_of(guard.value)
        part = name_of(guard.name) if guard.form == "item" else guard.name
        tests.append(_FORMS[guard.form].format(owner, part, value))
    return " and ".join(tests) or "True"


def _test(place: str, value: Any, name_of: Callable[[Any], str], exact: bool) -> str | None:
    cls = type(value)
    text = cls is str or cls is bytes
    if value is OMITTED or (is_static(value) and not text):
        return f"{place} is {name_of(value)}"
    same = f"type({place}) is {name_of(cls)}"
    if scalar_kind(cls) is not None:
        return same
    if text:
        return f"{same} and {place} == {name_of(value)}"
    if cls is list or cls is tuple:
        kinds = tuple(map(type, value))
        if exact or any(scalar_kind(each) is None for each in kinds):
            return None
        if cls is tuple:
            return f"{same} and tuple(map(type, {place})) == {name_of(kinds)}"
        return f"{same} and set(map(type, {place})) == {name_of(set(kinds))}"
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or cls is not numpy.ndarray or value.dtype.fields is not None:
        return None
    dtype = name_of(value.dtype)  # nearly always the same object, which is seen faster
    same += f" and ({place}.dtype is {dtype} or {place}.dtype == {dtype})"
    if value.ndim == 1:  # the whole shape takes longer to get
        one = "==" if len(value) == 1 else "!="
        return f"{same} and {place}.ndim == 1 and len({place}) {one} 1"
    ones = [f"s[{k}] {'==' if n == 1 else '!='} 1" for k, n in enumerate(value.shape)]
    return " and ".join([same, f"len(s := {place}.shape) == {value.ndim}", *ones])
