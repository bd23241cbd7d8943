"""Stencil codes and time steps on grids, written in place as such codes are."""

from __future__ import annotations

import numpy as np

from corpus.registry import case, draw


@case(2, draw(6), draw(6, seed=1))
def jacobi_1d(steps, A, B):
    for t in range(1, steps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] * A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] * B[2:])
    return np.sum(A**2)


@case(3, draw(5, 6))
def jacobi_2d_swapped(steps, u):
    new = u.copy()
    for _ in range(steps):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                new[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] * u[i, j + 1])
        u, new = new, u
    return np.sum(u * u)


@case(2, draw(5, 5))
def gauss_seidel_2d(steps, A):
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            A[i, 1:-1] += A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:] + A[i, 2:]
            A[i, 1:-1] += A[i + 1, :-2] + A[i + 1, 1:-1] * A[i + 1, 2:]
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0
    return np.sum(A * A)


@case(3, draw(4, 4, 4), 0.1)
def heat_3d(steps, u, alpha):
    for _ in range(steps):
        inner = u[1:-1, 1:-1, 1:-1]
        inner += (
            alpha
            * inner
            * (
                (u[2:, 1:-1, 1:-1] - 2.0 * inner + u[:-2, 1:-1, 1:-1])
                + (u[1:-1, 2:, 1:-1] - 2.0 * inner + u[1:-1, :-2, 1:-1])
                + (u[1:-1, 1:-1, 2:] - 2.0 * inner + u[1:-1, 1:-1, :-2])
            )
        )
    return np.sum(u**2)


@case(2, draw(4, 4, 4), draw(4, 4, 4, seed=1))
def heat_3d_two_arrays(steps, A, B):
    for _ in range(1, steps + 1):
        for new, old in ((B, A), (A, B)):
            new[1:-1, 1:-1, 1:-1] = (
                0.125 * (old[2:, 1:-1, 1:-1] - 2.0 * old[1:-1, 1:-1, 1:-1])
                + 0.125 * old[:-2, 1:-1, 1:-1] * old[1:-1, 2:, 1:-1]
                + 0.125 * (old[1:-1, :-2, 1:-1] + old[1:-1, 1:-1, 2:])
                + old[1:-1, 1:-1, :-2]
            )
    return np.sum(A * B)


