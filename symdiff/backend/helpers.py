"""Text of the few functions that generated code may bring along."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.backend.elementary import EXP, LOG, TANH
from symdiff.backend.incomplete import BETA, GAMMA
from symdiff.backend.sparse import SPARSE
from symdiff.backend.turning import HESSENBERG, SCHUR
from symdiff.backend.zeta import ZETA

__all__ = ["AROUND", "COMPILED", "HELPERS", "HELPER_OF", "Helper"]


class Helper(NamedTuple):
    """`text` is a template: `{numpy}` is the alias of that module, `{special}` that of
    `scipy.special`, and so on. It calls the helpers that it `needs`."""

    text: str
    modules: tuple[str, ...]
    needs: tuple[str, ...] = ()
    raises: bool = False  # where it divides by zero, also once it is compiled


_UNBROADCAST = '''\
def _unbroadcast(g, x):
    """Sum g over the axes along which x was broadcast, so that it gets x's shape."""
    shape = {numpy}.shape(x)
    if {numpy}.shape(g) == shape:
        return g
    added = {numpy}.ndim(g) - len(shape)
    stretched = tuple(added + axis for axis, n in enumerate(shape) if n == 1)
    g = {numpy}.sum(g, axis=stretched, keepdims=True)
    return g.sum(axis=tuple(range(added)))
'''

_SUM_TO = '''\
def _sum_to(g, shape):
    """Sum g over the axes along which an operand of that shape was broadcast."""
    if g.shape == shape:
        return g
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
        x = x + 1.0
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
        x = x + 1.0
    t = 1.0 / (x * x)
    series = 5 / 66 - t * (691 / 2730 - t * 7 / 6)
    series = t * (1 / 6 - t * (1 / 30 - t * (1 / 42 - t * (1 / 30 - t * series))))
    return result + sign * (1.0 + 0.5 / x + series) / x
'''

_COFACTORS = '''\
def _cofactors(a, det):
    """The derivative of the determinant, det(a) * inv(a).T, also where that is 0."""
    if {numpy}.all(det != 0):
        det = {numpy}.asarray(det)[..., None, None]
        return det * {numpy}.linalg.inv(a).swapaxes(-1, -2)
    u, s, vh = {numpy}.linalg.svd(a)
    own = {numpy}.eye(s.shape[-1], dtype=bool)
    others = {numpy}.where(own, 1.0, s[..., None, :]).prod(-1)
    sign = {numpy}.asarray({numpy}.linalg.det(u) * {numpy}.linalg.det(vh))
    return sign[..., None, None] * (u.conj() * others[..., None, :]) @ vh.conj()
'''

# Numba has the inverse of a regular matrix.
_COFACTORS_COMPILED = '''\
def _cofactors(a, det):
    """The derivative of the determinant."""
    return det * {numpy}.ascontiguousarray({numpy}.linalg.inv(a).T)
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

_EXTENDED = '''\
def _extended(cls, items, /, **attributes):
    """An object of a class that extends dict or list, made without running its code."""
    made = cls.__new__(cls)
    base = next(c for c in cls.__mro__ if c.__module__ in ("builtins", "collections"))
    if issubclass(base, list):
        base.extend(made, items)
    else:
        for key, item in items.items():
            base.__setitem__(made, key, item)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made
'''

_ROUNDS_AHEAD = '''\
def _rounds_ahead(rounds, states):
    """How far to go before the next state is kept, if so many rounds are to be run
    backwards with so many states, that at their start among them.

    Griewank and Walther, Algorithm 799 (2000): with s states, and no round run more
    than r times before it is run backwards, that is (s + r)! / (s! r!) rounds.
    """
    if states <= 1 or rounds == 1:
        return rounds
    reach, repeats = states + 1, 1
    while reach < rounds:
        repeats += 1
        reach = reach * (states + repeats) // repeats
    reach = reach * repeats // (states + repeats)
    return min(reach, rounds - reach * states // (states + repeats - 1))
'''

_OUTER_SUM = '''\
def _outer_sum(pairs, x):
    """The sum of the outer products of pairs of vectors, an array like x."""
    if not pairs:
        return {numpy}.zeros_like(x)
    rows, columns = map({numpy}.array, zip(*pairs))
    return rows.T @ columns
'''

