"""`scipy.optimize`: roots, minima and fixed points, as what an equation determines.

SciPy finds them, and they have the derivatives that the implicit function theorem gives:
of what makes the residual zero, or the gradient.
"""

import numpy as np

from symdiff.definitions.jacobians import by_columns, vjp
from symdiff.definitions.solving import handed, implicit, outside

__all__ = [
    "bisect", "brenth", "brentq", "curve_fit", "fixed_point", "fsolve", "least_squares",
    "minimize", "minimize_scalar", "newton", "nnls", "ridder", "root", "root_scalar",
    "rosen", "rosen_der", "toms748",
]  # fmt: skip


class Found:
    """What is found, as in `scipy.optimize.OptimizeResult`."""

    def __init__(self, **given):
        for name in given:
            setattr(self, name, given[name])

    def __getitem__(self, name):
        return getattr(self, name)


def _determined(found, residual):
    """The number or array that makes the residual zero."""

    def jacobian(x):
        return by_columns(residual, 0, (x,))

    return implicit(found, residual, jacobian)


def _tuple(args):
    return args if isinstance(args, tuple) else (args,)


def _vector(x):
    return x if x.ndim == 1 else x.reshape((-1,))


# -- roots of functions of a number ---------------------------------------------------


def _bracketed(call, f, a, b, args, xtol, rtol, maxiter, full_output, disp):
    if full_output:
        raise NotImplementedError("`full_output` of `scipy.optimize`")

    def residual(x):
        return f(x, *_tuple(args))

    found = outside(
        call, handed(residual, "float"), a, b, xtol=xtol, rtol=rtol, maxiter=maxiter,
        disp=disp, returns="float",
    )  # fmt: skip
    return _determined(found, residual)


def brentq(
    f, a, b, args=(), xtol=None, rtol=None, maxiter=None,
    full_output=False, disp=None,
):  # fmt: skip
    given = a, b, args, xtol, rtol, maxiter, full_output, disp
    return _bracketed("scipy.optimize.brentq", f, *given)


def brenth(
    f, a, b, args=(), xtol=None, rtol=None, maxiter=None,
    full_output=False, disp=None,
):  # fmt: skip
    given = a, b, args, xtol, rtol, maxiter, full_output, disp
    return _bracketed("scipy.optimize.brenth", f, *given)


def ridder(
    f, a, b, args=(), xtol=None, rtol=None, maxiter=None,
    full_output=False, disp=None,
):  # fmt: skip
    given = a, b, args, xtol, rtol, maxiter, full_output, disp
    return _bracketed("scipy.optimize.ridder", f, *given)


def bisect(
    f, a, b, args=(), xtol=None, rtol=None, maxiter=None,
    full_output=False, disp=None,
):  # fmt: skip
    given = a, b, args, xtol, rtol, maxiter, full_output, disp
    return _bracketed("scipy.optimize.bisect", f, *given)


def toms748(
    f, a, b, args=(), k=1, xtol=None, rtol=None, maxiter=None,
    full_output=False, disp=None,
):  # fmt: skip
    given = a, b, args, xtol, rtol, maxiter, full_output, disp
    return _bracketed("scipy.optimize.toms748", f, *given)


def newton(
    func, x0, fprime=None, args=(), tol=None, maxiter=None, fprime2=None,
    x1=None, rtol=None, full_output=False, disp=None,
):  # fmt: skip
    if full_output:
        raise NotImplementedError("`full_output` of `scipy.optimize.newton`")
    if np.ndim(x0) > 0:
        raise NotImplementedError("`scipy.optimize.newton` of several numbers")

    def residual(x):
        return func(x, *_tuple(args))

    def slope(x):
        return fprime(x, *_tuple(args))

    def bend(x):
        return fprime2(x, *_tuple(args))

    found = outside(
        "scipy.optimize.newton", handed(residual, "float"), x0,
        fprime=None if fprime is None else handed(slope, "float"),
        fprime2=None if fprime2 is None else handed(bend, "float"),
        tol=tol, maxiter=maxiter, x1=x1, rtol=rtol, disp=disp, returns="float",
    )  # fmt: skip
    return _determined(found, residual)


def root_scalar(
    f, args=(), method=None, bracket=None, fprime=None, fprime2=None, x0=None, x1=None,
    xtol=None, rtol=None, maxiter=None, options=None,
):  # fmt: skip
    if fprime is True or fprime2 is True or options is not None:
        raise NotImplementedError("this use of `scipy.optimize.root_scalar`")

    def residual(x):
        return f(x, *_tuple(args))

    def slope(x):
        return fprime(x, *_tuple(args))

    def bend(x):
        return fprime2(x, *_tuple(args))

    found, converged, flag, iterations = outside(
        "scipy.optimize.root_scalar", handed(residual, "float"), method=method,
        bracket=bracket, x0=x0, x1=x1, xtol=xtol, rtol=rtol, maxiter=maxiter,
        fprime=None if fprime is None else handed(slope, "float"),
        fprime2=None if fprime2 is None else handed(bend, "float"),
        returns={"root": "float", "converged": "bool", "flag": "str", "iterations": "int"},
    )  # fmt: skip
    x = _determined(found, residual)
    return Found(root=x, converged=converged, flag=flag, iterations=iterations)


