"""Programs whose derivative is shorter than the chain rule makes it, and near misses."""

import math

import numpy as np

from corpus.registry import case

A = np.array([[0.3, 0.9, -0.4], [1.2, 0.5, 0.8]])
W = np.array([[0.7, -0.2, 0.4], [0.1, 0.6, -0.9]])
U = np.array([0.4, 0.8, 1.3])
LABELS = np.array([2, 0])


@case(A, W)
def softmax_times(x, w):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    return np.sum(e * w)


@case(A, W)
def softmax_of_the_other_axis(x, w):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.sum(e / e.sum(axis=0) * w)


@case(A)
def cross_entropy(x):
    z = x - x.max(axis=1)[:, None]
    logs = z - np.log(np.exp(z).sum(axis=1))[:, None]
    return -np.mean(logs[np.arange(len(LABELS)), LABELS])


@case(
    np.array([[[0.3, 0.9], [0.4, 1.2], [0.5, 0.8]], [[1.1, 0.2], [0.7, 0.6], [0.1, 0.3]]])
)
def mean_of_rows_that_labels_name(x):
    rows = x[np.arange(len(LABELS)), LABELS]
    return np.mean(rows) ** 2 + np.mean(x[:, 0, 0][np.argsort(LABELS)])


@case(A)
def one_row_for_all_labels(x):
    rows = np.arange(1)
    return np.sum(x[rows, np.array([2, 0, 2])] * np.array([1.0, 2.0, 3.0]))


@case(U)
def sorted_by_places(u):
    order = np.argsort(-u)
    return np.sum(u[order] * np.array([1.0, 2.0, 4.0]))


@case(U)
def places_that_are_changed(u):
    places = np.arange(3)
    places[2] = 0
    return np.sum(u[places] * np.array([1.0, 2.0, 4.0]))


@case(U)
def places_from_below_zero(u):
    return np.sum(u[np.arange(-1, 3)] * np.array([1.0, 2.0, 4.0, 8.0]))


@case(0.7, 1.3)
def entropy_and_divergence(p, q):
    return p * math.log(p) + p * math.log(p / q) + q * math.log(2 * math.pi * q)


@case(U, np.array([0.2, 0.9, 0.5]))
def divergence(p, q):
    return np.sum(p * np.log(p / q)) - np.sum(q * np.log(q))


@case(0.3, 0.6, U)
def normal_likelihood(mu, s, x):
    return 0.5 * np.sum(np.log(2 * np.pi * s**2) + (x - mu) ** 2 / s**2)


@case(0.8, 1.1)
def doubled_terms(x, y):
    z = x * y
    return z + z + 3.0 - x + 1.0 - 4.0 + z * x + z * x


@case(U)
def pairs_of_points(u):
    d = u[:, None] - u[None, :]
    return np.sum(1.0 / (d**2 + 0.1))


@case(np.array([[0.1, 0.4], [0.9, 0.2], [0.5, 0.7]]))
def pairs_of_points_in_space(x):
    d = x[:, None, :] - x[None, :, :]
    return np.sum(np.sqrt(np.sum(d**2, axis=-1) + 0.1))


@case(U)
def overwritten_whole(u):
    p = np.ones(3)
    total = 0.0
    for _ in range(3):
        p *= u
        s = p.sum()
        p /= s
        total += np.log(s)
    return total + p[0]


@case(U)
def overwritten_while_seen(u):
    p = u * 2.0
    view = p[1:]
    p[:] = p**2
    p *= 0.5
    return view[0] + view[1] ** 2 + p[0]


@case(U)
def overwritten_by_what_is_read_again(u):
    p = np.ones_like(u)
    q = u * u
    p[:] = q
    p[0] = 5.0
    return np.sum(p * q)


@case(U)
def overwritten_by_a_smaller_one(u):
    p = u * 3.0
    p[:] = u[:1] * 2.0
    return np.sum(p * u)