_INTEGRAL = '''\
def _integral(f, a, b, **settings):
    """The integral of a derivative, or an error where it does not converge."""
    found = {integrate}.quad(f, a, b, full_output=1, **settings)
    if len(found) > 3:  # rounding may keep it from a narrow tolerance
        wide = dict(settings, epsabs=1e-6, epsrel=1e-6)
        if len({integrate}.quad(f, a, b, full_output=1, **wide)) > 3:
            raise ArithmeticError("the derivative of an integral: " + found[3])
    return found[0]
'''

_INTEGRALS = '''\
def _integrals(f, a, b, **settings):
    """The integral of a derivative, an array, or an error where it does not converge."""
    value, _, info = {integrate}.quad_vec(f, a, b, full_output=True, **settings)
    if not info.success:
        raise ArithmeticError("the derivative of an integral: " + info.message)
    return value
'''

HELPERS = {
    **{name: Helper(text, modules) for name, (text, modules) in SPARSE.items()},
    "_cofactors": Helper(_COFACTORS, ("numpy",)),
    "_betainc_slope": Helper(BETA, ("numpy", "scipy.special")),
    "_digamma": Helper(_DIGAMMA, ("math",)),
    "_gammainc_slope": Helper(GAMMA, ("numpy", "scipy.special")),
    "_hessenberg_turn": Helper(HESSENBERG, ("numpy",)),
    "_instance": Helper(_INSTANCE, ()),
    "_extended": Helper(_EXTENDED, ()),
    "_integral": Helper(_INTEGRAL, ("scipy.integrate",)),
    "_integrals": Helper(_INTEGRALS, ("scipy.integrate",)),
    "_outer_sum": Helper(_OUTER_SUM, ("numpy",)),
    "_raises": Helper(_RAISES, ()),
    "_rounds_ahead": Helper(_ROUNDS_AHEAD, ()),
    "_schur_turn": Helper(SCHUR, ("numpy", "scipy.linalg")),
    "_sum_to": Helper(_SUM_TO, ()),
    "_trigamma": Helper(_TRIGAMMA, ("math",)),
    "_unbroadcast": Helper(_UNBROADCAST, ("numpy",)),
    "_zeta_slope": Helper(ZETA, ("numpy", "scipy.special")),
}
_SUM_TO_LOOPS = '''\
def _sum_to(g, shape):
    """Sum g over the axes along which an operand of that shape was broadcast."""
    added = g.ndim - len(shape)
    result = {numpy}.zeros(shape, g.dtype)
    flat = result.reshape(-1)
    if g.size == flat.size:
        flat[:] = {numpy}.ascontiguousarray(g).reshape(-1)
        return result
    for number, value in enumerate(g.flat):
        place, step = 0, 1
        for axis in range(len(shape) - 1, -1, -1):
            number, at = divmod(number, g.shape[added + axis])
            if shape[axis] != 1:
                place += at * step
            step *= shape[axis]
        flat[place] += value
    return result
'''

_ADD_AT = '''\
def _add_at(u, places, values):
    """Add to the rows of u at these places, to some of them more than once."""
    for k in range(len(places)):
        u[places[k]] += values[k]
'''

_ALONG = '''\
def _{name}_along(x, axis, shape):
    """The {text} along an axis; the others have this shape."""
    before, after, count = 1, 1, x.shape[axis]
    for other in range(x.ndim):
        if other < axis:
            before *= x.shape[other]
        elif other > axis:
            after *= x.shape[other]
    rows = {numpy}.ascontiguousarray(x).reshape(before, count, after)
    result = {numpy}.empty((before, after), x.dtype)
    for i in range(before):
        for j in range(after):
            result[i, j] = rows[i, :, j].{name}()
    return result.reshape(shape)
'''

_ROLL = '''\
def _roll(x, shift, axis):
    """The array with its elements moved along an axis, from the end to the front."""
    before, after, count = 1, 1, x.shape[axis]
    for other in range(x.ndim):
        if other < axis:
            before *= x.shape[other]
        elif other > axis:
            after *= x.shape[other]
    rows = {numpy}.ascontiguousarray(x).reshape(before, count, after)
    result = {numpy}.empty((before, count, after), x.dtype)
    for i in range(before):
        for k in range(count):
            result[i, (k + shift) % count] = rows[i, k]
    return result.reshape(x.shape)
'''


def _along(name: str, text: str) -> Helper:
    return Helper(_ALONG.format(name=name, text=text, numpy="{numpy}"), ("numpy",))


