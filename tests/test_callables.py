"""Gradients of what is called like a function, and is none."""

import functools
import linecache
import math
import operator

import numpy as np
import pytest
from corpus.decorators import both, half_sin, scaled, sq

import symdiff


class Model:
    def __init__(self, k):
        self.k = k

    def loss(self, x, n=2):
        return self.k * x**n

    def __call__(self, x):
        return self.k * math.sin(x)


@functools.cache
def cached(x):
    return x * x * x


CALLABLES = {
    "partial with a keyword": functools.partial(sq, p=3),
    "partial of a lambda": functools.partial(lambda a, b: a * b * b, 2.0),
    "partial of a partial": functools.partial(functools.partial(sq), p=2),
    "bound method": Model(3.0).loss,
    "object": Model(2.0),
    "cached": cached,
    "wrapped": sq,
    "wrapper without wraps": half_sin,
    "closure": scaled(5.0),
    "closure of closures": both,
}


@pytest.mark.parametrize("name", CALLABLES)
def test_the_gradient_of_a_callable(name):
    function = CALLABLES[name]
    step = 1e-6
    expected = (function(1.5 + step) - function(1.5 - step)) / (2 * step)
    assert symdiff.grad(function)(1.5) == pytest.approx(expected, rel=1e-7)


def test_two_objects_of_one_class():
    assert symdiff.grad(Model(3.0).loss)(2.0) == 12.0
    assert symdiff.grad(Model(5.0).loss)(2.0) == 20.0


def test_two_methods_of_one_object():
    model = Model(3.0)
    for _ in range(2):
        assert symdiff.grad(model.loss)(2.0) == 12.0
        assert symdiff.grad(model)(0.0) == 3.0


def test_an_attribute_that_changes():
    model = Model(3.0)
    gradient = symdiff.grad(model.loss)
    assert gradient(2.0) == 12.0
    model.k = 4.0
    assert gradient(2.0) == 16.0


def test_names_and_parameters():
    gradient = symdiff.grad(functools.partial(Model(3.0).loss, n=3))
    assert gradient.__name__ == "loss_grad"
    assert gradient(x=2.0) == 36.0
    assert gradient(2.0, n=2) == 12.0


def any_number(x, *more, scale=1.0, **named):
    total = x * x
    for value in more:
        total += value * x
    for value in named.values():
        total += value * value
    return total * scale


def test_any_number_of_arguments():
    gradient = symdiff.grad(any_number)
    assert gradient(1.5) == 3.0
    assert gradient(1.5, 2.0) == 5.0
    assert gradient(1.5, 2.0, 3.0, scale=2.0) == 16.0
    assert gradient(1.5, a=2.0, b=1.0) == 3.0
    assert symdiff.grad(any_number, argnums=(0, 2))(1.5, 2.0, 3.0) == (8.0, 1.5)
    assert symdiff.grad(any_number, argnums="a")(1.5, a=2.0) == 4.0


def test_closures_of_one_text_are_kept_apart():
    first, second = symdiff.grad(scaled(1.0)), symdiff.grad(scaled(2.0))
    assert (first(3.0), second(3.0), first(3.0)) == (6.0, 12.0, 6.0)


class Odd:
    """An attribute whose `__dict__` is no dict, as compiled libraries have them."""

    __dict__ = property(lambda self: object())  # type: ignore[assignment]


def compiled(function):
    """A stand-in for what `numba.njit` gives: a library's object, not to be run."""
    space = {"__module__": "numba.core.registry", "__call__": None}
    dispatcher = type("CPUDispatcher", (), space)()
    dispatcher.py_func, dispatcher.inner = function, Odd()
    return dispatcher


@compiled
def compiled_helper(x):
    return x**3


def calls_compiled_code(x):
    return compiled_helper(x) * 2


def test_the_python_function_of_compiled_code():
    assert symdiff.grad(calls_compiled_code)(2.0) == 24.0


def test_functions_of_libraries_themselves():
    special = pytest.importorskip("scipy.special")
    u = np.array([0.3, 0.9, 0.5])
    assert symdiff.grad(math.sin)(0.5) == math.cos(0.5)
    assert symdiff.grad(math.atan2, argnums=1)(1.0, 2.0) == -0.2
    assert symdiff.value_and_grad(np.exp)(0.5) == (np.exp(0.5), np.exp(0.5))
    assert np.allclose(symdiff.grad(np.sum)(u), 1.0)
    assert np.allclose(symdiff.grad(np.linalg.norm)(u), u / np.linalg.norm(u))
    assert np.allclose(symdiff.grad(np.median)(u), [0.0, 0.0, 1.0])
    assert np.allclose(symdiff.grad(special.logsumexp)(u), special.softmax(u))
    assert np.isclose(
        symdiff.grad(symdiff.grad(special.gammaln))(0.7), special.zeta(2, 0.7)
    )


