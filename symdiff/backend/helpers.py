"""Text of the few functions that generated code may bring along."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["HELPERS", "HELPER_OF", "Helper"]


class Helper(NamedTuple):
    """`text` is a template: `{numpy}` is the alias of that module."""

    text: str
    modules: tuple[str, ...]


_UNBROADCAST = '''\
def _unbroadcast(g, x):
    """Sum g over the axes along which x was broadcast, so that it gets x's shape."""
    shape = {numpy}.shape(x)
    added = {numpy}.ndim(g) - len(shape)
    stretched = tuple(added + axis for axis, n in enumerate(shape) if n == 1)
    g = {numpy}.sum(g, axis=stretched, keepdims=True)
    return g.sum(axis=tuple(range(added)))
'''

_SUM_TO = '''\
def _sum_to(g, shape):
    """Sum g over the axes along which an operand of that shape was broadcast."""
    added = g.ndim - len(shape)
    stretched = tuple(added + axis for axis, n in enumerate(shape) if n == 1)
    return g.sum(axis=stretched, keepdims=True).sum(axis=tuple(range(added)))
'''

# Both end where eight terms of the asymptotic series are exact to the last place.
_DIGAMMA = '''\
def _digamma(x):
    """The derivative of log(gamma(x)), to a few units in the last place of 1 + |result|.

    Abramowitz and Stegun, Handbook of Mathematical Functions: reflection (6.3.7),
    recurrence (6.3.5) up to x >= 10, then the asymptotic series (6.3.18).
    """
    result = 0.0
    if x < 0.5:
        result = -{math}.pi / {math}.tan({math}.pi * (x - round(x)))
        x = 1.0 - x
    while x < 10.0:
        result -= 1.0 / x
        x += 1.0
    t = 1.0 / (x * x)
    series = 1 / 132 - t * (691 / 32760 - t / 12)
    series = t * (1 / 12 - t * (1 / 120 - t * (1 / 252 - t * (1 / 240 - t * series))))
    return result + ({math}.log(x) - 0.5 / x - series)
'''

_TRIGAMMA = '''\
def _trigamma(x):
    """The derivative of digamma, the second one of log(gamma(x)).

    Abramowitz and Stegun, Handbook of Mathematical Functions: reflection (6.4.7),
    recurrence (6.4.6) up to x >= 10, then the asymptotic series (6.4.12).
    """
    result, sign = 0.0, 1.0
    if x < 0.5:
        result = ({math}.pi / {math}.sin({math}.pi * (x - round(x)))) ** 2
        x, sign = 1.0 - x, -1.0
    while x < 10.0:
        result += sign / (x * x)
        x += 1.0
    t = 1.0 / (x * x)
    series = 5 / 66 - t * (691 / 2730 - t * 7 / 6)
    series = t * (1 / 6 - t * (1 / 30 - t * (1 / 42 - t * (1 / 30 - t * series))))
    return result + sign * (1.0 + 0.5 / x + series) / x
'''

_RAISES = '''\
def _raises(error, function, *args):
    """Whether a call of the function raises this error."""
    try:
        function(*args)
    except error:
        return True
    return False
'''

_INSTANCE = '''\
def _instance(cls, /, **attributes):
    """An object of a class with these attributes, made without running its code."""
    made = cls.__new__(cls)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made
'''

HELPERS = {
    "_digamma": Helper(_DIGAMMA, ("math",)),
    "_instance": Helper(_INSTANCE, ()),
    "_raises": Helper(_RAISES, ()),
    "_sum_to": Helper(_SUM_TO, ()),
    "_trigamma": Helper(_TRIGAMMA, ("math",)),
    "_unbroadcast": Helper(_UNBROADCAST, ("numpy",)),
}
# The operations that are a call of one of these.
HELPER_OF = {name[1:]: name for name in HELPERS}
