"""What a function reads from outside, found from its code objects without its text.

The frontend follows calls into other functions and may look at constants. So a result
may be kept as long as the code of every function that can be reached is the same, and
every value that was looked at; this module finds both, erring on the side of too many.
"""

from __future__ import annotations

import builtins
import enum
import functools
import os
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from symdiff.checkpoints import is_checkpoint
from symdiff.declared import REGISTRY, find
from symdiff.definitions import held_by
from symdiff.derivation import derivation_of
from symdiff.digests import digest
from symdiff.frontend.reading.distributions import is_frozen
from symdiff.frontend.reading.library import is_dispatcher, wrapped_in
from symdiff.ir.external import External
from symdiff.ir.structure import is_namespace
from symdiff.records import dataclass
from symdiff.signature import is_static, is_structured, kind_of_value, scalar_kind

__all__ = ["Guard", "Survey", "code_text", "static_text", "survey"]

Path = tuple[str, ...]
_BUILTIN = vars(builtins)
_ASKING = frozenset(("getattr", "globals", "hasattr"))
_PLAIN = (str, bytes, int, float, complex, tuple, frozenset, type(None))


@dataclass(frozen=True, slots=True)
class Guard:
    """What was read: `owner[name]` (form "item"), `owner.name` (form "attribute"), the
    keys of a dict (form "keys"), that it lacks some (form "absent"), or a length (form
    "length")."""

    form: str
    owner: Any
    name: Any
    value: Any

    def __repr__(self) -> str:  # a namespace as owner would be very long
        return f"Guard({self.form!r}, ..., {self.name!r}, {self.value!r})"

    def holds(self) -> bool:
        """Whether it still reads the same."""
        try:
            if self.form == "item":
                return self.owner[self.name] is self.value
            if self.form == "keys":
                return bool(list(self.owner) == self.value)
            if self.form == "absent":
                return bool(self.owner.keys().isdisjoint(self.value))
            if self.form == "length":
                return bool(len(self.owner) == self.value)
            return getattr(self.owner, self.name) is self.value
        except (LookupError, AttributeError, ValueError):
            return False


class Survey:
    """What can be reached from some functions.

    digest: of all code, kinds and values, but for those in `loose`.
    loose: values of floats by the path at which they were read. Code that reads them
        at run time does not depend on the value; only code that does not name them
        among its externals does.
    """

    def __init__(self) -> None:
        self.functions: list[types.FunctionType] = []
        self.guards: list[Guard] = []
        self.loose: dict[Path, Any] = {}
        self.digest = ""

    def assumed(self, externals: Iterable[External]) -> dict[str, str]:
        """The floats that code with these externals may have been specialised to."""
        named = {_normal(e.path) for e in externals}
        return {
            ".".join(path): repr(value)
            for path, value in self.loose.items()
            if _normal(path) not in named
        }


def _normal(path: Path) -> Path:
    """A path without the place of the function that a value is closed over by."""
    return (path[0].partition(" ")[0], *path[-2:])


def survey(functions: Iterable[types.FunctionType], classes: Iterable[type] = ()) -> Survey:
    """Find all that the functions and the methods of the classes read, and all that
    those read."""
    walk = _Walk(list(functions))
    for cls in classes:
        for base in cls.__mro__:
            walk.class_(base)
    walk.run()
    return walk.result


