"""Sets of objects, which are told apart by what they are, and of text."""

__all__ = ["ObjectSet", "is_in"]


def is_in(items, value):
    if isinstance(value, str):
        return any(item == value for item in items)
    return any(item is value or item == value for item in items)


class ObjectSet:
    """A set whose items come in the order in which they were added: a set of objects
    has no order that a program could rely on."""

    def __init__(self, items):
        self.items = []
        self.update(items)

    def __contains__(self, value):
        return is_in(self.items, value)

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)

    def __bool__(self):
        return len(self.items) > 0

    def __or__(self, other):
        made = self.copy()
        made.update(other)
        return made

    def __and__(self, other):
        return ObjectSet([item for item in self.items if item in other])

    def __sub__(self, other):
        return ObjectSet([item for item in self.items if item not in other])

    def __ior__(self, other):
        self.update(other)
        return self

    def __eq__(self, other):
        return len(self.items) == len(other) and self <= other

    def __le__(self, other):
        return all(item in other for item in self.items)

    def __ge__(self, other):
        return all(item in self for item in other)

    def issubset(self, other):
        return self <= other

    def issuperset(self, other):
        return self >= other

    def isdisjoint(self, other):
        return not any(item in other for item in self.items)

    def __isub__(self, other):
        self.items = [item for item in self.items if item not in other]
        return self

    def __iand__(self, other):
        self.items = [item for item in self.items if item in other]
        return self

    def add(self, value):
        if not is_in(self.items, value):
            self.items.append(value)

    def update(self, items):
        for item in items:
            self.add(item)

    def discard(self, value):
        self.items = [item for item in self.items if not is_in([item], value)]

    def remove(self, value):
        if value not in self:
            raise KeyError
        self.discard(value)

    def union(self, other):
        return self | other

    def intersection(self, other):
        return self & other

    def difference(self, other):
        return self - other

    def copy(self):
        return ObjectSet(self.items)

    def clear(self):
        self.items = []
