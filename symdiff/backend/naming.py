"""Out of SSA: which values share a Python name.

Every value gets its live range: stretches of a numbering of the statements in which
reads happen at even and writes at odd places. Values joined by a copy share a name
where their ranges are apart (then the copy prints nothing); after that the versions of
one base share a name where they can, but for adjoints, which have the number of their
value where that has one: x2_bar of x2. Stretches with holes, instead of an interference
graph, keep this near-linear.
"""

from __future__ import annotations

import keyword
from bisect import bisect_right
from collections.abc import Iterable
from heapq import heappop, heappush

from symdiff.backend.liveness import Ranges
from symdiff.backend.lower import UNNAMED, Copy
from symdiff.ir.core import Var
from symdiff.ir.kinds import Array
from symdiff.records import dataclass, field

__all__ = [
    "OWN_T", "Label", "Names", "assign_names", "is_temporary", "label_of", "preferred",
]  # fmt: skip

Label = tuple[str, str]
Segment = tuple[int, int]

# So many names are searched for a hole; further ones are used stack-wise.
SEARCHED = 8
FOREVER = 1 << 60
OWN_T = "t'"  # the base of a variable that the user called `t`
_BACK = " backwards"


def is_temporary(var: Var) -> bool:
    """Whether no user's name stands behind the value."""
    return var.base == "t"


def label_of(var: Var) -> Label:
    return (var.base, "" if var.role == "partial" else var.role)


def preferred(label: Label) -> str:
    base, role = label
    if base.startswith(OWN_T):  # an element of it has its number behind
        base = base.replace(OWN_T, "t", 1)
    return f"{base}_{role}" if role else base


@dataclass(slots=True, eq=False)
class _Class:
    """Values that share one name."""

    label: Label
    segments: list[Segment]
    pinned: str | None = None
    sort: str = ""  # of temporaries, only those of one sort share a name
    late: bool = False  # made in the reverse sweep
    of: list[Var] = field(default_factory=list)  # values whose adjoints these are

    @property
    def lasting(self) -> bool:
        """Whether the name is for this value alone: only temporary arrays, which hold
        much memory, take turns."""
        return self.temporary and not self.array

    @property
    def array(self) -> bool:
        return self.sort.startswith("array ")

    @property
    def temporary(self) -> bool:
        return self.label[0] in UNNAMED and self.pinned is None


def _sort(var: Var) -> str:
    """Numbers, conditions and the various arrays do not take turns under one name: it
    reads badly, and compilers such as Numba want a name to keep its type."""
    kind = var.kind
    if isinstance(kind, Array):
        return f"array {kind.dtype} {kind.ndim}"
    return type(kind).__name__


def _start(group: _Class) -> int:
    return group.segments[0][0]


def _overlap(segments: list[Segment], start: int, end: int) -> bool:
    at = bisect_right(segments, (end, end)) - 1
    # Of disjoint stretches, these two are next to where the new one would go.
    before = at >= 0 and segments[at][1] >= start
    return before or (at + 1 < len(segments) and segments[at + 1][0] <= end)


def _clash(one: list[Segment], other: list[Segment]) -> bool:
    if not one or not other:
        return False
    if one[-1][1] < other[0][0] or other[-1][1] < one[0][0]:
        return False
    if len(one) > len(other):
        one, other = other, one
    return any(_overlap(other, start, end) for start, end in one)


def _insert(into: list[Segment], segments: list[Segment]) -> None:
    """Add disjoint stretches; touching ones grow together, which keeps lists short."""
    for start, end in segments:
        at = bisect_right(into, (start, end))
        if at and into[at - 1][1] + 1 == start:
            at -= 1
            into[at] = (into[at][0], end)
        else:
            into.insert(at, (start, end))
        if at + 1 < len(into) and into[at + 1][0] == into[at][1] + 1:
            into[at : at + 2] = [(into[at][0], into[at + 1][1])]


def _normalised(segments: Iterable[Segment]) -> list[Segment]:
    out: list[Segment] = []
    for start, end in sorted(segments):
        if out and start <= out[-1][1] + 1:
            if end > out[-1][1]:
                out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


@dataclass(slots=True)
class Names:
    """The Python name of every value that needs one."""

    of: dict[Var, str] = field(default_factory=dict)

    def __getitem__(self, var: Var) -> str:
        return self.of[var]


class _Union:
    def __init__(self) -> None:
        self.parent: dict[Var, Var] = {}

    def find(self, var: Var) -> Var:
        root = var
        while root in self.parent:
            root = self.parent[root]
        while var is not root:
            self.parent[var], var = root, self.parent[var]
        return root

    def join(self, var: Var, into: Var) -> None:
        var, into = self.find(var), self.find(into)
        if var is not into:
            self.parent[var] = into


