"""Derivatives that the program itself asks for: `grad(f)(x)` in what is differentiated.

The function is lowered by itself, as one of its arguments and of all else that it reads;
`symdiff.transform.nested` puts its derivative in its place.
"""

from __future__ import annotations

import ast
from typing import Any

from symdiff.definitions.jacobians import by_columns, by_rows
from symdiff.derivation import derivation_of
from symdiff.frontend.derivatives.apart import (
    Keywords, Outline, Part, Structures, alike, called_as, is_scalar, may_have_tangent,
    numbers_in,
)  # fmt: skip
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.outside import attribute_of
from symdiff.frontend.memory.values import (
    Derived,
    ListRef,
    Partial,
    Pulled,
    Sequence,
    Static,
    Value,
)
from symdiff.ir.core import Atom, Const, Global, kind_of
from symdiff.ir.kinds import Int, Kind, Tuple, is_complex
from symdiff.ir.rerun import unrepeatable
from symdiff.rules.row import in_kind

__all__ = ["Deriving"]

# How a gradient is computed makes no difference to it.
_HOW = ("mode", "checkpoint", "compile", "fallback", "unroll", "indicators")
_COMPOSED: dict[str, Any] = {
    "jacfwd": by_columns, "jacrev": by_rows, "jacobian": by_columns,
}  # fmt: skip


