"""Jacobians by elimination of vertices: what each order costs."""

import math

from symdiff import eliminate, jacfwd


def lighthouse(nu, gamma, omega, t):
    """Where the beam of a lighthouse meets the quay (Griewank & Walther)."""
    y1 = nu * math.tan(omega * t) / (gamma - math.tan(omega * t))
    y2 = gamma * y1
    return y1, y2


def waist(xs):
    """Three numbers meet in one, which goes a long way before it becomes three again."""
    s = math.sin(xs[0]) * math.cos(xs[1]) + math.sin(xs[2]) * xs[0]
    for _ in range(6):
        s = math.sin(s) * 1.5
    return [math.exp(s), math.cos(s), s**3]


def kepler(state, h):
    """One step of an orbit."""
    x, y, u, v = state
    r2 = x * x + y * y
    pull = -1 / (r2 * math.sqrt(r2))
    u = u + h * pull * x
    v = v + h * pull * y
    return [x + h * u, y + h * v, u, v]


def numbers(tree):
    if isinstance(tree, (list, tuple)):
        return [n for item in tree for n in numbers(item)]
    return [tree]


def main():
    programs = (
        (lighthouse, (1.2, 0.7, 0.3, 2.0)),
        (waist, ([0.4, 0.8, 0.3],)),
        (kepler, ([1.0, 0.2, -0.1, 0.9], 0.1)),
    )
    print("multiplications  markowitz  forward  reverse")
    for function, args in programs:
        jacobian = eliminate(function)
        found = numbers(jacobian(*args))
        argnums = tuple(range(len(args))) if len(args) > 1 else 0
        want = numbers(jacfwd(function, argnums)(*args))
        pairs = zip(found, want, strict=True)
        assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in pairs)
        counts = jacobian.multiplications
        columns = (counts[order] for order in ("markowitz", "forward", "reverse"))
        print(f"{function.__name__:<15}{''.join(f'{n:10}' for n in columns)}")
    print("check: the Jacobians are those of forward mode")
    jacobian = eliminate(lighthouse)
    jacobian(1.2, 0.7, 0.3, 2.0)
    print(jacobian.source)


if __name__ == "__main__":
    main()
