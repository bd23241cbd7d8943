"""What the library's functions do with iterators, as the functions that they are.

In them `t` is an item: it gets its name where it is used.
"""

from __future__ import annotations

import ast

__all__ = [
    "CONSUMERS",
    "ITERATING",
    "KEEPING",
    "TEXTS",
    "chained",
    "crossed",
    "placed",
    "zipped",
]

TEXTS = {
    "all": """
def all(iterable):
    for t in iterable:
        if not t:
            return False
    return True
""",
    "any": """
def any(iterable):
    for t in iterable:
        if t:
            return True
    return False
""",
    "items": """
def items(iterable):
    k = 0
    while True:
        try:
            t = iterable[k]
        except IndexError:
            return
        yield t
        k += 1
""",
    "accumulate": """
def accumulate(function, iterable):
    total = None
    for t in iterable:
        total = t if total is None else function(total, t)
        yield total
""",
    "accumulate sums": """
def accumulate(iterable, total):
    for t in iterable:
        total = total + t
        yield total
""",
    "accumulate from": """
def accumulate(iterable, function, total):
    yield total
    for t in iterable:
        total = function(total, t)
        yield total
""",
    "reduce": """
def reduce(function, iterable):
    total = None
    for t in iterable:
        total = t if total is None else function(total, t)
    if total is None:
        raise TypeError("reduce() of empty iterable with no initial value")
    return total
""",
    "combinations of pairs": """
def combinations(items):
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            yield items[i], items[j]
""",
    "combinations_with_replacement of pairs": """
def combinations_with_replacement(items):
    for i in range(len(items)):
        for j in range(i, len(items)):
            yield items[i], items[j]
""",
    "permutations of pairs": """
def permutations(items):
    for i in range(len(items)):
        for j in range(len(items)):
            if i != j:
                yield items[i], items[j]
""",
    "pairwise of pairs": """
def pairwise(items):
    for i in range(len(items) - 1):
        yield items[i], items[i + 1]
""",
    "combinations of a range": """
def combinations(start, stop, step):
    for a in range(start, stop, step):
        for b in range(a + step, stop, step):
            yield a, b
""",
    "combinations_with_replacement of a range": """
def combinations_with_replacement(start, stop, step):
    for a in range(start, stop, step):
        for b in range(a, stop, step):
            yield a, b
""",
    "permutations of a range": """
def permutations(start, stop, step):
    for a in range(start, stop, step):
        for b in range(start, stop, step):
            if a != b:
                yield a, b
""",
    "pairwise of a range": """
def pairwise(start, stop, step):
    for a in range(start, stop - step, step):
        yield a, a + step
""",
    "places by a key": """
def places_in_order(items, key, reverse):
    turn = -1 if reverse else 1
    places = []
    for k, t in enumerate(items):
        mark = key(t)
        marks = mark if isinstance(mark, tuple) else (mark,)
        places.append((*marks, turn * k))
    return [turn * p[-1] for p in sorted(places, reverse=reverse)]
""",
    "places": """
def places_in_order(items, reverse):
    places = list(range(len(items)))
    for i in range(1, len(items)):
        k = i
        while k > 0:
            before, after = places[k - 1], places[k]
            if reverse:
                moves = items[before] < items[after]
            else:
                moves = items[after] < items[before]
            if not moves:
                break
            places[k - 1], places[k] = after, before
            k -= 1
    return places
""",
    "groupby": """
def groupby(items, key):
    group = []
    mark = None
    for item in items:
        new = item if key is None else key(item)
        if group and new != mark:
            yield mark, group
            group = []
        mark = new
        group.append(item)
    if group:
        yield mark, group
""",
    "joined": """
def joined(items, start):
    total = start[:]
    for item in items:
        total.extend(item)
    return total
""",
    "summed": """
def summed(items, total):
    for item in items:
        total += item
    return total
""",
    "rotated": """
def rotated(items, by):
    cut = len(items) - by % len(items) if items else 0
    return items[cut:] + items[:cut]
""",
    "items at places": """
def moved(items, places):
    return [items[p] for p in places]
""",
    "count": """
def count(number, step):
    while True:
        yield number
        number += step
""",
    "cycle": """
def cycle(iterable):
    items = []
    for t in iterable:
        yield t
        items.append(t)
    while True:
        for t in items:
            yield t
""",
    "dropwhile": """
def dropwhile(function, iterable):
    dropping = True
    for t in iterable:
        if dropping and function(t):
            continue
        dropping = False
        yield t
""",
    "enumerate": """
def enumerate(iterable, number):
    for t in iterable:
        yield number, t
        number += 1
""",
    "filter": """
def filter(function, iterable):
    for t in iterable:
        if function(t):
            yield t
""",
    "filter true": """
def filter(iterable):
    for t in iterable:
        if t:
            yield t
""",
    "filterfalse": """
def filterfalse(function, iterable):
    for t in iterable:
        if not function(t):
            yield t
""",
    "from_iterable": """
def chain(iterable):
    for part in iterable:
        for t in part:
            yield t
""",
    "islice": """
def islice(iterable, start, stop, step):
    place = 0
    if place < stop:
        for t in iterable:
            if place >= start and (place - start) % step == 0:
                yield t
            place += 1
            if place >= stop:
                return
""",
    "islice from": """
def islice(iterable, start, step):
    place = 0
    for t in iterable:
        if place >= start and (place - start) % step == 0:
            yield t
        place += 1
""",
    "islice to": """
def islice(iterable, stop):
    place = 0
    if place < stop:
        for t in iterable:
            yield t
            place += 1
            if place >= stop:
                return
""",
    "iter": """
def iterate(iterable):
    for t in iterable:
        yield t
""",
    "map": """
def map(function, iterable):
    for t in iterable:
        yield function(t)
""",
    "stop": """
def stop():
    raise StopIteration
""",
    "next": """
def next(iterable):
    for t in iterable:
        return t
    raise StopIteration
""",
    "next or": """
def next(iterable, default):
    for t in iterable:
        return t
    return default
""",
    "object": """
def iterate(iterator):
    while True:
        try:
            t = iterator.__next__()
        except StopIteration:
            return
        yield t
""",
    "pairwise": """
def pairwise(iterable):
    first = True
    for t in iterable:
        if not first:
            yield last, t
        last = t
        first = False
""",
    "repeat": """
def repeat(value):
    while True:
        yield value
""",
    "starmap": """
def starmap(function, iterable):
    for row in iterable:
        yield function(*row)
""",
    "sum": """
def sum(iterable, total):
    for t in iterable:
        total = total + t
    return total
""",
    "items of a list that grows": """
def grown(items):
    place = 0
    while place < len(items):
        yield items[place]
        place += 1
""",
    "deep copy": """
def copied(items, deepcopy):
    return [deepcopy(t) for t in items]
""",
    "iter until": """
def until(function, last):
    while True:
        t = function()
        if t == last:
            return
        yield t
""",
    "takewhile": """
def takewhile(function, iterable):
    for t in iterable:
        if not function(t):
            return
        yield t
""",
}
# What looks at all items: it gets a list of them.
CONSUMERS = frozenset(
    (
        "builtins.dict builtins.frozenset builtins.list builtins.max builtins.min "
        "builtins.reversed builtins.set builtins.sorted builtins.tuple "
        "collections.Counter collections.OrderedDict collections.deque functools.reduce "
        "itertools.combinations "
        "itertools.combinations_with_replacement itertools.permutations itertools.product "
        "math.fsum math.prod "
        "numpy.fromiter heapq.nlargest heapq.nsmallest statistics.fmean "
        "statistics.geometric_mean statistics.harmonic_mean statistics.mean "
        "statistics.median statistics.pstdev statistics.pvariance statistics.stdev "
        "statistics.variance"
    ).split()
)
# What asks its arguments for their items.
# These read the items later, or not all of them.
KEEPING = frozenset(
    f"builtins.{name}" for name in "all any enumerate filter iter map reversed zip".split()
)
ITERATING = CONSUMERS | {
    f"builtins.{name}" for name in "all any enumerate filter iter map sum zip".split()
}


