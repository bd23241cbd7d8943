"""IR function -> text of a C function, and of its header.

The function returns 0, or the number of what went wrong: see `_STATUS`. Results go to
places that the caller gives. All memory is got before the first loop and given back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.backend.c_helpers import C_HELPERS
from symdiff.backend.c_memory import CMemory, makes_in_loops
from symdiff.backend.fuse import fuse
from symdiff.backend.liveness import live_ranges
from symdiff.backend.lower import (
    Branch, Break, Compute, Copy, Loop, Return, Statement, Unpack, lower,
)  # fmt: skip
from symdiff.backend.naming import assign_names
from symdiff.errors import Diagnostic, DifferentiationError, Span
from symdiff.ir.core import (
    Atom, Const, Equation, External, Function, Global, Undef, Var, kind_of, leaves, walk,
)  # fmt: skip
from symdiff.ir.handed import HANDED
from symdiff.ir.kinds import Array, Bool, Float, Int, Kind, Size, Tape
from symdiff.records import dataclass, replace
from symdiff.targets.bounds import is_tape

__all__ = ["CText", "emit_c"]

_WIDTH = 88
HELP = "write it as arithmetic in loops, or take the Python code"
_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "eq": "==", "ne": "!=", "boolean and": "&&", "boolean or": "||",
}  # fmt: skip
_MATH = {
    name: name
    for name in """
    sin cos tan sinh cosh tanh asinh acosh atanh asin acos atan atan2 exp expm1 log log1p
    log2 log10 sqrt hypot erf erfc lgamma fabs copysign
    """.split()
}
_NUMPY = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2",
}  # fmt: skip
_ASKED = ("isfinite", "isinf", "isnan")
_STATUS = """\
   Returns 0, or what went wrong: 1, there is no memory; 2, lengths do not fit or an
   index is out of range; 3, a division by zero; 4, an integer is too large; 5, the
   program raised an error."""
# What C and this file call something of their own.
_RESERVED = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch
    typedef union unsigned void volatile while status done malloc free memcpy memset y0 y1
    j0 j1 gamma main abs div index exp log sin cos tan
    """.split()
) | {*C_HELPERS, *_MATH}


@dataclass(frozen=True, slots=True)
class CText:
    """A C file and its header, as `symdiff.backend.emit.Emitted` for Python."""

    source: str
    header: str
    name: str
    lines: Mapping[int, Span]
    externals: tuple[External, ...] = ()


def emit_c(function: Function, results: Sequence[str], values: Mapping[str, Any]) -> CText:
    """Print a function whose results are called so; `values` are those of outer names."""
    return _Printer(function, results, values).text()


