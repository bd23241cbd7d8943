"""`collections.Counter` and `ChainMap`, as classes around dicts."""

__all__ = ["ChainMap", "Counter"]


class Counter:
    def __init__(self, items=(), **named):
        self.counts = {}
        self.update(items)
        for key in named:
            self.counts[key] = self[key] + named[key]

    def update(self, items):
        if isinstance(items, (dict, Counter)):
            for key, count in items.items():
                self.counts[key] = self[key] + count
        else:
            for item in items:
                self.counts[item] = self[item] + 1

    def subtract(self, items):
        for key, count in Counter(items).items():
            self.counts[key] = self[key] - count

    def __getitem__(self, key):
        return self.counts.get(key, 0)

    def __setitem__(self, key, count):
        self.counts[key] = count

    def __delitem__(self, key):
        if key in self.counts:
            del self.counts[key]

    def __contains__(self, key):
        return key in self.counts

    def __iter__(self):
        return iter(self.counts.keys())

    def __len__(self):
        return len(self.counts)

    def __bool__(self):
        return len(self.counts) > 0

    def __add__(self, other):
        made = Counter(self.counts)
        made.update(other)
        return Counter({key: count for key, count in made.items() if count > 0})

    def get(self, key, default=None):
        return self.counts.get(key, default)

    def keys(self):
        return self.counts.keys()

    def values(self):
        return self.counts.values()

    def items(self):
        return self.counts.items()

    def total(self):
        return sum(self.counts.values())

    def elements(self):
        return [key for key, count in self.counts.items() for _ in range(count)]

    def copy(self):
        return Counter(self.counts)

    def most_common(self, n=None):
        pairs = sorted(self.counts.items(), key=lambda pair: pair[1], reverse=True)
        return pairs if n is None else pairs[:n]


class ChainMap:
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    @property
    def parents(self):
        return ChainMap(*self.maps[1:])

    def new_child(self, m=None, **named):
        first = {} if m is None else m
        first.update(named)
        return ChainMap(first, *self.maps)

    def __getitem__(self, key):
        for each in self.maps:
            if key in each:
                return each[key]
        raise KeyError(key)

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        del self.maps[0][key]

    def __contains__(self, key):
        return any(key in each for each in self.maps)

    def keys(self):
        found = {}
        for each in reversed(self.maps):
            for key in each:
                found[key] = None
        return found.keys()

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def __bool__(self):
        return any(len(each) > 0 for each in self.maps)

    def values(self):
        return [self[key] for key in self.keys()]

    def items(self):
        return [(key, self[key]) for key in self.keys()]

    def get(self, key, default=None):
        if key in self:
            return self[key]
        return default

    def update(self, other):
        for key in other:
            self[key] = other[key]

    def pop(self, key, *default):
        return self.maps[0].pop(key, *default)
