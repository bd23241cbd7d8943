"""Idioms met in longer programs: tables, options, results that may be None."""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import polygamma

from corpus.registry import case, draw

LETTERS = "ACGT"
SAMPLES = [0.3, 1.2, -0.4]
SPECIES = ["A", "B", "C"]
REACTIONS = [
    (("A",), ("B",), lambda t, k: k * t),
    (("B", "C"), ("A",), lambda t, k: k / t),
]
EVENTS = [
    {"time": 1, "amount": 2.0, "route": "oral"},
    {"time": 2, "amount": 1.0, "route": "bolus", "length": 3.0},
]


@case(1.3, 0.4)
def keys_from_a_string(x, y):
    scores = {}
    for a in LETTERS:
        for b in LETTERS:
            scores[a, b] = x if a == b else y
    return scores["A", "A"] * scores["A", "C"]


@case(1.3, 0.4)
def keys_from_formats(x, y):
    params = {}
    for k in range(1, 3):
        params[f"W{k}"] = x * k
        params[f"b{k}"] = y
    return params["W1"] * params["b2"] + params["W2"]


@case(1.3, 0.4)
def keys_from_enumerated_sizes(x, y):
    sizes = [2, 3, 1]
    params = {}
    for k, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
        params[f"W{k}"] = x * n_in + n_out * y
    total = 0.0
    for k in range(1, len(params) + 1):
        total += params[f"W{k}"] ** 2
    return total


@case(1.3, 0.4)
def entries_updated_by_name(x, y):
    params = {"a": x, "b": y}
    velocity = {name: 0.0 for name in params}
    for step in range(3):
        grads = {"a": params["a"] * params["b"], "b": params["b"] ** 2}
        for name in params:
            velocity[name] = 0.9 * velocity[name] - 0.1 * grads[name]
            params[name] += velocity[name]
    return params["a"] + params["b"]


@case(1.3, 0.4)
def values_checked_one_by_one(x, y):
    params = dict(x=x, y=y)
    for name, value in params.items():
        if value <= 0:
            raise ValueError(f"{name} must be positive")
    return params["x"] * params["y"]


@case(1.3, 0.4)
def several_entries_at_once(x, y):
    params = {"a": x, "b": y, "c": 2.0}
    a, b, c = (params[k] for k in ("a", "b", "c"))
    return a * b + c * a


@case(1.3, 0.4)
def table_of_reactions(x, y):
    conc = [x, y, 1.0]
    rates = [law(x, y) for _, _, law in REACTIONS]
    change = [0.0] * len(SPECIES)
    for (reactants, products, _), k in zip(REACTIONS, rates):
        r = k
        for name in reactants:
            r *= conc[SPECIES.index(name)]
        for name in reactants:
            change[SPECIES.index(name)] -= r
        for name in products:
            change[SPECIES.index(name)] += r
    return change[0] * change[1] + change[2]


@case(1.3, 0.4)
def array_filled_by_name(x, y):
    conc = np.array([x, y, 1.0])
    change = np.zeros(len(SPECIES))
    for reactants, products, _ in REACTIONS:
        r = x
        for name in reactants:
            r *= conc[SPECIES.index(name)]
        for name in products:
            change[SPECIES.index(name)] += r
    return np.sum(change * conc)


@case(1.3, 0.4)
def events_as_dicts(x, y):
    state = 0.0
    for t in range(4):
        for event in EVENTS:
            if event["route"] == "oral" and event["time"] == t:
                state += x * event["amount"]
            elif event["time"] <= t < event["time"] + event.get("length", 1.0):
                state += y * event["amount"]
        state *= 0.9
    return state


@case(1.3, 0.4)
def levels_at_given_times(x, y):
    times = [1, 3]
    levels = {}
    for t in range(5):
        if t in times:
            levels[t] = x
        x = x * y
    return levels[1] + 2 * levels[3]


@case(1.3, 0.4)
def result_or_none(x, y):
    def refract(a, b):
        k = 1.0 - a * a * 0.1
        if k < 0:
            return None
        return a * b, math.sqrt(k)

    bent = refract(x, y)
    if bent is None:
        return 0.0
    p, q = bent
    return p * q


@case(1.3, 0.4)
def result_or_none_in_a_loop(x, y):
    def meet(a, b):
        if a < b:
            return None
        return a - b

    total, missed = 0.0, 0
    for k in range(4):
        distance = meet(x, y * k)
        if distance is None:
            missed += 1
            continue
        total += distance**2
    return total + missed


@case(1.3, 0.4)
def bare_return_in_a_procedure(x, y):
    log = {"total": 0.0}

    def record(value):
        if value < 0:
            return
        log["total"] += value

    for k in range(3):
        record(x - k * y)
    return log["total"] * x


