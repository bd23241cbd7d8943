"""Statements about things that several names and calls share."""

from __future__ import annotations

from generators.expressions import Expressions

HELPERS = """
def record(items, value):
    if value > 5.0:
        return
    items.append(value)
    items[0] += 0.5 * value


def push(body, amount):
    body.a += amount
    if body.a > 2.0:
        return body
    body.b *= 0.5
    return body


def split(p, q):
    if p < q:
        return q - p, p * q
    return p, math.sin(q)


def settings(p, q=0.3):
    return {"a": p * q, "b": [p, q]}


def spread(p, count):
    found = []
    for j in range(count):
        if j * p > 2.0:
            return found
        found.append(j + p)
    return found


def turn(table, angle):
    for row in table:
        row[0], row[1] = row[1], row[0] * math.cos(angle)
    return table[0]

"""


class Sharing(Expressions):
    """Tables, groups of objects and dicts of lists, and helpers that change them."""

    def share(self) -> None:
        scope = self.scope
        makers = [self.new_table, self.new_log, self.call_helper]
        if scope.tables:
            makers += [self.write_table] * 2
        if scope.logs:
            makers += [self.write_log] * 2
        if self.classes:
            makers.append(self.new_group)
        if scope.groups:
            makers += [self.write_group] * 2
        self.pick(makers)()

    def new_table(self) -> None:
        name, e = self.fresh("m"), lambda: self.expression(1)
        forms = [
            f"[[{e()}, {e()}], [{e()}, {e()}]]",
            f"[[{self.atom()}, {self.number()}] for _ in range(2)]",
            f"[[{self.atom()} * i + j for j in range(2)] for i in range(2)]",
        ]
        if self.scope.tables:
            old = self.pick(self.scope.tables)
            forms += [f"[row[:] for row in {old}]", f"list({old})", old, f"{old}[::-1]"]
        self.line(f"{name} = {self.pick(forms)}")
        self.scope.tables.append(name)
        self.scope.places += [f"{name}[{i}][{j}]" for i, j in ((0, 1), (1, 0), (-1, -1))]

    def write_table(self) -> None:
        name, e = self.pick(self.scope.tables), lambda: self.expression(1)
        forms = [
            f"{name}[0], {name}[1] = {name}[1], {name}[0]",
            f"{name}[{self.pick([0, 1])}] = [{e()}, {e()}]",
            f"{name}[0] = {name}[1]",
            f"turn({name}, {self.atom()})",
            f"{name}[1][0] = turn({name}, {self.atom()})[1]",
            "row",
            "loop",
        ]
        if self.scope.ints:
            forms.append(f"{name}[{self.pick(self.scope.ints)} % 2][0] += {e()}")
        form = self.pick(forms)
        if form == "row":
            row = self.fresh("row")
            self.line(f"{row} = {name}[{self.pick([0, 1])}]")
            self.line(f"{row}[1] = {e()}")
            self.scope.lists[row] = 2
        elif form == "loop":
            self.line(f"for row in {name}:")
            self.line(f"    row[0] {self.pick(['=', '+=', '*='])} {e()} * row[1]")
        else:
            self.line(form)

    def new_log(self) -> None:
        name, e = self.fresh("log"), lambda: self.expression(1)
        first = self.pick(sorted(self.scope.lists)) if self.scope.lists else f"[{e()}]"
        first = first if self.chance(0.5) and first != "[]" else f"[{e()}, {e()}]"
        if first in self.scope.lists and not self.scope.lists[first]:
            first = f"[{e()}]"
        self.line(f'{name} = {{"a": {first}, "b": [{e()}]}}')
        self.scope.logs.append(name)
        self.scope.places += [f'{name}["a"][0]', f'{name}["b"][-1]']

    def write_log(self) -> None:
        name, e = self.pick(self.scope.logs), lambda: self.expression(1)
        self.line(self.pick([
            f'{name}["a"].append({e()})',
            f'{name}["b"].append({e()})',
            f'{name}["b"] = {name}["a"]',
            f'{name}["b"] = [{e()}] + {name}["a"][1:]',
            f'record({name}["a"], {e()})',
        ]))  # fmt: skip

    def new_group(self) -> None:
        name = self.fresh("group")
        made = [f"{self.pick(self.classes)}({self.expression(1)})" for _ in range(2)]
        if self.scope.objects and self.chance(0.5):
            made.append(self.pick(sorted(self.scope.objects)))
        self.line(f"{name} = [{', '.join(made)}]")
        self.scope.groups.append(name)
        self.scope.places += [f"{name}[0].a", f"{name}[-1].b"]

    def write_group(self) -> None:
        name, e = self.pick(self.scope.groups), lambda: self.expression(1)
        body, form = self.fresh("body"), self.random.randint(0, 5)
        if form == 0:
            self.line(f"for {body} in {name}:")
            self.line(f"    {body}.{self.pick('ab')} += {e()} * {body}.b")
        elif form == 1:
            self.line(f"for {body}, other in zip({name}, {name}[1:]):")
            self.line(f"    {body}.a, other.a = other.a, {body}.a * {self.number()}")
        elif form == 2:
            self.line(f"{name}[0], {name}[1] = {name}[1], {name}[0]")
        elif form == 3:
            self.line(f"{body} = push({name}[{self.pick([0, 1])}], {e()})")
            self.scope.objects[body] = "class"
        elif form == 4:
            self.line(f"for {body} in {name}:")
            self.line(f"    if {body}.a > {self.number()}:")
            self.line(f"        {body}.move({e()})")
        else:
            self.line(f"{body} = {name}[{self.pick([0, -1])}]")
            self.scope.objects[body] = "class"

    def call_helper(self) -> None:
        scope, e = self.scope, lambda: self.expression(1)
        name = self.fresh("z")
        forms = ["split", "settings", "spread"]
        if [n for n in scope.lists if scope.lists[n]] and self.has("growing"):
            forms.append("record")
        form = self.pick(forms)
        if form == "split":
            self.line(f"{name}, {name}b = split({e()}, {e()})")
            scope.floats += [name, f"{name}b"]
        elif form == "settings":
            self.line(f"{name} = settings({e()}{self.pick(['', ', q=' + self.atom()])})")
            scope.places += [f'{name}["a"]', f'{name}["b"][1]']
        elif form == "spread":
            self.line(f"{name} = spread({e()}, {self.pick(['n', '3'])})")
            scope.lists[name] = 0
        else:
            items = self.pick([n for n in sorted(scope.lists) if scope.lists[n]])
            self.line(f"record({items}, {e()})")
