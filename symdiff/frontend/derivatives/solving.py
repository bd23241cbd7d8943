"""Functions that get functions: `scipy.integrate.quad`, `scipy.optimize.root` and others.

Their definitions say with the operators of `symdiff.definitions.solving` what is called,
and what determines the result; see `symdiff.ir.handed`.
"""

from __future__ import annotations

import ast

from symdiff.frontend.derivatives.apart import Keywords, Part, called_as
from symdiff.frontend.derivatives.deriving import Deriving
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import DictRef, Partial, Sequence, Static, Value
from symdiff.ir.core import Atom, Const, Equation, Function, Parameter, Var, kind_of
from symdiff.ir.derivative import invoked
from symdiff.ir.handed import HANDED, IMPLICIT, INTEGRAL, MOVED, Handed, Implicit, Integral
from symdiff.ir.kinds import FLOAT, OPAQUE, Array, Bool, Float, Int, Kind, Size, is_number
from symdiff.ir.rerun import unrepeatable
from symdiff.signature import parse_types

__all__ = ["Solving"]


class Solving(Deriving):
    """Lowers them."""

    def operate(
        self,
        callee: Static,
        name: str,
        positional: list[Value],
        keywords: Keywords,
        node: ast.Call,
        base: str,
    ) -> Value:
        if name == "handed":
            return Partial(callee, tuple(positional))
        if name == "outside":
            return self._outside(positional, keywords, node, base)
        if name == "implicit":
            return self._implicit(positional, node)
        if name == "moved":
            value, by = (self.atom(each, node) for each in positional)
            kind = kind_of(by)
            return self.own(self._append(MOVED, (value, by), None, kind, node))
        if name == "lu_solve":
            args = [self.atom(each, node) for each in positional]
            return self.emit("scipy.sparse.lu_solve", *args, base=base)
        if name in ("sparse_product", "sparse_solve"):
            form, *args = (self.atom(each, node) for each in positional)
            assert isinstance(form, Const)
            op = f"scipy.sparse.{form.value}_{name.removeprefix('sparse_')}"
            return self.emit(op, *args, base=base)
        if name == "integral":
            return self._integral(positional, keywords, node)
        return super().operate(callee, name, positional, keywords, node, base)

    def _outside(
        self, positional: list[Value], keywords: Keywords, node: ast.Call, base: str
    ) -> Value:
        """The call of a library function, whose result is a constant."""
        call, *args = positional
        returns = keywords["returns"]
        places: list[int | str] = []
        functions: list[Function] = []
        captured: list[tuple[Atom, ...]] = []
        plain: list[Atom] = []
        names: list[str] = []
        given = {k: v for k, v in keywords.items() if k != "returns"}
        keyed: list[tuple[int | str, Value]] = [*enumerate(args), *given.items()]
        for key, value in keyed:
            if isinstance(value, Partial) and isinstance(value.function, Static):
                function, kinds = value.args[0], [self._kind(k) for k in value.args[1:]]
                made, read = self.outlined(function, kinds, node)
                places.append(key)
                functions.append(made)
                captured.append(read)
                continue
            if isinstance(key, str) and value == Const(None):
                continue
            plain.append(self._plain(value, node))
            if isinstance(key, str):
                names.append(key)
        assert isinstance(call, Const)
        self.remember_module(call.value)
        several = isinstance(returns, DictRef)
        kind = OPAQUE if several else self._kind(returns)
        handed = Handed(
            call.value,
            kind,
            tuple(names),
            tuple(functions),
            tuple(places),
            tuple(map(len, captured)),
        )
        read = tuple(atom for some in captured for atom in some)
        result = self._append(HANDED, (*plain, *read), handed, kind, node)
        if not several:
            return self.own(result)
        assert isinstance(returns, DictRef)
        contents = self.held(returns, node)
        found = []
        for name, each in zip(contents.keys or (), contents.items, strict=True):
            part = self._append("attr", (result,), name, self._kind(each), node)
            found.append(self.own(part))
        return Sequence(tuple(found))

    def _plain(self, value: Value, node: ast.Call) -> Atom:
        """An argument that is no function; a dict of options is made for the call."""
        if not isinstance(value, DictRef):
            return self.atom(value, node)
        contents = self.held(value, node)
        atoms = [self._plain(item, node) for item in contents.items]
        return self.build.define("builtins.dict", *atoms, params=contents.keys)

    def _implicit(self, positional: list[Value], node: ast.Call) -> Value:
        """What was found, as what makes a residual zero."""
        found, residual, jacobian = positional
        atom = self.atom(found, node)
        kind = kind_of(atom)
        parts = [self.outlined(f, [kind], node) for f in (residual, jacobian)]
        params = Implicit(parts[0][0], parts[1][0])
        args = (atom, *parts[0][1], *parts[1][1])
        return self.own(self._append(IMPLICIT, args, params, kind, node))

    def _integral(
        self, positional: list[Value], settings: Keywords, node: ast.Call
    ) -> Value:
        function, start, end = positional
        limits = [self._limit(value, node) for value in (start, end)]
        made, read = self.outlined(function, [FLOAT], node)
        given = {k: v for k, v in settings.items() if v != Const(None)}
        assert isinstance(made.returns, (Var, Const))
        kind = kind_of(made.returns)
        kind = kind if isinstance(kind, Array) and kind.dims else FLOAT
        params = Integral(made, kind, tuple(given))
        args = [*limits, *(self.atom(v, node) for v in given.values()), *read]
        return self.own(self._append(INTEGRAL, tuple(args), params, kind, node))

    def _limit(self, value: Value, node: ast.Call) -> Atom:
        atom = self.atom(value, node)
        if not is_number(kind_of(atom)):
            atom = self.atom(self.library("builtins.float", [value], {}, node, "t"), node)
        return atom

    def outlined(
        self, function: Value, kinds: list[Kind], node: ast.Call
    ) -> tuple[Function, tuple[Atom, ...]]:
        """A function that is called with values of these kinds, as one of those and of all
        else that it reads; and that."""
        called = called_as(function)
        given = [self.names.fresh("x", "", kind) for kind in kinds]
        values = [self.own(var) for var in given]
        part = Part(self, function, values, {}, [], node, "t")
        kind = part.kinds[0] if part.result == 0 else None
        if not isinstance(kind, (Array, Float, Int, Bool)):
            message = f"{called} does not return a number or an array here"
            raise Refusal(message, node, "return what has a known kind")
        if invoked(part.body):
            message = f"{called} calls a function that calls itself"
            raise Refusal(message, node, "write that one as a loop")
        other = unrepeatable(part.body)
        if other is not None:
            line = other.span.line if other.span else "?"
            message = (
                f"what {called} calls in line {line} may give something else each time"
            )
            raise Refusal(message, node, "call that outside, and pass what it gives")
        span = self.span(node)
        assert span is not None
        params = tuple(map(Parameter, part.params))
        made = Function(part.name, params, part.body, part.results[0], span)
        return made, tuple(part.args[len(kinds) :])

    def _kind(self, value: Value) -> Kind:
        """The kind that a text names, or that of a value."""
        if isinstance(value, Const) and isinstance(value.value, str):
            kind = parse_types(value.value, ("x",))["x"]
            if isinstance(kind, Array):  # of a length that nothing else has
                size = str(self.names.fresh("size"))
                dims = tuple(Size(f"{size}.{k}") for k in range(kind.ndim))
                kind = Array(kind.dtype, dims)
            return kind
        return self.kind(value)

    def _append(
        self, op: str, args: tuple[Atom, ...], params: object, kind: Kind, node: ast.AST
    ) -> Var:
        target = self.names.fresh("t", "", kind)
        self.build.append(Equation(target, op, args, params, self.span(node)))
        return target
