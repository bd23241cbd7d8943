"""A function's node and its true place in the file."""

from __future__ import annotations

import ast
import functools
import linecache
import math
import types
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

import symdiff
from symdiff.errors import DifferentiationError, Span
from symdiff.frontend.reading import source
from symdiff.frontend.reading.guess import guess_kinds
from symdiff.frontend.reading.source import source_of, span_of
from symdiff.ir.kinds import FLOAT


def names(function):
    """The spans of all names in the body, by name."""
    found = source_of(function)
    body = found.node.body if isinstance(found.node.body, list) else [found.node.body]
    return {
        node.id: found.span(node)[1:]
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Name)
    }


def test_columns_are_those_of_the_file(write_module):
    module = write_module(
        """
        class Model:
            class Inner:
                @staticmethod
                def loss(x,
                         y=1):
                    return x * y
        """
    )
    found = source_of(module.Model.Inner.loss)
    assert found.file == module.__file__
    assert found.first_line == 5
    assert names(module.Model.Inner.loss) == {"x": (7, 19, 7, 20), "y": (7, 23, 7, 24)}
    assert found.text.startswith("        @staticmethod\n        def loss(x,\n")
    assert found.text.endswith("return x * y\n")


def test_columns_count_characters(write_module):
    module = write_module('def f(xé):\n    return "ééé", xé + xé\n')
    found = source_of(module.f)
    value = found.node.body[0].value.elts[1]
    assert found.span(value) == Span(module.__file__, 2, 18, 2, 25)
    assert span_of(value, module.__file__) == found.span(value)


def test_tabs(write_module):
    module = write_module("if True:\n\tdef f(x):\n\t\treturn x\n")
    assert names(module.f) == {"x": (3, 9, 3, 10)}


def test_decorated_function_is_found_by_its_own_name(write_module):
    module = write_module(
        """
        import functools

        def twice(f):
            @functools.wraps(f)
            def wrapper(*args):
                return 2 * f(*args)
            return wrapper

        @twice
        @twice
        def loss(x):
            return x
        """
    )
    # The object is the wrapper, and that is what its gradient must be taken of.
    assert source_of(module.loss).node.name == "wrapper"
    inner = module.loss.__wrapped__.__wrapped__
    assert source_of(inner).node.name == "loss"
    assert source_of(inner).first_line == 12


def test_lambdas_on_one_line_are_told_apart(write_module):
    module = write_module(
        """
        f, g = (lambda x: x + 1), lambda y: (y * 2)
        h = [lambda a: lambda b: a + b, lambda: 1][0]
        """
    )
    assert names(module.f) == {"x": (2, 18, 2, 19)}
    assert names(module.g) == {"y": (2, 37, 2, 38)}
    assert names(module.h(1)) == {"a": (3, 25, 3, 26), "b": (3, 29, 3, 30)}
    assert source_of(module.h).span(source_of(module.h).node)[1:] == (3, 5, 3, 30)


def test_lambdas_of_which_the_compiler_has_left_a_part(write_module):
    module = write_module(
        "f, g, h = lambda x: x, lambda x: x.a if False else 2 * x, lambda x: 3 * x\n"
    )
    assert [symdiff.grad(f)(1.5) for f in (module.f, module.g, module.h)] == [1.0, 2.0, 3.0]


def test_lambda_that_starts_on_the_line_of_another_one(write_module):
    module = write_module(
        """
        fs = [lambda x: x
              + 1, lambda x: x
              + 2]
        """
    )
    assert [names(f)["x"][:2] for f in module.fs] == [(2, 16), (3, 21)]


