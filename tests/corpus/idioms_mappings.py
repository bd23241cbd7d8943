"""Tuples, dicts and sets that hold numbers, and the built-in functions over them."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw


@case(1.3, 6)
def history_of_tuples(x, n):
    history = []
    t = 0.0
    for _ in range(n):
        history.append((t, x))
        x = x - 0.1 * x * x
        t += 0.1
    times = [h[0] for h in history]
    return sum(v for _, v in history) + max(times)


@case(1.3, 0.4)
def comprehension_over_a_dict(x, y):
    weights = {"a": 2.0, "b": 3.0}
    values = {"a": x, "b": y}
    return sum(w * values[k] for k, w in weights.items())


@case(1.3, 0.4)
def tuple_unpacking_nested(x, y):
    (a, b), c = (x, y), x * y
    [d, (e, f)] = [a, (b, c)]
    return d * e + f


@case(1.3, 0.4)
def star_unpacking(x, y):
    first, *rest = [x, y, x * y, 2.0]
    *head, last = rest
    return first * last + sum(head)


@case(1.3, 0.4)
def star_in_a_display(x, y):
    a = [x, y]
    b = [0.0, *a, *a, 1.0]
    t = (*b[1:3], x)
    return sum(b) + t[1] * t[2]


@case(1.3, 0.4)
def tuple_arithmetic(x, y):
    t = (x, y) * 2 + (1.0,)
    return t[0] * t[3] + len(t) + t[-1]


@case(1.3, 5)
def rotation_of_three(x, n):
    a, b, c = x, x * x, 1.0
    for _ in range(n):
        a, b, c = b, c * 0.5, a + b
    return a + b * c


@case(1.3, 0.4)
def dict_literal(x, y):
    p = {"mass": x, "speed": y}
    return 0.5 * p["mass"] * p["speed"] ** 2


@case(1.3, 0.4)
def dict_that_grows(x, y):
    p = {}
    p["a"] = x
    p["b"] = p["a"] * y
    p["a"] += 1.0
    return p["a"] * p["b"] + len(p)


@case(1.3, 0.4)
def dict_methods(x, y):
    p = dict(a=x, b=y)
    p.update(b=x * y, c=2.0)
    p.update({"d": y})
    q = p.copy()
    q["a"] = 7.0
    total = sum(p.values()) + p.get("z", 0.5) + p.setdefault("e", x)
    last = p.pop("d")
    if "d" not in p:
        total *= last
    return total + q["a"] * q["b"]


@case(1.3, 0.4)
def dict_items(x, y):
    total = 0.0
    for name, value in {"a": x, "b": y, "ab": x * y}.items():
        if name.startswith("a"):
            total += value * len(name)
    return total


@case(1.3, 0.4)
def dict_by_comprehension(x, y):
    p = {k: x**k for k in range(4)}
    q = {name: v * y for name, v in zip("abc", (x, y, 1.0))}
    return p[3] + p[1] * q["b"] + q["c"]


@case(1.3, 0.4)
def dict_merge(x, y):
    defaults = {"a": 1.0, "b": 2.0}
    p = {**defaults, "b": x}
    q = defaults | {"a": y}
    return p["a"] * p["b"] + q["a"] * q["b"]


@case(1.3, 0.4)
def dict_of_dicts(x, y):
    config = {"body": {"mass": x}, "spring": {"k": y, "rest": 0.2}}
    config["spring"]["k"] *= 2.0
    return config["spring"]["k"] * (config["body"]["mass"] - config["spring"]["rest"])


@case(1.3, 0.4)
def dict_of_lists(x, y):
    log = {"x": [], "y": []}
    for k in range(3):
        log["x"].append(x * k)
        log["y"].append(y + k)
    return sum(a * b for a, b in zip(log["x"], log["y"]))


@case(1.3, 0.4)
def dict_with_tuple_keys(x, y):
    m = {(0, 0): x, (0, 1): y, (1, 1): x * y}
    return sum(m.get((i, j), 0.0) * (i + 2 * j) for i in range(2) for j in range(2))


@case(1.3, 0.4)
def list_of_dicts(x, y):
    parts = [{"mass": x, "at": 0.5}, {"mass": y, "at": -1.0}]
    total = sum(p["mass"] for p in parts)
    return sum(p["mass"] * p["at"] for p in parts) / total


@case(1.3, 4)
def set_of_integers(x, n):
    special = {1, 3}
    seen = set()
    s = 0.0
    for k in range(n):
        if k in special:
            s += x**k
            seen.add(k)
    return s * len(seen)


@case(1.3, 0.4)
def sorted_pairs(x, y):
    pairs = [(2, x), (0, y), (1, x * y)]
    total = 0.0
    for rank, (key, value) in enumerate(sorted(pairs)):
        total += rank * value
    return total


@case(1.3, 0.4)
def any_and_all(x, y):
    values = [x, y]
    if any(v < 0 for v in values):
        return x
    if all(v > 0 for v in values) and any([x > 1, y > 1]):
        return x * y
    return y


@case(1.3, 0.4)
def reversed_and_enumerate(x, y):
    s = 0.0
    for k, v in enumerate(reversed([x, y, x * y]), start=1):
        s += k * v
    return s


@case(1.3, 0.4)
def zip_of_three(x, y):
    return sum(a * b - c for a, b, c in zip([x, y], (2.0, x), [1, 2, 3]))


@case(1.3, 0.4)
def product_and_fsum(x, y):
    return (
        math.prod([x, y, 2.0]) + math.fsum([x, y, x * y]) + math.prod(range(1, 4), start=x)
    )


@case(draw(3))
def dict_of_arrays(u):
    p = {"w": u.copy(), "b": u[0]}
    for _ in range(3):
        p["w"] -= 0.1 * p["w"] * p["b"]
        p["b"] = p["b"] * 0.9
    return np.sum(p["w"]) * p["b"]


@case(1.3, np.array([3, 4, 3, 5]))
def set_that_is_asked_while_it_grows(x, keys):
    seen = set()
    for k in keys:
        if k in seen:
            x = x * 2.0
        if seen:
            x = x + 1.0
        seen.add(k)
        x = x * len(seen)
    return x * x


@case(1.3)
def set_that_is_asked_twice(x):
    seen = set([2])
    before = 3 in seen
    seen.add(3)
    return x ** (1 + before + 2 * (3 in seen))


@case(1.3, np.array([3, 3, 4]))
def set_whose_length_is_asked_twice(x, keys):
    seen = set()
    seen.add(keys[0])
    first = len(seen)
    seen.update(keys[1:])
    return x**first + 3.0 * x ** len(seen)


@case(1.3)
def set_of_words(x):
    seen = set()
    total = 0.0
    for word in "the cat the dog".split():
        if word in seen:
            continue
        seen.add(word)
        total += x ** len(seen)
    places = [k for k, word in enumerate(["the", "rat", "dog"]) if word not in seen]
    u = np.array([x, x**2, x**3])
    return total + np.sum(u[places]) + (x if seen == {"dog", "cat", "the"} else 0.0)


@case(1.3)
def set_of_words_that_the_run_decides(x):
    flags = set()
    for k in range(3):
        if "large" in flags:
            x = x * 1.5
        if x * k > 1.0:
            flags.add("large")
    return x * len(flags)


@case(draw(5), np.array([3, 1, 3, 2, 1]), 3, argnums=(0,))
def sets_of_what_the_run_knows(u, keys, start):
    seen, pairs, total = {start}, {(0, 1)}, 0.0
    odd = {int(k) % 2 for k in keys}
    for x, k in zip(u, keys):
        if k in seen and 1 in odd:
            total += x * x
        seen.add(k)
        if (k, 1) not in pairs:
            total *= x
            pairs.add((k, 1))
    return total * len(seen) + len(pairs) * u[0]
