"""Attributes of modules, arrays and objects."""

from __future__ import annotations

import ast
import enum
import math
import types
from typing import Any

from symdiff.definitions.slices import indices_of
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.dtypes import attribute_of, dtype_of
from symdiff.frontend.memory.values import (
    ArrayRef, Bound, Closure, DictRef, FlatRef, ListRef, ObjectRef, Partial, Ranged,
    Sequence, Static, Super, Value, ViewStep, sure,
)  # fmt: skip
from symdiff.frontend.operations.operators import Operators
from symdiff.frontend.reading.distributions import (
    is_distribution, is_frozen, name_of, parameters_of,
)  # fmt: skip
from symdiff.frontend.reading.library import is_users_object
from symdiff.ir.core import Const, Global, Var, kind_of
from symdiff.ir.kinds import Array, Complex, Float, Tuple, is_complex, is_number

__all__ = ["Attributes"]

# Attributes of arrays that are views of them.
VIEW_ATTRIBUTES = {"T": "numpy.transpose", "mT": "numpy.matrix_transpose"}

# Of the tuples that functions of `numpy.linalg` give: the place of each field.
RESULT_FIELDS = {
    "eigenvalues": 0, "eigenvectors": 1, "Q": 0, "R": 1, "U": 0, "S": 1, "Vh": 2,
    "sign": 0, "logabsdet": 1,
}  # fmt: skip