# -- of systems -----------------------------------------------------------------------


def fsolve(
    func, x0, args=(), fprime=None, full_output=0, col_deriv=None, xtol=None,
    maxfev=None, band=None, epsfcn=None, factor=None, diag=None,
):  # fmt: skip
    if full_output:
        raise NotImplementedError("`full_output` of `scipy.optimize.fsolve`")
    x0 = _vector(1.0 * np.asarray(x0))

    def residual(x):
        return _vector(np.asarray(func(x, *_tuple(args))))

    def slope(x):
        return np.asarray(fprime(x, *_tuple(args)))

    found = outside(
        "scipy.optimize.fsolve", handed(residual, x0), x0,
        fprime=None if fprime is None else handed(slope, x0), col_deriv=col_deriv,
        xtol=xtol, maxfev=maxfev, factor=factor, returns=x0,
    )  # fmt: skip
    return _determined(found, residual)


def root(fun, x0, args=(), method=None, jac=None, tol=None, callback=None, options=None):
    x0 = _vector(1.0 * np.asarray(x0))
    if jac is True:
        raise NotImplementedError("`jac=True` of `scipy.optimize.root`")

    def residual(x):
        return _vector(np.asarray(fun(x, *_tuple(args))))

    def slope(x):
        return np.asarray(jac(x, *_tuple(args)))

    found, success, message, nfev = outside(
        "scipy.optimize.root", handed(residual, x0), x0, method=method,
        jac=None if jac is None or jac is False else handed(slope, x0), tol=tol,
        options=options,
        returns={"x": x0, "success": "bool", "message": "str", "nfev": "int"},
    )  # fmt: skip
    x = _determined(found, residual)
    return Found(x=x, success=success, message=message, nfev=nfev, fun=residual(x))


def fixed_point(func, x0, args=(), xtol=None, maxiter=None, method=None):
    x0 = 1.0 * np.asarray(x0)

    def step(x):
        return func(x, *_tuple(args))

    def residual(x):
        return x - np.asarray(step(x))

    found = outside(
        "scipy.optimize.fixed_point", handed(step, x0), x0, xtol=xtol, maxiter=maxiter,
        method=method, returns=x0,
    )  # fmt: skip
    return _determined(found, residual)


# -- minima ---------------------------------------------------------------------------


def _gradient_of(objective):
    def gradient(x):
        return vjp(objective, x)[1](1.0)[0]

    return gradient


def minimize_scalar(
    fun, bracket=None, bounds=None, args=(), method=None, tol=None, options=None
):
    def objective(x):
        return fun(x, *_tuple(args))

    found, success, message, nfev, nit = outside(
        "scipy.optimize.minimize_scalar", handed(objective, "float"), bracket=bracket,
        bounds=bounds, method=method, tol=tol, options=options,
        returns={
            "x": "float", "success": "bool", "message": "str", "nfev": "int", "nit": "int"
        },
    )  # fmt: skip
    x = _determined(found, _gradient_of(objective))
    if bounds is not None:
        inside = bounds[0] < found < bounds[1]
        assert inside, "scipy.optimize.minimize_scalar: the minimum is at a bound"
    return Found(
        x=x, fun=objective(x), success=success, message=message, nfev=nfev, nit=nit
    )


def minimize(
    fun, x0, args=(), method=None, jac=None, hess=None, hessp=None, bounds=None,
    constraints=(), tol=None, callback=None, options=None,
):  # fmt: skip
    if bounds is not None or len(constraints) > 0:
        raise NotImplementedError("a minimum within bounds or constraints")
    x0 = _vector(1.0 * np.asarray(x0))
    pair = jac is True

    def both(x):
        return fun(x, *_tuple(args))

    def objective(x):
        return both(x)[0] if pair else both(x)

    def slope(x):
        return np.asarray(jac(x, *_tuple(args)))

    def bend(x):
        return np.asarray(hess(x, *_tuple(args)))

    def along(x, v):
        return np.asarray(hessp(x, v, *_tuple(args)))

    gradient = _gradient_of(objective)
    if pair or not callable(jac):
        slope = gradient
    found, success, message, nfev, nit = outside(
        "scipy.optimize.minimize", handed(objective, x0), x0, method=method,
        jac=handed(slope, x0) if pair or callable(jac) else jac,
        hess=handed(bend, x0) if callable(hess) else hess,
        hessp=None if hessp is None else handed(along, x0, x0),
        tol=tol, options=options,
        returns={
            "x": x0, "success": "bool", "message": "str", "nfev": "int", "nit": "int"
        },
    )  # fmt: skip
    x = _determined(found, gradient)
    return Found(
        x=x, fun=objective(x), jac=gradient(x), success=success, message=message,
        nfev=nfev, nit=nit,
    )  # fmt: skip