@case(1.3, 0.4)
def list_of_slopes(x, y):
    k = []
    for i in range(3):
        k.append(math.sin(x * (i + y)))
    return k[0] + 4 * k[1] + k[-1]


@case(1.3, 0.4)
def history_grows_until_the_end(x, y):
    t = 0.0
    history = [(t, x)]
    while t < 1.0:
        h = min(0.3, 1.0 - t)
        x = x - h * x * y
        t += h
        history.append((t, x))
    area = 0.0
    for (ta, xa), (tb, xb) in zip(history[:-1], history[1:]):
        area += 0.5 * (tb - ta) * (xa + xb)
    _, last = history[-1]
    return area + last


@case(1.3, 0.4)
def tree_of_values(x, y):
    values = [max(x * y**j - 0.5, 0.0) for j in range(5)]
    for i in reversed(range(4)):
        new_values = []
        for j in range(i + 1):
            new_values.append(0.5 * (values[j] + values[j + 1]) * x)
        values = new_values
    return values[0]


@case(1.3, 4)
def tree_of_run_time_depth(x, n):
    values = [math.cos(x * j) for j in range(n + 1)]
    for i in range(n, 0, -1):
        values = [0.6 * values[j + 1] + 0.3 * values[j] for j in range(i)]
    return values[0]


@case(1.3, 0.4)
def enumerate_an_array(x, y):
    observed = np.asarray(SAMPLES)
    total = 0.0
    for k, value in enumerate(observed):
        total += (value - x) ** 2 / y + k
    return total


@case(draw(3), 0.4)
def table_from_two_enumerations(means, sd):
    table = np.zeros((len(SAMPLES), len(means)))
    for k, value in enumerate(SAMPLES):
        for j, mean in enumerate(means):
            table[k, j] = -0.5 * ((value - mean) / sd) ** 2
    return np.sum(np.exp(table))


@case(draw(4))
def free_degrees_of_freedom(f):
    fixed = {0}
    free = np.array([i for i in range(len(f)) if i not in fixed])
    u = np.zeros_like(f)
    u[free] = f[free] ** 2
    return np.sum(u * f)


@case(draw(4), 5)
def assembly_of_elements(k, n):
    K = np.zeros((n, n))
    for e in range(n - 1):
        dofs = [e, e + 1]
        ke = k[e] * np.array([[1.0, -1.0], [-1.0, 1.0]])
        for a, i in enumerate(dofs):
            for b, j in enumerate(dofs):
                K[i, j] += ke[a, b]
    return np.sum(np.linalg.solve(K[1:, 1:], np.ones(n - 1)))


@case(draw(4, 5))
def image_gradient(image):
    gx = np.zeros_like(image)
    gx[:, 1:-1] = 0.5 * (image[:, 2:] - image[:, :-2])
    return np.sum(np.sqrt(gx**2 + 1e-3))


@case(draw(4, 5))
def pipeline_of_stages(image):
    def run(im, *stages):
        for stage in stages:
            im = stage(im)
        return im

    return np.sum(run(image, np.sin, lambda im: image - im, lambda im: im * im))


@case(draw(5), 1.3)
def log_sum_exp(u, t):
    top = np.max(u)
    return top + t * np.log(np.sum(np.exp((u - top) / t)))


@case(draw(3, 3), draw(3))
def row_by_row(m, v):
    total = 0.0
    for row, weight in zip(m, v):
        total += weight * np.dot(row, v) ** 2
    return total


@case(draw(3))
def gap_in_a_series(u):
    series = [1.0, None, 0.5, None, 2.0]
    state, missing = u.copy(), 0
    total = 0.0
    for z in series:
        state = 0.9 * state
        if z is None:
            missing += 1
            continue
        total += np.sum((state - z) ** 2)
    return total * missing


@case(draw(3))
def residuals_collected(u):
    residuals = []
    for k in range(4):
        u = np.sin(u)
        if k % 2:
            residuals.append(u - 0.5)
    return sum(np.sum(r**2) for r in residuals)


def _weighed(y):
    return 3.0 * y if isinstance(y, np.ndarray) else 5.0 * y


@case(1.3)
def arrays_without_axes_are_arrays(x):
    spline = CubicSpline([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, x, 9.0])
    picked = np.select([x > 2, x > 1], [x * 2, x * 3], 0.0)
    pieces = np.piecewise(x, [x < 1, x >= 1], [lambda t: t, lambda t: t**3])
    total = _weighed(picked) + _weighed(pieces) + _weighed(spline(x)) + _weighed(np.sin(x))
    return total + _weighed(np.tensordot(x, 2.0, 0)) + _weighed(polygamma(1, x))
