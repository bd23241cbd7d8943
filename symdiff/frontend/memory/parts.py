"""What the parts of the frontend ask of parts that come after them."""

from __future__ import annotations

import ast
import types
from collections.abc import Mapping
from typing import Any

from symdiff.declared import Declared
from symdiff.frontend.memory.context import Frame
from symdiff.frontend.memory.values import (
    ArrayRef,
    Bound,
    Derived,
    DictRef,
    Generator,
    ListRef,
    ObjectRef,
    Pulled,
    Sequence,
    Static,
    Super,
    Value,
)  # fmt: skip
from symdiff.frontend.memory.views import Views
from symdiff.ir.core import Atom, Index, Tree
from symdiff.ir.kinds import Kind

__all__ = ["Parts"]


class Parts(Views):
    """The frontend is one class in parts, each built on the one before; these are given
    by a later part."""

    def expr(self, node: ast.expr, base: str = "t") -> Value:
        raise NotImplementedError

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

    def operate(
        self,
        callee: Static,
        name: str,
        positional: list[Value],
        keywords: Any,
        node: Any,
        base: str,
    ) -> Value:
        raise NotImplementedError

    def derived(self, value: Static, node: ast.AST) -> Derived:
        raise NotImplementedError

    def derivative(
        self,
        derived: Derived,
        positional: list[Value],
        keywords: Any,
        node: Any,
        base: str,
    ) -> Value:
        raise NotImplementedError

    def run_again(
        self, callee: Value, positional: list[Value], keywords: Any, node: Any
    ) -> Value:
        raise NotImplementedError

    def pull(self, pulled: Pulled, bar: Value, node: Any, base: str) -> Value:
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

    def holds_numbers(self, ref: ListRef, node: ast.AST) -> bool:
        raise NotImplementedError

    def copied_list(self, owner: ListRef, node: ast.AST) -> ListRef:
        raise NotImplementedError

    def unzipped(self, rows: Value, node: ast.Call) -> Value:
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

    def dispatched(
        self, function: Any, positional: list[Value], node: ast.AST
    ) -> types.FunctionType:
        raise NotImplementedError

    def enum_attribute(self, owner: Static, name: str, node: ast.AST) -> Value:
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

    def length_of(self, value: Value, node: ast.AST) -> Value:
        raise NotImplementedError

    def want_known(self, value: Value, by_choice: bool = False) -> None:
        """Note that a loop counter should be known: the loop may be written out."""

    def note_pending(self, key: tuple[object, ...]) -> bool:
        """A name read before it has a value: whether a loop may bring one from its last
        round, and this was not known."""
        raise NotImplementedError

    def is_partial(self, key: Any) -> bool:
        raise NotImplementedError

    def read_partial(self, key: tuple[object, ...], node: ast.AST) -> None:
        """A name is read that this round may not have assigned."""

    def scope(self, target: ast.expr) -> Any:
        raise NotImplementedError

    def class_of(self, value: Value) -> type | None:
        raise NotImplementedError

    def pairs(self, value: Value, node: ast.AST) -> list[tuple[Any, Value]]:
        raise NotImplementedError

    def as_items(self, value: Value, node: ast.AST | None) -> Value:
        raise NotImplementedError

    def catcher_of(self, cls: type) -> Any:
        """The handler that catches an error raised here."""
        raise NotImplementedError

    def run_body(self, body: list[ast.stmt], node: ast.AST) -> Value:
        raise NotImplementedError

    def construct(
        self,
        cls: type,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
    ) -> Value:
        raise NotImplementedError

    def numbers_of(self, ref: ArrayRef, node: ast.AST, base: str) -> Value:
        raise NotImplementedError

    def container_method(
        self,
        owner: Value,
        name: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        raise NotImplementedError

    def extra(
        self, op: str, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value | None:
        raise NotImplementedError

    def suspended(
        self, frame: Frame, function: ast.FunctionDef, bound: dict[str, Value]
    ) -> Generator:
        raise NotImplementedError

    def of_generator(
        self, op: str, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value | None:
        raise NotImplementedError

    def yield_then(self, node: ast.Yield, rest: list[ast.stmt]) -> None:
        raise NotImplementedError

    def iterator(self, value: Value, node: ast.AST) -> Value:
        raise NotImplementedError

    def is_lazy(self, value: Value, op: str, node: ast.AST) -> bool:
        raise NotImplementedError

    def all_listed(self, op: str, args: list[Value], node: ast.AST) -> list[Value]:
        raise NotImplementedError

    def from_text(self, text: str, values: dict[str, Value], node: ast.AST) -> Value:
        raise NotImplementedError

    def sum_of_generator(self, node: ast.GeneratorExp, start: Value, base: str) -> Value:
        raise NotImplementedError

    def name_out(
        self,
        op: str,
        function: Any,
        positional: list[Value],
        keywords: dict[str, Value],
    ) -> None:
        raise NotImplementedError

    def into_out(
        self,
        op: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        call: Any,
    ) -> Value:
        raise NotImplementedError

    def write_call(
        self,
        op: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        raise NotImplementedError

    def writing_method(
        self,
        owner: Value,
        name: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        raise NotImplementedError

    def ufunc_method(
        self,
        ufunc: str,
        method: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        base: str,
    ) -> Value:
        raise NotImplementedError

    def library(
        self,
        op: str,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        base: str,
    ) -> Value:
        raise NotImplementedError

    def apply_method(
        self,
        bound: Bound,
        positional: list[Value],
        keywords: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        raise NotImplementedError

    def defined(self, op: str, positional: list[Value], node: ast.AST) -> Value:
        raise NotImplementedError

    def set_attribute(self, owner: Value, name: str, value: Value, node: ast.AST) -> None:
        raise NotImplementedError

    def bind_name(self, name: ast.Name, value: Value) -> None:
        raise NotImplementedError

    def extend_list(self, owner: ListRef, value: Value, node: ast.AST) -> None:
        raise NotImplementedError

    def merge(self, owner: DictRef, other: Value, node: ast.AST) -> None:
        raise NotImplementedError

    @property
    def catching(self) -> bool:
        raise NotImplementedError

    def unless(self, flags: list[Atom], node: ast.AST, rest: list[ast.stmt]) -> None:
        raise NotImplementedError

    def block(self, statements: list[ast.stmt]) -> None:
        raise NotImplementedError

    def results_of(
        self,
        function: types.FunctionType,
        kinds: Mapping[str, Kind | None],
        statics: Mapping[str, Any],
        declared: Declared,
    ) -> Tree:
        raise NotImplementedError

    def run_function(
        self, frame: Frame, function: ast.FunctionDef | ast.Lambda, site: object
    ) -> Value:
        raise NotImplementedError

    def folded(
        self, function: Value, items: Value, start: Value | None, node: ast.Call
    ) -> Value:
        raise NotImplementedError

    def listed(self, value: Value, node: ast.AST, base: str) -> ListRef:
        raise NotImplementedError

    def best_of(
        self, value: Value, key: Value, op: str, node: ast.Call, base: str
    ) -> Value:
        raise NotImplementedError
