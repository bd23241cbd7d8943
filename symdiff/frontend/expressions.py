"""Expressions: one method per `ast` node, each giving a `Value`."""

from __future__ import annotations

import ast
import enum
import functools
import math
import operator
import types
from typing import Any

from symdiff.frontend.context import Frame, Refusal, Unreached
from symdiff.frontend.library import is_users_object, wrapped_in
from symdiff.frontend.heap import LONGEST_WRITTEN_OUT, Heap
from symdiff.frontend.state import Key
from symdiff.frontend.values import (
    MISSING, ArrayRef, Backwards, Bound, Closure, DictRef, Enumerated, ListRef, Mapped,
    Maybe,
    ObjectRef, Partial, Poison, Ranged, Ref, Sequence, Static, Super, Value, ViewStep,
    Zipped,
)  # fmt: skip
from symdiff.ir.core import Atom, Const, Global, Index, Var, kind_of
from symdiff.ir.kinds import (
    NONE, UNKNOWN, Array, Bool, Int, Kind, List, Tuple, is_number,
)  # fmt: skip
from symdiff.signature import is_structured, kind_of_value

__all__ = ["BINARY", "Expressions", "sure"]

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
OPERATORS = {
    op: (f"__{name}__", f"__r{name}__")
    for op, name in {
        "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "mod": "mod",
        "floordiv": "floordiv", "pow": "pow", "matmul": "matmul", "bitand": "and",
        "bitor": "or", "bitxor": "xor", "lshift": "lshift", "rshift": "rshift",
    }.items()
}  # fmt: skip
COMPARISONS = {
    "lt": ("__lt__", "__gt__"), "gt": ("__gt__", "__lt__"), "le": ("__le__", "__ge__"),
    "ge": ("__ge__", "__le__"), "eq": ("__eq__", "__eq__"), "ne": ("__ne__", "__ne__"),
}  # fmt: skip
# Attributes of arrays that are views of them.
VIEW_ATTRIBUTES = {"T": "numpy.transpose"}


