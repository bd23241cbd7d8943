"""Functions that use the rest of the language: containers, objects, closures, helpers."""

from __future__ import annotations

import random

from generators.catching import Catching
from generators.expressions import KEYS, Scope
from generators.sharing import HELPERS, Sharing
from generators.writer import NAMES


class Language(Sharing, Catching):
    """A function of two floats and a small integer, with some of the features."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.nested = 0
        self.function = 0  # how many functions within functions

    def block(self, size: int) -> None:
        before = len(self.lines)
        for _ in range(self.random.randint(1, size)):
            self.statement()
        if len(self.lines) == before:
            self.line("pass")

    def inner(self, size: int, floats=(), ints=()) -> None:
        """An indented block with names of its own."""
        outer = self.scope
        self.scope = outer.inner()
        self.scope.floats += floats
        self.scope.ints += ints
        self.nested += 1
        with self.indented():
            self.block(size)
        self.nested -= 1
        self.scope = outer

    def statement(self) -> None:
        menu = [(self.assign, 4), (self.augment, 3), (self.leave, 1), (self.check, 0.3)]
        if self.nested < 3:
            menu += [(self.branch, 2), (self.for_loop, 3), (self.while_loop, 1)]
        if self.has("tuples"):
            menu += [(self.unpack, 2)]
        if self.has("lists") or self.has("growing"):
            menu += [(self.new_list, 1.5)]
            if self.scope.lists:
                menu += [(self.write_list, 3)]
        if self.has("dicts"):
            menu += [(self.new_dict, 1)]
            if self.scope.dicts:
                menu += [(self.write_dict, 3)]
        if self.classes:
            menu += [(self.new_object, 1)]
            if self.scope.objects:
                menu += [(self.write_object, 3)]
        if self.has("closures") and self.function < 2 and self.nested < 2:
            menu += [(self.closure, 1.5)]
        if self.has("sharing"):
            menu += [(self.share, 2.5)]
        if self.has("catching") and self.scope.ints:
            menu += [(self.catch, 2), (self.match, 0.7)]
        makers, weights = zip(*menu)
        self.random.choices(makers, weights)[0]()

    def target(self) -> str:
        """A float to assign: a known one in blocks, often a new one at the top."""
        if self.chance(0.4):
            name = self.pick(NAMES)
            if name not in self.scope.floats or name in self.scope.writable:
                return name
        return self.pick(self.scope.writable)

    def known(self, name: str) -> None:
        for names in (self.scope.floats, self.scope.writable):
            if name not in names:
                names.append(name)

    def assign(self) -> None:
        name = self.target()
        self.line(f"{name} = {self.expression(3)}")
        self.known(name)

    def augment(self) -> None:
        op = self.pick(["+=", "-=", "*="])
        place = self.pick(self.scope.writable)
        if self.scope.places and self.chance(0.5):
            place = self.pick(self.scope.places)
            op = self.pick([op, "="])
        self.line(f"{place} {op} {self.expression()}")

    def check(self) -> None:
        self.line(f"assert math.isfinite({self.atom()}), f'not finite: {{{self.atom()}}}'")

    def unpack(self) -> None:
        a, b = self.target(), self.target()
        if a == b:
            return
        roll = self.random.random()
        writable = self.scope.writable
        if roll < 0.25 and a in writable and b in writable:
            self.line(f"{a}, {b} = {b}, {a}")
        elif roll < 0.5:
            self.line(f"({a}, {b}), *rest = ({self.atom()}, {self.atom()}), {self.atom()}")
            self.line(f"{a} += rest[0]")
        elif roll < 0.75:
            self.line(f"pair = ({self.expression(1)}, {self.expression(1)})")
            self.line(f"{a}, {b} = pair[1], pair[0] * {self.number()}")
        else:
            self.line(f"{a}, {b} = {self.expression()}, {self.expression()}")
        self.known(a)
        self.known(b)

    def leave(self) -> None:
        words = [f"return {self.expression()}"]
        if self.loops:
            words += ["break", "continue"] * 2
        self.line(f"if {self.condition()}:")
        with self.indented():
            if self.chance(0.4):
                self.augment()
            self.line(self.pick(words))

    def branch(self) -> None:
        self.line(f"if {self.condition()}:")
        self.inner(3)
        if self.chance(0.2):
            self.line(f"elif {self.condition()}:")
            self.inner(2)
        if self.chance(0.5):
            self.line("else:")
            self.inner(3)

    def for_loop(self) -> None:
        scope = self.scope
        if scope.lists and self.chance(0.15):
            self.line(f"for w in {self.pick(sorted(scope.lists))}:")
            self.line(f"    {self.pick(scope.writable)} += w * {self.number()}")
            return
        i = self.fresh("i")
        forms = [
            (f"{i} in range({self.pick(['n', '3', '1, n', 'n, 0, -1'])})", [], [i])
        ] * 3
        if scope.lists:
            name = self.pick(sorted(scope.lists))
            # The body may change the list, and must not do so without end.
            each = self.pick(
                [
                    f"{name}[:4]",
                    f"reversed({name}[:4])",
                    f"{name}[1:5]",
                    f"list({name})[:3]",
                ]
            )
            forms += [
                (f"w in {each}", ["w"], []),
                (f"{i}, w in enumerate({each})", ["w"], [i]),
            ]
        if scope.dicts:
            name = self.pick(sorted(scope.dicts))
            forms.append((f"key, w in list({name}.items())", ["w"], []))
        if scope.pairs:
            forms.append((f"w, q in {self.pick(scope.pairs)}[:3]", ["w", "q"], []))
        if self.has("generators"):
            forms += [(f"w in series({self.atom()}, n)", ["w"], [])] * 2
        head, floats, ints = self.pick(forms)
        self.line(f"for {head}:")
        self.loops += 1
        self.inner(4, floats, ints)
        self.loops -= 1
        if self.chance(0.12):
            self.line("else:")
            self.inner(1)

    def while_loop(self) -> None:
        k = self.fresh("k")
        self.line(f"{k} = 0")
        most = self.random.randint(1, 4)
        growing = [n for n in self.scope.lists if self.has("growing")]
        if growing and self.chance(0.3):
            name = self.pick(growing)
            self.line(f"while {k} < {most} and len({name}) < 9:")
        elif self.chance(0.3):
            self.line(f"while ({k} := {k} + 1) < {most + 1}:")
        else:
            self.line(f"while {k} < {most}:")
        with self.indented():
            self.line(f"{k} += 1")
        self.loops += 1
        self.inner(3, [], [k])
        self.loops -= 1

    # lists

    def new_list(self) -> None:
        name = self.fresh("v")
        e = lambda: self.expression(1)
        lists = self.scope.lists
        if self.has("growing") and self.has("tuples") and self.chance(0.2):
            self.line(f"{name} = [({e()}, {e()})]")
            self.scope.pairs.append(name)
            return
        count = self.random.randint(1, 4)
        forms = [(f"[{', '.join(e() for _ in range(count))}]", count)] * 3
        forms.append((f"[{self.atom()}] * {count}", count))
        if self.has("growing"):
            forms += [("[]", 0), (f"[{self.atom()}] * n", 2)]
        if self.has("comprehensions"):
            forms.append((f"[{self.atom()} * j for j in range({count})]", count))
            if self.has("growing"):
                forms.append((f"[{self.atom()} + j for j in range(n)]", 2))
        if lists:
            old = self.pick(sorted(lists))
            least = lists[old]
            forms += [
                (old, least),
                (f"list({old})", least),
                (f"{old}[::-1]", least),
                (f"{old} + [{e()}]", least + 1),
                (f"sorted({old})", least),
                (f"{old}.copy()", least),
            ]
            if self.has("comprehensions"):
                forms.append((f"[w * {self.atom()} for w in {old}]", least))
        text, least = self.pick(forms)
        self.line(f"{name} = {text}")
        lists[name] = least

    def write_list(self) -> None:
        lists = self.scope.lists
        name = self.pick(sorted(lists))
        least = lists[name]
        forms = []
        if least:
            place = self.item(name)
            forms += [
                f"{place} = {self.expression()}",
                f"{place} {self.pick(['+=', '*='])} {self.expression(1)}",
                f"{name}[0], {name}[-1] = {name}[-1], {name}[0]",
                f"{place} = {self.item(name)} * {self.number()}",
            ]
        if self.has("growing"):
            if self.scope.pairs and self.chance(0.4):
                pairs = self.pick(self.scope.pairs)
                self.line(f"{pairs}.append(({self.expression(1)}, {self.atom()}))")
                return
            growth = [
                f"{name}.append({self.expression()})",
                f"{name}.insert(0, {self.atom()})",
                f"{name}.extend([{self.atom()}, {self.expression(1)}])",
                f"{name} += [{self.expression(1)}]",
            ]
            target = self.pick(self.scope.writable)
            shrink = f"{target} = {name}.pop({self.pick(['', '0', '-1'])})"
            forms += growth * 2 + ["shrink"]
            forms += [f"{name}.reverse()", f"{name}.sort()"]
        if not forms:
            return
        text = self.pick(forms)
        if text == "shrink":
            self.line(f"if len({name}) > {least}:")
            self.line(f"    {shrink}")
            return
        self.line(text)

    # dicts, objects

    def new_dict(self) -> None:
        name = self.fresh("d")
        keys = self.random.sample(KEYS, self.random.randint(1, 3))
        items = [(key, self.expression(1)) for key in keys]
        texts = ["{" + ", ".join(f'"{key}": {value}' for key, value in items) + "}"]
        texts.append(f"dict({', '.join(f'{key}={value}' for key, value in items)})")
        if self.has("comprehensions"):
            texts.append(f"{{key: {self.atom()} for key in {keys}}}")
        if self.scope.dicts and self.chance(0.3):
            old = self.pick(sorted(self.scope.dicts))
            self.line(f"{name} = {self.pick([old, f'{old}.copy()', f'dict({old})'])}")
            self.scope.dicts[name] = list(self.scope.dicts[old])
            return
        self.line(f"{name} = {self.pick(texts)}")
        self.scope.dicts[name] = keys

    def write_dict(self) -> None:
        name = self.pick(sorted(self.scope.dicts))
        keys = self.scope.dicts[name]
        key = self.pick(keys)
        if self.chance(0.25):
            new = self.pick(KEYS)
            self.line(f'{name}["{new}"] = {self.expression()}')
            if new not in keys:
                keys.append(new)
        elif self.chance(0.2):
            self.line(f'{name}.update({{"{key}": {self.expression(1)}}})')
        else:
            op = self.pick(["=", "+=", "*="])
            self.line(f'{name}["{key}"] {op} {self.expression()}')

    def new_object(self) -> None:
        name = self.fresh("o")
        if self.scope.objects and self.chance(0.2):
            self.line(f"{name} = {self.pick(sorted(self.scope.objects))}")
        else:
            arguments = self.expression(1)
            if self.chance(0.6):
                arguments += f", {self.pick(['', 'b='])}{self.expression(1)}"
            self.line(f"{name} = {self.pick(self.classes)}({arguments})")
        self.scope.objects[name] = "class"

    def write_object(self) -> None:
        name = self.pick(sorted(self.scope.objects))
        if self.chance(0.4):
            self.line(f"{name}.move({self.expression(1)})")
            return
        op = self.pick(["=", "+=", "*="])
        self.line(f"{name}.{self.pick('ab')} {op} {self.expression()}")

    # functions

    def closure(self) -> None:
        name = self.fresh("f")
        outer, loops, nested = self.scope, self.loops, self.nested
        if self.chance(0.3):
            self.scope = outer.inner()
            self.scope.floats += ["r", "c"]
            self.line(
                f"{name} = lambda r, c={self.pick(outer.floats)}: {self.expression()}"
            )
            self.scope = outer
        else:
            self.line(f"def {name}(r):")
            self.scope = outer.inner()
            self.scope.floats.append("r")
            self.scope.writable = ["r"]
            self.scope.lists, self.scope.dicts = {}, {}
            self.loops, self.nested = 0, 2
            self.function += 1
            with self.indented():
                if self.chance(0.6):
                    state = self.pick(outer.writable)
                    self.line(f"nonlocal {state}")
                    self.scope.writable.append(state)
                self.local_block(3)
                self.line(f"return {self.expression()}")
            self.function -= 1
            self.scope, self.loops, self.nested = outer, loops, nested
        outer.calls.append((name, 1))

    def local_block(self, size: int) -> None:
        """Statements that assign no name of the function around by accident."""
        for _ in range(self.random.randint(1, size)):
            if self.chance(0.3):
                self.leave()
            else:
                self.augment()

    def define(self, name: str, parameters: list[str], ints=()) -> None:
        """A helper at module level."""
        self.depth = 0
        self.line(f"def {name}({', '.join([*parameters, *ints])}):")
        self.depth = 1
        kept, self.scope = self.scope, Scope(list(parameters), [*ints, "n"])
        self.scope.writable = list(parameters)
        self.line("n = 3")
        self.function += 1
        self.nested = 1
        self.block(4)
        self.line(f"return {self.expression()}")
        self.nested = 0
        self.function -= 1
        self.scope = kept
        self.line("\n")

    def recursion(self, name: str) -> None:
        self.depth = 0
        self.line(f"def {name}(r, c, depth=3):")
        self.depth = 1
        kept, self.scope = self.scope, Scope(["r", "c"], ["depth"], writable=["r", "c"])
        bound = self.pick(["depth == 0", "depth <= 0", "depth == 0 or r > 3.0"])
        self.line(f"if {bound}:")
        self.line(f"    return {self.expression()}")
        self.local_block(2)
        again = f"{name}({self.expression(1)}, {self.atom()}, depth - 1)"
        self.line(
            f"return {self.expression(1)} {self.pick(['+', '-', '*'])} 0.5 * {again}\n\n"
        )
        self.scope = kept

    def make_class(self, name: str) -> None:
        base = self.pick(self.classes) if self.classes and self.chance(0.7) else None
        self.depth = 0
        self.line(f"class {name}({base}):" if base else f"class {name}:")
        kept, self.scope = self.scope, Scope(["self.a", "self.b", "r"])
        self.scope.writable = ["self.a", "self.b"]
        self.depth = 1
        if not base:
            self.method_of("__init__(self, a, b=0.5)", ["self.a = a", "self.b = b * 0.3"])
        elif self.chance(0.4):
            first = f"super().__init__(a * {self.number()}, b)"
            self.method_of("__init__(self, a, b=0.7)", [first, "self.b += a"])
        if base:
            self.line(f"scale = {self.number()}\n")
        for method in ("value", "move", "__call__", "size"):
            if base and self.chance(0.5):
                continue
            if method == "size":
                self.scope.floats = ["self.a", "self.b"]
                self.line("@property")
                self.method_of("size(self)", [f"return {self.expression()}"])
                continue
            self.line(f"def {method}(self, r):")
            with self.indented():
                if method == "move":
                    self.local_block(3)
                elif self.chance(0.4):
                    self.line(f"if {self.condition()}:")
                    self.line(f"    return {self.expression()}")
                inherited = base and self.chance(0.3)
                more = f" + super().{method}(r)" if inherited else ""
                self.line(f"return {self.expression()}{more}\n")
        self.line("\n")
        self.scope = kept
        self.classes.append(name)

    def method_of(self, head: str, lines: list[str]) -> None:
        self.line(f"def {head}:")
        for text in lines:
            self.line(f"    {text}")
        self.line("")

    def program(self) -> str:
        self.depth = 0
        self.line("import math\n\n")
        if self.has("generators"):
            self.line("def series(start, count):\n    for j in range(count):")
            self.line("        yield start * (j + 1)\n        start = math.sin(start)\n\n")
        scope = Scope(["x", "y"], ["n"], writable=["x", "y"])
        if self.has("sharing"):
            self.lines.append(HELPERS)
        if self.has("objects"):
            for number in range(self.random.randint(1, 2)):
                self.make_class(f"Body{number}")
        if self.has("recursion"):
            self.recursion("nested_sum")
            scope.calls.append(("nested_sum", 2))
        if self.has("helpers"):
            for number in range(self.random.randint(1, 2)):
                parameters = self.pick([["p"], ["p", "q"]])
                self.define(f"helper{number}", parameters)
                scope.calls.append((f"helper{number}", len(parameters)))
        self.depth = 0
        self.line("def f(x, y, n):")
        self.depth = 1
        self.scope = scope
        self.block(8)
        terms = list(scope.floats) + [f"sum({name})" for name in scope.lists]
        terms += [f"sum({name}.values())" for name in scope.dicts]
        terms += [f"{name}.a * {name}.b" for name in scope.objects]
        terms += self.totals()
        self.line(f"return {' + '.join(terms)}")
        return self.text()


def language_program(seed: int) -> str:
    return Language(seed).program()


def language_arguments(seed: int) -> tuple:
    draw = random.Random(seed + 0.25)
    return draw.uniform(-1.5, 1.5), draw.uniform(-1.5, 1.5), draw.randint(2, 4)
