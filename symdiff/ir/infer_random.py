"""Kinds of random draws: NumPy's generators, its legacy functions, Python's `random`."""

from __future__ import annotations

from symdiff.ir.infer_arguments import (
    Arguments, Keywords, argument, dtype_argument, is_none, shape_argument,
)  # fmt: skip
from symdiff.ir.infer_dtypes import element_kind, elementwise, listed
from symdiff.ir.kinds import (
    FLOAT, INT, NONE, UNKNOWN, Array, Extent, Int, Kind, List, Opaque, Tuple, join_items,
)  # fmt: skip

__all__ = ["method_of", "random_call"]

_LEGACY, _PLAIN = "numpy.random.mtrand.RandomState", "random.Random"
_GENERATORS = frozenset(("numpy.random._generator.Generator", _LEGACY, _PLAIN))
_MAKERS = {
    "numpy.random.default_rng": "numpy.random._generator.Generator",
    "numpy.random.Generator": "numpy.random._generator.Generator",
    "numpy.random.RandomState": _LEGACY,
    "random.Random": _PLAIN,
}


def random_call(op: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of a function of `numpy.random` or of Python's `random`."""
    if op in _MAKERS:
        return Opaque(_MAKERS[op])
    module, _, name = op.rpartition(".")
    return _drawn(_PLAIN if module == "random" else _LEGACY, name, pos, kw)


def method_of(owner: Kind, name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of a method's result, where the object is a generator."""
    if isinstance(owner, Opaque) and owner.cls in _GENERATORS:
        return _drawn(owner.cls, name, pos, kw)
    return UNKNOWN


# Draws by the number of their parameters, which come before `size`.
_FLOATS = {
    "standard_normal": 0, "random": 0, "standard_exponential": 0, "standard_cauchy": 0,
    "random_sample": 0, "ranf": 0, "sample": 0,
    "exponential": 1, "chisquare": 1, "rayleigh": 1, "weibull": 1, "standard_gamma": 1,
    "standard_t": 1, "pareto": 1, "power": 1,
    "normal": 2, "uniform": 2, "gamma": 2, "beta": 2, "laplace": 2, "logistic": 2,
    "gumbel": 2, "lognormal": 2, "vonmises": 2, "wald": 2, "f": 2,
    "noncentral_chisquare": 2, "triangular": 3, "noncentral_f": 3,
}  # fmt: skip
_INTEGERS = {
    "poisson": 1, "geometric": 1, "zipf": 1, "logseries": 1, "integers": 2, "randint": 2,
    "random_integers": 2, "binomial": 2, "negative_binomial": 2, "hypergeometric": 3,
}  # fmt: skip
_NOTHING = frozenset("seed shuffle set_state".split())
# Of Python's `random`.
_PLAIN_FLOATS = frozenset(
    (
        "random uniform gauss normalvariate expovariate betavariate gammavariate "
        "lognormvariate triangular vonmisesvariate paretovariate weibullvariate"
    ).split()
)
_PLAIN_INTEGERS = frozenset("randint randrange getrandbits binomialvariate".split())


def _drawn(cls: str, name: str, pos: Arguments, kw: Keywords) -> Kind:
    """The kind of `generator.name(*pos, **kw)`; `cls` is the generator's class."""
    if name in _NOTHING:
        return NONE
    if cls == _PLAIN:
        return _plain(name, pos)
    if name in ("rand", "randn"):
        extents = [shape_argument(pair) for pair in pos]
        known = tuple(d for e in extents if e is not None for d in e)
        return _of("float64", known) if len(known) == len(pos) else UNKNOWN
    if name in _FLOATS:
        return _sized("float64", _FLOATS[name], pos, kw)
    if name in _INTEGERS:
        return _sized("int64", _INTEGERS[name], pos, kw)
    if name in ("permutation", "permuted"):
        return _permuted(pos, kw)
    if name == "choice":
        return _chosen(pos, kw)
    if name in ("multivariate_normal", "dirichlet", "multinomial"):
        return _vectors(name, pos, kw)
    return UNKNOWN


def _plain(name: str, pos: Arguments) -> Kind:
    if name in _PLAIN_FLOATS:
        return FLOAT
    if name in _PLAIN_INTEGERS:
        return INT
    if name in ("choice", "choices", "sample") and pos:
        item = _items(pos[0][0])
        return item if name == "choice" or item == UNKNOWN else List(item)
    return UNKNOWN


def _items(kind: Kind) -> Kind:
    if isinstance(kind, List):
        return kind.item
    return join_items(kind.items) if isinstance(kind, Tuple) else UNKNOWN


def _of(dtype: str, dims: tuple[Extent, ...]) -> Kind:
    if dims:
        return Array(dtype, dims)
    return FLOAT if dtype == "float64" else element_kind(dtype)


def _sized(dtype: str, count: int, pos: Arguments, kw: Keywords) -> Kind:
    """A draw of the size that is asked for, or that its parameters have together."""
    if "dtype" in kw:
        asked = dtype_argument(kw["dtype"])
        if asked is None:
            return UNKNOWN
        dtype = asked
    size = argument(pos, kw, count, "size")
    if not is_none(size):
        dims = shape_argument(size)
        return UNKNOWN if dims is None else Array(dtype, dims)
    given = [listed(k) for k, _ in pos[:count]]
    given += [
        listed(k) for n, (k, _) in kw.items() if n not in ("size", "dtype", "endpoint")
    ]
    kind = elementwise(tuple(given)) if given else FLOAT
    if kind == UNKNOWN:
        return UNKNOWN
    return _of(dtype, kind.dims if isinstance(kind, Array) else ())


def _permuted(pos: Arguments, kw: Keywords) -> Kind:
    pair = argument(pos, kw, 0, "x")
    if pair is None:
        return UNKNOWN
    kind = listed(pair[0])
    if isinstance(kind, Int):
        dims = shape_argument(pair)
        return UNKNOWN if dims is None else Array("int64", dims)
    return kind if isinstance(kind, Array) else UNKNOWN


def _chosen(pos: Arguments, kw: Keywords) -> Kind:
    pair = argument(pos, kw, 0, "a")
    if pair is None:
        return UNKNOWN
    size = argument(pos, kw, 1, "size")
    dims = () if is_none(size) else shape_argument(size)
    kind = listed(pair[0])
    if dims is None or not is_none(kw.get("axis")):
        return UNKNOWN
    if isinstance(kind, Int):
        return Array("int64", dims) if dims else INT
    if isinstance(kind, Array) and kind.dims:
        dims = (*dims, *kind.dims[1:])
        return Array(kind.dtype, dims) if dims else element_kind(kind.dtype)
    return UNKNOWN


def _vectors(name: str, pos: Arguments, kw: Keywords) -> Kind:
    """Draws of whole vectors, as long as the parameter that gives their means."""
    place = 1 if name == "multinomial" else 0
    pair = argument(pos, kw, place, "mean", "alpha", "pvals")
    size = argument(pos, kw, 1 if name == "dirichlet" else 2, "size")
    dims = () if is_none(size) else shape_argument(size)
    kind = UNKNOWN if pair is None else listed(pair[0])
    if dims is None or not isinstance(kind, Array) or kind.ndim != 1:
        return UNKNOWN
    dtype = "int64" if name == "multinomial" else "float64"
    return Array(dtype, (*dims, *kind.dims))
