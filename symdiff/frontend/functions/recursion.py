"""Recursion that only the run ends: functions that are lowered on their own.

Such a function becomes one IR function for each form of its arguments. Its parameters
are the numbers and arrays among the arguments, and those that it reads from the
functions around it. The kinds of the parameters and of the result are found by lowering
the body until nothing new is learnt: at first no call of it is known to return, so the
paths that do not recurse say what the result is.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from symdiff.definitions import is_definition
from symdiff.frontend.functions.callees import (
    Callee, Captured, Known, Match, canonical, instantiated, match,
)  # fmt: skip
from symdiff.frontend.memory.context import PASSED, Frame, Refusal, Unfinished
from symdiff.frontend.memory.forms import (
    Again, Held, NoForm, Part, form_of, is_leaf, leaves_of, rebuilt,
)  # fmt: skip
from symdiff.frontend.memory.plans import LoopPlan
from symdiff.frontend.memory.state import Key
from symdiff.frontend.memory.values import ArrayRef, Contents, Poison, Ref, Sequence, Value
from symdiff.frontend.operations.places import Places
from symdiff.ir.core import (
    Atom, Block, Const, Equation, Function, Node, Parameter, Tree, Var, kind_of,
    map_nodes,
)  # fmt: skip
from symdiff.ir.derivative import DERIVE, invoked, with_inner
from symdiff.ir.effects import INVOKES, is_effect
from symdiff.ir.kinds import NONE, UNKNOWN, Kind, Tuple, join
from symdiff.records import replace

__all__ = ["COPIES", "MOST_COPIES", "Recursion", "RecursionFound", "VagueResult"]

# The file, line and column of a function, and which of those that its text made it is.
Place = tuple[str, int, int, int]
Form = tuple[Place, int | None, Hashable]  # with the frame around it and its arguments
Arguments = tuple[tuple[str, ...], Part]  # the names of parameters, their values
_ROUNDS = 24
_FORMS = 10  # specialisations of one function
# Of a body whose recursion is counted by constants, under open conditions; the second
# where it does not do as a function of its own.
COPIES, MOST_COPIES = 8, 48
_DEEPEST = 250  # calls of different functions, one inside the other
_WRITTEN_OUT = 120  # calls of one function whose recursion is decided now
_FORGOTTEN = 500  # more of them, which make nothing


class RecursionFound(Exception):
    """These functions call themselves or each other until the run decides otherwise."""

    def __init__(self, places: frozenset[Place]) -> None:
        super().__init__()
        self.places = places


class VagueResult(Exception):
    """A recursive function returns now a number, now an array: as one function it says
    little of its result."""


class Recursion(Places):
    """Lowers calls of recursive functions."""

    copies = COPIES

    # Of the statements that are being lowered.
    open_plans: list[LoopPlan]
    loop_names: list[str]
    ended: bool
    catchers: list[Any]
    levels: list[list[Any]]
    rounds: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.apart: frozenset[Place] = frozenset()  # functions lowered on their own
        self.stack: list[Place] = []  # the functions that are open
        self.branches_at: list[int] = [0]  # open branches where each call began
        self.calls_of: Counter[Place] = Counter()
        self.forgotten: Counter[Place] = Counter()  # calls that are not counted
        self.callees: dict[Form, list[Callee]] = {}
        self.settled: list[Callee] = []
        self.waiting: set[Callee] = set()  # read before anything was known of them
        self.endless: set[Place] = set()  # open functions with too many specialisations
        self.invocations = 0

    # -- which functions --------------------------------------------------------------

    @staticmethod
    def place_of(frame: Frame, function: ast.FunctionDef | ast.Lambda) -> Place:
        of = id(frame.function)
        return (frame.source.file, function.lineno, function.col_offset, of)

    def check_recursion(
        self, frame: Frame, place: Place, values: tuple[Value, ...], node: ast.AST
    ) -> None:
        """Raise `RecursionFound` where writing out a recursion would not come to an end
        or become long. A function of the library runs the user's, which may call it
        again with others."""
        if place in self.stack:
            self.calls_of[place] += 1
            last = len(self.stack) - 1 - self.stack[::-1].index(place)
            undecided = self.open_branches > self.branches_at[last + 1]
            counted = any(isinstance(v, Const) for v in values)
            counted = counted or is_definition(frame.function)
            most = (self.copies if counted else 0) if undecided else _WRITTEN_OUT
            if self.calls_of[place] > most or len(self.stack) >= self.max_depth:
                cycle = self.stack[self.stack.index(place) :]
                raise RecursionFound(frozenset(cycle))
        elif len(self.stack) >= self.max_depth:
            recursive = len(set(self.stack)) < len(self.stack)
            if recursive or len(self.stack) >= _DEEPEST:
                raise Refusal("calls are nested too deeply", node)

    def forget_call(self, place: Place) -> None:
        """Do not count a recursive call that made nothing, as one whose result was kept in
        a dict."""
        self.forgotten[place] += 1
        if self.forgotten[place] <= _FORGOTTEN:
            self.calls_of[place] -= 1

    # -- calls ------------------------------------------------------------------------

    def invoke(
        self,
        frame: Frame,
        function: ast.FunctionDef | ast.Lambda,
        bound: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        """The result of calling a function that is lowered on its own."""
        if self.catching:
            message = "whether this recursive call raises what is caught here is not known"
            raise Refusal(message, node, "call it outside the `try`")
        try:
            values = self._expanded(Sequence(tuple(bound.values())))
            form = form_of(values, "argument")
            atoms = self._atoms(leaves_of(values, "argument"), node)
        except NoForm:
            message = "this argument cannot be passed to a recursive function"
            raise Refusal(message, node, "pass numbers, arrays or tuples of them") from None
        outer = None if frame.outer is None else frame.outer.number
        key = (self.place_of(frame, function), outer, form)
        callee = self._callee_for(key, getattr(function, "name", "function"), atoms, node)
        if callee.stale and not callee.open:
            self._settle_callee(callee, frame, function, (tuple(bound), values), node)
        return self._emit_call(
            callee, self._buffers(Sequence(tuple(bound.values()))), atoms, node
        )

    def _callee_for(self, key: Form, name: str, atoms: list[Atom], node: ast.AST) -> Callee:
        """The specialisation for these arguments: one that fits, one that can still be
        widened, or a new one."""
        known = self.callees.setdefault(key, [])
        for callee in known:
            matched = match(callee.known, atoms)
            if matched is None:
                continue
            if callee.stale:
                if not matched.fits:
                    callee.widen(self._match_call(callee, atoms) or matched)
                return callee
            whole = self._match_call(callee, atoms)
            if whole is not None and whole.fits:
                return callee
        opened = sum(
            callee.open
            for other, alike in self.callees.items()
            if other[0] == key[0]
            for callee in alike
        )
        if not opened:
            self.endless.discard(key[0])
        if key[0] in self.endless or max(len(known), opened) >= _FORMS:
            self.endless.add(key[0])
            message = f"`{name}` is called with ever new kinds of arguments"
            raise Refusal(message, node, "pass arrays of one shape and numbers")
        taken = {c.name for some in self.callees.values() for c in some}
        unique, number = name, 1
        while unique in taken:
            unique, number = f"{name}{number}", number + 1
        callee = Callee(unique, [])
        callee.known = [
            a if isinstance(a, Const) else callee.own(kind_of(a)) for a in atoms
        ]
        known.append(callee)
        return callee

    def _match_call(self, callee: Callee, atoms: list[Atom]) -> Match | None:
        """How a call fits, what the function reads from outside included."""
        captured = self._captured_now(callee)
        if captured is None:
            return None
        return match(callee.all_known(), [*atoms, *captured])

    def _captured_now(self, callee: Callee) -> list[Atom] | None:
        """What the names that the function reads from outside stand for here."""
        atoms: list[Atom] = []
        for key, captured in callee.captured.items():
            value = self.state.get(key)
            if self._outside_form(value) != captured.form:
                return None
            atoms += leaves_of(value, "outside")  # type: ignore[arg-type]
        return atoms

    def _emit_call(
        self, callee: Callee, buffers: list[int], atoms: list[Atom], node: ast.AST
    ) -> Value:
        """Emit the call."""
        captured = self._captured_now(callee)
        if captured is None:
            message = f"`{callee.name}` is called where the names it reads have changed"
            raise Refusal(message, node, "pass them as arguments")
        if callee.form is None:
            self.waiting.add(callee)
            callee.read_at = self.frame, node
            raise Unfinished(node)
        args = (*atoms, *captured)
        found = match(callee.all_known(), args)
        symbols = {} if found is None else found.symbols
        self.invocations += 1
        label = f"call{self.invocations}"
        kinds = [instantiated(kind, symbols, label) for kind in callee.result]
        passed = tuple(
            arg
            for arg, known in zip(args, callee.all_known(), strict=True)
            if not isinstance(known, Const)
        )
        self.at(node)
        whole = kinds[0] if len(kinds) == 1 else Tuple(tuple(kinds)) if kinds else NONE
        target = self.names.fresh("t", "", whole)
        self.build.append(Equation(target, "invoke", passed, callee.name, self.build.span))
        results: list[Atom] = [target]
        if len(kinds) > 1:
            results = []
            for place, kind in enumerate(kinds):
                item = self.names.fresh("t", "", kind)
                item_of = Equation(item, "item", (target,), place, self.build.span)
                self.build.append(item_of)
                results.append(item)
        rest = iter(results)

        def returned(part: Part) -> Part | None:
            return self.own(next(rest)) if is_leaf(part, "result") else None

        value = self._collapsed(rebuilt(callee.pattern, returned))
        if callee.shares:
            outside = [key for key in callee.captured if isinstance(key, int)]
            for buffer in self._buffers(value):
                self.readonly[buffer] = "what a recursive function returned"
                for other in (*buffers, *outside):
                    self.alias(buffer, other)
        return value

    def _outside_form(self, value: Value) -> Hashable:
        """The form of what is read from outside, and which leaves may be None."""
        leaves = leaves_of(value, "outside")
        marked = self.optional | self.questions
        return form_of(value, "outside"), tuple(leaf in marked for leaf in leaves)

    def _buffers(self, value: Value) -> list[int]:
        """The buffers of all that a value refers to, once for each time it does."""
        found: list[int] = []

        def visit(part: Part) -> Part | None:
            if isinstance(part, Ref):
                again = part.buffer in found
                found.append(part.buffer)
                held = self.state.get(part.buffer)
                if isinstance(held, Contents) and not again:
                    rebuilt(held, visit)
            return None

        rebuilt(value, visit)
        return found

    def _atoms(self, parts: Iterable[Value], node: ast.AST) -> list[Atom]:
        atoms = [self.atom(part, node) for part in parts]
        if any(atom in self.optional or atom in self.questions for atom in atoms):
            raise NoForm  # None on some path
        return atoms

    def _expanded(self, value: Value) -> Part:
        """The value with lists, dicts and objects taken apart."""
        numbers: dict[int, int] = {}

        def expand(part: Part) -> Part | None:
            if not isinstance(part, Ref) or isinstance(part, ArrayRef):
                return None
            contents = self.contents(part, None)
            if contents is None:
                return Held(type(part), self.read(part, None))
            buffer = self.resolved(part).buffer
            if buffer in numbers:
                return Again(numbers[buffer])
            number = numbers[buffer] = len(numbers) + 1
            return Held(type(part), rebuilt(contents, expand), number)

        return rebuilt(value, expand)

    def _collapsed(self, value: Part, passed: dict[int, Ref] | None = None) -> Value:
        """The value with lists, dicts and objects of its own. Those that the function is
        passed are noted by their numbers: it must not change them."""
        made = {} if passed is None else passed

        def collapse(part: Part) -> Part | None:
            if isinstance(part, Again):
                return made[part.number]
            if not isinstance(part, Held):
                return None
            ref = part.cls(self.state.new_buffer())
            if part.number:
                made[part.number] = ref
            if passed is not None:
                self.readonly[ref.buffer] = PASSED
                self.told_apart[ref.buffer] = part.number > 0
            self.state.set(ref.buffer, rebuilt(part.contents, collapse))  # type: ignore[arg-type]
            return ref

        return rebuilt(value, collapse)  # type: ignore[return-value]

    # -- bodies -----------------------------------------------------------------------

    def _settle_callee(
        self,
        callee: Callee,
        frame: Frame,
        function: ast.FunctionDef | ast.Lambda,
        bound: Arguments,
        node: ast.AST,
    ) -> None:
        """Lower the body until nothing new is learnt."""
        callee.open = True
        first, problems = len(self.settled), len(self.problems)
        for _ in range(_ROUNDS):
            before = callee.mark()
            del self.problems[problems:]
            self._lower_callee(callee, frame, function, bound)
            if callee.mark() == before:
                break
            for other in self.settled[first:]:
                other.stale = True
        else:
            callee.open = False
            message = f"the kinds of the values in `{callee.name}` do not settle"
            raise Refusal(message, node, "let it take and return values of one kind")
        callee.open = False
        # What is refused in it is found again at each call: a loop drops what the
        # lowerings of its body before the last one reported.
        callee.stale = len(self.problems) > problems
        self.settled.append(callee)
        self.waiting.discard(callee)
        if callee.form is None:
            callee.stale = True
            if len(self.problems) == problems and not any(c.open for c in self.waiting):
                message = f"`{callee.name}` calls itself on every path and never returns"
                where, call = callee.read_at or (self.frame, node)
                self.report_in(where, Refusal(message, call, "give it a path that ends"))
            raise Unfinished(node)

    def _lower_callee(
        self,
        callee: Callee,
        frame: Frame,
        function: ast.FunctionDef | ast.Lambda,
        bound: Arguments,
    ) -> None:
        """Lower the body once, with what is known of the parameters so far."""
        number = len(self.frames)
        path, site = frame.path, frame.site
        frame = Frame(number, frame.source, frame.function, frame.locals, frame.outer)
        frame.path, frame.site = path, site
        self.frames[number] = frame
        params: list[Parameter] = []
        taken: set[str] = set()

        def parameter(base: str, kind: Known) -> Var:
            """A parameter with a name of its own."""
            assert isinstance(kind, Kind)
            name, number = base, 1
            while name in taken:
                name, number = f"{base}{number}", number + 1
            taken.add(name)
            return self.names.fresh(name, "", kind)

        captured: dict[Key, list[Var]] = {}

        def seen(key: Key, value: Value) -> Value:
            """What a name or buffer of the functions around it is in the body."""
            if key not in callee.captured:
                known = [callee.own(kind_of(v)) for v in leaves_of(value, "outside")]  # type: ignore[arg-type]
                callee.captured[key] = Captured(self._outside_form(value), list(known))
            kinds = iter(callee.captured[key].known)
            mine: list[Var] = captured.setdefault(key, [])

            def local(part: Part) -> Part | None:
                if not isinstance(part, Var):
                    return None
                mine.append(parameter(part.base, next(kinds)))
                self.inherit(mine[-1], (part,))
                return mine[-1]

            return rebuilt(value, local)  # type: ignore[return-value]

        with self._own_body(seen) as nodes:
            known = iter(callee.known)
            objects: dict[int, Ref] = {}
            names, values = bound
            assert isinstance(values, Sequence)
            for name, value in zip(names, values.items, strict=True):

                def passed(part: Part, name: str = name) -> Part | None:
                    if not is_leaf(part, "argument"):
                        return None
                    kind = next(known)
                    if isinstance(kind, Const):
                        return kind
                    params.append(Parameter(parameter(name, kind)))
                    own = self.own(params[-1].var)
                    if isinstance(own, ArrayRef):
                        self.readonly[own.buffer] = PASSED
                        self.told_apart[own.buffer] = False
                    return own

                mine = self._collapsed(rebuilt(value, passed), objects)
                self.state.set((number, name), mine)
            returns: Tree = Const(None)
            try:
                with self.build.within(None):
                    result = self.run_function(frame, function, callee.name)
                returns = self._learn_result(callee, result, function)
            except Unfinished:
                pass
            except Refusal as refusal:
                if refusal.message:
                    self.report_in(frame, refusal)
            body = tuple(nodes)
        for key in callee.captured:
            params += map(Parameter, captured.get(key, ()))
            missing = len(callee.captured[key].known) - len(captured.get(key, ()))
            for kind in callee.captured[key].known[:missing]:
                params.append(Parameter(parameter("unused", kind)))
        span = frame.source.span(function)
        assert span is not None
        callee.function = Function(callee.name, tuple(params), body, returns, span)

    def _learn_result(
        self, callee: Callee, result: Value, function: ast.FunctionDef | ast.Lambda
    ) -> Tree:
        """What a lowering of the body shows about the result; the result as a tree."""
        if isinstance(result, Poison):
            raise self.poisoned(result, function)
        try:
            pattern = self._expanded(result)
            form = form_of(pattern, "result")
            parts = list(leaves_of(pattern, "result"))
            atoms = self._atoms(parts, function)
        except NoForm:
            message = f"`{callee.name}` returns what a recursive function cannot return"
            raise Refusal(message, function, "return numbers, arrays or tuples") from None
        symbols = callee.lengths()
        kinds = [
            canonical(kind_of(atom), symbols, f"{callee.name}.result{k}")
            for k, atom in enumerate(atoms)
        ]
        if callee.form is None:
            callee.form, callee.pattern, callee.result = form, pattern, kinds
        elif callee.form != form:
            message = f"`{callee.name}` returns values of different structure"
            raise Refusal(message, function, "return as many values on every path")
        else:
            pairs = zip(callee.result, kinds, strict=True)
            callee.result = [
                canonical(join(a, b), symbols, f"{callee.name}.result{k}")
                for k, (a, b) in enumerate(pairs)
            ]
            if UNKNOWN in callee.result and self.copies < MOST_COPIES:
                raise VagueResult
        buffers = self._buffers(result)
        for place, buffer in enumerate(buffers):
            callee.shares |= self.state.is_outside(buffer) or buffer in self.readonly
            callee.shares |= any(self.may_share(buffer, b) for b in buffers[:place])
        return atoms[0] if len(atoms) == 1 else tuple(atoms)

    # -- the program ------------------------------------------------------------------

    def functions_of(self, body: Block) -> tuple[Block, tuple[Function, ...]]:
        """The body, and the functions that it runs directly or not; the calls of those
        that have effects are marked as such."""
        known = {
            c.name: c.function
            for some in self.callees.values()
            for c in some
            if c.function is not None
        }
        found: dict[str, Function] = {}
        todo = [body]
        while todo:
            for name in invoked(todo.pop()):
                if name not in found:
                    found[name] = known[name]
                    todo.append(known[name].body)
        active: set[str] = set()
        while True:
            more = {n for n, f in found.items() if _has_effects(f.body, active)}
            if more == active:
                break
            active = more
        functions = (replace(f, body=_marked(f.body, active)) for f in found.values())
        return _marked(body, active), tuple(functions)

    @contextmanager
    def _own_body(self, see: Callable[[Key, Value], Value]) -> Iterator[list[Node]]:
        """Lower into a function of its own: what it changes is undone afterwards."""
        with self.alone(), self.state.function(see), self.build.block() as nodes:
            yield nodes

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lower what leaves no loop and reaches no handler around it."""
        names = ("open_plans", "loop_names", "sites", "catchers", "levels", "rounds")
        kept = {name: getattr(self, name) for name in names}
        ended, span = self.ended, self.build.span
        self.open_plans, self.loop_names, self.sites = [], [], []
        self.catchers, self.levels, self.rounds, self.ended = [], [[]], [], False
        try:
            yield
        finally:
            vars(self).update(kept)
            self.ended, self.build.span = ended, span


def _has_effects(block: Block, active: set[str]) -> bool:
    return any(
        node.params in active if node.op in INVOKES else is_effect(node.op)
        for node in with_inner(block)
    )


def _marked(block: Block, active: set[str]) -> Block:
    """The block with "perform" for the calls of functions that have effects."""

    def change(node: Node) -> Node:
        if isinstance(node, Equation) and node.op == "invoke" and node.params in active:
            return replace(node, op="perform")
        if isinstance(node, Equation) and node.op == DERIVE:
            inner = node.params.function
            inner = replace(inner, body=_marked(inner.body, active))
            return replace(node, params=replace(node.params, function=inner))
        return node

    return map_nodes(block, change) if active else block
