"""Messages about arguments and calls, word for word, and how they are shown."""

from __future__ import annotations

import math
import traceback

import numpy as np
import pytest

from symdiff import DifferentiationError, grad
from symdiff.errors import Diagnostic, Span, render

MODEL = """
import math
import numpy as np
def f(x, speed=1.0):
    return x * speed
def g(u, v):
    u[0] = 2.0
    return (u * v).sum()
def h(x):
    return math.log(x)
def several(*, x):
    return x
def nothing():
    return 1.0
"""


def message(action):
    with pytest.raises(DifferentiationError) as caught:
        action()
    return str(caught.value)


# -- rendering ------------------------------------------------------------------------


def test_render(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = 1\n\tvalue = nextafter(y)  # é\nlast line  \n")
    name = str(file)
    assert render(Diagnostic("no rule")) == "no rule"
    assert render(Diagnostic("no rule", help="write one")) == "no rule\n = help: write one"
    assert render(Diagnostic("no rule", Span(name, 2, 9, 2, 18), "write one")) == (
        "no rule\n"
        f" --> {name}:2:10\n"
        "  |\n"
        "2 |     value = nextafter(y)  # é\n"
        "  |             ^^^^^^^^^\n"
        "  |\n"
        "  = help: write one"
    )
    over_lines = render(Diagnostic("no rule", Span(name, 2, 1, 3, 4)))
    assert over_lines.endswith("  |     " + "^" * len("value = nextafter(y)  # é"))
    assert render(Diagnostic("gone", Span("no_file.py", 3, 0, 3, 1))) == (
        "gone\n --> no_file.py:3:1"
    )


def test_the_error_is_a_syntax_error_at_its_place(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = f(y)\n")
    first = Diagnostic("no rule", Span(str(file), 1, 4, 1, 8), "write one")
    error = DifferentiationError([first, Diagnostic("another")])
    assert isinstance(error, SyntaxError)
    assert (error.msg, error.filename, error.lineno) == ("no rule", str(file), 1)
    assert (error.offset, error.end_lineno, error.end_offset) == (5, 1, 9)
    assert error.text == "x = f(y)\n"
    assert error.diagnostics == (first, Diagnostic("another"))
    assert str(error) == f"{render(first)}\n\nanother"
    shown = "".join(traceback.format_exception_only(error))
    assert "x = f(y)" in shown
    assert "^^^^" in shown


# -- argnums --------------------------------------------------------------------------

ARGNUMS = [
    ("f", "sped", "`f` has no parameter `sped`",
     "did you mean `speed`? its parameters are x, speed"),
    ("f", "q", "`f` has no parameter `q`", "its parameters are x, speed"),
    ("f", 2, "argnums asks for position 2, and `f` has 2 parameters",
     "its parameters are x, speed, counted from 0"),
    ("f", (0, -3), "argnums asks for position -3, and `f` has 2 parameters",
     "its parameters are x, speed, counted from 0"),
    ("several", 1, "argnums asks for position 1, and `several` has 1 parameter",
     "its parameters are x, counted from 0"),
    ("nothing", 0, "argnums asks for position 0, and `nothing` has 0 parameters",
     "it has no parameters, counted from 0"),
    ("f", (), "argnums is empty", "name at least one parameter"),
    ("f", (0, "x"), "argnums names `x` twice", "name it once"),
    ("f", 0.0, "argnums holds 0.0, which is no position or name",
     'write argnums=0, argnums="x" or argnums=(0, 2)'),
    ("f", True, "argnums holds True, which is no position or name",
     'write argnums=0, argnums="x" or argnums=(0, 2)'),
    ("f", None, "argnums holds None, which is no position or name",
     'write argnums=0, argnums="x" or argnums=(0, 2)'),
]  # fmt: skip


@pytest.mark.parametrize("name, argnums, first, help", ARGNUMS, ids=range(len(ARGNUMS)))
def test_wrong_argnums(write_module, name, argnums, first, help):
    module = write_module(MODEL)
    function = getattr(module, name)
    with pytest.raises(DifferentiationError) as caught:
        grad(function, argnums)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.message, diagnostic.help) == (first, help)
    assert diagnostic.span.line == function.__code__.co_firstlineno


# -- arguments ------------------------------------------------------------------------

ARGUMENTS = [
    ("cube", "it is a str", "name the parameters that hold floats: argnums=(...)"),
    (None, "it is None", "name the parameters that hold floats: argnums=(...)"),
    (math, "it is a module", "name the parameters that hold floats: argnums=(...)"),
    ({}, "it is a dict that holds no floats",
     "name the parameters that hold floats: argnums=(...)"),
    (True, "it is a bool", "pass a number: float(x)"),
    (np.arange(3), "it is an array of int64", "pass floats: x.astype(float)"),
    (np.ones(2, bool), "it is an array of bool", "pass floats: x.astype(float)"),
    (("a", None), "it holds no floats (tuple[str, None])",
     "name the parameters that hold floats: argnums=(...)"),
]  # fmt: skip


@pytest.mark.parametrize("value, what, help", ARGUMENTS, ids=range(len(ARGUMENTS)))
def test_arguments_that_cannot_be_differentiated_by(write_module, value, what, help):
    module = write_module(MODEL)
    assert message(lambda: grad(module.f)(value)) == (
        f"cannot differentiate `f` by `x`: {what}\n"
        f" --> {module.__file__}:4:7\n"
        "  |\n"
        "4 | def f(x, speed=1.0):\n"
        "  |       ^\n"
        "  |\n"
        f"  = help: {help}"
    )


def test_a_lambda_is_called_one():
    assert message(lambda: grad(lambda x: x)("a")).startswith(
        "cannot differentiate this lambda by `x`: it is a str\n"
    )


def test_subclasses_with_other_operators():
    for array, name in ((np.ma.array([1.0]), "a MaskedArray"),):
        assert message(lambda: grad(lambda x: x)(array)) == (
            f"`x` is {name}, whose operators are not an array's\n"
            " = help: pass np.asarray(x)"
        )


def test_arrays_that_share_memory_with_one_that_is_written(write_module):
    module = write_module(MODEL)
    g = grad(module.g)
    a = np.ones(4)
    assert g(a, np.ones(4)).tolist() == [0.0, 1.0, 1.0, 1.0]
    assert g(a[::2], a[1::2]).tolist() == [0.0, 1.0]
    expected = (
        "`g` writes into `u`, which shares memory with another array that it reads\n"
        " = help: pass a copy: u.copy()"
    )
    assert message(lambda: g(a, a)) == expected
    assert message(lambda: g(v=a[1:], u=a[:3])) == expected
    assert a.tolist() == [1.0] * 4


def test_derivatives_that_nest_too_deeply(write_module):
    returns = "".join(
        f"    if x > {k}.5:\n        return x\n    x = x * 0.9\n" for k in range(110)
    )
    module = write_module(f"def f(x):\n{returns}    return x * x\n")
    with pytest.raises(DifferentiationError) as caught:
        grad(module.f)(2.0)
    assert str(caught.value).startswith(
        "the derivative of this function nests too deeply for Python\n"
    )
    assert str(caught.value).endswith(
        "= help: of many returns one after the other, put some into one test"
    )


# -- while the generated code runs ----------------------------------------------------


def test_errors_name_the_line_of_the_user(write_module):
    module = write_module(MODEL + "def k(x):\n    return h(x) * h(x)\n")
    g = grad(module.k)
    with pytest.raises(ValueError) as caught:
        g(-1.0)
    assert caught.value.__notes__ == [
        f"in {module.__name__}.py:10, in `h`: return math.log(x)"
    ]
    shown = "".join(traceback.format_exception(caught.value))
    assert "<symdiff k_grad" in shown