@case(U, 3)
def overwritten_with_an_older_one(u, n):
    new, old = u.copy(), np.zeros(3)
    for _ in range(n):
        old[:] = new
        new[1:] = old[:-1] * old[1:]
    return new.sum() + old[2]


@case(1.4, 0.9)
def chosen_together(x, y):
    out = [x, y, x * y]
    for i in range(2):
        a, b = out[i] ** 2, out[i + 1] * 1.5
        out[i + 1] = max(a, b)
        out[0] = min(out[0] + a, out[i + 1] - b)
    return out[2] * out[1] - out[0]


@case(np.array([1.0, 2.0, 3.0]), 6)
def knapsack(values, room):
    weights = [2, 3, 1]
    best = np.zeros(room + 1)
    for i in range(len(weights)):
        for c in range(room, weights[i] - 1, -1):
            best[c] = max(best[c], best[c - weights[i]] + values[i] ** 2)
    return best[room]


@case(np.array([0.9, 0.2, 1.5, -0.3]), 1.1)
def clipped_both_ways(u, top):
    total, count = 0.0, 0.0
    for i in range(len(u)):
        x = min(max(u[i], 0.0), top)
        total += x * top if x > 0.5 else x / top
        count = count + (x if u[i] > 0.5 else 0.0)
    return total * count


@case([1.0, 2.0, 0.5], 0.7)
def filtered(zs, q):
    x, p = 0.0, 1.0
    for z in zs:
        p += q
        k = p / (p + 1.0)
        x += k * (z - x)
        p *= 1.0 - k
    return x


@case([0.3, 0.8, 0.1], [1.0, 2.0])
def of_the_shorter_list(xs, ys):
    total = 0.0
    for x, y in zip(xs, ys):
        total += x * y
        xs = xs
    return total


@case([0.3, 0.8, 0.1], [1.0, 2.0])
def as_often_as_the_shorter_list(xs, ys):
    total = 0.0
    for x, _ in zip(xs, ys):
        total += x * x
    return total


@case([0.3, 0.8, 0.1])
def item_read_late(xs):
    total, kept = 0.0, []
    for k in range(len(xs)):
        kept.append(total * k)
        x = xs[k]
        total += x * x
    return total * kept[-1]


@case(np.array([[0.3, 0.8], [0.1, 0.5]]))
def rows_that_are_written(m):
    m = m.copy()
    total = 0.0
    for row in m:
        row *= 2.0
        total += row[0] * row[1]
    return total + m[0, 0]


@case([0.3, 0.8, 0.1])
def items_that_are_replaced(xs):
    xs = list(xs)
    total = 0.0
    for k, x in enumerate(xs):
        xs[(k + 1) % 3] = x * x + 0.5
        total += x
    return total


def _logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


@case(np.array([0.3, -0.8, 2.1]))
def logistic_times_its_argument(u):
    return np.sum(u * _logistic(u))


@case(np.array([0.3, -0.8, 2.1]), np.array([1.0, 0.0, 1.0]))
def cross_entropy_of_logistic(u, y):
    p = 1 / (1 + np.exp(-u))
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


@case(0.3)
@case(-4.0)
def logistic_of_a_number(x):
    return 1 / (1 + math.exp(-x)) + 2.0 / (math.exp(x) + 2)


@case(np.array([[0.3, -0.8], [2.1, 0.4]]), np.array([0.5, 1.5]))
def likelihood_of_logistic(x, w):
    return np.sum(np.log(_logistic(x @ w))) - np.sum(np.log1p(np.exp(x @ w)))


@case(np.array([0.3, -0.8, 2.1]), 1.5)
def saturation_by_a_scale(u, k):
    share = k / (k + u**2)
    bound = u**2 / (1.0 + u**2)
    return np.sum(share * bound) + np.sum(2.0 / (1.0 + np.exp(-2.0 * k * u)) - 1.0)


@case([0.3, -0.8, 0.5])
def hill_in_a_loop(xs):
    total = 0.0
    for x in xs:
        held = 1.0 / (1.0 + x * x)
        total += held * total + x * held * held
    return total
