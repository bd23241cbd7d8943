"""Every function of the corpus: its gradient, the code of it, and what it leaves alone."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from corpus import CASES
from corpus.numeric import gradient

import symdiff

NAMES = [f"{k}-{c.name}" for k, c in enumerate(CASES)]
SUPPORTED = [
    pytest.param(c, id=n) for c, n in zip(CASES, NAMES, strict=True) if not c.refused
]
REFUSED = [pytest.param(c, id=n) for c, n in zip(CASES, NAMES, strict=True) if c.refused]


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


def copied(value):
    return value.copy() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("case", SUPPORTED)
def test_gradient(case, capsys):
    args = tuple(map(copied, case.args))
    primal = case.function(*map(copied, args))
    both = symdiff.value_and_grad(case.function, argnums=case.argnums)
    value, found = both(*args)
    assert value == primal or np.allclose(value, primal, rtol=1e-14, equal_nan=True)
    only = symdiff.grad(case.function, argnums=case.argnums)
    again = only(*args)
    for place, got, same in zip(case.argnums, found, again, strict=True):
        given = args[place]
        want = gradient(case.function, args, place, case.step)
        assert np.allclose(got, same, rtol=1e-14, equal_nan=True)
        assert np.shape(got) == np.shape(given)
        assert np.allclose(got, want, rtol=case.rtol, atol=case.atol), f"{got} != {want}"
        if isinstance(given, np.ndarray):
            assert isinstance(got, np.ndarray)
            assert got.dtype == given.dtype
            assert got.flags.writeable
            assert not any(
                np.shares_memory(got, a) for a in args if isinstance(a, np.ndarray)
            )
        elif isinstance(given, np.floating):
            assert np.asarray(got).dtype == given.dtype
        else:
            assert isinstance(got, (float, np.floating))
    for given, kept in zip(args, case.args, strict=True):
        assert given is kept or np.array_equal(given, kept), "an argument was changed"
    for number, array in enumerate(found):
        for other in found[:number]:
            if isinstance(array, np.ndarray) and isinstance(other, np.ndarray):
                assert not np.shares_memory(array, other)


@pytest.mark.parametrize("case", SUPPORTED)
def test_source(case, capsys):
    """The text is the same on every run, and compiles by itself."""
    texts = []
    for _ in range(2):
        # Specialisations are kept on the function: without this nothing is made again.
        case.function.__dict__.pop("__symdiff__", None)
        made = symdiff.grad(case.function, argnums=case.argnums)
        made(*map(copied, case.args))
        texts.append(made.source)
    assert texts[0] == texts[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(texts[0], "<generated>", "exec")


@pytest.mark.parametrize("case", REFUSED)
def test_refused_so_far(case):
    """Once one of these works, its `refused` goes."""
    with pytest.raises(symdiff.DifferentiationError, match=re.escape(case.refused)):
        symdiff.grad(case.function, argnums=case.argnums)(*map(copied, case.args))
