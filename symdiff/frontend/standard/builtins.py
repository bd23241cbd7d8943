"""Built-in functions, and the few of NumPy that need more than a row."""

from __future__ import annotations

import ast
import inspect
import operator
import types
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from symdiff.definitions.extended import has_attribute
from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import (
    ArrayRef, Backwards, Bound, Closure, Derived, DictRef, Getter, ListRef, Mapped, Maybe,
    ObjectRef, Partial, Pulled, Sequence, Static, Super, Value,
)  # fmt: skip
from symdiff.frontend.reading.library import is_users_object
from symdiff.frontend.standard.extending import MISSING_HERE, found_in
from symdiff.frontend.standard.ranges import Ranges
from symdiff.ir.core import (
    Atom, Const, For, Index, Iteration, Var, kind_of,
)  # fmt: skip
from symdiff.ir.kinds import (
    INT, Array, Bool, Complex, Float, Int, Kind, List, NoneKind, Str, Tuple, is_complex,
    is_number, join,
)  # fmt: skip

__all__ = ["Builtins"]


class Builtins(Ranges):
    """Lowers calls of built-in functions: one method each, found by its name."""

    def call_builtins_sum(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        start = args[1] if len(args) > 1 else kw.get("start", Const(0))
        if isinstance(args[0], ArrayRef):
            total = self.library("numpy.sum", [args[0], Const(0)], {}, node, base)
            return (
                total if start == Const(0) else self.binary("add", start, total, node, base)
            )
        if isinstance(start, ListRef) and self.known_items(args[0], node) is None:
            return self.from_text("joined", {"items": args[0], "start": start}, node)
        if self.is_list_value(args[0]):
            given = [args[0]] if start == Const(0) else [args[0], start]
            return self.library("builtins.sum", given, {}, node, base)
        total = start
        if isinstance(args[0], Backwards) and self.known_items(args[0], node) is None:
            return self.from_text("summed", {"items": args[0], "total": start}, node)
        if isinstance(args[0], Mapped) and self.known_items(args[0], node) is None:
            return self.folded(Static(operator.add), args[0], start, node)
        for item in self.items_of(args[0], node):
            if total == Const(0):
                total = item
            else:
                total = self.binary("add", total, item, node, base)
        return total

    def _extremum(self, op: str, args: list[Value], node: ast.Call, base: str) -> Value:
        if len(args) == 1 and isinstance(args[0], ArrayRef):
            return self.library("numpy." + op.partition(".")[2], [args[0]], {}, node, base)
        if len(args) == 1 and self.is_list_value(args[0]):
            return self.library(op, args, {}, node, base)
        items = list(self.items_of(args[0], node)) if len(args) == 1 else args
        if len(items) == 1:
            return items[0]
        return self.library(op, items, {}, node, base)

    def call_builtins_float(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if args and isinstance(self.kind(args[0]), Str):
            if not isinstance(args[0], Const):
                raise Refusal("a number is read from text", node, "pass the number itself")
            return self._number_in(float, args[0].value, node)
        for cls, of in (("list", ListRef), ("dict", DictRef), ("tuple", Sequence)):
            if args and isinstance(args[0], of):
                text = "float() argument must be a string or a real number"
                raise self.failing((TypeError, f"{text}, not {cls!r}"), node)
        return self.library("builtins.float", args, kw, node, base)

    def _number_in(self, cls: type, text: str, node: ast.AST) -> Value:
        try:
            return Const(cls(text))
        except ValueError:
            self.raise_now(ValueError, node)
            raise Refusal("this text is no number", node) from None

    def call_builtins_str(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._text(str, args, kw, node, base)

    def call_builtins_format(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._text(format, args, kw, node, base)

    def call_builtins_bin(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._text(bin, args, kw, node, base)

    def _text(
        self,
        function: Callable[..., str],
        args: list[Value],
        kw: dict[str, Value],
        node: ast.Call,
        base: str,
    ) -> Value:
        """What makes text of numbers, at once of integers that are known now."""
        known = [arg.value for arg in args if isinstance(arg, Const)]
        if known and len(known) == len(args) and not kw:
            if all(type(value) in (int, bool, str) for value in known):
                with suppress(ValueError, TypeError):  # it fails in the run
                    return Const(function(*known))
        return self.library(f"builtins.{function.__name__}", args, kw, node, base)

    def call_builtins_int(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if len(args) == 1 and isinstance(args[0], Const) and isinstance(args[0].value, str):
            return self._number_in(int, args[0].value, node)
        return self.library("builtins.int", args, kw, node, base)

    def call_math_dist(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if any(isinstance(arg, ArrayRef) for arg in args):
            self.remember_module("numpy.")
            p, q = (
                arg
                if isinstance(arg, ArrayRef)
                else self.library("numpy.array", [arg], {}, node, "t")
                for arg in args
            )
            across = self.binary("sub", p, q, node, "t")
            return self.library("numpy.linalg.norm", [across], {}, node, base)
        return self.library("math.dist", args, kw, node, base)

    def call_cmath_polar(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        length = self.library("builtins.abs", args, {}, node, "r")
        return Sequence((length, self.library("cmath.phase", args, {}, node, "phi")))

    def call_math_prod(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        product = kw.get("start", Const(1))
        if isinstance(args[0], ArrayRef):
            self.remember_module("numpy.")
            whole = self.library("numpy.prod", [args[0]], {}, node, base)
            one = product == Const(1)
            return whole if one else self.binary("mul", product, whole, node, base)
        if self.is_list_value(args[0]):
            return self._product_of(self.atom(args[0], node), product, node, base)
        for item in self.items_of(args[0], node):
            one = product == Const(1)
            product = item if one else self.binary("mul", product, item, node, base)
        return product

    def _product_of(self, xs: Atom, start: Value, node: ast.AST, base: str) -> Value:
        """The product of a list's numbers, as a loop: so its factors are at hand."""
        build = self.at(node).build
        kind, first = kind_of(xs), self.atom(start, node)
        if not isinstance(kind, List) or not is_number(kind.item):
            raise Refusal("only numbers are multiplied here", node)
        count = build.define("builtins.len", xs, base="n")
        index = self.names.fresh("k", "", INT)
        total = join(kind_of(first), kind.item)
        head, result = (self.names.fresh(base, "", total) for _ in range(2))
        with build.block() as body:
            item = build.define("getitem", xs, index, params=Index(("at",)))
            product = build.define("mul", head, item, base=base)
        rounds = Iteration("range", (Const(0), count, Const(1)))
        build.append(
            For(
                (index,), rounds, (head,), (first,), tuple(body), (product,), (result,),
                None, build.span,
            )
        )  # fmt: skip
        return result

    def call_builtins_sorted(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        in_set = isinstance(args[0], Sequence) and args[0].cls is set
        items = args[0].items if in_set else self.known_items(args[0], node)  # type: ignore[union-attr]
        made = args[0] if items is None else self.new_list(items)
        if not isinstance(made, ListRef):
            made = self.call_builtins_list([made], {}, node, "t")
        if isinstance(made, ListRef):
            return self.sorted_list(made, kw, node, base)
        return self.library("builtins.sorted", args, kw, node, base)

    def sorted_list(
        self, ref: ListRef, kw: dict[str, Value], node: ast.Call, base: str
    ) -> ListRef:
        """A new list of the same items in order."""
        contents = self.contents(ref, node)
        if contents is not None and len(contents.items) < 2:
            return self.new_list(contents.items)
        known = None if contents is None else _in_order(contents.items)
        turn = kw.get("reverse", Const(False))
        if known is not None and isinstance(turn, Const):
            return self.new_list(known[::-1] if turn.value else known)
        turned = [turn] if turn != Const(False) else []
        names = ("reverse",) if turned else None
        atoms = [self.list_atom(ref, node), *(self.atom(v, node) for v in turned)]
        define = self.at(node).build.define
        return self.own_list(define("builtins.sorted", *atoms, params=names, base=base))

    def list_sort(
        self, owner: ListRef, args: list[Value], kw: dict[str, Value], node: ast.Call
    ) -> Value:
        made = self.sorted_list(owner, kw, node, "t")
        contents = self.contents(made, node)
        if contents is not None and self.contents(owner, node) is not None:
            self.replace(owner, contents, node)
            return Const(None)
        self.materialise(owner, node)
        self.renew(owner, self.list_atom(made, node), node)
        return Const(None)

    def call_numpy_ix_(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        parts: list[Value] = []
        for place, arg in enumerate(args):
            arg = self.array_of_range(arg, node)
            if not isinstance(arg, ArrayRef):
                arg = self.library("numpy.array", [arg], {}, node, "t")
            kind = self.kind(arg)
            if isinstance(kind, Array) and kind.dtype == "bool":
                arg = self.library("numpy.flatnonzero", [arg], {}, node, "t")
            shape = [Const(-1 if k == place else 1) for k in range(len(args))]
            parts.append(
                self.library("numpy.reshape", [arg, Sequence(tuple(shape))], {}, node, "t")
            )
        return Sequence(tuple(parts))

    def call_builtins_divmod(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        quotient = self.binary("floordiv", args[0], args[1], node, "t")
        return Sequence((quotient, self.binary("mod", args[0], args[1], node, "t")))

    def call_builtins_super(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if len(args) == 2 and isinstance(args[0], Static):
            return Super(args[0].value, args[1])
        code = self.frame.function.__code__
        parameters = self.frame.source.node.args
        first = [*parameters.posonlyargs, *parameters.args]
        if args or "__class__" not in code.co_freevars or not first:
            raise Refusal("`super()` is not supported here", node)
        place = code.co_freevars.index("__class__")
        cls = self.frame.function.__closure__[place].cell_contents
        return Super(cls, self.look_up(first[0].arg, node))

    def call_builtins_getattr(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        name = args[1] if len(args) > 1 else None
        if not isinstance(name, Const):
            raise Refusal("this use of getattr is not supported", node)
        if len(args) > 2 and not self._has_attribute(args[0], name.value, node):
            return args[2]
        return self.attribute(args[0], name.value, node, base)

    def call_builtins_hasattr(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        name = args[1] if len(args) > 1 else None
        if not isinstance(name, Const):
            raise Refusal("this use of hasattr is not supported", node)
        return Const(self._has_attribute(args[0], name.value, node))

    def _has_attribute(self, owner: Value, name: str, node: ast.AST) -> bool:
        if isinstance(owner, Static):
            changed = self.in_slot((owner.value, *type(owner.value).__mro__), name)
            if not is_users_object(owner.value):
                return changed is not None or hasattr(owner.value, name)
            held = inspect.getattr_static(owner.value, name, MISSING_HERE)
            there = changed is not None or held is not MISSING_HERE
            return there or self._finds(owner, name, node)
        if isinstance(owner, ObjectRef):
            cls = self.held(owner, node).cls
            there = self.own_attribute(owner, name, node, "t") is not None
            return there or hasattr(cls, name) or self._finds(owner, name, node)
        if isinstance(owner, Sequence):
            return hasattr(owner.cls or tuple, name)
        if owner == Const(None):
            return hasattr(None, name)
        answers = {hasattr(each, name) for each in self.examples(owner)}
        if self.example(owner) is None or len(answers) > 1:
            message = "whether this value has an attribute is not known"
            raise Refusal(message, node)
        return answers.pop()

    def _finds(self, owner: Value, name: str, node: ast.AST) -> bool:
        """Whether the class of an object finds what the object does not have."""
        cls = self.class_of(owner)
        if cls is None or found_in(cls, "__getattr__") is MISSING_HERE:
            return False
        found = self.follow(has_attribute, [owner, Const(name)], node)
        if not isinstance(found, Const):
            message = "whether this value has an attribute depends on the run"
            raise Refusal(message, node, "ask before it does")
        return bool(found.value)

    def example(self, value: Value) -> Any:
        """A value of the same Python class, to ask about; None where unknown."""
        if isinstance(value, (ListRef, DictRef)):
            return [] if isinstance(value, ListRef) else {}
        made = self.build.made(value) if isinstance(value, Var) else None
        of_array = made is not None and made.op in _NEVER_NUMBERS
        if of_array or (isinstance(value, Var) and value in self.without_axes):
            return _example(Array("float64", ()))
        return _example(self.kind(value))

    def examples(self, value: Value) -> list[Any]:
        """Values of all classes that it may have: kinds do not tell Python's integers and
        truth values from NumPy's."""
        example = self.example(value)
        return [example] if isinstance(value, Const) else [example, *_alike(example)]

    def dispatched(
        self, function: Any, positional: list[Value], node: ast.AST
    ) -> types.FunctionType:
        """The function that `functools.singledispatch` picks for an argument."""
        example = self.example(positional[0]) if positional else None
        cls = type(example) if example is not None else None
        if positional and isinstance(positional[0], (Sequence, ObjectRef)):
            cls = self.class_of(positional[0]) or tuple
        if cls is None:
            message = "the class of this value is not known before the program runs"
            raise Refusal(message, node)
        found: types.FunctionType = function.dispatch(cls)
        return found

    def call_builtins_type(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        value = args[0] if len(args) == 1 else None
        if isinstance(value, (Sequence, ObjectRef)):
            cls: type = self.class_of(value) or tuple
            cls = getattr(cls, "stands_for", cls)
        elif isinstance(value, Static) and is_users_object(value.value):
            cls = self.class_of(value) or object
        elif isinstance(value, (ListRef, DictRef)):
            cls = list if isinstance(value, ListRef) else dict
        else:
            return self.library("builtins.type", args, kw, node, base)
        if cls.__module__ == "builtins":
            return Static(cls, ("builtin", cls.__name__))
        return Static(cls, ("global", cls.__module__, cls.__qualname__))

    def call_builtins_vars(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if len(args) != 1:
            raise Refusal("`vars()` of the names of a function is not supported", node)
        return self.attribute(args[0], "__dict__", node, base)

    def call_builtins_setattr(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        name = args[1] if len(args) == 3 else None
        if not isinstance(name, Const):
            raise Refusal("this use of setattr is not supported", node)
        self.set_attribute(args[0], name.value, args[2], node)
        return Const(None)

    def call_builtins_isinstance(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if isinstance(args[0], Var) and args[0] in self.questions:
            raise Refusal(self.UNTOLD, node, "ask whether it is true")
        classes = args[1].items if isinstance(args[1], Sequence) else (args[1],)
        example = self.example(args[0])
        if isinstance(args[0], (Sequence, ObjectRef)):
            cls = self.class_of(args[0]) or tuple
            cls = getattr(cls, "stands_for", cls)
            known = [c.value for c in classes if isinstance(c, Static)]
            return Const(any(isinstance(c, type) and issubclass(cls, c) for c in known))
        if isinstance(args[0], Static):
            known = [c.value for c in classes if isinstance(c, Static)]
            if len(known) == len(classes):
                own = self.class_of(args[0]), type(args[0].value)
                return Const(any(issubclass(c, tuple(known)) for c in own if c))
        nothing = isinstance(self.kind(args[0]), NoneKind)
        if (example is None and not nothing) or not all(
            isinstance(c, Static) for c in classes
        ):
            raise Refusal(
                "the class of this value is not known before the program runs", node
            )
        types_ = tuple(c.value for c in classes if isinstance(c, Static))
        answers = {isinstance(each, types_) for each in self.examples(args[0])}
        if len(answers) == 1:
            return Const(answers.pop())
        asked = (self.atom(args[0], node), self.atom(args[1], node))
        return self.at(node).emit("builtins.isinstance", *asked, base=base)

    def call_numpy_isscalar(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        import numpy as np

        value = args[0]
        if isinstance(value, (Sequence, ListRef, DictRef, ArrayRef)):
            return Const(False)
        if isinstance(value, (Const, Static)):
            return Const(np.isscalar(value.value))
        answers = {np.isscalar(each) for each in self.examples(value)}
        if len(answers) == 1:
            return Const(answers.pop())
        return self.library("numpy.isscalar", args, kw, node, base)

    def call_numpy_array(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if isinstance(args[0], ArrayRef) and len(args) == 1 and not kw:
            return self.at(node).emit(
                "copy", self.atom(args[0], node), params="K", base=base
            )
        return self.library("numpy.array", args, kw, node, base)

    def call_numpy_copy(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self.call_numpy_array(args, kw, node, base)

    def call_numpy_diag(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if args and isinstance(args[0], (ListRef, Sequence)):
            args = [self.library("numpy.array", args[:1], {}, node, "t"), *args[1:]]
        kind = self.kind(args[0]) if args else None
        if isinstance(kind, Array) and kind.ndim == 2:
            # Of a matrix it is a view; `diag` of a vector makes a new matrix.
            return self.library("numpy.diagonal", args, _renamed(kw), node, base)
        return self.library("numpy.diag", args, kw, node, base)

    def call_builtins_bool(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        known = self.truth(args[0]) if args else False
        if known is not None:
            return Const(known)
        if isinstance(args[0], (ListRef, Maybe, ObjectRef)):
            return self.condition(args[0], node)
        return self.library("builtins.bool", args, kw, node, base)

    def call_builtins_callable(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        value = args[0]
        if isinstance(value, Static):
            return Const(callable(value.value))
        if isinstance(value, ObjectRef):
            mro = getattr(self.outline(value, node).cls, "__mro__", ())
            return Const(any("__call__" in vars(cls) for cls in mro))
        return Const(isinstance(value, (Bound, Closure, Derived, Getter, Partial, Pulled)))

    def call_numpy_ndim(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        kind = self.kind(args[0])
        if isinstance(kind, Array) or is_number(kind):
            return Const(kind.ndim if isinstance(kind, Array) else 0)
        return self.library("numpy.ndim", args, kw, node, base)

    def call_numpy_iscomplexobj(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        kind = self.kind(args[0])
        if isinstance(kind, Array) or is_number(kind):
            return Const(is_complex(kind))
        return self.library("numpy.iscomplexobj", args, kw, node, base)

    def call_numpy_isrealobj(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self.negated(self.call_numpy_iscomplexobj(args, kw, node, base), node, base)

    def call_numpy_conjugate(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if not kw and len(args) == 1 and isinstance(args[0], ArrayRef):
            if not is_complex(self.kind(args[0])):  # a copy, which the method is not
                return self.at(node).emit("copy", self.atom(args[0], node), base=base)
        if kw or len(args) != 1 or not isinstance(self.kind(args[0]), Complex):
            return self.library("numpy.conjugate", args, kw, node, base)
        return self.conjugate(args[0], node, base)

    def call_numpy_real(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._part_of_complex("real", args, node, base)

    def call_numpy_imag(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        return self._part_of_complex("imag", args, node, base)

    def _part_of_complex(
        self, name: str, args: list[Value], node: ast.Call, base: str
    ) -> Value:
        value = args[0]
        if isinstance(value, (ListRef, Sequence)):
            value = self.library("numpy.array", [value], {}, node, "t")
        return self.attribute(value, name, node, base)

    def call_numpy_nan_to_num(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        """`copy=False`: into the array itself."""
        copies = args[1:2] or [kw.pop("copy", Const(True))]
        if copies != [Const(True)]:
            kw = {**kw, "out": args[0]}
        return self.library("numpy.nan_to_num", args[:1], kw, node, base)

    def call_numpy_shape(
        self, args: list[Value], kw: dict[str, Value], node: ast.Call, base: str
    ) -> Value:
        if isinstance(args[0], (ListRef, Sequence)):
            args = [self.library("numpy.array", args, {}, node, "t")]
        return self.attribute(args[0], "shape", node, base)


def _in_order(items: tuple[Value, ...]) -> tuple[Value, ...] | None:
    """The items sorted, if they are different texts or begin with such."""
    marks: dict[str, Value] = {}
    for item in items:
        first = item.items[:1] if isinstance(item, Sequence) else (item,)
        mark = first[0] if first else None
        if not isinstance(mark, Const) or not isinstance(mark.value, str):
            return None
        marks[mark.value] = item
    return tuple(marks[m] for m in sorted(marks)) if len(marks) == len(items) else None


def _renamed(keywords: dict[str, Value]) -> dict[str, Value]:
    return {{"k": "offset"}.get(name, name): v for name, v in keywords.items()}


# Of numbers, too, they make an array: one without axes.
_NEVER_NUMBERS = frozenset(("numpy.where", "numpy.tensordot", "scipy.special.polygamma"))


def _alike(example: Any) -> list[Any]:
    """NumPy's values of the kind of Python's integers and truth values."""
    import numpy as np

    if type(example) is bool:
        return [np.bool_(False)]
    if type(example) is int:
        return [np.dtype(code).type(0) for code in np.typecodes["AllInteger"]]
    return []


def _example(kind: Kind) -> Any:
    """A value of a kind, to ask `isinstance` about; None where unknown."""
    import numpy as np

    if isinstance(kind, Array):
        return np.empty(0)
    if isinstance(kind, (Float, Complex)):
        scalar = {Float: 0.0, Complex: 0j}[type(kind)]
        return scalar if kind.dtype is None else np.dtype(kind.dtype).type(0)
    simple: dict[type, Any] = {Int: 0, Bool: False, Str: "", List: [], Tuple: ()}
    return simple.get(type(kind))
