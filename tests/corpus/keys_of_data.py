"""Dicts whose keys only the run knows, and text in lists."""

import copy
import heapq
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from corpus.registry import case, draw

U = np.array([1.1, 2.3, 0.7, 1.9, 0.4])
KEYS = np.array([3, 1, 3, 2, 1])
WEIGHTS = np.array([1.0, 2.5, 1.1, 4.0, 1.5])
BY_NUMBER = {0: [(1, 0), (2, 1)], 1: [(2, 2), (3, 3)], 2: [(3, 4)], 3: []}
BY_NAME = {
    "a": [("b", 0), ("c", 1)], "b": [("c", 2), ("d", 3)], "c": [("d", 4)], "d": [],
}  # fmt: skip
DISTANCES = {"a": {"b": 1.0, "c": 2.5}, "b": {"c": 1.1, "d": 4.0}, "c": {"d": 1.5}, "d": {}}
SEEN = np.array([[3.0, 1.0], [5.0, 0.5], [3.0, 0.8], [5.0, 0.7], [3.0, 0.6]])


@case(WEIGHTS, BY_NUMBER, 0, 3, argnums=(0,))
@case(WEIGHTS, BY_NAME, "a", "d", argnums=(0,))
def shortest_path(weights, graph, source, target):
    distance = {node: math.inf for node in graph}
    distance[source] = 0.0
    heap = [(0.0, source)]
    while heap:
        d, node = heapq.heappop(heap)
        if d > distance[node]:
            continue
        for neighbour, edge in graph[node]:
            longer = d + weights[edge]
            if longer < distance[neighbour]:
                distance[neighbour] = longer
                heapq.heappush(heap, (longer, neighbour))
    return distance[target]


@case(DISTANCES, "a", "d", argnums=(0,))
def shortest_path_in_a_dict_of_dicts(graph, source, target):
    distance = {source: 0.0}
    heap, done = [(0.0, source)], set()
    while heap:
        d, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        if node == target:
            return d
        for neighbour, length in graph[node].items():
            longer = d + length
            if neighbour not in distance or longer < distance[neighbour]:
                distance[neighbour] = longer
                heapq.heappush(heap, (longer, neighbour))
    return math.inf


@case(draw(2), SEEN, argnums=(0,))
def landmarks(x, seen):
    places, cost = {}, 0.0
    for row in seen:
        number = int(row[0])
        if number not in places:
            places[number] = x[0] + row[1]
        else:
            error = places[number] - x[1] * row[1]
            cost += error * error
            places[number] -= 0.1 * error
    return cost


@case(U, KEYS)
def landmarks_of_vectors(u, keys):
    means, weights = {}, {}
    for x, key in zip(u, keys):
        seen = np.array([x, x * x])
        if key not in means:
            means[key] = seen
            weights[key] = np.eye(2)
        else:
            gain = weights[key] * 0.5
            means[key] = means[key] + gain @ (seen - means[key])
            weights[key] = weights[key] - gain * x
    return sum(m @ weights[key] @ m for key, m in means.items())


class Landmark:
    def __init__(self, mean, weight):
        self.mean = mean
        self.weight = weight


@case(U, KEYS)
def landmarks_as_objects(u, keys):
    found = {}
    for x, key in zip(u, keys):
        key = int(key)
        if key not in found:
            found[key] = Landmark(x, 1.0)
        else:
            landmark = found[key]
            landmark.mean = 0.5 * landmark.mean + 0.5 * x * landmark.weight
            landmark.weight *= 0.9
    return sum(landmark.mean * landmark.weight for landmark in found.values())


@case(U, KEYS)
def landmarks_as_dicts(u, keys):
    found = {}
    for x, key in zip(u, keys):
        if key not in found:
            found[key] = {"mean": x, "weight": 1.0}
        else:
            found[key]["mean"] += 0.5 * x * found[key]["weight"]
            found[key]["weight"] *= 0.9
    return sum(each["mean"] * each["weight"] for each in found.values())


@case(U, KEYS)
def arrays_changed_by_key(u, keys):
    sums = {}
    for x, key in zip(u, keys):
        if key not in sums:
            sums[key] = np.zeros(2)
        sums[key] += np.array([x, x * x])
        sums[key][1] += sums[key][0] * x
    return sum(key * (v @ v) for key, v in sums.items())


@case(U, KEYS)
def lists_by_key(u, keys):
    groups, others = defaultdict(list), {}
    for x, key in zip(u, keys):
        groups[key].append(x)
        others.setdefault(int(key), []).append(x * x)
    total = 0.0
    for key, members in groups.items():
        total += key * sum(members) / len(members) * others[key][0]
    return total


