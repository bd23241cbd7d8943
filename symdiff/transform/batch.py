"""Programs of numbers, applied to arrays of them entry by entry.

Done to finished code, its derivatives included: what a branch does not take is computed
and left out by `where`, so that no infinite slope gets into what is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.builder import Builder, Names
from symdiff.ir.core import (
    Atom, Block, Const, Equation, For, Function, If, Node, Parameter, Undef,
    Var, While, kind_of, map_tree,
)  # fmt: skip
from symdiff.ir.kinds import TAPE, Array, Bool, Kind, List, Size, Tuple, is_number
from symdiff.records import dataclass, field, replace
from symdiff.rules import rule_for
from symdiff.rules.row import Rule
from symdiff.transform.branchless import has_effect, is_total
from symdiff.transform.equations import shown

__all__ = ["over_batch"]

_OTHER_NAMES = {
    "math.asin": "numpy.arcsin", "math.acos": "numpy.arccos", "math.atan": "numpy.arctan",
    "math.atan2": "numpy.arctan2", "math.asinh": "numpy.arcsinh",
    "math.acosh": "numpy.arccosh", "math.atanh": "numpy.arctanh", "math.pow": "numpy.power",
    "builtins.pow": "pow", "builtins.abs": "numpy.abs", "not": "numpy.logical_not",
    "select": "numpy.where", "boolean and": "numpy.logical_and",
    "boolean or": "numpy.logical_or",
}  # fmt: skip
_SAME = frozenset(
    "sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt hypot fabs "
    "copysign fmod degrees radians floor ceil trunc isfinite isinf isnan".split()
)
_OF_TWO = ("hypot", "copysign", "fmod")
_STEPS = frozenset(
    f"numpy.{n}" for n in "sign floor ceil trunc isfinite isinf isnan".split()
)
_OF_TRUTHS = frozenset(
    "numpy.where numpy.logical_and numpy.logical_or numpy.logical_not bitand bitor eq ne "
    "item tuple copy".split()
)
_OPERATORS = frozenset(
    "add sub mul div floordiv mod pow neg pos lt le gt ge eq ne bitand bitor copy "
    "tuple".split()
)


def over_batch(
    function: Function, names: Names, batch: Mapping[str, str], ndim: int
) -> Function:
    """The function for arrays in place of some of its numbers, given by their dtypes. All
    arrays have `ndim` axes and one shape.

    Raises `DifferentiationError` for what cannot be done to all entries at once.
    """
    work = _Batch(names, tuple(Size(f"batch.{k}") for k in range(ndim)))
    # A parameter that the user called `t` is marked: it is no temporary.
    params = tuple(
        work.parameter(p, batch.get(p.var.base.removesuffix("'"))) for p in function.params
    )
    body = work.block(function.body)
    if work.problems:
        raise DifferentiationError(tuple(dict.fromkeys(work.problems)))
    quiet = Equation(names.fresh("t"), "numpy.errstate", (Const("ignore"),), ("all",))
    return replace(
        function,
        params=params,
        body=body,
        returns=map_tree(function.returns, work.atom),
        contexts=(*function.contexts, quiet),
    )


@dataclass(eq=False, slots=True)
class _Tape:
    """What is known of the entries of a tape: of each part whether it is of the batch, or
    the tape that it is."""

    parts: list[bool | _Tape] = field(default_factory=list)


class _Batch:
    def __init__(self, names: Names, dims: tuple[Size, ...]) -> None:
        self.names, self.dims = names, dims
        self.build = Builder(names)
        self.values: dict[Var, Atom] = {}
        self.tapes: dict[Atom, _Tape] = {}
        self.like: Var | None = None  # one of the arrays
        self.inside = 0  # branches over the batch that are open
        self.problems: list[Diagnostic] = []

    def parameter(self, param: Parameter, dtype: str | None) -> Parameter:
        if dtype is None:
            return param
        made = self.names.fresh(param.var.base, param.var.role, Array(dtype, self.dims))
        self.values[param.var] = made
        self.like = self.like or made
        return replace(param, var=made)

    def atom(self, atom: Atom) -> Atom:
        return self.values.get(atom, atom) if isinstance(atom, Var) else atom

    def problem(self, message: str, span: Span | None, help: str | None = None) -> None:
        self.problems.append(Diagnostic(message, span, help))

    def is_batch(self, atom: Atom) -> bool:
        """Whether there is a value for each entry. A number of the batch is the only kind
        of array without lengths of its own."""
        kind = kind_of(atom)
        return isinstance(kind, Array) and kind.dims == self.dims

    def holds(self, kind: Kind) -> bool:
        """Whether such a value holds something of the batch."""
        if isinstance(kind, Tuple):
            return any(map(self.holds, kind.items))
        if isinstance(kind, List):
            return self.holds(kind.item)
        return isinstance(kind, Array) and kind.dims == self.dims

    # -- nodes ------------------------------------------------------------------------

    def block(self, block: Block) -> Block:
        with self.build.block() as nodes:
            self.all(block)
            return tuple(nodes)

    def all(self, block: Block) -> None:
        for node in block:
            self.build.span = node.span
            if isinstance(node, Equation):
                self.equation(node)
            elif isinstance(node, If):
                self.branch(node)
            else:
                self.loop(node)

    def equation(self, eq: Equation) -> None:
        args = tuple(map(self.atom, eq.args))
        if eq.op == "tape":
            self.tapes[eq.target] = _Tape()
        if eq.op == "comment" and self.inside:
            return
        if eq.op == "push":
            self.push(eq, args)
        elif any(self.holds(kind_of(a)) for a in args):
            self.entries(eq, args)
        else:
            if self.inside and (has_effect(eq) or not is_total(eq)) and eq.op != "tape":
                message = "both sides of this branch run, and this may fail"
                self.problem(message, eq.span, "let it depend on the arrays, or not at all")
            self.build.append(eq.with_args(args))

    def push(self, eq: Equation, args: Sequence[Atom]) -> None:
        tape = self.tapes[eq.target] = self.tapes[eq.args[0]]
        found: list[bool | _Tape] = [
            self.tapes.get(old) or self.is_batch(new)
            for old, new in zip(eq.args[1:], args[1:], strict=True)
        ]
        known = tape.parts or [False] * len(found)
        tape.parts = [a or b for a, b in zip(known, found, strict=True)]
        self.build.append(eq.with_args(tuple(args)))

    def entries(self, eq: Equation, args: tuple[Atom, ...]) -> None:
        """An operation on the entries of arrays."""
        op = _form(eq.op, len(args))
        if eq.op == "item":
            op = eq.op
        elif not all(self.is_batch(a) or is_number(kind_of(a)) for a in args):
            op = None  # an array of the program's own would be taken for one of the batch
        if eq.op == "builtins.float":
            self.values[eq.target] = args[0]
            return
        if eq.op in ("builtins.max", "builtins.min") and len(args) > 1:
            self.values[eq.target] = self.extreme(eq, args)
            return
        if eq.op in ("boolean and", "boolean or") and not all(map(_is_truth, args)):
            op = None
        if op is None or has_effect(eq):
            message = f"`{shown(eq)}` cannot be done to all entries of an array at once"
            self.problem(message, eq.span, "call the function in a loop over the entries")
            op = "add"
        if op not in _OF_TRUTHS:
            args = tuple(map(self.number, args))
        self.values[eq.target] = self.define(eq.target, op, args, eq.params)

    def number(self, atom: Atom) -> Atom:
        """Truth values as numbers: the sum of two of NumPy's is no number."""
        if not self.is_batch(atom) or not _is_truth(atom):
            return atom
        return self.build.define("numpy.astype", atom, Const("int64"))

    def define(
        self, like: Var, op: str, args: Sequence[Atom], params: object = None
    ) -> Var:
        return self.build.define(op, *args, params=params, base=like.base, role=like.role)

    def extreme(self, eq: Equation, args: Sequence[Atom]) -> Atom:
        """Of equal ones Python's `max` and `min` return the first."""
        test = "gt" if eq.op == "builtins.max" else "lt"
        best = args[0]
        for other in args[1:]:
            better = self.build.define(test, other, best)
            best = self.define(eq.target, "numpy.where", (better, other, best))
        return best

    # -- branches ---------------------------------------------------------------------

    def branch(self, node: If) -> None:
        cond = self.atom(node.cond)
        if not self.is_batch(cond):
            self.kept(node, cond)
            return
        self.inside += 1
        with self.build.block() as nodes:
            self.all(node.then)
            self.all(node.orelse)
        self.inside -= 1
        self.build.span = node.span
        merged = [(r, self.atom(a), self.atom(b)) for r, a, b in _sides(node)]
        pushes: dict[Atom, Equation] = {
            n.target: n for n in nodes if isinstance(n, Equation) and n.op == "push"
        }
        used = {a for r, *sides in merged if r.kind == TAPE for a in sides}
        self.build.nodes += [n for n in nodes if getattr(n, "target", None) not in used]
        for result, then, other in merged:
            if result.kind == TAPE:
                both = pushes.get(then), pushes.get(other)
                self.merge_pushes(result, cond, both, node.span)
            else:
                self.values[result] = self.merged(result, cond, then, other, node.span)

    def merged(
        self, like: Var, cond: Atom, then: Atom, other: Atom, span: Span | None
    ) -> Atom:
        """Where the condition holds one, elsewhere the other."""
        if _is_nothing(then) or _is_nothing(other):
            return other if _is_nothing(then) else then  # it is read where it is set
        if then == other:
            return then
        for side in (then, other):
            if not self.is_batch(side) and not is_number(kind_of(side)):
                self.problem("the sides of this branch hold more than numbers", span)
                return then
        return self.define(like, "numpy.where", (cond, then, other))

    def merge_pushes(
        self,
        result: Var,
        cond: Atom,
        both: tuple[Equation | None, Equation | None],
        span: Span | None,
    ) -> None:
        """One entry of a tape for both sides."""
        one, two = both
        if one is None or two is None or one.args[0] != two.args[0]:
            message = "a loop in a branch that differs between the entries"
            self.problem(message, span, "let the branch stand in the loop")
            self.tapes[result] = _Tape()
            return
        pairs = zip(one.args[1:], two.args[1:], strict=True)
        entry = [self.merged(self.names.fresh("t"), cond, a, b, span) for a, b in pairs]
        tape = self.tapes[result] = self.tapes[one.target]
        for place, part in enumerate(entry):
            tape.parts[place] = tape.parts[place] or self.is_batch(part)
        self.build.append(Equation(result, "push", (one.args[0], *entry), None, span))

    def kept(self, node: If, cond: Atom) -> None:
        """A branch that all entries take alike."""
        blocks, yields = [], []
        for block, own in ((node.then, node.then_yields), (node.orelse, node.else_yields)):
            with self.build.block() as nodes:
                self.all(block)
                blocks.append(nodes)
                yields.append([self.atom(a) for a in own])
        results = []
        for place, result in enumerate(node.results):
            sides = [side[place] for side in yields]
            tape = next((self.tapes[s] for s in sides if s in self.tapes), None)
            if tape is not None:
                self.tapes[result] = tape
            if any(map(self.is_batch, sides)):
                for nodes, side in zip(blocks, yields, strict=True):
                    side[place] = self.spread(side[place], result, nodes)
                result = self.renamed(result)
            results.append(result)
        self.build.append(
            replace(
                node, cond=cond, then=tuple(blocks[0]), orelse=tuple(blocks[1]),
                results=tuple(results), then_yields=tuple(yields[0]),
                else_yields=tuple(yields[1]),
            )
        )  # fmt: skip

    def renamed(self, var: Var) -> Var:
        """A value of the batch in place of a number."""
        dtype = "bool" if isinstance(var.kind, Bool) else self.dtype
        made = self.names.fresh(var.base, var.role, Array(dtype, self.dims))
        self.values[var] = made
        return made

    @property
    def dtype(self) -> str:
        kind = self.like.kind if self.like is not None else None
        return kind.dtype if isinstance(kind, Array) else "float64"

    def spread(self, atom: Atom, like: Var, nodes: list[Node]) -> Atom:
        """A number as an array of the batch."""
        if self.is_batch(atom) or not is_number(kind_of(atom)):
            return atom
        assert self.like is not None
        args: tuple[Atom, ...] = (self.like, atom)
        params = None
        if isinstance(kind_of(atom), Bool):
            args, params = (*args, Const("bool")), ("dtype",)
        with self.build.block() as made:
            found = self.define(like, "numpy.full_like", args, params)
        nodes += made
        return found

    # -- loops ------------------------------------------------------------------------

    def loop(self, node: For | While) -> None:
        inits = [self.atom(a) for a in node.inits]
        for carried, result, init in zip(node.carried, node.results, inits, strict=True):
            if init in self.tapes:
                self.tapes[carried] = self.tapes[result] = self.tapes[init]
        spread = {k for k, init in enumerate(inits) if self.is_batch(init)}
        kept, seen = dict(self.values), len(self.problems)
        while True:  # until it is known which values are of the batch
            del self.problems[seen:]
            self.values = dict(kept)
            before = len(spread), self.known()
            made = self.round(node, spread)
            if before == (len(spread), self.known()):
                break
        for place in spread:
            if _is_nothing(inits[place]):
                message = f"`{node.carried[place].base}` holds no number before this loop"
                self.problem(message, node.span, "begin with a number")
            inits[place] = self.spread(inits[place], node.carried[place], self.build.nodes)
        results = tuple(
            self.renamed(v) if k in spread else v for k, v in enumerate(node.results)
        )
        self.build.append(replace(made, inits=tuple(inits), results=results))

    def known(self) -> str:
        """How much is known of tapes."""
        return repr([[bool(part) for part in tape.parts] for tape in self.tapes.values()])

    def round(self, node: For | While, spread: set[int]) -> For | While:
        """The loop, if these of what it carries are of the batch; more may be added."""
        carried = tuple(
            self.renamed(v) if k in spread else v for k, v in enumerate(node.carried)
        )
        decides: list[Atom] = []
        if isinstance(node, While):
            test = self.block(node.test)
            node = replace(node, test=test, cond=self.atom(node.cond))
            decides.append(node.cond)
        else:
            targets = tuple(map(self.target, self.parts(node), node.targets))
            args = tuple(map(self.atom, node.iteration.args))
            iteration = node.iteration.with_args(args)
            node = replace(node, targets=targets, iteration=iteration)
            decides += args
        with self.build.block() as nodes:
            self.all(node.body)
            yields = [self.atom(a) for a in node.yields]
            for place, atom in enumerate(yields):
                if self.is_batch(atom):
                    spread.add(place)
                if place in spread:
                    yields[place] = self.spread(atom, node.carried[place], nodes)
        leave = None if node.leave is None else self.atom(node.leave)
        decides += () if leave is None else (leave,)
        if any(map(self.is_batch, decides)):
            message = "how often this loop runs differs between the entries"
            self.problem(message, node.span, "run it a fixed number of times")
        return replace(
            node, carried=carried, body=tuple(nodes), yields=tuple(yields), leave=leave
        )

    def parts(self, node: For) -> list[bool | _Tape]:
        """Of the targets of a loop over a tape, which are of the batch."""
        if node.iteration.form != "tape":
            return [False] * len(node.targets)
        found: list[bool | _Tape] = []
        for atom, targets in node.iteration.entries(node.targets):
            tape = self.tapes.get(atom)
            if tape is None or len(tape.parts) != len(targets):
                found += [False] * len(targets)
            else:
                found += tape.parts
        return found

    def target(self, part: bool | _Tape, var: Var) -> Var:
        if isinstance(part, _Tape):
            self.tapes[var] = part
            return var
        return self.renamed(var) if part else var


def _form(op: str, count: int) -> str | None:
    """The operation on arrays; None if there is none."""
    if op in _OTHER_NAMES:
        return _OTHER_NAMES[op]
    if op in _OPERATORS or op in _STEPS:
        return op
    module, _, name = op.partition(".")
    if module == "math" and name in _SAME and count == (2 if name in _OF_TWO else 1):
        return f"numpy.{name}"
    rule = rule_for(op)
    if module == "numpy" and isinstance(rule, Rule) and rule.elementwise:
        return op
    return None


def _is_truth(atom: Atom) -> bool:
    kind = kind_of(atom)
    return isinstance(kind, Bool) or (isinstance(kind, Array) and kind.dtype == "bool")


def _is_nothing(atom: Atom) -> bool:
    return isinstance(atom, Undef) or atom == Const(None)


def _sides(node: If) -> Sequence[tuple[Var, Atom, Atom]]:
    return list(zip(node.results, node.then_yields, node.else_yields, strict=True))