@case(draw(4, 5), draw(4, 5, seed=1), draw(4, 5, seed=2), draw(3, seed=3))
def fdtd_2d(ex, ey, hz, fict):
    for t in range(len(fict)):
        ey[0, :] = fict[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(hz**2) + np.sum(ex * ey)


@case(2, draw(5, 5))
def alternating_directions(steps, u):
    n = u.shape[0]
    v = np.zeros_like(u)
    p = np.empty((n, n))
    q = np.empty((n, n))
    a, b, d, f = -0.4, 1.8, -0.3, -0.35
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            p[1:-1, j] = -a / (a * p[1:-1, j - 1] + b)
            q[1:-1, j] = -d * u[j, :-2] + (1.0 + 2.0 * d) * u[j, 1:-1] - f * u[j, 2:]
            q[1:-1, j] -= a * q[1:-1, j - 1]
            q[1:-1, j] /= a * p[1:-1, j - 1] + b
        v[-1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = u[1:-1, 0]
        for j in range(1, n - 1):
            p[1:-1, j] = -f / (f * p[1:-1, j - 1] + b)
            rest = -a * v[:-2, j] + (1.0 + 2.0 * a) * v[1:-1, j] ** 2 - a * v[2:, j]
            q[1:-1, j] = (rest - f * q[1:-1, j - 1]) / (f * p[1:-1, j - 1] + b)
        u[1:-1, -1] = 1.0
        for j in range(n - 2, 0, -1):
            u[1:-1, j] = p[1:-1, j] * u[1:-1, j + 1] + q[1:-1, j]
    return np.sum(u * u) + np.sum(v)


def build_up_b(b, rho, dt, u, v, dx, dy):
    b[1:-1, 1:-1] = rho * (
        1 / dt * ((u[1:-1, 2:] - u[1:-1, :-2]) / (2 * dx) + (v[2:, 1:-1] - v[:-2, 1:-1]))
        - ((u[1:-1, 2:] - u[1:-1, :-2]) / (2 * dx)) ** 2
        - 2 * ((u[2:, 1:-1] - u[:-2, 1:-1]) / (2 * dy) * (v[1:-1, 2:] - v[1:-1, :-2]))
        - ((v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dy)) ** 2
    )


def pressure_poisson(nit, p, dx, dy, b):
    pn = np.empty_like(p)
    pn = p.copy()
    for q in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = (
            (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2
            + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
        ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[1:-1, 1:-1]
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0


@case(2, 2, 0.1 * draw(5, 5), 0.1 * draw(5, 5, seed=1), 0.1 * draw(5, 5, seed=2), 0.1, 1.1)
def cavity_flow(nt, nit, u, v, p, nu, rho):
    dx = dy = 0.5
    dt = 0.02
    un = np.empty_like(u)
    vn = np.empty_like(v)
    b = np.zeros_like(u)
    for n in range(nt):
        un = u.copy()
        vn = v.copy()
        build_up_b(b, rho, dt, u, v, dx, dy)
        pressure_poisson(nit, p, dx, dy, b)
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (un[1:-1, 1:-1] - un[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (un[1:-1, 1:-1] - un[0:-2, 1:-1])
            - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
            + nu * dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2])
        )
        v[1:-1, 1:-1] = (
            vn[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (vn[1:-1, 1:-1] - vn[1:-1, 0:-2])
            - dt / (2 * rho * dy) * (p[2:, 1:-1] - p[0:-2, 1:-1])
            + nu * dt / dy**2 * (vn[2:, 1:-1] - 2 * vn[1:-1, 1:-1] + vn[0:-2, 1:-1])
        )
        u[0, :] = 0
        u[:, 0] = 0
        u[:, -1] = 0
        u[-1, :] = 1
        v[0, :] = v[-1, :] = 0
        v[:, 0] = v[:, -1] = 0
    return np.sum(u**2) + np.sum(v**2) + np.sum(p**2)


@case(draw(5, 5, 2), draw(3, 3, 2, seed=1))
def horizontal_diffusion(field, coeff):
    I, J = coeff.shape[0], coeff.shape[1]
    out = np.zeros((I, J, 2))
    lap = 4.0 * field[1:-1, 1:-1, :] - (
        field[2:, 1:-1, :] + field[:-2, 1:-1, :] + field[1:-1, 2:, :] + field[1:-1, :-2, :]
    )
    flx = lap[1:, :, :] - lap[:-1, :, :]
    flx = np.where(flx * (field[2:-1, 1:-1, :] - field[1:-2, 1:-1, :]) > 0, 0, flx)
    fly = lap[:, 1:, :] - lap[:, :-1, :]
    fly[fly * (field[1:-1, 2:-1, :] - field[1:-1, 1:-2, :]) > 0] = 0.0
    out[1:-1, 1:-1] = field[2:-2, 2:-2] - coeff[1:-1, 1:-1] * (
        flx[1:, 1:-1] - flx[:-1, 1:-1] + fly[1:-1, 1:] - fly[1:-1, :-1]
    )
    return np.sum(out**2) + np.sum(lap * coeff)


@case(draw(2, 4), draw(3, 4, seed=1), draw(2, 4, seed=2), 0.3)
def vertical_advection(utens, wcon, u_stage, dtr):
    """A tridiagonal system along the last axis, by Thomas's algorithm."""
    n = u_stage.shape[1]
    ccol = np.empty_like(u_stage)
    dcol = np.empty_like(u_stage)
    for k in range(n):
        gav = -0.25 * (wcon[1:, k] + wcon[:-1, k])
        gcv = 0.25 * (wcon[1:, k] + wcon[:-1, k]) if k < n - 1 else np.zeros(2)
        a, c = gav * 0.5, gcv * 0.5
        b = dtr + 2.0 - a - c
        right = dtr * u_stage[:, k] + utens[:, k]
        if k == 0:
            ccol[:, k] = c / b
            dcol[:, k] = right / b
        else:
            divided = 1.0 / (b - ccol[:, k - 1] * a)
            ccol[:, k] = c * divided
            dcol[:, k] = (right - dcol[:, k - 1] * a) * divided
    for k in range(n - 1, -1, -1):
        if k == n - 1:
            data = dcol[:, k].copy()
        else:
            data[:] = dcol[:, k] - ccol[:, k] * data
        utens[:, k] = dtr * (data - u_stage[:, k])
    return np.sum(utens**2)


@case(draw(6), 0.3, 3)
def crank_nicolson(u, r, steps):
    n = len(u)
    c, d = np.zeros(n), np.zeros(n)
    for _ in range(steps):
        d[1:-1] = 0.5 * r * (u[:-2] + u[2:]) + (1.0 - r) * u[1:-1]
        d[0], d[-1] = u[0], u[-1]
        c[0] = 0.0
        for i in range(1, n - 1):
            m = 1.0 + r + 0.5 * r * c[i - 1]
            c[i] = -0.5 * r / m
            d[i] = (d[i] + 0.5 * r * d[i - 1]) / m
        for i in range(n - 2, 0, -1):
            d[i] -= c[i] * d[i + 1]
        u[:] = d
    return np.sum(u**2)


@case(draw(7), 0.4, 3)
def lax_wendroff(u, c, steps):
    half = np.empty(len(u) - 1)
    for _ in range(steps):
        flux = 0.5 * u**2
        half[:] = 0.5 * (u[1:] + u[:-1]) - 0.5 * c * (flux[1:] - flux[:-1])
        np.multiply(half, half, out=half)
        half *= 0.5
        u[1:-1] -= c * (half[1:] - half[:-1])
    return np.sum(u**3)


@case(draw(5, 6), draw(5, 6, seed=1), 1.4, 2)
def red_black_relaxation(u, f, omega, sweeps):
    rows, columns = u.shape
    for _ in range(sweeps):
        for colour in (0, 1):
            for i in range(1, rows - 1):
                first = 1 + (i + colour) % 2
                row, above, below = u[i], u[i - 1], u[i + 1]
                here = row[first:-1:2]
                around = above[first:-1:2] + below[first:-1:2]
                around = around + row[first - 1 : -2 : 2] + row[first + 1 :: 2] ** 2
                here += omega * (0.25 * (around - f[i, first:-1:2]) - here)
    return np.sum(u * u)


@case(draw(6, 6), 3)
def cells_that_live(world, generations):
    """Like the game of life, with cells that hold numbers."""
    for _ in range(generations):
        around = np.zeros_like(world)
        around[1:-1, 1:-1] = (
            world[:-2, :-2] + world[:-2, 1:-1] + world[:-2, 2:]
            + world[1:-1, :-2] + world[1:-1, 2:]
            + world[2:, :-2] + world[2:, 1:-1] + world[2:, 2:]
        )  # fmt: skip
        born = (around > 7.0) & (world < 1.0)
        dies = (around < 4.0) | (around > 9.5)
        world[born] += 0.1 * around[born]
        world[dies & ~born] *= 0.5
    return np.sum(world**2)


@case(draw(5, 5), draw(5, 5, seed=1), 0.1, 3)
def shallow_water(h, u, dt, steps):
    for _ in range(steps):
        u[1:] -= dt * 9.8 * (h[1:] - h[:-1])
        u[0] = u[-1] = 0.0
        flux = h[:-1] * u[1:]
        h[1:-1] -= dt * np.diff(flux, axis=0)
        h[[0, -1]] = h[[1, -2]]
    return np.sum(h**2) + np.sum(u**2)


@case(draw(6, 5), 3)
def periodic_wave(u, steps):
    previous, now = u.copy(), u
    for _ in range(steps):
        turned = np.roll(now, 1, axis=0) + np.roll(now, -1, axis=0) - 2 * now
        previous *= -1.0
        previous += 2.0 * now + 0.2 * turned * now
        previous, now = now, previous
    return np.sum(now * previous)


@case(0.5 * draw(5, 5), 0.3 * draw(5, 5, seed=4), 0.2, 0.05)
def reaction_and_diffusion(U, V, Du, Dv):
    u, v = U[1:-1, 1:-1], V[1:-1, 1:-1]
    for _ in range(3):
        Lu = U[:-2, 1:-1] + U[1:-1, :-2] - 4 * u + U[1:-1, 2:] + U[2:, 1:-1]
        Lv = V[:-2, 1:-1] + V[1:-1, :-2] - 4 * v + V[1:-1, 2:] + V[2:, 1:-1]
        uvv = u * v * v
        u += Du * Lu - uvv + 0.03 * (1 - u)
        v += Dv * Lv + uvv - 0.09 * v
        for edge in (U, V):
            edge[0] = edge[1]
            edge[-1] = edge[-2]
    return np.sum(U * V)


@case(draw(4, 4, 3), draw(3, 3, seed=5))
def lattice_boltzmann_like(f, mix):
    """Streaming by slices, and a collision at each cell."""
    for _ in range(2):
        f[1:, :, 1] = f[:-1, :, 1].copy()
        f[:, :-1, 2] = f[:, 1:, 2]
        rho = f.sum(axis=2)
        for k in range(3):
            f[..., k] += 0.1 * (rho * mix[k, 0] - f[..., k] * mix[k, 1])
        f[0, :, 1], f[:, -1, 2] = f[0, :, 2], f[:, -1, 1]
    return np.sum(f**2)


@case(draw(2, 3, 2, 2), draw(3, 2, 2, 2, seed=1))
def five_axes_at_once(x, w):
    return np.sum(np.sum(x[:, :, :, :, None] * w[None], axis=(1, 2, 3)) ** 2)
