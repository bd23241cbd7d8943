"""A branch, and the sum over both of its sides that says the same."""

from symdiff import grad


def leaky(x, w):
    y = x * w
    if y > 0:
        return y * w
    return 0.1 * y


def main():
    by_sums = grad(leaky, argnums=("x", "w"), indicators=True)
    by_branches = grad(leaky, argnums=("x", "w"))
    for x in (-1.5, 0.0, 2.0):
        print(f"x = {x:4}: {by_sums(x, 3.0)}")
        assert by_sums(x, 3.0) == by_branches(x, 3.0)
    print("check: the gradients are those of the branches")
    print(by_sums.source)


if __name__ == "__main__":
    main()
