"""A program that asks for a derivative itself, and is differentiated.

python examples/newton.py
"""

from __future__ import annotations

from symdiff import grad, value_and_grad


def root(a):
    """The cube root of a number, by Newton's method."""
    y = 1.0
    for _ in range(8):
        value, slope = value_and_grad(lambda z: z**3 - a)(y)
        y = y - value / slope
    return y


def main() -> None:
    root_grad = grad(root)
    print(root_grad.source)
    print(f"root(3) = {root(3.0):.12f}, its derivative {root_grad(3.0):.12f}")
    print(f"by the formula: {3.0 ** (1 / 3):.12f} and {3.0 ** (-2 / 3) / 3:.12f}")


if __name__ == "__main__":
    main()
