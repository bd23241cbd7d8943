"""What generated text takes from around it: modules, builtins, globals, helpers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from symdiff.backend.helpers import COMPILED, HELPER_OF, HELPERS, Helper
from symdiff.backend.naming import label_of, preferred
from symdiff.ir.core import (
    Atom, Compound, Const, Equation, For, Function, Global, Index, SliceItem, Tree,
    atoms_of, kind_of, leaves, walk,
)  # fmt: skip
from symdiff.ir.handed import HANDED
from symdiff.ir.kinds import Array, Bool, Int, Kind, List, Tuple
from symdiff.records import dataclass, field
from symdiff.request import Target

__all__ = ["Scope", "repeats", "scope_of", "spreads"]

_ALIASES = {"numpy": "np"}


@dataclass(slots=True)
class Scope:
    """Names of the module around the function, as far as the function uses them."""

    modules: dict[str, str] = field(default_factory=dict)  # dotted name -> alias
    known: dict[str, str] = field(default_factory=dict)  # as the user imported them
    builtins: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    helpers: set[str] = field(default_factory=set)
    params: set[str] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=dict)  # how those are called
    target: Target = "python"

    def decorators(self, checked: bool = False, errors: str = "") -> list[str]:
        """What stands above a function that is compiled."""
        if self.target != "numba":
            return []
        options = ["boundscheck=True"] if checked else []
        if errors:
            options.append(f'error_model="{errors}"')
        given = f"({', '.join(options)})" if options else ""
        return [f"@{self.alias('numba')}.njit{given}"]

    def helper(self, name: str) -> Helper:
        compiled = COMPILED.get(name) if self.target == "numba" else None
        return compiled or HELPERS[name]

    def split(self, op: str) -> tuple[str, str]:
        """`numpy.linalg.solve` -> the alias of its module, and the rest of the name."""
        parts = op.split(".")
        for size in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:size])
            if module in self.known:
                return self.alias(module), ".".join(parts[size:])
        size = 2 if parts[0] == "scipy" else 1
        return self.alias(".".join(parts[:size])), ".".join(parts[size:])

    def alias(self, module: str) -> str:
        """The name under which a module is used; it is imported from now on."""
        if module not in self.modules:
            name = self.known.get(module) or _ALIASES.get(module, module)
            while name in self.params:
                name += "_"
            self.modules[module] = name
        return self.modules[module]

    def builtin(self, name: str) -> str:
        """How a builtin is written where a parameter may have taken its name."""
        if name in self.params:
            return f"{self.alias('builtins')}.{name}"
        self.builtins.add(name)
        return name

    def infinity(self) -> str:
        """The module that knows `inf` and `nan`."""
        if "numpy" in self.modules and "math" not in self.modules:
            return self.alias("numpy")
        return self.alias("math")

    def reserved(self) -> frozenset[str]:
        aliases = {*self.modules.values(), *self.known.values()}
        names = aliases | self.builtins | self.globals | self.helpers
        return frozenset(names.union(self.functions.values()))

    def name_functions(self, function: Function) -> None:
        """Names of the functions that a program invokes, apart from all others."""
        taken = {*self.reserved(), *self.params, function.name}
        for inner in function.functions:
            name = inner.name
            while name in taken:
                name += "_"
            taken.add(name)
            self.functions[inner.name] = name


def scope_of(function: Function, target: Target = "python") -> Scope:
    """All that the text of a function, and of those that it invokes, will refer to."""
    scope = Scope(known=dict(function.modules), target=target)
    program = (*function.functions, function)
    scope.params = {preferred(label_of(p.var)) for f in program for p in f.params}
    special = [_scan(scope, each) for each in program]
    for helper in [*scope.helpers]:
        scope.helpers.update(scope.helper(helper).needs)
        for module in scope.helper(helper).modules:
            scope.alias(module)
    if target == "numba":
        scope.alias("numba")
    if any(special):
        scope.infinity()
    scope.name_functions(function)
    return scope


def _scan(scope: Scope, function: Function) -> bool:
    """Note what one function refers to; whether it has numbers without a literal."""
    special = False
    for node in (*function.contexts, *walk(function.body)):
        for atom in atoms_of(node):
            special |= _note(scope, atom)
        if isinstance(node, Equation):
            _operation(scope, node)
        elif isinstance(node, For):
            if node.iteration.form == "range":
                scope.builtin("range")
            else:
                if len(node.iteration.ahead) < len(node.iteration.args):
                    scope.builtin("reversed")
                if node.iteration.runs_along:
                    scope.builtin("zip")
                if node.iteration.counts(node.targets):
                    scope.builtin("enumerate")
                if node.iteration.form == "reversed":
                    scope.builtin("range")
    for atom in _signature(function):
        special |= _note(scope, atom)
    for compound in _compounds(function.returns):
        if compound.form == "replace":
            scope.alias("dataclasses")
        if compound.form in ("like", "instance"):
            scope.helpers.add("_instance")
        if compound.form in ("holding", "held"):
            scope.helpers.add("_extended")
        if compound.form in ("like", "typed", "holding"):
            scope.builtin("type")
        if compound.form in ("each", "values"):
            scope.builtin("zip")
        if compound.form == "values":
            scope.builtin("dict")
    return special


def _compounds(tree: Tree) -> Iterator[Compound]:
    """What a returned structure is made of, beside tuples and atoms."""
    if isinstance(tree, Compound):
        yield tree
    if not isinstance(tree, Atom):
        for item in tree.items if isinstance(tree, Compound) else tree:
            yield from _compounds(item)


def _signature(function: Function) -> Iterator[Atom]:
    yield from leaves(function.returns)
    for param in function.params:
        if param.default is not None:
            yield param.default


def _note(scope: Scope, atom: Atom) -> bool:
    """Note a global; whether the atom is a number that has no literal."""
    if isinstance(atom, Global):
        if "." in atom.name:  # a constant of a library, such as `math.pi`
            scope.split(atom.name)
        else:
            scope.globals.add(atom.name)
        return False
    return isinstance(atom, Const) and isinstance(atom.value, float) and (
        not math.isfinite(atom.value)
    )  # fmt: skip


def _operation(scope: Scope, equation: Equation) -> None:
    op = equation.op
    if op == "scipy.sparse.lu_solve":  # a method
        return
    if op in HELPER_OF:
        scope.helpers.add(HELPER_OF[op])
    elif op == "additem":
        if isinstance(kind_of(equation.args[-1]), List):
            scope.builtin("zip")
        elif repeats(equation, scope.target):
            scope.alias("numpy")
            if scope.target != "python" and equation.params.items == ("at",):
                scope.helpers.add("_add_at")
    elif op == HANDED:
        if equation.params.call in HELPERS:
            scope.helpers.add(equation.params.call)
        else:
            scope.split(equation.params.call)
        if any(equation.params.captured):
            scope.alias("functools")
    elif op.startswith("builtins."):
        scope.builtin(op.removeprefix("builtins."))
    elif op.startswith("list."):
        _list_operation(scope, equation)
    elif "." in op:
        scope.split(op)


def _list_operation(scope: Scope, equation: Equation) -> None:
    """Note what the text of an operation on lists names besides its arguments."""
    for function in _NAMED_BY_LISTS.get(equation.op, ()):
        scope.builtin(function)
    if equation.op == "list.split" or _zeros_of_arrays(equation):
        scope.alias("numpy")


_NAMED_BY_LISTS = {
    "list.zeros_like": ("len",), "list.added": ("zip",), "list.unstack": ("list",),
    "list.members": ("list",),
    "list.split": ("len",), "list.order": ("sorted", "range", "len"),
    "list.take": ("list", "map"),
}  # fmt: skip


def _zeros_of_arrays(equation: Equation) -> bool:
    kind = equation.target.kind
    while isinstance(kind, List):
        kind = kind.item
    return equation.op == "list.zeros_like" and isinstance(kind, Array)


def spreads(equation: Equation) -> bool:
    """Whether an `additem` to a vector spreads another over several axes: `numpy.add.at`
    reads behind the end of a value that has one axis there."""
    base, value = kind_of(equation.args[0]), kind_of(equation.args[-1])
    if not isinstance(base, Array) or not isinstance(value, Array):
        return False
    index: Index = equation.params
    if value.ndim != 1 or (base.ndim > 1 and not index.through):
        return False
    kinds = [kind_of(a) for a in index.split(equation.args[1:-1])[1]]
    added = index.items.count("new")
    return added + max(map(_ndim, kinds), default=0) > 1


def _ndim(kind: Kind) -> int:
    """The axes of an array of indices, or of a list or tuple of them."""
    if isinstance(kind, List):
        return 1 + _ndim(kind.item)
    if isinstance(kind, Tuple):
        return 1 + max(map(_ndim, kind.items), default=0)
    return kind.ndim if isinstance(kind, Array) else 0


def repeats(equation: Equation, target: Target) -> bool:
    """Whether an `additem` may add several times to one place (an index array), or has
    to be written as if it did."""
    if equation.params.once and target == "python":
        return False
    atoms = iter(equation.params.split(equation.args[1:-1])[1])
    for item in equation.params.items:
        if isinstance(item, SliceItem):
            for given in (item.start, item.stop, item.step):
                if given:
                    next(atoms)
        elif item == "at":
            kind = kind_of(next(atoms))
            mask = isinstance(kind, Array) and kind.dtype == "bool"
            if not (mask or isinstance(kind, (Int, Bool))):
                return True
    return False