class _Printer(CMemory):
    def __init__(
        self, function: Function, results: Sequence[str], values: Mapping[str, Any]
    ) -> None:
        self.function, self.results, self.values = function, results, values
        self.params = tuple(p.var for p in function.params)
        self.body = lower(function)
        self.inlined = fuse(self.body)
        ranges = live_ranges(self.body, self.params, self.reads)
        reserved = _RESERVED | set(results)
        self.names = assign_names(ranges, self.params, reserved, False)
        self.types: dict[str, str] = {}
        others = {n for v, n in self.names.of.items() if v not in self.params}
        self.hidden = [  # arguments whose names stand for copies of them later
            p for p in self.params
            if isinstance(p.kind, Array) and self.names[p] in others
        ]  # fmt: skip
        self.apart = makes_in_loops(self.body)
        self.given = {self.outside(p) if self.apart else self.names[p] for p in self.params}
        self.lengths: dict[str, str] = {}  # by the symbols of extents
        self.shapes: dict[Atom, Array] = {}
        self.helpers: set[str] = set()
        self.owned: list[str] = []
        self.fresh = 0
        self.columns: dict[str, list[Kind]] = {}

    def reads(self, atom: Atom) -> list[Var]:
        if not isinstance(atom, Var):
            return []
        eq = self.inlined.get(atom)
        return [atom] if eq is None else [v for a in eq.args for v in self.reads(a)]

    def refuse(self, what: str, span: Span | None) -> DifferentiationError:
        span = span or self.function.span
        return DifferentiationError(Diagnostic(f"{what} is not written in C", span, HELP))

    # -- the whole ------------------------------------------------------------------------

    def text(self) -> CText:
        function = self.function
        for context in function.contexts:
            raise self.refuse(f"`with {context.op}(...)`", context.span)
        for node in walk(function.body):
            if isinstance(node, Equation) and node.op == HANDED:
                call: str = node.params.call
                what = f"`{call}`" if "." in call else "an integral"
                raise self.refuse(what, node.span)
        if function.functions:
            raise self.refuse("a function that calls itself", function.span)
        header = self.signature()
        body = [*self.no_empty_arguments(), *self.block(self.body, 1)]
        declared = [
            f"    {kind}{name} = {'NULL' if kind.endswith('*') else '0'};"
            for name, kind in sorted(self.types.items())
            if name not in self.given
        ]
        for var in () if self.apart else self.hidden:  # until it is copied
            kind, name = self.types[self.names[var]], self.names[var]
            declared.append(f"    {kind}{name} = ({kind.strip()}){self.outside(var)};")
        if not self.apart:
            declared += [f"    void *{slot} = NULL;" for slot in self.owned]
        declared += self.declared_lists()
        used = [C_HELPERS[name] for name in sorted(self.helpers)]
        doc = (function.doc or "").replace("*/", "* /").split("\n")[0]
        lines = [
            f"/* {doc} */", "",
            "#include <math.h>", "#include <stdint.h>", "#include <stdlib.h>",
            "#include <string.h>", "", *"\n".join(used).split("\n"),
            header, "{", "    int status = 0;", *declared, *body, "done:",
            *(f"    free({name});" for name in self.owned), *self.freed_lists(),
            "    return status;", "}", "",
        ]  # fmt: skip
        guard = f"{function.name.upper()}_H"
        top = f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n"
        comment = f"/* {doc}\n{_STATUS} */\n"
        head = f"{top}{comment}{header};\n\n#endif\n"
        return CText("\n".join(lines), head, function.name, {})

    def signature(self) -> str:
        shown: list[str] = []
        for var in self.params:
            name, kind = self.names[var], var.kind
            if isinstance(kind, Array):
                item = self.element(kind, None)
                shown.append(f"const {item} *{self.outside(var)}")
                changes = var in self.hidden and not self.apart
                own = self.outside(var) if self.apart else name
                self.types[own] = f"{'' if changes else 'const '}{item} *"
                for axis, extent in enumerate(kind.dims):
                    length = f"{name}_len" + (str(axis) if kind.ndim > 1 else "")
                    shown.append(f"int64_t {length}")
                    if isinstance(extent, Size):
                        self.lengths.setdefault(extent.symbol, length)
            else:
                shown.append(f"{self.number(kind, None)} {name}")
                self.types[name] = self.number(kind, None)
                if isinstance(kind, Int) and isinstance(kind.extent, Size):
                    self.lengths.setdefault(kind.extent.symbol, name)
        for name, atom in zip(self.results, leaves(self.function.returns), strict=True):
            kind = kind_of(atom)
            one = self.element(kind, None) if isinstance(kind, Array) else "double"
            shown.append(f"{one} *{name}")
        first, rest = f"int {self.function.name}(", []
        for k, text in enumerate(shown):
            text += ", " if k + 1 < len(shown) else ")"
            if len(first + text) > _WIDTH:
                rest.append(first.rstrip())
                first = "    "
            first += text
        return "\n".join([*rest, first])

    def no_empty_arguments(self) -> list[str]:
        """Something to read in arrays without elements, if indices are checked: what is
        read there leaves by its status only later."""
        if self.function.in_range:
            return []
        lines = ["    static const double none = 0.0;"]
        for var in self.params:
            if isinstance(var.kind, Array):
                inner, size = self.outside(var), self.size(var.kind, None)
                if not self.apart and var in self.hidden:
                    inner = self.names[var]
                lines += [f"    if ({size} == 0)", f"        {inner} = (void *)&none;"]
        return lines if len(lines) > 1 else []

    def outside(self, var: Var) -> str:
        """What an argument is called among the parameters."""
        return self.names[var] + "_in" * (var in self.hidden)

    # -- types ----------------------------------------------------------------------------

    def number(self, kind: Kind, span: Span | None) -> str:
        if isinstance(kind, Float) and kind.dtype in (None, "float64"):
            return "double"
        if isinstance(kind, (Int, Bool)):
            return "int64_t"
        raise self.refuse(f"a value of kind {kind}", span)

    def element(self, kind: Array, span: Span | None) -> str:
        found = {"float64": "double", "int64": "int64_t", "bool": "unsigned char"}
        if kind.dtype not in found:
            raise self.refuse(f"an array of {kind.dtype}", span)
        return found[kind.dtype]

    def name(self, var: Var, span: Span | None = None) -> str:
        """The name of a variable, which is declared with its type."""
        name, kind = self.names[var], var.kind
        if self.apart and var in self.hidden:
            name = self.outside(var)
        own = self.number(kind, span) + " " if not isinstance(kind, Array) else (
            f"{self.element(kind, span)} *"
        )  # fmt: skip
        known = self.types.setdefault(name, own)
        if known.removeprefix("const ").strip() != own.strip():
            taken = {*self.names.of.values(), *self.given}
            name = next(  # that of a value of another type
                f"{name}_{k}" for k in range(2, 99)
                if f"{name}_{k}" not in taken
                and self.types.setdefault(f"{name}_{k}", own) == own
            )  # fmt: skip
        return name

    def names_of(self, list_: Var) -> str:
        self.columns.setdefault(self.names[list_], [])
        return self.names[list_]

    def length(self, extent: int | Size, span: Span | None) -> str:
        if isinstance(extent, int):
            return str(extent)
        if extent.symbol not in self.lengths:
            raise self.refuse("an array whose length is computed", span)
        base = self.lengths[extent.symbol]
        if not extent.offset:
            return base
        self.helpers.add("longest")
        return (
            f"longest({base} {'+' if extent.offset > 0 else '-'} {abs(extent.offset)}, 0)"
        )

    def size(self, kind: Array, span: Span | None) -> str:
        return " * ".join(self.length(d, span) for d in kind.dims)

    # -- statements ----------------------------------------

    def block(self, body: Sequence[Statement], indent: int) -> list[str]:
        return [line for statement in body for line in self.statement(statement, indent)]

    def statement(self, statement: Statement, indent: int) -> list[str]:
        tab = "    " * indent
        if isinstance(statement, Compute):
            return [tab + line for line in self.compute(statement.equation)]
        if isinstance(statement, Copy):
            return [tab + line for line in self.copy(statement)]
        if isinstance(statement, Branch):
            lines = [f"{tab}if ({self.atom(statement.cond)}) {{"]
            lines += self.block(statement.then, indent + 1)
            orelse = self.block(statement.orelse, indent + 1)
            return [*lines, f"{tab}}} else {{", *orelse, f"{tab}}}"] if orelse else [
                *lines, f"{tab}}}"
            ]  # fmt: skip
        if isinstance(statement, Loop):
            return self.loop(statement, indent)
        if isinstance(statement, Break):
            return [f"{tab}break;"]
        if isinstance(statement, Return):
            return [tab + line for line in self.returned(statement)]
        if isinstance(statement, Unpack) and statement.equation.op == "entry":
            taken = self.taken(statement.equation, statement.targets)
            return [tab + line for line in taken]
        raise self.refuse("what is unpacked", statement.equation.span)

    def loop(self, loop: Loop, indent: int) -> list[str]:
        tab = "    " * indent
        if loop.iteration is None:
            lines = [f"{tab}for (;;) {{"]
            if not self.function.in_range:  # the condition may rest on what is not there
                lines += [f"{tab}    if (status)", f"{tab}        goto done;"]
            lines += self.block(loop.test, indent + 1)
            lines.append(f"{tab}    if (!({self.atom(loop.cond)}))")
            lines.append(f"{tab}        break;")
        else:
            start, stop, step = loop.iteration.args
            if loop.iteration.form == "tape" or not isinstance(step, Const):
                raise self.refuse("this loop", loop.span)
            by = step.value
            if loop.iteration.form == "reversed" and by != 1:
                raise self.refuse("this loop", loop.span)
            name, first, last = self.name(loop.targets[0]), *map(self.atom, (start, stop))
            self.fresh += 1
            counter, end = f"at{self.fresh}", f"end{self.fresh}"
            if loop.iteration.form == "reversed":
                head, bound, rule = f"{last} - 1", start, ">="
                step_ = f"{counter}--"
            else:
                head, bound, rule = first, stop, "<" if by > 0 else ">"
                step_ = f"{counter} += {by}"
            shown = self.atom(bound)
            if not isinstance(bound, Const):  # as it is before the first round
                head, shown = f"{head}, {end} = {shown}", end
            rule = f"{counter} {rule} {shown}; {step_}"
            lines = [f"{tab}for (int64_t {counter} = {head}; {rule}) {{"]
            lines.append(f"{tab}    {name} = {counter};")
        lines += self.block(loop.body, indent + 1)
        return [*lines, f"{tab}}}"]

    def copy(self, copy: Copy) -> list[str]:
        pairs, arrays = [], []
        made: list[str] = []
        for target, source in copy.pairs:
            if isinstance(source, Undef):
                continue
            eq = self.inlined.get(source) if isinstance(source, Var) else None
            if eq is not None and eq.op in self.MAKING and isinstance(target.kind, Array):
                made += self.made(replace(eq, target=target))
                continue
            if self.apart and isinstance(target.kind, Array):
                arrays.append((target, source))
                continue
            name, value = self.name(target), self.atom(source)
            if name != value:
                pairs.append((name, value, target))
        moved = [*self.handed_on(arrays), *made]
        if len(pairs) == 1:
            return [*moved, f"{pairs[0][0]} = {pairs[0][1]};"]
        before, after = [], []
        for name, value, target in pairs:
            self.fresh += 1
            kind = self.types[self.name(target)]
            before.append(f"{kind.strip()} new{self.fresh} = {value};")
            after.append(f"{name} = new{self.fresh};")
        if not pairs:
            return moved
        return [*moved, "{", *(f"    {x}" for x in (*before, *after)), "}"]

    def returned(self, statement: Return) -> list[str]:
        lines = []
        for name, atom in zip(self.results, leaves(statement.tree), strict=True):
            kind, text = kind_of(atom), self.atom(atom)
            if isinstance(kind, Array):
                size = self.size(kind, None)
                lines.append(f"memcpy({name}, {text}, {size} * sizeof *{name});")
            else:
                lines.append(f"*{name} = {text};")
        return [*lines, "goto done;"]

    def compute(self, eq: Equation) -> list[str]:
        if eq.op == "comment":
            return [f"/* {eq.params} */"]
        if eq.op in ("setitem", "additem", "store"):
            base, *atoms, value = eq.args
            if set(eq.params.items) != {"at"}:
                raise self.refuse("a write into a part of an array", eq.span)
            sign = "+=" if eq.op == "additem" else "="
            place = self.place(base, atoms, eq.span)
            lines = [f"{place} {sign} {self.atom(value)};"]
            if eq.op != "store" and self.name(eq.target) != self.atom(base):
                raise self.refuse("a write into an array with two names", eq.span)
            return lines
        if eq.op == "raise":  # the program's own errors are not made
            return [f"status = {2 if eq.args else 5};", "goto done;"]
        if eq.op == "assert":
            fails = f"if (!({self.atom(eq.args[0])})) {{"
            return [fails, "    status = 5;", "    goto done;", "}"]
        if eq.op in ("builtins.ValueError", "builtins.IndexError", "tuple"):
            return []
        if eq.op == "attr" and eq.params == "shape":
            kind = kind_of(eq.args[0])
            assert isinstance(kind, Array)
            self.shapes[eq.target] = kind
            return []
        if eq.op == "tape" and isinstance(eq.target.kind, Tape):
            return [f"{self.names_of(eq.target)}_used = 0;"]
        if eq.op == "put":
            return self.put(eq)
        if eq.op == "entry":
            return self.taken(eq, [eq.target])
        if eq.op in self.MAKING:
            if isinstance(eq.target.kind, Array):
                return self.made(eq)
        return [f"{self.name(eq.target, eq.span)} = {self.expression(eq)};"]

    def counted(self, shape: Atom) -> str:
        """The first length of a shape, which has rounds of a loop in it."""
        eq = self.inlined.get(shape) if isinstance(shape, Var) else None
        if eq is not None and eq.op == "tuple":
            return self.atom(eq.args[0])
        return f"({self.atom(shape)})"

    # -- expressions ----------------------------------------

    def place(self, base: Atom, atoms: Sequence[Atom], span: Span | None) -> str:
        kind = kind_of(base)
        if not isinstance(kind, Array) or len(atoms) != kind.ndim:
            raise self.refuse("a part of an array", span)
        text = ""
        for extent, atom in zip(kind.dims, atoms, strict=True):
            at = self.atom(atom)
            if not self.function.in_range and not is_tape(base):
                at = self.helped("checked", [at, self.length(extent, span)], status=True)
            elif isinstance(atom, Const) and atom.value < 0:
                at = f"{self.length(extent, span)} - {-atom.value}"
            text = f"({text}) * {self.length(extent, span)} + {at}" if text else at
        return f"{self.atom(base)}[{text}]"

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, Var):
            eq = self.inlined.get(atom)
            return self.name(atom) if eq is None else f"({self.expression(eq)})"
        value = atom.value if isinstance(atom, Const) else None
        if isinstance(atom, Global):
            module, _, rest = atom.name.rpartition(".")
            known = {"pi": "M_PI", "e": "M_E", "inf": "INFINITY", "nan": "NAN"}
            if module in ("math", "numpy") and rest in known:
                return known[rest]
            value = self.values.get(atom.name)
        if isinstance(value, bool):
            return str(int(value))
        if type(value) is int and -(2**31) < value < 2**31:
            return str(value)
        if type(value) is float:
            named = {"inf": "INFINITY", "-inf": "-INFINITY", "nan": "NAN"}
            return named.get(repr(value), repr(value))
        raise self.refuse(f"`{atom}`", None)

    def shape_of(self, atom: Atom) -> Array | None:
        """The kind of the array of which a value is the shape."""
        made = self.inlined.get(atom) if isinstance(atom, Var) else None
        if made is not None and (made.op, made.params) == ("attr", "shape"):
            kind = kind_of(made.args[0])
            return kind if isinstance(kind, Array) else None
        return self.shapes.get(atom)

    def expression(self, eq: Equation) -> str:
        op, kinds = eq.op, [kind_of(a) for a in eq.args]
        whole_shape = self.shape_of(eq.args[0]) if op == "item" else None
        if whole_shape is not None:
            return self.length(whole_shape.dims[eq.params], eq.span)
        if any(isinstance(k, Array) for k in kinds) and op not in (
            "getitem", "builtins.len", "select"
        ):  # fmt: skip
            raise self.refuse(f"`{op}` of arrays", eq.span)
        if op == "getitem" and isinstance(kinds[0], Array):
            if set(eq.params.items) != {"at"}:
                raise self.refuse("a part of an array", eq.span)
            return self.place(eq.args[0], eq.args[1:], eq.span)
        if op == "builtins.len" and isinstance(kinds[0], Array):
            return self.length(kinds[0].dims[0], eq.span)
        if op == "builtins.len" and isinstance(eq.args[0], Var):
            run = self.inlined.get(eq.args[0])
            if run is not None and run.op == "builtins.range" and len(run.args) == 2:
                start, stop = map(self.atom, run.args)
                return self.helped("longest", [f"{stop} - {start}", "0"])
        if op == "builtins.len" and isinstance(kinds[0], Tape):
            return f"{self.names_of(eq.args[0])}_used"  # type: ignore[arg-type]
        if op == "entry":
            tape = self.names_of(eq.args[0])  # type: ignore[arg-type]
            return f"{self.column(tape, 0)}[{self.atom(eq.args[1])}]"
        args = [self.atom(a) for a in eq.args]
        whole = all(isinstance(k, (Int, Bool)) for k in kinds)
        if op in _INFIX:
            return f" {_INFIX[op]} ".join(args)
        if op == "div":
            return f"{args[0]} / {f'(double)({args[1]})' if whole else args[1]}"
        if op in ("mod", "floordiv") and whole:
            return self.helped("modulo" if op == "mod" else "floored", args, status=True)
        if op in ("divided", "plus", "minus", "times", "power"):
            return self.helped(op, args, status=True)
        if op in ("neg", "not"):
            return f"{'-' if op == 'neg' else '!'}{args[0]}"
        if op == "select":
            return f"{args[0]} ? {args[1]} : {args[2]}"
        if op == "pow" and whole:
            return self.helped("power", args, status=True)
        if op == "pow" and isinstance(kinds[0], Float):
            if eq.args[1] == Const(2) and isinstance(eq.args[0], Var):
                return f"{args[0]} * {args[0]}"
            return f"pow({args[0]}, {args[1]})"
        if op == "builtins.float":
            return f"(double)({args[0]})"
        if (
            op in ("builtins.abs", "numpy.abs", "numpy.absolute", "numpy.fabs")
            and len(args) == 1
        ):
            return f"{'llabs' if whole else 'fabs'}({args[0]})"
        if op.rpartition(".")[2] in _ASKED and len(args) == 1:
            return f"!!{op.rpartition('.')[2]}((double)({args[0]}))"
        if op in ("builtins.max", "builtins.min") and len(args) == 2:
            big = op.endswith("max")
            name = ("longest" if big else "shortest") if whole else (
                "largest" if big else "least"
            )  # fmt: skip
            return self.helped(name, args)
        root, _, function = op.rpartition(".")
        if root in ("math", "numpy"):
            found = _MATH.get(function) or (root == "numpy" and _NUMPY.get(function))
            if found and not eq.params:
                return f"{found}({', '.join(args)})"
        raise self.refuse(f"`{op}`", eq.span)

    def helped(self, name: str, args: list[str], status: bool = False) -> str:
        self.helpers.add(name)
        return f"{name}({', '.join([*args, '&status'] if status else args)})"