class _Walk:
    def __init__(self, roots: list[types.FunctionType]) -> None:
        self.result = Survey()
        self.todo = roots
        self.home = {_root_of(f) for f in roots}
        self.seen: set[int] = set()
        self.feed: list[str] = []
        self.built_in: dict[int, tuple[dict[str, Any], set[str]]] = {}  # by module

    def run(self) -> None:
        while self.todo:
            function = self.todo.pop()
            if id(function) not in self.seen:
                self.seen.add(id(function))
                self.function(function)
        for space, builtin in self.built_in.values():
            self.guard("absent", space, "", frozenset(builtin))
        self.guard("attribute", REGISTRY, "state", REGISTRY.state)
        self.feed += sorted(
            declared.text for f, declared in REGISTRY.all() if _is_library(_root_of(f))
        )
        self.result.digest = digest("\n".join(self.feed))

    def function(self, function: types.FunctionType) -> None:
        code = function.__code__
        self.result.functions.append(function)
        self.declared(function)
        self.guard("attribute", function, "__code__", code)
        for slot in ("__defaults__", "__kwdefaults__"):
            if getattr(function, slot):
                self.guard("attribute", function, slot, getattr(function, slot))
        for name, value in (function.__kwdefaults__ or {}).items():
            self.guard("item", function.__kwdefaults__, name, value)
        self.feed.append(code_text(code))
        if is_checkpoint(function):
            self.feed.append("checkpoint")
        for name, value in _defaults(function):
            self.feed.append(f"default {name} {_text(value)}")
        for name, note in getattr(function, "__annotations__", {}).items():
            self.feed.append(f"note {name} {getattr(note, '__qualname__', note)}")
        if is_dispatcher(function):
            registry = function.registry  # type: ignore[attr-defined]
            functions = registry.values()
            self.guard("keys", functions, "registry", list(functions))
            for cls, each in registry.items():
                self.feed.append(f"registry {cls.__qualname__}")
                self.callee(each)
        names = set(_names(code))
        self.function_attributes(function, names)
        module = function.__globals__.get("__name__", "")
        for name in _read_of(function.__globals__, names, code):
            path: Path = ("global", module, name)
            self.read(function.__globals__, name, path, names)
        space = function.__globals__
        builtin = {n for n in names if n in _BUILTIN and n not in space}
        if builtin:
            self.built_in.setdefault(id(space), (space, set()))[1].update(builtin)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            path = ("closure", module, function.__qualname__, name)
            try:
                held = cell.cell_contents
            except ValueError:
                self.feed.append(f"{path} empty")
                continue
            self.guard("attribute", cell, "cell_contents", held)
            self.value(held, path, names)

    def function_attributes(self, function: types.FunctionType, names: set[str]) -> None:
        """What is kept on the function itself, as in `f.calls`."""
        held = {k: v for k, v in vars(function).items() if not k.startswith("__")}
        for name, value in held.items():
            self.guard("item", vars(function), name, value)
            path = ("global", function.__module__, f"{function.__qualname__}.{name}")
            self.value(value, path, names)
        if not names.isdisjoint(_ASKING):
            self.guard("keys", vars(function), "attributes", list(vars(function)))

    def guard(self, form: str, owner: Any, name: Any, value: Any) -> None:
        self.result.guards.append(Guard(form, owner, name, value))

    def read(self, space: dict[str, Any], name: str, path: Path, names: set[str]) -> None:
        value = space[name]
        if not isinstance(value, types.ModuleType):
            self.guard("item", space, name, value)
        self.value(value, path, names)

    def value(self, value: Any, path: Path, names: set[str]) -> None:
        """Note a value that was read at a path, and follow it where it leads on."""
        where = ".".join(path)
        cls = type(value)
        self.declared(value)
        if cls in (float, complex):
            self.feed.append(f"{where} {cls.__name__}")
            self.result.loose[path] = value
        elif isinstance(value, types.ModuleType):
            self.feed.append(f"{where} module {value.__name__}")
            self.module(value, names)
        elif (made := derivation_of(value)) is not None:
            _, *options = made
            self.feed.append(f"{where} {options!r}")
            self.value(made.function, (*path[:-1], f"{path[-1]}.__wrapped__"), names)
        elif isinstance(value, functools.partial):
            self.feed.append(f"{where} partial")
            for place, part in enumerate((value.func, *value.args)):
                self.value(part, (*path, f"{place}"), names)
            for name, part in value.keywords.items():
                self.guard("item", value.keywords, name, part)
                self.value(part, (*path, name), names)
        elif isinstance(value, types.MethodType):
            self.feed.append(f"{where} method {value.__func__.__qualname__}")
            if isinstance(value.__func__, types.FunctionType):
                self.callee(value.__func__)
            self.value(value.__self__, (*path[:-1], f"{path[-1]}.__self__"), names)
        elif isinstance(value, types.FunctionType):
            self.feed.append(f"{where} function {value.__module__} {value.__qualname__}")
            self.callee(value)
        elif isinstance(value, (list, tuple, dict)) and is_structured(value):
            if cls not in (list, tuple, dict):
                self.attributes(value, path, names)
                self.seen.discard(id(value))
            self.container(value, path, names)
        else:
            self.feed.append(f"{where} {_text(value)}")
            if not _is_plain(value):
                self.attributes(value, path, names)

    def declared(self, value: Any) -> None:
        """Note what is declared of a function; of those of libraries all is noted."""
        declared = find(value)
        if declared is not None:
            self.feed.append(declared.text)

    def container(self, value: Any, path: Path, names: set[str]) -> None:
        """What a list, tuple or dict holds, and that it goes on holding it."""
        where = ".".join(path)
        if id(value) in self.seen:
            return
        self.seen.add(id(value))
        if isinstance(value, dict):
            keys = list(value)
            self.result.guards.append(Guard("keys", value, where, keys))
            self.feed.append(f"{where} dict {keys!r}")
        else:
            keys = list(range(len(value)))
            self.result.guards.append(Guard("length", value, where, len(value)))
            self.feed.append(f"{where} {type(value).__name__} {len(value)}")
        for key in keys:
            held = value[key]
            self.guard("item", value, key, held)
            if type(held) in (float, complex):
                self.feed.append(f"{where}[{key!r}] {held!r}")  # code is specialised to it
                continue
            self.value(held, (*path[:-1], f"{path[-1]}[{key!r}]"), names)

    def module(self, module: types.ModuleType, names: set[str]) -> None:
        root = module.__name__.partition(".")[0]
        if id(module) in self.seen or _is_library(root):
            return
        held = vars(module)
        for name in sorted(names & held.keys()):
            if not (name.startswith("__") and name.endswith("__")):
                if isinstance(held[name], types.ModuleType):
                    self.seen.add(id(module))
                self.read(held, name, ("global", module.__name__, name), names)

    def callee(self, function: types.FunctionType) -> None:
        self.declared(function)
        root = _root_of(function)
        if _is_library(root) and not function.__closure__:
            return
        file = function.__code__.co_filename
        if root in self.home or not ("site-packages" in file or "dist-packages" in file):
            self.todo.append(function)
            return
        # Of someone else's package only the version is looked at, not all its code.
        version = getattr(sys.modules.get(root), "__version__", "")
        self.feed.append(f"{root} {version} {_stamp(file)}")
        self.feed.append(code_text(function.__code__))

    def attributes(self, value: Any, path: Path, names: set[str]) -> None:
        """What is read of an object or class, such as `Config.steps`: by the code that
        names its attributes, or by the methods of its class."""
        cls = value if isinstance(value, type) else type(value)
        root = cls.__module__.partition(".")[0]
        parts = held_by(value)
        if parts is not None and id(value) not in self.seen:
            self.seen.add(id(value))
            self.feed.append(f"{cls.__qualname__} {parts!r}")
            for name in parts.values():
                held = getattr(value, name)
                self.guard("attribute", value, name, held)
                self.value(held, (*path[:-1], f"{path[-1]}.{name}"), names)
            return
        if (_is_library(root) and not is_namespace(cls)) or id(value) in self.seen:
            return
        if root == "scipy":  # a distribution, or one frozen with arguments
            self.feed.append(f"scipy {getattr(sys.modules[root], '__version__', '')}")
            if is_frozen(value):
                self.value(value.args, (*path[:-1], f"{path[-1]}.args"), names)
                self.value(value.kwds, (*path[:-1], f"{path[-1]}.kwds"), names)
            return
        own: dict[str, Any] = {}
        if not isinstance(value, type):
            self.seen.add(id(value))
            part = wrapped_in(value)
            if part is not None:  # nothing else of it is looked at
                wrapped = getattr(value, part)
                self.guard("attribute", value, part, wrapped)
                self.callee(wrapped)
                return
            space = getattr(value, "__dict__", None)
            own = dict(space) if isinstance(space, dict) else {}
            if isinstance(space, dict):  # one may come to stand before that of the class
                self.guard("keys", space, cls.__qualname__, list(space))
            own.update(_in_slots(value))
        for base in cls.__mro__:
            self.class_(base)
        for name, held in own.items():
            self.guard("attribute", value, name, held)
            self.value(held, (*path[:-1], f"{path[-1]}.{name}"), names)

    def class_(self, cls: type) -> None:
        """What a user's class holds: methods, and the values beside them."""
        if id(cls) in self.seen or _is_library(cls.__module__.partition(".")[0]):
            return
        self.seen.add(id(cls))
        where = ("global", cls.__module__)
        self.guard("keys", vars(cls), cls.__qualname__, list(vars(cls)))
        for name, held in list(vars(cls).items()):
            if not (name.startswith("__") and _is_plain(held)):
                self.guard("item", vars(cls), name, held)
            for function in _functions(held):
                self.feed.append(f"{cls.__qualname__}.{name} {type(held).__name__}")
                self.callee(function)
            if _is_plain(held) and not name.startswith("__"):
                self.value(held, (*where, f"{cls.__qualname__}.{name}"), set())


