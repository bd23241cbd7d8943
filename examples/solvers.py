"""Gradients through solvers of SciPy, without looking into them.

A root is differentiated by the implicit function theorem, whatever found it. The end of
a trajectory of `solve_ivp` is differentiated by its adjoint equation, which is solved
backwards in time by `solve_ivp` itself; what it needs of the right-hand side is
generated code.
"""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

import symdiff

# -- a root: where two reactions are in balance ------------------------------------------


def imbalance(c, rates, feed):
    """The net production of two substances."""
    made = rates[0] * (feed - c[0]) - rates[1] * c[0] * c[1]
    lost = rates[1] * c[0] * c[1] - rates[2] * c[1] ** 2
    return np.array([made, lost])


@symdiff.implicit(residual=imbalance, returns="float64[:]")
def balance(rates, feed):
    return root(imbalance, np.ones(2), args=(rates, feed), tol=1e-12).x


def yield_of(rates, feed):
    c = balance(rates, feed)
    return c[1] ** 2 / feed


# -- a trajectory: hares and lynx -------------------------------------------------------


def growth(y, p):
    hares, lynx = y
    return np.array([p[0] * hares - p[1] * hares * lynx, p[3] * hares * lynx - p[2] * lynx])


def power(y, p, weights):
    return np.sum(weights * growth(y, p))


pull = symdiff.grad(power, argnums=("y", "p"))


def trajectory(y0, p, time):
    return solve_ivp(lambda t, y: growth(y, p), (0.0, time), y0, rtol=1e-10, atol=1e-12)


def end_vjp(out_bar, out, y0, p, time):
    """dL/dt = -L df/dy backwards from the adjoint of the end; p_bar gathers L df/dp."""

    def backwards(t, state):
        y, weights = state[:2], state[2:4]
        y_bar, p_bar = pull(y, p, weights)
        return np.concatenate([growth(y, p), -y_bar, -p_bar])

    start = np.concatenate([out, out_bar, np.zeros(4)])
    found = solve_ivp(backwards, (time, 0.0), start, rtol=1e-10, atol=1e-12).y[:, -1]
    return found[2:4], found[4:], np.sum(out_bar * growth(out, p))


@symdiff.rule(vjp=end_vjp, returns="y0")
def end(y0, p, time):
    return trajectory(y0, p, time).y[:, -1]


def miss(y0, p, time):
    """How far the end is from where it was seen."""
    return np.sum((end(y0, p, time) - np.array([20.0, 9.0])) ** 2)


def main():
    at = np.array([1.0, 2.0, 0.7]), 3.0
    print(symdiff.source(yield_of, *at, argnums=("rates", "feed")))
    print("d yield / d rates ", symdiff.grad(yield_of)(*at))
    symdiff.check_grads(yield_of, at)
    print("check: the gradient through the root agrees with central differences\n")

    at = np.array([30.0, 4.0]), np.array([0.55, 0.028, 0.84, 0.026]), 3.0
    print(symdiff.source(miss, *at, argnums=("y0", "p", "time")))
    print("d miss / d p      ", symdiff.grad(miss, argnums="p")(*at))
    symdiff.check_grads(miss, at, rtol=1e-5)
    print("check: the gradient by the adjoint equation agrees with central differences")


if __name__ == "__main__":
    main()
