"""Second derivatives of library calls: derivatives of what their rules call."""

from __future__ import annotations

import numpy as np
import pytest
from test_calls import differences, function_of, groups, weights

import symdiff

# The first call of each name of these. Elsewhere the rules call little that has rules.
MODULES = ("scipy.linalg",)
NAMES = ("prod", "nanprod", "std", "norm", "lfilter", "logsumexp", "det", "svd", "eigh")
CALLS = [calls[0] for module, n, calls in groups() if module in MODULES or n in NAMES]


def direction(value):
    return weights(np.shape(value)) if np.ndim(value) else 0.7


@pytest.mark.parametrize("call", CALLS)
def test_gradients_move_as_their_tangents_say(call, monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")
    f, args = function_of(call)
    gradient, dots = symdiff.grad(f), tuple(map(direction, args))

    def slope(*args):
        return np.sum(gradient(*args) * dots[0])

    _, dot = symdiff.jvp(gradient, tuple(args), dots)
    slopes = differences(slope, args)
    along = sum(np.sum(d * s) for d, s in zip(dots, slopes))
    np.testing.assert_allclose(np.sum(dot * dots[0]), along, rtol=1e-4, atol=1e-4)
