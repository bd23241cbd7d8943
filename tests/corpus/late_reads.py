"""Loops read an item when its round begins: earlier rounds may have changed it."""

import numpy as np

from corpus.registry import case


@case(0.9)
def zip_with_an_array(x):
    u = np.array([x, x * 2, x * 3])
    total = 0.0
    for a, v in zip([1, 2, 3], u):
        u[2] = 10 * x
        total += a * v
    return total


@case(0.9)
def zip_with_an_array_turned_round(x):
    u = np.array([x, 2 * x, 3 * x])
    total = 0.0
    for a, b in zip(reversed(u), [1.0, 2.0, 3.0]):
        u[0] = x * 7
        total += a * b
    for a, b in zip(u[::-1], (1.0, 2.0, 3.0)):
        u[0] = x * 9
        total += a * b
    return total


@case(0.9)
def zip_with_a_long_list(x):
    xs = []
    for k in range(20):
        xs.append(x * k)
    total = 0.0
    for a, v in zip([1, 2, 3], xs):
        xs[2] = 10 * x
        total += a * v
    return total


@case(0.9)
def items_changed_by_a_comprehension(x):
    xs = [x, 2 * x]
    u = np.array([x, 2 * x])

    def doubled(v):
        xs[1] = v * 5
        u[1] = v * x
        return 2 * v

    return sum([doubled(v) for v in xs]) + sum([doubled(v) for v in u])


@case(0.9)
def list_turned_round(x):
    xs = [x, 2 * x, 3 * x]
    total = 0.0
    for k, v in enumerate(reversed(xs)):
        xs[0] = 20 * x
        total += v * k
    for v in map(lambda v: v * x, xs):
        xs[2] = 3 * x
        total += v
    last, *_ = reversed(xs)
    return total * last + list(reversed(xs))[0] * tuple(reversed(xs))[1]


@case(0.9, refused="a list changes its length")
def comprehension_that_makes_its_list_longer(x):
    xs = [x, 2 * x]

    def tripled(v):
        if len(xs) < 4:
            xs.append(v * 3)
        return v

    return sum([tripled(v) for v in xs])


@case(0.9)
def dict_changed_while_a_loop_runs(x):
    d = {"a": x, "b": x * x, "c": x**3}
    total = 0.0
    for k, v in d.items():
        total = total * x + v
        if k == "a":
            d["c"] = 5 * v
    for v in d.values():
        d["b"] = total * x
        total += v
    for k in d:
        d["c"] += total
        total += d[k]
    for k, v in enumerate(reversed(d.values())):
        d["a"] = 3 * x
        total += k * v
    return total


@case(0.9)
def dict_changed_by_a_comprehension(x):
    d = {"a": x, "b": 2 * x}

    def doubled(v):
        d["b"] = 5 * v
        return 2 * v

    return sum([doubled(v) for v in d.values()])


@case(0.9)
def views_of_a_dict_that_changes(x):
    d = {"b": x, "a": x * x}
    values, keys, pairs = d.values(), d.keys(), d.items()
    d["c"] = x**3
    d["b"] *= 7
    total = sum(values) * len(keys) * (2 if "c" in keys else 3)
    held = list(values)
    d.clear()
    first, *_ = held
    return total * first + len(values) + sum(held) + len(list(pairs))


@case(0.9, refused="a dict gets or loses keys")
def dict_that_gets_keys_while_a_loop_runs(x):
    d = {"a": x, "b": x * x}
    total = 0.0
    for k, v in d.items():
        d[k + "2"] = total
        total += v
    return total


@case(0.9)
def views_of_dicts_compared(x):
    d, e = {"a": x, "b": x}, {"b": x, "a": x}
    return x * x if d.keys() == e.keys() else x


@case(0.9)
def comprehensions_that_change_what_they_run_over(x):
    xs = [x, 2 * x, 3 * x]

    def f(v):
        xs[2] = v * x
        return v

    total = sum([f(v) * k for k, v in enumerate(xs)])
    total += sum([f(a) * b for a, b in zip(xs, xs[::-1])])
    return total + sum([f(v) * (k + 2) for k, v in enumerate(reversed(xs))])


@case(0.9)
def functions_with_effects_that_map_calls(x):
    c = [1.0]

    def f(v):
        c[0] *= v
        return v * c[0]

    total = sum([f(v) * c[0] for v in map(f, [x, 2 * x, 3 * x])])
    a, b = map(f, (x, x + 1))
    total += a * b * max(map(f, (x, 2 * x))) * c[0]
    mapped = map(f, (x, 2 * x))
    total += next(mapped) * c[0]
    rest = list(mapped)
    total += rest[0] * c[0] * (2.0 if any(map(f, (x, x))) else 1.0) * c[0]
    return total + sum(dict(zip("ab", map(f, [x, x]))).values()) * c[0]
