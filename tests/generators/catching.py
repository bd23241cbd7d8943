"""Statements that raise, catch, finish and match."""

from __future__ import annotations

from generators.expressions import Expressions


class Catching(Expressions):
    """`try` in its forms around a change of state, and `match` on small integers."""

    def catch(self) -> None:
        scope, a, b = self.scope, self.pick(self.scope.writable), self.atom
        lists = sorted(scope.lists)
        risky = [
            (f"{a} = math.sqrt({self.expression()} - 0.013)", "ValueError"),
            (f"{a} = math.log({b()}) + {b()}", "ValueError"),
            (f"{a} /= {self.pick(scope.ints)} % 2", "ZeroDivisionError"),
        ]
        if lists:
            at = f"{self.pick(lists)}[{self.pick(scope.ints)} + {self.pick([0, 1])}]"
            risky += [
                (f"{a} = {at} * {b()}", "IndexError"),
                (f"{at} = {self.expression()}", "IndexError"),
            ]
        text, error = self.pick(risky)
        self.line("try:")
        with self.indented():
            if self.chance(0.6):
                self.augment()
            if self.chance(0.3):
                self.line(f"if {self.condition()}:")
                self.line(f'    raise {error}("no")')
            self.line(text)
            if self.chance(0.4):
                self.augment()
            if self.loops and self.chance(0.2):
                self.line(self.pick(["break", "continue"]))
        names = self.pick([error, f"({error}, KeyError)", "ArithmeticError, OSError"])
        if names.startswith("Arith"):
            names = "Exception"
        self.line(f"except {names}:")
        with self.indented():
            self.augment()
            if self.chance(0.3):
                self.leave()
        if self.chance(0.2):
            self.line("else:")
            with self.indented():
                self.augment()
        if self.chance(0.3):
            self.line("finally:")
            with self.indented():
                self.augment()

    def match(self) -> None:
        subject = self.pick(self.scope.ints) + self.pick(["", " % 2"])
        self.line(f"match {subject}:")
        with self.indented():
            for case in self.pick([["0", "_"], ["1", "0 | 2"], ["0", "1", "k if k > 1"]]):
                self.line(f"case {case}:")
                with self.indented():
                    self.augment()
                    if self.chance(0.3):
                        self.leave()

    def augment(self) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        raise NotImplementedError
