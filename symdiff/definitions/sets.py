"""Sets of objects, which are told apart by what they are."""

__all__ = ["ObjectSet", "is_in"]


def is_in(items, value):
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

    def add(self, value):
        if not is_in(self.items, value):
            self.items.append(value)

    def update(self, items):
        for item in items:
            self.add(item)

    def discard(self, value):
        self.items = [item for item in self.items if not (item is value or item == value)]

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
