"""Arrays and their views: reading them as they are now, and writing through them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from symdiff.frontend.memory.context import WHOLE, Refusal
from symdiff.frontend.memory.failing import Failing
from symdiff.frontend.memory.overlaps import may_lose
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import MISSING, ArrayRef, Ref, Value, ViewStep
from symdiff.frontend.reading.layout import Needs, needs
from symdiff.frontend.reading.library import RESHAPING
from symdiff.ir.alias import is_fresh, is_read_only
from symdiff.ir.core import Atom, Const, Index, Through, Var, kind_of
from symdiff.ir.kinds import Array, Int, List
from symdiff.records import replace

__all__ = ["Views"]

ALL = Index(("rest",))


class Views(Failing):
    """A view is a path from the buffer of an array: `u[1:].T`. What is written through
    it is a write to the array, with the path in the subscript. What `reshape` gives is
    the exception: of an array in another order it would be a copy, so it is read as a
    whole, changed, and put back in the shape that it had."""

    def __init__(self) -> None:
        super().__init__()
        self.passed: dict[Var, Var] = {}  # arrays as worked on -> as the caller passed
        # Reshaped views: the contents when they were made, and which arguments must be
        # in order for them to be views.
        self.in_order: dict[tuple[int, tuple[ViewStep, ...]], tuple[Value, Needs]] = {}

    def read(self, ref: Ref, node: ast.AST | None, base: str = "t") -> Atom:
        """The present contents of an array or view, or of a list held as one value."""
        if not ref.path:
            return super().read(ref, node)
        *before, last = ref.path
        if isinstance(ref, ArrayRef):
            if base == "t":
                base = self.view_names.get(ref, "t")
            if last.op == "getitem":
                cut = self._behind_read_only(ref.buffer, before, node)
                index, args = self._through(before[cut:], last.params, last.args)
                before, last = before[:cut], ViewStep("getitem", args, index)
        owner = self.read(replace(ref, path=tuple(before)), node)
        if last.op in RESHAPING:
            made, _ = self.in_order[ref.buffer, ref.path]
            if made is not self.state.get(ref.buffer):
                self._check_order(ref.buffer, ref.path)
        key: Key = ("view", owner, last)
        known = self.state.get(key)
        if known is MISSING:
            known = self.build.define(
                last.op, owner, *last.args, params=last.params, base=base
            )
            self.state.set(key, known)
        assert isinstance(known, Var)
        return known

    def item_of(
        self,
        buffer: int,
        path: Sequence[ViewStep],
        index: Index,
        args: tuple[Atom, ...],
        node: ast.AST | None,
        base: str = "t",
    ) -> Atom:
        """What a subscript reads of an array or of a view of it, at once."""
        cut = self._behind_read_only(buffer, path, node)
        owner = self.read(ArrayRef(buffer, tuple(path[:cut])), node)
        index, args = self._through(path[cut:], index, args)
        return self.build.define("getitem", owner, *args, params=index, base=base)

    def write(
        self,
        ref: ArrayRef,
        index: Index,
        args: tuple[Atom, ...],
        value: Atom,
        node: ast.AST,
        op: str = "setitem",
    ) -> None:
        """`ref[index] = value` (`+=` with op "additem"): a new version of the buffer."""
        self.check_writable(ref, node)
        self.written.add(ref.buffer)
        buffer, path = ref.buffer, list(ref.path)
        if index.whole:
            index = self.all_of(ref)
        base = self._base(self.read(ArrayRef(buffer), node))
        while True:
            cut = self._apart(buffer, path, node)
            for step in path[cut:]:
                if is_read_only(step.op):
                    name = step.op.removeprefix("numpy.")
                    raise Refusal(f"an array that `{name}` gives is read-only", node)
            index, args = self._through(path[cut:], index, args)
            reshaped = cut > 0 and path[cut - 1].op in RESHAPING
            if not (reshaped or index.through):
                index, args = self._into_lists(buffer, path[:cut], index, args, value)
                cut = 0
            parent = self.read(ArrayRef(buffer, tuple(path[:cut])), node)
            value = self.build.define(op, parent, *args, value, params=index, base=base)
            if not cut:
                break
            path, index, args, op = path[:cut], WHOLE, (), "setitem"
            if not reshaped:
                continue
            # A reshaped array is read as a whole, and put back in the shape it had.
            self._check_order(buffer, tuple(path))
            path.pop()
            before = self.read(ArrayRef(buffer, tuple(path)), node)
            shape = self.build.define("attr", before, params="shape")
            value = self.build.define("numpy.reshape", value, shape, base=base)
            if not path:
                break
        self.update(ref.buffer, value, node)

    def check_overlap(
        self, ref: ArrayRef, to: ViewStep, value: Value, node: ast.AST
    ) -> None:
        """Refuse the assignment of a part of an array to another part of it that NumPy
        overwrites while it is read."""
        if not isinstance(value, ArrayRef) or value.buffer != ref.buffer:
            return
        *whole, of = value.path or (None,)
        if of is None or of.op != "getitem" or tuple(whole) != ref.path:
            return
        kind = self.kind(ArrayRef(ref.buffer, ref.path))
        if isinstance(kind, Array) and may_lose(to, of, kind.ndim):
            message = "this assignment overwrites values before NumPy has read them"
            raise Refusal(message, node, "assign a copy: `... = x[...].copy()`")

    def overwrite(self, ref: ArrayRef, value: Atom, node: ast.AST) -> None:
        """`ref[...] = value`, of a value that has no other use."""
        old = self.state.get(ref.buffer)
        definitions = self.build.definitions
        made = definitions.get(value) if isinstance(value, Var) else None
        if not ref.path and isinstance(old, Var) and old.kind == kind_of(value):
            in_order = needs(old, definitions, self.passed) == frozenset()
            if in_order and made is not None and is_fresh(made):
                self.check_writable(ref, node)
                self.written.add(ref.buffer)
                self.update(ref.buffer, value, node)
                return
        self.at(node).write(ref, WHOLE, (), value, node)

    def _through(
        self, path: Sequence[ViewStep], index: Index, args: tuple[Atom, ...]
    ) -> tuple[Index, tuple[Atom, ...]]:
        """A subscript of a view as one of the array."""
        steps = list(path)
        while steps and steps[-1].op == "getitem":
            step = steps[-1]
            if index.whole:
                index, args = step.params, step.args
            elif self._integers_only(step):
                index = Index(step.params.items + index.items, True)
                args = step.args + args
            else:
                break
            steps.pop()
        through = tuple(Through(s.op, len(s.args), s.params) for s in steps)
        before = tuple(a for s in steps for a in s.args)
        return replace(index, through=through), before + args

    def all_of(self, ref: ArrayRef) -> Index:
        """`[:]`, which an array without axes does not have."""
        kind = self.kind(ref)
        return ALL if isinstance(kind, Array) and not kind.dims else WHOLE

    def _into_lists(
        self,
        buffer: int,
        path: Sequence[ViewStep],
        index: Index,
        args: tuple[Atom, ...],
        value: Atom,
    ) -> tuple[Index, tuple[Atom, ...]]:
        """A subscript of an array in a list as one of the list: `x[i][j]`."""
        for depth in range(len(path) - 1, -1, -1):
            step = path[depth]
            owner = kind_of(self.read(Ref(buffer, tuple(path[:depth])), None))
            assert isinstance(owner, List)
            if index.whole and owner.item == kind_of(value):
                index, args = step.params, step.args
            else:
                index = Index(step.params.items + index.items, True)
                args = step.args + args
        return index, args

    def _apart(self, buffer: int, path: Sequence[ViewStep], node: ast.AST | None) -> int:
        """Where the last part of a path begins that one subscript can go through: in an
        array, and behind what reshapes it."""
        start = max((k for k, s in enumerate(path, 1) if s.op in RESHAPING), default=0)
        kind = kind_of(self.read(ArrayRef(buffer), node))
        while isinstance(kind, List) and start < len(path):
            kind, start = kind.item, start + 1
        return start

    def _behind_read_only(
        self, buffer: int, path: Sequence[ViewStep], node: ast.AST | None
    ) -> int:
        """The same for a subscript that is read: its adjoint is written where it is."""
        places = [k for k, step in enumerate(path, 1) if is_read_only(step.op)]
        return max([self._apart(buffer, path, node), *places])

    def flat(self, ref: ArrayRef) -> ArrayRef:
        """`ref.flat`: all elements, in the order of their indices, wherever they lie."""
        step = ViewStep("numpy.reshape", (Const(-1),))
        view = ArrayRef(ref.buffer, (*ref.path, step))
        self.in_order[view.buffer, view.path] = self.state.get(view.buffer), frozenset()
        return view

    def reshaped(self, view: ArrayRef, node: ast.AST) -> bool:
        """Whether what reshapes an array shares its memory; else it may, or may not."""
        whole = self.read(ArrayRef(view.buffer, view.path[:-1]), node)
        kind = kind_of(whole)
        op = view.path[-1].op
        known: Needs = frozenset()
        if op == "numpy.ravel" or not isinstance(kind, Array) or kind.ndim > 1:
            known = needs(whole, self.build.definitions, self.passed)
        if known is None or "order" in (view.path[-1].params or ()):
            return False
        self.in_order[view.buffer, view.path] = self.state.get(view.buffer), known
        return True

    def moved_view(self, ref: ArrayRef, path: tuple[ViewStep, ...]) -> ArrayRef:
        """A view of the same form, with other subscripts."""
        for k in range(1, len(path) + 1):
            known = self.in_order.get((ref.buffer, ref.path[:k]))
            if known is not None:
                self.in_order[ref.buffer, path[:k]] = known
        return ArrayRef(ref.buffer, path)

    def _check_order(self, buffer: int, path: tuple[ViewStep, ...]) -> None:
        """What a reshaped array shows of a write depends on the layout of arguments."""
        _, known = self.in_order[buffer, path]
        assert known is not None
        for argument in sorted(known, key=str):
            key: Key = ("in order", argument)
            if self.state.get(key) is MISSING:
                fact = self.build.define("attr", argument, params="flags.c_contiguous")
                text = f"`{self._base(argument)}` must be C-contiguous"
                self.build.define("assert", fact, Const(text))
                self.state.set(key, argument)

    @staticmethod
    def _integers_only(step: ViewStep) -> bool:
        return all(item == "at" for item in step.params.items) and all(
            isinstance(kind_of(a), Int) for a in step.args
        )
