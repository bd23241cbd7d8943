"""What a function is differentiated with respect to: parameters, whole or by parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Const, Equation, Function, Tree, Var
from symdiff.ir.kinds import Array, Kind, List, is_number, is_real
from symdiff.ir.structure import Path, parts_of
from symdiff.transform.sweep import Sweep

__all__ = ["Input", "inputs_of"]


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter and the values at its leaves, as far as the function reads them."""

    param: Var
    leaves: Mapping[Path, Var]

    def gradient(self, build: Builder, sweep: Sweep) -> Tree:
        """The adjoints of the leaves, in the structure of the argument."""
        return self._part(self.param.kind, (), build, sweep)

    def _part(self, kind: Kind, path: Path, build: Builder, sweep: Sweep) -> Tree:
        parts = parts_of(kind)
        if parts is None:
            return self._leaf(kind, path, build, sweep)
        return tuple(self._part(k, (*path, step), build, sweep) for step, k in parts)

    def _leaf(self, kind: Kind, path: Path, build: Builder, sweep: Sweep) -> Atom:
        var = self.leaves.get(path)
        if var is not None:
            return sweep.final(var)
        if not isinstance(kind, (Array, List)):
            return Const(0.0 if is_number(kind) else None)
        value = build.emit("part", self.param, params=path)
        if isinstance(kind, List):
            return build.emit("list.zeros_like", value)
        if is_real(kind):
            return build.emit("numpy.zeros_like", value)
        return build.emit("numpy.zeros", build.emit("attr", value, params="shape"))


def inputs_of(function: Function, params: list[Var]) -> list[Input]:
    """The parameters with those of their leaves that may have a derivative."""
    found: dict[Var, dict[Path, Var]] = {}
    for param in params:
        whole = parts_of(param.kind) is None
        found[param] = {(): param} if whole else {}
    for node in function.body:
        if isinstance(node, Equation) and node.op == "part":
            root = node.args[0]
            if root in found and is_real(node.target.kind):
                found[root][node.params] = node.target
    return [Input(param, leaves) for param, leaves in found.items()]
