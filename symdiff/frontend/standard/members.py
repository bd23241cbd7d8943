"""Members of enumerations of which the run decides which one a name stands for."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import Bound, Static, Value
from symdiff.frontend.standard.lookups import Lookups
from symdiff.ir.core import Var
from symdiff.ir.kinds import Member

__all__ = ["Members"]


class Members(Lookups):
    """Asks which member it is, and goes on with that one."""

    def attribute(self, owner: Value, name: str, node: ast.AST, base: str) -> Value:
        members = self._members(owner)
        if members is None:
            return super().attribute(owner, name, node, base)
        held = inspect.getattr_static(type(members[0].value), name, None)
        if isinstance(held, types.FunctionType):
            return Bound(owner, name)
        lookup = super().attribute
        return self._by_member(
            owner, members, lambda member: lookup(member, name, node, base), node, base
        )

    def apply(
        self,
        callee: Value,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        members = self._members(callee)
        if members is None:
            return super().apply(callee, positional, keywords, node, base)
        lookup = super().apply
        return self._by_member(
            callee,
            members,
            lambda member: lookup(member, positional, keywords, node, base),
            node,
            base,
        )

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        members = self._members(bound.owner)
        if members is None:
            return super().apply_method(bound, positional, keywords, node, base)

        def called(member: Value) -> Value:
            method = self.attribute(member, bound.name, node, base)
            return self.apply(method, positional, keywords, node, base)

        return self._by_member(bound.owner, members, called, node, base)

    def _members(self, value: Value) -> list[Static] | None:
        """What a value may be, if it is some member of an enumeration."""
        if not isinstance(value, Var) or not isinstance(value.kind, Member):
            return None
        cls = self.enumerations[value.kind]
        path = self.class_paths.get(cls) or self.path_of_class(cls) or ()
        return [Static(member, path) for member in cls]

    def _by_member(
        self,
        owner: Value,
        members: list[Static],
        ask: Callable[[Value], Value],
        node: ast.AST,
        base: str,
    ) -> Value:
        if self.may_be_none(owner):
            message = "whether this is a member or None depends on the run"
            raise Refusal(message, node, "let it be a member from the beginning")
        member, *others = members
        if not others:
            return ask(member)
        return self.branch_values(
            self.atom(self.compare("is", owner, member, node, base), node),
            node,
            lambda: ask(member),
            lambda: self._by_member(owner, others, ask, node, base),
            base,
        )