class Attributes(Operators):
    """Lowers attributes that are read."""

    def expr_Attribute(self, node: ast.Attribute, base: str) -> Value:
        owner = self.expr(node.value)
        return self.attribute(owner, node.attr, node, base)

    def attribute(self, owner: Value, name: str, node: ast.AST, base: str) -> Value:
        owner = sure(owner)
        failure = AttributeError, f"'NoneType' object has no attribute '{name}'"
        self.check_is_there(owner, failure, node)
        if isinstance(owner, Static):
            return self._static_attribute(owner, name, node, base)
        if isinstance(owner, ArrayRef):
            return self._array_attribute(owner, name, node, base)
        if isinstance(owner, ObjectRef):
            return self.object_attribute(owner, name, node, base)
        if isinstance(owner, Super):
            return self.super_attribute(owner, name, node)
        if isinstance(owner, Partial) and isinstance(owner.function, Static):
            if is_distribution(owner.function.value):  # frozen with these arguments
                method = self._static_attribute(owner.function, name, node, base)
                return Partial(method, (), owner.keywords)
        if isinstance(owner, Sequence) and owner.cls is slice:
            if name == "indices":
                return Partial(Static(indices_of), (owner,))
            return owner.items[("start", "stop", "step").index(name)]
        if isinstance(owner, Sequence) and owner.cls not in (None, set):
            return self.field(owner, name, node, base)
        if isinstance(owner, ListRef) and name == "maxlen":
            contents = self.contents(owner, node)
            most = self.most_kept(owner, node) if contents is None else contents.most
            return Const(most)
        if isinstance(owner, (ListRef, DictRef, Sequence)):
            return Bound(owner, name)
        if isinstance(owner, Closure) and name == "__name__":
            decorators = getattr(owner.node, "decorator_list", ())
            if not any(isinstance(d, ast.Call) for d in decorators):  # as `wraps` does
                return Const(getattr(owner.node, "name", "<lambda>"))
        if isinstance(owner, (Closure, Ranged)):
            raise Refusal(f"attribute `{name}` is not supported here", node)
        if isinstance(owner, Bound) and owner.name == "flags" and name == "c_contiguous":
            array = self.at(node).atom(owner.owner, node)
            return self.build.define("attr", array, params="flags.c_contiguous", base=base)
        kind = self.kind(owner)
        if name == "dtype" and is_number(kind):
            dtype = dtype_of(kind)
            if dtype is not None:
                return dtype
        if isinstance(kind, Complex) and name in ("real", "imag"):
            return self.at(node).emit(name, self.atom(owner, node), base=base)
        if name == "imag" and isinstance(kind, Float) and kind.dtype == "float32":
            return self.at(node).emit("numpy.float32", Const(0.0), base=base)
        if is_number(kind) and name in ("real", "imag", "shape", "ndim", "size", "T"):
            static: dict[str, Value] = {
                "shape": Sequence(()), "ndim": Const(0), "size": Const(1),
                "real": owner, "T": owner, "imag": Const(0.0),
            }  # fmt: skip
            return static[name]
        if isinstance(kind, Tuple) and name in RESULT_FIELDS:
            return self.own(
                self.at(node).build.define(
                    "item", self.atom(owner, node), params=RESULT_FIELDS[name], base=base
                )
            )
        if is_number(kind) and not hasattr(float, name) and name != "conj":
            self.raise_now(AttributeError, node)
        return Bound(owner, name)

    def _static_attribute(
        self, owner: Static, name: str, node: ast.AST, base: str
    ) -> Value:
        if is_users_object(owner.value):
            return self.instance_attribute(owner, name, node, base)
        if is_frozen(owner.value):
            return self.attribute(self._frozen(owner, node), name, node, base)
        if is_distribution(owner.value) and (owner.path or ("",))[0] != "global":
            owner = _of_scipy(owner.value)
        changed = self._in_slot_of(owner.value, name)
        if changed is not None:
            return changed
        if isinstance(owner.value, enum.Enum):
            return self.enum_attribute(owner, name, node)
        made_by = "fromkeys" if owner.value is dict else "_make"
        if name == made_by and (owner.value is dict or hasattr(owner.value, "_fields")):
            return Bound(owner, name)
        if not hasattr(owner.value, name):
            self.raise_now(AttributeError, node)
            raise Refusal(f"`{_name_of(owner.value)}` has no attribute `{name}`", node)
        known = attribute_of(owner.value, name)
        if known is not None:
            return known
        value = getattr(owner.value, name)
        if isinstance(owner.value, types.ModuleType):
            module = owner.value.__name__
            if isinstance(value, types.ModuleType):
                return Static(value, ("module", value.__name__))
            if isinstance(value, float) and module in ("math", "numpy"):
                return self._library_constant(module, name, value)
            return self.lift(value, ("global", module, name), node)
        if type(value) in (int, float):
            return Const(value)
        if owner.path and owner.path[0] == "global":
            return self.lift(value, (*owner.path[:-1], f"{owner.path[-1]}.{name}"), node)
        if isinstance(value, (types.WrapperDescriptorType, types.MethodDescriptorType)):
            return Static(value)
        if isinstance(owner.value, type) and not owner.path:  # made by the function
            if isinstance(value, types.MethodType):
                return Partial(Static(value.__func__), (owner,))
            if callable(value):
                return Static(value)
        raise Refusal(f"attribute `{name}` is not supported here", node)

    def _in_slot_of(self, value: Any, name: str) -> Value | None:
        """What the function has assigned to an attribute of a module, class or function."""
        if isinstance(value, types.ModuleType):
            return self.in_slot((vars(value),), name)
        return self.in_slot(value.__mro__ if isinstance(value, type) else (value,), name)

    def _frozen(self, owner: Static, node: ast.AST) -> Value:
        """A distribution that was frozen outside the function."""

        def given(value: Any, text: str) -> Value:
            if owner.path and owner.path[0] == "global":
                path = (*owner.path[:-1], f"{owner.path[-1]}.{text}")
                return self.lift(value, path, node)
            if type(value) not in (int, float):
                message = (
                    "a distribution with arrays, which is an argument, is not followed"
                )
                raise Refusal(message, node, "freeze it in the function, or outside")
            return Const(value)  # the code is for this very object

        dist, args = owner.value.dist, owner.value.args
        found = {
            name: given(value, f"args[{k}]")
            for k, (name, value) in enumerate(zip(parameters_of(dist), args, strict=False))
        }
        for name, value in owner.value.kwds.items():
            found[name] = given(value, f"kwds[{name!r}]")
        return Partial(_of_scipy(dist), (), tuple(found.items()))

    def _library_constant(self, module: str, name: str, value: float) -> Value:
        if math.isnan(value) or name in ("pi", "e", "tau"):
            return Global(f"{module}.{name}", kind_of(Const(value)))
        return Const(value)

    def _array_attribute(self, ref: ArrayRef, name: str, node: ast.AST, base: str) -> Value:
        kind = self.kind(ref)
        assert isinstance(kind, Array)
        if name in VIEW_ATTRIBUTES:
            if kind.ndim < 2:
                return ref
            return ArrayRef(ref.buffer, (*ref.path, ViewStep(VIEW_ATTRIBUTES[name], ())))
        if name in ("real", "imag") and is_complex(kind):
            return ArrayRef(ref.buffer, (*ref.path, ViewStep(name, ())))
        if name == "real":
            return ref
        if name == "imag":
            return self.at(node).emit("numpy.zeros_like", self.read(ref, node))
        if name == "flat":
            flat = self.flat(ref)
            return FlatRef(flat.buffer, flat.path)
        if name == "dtype":
            return dtype_of(kind) or Const(kind.dtype)
        if name == "itemsize":
            dtype = dtype_of(kind)
            return Bound(ref, name) if dtype is None else Const(dtype.value.itemsize)
        if name == "nbytes":
            size = self._array_attribute(ref, "size", node, base)
            each = self._array_attribute(ref, "itemsize", node, base)
            return self.binary("mul", size, each, node, base)
        if name == "ndim":
            return Const(kind.ndim)
        if name == "strides":
            whole = self.at(node).read(ref, node)
            strides = self.build.define("attr", whole, params="strides", base="strides")
            steps = [self.build.define("item", strides, params=k) for k in range(kind.ndim)]
            return Sequence(tuple(steps))
        if name == "shape":
            shape = self.shape(ref, node, base)
            return Sequence(
                tuple(
                    Const(d) if isinstance(d, int) else self._axis_length(shape, k)
                    for k, d in enumerate(kind.dims)
                )
            )
        if name == "size":
            atom = self.at(node).read_shape(ref, node)
            return self.build.define("attr", atom, params="size", base=base)
        return Bound(ref, name)

    def shape(self, ref: ArrayRef, node: ast.AST, base: str = "t") -> Var:
        """`ref.shape`, read from the buffer's first version, which stays valid."""
        atom = self.at(node).read_shape(ref, node)
        key = ("shape", atom)
        known = self.state.get(key)
        if not isinstance(known, Var):
            known = self.build.define("attr", atom, params="shape", base="t")
            self.state.set(key, known)
        return known

    def _axis_length(self, shape: Var, axis: int) -> Value:
        key = ("axis", shape, axis)
        known = self.state.get(key)
        if not isinstance(known, Var):
            known = self.build.define("item", shape, params=axis)
            self.state.set(key, known)
        return known


def _of_scipy(distribution: Any) -> Static:
    return Static(distribution, ("global", "scipy.stats", name_of(distribution)))


def _name_of(value: Any) -> str:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return repr(value) if name is None else str(name)
