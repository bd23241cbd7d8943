"""What users pass by mistake: each is refused with what to do, and nothing is harmed."""

from __future__ import annotations

import functools
import operator
import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from corpus.numeric import gradient as by_differences

import symdiff
from symdiff import DifferentiationError, grad, value_and_grad


def square(x, k=1.0):
    return k * x * x


def total(u):
    return np.sum(u * u)


def product(x, y):
    return x * y


def refusal(action) -> tuple[str, str | None]:
    """Message and help of the one problem."""
    with pytest.raises(DifferentiationError) as caught:
        action()
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.message, diagnostic.help


# -- what is differentiated -----------------------------------------------------------


def python(*arguments, given=""):
    """What a new interpreter prints when it reads this from a prompt or a pipe."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=given, capture_output=True, text=True, cwd=Path(symdiff.__file__).parents[1],
    )  # fmt: skip
    return done.stdout + done.stderr


def test_typed_at_a_prompt():
    typed = "import symdiff\ndef f(x):\n    return x * x\n\nsymdiff.grad(f)(1.0)\n"
    for arguments in (["-i", "-q"], ["-"]):
        assert (
            "DifferentiationError: no source text for `f`: it was typed at a prompt\n"
            " = help: put it in a file and import it, or use IPython, which keeps the text"
        ) in python(*arguments, given=typed)


def test_made_by_exec():
    namespace: dict = {}
    exec("def made(x): return x * x", namespace)
    assert refusal(lambda: grad(namespace["made"])(1.0)) == (
        "no source text for `made`: it was made by `exec` or `python -c`",
        "hand over what `exec` got: grad(f, text=...)",
    )


CALLS_IT = "differentiate a plain Python function that calls it"
NOT_FUNCTIONS = [
    (len, "`len` is compiled and has no Python source",
     "differentiate a Python function that calls it: lambda x: len(x)"),
    (float, "`float` is a class", "differentiate a plain Python function"),
    (2.0, "expected a function, got a float", "write grad(f)(x), not grad(f(x))"),
    ("f", "expected a function, got a str", "write grad(f)(x), not grad(f(x))"),
    (functools.partial(len),
     "a `functools.partial` object has no source of its own",
     "write the call: def g(x): return f(x, ...)"),
    (operator.itemgetter(0),
     "an object of type `itemgetter` is not a Python function", CALLS_IT),
]  # fmt: skip


@pytest.mark.parametrize(
    "thing, message, help", NOT_FUNCTIONS, ids=range(len(NOT_FUNCTIONS))
)
def test_what_is_no_function_with_source(thing, message, help):
    for make in (grad, value_and_grad, lambda f: grad(argnums="x")(f)):
        assert refusal(lambda: make(thing)) == (message, help)


# -- arguments ------------------------------------------------------------------------

FLOATS = "name the parameters that hold floats: argnums=(...)"
ARGUMENTS = [
    (total, np.arange(3), f"it is an array of {np.arange(3).dtype}",
     "pass floats: u.astype(float)"),
    (total, np.ones(3, bool), "it is an array of bool", "pass floats: u.astype(float)"),
    (total, np.array([1.0, None], object), "it is an array of object", FLOATS),
    (square, "3", "it is a str", FLOATS),
    (square, None, "it is None", FLOATS),
    (square, True, "it is a bool", "pass a number: float(x)"),
    (square, {1.0}, "it is a set", FLOATS),
    (square, Decimal(1), "it is a Decimal", FLOATS),
    (square, Fraction(1, 2), "it is a Fraction", FLOATS),
    (square, math.sin, "it is a builtin_function_or_method", FLOATS),
]  # fmt: skip


@pytest.mark.parametrize(
    "function, value, what, help", ARGUMENTS, ids=range(len(ARGUMENTS))
)
def test_arguments_that_hold_no_floats(function, value, what, help):
    name = function.__code__.co_varnames[0]
    wanted = f"cannot differentiate `{function.__name__}` by `{name}`: {what}"
    for make in (grad, value_and_grad):
        assert refusal(lambda: make(function)(value)) == (wanted, help)
        assert refusal(lambda: make(function)(**{name: value})) == (wanted, help)


def test_an_integer_is_taken_as_a_float():
    for number in (3, np.int64(3), np.int8(3)):
        result = grad(square)(number)
        assert (result, type(result)) == (6.0, float)
        assert value_and_grad(square)(number) == (9.0, 6.0)
    assert grad(product, argnums=(0, 1))(3, 2) == (2.0, 3.0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_every_float_has_the_gradient_of_its_own_type(dtype):
    array = grad(total)(np.array([1, 2], dtype))
    assert array.dtype == dtype
    assert array.tolist() == [2.0, 4.0]
    assert np.asarray(grad(square)(dtype(3))).dtype == dtype


def test_arrays_of_no_and_of_one_number():
    assert grad(total)(np.ones(0)).shape == (0,)
    assert grad(total)(np.ones((0, 3))).shape == (0, 3)
    single = grad(square)(np.array(2.0))
    assert (np.shape(single), float(single)) == ((), 4.0)
    assert grad(total)(np.array([[2.0]])).tolist() == [[4.0]]


def test_numbers_that_are_not_finite():
    assert grad(square)(math.inf) == math.inf
    assert math.isnan(grad(square)(math.nan))


WRONG_CALLS = [
    ((), {}, "missing"),
    ((1.0,), {}, "missing"),
    ((1.0, 2.0, 3.0), {}, "positional arguments"),
    ((1.0, 2.0), {"z": 3.0}, "unexpected keyword argument"),
    ((1.0, 2.0), {"x": 3.0}, "multiple values"),
    ((), {"x": 3.0}, "missing"),
]


@pytest.mark.parametrize("args, kwargs, word", WRONG_CALLS, ids=range(len(WRONG_CALLS)))
def test_the_wrong_arguments_are_a_type_error_as_pythons(args, kwargs, word):
    with pytest.raises(TypeError) as caught:
        product(*args, **kwargs)
    gradient = grad(product)
    for called_before in (False, True):
        if called_before:
            assert gradient(1.0, 2.0) == 2.0
        with pytest.raises(TypeError, match=rf"^product_grad\(\) .*{word}") as found:
            gradient(*args, **kwargs)
        # As Python says it of the function itself, but for the name.
        known = str(caught.value).removeprefix("product() ")
        assert word in known


# -- argnums --------------------------------------------------------------------------


def test_a_wrong_name_in_argnums():
    assert refusal(lambda: grad(product, argnums="z")) == (
        "`product` has no parameter `z`",
        "its parameters are x, y",
    )
    assert refusal(lambda: grad(argnums=("x", "yy"))(product)) == (
        "`product` has no parameter `yy`",
        "did you mean `y`? its parameters are x, y",
    )
    assert refusal(lambda: grad(product, argnums=2)) == (
        "argnums asks for position 2, and `product` has 2 parameters",
        "its parameters are x, y, counted from 0",
    )


# -- results --------------------------------------------------------------------------


def returns_array(u):
    return u * u


def returns_one_number_in_an_array(u):
    return u[:1]


def returns_tuple(x):
    return x, x * x


def returns_nothing(x):
    y = x * x


def returns_text(x):
    return "x"


NUMBER = "return one number"
REST = "return one number, or `number, rest` with has_aux=True"
RESULTS = [
    (returns_array, np.ones(3), "an array (float64[:])",
     "return a number, for example the sum of the array"),
    (returns_one_number_in_an_array, np.ones(3), "an array (float64[1])",
     "return a number, for example the sum of the array"),
    (returns_tuple, 1.0, "a tuple of 2 values", REST),
    (returns_nothing, 1.0, "None", "return the value to differentiate"),
    (returns_text, 1.0, "a value of kind str", NUMBER),
]  # fmt: skip


@pytest.mark.parametrize("function, value, what, help", RESULTS, ids=range(len(RESULTS)))
def test_results_that_are_no_number(function, value, what, help):
    wanted = f"`{function.__name__}` returns {what}; a gradient needs a scalar"
    assert refusal(lambda: grad(function)(value)) == (wanted, help)
    assert refusal(lambda: value_and_grad(function)(value)) == (wanted, help)


# -- programs without an end ----------------------------------------------------------


def never_ends(x):
    while True:
        x = x * x


def never_ends_but_goes_on(x):
    while 1:
        for i in range(3):
            if x > 2:
                break
        x = x * x
    return x


def ends_by_return(x):
    while True:
        x = x * 1.5
        if x > 10:
            return x


@pytest.mark.parametrize("function", [never_ends, never_ends_but_goes_on])
def test_a_loop_that_is_never_left(function):
    assert refusal(lambda: grad(function)(1.0)) == (
        "this loop never ends",
        "leave it with break or return",
    )
    assert math.isclose(grad(ends_by_return)(1.0), 1.5**6)


def calls_itself(x):
    return calls_itself(x * x)


def there(x):
    return back(x)


def back(x):
    return there(x)


@pytest.mark.parametrize(
    "function, args, name",
    [
        (calls_itself, (1.0,), "calls_itself"),
        (there, (1.0,), "there"),
    ],
)
def test_recursion_without_an_end(function, args, name):
    assert refusal(lambda: grad(function)(*args)) == (
        f"`{name}` calls itself on every path and never returns",
        "give it a path that ends",
    )


def power_by_recursion(x, n=5):
    return 1.0 if n == 0 else x * power_by_recursion(x, n - 1)


def fixed_recursion(x):
    return power_by_recursion(x, 3)


def test_recursion_with_an_end_known_before():
    assert math.isclose(grad(fixed_recursion)(2.0), 12.0)


# -- the caller's arrays --------------------------------------------------------------


def writes_everywhere(u, v, c):
    u[0] = 2.0
    v *= u
    view = u[1:]
    view += c
    u[:] = np.sin(u) * v
    w = v[::-1]
    w[-1] = u[0]
    return np.sum(u) + np.sum(v)


def swaps(u, v, c):
    for _ in range(3):
        v[1:] = u[1:] * u[:-1] * c
        u, v = v, u
    return np.sum(u * v)


@pytest.mark.parametrize("function", [writes_everywhere, swaps])
def test_the_callers_arrays_are_never_changed(function):
    for make in (grad, value_and_grad):
        gradient = make(function, argnums=(0, 1, 2))
        u, v = np.linspace(0.5, 1.5, 5), np.linspace(1.5, 0.2, 5)
        kept_u, kept_v = u.copy(), v.copy()
        first = gradient(u, v, 0.7)
        assert np.array_equal(u, kept_u)
        assert np.array_equal(v, kept_v)
        # Nor by what is done to the results, also when they are read-only.
        u.flags.writeable = v.flags.writeable = False
        again = gradient(u, v, 0.7)
        if make is value_and_grad:
            assert first[0] == again[0]
            first, again = first[1], again[1]
        for a, b in zip(first, again, strict=True):
            assert np.array_equal(a, b)
        for bar in again[:2]:
            bar += 1.0
        assert np.array_equal(u, kept_u)
        assert np.array_equal(v, kept_v)


# -- calls that write into what they are given ----------------------------------------

WRITES = [
    "np.copyto(u, 2.0)",
    "np.put(u, [0], 2.0)",
    "np.place(u, u > 0, [2.0])",
    "np.putmask(u, u > 0, 2.0)",
    "np.add.at(u, [0], u[1])",
    "np.add(u, u, u)",
    "np.exp(u, u)",
    "np.exp(u, out=u)",
    "np.clip(u, 0.0, 0.5, u)",
    "np.dot(np.eye(3), u * 2, u)",
    "operator.setitem(u, 0, 2.0)",
    "u.sort()",
    "u.partition(1)",
    "u.put([0], 2.0)",
    "u.itemset(0, 2.0)",
    "u.setfield(2.0, float)",
    "np.random.shuffle(u)",
    "values.reverse()",
    "values.sort()",
    "values.insert(0, 1.0)",
    "values.extend([u[0]])",
    "values.append(u[0])",
    "values.pop()",
    "values.remove(1.0)",
    "values.clear()",
    "values += [u[0]]",
    "heapq.heapify(values)",
    "random.Random(3).shuffle(values)",
]


@pytest.mark.parametrize("statement", WRITES)
def test_calls_that_write(write_module, statement):
    """They are refused, or their effect is seen: never is the write forgotten."""
    module = write_module(
        f"""
        import heapq, operator, random
        import numpy as np

        def f(u):
            values = [u[1] * u[1], 1.0]
            {statement}
            first = values[0] if values else 0.0
            return np.sum(u * u) + first * u[2] + len(values) * u[0]
        """
    )
    u = np.array([0.9, 1.4, 1.2])
    try:
        found = grad(module.f)(u)
    except DifferentiationError:
        return
    assert np.allclose(found, by_differences(module.f, (u,), 0), rtol=1e-6)


TEXTS = [
    'float(f"{x}")',
    "float(str(x))",
    "float(repr(x))",
    'float("%f" % x)',
    'float(format(x, ".9f"))',
    'float("{}".format(x))',
    'eval("x * x")',
    'struct.unpack("d", struct.pack("d", x))[0]',
    "x.as_integer_ratio()[0] / x.as_integer_ratio()[1]",
    "float(Decimal(x))",
    "float.__mul__(x, x)",
    "operator.mul(x, x)",
    "functools.reduce(lambda a, b: a * b, [x, x])",
    "list(map(math.sin, [x]))[0]",
    "sorted([x, 2.0])[0]",
    "sum(v for v in [x, x])",
    "np.array([x]).tolist()[0]",
    "np.float64(x).item()",
    "np.vectorize(math.sin)(x)",
    "np.apply_along_axis(np.sum, 0, np.array([x, x]))",
    "[x].pop()",
    "{1: x}[1]",
    "(lambda **k: k['x'])(x=x)",
    "getattr(x, 'real')",
    "next(iter([x]))",
]


@pytest.mark.parametrize("expression", TEXTS)
def test_ways_round_a_derivative(write_module, expression):
    """Roads on which a value could get lost: refused, or differentiated rightly."""
    module = write_module(
        f"""
        import functools, math, operator, struct
        from decimal import Decimal
        import numpy as np

        def f(x):
            y = {expression}
            return x + 3.0 * y
        """
    )
    try:
        found = grad(module.f)(1.5)
    except DifferentiationError:
        return
    assert np.allclose(found, by_differences(module.f, (1.5,), 0), rtol=1e-4)


def test_an_array_of_another_length_than_names():
    def product(u):
        a, b = u
        return a * b

    gradient = symdiff.grad(product)
    assert gradient(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]
    with pytest.raises(ValueError, match="too many values to unpack"):
        gradient(np.ones(3))
    with pytest.raises(ValueError, match="not enough values to unpack"):
        gradient(np.ones(0))


def flat_view_of_an_argument(x):
    flat = x.reshape(-1)
    x[0, 0] = 2.0 * x[1, 1]
    return np.sum(flat**2)


def written_flat_view_of_an_argument(x):
    flat = x.ravel()
    flat[0] = 2.0 * x[1, 1]
    return np.sum(x**2)


@pytest.mark.parametrize(
    "function", [flat_view_of_an_argument, written_flat_view_of_an_argument]
)
def test_layout_that_decides_whether_a_view_is_one(function):
    """Of an array in another order NumPy's `reshape` makes a copy."""
    x = np.arange(6.0).reshape(2, 3) / 5
    found = grad(function)(x)
    np.testing.assert_allclose(found, by_differences(function, (x,), 0), rtol=1e-6)
    for other in (np.asfortranarray(x), np.ones((3, 2)).T):
        with pytest.raises(AssertionError, match="`x` must be C-contiguous"):
            grad(function)(other)
