"""What it takes to get a gradient through Jacobians, and what with products alone.

Three layers map 10 samples of 10 features to one number each. The gradient of the loss
by the first matrix is a chain of four Jacobians. Built as matrices they have 3,710
entries, for 50 numbers that are asked for. Each primitive operation knows how to
multiply by its Jacobian instead, from the left for reverse mode, and none is built.
"""

import numpy as np

from symdiff import grad, rule_of, trace

rng = np.random.default_rng(0)
INPUTS = rng.normal(size=(10, 10))
W1, W2, W3 = (rng.normal(size=shape) for shape in ((10, 5), (5, 2), (2, 1)))


def loss(w1, w2, w3):
    h1 = INPUTS @ w1
    h2 = h1 @ w2
    y = h2 @ w3
    return np.mean(y)


def through_jacobians(found, start):
    """The gradient by the step `start` as a product of matrices, last one first."""
    product, entries, step = np.eye(1), 0, found.result
    while step.index != start.index:
        parent = next(found[k] for k in step.parents if depends(found, found[k], start))
        jacobian = found.jacobian(step.index, parent.index)
        rows, columns = np.size(step.value), np.size(parent.value)
        print(f"  d {step.name or 'loss':4} / d {parent.name:2}  {rows:2} x {columns:2}"
              f"  {jacobian.size:5,} entries")  # fmt: skip
        product = product @ jacobian.reshape(rows, columns)
        entries += jacobian.size
        step = parent
    return product.reshape(start.value.shape), entries


def depends(found, step, start):
    """Whether a step depends on another one."""
    if step.index == start.index:
        return True
    return any(depends(found, found[k], start) for k in step.parents)


def through_products():
    """The same with the rules of the four operations: no matrix but the values."""
    h1 = INPUTS @ W1
    h2 = h1 @ W2
    mean, matmul = rule_of(np.mean), rule_of(np.matmul)
    (y_bar,) = mean.vjp(1.0, h2 @ W3)
    h2_bar, _ = matmul.vjp(y_bar, h2, W3)
    h1_bar, _ = matmul.vjp(h2_bar, h1, W2)
    _, w1_bar = matmul.vjp(h1_bar, INPUTS, W1)
    return w1_bar


def main():
    found = trace(loss)(W1, W2, W3)
    print("through Jacobians:")
    gradient, entries = through_jacobians(found, found.inputs["w1"])
    print(f"{entries:,} Jacobian entries for {gradient.size} gradients")
    print("through products: 0 Jacobian entries")
    np.testing.assert_allclose(through_products(), gradient, rtol=1e-12)
    np.testing.assert_allclose(grad(loss)(W1, W2, W3), gradient, rtol=1e-12)
    print("check: both agree with the generated code")


if __name__ == "__main__":
    main()