class Expressions(Heap):
    """Lowers expressions. `base` names the value that an expression computes."""

    # Given by the parts above this one.
    def call(self, node: ast.Call, base: str) -> Value:
        raise NotImplementedError

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: Any,
        base: str,
    ) -> Value:
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

    def share_items(self, source: ListRef, target: ListRef, node: ast.AST) -> None:
        raise NotImplementedError

    def object_attribute(
        self, owner: ObjectRef, name: str, node: ast.AST, base: str
    ) -> Value:
        raise NotImplementedError

    def super_attribute(self, owner: Super, name: str, node: ast.AST) -> Value:
        raise NotImplementedError

    def field(self, owner: Sequence, name: str, node: ast.AST, base: str) -> Value:
        raise NotImplementedError

    def instance_attribute(
        self, owner: Static, name: str, node: ast.AST, base: str
    ) -> Value:
        raise NotImplementedError

    def special_method(
        self,
        name: str,
        args: list[Value],
        node: ast.AST,
        base: str,
        keywords: dict[str, Value] | None = None,
    ) -> Value | None:
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
        return self.look_up_outside(name, frame, node)

    def note_pending(self, key: tuple[object, ...]) -> None:
        """A name read before it has a value: a loop may bring one from its last round."""

    def look_up_outside(self, name: str, frame: Frame, node: ast.AST) -> Value:
        """A name that no frame assigns: closed over, global, or built in."""
        function = frame.function
        code = function.__code__
        if name in code.co_freevars:
            cell = (function.__closure__ or ())[code.co_freevars.index(name)]
            try:
                value = cell.cell_contents
            except ValueError:
                raise Refusal(f"`{name}` is not assigned yet", node) from None
            return self.lift(value, self.place_in(frame, "closure", name), node)
        if name in function.__globals__:
            place = ("global", function.__globals__.get("__name__", ""), name)
            return self.lift(function.__globals__[name], place, node)
        builtins = function.__globals__.get("__builtins__", {})
        table = builtins if isinstance(builtins, dict) else vars(builtins)
        if name in table:
            return Static(table[name], ("builtin", name))
        raise Refusal(f"name `{name}` is not defined", node)

    def place_in(self, frame: Frame, form: str, name: str) -> tuple[str, ...]:
        """The place of what a function closes over, or of a default. Two functions may
        be made by the same text, so it begins with the place of the function."""
        function = frame.function
        if frame.path:
            return (f"{form} of", *frame.path, function.__qualname__, name)
        return (form, function.__module__, function.__qualname__, name)

    def lift(self, value: Any, path: tuple[str, ...], node: ast.AST) -> Value:
        """The value of a Python object that the function reads from outside."""
        if value is None or isinstance(value, (bool, str)):
            return Const(value)
        if isinstance(value, types.ModuleType):
            self.modules.setdefault(value.__name__, path[-1])
            return Static(value, path)
        if isinstance(value, types.MethodType):
            owner, name = path[:-1], path[-1]
            function = Static(value.__func__, (*owner, f"{name}.__func__"))
            return Partial(
                function, (Static(value.__self__, (*owner, f"{name}.__self__")),)
            )
        part = wrapped_in(value)
        if part is not None:
            return self.lift(getattr(value, part), _attribute_of(path, part), node)
        if isinstance(value, functools.partial):
            return self._partial(value, path, node)
        if callable(value) or isinstance(value, (type, enum.Enum)):
            return Static(value, path)
        if is_users_object(value):
            return Static(value, path)
        if isinstance(value, (list, tuple, dict)) and is_structured(value):
            return self._lift_container(value, path, node)
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

    def _lift_container(self, value: Any, path: tuple[str, ...], node: ast.AST) -> Value:
        """A list, tuple or dict from outside, held item by item."""
        key: Key = ("outside", path)
        known = self.state.get(key)
        if known is not MISSING:
            return known
        keys = tuple(value) if isinstance(value, dict) else tuple(range(len(value)))
        items = tuple(
            Const(value[k])
            if type(value[k]) in (int, float, complex)
            else self.lift(value[k], (*path[:-1], f"{path[-1]}[{k!r}]"), node)
            for k in keys
        )
        made: Value
        if isinstance(value, tuple):
            cls = type(value)
            made = Sequence(items, None if cls is tuple else cls)
        else:
            is_dict = isinstance(value, dict)
            made = self.new_dict(keys, items) if is_dict else self.new_list(items)
            self.readonly[made.buffer] = f"`{path[-1]}`"
        self.state.set(key, made)
        return made

    def _partial(
        self, value: functools.partial[Any], path: tuple[str, ...], node: ast.AST
    ) -> Partial:
        """`functools.partial`: the function and arguments that it holds."""
        function = self.lift(value.func, _attribute_of(path, "func"), node)
        args = tuple(
            self.lift(argument, _attribute_of(path, f"args[{k}]"), node)
            for k, argument in enumerate(value.args)
        )
        keywords = tuple(
            (name, self.lift(argument, _attribute_of(path, f"keywords[{name!r}]"), node))
            for name, argument in value.keywords.items()
        )
        return Partial(function, args, keywords)

    # -- operators --------------------------------------------------------------------

    def expr_BinOp(self, node: ast.BinOp, base: str) -> Value:
        op = BINARY[type(node.op)]
        left, right = self.expr(node.left), self.expr(node.right)
        return self.binary(op, left, right, node, base)

    def binary(self, op: str, left: Value, right: Value, node: ast.AST, base: str) -> Value:
        left, right = sure(left), sure(right)
        held = (Sequence, ListRef)
        if isinstance(left, held) or isinstance(right, held):
            return self.sequence_arithmetic(op, left, right, node, base)
        if isinstance(left, ObjectRef) or isinstance(right, ObjectRef):
            return self.operator(op, left, right, node, base)
        if op == "bitor" and isinstance(left, DictRef) and isinstance(right, DictRef):
            return self.union(left, right, node)
        if op == "mod" and isinstance(left, Const) and isinstance(left.value, str):
            return self._percent(left, right, node, base)
        a, b = self.atom(left, node), self.atom(right, node)
        if isinstance(a, Const) and isinstance(b, Const):
            folded = _fold_static(op, a.value, b.value)
            if folded is not None:
                return folded
        return self.at(node).emit(op, a, b, base=base)

    def operator(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        """An operator of which a user's object is an operand, as its class defines it."""
        plain, reflected = OPERATORS[op]
        for name, args in ((plain, [left, right]), (reflected, [right, left])):
            if isinstance(args[0], ObjectRef):
                result = self.special_method(name, args, node, base)
                if result is not None and result != Const(NotImplemented):
                    return result
        raise Refusal(f"the class of this object does not define `{plain}`", node)

    def union(self, left: DictRef, right: DictRef, node: ast.AST) -> DictRef:
        """`left | right`."""
        contents, more = self.held(left, node), self.held(right, node)
        for key, item in zip(more.keys or (), more.items, strict=True):
            contents = contents.put(key, item)
        return self.new_dict(contents.keys or (), contents.items)

    def _percent(self, text: Const, value: Value, node: ast.AST, base: str) -> Value:
        atoms = [self.atom(text, node), self.atom(value, node)]
        return self.at(node).emit("mod", *atoms, base=base)

    def sequence_arithmetic(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if isinstance(left, Sequence) and isinstance(right, Sequence) and op == "add":
            return Sequence(left.items + right.items)
        if isinstance(left, ListRef) and isinstance(right, ListRef) and op == "add":
            a, b = self.contents(left, node), self.contents(right, node)
            if a is not None and b is not None:
                return self.new_list(a.items + b.items)
            return self.joined_list(left, right, node, base)
        if op == "mul":
            held, count = (
                (left, right) if isinstance(left, (Sequence, ListRef)) else (right, left)
            )
            if not isinstance(count, (ArrayRef, Sequence, ListRef)):
                return self.repeated(held, self.atom(count, node), node, base)
        if isinstance(left, ArrayRef) or isinstance(right, ArrayRef):
            return self.at(node).emit(
                op, self.atom(left, node), self.atom(right, node), base=base
            )
        raise Refusal("this operation on a list or tuple is not supported", node)

    def joined_list(
        self, left: ListRef, right: ListRef, node: ast.AST, base: str
    ) -> ListRef:
        """`left + right` of lists of which one is held as one value."""
        atoms = [self.list_atom(v, node) for v in (left, right)]
        made = self.own_list(self.at(node).build.define("list.concat", *atoms, base=base))
        for part in (left, right):
            self.share_items(part, made, node)
        return made

    def repeated(self, held: Value, count: Atom, node: ast.AST, base: str) -> Value:
        """`held * count` of a list or tuple."""
        items = held.items if isinstance(held, Sequence) else None
        if isinstance(held, ListRef):
            contents = self.contents(held, node)
            items = None if contents is None else contents.items
        if items is not None:
            if isinstance(count, Const) and isinstance(count.value, int):
                few = len(items) * count.value <= LONGEST_WRITTEN_OUT
                if isinstance(held, Sequence):
                    return Sequence(items * count.value)
                if few or not all(is_number(self.kind(v)) for v in items):
                    return self.new_list(items * count.value)
        if isinstance(held, Sequence):
            raise Refusal("a tuple whose length is not known", node, "use a list")
        assert isinstance(held, ListRef)
        if items == ():
            return self.new_list(())
        atom = self.list_atom(held, node)
        made = self.own_list(
            self.at(node).build.define("list.repeat", atom, count, base=base)
        )
        self.share_items(held, made, node)
        self.doubled.add(made.buffer)
        return made

    def at(self, node: ast.AST) -> Expressions:
        """Self, with the builder's span set to a node."""
        self.build.span = self.span(node)
        return self

    def expr_UnaryOp(self, node: ast.UnaryOp, base: str) -> Value:
        op = UNARY[type(node.op)]
        return self.unary(op, self.expr(node.operand), node, base)

    def unary(self, op: str, value: Value, node: ast.AST, base: str) -> Value:
        if op == "not":
            return self.negated(value, node, base)
        if isinstance(value, ObjectRef):
            name = {"neg": "__neg__", "pos": "__pos__", "invert": "__invert__"}[op]
            result = self.special_method(name, [value], node, base)
            if result is None:
                raise Refusal(f"the class of this object does not define `{name}`", node)
            return result
        atom = self.atom(value, node)
        if isinstance(atom, Const) and op == "neg" and is_number(kind_of(atom)):
            return Const(-atom.value)
        return self.at(node).emit(op, atom, base=base)

    def negated(self, value: Value, node: ast.AST, base: str) -> Value:
        known = self.truth(value)
        if known is not None:
            return Const(not known)
        return self.at(node).emit("not", self.condition(value, node), base=base)

    def truth(self, value: Value) -> bool | None:
        """Whether the value is true, where that is known before the program runs."""
        if isinstance(value, Const):
            return bool(value.value)
        if isinstance(value, Sequence):
            return bool(value.items)
        if isinstance(value, (ListRef, DictRef)):
            contents = self.contents(value, None)
            return None if contents is None else bool(contents.items)
        if isinstance(value, ObjectRef):
            cls = self.held(value, None).cls
            asked = any(hasattr(cls, name) for name in ("__bool__", "__len__"))
            return None if asked else True
        if isinstance(value, Static):
            return True if callable(value.value) else bool(value.value)
        return True if isinstance(value, (Closure, Bound)) else None

    def condition(self, value: Value, node: ast.AST) -> Atom:
        """What a branch asks about a value whose truth is not known now."""
        if isinstance(value, Maybe):
            if self.truth(value.value) is not True:
                raise Refusal("whether this is true is not known", node, "ask `is None`")
            return self.at(node).build.define("not", value.none)
        if isinstance(value, ListRef):
            return self.at(node).build.define("gt", self.length(value, node), Const(0))
        if isinstance(value, ObjectRef):
            for name in ("__bool__", "__len__"):
                result = self.special_method(name, [value], node, "t")
                if result is not None:
                    return self.atom(result, node)
        return self.atom(value, node)

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
        cond = self.condition(first, values[0])

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
        if op in ("is", "isnot") and isinstance(left, Maybe) and right == Const(None):
            return left.none if op == "is" else self.negated(left.none, node, base)
        left, right = sure(left), sure(right)
        known = self._known_comparison(op, left, right, node)
        if known is not None:
            return Const(known)
        if isinstance(left, ObjectRef) or isinstance(right, ObjectRef):
            return self._compared_objects(op, left, right, node, base)
        return self.at(node).emit(
            op, self.atom(left, node), self.atom(right, node), base=base
        )

    def _compared_objects(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if op in ("in", "notin"):
            found = self.special_method("__contains__", [right, left], node, base)
            if found is not None:
                return found if op == "in" else self.negated(found, node, base)
        elif op in COMPARISONS:
            plain, reflected = COMPARISONS[op]
            for name, args in ((plain, [left, right]), (reflected, [right, left])):
                if isinstance(args[0], ObjectRef):
                    result = self.special_method(name, args, node, base)
                    if result is not None:
                        return result
        raise Refusal("objects of this class are not compared", node)

    def _known_comparison(
        self, op: str, left: Value, right: Value, node: ast.AST
    ) -> bool | None:
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
        if op in ("in", "notin") and isinstance(right, Const):
            if isinstance(left.value, str) and isinstance(right.value, str):
                return (left.value in right.value) is (op == "in")
        if op in ("in", "notin"):
            values = self._known_members(right, node)
            if values is not None:
                return (left.value in values) is (op == "in")
        return None

    def _known_members(self, value: Value, node: ast.AST) -> list[Any] | None:
        """The members of a container, if all are known now."""
        if isinstance(value, DictRef):
            return list(self.held(value, node).keys or ())
        if isinstance(value, Const) and isinstance(value.value, str):
            return None
        in_set = isinstance(value, Sequence) and value.cls is set
        items = value.items if in_set else self.known_items(value, node)  # type: ignore[union-attr]
        if items is None or not all(isinstance(item, Const) for item in items):
            return None
        return [item.value for item in items if isinstance(item, Const)]

    def _same_object(self, left: Value, right: Value) -> bool | None:
        if isinstance(left, Const) and isinstance(right, Const):
            if left.value is None or right.value is None or isinstance(left.value, bool):
                return left == right
        if isinstance(left, Static) and isinstance(right, Static):
            return left.value is right.value
        if isinstance(left, Ref) and isinstance(right, Ref) and not left.path:
            if not self.may_share(left.buffer, right.buffer):
                return False
            return True if left == right else None
        for value, other in ((left, right), (right, left)):
            if isinstance(other, Const) and other.value is None:
                if self.kind(value) == NONE:
                    return True
                if self.may_be_none(value):
                    return None
                if isinstance(value, (Ref, Sequence, Closure, Static, Bound)):
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
            self.condition(test, node.test),
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
        made = self.new_list(self._items(node.elts))
        self.list_names[made.buffer] = base
        return made

    def expr_Set(self, node: ast.Set, base: str) -> Value:
        items = self._items(node.elts)
        if not all(isinstance(item, Const) for item in items):
            raise Refusal("a set of values that are not known now", node, "use a list")
        return Sequence(tuple(dict.fromkeys(items)), set)

    def expr_Dict(self, node: ast.Dict, base: str) -> Value:
        made = self.new_dict((), ())
        contents = self.held(made, node)
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                other = self.expr(value)
                if not isinstance(other, DictRef):
                    raise Refusal("what is merged into a dict here is no dict", value)
                more = self.held(other, value)
                for name, item in zip(more.keys or (), more.items, strict=True):
                    contents = contents.put(name, item)
                continue
            known = self.dict_key(self.expr(key), key)
            contents = contents.put(known, self.expr(value))
        self.state.set(made.buffer, contents)
        return made

    def dict_key(self, value: Value, node: ast.AST) -> Any:
        """The key that a value is; it must be known now."""
        if isinstance(value, Const):
            return value.value
        if isinstance(value, Static):
            return value.value
        if isinstance(value, Sequence):
            return tuple(self.dict_key(item, node) for item in value.items)
        self.want_known(value)
        raise Refusal(
            "the key of a dict is not known before the program runs",
            node,
            "use a list or an array, which can be indexed by a number",
        )

    def want_known(self, value: Value) -> None:
        """Note that a loop counter should be known: the loop may be written out."""

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
        items = self.known_items(value, node)
        if items is None and isinstance(value, ArrayRef):
            kind = self.kind(value)
            if isinstance(kind, Array) and kind.dims and isinstance(kind.dims[0], int):
                extent = kind.dims[0]
                return tuple(self.element(value, Const(k), node) for k in range(extent))
        if items is None:
            raise Refusal("the number of items is not known before the program runs", node)
        return items

    def known_items(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        """The items of what is no array, if they are known one by one."""
        value = sure(value)
        if isinstance(value, Sequence):
            if value.cls is set:
                raise Refusal("the order of a set is not defined", node, "use a tuple")
            return value.items
        if isinstance(value, ListRef):
            contents = self.contents(value, node)
            if contents is not None:
                return contents.items
        if isinstance(value, DictRef):
            return tuple(map(self.static_value, self.held(value, node).keys or ()))
        if isinstance(value, Const) and isinstance(value.value, (str, tuple)):
            return tuple(map(Const, value.value))
        if isinstance(value, Ranged):
            bounds = (value.start, value.stop, value.step)
            if not all(isinstance(b, Const) for b in bounds):
                return None
            numbers = range(*(b.value for b in bounds if isinstance(b, Const)))
            order = reversed(numbers) if value.reverse else numbers
            return tuple(map(Const, order))
        if isinstance(value, Enumerated) and isinstance(value.start, Const):
            items, first = self.known_items(value.of, node), value.start.value
            if items is None:
                return None
            return tuple(Sequence((Const(first + k), v)) for k, v in enumerate(items))
        if isinstance(value, Zipped):
            columns = [self.known_items(v, node) for v in value.of]
            lengths = [len(c) for c in columns if c is not None]
            if not lengths:
                return None
            for place, part in enumerate(value.of):
                if columns[place] is None:
                    columns[place] = self.first_items(part, min(lengths), node)
            if any(c is None for c in columns):
                return None
            rows = zip(*(c for c in columns if c is not None), strict=False)
            return tuple(map(Sequence, rows))
        if isinstance(value, Mapped):
            of = self.known_items(value.of, node)
            if of is None:
                return None
            return tuple(self.mapped(value, row, node) for row in of)
        if isinstance(value, (Var, Global, Backwards, ListRef)):
            return self._items_by_kind(value, node)
        return None

    def first_items(
        self, value: Value, count: int, node: ast.AST
    ) -> tuple[Value, ...] | None:
        """The first items of what has as many, which the program checks."""
        if not isinstance(value, ArrayRef) and not self.is_list_value(value):
            return None
        define = self.at(node).build.define
        length = self.atom(self.length_of(value, node), node)
        if isinstance(length, Const) and length.value >= count:
            return tuple(self.element(value, Const(k), node) for k in range(count))
        text = f"zip: there are {count} items beside these"
        define("assert", define("ge", length, Const(count)), Const(text))
        return tuple(self.element(value, Const(k), node) for k in range(count))

    def length_of(self, value: Value, node: ast.AST) -> Value:
        raise NotImplementedError

    def mapped(self, value: Mapped, row: Value, node: ast.AST) -> Value:
        """One item of `map(f, ...)`."""
        assert isinstance(row, Sequence)
        return self.apply(value.function, list(row.items), {}, node, "t")

    def _items_by_kind(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        if isinstance(value, Backwards):
            items = self.known_items(value.of, node)
            return None if items is None else items[::-1]
        kind = self.kind(value)
        if isinstance(kind, Tuple):
            atom = self.atom(value, node)
            return tuple(
                self.own(self.build.define("item", atom, params=k))
                for k in range(len(kind.items))
            )
        if isinstance(kind, List) and isinstance(kind.extent, int):
            places = range(kind.extent)
            return tuple(self.element(value, Const(k), node) for k in places)
        return None

    def static_value(self, value: Any) -> Value:
        """A constant as a value."""
        if isinstance(value, tuple):
            return Sequence(tuple(map(self.static_value, value)))
        if value is None or isinstance(value, (bool, int, float, complex, str)):
            return Const(value)
        return Static(value)

    def element(self, value: Value, index: Atom, node: ast.AST, base: str = "t") -> Value:
        """`value[index]` for an integer index."""
        at = Index(("at",))
        if isinstance(value, Sequence) and isinstance(index, Const):
            item: Value = value.items[index.value]
            return item
        if isinstance(value, Sequence) and not all(map(_is_plain, value.items)):
            self.want_known(index)
        if isinstance(value, ListRef):
            contents = self.contents(value, node)
            if contents is not None and isinstance(index, Const):
                if not -len(contents.items) <= index.value < len(contents.items):
                    raise Refusal("index out of range", node)
                item = contents.items[index.value]
                return item
            if contents is not None:
                if not contents.items:
                    raise Unreached("this list is empty", node)
                if not self.is_uniform(contents):
                    self.want_known(index)
                self.materialise(value, node)
            return self.at(node).list_element(value, index, node, base)
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
        owner = sure(owner)
        if isinstance(owner, Static):
            return self._static_attribute(owner, name, node, base)
        if isinstance(owner, ArrayRef):
            return self._array_attribute(owner, name, node, base)
        if isinstance(owner, ObjectRef):
            return self.object_attribute(owner, name, node, base)
        if isinstance(owner, Super):
            return self.super_attribute(owner, name, node)
        if isinstance(owner, Sequence) and owner.cls not in (None, set):
            return self.field(owner, name, node, base)
        if isinstance(owner, (ListRef, DictRef, Sequence)):
            return Bound(owner, name)
        if isinstance(owner, (Closure, Ranged)):
            raise Refusal(f"attribute `{name}` is not supported here", node)
        kind = self.kind(owner)
        if is_number(kind) and name in ("real", "imag", "shape", "ndim", "size", "T"):
            static: dict[str, Value] = {
                "shape": Sequence(()), "ndim": Const(0), "size": Const(1),
                "real": owner, "T": owner, "imag": Const(0.0),
            }  # fmt: skip
            return static[name]
        if is_number(kind) and not hasattr(float, name):
            self.raise_now(AttributeError, node)
        return Bound(owner, name)

    def _static_attribute(
        self, owner: Static, name: str, node: ast.AST, base: str
    ) -> Value:
        if is_users_object(owner.value):
            return self.instance_attribute(owner, name, node, base)
        if not hasattr(owner.value, name):
            self.raise_now(AttributeError, node)
            raise Refusal(f"`{_name_of(owner.value)}` has no attribute `{name}`", node)
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
        if all(isinstance(value, Const) for value in values):
            rest = iter(values)
            shown = [p if isinstance(p, str) else _formatted(next(rest), *p) for p in parts]
            return Const("".join(shown))
        return self.at(node).emit("fstring", *values, params=tuple(parts), base=base)

    def expr_ListComp(self, node: ast.ListComp, base: str) -> Value:
        return self.comprehension(node, base)

    def expr_DictComp(self, node: ast.DictComp, base: str) -> Value:
        return self.comprehension(node, base)

    def expr_SetComp(self, node: ast.SetComp, base: str) -> Value:
        return self.comprehension(node, base)

    def expr_GeneratorExp(self, node: ast.GeneratorExp, base: str) -> Value:
        return self.comprehension(node, base)


_CLAUSES: dict[type, str] = {
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


def _formatted(atom: Atom, conversion: int, spec: str) -> str:
    """What a field of an f-string shows of a constant."""
    assert isinstance(atom, Const)
    if conversion == -1:
        return format(atom.value, spec)
    value = atom.value
    text = {"r": repr(value), "a": ascii(value)}.get(chr(conversion), str(value))
    return format(text, spec)


def sure(value: Value) -> Value:
    """What a value is where it is not None, as its use shows."""
    return value.value if isinstance(value, Maybe) else value


def _is_plain(value: Value) -> bool:
    """Whether a value can be picked from a tuple when the program runs."""
    if isinstance(value, Sequence):
        return all(map(_is_plain, value.items))
    return isinstance(value, (Var, Const, Global))


def _name_of(value: Any) -> str:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return repr(value) if name is None else str(name)


def _attribute_of(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (*path[:-1], f"{path[-1]}.{name}")
