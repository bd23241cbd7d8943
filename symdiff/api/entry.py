"""The function that a call of a gradient enters.

All that a repeated call costs beside the generated code is here. So it is compiled, for
the parameters of the user's function and for the specialisation that was used last:

    def entry(p0, p1, *, p2):
        try:
            fits = find is None or type(p0) is float and v0["G"] is v1
        except (KeyError, AttributeError, ValueError):
            fits = False
        if not fits:
            return find(p0, p1, c=p2)
        try:
            return run(p0, float(p1), c=p2)
        except BaseException as error:
            note(error)
            raise

The parameters get their own names only afterwards, so that none hides another name.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from symdiff.api.argnums import parameters
from symdiff.backend.survey import Guard
from symdiff.signature import as_float, is_static, key_of_value, scalar_kind

__all__ = ["Entry", "Maker", "Test", "binder_of", "entry_of", "test_of"]

Entry = Callable[..., Any]
Maker = Callable[[Entry | None], Entry]  # from the `find` of an entry; None: all fits
Test = tuple[str, dict[str, Any]]  # an expression, and the values that it names

_TEXT = """\
def make(find):
    def entry({header}):
        try:
            fits = find is None or {test}
        except (KeyError, AttributeError, ValueError):
            fits = False
        if not fits:
            return find({values})
        try:
            return run({given})
        except BaseException as error:
            note(error)
            raise
    return entry
"""


def binder_of(function: types.FunctionType, name: str) -> Maker:
    """The maker of entries that only pass on the values of all parameters."""
    return _maker(function, name, ("False", {}), {}, {})


def entry_of(
    function: types.FunctionType,
    name: str,
    values: Mapping[str, Any],
    by: Collection[str],
    run: Callable[..., Any],
    note: Callable[[BaseException], None],
    test: Test,
) -> Maker:
    """The maker of entries that call `run` where the test holds.

    Integers among the parameters in `by` are floats for `run`.
    """
    changed = {key: _as_float(value) for key, value in values.items() if key in by}
    space = {"run": run, "note": note, "as_float": as_float}
    return _maker(function, name, test, changed, space)


def _maker(
    function: types.FunctionType,
    name: str,
    test: Test,
    changed: Mapping[str, str],
    space: Mapping[str, Any],
) -> Maker:
    names, old = parameters(function), function.__code__
    values = [f"p{k}" for k in range(len(names))]
    given = [changed.get(key, "{}").format(p) for key, p in zip(names, values, strict=True)]
    code = _compiled(
        _header(old, values), test[0], _passed(old, values), _passed(old, given)
    )
    local = names + code.co_varnames[len(names) :]
    code = code.replace(co_varnames=local, co_name=name, co_qualname=name)
    space = {**space, **test[1]}

    def make(find: Entry | None) -> Entry:
        closure = (types.CellType(find),)
        entry = types.FunctionType(code, space, name, function.__defaults__, closure)
        entry.__kwdefaults__ = function.__kwdefaults__
        return entry

    return make


def _header(code: types.CodeType, names: Iterable[str]) -> str:
    """The parameters of a function, called by these names."""
    shown = [*names]
    if code.co_flags & inspect.CO_VARARGS:
        shown.insert(code.co_argcount, "*rest")
    elif code.co_kwonlyargcount:
        shown.insert(code.co_argcount, "*")
    if code.co_posonlyargcount:
        shown.insert(code.co_posonlyargcount, "/")
    if code.co_flags & inspect.CO_VARKEYWORDS:
        shown.append("**more")
    return ", ".join(shown)


def _passed(code: types.CodeType, values: Sequence[str]) -> str:
    """The arguments of a call that gives every parameter a value, in order."""
    count = code.co_argcount
    names = code.co_varnames[count : len(values)]
    keywords = [f"{n}={v}" for n, v in zip(names, values[count:], strict=True)]
    return ", ".join([*values[:count], *keywords])


def _as_float(value: Any) -> str:
    """How a parameter with such a value is passed on, where it has to be a float."""
    if key_of_value(as_float(value)) == key_of_value(value):
        return "{}"
    return "as_float({})" if scalar_kind(type(value)) is None else "float({})"


@functools.lru_cache(256)
def _compiled(header: str, test: str, values: str, given: str) -> types.CodeType:
    space: dict[str, Any] = {}
    exec(_TEXT.format(header=header, test=test, values=values, given=given), space)
    code: types.CodeType = space["make"](find=None).__code__
    return code


# -- whether a call fits ----------------------------------------------------------------

_FORMS = {
    "item": "{0}[{1!r}] is {2}",
    "attribute": "{0}.{1} is {2}",
}


def test_of(values: Iterable[Any], guards: Iterable[Guard]) -> Test:
    """A test that calls with such values pass while guards hold; it may be too strict."""
    held: dict[str, Any] = {}
    tests: list[str] = []

    def name_of(value: Any) -> str:
        name = f"v{len(held)}"
        held[name] = value
        return name

    for position, value in enumerate(values):
        test = _test(f"p{position}", value, name_of)
        if test is None:
            return "False", {}
        tests.append(test)
    for guard in guards:
        owner, value = name_of(guard.owner), name_of(guard.value)
        tests.append(_FORMS[guard.form].format(owner, guard.name, value))
    return " and ".join(tests) or "True", held


def _test(place: str, value: Any, name_of: Callable[[Any], str]) -> str | None:
    cls = type(value)
    same = f"type({place}) is {name_of(cls)}"
    if scalar_kind(cls) is not None:
        return same
    if cls is str:
        return f"{same} and {place} == {name_of(value)}"
    if is_static(value):
        return f"{place} is {name_of(value)}"
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or cls is not numpy.ndarray or value.dtype.fields is not None:
        return None
    same += f" and {place}.dtype == {name_of(value.dtype)}"
    if value.ndim == 1:  # the whole shape takes longer to get
        one = "==" if len(value) == 1 else "!="
        return f"{same} and {place}.ndim == 1 and len({place}) {one} 1"
    ones = [f"s[{k}] {'==' if n == 1 else '!='} 1" for k, n in enumerate(value.shape)]
    return " and ".join([same, f"len(s := {place}.shape) == {value.ndim}", *ones])
