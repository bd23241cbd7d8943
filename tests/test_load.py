"""Generated text becomes a function that tools can show and errors can name."""

from __future__ import annotations

import gc
import inspect
import linecache
import math
import traceback

import numpy as np
import pytest

from symdiff.backend.cache import Entry
from symdiff.backend.load import load, name_the_line, resolve
from symdiff.errors import DifferentiationError, Span
from symdiff.ir.core import External

TEXT = """\
import math


def f_grad(x):
    y = math.log(x)
    return (
        G *
        undefined
    )
"""


def entry(source=TEXT, lines=None, name="f_grad", externals=()):
    return Entry(source, lines or {}, name, externals, {})


def test_the_text_can_be_read_and_goes_with_the_function():
    function = load(entry(), {"G": 1.0}, "model")
    file = function.__code__.co_filename
    assert file.startswith("<symdiff f_grad ")
    assert inspect.getsource(function) == TEXT[TEXT.index("def") :]
    assert function.__module__ == "model"
    size, mtime, lines, name = linecache.cache[file]
    assert (size, mtime, "".join(lines), name) == (len(TEXT), None, TEXT, file)
    linecache.checkcache()
    assert linecache.getline(file, 4) == "def f_grad(x):\n"

    twin = load(entry(), {"G": 2.0})
    assert twin.__code__.co_filename == file
    del function
    gc.collect()
    assert file in linecache.cache  # the twin still needs it
    del twin
    gc.collect()
    assert file not in linecache.cache


def test_values_are_bound_by_name():
    data = np.ones(3)
    function = load(entry("def h(x):\n    return data, x\n", name="h"), {"data": data})
    assert function(1)[0] is data


def test_an_error_names_the_line_of_the_user(write_module):
    module = write_module(
        """
        import math

        def helper(x):
            return math.log(x)

        def loss(x):
            return helper(x)
        """
    )
    spans = {
        5: Span(module.__file__, 5, 11, 5, 22),
        6: Span(module.__file__, 8, 4, 8, 20),
    }
    function = load(entry(lines=spans), {"G": 1.0})
    codes = [module.loss.__code__, module.helper.__code__]
    stem = module.__name__

    def note(x):
        try:
            function(x)
        except (ValueError, NameError) as error:
            name_the_line(error, function, spans, codes)
            name_the_line(error, function, spans, codes)
            return error.__notes__, "".join(traceback.format_exception(error))

    notes, shown = note(-1.0)
    assert notes == [f"in {stem}.py:5, in `helper`: return math.log(x)"]
    assert "    y = math.log(x)\n" in shown  # the generated line, in the traceback
    notes, _ = note(1.0)  # inside a statement on several lines
    assert notes == [f"in {stem}.py:8, in `loss`: return helper(x)"]
    del spans[6]
    assert note(1.0)[0] == [f"in the gradient of `loss` ({stem}.py:7)"]


def test_an_error_from_elsewhere_gets_no_note():
    function = load(entry(), {"G": 1.0})
    error = ValueError("other")
    name_the_line(error, function, {5: Span("f.py", 1, 0, 1, 1)}, [])
    assert not hasattr(error, "__notes__")


def make(k):
    return lambda x, c=(1, 2), *, d=3: k * x


K = 2.5


def reads_k(x):
    return K * x


def test_paths_of_every_form():
    f = make(7)
    here = __name__
    cases = {
        ("global", here, "K"): K,
        ("global", "math", "pi"): math.pi,
        ("global", "numpy", "linalg.norm"): np.linalg.norm,
        ("module", "numpy.linalg"): np.linalg,
        ("closure", "make.<locals>.<lambda>", "k"): 7,
        ("closure", here, "make.<locals>.<lambda>", "k"): 7,
        ("default", "make.<locals>.<lambda>", "c"): (1, 2),
        ("default", "make.<locals>.<lambda>", "d"): 3,
        ("builtin", "abs"): abs,
    }
    for path, value in cases.items():
        assert resolve([External("it", path)], [f, reads_k]) == {"it": value}


@pytest.mark.parametrize(
    "path",
    [
        ("global", "math", "nothing"),
        ("global", "no_such_module", "x"),
        ("closure", "f", "k"),
    ],
)
def test_a_path_that_leads_nowhere(path):
    with pytest.raises(KeyError):
        resolve([External("it", path)], [make(1)])


def test_closures_that_cannot_be_told_apart_are_refused():
    path = ("closure", "make.<locals>.<lambda>", "k")
    k = 5.0
    assert resolve([External("k", path)], [make(k), make(k)]) == {"k": 5.0}
    with pytest.raises(DifferentiationError) as caught:
        resolve([External("k", path)], [make(1.5), make(2.5)])
    assert str(caught.value) == (
        "two functions called `make.<locals>.<lambda>` close over different values of `k`\n"
        " = help: give the functions different names"
    )
