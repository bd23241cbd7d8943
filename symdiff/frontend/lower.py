"""The entry of the frontend: a request becomes an IR function."""

from __future__ import annotations

import ast
import types
from collections.abc import Collection, Mapping
from typing import Any

from symdiff.declared import Declared
from symdiff.derivation import root_of
from symdiff.errors import DifferentiationError, Span
from symdiff.definitions.keyed import KEYED, Whole
from symdiff.frontend.constructs.arguments import Arguments
from symdiff.frontend.constructs.unrolling import MOST_UNROLLED
from symdiff.frontend.flow.meeting import IN_LIST
from symdiff.frontend.functions.recursion import (
    COPIES, MOST_COPIES, Place, RecursionFound, VagueResult,
)  # fmt: skip
from symdiff.frontend.memory.context import MAY_BE, Frame, Refusal
from symdiff.frontend.memory.outside import Slot, SlotFound
from symdiff.frontend.memory.values import (
    DictRef, ListRef, ObjectRef, Poison, Sequence, Value,
)  # fmt: skip
from symdiff.frontend.reading.guess import guess_kinds
from symdiff.frontend.reading.scopes import assigned_names
from symdiff.frontend.reading.source import Source, named, source_of, unbound
from symdiff.frontend.standard.identity import SetFound, holds_object
from symdiff.ir.builder import Call
from symdiff.ir.core import (
    Atom, Compound, Const, Function, Tree, Var, map_tree, rename,
)  # fmt: skip
from symdiff.ir.kinds import (
    OPAQUE, Kind,
)  # fmt: skip
from symdiff.ir.structure import (
    HELD, OWN, Path, is_namespace, is_remade,
)  # fmt: skip
from symdiff.records import dataclass
from symdiff.request import Rounds

__all__ = ["Lowered", "lower"]


@dataclass(frozen=True, slots=True)
class Lowered:
    """A lowered function.

    `bases` are names that values got after they were made; `guessed` says which
    parameters' kinds were inferred from their uses; `written`
    which parameters the primal writes into (the code works on copies of those), `compared`
    which objects are taken for other than each other; `calls`
    which call of a function each value was made for, if not for the text itself.
    """

    function: Function
    bases: Mapping[Var, str]
    guessed: Mapping[str, Kind]
    written: tuple[str, ...]
    compared: tuple[str, ...]
    calls: Mapping[Var, Call]


def lower(
    function: types.FunctionType,
    signature: Mapping[str, Kind | None],
    statics: Mapping[str, Any],
    floats: Collection[tuple[str, Path]] = (),
    unroll: bool = False,
    exact: bool = False,
    late: bool = False,
    rounds: Rounds = "short",
    inferring: frozenset[Declared] = frozenset(),
) -> Lowered:
    """The IR of a function, specialised to kinds and static values of its parameters.

    `floats` names the integers among the parts of parameters that are taken as floats;
    `unroll` asks for loops to be written out, `exact` for code that is made for the
    integers outside, `late` for dicts whose keys only the run knows, and lists of text.
    `rounds` is that of a request. A function with a declared derivative is called, unless
    it is among those whose text is read for what they return, `inferring`.

    Raises `DifferentiationError` with every problem that was found.
    """
    source = source_of(function)
    apart: frozenset[Place] = frozenset()
    slots: tuple[Slot, ...] = ()
    sets: frozenset[Span | None] = frozenset()
    perhaps: frozenset[Span | None] = frozenset()  # those among them that hold text
    plain: frozenset[Span | None] = frozenset()
    failed: frozenset[Span | None] = frozenset()
    keyed: frozenset[object] = frozenset()
    first: DifferentiationError | None = None
    copies = COPIES
    by_index: bool | None = None  # False where that would help
    while True:
        try:
            lowering = _Lowering(source, function, apart, floats)
            lowering.inferring = inferring
            lowering.exact, lowering.late = exact, late
            lowering.brief = rounds == "few"
            if rounds == "many":
                lowering.most_objects = lowering.longest
            lowering.keyed_places = keyed
            lowering.object_sets, lowering.plain_sets = sets, plain
            lowering.known_to_fail = failed
            lowering.copies = copies
            if by_index:
                lowering.by_index, lowering.most_objects = True, 1
            if unroll:
                lowering.unroll = True
                lowering.longest = lowering.most_rounds = MOST_UNROLLED
                lowering.most_objects = MOST_UNROLLED
            lowering.begin_slots(slots, source.node)
            return lowering.run(signature, statics)
        except RecursionFound as found:
            apart |= found.places
        except VagueResult:
            copies, apart = MOST_COPIES, frozenset()
        except SlotFound as assigned:
            slots = (*slots, assigned.slot)
        except SetFound as made:
            sets |= {made.place}
            perhaps |= {made.place} if made.perhaps else set()
        except DifferentiationError as error:
            if perhaps:  # what the run puts into a set of text is not followed
                plain, sets, perhaps = plain | perhaps, sets - perhaps, frozenset()
                continue
            error.late = bool(lowering.wanted_places)
            if late and lowering.wanted_places - {None} - keyed:
                keyed |= lowering.wanted_places - {None}
                continue
            # Once more, with that written out that did not stay a loop or a recursion; then
            # with lists of objects that hold the indices of these in another list.
            first = first or error
            if any(d.message.startswith((IN_LIST, MAY_BE)) for d in error.diagnostics):
                by_index = by_index or False
            if apart and copies == COPIES:
                copies, apart = MOST_COPIES, frozenset()
                continue
            if not lowering.failed_loops <= failed:
                failed |= lowering.failed_loops
            elif by_index is False:
                by_index = True
            else:
                raise first from None


