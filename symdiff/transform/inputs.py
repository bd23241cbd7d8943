"""What a function is differentiated with respect to: parameters, whole or by parts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from symdiff.ir.builder import Builder
from symdiff.ir.core import Atom, Compound, Const, Equation, Function, Tree, Var, kind_of
from symdiff.ir.kinds import (
    Array, Bool, Complex, Kind, List, Record, Rows, Tuple, is_continuous, is_number,
)  # fmt: skip
from symdiff.ir.structure import (
    AS_FLOAT, HELD, OWN, Path, is_namespace, is_remade, many_in, parts_of,
)  # fmt: skip
from symdiff.records import dataclass
from symdiff.rules.row import constant_in

Final = Callable[[Var], Atom]  # the derivative by a leaf

__all__ = ["Input", "inputs_of", "others_of"]


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter and the values at its leaves, as far as the function reads them."""

    param: Var
    leaves: Mapping[Path, Var]

    def gradient(self, build: Builder, final: Final) -> Tree:
        """The derivatives by the leaves, in the structure of the argument."""
        return self._part(self.param.kind, (), build, final)

    def _part(self, kind: Kind, path: Path, build: Builder, final: Final) -> Tree:
        parts = parts_of(kind)
        if parts is None:
            return self._leaf(kind, path, build, final)
        if isinstance(kind, Rows):
            ((step, each),) = parts
            item = self._part(each, (*path, step), build, final)
            return Compound(step[0], (item,), (), self.param, path)
        items = tuple(self._part(k, (*path, step), build, final) for step, k in parts)
        return items if isinstance(kind, Tuple) else self._record(kind, items, path)

    def _record(self, kind: Kind, items: tuple[Tree, ...], path: Path) -> Compound:
        assert isinstance(kind, Record)
        if kind.cls is list or kind.cls is dict:
            return Compound(kind.cls.__name__, items, kind.keys)
        if kind.keys == (OWN,):
            return items[0]  # type: ignore[return-value]
        if issubclass(kind.cls, tuple):
            form = "_replace"
        elif HELD in kind.keys:
            form = "holding"
        elif is_namespace(kind.cls):
            form = "typed"
        else:
            form = "replace" if is_remade(kind.cls, kind.keys) else "like"
        many = many_in(path)
        if many is None:
            return Compound(form, items, kind.keys, self.param, path)
        return Compound(form, items, kind.keys, None, path[many + 1 :])

    def _leaf(self, kind: Kind, path: Path, build: Builder, final: Final) -> Atom:
        var = self.leaves.get(path) or self.leaves.get((*path, AS_FLOAT))
        if var is not None:
            return constant_in(build, final(var), var.kind)
        if not isinstance(kind, (Array, List)):
            zero = 0j if isinstance(kind, Complex) else 0.0
            return Const(zero if is_number(kind) else None)
        value = build.emit("part", self.param, params=path)
        if isinstance(kind_of(value), List):
            return build.emit("list.zeros_like", value)
        if is_continuous(kind):
            return build.emit("numpy.zeros_like", value)
        return build.emit("numpy.zeros", build.emit("attr", value, params="shape"))


def others_of(function: Function, params: list[Var]) -> dict[Var, tuple[str, Path]]:
    """The parts of parameters that are no floats nor flags, and where they are read."""
    return {
        node.target: (str(node.args[0]), node.params)
        for node in function.body
        if isinstance(node, Equation) and node.op == "part"
        if node.args[0] in params and not _is_plain(node.target.kind)
    }


def _is_plain(kind: Kind) -> bool:
    is_mask = isinstance(kind, Array) and kind.dtype == "bool"
    return is_continuous(kind) or is_mask or isinstance(kind, Bool)


def inputs_of(
    function: Function, params: list[Var], floats: Collection[tuple[str, Path]] = ()
) -> list[Input]:
    """The parameters with those of their leaves that may have a derivative.

    `floats` are the integers that are taken as floats.
    """
    found: dict[Var, dict[Path, Var]] = {}
    for param in params:
        whole = parts_of(param.kind) is None
        found[param] = {(): param} if whole else {}
    for node in function.body:
        if isinstance(node, Equation) and node.op == "part":
            root = node.args[0]
            real = is_continuous(node.target.kind) or (str(root), node.params) in floats
            if root in found and real:
                found[root][node.params] = node.target
    return [Input(param, leaves) for param, leaves in found.items()]
