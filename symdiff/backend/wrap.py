"""Expressions as text, in one line or wrapped in brackets."""

from __future__ import annotations

import ast
from collections.abc import Callable

import astor

__all__ = ["WIDTH", "filled", "text", "wrapped"]

WIDTH = 88

# How tightly the forms bind, as in Python's grammar.
_TUPLE, _CHOICE, _OR, _AND, _NOT, _COMPARE = 0, 2, 3, 4, 5, 6
_ADD, _MUL, _UNARY, _POW, _ATOM = 11, 12, 13, 14, 16

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", 7), ast.BitXor: ("^", 8), ast.BitAnd: ("&", 9),
    ast.LShift: ("<<", 10), ast.RShift: (">>", 10), ast.Add: ("+", _ADD),
    ast.Sub: ("-", _ADD), ast.Mult: ("*", _MUL), ast.Div: ("/", _MUL),
    ast.FloorDiv: ("//", _MUL), ast.Mod: ("%", _MUL), ast.MatMult: ("@", _MUL),
    ast.Pow: ("**", _POW),
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==",
    ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip
_UNARIES: dict[type[ast.unaryop], tuple[str, int]] = {
    ast.USub: ("-", _UNARY), ast.UAdd: ("+", _UNARY), ast.Invert: ("~", _UNARY),
    ast.Not: ("not ", _NOT),
}  # fmt: skip

# A piece of a wrapped expression: text before it, the expression, how tight it must be.
_Piece = tuple[str, ast.expr, int]


def text(node: ast.expr, level: int = _CHOICE) -> str:
    """The expression in one line, in parentheses where it binds less than `level`."""
    printer = _PRINTERS.get(type(node))
    if printer is None:
        return _any(node)
    shown, own = printer(node)
    return shown if own >= level else f"({shown})"


