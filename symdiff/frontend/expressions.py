"""Expressions: one method per `ast` node, each giving a `Value`."""

from __future__ import annotations

import ast
import math
import operator
import types
from typing import Any

from symdiff.frontend.context import Context, Frame, Refusal
from symdiff.frontend.values import (
    MISSING, ArrayRef, Bound, Closure, Poison, Ranged, Sequence, Static, Value, ViewStep,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Index, Var, kind_of
from symdiff.ir.kinds import (
    NONE, UNKNOWN, Array, Bool, Float, Int, Kind, List, Tuple, is_number,
)  # fmt: skip
from symdiff.signature import kind_of_value

__all__ = ["Expressions"]

BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow", ast.MatMult: "matmul",
    ast.BitAnd: "bitand", ast.BitOr: "bitor", ast.BitXor: "bitxor",
    ast.LShift: "lshift", ast.RShift: "rshift",
}  # fmt: skip
UNARY = {ast.USub: "neg", ast.UAdd: "pos", ast.Not: "not", ast.Invert: "invert"}
COMPARE = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq",
    ast.NotEq: "ne", ast.Is: "is", ast.IsNot: "isnot", ast.In: "in", ast.NotIn: "notin",
}  # fmt: skip
FOLDED = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip
# Attributes of arrays that are views of them.
VIEW_ATTRIBUTES = {"T": "numpy.transpose"}


