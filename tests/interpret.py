"""Runs the equations of rules and checks the kinds of what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np

from symdiff.ir.core import Atom, Const, Equation, Var
from symdiff.ir.kinds import (
    BOOL, FLOAT, INT, NONE, STR, Array, Float, Int, Kind, Size, Tuple,
)  # fmt: skip
from symdiff.tracing.operations import result_of


def run(nodes: list[Any], values: dict[Var, Any]) -> None:
    """Run equations; `values` gains every target, whose kind is checked."""
    for node in nodes:
        assert isinstance(node, Equation)
        result = result_of(node.op, [read(a, values) for a in node.args], node.params)
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
