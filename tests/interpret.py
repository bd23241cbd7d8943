"""A small interpreter of equations, so that rules are tested before code is printed."""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np
from list_operations import change, changes, make

from symdiff.backend.helpers import HELPERS
from symdiff.ir.core import Atom, Const, Equation, Index, Var
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, NONE, STR, Array, Float, Int, Kind, Size, Tuple,
)  # fmt: skip

OPERATORS = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "floordiv": operator.floordiv, "mod": operator.mod,
    "pow": operator.pow, "matmul": operator.matmul, "neg": operator.neg,
    "pos": operator.pos, "not": operator.not_, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip


def unbroadcast(g: Any, x: Any) -> Any:
    """g summed to the shape of x."""
    g = np.asarray(g)
    shape = np.shape(x)
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    over = tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] != 1)
    return g.sum(axis=over, keepdims=True)


def helper(op: str) -> Any:
    """A function that generated code brings along."""
    namespace: dict[str, Any] = {"math": math}
    exec(HELPERS[f"_{op}"].text.format(math="math"), namespace)
    return namespace[f"_{op}"]


def subscript(index: Index, values: list[Any]) -> Any:
    """The Python subscript of an `Index` and its values, which are used up."""
    assert not index.through
    items: list[Any] = []
    for item in index.items:
        if item == "at":
            items.append(values.pop(0))
        elif item == "new":
            items.append(None)
        elif item == "rest":
            items.append(...)
        else:
            flags = (item.start, item.stop, item.step)
            items.append(slice(*(values.pop(0) if flag else None for flag in flags)))
    return items[0] if len(items) == 1 else tuple(items)


def apply(op: str, values: list[Any], params: Any) -> Any:
    """The value of one operation."""
    if changes(op, values):
        return change(op, values, params, in_place=False)
    if op.startswith("list."):
        return make(op, values, params)
    if op in OPERATORS:
        return OPERATORS[op](*values)
    if op == "select":
        return values[1] if values[0] else values[2]
    if op == "tuple":
        return tuple(values)
    if op == "list":
        return list(values)
    if op == "item":
        return values[0][params]
    if op == "attr":
        return getattr(values[0], params)
    if op == "copy":
        return values[0].copy()
    if op == "unbroadcast":
        return unbroadcast(*values)
    if op == "sum_to":
        return unbroadcast(values[0], np.empty(values[1]))
    if op in ("digamma", "trigamma"):
        return helper(op)(*values)
    if op == "getitem":
        base, *rest = values
        return base[subscript(params, rest)]
    if op in ("setitem", "additem"):
        base, *rest, value = values
        result = np.array(base)
        index = subscript(params, rest)
        if op == "setitem":
            result[index] = value
        else:
            np.add.at(result, index, value)
        return result
    if op == "numpy.astype":
        return np.asarray(values[0]).astype(values[1])[()]
    names = tuple(params or ())
    cut = len(values) - len(names)
    root: Any = {"math": math, "numpy": np, "builtins": builtins}[op.partition(".")[0]]
    function = operator.attrgetter(op.partition(".")[2])(root)
    return function(*values[:cut], **dict(zip(names, values[cut:], strict=True)))


def run(nodes: list[Any], values: dict[Var, Any]) -> None:
    """Run equations; `values` gains every target, whose kind is checked."""
    for node in nodes:
        assert isinstance(node, Equation)
        result = apply(node.op, [read(a, values) for a in node.args], node.params)
        check_kind(node, result)
        values[node.target] = result


def read(atom: Atom, values: dict[Var, Any]) -> Any:
    if isinstance(atom, Const):
        return atom.value
    assert isinstance(atom, Var)
    return values[atom]


def check_kind(node: Equation, result: Any) -> None:
    """What was inferred has to hold: number of axes, known lengths and the dtype."""
    kind = node.target.kind
    if isinstance(kind, Array):
        assert np.ndim(result) == kind.ndim, (node, np.shape(result))
        for length, known in zip(np.shape(result), kind.dims, strict=True):
            assert not isinstance(known, int) or known == length, (node, np.shape(result))
            assert not isinstance(known, Size) or not known.not_one or length != 1, node
        assert str(np.asarray(result).dtype) == kind.dtype, (node, result.dtype)


def kind_of_value(value: Any, name: str = "n", exact: bool = True) -> Kind:
    """The kind of a value; lengths become symbols unless `exact`."""
    if isinstance(value, (bool, np.bool_)):
        return BOOL
    if isinstance(value, np.floating) and type(value) is not float:
        return Float(str(value.dtype))
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, (int, np.integer)):
        return Int(int(value)) if exact else INT
    if isinstance(value, str):
        return STR
    if value is None:
        return NONE
    if isinstance(value, (tuple, list)):
        parts = (kind_of_value(v, f"{name}{k}", exact) for k, v in enumerate(value))
        return Tuple(tuple(parts))
    dims = (
        n if exact or n == 1 else Size(f"{name}{k}", 0, True)
        for k, n in enumerate(value.shape)
    )
    return Array(str(value.dtype), tuple(dims))
