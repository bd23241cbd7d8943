"""Where functions have no slope, or one that hides another: docs/numpy.md has the lines."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import scipy.cluster.vq
import scipy.linalg
import scipy.spatial.transform
import scipy.special
import scipy.stats

import symdiff

INF = np.inf
ZEROS, EYE = np.zeros(3), np.eye(2)
TIED, SIGNS = np.array([1.0, 2.0, 2.0]), np.array([-1.0, 0.0, 2.0])
POINTS = np.array([[1.0, 2.0], [4.0, 1.0], [1.0, 2.0]])


def distances(x):
    d = x[:, None] - x[None, :]
    r = np.sqrt(np.sum(d**2, axis=-1))
    return np.sum(np.where(r > 0, 1 / r, 0.0))


def spread(x):
    dx, dy = x[:, :1] - x[:, 0], x[:, 1:] - x[:, 1]
    r = (dx * dx + dy * dy) ** 0.5
    r[r > 2.0] = np.log(r[r > 2.0])
    return np.sum(np.triu(r, 1)) + np.sum(r**2)


def drag(v):
    x, vx, vy = 0.0, v, 0.0
    for _ in range(3):
        speed = math.sqrt(vx * vx + vy * vy)
        x, vx, vy = x + vx, vx - speed * vx, vy - speed * vy
    return x


def written_through(x):
    a = np.zeros((2, 2))
    row = a[1]
    row[:] = x
    a.T[0] += x
    return np.sum(a**2)


def noisy(x, rng):
    noise = rng.standard_normal(3)
    return np.sum((x * noise) ** 2)


def root_used_twice(x):
    r = np.sqrt(x)
    return np.sum(np.where(x > 0, r * r + 3.0 * r, 5.0 * x))


CASES = {
    "abs at 0": (lambda x: np.sum(np.abs(x)), ZEROS, [0, 0, 0]),
    "abs of a number at 0": (lambda x: abs(x), 0.0, 0),
    "fabs at 0": (lambda x: math.fabs(x), 0.0, 0),
    "sqrt at 0": (lambda x: np.sum(np.sqrt(x)), np.zeros(1), [INF]),
    "cbrt at 0": (lambda x: np.cbrt(x), 0.0, INF),
    "x ** 0": (lambda x: np.sum(x**0), ZEROS, [0, 0, 0]),
    "x ** y in y where x < 0": (lambda y: np.power(-2.0, y), 2.0, np.nan),
    "x ** 2 at 0": (lambda x: np.sum(x**2), ZEROS, [0, 0, 0]),
    "0 ** y": (lambda y: 0.0**y, 2.0, 0),
    "sinc at 0": (lambda x: np.sum(np.sinc(x)), ZEROS, [0, 0, 0]),
    "norm at 0": (lambda x: np.linalg.norm(x), ZEROS, [0, 0, 0]),
    "norm of another order at 0": (lambda x: np.linalg.norm(x, 3), ZEROS, [0, 0, 0]),
    "norms of rows": (
        lambda x: np.sum(np.linalg.norm(x, axis=1)),
        np.array([[0.0, 0.0], [3.0, 4.0]]),
        [[0, 0], [0.6, 0.8]],
    ),
    "norm of order 1 at 0": (lambda x: np.linalg.norm(x, 1), ZEROS, [0, 0, 0]),
    "std of equal elements": (lambda x: np.std(x), np.ones(3), [0, 0, 0]),
    "std of columns": (lambda x: np.sum(np.std(x, axis=0)), np.ones((2, 2)), [[0, 0]] * 2),
    "var of one element": (lambda x: np.var(x), np.ones(1), [0]),
    "max of ties": (lambda x: np.max(x), TIED, [0, 0.5, 0.5]),
    "max of Python": (lambda x: max(x[1], x[2]), TIED, [0, 1, 0]),
    "maximum": (lambda x: np.maximum(x, 0.0), 0.0, 0.5),
    "min of ties": (lambda x: np.min(x[1:]), TIED, [0, 0.5, 0.5]),
    "min of Python": (lambda x: min(x[1], x[2]), TIED, [0, 1, 0]),
    "minimum": (lambda x: np.minimum(x, 1.0), 1.0, 0.5),
    "quantile of ties": (lambda x: np.quantile(x, 0.75), TIED, [0, 0.5, 0.5]),
    "what is constant in steps": (
        lambda x: round(x) + x // 2 + np.sign(x) + math.floor(x) + (x > 1), 1.5, 0
    ),
    "ptp of equal elements": (lambda x: np.ptp(x), np.ones(2), [0, 0]),
    "sort of ties": (lambda x: np.sort(x)[1], TIED, [0, 1, 0]),
    "median of ties": (lambda x: np.median(x), np.array([1.0, 1.0, 0.0]), [1, 0, 0]),
    "clip at a bound": (lambda x: np.clip(x, 0.0, 1.0), 1.0, 1),
    "where hides log": (
        lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)), SIGNS, [0, 0, 0.5]
    ),
    "where hides division": (
        lambda x: np.sum(np.where(x != 0, 3.0 / x, 0.0)), SIGNS, [-3, 0, -0.75]
    ),
    "where hides x log x": (
        lambda x: np.sum(np.where(x > 0, x * np.log(x), 0.0)), SIGNS, [0, 0, 1 + np.log(2)]
    ),
    "where hides overflow": (
        lambda x: np.sum(np.where(x < 100, np.exp(x), x)), np.array([0.0, 1e3]), [1, 1]
    ),
    "logistic where it overflows": (
        lambda x: np.sum(1.0 / (1.0 + np.exp(-x))), np.array([-1e3, 0.0, 1e3]), [0, 0.25, 0]
    ),
    "where hides a root": (root_used_twice, SIGNS, [5, 5, 1 + 1.5 / np.sqrt(2)]),
    "where hides no distance": (distances, POINTS[:2], None),
    "where with a number": (lambda x: np.where(x > 0, np.log(x), 0.0), 0.0, 0),
    "where hides the norm": (
        lambda x: np.where(np.sum(x) > 0, np.linalg.norm(x), 0.0), ZEROS, [0, 0, 0]
    ),
    "equal eigenvalues": (lambda x: np.sum(np.linalg.eigh(x)[0] ** 2), EYE, 2 * EYE),
    "equal singular values": (
        lambda x: np.sum(np.linalg.svd(x, compute_uv=False) ** 2), EYE, 2 * EYE
    ),
    "product of equal factors": (
        lambda x: np.sum(np.linalg.svd(x)[0] @ np.linalg.svd(x)[2]), EYE, 0 * EYE
    ),
    "product of factors that turn": (
        lambda x: (np.linalg.svd(x)[0] @ np.linalg.svd(x)[2])[0, 1],
        EYE,
        [[0, 0.5], [-0.5, 0]],
    ),
    "vectors of values that are equal but for rounding": (
        lambda x: np.sum(np.linalg.eigh(x)[1] @ np.linalg.eigh(x)[1].T),
        np.ones((3, 3)),
        np.zeros((3, 3)),
    ),
    "determinant of 0": (
        lambda x: np.linalg.det(x), np.diag([2.0, 3.0, 0.0]), np.diag([0.0, 0.0, 6.0])
    ),
    "sum of nothing": (lambda x: np.sum(x), np.zeros(0), np.zeros(0)),
    "product of nothing": (lambda x: np.prod(x), np.zeros(0), np.zeros(0)),
    "norm of nothing": (lambda x: np.linalg.norm(x), np.zeros(0), np.zeros(0)),
    "product with a zero": (lambda x: np.prod(x), np.array([0.0, 2.0, 3.0]), [6, 0, 0]),
    "product with two": (lambda x: np.prod(x), np.array([0.0, 0.0, 3.0]), [0, 0, 0]),
    "cumprod with a zero": (
        lambda x: np.sum(np.cumprod(x)), np.array([0.0, 2.0, 3.0]), [9, 0, 0]
    ),
    "xlogy at 0": (lambda x: scipy.special.xlogy(0.0, x), 2.0, 0),
    "nanmean": (lambda x: np.nanmean(x), np.array([np.nan, 1.0, 2.0]), [0, 0.5, 0.5]),
    "nanstd of equal elements": (
        lambda x: np.nanstd(x), np.array([1.0, np.nan, 1.0]), [0, 0, 0]
    ),
    "std of chosen elements": (
        lambda x: np.std(x, where=np.array([True, False, False])), np.ones(3), [0, 0, 0]
    ),
    "what stands for a NaN": (
        lambda x: np.nan_to_num(np.nan, nan=x[0]) * x[1], np.array([3.0, 5.0]), [5, 3]
    ),
    "one row as a triangle": (lambda x: np.sum(np.tril(x)), np.ones(3), [3, 2, 1]),
    "expn of order 0": (
        lambda x: scipy.special.expn(0, x), 2.0, -np.exp(-2.0) * (0.5 + 0.25)
    ),
    "elliprc of equal arguments": (
        lambda x: scipy.special.elliprc(x[0], x[1]), 4 + ZEROS[:2], [-1 / 48, -1 / 24]
    ),
    "elliprd of equal arguments": (
        lambda x: scipy.special.elliprd(x, 2.0, 1.0), 1.0, np.nan
    ),
    "ellipj of the parameter 0": (
        lambda m: scipy.special.ellipj(0.5, m)[3], 0.0, (np.sin(1.0) / 2 - 0.5) / 4
    ),
    "sph_harm_y at the pole": (
        lambda x: scipy.special.sph_harm_y(1, 1, x, 0.0).real, 0.0, -np.sqrt(3 / 8 / np.pi)
    ),
    "a dtype by its letter": (lambda x: np.sum(x.astype("d")), np.ones(2), [1, 1]),
    "block times an element": (
        lambda x: np.sum(np.block([x, 2 * x]) * x[0]), np.array([1.0, 2.0]), [12, 3]
    ),
    "dstack times an element": (
        lambda x: np.sum(np.dstack([x, 2 * x]) * x[0]), np.array([1.0, 2.0]), [12, 3]
    ),
    "chi2 of no whole number of degrees": (
        lambda x: scipy.stats.chi2.logpdf(x[0], x[1]),
        np.array([1.3, 2.5]),
        [0.25 / 1.3 - 0.5, (np.log(0.65) - scipy.special.digamma(1.25)) / 2],
    ),
    "a write through a view": (written_through, np.array([2.0, 3.0]), [14, 16]),
    "vectors of equal eigenvalues": (lambda x: np.linalg.eigh(x)[1][0, 1], EYE, 0 * EYE),
    "vectors of equal eigenvalues of any matrix": (
        lambda x: np.linalg.eig(x)[1][0, 1].real, EYE, 0 * EYE
    ),
    "eigh reads a triangle": (
        lambda x: np.linalg.eigh(x)[0][1], np.array([[2.0, 7], [0, 3]]), [[0, 0], [0, 1]]
    ),
    "cholesky reads a triangle": (
        lambda x: np.linalg.cholesky(x)[1, 0], np.array([[4.0, 7.0], [2.0, 3.0]]),
        [[-0.125, 0], [0.5, 0]],
    ),
    "equal eigenvalues of any matrix": (
        lambda x: np.sum(np.linalg.eigvals(x).real ** 2), EYE, 2 * EYE
    ),
    "hypot of numbers that are not 0": (
        lambda x: math.hypot(x[0], x[1]), np.array([3.0, 4.0]), [0.6, 0.8]
    ),
    "hypot at 0": (lambda x: math.hypot(x[0], x[1]), np.zeros(2), [0, 0]),
    "root of a sum of squares at 0": (
        lambda x: np.sqrt(np.sum(x**2)), np.zeros(2), [0, 0]
    ),
    "root of squares of numbers at 0": (
        lambda x: math.sqrt(x[0] ** 2 + x[1] * x[1]), np.zeros(2), [0, 0]
    ),
    "distances of points from themselves": (spread, POINTS[:2], None),
    "the speed of what rests": (drag, 0.0, 3.0),
    "unique": (lambda x: np.sum(np.unique(x) ** 2), TIED, [2, 4, 0]),
    "item": (lambda x: x[1].item() ** 2, TIED, [0, 4, 0]),
    "a branch by isinstance": (
        lambda x: x[0] * 3 if isinstance(x, np.ndarray) else x[1], TIED, [3, 0, 0]
    ),
    "full_like": (
        lambda x: np.sum(np.full_like(x, x[0]) * x), np.array([1.0, 2.0]), [4, 1]
    ),
    "concat times an element": (
        lambda x: np.sum(np.concat([x, 2 * x]) * x[0]), np.array([1.0, 2.0]), [12, 3]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_slopes(name, monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")
    f, x, slope = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is not chosen
        found = symdiff.grad(f)(x)
        if slope is None:
            slope = [
                [(f(x + 1e-6 * e) - f(x - 1e-6 * e)) / 2e-6 for e in row]
                for row in np.eye(x.size).reshape(*x.shape, *x.shape)
            ]
        np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-9)
        for k in range(np.size(x)):
            dot = np.eye(np.size(x))[k].reshape(np.shape(x)) if np.ndim(x) else 1.0
            along = symdiff.jvp(f, (x,), (dot,))[1]
            np.testing.assert_allclose(along, np.ravel(slope)[k], rtol=1e-5, atol=1e-9)


def test_complex_roots_of_real_matrices_are_refused():
    x = np.array([[-1.0, 0.1], [0.2, -2.0]])
    for function in (scipy.linalg.sqrtm, scipy.linalg.logm):
        with pytest.raises(AssertionError, match="is complex"):
            symdiff.grad(lambda x, f=function: np.sum(np.abs(f(x))))(x)


QUARTER_TURN = np.array([[0.0, -1.0], [1.0, 0.0]])
NOT_UNIQUE = {
    "schur of equal eigenvalues": (lambda a: np.sum(scipy.linalg.schur(a)[0]), EYE),
    "schur of a rotation": (lambda a: np.sum(scipy.linalg.schur(a)[1]), QUARTER_TURN),
    "complex schur": (
        lambda a: np.sum(scipy.linalg.schur(a, output="complex")[0].real),
        QUARTER_TURN.T @ np.diag([2.0, 2.0 + 1e-15]) @ QUARTER_TURN,
    ),
    "hessenberg": (lambda a: np.sum(scipy.linalg.hessenberg(a)), np.eye(3)),
    "funm": (lambda a: np.sum(scipy.linalg.funm(a, np.exp)), np.triu(np.ones((3, 3)))),
}


@pytest.mark.parametrize("name", NOT_UNIQUE)
def test_what_is_not_unique_raises(name):
    f, a = NOT_UNIQUE[name]
    with pytest.raises(ArithmeticError, match="not unique|equal, or nearly"):
        symdiff.grad(f)(a)
    with pytest.raises(ArithmeticError, match="not unique|equal, or nearly"):
        symdiff.jvp(f, (a,), (a,))


def test_singular_values_that_are_left_out_are_refused():
    a = np.array([[3.0, 1.0], [1.0, 3.0], [0.0, 2.0]])
    for function in (
        lambda a: np.sum(np.linalg.pinv(a, rcond=0.6)),
        lambda a: np.sum(scipy.linalg.pinv(a, rtol=0.6)),
        lambda a: np.sum(np.linalg.lstsq(a, a[:, 0], rcond=0.6)[0]),
        lambda a: np.sum(scipy.linalg.lstsq(a, a[:, 0], cond=0.6)[0]),
    ):
        with pytest.raises(AssertionError, match="that are left out"):
            symdiff.grad(function)(a)


def test_both_factors_in_one_matrix_are_those_of_a_square_one():
    with pytest.raises(AssertionError, match="only of square matrices"):
        symdiff.grad(lambda a: np.sum(scipy.linalg.lu_factor(a)[0]))(np.eye(3)[:2])


def test_the_nearest_code_is_constant():
    codes = np.array([[0.0, 0.0], [3.0, 4.0]])

    def f(x):
        code, distance = scipy.cluster.vq.vq(x, codes)
        return np.sum(distance) + np.sum(codes[code] * x)

    np.testing.assert_allclose(symdiff.grad(f)(codes), codes)  # and 0 at a code
    np.testing.assert_allclose(symdiff.grad(f)(codes + [[0, 1]]), [[0, 1], [3, 5]])


def test_turns_outside_the_times_raise():
    turns = scipy.spatial.transform.Rotation.from_rotvec(np.eye(3))
    between = scipy.spatial.transform.Slerp([0.0, 1.0, 3.0], turns)

    def f(t):
        return between(t).magnitude()

    symdiff.check_grads(f, (2.5,))
    assert symdiff.grad(f)(0.0) == pytest.approx(symdiff.grad(f)(1e-12))
    for t in (-0.1, 3.1, np.nan):
        with pytest.raises(ValueError, match="within the range"):
            symdiff.grad(f)(t)


def test_numbers_are_points_on_a_line_where_no_mean_is_given():
    def f(x):
        return np.sum(np.arange(3.0) * scipy.stats.multivariate_normal.logpdf(x, cov=2.0))

    slopes = symdiff.grad(f)(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(slopes, [0, -1, -3])


def test_the_mean_of_nothing_raises():
    with pytest.raises(ZeroDivisionError):
        symdiff.grad(lambda x: np.mean(x))(np.zeros(0))


@pytest.mark.parametrize("name", ["sqrt", "log", "cbrt"])
def test_infinite_slopes_of_python_numbers_raise(name):
    function = getattr(math, name)
    with pytest.raises(ZeroDivisionError):
        symdiff.grad(lambda x: function(x))(0.0)


def test_a_root_at_0_raises():
    with pytest.raises(AssertionError, match="of a root at 0"):
        symdiff.grad(lambda p: np.sum(np.roots(p).real))(np.array([1.0, 2.0, 0.0]))


def test_draws_are_drawn_once():
    rng, same = np.random.default_rng(3), np.random.default_rng(3)
    x = np.array([1.0, 2.0, 3.0])
    slopes = symdiff.grad(noisy)(x, rng)
    np.testing.assert_allclose(slopes, 2 * x * same.standard_normal(3) ** 2)
    assert rng.random() == same.random()


def test_vectors_in_the_plane_have_no_cross_product():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy is about to refuse them
        with pytest.raises(AssertionError, match="in three dimensions"):
            symdiff.grad(lambda x, y: np.sum(np.cross(x, y)))(np.ones(2), np.ones(2))


def test_an_argument_without_axes_is_left_alone():
    x = np.array(2.5)
    symdiff.grad(lambda x: math.gamma(x))(x)
    assert x == 2.5


def test_what_is_out_of_bounds_is_an_error():
    with pytest.raises(IndexError):
        symdiff.grad(lambda x: x[5])(np.ones(3))
    with pytest.raises(ValueError, match="zero-size array"):
        symdiff.grad(lambda x: np.max(x))(np.zeros(0))


def _asks_before_it_reads(p, n):
    total = 0.0
    for i in range(n):
        total += p[i]
        assert total < 1.0, "too much"
        total += p[5] ** 2
    return total


def _reads_an_empty_list(x, n):
    items = []
    for i in range(n):
        x = x * items[i]
    return x


def _picks_from_a_list_of_a_branch(x, n, i):
    if n > 0:
        items = [x, 2.0 * x]
    return items[i] * x


def _lists_what_no_path_has_whole(x, n):
    if x > 0:
        a = x
    else:
        b = 2.0 * x
    items = [a, b]
    for i in range(n):
        x = x * items[i]
    return x


@pytest.mark.parametrize(
    ("function", "args", "error", "text"),
    [
        (_asks_before_it_reads, (np.array([2.0, 3.0]), 2), AssertionError, "too much"),
        (_asks_before_it_reads, (np.zeros(2), 2), IndexError, "index 5"),
        (_reads_an_empty_list, (2.0, 1), IndexError, "list index out of range"),
        (_picks_from_a_list_of_a_branch, (2.0, 0, 1), UnboundLocalError, "'items'"),
        (_lists_what_no_path_has_whole, (2.0, 2), UnboundLocalError, "variable 'b"),
    ],
)
def test_errors_of_the_program_are_those_of_its_gradient(function, args, error, text):
    with pytest.raises(error, match=text):
        function(*args)
    with pytest.raises(error, match=text):
        symdiff.grad(function)(*args)
