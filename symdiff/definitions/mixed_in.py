"""What classes of `collections.abc` give to those that extend them, as plain Python."""

from collections import abc

__all__ = ["MIXED_IN"]


class Asked:
    """Stands for classes that only ask for methods."""


class Sequence(Asked):
    """A loop over one reads its items until there is none."""

    def __contains__(self, value):
        return any(item == value for item in self)

    def index(self, value, start=0):
        for place in range(start, len(self)):
            if self[place] == value:
                return place
        raise ValueError

    def count(self, value):
        return sum(1 for item in self if item == value)


class MutableSequence(Sequence):
    def append(self, value):
        self.insert(len(self), value)

    def extend(self, items):
        for item in list(items):
            self.append(item)

    def pop(self, place=-1):
        value = self[place]
        del self[place]
        return value

    def remove(self, value):
        del self[self.index(value)]

    def __iadd__(self, items):
        self.extend(items)
        return self


class Mapping(Asked):
    def __contains__(self, key):
        try:
            self[key]
        except KeyError:
            return False
        return True

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def keys(self):
        return Keys(self)

    def values(self):
        return Values(self)

    def items(self):
        return Items(self)

    def __eq__(self, other):
        return dict(self) == dict(other)


class MutableMapping(Mapping):
    def pop(self, key, *default):
        if default and key not in self:
            return default[0]
        value = self[key]
        del self[key]
        return value

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others, **named):
        for other in others:
            made = dict(other)
            for key in made:
                self[key] = made[key]
        for key in named:
            self[key] = named[key]


class Keys:
    def __init__(self, of):
        self.of = of

    def __iter__(self):
        return iter(self.of)

    def __contains__(self, key):
        return key in self.of

    def __len__(self):
        return len(self.of)


class Values(Keys):
    def __iter__(self):
        for key in self.of:
            yield self.of[key]

    def __contains__(self, value):
        return any(item == value for item in self)


class Items(Values):
    def __iter__(self):
        for key in self.of:
            yield key, self.of[key]


MIXED_IN: dict[type, type] = {
    abc.Sequence: Sequence,
    abc.MutableSequence: MutableSequence,
    abc.Mapping: Mapping,
    abc.MutableMapping: MutableMapping,
    abc.Container: Asked,
    abc.Collection: Asked,
    abc.Iterable: Asked,
    abc.Reversible: Asked,
    abc.Sized: Asked,
    abc.Callable: Asked,
    abc.Hashable: Asked,
}