def chained(count: int) -> str:
    """`itertools.chain` of so many."""
    names = [f"part{k}" for k in range(count)]
    lines = [f"    for t in {name}:\n        yield t\n" for name in names]
    return f"def chain({', '.join(names)}):\n{''.join(lines) or '    yield from ()'}"


def crossed(count: int) -> str:
    """`itertools.product` of so many."""
    items = ", ".join(f"t{k}" for k in range(count))
    loops = [f"{'    ' * k}for t{k} in part{k}:\n" for k in range(count)]
    body = "".join(f"    {line}" for line in loops)
    names = ", ".join(f"part{k}" for k in range(count))
    return f"def product({names}):\n{body}{'    ' * (count + 1)}yield {items},\n"


def grouped(count: int) -> str:
    """The items of a sequence, so many at a time, as long as there are."""
    items = ", ".join(f"items[{count} * k + {place}]" for place in range(count))
    loop = f"for k in range(len(items) // {count}):"
    return f"def zip(items):\n    {loop}\n        yield {items},\n"


def zipped(
    before: list[str], after: list[str], endless: set[int], stepped: set[int]
) -> str:
    """`zip` of one iterator with others, whose items are found by their place; `item` is
    how, where `{}` stands for its number. A column that is asked first also ends first;
    some have no end, some are asked for one item after the other.
    """
    count = len(before)
    names = [f"{letter}{k}" for k in range(count + len(after)) for letter in "cn"]
    first = [item.format(k) for k, item in enumerate(before)]
    last = [item.format(count + k) for k, item in enumerate(after)]
    ends = [f"place >= n{k}" for k in range(len(names) // 2)]
    early = " or ".join(e for k, e in enumerate(ends) if k < count and k not in endless)
    late = " or ".join(e for k, e in enumerate(ends) if k >= count and k not in endless)
    lines = [f"def zip(iterable, {', '.join(names)}):", "    place = 0"]
    indent = "    "
    if early:
        some = " and ".join(early.replace(">=", "<").split(" or "))
        lines.append(f"    if {some}:")
        indent = "        "
    lines.append(f"{indent}for t in iterable:")
    if late and not stepped:
        lines += [f"{indent}    if {late}:", f"{indent}        return"]
    for k in range(count, len(ends)) if stepped else ():
        if k in stepped:
            lines.append(f"{indent}    more, i{k} = c{k}()")
        if k not in endless:
            end = "not more" if k in stepped else ends[k]
            lines += [f"{indent}    if {end}:", f"{indent}        return"]
    lines.append(f"{indent}    yield {', '.join([*first, 't', *last])},")
    lines.append(f"{indent}    place += 1")
    if early:
        lines += [f"{indent}    if {early}:", f"{indent}        return"]
    return "\n".join(lines)


def placed(text: str, node: ast.AST) -> ast.FunctionDef:
    """A function that stands at the place of a node."""
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    for part in ast.walk(function):
        ast.copy_location(part, node)
    return function