def _any(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        shown = ast.unparse(node)
        return shown if '"' in shown else shown.replace("'", '"')
    return "(" + str(astor.to_source(node)).strip() + ")"


def _name(node: ast.Name) -> tuple[str, int]:
    return node.id, _ATOM


def _constant(node: ast.Constant) -> tuple[str, int]:
    if node.value is ...:
        return "...", _ATOM
    shown = repr(node.value)
    if isinstance(node.value, str) and shown[0] == "'" and '"' not in shown:
        shown = f'"{shown[1:-1]}"' if "\\'" not in shown else shown
    return shown, _ATOM


def _attribute(node: ast.Attribute) -> tuple[str, int]:
    value = text(node.value, _ATOM)
    number = isinstance(node.value, ast.Constant) and not isinstance(node.value.value, str)
    return f"({value}).{node.attr}" if number else f"{value}.{node.attr}", _ATOM


def _call(node: ast.Call) -> tuple[str, int]:
    return f"{text(node.func, _ATOM)}({', '.join(_arguments(node))})", _ATOM


def _arguments(node: ast.Call) -> list[str]:
    shown = [text(a) for a in node.args]
    return shown + [f"{k.arg}={text(k.value)}" for k in node.keywords]


def _subscript(node: ast.Subscript) -> tuple[str, int]:
    return f"{text(node.value, _ATOM)}[{_index(node.slice)}]", _ATOM


def _index(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple) and node.elts:
        shown = ", ".join(map(text, node.elts))
        return shown + "," if len(node.elts) == 1 else shown
    return text(node)


def _slice(node: ast.Slice) -> tuple[str, int]:
    parts = [node.lower, node.upper] + ([node.step] if node.step is not None else [])
    tight = all(p is None or isinstance(p, _SIMPLE) for p in parts)
    shown = ["" if p is None else text(p) for p in parts]
    if tight:
        return ":".join(shown), _ATOM
    joined = " : ".join(shown).strip()
    return joined, _ATOM


_SIMPLE = (ast.Name, ast.Constant, ast.UnaryOp, ast.Attribute)


def _tuple(node: ast.Tuple) -> tuple[str, int]:
    shown = ", ".join(map(text, node.elts))
    if len(node.elts) == 1:
        return f"({shown},)", _ATOM
    return (shown, _TUPLE) if node.elts else ("()", _ATOM)


def _list(node: ast.List) -> tuple[str, int]:
    return f"[{', '.join(map(text, node.elts))}]", _ATOM


def _dict(node: ast.Dict) -> tuple[str, int]:
    return f"{{{', '.join(p + text(v) for p, v in _entries(node))}}}", _ATOM


def _entries(node: ast.Dict) -> list[tuple[str, ast.expr]]:
    pairs = zip(node.keys, node.values, strict=True)
    return [(f"{text(k)}: " if k else "**", v) for k, v in pairs]


def _binary(node: ast.BinOp) -> tuple[str, int]:
    sign, own = _BINARY[type(node.op)]
    if own == _POW:  # to the right, and a sign on the right needs no parentheses
        return f"{text(node.left, _POW + 1)} ** {text(node.right, _UNARY)}", own
    return f"{text(node.left, own)} {sign} {text(node.right, own + 1)}", own


def _unary(node: ast.UnaryOp) -> tuple[str, int]:
    sign, own = _UNARIES[type(node.op)]
    return sign + text(node.operand, own), own


def _compare(node: ast.Compare) -> tuple[str, int]:
    parts = [text(node.left, _COMPARE + 1)]
    for op, right in zip(node.ops, node.comparators, strict=True):
        parts += [_COMPARISONS[type(op)], text(right, _COMPARE + 1)]
    return " ".join(parts), _COMPARE


def _boolean(node: ast.BoolOp) -> tuple[str, int]:
    word, own = (" and ", _AND) if isinstance(node.op, ast.And) else (" or ", _OR)
    return word.join(text(v, own + 1) for v in node.values), own


def _choice(node: ast.IfExp) -> tuple[str, int]:
    body, test = text(node.body, _OR), text(node.test, _OR)
    return f"{body} if {test} else {text(node.orelse)}", _CHOICE


def _comprehension(node: ast.ListComp | ast.DictComp) -> tuple[str, int]:
    left, key, element, target, over, right = _made(node)
    return f"{left}{key}{text(element)} {target}{text(over, _OR)}{right}", _ATOM


def _made(
    node: ast.ListComp | ast.DictComp,
) -> tuple[str, str, ast.expr, str, ast.expr, str]:
    """The bracket, the key, the element, `for target in `, over what, the bracket."""
    (over,) = node.generators
    flat = isinstance(over.target, ast.Tuple)
    target = f"for {text(over.target, _TUPLE if flat else _ATOM)} in "
    if isinstance(node, ast.ListComp):
        return "[", "", node.elt, target, over.iter, "]"
    return "{", f"{text(node.key)}: ", node.value, target, over.iter, "}"


_PRINTERS: dict[type[ast.expr], Callable[..., tuple[str, int]]] = {
    ast.Name: _name, ast.Constant: _constant, ast.Attribute: _attribute, ast.Call: _call,
    ast.Subscript: _subscript, ast.Slice: _slice, ast.Tuple: _tuple, ast.List: _list,
    ast.Dict: _dict,
    ast.BinOp: _binary, ast.UnaryOp: _unary, ast.Compare: _compare,
    ast.BoolOp: _boolean, ast.IfExp: _choice, ast.ListComp: _comprehension,
    ast.DictComp: _comprehension,
}  # fmt: skip


# -- wrapping ---------------------------------------------------------------------------


def wrapped(
    prefix: str, node: ast.expr | str | list[str], suffix: str, depth: int
) -> list[str]:
    """`prefix node suffix` as lines of at most 88 columns, where brackets allow it."""
    indent = " " * (4 * depth)
    if isinstance(node, str):
        return [indent + prefix + node + suffix]
    if isinstance(node, list):
        line = indent + prefix + ", ".join(node) + suffix
        if len(line) <= WIDTH:
            return [line]
        inner = indent + "    "
        line = inner + ", ".join(node)
        lines = [line] if len(line) <= WIDTH else [f"{inner}{item}," for item in node]
        return [indent + prefix, *lines, indent + suffix]
    return _lay(prefix, node, suffix, indent, 0, bracketed=False)


def _lay(
    prefix: str, node: ast.expr, suffix: str, indent: str, level: int, bracketed: bool
) -> list[str]:
    """Lines of an expression. `bracketed`: inside brackets, so lines may break freely."""
    line = indent + prefix + text(node, level) + suffix
    if len(line) <= WIDTH:
        return [line]
    inner = indent + "    "
    if isinstance(node, (ast.ListComp, ast.DictComp)):
        left, key, element, target, over, right = _made(node)
        return [
            indent + prefix + left,
            *_lay(key, element, "", inner, _CHOICE, bracketed=True),
            *_lay(target, over, "", inner, _OR, bracketed=True),
            indent + right + suffix,
        ]
    held = _held(node)
    if held is not None:
        opening, items, closing = held
        while len(items) == 1 and isinstance(items[0][1], (ast.Tuple, ast.List)):
            _, only = items[0]  # both brackets open and close in one line
            within = _held(only)
            if items[0][0] or within is None or len(within[1]) < 2:
                break
            opening, items, closing = opening + within[0], within[1], within[2] + closing
        if items:
            return [
                indent + prefix + opening,
                *_items(items, inner),
                indent + closing + suffix,
            ]
    pieces = _pieces(node)
    if len(pieces) < 2:
        return [line]
    bare = _PRINTERS[type(node)](node)[1] >= level
    if bracketed and bare and not prefix and suffix in ("", ","):
        return _spread(pieces, indent, suffix)
    return [indent + prefix + "(", *_spread(pieces, inner, ""), indent + ")" + suffix]


def _held(node: ast.expr) -> tuple[str, list[tuple[str, ast.expr]], str] | None:
    """What a bracketed form holds: the text before, the items, the text after."""
    if isinstance(node, ast.Call):
        items = [("", a) for a in node.args]
        items += [(f"{k.arg}=", k.value) for k in node.keywords]
        return text(node.func, _ATOM) + "(", items, ")"
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        return "(", [("", e) for e in node.elts], ")"
    if isinstance(node, ast.List):
        return "[", [("", e) for e in node.elts], "]"
    if isinstance(node, ast.Dict):
        return "{", _entries(node), "}"
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) > 1:
            items = [("", e) for e in node.slice.elts]
        else:
            items = [("", node.slice)]
        return text(node.value, _ATOM) + "[", items, "]"
    return None