def assign_names(
    ranges: Ranges, params: tuple[Var, ...], reserved: frozenset[str], single: bool = False
) -> Names:
    """Names for all values of `ranges`, none of them in `reserved`. With `single` values
    share one only if they are joined by a copy."""
    union = _Union()
    for target, source in ranges.same:
        union.join(target, source)
    classes = _classes(ranges, union, params)
    _coalesce(ranges.copies, union, classes)
    order = sorted(dict.fromkeys(classes[union.find(v)] for v in ranges.of), key=_start)
    wishes = _wishes(ranges, union, classes)
    homes = {v: classes[union.find(v)] for v in ranges.of}
    chosen = _choose(order, homes, wishes, reserved, single)
    return Names({v: chosen[group] for v, group in homes.items()})


def _wishes(
    ranges: Ranges, union: _Union, classes: dict[Var, _Class]
) -> dict[_Class, _Class]:
    """What comes off a tape would like the name under which it was put there."""
    pushed: dict[tuple[Var, int], Var] = {}
    for tape, values in ranges.pushed:
        for k, value in enumerate(values):
            if isinstance(tape, Var) and isinstance(value, Var) and value in ranges.of:
                pushed.setdefault((union.find(tape), k), union.find(value))
    wishes = {}
    same: dict[Var, Var] = {}  # a tape that lay on another one, and what it was there
    for tape, targets in ranges.popped:
        if not isinstance(tape, Var):
            continue
        home = union.find(tape)
        home = same.get(home, home)
        for k, target in enumerate(targets):
            found = pushed.get((home, k))
            if found is not None and target in ranges.of:
                same[union.find(target)] = found
                group, wish = classes[union.find(target)], classes[found]
                wishes[group] = wish
                if _sort(target) == wish.sort.removesuffix(_BACK):
                    group.sort = wish.sort
    return wishes


def _classes(ranges: Ranges, union: _Union, params: tuple[Var, ...]) -> dict[Var, _Class]:
    members: dict[Var, list[Var]] = {}
    for var in ranges.of:
        members.setdefault(union.find(var), []).append(var)
    pinned = {union.find(p): p for p in params}
    classes = {}
    for root, group in members.items():
        named = next((v for v in group if not is_temporary(v)), group[0])
        tidy = _normalised(s for v in group for s in ranges.of[v])
        # What the reverse sweep makes takes no name from what is made before it.
        late = ranges.backwards(tidy[0][0])
        sort = _sort(group[0]) + _BACK * late
        of = [v.of for v in group if v.of is not None]
        classes[root] = _Class(label_of(named), tidy, sort=sort, late=late, of=of)
        if root in pinned:
            label = classes[root].label = label_of(pinned[root])
            classes[root].pinned = preferred(label)
    return classes


def _crosses(one: _Class, other: _Class) -> bool:
    """Whether one is a value of the primal, the other an adjoint."""
    roles = one.label[1], other.label[1]
    if roles[0] == roles[1]:
        return False
    primal, bar = (one, other) if roles[0] == "" else (other, one)
    return primal.label[1] == "" and bar.label[1] == "bar" and not primal.late


def _coalesce(copies: list[Copy], union: _Union, classes: dict[Var, _Class]) -> None:
    """Give both sides of a copy one name where their ranges are apart."""
    for copy in copies:
        for target, source in copy.pairs:
            if not isinstance(source, Var):
                continue
            a, b = union.find(target), union.find(source)
            if a is b or a not in classes or b not in classes:
                continue
            one, other = classes[a], classes[b]
            if one.pinned and other.pinned:
                continue
            if not (one.temporary or other.temporary or one.label == other.label):
                continue
            if _crosses(one, other) or _clash(one.segments, other.segments):
                continue
            longer = len(other.segments) > len(one.segments)
            if other.pinned or (longer and not one.pinned):
                a, b, one, other = b, a, other, one
            if one.temporary:
                one.label = other.label
            _insert(one.segments, other.segments)
            one.of += other.of
            union.join(b, a)
            del classes[b]


def _choose(
    classes: list[_Class],
    homes: dict[Var, _Class],
    wishes: dict[_Class, _Class],
    reserved: frozenset[str],
    single: bool,
) -> dict[_Class, str]:
    """Names by first fit, in the order in which the classes begin to live."""
    groups: dict[Label, list[_Class]] = {}
    for group in classes:
        groups.setdefault(group.label, []).append(group)
    # A name that one variable wants as it is is never a numbered form of another.
    wanted = {preferred(label) for label in groups if label[0] != "t"}
    taken = set(reserved) | {c.pinned for c in classes if c.pinned}
    chosen: dict[_Class, str] = {}
    for label, members in groups.items():
        aims = _aims(label, members, homes, chosen, (taken, wanted))
        slots, aimed = _slots(members, {} if single else wishes, aims, single)
        names = _spellings(label, members, slots, aimed, taken, wanted)
        for group in members:
            chosen[group] = names[slots[group]]
        taken.update(names)
    return chosen


