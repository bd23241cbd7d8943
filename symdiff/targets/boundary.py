"""A compiled kernel of numbers and arrays, and the Python function around it.

Numba knows no dicts or objects of Python's, and takes an array that it finds by a global
name for a constant. So the function around takes structures apart and puts them together,
lists of numbers go in as arrays, and arrays from outside become arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symdiff.errors import Diagnostic, DifferentiationError
from symdiff.ir.builder import Names
from symdiff.ir.core import (
    Atom, Const, Equation, Function, Global, Node, Parameter, Tree, Var,
    atoms_of, leaves, map_atoms, map_tree, rename, walk,
)  # fmt: skip
from symdiff.ir.kinds import PLACES, Array, List, Map, Record, Rows, Tuple, is_number
from symdiff.ir.structure import all_kinds
from symdiff.records import replace
from symdiff.targets.refused import HELP, has_compound
from symdiff.targets.tapes import dtype_name

__all__ = ["kernel_apart"]


def kernel_apart(function: Function, statics: Mapping[str, Any]) -> Function:
    """The function, or one that stays Python and invokes a kernel."""
    return _Apart(function, statics).function_around()


class _Apart:
    def __init__(self, function: Function, statics: Mapping[str, Any]) -> None:
        self.function = function
        self.names = Names.after(function)
        self.statics = statics
        nodes = list(walk(function.body))
        self.parts = [n for n in nodes if isinstance(n, Equation) and n.op == "part"]
        read = {a for n in nodes for a in atoms_of(n)}
        changing = (a for a in read if isinstance(a, Global) and _changes(a))
        self.outside = sorted(changing, key=str)
        self.around: list[Node] = []  # what is done outside, before the call
        self.args: list[Atom] = []
        self.params: list[Var] = []
        self.inside: list[Node] = []  # what the kernel does first

    def function_around(self) -> Function:
        function = self.function
        own = all(self.is_passed(p.var) for p in function.params)
        for inner in function.functions:
            self.refuse_outside(inner)
        if own and not self.outside and not has_compound(function.returns):
            return function
        for param in function.params:
            self.enter(param.var)
        body = self.without_parts(function.body)
        moved: dict[Atom, Atom] = {a: self.enter_from_outside(a) for a in self.outside}
        body = tuple(map_atoms(n, lambda a: moved.get(a, a)) for n in body)
        given = {p.var for p in function.params}
        leaves_ = (a for a in leaves(function.returns) if isinstance(a, Var))
        made = [a for a in dict.fromkeys(leaves_) if a not in given]
        apart = self.apart()
        body = rename((*self.inside, *body), apart)
        given_back = tuple(apart.get(v, v) for v in made)
        kernel = replace(
            function,
            name=f"_{function.name}",
            params=tuple(Parameter(apart.get(v, v)) for v in self.params),
            body=body,
            returns=given_back[0] if len(made) == 1 else given_back,
            doc=f"What `{function.name}` computes, with numbers and arrays alone.",
            functions=(),
        )
        returns = self.called(kernel, made)
        return replace(
            function, body=tuple(self.around), returns=returns, contexts=(),
            functions=(*function.functions, kernel), around=True,
        )  # fmt: skip

    def refuse_outside(self, inner: Function) -> None:
        for node in walk(inner.body):
            for atom in filter(_changes, atoms_of(node)):
                message = f"numba takes `{str(atom)[1:]}` from outside for a constant here"
                help = "hand it to the function that calls itself as an argument"
                span = getattr(node, "span", None) or inner.span
                raise DifferentiationError(Diagnostic(message, span, help))

    def apart(self) -> dict[Var, Var]:
        """Other parameters for those that would be called as one before them."""
        found: dict[Var, Var] = {}
        taken: set[str] = set()
        for var in self.params:
            base, number = var.base, 0
            while (name := str(Var(base, var.role))) in taken:
                number += 1
                base = f"{var.base}{number}"
            taken.add(name)
            if base != var.base:
                found[var] = self.names.fresh(base, var.role, var.kind)
        return found

    def is_passed(self, var: Var) -> bool:
        """Whether Numba takes the argument as it is."""
        if var.base in self.statics:
            value = self.statics[var.base]
            return value is None or isinstance(value, str)
        apart = (List, Map, Record, Rows)
        return not any(isinstance(k, apart) for _, k in all_kinds(var.kind))

    def enter(self, param: Var) -> None:
        """Hand the kernel a parameter, or its parts that are read."""
        if param.base in self.statics:
            return
        if any(isinstance(k, Map) for _, k in all_kinds(param.kind)):
            raise self.looks_up()
        if isinstance(param.kind, List):
            self.params.append(self.array_of(param, param))
        elif any(isinstance(k, (List, Record, Rows)) for _, k in all_kinds(param.kind)):
            for part in self.parts:
                if part.args[0] == param:
                    self.enter_part(part)
        else:
            self.args.append(param)
            self.params.append(param)

    def looks_up(self) -> DifferentiationError:
        message = "compiled code looks up no keys that only the run knows"
        return DifferentiationError(Diagnostic(message, self.function.span, HELP))

    def enter_part(self, part: Equation) -> None:
        target = part.target
        if target.kind == PLACES:
            raise self.looks_up()
        read = replace(part, target=self.names.fresh(target.base, target.role, target.kind))
        self.around.append(read)
        if isinstance(target.kind, List):
            self.params.append(self.array_of(read.target, target))
        else:
            self.args.append(read.target)
            self.params.append(target)

    def array_of(self, given: Atom, target: Var) -> Var:
        """The kernel's parameter for a list of numbers, which is an array until there."""
        kind = target.kind
        assert isinstance(kind, List)
        if not is_number(kind.item):
            message = f"compiled code takes lists of numbers only, not {kind}"
            raise DifferentiationError(Diagnostic(message, self.function.span, HELP))
        dtype = dtype_name(kind.item)
        array = Array(dtype, (kind.extent or 0,))
        made = self.names.fresh("t", "", array)
        params = ("dtype",)
        self.around.append(Equation(made, "numpy.array", (given, Const(dtype)), params))
        self.args.append(made)
        inner = self.names.fresh(target.base, "items", array)
        self.inside.append(Equation(target, "builtins.list", (inner,)))
        return inner

    def enter_from_outside(self, atom: Global) -> Var:
        """What stands in the kernel for an array or list with a global name."""
        inner = self.names.fresh(atom.name.rpartition(".")[2], "", atom.kind)
        if isinstance(atom.kind, List):
            self.params.append(self.array_of(atom, inner))
        else:
            self.args.append(atom)
            self.params.append(inner)
        return inner

    def without_parts(self, body: tuple[Node, ...]) -> tuple[Node, ...]:
        """The body without the reads of parts that happen outside."""
        apart = set(self.params) | {
            e.target for e in self.inside if isinstance(e, Equation)
        }

        def keep(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
            return tuple(
                n for n in nodes
                if not (isinstance(n, Equation) and n.op == "part" and n.target in apart)
            )  # fmt: skip

        return keep(body)

    def called(self, kernel: Function, made: list[Var]) -> Tree:
        """What the function returns, given what the kernel does."""
        kinds = tuple(v.kind for v in made)
        whole = self.names.fresh("t", "", kinds[0] if len(made) == 1 else Tuple(kinds))
        self.around.append(Equation(whole, "invoke", tuple(self.args), kernel.name))
        if len(made) == 1:
            names = {made[0]: whole}
        else:
            names = {v: self.names.fresh(v.base, v.role, v.kind) for v in made}
            for k, v in enumerate(made):
                self.around.append(Equation(names[v], "item", (whole,), k))
        return map_tree(
            self.function.returns, lambda a: names.get(a, a) if isinstance(a, Var) else a
        )


def _changes(atom: Atom) -> bool:
    """Whether an atom is an array or list from outside, which may hold something else at
    the next call."""
    return isinstance(atom, Global) and any(
        isinstance(k, (Array, List)) for _, k in all_kinds(atom.kind)
    )