def _items(items: list[tuple[str, ast.expr]], indent: str) -> list[str]:
    line = indent + ", ".join(prefix + text(item) for prefix, item in items)
    if len(line) <= WIDTH:
        return [line]
    if len(items) == 1 and not items[0][0]:
        return _lay("", items[0][1], "", indent, _CHOICE, bracketed=True)
    if all(not prefix and isinstance(item, _SIMPLE) for prefix, item in items):
        return filled([text(item) for _, item in items], indent)
    lines = []
    for prefix, item in items:
        lines += _lay(prefix, item, ",", indent, _CHOICE, bracketed=True)
    return lines


def filled(items: list[str], indent: str) -> list[str]:
    """Short items, as many in a line as fit."""
    lines: list[str] = []
    line = indent
    for item in items:
        if len(line + item) + 1 > WIDTH:
            lines.append(line.rstrip())
            line = indent
        line += f"{item}, "
    return [*lines, line.rstrip()]


def _spread(pieces: list[_Piece], indent: str, suffix: str) -> list[str]:
    lines = []
    for k, (prefix, item, level) in enumerate(pieces):
        end = suffix if k == len(pieces) - 1 else ""
        lines += _lay(prefix, item, end, indent, level, bracketed=True)
    return lines


def _pieces(node: ast.expr) -> list[_Piece]:
    """An expression cut at its loosest operators, each before its right operand."""
    if isinstance(node, ast.BinOp):
        own = _BINARY[type(node.op)][1]
        if own != _POW:
            return _chain(node, own)
    if isinstance(node, ast.BoolOp):
        word, own = ("and ", _AND) if isinstance(node.op, ast.And) else ("or ", _OR)
        first, *rest = node.values
        return [("", first, own + 1), *((word, v, own + 1) for v in rest)]
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sign = _COMPARISONS[type(node.ops[0])]
        right = node.comparators[0]
        return [("", node.left, _COMPARE + 1), (f"{sign} ", right, _COMPARE + 1)]
    if isinstance(node, ast.IfExp):
        return [
            ("", node.body, _OR),
            ("if ", node.test, _OR),
            ("else ", node.orelse, _CHOICE),
        ]
    return []


def _chain(node: ast.BinOp, own: int) -> list[_Piece]:
    pieces: list[_Piece] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and _BINARY[type(left.op)][1] == own:
        pieces.append((f"{_BINARY[type(left.op)][0]} ", left.right, own + 1))
        left = left.left
    return [("", left, own), *reversed(pieces)]
