"""Members of enumerations, functions, and objects of different classes, of which the run
decides which one a name stands for."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import Bound, Maybe, OneOf, Static, Value, sure
from symdiff.frontend.operations.places import Place
from symdiff.frontend.standard.lookups import Lookups
from symdiff.ir.core import Atom, Const, Var
from symdiff.ir.kinds import Member

__all__ = ["Members"]

Asked = Callable[[Value], Value]


class Members(Lookups):
    """Asks which one it is, and goes on with that one."""

    # -- what is asked of one of several ------------------------------------------------

    def attribute(self, owner: Value, name: str, node: ast.AST, base: str) -> Value:
        members = self._members(owner)
        if members is None:
            return super().attribute(owner, name, node, base)
        if all(self._is_method(member, name) for member in members):
            return Bound(sure(owner), name)
        lookup = super().attribute
        return self._by_member(owner, lambda m: lookup(m, name, node, base), node, base)

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

        self._by_member(owner, put, node, "t")

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        if self._members(callee) is None:
            return super().apply(callee, positional, keywords, node, base)
        ask = super().apply
        return self._by_member(
            callee, lambda m: ask(m, positional, keywords, node, base), node, base
        )

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

        return self._by_member(bound.owner, called, node, base)

    def binary(self, op: str, left: Value, right: Value, node: ast.AST, base: str) -> Value:
        left, right = sure(left), sure(right)
        if isinstance(left, OneOf):
            return self._by_member(
                left, lambda m: self.binary(op, m, right, node, base), node, base
            )
        if isinstance(right, OneOf):
            return self._by_member(
                right, lambda m: self.binary(op, left, m, node, base), node, base
            )
        return super().binary(op, left, right, node, base)

    def unary(self, op: str, value: Value, node: ast.AST, base: str) -> Value:
        if op == "not" or not isinstance(sure(value), OneOf):
            return super().unary(op, value, node, base)
        return self._by_member(value, lambda m: self.unary(op, m, node, base), node, base)

    def compare(
        self, op: str, left: Value, right: Value, node: ast.AST, base: str
    ) -> Value:
        if not isinstance(left, Maybe) and not isinstance(right, Maybe):
            if isinstance(left, OneOf):
                members = self._members(left) or []
                known = [self._known_comparison(op, m, right, node) for m in members]
                if None not in known:
                    return self._answer(left, list(map(Const, known)), node, base)
                return self._by_member(
                    left, lambda m: self.compare(op, m, right, node, base), node, base
                )
            if isinstance(right, OneOf):
                return self._by_member(
                    right, lambda m: self.compare(op, left, m, node, base), node, base
                )
        return super().compare(op, left, right, node, base)

    def item(self, owner: Value, node: ast.Subscript, base: str) -> Value:
        if not isinstance(sure(owner), OneOf):
            return super().item(owner, node, base)
        return self._by_member(owner, lambda m: self.item(m, node, base), node, base)

    def _item_place(self, owner: Value, target: ast.Subscript) -> Place:
        if not isinstance(owner, OneOf):
            return super()._item_place(owner, target)

        def write(value: Value) -> None:
            def put(member: Value) -> Value:
                self._item_place(member, target)[1](value)
                return Const(None)

            self._by_member(owner, put, target, "t")

        return lambda base: self.item(owner, target, base), write

    def call_builtins_isinstance(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if not isinstance(args[0], OneOf):
            return super().call_builtins_isinstance(args, kw, node, base)
        one = args[0]
        ask = super().call_builtins_isinstance
        answers = [ask([m, *args[1:]], kw, node, base) for m in self._members(one) or ()]
        return self._answer(one, answers, node, base)

    def call_builtins_type(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if not isinstance(args[0], OneOf):
            return super().call_builtins_type(args, kw, node, base)
        one, ask = args[0], super().call_builtins_type
        classes = tuple(ask([m], kw, node, base) for m in one.values)
        if all(each not in classes[:k] for k, each in enumerate(classes)):
            return OneOf(classes, one.at)
        return self._by_member(one, lambda m: ask([m], kw, node, base), node, base)

    def copied(self, value: Value, node: ast.AST, base: str, deep: bool) -> Value:
        if not isinstance(value, OneOf):
            return super().copied(value, node, base, deep)
        one = value
        return self.copied_apart(
            one, lambda copied: self._by_member(one, copied, node, base), node, deep
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

    def _answer(self, one: OneOf, answers: list[Value], node: ast.AST, base: str) -> Value:
        """What is known of each member, as a question which one it is."""
        if answers.count(answers[0]) == len(answers):
            return answers[0]
        members = self._members(one) or []
        if answers.count(Const(True)) == 1:
            return self._is_member(one, members[answers.index(Const(True))], node)
        if answers.count(Const(False)) == 1:
            other = self._is_member(one, members[answers.index(Const(False))], node)
            return self.at(node).build.define("not", other)
        known = dict(zip(map(id, members), answers, strict=True))
        return self._by_member(one, lambda m: known[id(m)], node, base)

    def assume(self, cond: Atom, holds: bool) -> None:
        super().assume(cond, holds)
        made = self.build.definitions.get(cond) if isinstance(cond, Var) else None
        if made is not None and made.op == "eq" and isinstance(made.args[1], Const):
            self.state.set(_fact(*made.args), Const(holds))

    def _by_member(self, owner: Value, ask: Asked, node: ast.AST, base: str) -> Value:
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


def _fact(at: Atom, number: Atom | int) -> tuple[object, ...]:
    return ("known", at, number.value if isinstance(number, Const) else number)
