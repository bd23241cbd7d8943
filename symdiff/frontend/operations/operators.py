"""Operators, comparisons and truth."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.dtypes import compared, is_dtype
from symdiff.frontend.memory.items import Items
from symdiff.frontend.memory.values import (
    ArrayRef,
    Bound,
    Closure,
    Derived,
    DictRef,
    DictView,
    ListRef,
    Maybe,
    OneOf,
    Partial,
    Pulled,
    ObjectRef,
    Ref,
    Sequence,
    Static,
    Value,
    sure,
)  # fmt: skip
from symdiff.frontend.reading.library import is_users_object
from symdiff.ir.core import Atom, Const, kind_of, Var
from symdiff.ir.kinds import NONE, UNKNOWN, Bool, Int, NoneKind, Str, Tuple, is_number

__all__ = ["BINARY", "Operators"]

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
WHOLE = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "bitand": operator.and_, "bitor": operator.or_, "bitxor": operator.xor,
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


class Operators(Items):
    """Lowers operators on numbers, arrays, containers and objects."""

    def expr_BinOp(self, node: ast.BinOp, base: str) -> Value:
        op = BINARY[type(node.op)]
        left, right = self.expr(node.left), self.expr(node.right)
        return self.binary(op, left, right, node, base)

    def binary(self, op: str, left: Value, right: Value, node: ast.AST, base: str) -> Value:
        left, right = self.viewed(sure(left), node), self.viewed(sure(right), node)
        held = (Sequence, ListRef)
        pair = left, right
        joins = any(isinstance(v, ObjectRef) for v in pair)
        joins = joins and any(isinstance(v, held) for v in pair)
        if joins or self._has_operators(left) or self._has_operators(right):
            found = self._by_class(op, left, right, node, base)
            if found is not None:
                return found
        if op == "mod" and isinstance(left, Const) and isinstance(left.value, str):
            return self._percent(left, right, node, base)
        if isinstance(left, held) or isinstance(right, held):
            return self.sequence_arithmetic(op, left, right, node, base)
        if isinstance(left, ObjectRef) or isinstance(right, ObjectRef):
            return self.operator(op, left, right, node, base)
        if op == "bitor" and isinstance(left, DictRef) and isinstance(right, DictRef):
            return self.union(left, right, node)
        a, b = self.atom(left, node), self.atom(right, node)
        self.check_numbers(op, (a, b), node)
        if isinstance(a, Const) and isinstance(b, Const):
            folded = _fold_static(op, a.value, b.value)
            if folded is not None:
                return folded
        return self.at(node).emit(op, a, b, base=base)

    def operator(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        """An operator of which a user's object is an operand, as its class defines it."""
        result = self._by_class(op, left, right, node, base)
        if result is None:
            name = OPERATORS[op][0]
            raise Refusal(f"the class of this object does not define `{name}`", node)
        return result

    def _by_class(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value | None:
        plain, reflected = OPERATORS[op]
        for name, args in ((plain, [left, right]), (reflected, [right, left])):
            if isinstance(args[0], ObjectRef) or self._has_operators(args[0]):
                result = self.special_method(name, args, node, base)
                declined = getattr(result, "value", None) is NotImplemented
                if result is not None and not declined:
                    return result
        return None

    @staticmethod
    def _has_operators(value: Value) -> bool:
        """Whether it is a named tuple or an object outside, whose class may define some."""
        if isinstance(value, Sequence):
            return value.cls not in (None, set, slice)
        return isinstance(value, Static) and is_users_object(value.value)

    def union(self, left: DictRef, right: DictRef, node: ast.AST) -> DictRef:
        """`left | right`."""
        contents, more = self.held(left, node), self.held(right, node)
        for key, item in zip(more.keys or (), more.items, strict=True):
            contents = contents.put(key, item)
        return self.new_dict(contents.keys or (), contents.items)

    def _percent(self, text: Const, value: Value, node: ast.AST, base: str) -> Value:
        known = _constant(value)
        if known is not None:
            return Const(text.value % known.value)
        atoms = [self.atom(text, node), self.atom(value, node)]
        return self.at(node).emit("mod", *atoms, base=base)

    def sequence_arithmetic(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        left, right = self._held_tuple(left, node), self._held_tuple(right, node)
        if isinstance(left, Sequence) and isinstance(right, Sequence) and op == "add":
            return Sequence(left.items + right.items)
        if isinstance(left, ListRef) and isinstance(right, ListRef) and op == "add":
            a, b = self.contents(left, node), self.contents(right, node)
            if a is not None and b is not None:
                return self.new_list(a.items + b.items)
            if self.table(left) or self.table(right):
                made = self.copied_list(left, node)
                self.extend_list(made, right, node)
                return made
            return self.joined_list(left, right, node, base)
        if op == "mul":
            held, count = (
                (left, right) if isinstance(left, (Sequence, ListRef)) else (right, left)
            )
            if not isinstance(count, (ArrayRef, Sequence, ListRef)):
                return self.repeated(held, self.atom(count, node), node, base)
        if isinstance(left, ArrayRef) or isinstance(right, ArrayRef):
            left, right = (
                self.library("numpy.array", [v], {}, node, "t")
                if isinstance(v, (Sequence, ListRef)) or self.is_list_value(v)
                else v
                for v in (left, right)
            )
            return self.at(node).emit(
                op, self.atom(left, node), self.atom(right, node), base=base
            )
        raise Refusal("this operation on a list or tuple is not supported", node)

    def _held_tuple(self, value: Value, node: ast.AST) -> Value:
        """A tuple that a call gave, item by item."""
        if isinstance(value, Var) and isinstance(value.kind, Tuple):
            return Sequence(self.items_of(value, node))
        return value

    def joined_list(
        self, left: ListRef, right: ListRef, node: ast.AST, base: str
    ) -> ListRef:
        """`left + right` of lists of which one is held as one value."""
        atoms = [self.list_atom(v, node) for v in (left, right)]
        made = self.own_list(self.at(node).build.define("list.concat", *atoms, base=base))
        if self.may_share(left.buffer, right.buffer):
            self.doubled.add(made.buffer)
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
                few = len(items) * count.value <= self.longest
                if isinstance(held, Sequence):
                    return Sequence(items * count.value)
                if few or not all(is_number(self.kind(v)) for v in items):
                    return self.new_list(items * count.value)
        if isinstance(held, Sequence):
            raise Refusal("a tuple whose length is not known", node, "use a list")
        assert isinstance(held, ListRef)
        if items == ():
            return self.new_list(())
        made = self.copied_list(held, node)
        self.materialise(made, node)
        table = self.made_columns(made, lambda col: self.repeated(col, count, node, base))
        if table is not None:
            self._double(table.buffer)
            return table
        atom = self.list_atom(held, node)
        made = self.own_list(
            self.at(node).build.define("list.repeat", atom, count, base=base)
        )
        self.share_items(held, made, node)
        self.doubled.add(made.buffer)
        return made

    def expr_UnaryOp(self, node: ast.UnaryOp, base: str) -> Value:
        op = UNARY[type(node.op)]
        return self.unary(op, self.expr(node.operand), node, base)

    def unary(self, op: str, value: Value, node: ast.AST, base: str) -> Value:
        if op == "not":
            return self.negated(value, node, base)
        if isinstance(value, ObjectRef) or self._has_operators(value):
            name = {"neg": "__neg__", "pos": "__pos__", "invert": "__invert__"}[op]
            result = self.special_method(name, [value], node, base)
            if result is None:
                raise Refusal(f"the class of this object does not define `{name}`", node)
            return result
        atom = self.atom(value, node)
        if isinstance(atom, Const) and op == "neg" and is_number(kind_of(atom)):
            return Const(-atom.value)
        self.check_numbers(op, (atom,), node)
        return self.at(node).emit(op, atom, base=base)

    def negated(self, value: Value, node: ast.AST, base: str) -> Value:
        known = self.truth(value)
        if known is not None:
            return Const(not known)
        return self.at(node).emit("not", self.condition(value, node), base=base)

    def truth(self, value: Value) -> bool | None:
        """Whether the value is true, where that is known before the program runs."""
        value = self.viewed(value, None)
        if isinstance(value, Const):
            return bool(value.value)
        if isinstance(value, Var):
            kind = kind_of(value)
            if kind == NONE:
                return False
            if isinstance(kind, Int) and isinstance(kind.extent, int):
                return bool(kind.extent)
            if self.state.get(("filled", value)) == Const(True):
                return True  # a text that is not empty
        if isinstance(value, Sequence):
            return bool(value.items)
        if isinstance(value, (ListRef, DictRef)):
            contents = self.contents(value, None)
            return None if contents is None else bool(contents.items)
        if isinstance(value, ObjectRef):
            cls = self.outline(value, None).cls
            if isinstance(self.as_items(value, None), (DictRef, ListRef)):
                if not hasattr(cls, "__bool__"):
                    return self.truth(self.as_items(value, None))
            asked = any(hasattr(cls, name) for name in ("__bool__", "__len__"))
            return None if asked else True
        if isinstance(value, Static):
            return True if callable(value.value) else bool(value.value)
        if isinstance(value, OneOf):
            known = {self.truth(each) for each in value.values}
            return known.pop() if len(known) == 1 else None
        return True if isinstance(value, (Closure, Bound)) else None

    def condition(self, value: Value, node: ast.AST) -> Atom:
        """What a branch asks about a value whose truth is not known now."""
        if isinstance(value, Maybe):
            inner, known = value.value, self.truth(value.value)
            if known:
                return self.at(node).build.define("not", value.none)
            asked = self.branch_values(
                value.none,
                node,
                lambda: Const(False),
                lambda: self.condition(inner, node) if known is None else Const(False),
                "t",
            )
            return self.atom(asked, node)
        if isinstance(value, ListRef):
            return self.at(node).build.define("gt", self.length(value, node), Const(0))
        if isinstance(value, ObjectRef):
            for name in ("__bool__", "__len__"):
                result = self.special_method(name, [value], node, "t")
                if result is not None:
                    return self.atom(result, node)
        return self.atom(value, node)

    def expr_BoolOp(self, node: ast.BoolOp, base: str) -> Value:
        return self._bool_op(node.values, node, base, self.expr)

    def tested(self, node: ast.expr) -> Value:
        """What a test asks: of what is joined by `and` and `or` no more than whether it
        is true."""
        if isinstance(node, ast.BoolOp):
            return self._bool_op(node.values, node, "t", self._asked)
        return self.expr(node)

    def _asked(self, node: ast.expr) -> Value:
        value = self.tested(node)
        if not isinstance(value, (Maybe, ListRef, ObjectRef)):
            return value
        known = self.truth(value)
        return self.condition(value, node) if known is None else Const(known)

    def _bool_op(
        self,
        values: list[ast.expr],
        node: ast.BoolOp,
        base: str,
        ask: Callable[[ast.expr], Value],
    ) -> Value:
        is_and = isinstance(node.op, ast.And)
        first = ask(values[0])
        if len(values) == 1:
            return first
        known = self.truth(first)
        if known is not None:
            if known != is_and:
                return first
            return self._bool_op(values[1:], node, base, ask)
        cond = self.condition(first, values[0])
        others: list[Value] = []

        def rest() -> Value:
            others.append(self._bool_op(values[1:], node, base, ask))
            return others[0]

        def stop() -> Value:
            joined = any(
                isinstance(v, (Var, Const)) and isinstance(kind_of(v), Bool) for v in others
            )
            truth = first == cond or joined or _asks(values[-1])
            bool_like = truth and isinstance(kind_of(cond), Bool)
            return Const(not is_and) if bool_like else first

        then, orelse = (rest, stop) if is_and else (stop, rest)
        value = self.branch_values(cond, node, then, orelse, base)
        if first != cond and isinstance(value, Var):
            self.questions.add(value)
        return value

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
        if isinstance(left, Maybe) or isinstance(right, Maybe):
            if op in ("isnot", "ne"):
                plain = "is" if op == "isnot" else "eq"
                same = self.compare(plain, left, right, node, base)
                return self.negated(same, node, base)
            if op in ("is", "eq"):
                return self._same_if_any(op, left, right, node, base)
        left, right = sure(left), sure(right)
        if op not in ("in", "notin") and isinstance(left, DictView):
            raise Refusal("views of dicts are not compared", node, "compare sorted lists")
        right = self.taken_from(right, node)
        if op in ("is", "isnot", "eq", "ne") and self.questions.intersection(
            value for value in (left, right) if isinstance(value, Var)
        ):
            raise Refusal(self.UNTOLD, node, "ask whether it is true")
        known = self._known_comparison(op, left, right, node)
        if known is not None:
            return Const(known)
        if op in ("is", "isnot", "eq", "ne"):
            one = self.same_row(op, left, right, node)
            if one is not None:
                return one if op in ("is", "eq") else self.negated(one, node, base)
        if isinstance(left, ObjectRef) or isinstance(right, ObjectRef):
            return self._compared_objects(op, left, right, node, base)
        left, right = self.chosen_in_run(left), self.chosen_in_run(right)
        return self.at(node).emit(
            op, self.atom(left, node), self.atom(right, node), base=base
        )

    def _same_if_any(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        """Whether two values are the same or equal, of which one may be None."""
        first = left if isinstance(left, Maybe) else right
        assert isinstance(first, Maybe)
        other = right if first is left else left
        if other == Const(None):
            return first.none
        both = (first.value, other) if first is left else (other, first.value)
        return self.branch_values(
            first.none,
            node,
            lambda: self.compare("is", other, Const(None), node, base),
            lambda: self.compare(op, *both, node, base),
            base,
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
            if op in ("eq", "ne"):
                plain = "is" if op == "eq" else "isnot"
                return self.compare(plain, left, right, node, base)
        elif op in ("is", "isnot"):
            message = "whether these are one object depends on the run"
            raise Refusal(message, node, "number the objects, and compare the numbers")
        raise Refusal("objects of this class are not compared", node)

    def _known_comparison(
        self, op: str, left: Value, right: Value, node: ast.AST
    ) -> bool | None:
        if op in ("is", "isnot"):
            same = self._same_object(left, right)
            return same if same is None or op == "is" else not same
        if is_dtype(getattr(left, "value", None)) or is_dtype(
            getattr(right, "value", None)
        ):
            return self._dtype_comparison(op, left, right, node)
        if isinstance(left, Static) and isinstance(right, Static) and op in ("eq", "ne"):
            return (left.value == right.value) is (op == "eq")
        one, other = _constant(left), _constant(right)
        if one is not None and other is not None and op in FOLDED:
            try:
                return bool(FOLDED[op](one.value, other.value))
            except TypeError:
                return None
        if not isinstance(left, Const):
            return None
        if op in ("in", "notin") and isinstance(right, Const):
            if isinstance(left.value, str) and isinstance(right.value, str):
                return (left.value in right.value) is (op == "in")
        if op in ("in", "notin"):
            values = self._known_members(right, node)
            if values is not None:
                return (left.value in values) is (op == "in")
        return None

    def _dtype_comparison(self, op: str, left: Value, right: Value, node: ast.AST) -> bool:
        """A dtype has no value in the code: it is compared now, or not at all."""
        items = self.known_items(right, node) if isinstance(right, ListRef) else None
        known = compared(op, left, right if items is None else Sequence(tuple(items)))
        if known is None:
            raise Refusal("how this dtype compares is not known before the run", node)
        return known

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
            if left.value != right.value:
                return False
        if isinstance(left, Static) and isinstance(right, Static):
            return left.value is right.value
        if isinstance(left, Ref) and isinstance(right, Ref):
            left, right = self.resolved(left), self.resolved(right)
            if left == right:
                return True
            if not self.known_apart(left.buffer, right.buffer):
                return None
            self.note_compared(left)
            self.note_compared(right)
            return False
        for value, other in ((left, right), (right, left)):
            if isinstance(other, Const) and isinstance(value, _FUNCTIONS):
                return False
            if isinstance(other, Static) and self._is_no_object(value, other.value):
                return False
            if isinstance(other, Const) and other.value is None:
                if self.kind(value) == NONE:
                    return True
                if self.may_be_none(value):
                    return None
                if isinstance(value, (Ref, Sequence, Static)):
                    return False
                kind = self.kind(value)
                if kind != UNKNOWN:
                    return False
        return None

    def _is_no_object(self, value: Value, found: object) -> bool:
        """Whether a value is surely not an object that was found outside."""
        if isinstance(value, (Closure, ArrayRef, Sequence)):
            return True
        if isinstance(value, Ref):
            return type(found) is object
        if not isinstance(value, (Var, Const)) or self.may_be_none(value):
            return False
        return is_number(self.kind(value)) or isinstance(self.kind(value), (Str, NoneKind))


def _asks(node: ast.expr) -> bool:
    """Whether an expression is a question by its form."""
    return isinstance(node, ast.Compare) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


# Values that are called, which no constant is.
_FUNCTIONS = (Bound, Closure, Derived, Partial, Pulled)


def _fold_static(op: str, a: Any, b: Any) -> Const | None:
    """Arithmetic on integers and text that is known now; floats stay as written."""
    if type(a) is int and type(b) is int:
        if op in WHOLE:
            return Const(WHOLE[op](a, b))
        if op in ("floordiv", "mod") and b:
            return Const(a // b if op == "floordiv" else a % b)
        if op in ("lshift", "rshift") and 0 <= b < 64:
            return Const(a << b if op == "lshift" else a >> b)
    if isinstance(a, str) and isinstance(b, str) and op == "add":
        return Const(a + b)
    return None


def _constant(value: Value) -> Const | None:
    """A number, or a tuple of numbers, that is known."""
    if not isinstance(value, Sequence) or value.cls is not None:
        return value if isinstance(value, Const) else None
    items = [_constant(item) for item in value.items]
    known = [item.value for item in items if item is not None]
    return Const(tuple(known)) if len(known) == len(items) else None
