"""`scipy.integrate`: integrals of functions and of samples."""

import numpy as np

from symdiff.definitions.solving import handed, integral, outside

__all__ = [
    "cumulative_simpson", "cumulative_trapezoid", "dblquad", "fixed_quad", "quad",
    "quad_vec", "simpson", "tplquad", "trapezoid",
]  # fmt: skip

# -- of functions ---------------------------------------------------------------------


def quad(
    func, a, b, args=(), full_output=0, epsabs=None, epsrel=None, limit=None, points=None,
    weight=None, wvar=None, wopts=None, maxp1=50, limlst=50, complex_func=False,
):  # fmt: skip
    if weight is not None:
        raise NotImplementedError("`weight` of `scipy.integrate.quad`")
    if full_output or complex_func:
        raise NotImplementedError("this result of `scipy.integrate.quad`")
    given = args if isinstance(args, tuple) else (args,)

    def integrand(x):
        return func(x, *given)

    value = integral(integrand, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)
    found = outside(
        "scipy.integrate.quad", handed(integrand, "float"), a, b, epsabs=epsabs,
        epsrel=epsrel, limit=limit, returns="tuple[float, float]",
    )  # fmt: skip
    return value, found[1]


def quad_vec(
    f, a, b, epsabs=None, epsrel=None, norm="2", cache_size=1e8, limit=None, workers=1,
    points=None, quadrature=None, full_output=False, *, args=(),
):  # fmt: skip
    if full_output:
        raise NotImplementedError("this result of `scipy.integrate.quad_vec`")

    def integrand(x):
        return f(x, *args)

    value = integral(integrand, a, b, epsabs=epsabs, epsrel=epsrel, limit=limit)
    return value, 0.0


def dblquad(func, a, b, gfun, hfun, args=(), epsabs=None, epsrel=None):
    def slice_at(x):
        def integrand(y):
            return func(y, x, *args)

        low = gfun(x) if callable(gfun) else gfun
        high = hfun(x) if callable(hfun) else hfun
        return quad(integrand, low, high, epsabs=epsabs, epsrel=epsrel)[0]

    return quad(slice_at, a, b, epsabs=epsabs, epsrel=epsrel)


def tplquad(func, a, b, gfun, hfun, qfun, rfun, args=(), epsabs=None, epsrel=None):
    def line_at(y, x):
        def integrand(z):
            return func(z, y, x, *args)

        low = qfun(x, y) if callable(qfun) else qfun
        high = rfun(x, y) if callable(rfun) else rfun
        return quad(integrand, low, high, epsabs=epsabs, epsrel=epsrel)[0]

    return dblquad(line_at, a, b, gfun, hfun, (), epsabs, epsrel)


def fixed_quad(func, a, b, args=(), n=5):
    found = outside(
        "scipy.special.roots_legendre", n, returns="tuple[float64[:], float64[:]]"
    )
    places = (b - a) * (found[0] + 1) / 2 + a
    return (b - a) / 2 * np.sum(found[1] * func(places, *args), axis=-1), None


# -- of samples -----------------------------------------------------------------------


def trapezoid(y, x=None, dx=1.0, axis=-1):
    return np.trapezoid(y, x, dx, axis)


def _steps(y, x, dx, axis):
    """The lengths of the steps, the axis being the last."""
    if x is None:
        return dx * np.ones(y.shape[-1] - 1)
    x = np.asarray(x)
    return np.diff(x) if x.ndim == 1 else np.diff(np.swapaxes(x, axis, -1))


def cumulative_trapezoid(y, x=None, dx=1.0, axis=-1, initial=None):
    y = np.swapaxes(np.asarray(y), axis, -1)
    parts = 0.5 * _steps(y, x, dx, axis) * (y[..., 1:] + y[..., :-1])
    sums = np.cumsum(parts, axis=-1)
    if initial is not None:
        sums = np.concatenate([np.zeros_like(y[..., :1]) + initial, sums], axis=-1)
    return np.swapaxes(sums, axis, -1)


def _first_parts(y, h):
    """The integrals of the parabolas through three points, up to the second."""
    h1, h2 = h[..., :-1], h[..., 1:]
    first, ratio = h1 / (h1 + h2), h1 / h2
    bend = first * ratio
    parts = (3 - first) * y[..., :-2] + (3 + bend + first) * y[..., 1:-1]
    return h1 / 6 * (parts - bend * y[..., 2:])


def cumulative_simpson(y, *, x=None, dx=1.0, axis=-1, initial=None):
    y = np.swapaxes(np.asarray(y), axis, -1)
    n = y.shape[-1]
    if n < 3:
        return cumulative_trapezoid(np.swapaxes(y, axis, -1), x, dx, axis, initial)
    h = _steps(y, x, dx, axis)
    ahead = _first_parts(y, h)
    back = _first_parts(y[..., ::-1], h[..., ::-1])[..., ::-1]
    parts = np.zeros((*y.shape[:-1], n - 1))
    parts[..., :-1:2] = ahead[..., ::2]
    parts[..., 1::2] = back[..., ::2]
    parts[..., -1] = back[..., -1]
    sums = np.cumsum(parts, axis=-1)
    if initial is not None:
        start = np.zeros_like(y[..., :1]) + initial
        sums = np.concatenate([start, sums + initial], axis=-1)
    return np.swapaxes(sums, axis, -1)


def simpson(y, x=None, *, dx=1.0, axis=-1):
    """With a parabola through the last three points where the number of steps is odd."""
    y = np.swapaxes(np.asarray(y), axis, -1)
    h = _steps(y, x, dx, axis)
    n = y.shape[-1]
    if n == 2:
        return np.sum(0.5 * h * (y[..., 1:] + y[..., :-1]), axis=-1)
    even = n - 1 - (n - 1) % 2
    h0, h1 = h[..., 0:even:2], h[..., 1:even:2]
    both = h0 + h1
    first = (2 - h1 / h0) * y[..., 0:even:2]
    middle = both * both / (h0 * h1) * y[..., 1:even:2]
    last = (2 - h0 / h1) * y[..., 2 : even + 1 : 2]
    total = np.sum(both / 6 * (first + middle + last), axis=-1)
    if n % 2 == 0:
        h0, h1 = h[..., -2], h[..., -1]
        end = (2 * h1**2 + 3 * h0 * h1) / (6 * (h0 + h1)) * y[..., -1]
        before = (h1**2 + 3 * h0 * h1) / (6 * h0) * y[..., -2]
        total = total + end + before - h1**3 / (6 * h0 * (h0 + h1)) * y[..., -3]
    return total