class _Lowering(Arguments):
    def __init__(
        self,
        source: Source,
        function: types.FunctionType,
        apart: frozenset[Place],
        floats: Collection[tuple[str, Path]],
    ) -> None:
        super().__init__(source, function, floats)
        self.apart = apart
        names = assigned_names(source.node)
        self.frame = Frame(0, source, function, names, None)
        self.frame.path = ("root",)
        self.frames[0] = self.frame
        self.live_frames.add(0)

    def run(
        self, signature: Mapping[str, Kind | None], statics: Mapping[str, Any]
    ) -> Lowered:
        node = self.source.node
        defaults = self._defaults()
        guessed: dict[str, Kind] = {}
        kinds: dict[str, Kind | None] = {}
        for name, guess in self._guesses(signature, statics, defaults).items():
            given = signature.get(name)
            kinds[name] = given
            if given is None and name not in statics and guess is not None:
                kinds[name] = guessed[name] = guess
        params, copies = self.parameters(kinds, statics, defaults)
        result = self._body()
        if self.ended:  # no path returns
            self.problems += self.failed_paths
        returns: Tree = Const(None)
        try:
            returns = self._tree(result, node)
        except Refusal as refusal:
            if refusal.message:
                self.report(refusal)
        self.finish()
        body, functions = self.functions_of(self.build.take())
        unwritten = {
            copy: var
            for copy, (var, buffer) in copies.items()
            if buffer not in self.written
        }
        for copy, (var, _) in copies.items():
            if copy in self.bases:
                self.bases.setdefault(var, self.bases[copy])
        kept = tuple(n for n in body if getattr(n, "target", None) not in unwritten)
        returns = map_tree(
            returns, lambda a: unwritten.get(a, a) if isinstance(a, Var) else a
        )
        span = self._place_of_text()
        name = named(node.name) if isinstance(node, ast.FunctionDef) else "f"
        lowered = Function(
            name=name,
            params=params,
            body=rename(kept, unwritten) if unwritten else kept,
            returns=returns,
            span=span,
            externals=tuple(self.externals.values()),
            modules=tuple(sorted(self.modules.items())),
            contexts=tuple(self.contexts),
            functions=functions,
        )
        places = {buffer: self.place_of_part(var) for var, buffer in copies.values()}
        places |= self.containers
        return Lowered(
            lowered, self.bases, guessed, self._written(places), self._compared(places),
            self.build.calls,
        )  # fmt: skip

    def _written(self, places: Mapping[int, str]) -> tuple[str, ...]:
        """What of the caller's is written into; with a star where it may be a part of it,
        through a list that holds it."""
        found: dict[str, None] = {}
        for buffer, text in places.items():
            tables = {*self.moved_into.get(buffer, ()), *self.ties.get(buffer, ())}
            if not self.written.isdisjoint(tables):
                found[f"{text}*"] = None
            elif buffer in self.written:
                found |= dict.fromkeys((text, *self.rows_of.get(buffer, ())))
        return tuple(found)

    def _compared(self, places: Mapping[int, str]) -> tuple[str, ...]:
        asked = (places.get(k) if isinstance(k, int) else k for k in self.compared)
        return tuple(sorted({text for text in asked if text is not None}))

    def results_of(
        self,
        function: types.FunctionType,
        kinds: Mapping[str, Kind | None],
        statics: Mapping[str, Any],
        declared: Declared,
    ) -> Tree:
        """What the text of a function returns that has a declared derivative."""
        inferring = self.inferring | {declared}
        return lower(function, kinds, statics, inferring=inferring).function.returns

    def _guesses(
        self,
        signature: Mapping[str, Kind | None],
        statics: Mapping[str, Any],
        defaults: dict[str, Any],
    ) -> dict[str, Kind | None]:
        """The kind of each parameter by its uses, looked for if one is not known."""
        args = self.source.node.args
        names = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        if all(name in statics or signature.get(name) for name in names):
            return dict.fromkeys(names)
        return guess_kinds(self.source.node, defaults, self.function)

    def _place_of_text(self) -> Span:
        """Where the function stands; one that only calls a derivative has no text of its
        own, and stands for that of the function at its root."""
        source = self.source
        root = root_of(self.function)
        if root is not self.function:
            root, _ = unbound(root)
            source = source_of(root)
        span = source.span(source.node)
        assert span is not None
        return span

    def _defaults(self) -> dict[str, Any]:
        function = self.function
        args = self.source.node.args
        names = [a.arg for a in args.posonlyargs + args.args]
        values = function.__defaults__ or ()
        defaults = dict(zip(names[len(names) - len(values) :], values, strict=True))
        defaults.update(function.__kwdefaults__ or {})
        return defaults

    def _body(self) -> Value:
        node = self.source.node
        try:
            found = self._declared_body()
            if found is not None:
                return found
            if self.place_of(self.frame, node) in self.apart:
                args = node.args
                every = (*args.posonlyargs, *args.args, *args.kwonlyargs)
                bound = {a.arg: self.state.get((0, a.arg)) for a in every}
                return self.invoke(self.frame, node, bound, node)
            self.build.span = self.span(node)
            return self.run_function(self.frame, node, 0)
        except Refusal as refusal:
            if refusal.message:
                self.report(refusal)
        return Poison()

    def _declared_body(self) -> Value | None:
        """What a function gives that is called, not followed; None of others."""
        args = self.source.node.args
        values = [self.state.get((0, a.arg)) for a in (*args.posonlyargs, *args.args)]
        keywords = {a.arg: self.state.get((0, a.arg)) for a in args.kwonlyargs}
        path = ("root", self.function.__name__)
        return self.declared_call(
            self.function, path, values, keywords, self.source.node, "t"
        )

    def _tree(self, value: Value, node: ast.AST) -> Tree:
        value = self.viewed(value, node)
        if isinstance(value, Sequence):
            items = tuple(self._tree(item, node) for item in value.items)
            if value.cls is None:
                return items
            names = getattr(value.cls, "_fields", ())
            return Compound("call", items, names, self._class(value.cls, node))
        if isinstance(value, ListRef):
            contents = self.contents(value, node)
            if contents is not None:
                items = tuple(self._tree(item, node) for item in contents.items)
                return Compound("list", items)
        if isinstance(value, (DictRef, ObjectRef)):
            contents = self.held(value, node)
            if contents.cls is Whole:
                return self.atom(contents.items[0], node)
            if contents.cls in KEYED:
                keys, values = self.known_of_keyed(value, node)
                items = tuple(self._tree(item, node) for item in values)
                return Compound("dict", items, keys)
            assert contents.keys is not None
            if contents.get(OWN) is not None:
                message = "an object whose attributes are a dict of its own is not returned"
                raise Refusal(message, node, "return what it holds: dict(...)")
            if any(map(holds_object, contents.keys)):
                message = "a dict whose keys are objects is not returned"
                raise Refusal(message, node, "return its values: list(d.values())")
            items = tuple(self._tree(item, node) for item in contents.items)
            if contents.cls is None:
                return Compound("dict", items, contents.keys)
            made_anew = is_namespace(contents.cls) or is_remade(contents.cls, contents.keys)
            form = "call" if made_anew else "instance"
            if HELD in contents.keys:
                form = "held"
            return Compound(form, items, contents.keys, self._class(contents.cls, node))
        return self.atom(value, node)

    def _class(self, cls: type, node: ast.AST) -> Atom:
        """A class whose instances are among the results."""
        path = self.path_of_class(cls)
        if path is None:
            raise Refusal(
                f"the result holds an instance of `{cls.__name__}`, which is not found at "
                "module level",
                node,
                "define the class there, or return a tuple or dict",
            )
        return self.external_at(path, OPAQUE)