def test_methods_of_ufuncs_are_told_apart():
    x = np.array([1.0, 2.0, 3.0])
    for reduce, slopes in (
        (np.add.reduce, [1, 1, 1]),
        (np.multiply.reduce, [6, 3, 2]),
        (np.maximum.reduce, [0, 0, 1]),
        (np.subtract.reduce, [1, -1, -1]),
    ):
        np.testing.assert_allclose(symdiff.grad(reduce)(x), slopes)
        np.testing.assert_allclose(symdiff.grad(lambda x, f=reduce: f(x))(x), slopes)
        np.testing.assert_allclose(symdiff.vjp(reduce, x)[1](1.0)[0], slopes)
        np.testing.assert_allclose(symdiff.jvp(reduce, (x,), (x,))[1], slopes @ x)


def test_builtins_in_every_mode():
    for function, args, slopes in (
        (abs, (-2.0,), (-1.0,)),
        (max, (1.0, 2.0), (0.0, 1.0)),
        (pow, (2.0, 3.0), (12.0, 8.0 * math.log(2.0))),
    ):
        assert symdiff.vjp(function, *args)[1](1.0) == pytest.approx(slopes)
        assert symdiff.jvp(function, args, args)[1] == pytest.approx(np.dot(slopes, args))


def test_functions_made_by_exec_in_a_namespace_without_a_name():
    """They are told apart although no module is known for them."""
    for power in (2, 3):
        text = f"def f(x):\n    return x**{power}\n"
        file = f"<f with {power}>"
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        space: dict = {}
        exec(compile(text, file, "exec"), space)
        slope = symdiff.grad(space["f"])
        assert symdiff.jvp(slope, (2.0,), (1.0,))[1] == power * (power - 1) * 2.0 ** (
            power - 2
        )
        assert symdiff.grad(lambda x: slope(x))(2.0) == symdiff.grad(slope)(2.0)


def test_functions_of_libraries_with_all_of_their_arguments():
    a, x = np.array([[3.0, 1.0], [0.5, 2.0]]), np.array([0.3, 0.7, 1.2])
    bar, none = symdiff.vjp(np.linalg.norm, a, "fro")[1](1.0)
    np.testing.assert_allclose(bar, a / np.linalg.norm(a))
    assert none is None
    np.testing.assert_allclose(symdiff.grad(np.einsum, argnums=1)("i,i", x, x), x)
    np.testing.assert_allclose(symdiff.grad(np.sum)(a, axis=None), np.ones((2, 2)))
    np.testing.assert_allclose(symdiff.jvp(np.add.outer, (x, x), (x, x))[1], x + x[:, None])
    np.testing.assert_allclose(symdiff.hessian(np.linalg.norm)(x) @ x, 0, atol=1e-12)
    assert symdiff.grad(pow, argnums=(0, 1))(2.0, 3.0) == (12.0, 8.0 * math.log(2.0))
    assert symdiff.grad(operator.mul, argnums=1)(3.0, 4.0) == 3.0
    assert symdiff.grad(max)([1.0, 2.0]) == [0.0, 1.0]
    assert symdiff.grad(math.hypot)(3.0, 4.0) == 0.6
    assert symdiff.grad(symdiff.grad(np.sin))(1.0) == -math.sin(1.0)


def test_partial_objects_of_functions_of_libraries():
    a = np.arange(6.0).reshape(2, 3)
    total = functools.partial(np.sum, axis=0)
    np.testing.assert_allclose(
        symdiff.vjp(total, a)[1](np.array([1.0, 2.0, 3.0]))[0], [[1, 2, 3], [1, 2, 3]]
    )
    norm = functools.partial(np.linalg.norm, ord=1)
    np.testing.assert_allclose(symdiff.grad(norm)(np.array([1.0, -2.0])), [1, -1])
    powers = functools.partial(math.pow, 2.0)
    assert symdiff.grad(powers)(3.0) == 8.0 * math.log(2.0)
    product = functools.partial(np.multiply.reduce, axis=None)
    np.testing.assert_allclose(symdiff.grad(product)(1 + a[:, :1]), [[4], [1]])
