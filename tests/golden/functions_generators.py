"""Generators, which run where they are consumed."""

from golden import golden


def heun(slope, y, h):
    """The states of an integration, without an end."""
    t = 0.0
    while True:
        yield t, y
        k = slope(t, y)
        y = y + h / 2 * (k + slope(t + h, y + h * k))
        t += h


@golden(0.7, 1.0, along=True)
def decay_until_small(rate, y):
    for t, y in heun(lambda t, y: t - rate * y, y, 0.1):
        if y < 0.85:
            break
    return y * t


def gaps(xs):
    """The distances between neighbours."""
    for a, b in zip(xs, xs[1:]):
        yield b - a


@golden([0.5, 1.1, 2.4, 2.9])
def roughness(xs):
    total = 0.0
    for gap in gaps(xs):
        if gap < 0.7:
            continue
        total += gap**2
    return total
