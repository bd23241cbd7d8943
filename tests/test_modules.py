"""Modules that pass messages: against the layered formulas, differences and `grad`."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff
from symdiff import layers
from symdiff.modules import Module, Wiring

LABELS = np.array([0, 2, 1, 1])


def drawn(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(size=shape)


def differences(function, array, step=1e-6):
    found = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + step
        above = function()
        array[place] = kept - step
        found[place] = (above - function()) / (2 * step)
        array[place] = kept
    return found


def check(net, **inputs):
    """All gradients of a wiring against differences."""

    def value():
        return float(net.forward(**inputs))

    value()
    bars = net.backward()
    gradients = net.parameter_gradients()
    assert gradients.keys() == net.parameters.keys()
    for name, array in net.parameters.items():
        want = differences(value, array)
        assert np.allclose(gradients[name], want, rtol=1e-5, atol=1e-7), name
    for name, array in inputs.items():
        if array.dtype.kind == "f":
            want = differences(value, array)
            assert np.allclose(bars[name], want, rtol=1e-5, atol=1e-7), name
        else:
            assert name not in bars


# -- the layered network --------------------------------------------------------------


def affine(z, w, b):
    return w @ z + b


def squash(s):
    return np.tanh(s)


def error(z, y):
    return 0.5 * np.sum((z - y) ** 2)


def test_the_layered_formulas():
    """The layered formulas: going back, one product of a matrix and δ for each layer."""
    sizes = (4, 5, 3, 2)
    x, y = drawn(4), drawn(2)
    weights = [drawn(n, m) for m, n in zip(sizes, sizes[1:])]
    biases = [drawn(n) for n in sizes[1:]]
    wires = {}
    for k, (w, b) in enumerate(zip(weights, biases), 1):
        wires[f"s{k}"] = (Module(affine, w=w, b=b), f"z{k - 1}")
        wires[f"z{k}"] = (Module(squash), f"s{k}")
    net = Wiring(**wires, e=(Module(error), "z3", "y"))
    net.forward(z0=x, y=y)
    bars = net.backward()

    z, s = [x], [None]
    for w, b in zip(weights, biases):
        s.append(w @ z[-1] + b)
        z.append(np.tanh(s[-1]))
    slope = [None, *(1 - np.tanh(each) ** 2 for each in s[1:])]
    delta = slope[3] * (z[3] - y)
    gradients = net.parameter_gradients()
    for layer in (3, 2, 1):
        assert np.allclose(gradients[f"s{layer}.w"], np.outer(delta, z[layer - 1]))
        assert np.allclose(gradients[f"s{layer}.b"], delta)
        below = weights[layer - 1].T @ delta
        delta = below if layer == 1 else slope[layer - 1] * below
    assert np.allclose(bars["z0"], delta)


def test_the_messages_are_those_of_one_gradient():
    w1, b1, w2, b2 = drawn(3, 5), drawn(5), drawn(5, 3), drawn(3)
    x = drawn(4, 3)
    net = Wiring(
        s=(Module(layers.dense, w=w1, b=b1), "x"),
        z=(Module(layers.sigmoid), "s"),
        t=(Module(layers.dense, w=w2, b=b2), "z"),
        e=(Module(layers.softmax_cross_entropy), "t", "labels"),
    )

    def loss(w1, b1, w2, b2):
        z = layers.sigmoid(layers.dense(x, w1, b1))
        return layers.softmax_cross_entropy(layers.dense(z, w2, b2), LABELS)

    value = net.forward(x=x, labels=LABELS)
    net.backward()
    want, gradients = symdiff.value_and_grad(loss, (0, 1, 2, 3))(w1, b1, w2, b2)
    assert value == pytest.approx(want, rel=1e-14)
    for found, each in zip(net.parameter_gradients().values(), gradients, strict=True):
        assert np.allclose(found, each, rtol=1e-12)


# -- layers that the formula does not fit ---------------------------------------------


def test_a_skip_connection_normalisation_dropout_and_shared_weights():
    """x has two children, and one matrix is used twice."""
    w, b = drawn(3, 3), drawn(3)
    mask = layers.dropout_mask(np.random.default_rng(3), (4, 3), 0.4)
    net = Wiring(
        a=(Module(layers.dense, w=w, b=b), "x"),
        t=(Module(layers.tanh), "a"),
        n=(Module(layers.batch_norm, gamma=drawn(3, seed=1), beta=drawn(3, seed=2)), "t"),
        j=(Module(layers.add), "n", "x"),
        d=(Module(layers.dropout, {"mask": mask}), "j"),
        c=(Module(layers.dense, w=w, b=b), "d"),
        e=(Module(layers.mean_squared_error), "c", "y"),
    )
    assert list(net.parameters) == ["a.w", "a.b", "n.gamma", "n.beta"]
    check(net, x=drawn(4, 3), y=drawn(4, 3, seed=5))


def test_convolution_and_pooling():
    net = Wiring(
        c=(Module(layers.convolution, kernel=drawn(2, 1, 3, 3), b=drawn(2)), "x"),
        r=(Module(layers.relu), "c"),
        p=(Module(layers.max_pool), "r"),
        f=(Module(layers.flatten), "p"),
        d=(Module(layers.dense, w=drawn(18, 3), b=drawn(3)), "f"),
        e=(Module(layers.softmax_cross_entropy), "d", "labels"),
    )
    check(net, x=drawn(4, 1, 8, 8), labels=LABELS)


def test_a_recurrent_cell_through_time():
    shared = {"w": drawn(2, 3), "u": drawn(3, 3), "b": drawn(3)}
    wires = {
        f"h{t}": (Module(layers.recurrent, **shared), f"x{t}", f"h{t - 1}")
        for t in (1, 2, 3, 4)
    }
    net = Wiring(**wires, e=(Module(layers.mean_squared_error), "h4", "y"))
    assert list(net.parameters) == ["h1.w", "h1.u", "h1.b"]
    inputs = {f"x{t}": drawn(4, 2, seed=t) for t in (1, 2, 3, 4)}
    check(net, h0=drawn(4, 3, seed=7), y=drawn(4, 3, seed=8), **inputs)


def test_several_children_and_a_module_of_two_inputs():
    scale = Module(lambda z, a: a * z, a=np.array([2.0, 3.0]))
    net = Wiring(
        h=(scale, "x"),
        p=(Module(lambda u, v: u * v), "h", "h"),
        q=(Module(lambda u, v: np.sum(u * v)), "p", "h"),
    )
    check(net, x=np.array([0.5, -0.7]))


def test_one_module_by_itself():
    dense = Module(layers.dense, w=drawn(3, 2), b=drawn(2))
    z = drawn(4, 3)
    out = dense.forward(z)
    one, two = drawn(4, 2), drawn(4, 2, seed=9)
    sent = dense.backward(one, two)
    assert np.allclose(sent, (one + two) @ dense.parameters["w"].T)
    gradients = dense.parameter_gradients()
    assert np.allclose(gradients["w"], z.T @ (one + two))
    assert np.allclose(gradients["b"], (one + two).sum(axis=0))
    assert not np.any(dense.backward())
    assert out.shape == (4, 2)


def test_descent_learns():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
    net = Wiring(
        s=(Module(layers.dense, w=np.zeros((3, 1)), b=np.zeros(1)), "x"),
        e=(Module(layers.mean_squared_error), "s", "y"),
    )
    for _ in range(200):
        net.forward(x=x, y=y)
        net.backward()
        net.descend(0.1)
    assert np.allclose(net.parameters["s.w"].ravel(), [1.0, -2.0, 0.5], atol=1e-5)
    assert np.allclose(net.parameters["s.b"], 0.3, atol=1e-5)


# -- bad input ------------------------------------------------------------------------


def refused(match):
    return pytest.raises(symdiff.DifferentiationError, match=match)


def test_wirings_that_make_no_sense():
    def module():
        return Module(layers.add)

    with refused("the wiring has a cycle: a -> b -> a"):
        Wiring(a=(module(), "b", "x"), b=(module(), "a", "x"), c=(module(), "a", "b"))
    with refused("the wiring has a cycle: a -> a"):
        Wiring(a=(module(), "a", "x"), output="a")
    with refused("the wiring ends in a, b"):
        Wiring(a=(module(), "x", "y"), b=(module(), "x", "y"))
    with refused("the output `c` is no module"):
        Wiring(a=(module(), "x", "y"), output="c")
    with refused("`a` reads 1 values, and its module takes a, b"):
        Wiring(a=(module(), "x"))
    with refused("`a` is no module"):
        Wiring(a=(layers.add, "x", "y"))
    one = module()
    with refused("`b` is a module that stands in the wiring already"):
        Wiring(a=(one, "x", "y"), b=(one, "a", "y"))
    with refused("`dense` has no parameter `v`"):
        Module(layers.dense, v=1.0)


def test_values_that_do_not_fit():
    net = Wiring(
        a=(Module(layers.dense, w=drawn(3, 2), b=drawn(2)), "x"),
        e=(Module(layers.mean_squared_error), "a", "y"),
    )
    with refused("the wiring takes x, y, and gets x"):
        net.forward(x=drawn(4, 3))
    with refused("module `dense` does not fit its arguments: .*mismatch") as info:
        net.forward(x=drawn(4, 5), y=drawn(4, 2))
    assert "shapes are z (4, 5), w (3, 2), b (2,)" in str(info.value)
    dense = Module(layers.dense, w=drawn(3, 2), b=drawn(2))
    with refused("module `dense` takes z, and gets 2 values"):
        dense.forward(drawn(4, 3), drawn(4, 3))
    with refused("goes back before it went forward"):
        dense.backward(drawn(4, 2))
    dense.forward(drawn(4, 3))
    with refused("has not gone back since it went forward"):
        dense.parameter_gradients()
    with refused("gets a δ of shape \\(3, 2\\) for a result of shape \\(4, 2\\)"):
        dense.backward(drawn(3, 2))
    number = Wiring(e=(Module(lambda x, a: a * x, a=2.0), "x"))
    number.forward(x=3.0)
    assert number.backward() == {"x": 2.0}
    assert number.parameter_gradients() == {"e.a": 3.0}
    with refused("`e.a` is no array"):
        number.descend(0.1)
