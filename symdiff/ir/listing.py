"""The listing of a function: one equation a line, z_i = f_i(z_a(i)), as users read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import Span
from symdiff.ir.core import (
    Atom, Block, Compound, Const, Equation, For, Function, Global, If, Index, Node,
    Parameter, SliceItem, Tree, Undef, While,
)  # fmt: skip
from symdiff.ir.effects import APPLIES, INVOKES, READING
from symdiff.ir.kinds import Kind, Unknown
from symdiff.ir.structure import part_text
from symdiff.records import replace

__all__ = ["Printer", "listing", "sign_of"]

_BINARY = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%",
    "pow": "**", "matmul": "@", "bitand": "&", "bitor": "|", "bitxor": "^",
    "lshift": "<<", "rshift": ">>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "eq": "==", "ne": "!=", "is": "is", "isnot": "is not", "in": "in", "notin": "not in",
}  # fmt: skip
_UNARY = {"neg": "-", "pos": "+", "not": "not ", "invert": "~"}

_STATEMENTS = ("builtins.print", "assert", "raise", "comment")
_INDENT = "    "
_WIDTH = 80  # of a loop's first line, before its carried values go on lines of their own
_COLUMN = 56  # where line numbers stand at most


def sign_of(op: str, operands: int) -> str | None:
    """How Python writes an operator; None of what is none.

    >>> sign_of("sub", 2), sign_of("neg", 1), sign_of("math.sin", 1)
    ('-', '-', None)
    """
    return (_BINARY if operands == 2 else _UNARY).get(op)


def listing(function: Function) -> str:
    """The function as text. Every value is defined once: `x.1` is the version of `x`
    after its first assignment.

    At the head of a loop stands what it carries from round to round; `next` says what
    the carried values are in the next round, `giving` what they are called afterwards.
    Recursive functions that it calls come before it.
    """
    texts = [_listed(f, function) for f in (*function.functions, function)]
    return "\n".join(texts)


def _listed(function: Function, program: Function) -> str:
    """The text of one function of a program."""
    printer = Printer(program)
    params = ", ".join(map(printer.parameter, _with_bars(function.params)))
    printer.line(0, f"def {function.name}({params}):", function.span)
    printer.block(function.body, 1)
    printer.line(1, f"return {printer.tree(function.returns)}", None)
    return printer.text()


def _with_bars(params: Sequence[Parameter]) -> list[Parameter | str]:
    """The parameters with `/` and `*` where the signature has them."""
    shown: list[Parameter | str] = []
    starred = False
    for k, parameter in enumerate(params):
        if parameter.form == "kw" and not starred:
            shown.append("*")
            starred = True
        starred |= parameter.form == "*"
        shown.append(parameter)
        after = params[k + 1].form if k + 1 < len(params) else ""
        if parameter.form == "/" and after != "/":
            shown.append("/")
    return shown


class Printer:
    def __init__(self, function: Function) -> None:
        self.aliases = {"numpy": "np", **dict(function.modules)}
        self.lines: list[tuple[str, Span | None]] = []

    def line(self, depth: int, text: str, span: Span | None) -> None:
        self.lines.append((_INDENT * depth + text, span))

    def text(self) -> str:
        """The lines, with the user's line numbers in one column."""
        longest = max(len(text) for text, _ in self.lines)
        column = min(longest, _COLUMN) + 2
        shown = []
        for text, span in self.lines:
            if span is None:
                shown.append(text)
            else:
                shown.append(f"{text:<{column - 2}}  # line {span.line}")
        return "\n".join(shown) + "\n"

    # -- atoms ------------------------------------------------------------------------

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, Const):
            return "..." if atom.value is Ellipsis else repr(atom.value)
        if isinstance(atom, Global):
            return atom.name
        return "(unassigned)" if isinstance(atom, Undef) else str(atom)

    def atoms(self, atoms: Sequence[Atom]) -> str:
        return ", ".join(map(self.atom, atoms))

    def tree(self, tree: Tree) -> str:
        if isinstance(tree, Compound):
            return self.compound(tree)
        if not isinstance(tree, tuple):
            return self.atom(tree)
        inside = ", ".join(map(self.tree, tree))
        return f"({inside},)" if len(tree) == 1 else f"({inside})"

    def compound(self, tree: Compound) -> str:
        items = list(map(self.tree, tree.items))
        if tree.form == "record":
            return self.tree(tree.items)
        if tree.form == "list":
            return f"[{', '.join(items)}]"
        if tree.form == "dict":
            pairs = zip(tree.keys, items, strict=True)
            return f"{{{', '.join(f'{key!r}: {item}' for key, item in pairs)}}}"
        if tree.form in ("each", "values"):
            assert tree.of is not None
            return f"[{items[0]} for item in {part_text(self.atom(tree.of), tree.path)}]"
        fields = [f"{k}={item}" for k, item in zip(tree.keys, items, strict=True)]
        of = ["item"] if tree.of is None else [part_text(self.atom(tree.of), tree.path)]
        return f"{tree.form}({', '.join([*of, *fields])})"

    def parameter(self, parameter: Parameter | str) -> str:
        if isinstance(parameter, str):
            return parameter
        stars = parameter.form if parameter.form in ("*", "**") else ""
        text = f"{stars}{parameter.var}{_said(parameter.var.kind)}"
        if parameter.default is None:
            return text
        equals = " = " if _said(parameter.var.kind) else "="
        return f"{text}{equals}{self.atom(parameter.default)}"

    def called(self, name: str, args: Sequence[Atom], names: Any) -> str:
        """`name(a, k=b)`; the last arguments have names."""
        names = tuple(names or ())
        cut = len(args) - len(names)
        shown = [self.atom(a) for a in args[:cut]]
        shown += [f"{k}={self.atom(a)}" for k, a in zip(names, args[cut:], strict=True)]
        return f"{name}({', '.join(shown)})"

    def subscript(self, index: Index, atoms: Sequence[Atom]) -> str:
        views, own = index.split(atoms)
        steps = "".join(
            self.subscript(step.params, some)
            if step.op == "getitem"
            else f".{self.called(step.op.removeprefix('numpy.'), some, step.params)}"
            for step, some in zip(index.through, views, strict=True)
        )
        rest = iter(own)
        items = []
        for item in index.items:
            if isinstance(item, SliceItem):
                flags = (item.start, item.stop, item.step)
                parts = [self.atom(next(rest)) if f else "" for f in flags]
                items.append(":".join(parts if item.step else parts[:2]))
            elif item == "at":
                items.append(self.atom(next(rest)))
            else:
                items.append({"new": "None", "rest": "..."}.get(item, item))
        comma = "," if index.tupled and len(items) == 1 else ""
        return f"{steps}[{', '.join(items)}{comma}]"

    # -- equations --------------------------------------------------------------------

    def value(self, node: Equation) -> str:
        """The right side of an equation."""
        op, args, params = node.op, node.args, node.params
        if op == READING:
            return self.value(replace(node, op=params[0], params=params[1]))
        if op in _BINARY and len(args) == 2:
            left, right = map(self.atom, args)
            if op == "pow" and left.startswith("-"):
                left = f"({left})"
            return f"{left} {_BINARY[op]} {right}"
        if op in _UNARY and len(args) == 1:
            return f"{_UNARY[op]}{self.atom(args[0])}"
        if op == "getitem" and isinstance(params, Index):
            return self.atom(args[0]) + self.subscript(params, args[1:])
        if op in ("setitem", "additem") and isinstance(params, Index):
            sign = "=" if op == "setitem" else "+="
            where = self.subscript(params, args[1:-1])
            return f"{self.atom(args[0])} with {where} {sign} {self.atom(args[-1])}"
        if op == "select":
            then, other = self.atom(args[1]), self.atom(args[2])
            return f"{then} if {self.atom(args[0])} else {other}"
        if op in ("real", "imag"):
            return f"{self.atom(args[0])}.{op}"
        if op == "attr":
            return f"{self.atom(args[0])}.{params}"
        if op == "item":
            return f"{self.atom(args[0])}[{params}]"
        if op == "part":
            return part_text(self.atom(args[0]), params)
        if op in INVOKES:
            return self.called(params, args, None)
        if op in ("tuple", "list"):
            inside = self.atoms(args)
            if op == "list":
                return f"[{inside}]"
            return f"({inside},)" if len(args) == 1 else f"({inside})"
        if op == "push":
            entry = self.tree(args[1:] if len(args) > 2 else args[1])
            return f"push({self.atom(args[0])}, {entry})"
        return self.calling(op, args, params)

    def calling(self, op: str, args: Sequence[Atom], params: Any) -> str:
        if op == "call":
            return self.called(self.atom(args[0]), args[1:], params)
        if op in APPLIES:
            return self.called(self.atom(args[0]), args[1:], params.keywords)
        if op == "method":
            name, names = params
            return self.called(f"{self.atom(args[0])}.{name}", args[1:], names)
        if op == "fstring":
            return self.fstring(args, params)
        module, _, name = op.partition(".")
        if name:
            alias = self.aliases.get(module, module)
            op = name if module == "builtins" else f"{alias}.{name}"
        return self.called(op, args, params if isinstance(params, tuple) else None)

    def fstring(self, args: Sequence[Atom], parts: Any) -> str:
        values = iter(args)
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += part.replace("{", "{{").replace("}", "}}")
                continue
            conversion, spec = part or (None, None)
            mark = f"!{conversion}" if conversion else ""
            form = f":{spec}" if spec else ""
            text += f"{{{self.atom(next(values))}{mark}{form}}}"
        return "f" + repr(text)

    def equation(self, node: Equation, depth: int) -> None:
        if node.op == "comment":
            words = node.params if isinstance(node.params, str) else self.atoms(node.args)
            text = f"# {words}".rstrip()
        elif node.op == "check length":
            text = f"assert len({self.atoms(node.args)}) == {node.params}"
        elif node.op in ("assert", "raise"):
            text = f"{node.op} {self.atoms(node.args)}"
        elif node.op in _STATEMENTS:
            text = self.value(node)
        else:
            text = f"{node.target} = {self.value(node)}"
        self.line(depth, text, node.span)

    # -- regions ----------------------------------------------------------------------

    def block(self, block: Block, depth: int) -> None:
        for node in block:
            self.node(node, depth)

    def node(self, node: Node, depth: int) -> None:
        if isinstance(node, Equation):
            self.equation(node, depth)
        elif isinstance(node, If):
            self.branch(node, depth)
        else:
            self.loop(node, depth)

    def branch(self, node: If, depth: int) -> None:
        cond = self.atom(node.cond)
        self.line(depth, f"if {cond}:", node.span)
        self.inner(node.then, depth + 1)
        if node.orelse:
            self.line(depth, "else:", None)
            self.inner(node.orelse, depth + 1)
        for var, a, b in zip(node.results, node.then_yields, node.else_yields, strict=True):
            text = f"giving {var} = {self.atom(a)} if {cond} else {self.atom(b)}"
            self.line(depth, text, None)

    def inner(self, block: Block, depth: int) -> None:
        if not block:
            self.line(depth, "(nothing)", None)
        self.block(block, depth)

    def loop(self, node: For | While, depth: int) -> None:
        head = self.head(node)
        pairs = [
            f"{var} from {self.atom(init)}"
            for var, init in zip(node.carried, node.inits, strict=True)
        ]
        whole = f"{head} carrying {', '.join(pairs)}:" if pairs else f"{head}:"
        if len(whole) + len(_INDENT) * depth <= _WIDTH:
            self.line(depth, whole, node.span)
        else:
            self.line(depth, f"{head}:", node.span)
            for pair in pairs:
                self.line(depth + 1, f"carrying {pair}", None)
        if isinstance(node, While):
            self.block(node.test, depth + 1)
            if node.test or node.cond != Const(True):
                self.line(depth + 1, f"stop unless {self.atom(node.cond)}", None)
        self.block(node.body, depth + 1)
        for var, end in zip(node.carried, node.yields, strict=True):
            if end != var:
                self.line(depth + 1, f"next {var} = {self.atom(end)}", None)
        if node.leave is not None:
            self.line(depth + 1, f"stop if {self.atom(node.leave)}", None)
        for var, carried in zip(node.results, node.carried, strict=True):
            self.line(depth, f"giving {var} = last {carried}", None)

    def head(self, node: For | While) -> str:
        if isinstance(node, While):
            return "repeat"
        form, args = node.iteration.form, node.iteration.args
        targets = ", ".join(map(str, node.targets))
        if form in ("tape", "items"):
            shown = list(map(self.atom, args))
            for k in set(range(len(args))) - node.iteration.ahead:
                shown[k] = f"reversed({shown[k]})"
            runs = ", ".join(shown)
            return f"for {targets} in {runs if len(args) == 1 else f'zip({runs})'}"
        bounds = list(args)
        if len(bounds) == 3 and bounds[2] == Const(1):
            del bounds[2]
            if bounds[0] == Const(0):
                del bounds[0]
        run = f"range({self.atoms(bounds)})"
        return f"for {targets} in {run if form == 'range' else f'reversed({run})'}"


def _said(kind: Kind) -> str:
    return "" if isinstance(kind, Unknown) else f": {kind}"
