"""The classes of `numpy.polynomial` and `np.poly1d`, as classes that are followed."""

import numpy as np

__all__ = [
    "Chebyshev", "Hermite", "HermiteE", "Laguerre", "Legendre", "Polynomial", "poly1d",
]  # fmt: skip


class _Series:
    def __init__(self, coef, domain=None, window=None, symbol="x"):
        if domain is not None or window is not None:
            raise NotImplementedError("a polynomial on a domain of its own")
        self.coef = np.asarray(coef)

    def degree(self):
        return len(self.coef) - 1

    def __len__(self):
        return len(self.coef)

    def __neg__(self):
        return type(self)(-self.coef)


class Chebyshev(_Series):
    def __call__(self, arg):
        return np.polynomial.chebyshev.chebval(arg, self.coef)


class Legendre(_Series):
    def __call__(self, arg):
        return np.polynomial.legendre.legval(arg, self.coef)


class Hermite(_Series):
    def __call__(self, arg):
        return np.polynomial.hermite.hermval(arg, self.coef)


class HermiteE(_Series):
    def __call__(self, arg):
        return np.polynomial.hermite_e.hermeval(arg, self.coef)


class Laguerre(_Series):
    def __call__(self, arg):
        return np.polynomial.laguerre.lagval(arg, self.coef)


def _coefficients(other):
    return other.coef if isinstance(other, (Polynomial, poly1d)) else np.atleast_1d(other)


class Polynomial(_Series):
    def __call__(self, arg):
        return np.polynomial.polynomial.polyval(arg, self.coef)

    def __add__(self, other):
        return Polynomial(np.polynomial.polynomial.polyadd(self.coef, _coefficients(other)))

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return Polynomial(np.polynomial.polynomial.polysub(self.coef, _coefficients(other)))

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        return Polynomial(np.convolve(self.coef, _coefficients(other)))

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return Polynomial(self.coef / other)

    def __pow__(self, other):
        result = Polynomial(np.ones(1))
        for _ in range(other):
            result = result * self
        return result

    def deriv(self, m=1):
        return Polynomial(np.polynomial.polynomial.polyder(self.coef, m))

    def integ(self, m=1, k=0, lbnd=0):
        return Polynomial(np.polynomial.polynomial.polyint(self.coef, m, k, lbnd))


class poly1d:
    """The coefficients begin with that of the highest power."""

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
