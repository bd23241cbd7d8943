"""A loop and its gradient written out, round by round."""

import math

from symdiff import check_grads, grad


def f(x, c, n):
    for _ in range(n):
        x = x * math.sin(x) + c
    return x


def main():
    written_out = grad(f, argnums=("x", "c"), unroll=True)
    as_a_loop = grad(f, argnums=("x", "c"))
    for n in (3, 5, 3):
        one, other = written_out(0.9, 0.1, n), as_a_loop(0.9, 0.1, n)
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) < 1e-14
    print(written_out.source)
    check_grads(f, (0.9, 0.1, 3))
    print("check: both agree, and with central differences")


if __name__ == "__main__":
    main()
