"""Flows, fields and particles as textbooks and benchmark suites write them."""

from __future__ import annotations

import numpy as np
from numpy.linalg import norm

from corpus.registry import case, draw


@case(np.where(np.linspace(0, 2, 9) > 0.8, 2.0, 1.1) + draw(9) * 0.1, 4, 0.025, 0.25)
def linear_convection(u, nt, dt, dx):
    c = 1
    for n in range(nt):
        un = u.copy()
        for i in range(1, len(u)):
            u[i] = un[i] - c * dt / dx * (un[i] - un[i - 1])
    return np.trapezoid(u**2, dx=dx)


@case(draw(9), 3, 0.3)
def diffusion(u, nt, nu):
    nx = len(u)
    dx = 2 / (nx - 1)
    sigma = 0.2
    dt = sigma * dx**2 / nu
    un = np.ones(nx)
    for n in range(nt):
        un = u.copy()
        u[1:-1] = un[1:-1] + nu * dt / dx**2 * (un[2:] - 2 * un[1:-1] + un[0:-2])
    return u.sum() + u.max()


@case(draw(7), 3, 0.07, 0.01)
def burgers_by_cells(u, nt, nu, dt):
    nx = u.size
    dx = 2 * np.pi / (nx - 1)
    for n in range(nt):
        un = u.copy()
        for i in range(1, nx - 1):
            u[i] = (
                un[i]
                - un[i] * dt / dx * (un[i] - un[i - 1])
                + nu * dt / dx**2 * (un[i + 1] - 2 * un[i] + un[i - 1])
            )
        u[0] = (
            un[0]
            - un[0] * dt / dx * (un[0] - un[-2])
            + nu * dt / dx**2 * (un[1] - 2 * un[0] + un[-2])
        )
        u[-1] = u[0]
    return norm(u)


@case(draw(5, 6), draw(5, 6, seed=1), 2)
def convection_in_two_dimensions(u, v, nt):
    ny, nx = u.shape
    dx = 2 / (nx - 1)
    dy = 2 / (ny - 1)
    dt = 0.2 * dx
    for n in range(nt + 1):
        un = u.copy()
        vn = v.copy()
        u[1:, 1:] = (
            un[1:, 1:]
            - (un[1:, 1:] * dt / dx * (un[1:, 1:] - un[1:, :-1]))
            - vn[1:, 1:] * dt / dy * (un[1:, 1:] - un[:-1, 1:])
        )
        v[1:, 1:] = (
            vn[1:, 1:]
            - (un[1:, 1:] * dt / dx * (vn[1:, 1:] - vn[1:, :-1]))
            - vn[1:, 1:] * dt / dy * (vn[1:, 1:] - vn[:-1, 1:])
        )
        u[0, :] = 1
        u[-1, :] = 1
        u[:, 0] = 1
        u[:, -1] = 1
        v[0, :] = 1
        v[-1, :] = 1
        v[:, 0] = 1
        v[:, -1] = 1
    return np.sum(u * v)


@case(draw(5, 5), draw(5, seed=1), 1e-1)
def laplace(p, y, l1norm_target):
    dx = dy = 0.5
    l1norm = 1
    pn = np.empty_like(p)
    it = 0
    while l1norm > l1norm_target and it < 5:
        pn = p.copy()
        p[1:-1, 1:-1] = (
            dy**2 * (pn[1:-1, 2:] + pn[1:-1, 0:-2])
            + dx**2 * (pn[2:, 1:-1] + pn[0:-2, 1:-1])
        ) / (2 * (dx**2 + dy**2))
        p[:, 0] = 0
        p[:, -1] = y
        p[0, :] = p[1, :]
        p[-1, :] = p[-2, :]
        l1norm = np.sum(np.abs(p[:]) - np.abs(pn[:])) / np.sum(np.abs(pn[:]))
        it += 1
    return np.sum(p**2)