def _in_slots(value: Any) -> Iterator[tuple[str, Any]]:
    """What the slots of an object hold, but for empty ones."""
    for base in type(value).__mro__:
        for name, member in vars(base).items():
            if isinstance(member, types.MemberDescriptorType) and hasattr(value, name):
                yield name, getattr(value, name)


def _functions(held: Any) -> Iterator[types.FunctionType]:
    """The functions that an attribute of a class is made of."""
    if isinstance(held, property):
        parts = [held.fget, held.fset]
    else:
        parts = [getattr(held, "__func__", held)]
    yield from (part for part in parts if isinstance(part, types.FunctionType))


def _root_of(function: Any) -> str:
    module = getattr(function, "__module__", None)
    if isinstance(function, types.FunctionType) and module in (None, "builtins"):
        return ""  # made by `exec` without a name for its module
    return (module or "numpy").partition(".")[0]


def _is_library(root: str) -> bool:
    """Whether a package is part of Python or has its rules in symdiff."""
    return root in sys.stdlib_module_names or root in ("numpy", "symdiff")


def _stamp(file: str) -> str:
    try:
        status = os.stat(file)
    except OSError:
        return ""
    return f"{status.st_mtime_ns} {status.st_size}"


def _defaults(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    code = function.__code__
    values = function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    yield from zip(names[len(names) - len(values) :], values, strict=True)
    yield from (function.__kwdefaults__ or {}).items()


# -- texts of code and values ---------------------------------------------------------


def _read_of(space: dict[str, Any], names: set[str], code: types.CodeType) -> list[str]:
    """The names of a namespace that code reads, not those of attributes that are called
    alike. Only for data that is asked: it may change between any two calls."""
    found = sorted(names & space.keys())
    if any(not callable(v) and not isinstance(v, types.ModuleType)
           for v in map(space.__getitem__, found)):  # fmt: skip
        from symdiff.frontend.reading.classes import names_loaded  # and dataclasses

        read = names_loaded(code)
        if "globals" in read:
            return found
        return [name for name in found if name in read]
    return found


def _names(code: types.CodeType) -> Iterator[str]:
    """The global and attribute names in the code and in functions defined inside it."""
    yield from code.co_names
    if not _ASKING.isdisjoint(code.co_names):
        yield from (const for const in code.co_consts if type(const) is str)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from _names(const)


def code_text(code: types.CodeType) -> str:
    """All of a code object, positions included, the same in every process."""
    parts = (
        code.co_filename, code.co_firstlineno, code.co_qualname, code.co_argcount,
        code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_code,
        code.co_linetable, code.co_exceptiontable, code.co_names, code.co_varnames,
        code.co_freevars, code.co_cellvars,
    )  # fmt: skip
    return f"{parts!r} {[_text(const) for const in code.co_consts]}"


def _is_plain(value: Any) -> bool:
    return isinstance(value, _PLAIN)


def _text(value: Any) -> str:
    """A value that code may be specialised to, or else its kind."""
    cls = type(value)
    if isinstance(value, types.CodeType):
        return code_text(value)
    if cls is tuple:
        return f"({', '.join(map(_text, value))})"
    if cls is frozenset:
        return f"{{{', '.join(sorted(map(_text, value)))}}}"
    if isinstance(value, (str, bytes, int, float, complex, type(None), type(...))):
        return f"{cls.__name__} {value!r}"
    if isinstance(value, slice):
        return f"slice {_text((value.start, value.stop, value.step))}"
    if isinstance(value, enum.Enum):
        return f"{cls.__module__} {cls.__qualname__} {value.name}"
    if cls.__module__ == "numpy.dtypes":
        return f"dtype {value!r}"
    if isinstance(value, re.Pattern):
        return f"pattern {value.pattern!r} {value.flags}"
    if is_static(value):
        module = getattr(value, "__module__", None)
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
        owner = getattr(value, "__self__", None)
        if owner is not None and not isinstance(owner, types.ModuleType):
            return f"{cls.__name__} {module} {name} of {_text(owner)}"  # np.add.reduce
        return f"{cls.__name__} {module} {name}"
    if scalar_kind(cls) is None and cls.__module__.partition(".")[0] != "numpy":
        if cls is not list:
            return f"object {cls.__module__} {cls.__qualname__}"
    return f"{cls.__qualname__} {kind_of_value(value)!r}"


def static_text(statics: Mapping[str, Any]) -> str:
    """The static arguments of a call, for a key."""
    return repr([(name, _text(value)) for name, value in sorted(statics.items())])