def test_lambdas_without_columns_are_ambiguous(write_module):
    module = write_module("f, g = lambda x: x, lambda x: x + 1\n")
    code = module.f.__code__
    bare = code.replace(
        co_linetable=bytes([0x80 | 13 << 3 | (len(code.co_code) // 2 - 1), 0])
    )
    function = types.FunctionType(bare, module.__dict__)
    assert {p[2] for p in bare.co_positions()} == {None}
    with pytest.raises(DifferentiationError) as caught:
        source_of(function)
    assert str(caught.value).startswith(
        "several lambdas stand on this line, and which one is meant cannot be told\n"
    )
    assert "help: give each a line of its own, or use def" in str(caught.value)


def test_functions_of_the_same_name(write_module):
    module = write_module(
        """
        def make(kind):
            if kind:
                def f(x):
                    return x
            else:
                def f(x):
                    return 2 * x
            return f
        """
    )
    assert source_of(module.make(True)).first_line == 4
    assert source_of(module.make(False)).first_line == 7


MADE_BY_EXEC = """
import math

SCALE = 3.0

def helper(x):
    return math.sin(x) * SCALE

def f(x, n=2):
    for i in range(n):
        x = helper(x)
    return x

def misspelt(x):
    return math.sine(x)

class Model:
    def __init__(self, k): self.k = k
    def loss(self, x): return self.k * helper(x) ** 2

both = (lambda x: x * helper(x)), lambda x: x + 1
"""


@pytest.fixture
def made():
    space = {"__name__": "made_by_exec"}
    exec(MADE_BY_EXEC, space)
    return space


def test_text_that_is_given(made):
    def sine(x):
        return math.sin(x) * 3.0

    def f(x):
        return sine(sine(x))

    wanted = symdiff.value_and_grad(f)(1.0)
    with pytest.raises(DifferentiationError, match=r"made by `exec`"):
        symdiff.source(made["f"], 1.0)
    assert symdiff.value_and_grad(made["f"], text=MADE_BY_EXEC)(1.0) == wanted
    assert symdiff.grad(made["f"])(1.0) == wanted[1]  # it is known from now on
    assert symdiff.grad(text=MADE_BY_EXEC)(made["both"][0])(0.0) == 0.0
    assert symdiff.grad(made["Model"](2.0).loss, text=MADE_BY_EXEC)(0.0) == 0.0
    assert "line 7" in symdiff.source(made["f"], 1.0, text=MADE_BY_EXEC)
    assert "math.sin" in symdiff.stage(made["f"], "ssa", 1.0, text=MADE_BY_EXEC)
    symdiff.check_grads(made["f"], (1.0,), text=MADE_BY_EXEC)
    with pytest.raises(DifferentiationError, match=r"no attribute `sine`") as caught:
        symdiff.grad(made["misspelt"], text=MADE_BY_EXEC)(1.0)
    assert caught.value.lineno == 15
    assert "return math.sine(x)" in str(caught.value)


def test_text_of_something_else(made):
    with pytest.raises(DifferentiationError, match="not the text that `f` was made from"):
        symdiff.grad(made["f"], text="def f(x): return x\n")


@pytest.mark.parametrize(
    "name", ["<ipython-input-3-8f2c>", "<doctest m.f[2]>", "/tmp/9.py"]
)
def test_cells_of_notebooks(name):
    text = "class A:\n\tdef f(self, x): return x * x\n"
    text += "g, h = lambda x: 2 * x, lambda x: 3 * x\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), space)
    try:
        assert symdiff.grad(space["A"]().f)(1.5) == 3.0
        assert symdiff.grad(space["h"])(1.5) == 3.0
    finally:
        del linecache.cache[name]


def test_text_known_to_linecache_only():
    text = "def f(x):\n    return x * x\n"
    name = "<cell 1>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {}
    exec(compile(text, name, "exec"), space)
    try:
        assert source_of(space["f"]).span(source_of(space["f"]).node)[:2] == (name, 1)
    finally:
        del linecache.cache[name]


def test_a_file_is_parsed_once(write_module, monkeypatch):
    module = write_module("def f(x):\n    return x\ndef g(x):\n    return x\n")
    parsed = []
    parse = ast.parse
    monkeypatch.setattr(source.ast, "parse", lambda *a: parsed.append(1) or parse(*a))
    assert source_of(module.f).node is source_of(module.f).node
    source_of(module.g)
    assert len(parsed) == 1


def test_file_that_changed_after_the_import_is_refused(write_module):
    module = write_module("def f(x):\n    return x * 2\n")
    source_of(module.f)
    for text in (
        "def f(x):\n    return x * 3\n",
        "\ndef f(x):\n    return x * 2\n",
        "def (",
    ):
        with open(module.__file__, "w") as file:
            file.write(text)
        linecache.cache.pop(module.__file__, None)
        with pytest.raises(DifferentiationError) as caught:
            source_of(module.f)
        assert str(caught.value) == (
            f"`f` is no longer on line 1 of {module.__file__}: "
            "the file has changed since it was imported\n"
            " = help: import it again: importlib.reload(module)"
        )


def test_text_that_moved_but_reads_the_same_is_accepted(write_module):
    module = write_module("def f(x):\n    return x * 2\n")
    with open(module.__file__, "a") as file:
        file.write("\ndef later(x):\n    return x\n")
    assert source_of(module.f).first_line == 1


class Model:
    def loss(self, x):
        return x


class Callable:
    def __call__(self, x):
        return x


async def coroutine(x):
    return x


def typed_at(file):
    space = {}
    exec(compile("def f(x):\n    return x\n", file, "exec"), space)
    return space["f"]


REFUSED = [
    (
        math.sin,
        "`math.sin` is compiled and has no Python source",
        "differentiate a Python function that calls it: lambda x: math.sin(x)",
    ),
    (
        len,
        "`len` is compiled and has no Python source",
        "differentiate a Python function that calls it: lambda x: len(x)",
    ),
    (
        np.sin,
        "`numpy.sin` is compiled and has no Python source",
        "differentiate a Python function that calls it: lambda x: numpy.sin(x)",
    ),
    (
        np.sum,
        "`numpy.sum` is compiled and has no Python source",
        "differentiate a Python function that calls it: lambda x: numpy.sum(x)",
    ),
    (
        Fraction,
        "`fractions.Fraction` is a class",
        "differentiate a plain Python function",
    ),
    (
        Model().loss,
        "`Model.loss` is a bound method",
        "differentiate a function that takes what the method reads as arguments",
    ),
    (
        functools.partial(math.pow, 2),
        "a `functools.partial` object has no source of its own",
        "write the call: def g(x): return f(x, ...)",
    ),
    (
        Callable(),
        "an object of type `Callable` is not a Python function",
        "differentiate a plain Python function that calls it",
    ),
    (3.0, "expected a function, got a float", "write grad(f)(x), not grad(f(x))"),
    (1, "expected a function, got an int", "write grad(f)(x), not grad(f(x))"),
    (
        typed_at("<stdin>"),
        "no source text for `f`: it was typed at a prompt",
        "put it in a file and import it, or use IPython, which keeps the text",
    ),
    (
        typed_at("<string>"),
        "no source text for `f`: it was made by `exec` or `python -c`",
        "hand over what `exec` got: grad(f, text=...)",
    ),
    (
        typed_at("gone/model.py"),
        "no source text for `f`: gone/model.py cannot be read",
        "keep the .py file where it was imported from",
    ),
]


@pytest.mark.parametrize("thing, message, help", REFUSED, ids=range(len(REFUSED)))
def test_what_has_no_source_is_refused(thing, message, help):
    with pytest.raises(DifferentiationError) as caught:
        source_of(thing)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message == message
    assert diagnostic.help == help
    assert isinstance(caught.value, SyntaxError)


def test_coroutines_are_refused():
    with pytest.raises(DifferentiationError, match="`coroutine` is a coroutine function"):
        source_of(coroutine)


def test_sums_of_products_are_products_of_vectors():
    def f(u, v, m, k):
        return k * np.sum(u * v**2) + np.sum(m * m) * k

    u, m = np.array([0.3, -1.2, 0.7]), np.arange(6.0).reshape(2, 3)
    text = symdiff.source(f, u, u + 1, m, 1.5, argnums="k", mode="jvp")
    assert "np.sum(u * v ** 2)" in text  # the user's own
    text = symdiff.source(lambda x, v: np.sin(x * v) @ v, 0.5, u)
    assert "np.sum" not in text
    found = symdiff.grad(f, argnums=(0, 1, 2, 3))(u, u + 1, m, 1.5)
    assert np.allclose(found[3], np.sum(u * (u + 1) ** 2) + np.sum(m * m))


# -- the kinds of parameters that nothing was said about --------------------------------


def unpacked(p):
    x, y = p
    return x * y


def unpacked_with_rest(p):
    first, *rest = p
    return first * rest[0]


def unpacked_in_parts(p):
    (x, y), z = p
    return x * y * z


def summed_up(xs):
    return sum(x * x for x in xs)


def multiplied_with_itself(p):
    return p @ p


def of_keys(p):
    return p["b"] * p["a"]


def annotated(u: np.ndarray, v: npt.NDArray[np.float64], n: int):
    return u * v * n


def annotated_lists(xs: list[float], y: "tuple[float, int]", zs: Sequence[float]):  # noqa: UP037
    return xs[0] * y[0] + zs[1]


@pytest.mark.parametrize(
    "function, kinds",
    [
        (unpacked, ["float64[:]"]),
        (unpacked_with_rest, ["float64[:]"]),
        (unpacked_in_parts, ["tuple[tuple[float, float], float]"]),
        (summed_up, ["float64[:]"]),
        (multiplied_with_itself, ["float64[:]"]),
        (annotated, ["float64[:]", "float64[:]", "int"]),
        (annotated_lists, ["list[float]", "tuple[float, int]", "list[float]"]),
    ],
)
def test_kinds_are_seen_from_annotations_and_uses(function, kinds):
    found = guess_kinds(source_of(function).node, {}, function)
    assert list(map(str, found.values())) == kinds


def test_keys_of_a_dict_are_seen_in_their_order():
    (found,) = guess_kinds(source_of(of_keys).node, {}, of_keys).values()
    assert (found.cls, found.keys, found.items) == (dict, ("b", "a"), (FLOAT, FLOAT))