@case(draw(5, 6) * 0.1, draw(5, 6, seed=1) * 0.1, draw(5, 6, seed=2) * 0.1, 1.2)
def channel_flow(u, v, p, F):
    rho = 1.0
    nu = 0.1
    dt = 0.01
    dx = dy = 0.4

    def build(rho, dt, dx, dy, u, v):
        b = np.zeros_like(u)
        b[1:-1, 1:-1] = rho * (
            1
            / dt
            * (
                (u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)
                + (v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy)
            )
            - ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)) ** 2
        )
        b[1:-1, -1] = rho * (1 / dt * ((u[1:-1, 0] - u[1:-1, -2]) / (2 * dx)))
        b[1:-1, 0] = rho * (1 / dt * ((u[1:-1, 1] - u[1:-1, -1]) / (2 * dx)))
        return b

    def poisson(p, dx, dy):
        pn = np.empty_like(p)
        for q in range(2):
            pn = p.copy()
            p[1:-1, 1:-1] = (
                (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2
                + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
            ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[
                1:-1, 1:-1
            ]
            p[1:-1, -1] = (pn[1:-1, 0] + pn[1:-1, -2]) * 0.5
            p[-1, :] = p[-2, :]
            p[0, :] = p[1, :]
        return p

    udiff = 1
    stepcount = 0
    while udiff > 0.001 and stepcount < 3:
        un = u.copy()
        vn = v.copy()
        b = build(rho, dt, dx, dy, u, v)
        p = poisson(p, dx, dy)
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (un[1:-1, 1:-1] - un[1:-1, 0:-2])
            - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
            + F * dt
        )
        v[1:-1, 1:-1] = vn[1:-1, 1:-1] - dt / (2 * rho * dy) * (p[2:, 1:-1] - p[0:-2, 1:-1])
        u[0, :] = 0
        u[-1, :] = 0
        v[0, :] = 0
        v[-1, :] = 0
        udiff = (np.sum(u) - np.sum(un)) / np.sum(u)
        stepcount += 1
    return np.sum(u**2) + np.sum(v**2)


@case(draw(6, 6), 0.04, 0.06)
def gray_scott(Z0, F, k):
    U = Z0.copy()
    V = 0.2 * Z0[::-1]
    u, v = U[1:-1, 1:-1], V[1:-1, 1:-1]
    for i in range(3):
        Lu = U[0:-2, 1:-1] + U[1:-1, 0:-2] - 4 * U[1:-1, 1:-1] + U[1:-1, 2:] + U[2:, 1:-1]
        Lv = V[0:-2, 1:-1] + V[1:-1, 0:-2] - 4 * V[1:-1, 1:-1] + V[1:-1, 2:] + V[2:, 1:-1]
        uvv = u * v * v
        u += 0.16 * Lu - uvv + F * (1 - u)
        v += 0.08 * Lv + uvv - (F + k) * v
    return V.sum()


@case(draw(6, 2, low=-2, high=2), draw(6, 2, low=-1, high=1, seed=1))
def boids(position, velocity):
    n = len(position)
    for _ in range(2):
        dx = np.subtract.outer(position[:, 0], position[:, 0])
        dy = np.subtract.outer(position[:, 1], position[:, 1])
        squared = dx**2 + dy**2
        mask_0 = squared > 0
        mask_1 = squared < 2.5**2
        mask_1 *= mask_0
        count = np.maximum(mask_1.sum(axis=1), 1).reshape(n, 1)
        target = np.dot(mask_1, velocity) / count
        steer = target - velocity
        n2 = np.sqrt((steer * steer).sum(axis=1)).reshape(n, 1)
        steer = np.where(n2 > 0.03, 0.03 * steer / (n2 + 1e-12), steer)
        velocity += steer
        position += velocity
    return np.sum(position**2)


@case(draw(8, low=0.0, high=6.0))
def kuramoto(theta):
    w = np.linspace(0.5, 1.5, 8)
    for _ in range(4):
        theta += 0.1 * (w + 1.5 / 8 * np.sin(theta[None, :] - theta[:, None]).sum(1))
        theta %= 2 * np.pi
    z = np.cos(theta).mean(), np.sin(theta).mean()
    return np.hypot(*z)


@case(draw(4, 5), draw(5, 3, seed=1), draw(3, 6, seed=2), draw(4, 6, seed=3), 1.5, 1.2)
def two_products(A, B, C, D, alpha, beta):
    D[:] = alpha * A @ B @ C + beta * D
    return D.sum()


@case(draw(5, 4), draw(5, seed=1), draw(4, seed=2))
def bicg(A, r_, p):
    s = r_ @ A
    q = A @ p
    return np.dot(s, p) + q @ r_


@case(draw(6), draw(6, seed=1), draw(6, 6, seed=2))
def mvt(x1, x2, A):
    x1 += A @ x1**2
    x2 += x1 @ A
    return np.sum(x1 * x2)


@case(draw(4, 5, 6), draw(6, 6, seed=1))
def doitgen(A, C4):
    NR, NQ, NP = A.shape
    for r_ in range(NR):
        for q in range(NQ):
            s = np.zeros(NP)
            s[:] = A[r_, q, :] @ C4
            A[r_, q, :] = s
    return np.sum(A**2)


@case(draw(6, 4))
def covariance(data):
    N_, M = data.shape
    mean = np.mean(data, axis=0)
    data -= mean
    cov = np.zeros((M, M))
    for i in range(M):
        cov[i:M, i] = cov[i, i:M] = data[:, i] @ data[:, i:M] / (N_ - 1.0)
    return np.sum(cov**2)


@case(draw(5, 5) + 5 * np.eye(5), draw(5, seed=1))
def ludcmp(A, b):
    n = A.shape[0]
    x = np.zeros_like(b)
    y = np.zeros_like(b)
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    for i in range(n):
        y[i] = b[i] - A[i, :i] @ y[:i]
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x**2)


