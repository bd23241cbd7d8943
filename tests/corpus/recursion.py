"""Recursion whose depth is known only at run time."""

import cmath
import math

import numpy as np

from corpus.registry import case


@case(1.3, 5)
@case(1.3, 0)
def power_by_recursion(x, n):
    if n == 0:
        return 1.0
    return x * power_by_recursion(x, n - 1)


@case(1.1, 0.4, 6)
def fibonacci_like(x, y, n):
    if n < 2:
        return x if n else y
    return fibonacci_like(x, y, n - 1) * math.cos(y) + fibonacci_like(x, y * x, n - 2)


@case(np.array([0.3, -1.2, 2.0, 0.7, 1.1]), 0.8)
def tree_sum(values, x):
    def go(lo, hi):
        if hi - lo == 1:
            return values[lo] * math.sin(x * values[lo])
        mid = (lo + hi) // 2
        return go(lo, mid) * math.cos(x) + go(mid, hi)

    return go(0, len(values))


@case(np.array([0.3, -1.2, 2.0, 0.7, 1.1, 0.2]))
def halves_of_an_array(values):
    if len(values) == 1:
        return values[0] ** 2
    mid = len(values) // 2
    return halves_of_an_array(values[:mid]) * 1.5 - halves_of_an_array(values[mid:])


def simpson(f, a, b, tol):
    mid = 0.5 * (a + b)
    whole = (b - a) / 6 * (f(a) + 4 * f(mid) + f(b))
    left = (mid - a) / 6 * (f(a) + 4 * f(0.5 * (a + mid)) + f(mid))
    right = (b - mid) / 6 * (f(mid) + 4 * f(0.5 * (mid + b)) + f(b))
    if abs(left + right - whole) < 15 * tol:
        return left + right + (left + right - whole) / 15
    return simpson(f, a, mid, tol / 2) + simpson(f, mid, b, tol / 2)


@case(0.9, 2.0)
def adaptive_simpson(k, end):
    return simpson(lambda t: math.exp(-k * t * t), 0.0, end, 1e-4)


def adapt(f, a, b, fa, fb, tol, depth):
    mid = (a + b) / 2
    fm = f(mid)
    coarse = (b - a) * (fa + fb) / 2
    fine = (b - a) * (fa + 2 * fm + fb) / 4
    if depth <= 0 or abs(fine - coarse) < tol:
        return fine
    left = adapt(f, a, mid, fa, fm, tol / 2, depth - 1)
    return left + adapt(f, mid, b, fm, fb, tol / 2, depth - 1)


@case(0.7, 1.4)
def adaptive_with_depth(p, q):
    def f(t):
        return math.sin(p * t) + q * t**2

    return adapt(f, 0.0, 1.0, f(0.0), f(1.0), 1e-3, 20)


@case(0.4, 0.9, 4)
def mutual_recursion(x, y, n):
    def even(a, k):
        return a * y if k == 0 else odd(math.sin(a) + y, k - 1)

    def odd(a, k):
        return -a if k == 0 else even(a * a, k - 1) * x

    return even(x, n)


@case(0.4, 3, 2)
def ackermann_around_active(x, m, n):
    def ack(i, j):
        if i == 0:
            return j + 1
        if j == 0:
            return ack(i - 1, 1)
        return ack(i - 1, ack(i, j - 1))

    return math.sin(x) ** (ack(m % 2, n) - 1) + x * ack(1, m)


@case(np.array([3.0, 7.0, 15.0, 1.0]), 0.2)
def continued_fraction(terms, x):
    def level(k):
        if k == len(terms):
            return x
        return terms[k] + 1 / level(k + 1)

    return 1 / level(0)


@case(np.array([1.0, -0.5, 0.25, 2.0]), 1.3)
def horner_by_recursion(coefficients, x):
    def horner(k):
        if k == len(coefficients) - 1:
            return coefficients[k]
        return coefficients[k] + x * horner(k + 1)

    return horner(0)


@case(np.array([1.0, 0.2]), 0.5, 6)
def recursive_integrator(state, h, steps):
    def step(u, k):
        if k == 0:
            return u
        rate = np.array([u[1], -math.sin(u[0])])
        return step(u + h * rate, k - 1)

    return np.sum(step(state, steps) ** 2)


