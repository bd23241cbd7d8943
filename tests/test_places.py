"""Which loops leave behind what the reverse sweep reads, so that nothing is saved."""

from __future__ import annotations

import numpy as np
import pytest
from random_programs import load

import symdiff

U = np.linspace(0.4, 1.3, 8)

# The body of a function of u that fills y; n is its length.
FILLED = [
    "for t in range(1, n): y[t] = y[t - 1] ** 2 * u[t]",
    "for t in range(n - 1): y[t + 1] = y[t] ** 2 * u[t]",
    "for t in range(2, n, 2): y[t] = y[t - 2] ** 2 * u[t]",
    "for t in range(2, n): y[t] = y[t - 1] * y[t - 2]",
    "for t in range(n - 2, -1, -1): y[t] = y[t + 1] ** 2 * u[t]",
    "for t in reversed(range(n - 1)): y[t] = y[t + 1] ** 2 * u[t]",
    "for t in range(1, m): y[m - 1 - t] = y[m - t] ** 2 * u[t]",
    """for t in range(1, n):
        for k in range(1, t + 1): y[t] += 0.1 * np.sin(y[t - k])""",
    """for i in range(m - 1):
        for k in range(i + 1, m): y[i + 1] = 0.3 * y[i] * u[k]""",
    """t = 0
    while t < 4:
        for k in range(2): y[k + 2] = np.sin(y[k]) * u[t]
        t += 1""",
    "for t in range(m // 2): y[m // 2 + t] = y[t] ** 2 * u[t]",
    "for t in range(1, n): y[t] = y[t - 1] ** 2 * u[t] if u[t] > 0.7 else y[t - 1] * u[0]",
    "for t in range(n - 1): y[t + 1 :] = y[t] ** 2 * u[t]",
    "for t in range(1, n): y[t] = np.sum(y[:t] ** 2) * u[t]",
    "y[0] = u[0]\n    for t in range(1, n): y[t] = y[t - 1] ** 2 * u[t]",
]

# In these a place is written after it was read, or might be.
MET_AGAIN = [
    "for t in range(n): y[t] = y[t - 1] ** 2 * u[t]",
    "for t in range(1, n): y[t] = y[t] ** 2 * y[t - 1]",
    "for t in range(n - 1): y[t] = y[t + 1] ** 2 * u[t]",
    "for t in range(n - 1, 0, -1): y[t] = y[t - 1] ** 2 * u[t]",
    "for t in range(1, n): y[n - t] = y[n - 1 - t] ** 2 * u[t]",
    "for t in range(1, n, 2): y[t - 1] = y[t] ** 2; y[t + 1 - 2] = y[t - 1] ** 2 * y[t]",
    "for t in range(1, n): y[t] = y[t - 1] ** 2 * u[t]\n    y[3] = u[0]",
    "for t in range(2, n): y[t] = y[t - 1] ** 2 * u[t]; y[t - 2] = y[t - 1] ** 2",
    "for k in range(2):\n        for t in range(1, n): y[t] = y[t - 1] ** 2 * u[t]",
    """for k in range(n // 2):
        for t in range(1, m): y[t] += np.sin(y[t - 1]) * u[k]""",
    """for t, v in enumerate(y):
        if t < m - 2: y[t + 2] = v * u[t]
        y[t] = v ** 2""",
    "z = y[5:]\n    for t in range(n - 6): z[t + 1] = y[6] ** 2 * u[t]",
    "for t in range(1, n): y[t::-1] = np.sin(y[t - 1]) * u[t]",
    "for t in range(1, n): y[t % 3] = y[(t - 1) % 3] ** 2 * u[t]",
    "for t in range(1, n): y[t] = np.sum(y**2) * u[t]",
    "for t in range(n): y[idx[t]] = y[idx[t - 1]] ** 2 * u[t]",
    "y[-1] = u[0]\n    for t in range(n): y[t] = y[-1] ** 2 * u[t]",
    "z = y[1:]\n    for t in range(n - 1): z[t] = y[t] ** 2; y[t] = u[t] * z[t] ** 2",
]


def function_of(rounds: str, made: str):
    return load(
        "import numpy as np\n\n\ndef f(u, n, idx):\n    m = len(u)\n"
        f"    y = {made}\n    {rounds}\n    return np.sum(np.array(y) ** 2)\n"
    )