@case(draw(3, 4), draw(4, 8, seed=1), draw(8, seed=2), draw(8, 3, seed=3), draw(3, seed=4))
def layers_of_a_network(inp, w1, b1, w2, b2):
    def relu(x):
        return np.maximum(x, 0)

    def softmax(x):
        tmp_max = np.max(x, axis=-1, keepdims=True)
        tmp_out = np.exp(x - tmp_max)
        tmp_sum = np.sum(tmp_out, axis=-1, keepdims=True)
        return tmp_out / tmp_sum

    x = relu(inp @ w1 + b1)
    x = softmax(x @ w2 + b2)
    return -np.mean(np.log(x[np.arange(3), [0, 2, 1]]))


@case(
    draw(2, 3, 4, 5),
)
def softmax_of_four_axes(x):
    t = np.max(x, axis=-1, keepdims=True)
    e = np.exp(x - t)
    s = np.sum(e, axis=-1, keepdims=True)
    return np.sum((e / s) ** 2)


@case(draw(6) * 2)
def sums_over_contours(v):
    z = np.linspace(0, 1, 4)[:, None] * v[None, :]
    out = np.zeros(6)
    for k in range(4):
        out += np.tanh(z[k]) * v[::-1]
    out[::2] = out[::2][::-1]
    return out @ v


@case(draw(7, 2, low=-1, high=1), draw(7, seed=1))
def potential_of_bodies(pos, mass):
    x = pos[:, 0:1]
    y = pos[:, 1:2]
    dx = x.T - x
    dy = y.T - y
    inv_r = np.sqrt(dx**2 + dy**2 + 0.01)
    inv_r[inv_r > 0] = 1.0 / inv_r[inv_r > 0]
    m = mass.reshape(-1, 1)
    return np.sum(np.sum(np.triu(-(m * m.T) * inv_r, 1)))


@case(draw(5, 5), draw(9, seed=1))
def sparse_matrix_times_vector(A, vals):
    rows = np.array([0, 0, 1, 2, 2, 3, 3, 4, 4])
    cols = np.array([1, 4, 0, 2, 3, 1, 3, 0, 4])
    indptr = np.array([0, 2, 3, 5, 7, 9])
    x = A[0]
    y = np.empty(5)
    for i in range(5):
        lo, hi = indptr[i], indptr[i + 1]
        y[i] = vals[lo:hi] @ x[cols[lo:hi]]
    return np.sum(y**2 * A[1])