_CHECKED = '''\
def _{name}(a, b):
    """{text}, of integers, or an error where a word does not hold it."""
    if {test}:
        raise OverflowError("an integer is too large for compiled code")
    return {text}
'''


def _checked(name: str, text: str, test: str) -> Helper:
    return Helper(_CHECKED.format(name=name, text=text, test=test), ())


_STACKED = '''\
def _stacked(parts):
    """The arrays of a list along a new first axis."""
    shape = (len(parts),) + parts[0].shape
    result = {numpy}.empty(shape, parts[0].dtype)
    for k in range(len(parts)):
        result[k] = parts[k]
    return result
'''

_END_TO_END = '''\
def _end_to_end(parts):
    """The arrays of a list one behind the other."""
    count = 0
    for part in parts:
        count += part.shape[0]
    shape = (count,) + parts[0].shape[1:]
    result, place = {numpy}.empty(shape, parts[0].dtype), 0
    for part in parts:
        result[place : place + part.shape[0]] = part
        place += part.shape[0]
    return result
'''

_COMB = '''\
def _comb(n, k):
    """How many ways there are to choose k of n, or an error where no word holds it."""
    if n < 0 or k < 0:
        raise ValueError("n and k must not be negative")
    result = 1
    for j in range(min(k, n - k)):
        if float(result) * (n - j) > 9.2e18:
            raise OverflowError("an integer is too large for compiled code")
        result = result * (n - j) // (j + 1)
    return result if k <= n else 0
'''

_FACTORIAL = '''\
def _factorial(n):
    """The product of the integers up to n, or an error where no word holds it."""
    if n < 0:
        raise ValueError("factorial() not defined for negative values")
    if n > 20:
        raise OverflowError("an integer is too large for compiled code")
    result = 1
    for k in range(2, n + 1):
        result *= k
    return result
'''


_RAISING = '''\
def _{name}(a, b):
    """{text} of numbers, or an error where b is zero."""
    return {text}
'''


def _raising(name: str, text: str) -> Helper:
    return Helper(_RAISING.format(name=name, text=text), (), raises=True)


# For Numba, which has no tuples of axes, and no `numpy.add.at`.
COMPILED = {
    "_add_at": Helper(_ADD_AT, ()),
    "_cofactors": Helper(_COFACTORS_COMPILED, ("numpy",)),
    "_comb": Helper(_COMB, ()),
    "_divided": _raising("divided", "a / b"),
    "_end_to_end": Helper(_END_TO_END, ("numpy",)),
    "_exp": Helper(EXP, ("numpy",)),
    "_factorial": Helper(_FACTORIAL, ()),
    "_floored": _raising("floored", "a // b"),
    "_log": Helper(LOG, ("numpy",)),
    "_sum_to": Helper(_SUM_TO_LOOPS, ("numpy",)),
    "_max_along": _along("max", "largest values"),
    "_min_along": _along("min", "smallest values"),
    "_minus": _checked("minus", "a - b", "abs(float(a) - float(b)) > 9.2e18"),
    "_modulo": _raising("modulo", "a % b"),
    "_plus": _checked("plus", "a + b", "abs(float(a) + float(b)) > 9.2e18"),
    "_prod_along": _along("prod", "products"),
    "_roll": Helper(_ROLL, ("numpy",)),
    "_stacked": Helper(_STACKED, ("numpy",)),
    "_std_along": _along("std", "standard deviations"),
    "_var_along": _along("var", "variances"),
    "_power": _checked("power", "a ** b", "b < 0 or abs(float(a)) ** b > 9.2e18"),
    "_tanh": Helper(TANH, ("numpy",), ("_exp",)),
    "_shift": _checked("shift", "a << b", "b < 0 or abs(float(a)) * 2.0 ** b > 9.2e18"),
    "_times": _checked("times", "a * b", "abs(float(a) * float(b)) > 9.2e18"),
}
# These stay in the function around what is compiled.
AROUND = frozenset(("_instance", "_extended"))
# The operations that are a call of one of these.
HELPER_OF = {name[1:]: name for name in (*HELPERS, *COMPILED)}
HELPER_OF |= {
    f"scipy.special.{name}_slope": f"_{name}_slope"
    for name in ("betainc", "gammainc", "zeta")
}
HELPER_OF |= {f"scipy.sparse.{name[1:]}": name for name in SPARSE}
