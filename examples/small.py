"""The smallest example: both partial derivatives of f(x, y) = 1 + x + exp(sin(xy))."""

import math

from symdiff import check_grads, grad


def f(x, y):
    return 1 + x + math.exp(math.sin(x * y))


def by_hand(x, y):
    """The formulas that the rules of calculus give."""
    common = math.exp(math.sin(x * y)) * math.cos(x * y)
    return 1 + common * y, common * x


def main():
    f_grad = grad(f, argnums=("x", "y"))
    x, y = 0.7, 1.9
    result = f_grad(x, y)
    print(f_grad.source)

    print(f"f({x}, {y}) = {f(x, y):.12f}")
    for name, got, formula in zip(("x", "y"), result, by_hand(x, y), strict=True):
        print(f"df/d{name} = {got:.12f}, by the formula {formula:.12f}")
        assert math.isclose(got, formula, rel_tol=1e-14)

    check_grads(f, (x, y))
    print("check: the gradient agrees with central differences in both entries")


if __name__ == "__main__":
    main()
