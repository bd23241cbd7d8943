"""Functions of SciPy with shapes, axes and dtypes that Hypothesis draws."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

import symdiff

ONE = (
    "erf erfc erfcx dawsn entr gamma gammaln digamma rgamma expit log_expit logit i0e i1 "
    "j0 y1 k0e ndtr log_ndtr ndtri exp1 spence exprel log1p expm1 cbrt exp2 ellipk "
    "softplus zetac ber kei itstruve0"
).split()
SEVERAL = "airy sici fresnel itj0y0".split()
TWO = (
    "beta betaln xlogy xlog1py rel_entr kl_div boxcox boxcox1p poch binom owens_t huber "
    "pseudo_huber elliprc agm"
).split()
THREE = "elliprf elliprg voigt_profile".split()
ALONG = "logsumexp softmax log_softmax".split()
FAMILIES = "norm laplace logistic gumbel_r cauchy halfnorm expon rayleigh".split()
METHODS = "logpdf pdf cdf logcdf sf logsf".split()


def values(shape, dtype):
    """Numbers between 0.2 and 0.9 that depend on the shape only."""
    drawn = np.random.default_rng(sum(shape) + 7 * len(shape))
    return drawn.uniform(0.2, 0.9, shape).astype(dtype)


def total(result):
    weights = np.cos(np.arange(result.size) + 1.0).reshape(result.shape)
    return np.sum(weights * result)


def check(function, *args):
    """Both modes in a direction, and what the gradients look like."""
    places = tuple(range(len(args)))
    before = [a.copy() for a in args]
    slopes = symdiff.grad(function, argnums=places)(*args)
    for arg, old, slope in zip(args, before, slopes, strict=True):
        assert np.array_equal(arg, old)
        assert slope.shape == arg.shape
        assert slope.dtype == arg.dtype
    dots = [np.sin(a + 1.0).astype(a.dtype) for a in args]
    _, dot = symdiff.jvp(function, tuple(args), tuple(dots))
    wide, h = [a.astype(float) for a in args], 1e-6
    there, back = (
        function(*[a + sign * h * d for a, d in zip(wide, dots, strict=True)])
        for sign in (1, -1)
    )
    along = sum(np.sum(s.astype(float) * d) for s, d in zip(slopes, dots, strict=True))
    rough = any(a.dtype == np.float32 for a in args)
    scale = {"rtol": 2e-3, "atol": 2e-3} if rough else {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(along, (there - back) / (2 * h), **scale)
    np.testing.assert_allclose(dot, (there - back) / (2 * h), **scale)


dtypes = st.sampled_from(["float64", "float32"])
shapes = array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)
few = settings(max_examples=8, deadline=None, derandomize=True)


@pytest.fixture(autouse=True, scope="module")
def no_files():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDIFF_CACHE", "off")
        yield


@pytest.mark.parametrize("name", ONE)
@few
@given(shape=shapes, dtype=dtypes)
def test_of_one_argument(name, shape, dtype):
    function = getattr(scipy.special, name)
    check(lambda x: total(function(x)), values(shape, dtype))


@pytest.mark.parametrize("name", TWO)
@few
@given(pair=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), b=dtypes)
def test_of_two_that_broadcast(name, pair, b):
    function = getattr(scipy.special, name)
    x, y = (s or (1,) for s in pair.input_shapes)
    check(lambda x, y: total(function(x, y)), values(x, "float64"), 0.9 * values(y, b))


@pytest.mark.parametrize("name", THREE)
@few
@given(three=mutually_broadcastable_shapes(num_shapes=3, max_dims=2, max_side=3), b=dtypes)
def test_of_three_that_broadcast(name, three, b):
    function = getattr(scipy.special, name)
    x, y, z = (s or (1,) for s in three.input_shapes)
    args = values(x, "float64"), 0.9 * values(y, b), 0.8 * values(z, "float64")
    check(lambda x, y, z: total(function(x, y, z)), *args)


@pytest.mark.parametrize("name", SEVERAL)
@few
@given(shape=shapes, dtype=dtypes, place=st.sampled_from([0, 1, -1]))
def test_one_of_several_results(name, shape, dtype, place):
    function = getattr(scipy.special, name)
    check(lambda x: total(function(x)[place]), values(shape, dtype))


@few
@given(pair=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), b=dtypes)
def test_harmonics_that_broadcast(pair, b):
    x, y = (s or (1,) for s in pair.input_shapes)

    def f(theta, phi):
        harmonic = scipy.special.sph_harm_y(3, -1, theta, phi)
        return total(harmonic.real) + total(harmonic.imag**2)

    check(f, values(x, "float64"), values(y, b))


@pytest.mark.parametrize("place", [0, 2])
@settings(few, max_examples=3)
@given(pair=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), b=dtypes)
def test_elliptic_functions_that_broadcast(place, pair, b):
    x, y = (s or (1,) for s in pair.input_shapes)

    def f(u, m):
        return total(scipy.special.ellipj(u, m)[place])

    check(f, values(x, "float64"), values(y, b))


@pytest.mark.parametrize("name", ALONG)
@few
@given(data=st.data(), shape=shapes, dtype=dtypes)
def test_along_axes(name, data, shape, dtype):
    function = getattr(scipy.special, name)
    one = st.integers(-len(shape), len(shape) - 1)
    several = st.permutations(range(len(shape))).map(tuple)
    axis = data.draw(st.one_of(st.none(), one, several))
    check(lambda x: total(np.asarray(function(x, axis=axis))), values(shape, dtype))


@pytest.mark.parametrize("family", FAMILIES)
@few
@given(
    three=mutually_broadcastable_shapes(num_shapes=3, max_dims=2, max_side=3),
    method=st.sampled_from(METHODS),
)
def test_distributions_that_broadcast(family, three, method):
    function = getattr(getattr(scipy.stats, family), method)
    x, loc, scale = (values(s or (1,), "float64") for s in three.input_shapes)
    check(lambda x, loc, scale: total(function(x + 1, 0.5 * loc, 1 + scale)), x, loc, scale)
