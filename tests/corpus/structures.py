"""Arguments that are structures: tuples, lists, dicts, named tuples and objects."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corpus.registry import case, draw


@case((1.3, 0.4))
@case((1.3, 2))
def pair(p):
    a, b = p
    return a * math.sin(b) + a**2


@case((1.3, 0.4, 2.2), 0.5)
def items_by_position(p, x):
    return p[0] * x**2 + p[1] * x + p[-1]


@case(((1.3, 0.4), 0.7), argnums=(0,))
def nested_pairs(p):
    (a, b), c = p
    return math.exp(a * b) * c


@case((draw(3, 2), draw(3, seed=1)), draw(2, seed=2))
def affine(params, x):
    W, b = params
    return np.sum(np.tanh(W @ x + b))


@case(((draw(3, 2), draw(3)), (draw(1, 3), draw(1))), draw(2), argnums=(0,))
def layers(params, x):
    for W, b in params:
        x = np.tanh(W @ x + b)
    return np.sum(x)


@case((2.0, draw(4)), 3)
def tuple_in_loop(p, n):
    a, u = p
    s = 0.0
    for i in range(n):
        s += a * u[i] ** 2
        a = a * 0.9
    return s


@case((1.1, draw(3)))
def array_in_tuple_is_written(p):
    a, u = p
    u[0] = a * u[1]
    u[1:] *= 2.0
    return np.sum(u) * a


@case((1.1, 0.3))
def only_one_item_matters(p):
    return p[0] ** 2


@case((0.3, draw(2, 2)))
def an_array_that_does_not_matter(p):
    x, _ = p
    return x * x


@case((0.5, (1.5, draw(2))), (2.0, 0.25), argnums=(0, 1))
def two_tuples(p, q):
    a, (b, u) = p
    if a < q[1]:
        return a * b * q[0]
    return np.sum(u**2) * q[1] + b


@case((np.float32(0.5), draw(3, dtype=np.float32)), rtol=1e-3, atol=1e-3)
def single_precision_parts(p):
    a, u = p
    return a * np.sum(u * u)


@case((0.5, 1.5), (0.1, 0.2))
def passed_to_a_helper(p, q):
    return dot(p, q) + dot(p, p)


def dot(p, q):
    return p[0] * q[0] + p[1] * q[1]


@case((1.2, (0.3, 3)), argnums=(0,))
def whole_tuple_kept(p):
    state = p
    x, (y, z) = state
    state = (y, x * z)
    return state[0] * state[1]


@dataclass
class Spring:
    """Parameters with a count, a name and a method."""

    stiffness: float
    damping: float
    steps: int = 3
    name: str = "spring"

    def force(self, x, v):
        return -self.stiffness * x - self.damping * v


@case(Spring(2.0, 0.3), 0.5, argnums=(0, 1))
def dataclass_of_parameters(p, x):
    v = 0.0
    for _ in range(p.steps):
        v = v + 0.1 * p.force(x, v)
        x = x + 0.1 * v
    return x if p.name == "spring" else v


@case(Spring(2.0, 0.3), 0.5, argnums=(1,))
def dataclass_of_settings(p, x):
    return p.force(x**2, x) * p.steps


@case({"w": draw(2, 3), "b": draw(2, seed=1), "scale": 0.7}, draw(3, seed=2))
def dict_of_parameters(params, x):
    h = np.tanh(params["w"] @ x + params["b"])
    return params["scale"] * np.sum(h**2)


@case(
    {"layers": [{"W": draw(3, 2), "b": draw(3)}, {"W": draw(1, 3), "b": draw(1)}]}, draw(2)
)
def nested_dicts_and_lists(params, x):
    for layer in params["layers"]:
        x = np.tanh(layer["W"] @ x + layer["b"])
    return np.sum(x)


@case([(draw(3, 2), draw(3)), (draw(1, 3), draw(1))], draw(2), argnums=(0,))
def list_of_layers_by_index(params, x):
    for i in range(len(params) - 1):
        W, b = params[i]
        x = np.tanh(W @ x + b)
    W, b = params[-1]
    return np.sum(W @ x + b)


class Point(NamedTuple):
    x: float
    y: float

    def norm(self):
        return math.sqrt(self.x**2 + self.y**2)


@case(Point(1.5, 0.4), Point(0.2, 2.0))
def named_tuples(p, q):
    a, b = p
    return a * q.y + b * q.x + p.norm() * q[0]


@case({"a": 3, "n": 4, "b": 2.5}, argnums=(0,))
def integers_are_numbers_or_counts(p):
    s = 0.0
    for k in range(p["n"]):
        s += p["a"] ** 2 * p["b"] + k
    return s


class Body:
    def __init__(self, position, mass):
        self.position = position
        self.mass = mass
        self.velocity = np.zeros(2)

    def push(self, force, dt):
        self.velocity = self.velocity + force / self.mass * dt
        self.position = self.position + self.velocity * dt


@case(Body(draw(2), 1.5), 0.2, argnums=(0, 1))
def object_changed_by_its_methods(body, dt):
    for _ in range(3):
        body.push(-body.position, dt)
    return np.sum(body.position**2)


@case([Body(draw(2), 1.5), Body(draw(2, seed=3), 0.7)], 0.2, argnums=(0, 1))
def list_of_objects(bodies, dt):
    for body in bodies:
        body.push(-body.position, dt)
    gap = bodies[0].position - bodies[1].position
    return np.sum(gap**2) * bodies[0].mass


@case({"xs": [1.0, 2.0, 0.5], "k": 2.0}, argnums=(0,))
def list_of_numbers_in_a_dict(p):
    total = 0.0
    for x in p["xs"]:
        total += p["k"] * x**2
    return total


@case({"w": 2.0, "u": draw(3)}, 0.5)
def dict_is_written(p, x):
    p["w"] = p["w"] * x
    p["u"][0] = p["w"]
    p["new"] = x * 2.0
    return np.sum(p["u"]) * p["new"] + p["w"]


@case(2.0, {"kind": "cube", "gain": 0.3, "act": math.sin, "none": None})
def dict_of_settings(x, options):
    if options["kind"] == "cube":
        x = x**3
    if options["none"] is not None:
        x = 0.0
    return options["act"](x) * options["gain"]


@case(1.2, [(0.5, 1.0), (0.7, 2.0), (0.1, -1.0)], argnums=(0,))
def list_of_pairs_as_data(w, data):
    loss = 0.0
    for x, y in data:
        loss += (w * x - y) ** 2
    return loss


@case((1.2, None, "text", True, 0.3))
def parts_without_derivative(p):
    if p[3] and p[1] is None and p[2] == "text":
        return p[0] * p[4]
    return p[0]


@case({1: 0.5, 2: 1.5, None: 2.0})
def dict_with_other_keys(p):
    return p[1] * p[2] ** 2 + p[None]


@case({"a": 0.5, "b": {"c": 1.5, "d": (2.0, [0.1, 0.2])}}, argnums=(0,))
def dict_walked_over(p):
    total = 0.0
    for key, value in p.items():
        if key == "a":
            total += value**2
    for value in p["b"]["d"][1]:
        total += value * p["b"]["c"]
    return total * p["b"]["d"][0]


class Tree:
    def __init__(self, value, children=()):
        self.value = value
        self.children = list(children)

    def total(self):
        return self.value**2 + sum(child.total() for child in self.children)


@case(Tree(1.0, [Tree(2.0), Tree(0.5, [Tree(3.0)])]))
def tree_of_objects(tree):
    return tree.total() * tree.children[0].value


@case([1.5, 0.4])
def list_of_numbers_is_unpacked(p):
    a, b = p
    return a * math.sin(b)


@case([[1.5, 0.4], [2.0, 3.0]])
def rows_of_a_list_are_unpacked(rows):
    total = 0.0
    for a, b in rows:
        total += a * b**2
    return total


@case({"a": [], "b": 1.5})
def empty_list_as_a_part(p):
    for x in p["a"]:
        p["b"] = p["b"] * x
    return p["b"] ** 2
