"""Which Python objects are operations of the IR, and how they treat memory."""

from __future__ import annotations

import contextlib
import enum
import functools
import inspect
import itertools
import sys
import types
from functools import cache
from typing import Any

from symdiff.definitions import held_by
from symdiff.frontend.reading.distributions import method_op
from symdiff.ir.structure import is_namespace

__all__ = [
    "ALIASING", "ARRAY_METHODS", "COPIED_VIEWS", "COPYING", "is_array_class",
    "is_context_function", "is_dispatcher", "is_index_maker", "is_library", "is_ufunc",
    "is_users_class", "is_users_object", "may_write", "names_from_out", "OF_LISTS",
    "operation", "places_of_out", "RESHAPING", "VIEWS", "with_places", "wrapped_in",
    "WRITERS",
]  # fmt: skip

# Their result shares memory with the first argument.
VIEWS = frozenset(
    "numpy." + name
    for name in (
        "reshape ravel transpose permute_dims matrix_transpose swapaxes moveaxis rollaxis "
        "expand_dims squeeze broadcast_to flip flipud fliplr rot90 diagonal "
        "atleast_1d atleast_2d atleast_3d"
    ).split()
)
# They take lists of numbers or of arrays as they are.
OF_LISTS = frozenset(
    "numpy." + name
    for name in (
        "array asarray asanyarray stack vstack hstack dstack column_stack concatenate"
    ).split()
)
COPYING = frozenset("numpy." + name for name in ("array", "asarray", "asanyarray"))
# They are views only of arrays in the order that they make.
RESHAPING = frozenset(("numpy.reshape", "numpy.ravel"))
# They are views, too, which their definitions copy.
COPIED_VIEWS = frozenset(
    f"numpy.lib.stride_tricks.{name}" for name in ("as_strided", "sliding_window_view")
)
# They give back the argument itself where it is an array already.
ALIASING = frozenset(("numpy.asarray", "numpy.asanyarray"))

# Methods that are the NumPy function of the same name.
ARRAY_METHODS = frozenset(
    (
        "sum mean max min prod any all argmax argmin cumsum cumprod dot reshape ravel "
        "transpose astype std var trace clip squeeze swapaxes repeat round "
        "diagonal take choose compress nonzero argsort argpartition searchsorted"
    ).split()
)


# What is followed without its text of modules that hold other things, too.
_CHOSEN = {
    "collections": (
        "deque",
        "ChainMap",
        "Counter",
        "OrderedDict",
        "defaultdict",
        "namedtuple",
    ),
    "types": ("MappingProxyType", "SimpleNamespace"),
    "dataclasses": ("fields", "replace"),
    "copy": ("copy", "deepcopy"),
    "importlib": ("import_module",),
    "bisect": ("bisect_left", "bisect_right", "insort_left", "insort_right"),
}
# The functions of these modules are operations of the IR.
_MODULES = (
    *_CHOSEN, "numpy.linalg", "numpy.fft", "numpy.random", "numpy",
    "numpy.lib.stride_tricks", "math", "cmath", "random", "functools", "itertools",
    "operator", "builtins",
)  # fmt: skip


def _table() -> dict[int, str]:
    """The operations by the `id` of the function: those of modules that are loaded, a
    program has no others."""
    return _table_of(tuple([name for name in _MODULES if name in sys.modules]))


@cache
def _table_of(modules: tuple[str, ...]) -> dict[int, str]:
    table: dict[int, str] = {}
    for prefix in modules:
        module = sys.modules[prefix]
        for name in _CHOSEN.get(prefix) or sorted(vars(module)):
            value = getattr(module, name)
            if name.startswith("_") or not callable(value) or id(value) in table:
                continue
            if prefix == "operator" and name not in _OPERATORS:
                continue  # some write into an argument
            if prefix.endswith("random") and name not in _RANDOM:
                continue
            if isinstance(value, type) and prefix in ("numpy", "numpy.linalg"):
                if name not in _FOLLOWED:
                    continue
            if isinstance(value, type) and issubclass(value, BaseException):
                continue
            proper = getattr(value, "__name__", name)
            known = getattr(module, proper, None) is value
            table[id(value)] = f"{prefix}.{proper if known else name}"
    return table


def operation(value: Any) -> str | None:
    """The op that a library function is, such as "numpy.sin"; None for other objects."""
    if getattr(value, "__self__", None) is itertools.chain:
        return f"itertools.{value.__name__}"  # a method of the class: each read makes one
    if isinstance(value, types.FunctionType) and not is_library(value):
        return None  # seen without a look at all of NumPy
    found = _table().get(id(value))
    return _of_others(value) if found is None else found


