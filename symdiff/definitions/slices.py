"""What slices do as objects."""

__all__ = ["indices_of"]


def _clipped(place, length, low, high, default):
    if place is None:
        return default
    if place < 0:
        place += length
    return low if place < low else high if place > high else place


def indices_of(cut, length):
    """`cut.indices(length)` of a slice."""
    step = 1 if cut.step is None else cut.step
    if step > 0:
        low, high = first, last = 0, length
    else:
        low, high = last, first = -1, length - 1
    start = _clipped(cut.start, length, low, high, first)
    return start, _clipped(cut.stop, length, low, high, last), step
