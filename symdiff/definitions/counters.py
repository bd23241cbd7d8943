"""`collections.Counter`, as a class around a dict."""

__all__ = ["Counter"]


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