@case(100.0, 0.2, 4)
def binomial_option(spot, sigma, depth):
    up = math.exp(sigma * 0.5)

    def value(price, level):
        if level == depth:
            return max(price - 95.0, 0.0)
        keep = 0.5 * (value(price * up, level + 1) + value(price / up, level + 1))
        return max(0.99 * keep, price - 95.0)

    return value(spot, 0)


@case(1.0, 0.6)
def arithmetic_geometric_mean(a, b):
    if abs(a - b) < 1e-9:
        return a
    return arithmetic_geometric_mean(0.5 * (a + b), math.sqrt(a * b))


@case(0.7, 4)
def two_results(x, n):
    def both(k):
        if k == 0:
            return x, 1.0
        s, c = both(k - 1)
        return s * math.sin(c), s + c * x

    s, c = both(n)
    return s * c


@case(0.7, 4)
def one_result_unused(x, n):
    def both(k):
        if k == 0:
            return x * x, 2.0
        s, c = both(k - 1)
        return s * x + 1, s * c

    return both(n)[0]


@case(0.7, 5)
def running_sum(x, n):
    def go(i, s):
        return s if i == n else go(i + 1, s + x**i)

    return go(0, 0)


@case(0.7, 3)
def in_a_loop(x, n):
    def bump(y, k):
        return y if k == 0 else math.sin(bump(y * x, k - 1))

    total = x
    for i in range(n):
        total = total + bump(total, i)
    return total


@case(np.array([0.2, 0.5, 0.9]), 3)
def loop_over_calls(u, depth):
    def tree(x, level):
        if level == 0:
            return x * x
        s = 0.0
        for k in range(3):
            s += tree(x * u[k], level - 1)
        return s

    return tree(1.5, depth)


