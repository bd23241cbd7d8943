"""Which equations are printed inside the statement that uses them.

A temporary with one use goes where it is used, unless that would move a read of memory
across a write, keep an overwritten name alive, or make a line too long to read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from symdiff.backend.lower import (
    POP, UNNAMED, Branch, Compute, Copy, Loop, Return, Statement, Unpack,
)  # fmt: skip
from symdiff.backend.naming import Label, is_temporary, label_of, preferred
from symdiff.ir.core import Atom, Const, Equation, Global, Undef, Var, kind_of, leaves
from symdiff.ir.effects import DESTRUCTIVE, INVOKES, READING, WRITES, is_stateful
from symdiff.ir.handed import HANDED
from symdiff.ir.kinds import (
    FLOAT, Array, Bool, Complex, Float, Int, Member, NoneKind, Str, Tuple,
)  # fmt: skip
from symdiff.ir.structure import many_in, part_name, part_text
from symdiff.records import dataclass

__all__ = ["CALLS", "Inlined", "fuse"]

Inlined = dict[Var, Equation]

CALLS = ("call", "method", "perform", "run", READING)
_STATEMENTS = frozenset(
    ("store", "put", "assert", "raise", "builtins.print", "comment", POP, *DESTRUCTIVE)
)
_WRITING = frozenset((*WRITES, "store", "put", POP))
_LAZY = frozenset(("assert", "select", "boolean and", "boolean or"))
LINE = 78  # what fused lines may take: it leaves room for most line comments
MAX_OPERATIONS = 12
CHOICE = 64


@dataclass(slots=True, eq=False)
class _Tree:
    """An equation with all that is printed inside it."""

    equation: Equation
    at: int  # its index in the block
    place: int  # its place among all statements
    width: int
    operations: int
    reads: bool  # whether it reads memory that a later write may change
    calls: bool  # whether it runs unknown code
    names: tuple[Var, ...]


def fuse(body: list[Statement]) -> Inlined:
    """Take fused equations out of `body`; returns them by their targets."""
    return _Fuser(body).run()


def _is_call(equation: Equation) -> bool:
    return equation.op in CALLS or is_stateful(equation.op)


def _writes(equation: Equation) -> bool:
    return equation.op in _WRITING or _is_call(equation)


def _reads(equation: Equation) -> bool:
    """Whether the result depends on memory that a statement may overwrite."""
    op, args = equation.op, equation.args
    if op in ("tuple", "list", "list.new", "part"):
        return False
    if op == "attr":
        return not isinstance(kind_of(args[0]), Array)
    if op == "item":
        return not isinstance(kind_of(args[0]), Tuple)
    for atom in args:
        kind = kind_of(atom)
        if kind is not FLOAT and not isinstance(kind, _VALUES):
            return True
    return False


def _is_place(equation: Equation) -> bool:
    """Whether it reads an attribute or a key that the user gave no name of its own."""
    if equation.op != "part" or equation.params[-1][0] == "item":
        return False
    if many_in(equation.params) is not None:
        return False
    return equation.target.base == part_name(str(equation.args[0]), equation.params)


def _sources(statement: Statement) -> Iterable[Atom]:
    """What a statement reads itself."""
    if isinstance(statement, (Compute, Unpack)):
        return statement.equation.args
    if isinstance(statement, Copy):
        return [source for _, source in statement.pairs]
    if isinstance(statement, Branch):
        return (statement.cond,)
    if isinstance(statement, Loop):
        args = () if statement.iteration is None else statement.iteration.args
        return (*args, statement.cond)
    return leaves(statement.tree) if isinstance(statement, Return) else ()


def _inner(statement: Statement) -> tuple[list[Statement], ...]:
    if isinstance(statement, Branch):
        return (statement.then, statement.orelse)
    if isinstance(statement, Loop):
        return (statement.test, statement.body)
    return ()


def _own_width(equation: Equation, count: int) -> int:
    """What an operation takes in a line beside its arguments."""
    op, params = equation.op, equation.params
    if op == READING:
        op, params = params
    if op in LEVELS:
        return 4 if op in ("pow", "floordiv", "lshift", "rshift") else 3
    if op in _WIDTHS:
        return _WIDTHS[op] + 2 * count
    root, _, name = op.partition(".")
    if name:
        words = (
            sum(len(str(word)) + 1 for word in params) if isinstance(params, tuple) else 0
        )
        about = len(name) + {"numpy": 3, "builtins": 0}.get(root, len(root) + 1)
        return about + words + 2 * count
    if op == "attr":
        return 1 + len(params)
    if op == "part":
        around = 0 if many_in(params) is None else len("[item for item in ]")
        return len(part_text("", params)) + around
    if op == "method":
        return len(params[0]) + 1 + 2 * count
    if op in INVOKES:
        return len(params) + 2 * count
    if op == HANDED:
        words = sum(len(word) + 1 for word in params.names)
        return len(params.call) + words + 25 * len(params.functions) + 2 * count
    return 2 * count


# Of these kinds there is nothing that could be written into.
_VALUES = (Float, Int, Bool, Complex, Str, NoneKind, Member)
# How tightly binary operations bind.
LEVELS = {
    **dict.fromkeys(["lt", "le", "gt", "ge", "eq", "ne", "is", "isnot", "in", "notin"], 1),
    "bitor": 2, "bitxor": 3, "bitand": 4, "lshift": 5, "rshift": 5, "add": 6, "sub": 6,
    "mul": 7, "div": 7, "floordiv": 7, "mod": 7, "matmul": 7, "pow": 9,
}  # fmt: skip
_WIDTHS = {
    "getitem": -1, "setitem": 1, "additem": 2, "push": 10, "select": 4, "neg": -1,
    "pos": -1, "invert": -1, "not": 2, "copy": 5, "item": 0, "boolean and": 1,
    "boolean or": 0, "assert": 5, "raise": 4, "list.new": 0, "list.append": 9,
    "list.concat": 1, "list.repeat": 1, "list.zeros_like": 10, "list.added": 35,
    "list.order": 45, "list.take": 25, "list.pop": 4, "list.delitem": 6,
    "list.unstack": 7, "list.split": 45,
}  # fmt: skip


class _Fuser:
    def __init__(self, body: list[Statement]) -> None:
        self.body = body
        self.uses: Counter[Var] = Counter()
        self.place: dict[Statement, int] = {}
        self.defined: dict[Label, list[int]] = {}
        self.versions: Counter[Label] = Counter()
        self.widths: dict[Label, int] = {}  # of names; all versions are known by then
        self.last_use: dict[Var, int] = {}
        self.dirty: set[Statement] = set()  # branches and loops that write memory
        self.inlined: Inlined = {}
        self.trees: dict[Var, _Tree] = {}

    def run(self) -> Inlined:
        self.scan(self.body)
        self.block(self.body, 1, None)
        return self.inlined

    # -- facts --------------------------------------------------------------------------

    def scan(self, body: list[Statement]) -> bool:
        """Number the statements, count uses; whether any writes memory."""
        dirty = False
        uses = self.uses
        for statement in body:
            place = self.place[statement] = len(self.place)
            for atom in _sources(statement):
                if isinstance(atom, Var):
                    uses[atom] = uses.get(atom, 0) + 1
                    if not (isinstance(statement, Copy) and statement.rank == 0):
                        self.last_use[atom] = place
            if isinstance(statement, Compute):
                self.define(statement.equation.target, place)
                dirty = dirty or _writes(statement.equation)
            elif isinstance(statement, Unpack):
                for var in statement.targets:
                    if var is not None:
                        self.define(var, place)
                dirty = dirty or _writes(statement.equation)
            elif isinstance(statement, Copy):
                for target, _ in statement.pairs:
                    self.define(target, place)
            elif isinstance(statement, Loop):
                for target in statement.targets:
                    self.define(target, place)
            for inner in _inner(statement):
                if self.scan(inner):
                    self.dirty.add(statement)
                    dirty = True
        return dirty

    def define(self, var: Var, place: int) -> None:
        self.versions[label_of(var)] += 1
        if not is_temporary(var):
            self.defined.setdefault(label_of(var), []).append(place)

    def redefined(self, var: Var, after: int, before: int) -> bool:
        """Whether the name of a value gets another one between two places."""
        places = None if var.base == "t" else self.defined.get(label_of(var))
        if not places:
            return False
        at = bisect_right(places, after)
        return at < len(places) and places[at] < before

    # -- blocks -------------------------------------------------------------------------

    def block(self, body: list[Statement], depth: int, owner: Loop | None) -> None:
        """Fuse in one block. `owner` is the loop whose test or body it is."""
        waiting: dict[Var, _Tree] = {}
        wrote = touched = -1
        room = LINE - 4 * depth
        for at, statement in enumerate(body):
            place = self.place[statement]
            spot = (at, place, wrote, touched)
            if isinstance(statement, Branch):
                self.absorb([statement.cond], waiting, spot, room - 4, calls=True)
                statement = body[at] = self.branch(statement, depth)
                self.place[statement] = place
            if isinstance(statement, Compute):
                tree = self.compute(statement.equation, waiting, spot, room)
                equation = statement.equation
                if _writes(equation):
                    wrote = touched = at
                elif tree.reads or tree.calls or equation.op in _STATEMENTS:
                    touched = at
                if self.may_move(equation):
                    waiting[equation.target] = tree
            elif isinstance(statement, Unpack):
                names = sum(self.plain(v) + 2 for v in statement.targets if v is not None)
                self.compute(statement.equation, waiting, spot, room - names)
                touched = at
                if _writes(statement.equation):
                    wrote = at
            elif isinstance(statement, Copy):
                self.copy(statement, waiting, spot, room)
            elif isinstance(statement, Return):
                self.absorb(list(leaves(statement.tree)), waiting, spot, room - 7, True)
            elif isinstance(statement, (Branch, Loop)):
                if isinstance(statement, Loop):
                    self.loop(statement, waiting, spot, depth)
                touched = at
                if statement in self.dirty:
                    wrote = at
        if owner is not None and body is owner.test:
            last = self.place[body[-1]] + 1 if body else 0
            end = (len(body), last, wrote, touched)
            self.absorb([owner.cond], waiting, end, room - 2, calls=True)
        body[:] = [
            s
            for s in body
            if not (isinstance(s, Compute) and s.equation.target in self.inlined)
        ]

    def may_move(self, equation: Equation) -> bool:
        """Whether a statement may go where its only use is, as far as it can tell."""
        if self.uses[equation.target] != 1 or equation.op in _STATEMENTS:
            return False
        return not isinstance(equation.target.kind, NoneKind) or equation.op in CALLS

    def loop(
        self,
        loop: Loop,
        waiting: dict[Var, _Tree],
        spot: tuple[int, int, int, int],
        depth: int,
    ) -> None:
        if loop.iteration is not None and loop.iteration.form != "tape":
            room = LINE - 4 * depth - 20
            self.absorb(list(loop.iteration.args), waiting, spot, room, calls=True)
        self.block(loop.test, depth + 1, loop)
        self.block(loop.body, depth + 1, loop)

    def compute(
        self,
        equation: Equation,
        waiting: dict[Var, _Tree],
        spot: tuple[int, int, int, int],
        room: int,
    ) -> _Tree:
        args: Sequence[Atom] = equation.args
        if equation.op in DESTRUCTIVE or equation.op == POP:
            args = args[1:]  # what is written in place needs a name
        room -= self.plain(equation.target) + 3
        extra = _own_width(equation, len(args))
        # A conditional expression and an assert do not evaluate all that they hold.
        if waiting:
            calls = equation.op not in _LAZY
            self.absorb(args, waiting, spot, room - extra, calls)
        width, operations = extra, 1
        reads, runs = _reads(equation), _is_call(equation)
        names: list[Var] = []
        inner: list[Var] = []
        for k, atom in enumerate(args):
            if not isinstance(atom, Var):
                width += self.plain(atom)
            elif (taken := self.trees.get(atom)) is None:
                width += self.plain(atom)
                names.append(atom)
            else:
                width += self.width(atom, equation.op, k)
                operations += taken.operations
                reads = reads or taken.reads
                runs = runs or taken.calls
                inner += taken.names
        at, place, _, _ = spot
        found = (*names, *inner)
        return _Tree(equation, at, place, width, operations, reads, runs, found)

    def plain(self, atom: Atom) -> int:
        """About the width of a name or literal; many versions get long numbers."""
        if isinstance(atom, Var):
            label = label_of(atom)
            width = self.widths.get(label)
            if width is None:
                count = self.versions.get(label, 0)
                digits = len(str(count)) - 1 if count else 0
                width = len(preferred(label)) + is_temporary(atom) + digits
                self.widths[label] = width
            return width
        return len(atom.name if isinstance(atom, Global) else str(atom))

    def width(self, atom: Atom, op: str = "", position: int = 0) -> int:
        """The width of an argument, with parentheses if it needs them there."""
        if not isinstance(atom, Var) or atom not in self.inlined:
            return self.plain(atom)
        tree = self.trees[atom]
        own, outer = LEVELS.get(tree.equation.op, 10), LEVELS.get(op, 0)
        return tree.width + (2 if own < outer or (own == outer and position) else 0)

    def copy(
        self,
        copy: Copy,
        waiting: dict[Var, _Tree],
        spot: tuple[int, int, int, int],
        room: int,
    ) -> None:
        labels = Counter(label_of(s) for _, s in copy.pairs if isinstance(s, Var))
        for target, source in copy.pairs:
            if not isinstance(source, Var) or source not in waiting:
                continue
            if waiting[source].calls:
                continue
            if not self.nameless(source):
                # What the user named stays, unless the old value is still in its way.
                tree = waiting[source]
                late = self.last_use.get(target, -1) > tree.place
                in_the_way = late and copy.rank == 2
                alone = len(copy.pairs) == 1 and copy.rank == 1
                if not (in_the_way or alone or labels[label_of(source)] > 1):
                    continue
            left = room - self.plain(target) - 3
            self.absorb([source], waiting, spot, left, calls=False, named=True)

    def absorb(
        self,
        atoms: Sequence[Atom],
        waiting: dict[Var, _Tree],
        spot: tuple[int, int, int, int],
        room: int,
        calls: bool,
        named: bool = False,
    ) -> None:
        """Inline those of `atoms` that may come here and leave the line short."""
        fit: list[_Tree] = []
        for atom in atoms if waiting else ():
            if isinstance(atom, Var) and atom in waiting:
                tree = waiting[atom]
                nameless = self.nameless(atom) or _is_place(tree.equation)
                if (named or nameless) and self.may_come(tree, spot, calls):
                    fit.append(tree)
        if not fit:
            return
        chosen = {t.equation.target for t in fit}
        width = sum(
            waiting[a].width if isinstance(a, Var) and a in chosen else self.plain(a)
            for a in atoms
        )
        operations = 1 + sum(t.operations for t in fit)
        for worst in sorted(fit, key=lambda t: t.width, reverse=True):
            if width <= room and operations <= MAX_OPERATIONS:
                break
            chosen.discard(worst.equation.target)
            width += self.plain(worst.equation.target) - worst.width
            operations -= worst.operations
        for tree in fit:
            target = tree.equation.target
            if target not in chosen:
                continue
            del waiting[target]
            self.inlined[target] = tree.equation
            self.trees[target] = tree
            places = self.defined.get(label_of(target))
            if places:
                at = bisect_left(places, tree.place)
                if at < len(places) and places[at] == tree.place:
                    del places[at]

    @staticmethod
    def nameless(var: Var) -> bool:
        return bool(var.role) or var.base in UNNAMED

    def may_come(self, tree: _Tree, spot: tuple[int, int, int, int], calls: bool) -> bool:
        _, place, wrote, touched = spot
        if tree.reads and wrote > tree.at:
            return False
        if tree.calls and (not calls or touched > tree.at):
            return False
        for name in tree.names:  # noqa: SIM110 - a generator would take three times as long
            if self.redefined(name, tree.place, place):
                return False
        return True

    # -- conditional expressions --------------------------------------------------------

    def branch(self, branch: Branch, depth: int) -> Statement:
        """The branch with its blocks fused, or the equation that says the same."""
        self.block(branch.then, depth + 1, None)
        self.block(branch.orelse, depth + 1, None)
        then, orelse = _only_pair(branch.then), _only_pair(branch.orelse)
        if then is None or orelse is None or then[0] is not orelse[0]:
            return branch
        target, yes, no = then[0], then[1], orelse[1]
        if any(isinstance(a, Undef) or self.keeps(target, a) for a in (yes, no)):
            return branch
        args: tuple[Atom, ...] = (branch.cond, yes, no)
        op = "select"
        if isinstance(kind_of(branch.cond), Bool):
            if (yes, no) == (Const(True), Const(False)):
                return Copy([(target, branch.cond)])
            if no == Const(False):
                op, args = "boolean and", (branch.cond, yes)
            elif yes == Const(True):
                op, args = "boolean or", (branch.cond, no)
        trees = [self.trees[a] for a in args if isinstance(a, Var) and a in self.inlined]
        width = sum(map(self.width, args)) + 10
        if width > CHOICE or sum(t.operations for t in trees) > MAX_OPERATIONS // 2:
            return branch
        return Compute(Equation(target, op, args, None, branch.span))

    def keeps(self, target: Var, atom: Atom) -> bool:
        """Whether a side leaves a name as it was: then `if` says it better."""
        return (
            isinstance(atom, Var)
            and atom not in self.inlined
            and not is_temporary(atom)
            and label_of(atom) == label_of(target)
        )


def _only_pair(body: list[Statement]) -> tuple[Var, Atom] | None:
    if len(body) == 1 and isinstance(body[0], Copy) and len(body[0].pairs) == 1:
        return body[0].pairs[0]
    return None
