"""Members of enumerations, functions, and objects of different classes, of which the run
decides which one a name stands for."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    Bound, Maybe, ObjectRef, OneOf, Sequence, Static, Value, sure,
)  # fmt: skip
from symdiff.frontend.operations.places import Place
from symdiff.frontend.reading.library import is_users_object, operation
from symdiff.frontend.standard.lookups import Lookups
from symdiff.ir.core import Atom, Const, Var
from symdiff.ir.kinds import Member

__all__ = ["Members"]

Asked = Callable[[Value], Value]
# Functions that hand on what they get, or find out themselves which one it is.
_WHICHEVER = frozenset(
    (
        "builtins.isinstance", "builtins.hasattr", "builtins.type", "builtins.id",
        "builtins.setattr", "builtins.print", "builtins.map", "builtins.filter",
        "copy.copy", "copy.deepcopy", "functools.partial", "functools.reduce",
    )
)  # fmt: skip


class Members(Lookups):
    """Asks which one it is, and goes on with that one."""

    def __init__(self) -> None:
        super().__init__()
        # What was asked of one of several: its number, and the answer for each number.
        self.answers: dict[Atom, tuple[Atom, tuple[tuple[int, Value], ...]]] = {}

    # -- what is asked of one of several ------------------------------------------------

    def attribute(self, owner: Value, name: str, node: ast.AST, base: str) -> Value:
        members = self._members(owner)
        if members is None:
            return super().attribute(owner, name, node, base)
        one = sure(owner)
        if name == "__class__" and isinstance(one, OneOf):
            return self.classes_of(one, node, base)
        if all(self._is_method(member, name) for member in members):
            return Bound(sure(owner), name)
        lookup = super().attribute
        return self.by_member(owner, lambda m: lookup(m, name, node, base), node, base)

    def _is_method(self, member: Value, name: str) -> bool:
        cls = self.class_of(member)
        held = None if cls is None else inspect.getattr_static(cls, name, None)
        return isinstance(held, types.FunctionType)

    def set_attribute(self, owner: Value, name: str, value: Value, node: ast.AST) -> None:
        if not isinstance(owner, OneOf):
            super().set_attribute(owner, name, value, node)
            return

        def put(member: Value) -> Value:
            self.set_attribute(member, name, value, node)
            return Const(None)

        self.by_member(owner, put, node, "t")

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        ask = super().apply
        if self._members(callee) is None:
            given = (*positional, *keywords.values())
            chosen = any(isinstance(v, OneOf) and _has_objects(v) for v in given)
            if not chosen or not _asks_its_arguments(callee):
                return ask(callee, positional, keywords, node, base)
            return self._asked_of_each(
                lambda args, kw: ask(callee, args, kw, node, base),
                positional, keywords, node, base,
            )  # fmt: skip
        return self.by_member(
            callee, lambda m: ask(m, positional, keywords, node, base), node, base
        )

    def _asked_of_each(
        self,
        ask: Callable[[list[Value], dict[str, Value]], Value],
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        base: str,
    ) -> Value:
        """What a function of the library gives that gets one of several objects: what it
        gives of each."""
        names = [*range(len(positional)), *keywords]
        for name, value in zip(names, [*positional, *keywords.values()], strict=True):
            if not isinstance(value, OneOf) or not _has_objects(value):
                continue

            def given(member: Value, name: int | str = name) -> Value:
                args = [member if name == k else v for k, v in enumerate(positional)]
                kw = {k: member if name == k else v for k, v in keywords.items()}
                return self._asked_of_each(ask, args, kw, node, base)

            return self.by_member(value, given, node, base)
        return ask(positional, keywords)

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        if self._members(bound.owner) is None:
            return super().apply_method(bound, positional, keywords, node, base)

        def called(member: Value) -> Value:
            method = self.attribute(member, bound.name, node, base)
            return self.apply(method, positional, keywords, node, base)

        return self.by_member(bound.owner, called, node, base)

    def binary(self, op: str, left: Value, right: Value, node: ast.AST, base: str) -> Value:
        left, right = sure(left), sure(right)
        if isinstance(left, OneOf):
            return self.by_member(
                left, lambda m: self.binary(op, m, right, node, base), node, base
            )
        if isinstance(right, OneOf):
            return self.by_member(
                right, lambda m: self.binary(op, left, m, node, base), node, base
            )
        return super().binary(op, left, right, node, base)

    def unary(self, op: str, value: Value, node: ast.AST, base: str) -> Value:
        if op == "not" or not isinstance(sure(value), OneOf):
            return super().unary(op, value, node, base)
        return self.by_member(value, lambda m: self.unary(op, m, node, base), node, base)

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if not isinstance(left, Maybe) and not isinstance(right, Maybe):
            if isinstance(left, OneOf):
                members = self._members(left) or []
                known = [self._known_comparison(op, m, right, node) for m in members]
                if None not in known:
                    return self._answer(left, list(map(Const, known)), node)
                return self.by_member(
                    left, lambda m: self.compare(op, m, right, node, base), node, base
                )
            if isinstance(right, OneOf):
                return self.by_member(
                    right, lambda m: self.compare(op, left, m, node, base), node, base
                )
        return super().compare(op, left, right, node, base)

    def item(self, owner: Value, node: ast.Subscript, base: str) -> Value:
        if not isinstance(sure(owner), OneOf):
            return super().item(owner, node, base)
        return self.by_member(owner, lambda m: self.item(m, node, base), node, base)

    def _item_place(self, owner: Value, target: ast.Subscript) -> Place:
        if not isinstance(owner, OneOf):
            return super()._item_place(owner, target)

        def write(value: Value) -> None:
            def put(member: Value) -> Value:
                self._item_place(member, target)[1](value)
                return Const(None)

            self.by_member(owner, put, target, "t")

        return lambda base: self.item(owner, target, base), write

    def call_builtins_isinstance(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        ask = super().call_builtins_isinstance
        if not isinstance(args[0], OneOf):
            return ask(args, kw, node, base)
        return self._answered(args[0], lambda m: ask([m, *args[1:]], kw, node, base), node)

    def call_builtins_hasattr(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        ask = super().call_builtins_hasattr
        if not isinstance(args[0], OneOf):
            return ask(args, kw, node, base)
        return self._answered(args[0], lambda m: ask([m, *args[1:]], kw, node, base), node)

    def call_builtins_type(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if not isinstance(args[0], OneOf):
            return super().call_builtins_type(args, kw, node, base)
        return self.classes_of(args[0], node, base)

    def classes_of(self, one: OneOf, node: ast.AST, base: str) -> Value:
        lookup = super().attribute

        def cls(member: Value) -> Value:
            return lookup(member, "__class__", node, base)

        classes = tuple(map(cls, one.values))
        if all(each not in classes[:k] for k, each in enumerate(classes)):
            return OneOf(classes, one.at)
        return self.by_member(one, cls, node, base)

    def condition(self, value: Value, node: ast.AST) -> Atom:
        if not isinstance(value, OneOf):
            return super().condition(value, node)

        def true(member: Value) -> Value:
            known = self.truth(member)
            return self.condition(member, node) if known is None else Const(known)

        return self.atom(self.by_member(value, true, node, "t"), node)

    def items_of(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        if not isinstance(value, OneOf):
            return super().items_of(value, node)
        items = self.by_member(
            value, lambda m: Sequence(self.items_of(m, node)), node, "items"
        )
        return self.items_of(items, node)

    def for_each_member(
        self, value: Value, run: Callable[[Value], None], node: ast.AST
    ) -> None:
        """Lower statements with each of the members, whichever it is."""

        def ran(member: Value) -> Value:
            run(member)
            return Const(None)

        self.by_member(value, ran, node, "t")

    def narrowed(self, value: OneOf) -> Value:
        """What is left of it by what the path has asked for."""
        members = self._members(value)
        return members[0] if members and len(members) == 1 else value

    def copied(self, value: Value, node: ast.AST, base: str, deep: bool) -> Value:
        if not isinstance(value, OneOf):
            return super().copied(value, node, base, deep)
        one = value
        return self.copied_apart(
            one, lambda copied: self.by_member(one, copied, node, base), node, deep
        )

    # -- which one it is ----------------------------------------------------------------

    def _members(self, value: Value) -> list[Value] | None:
        """What a value may be, if it is some member of an enumeration or one of several:
        what the path has asked for already is left out."""
        value = sure(value)
        if isinstance(value, OneOf):
            facts = [self.state.get(_fact(value.at, k)) for k in range(len(value.values))]
            if Const(True) in facts:
                return [value.values[facts.index(Const(True))]]
            pairs = zip(value.values, facts, strict=True)
            return [member for member, fact in pairs if fact != Const(False)]
        if not isinstance(value, Var) or not isinstance(value.kind, Member):
            return None
        cls = self.enumerations[value.kind]
        path = self.class_paths.get(cls) or self.path_of_class(cls) or ()
        return [Static(member, path) for member in cls]

    def _is_member(self, value: Value, member: Value, node: ast.AST) -> Atom:
        """Whether it is this one."""
        if not isinstance(value, OneOf):
            return self.atom(self.compare("is", value, member, node, "t"), node)
        number = Const(value.values.index(member))
        return self.at(node).build.define("eq", value.at, number)

    def _answered(self, one: OneOf, ask: Asked, node: ast.AST) -> Value:
        """What is known of each member, as a question which one it is."""
        return self._answer(one, list(map(ask, self._members(one) or ())), node)

    def _answer(self, one: OneOf, answers: list[Value], node: ast.AST) -> Value:
        """The same, of the answer for each member."""
        if answers.count(answers[0]) == len(answers):
            return answers[0]
        members = self._members(one) or []
        if answers.count(Const(True)) == 1:
            return self._is_member(one, members[answers.index(Const(True))], node)
        if answers.count(Const(False)) == 1:
            other = self._is_member(one, members[answers.index(Const(False))], node)
            return self.at(node).build.define("not", other)
        known = dict(zip(map(id, members), answers, strict=True))
        found = self.by_member(one, lambda m: known[id(m)], node, "t")
        if isinstance(found, Var):
            numbers = [one.values.index(member) for member in members]
            self.answers[found] = (one.at, tuple(zip(numbers, answers, strict=True)))
        return found

    def assume(self, cond: Atom, holds: bool) -> None:
        super().assume(cond, holds)
        made = self.build.definitions.get(cond) if isinstance(cond, Var) else None
        if made is not None and made.op == "eq" and isinstance(made.args[1], Const):
            self.state.set(_fact(*made.args), Const(holds))
        at, answers = self.answers.get(cond, (cond, ()))
        for number, answer in answers:
            if answer == Const(not holds):
                self.state.set(_fact(at, number), Const(False))

    def by_member(self, owner: Value, ask: Asked, node: ast.AST, base: str) -> Value:
        if self.may_be_none(owner):
            message = "whether this is a member or None depends on the run"
            raise Refusal(message, node, "let it be a member from the beginning")
        owner = sure(owner)
        members = self._members(owner)
        assert members
        return self._by_one_of(owner, members, ask, node, base)

    def _by_one_of(
        self, owner: Value, members: list[Value], ask: Asked, node: ast.AST, base: str
    ) -> Value:
        member, *others = members
        if not others:
            return ask(member)
        return self.branch_values(
            self._is_member(owner, member, node),
            node,
            lambda: ask(member),
            lambda: self._by_one_of(owner, others, ask, node, base),
            base,
        )


def _has_objects(one: OneOf) -> bool:
    return any(
        isinstance(value, ObjectRef)
        or (isinstance(value, Static) and is_users_object(value.value))
        for value in one.values
    )


def _asks_its_arguments(callee: Value) -> bool:
    """Whether a function is one of a library that asks the class of what it gets."""
    op = operation(callee.value) if isinstance(callee, Static) else None
    return op is not None and op not in _WHICHEVER


def _fact(at: Atom, number: Atom | int) -> tuple[object, ...]:
    return ("known", at, number.value if isinstance(number, Const) else number)
