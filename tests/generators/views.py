"""Functions of arrays whose names share memory: views kept, written through and read."""

from __future__ import annotations

from generators.arrays import Arrays


class Views(Arrays):
    """Statements on views come among those of `Arrays`.

    Views are kept under names of their own, which only this class binds: what a loop
    binds to a new array is never one of them.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.views = 0
        self.matrices: dict[str, tuple[int, int]] = {}

    def statement(self) -> None:
        roll = self.random.random()
        if roll < 0.4:
            super().statement()
        elif roll < 0.6 and not self.nested:
            self.keep_view()
        elif roll < 0.7:
            self.write_by_mask()
        elif roll < 0.78:
            self.write_by_indices()
        elif roll < 0.88:
            self.calls_that_write()
        elif roll < 0.95 and self.matrices:
            self.write_kept_matrix()
        else:
            self.swap()

    def keep_view(self) -> None:
        """A name for a view, of an array or of another view."""
        name = f"v{self.views}"
        self.views += 1
        if self.matrices and self.chance(0.5):
            self.view_of_matrix(name)
            return
        old = self.pick(self.names())
        length = self.lengths[old]
        part = self.random.randint(1, length)
        text, new = self.pick([
            lambda: (self.sliced(old, part), part),
            lambda: (f"{old}[::-1]", length),
            lambda: (f"np.flip({old})", length),
            lambda: (f"{old}[::2]", (length + 1) // 2),
            lambda: (f"{old}[::-2]", (length + 1) // 2),
            lambda: (f"{old}.reshape(-1)", length),
            lambda: (f"np.asarray({old})", length),
            lambda: (f"{old}.real", length),
        ])()  # fmt: skip
        even = [n for n in self.names() if self.lengths[n] in (4, 6)]
        if even and self.chance(0.4):
            old = self.pick(even)
            rows = self.lengths[old] // 2
            self.line(f"{name} = {old}.reshape({rows}, 2){self.pick(['', '', '.T'])}")
            turned = self.lines[-1].endswith(".T")
            self.matrices[name] = (2, rows) if turned else (rows, 2)
            return
        self.line(f"{name} = {text}")
        self.lengths[name] = new

    def view_of_matrix(self, name: str) -> None:
        old = self.pick(sorted(self.matrices))
        rows, columns = self.matrices[old]
        i, j = self.random.randrange(rows), self.random.randrange(columns)
        if self.chance(0.5):
            text, new = self.pick([(f"{old}[{i}]", columns), (f"{old}[:, {j}]", rows)])
            self.line(f"{name} = {text}")
            self.lengths[name] = new
            return
        text, shape = self.pick([
            (f"{old}.T", (columns, rows)),
            (f"{old}[::-1]", (rows, columns)),
            (f"{old}[:, ::-1]", (rows, columns)),
            (f"np.transpose({old})", (columns, rows)),
            (f"{old}.swapaxes(0, 1)", (columns, rows)),
            (f"{old}[:, None][:, 0]", (rows, columns)),
            (f"np.flip({old}, 0)", (rows, columns)),
        ])  # fmt: skip
        self.line(f"{name} = {text}")
        self.matrices[name] = shape

    def write_kept_matrix(self) -> None:
        name = self.pick(sorted(self.matrices))
        rows, columns = self.matrices[name]
        op = self.pick(["=", "+=", "*=", "-="])
        whole = f"{name}[...]" if op == "=" else name
        order = list(range(rows))
        self.random.shuffle(order)
        self.line(self.pick([
            f"{name}[{self.index(rows)}, {self.index(columns)}] {op} {self.scalar()}",
            f"{name}[{self.index(rows)}] {op} {self.array(columns)}",
            f"{name}[:, {self.index(columns)}] {op} {self.array(rows)}",
            f"{whole} {op} {self.array(columns)}",
            f"{whole} {op} {self.array(rows)}[:, None]",
            f"{name}[{name} > {self.number()}] {op} {self.scalar()}",
            f"{name}[{order}] = {name}",
            f"{name}[[0, 1]] = {name}[[1, 0]]",
            f"{name}[1:] {op} {name}[:-1]",
        ]))  # fmt: skip

    def write_by_mask(self) -> None:
        name = self.pick(self.names())
        length = self.lengths[name]
        op = self.pick(["=", "+=", "*=", "-="])
        left = self.pick([name, self.pick(self.same(length))])
        mask = f"{left} {self.pick('<>')} {self.number()}"
        if self.chance(0.3):
            self.line(f"mask = {mask}")
            other = self.pick(self.same(length))
            self.line(f"{name}[mask] {op} {other}[mask] * 0.7")
        elif self.chance(0.3):
            self.line(f"{name}[{mask}] {op} {name}[{mask}] * {self.scalar(1)}")
        else:
            self.line(f"{name}[{mask}] {op} {self.scalar(1)}")

    def write_by_indices(self) -> None:
        name = self.pick(self.names())
        length = self.lengths[name]
        count = self.random.randint(1, 3)
        places = [self.random.randrange(length) for _ in range(count)]
        where = self.pick([f"{places}", f"np.array({places})"])
        op = self.pick(["=", "+=", "*=", "-="])
        value = self.array(count, 1)
        self.line(self.pick([
            f"{name}[{where}] {op} {value}",
            f"{name}[{where}] {op} {self.scalar(1)}",
            f"{name}[{places[::-1]}] = {name}[{places}]",
            f"np.add.at({name}, {where}, {value})",
            f"{name}[np.argsort({name})] {op} {self.array(length, 1)}",
        ]))  # fmt: skip

    def calls_that_write(self) -> None:
        name = self.pick(self.names())
        length = self.lengths[name]
        a, b = self.array(length, 1), self.pick(self.same(length))
        self.line(self.pick([
            f"np.multiply({a}, {b}, out={name})",
            f"np.add({name}, {a}, {name})",
            f"np.tanh({b}, out={name})",
            f"np.copyto({name}, {a})",
            f"np.copyto({name}, {b}, where={b} > {self.number()})",
            f"{name}.sort()",
            f"{name}.fill({self.scalar(1)})",
            f"np.clip({name}, -0.8, 0.9, out={name})",
            f"np.subtract({b}, {a}, out={name}, where={name} > 0)",
            f"np.put({name}, [0, -1], {self.scalar(1)})",
        ]))  # fmt: skip

    def swap(self) -> None:
        """Elements, parts, and whole arrays by their contents."""
        name = self.pick(self.names())
        length = self.lengths[name]
        i, j = self.index(length), self.index(length)
        other = self.pick(self.same(length))
        half = length // 2
        choices = [
            f"{name}[{i}], {name}[{j}] = {name}[{j}], {name}[{i}]",
            f"{name}[:], {other}[:] = {other}, {name}",
            f"{name}[:] = {name}[::-1]",
        ]
        if half:
            choices.append(f"{name}[:{half}] = {name}[-{half}:]")
        self.line(self.pick(choices))

    def terms(self) -> list[str]:
        kept = [f"np.sum({n} * {n})" for n in sorted(self.matrices)]
        return super().terms() + kept


def views_program(seed: int) -> str:
    return Views(seed).program()