# -- least squares --------------------------------------------------------------------


def _of_squares(residuals):
    """The gradient of half the sum of squares."""

    def gradient(x):
        values, pullback = vjp(residuals, x)
        return pullback(values)[0]

    return gradient


def least_squares(
    fun, x0, jac=None, bounds=None, method=None, ftol=None, xtol=None, gtol=None,
    x_scale=None, loss="linear", f_scale=None, diff_step=None, tr_solver=None,
    tr_options=None, jac_sparsity=None, max_nfev=None, verbose=None, args=(), kwargs=None,
):  # fmt: skip
    if bounds is not None or loss != "linear" or kwargs is not None:
        raise NotImplementedError("this use of `scipy.optimize.least_squares`")
    x0 = _vector(1.0 * np.asarray(x0))

    def residuals(x):
        return _vector(np.asarray(fun(x, *_tuple(args))))

    def slope(x):
        return np.asarray(jac(x, *_tuple(args)))

    found, success, message, nfev = outside(
        "scipy.optimize.least_squares", handed(residuals, x0), x0,
        jac=handed(slope, x0) if callable(jac) else jac, method=method, ftol=ftol,
        xtol=xtol, gtol=gtol, max_nfev=max_nfev,
        returns={"x": x0, "success": "bool", "message": "str", "nfev": "int"},
    )  # fmt: skip
    x = _determined(found, _of_squares(residuals))
    rest = residuals(x)
    return Found(
        x=x, fun=rest, cost=0.5 * np.sum(rest**2), success=success, message=message,
        nfev=nfev,
    )  # fmt: skip


def nnls(A, b, *, maxiter=None, atol=None):
    """Least squares among those of the variables that are not zero."""
    A, b = 1.0 * np.asarray(A), 1.0 * np.asarray(b)
    found, _ = outside(
        "scipy.optimize.nnls", A, b, maxiter=maxiter, returns="tuple[float64[:], float]"
    )
    free = found > 0

    def residual(x):
        return np.where(free, A.T @ (A @ x - b), x)

    x = _determined(found, residual)
    return x, np.linalg.norm(A @ x - b)


def curve_fit(
    f, xdata, ydata, p0=None, sigma=None, absolute_sigma=False, check_finite=True,
    bounds=None, method=None, jac=None, full_output=False, nan_policy=None,
    ftol=None, xtol=None, gtol=None, maxfev=None,
):  # fmt: skip
    if p0 is None:
        raise NotImplementedError("`scipy.optimize.curve_fit` without p0")
    if bounds is not None or full_output or callable(jac):
        raise NotImplementedError("this use of `scipy.optimize.curve_fit`")
    p0 = _vector(1.0 * np.asarray(p0))
    ydata = np.asarray(ydata)
    if sigma is not None:
        sigma = np.asarray(sigma)
        if sigma.ndim > 1:
            raise NotImplementedError("covariances in `scipy.optimize.curve_fit`")

    def residuals(p):
        away = f(xdata, *[p[k] for k in range(p.shape[0])]) - ydata
        return away if sigma is None else away / sigma

    found = outside(
        "scipy.optimize.leastsq", handed(residuals, p0), p0, ftol=ftol, xtol=xtol,
        gtol=gtol, maxfev=maxfev, returns="tuple[float64[:], int]",
    )[0]  # fmt: skip
    p = _determined(found.reshape(p0.shape), _of_squares(residuals))
    slopes = by_columns(residuals, 0, (p,))
    covariance = np.linalg.inv(slopes.T @ slopes)
    if not absolute_sigma:
        rest = residuals(p)
        covariance = covariance * (np.sum(rest**2) / (rest.shape[0] - p.shape[0]))
    return p, covariance


def rosen(x):
    x = np.asarray(x)
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2, axis=0)


def rosen_der(x):
    x = np.asarray(x)
    rise = 200 * (x[1:] - x[:-1] ** 2)
    inner = np.concatenate([np.zeros_like(x[:1]), rise])
    outer = np.concatenate([-2 * rise * x[:-1] - 2 * (1 - x[:-1]), np.zeros_like(x[:1])])
    return inner + outer