def _aims(
    label: Label,
    members: list[_Class],
    homes: dict[Var, _Class],
    chosen: dict[_Class, str],
    others: tuple[set[str], ...],
) -> dict[_Class, str]:
    """What adjoints are called after the numbered names of values: x2_bar for x2."""
    base, role = label
    aims: dict[_Class, str] = {}
    for group in members if role == "bar" and base != "t" else ():
        names = {chosen.get(homes[v]) for v in group.of if v in homes}
        name = names.pop() if len(names) == 1 else None
        if name is not None and name != base and name.startswith(base):
            aim = f"{name}_{role}"
            if name[len(base) :].isdigit() and not any(aim in names for names in others):
                aims[group] = aim
    return aims


def _slots(
    members: list[_Class],
    wishes: dict[_Class, _Class],
    aims: dict[_Class, str],
    single: bool,
) -> tuple[dict[_Class, int], dict[int, str]]:
    """The number of the slot that each class gets, and names that slots are for; classes
    in one slot do not meet."""
    slots: dict[_Class, int] = {}
    aimed: dict[str, int] = {}
    lived: list[list[Segment]] = []  # when each slot is taken
    sorts: list[str] = []
    stacks: dict[str, _Stack] = {}

    def fits(slot: int, group: _Class) -> bool:
        if group.label[0] == "t" and sorts[slot] != group.sort:
            return False
        if group.lasting and slot != slots.get(wishes.get(group, group)):
            return False
        return not _clash(lived[slot], group.segments)

    def priority(k: int) -> tuple[bool, int, bool, int]:
        group = members[k]
        return (group.pinned is None, _start(group), group not in wishes, k)

    order = sorted(range(len(members)), key=priority)
    if single:
        slots = {members[k]: slot for slot, k in enumerate(order)}
        for group, slot in slots.items():
            aimed.setdefault(aims.get(group, ""), slot)
        return slots, {slot: name for name, slot in aimed.items() if name}
    for k in order:
        group = members[k]
        aim = aims.get(group)
        if aim is not None and (aim not in aimed or fits(aimed[aim], group)):
            if aim not in aimed:
                aimed[aim] = len(lived)
                lived.append([])
                sorts.append(group.sort)
            slots[group] = aimed[aim]
            _insert(lived[aimed[aim]], group.segments)
            continue
        slot = slots.get(wishes[group], -1) if group in wishes else -1
        stack = stacks.setdefault(group.sort if group.label[0] == "t" else "", _Stack())
        if slot < 0 or not fits(slot, group):
            others = set(aimed.values())
            searched = (s for s in range(min(len(lived), SEARCHED)) if s not in others)
            slot = next((s for s in searched if fits(s, group)), -1)
        if slot < 0 and not group.lasting:
            slot = stack.free(_start(group))
        if slot >= 0:
            _insert(lived[slot], group.segments)
        else:
            slot = len(lived)
            # A parameter called `t` is no temporary: nothing else gets its name.
            own = group.pinned and group.label[0] == "t"
            lived.append([(0, FOREVER)] if own else list(group.segments))
            sorts.append(group.sort)
        if slot >= SEARCHED and not group.lasting:
            stack.take(slot, group.segments[-1][1])
        slots[group] = slot
    return slots, {slot: name for name, slot in aimed.items()}


class _Stack:
    """Slots that are not searched for holes: the lowest one that is free is taken."""

    def __init__(self) -> None:
        self.ends: dict[int, int] = {}  # of the last stretch of each slot
        self.busy: list[tuple[int, int]] = []
        self.waiting: list[int] = []

    def take(self, slot: int, end: int) -> None:
        self.ends[slot] = max(end, self.ends.get(slot, 0))
        heappush(self.busy, (self.ends[slot], slot))

    def free(self, start: int) -> int:
        """A slot that is free from a place on; -1 if there is none."""
        while self.busy and self.busy[0][0] < start:
            end, slot = heappop(self.busy)
            if self.ends[slot] == end:
                heappush(self.waiting, slot)
        while self.waiting:
            slot = heappop(self.waiting)
            if self.ends[slot] < start:
                return slot
        return -1


def _spellings(
    label: Label,
    members: list[_Class],
    slots: dict[_Class, int],
    aimed: dict[int, str],
    taken: set[str],
    wanted: set[str],
) -> list[str]:
    """One name for each slot: x, x1, x2…; temporaries t, or t1, t2… if several."""
    base, role = label
    plain = preferred(label)
    several = base == "t" and max(slots.values()) > 0
    tail = f"_{role}" if role else ""
    pins = {slots[c]: c.pinned for c in members if c.pinned}
    names: list[str] = []
    number = 1
    unsaid = True  # as long as no slot is called plainly

    def free(name: str) -> bool:
        if name in taken or keyword.iskeyword(name):
            return False
        return (name == plain and base != "t") or name not in wanted

    for slot in range(max(slots.values()) + 1):
        pin = pins.get(slot) or aimed.get(slot)
        if pin is not None:
            names.append(pin)
            unsaid = unsaid and pin != plain
            continue
        if unsaid and not several and free(plain):
            names.append(plain)
            unsaid = False
            continue
        while True:
            if base == "t":
                name = f"t{number}{tail}"
            else:
                name = f"{plain}_{number}" if plain[-1].isdigit() else f"{plain}{number}"
            number += 1
            if free(name):
                names.append(name)
                break
    return names