_STANDARD = ("dataclasses", "heapq", "statistics", "typing")
_SERIES = ("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre")
# What gives the points and weights of a quadrature.
_POINTS = frozenset("chebgauss hermegauss hermgauss laggauss leggauss".split())
_SCIPY = (
    "special", "linalg", "stats", "signal", "integrate", "fft", "optimize", "interpolate",
    "ndimage", "sparse", "spatial", "cluster",
)  # fmt: skip


def _of_others(value: Any) -> str | None:
    """The op of a function of SciPy or Python that has a rule or a definition."""
    method = method_op(value)
    if method is not None:
        return method if method.removeprefix("scipy.stats.") in _known("stats") else None
    for module in _STANDARD:
        if module in sys.modules:
            found = _functions_of_standard(module).get(id(value))
            if found is not None:
                return found
    for module in _SERIES:
        if f"numpy.polynomial.{module}" in sys.modules:
            found = _functions_of_series(module).get(id(value))
            if found is not None:
                return found
    for module in _SCIPY:
        loaded = f"scipy.{module}" in sys.modules
        for owner in _owners(module) if loaded else ():
            if owner in sys.modules:
                found = _functions_of(module, owner).get(id(value))
                if found is not None:
                    return found
    return None


@cache
def _functions_of_standard(module: str) -> dict[int, str]:
    from symdiff.definitions import names_in  # loaded only where text is read

    library = sys.modules[module]
    return {id(getattr(library, n)): f"{module}.{n}" for n in names_in(module)}


@cache
def _functions_of_series(module: str) -> dict[int, str]:
    from symdiff.definitions import names_of_series  # loaded only where text is read

    name = f"numpy.polynomial.{module}"
    names = [*names_of_series(module), *_POINTS.intersection(vars(sys.modules[name]))]
    return {id(getattr(sys.modules[name], n)): f"{name}.{n}" for n in names}


@cache
def _known(module: str) -> dict[str, None]:
    """The names in a module of SciPy that have a rule or a definition, in order."""
    from symdiff.definitions import names_of_scipy  # loaded only where text is read
    from symdiff.rules import all_rules

    prefix = f"scipy.{module}."
    ruled = (op for row in all_rules() for op in row.ops if op.startswith(prefix))
    names = [op.removeprefix(prefix) for op in ruled]
    return dict.fromkeys([*names, *names_of_scipy(module)])


@cache
def _owners(module: str) -> dict[str, tuple[str, ...]]:
    """The names by the module that has them, which a program may import at any time, or
    by the distribution, which is none."""
    owners: dict[str, tuple[str, ...]] = {}
    for name in _known(module):
        owner = f"scipy.{module}.{name}".rpartition(".")[0]
        owners[owner] = (*owners.get(owner, ()), name)
    return owners


@cache
def _functions_of(module: str, owner: str) -> dict[int, str]:
    table: dict[int, str] = {}
    for name in _owners(module)[owner]:
        function = getattr(sys.modules[owner], name.rpartition(".")[2], None)
        if function is not None:
            table.setdefault(id(function), f"scipy.{module}.{name}")  # some have two names
    return table


# Classes with a definition, and types of numbers that convert.
_FOLLOWED = frozenset(
    (
        "ndenumerate ndindex vectorize dtype finfo iinfo float16 float32 float64 complex64 "
        "complex128 bool int8 int16 int32 int64 uint8 uint16 uint32 uint64"
    ).split()
)
_OPERATORS = frozenset(
    (
        "add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift lt le gt "
        "ge eq ne neg pos invert inv not_ getitem itemgetter attrgetter methodcaller"
    ).split()
)
# Of `numpy.random` and `random`: all that draw but leave their arguments alone.
_RANDOM = frozenset(
    (
        "default_rng Generator RandomState Random seed shuffle random rand randn ranf "
        "sample "
        "random_sample random_integers randint randrange getrandbits choice choices "
        "permutation uniform normal standard_normal standard_exponential standard_cauchy "
        "standard_gamma standard_t exponential chisquare rayleigh weibull pareto power "
        "gamma beta laplace logistic gumbel lognormal vonmises wald triangular poisson "
        "geometric binomial negative_binomial hypergeometric multivariate_normal "
        "dirichlet multinomial gauss normalvariate expovariate betavariate gammavariate "
        "lognormvariate vonmisesvariate paretovariate weibullvariate"
    ).split()
)
# They write into their first argument; the names of all that they take.
WRITERS = {
    "numpy.copyto": ("dst", "src", "casting", "where"),
    "numpy.fill_diagonal": ("a", "val", "wrap"),
    "numpy.place": ("arr", "mask", "vals"),
    "numpy.put": ("a", "ind", "v", "mode"),
    "numpy.putmask": ("a", "mask", "values"),
    "numpy.random.shuffle": ("x",),
}
_WRITING_METHODS = frozenset("at shuffle sort partition put itemset setfield".split())
_ONLY_READ = frozenset("numpy scipy math random statistics time datetime".split())


