"""Lists, arrays and objects with several names, and lists that grow."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import case, draw


class Box:
    pass


class Body:
    def __init__(self, x):
        self.x = x
        self.other = None


class Counter:
    total = 2.0

    def add(self, v):
        self.total = self.total + v
        return self


@case(1.3, 3)
def rows_shared_by_multiplication(x, n):
    m = [[0.0] * 2] * 2
    m[0][0] = x
    m[1][1] = x * x
    return sum(sum(row) for row in m)


@case(1.3, 3)
def list_doubled_by_itself(x, n):
    v = [x, x * x]
    for _ in range(n):
        v += v[:2]
    return sum(k * a for k, a in enumerate(v))


@case(1.3, 3)
def alias_of_a_list_that_grows(x, n):
    v = [x]
    w = v
    for k in range(n):
        v.append(w[-1] * x)
        w[0] += 1.0
    return sum(w) * v[0]


@case(1.3, 3)
def augmented_list_keeps_its_alias(x, n):
    v = [x]
    w = v
    v += [x * x]
    v = v + [1.0]
    w[0] = 5.0
    return sum(v) + 2 * sum(w)


@case(1.3, 4)
def snapshot_of_a_list_that_grows(x, n):
    v, snapshots = [x], []
    for k in range(n):
        v.append(v[-1] * 0.5)
        snapshots.append(sum(v))
        v[0] *= x
    return sum(snapshots) * v[0]


@case(1.3, 4)
def list_replaced_in_a_loop(x, n):
    v = [x, 1.0, x * x]
    for k in range(n):
        w = v
        v = [a * 0.5 for a in v]
        w[0] = 100.0
        v[k % 3] += x
    return sum(v)


@case(1.3, 4)
def list_swapped_with_another_in_a_loop(x, n):
    old, new = [x, 1.0], [0.0, 0.0]
    for k in range(n):
        new[0] = old[1] * x
        new[1] = old[0] + new[0]
        old, new = new, old
    return old[0] * new[1]


@case(1.3, 4)
def insert_at_the_front(x, n):
    v = []
    for k in range(n):
        v.insert(0, x * k)
        v.insert(len(v) // 2, x)
    return sum(a * k for k, a in enumerate(v))


@case(1.3, 5)
def pop_and_push(x, n):
    v = [x * k for k in range(n)]
    for _ in range(n):
        a = v.pop(0)
        v.append(a * v[0] * 0.3 + x)
    return v[0] + v[-1]


@case(1.3, 5)
def pop_until_one_is_left(x, n):
    v = [x + k for k in range(n)]
    while len(v) > 1:
        a, b = v.pop(), v.pop()
        v.append(a * 0.5 + math.sin(b))
    return v[0]


@case(1.3, 5)
def delete_while_going_backwards(x, n):
    v = [math.sin(x * k) for k in range(n)]
    for k in range(n - 1, -1, -1):
        if v[k] < 0:
            v.pop(k)
    return sum(v) * len(v)


@case(1.3, 5)
def slice_of_a_list_replaced(x, n):
    v = [x * k for k in range(n)]
    v[1:3] = [x, x * x, 2.0]
    v[::2] = [a * 2 for a in v[::2]]
    return sum(a * k for k, a in enumerate(v))


@case(1.3, 4)
def list_in_a_list_that_grows(x, n):
    rows = []
    row = [x, 0.0]
    for k in range(n):
        rows.append(row[:])
        row[k % 2] += x * k
    return sum(r[0] * r[1] for r in rows)


@case(1.3, 4)
def value_appended_before_it_changes(x, n):
    u = np.array([x, 1.0])
    log = []
    for k in range(n):
        log.append(u.copy())
        u *= 0.5 * x
    return sum(float(np.sum(a * a)) for a in log) + u[0]


@case(draw(4))
def array_in_a_dict_changed_through_its_name(u):
    w = u.copy()
    p = {"w": w}
    w *= 2.0
    p["w"][0] = w[1] * 3.0
    return np.sum(w) * p["w"][2]


@case(draw(4))
def view_kept_in_an_object(u):
    w = u.copy()
    box = Box()
    box.row = w[1:3]
    w[1] = 5.0 * u[0]
    box.row *= 2.0
    return np.sum(w * w)


@case(1.3, 0.4)
def closure_over_a_list(x, y):
    log = [x]

    def add(v):
        log.append(v * log[0])
        return len(log)

    n = add(y)
    n = add(x) * n
    return sum(log) * n


@case(1.3, 0.4)
def class_attribute_and_instance_attribute(x, y):
    a, b = Counter(), Counter()
    a.add(x).add(y)
    b.add(x * y)
    return a.total * b.total * Counter.total


@case(1.3, 0.4)
def objects_refer_to_each_other(x, y):
    a, b = Body(x), Body(y)
    a.other, b.other = b, a
    a.other.x += a.x
    b.other.x *= b.x
    return a.x * b.x


@case(1.3, 0.4, 3)
def objects_swap_in_a_loop(x, y, n):
    a, b = Body(x), Body(y)
    for k in range(n):
        a.x += b.x * 0.5
        a, b = b, a
    return a.x - 2 * b.x


@case(draw(3), 0.4)
@case(draw(3), 1.4)
def branch_decides_which_array(u, y):
    a, b = u.copy(), u * 2.0
    c = a if y > 1 else b
    d = c * 1.0
    d[0] = y
    return np.sum(a * b) + np.sum(d * d)


@case(1.3, 0.4)
def chained_assignment(x, y):
    a = b = [x, y]
    a[0] += 1.0
    c = d = a[0] * b[1]
    c += x
    return c * d


@case(1.3, 0.4)
def chained_assignment_to_items(x, y):
    v = [0.0, 0.0, 0.0]
    i = 0
    i = v[i] = 2
    v[1] = v[2] = x * y
    return sum(v) * x


@case(1.3, 0.4)
def dict_order_after_update(x, y):
    p = {"b": x}
    p["a"] = y
    p["b"] = x * y
    total = 0.0
    for k, value in enumerate(p.values()):
        total += (k + 1) * value
    return total


@case(1.3, 5)
def min_of_a_list_that_grows(x, n):
    v = []
    for k in range(n):
        v.append((x - 0.3 * k) ** 2 + 0.1 * k)
    return min(v) + 2 * max(v)


@case(1.3, 5)
def sorted_list_of_run_time_length(x, n):
    v = sorted([math.sin(2.0 * x * k) for k in range(n)])
    return sum(a * k for k, a in enumerate(v))


@case(1.3, 3)
def list_of_lists_of_run_time_length(x, n):
    m = [[x * i + j for j in range(n)] for i in range(n)]
    t = [[m[j][i] for j in range(n)] for i in range(n)]
    m[0][1] = 50.0
    return sum(m[i][j] * t[i][j] for i in range(n) for j in range(n))


@case(1.3, 4)
def triangle_of_lists(x, n):
    rows = [[1.0]]
    for k in range(n):
        old = rows[-1]
        rows.append([x] + [old[i] + old[i + 1] for i in range(len(old) - 1)] + [x * x])
    return sum(rows[-1])


@case(1.3, 0.4, 3)
def objects_made_in_a_loop(x, y, n):
    previous = Body(x)
    for k in range(n):
        body = Body(previous.x * y + k)
        previous.x = 100.0
        previous = body
    return previous.x


@case(1.3, 0.4)
def object_attribute_added_later(x, y):
    box = Box()
    box.a = x
    if x > y:
        box.b = x * y
    else:
        box.b = y
    return box.a * box.b


@case(1.3, 0.4)
def object_in_its_own_attribute_list(x, y):
    box = Box()
    box.items = [Body(x), Body(y)]
    box.best = box.items[1]
    box.items[1].x *= x
    box.items.append(box.best)
    return sum(b.x for b in box.items) * box.best.x


@case(1.3, 0.4)
def method_kept_before_the_change(x, y):
    counter = Counter()
    add = counter.add
    counter.total = x
    add(y)
    return counter.total * add(x).total


@case(1.3, 4)
def early_return_from_a_loop_over_objects(x, n):
    bodies = [Body(x), Body(x * x), Body(2.0 * x)]
    for k in range(n):
        for b in bodies:
            b.x += 0.3 * k
            if b.x > 3.0:
                return b.x * bodies[0].x
    return bodies[-1].x


@case(1.3, 0.4)
def dict_of_objects(x, y):
    bodies = {"a": Body(x), "b": Body(y)}
    bodies["c"] = bodies["a"]
    bodies["c"].x *= 2.0
    for name, body in bodies.items():
        body.x += 1.0 if name == "c" else y
    return bodies["a"].x * bodies["b"].x


@case(1.3, 0.4)
def equality_of_objects_and_identity(x, y):
    a, b = Body(x), Body(x)
    c = a
    total = 0.0
    for o in (a, b, c):
        if o is a:
            o.x += y
        total += o.x
    return total


@case(1.3, 4)
def while_with_changing_list_in_the_test(x, n):
    v = [x]
    while sum(v) < 6.0 and len(v) < 10:
        v.append(v[-1] * 1.2)
    return v[-1] * len(v)


@case(1.3, 6)
def sliding_window(x, n):
    window = []
    total = 0.0
    for k in range(n):
        window.append(math.sin(x * k))
        if len(window) > 3:
            window.pop(0)
        total += sum(window) / len(window)
    return total


@case(1.3, 3)
def queue_of_intervals(x, n):
    queue = [(0.0, x)]
    total = 0.0
    while queue:
        a, b = queue.pop()
        if b - a < 0.4:
            total += (b - a) * math.exp(-a * b)
        else:
            middle = (a + b) / 2
            queue.append((a, middle))
            queue.append((middle, b))
    return total


@case(1.3, 4)
def two_lists_grow_together(x, n):
    xs, ys = [x], [1.0]
    for _ in range(n):
        xs.append(xs[-1] + 0.1 * ys[-1])
        ys.append(ys[-1] - 0.1 * xs[-2] * xs[-1])
    return sum(a * b for a, b in zip(xs, ys)) + xs[2] * ys[-2]


@case(0.9)
def dict_merged_in_place(x):
    d = {"a": x}
    e = d
    d |= {"b": x * x}
    e["a"] = 7 * x * e["b"]
    f = d | {"a": x}
    e |= [("c", f["a"] * d["a"])]
    return d["a"] * d["c"] + len(f)


class Purse:
    def __init__(self, money, rate):
        self.money = money
        self.rate = rate

    def pay(self, amount):
        self.money -= amount * self.rate
        return amount


@case(0.5, 0.7)
@case(0.9, 0.7)
def one_of_two_objects_is_changed(a, b):
    one, other = Purse(a, 1.1), Purse(b, 0.9)
    both = [one, other]
    for k in range(3):
        payer = one if one.money > other.money else other
        paid = payer.pay(0.3 * k * a)
        if a * b > 0.5:
            payer.rate *= b
        else:
            payer.money += paid * payer.rate
    return one.money * other.money * both[0].rate + both[1].rate


@case(0.5, 0.7)
@case(0.9, 0.7)
def one_of_two_dicts_is_changed(a, b):
    one, other = {"n": a}, {"n": b}

    def more(held, by):
        held["n"] += by
        return held["n"]

    told = more(one if a > b else other, a * b)
    return one["n"] * 2 + other["n"] * 3 * told


@case(0.5, 0.7, refused="may be, or hold")
def one_of_two_objects_is_changed_by_both_names(a, b):
    one, other = Purse(a, 1.1), Purse(b, 0.9)
    chosen = one if a > b else other
    one.money = 3.0 * b
    chosen.money = 5 * a
    return one.money + other.money
