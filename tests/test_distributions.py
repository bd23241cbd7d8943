"""Distributions of `scipy.stats`: inside of the support and outside, frozen or not."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
import scipy.stats
from scipy import stats

import symdiff
from symdiff.rules import all_rules

ROWS = {
    tuple(op.split(".")[2:]): row
    for row in all_rules()
    for op in row.ops
    if op.startswith("scipy.stats.")
}
# Shapes of each family that are no whole numbers.
SHAPES = {
    "t": (3.4,), "gennorm": (1.6,), "gamma": (1.7,), "invgamma": (2.3,), "chi2": (2.7,),
    "beta": (1.6, 2.4), "lognorm": (0.8,), "pareto": (1.9,), "weibull_min": (1.4,),
    "truncnorm": (-0.6, 1.3), "vonmises": (1.2,), "wrapcauchy": (0.4,),
    "invgauss": (1.3,), "genpareto": (0.3,), "genextreme": (-0.2,), "powerlaw": (1.7,),
    "lomax": (1.9,), "loguniform": (0.2, 2.5), "triang": (0.4,), "fisk": (2.2,),
    "burr12": (1.8, 1.3), "invweibull": (1.6,), "exponweib": (1.4, 1.7),
    "dweibull": (1.4,), "gengamma": (1.3, 1.6), "chi": (2.6,), "nakagami": (1.3,),
    "loggamma": (1.2,), "betaprime": (1.6, 2.4), "f": (3.3, 5.2), "johnsonsu": (0.3, 1.2),
    "skewnorm": (1.3,), "exponnorm": (1.4,), "rice": (0.9,),
}  # fmt: skip
OF_SHAPES = [p for p in ROWS if p[1] in ("mean", "var", "entropy")]
CONTINUOUS = [
    pair for pair in ROWS if "loc=0, scale=1" in ROWS[pair].form and pair not in OF_SHAPES
]


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


@pytest.mark.parametrize("pair", CONTINUOUS, ids=".".join)
def test_slopes_everywhere(pair):
    name, method = pair
    function = getattr(getattr(stats, name), method)
    shapes, texts = SHAPES.get(name, ()), ROWS[pair].partials
    known = [k for k, text in enumerate(texts) if text is not None]

    def value(*args):
        return function(*args)

    places = (0.07, 0.3, 0.8) if method in ("ppf", "isf") else (-2.9, -0.4, 0.9, 1.9, 3.6)
    h = 1e-6
    for place, (loc, scale) in itertools.product(places, [(0.0, 1.0), (0.3, 1.4)]):
        args = (place, *shapes, loc, scale)
        with np.errstate(all="ignore"):  # what is not chosen may be NaN
            found = _slopes(pair, tuple(known))(*args)
        for k, slope in zip(known, found):
            step = np.eye(len(args))[k] * h
            with np.errstate(all="ignore"):
                near = [value(*(np.array(args) + sign * step)) for sign in (1, -1)]
            if near[0] == near[1]:
                expected = 0.0  # outside of the support: both may be -inf
            else:
                expected = (near[0] - near[1]) / (2 * h)
            assert slope == pytest.approx(expected, rel=2e-4, abs=1e-6, nan_ok=True), (
                args,
                k,
            )


@functools.cache
def _slopes(pair, argnums):
    name, method = pair
    return symdiff.grad(getattr(getattr(stats, name), method), argnums=argnums)


@pytest.mark.parametrize("method", ["logpdf", "cdf", "ppf"])
@pytest.mark.parametrize("family", [stats.genpareto, stats.genextreme])
def test_extremes_of_nearly_no_shape(family, method):
    """The slopes by the shape are smooth where it vanishes, in spite of quotients."""
    slope = symdiff.grad(lambda c: getattr(family, method)(0.8, c))
    found = [slope(c) for c in (-2e-5, -1e-7, 0.0, 1e-9, 9e-6, 1.1e-5, 1e-4)]
    assert np.ptp(found) < 1e-3
    middle = 0.5 * (slope(1e-3) + slope(-1e-3))
    assert found[2] == pytest.approx(middle, rel=1e-5)
    assert np.all(np.diff(found) * np.sign(found[-1] - found[0]) > -1e-8)


# Where a distribution has a mean and a variance.
HIGH = {
    **SHAPES, "t": (4.3,), "pareto": (3.2,), "invgamma": (3.6,), "poisson": (2.3,),
    "bernoulli": (0.4,), "binom": (5.0, 0.4), "geom": (0.3,), "nbinom": (3.2, 0.4),
    "betabinom": (5.0, 1.5, 2.5),
}  # fmt: skip


@pytest.mark.parametrize("pair", OF_SHAPES, ids=".".join)
def test_moments_and_entropies(pair):
    name, method = pair
    function = getattr(getattr(stats, name), method)
    args = [*HIGH.get(name, ()), 0.3]
    if "scale" in ROWS[pair].form:
        args.append(1.4)
    texts = ROWS[pair].partials
    assert len(texts) == len(args)
    known = [k for k, text in enumerate(texts) if text is not None]
    for k, slope in zip(known, _slopes(pair, tuple(known))(*args), strict=True):
        step = np.eye(len(args))[k] * 1e-5
        near = [function(*(np.array(args) + sign * step)) for sign in (1, -1)]
        expected = (near[0] - near[1]) / 2e-5
        assert slope == pytest.approx(expected, rel=1e-5, abs=1e-6), k


def described(m, s):
    noise = stats.norm(m, s)
    low, high = noise.interval(0.9)
    mean, var = stats.gamma.stats(s, scale=m)
    more = stats.beta.median(s, 2.0) * noise.std() + stats.gamma(s).moment(2)
    return low * high + mean * var + more + stats.laplace.stats(m, s, moments="v")


def entropies(p, mu):
    both = stats.binom.entropy(5, p) + stats.bernoulli.entropy(p)
    both = both + stats.nbinom.entropy(4, p) + stats.betabinom.entropy(7, p, mu)
    return both * stats.poisson.entropy(mu) + stats.poisson(np.array([mu, p])).entropy()[1]


def expectations(m, s):
    noise = stats.norm(m, s)
    whole = noise.expect(lambda x: np.exp(-x * x)) + stats.gamma.expect(args=(s,), scale=m)
    return whole + noise.expect(lambda x: x**3, lb=m / 2, ub=1.0)


def of_steps(p, mu):
    """Quantiles of counts are whole numbers."""
    return stats.poisson.ppf(0.35, 3 * mu) * p + stats.binom.median(5, p) * mu


@pytest.mark.parametrize("f", [described, entropies, expectations, of_steps])
def test_methods_in_terms_of_others(f):
    symdiff.check_grads(f, (0.62, 1.3), atol=1e-5)


def test_methods_that_are_refused():
    for f, message in (
        (lambda x: stats.cauchy.mean(x), "cauchy_mean"),
        (lambda x: stats.gamma.moment(3, x), "of an order above 2"),
        (lambda x: stats.gamma.stats(x, moments="s"), "these `moments`"),
        (lambda x: stats.truncnorm.expect(args=(-x, x)), "this use of `expect`"),
    ):
        with pytest.raises(symdiff.DifferentiationError, match=message):
            symdiff.grad(f)(1.5)


def test_shapes_without_a_formula_are_refused():
    with pytest.raises(symdiff.DifferentiationError, match="respect to `kappa`"):
        symdiff.grad(stats.vonmises.cdf, argnums=1)(0.5, 1.5)
    with pytest.raises(symdiff.DifferentiationError, match="with respect to `k`"):
        symdiff.grad(stats.poisson.logpmf)(2.0, 1.5)


PRIOR = stats.norm(0.3, scale=2.0)
SEVERAL = stats.gamma(np.array([1.5, 2.5]), scale=2.0)


class Model:
    def __init__(self):
        self.prior = stats.laplace(0.5, 2.0)

    def loss(self, t):
        return self.prior.logpdf(t)


def frozen_inside(t, x):
    noise = stats.norm(loc=t, scale=2.0)
    return PRIOR.logpdf(t) + noise.logpdf(x) + np.sum(SEVERAL.logpdf(t))


def in_a_list(t, x):
    total = 0.0
    for each in [stats.norm(0.0, t), stats.t(3, loc=t), stats.expon(scale=x)]:
        total += each.logpdf(0.5)
    return total


def handed_over(t, x):
    return density_of(stats.cauchy, t) + density_of(scipy.stats.logistic, x)


def density_of(distribution, x):
    return distribution.pdf(x, scale=1.5)


@pytest.mark.parametrize("f", [frozen_inside, in_a_list, handed_over])
def test_programs(f):
    symdiff.check_grads(f, (1.3, 0.6))


def test_objects_that_hold_a_distribution():
    assert symdiff.grad(Model().loss)(1.0) == -0.5
    assert symdiff.grad(lambda t, d: d.logpdf(t))(1.0, stats.norm(0.0, 2.0)) == -0.25
    assert symdiff.grad(density_of, argnums=1)(stats.norm, 0.0) == 0.0


def test_a_distribution_that_is_frozen_anew_is_noticed():
    global PRIOR
    kept, slope = PRIOR, symdiff.grad(lambda t: PRIOR.logpdf(t))
    assert slope(1.0) == pytest.approx(-0.7 / 4)
    try:
        PRIOR = stats.norm(0.0, 1.0)
        assert slope(1.0) == -1.0
        PRIOR = stats.gamma(2.0)
        assert slope(1.0) == 0.0
    finally:
        PRIOR = kept


def test_rules_that_are_called_and_listed():
    rule = symdiff.rule_of(stats.norm.logpdf)
    assert rule.vjp(1.0, 0.3, 0.0, 1.0) == pytest.approx((-0.3, 0.3, -0.91))
    assert rule.jvp((1.0, None, None), 0.3, 0.0, 1.0) == pytest.approx(-0.3)
    names = [each.name for each in symdiff.primitives("scipy.stats.*")]
    assert len(names) == len(set(names)) == len(ROWS)


def of_a_method(x, density=stats.norm.logpdf):
    return -density(x) * x


def test_a_method_as_a_default():
    symdiff.check_grads(of_a_method, (0.7,))