class Expressions(Context):
    """Lowers expressions. `base` names the value that an expression computes."""

    # Given by the parts above this one.
    def call(self, node: ast.Call, base: str) -> Value:
        raise NotImplementedError

    def index_of(self, node: ast.expr) -> tuple[Index, tuple[Atom, ...]]:
        raise NotImplementedError

    def subscript(self, node: ast.Subscript, base: str) -> Value:
        raise NotImplementedError

    def branch_values(
        self, cond: Atom, node: ast.AST, then: Any, orelse: Any, base: str
    ) -> Value:
        raise NotImplementedError

    def comprehension(self, node: Any, base: str) -> Value:
        raise NotImplementedError

    # -- entry ------------------------------------------------------------------------

    def expr(self, node: ast.expr, base: str = "t") -> Value:
        """The value of an expression."""
        method = getattr(self, "expr_" + type(node).__name__, None)
        if method is None:
            what = _CLAUSES.get(type(node), type(node).__name__)
            raise Refusal(f"{what} is not supported", node)
        value: Value = method(node, base)
        return value

    def value_atom(self, node: ast.expr, base: str = "t") -> Atom:
        """The value of an expression as an atom."""
        return self.atom(self.expr(node, base), node, base)

    # -- leaves -----------------------------------------------------------------------

    def expr_Constant(self, node: ast.Constant, base: str) -> Value:
        return Const(node.value)

    def expr_Name(self, node: ast.Name, base: str) -> Value:
        return self.look_up(node.id, node)

    def look_up(self, name: str, node: ast.AST) -> Value:
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.locals:
                value = self.state.get((frame.number, name))
                if value is MISSING:
                    self.note_pending((frame.number, name))
                    message = f"`{name}` is read before it is assigned"
                    raise Refusal(message, node)
                if isinstance(value, Poison):
                    raise self.poisoned(value, node)
                return value
            if frame.outer is None:
                break
            frame = frame.outer
        assert frame is not None
        return self.look_up_outside(name, frame.function, node)

    def note_pending(self, key: tuple[object, ...]) -> None:
        """A name read before it has a value: a loop may bring one from its last round."""

    def look_up_outside(self, name: str, function: Any, node: ast.AST) -> Value:
        """A name that no frame assigns: closed over, global, or built in."""
        code = function.__code__
        if name in code.co_freevars:
            cell = (function.__closure__ or ())[code.co_freevars.index(name)]
            try:
                value = cell.cell_contents
            except ValueError:
                raise Refusal(f"`{name}` is not assigned yet", node) from None
            place: tuple[str, ...] = (
                "closure",
                function.__module__,
                function.__qualname__,
                name,
            )
            return self.lift(value, place, node)
        if name in function.__globals__:
            place = ("global", function.__globals__.get("__name__", ""), name)
            return self.lift(function.__globals__[name], place, node)
        builtins = function.__globals__.get("__builtins__", {})
        table = builtins if isinstance(builtins, dict) else vars(builtins)
        if name in table:
            return Static(table[name], ("builtin", name))
        raise Refusal(f"name `{name}` is not defined", node)

    def lift(self, value: Any, path: tuple[str, ...], node: ast.AST) -> Value:
        """The value of a Python object that the function reads from outside."""
        if value is None or isinstance(value, (bool, str)):
            return Const(value)
        if isinstance(value, types.ModuleType):
            self.modules.setdefault(value.__name__, path[-1])
            return Static(value, path)
        if callable(value) or isinstance(value, type):
            return Static(value, path)
        kind = kind_of_value(value, "@" + ".".join(path))
        if not isinstance(kind, Kind):
            kind = UNKNOWN
        if isinstance(value, int):
            kind = Int(int(value))
        atom = self.external_at(path, kind)
        if isinstance(kind, Array):
            known = self.state.get(("outside", atom.name))
            if isinstance(known, ArrayRef):
                return known
            ref = self.own(atom)
            assert isinstance(ref, ArrayRef)
            self.readonly[ref.buffer] = f"`{path[-1]}`"
            self.state.set(("outside", atom.name), ref)
            return ref
        return atom

    # -- operators --------------------------------------------------------------------

    def expr_BinOp(self, node: ast.BinOp, base: str) -> Value:
        op = BINARY[type(node.op)]
        left, right = self.expr(node.left), self.expr(node.right)
        return self.binary(op, left, right, node, base)

    def binary(self, op: str, left: Value, right: Value, node: ast.AST, base: str) -> Value:
        if isinstance(left, Sequence) or isinstance(right, Sequence):
            return self.sequence_arithmetic(op, left, right, node, base)
        a, b = self.atom(left, node), self.atom(right, node)
        if isinstance(a, Const) and isinstance(b, Const):
            folded = _fold_static(op, a.value, b.value)
            if folded is not None:
                return folded
        return self.at(node).emit(op, a, b, base=base)

    def sequence_arithmetic(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if op == "add" and isinstance(left, Sequence) and isinstance(right, Sequence):
            return Sequence(left.items + right.items, left.is_list)
        if op == "mul":
            sequence, count = (left, right) if isinstance(left, Sequence) else (right, left)
            if isinstance(sequence, Sequence) and isinstance(count, Const):
                if isinstance(count.value, int):
                    return Sequence(sequence.items * count.value, sequence.is_list)
        if isinstance(left, ArrayRef) or isinstance(right, ArrayRef):
            return self.at(node).emit(
                op, self.atom(left, node), self.atom(right, node), base=base
            )
        raise Refusal("this operation on a list or tuple is not supported", node)

    def at(self, node: ast.AST) -> Expressions:
        """Self, with the builder's span set to a node."""
        self.build.span = self.span(node)
        return self

    def expr_UnaryOp(self, node: ast.UnaryOp, base: str) -> Value:
        op = UNARY[type(node.op)]
        value = self.expr(node.operand)
        if op == "not":
            return self.negated(value, node, base)
        atom = self.atom(value, node)
        if isinstance(atom, Const) and op == "neg" and is_number(kind_of(atom)):
            return Const(-atom.value)
        return self.at(node).emit(op, atom, base=base)

    def negated(self, value: Value, node: ast.AST, base: str) -> Value:
        known = self.truth(value)
        if known is not None:
            return Const(not known)
        return self.at(node).emit("not", self.atom(value, node), base=base)

    def truth(self, value: Value) -> bool | None:
        """Whether the value is true, where that is known before the program runs."""
        if isinstance(value, Const):
            return bool(value.value)
        if isinstance(value, Sequence):
            return bool(value.items)
        if isinstance(value, (Static, Closure)):
            return True
        return None

    def expr_BoolOp(self, node: ast.BoolOp, base: str) -> Value:
        return self._bool_op(isinstance(node.op, ast.And), node.values, node, base)

    def _bool_op(
        self, is_and: bool, values: list[ast.expr], node: ast.BoolOp, base: str
    ) -> Value:
        first = self.expr(values[0])
        if len(values) == 1:
            return first
        known = self.truth(first)
        if known is not None:
            if known != is_and:
                return first
            return self._bool_op(is_and, values[1:], node, base)
        cond = self.atom(first, values[0])

        def rest() -> Value:
            return self._bool_op(is_and, values[1:], node, base)

        def stop() -> Value:
            bool_like = isinstance(kind_of(cond), Bool)
            return Const(not is_and) if bool_like else first

        then, orelse = (rest, stop) if is_and else (stop, rest)
        return self.branch_values(cond, node, then, orelse, base)

    def expr_Compare(self, node: ast.Compare, base: str) -> Value:
        return self._compare(self.expr(node.left), node.ops, node.comparators, node, base)

    def _compare(
        self,
        left: Value,
        ops: list[ast.cmpop],
        comparators: list[ast.expr],
        node: ast.Compare,
        base: str,
    ) -> Value:
        right = self.expr(comparators[0])
        result = self.compare(COMPARE[type(ops[0])], left, right, node, base)
        if len(ops) == 1:
            return result
        known = self.truth(result)
        if known is False:
            return result
        if known is True:
            return self._compare(right, ops[1:], comparators[1:], node, base)

        def rest() -> Value:
            return self._compare(right, ops[1:], comparators[1:], node, base)

        cond = self.atom(result, node)
        return self.branch_values(cond, node, rest, lambda: Const(False), base)

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        known = self._known_comparison(op, left, right)
        if known is not None:
            return Const(known)
        return self.at(node).emit(
            op, self.atom(left, node), self.atom(right, node), base=base
        )

    def _known_comparison(self, op: str, left: Value, right: Value) -> bool | None:
        if op in ("is", "isnot"):
            same = self._same_object(left, right)
            return same if same is None or op == "is" else not same
        if isinstance(left, Static) and isinstance(right, Static) and op in ("eq", "ne"):
            return (left.value == right.value) is (op == "eq")
        if not isinstance(left, Const):
            return None
        if isinstance(right, Const) and op in FOLDED:
            try:
                return bool(FOLDED[op](left.value, right.value))
            except TypeError:
                return None
        if op in ("in", "notin") and isinstance(right, Sequence):
            if all(isinstance(item, Const) for item in right.items):
                values = [item.value for item in right.items if isinstance(item, Const)]
                return (left.value in values) is (op == "in")
        return None

    def _same_object(self, left: Value, right: Value) -> bool | None:
        if isinstance(left, Const) and isinstance(right, Const):
            if left.value is None or right.value is None or isinstance(left.value, bool):
                return left == right
        if isinstance(left, Static) and isinstance(right, Static):
            return left.value is right.value
        for value, other in ((left, right), (right, left)):
            if isinstance(other, Const) and other.value is None:
                if self.kind(value) == NONE:
                    return True
                if self.may_be_none(value):
                    return None
                if isinstance(value, (ArrayRef, Sequence, Closure, Static)):
                    return False
                kind = self.kind(value)
                if kind != UNKNOWN:
                    return False
        return None

    def expr_IfExp(self, node: ast.IfExp, base: str) -> Value:
        test = self.expr(node.test)
        known = self.truth(test)
        if known is not None:
            return self.expr(node.body if known else node.orelse, base)
        return self.branch_values(
            self.atom(test, node.test),
            node,
            lambda: self.expr(node.body, base),
            lambda: self.expr(node.orelse, base),
            base,
        )

    def expr_NamedExpr(self, node: ast.NamedExpr, base: str) -> Value:
        value = self.expr(node.value, node.target.id)
        self.state.set((self.frame.number, node.target.id), value)
        return value

    # -- structure --------------------------------------------------------------------

    def expr_Tuple(self, node: ast.Tuple, base: str) -> Value:
        return Sequence(self._items(node.elts))

    def expr_List(self, node: ast.List, base: str) -> Value:
        return Sequence(self._items(node.elts), is_list=True)

    def _items(self, nodes: list[ast.expr]) -> tuple[Value, ...]:
        items: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                items.extend(self.items_of(self.expr(node.value), node))
            else:
                items.append(self.expr(node))
        return tuple(items)

    def items_of(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        """The items of a value whose length is known now."""
        if isinstance(value, Sequence):
            return value.items
        if isinstance(value, Ranged):
            bounds = (value.start, value.stop, value.step)
            if all(isinstance(b, Const) for b in bounds):
                numbers = range(*(b.value for b in bounds if isinstance(b, Const)))
                order = reversed(numbers) if value.reverse else numbers
                return tuple(map(Const, order))
        kind = self.kind(value)
        if isinstance(kind, Tuple):
            atom = self.atom(value, node)
            return tuple(
                self.own(self.build.define("item", atom, params=k))
                for k in range(len(kind.items))
            )
        if isinstance(kind, Array) and kind.dims and isinstance(value, ArrayRef):
            extent = kind.dims[0]
            if isinstance(extent, int):
                return tuple(self.element(value, Const(k), node) for k in range(extent))
        raise Refusal("the number of items is not known before the program runs", node)

    def element(self, value: Value, index: Atom, node: ast.AST, base: str = "t") -> Value:
        """`value[index]` for an integer index."""
        at = Index(("at",))
        if isinstance(value, Sequence):
            if isinstance(index, Const):
                item: Value = value.items[index.value]
                return item
        if isinstance(value, ArrayRef):
            kind = self.kind(value)
            if isinstance(kind, Array) and kind.ndim > 1:
                return ArrayRef(
                    value.buffer, (*value.path, ViewStep("getitem", (index,), at))
                )
        atom = self.atom(value, node)
        kind = kind_of(atom)
        if isinstance(kind, Tuple) and isinstance(index, Const):
            if not -len(kind.items) <= index.value < len(kind.items):
                raise Refusal("index out of range", node)
            return self.own(self.build.define("item", atom, params=index.value, base=base))
        return self.at(node).emit("getitem", atom, index, params=at, base=base)

    def expr_Attribute(self, node: ast.Attribute, base: str) -> Value:
        owner = self.expr(node.value)
        return self.attribute(owner, node.attr, node, base)

    def attribute(self, owner: Value, name: str, node: ast.AST, base: str) -> Value:
        if isinstance(owner, Static):
            return self._static_attribute(owner, name, node)
        if isinstance(owner, ArrayRef):
            return self._array_attribute(owner, name, node, base)
        if isinstance(owner, (Closure, Ranged)):
            raise Refusal(f"attribute `{name}` is not supported here", node)
        kind = self.kind(owner)
        if is_number(kind) and name in ("real", "imag", "shape", "ndim", "size", "T"):
            static: dict[str, Value] = {
                "shape": Sequence(()), "ndim": Const(0), "size": Const(1),
                "real": owner, "T": owner, "imag": Const(0.0),
            }  # fmt: skip
            return static[name]
        if (
            is_number(kind)
            or isinstance(owner, Sequence)
            or isinstance(kind, (List, Tuple))
        ):
            return Bound(owner, name)
        if isinstance(kind, (Float, Int)):
            return Bound(owner, name)
        return Bound(owner, name)

    def _static_attribute(self, owner: Static, name: str, node: ast.AST) -> Value:
        if not hasattr(owner.value, name):
            raise Refusal(f"`{_name_of(owner.value)}` has no attribute `{name}`", node)
        value = getattr(owner.value, name)
        if isinstance(owner.value, types.ModuleType):
            module = owner.value.__name__
            if isinstance(value, types.ModuleType):
                return Static(value, ("module", value.__name__))
            if isinstance(value, float) and module in ("math", "numpy"):
                return self._library_constant(module, name, value)
            return self.lift(value, ("global", module, name), node)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Const(value)
        if owner.path and owner.path[0] == "global":
            return self.lift(value, (*owner.path[:-1], f"{owner.path[-1]}.{name}"), node)
        raise Refusal(f"attribute `{name}` is not supported here", node)

    def _library_constant(self, module: str, name: str, value: float) -> Value:
        if math.isnan(value) or math.isinf(value) or name in ("pi", "e", "tau"):
            return Global(f"{module}.{name}", kind_of(Const(value)))
        return Const(value)

    def _array_attribute(self, ref: ArrayRef, name: str, node: ast.AST, base: str) -> Value:
        kind = self.kind(ref)
        assert isinstance(kind, Array)
        if name in VIEW_ATTRIBUTES:
            if kind.ndim < 2:
                return ref
            return ArrayRef(ref.buffer, (*ref.path, ViewStep(VIEW_ATTRIBUTES[name], ())))
        if name == "real" and kind.dtype.startswith("float"):
            return ref
        if name == "dtype":
            return Const(kind.dtype)
        if name == "ndim":
            return Const(kind.ndim)
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

    # -- subscripts, calls, functions -------------------------------------------------

    def expr_Subscript(self, node: ast.Subscript, base: str) -> Value:
        return self.subscript(node, base)

    def expr_Call(self, node: ast.Call, base: str) -> Value:
        return self.call(node, base)

    def expr_Lambda(self, node: ast.Lambda, base: str) -> Value:
        return self.closure(node)

    def closure(self, node: ast.FunctionDef | ast.Lambda) -> Closure:
        """A function value; its defaults are evaluated now."""
        args = node.args
        positional = args.posonlyargs + args.args
        late = positional[len(positional) - len(args.defaults) :]
        pairs = list(zip(late, args.defaults, strict=True))
        keyword_only = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        pairs += [(a, d) for a, d in keyword_only if d is not None]
        defaults = tuple((a.arg, self.expr(d)) for a, d in pairs)
        self.frame.captured = True
        return Closure(node, self.frame.number, defaults)

    def expr_JoinedStr(self, node: ast.JoinedStr, base: str) -> Value:
        parts: list[Any] = []
        values: list[Atom] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(part.value)
            elif isinstance(part, ast.FormattedValue):
                values.append(self.value_atom(part.value))
                spec = (
                    "" if part.format_spec is None else ast.unparse(part.format_spec)[2:-1]
                )
                parts.append((part.conversion, spec))
        return self.at(node).emit("fstring", *values, params=tuple(parts), base=base)

    def expr_ListComp(self, node: ast.ListComp, base: str) -> Value:
        return self.comprehension(node, base)

    def expr_GeneratorExp(self, node: ast.GeneratorExp, base: str) -> Value:
        return self.comprehension(node, base)


_CLAUSES: dict[type, str] = {
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.DictComp: "a dict comprehension",
    ast.SetComp: "a set comprehension",
    ast.Await: "`await`",
    ast.Yield: "a generator",
    ast.YieldFrom: "a generator",
    ast.Starred: "a starred expression here",
    ast.Slice: "a slice here",
}


def _fold_static(op: str, a: Any, b: Any) -> Const | None:
    """Arithmetic on integers and text that is known now; floats stay as written."""
    if type(a) is int and type(b) is int:
        if op in ("add", "sub", "mul"):
            return Const({"add": a + b, "sub": a - b, "mul": a * b}[op])
        if op in ("floordiv", "mod") and b:
            return Const(a // b if op == "floordiv" else a % b)
    if isinstance(a, str) and isinstance(b, str) and op == "add":
        return Const(a + b)
    return None


def _name_of(value: Any) -> str:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return repr(value) if name is None else str(name)
