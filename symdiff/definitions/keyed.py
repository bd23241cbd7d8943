"""A dict whose keys only the run knows, as a class around a list of its values.

`places`, a dict of Python's that is not followed, says where in the list they are.
"""

import collections

from symdiff.definitions.mixed_in import Keys

__all__ = ["KEYED", "Keyed", "KeyedWithDefault", "Whole", "no_default"]


class Keyed:
    stands_for = dict

    def place_of(self, key):
        place = self.places[key]
        return place

    def __getitem__(self, key):
        return self.values_[self.place_of(key)]

    def __setitem__(self, key, value):
        if key in self.places:
            self.values_[self.places[key]] = value
        else:
            self.places[key] = len(self.values_)
            self.keys_.append(key)
            self.values_.append(value)

    def __contains__(self, key):
        return key in self.places

    def __len__(self):
        return len(self.values_)

    def __bool__(self):
        return len(self.values_) > 0

    def __iter__(self):
        return iter(list(self.keys_))

    def keys(self):
        return Keys(self)

    def values(self):
        return self.values_

    def items(self):
        return Items(self)

    def get(self, key, default=None):
        return self[key] if key in self.places else default

    def setdefault(self, key, default=None):
        if key not in self.places:
            self[key] = default
        return self[key]

    def update(self, other):
        for key in other:
            self[key] = other[key]

    def fill(self, pairs):
        for key, value in pairs:
            self[key] = value

    def pop(self, key, *default):
        if default and key not in self.places:
            return default[0]
        place = self.places.pop(key)
        value = self.values_.pop(place)
        self.keys_.pop(place)
        for later in range(place, len(self.keys_)):
            self.places[self.keys_[later]] = later
        return value

    def copied_into(self, made):
        made.places = self.places.copy()
        made.keys_ = list(self.keys_)
        made.values_ = list(self.values_)
        return made

    def plain(self):
        return self.copied_into(Keyed())

    def copy(self):
        return self.plain()

    def __eq__(self, other):
        if len(self) != len(other):
            return False
        return all(key in other and self[key] == other[key] for key in self)

    def __or__(self, other):
        made = self.copy()
        made.update(other)
        return made

    def __ior__(self, other):
        self.update(other)
        return self

    def clear(self):
        self.places.clear()
        self.keys_.clear()
        self.values_.clear()

    def __delitem__(self, key):
        self.pop(key)


class Items(Keys):
    """`of.items()`: a value is read when its turn has come."""

    def __iter__(self):
        for place, key in enumerate(list(self.of.keys_)):
            yield key, self.of.values_[place]


class KeyedWithDefault(Keyed):
    stands_for = collections.defaultdict

    def place_of(self, key):
        if key not in self.places:
            value = self.factory()
            self.places[key] = len(self.values_)
            self.keys_.append(key)
            self.values_.append(value)
        place = self.places[key]
        return place

    def copy(self):
        made = self.copied_into(KeyedWithDefault())
        made.factory = self.factory
        return made


class Whole:
    """A dict from outside that is only read; `held` is that dict."""

    stands_for = dict

    def __getitem__(self, key):
        return self.held[key]

    def __contains__(self, key):
        return key in self.held

    def __len__(self):
        return len(self.held)

    def __bool__(self):
        return len(self.held) > 0

    def __iter__(self):
        return iter(list(self.held))

    def keys(self):
        return WholeKeys(self)

    def values(self):
        return list(self.held.values())

    def items(self):
        return WholeItems(self)

    def get(self, key, default=None):
        return self[key] if key in self.held else default


class WholeKeys(Keys):
    def __iter__(self):
        return iter(list(self.of.held))


class WholeItems(Keys):
    def __iter__(self):
        for key in list(self.of.held):
            yield key, self.of.held[key]


def no_default():
    raise KeyError


KEYED = (Keyed, KeyedWithDefault)
