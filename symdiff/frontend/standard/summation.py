"""`np.einsum` in every form, brought into the one that has a derivative rule."""

from __future__ import annotations

import ast
from string import ascii_letters

from symdiff.frontend.memory.context import Refusal
from symdiff.frontend.memory.values import Sequence, Static, Value
from symdiff.frontend.standard.modules import Modules
from symdiff.ir.core import Const
from symdiff.ir.kinds import Array

__all__ = ["Summation"]

Keywords = dict[str, Value]


class Summation(Modules):
    """Lowers `np.einsum`: every operand has each of its subscripts once, in letters; a
    call that only rearranges axes is the view that NumPy gives."""

    def call_numpy_einsum(
        self, args: list[Value], kw: Keywords, node: ast.Call, base: str
    ) -> Value:
        text, operands = self._subscripts(args, node)
        if text is None or set(kw) - {"optimize"}:
            return self.library("numpy.einsum", args, kw, node, base)
        terms, result = self._spelled_out(text, operands, node)
        for place, term in enumerate(terms):
            for letter in dict.fromkeys(term):
                while terms[place].count(letter) > 1:
                    operands[place], terms[place] = self._diagonal(
                        operands[place], terms[place], letter, node
                    )
        if len(terms) == 1 and sorted(terms[0]) == sorted(result):
            if terms[0] == result:
                return operands[0]
            axes = tuple(Const(terms[0].index(letter)) for letter in result)
            return self.library(
                "numpy.transpose", [operands[0], Sequence(axes)], {}, node, base
            )
        known = Const(",".join(terms) + "->" + result)
        return self.library("numpy.einsum", [known, *operands], kw, node, base)

    def _subscripts(
        self, args: list[Value], node: ast.Call
    ) -> tuple[str | None, list[Value]]:
        """The subscripts as a text, and the operands: also of `einsum(a, [0, 1], ...)`."""
        first = args[0]
        if isinstance(first, Const) and isinstance(first.value, str):
            operands = args[1:]
            text = first.value.replace(" ", "")
        else:
            operands = args[0 : len(args) - len(args) % 2 : 2]
            lists = [self.known_items(v, node) for v in args[1::2]]
            last = self.known_items(args[-1], node) if len(args) % 2 else None
            terms = [self._letters(items) for items in (*lists, last) if items is not None]
            if None in terms:
                return None, args
            result = f"->{terms.pop()}" if last is not None else ""
            text = ",".join(map(str, terms)) + result
        arrays = [self._array_operand(v, node) for v in operands]
        if not all(isinstance(self.kind(v), Array) for v in arrays):
            return None, args
        return text, arrays

    def _array_operand(self, value: Value, node: ast.Call) -> Value:
        if isinstance(self.kind(value), Array):
            return value
        return self.library("numpy.asarray", [value], {}, node, "t")

    @staticmethod
    def _letters(items: tuple[Value, ...]) -> str | None:
        letters = ""
        for item in items:
            if item == Const(...) or (isinstance(item, Static) and item.value is ...):
                letters += "..."
            elif isinstance(item, Const) and isinstance(item.value, int):
                letters += ascii_letters[item.value]
            else:
                return None
        return letters

    def _spelled_out(
        self, text: str, operands: list[Value], node: ast.Call
    ) -> tuple[list[str], str]:
        """The subscripts of each operand and of the result, with letters for `...`."""
        left, arrow, result = text.partition("->")
        terms = left.split(",")
        if len(terms) != len(operands):
            raise Refusal("einsum gets another number of arrays than of subscripts", node)
        if not arrow:
            letters = left.replace(",", "").replace(".", "")
            result = "..." if "." in left else ""
            result += "".join(sorted(v for v in set(letters) if letters.count(v) == 1))
        free = [v for v in ascii_letters if v not in text]
        longest = 0
        for place, (term, operand) in enumerate(zip(terms, operands, strict=True)):
            kind = self.kind(operand)
            assert isinstance(kind, Array)
            if "..." in term:
                count = kind.ndim - len(term) + 3
                longest = max(longest, count)
                terms[place] = term.replace("...", "".join(free[-count:] if count else ""))
        most = "".join(free[-longest:]) if longest else ""
        return terms, result.replace("...", most)

    def _diagonal(
        self, operand: Value, term: str, letter: str, node: ast.Call
    ) -> tuple[Value, str]:
        """The diagonal of two axes with one subscript; NumPy puts it last."""
        first = term.index(letter)
        second = term.index(letter, first + 1)
        axes = [Const(0), Const(first), Const(second)]
        made = self.library("numpy.diagonal", [operand, *axes], {}, node, "t")
        rest = term[:first] + term[first + 1 : second] + term[second + 1 :]
        return made, rest + letter