@case(U, KEYS)
def sums_by_key(u, keys):
    sums, counts = defaultdict(float), defaultdict(int)
    for x, key in zip(u, keys):
        sums[key] += x * x
        counts[key] += 1
    total = sum(sums.values())
    for key in sums:
        sums[key] /= total
    most, least = max(sums, key=sums.get), min(sums, key=lambda k: sums[k])
    return sums[most] * most + sum(v * counts[k] for k, v in sums.items()) + sums[least]


@case(U, KEYS)
def in_order_of_keys_and_values(u, keys):
    last = {key: x for key, x in zip(keys, u)}
    total = 0.0
    for place, key in enumerate(sorted(last)):
        total += last[key] * (place + 1)
    for key in sorted(last, key=last.get)[:2]:
        total *= last[key]
    for key, x in sorted(last.items(), key=lambda pair: -pair[1]):
        total += x / (key + 1)
    return total * len(last) * last[next(iter(last))]


@case(U, KEYS)
def keys_that_come_and_go(u, keys):
    held = {}
    for x, key in zip(u, keys):
        if key in held:
            del held[key]
        else:
            held[key] = x
    held[7] = u[1] * held.pop(2, 3.0)
    return sum(held[key] ** 2 * key for key in held) + held.get(99, u[0])


@case(U, KEYS)
def keys_of_pairs(u, keys):
    table = {}
    for x, key in zip(u, keys):
        for j in range(2):
            table[key, j] = table.get((key, j), 1.0) * x + j
    return sum(v for (key, j), v in table.items() if j == 1)


@case(U, KEYS)
def missing_keys_are_caught(u, keys):
    held, total = {}, 0.0
    for x, key in zip(u, keys):
        try:
            total += held[key] * x
        except KeyError:
            held[key] = x
    return total


@case(U, KEYS)
def two_keys_that_are_one(u, keys):
    held = {}
    for x, key in zip(u, keys):
        same = key + 0
        if key not in held:
            held[same] = x
            held[key] = held[key] * 2
            held[same] = held[same] * 3
        for j in range(3):
            if key in held:
                held[key] = x * j + held[same]
    return sum(held.values()) * len(held)


@case(U, KEYS)
def copies_of_dicts(u, keys):
    one = {}
    for x, key in zip(u, keys):
        one[key] = one.get(key, 0.0) + x
    two, three, four = copy.copy(one), dict(one), one.copy()
    two[9] = 2 * u[0]
    three[1] *= 3
    four |= two
    told = 2.0 if one == three else 3.0
    kind = 1.0 if isinstance(one, dict) else 9.0
    return (
        sum(one.values()) * sum(two.values()) * three[1] * sum(four.values()) * told * kind
    )