@case(0.8, 6)
def many_base_cases(x, n):
    if n == 0:
        return 0.0
    if n == 1:
        return x
    if n % 2 == 0:
        half = many_base_cases(x * 0.9, n // 2)
        return half * half + 1
    return x * many_base_cases(x, n - 1)


@case(0.83, 5)
def recursion_in_the_condition(x, n):
    def height(y, k):
        if k == 0:
            return y
        if height(y * 0.5, k - 1) > 0.1:
            return y * height(y, k - 1)
        return y + x

    return height(x, n)


@case(1.3, 4)
def three_functions(x, n):
    def a(y, k):
        return b(y * x, k)

    def b(y, k):
        return y if k == 0 else c(y + 1, k)

    def c(y, k):
        return math.sqrt(a(y, k - 1) ** 2 + 1)

    return a(x, n)


@case(np.array([[2.0, 0.3], [0.1, 1.5]]), 5)
def matrix_power(m, n):
    def power(k):
        if k == 0:
            return np.eye(2)
        half = power(k // 2)
        square = half @ half
        return square @ m if k % 2 else square

    return np.sum(power(n) * np.array([[1.0, 2.0], [3.0, 4.0]]))


@case(0.3, 0.7, 4)
def named_and_default_arguments(x, y, n):
    def go(k, *, scale=1.0, shift=0.5):
        if k == 0:
            return scale + shift
        return go(k - 1, scale=scale * x, shift=y) + go(k - 1, shift=shift * x)

    return go(n)


@case(0.9, 3)
def inner_function_in_a_recursive_one(x, n):
    def outer(y, k):
        def scaled(z):
            return z * y + x

        return scaled(1.0) if k == 0 else outer(scaled(y), k - 1)

    return outer(0.5, n)


def apply_deep(f, x, n):
    return x if n == 0 else f(apply_deep(f, x, n - 1))


@case(0.9, 3)
def function_as_argument(x, n):
    return apply_deep(math.sin, x, n) * apply_deep(lambda t: t * x + 1, x, n)


@case(0.9, 4, 2)
def nested_recursion(x, n, m):
    def inner(y, k):
        return y if k == 0 else inner(math.tanh(y) + 1, k - 1)

    def outer(y, k):
        return y if k == 0 else inner(outer(y * x, k - 1), m)

    return outer(x, n)


@case(1.7)
def newton_by_recursion(c):
    def improve(x):
        better = 0.5 * (x + c / x)
        return better if abs(better - x) < 1e-12 else improve(better)

    return improve(c)


@case(np.array([0.3, 1.2, 2.0]), 3)
def array_through_recursion(u, n):
    if n == 0:
        return np.sum(u * u)
    return array_through_recursion(np.sin(u) * u[::-1], n - 1) + u[0]


@case(np.array([0.3, 1.2, 2.0]), 0.4, 4)
def array_read_at_every_level(u, x, n):
    if n == 0:
        return x
    return array_read_at_every_level(u, x * u[n % 3], n - 1) + np.dot(u, u) * x


@case(2.0, 3)
def hanoi_like(x, n):
    def moves(k, a, b):
        if k == 0:
            return 0.0
        return moves(k - 1, a, a * b) + a * b + moves(k - 1, b, a)

    return moves(n, x, x + 1)


@case(0.6, 10)
def euclid_as_an_index(x, n):
    def gcd(a, b):
        return a if b == 0 else gcd(b, a % b)

    total = 0.0
    for k in range(1, n):
        if gcd(n, k) == 1:
            total += x**k
    return total


@case(np.array([0.3, -0.2, 0.5, 0.9]))
def fast_transform(signal):
    def transform(part):
        if part.shape[0] == 1:
            return part
        even, odd = transform(part[::2]), transform(part[1::2])
        return np.concatenate((even + odd, (even - odd) * 0.5))

    return np.sum(transform(signal) ** 3)


@case(0.5, 6)
def early_leave_in_a_loop(x, n):
    def search(y, k):
        for i in range(k):
            y = y * 1.1 + x
            if y > 3:
                return y
        return search(y, k + 1) if k < n else y

    return search(x, 1)


def binomial(n, k):
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


@case(0.4, 5)
def binomial_coefficients(x, n):
    total = 0.0
    for k in range(n + 1):
        total += binomial(n, k) * x**k
    return total


@case(0.4, 12)
def ends_by_value(x, n):
    if x > 2 or n == 0:
        return x * x
    return ends_by_value(x * 1.5, n - 1) - x


@case(0.4, 5)
def tuple_argument(x, n):
    def go(pair, k):
        a, b = pair
        return a * b if k == 0 else go((b, a + b * x), k - 1)

    return go((x, 1.0), n)


@case(np.array([0.1, 0.2, 0.3, 0.4]), np.array([1.0, 2.0, 3.0, 4.0]))
def knapsack(weights, values):
    def best(i, room):
        if i == len(weights):
            return 0.0
        skip = best(i + 1, room)
        if weights[i] > room:
            return skip
        return max(skip, values[i] * weights[i] + best(i + 1, room - weights[i]))

    return best(0, 0.65)


@case(np.array([[1.0, 0.2, 0.3], [0.1, 2.0, 0.4], [0.2, 0.1, 3.0]]))
def laplace_expansion(a):
    if a.shape[0] == 1:
        return a[0, 0]
    total = 0.0
    for j in range(a.shape[0]):
        minor = np.concatenate((a[1:, :j], a[1:, j + 1 :]), axis=1)
        total = total + (-1) ** j * a[0, j] * laplace_expansion(minor)
    return total


@case(np.array([4.0, 1.0, 3.0, 2.0, 5.0]))
def quickselect(values):
    def select(u, k):
        pivot = u[0]
        low, high = u[u < pivot], u[u > pivot]
        if k < len(low):
            return select(low, k)
        if k == len(low):
            return pivot
        return select(high, k - len(low) - 1)

    return select(values, 2) ** 2


@case(0.5, 3)
def dict_through_recursion(x, n):
    def go(p, k):
        if k == 0:
            return p["a"] * p["b"]
        return go({"a": p["b"] * x, "b": p["a"] + 1}, k - 1)

    return go({"a": x, "b": 1.0}, n)


@case(0.5, 3)
def list_out_of_recursion(x, n):
    def go(k):
        if k == 0:
            return [x, 1.0]
        a, b = go(k - 1)
        return [a * b, a + x]

    both = go(n)
    return both[0] + both[1] ** 2


class Solver:
    def __init__(self, gain):
        self.gain = gain

    def run(self, x, n):
        if n == 0:
            return x * self.gain
        return self.run(math.sin(x) + self.gain, n - 1)


@case(0.5, 0.7, 3)
def recursive_method(x, gain, n):
    return Solver(gain).run(x, n)


@case(np.array([3.0, 1.0, 2.0]))
def text_that_alternates(u):
    def go(i, mode):
        if i == len(u):
            return 0.0
        if mode == "add":
            return u[i] + go(i + 1, "mul")
        return u[i] ** 2 * go(i + 1, "add") + 1

    return go(0, "add")


@case(0.7, 4)
def checks_inside(x, n):
    def go(k):
        if k < 0:
            raise ValueError("negative")
        assert k < 100
        return x if k == 0 else go(k - 1) * x

    return go(n)


@case(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
def lengths_that_differ(a):
    def go(x, y):
        if len(x) == 0 or len(y) == 0:
            return 0.0
        return np.sum(x) * np.sum(y) + go(x[1:], y[:-1])

    return go(a, a * 2)


@case(0.7, 3)
@case(0.7, 0)
def reads_what_may_be_none(x, n):
    last = None
    for i in range(n):
        last = x * (i + 1)

    def go(k):
        if k > 0:
            return go(k - 1) * x
        if last is None:
            return x
        return float(last) * x

    return go(n + 1)


@case(1.2, 0.7, 3)
def calls_that_depend_on_no_input(x, y, n):
    def go(r, c, k):
        if k <= 0:
            return c, 2 * c
        a, b = go(r, 0.5 + k, k - 1)
        return c * a, b + c

    a, b = go(x, x, n)
    c, d = go(3.0, 2.0, n)
    return a * b * y * c + d


def shrinking(r, c, depth=3):
    if depth == 0:
        return r + c
    return shrinking(math.tanh(r), 0.15, depth - 1)


@case(-0.75, 0.68, 3, argnums=(0, 1))
@case(-0.75, 0.68, 2, argnums=(0, 1))
def called_after_the_same_test(x, y, n):
    """The call is never reached: its record is gone, and what would read it."""
    v = [y]
    for _ in range(3):
        if n > len(v):
            if n % 2 == 1:
                return v[-1]
            if n % 2 == 1:
                x *= shrinking(v[0], y, n) + x
                return y
        v[-1] = v[-1] * max(v)
        if n % 2 == 1:
            break
    return x + y + sum(v)


def _spectrum(x):
    n = len(x)
    if n <= 1:
        return x
    even, odd = _spectrum(x[0::2]), _spectrum(x[1::2])
    turned = [cmath.exp(-2j * math.pi * k / n) * odd[k] for k in range(n // 2)]
    first = [even[k] + turned[k] for k in range(n // 2)]
    return first + [even[k] - turned[k] for k in range(n // 2)]


@case([0.3, 0.8, 0.1, 0.5])
def power_by_a_fourier_transform(x):
    return sum(abs(c) ** 2 * k for k, c in enumerate(_spectrum(x)))


class Light:
    def __init__(self, red):
        self.red = red

    def __add__(self, other):
        return Light(self.red + other.red)


def _seen(rays, depth):
    """A number where nothing is hit, or else an array."""
    hit = rays > 0.1
    seen = Light(0)
    if np.any(hit):
        seen += _placed(hit, _shaded(rays[hit], depth))
    return seen


def _placed(hit, light):
    red = np.zeros(hit.shape)
    np.place(red, hit, light.red)
    return Light(red)


def _shaded(rays, depth):
    light = Light(0.05) + Light(rays**2)
    if depth < 2:
        for bend in (0.8, 0.7, 0.9):
            light += _seen(rays * bend - 0.1, depth + 1)
    return light


@case(np.array([0.53, -0.2, 0.9, 1.4]))
def rays_that_split(u):
    return np.sum(_seen(u, 0).red)
