"""Kernels that write in place, against independent versions that JAX can differentiate."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from corpus import kernels_of_grids as grids
from corpus import kernels_of_matrices as matrices
from corpus import kernels_of_signals as signals
from corpus.registry import CASES

import symdiff

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)


def jacobi_1d(steps, A, B):
    for _ in range(1, steps):
        B = B.at[1:-1].set(0.33333 * (A[:-2] + A[1:-1] * A[2:]))
        A = A.at[1:-1].set(0.33333 * (B[:-2] + B[1:-1] * B[2:]))
    return jnp.sum(A**2)


def jacobi_2d_swapped(steps, u):
    new = u
    for _ in range(steps):
        inner = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] * u[1:-1, 2:]
        u, new = new.at[1:-1, 1:-1].set(0.25 * inner), u
    return jnp.sum(u * u)


def gauss_seidel_2d(steps, A):
    """Cell by cell, as the recurrence is defined."""
    n = A.shape[0]

    def cell(k, A):
        i, j = 1 + k // (n - 2), 1 + k % (n - 2)
        block = jax.lax.dynamic_slice(A, (i - 1, j - 1), (3, 3))
        total = jnp.sum(block) - block[2, 1] - block[2, 2] + block[2, 1] * block[2, 2]
        return A.at[i, j].set(total / 9.0)

    for _ in range(steps):
        A = jax.lax.fori_loop(0, (n - 2) ** 2, cell, A)
    return jnp.sum(A * A)


def heat_3d(steps, u, alpha):
    for _ in range(steps):
        inner = u[1:-1, 1:-1, 1:-1]
        around = sum(
            jnp.roll(u, shift, axis)[1:-1, 1:-1, 1:-1]
            for axis in range(3)
            for shift in (1, -1)
        )
        u = u.at[1:-1, 1:-1, 1:-1].add(alpha * inner * (around - 6.0 * inner))
    return jnp.sum(u**2)


def fdtd_2d(ex, ey, hz, fict):
    for t in range(len(fict)):
        ey = jnp.concatenate([jnp.full((1, ey.shape[1]), fict[t]), ey[1:]])
        ey = ey.at[1:].add(-0.5 * jnp.diff(hz, axis=0))
        ex = ex.at[:, 1:].add(-0.5 * jnp.diff(hz, axis=1))
        curl = jnp.diff(ex, axis=1)[:-1] + jnp.diff(ey, axis=0)[:, :-1]
        hz = hz.at[:-1, :-1].add(-0.7 * curl)
    return jnp.sum(hz**2) + jnp.sum(ex * ey)


def crank_nicolson(u, r, steps):
    """The system that the two sweeps solve, given to a dense solver."""
    n = len(u)
    inside = jnp.arange(1, n - 1)
    system = jnp.eye(n).at[inside, inside].add(r)
    system = system.at[inside, inside - 1].add(-0.5 * r)
    system = system.at[inside, inside + 1].add(-0.5 * r)
    for _ in range(steps):
        right = u.at[1:-1].set(0.5 * r * (u[:-2] + u[2:]) + (1.0 - r) * u[1:-1])
        u = jnp.linalg.solve(system, right)
    return jnp.sum(u**2)


def lax_wendroff(u, c, steps):
    for _ in range(steps):
        flux = 0.5 * u**2
        half = 0.5 * (u[1:] + u[:-1]) - 0.5 * c * jnp.diff(flux)
        u = u.at[1:-1].add(-c * jnp.diff(0.5 * half**2))
    return jnp.sum(u**3)


def periodic_wave(u, steps):
    previous, now = u, u
    for _ in range(steps):
        turned = jnp.roll(now, 1, 0) + jnp.roll(now, -1, 0) - 2 * now
        previous, now = now, 2.0 * now - previous + 0.2 * turned * now
    return jnp.sum(now * previous)


def lu_in_place(A):
    """Right-looking, where the corpus has it left-looking."""
    n = A.shape[0]
    for k in range(n):
        A = A.at[k + 1 :, k].divide(A[k, k])
        A = A.at[k + 1 :, k + 1 :].add(-jnp.outer(A[k + 1 :, k], A[k, k + 1 :]))
    return jnp.sum(A**2)


def triangular_solve(L, b):
    return jnp.sum(jax.scipy.linalg.solve_triangular(L, b, lower=True) ** 2)


def symmetric_update(alpha, beta, C, A):
    lower = jnp.tril(jnp.ones_like(C)) > 0
    C = jnp.where(lower, beta * C + alpha * A @ A.T, C)
    return jnp.sum(C**2)


def floyd_warshall(path):
    for k in range(path.shape[0]):
        path = jnp.minimum(path, path[:, k, None] + path[k])
    return jnp.sum(path**2)


def conjugate_gradients(A, b, steps):
    def step(state, _):
        x, r, p = state
        alpha = (r @ r) / (p @ A @ p)
        rest = r - alpha * (A @ p)
        return (x + alpha * p, rest, rest + (rest @ rest) / (r @ r) * p), None

    (x, _, _), _ = jax.lax.scan(step, (jnp.zeros_like(b), b, b), length=steps)
    return x @ x


def thomas(a, b, c, d):
    system = jnp.diag(b) + jnp.diag(a[1:], -1) + jnp.diag(c[:-1], 1)
    return jnp.sum(jnp.linalg.solve(system, d) ** 2)


def leapfrog_bodies(pos, vel, mass, dt):
    def accelerations(pos):
        d = pos[None] - pos[:, None]
        return jnp.sum(mass[:, None] * d / (jnp.sum(d**2, -1) + 0.09)[..., None] ** 1.5, 1)

    energy = 0.0
    for _ in range(3):
        vel = vel + 0.5 * dt * accelerations(pos)
        pos = pos + dt * vel
        vel = vel + 0.5 * dt * accelerations(pos)
        energy += 0.5 * jnp.sum(mass[:, None] * vel**2)
    return energy + jnp.sum(pos**2)


def stockham_fft(re, im):
    return jnp.sum(jnp.abs(jnp.fft.fft(re + 1j * im)) * jnp.arange(len(re)))


def conv2d_by_loops(x, weights, bias):
    out = jax.lax.conv_general_dilated(
        x, weights, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return jnp.sum(jnp.maximum(out + bias - 4.0, 0) ** 2)


def max_pooling(x):
    peaks = jax.lax.reduce_window(
        x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"
    )
    return jnp.sum(peaks**2)


def generalised_advantages(rewards, values, gamma):
    def step(carry, delta):
        carry = delta + gamma * 0.95 * carry
        return carry, carry

    _, advantages = jax.lax.scan(step, 0.0, rewards - values, reverse=True)
    return jnp.sum((advantages - advantages.mean()) ** 2 * values)


def edge_filter(y, x):
    a1, a2, b1, b2 = 0.3, 0.1, 0.4, -0.2
    x = jnp.concatenate([jnp.zeros(2), x, jnp.zeros(2)])

    def ahead(state, now):
        one, two = state
        new = a1 * now[1] + a2 * now[0] + b1 * one + b2 * two
        return (new, one), new

    def back(state, then):
        one, two = state
        new = a1 * then[0] + a2 * then[1] + b1 * one + b2 * two
        return (new, one), new

    start = (0.0, 0.0)
    _, y1 = jax.lax.scan(ahead, start, jnp.stack([x[1:-3], x[2:-2]], 1))
    _, y2 = jax.lax.scan(back, start, jnp.stack([x[3:-1], x[4:]], 1), reverse=True)
    return jnp.sum((y1 + y2) ** 2 * y)


PAIRS = [
    (grids.jacobi_1d, jacobi_1d),
    (grids.jacobi_2d_swapped, jacobi_2d_swapped),
    (grids.gauss_seidel_2d, gauss_seidel_2d),
    (grids.heat_3d, heat_3d),
    (grids.fdtd_2d, fdtd_2d),
    (grids.crank_nicolson, crank_nicolson),
    (grids.lax_wendroff, lax_wendroff),
    (grids.periodic_wave, periodic_wave),
    (matrices.lu_in_place, lu_in_place),
    (matrices.triangular_solve, triangular_solve),
    (matrices.symmetric_update, symmetric_update),
    (matrices.floyd_warshall, floyd_warshall),
    (matrices.conjugate_gradients, conjugate_gradients),
    (matrices.thomas, thomas),
    (signals.leapfrog_bodies, leapfrog_bodies),
    (signals.stockham_fft, stockham_fft),
    (signals.conv2d_by_loops, conv2d_by_loops),
    (signals.max_pooling, max_pooling),
    (signals.generalised_advantages, generalised_advantages),
    (signals.edge_filter, edge_filter),
]


@pytest.mark.parametrize("ours, theirs", PAIRS, ids=[f.__name__ for f, _ in PAIRS])
def test_gradient_is_the_one_of_jax(ours, theirs):
    case = next(case for case in CASES if case.function is ours)
    value, gradient = symdiff.value_and_grad(ours, argnums=case.argnums)(*case.args)
    steps = tuple(k for k, a in enumerate(case.args) if isinstance(a, int))
    expected, slopes = jax.jit(
        jax.value_and_grad(theirs, argnums=case.argnums), static_argnums=steps
    )(*case.args)
    np.testing.assert_allclose(value, expected, rtol=1e-11)
    for own, other in zip(gradient, slopes, strict=True):
        scale = np.max(np.abs(other))
        np.testing.assert_allclose(own, np.asarray(other), rtol=1e-9, atol=1e-9 * scale)