class Deriving(Structures):
    """Lowers the operators, and calls of the derivatives that they make."""

    # -- operators --------------------------------------------------------------------

    def derived(self, value: Static, node: ast.AST) -> Derived:
        """A derivative that was made outside."""
        made = derivation_of(value.value)
        assert made is not None
        function = self.lift(made.function, attribute_of(value.path, "__wrapped__"), node)
        argnums = made.argnums
        places = tuple(argnums) if isinstance(argnums, (tuple, list)) else argnums
        return Derived(made.form, function, places, made.has_aux, made.holomorphic)

    def operate(
        self,
        callee: Static,
        name: str,
        positional: list[Value],
        keywords: Keywords,
        node: ast.Call,
        base: str,
    ) -> Value:
        """The call of an operator such as `grad`."""
        if name == "vjp":
            return self._value_and_pullback(positional, keywords, node, base)
        if name in ("jvp", "hvp"):
            names = ("function", "primals", "tangents", "has_aux")
            bound = self._operands(names, positional, keywords, name, node)
            primals = list(self.items_of(bound["primals"], node))
            tangents = list(self.items_of(bound["tangents"], node))
            function = bound["function"]
            if name == "hvp":
                return self._changes(function, primals, tangents, node, base)
            has_aux = self._flag(bound.get("has_aux"), node)
            return self._forward(function, primals, tangents, has_aux, node, base)
        if name == "checkpoint" and len(positional) == 1:
            return Derived(name, positional[0])
        if not positional and "function" not in keywords:
            return Partial(callee, (), tuple(keywords.items()))  # a decorator
        keywords = {k: value for k, value in keywords.items() if k not in _HOW}
        known = ("function", "argnums", "has_aux", "holomorphic")
        bound = self._operands(known, positional, keywords, name, node)
        argnums = self._argnums(bound.get("argnums", Const(0)), node)
        function = bound["function"]
        flags = (self._flag(bound.get(k), node) for k in ("has_aux", "holomorphic"))
        return Derived(name, function, argnums, *flags)

    def _operands(
        self,
        names: tuple[str, ...],
        positional: list[Value],
        keywords: Keywords,
        called: str,
        node: ast.AST,
    ) -> Keywords:
        bound = {**dict(zip(names, positional, strict=False)), **keywords}
        wrong = [key for key in keywords if key not in names]
        if wrong or len(positional) > len(names) or "function" not in bound:
            raise self.unsupported(called, node)
        return bound

    def _flag(self, value: Value | None, node: ast.AST) -> bool:
        return value is not None and bool(self._number(value, node))

    def _argnums(self, value: Value, node: ast.AST) -> Any:
        if isinstance(value, (Sequence, ListRef)):
            items = self.items_of(value, node)
            return tuple(self._number(item, node) for item in items)
        kind = self.kind(value) if isinstance(value, Global) else None
        if isinstance(kind, Tuple):  # outside
            places = [k.extent if isinstance(k, Int) else None for k in kind.items]
            if None not in places:
                return tuple(places)
        return self._number(value, node)

    # -- gradients --------------------------------------------------------------------

    def derivative(
        self,
        derived: Derived,
        positional: list[Value],
        keywords: Keywords,
        node: ast.Call,
        base: str,
    ) -> Value:
        """The call of a derivative."""
        if derived.form == "checkpoint":
            return self.run_again(derived.function, positional, keywords, node)
        if derived.form == "sparse":
            message = "a sparse Jacobian is not differentiated"
            raise Refusal(message, node, "leave out sparse= here")
        argnums = derived.argnums
        single = not isinstance(argnums, tuple)
        asked = (argnums,) if single else argnums
        if derived.form not in ("grad", "value_and_grad"):
            return self._jacobian(derived, asked, single, positional, keywords, node)
        name = called_as(derived.function)
        keys = [self._key(derived.function, k, positional, keywords, node) for k in asked]
        part = Part(self, derived.function, positional, keywords, keys, node, base)
        value, rest = part.result, None
        if derived.has_aux:
            if not isinstance(value, Outline) or len(value.items) != 2:
                message = f"with has_aux {name} must return a pair: the value, the rest"
                raise Refusal(message, node)
            value, rest = value.items
        if not isinstance(value, int) or not is_scalar(part.kinds[value]):
            message = f"{name} does not return a number here; a gradient needs a scalar"
            raise Refusal(message, node, "differentiate a function that returns one number")
        entered = [part.params[k].kind for k in part.by]
        if derived.holomorphic and not all(map(is_complex, (part.kinds[value], *entered))):
            message = f"{name} does not map complex numbers to a complex number here"
            raise Refusal(message, node, "leave out holomorphic=True")
        if is_complex(part.kinds[value]) and not derived.holomorphic:
            message = f"{name} returns a complex number here; a gradient needs a real one"
            raise Refusal(message, node, "return its .real, .imag or abs")
        results, bars = part.emit("reverse", [value], [Const(1.0)])
        found = [part.gradient(bars, key) for key in keys]
        gradient = found[0] if single else Sequence(tuple(found))
        aux = self.assembled(rest, lambda k: results[k])
        if derived.form == "value_and_grad":
            whole = Sequence((results[value], aux)) if derived.has_aux else results[value]
            return Sequence((whole, gradient))
        return Sequence((gradient, aux)) if derived.has_aux else gradient

    def _key(
        self,
        function: Value,
        wanted: Any,
        positional: list[Value],
        keywords: Keywords,
        node: ast.AST,
    ) -> int | str:
        """Which argument of a call is meant by a position or a name."""
        names = self.parameters_of(function)
        if isinstance(wanted, str):
            if wanted in keywords:
                return str(wanted)
            if wanted in names and names.index(wanted) < len(positional):
                return names.index(wanted)
        else:
            place = wanted + len(names) if wanted < 0 else wanted
            if 0 <= place < len(positional):
                return int(place)
            if 0 <= place < len(names) and names[place] in keywords:
                return str(names[place])
        called = called_as(function)
        message = f"the argument {wanted!r} of {called}, of which this is the derivative"
        raise Refusal(f"{message}, is not given", node, "pass it")

    # -- forward mode -----------------------------------------------------------------

    def _forward(
        self,
        function: Value,
        primals: list[Value],
        tangents: list[Value],
        has_aux: bool,
        node: ast.Call,
        base: str,
    ) -> Value:
        name = called_as(function)
        if len(primals) != len(tangents):
            message = f"{name} gets {len(primals)} primals and {len(tangents)} tangents"
            raise Refusal(message, node, "give a tangent for each")
        keys = [k for k, dot in enumerate(tangents) if dot != Const(None)]
        part = Part(self, function, primals, {}, keys, node, base)
        value, rest = part.result, None
        if has_aux:
            if not isinstance(value, Outline) or len(value.items) != 2:
                message = f"with has_aux {name} must return a pair: the value, the rest"
                raise Refusal(message, node)
            value, rest = value.items
        dots: list[Value] = []
        for key in keys:
            outline = self.dissected(tangents[key], dots)
            if not alike(outline, part.outlines[key]):
                message = "a tangent is not built as its primal is"
                raise Refusal(message, node, "give it the structure of its primal")
        of = [k for k in numbers_in(value) if may_have_tangent(part.kinds[k])]
        given = (d for d, still in zip(dots, part.bars, strict=True) if still is None)
        seeds = [
            self._seed(dot, part.params[k].kind, node)
            for dot, k in zip(given, part.by, strict=True)
        ]
        results, found = part.emit("forward", of, seeds)
        by_leaf = dict(zip(of, found, strict=True))
        zero = Const(0.0)
        tangent = self.assembled(value, lambda k: by_leaf.get(k, zero))
        whole = self.assembled(value, lambda k: results[k])
        if has_aux:
            return Sequence((whole, tangent, self.assembled(rest, lambda k: results[k])))
        return Sequence((whole, tangent))

    def _changes(
        self,
        function: Value,
        primals: list[Value],
        tangents: list[Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        """`hvp`: the tangents of a gradient."""
        by = tuple(k for k, dot in enumerate(tangents) if dot != Const(None))
        gradient = Derived("grad", function, by)
        found = self._forward(gradient, primals, tangents, False, node, base)
        assert isinstance(found, Sequence)
        changes = found.items[1]
        assert isinstance(changes, Sequence)
        items: list[Value] = [Const(None)] * len(primals)
        for k, change in zip(by, changes.items, strict=True):
            items[k] = change
        return Sequence(tuple(items))

    def _seed(self, value: Value, kind: Kind, node: ast.AST) -> Atom:
        """A tangent or an adjoint of a value of this kind."""
        atom = self.atom(value, node)
        if is_complex(kind_of(atom)) and not is_complex(kind):
            raise Refusal("the derivative of a real value is given as a complex one", node)
        if isinstance(kind_of(atom), Int):
            return self.build.emit("builtins.float", atom)
        return in_kind(self.build, atom, kind)

    # -- reverse mode -----------------------------------------------------------------

    def _value_and_pullback(
        self, positional: list[Value], keywords: Keywords, node: ast.Call, base: str
    ) -> Value:
        """`vjp(f, *primals)`."""
        if keywords or len(positional) < 2:
            raise self.unsupported("vjp", node)
        function, *primals = positional
        part = Part(self, function, primals, {}, [], node, base)
        results, _ = part.emit("forward", [], [])
        value = self.assembled(part.result, results.__getitem__)
        return Sequence((value, Pulled(function, tuple(primals))))

    def pull(self, pulled: Pulled, bar: Value, node: ast.Call, base: str) -> Value:
        """The call of what `vjp` gave."""
        leaves: list[list[Value]] = [[] for _ in pulled.primals]
        for value, found in zip(pulled.primals, leaves, strict=True):
            self.dissected(value, found)
        kinds = [list(map(self.kind, found)) for found in leaves]
        keys = [k for k, found in enumerate(kinds) if any(map(may_have_tangent, found))]
        if not keys:
            counted = [any(isinstance(kind, Int) for kind in found) for found in kinds]
            keys = [k for k, whole in enumerate(counted) if whole]
        part = Part(self, pulled.function, list(pulled.primals), {}, keys, node, base)
        bars: list[Value] = []
        if not alike(self.dissected(bar, bars), part.result):
            message = "an adjoint is not built as its value is"
            raise Refusal(message, node, "give it the structure of its value")
        of = [k for k, kind in enumerate(part.kinds) if may_have_tangent(kind)]
        seeds = [self._seed(bars[k], part.kinds[k], node) for k in of]
        _, found_bars = part.emit("reverse", of, seeds)
        items: list[Value] = [Const(None)] * len(pulled.primals)
        for key in keys:
            items[key] = part.gradient(found_bars, key)
        return Sequence(tuple(items))

    # -- checkpoints ------------------------------------------------------------------

    def run_again(
        self, callee: Value, positional: list[Value], keywords: Keywords, node: ast.Call
    ) -> Value:
        """The call of a function that is marked by `symdiff.checkpoint`."""
        function = callee.value if isinstance(callee, Static) else None
        self.open_checkpoints.add(function)
        try:
            part = Part(self, callee, positional, keywords, [], node, "t")
        finally:
            self.open_checkpoints.discard(function)
        if part.writes:
            raise Refusal(
                f"{called_as(callee)} is a checkpoint and writes into its arguments",
                node,
                "let it work on a copy and return that",
            )
        other = unrepeatable(part.body)
        if other is not None:
            raise Refusal(
                f"{called_as(callee)} is a checkpoint, and what it calls in line "
                f"{other.span.line if other.span else '?'} may give something else "
                "when it runs again",
                node,
                "call that outside, and pass what it gives",
            )
        results, _ = part.emit("again", [], [])
        return self.assembled(part.result, results.__getitem__)

    # -- Jacobians --------------------------------------------------------------------

    def _jacobian(
        self,
        derived: Derived,
        asked: tuple[Any, ...],
        single: bool,
        positional: list[Value],
        keywords: Keywords,
        node: ast.Call,
    ) -> Value:
        """The call of a Jacobian, made of derivatives by its entries."""
        if keywords or derived.has_aux or derived.holomorphic:
            raise self.unsupported(derived.form, node)
        function, form = derived.function, derived.form
        if form == "hessian":
            function, form = Derived("grad", function, derived.argnums), "jacfwd"
        keys = [self._key(derived.function, k, positional, keywords, node) for k in asked]
        args = Sequence(tuple(positional))
        for key in keys:
            if not isinstance(key, int) or self.dissected(positional[key], []) != 0:
                message = f"an argument of {called_as(derived.function)} is a structure"
                help = "differentiate by numbers and arrays here"
                raise Refusal(f"{message}, and `{derived.form}` is by it", node, help)
        found = []
        for key in keys:
            given = [function, Const(key), args]
            site = self.span(node)
            found.append(self.inline(_COMPOSED[form], given, {}, node, site=site))
        return found[0] if single else Sequence(tuple(found))

    def unsupported(self, form: str, node: ast.AST) -> Refusal:
        return Refusal(
            f"this form of `{form}` is not supported inside what is differentiated",
            node,
            f"write {form}(f, ...)",
        )
