"""The intermediate representation: a structured list of equations z_i = f_i(z_a(i)).

Everything is frozen: a pass maps a `Function` to a `Function`. Values are immutable;
`setitem(u, i, v)` is a new array. Control flow stays structured; a region names its
inputs (`carried`) and its results, so no phi nodes are needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, Union

from symdiff.errors import Span
from symdiff.ir.external import External
from symdiff.ir.kinds import (
    BOOL, COMPLEX, FLOAT, NONE, OPAQUE, STR, UNKNOWN, Int, Kind,
)  # fmt: skip
from symdiff.records import dataclass, field, replace

__all__ = [
    "UNDEF", "Applied", "Atom", "Block", "Compound", "Const", "Equation", "External", "For",
    "Function", "Global", "If", "Index", "Iteration", "Node", "Parameter", "SliceItem",
    "Through", "Tree", "Undef", "Var", "While", "atoms_of", "blocks_of", "count_uses",
    "defined_by", "each_function", "inner_params", "kind_of", "leaves", "map_atoms",
    "map_nodes", "map_tree", "rename", "used_in_block", "walk",
]  # fmt: skip


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Var:
    """One value. Made once and compared by identity; the three names print it. An adjoint
    or a tangent is `of` another value.

    `role` is "" for primal values, "bar" for adjoints, "dot" for tangents and "dx" for
    those along an input x, "partial" for what these are made of, "tape" for tapes and
    "saved" for what a write overwrites.
    """

    base: str
    role: str = ""
    version: int = 0
    kind: Kind = UNKNOWN
    of: Var | None = None

    @property
    def stem(self) -> str:
        """What derivatives of the value are called after."""
        derived = self.role and self.base != "t"
        return f"{self.base}_{self.role}" if derived else self.base

    @property
    def is_derivative(self) -> bool:
        """Whether it is no value of the primal program."""
        return self.role not in ("", "tape", "saved")

    def __str__(self) -> str:
        name = f"{self.base}_{self.role}" if self.role else self.base
        return f"{name}.{self.version}" if self.version else name

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class Const:
    """A literal: int, float, complex, bool, str, None or Ellipsis.

    Compared by type and printed form: 1, 1.0 and True differ, as 0.0 and -0.0 do.
    """

    value: Any = field(compare=False)
    key: tuple[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        key = (type(self.value).__name__, repr(self.value))
        object.__setattr__(self, "key", key)

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Global:
    """A value that the generated code finds by name in its module: a module constant,
    a closed-over value or a function that is not differentiated."""

    name: str
    kind: Kind = field(default=OPAQUE, compare=False)

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class Undef:
    """No value: a name that this path leaves unassigned."""

    def __str__(self) -> str:
        return "undef"


UNDEF = Undef()
Atom = Var | Const | Global | Undef


@dataclass(frozen=True, slots=True)
class Compound:
    """A list, dict or object among the results of a function, made of its items.

    form: "list"; "record", the tuple that a call leaves for its reverse; "dict", with
        `keys`; "call", what the class `of` makes of arguments named `keys`; "instance",
        an instance of the class `of` with the attributes `keys`, made without running its
        code; "like" and "typed", an "instance" and a "call" of the class of the object
        `of`; "replace" and "_replace", the dataclass or named tuple `of` with other fields;
        "each" and "values", a list or dict like that at `of` with one item in place of
        each: lists in it stand for what they hold for this one, and no `of` in it for it.
    """

    form: str
    items: tuple[Tree, ...]
    keys: tuple[Any, ...] = ()
    of: Atom | None = None  # the class, or an object at this path:
    path: tuple[tuple[str, Any], ...] = ()


Tree = Union[Atom, tuple["Tree", ...], Compound]  # noqa: UP007 (a recursive alias)


def kind_of(atom: Atom) -> Kind:
    """The kind of any atom."""
    if isinstance(atom, Var):
        return atom.kind
    if isinstance(atom, Undef):
        return UNKNOWN
    if isinstance(atom, Global):
        return atom.kind
    value = atom.value
    if isinstance(value, float):
        return FLOAT if type(value) is float else OPAQUE
    if value is None:
        return NONE
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return Int(value)
    return _KINDS.get(type(value), OPAQUE)


_KINDS: dict[type, Kind] = {complex: COMPLEX, str: STR}


@dataclass(frozen=True, slots=True)
class SliceItem:
    """`start:stop:step`; the flags say which of the three take an argument."""

    start: bool = False
    stop: bool = False
    step: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """The shape of a subscript; its atoms are arguments of the equation, in order.

    Items: "at" (one argument: an integer or an index array), a `SliceItem` (up to
    three), "new" (`None`), "rest" (`...`). `tupled` if written with a comma or built
    as a tuple. It may be taken `through` views of the array: their atoms come first.
    `once` says of arrays of integers in it that they name no place twice.
    """

    items: tuple[str | SliceItem, ...]
    tupled: bool = False
    through: tuple[Through, ...] = ()
    once: bool = field(default=False, compare=False)

    @property
    def whole(self) -> bool:
        """Whether it is `[:]` or `[...]`: all of the array."""
        if self.through:
            return False
        return len(self.items) == 1 and self.items[0] in ("rest", SliceItem())

    @property
    def inner(self) -> Index:
        """The subscript of the last view."""
        return Index(self.items, self.tupled) if self.through else self

    @property
    def imaginary(self) -> bool:
        """Whether it is taken of the imaginary part, of which an adjoint has a minus."""
        return any(step.op == "imag" for step in self.through)

    def split(self, atoms: Sequence[_T]) -> tuple[list[tuple[_T, ...]], Sequence[_T]]:
        """The atoms that each view takes, and those of the subscript itself."""
        views: list[tuple[_T, ...]] = []
        for step in self.through:
            views.append(tuple(atoms[: step.takes]))
            atoms = atoms[step.takes :]
        return views, atoms


class Through(NamedTuple):
    """A view on the way to a subscript: the op that makes it, how many atoms it takes
    besides the array, and its params."""

    op: str
    takes: int
    params: Any = None


@dataclass(frozen=True, slots=True)
class Applied:
    """How the function that is the first argument of "apply" is called: the last
    arguments by these keywords.

    `declared` is what a user declared of its derivative (`symdiff.declared`), `others` are
    arguments that the call leaves out, by name; `vjp` and `jvp` are the declared ones.
    """

    kind: Kind  # of the result
    keywords: tuple[str, ...] = ()
    declared: Any = None
    others: tuple[tuple[str, Atom], ...] = ()
    vjp: Atom | None = None
    jvp: Atom | None = None


@dataclass(frozen=True, slots=True)
class Equation:
    """target = op(args). `params` is static data of the op (keyword names, an `Index`)."""

    target: Var
    op: str
    args: tuple[Atom, ...]
    params: Any = None
    span: Span | None = field(default=None, compare=False)

    def with_args(self, args: tuple[Atom, ...]) -> Equation:
        """The equation with other arguments: `replace` at a third of its price."""
        return Equation(self.target, self.op, args, self.params, self.span)


@dataclass(frozen=True, slots=True)
class If:
    """Run one of two blocks; `results[k]` is then `then_yields[k]` or `else_yields[k]`."""

    cond: Atom
    then: Block
    orelse: Block
    results: tuple[Var, ...] = ()
    then_yields: tuple[Atom, ...] = ()
    else_yields: tuple[Atom, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Iteration:
    """What a `For` runs over.

    form "range" or "reversed": args are start, stop, step, and the loop has one target,
    None where unused. "reversed" runs that same range backwards.
    form "tape": args are tapes, run backwards but for those in `ahead`; the targets
    unpack their entries, so many of them those of each tape as `takes` says if there are
    several.
    form "items": args are lists and arrays, run forwards if in `ahead`; each has a
    target, behind one for the number of the round where that is wanted.
    """

    form: str
    args: tuple[Atom, ...]
    takes: tuple[int, ...] = ()
    ahead: frozenset[int] = frozenset()

    def with_args(self, args: tuple[Atom, ...]) -> Iteration:
        return Iteration(self.form, args, self.takes, self.ahead)

    @property
    def runs_along(self) -> bool:
        """Whether it runs over several at once."""
        return self.form in ("tape", "items") and len(self.args) > 1

    def counts(self, targets: Sequence[object]) -> bool:
        """Whether the rounds are numbered, besides the items that there are."""
        return self.form == "items" and len(targets) > len(self.args)

    @staticmethod
    def over(rows: Sequence[tuple[Atom, int, bool]]) -> Iteration:
        """Over tapes: each with how many targets it has, and whether it is run ahead."""
        takes = tuple(count for _, count, _ in rows) if len(rows) > 1 else ()
        ahead = frozenset(k for k, (_, _, forwards) in enumerate(rows) if forwards)
        return Iteration("tape", tuple(tape for tape, _, _ in rows), takes, ahead)

    def entries(self, targets: tuple[_T, ...]) -> Iterator[tuple[Atom, tuple[_T, ...]]]:
        """Each tape and those of the targets that unpack its entries."""
        if self.form != "tape":
            return
        for tape, count in zip(self.args, self.takes or (len(targets),), strict=True):
            yield tape, targets[:count]
            targets = targets[count:]


@dataclass(frozen=True, slots=True)
class For:
    """Before round 1 `carried` holds `inits`, after each round `yields`; at the end
    `results` holds them. If `leave` is given and true after a round, no more follows."""

    targets: tuple[Var, ...]
    iteration: Iteration
    carried: tuple[Var, ...]
    inits: tuple[Atom, ...]
    body: Block
    yields: tuple[Atom, ...]
    results: tuple[Var, ...]
    leave: Atom | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class While:
    """As `For`; before each round `test` runs, and the loop ends when `cond` is false.
    Values defined in `test` are visible in `body`."""

    test: Block
    cond: Atom
    carried: tuple[Var, ...]
    inits: tuple[Atom, ...]
    body: Block
    yields: tuple[Atom, ...]
    results: tuple[Var, ...]
    leave: Atom | None = None
    span: Span | None = field(default=None, compare=False)


Node = Equation | If | For | While
Block = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as in the primal's signature; `form` is "", "*", "**", "/" or "kw"."""

    var: Var
    default: Atom | None = None
    form: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """One specialised function. `returns` is an atom or a structure of atoms."""

    name: str
    params: tuple[Parameter, ...]
    body: Block
    returns: Tree
    span: Span
    doc: str | None = None
    externals: tuple[External, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()  # (("numpy", "np"), …): the user's aliases
    contexts: tuple[Equation, ...] = ()  # what the body runs in: `with np.errstate(...)`
    functions: tuple[Function, ...] = ()  # those that "invoke" runs, by name
    # Parameters whose memory goes over to the function, and the results it comes back in.
    taken: tuple[tuple[int, int], ...] = ()
    in_range: bool = False  # no index needs to be checked while it runs
    infinite: bool = False  # what is divided by zero; only compiled code looks at this
    around: bool = False  # stays Python although what it invokes is compiled


def each_function(function: Function, change: Callable[[Function], Function]) -> Function:
    """The function with itself and those that it invokes changed."""
    inner = tuple(map(change, function.functions))
    outer = change(function)
    if all(a is b for a, b in zip(inner, function.functions, strict=True)):
        return outer
    return replace(outer, functions=inner)


# -- walking --------------------------------------------------------------------------


def leaves(tree: Tree) -> Iterator[Atom]:
    """The atoms of a tree, left to right."""
    if isinstance(tree, tuple):
        for item in tree:
            yield from leaves(item)
    elif isinstance(tree, Compound):
        if tree.of is not None:
            yield tree.of
        yield from leaves(tree.items)
    else:
        yield tree


def map_tree(tree: Tree, change: Callable[[Atom], Atom]) -> Tree:
    if isinstance(tree, tuple):
        return tuple(map_tree(item, change) for item in tree)
    if isinstance(tree, Compound):
        of = None if tree.of is None else change(tree.of)
        items = tuple(map_tree(item, change) for item in tree.items)
        return replace(tree, items=items, of=of)
    return change(tree)


def blocks_of(node: Node) -> tuple[Block, ...]:
    """The inner blocks of a node."""
    if isinstance(node, Equation):
        return ()
    if isinstance(node, If):
        return (node.then, node.orelse)
    if isinstance(node, For):
        return (node.body,)
    return (node.test, node.body)


def walk(block: Block) -> list[Node]:
    """Every node, outer before inner, in program order."""
    nodes: list[Node] = []
    for node in block:
        nodes.append(node)
        if not isinstance(node, Equation):
            for inner in blocks_of(node):
                nodes += walk(inner)
    return nodes


def atoms_of(node: Node) -> tuple[Atom, ...]:
    """The atoms that a node itself reads (those read inside its blocks excluded, except
    what the blocks hand over: yields, conditions, leave)."""
    if isinstance(node, Equation):
        return node.args
    if isinstance(node, If):
        return (node.cond, *node.then_yields, *node.else_yields)
    leave = () if node.leave is None else (node.leave,)
    if isinstance(node, For):
        return (*node.iteration.args, *node.inits, *node.yields, *leave)
    return (*node.inits, node.cond, *node.yields, *leave)


def defined_by(node: Node) -> tuple[Var, ...]:
    """The values that a node defines for the nodes after it."""
    return (node.target,) if isinstance(node, Equation) else node.results


def inner_params(node: Node) -> tuple[Var, ...]:
    """The values that a loop defines for its own blocks."""
    if isinstance(node, For):
        return (*node.targets, *node.carried)
    return node.carried if isinstance(node, While) else ()


def used_in_block(block: Block) -> set[Var]:
    """All values read anywhere in the block, defined inside it or not."""
    used: set[Var] = set()
    for node in walk(block):
        used.update([a for a in atoms_of(node) if isinstance(a, Var)])
    return used


def count_uses(function: Function) -> Counter[Atom]:
    """How often each atom is read, by the nodes and among the results."""
    uses: Counter[Atom] = Counter(leaves(function.returns))
    # In one go: `update` for every node would take longer than all the rest.
    uses.update([atom for node in walk(function.body) for atom in atoms_of(node)])
    return uses


def map_atoms(node: Node, change: Callable[[Atom], Atom]) -> Node:
    """The node with every atom it reads, at any depth, changed; definitions are kept."""

    def many(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(map(change, atoms))

    def block(nodes: Block) -> Block:
        return tuple(map_atoms(n, change) for n in nodes)

    if isinstance(node, Equation):
        return node.with_args(many(node.args))
    if isinstance(node, If):
        return replace(
            node,
            cond=change(node.cond),
            then=block(node.then),
            orelse=block(node.orelse),
            then_yields=many(node.then_yields),
            else_yields=many(node.else_yields),
        )
    leave = None if node.leave is None else change(node.leave)
    if isinstance(node, For):
        iteration = node.iteration.with_args(many(node.iteration.args))
        return replace(
            node,
            iteration=iteration,
            inits=many(node.inits),
            body=block(node.body),
            yields=many(node.yields),
            leave=leave,
        )
    return replace(
        node,
        test=block(node.test),
        cond=change(node.cond),
        inits=many(node.inits),
        body=block(node.body),
        yields=many(node.yields),
        leave=leave,
    )


def map_nodes(block: Block, change: Callable[[Node], Node]) -> Block:
    """The block with every node at any depth changed, inner nodes first."""

    def inner(node: Node) -> Node:
        if isinstance(node, Equation):
            return change(node)
        if isinstance(node, If):
            then, orelse = map_nodes(node.then, change), map_nodes(node.orelse, change)
            return change(replace(node, then=then, orelse=orelse))
        node = replace(node, body=map_nodes(node.body, change))
        if isinstance(node, While):
            node = replace(node, test=map_nodes(node.test, change))
        return change(node)

    return tuple(map(inner, block))


def rename(block: Block, names: Mapping[Var, Atom]) -> Block:
    """The block reading `names[v]` wherever it reads v."""

    def change(atom: Atom) -> Atom:
        return names.get(atom, atom) if isinstance(atom, Var) else atom

    return tuple(map_atoms(node, change) for node in block)
