"""Classes of Python's that classes of the user's extend, as classes that are followed.

What an object holds as a dict or list of its own is in `__held__`, which is one.
"""

import collections

__all__ = ["EXTENDED", "EXTENDED_BY_PARTS", "has_attribute"]


class Dict:
    """Stands for dict."""

    def __init__(self, *args, **named):
        self.__held__ = dict(*args, **named)

    def __getitem__(self, key):
        if hasattr(type(self), "__missing__"):
            if key not in self.__held__:
                return self.__missing__(key)
        return self.__held__[key]

    def __setitem__(self, key, value):
        self.__held__[key] = value

    def __delitem__(self, key):
        del self.__held__[key]

    def __contains__(self, key):
        return key in self.__held__

    def __len__(self):
        return len(self.__held__)

    def __iter__(self):
        return iter(self.__held__.keys())

    def __eq__(self, other):
        return self.__held__ == (other.__held__ if hasattr(other, "__held__") else other)

    def __or__(self, other):
        return self.__held__ | dict(other)

    def __ror__(self, other):
        return dict(other) | self.__held__

    def __ior__(self, other):
        self.__held__.update(dict(other))
        return self

    def keys(self):
        return self.__held__.keys()

    def values(self):
        return self.__held__.values()

    def items(self):
        return self.__held__.items()

    def get(self, key, default=None):
        return self.__held__.get(key, default)

    def pop(self, key, *default):
        return self.__held__.pop(key, *default)

    def popitem(self):
        return self.__held__.popitem()

    def setdefault(self, key, default=None):
        return self.__held__.setdefault(key, default)

    def update(self, *args, **named):
        self.__held__.update(dict(*args, **named))

    def copy(self):
        return self.__held__.copy()

    def clear(self):
        self.__held__.clear()


class OrderedDict(Dict):
    def move_to_end(self, key, last=True):
        self.__held__.move_to_end(key, last)

    def popitem(self, last=True):
        return self.__held__.popitem(last)


class DefaultDict(Dict):
    def __init__(self, default_factory=None, *args, **named):
        self.default_factory = default_factory
        self.__held__ = dict(*args, **named)

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        self.__held__[key] = value = self.default_factory()
        return value


class UserDict(Dict):
    """Of these the dict is an attribute of its own."""

    def __init__(self, dict=None, /, **named):
        self.data = {}
        if dict is not None:
            self.update(dict)
        if named:
            self.update(named)

    @property
    def __held__(self):
        return self.data

    def update(self, *args, **named):
        made = dict(*args, **named)
        for key in made:
            self[key] = made[key]

    def get(self, key, default=None):
        if key in self:
            return self[key]
        return default

    def copy(self):
        made = type(self)()
        made.update(self)
        return made


class List:
    """Stands for list."""

    def __init__(self, items=()):
        self.__held__ = list(items)

    def __getitem__(self, place):
        return self.__held__[place]

    def __setitem__(self, place, value):
        self.__held__[place] = value

    def __delitem__(self, place):
        del self.__held__[place]

    def __contains__(self, value):
        return value in self.__held__

    def __len__(self):
        return len(self.__held__)

    def __iter__(self):
        return iter(self.__held__)

    def __eq__(self, other):
        return self.__held__ == (other.__held__ if hasattr(other, "__held__") else other)

    def __add__(self, other):
        return self.__held__ + list(other)

    def __radd__(self, other):
        return list(other) + self.__held__

    def __mul__(self, count):
        return self.__held__ * count

    def __rmul__(self, count):
        return self.__held__ * count

    def __iadd__(self, other):
        self.__held__.extend(other)
        return self

    def append(self, value):
        self.__held__.append(value)

    def extend(self, items):
        self.__held__.extend(items)

    def insert(self, place, value):
        self.__held__.insert(place, value)

    def pop(self, *place):
        return self.__held__.pop(*place)

    def remove(self, value):
        self.__held__.remove(value)

    def index(self, value):
        return self.__held__.index(value)

    def count(self, value):
        return self.__held__.count(value)

    def sort(self, **how):
        self.__held__.sort(**how)

    def reverse(self):
        self.__held__.reverse()

    def copy(self):
        return self.__held__.copy()

    def clear(self):
        self.__held__.clear()


class UserList(List):
    def __init__(self, initlist=None):
        self.data = [] if initlist is None else list(initlist)

    @property
    def __held__(self):
        return self.data

    def __getitem__(self, place):
        if isinstance(place, slice):
            return type(self)(self.data[place])
        return self.data[place]

    def __add__(self, other):
        return type(self)(self.data + list(other))

    def __radd__(self, other):
        return type(self)(list(other) + self.data)

    def __mul__(self, count):
        return type(self)(self.data * count)

    __rmul__ = __mul__

    def copy(self):
        return type(self)(self.data)


def has_attribute(owner, name):
    """Whether `__getattr__` of the class of an object finds an attribute."""
    try:
        owner.__getattr__(name)
    except AttributeError:
        return False
    return True


# Of the first kind objects hold the dict or list beside their attributes.
EXTENDED: dict[type, type] = {
    dict: Dict,
    list: List,
    collections.OrderedDict: OrderedDict,
    collections.defaultdict: DefaultDict,
}
EXTENDED_BY_PARTS: dict[type, type] = {
    collections.UserDict: UserDict,
    collections.UserList: UserList,
}
