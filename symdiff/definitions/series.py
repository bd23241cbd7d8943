"""The classes of `numpy.polynomial` and `np.poly1d`, as classes that are followed."""

import numpy as np

__all__ = [
    "Chebyshev", "Hermite", "HermiteE", "Laguerre", "Legendre", "Polynomial", "poly1d",
]  # fmt: skip


class _Series:
    """On a domain that is mapped to a window, where one of them is given."""

    domain = window = None
    _unit = (-1.0, 1.0)  # what both are if they are not given

    @staticmethod
    def _held(made):
        if np.array_equal(made.domain, made.window):
            return {"coef": "coef"}
        return {name: name for name in ("coef", "domain", "window")}

    def __init__(self, coef, domain=None, window=None, symbol="x"):
        self.coef = np.asarray(coef)
        if domain is not None or window is not None:
            self.domain = self._unit if domain is None else domain
            self.window = self._unit if window is None else window

    def _scale(self):
        if self.domain is None:
            return 1.0
        return (self.window[1] - self.window[0]) / (self.domain[1] - self.domain[0])

    def _mapped(self, x):
        """From the domain to the window."""
        if self.domain is None:
            return x
        return self.window[0] + self._scale() * (x - self.domain[0])

    def _made(self, coef):
        return type(self)(coef, self.domain, self.window)

    @classmethod
    def fit(cls, x, y, deg, domain=None, rcond=None, full=False, w=None, window=None):
        if full or rcond is not None or not isinstance(deg, int):
            raise NotImplementedError("this use of `fit`")
        x = np.asarray(x)
        if domain is None:
            domain = (np.min(x), np.max(x))
        made = cls(np.zeros(1), domain, window)
        return made._made(cls._fitted(made._mapped(x), y, deg, w))

    def degree(self):
        return len(self.coef) - 1

    def __len__(self):
        return len(self.coef)

    def __neg__(self):
        return self._made(-self.coef)


class Chebyshev(_Series):
    def __call__(self, arg):
        return np.polynomial.chebyshev.chebval(self._mapped(arg), self.coef)

    @staticmethod
    def _fitted(x, y, deg, w):
        return np.polynomial.chebyshev.chebfit(x, y, deg, w=w)


class Legendre(_Series):
    def __call__(self, arg):
        return np.polynomial.legendre.legval(self._mapped(arg), self.coef)

    @staticmethod
    def _fitted(x, y, deg, w):
        return np.polynomial.legendre.legfit(x, y, deg, w=w)


class Hermite(_Series):
    def __call__(self, arg):
        return np.polynomial.hermite.hermval(self._mapped(arg), self.coef)

    @staticmethod
    def _fitted(x, y, deg, w):
        return np.polynomial.hermite.hermfit(x, y, deg, w=w)


class HermiteE(_Series):
    def __call__(self, arg):
        return np.polynomial.hermite_e.hermeval(self._mapped(arg), self.coef)

    @staticmethod
    def _fitted(x, y, deg, w):
        return np.polynomial.hermite_e.hermefit(x, y, deg, w=w)


class Laguerre(_Series):
    _unit = (0.0, 1.0)

    def __call__(self, arg):
        return np.polynomial.laguerre.lagval(self._mapped(arg), self.coef)

    @staticmethod
    def _fitted(x, y, deg, w):
        return np.polynomial.laguerre.lagfit(x, y, deg, w=w)


def _coefficients(other):
    return other.coef if isinstance(other, (Polynomial, poly1d)) else np.atleast_1d(other)


class Polynomial(_Series):
    def _other(self, other):
        if isinstance(other, Polynomial) and (self.domain is None) != (
            other.domain is None
        ):
            raise NotImplementedError("a sum or product on different domains")
        return _coefficients(other)

    def __call__(self, arg):
        return np.polynomial.polynomial.polyval(self._mapped(arg), self.coef)

    @staticmethod
    def _fitted(x, y, deg, w):
        return np.polynomial.polynomial.polyfit(x, y, deg, w=w)

    def __add__(self, other):
        return self._made(np.polynomial.polynomial.polyadd(self.coef, self._other(other)))

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self._made(np.polynomial.polynomial.polysub(self.coef, self._other(other)))

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        return self._made(np.convolve(self.coef, self._other(other)))

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self._made(self.coef / other)

    def __pow__(self, other):
        result = self._made(np.ones(1))
        for _ in range(other):
            result = result * self
        return result

    def deriv(self, m=1):
        coef = np.polynomial.polynomial.polyder(self.coef, m)
        return self._made(coef if self.domain is None else coef * self._scale() ** m)

    def integ(self, m=1, k=0, lbnd=0):
        if self.domain is not None:
            raise NotImplementedError("the integral of a polynomial on a domain of its own")
        return Polynomial(np.polynomial.polynomial.polyint(self.coef, m, k, lbnd))


class poly1d:
    """The coefficients begin with that of the highest power."""

    @staticmethod
    def _held(made):
        return {"coef": "coeffs"}

    def __init__(self, c_or_r, r=False, variable=None):
        self.coef = np.poly(c_or_r) if r else np.atleast_1d(c_or_r)

    @property
    def c(self):
        return self.coef

    @property
    def coeffs(self):
        return self.coef

    @property
    def order(self):
        return len(self.coef) - 1

    @property
    def roots(self):
        return np.roots(self.coef)

    def __call__(self, val):
        return np.polyval(self.coef, val)

    def __neg__(self):
        return poly1d(-self.coef)

    def __add__(self, other):
        return poly1d(np.polyadd(self.coef, _coefficients(other)))

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return poly1d(np.polysub(self.coef, _coefficients(other)))

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        return poly1d(np.polymul(self.coef, _coefficients(other)))

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return poly1d(self.coef / other)

    def deriv(self, m=1):
        return poly1d(np.polyder(self.coef, m))

    def integ(self, m=1, k=0):
        return poly1d(np.polyint(self.coef, m, k))
