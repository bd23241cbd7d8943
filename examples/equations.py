"""A network of two layers as nine equations, their gradients, and the graph they form."""

import numpy as np

from symdiff import grad, graph, trace


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def softmax(s):
    powers = np.exp(s - np.max(s))
    return powers / np.sum(powers)


def loss(p, y):
    """The cross entropy."""
    return -np.sum(y * np.log(p))


def network(x, y, w1, w2):
    hidden = sigmoid(x @ w1)
    p = softmax(hidden @ w2)
    return loss(p, y)


def ladder(x, n):
    """Each rung reads the two values of the one below, twice: the paths double."""
    a = b = x
    for _ in range(n):
        a, b = a + b, a * b
    return a + b


def main():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=4), np.array([0.0, 1.0, 0.0])
    w1, w2 = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))
    run = trace(network)(x, y, w1, w2)
    gradients = run.backward()
    print("equation, value, gradient of the result by it, place")
    print("\n".join(run.table(gradients)))

    by_code = grad(network, argnums=("x", "y", "w1", "w2"))(x, y, w1, w2)
    for step, want in zip(run.inputs.values(), by_code, strict=True):
        assert np.allclose(gradients[step.index], want, rtol=1e-13)
    print("check: the gradients are those of the generated code")

    every = trace(network, depth=None)(x, y, w1, w2)
    print(f"{len(run)} equations, {len(every)} with the calls written out")

    print("\nrungs  edges  paths")
    for n in (5, 10, 20):
        rungs = graph(ladder)(0.5, n)
        table = rungs.backprop("x")
        assert np.isclose(table[1], grad(ladder)(0.5, n))
        print(f"{n:5} {len(rungs.edges()):6} {rungs.paths('x'):8}")


if __name__ == "__main__":
    main()