@case(0.6, 6)
def remembered_results(x, n):
    memo = {}

    def f(k):
        if k in memo:
            return memo[k]
        memo[k] = x if k <= 1 else math.sin(f(k - 1)) + f(k // 2) * x
        return memo[k]

    return f(n)


@case(U, ["a", "b", "a", "c", "b"], argnums=(0,))
def keys_of_text_that_the_run_makes(u, labels):
    sums = {}
    for x, label in zip(u, labels):
        key = label + "_large" if x > 1.5 else label
        sums[key] = sums.get(key, 0.0) + x * x
    return sum(v * len(key) for key, v in sums.items())


@case(0.7, 4, argnums=(0,))
def work_list_of_text(x, n):
    todo, total = [(x, "a")], 0.0
    while todo:
        value, name = todo.pop()
        total += value * value if name == "a" else value
        if total < n:
            todo.append((value * 1.5, "b"))
            todo.append((value + 1, "a"))
    return total


TABLE = {1: 2.0, 2: 3.0, 3: 4.0}


@case(0.7, KEYS, argnums=(0,))
def read_from_a_table_outside(x, keys):
    total = 0.0
    for key in keys:
        total += TABLE[key] * math.sin(x * TABLE[key])
    return total


@case(0.7, KEYS, argnums=(0,), refused="outlives the call")
def written_into_a_table_outside(x, keys):
    for key in keys:
        TABLE[key] = x
    return sum(TABLE.values()) * x


@case(U, np.array([0, 3, 1, 1, 2]))
def arrays_of_a_list_changed_by_number(u, places):
    rows = [np.zeros(2) for _ in range(len(u))]
    for x, k in zip(u, places):
        rows[k] += x
        rows[k][0] *= 1 + x * rows[k][1]
    return sum(row @ row for row in rows)


@case(U, np.array([0, 1, 1, 0, 1]), refused="may share memory")
def one_array_at_two_places(u, places):
    row = np.zeros(2)
    rows = [row, row]
    for x, k in zip(u, places):
        rows[k] += x
    return sum(row @ row for row in rows)


@case(WEIGHTS, BY_NUMBER, 0, 3, argnums=(0,))
@case(WEIGHTS, BY_NAME, "a", "d", argnums=(0,))
def shortest_path_with_its_nodes(weights, graph, source, target):
    distance = {node: math.inf for node in graph}
    before = {node: None for node in graph}
    distance[source] = 0.0
    heap = [(0.0, source)]
    while heap:
        d, node = heapq.heappop(heap)
        if node == target:
            break
        for neighbour, edge in graph[node]:
            longer = d + weights[edge]
            if longer < distance[neighbour]:
                distance[neighbour], before[neighbour] = longer, node
                heapq.heappush(heap, (longer, neighbour))
    total, node = 0.0, target
    while node is not None:
        total += distance[node]
        node = before[node]
    return total


@case(U, {"a": ["b", "c"], "b": ["c", "d"], "c": ["d"], "d": []}, "a", argnums=(0,))
def breadth_first(u, graph, start):
    depth, queue, total = {start: 0}, [start], 0.0
    while queue:
        node = queue.pop(0)
        total += u[depth[node]] * (depth[node] + 1)
        for neighbour in graph[node]:
            if neighbour not in depth:
                depth[neighbour] = depth[node] + 1
                queue.append(neighbour)
    return total


@case(U, KEYS)
def dicts_of_pairs_and_dicts_that_are_replaced(u, keys):
    first = dict(zip(keys, u))
    ranks = {key: first[key] for key in keys}
    for _ in range(2):
        new = {}
        for key, x in zip(keys, u):
            new[key] = new.get(key, 0.1) + ranks[key] * x
        ranks = new
    return sum(v * key for key, v in ranks.items())


@case(U, KEYS)
def copies_of_dicts_with_defaults(u, keys):
    one = defaultdict(float)
    for x, key in zip(u, keys):
        one[key] += x
    two, three, four = copy.copy(one), one.copy(), one | {9: u[0]}
    for some in (two, three, four):
        some[len(keys) + 20] += u[1] * u[2]
    return sum(two.values()) * sum(three.values()) + sum(four.values()) * len(one)


@case(U, KEYS, np.int64(4))
def a_key_that_goes_in_a_round(u, keys, n):
    held = {}
    for x, key in zip(u, keys):
        held[key] = x
    key, total = keys[0], 0.0
    if key in held:
        for k in range(n):
            total += held[key] * (k + 1) if key in held else 10.0 * u[1] ** 2
            if k == 1:
                del held[key]
    while len(held) > 1:
        key = min(held)
        total = total * 1.5 + held.pop(key)
    return total


@case(U, KEYS, np.array([1, 1, 3, 1, 1]))
def a_key_that_may_be_another(u, keys, others):
    held, total = {}, 0.0
    for x, key, other in zip(u, keys, others):
        if key not in held:
            held[other] = x
            total += held[key] * x if key in held else 2.0 * x
        else:
            held.pop(other, None)
            total += held[key] if key in held else 3.0 * x * x
    return total


@case(U, KEYS)
def keys_that_all_go(u, keys):
    held, total = {}, 0.0
    for x, key in zip(u, keys):
        if key in held:
            held.clear()
            total += held.get(key, x * x)
        held[key] = x
    return total + sum(held.values())


@case(U, KEYS)
def nothing_for_a_key_that_is_not_there(u, keys):
    cells = defaultdict(list)
    for k, key in enumerate(keys):
        cells[int(key), 1].append(k)
    total = 0.0
    for key in range(5):
        near = cells.get((key, 1), ())
        total += sum(u[k] * (k + key) for k in near) + len(near) * u[0] ** 2
    return total


@case([(1, 0.03, 0.995), (2, 0.035, 0.99), (3, 0.04, 1.002)])
def curve_by_maturity(bonds):
    rates = {}
    for maturity, coupon, price in bonds:
        known = sum(coupon * math.exp(-rates[t] * t) for t in range(1, maturity))
        rates[maturity] = -math.log((price - known) / (1 + coupon)) / maturity
    forwards = [rates[t + 1] * (t + 1) - rates[t] * t for t in rates if t + 1 in rates]
    return sum(rates.values()) + forwards[-1] ** 2


def steps_of_a_walk(j, widest, p):
    if j == widest:
        return ((j, p), (j - 1, 0.7 - p), (j - 2, 0.3))
    if j == -widest:
        return ((j, p), (j + 1, 0.7 - p), (j + 2, 0.3))
    return ((j + 1, 0.5 * p), (j, 0.5 * p), (j - 1, 1 - p))


@case(1.2, 0.3, 4)
def walk_with_bounds(start, p, n):
    states = {0: start}
    widest = math.ceil(0.5 / p)
    for _ in range(n):
        following = defaultdict(float)
        for j, weight in states.items():
            for k, w in steps_of_a_walk(j, widest, p):
                following[k] += weight * w
        states = following
    return sum(weight * abs(j) for j, weight in states.items())


@case(1.2, 0.3, 4)
def states_by_a_comprehension(start, p, n):
    states = {0: start}
    widest = math.ceil(0.5 / p)
    for _ in range(n):
        states = {min(j + 1, widest): w * p + j for j, w in states.items()}
    return sum(states.values())


@case(1.2, 0.3, 4)
def a_polynomial_of_monomials(x, y, n):
    def times(a, b):
        product = {}
        for i, u in a.items():
            for j, v in b.items():
                product[i + j] = product.get(i + j, 0.0) + u * v
        return product

    power, factor = {0: 1.0}, {round(x): x, round(y): y}
    for _ in range(n):
        power = times(power, factor)
    return sum(c * 0.5**k for k, c in power.items())


GROUPS = np.array(["a", "b", "a", "c", "b", "c"])


@case(np.arange(6.0) + 1, np.array(["a", "b", "a", "c", "b", "c"]))
def labels_of_text(y, labels):
    total = np.sum(y[labels == "a"]) ** 2 + np.sum(np.where(GROUPS == "b", y**2, y))
    for name in np.unique(labels):
        total += np.mean(y[labels == name]) ** 2
    groups = {}
    for name, value in zip(labels, y):
        groups.setdefault(name, []).append(value)
    for values in groups.values():
        total += sum(values) ** 2
    both = np.concatenate((labels, GROUPS))
    return total + np.prod(y[(both[3:9] != "c") | (labels == "c")])


@case(np.arange(6.0) + 1)
def numbers_of_labels_of_text(y):
    labels = np.array(list("abacbc"))
    names, places = np.unique(labels, return_inverse=True)
    numbers = {name: k for k, name in enumerate(names)}
    sums = np.bincount(places, weights=y)
    return sums[numbers["b"]] ** 2 + sums[numbers[labels[0]]]


@case(np.arange(6.0) + 1, 6)
def padded_to_a_power_of_two(y, n):
    length = 1 << (n - 1).bit_length()
    ones = bin(n).count("1") + n.bit_count()
    return np.sum(np.abs(np.fft.rfft(y, length)) ** 2) + np.sum(y) ** ones


@case(0.9, 5)
@case(0.9, 12)
def digits_of_numbers(x, n):
    power = 1.0
    for digit in bin(n)[2:]:
        power = power * power * (x if digit == "1" else 1.0)
    for digit in reversed(str(n)):
        power += int(digit) * x
    return power + x * sum(map(int, format(37, "b")))


@case(0.6, 0.2)
def pairs_of_words_that_are_counted(weight, discount):
    words = "the cat sat on the mat the cat".split()
    alone, pairs = Counter(words), Counter(zip(words, words[1:]))
    total = 0.0
    for a, b in zip(words, words[1:]):
        share = weight * max(pairs[a, b] - discount, 0) / alone[a]
        total += math.log(share + (1 - weight) * alone[b] / len(words))
    return total


@dataclass(frozen=True)
class Place:
    row: int
    name: str = ""


@dataclass(frozen=True)
class Edge:
    start: Place
    end: Place
    note: str = field(default="", compare=False)


HEIGHTS = {Place(1): 2.0, Place(2, "top"): 3.0}
FIRST = Place(1)


@case(1.3)
@case(0.3)
def keys_that_are_frozen_objects(x):
    costs = {Edge(Place(k), Place(k + 1), "up"): x * k for k in range(4)}
    costs[Edge(FIRST, Place(2), "down")] += x**2
    sums = defaultdict(float)
    for edge, cost in costs.items():
        sums[edge.end] += cost * x * edge.end.row
    rest = costs.pop(Edge(Place(2), Place(3)))
    if x > 1:
        sums[FIRST] = rest
    total = sums[Place(1)] + sums.get(Place(7, "none"), x) * len(costs)
    return total * HEIGHTS[Place(2, "top")] + (x if Place(2) in HEIGHTS else HEIGHTS[FIRST])