def gradient_and_code(f):
    args = U, len(U), [3, 1, 4, 0, 5, 2, 7, 6]
    gradient = symdiff.grad(f, mode="reverse")
    found = gradient(*args)
    np.testing.assert_allclose(found, symdiff.jacfwd(f)(*args), rtol=1e-12)
    step = 1e-6 * np.eye(len(U))
    expected = [(f(U + e, *args[1:]) - f(U - e, *args[1:])) / 2e-6 for e in step]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    return symdiff.source(gradient, *args)


@pytest.mark.parametrize("made", ["u.copy()", "0.9 * u"])
@pytest.mark.parametrize("rounds", FILLED)
def test_nothing_is_put_back(rounds, made):
    code = gradient_and_code(function_of(rounds, made))
    assert "_saved" not in code


@pytest.mark.parametrize("rounds", MET_AGAIN)
def test_what_is_met_again_is_kept(rounds):
    code = gradient_and_code(function_of(rounds, "u.copy()"))
    assert "_saved" in code or "tape" in code


@pytest.mark.parametrize("made", ["np.exp(u)", "np.tanh(u)", "1 / u", "np.sqrt(u)"])
@pytest.mark.parametrize("rounds", ["y[t] += np.sin(y[t - 1]) * u[t]", "y[t] += y[t - 1]"])
def test_what_a_slope_is_made_of_is_kept(rounds, made):
    gradient_and_code(function_of(f"for t in range(1, n): {rounds}", made))


def test_what_an_array_shares_is_kept():
    def f(u):
        x = u * 1.0
        y = x[1:]
        for t in range(1, 6):
            y[t] = np.sin(x[t]) * u[t]
            x[t] = y[t] * x[t - 1]
        return np.sum(x**2)

    found = symdiff.grad(f, mode="reverse")(U)
    np.testing.assert_allclose(found, symdiff.jacfwd(f)(U), rtol=1e-12)


def test_an_adjoint_is_cleared_where_it_is_read_again():
    def f(u, n):
        y = np.ones(4)
        for t in range(n):
            y[t % 4] = u[t] * np.sin(y[(t + 1) % 4])
        return np.sum(y)

    gradient = symdiff.grad(f, mode="reverse")
    found = gradient(U, len(U))
    np.testing.assert_allclose(found, symdiff.jacfwd(f)(U, 8), rtol=1e-12)
    assert "] = 0.0" in symdiff.source(gradient, U, 8)


def test_an_adjoint_that_is_not_met_again_is_left():
    def f(u, n):
        y = np.ones(n)
        for t in range(1, n):
            y[t] = np.sin(y[t - 1]) * np.exp(y[t - 1]) / u[t]
        return np.sum(y)

    gradient = symdiff.grad(f, mode="reverse")
    found = gradient(U, len(U))
    np.testing.assert_allclose(found, symdiff.jacfwd(f)(U, 8), rtol=1e-12)
    code = symdiff.source(gradient, U, 8)
    assert "tape" in code  # on which the counter is
    assert "y_bar[t] = 0.0" not in code


def test_an_adjoint_is_cleared_that_an_earlier_round_is_reversed_with():
    f = function_of("for t in range(m - 2): y[t + 2] = u[t]; y[t] = u[t + 1]", "np.ones(m)")
    assert "y_bar[t] = 0.0" in gradient_and_code(f)


@pytest.mark.parametrize(
    "rounds",
    [
        "for t in range(1, m): y[t] = y[t - 1] ** 2 * u[t]",
        "for t in range(m - 2, -1, -1): y[t] = y[t + 1] ** 2 * u[t]",
        "for t in range(m - 2): y[t + 2] = y[t] ** 2 * u[t]",
    ],
)
def test_adjoints_are_left_in_loops_that_count(rounds):
    code = gradient_and_code(function_of(rounds, "np.ones(m)"))
    assert "= 0.0" not in code


def test_an_array_of_each_round_is_read_again():
    def f(u, z):
        total = 0.0
        for p in range(len(z)):
            s = np.zeros(len(u) + 1)
            s[0] = z[p]
            for t in range(len(u)):
                s[t + 1] = s[t] + u[t] * s[t] ** 2
            total += np.sum(s**3)
        return total

    z = np.array([0.1, 0.2, 0.3])
    gradient = symdiff.grad(f, argnums=(0, 1), mode="reverse")
    forward = symdiff.jacfwd(f, argnums=(0, 1))(U, z)
    for one, other in zip(gradient(U, z), forward, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    assert "_saved" not in symdiff.source(gradient, U, z)