def is_array_class(value: Any) -> bool:
    import numpy as np

    return value is np.ndarray


def is_ufunc(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")  # a program without NumPy does not import it
    return numpy is not None and isinstance(value, numpy.ufunc)


@cache
def _required(op: str) -> tuple[str, ...]:
    """The names of the arguments that a library function cannot do without."""
    module, _, name = op.rpartition(".")
    try:
        function = getattr(sys.modules[module], name)
        parameters = inspect.signature(function).parameters.values()
    except (KeyError, AttributeError):
        return ()  # a method, or no name of that module
    except (TypeError, ValueError):
        return ()
    return tuple(
        p.name
        for p in parameters
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty
    )


def with_places(
    op: str, positional: list[Any], keywords: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments, with those by position that the function cannot do without."""
    if not keywords or not op.startswith(("numpy.", "scipy.")):
        return positional, keywords
    positional, keywords = list(positional), dict(keywords)
    for name in _required(op)[len(positional) :]:
        if name not in keywords:
            break
        positional.append(keywords.pop(name))
    return positional, keywords


def is_index_maker(value: Any) -> bool:
    """Whether it is `np.s_`, `np.r_` or one of their like."""
    import numpy as np

    makers = (np.s_, np.index_exp, np.r_, np.c_, np.mgrid, np.ogrid)
    return any(value is each for each in makers)


def places_of_out(value: Any) -> int | None:
    """How many positional arguments come before `out`; None if there is no `out`."""
    count = getattr(value, "nin", None)
    if isinstance(count, int):
        return count
    known = {"dot": 2, "clip": 3, "concatenate": 2}.get(getattr(value, "__name__", ""))
    if known is not None:
        return known
    try:
        parameters = inspect.signature(value).parameters
    except (TypeError, ValueError):
        return None
    out = parameters.get("out")
    if out is None or out.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        return None
    return list(parameters).index("out")


def names_from_out(value: Any) -> list[str]:
    """The names of `out` and the positional arguments after it."""
    try:
        names = list(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        return ["out"]
    return names[names.index("out") :] if "out" in names else ["out"]


def may_write(value: Any) -> bool:
    """Whether a callable that is run as it is might write into its arguments."""
    name = getattr(value, "__name__", "")
    module = getattr(value, "__module__", None) or type(value).__module__
    return module.partition(".")[0] not in _ONLY_READ or name in _WRITING_METHODS


def is_library(value: Any) -> bool:
    """Whether a Python function belongs to a library whose source is not followed."""
    module = getattr(value, "__module__", None) or ""
    if module == "builtins":
        return False  # no function there has a text: `exec` made it
    root = module.partition(".")[0]
    return root in _NOT_FOLLOWED or root in sys.stdlib_module_names


def wrapped_in(value: Any) -> str | None:
    """The attribute under which a callable holds the function that it runs, unchanged:
    that of `functools.cache`, or of a compiler such as Numba."""
    if isinstance(value, functools._lru_cache_wrapper):
        return "__wrapped__"
    root = type(value).__module__.partition(".")[0]
    compiled = root in _COMPILERS and isinstance(
        getattr(value, "py_func", None), types.FunctionType
    )
    return "py_func" if compiled else None


def _nothing(value: Any) -> Any:
    return None


def is_context_function(value: Any) -> bool:
    """Whether `contextlib.contextmanager` made it of a generator function."""
    inner = getattr(value, "__wrapped__", None)
    code = getattr(value, "__code__", None)
    made: Any = contextlib.contextmanager(_nothing)
    return code is made.__code__ and isinstance(inner, types.FunctionType)


def is_dispatcher(function: types.FunctionType) -> bool:
    """Whether `functools.singledispatch` made it."""
    made: Any = functools.singledispatch(_nothing)
    return function.__code__ is made.__code__


def is_users_class(value: Any) -> bool:
    """Whether it is a class whose methods may be followed."""
    if not isinstance(value, type) or issubclass(value, (BaseException, enum.Enum)):
        return False
    return not _in_library(value)


def is_users_object(value: Any) -> bool:
    """Whether it is an object whose attributes and methods may be followed."""
    if callable(value) and isinstance(value, (type, *_FUNCTIONS)):
        return False
    if held_by(value) is not None or is_namespace(type(value)):
        return True
    return is_users_class(type(value)) and not isinstance(value, types.ModuleType)


_FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial,
)  # fmt: skip


def _in_library(cls: type) -> bool:
    root = (cls.__module__ or "").partition(".")[0]
    return root in _NOT_FOLLOWED or root in sys.stdlib_module_names


_COMPILERS = frozenset(("numba",))
_NOT_FOLLOWED = frozenset("numpy scipy numba".split())
