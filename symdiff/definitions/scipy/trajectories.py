"""`scipy.integrate.solve_ivp` and `odeint`.

The Runge-Kutta methods RK45 and RK23 take the steps that SciPy takes, so that the result
is the same, and the derivative is that of what is computed, the choice of the steps
included. What the other methods find is SciPy's, and has the derivative of fine steps by
RK45 to the same trajectory.
"""

import numpy as np

from symdiff.definitions.solving import handed, moved, outside

__all__ = ["odeint", "solve_ivp"]


class Trajectory:
    """What is found, as in `scipy.optimize.OptimizeResult`."""

    def __init__(self, t, y, nfev):
        self.t = t
        self.y = y
        self.sol = None
        self.t_events = None
        self.y_events = None
        self.nfev = nfev
        self.njev = 0
        self.nlu = 0
        self.status = 0
        self.message = (
            "The solver successfully reached the end of the integration interval."
        )
        self.success = True

    def __getitem__(self, name):
        return getattr(self, name)


def _method(name):
    """Order of the error estimate, times, weights of the stages, the result among them,
    of the error, and of the powers of the time in a step."""
    if name == "RK23":
        C = np.array([0, 1 / 2, 3 / 4, 1])
        A = np.array([[0, 0, 0], [1 / 2, 0, 0], [0, 3 / 4, 0], [2 / 9, 1 / 3, 4 / 9]])
        E = np.array([5 / 72, -1 / 12, -1 / 9, 1 / 8])
        P = np.array([[1, -4 / 3, 5 / 9], [0, 1, -2 / 3], [0, 4 / 3, -8 / 9], [0, -1, 1]])
        return 2, C, A, E, P
    C = np.array([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1])
    A = np.array(
        [
            [0, 0, 0, 0, 0, 0],
            [1 / 5, 0, 0, 0, 0, 0],
            [3 / 40, 9 / 40, 0, 0, 0, 0],
            [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
            [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
            [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
            [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
        ]
    )
    E = np.array(
        [-71 / 57600, 0, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40]
    )
    P = np.array(
        [
            [
                1,
                -8048581381 / 2820520608,
                8663915743 / 2820520608,
                -12715105075 / 11282082432,
            ],
            [0, 0, 0, 0],
            [
                0,
                131558114200 / 32700410799,
                -68118460800 / 10900136933,
                87487479700 / 32700410799,
            ],
            [
                0,
                -1754552775 / 470086768,
                14199869525 / 1410260304,
                -10690763975 / 1880347072,
            ],
            [
                0,
                127303824393 / 49829197408,
                -318862633887 / 49829197408,
                701980252875 / 199316789632,
            ],
            [
                0,
                -282668133 / 205662961,
                2019193451 / 616988883,
                -1453857185 / 822651844,
            ],
            [0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423],
        ]
    )
    return 4, C, A, E, P


def _norm(x):
    return np.linalg.norm(x) / x.size**0.5


def _first_step(slope, t0, y0, f0, length, direction, order, rtol, atol):
    """Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, II.4."""
    scale = atol + np.abs(y0) * rtol
    d0, d1 = _norm(y0 / scale), _norm(f0 / scale)
    h0 = 1e-6 if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1
    h0 = min(h0, length)
    f1 = slope(t0 + h0 * direction, y0 + h0 * direction * f0)
    d2 = _norm((f1 - f0) / scale) / h0
    if d1 <= 1e-15 and d2 <= 1e-15:
        h1 = max(1e-6, h0 * 1e-3)
    else:
        h1 = (0.01 / max(d1, d2)) ** (1 / (order + 1))
    return min(100 * h0, h1, length)


def _steps(slope, method, span, y, t_eval, rtol, atol, first_step, max_step):
    """The times and states of all steps, or the states at given times; whether the end
    was reached, and how often the slope was computed."""
    order, C, A, E, P = _method(method)
    stages = C.shape[0]
    t, end = span
    direction = 1.0 if end >= t else -1.0
    f = slope(t, y)
    if first_step is None:
        h_abs = _first_step(slope, t, y, f, abs(end - t), direction, order, rtol, atol)
    else:
        h_abs = first_step
    if t_eval is None:
        ts, ys = [t], [y]
    else:
        found = np.zeros((y.shape[0], t_eval.shape[0]), dtype=y.dtype)
        done = 0
    nfev = 2
    reached, rejected = True, False
    while reached and direction * (t - end) < 0:
        least = 10 * np.spacing(abs(t))
        if not rejected:
            h_abs = max(h_abs, least)
            if max_step is not None:
                h_abs = min(h_abs, max_step)
        reached = h_abs >= least
        t_new = t + h_abs * direction
        if direction * (t_new - end) > 0:
            t_new = end
        h = t_new - t
        h_abs = abs(h)
        K = np.zeros((stages, y.shape[0]), dtype=y.dtype)
        K[0] = f
        y_new = y
        for s in range(1, stages):
            y_new = y + h * (A[s, :s] @ K[:s])
            K[s] = slope(t + C[s] * h, y_new)
        scale = atol + np.maximum(np.abs(y), np.abs(y_new)) * rtol
        error = _norm(h * (E @ K) / scale)
        nfev += stages - 1
        if error >= 1:
            h_abs *= max(0.2, 0.9 * error ** (-1 / (order + 1)))
            rejected = True
            continue
        factor = 10.0 if error == 0 else min(10.0, 0.9 * error ** (-1 / (order + 1)))
        h_abs *= min(1.0, factor) if rejected else factor
        rejected = False
        if t_eval is None:
            ts.append(t_new)
            ys.append(y_new)
        else:
            while done < t_eval.shape[0] and direction * (t_eval[done] - t_new) <= 0:
                x = (t_eval[done] - t) / h
                powers = x ** np.arange(1, P.shape[1] + 1)
                found[:, done] = y + h * (powers @ (P.T @ K))
                done += 1
        t, y, f = t_new, y_new, K[-1]
    if t_eval is None:
        return np.array(ts), np.array(ys).T, reached, nfev
    return t_eval, found, reached, nfev


_FINE = 1e-9  # the tolerance of steps that stand for those of another method


def _fine_steps(slope, span, y, times):
    """What another method finds, by steps that are differentiated in its place."""
    found, reached = _steps(slope, "RK45", span, y, times, _FINE, _FINE, None, None)[1:3]
    return found if reached else found * np.nan


def solve_ivp(
    fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None,
    vectorized=False, args=None, *, rtol=1e-3, atol=1e-6, first_step=None, max_step=None,
    jac=None, lband=None, uband=None, min_step=None, jac_sparsity=None,
):  # fmt: skip
    if dense_output:
        raise NotImplementedError("`dense_output` of `scipy.integrate.solve_ivp`")
    if events is not None:
        raise NotImplementedError("`events` of `scipy.integrate.solve_ivp`")
    if method not in ("RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"):
        raise NotImplementedError("this method of `scipy.integrate.solve_ivp`")
    given = () if args is None else args

    def slope(t, y):
        return np.asarray(fun(t, y, *given))

    start, end = t_span
    span = 1.0 * start, 1.0 * end
    y = 1.0 * np.asarray(y0)
    times = None if t_eval is None else np.asarray(t_eval)
    if method in ("RK45", "RK23"):
        ts, ys, reached, nfev = _steps(
            slope, method, span, y, times, rtol, atol, first_step, max_step
        )
        assert reached, "scipy.integrate.solve_ivp: the step is too small"
        return Trajectory(ts, ys, nfev)
    found, values, nfev = outside(
        "scipy.integrate.solve_ivp", handed(slope, "float", y), span, y, method=method,
        t_eval=times, rtol=rtol, atol=atol, first_step=first_step, max_step=max_step,
        returns={"t": "float64[:]", "y": "float64[:,:]", "nfev": "int"},
    )  # fmt: skip
    if times is None:  # they move with the ends
        first, last = moved(span[0], 0.0), moved(span[1], 0.0)
        times = span[0] + (span[1] - span[0]) * ((found - first) / (last - first))
    return Trajectory(times, moved(values, _fine_steps(slope, span, y, times)), nfev)


def odeint(
    func, y0, t, args=(), Dfun=None, col_deriv=None, full_output=0, ml=None, mu=None,
    rtol=None, atol=None, tcrit=None, h0=None, hmax=None, hmin=None, ixpr=None,
    mxstep=None, mxhnil=None, mxordn=None, mxords=None, printmessg=None, tfirst=False,
):  # fmt: skip
    if full_output:
        raise NotImplementedError("`full_output` of `scipy.integrate.odeint`")
    given = args if isinstance(args, tuple) else (args,)

    def slope(t, y):
        return np.asarray(func(t, y, *given) if tfirst else func(y, t, *given))

    def turned(y, t):
        return slope(t, y)

    y = 1.0 * np.atleast_1d(np.asarray(y0))
    times = 1.0 * np.asarray(t)
    values = outside(
        "scipy.integrate.odeint", handed(turned, y, "float"), y, times, tcrit=tcrit,
        rtol=rtol, atol=atol, h0=h0, hmax=hmax, hmin=hmin, mxstep=mxstep, mxordn=mxordn,
        mxords=mxords, returns="float64[:,:]",
    )  # fmt: skip
    return moved(values, _fine_steps(slope, (times[0], times[-1]), y, times).T)
