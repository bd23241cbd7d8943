"""Series of polynomials: the functions of `numpy.polynomial`."""

import numpy as np

__all__ = [
    "chebyshev__chebfit", "chebyshev__chebval", "chebyshev__chebvander",
    "hermite__hermfit", "hermite__hermval", "hermite__hermvander", "hermite_e__hermefit",
    "hermite_e__hermeval", "hermite_e__hermevander", "laguerre__lagfit",
    "laguerre__lagval", "laguerre__lagvander", "legendre__legfit", "legendre__legval",
    "legendre__legvander", "polynomial__polyadd", "polynomial__polyder",
    "polynomial__polyfit", "polynomial__polyint", "polynomial__polymul",
    "polynomial__polysub", "polynomial__polyval", "polynomial__polyvander",
]  # fmt: skip


def _power(k, x, now, before):
    return x * now


def _chebyshev(k, x, now, before):
    return 2 * x * now - before if k > 0 else x * now


def _legendre(k, x, now, before):
    return ((2 * k + 1) * x * now - k * before) / (k + 1)


def _hermite(k, x, now, before):
    return 2 * x * now - 2 * k * before


def _hermite_e(k, x, now, before):
    return x * now - k * before


def _laguerre(k, x, now, before):
    return ((2 * k + 1 - x) * now - k * before) / (k + 1)


def _value(following, x, c, tensor):
    """The sum of c[k] times the polynomial of degree k, each made of the two before."""
    c = np.asarray(c)
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    if tensor and c.ndim > 1 and np.ndim(x) > 0:
        c = c.reshape(c.shape + (1,) * np.ndim(x))
    before, now = 0 * x, 1 + 0.0 * x
    result = c[0] * now
    for k in range(1, c.shape[0]):
        before, now = now, following(k - 1, x, now, before)
        result = result + c[k] * now
    return result


def _matrix(following, x, deg):
    """The polynomials up to a degree, at points, side by side."""
    x = np.atleast_1d(x)
    before, now = 0 * x, 1 + 0.0 * x
    columns = [now]
    for k in range(deg):
        before, now = now, following(k, x, now, before)
        columns.append(now)
    return np.stack(columns, axis=-1)


def _fit(following, x, y, deg, w):
    if not isinstance(deg, int):
        raise NotImplementedError("a fit by some degrees only")
    matrix, y = _matrix(following, x, deg), np.asarray(y)
    if w is not None:
        w = np.asarray(w)
        matrix = matrix * w[:, None]
        y = y * w if y.ndim == 1 else y * w[:, None]
    return np.linalg.lstsq(matrix, y)[0]


def polynomial__polyval(x, c, tensor=True):
    return _value(_power, x, c, tensor)


def chebyshev__chebval(x, c, tensor=True):
    return _value(_chebyshev, x, c, tensor)


def legendre__legval(x, c, tensor=True):
    return _value(_legendre, x, c, tensor)


def hermite__hermval(x, c, tensor=True):
    return _value(_hermite, x, c, tensor)


def hermite_e__hermeval(x, c, tensor=True):
    return _value(_hermite_e, x, c, tensor)


def laguerre__lagval(x, c, tensor=True):
    return _value(_laguerre, x, c, tensor)


def polynomial__polyvander(x, deg):
    return _matrix(_power, x, deg)


def chebyshev__chebvander(x, deg):
    return _matrix(_chebyshev, x, deg)


def legendre__legvander(x, deg):
    return _matrix(_legendre, x, deg)


def hermite__hermvander(x, deg):
    return _matrix(_hermite, x, deg)


def hermite_e__hermevander(x, deg):
    return _matrix(_hermite_e, x, deg)


def laguerre__lagvander(x, deg):
    return _matrix(_laguerre, x, deg)


def polynomial__polyfit(x, y, deg, *, w=None):
    return _fit(_power, x, y, deg, w)


def chebyshev__chebfit(x, y, deg, *, w=None):
    return _fit(_chebyshev, x, y, deg, w)


def legendre__legfit(x, y, deg, *, w=None):
    return _fit(_legendre, x, y, deg, w)


def hermite__hermfit(x, y, deg, *, w=None):
    return _fit(_hermite, x, y, deg, w)


def hermite_e__hermefit(x, y, deg, *, w=None):
    return _fit(_hermite_e, x, y, deg, w)


def laguerre__lagfit(x, y, deg, *, w=None):
    return _fit(_laguerre, x, y, deg, w)


# -- of powers ------------------------------------------------------------------------


def _added(a, b):
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    n = max(a.shape[0], b.shape[0])
    return np.pad(a, (0, n - a.shape[0])) + np.pad(b, (0, n - b.shape[0]))


def polynomial__polyadd(c1, c2):
    return _added(c1, c2)


def polynomial__polysub(c1, c2):
    return _added(c1, np.negative(c2))


def polynomial__polymul(c1, c2):
    return np.convolve(c1, c2)


def polynomial__polyder(c, m=1, scl=1):
    c = np.asarray(c)
    if c.ndim > 1:
        raise NotImplementedError("several polynomials at once")
    for _ in range(m):
        c = scl * c[1:] * np.arange(1, c.shape[0])
    return c


def polynomial__polyint(c, m=1, k=0, lbnd=0, scl=1):
    c = np.asarray(c)
    if c.ndim > 1 or m != 1 or lbnd != 0 or isinstance(k, (list, tuple)):
        raise NotImplementedError("more than one integral, or one from elsewhere than 0")
    return np.append(k, scl * c / np.arange(1, c.shape[0] + 1))
