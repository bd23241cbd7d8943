"""Parts of arguments, and what a function returns -> expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from symdiff.backend.lists import name
from symdiff.backend.scope import Scope
from symdiff.ir.core import Atom, Compound, Const, Equation, Tree
from symdiff.ir.structure import AS_FLOAT, PLACED, VALUES, WITHIN, Path, many_in
from symdiff.records import dataclass

__all__ = ["Trees"]

_ITEM = "item"


@dataclass(frozen=True, slots=True)
class _Item:
    """One of many items: the names of what columns hold for it."""

    names: Mapping[Atom, str]


class Trees:
    """Prints structures, taken apart and put together."""

    scope: Scope

    def atom(self, atom: Atom) -> ast.expr:
        raise NotImplementedError

    def constant(self, value: object) -> ast.expr:
        raise NotImplementedError

    @staticmethod
    def call(
        function: ast.expr, args: list[ast.expr], names: Sequence[str] = ()
    ) -> ast.expr:
        """A call whose last arguments are given by keyword."""
        split = len(args) - len(names)
        pairs = zip(names, args[split:], strict=True)
        return ast.Call(function, args[:split], [ast.keyword(n, a) for n, a in pairs])

    # -- parts --------------------------------------------------------------------------

    def part(self, equation: Equation) -> ast.expr:
        return self.at_path(self.atom(equation.args[0]), equation.params)

    def at_path(self, tree: ast.expr, path: Path) -> ast.expr:
        """The part of a value."""
        many = many_in(path)
        if many is not None:
            return self._each_at(self.at_path(tree, path[:many]), *path[many:])
        for form, key in path:
            if (form, key) == WITHIN:
                continue
            if form == "attr":
                tree = ast.Attribute(tree, key)
            elif (form, key) == AS_FLOAT:
                tree = self.call(name(self.scope.builtin("float")), [tree])
            else:
                tree = ast.Subscript(tree, self.constant(key))
        return tree

    def _each_at(self, tree: ast.expr, step: tuple[str, object], *path: object) -> ast.expr:
        """A list of the parts of all items."""
        if step == PLACED:
            over = self.call(name(self.scope.builtin("enumerate")), [tree])
            pair = ast.comprehension(ast.Tuple([name("place"), name("key")]), over, [], 0)
            return ast.DictComp(name("key"), name("place"), [pair])
        if step == VALUES:
            tree = ast.Call(ast.Attribute(tree, "values"), [], [])
        if not path:
            return self.call(name(self.scope.builtin("list")), [tree])
        return _each(self.at_path(name(_ITEM), path), [_ITEM], tree)  # type: ignore[arg-type]

    # -- structures -----------------------------------------------------------------------

    def tree(self, tree: Tree, item: _Item | None = None) -> ast.expr:
        if isinstance(tree, tuple):
            return ast.Tuple([self.tree(each, item) for each in tree])
        if isinstance(tree, Compound):
            return self._compound(tree, item)
        if item is not None and tree in item.names:
            return name(item.names[tree])
        return self.atom(tree)

    def _compound(self, tree: Compound, item: _Item | None) -> ast.expr:
        if tree.form in ("each", "values"):
            return self._many(tree)
        items = [self.tree(each, item) for each in tree.items]
        if tree.form == "record":
            return ast.Tuple(items)
        if tree.form == "list":
            return ast.List(items)
        if tree.form == "dict":
            return ast.Dict(list(map(self.constant, tree.keys)), items)
        whole = name(_ITEM) if tree.of is None else self.atom(tree.of)
        of = self.at_path(whole, tree.path)
        if tree.form == "call":
            return self.call(of, items, tree.keys)
        if tree.form == "_replace":
            return self.call(ast.Attribute(of, "_replace"), items, tree.keys)
        if tree.form == "replace":
            replace = name(f"{self.scope.alias('dataclasses')}.replace")
            return self.call(replace, [of, *items], tree.keys)
        if tree.form in ("holding", "held"):
            if tree.form == "holding":
                of = self.call(name(self.scope.builtin("type")), [of])
            return self.call(name("_extended"), [of, *items], tree.keys[1:])
        if tree.form in ("like", "typed"):
            of = self.call(name(self.scope.builtin("type")), [of])
            if tree.form == "typed":
                return self.call(of, items, tree.keys)
        return self.call(name("_instance"), [of, *items], tree.keys)

    def _many(self, tree: Compound) -> ast.expr:
        """A list or dict with an item in place of each of another one."""
        assert tree.of is not None
        of = self.at_path(self.atom(tree.of), tree.path)
        (each,) = tree.items
        names: dict[Atom, str] = {}
        for label, atom in _columns(each, ""):
            if atom not in names:
                taken = set(names.values())
                names[atom] = label if label not in taken else f"{label}_{len(taken)}"
        columns = list(map(self.atom, names))
        made = self.tree(each, _Item(names))
        targets = list(names.values())
        zipped = name(self.scope.builtin("zip")) if columns else None
        if tree.form == "values":
            if each in names:
                assert zipped is not None
                pairs = self.call(zipped, [of, *columns])
                return self.call(name(self.scope.builtin("dict")), [pairs])
            over: ast.expr = ast.Call(ast.Attribute(of, "items"), [], [])
            first = ast.Tuple([name("key"), name(_ITEM)])
            if zipped is not None:
                over = self.call(zipped, [over, *columns])
                first = ast.Tuple([first, *map(name, targets)])
            comprehension = ast.comprehension(first, over, [], 0)
            return ast.DictComp(name("key"), made, [comprehension])
        if _reads_item(each) or not columns:
            columns, targets = [of, *columns], [_ITEM, *targets]
        if len(columns) == 1:
            return _each(made, targets, columns[0])
        assert zipped is not None
        return _each(made, targets, self.call(zipped, columns))


def _each(element: ast.expr, targets: Sequence[str], over: ast.expr) -> ast.expr:
    target = name(targets[0])
    if len(targets) > 1:
        target = ast.Tuple(list(map(name, targets)))
    return ast.ListComp(element, [ast.comprehension(target, over, [], 0)])


def _columns(tree: Tree, label: str) -> Iterator[tuple[str, Atom]]:
    """The columns of which an item is made, and what they are called there."""
    if isinstance(tree, tuple):
        for place, each in enumerate(tree):
            yield from _columns(each, str(place))
    elif isinstance(tree, Compound):
        for key, each in zip(tree.keys, tree.items, strict=True):
            yield from _columns(each, str(key))
    elif not isinstance(tree, Const):
        yield f"d_{label}" if f"d_{label}".isidentifier() else "d", tree


def _reads_item(tree: Tree) -> bool:
    """Whether an item is made like the one in whose place it is."""
    if isinstance(tree, tuple):
        return any(map(_reads_item, tree))
    if not isinstance(tree, Compound):
        return False
    return tree.form not in ("list", "dict") or any(map(_reads_item, tree.items))
