"""Every function of the corpus: its gradient, the code of it, and what it leaves alone."""

from __future__ import annotations

import copy
import re
import warnings

import numpy as np
import pytest
from corpus import CASES
from corpus.trees import at, gradient, leaves, same

import symdiff

NAMES = [f"{k}-{c.name}" for k, c in enumerate(CASES)]
SUPPORTED = [
    pytest.param(c, id=n) for c, n in zip(CASES, NAMES, strict=True) if not c.refused
]
REFUSED = [pytest.param(c, id=n) for c, n in zip(CASES, NAMES, strict=True) if c.refused]


def takes_numbers(case):
    """Whether it is differentiated by numbers, which forward mode has tangents for."""
    given = [case.args[k] for k in case.argnums]
    lists = "[" in repr(given)[1:]  # their lengths are not known
    numbers = (isinstance(leaf, (float, int)) for arg in given for _, leaf in leaves(arg))
    return not lists and all(numbers)


@pytest.mark.parametrize("case", SUPPORTED)
def test_gradient(case, capsys):
    args = copy.deepcopy(case.args)
    primal = case.function(*copy.deepcopy(args))
    both = symdiff.value_and_grad(case.function, argnums=case.argnums)
    value, found = both(*args)
    assert value == primal or np.allclose(value, primal, rtol=1e-14, equal_nan=True)
    only = symdiff.grad(case.function, argnums=case.argnums)
    assert same(found, only(*args), rtol=1e-14)
    for place, got in zip(case.argnums, found, strict=True):
        given = args[place]
        for path, want in gradient(case.function, args, place, case.step).items():
            check_leaf(case, at(given, path), at(got, path), want)
        assert [path for path, _ in leaves(got)] == [path for path, _ in leaves(given)]
    assert same(args, case.args), "an argument was changed"
    arrays = [leaf for _, leaf in leaves(found) if isinstance(leaf, np.ndarray)]
    given = [leaf for _, leaf in leaves(args) if isinstance(leaf, np.ndarray)]
    for number, array in enumerate(arrays):
        assert not any(np.shares_memory(array, other) for other in arrays[:number])
        assert not any(np.shares_memory(array, other) for other in given)


@pytest.mark.parametrize("case", [p for p in SUPPORTED if takes_numbers(p.values[0])])
def test_both_modes(case, capsys):
    reverse, forward = (
        symdiff.grad(case.function, argnums=case.argnums, mode=mode)(
            *copy.deepcopy(case.args)
        )
        for mode in ("reverse", "forward")
    )
    assert same(reverse, forward, rtol=1e-9)


def check_leaf(case, given, got, want):
    """One number or array of a gradient."""
    assert np.shape(got) == np.shape(given)
    assert np.allclose(got, want, rtol=case.rtol, atol=case.atol), f"{got} != {want}"
    if isinstance(given, np.ndarray):
        assert isinstance(got, np.ndarray)
        assert got.dtype == given.dtype
        assert got.flags.writeable
    elif isinstance(given, np.floating):
        assert np.asarray(got).dtype == given.dtype
    else:
        assert isinstance(got, (float, np.floating))


@pytest.mark.parametrize("case", SUPPORTED)
def test_source(case, capsys, monkeypatch):
    """The text is the same on every run, and compiles by itself."""

    def text():
        made = symdiff.grad(case.function, argnums=case.argnums)
        made(*copy.deepcopy(case.args))
        return made.source

    first = text()  # of another test, it may be of another process
    # What was made is kept on the function, in memory and on disk.
    case.function.__dict__.pop("__symdiff__", None)
    symdiff.api.specialise._kept.clear()
    monkeypatch.setenv("SYMDIFF_CACHE", "off")
    assert text() == first
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(first, "<generated>", "exec")


@pytest.mark.parametrize("case", REFUSED)
def test_refused_so_far(case):
    """Once one of these works, its `refused` goes."""
    with pytest.raises(symdiff.DifferentiationError, match=re.escape(case.refused)):
        symdiff.grad(case.function, argnums=case.argnums)(*copy.deepcopy(case.args))
