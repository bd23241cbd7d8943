"""Data, networks and puzzles as cookbooks, courses and benchmark suites write them."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np

from corpus.registry import case, draw


@case(draw(3, 3, low=-1), draw(3, 3, low=-1, seed=1), draw(3, seed=2))
def bodies_in_pairs(pos, vel, mass):
    pairs = [(i, j) for i in range(3) for j in range(i + 1, 3)]
    dt = 0.01
    for _ in range(3):
        for i, j in pairs:
            dx, dy, dz = pos[i] - pos[j]
            mag = dt * ((dx * dx + dy * dy + dz * dz) ** -1.5)
            b1m = mass[i] * mag
            b2m = mass[j] * mag
            v1 = vel[i]
            v2 = vel[j]
            v1[0] -= dx * b2m
            v1[1] -= dy * b2m
            v1[2] -= dz * b2m
            v2[0] += dx * b1m
            v2[1] += dy * b1m
            v2[2] += dz * b1m
        for k in range(3):
            rr = pos[k]
            vx, vy, vz = vel[k]
            rr[0] += dt * vx
            rr[1] += dt * vy
            rr[2] += dt * vz
    e = 0.0
    for i, j in pairs:
        d = pos[i] - pos[j]
        e -= mass[i] * mass[j] / math.sqrt(d @ d)
    for i in range(3):
        e += mass[i] * vel[i] @ vel[i] / 2
    return e


@case(draw(4))
def spectral_norm(u):
    n = len(u)

    def A(i, j):
        return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)

    def Av(v):
        return np.array([sum(A(i, j) * v[j] for j in range(4)) for i in range(4)])

    def Atv(v):
        return np.array([sum(A(j, i) * v[j] for j in range(4)) for i in range(4)])

    v = None
    for _ in range(2):
        v = Atv(Av(u))
        u = Atv(Av(v))
    return np.sqrt(np.dot(u, v) / np.dot(v, v))


@case(draw(10, low=-1, high=1))
def relaxation_of_two_rows(G):
    G = G.copy().reshape(2, 5)
    omega = 1.25
    for p in range(2):
        for x in range(1, 4):
            G[0, x] = (
                omega * 0.25 * (G[1, x] + G[0, x - 1] + G[0, x + 1]) + (1 - omega) * G[0, x]
            )
            G[1, x] = (
                omega * 0.25 * (G[0, x] + G[1, x - 1] * G[1, x + 1]) + (1 - omega) * G[1, x]
            )
    return np.sum(G**2)


@case([0.3, 0.52, 0.2, 0.9])
def thieles_interpolation(ys):
    xs = [0.0, 1.0, 2.5, 3.0]
    p = [[y] * 1 + [0.0] * 3 for y in ys]
    for i in range(3):
        p[i][1] = (xs[i] - xs[i + 1]) / (p[i][0] - p[i + 1][0])
    for i in range(2, 4):
        for j in range(4 - i):
            p[j][i] = ((xs[j] - xs[j + i]) / (p[j][i - 1] - p[j + 1][i - 1])) + p[j + 1][
                i - 2
            ]
    a = 0.0
    x = 0.7
    for i in range(3, 1, -1):
        a = (x - xs[i - 1]) / (p[0][i] - p[0][i - 2] + a)
    return ys[0] + (x - xs[0]) / (p[0][1] + a)


@case(draw(3, 4, low=0.5) + np.eye(3, 4) * 3)
def reduced_row_echelon_form(M):
    rows, cols = M.shape
    lead = 0
    for r_ in range(rows):
        if lead >= cols:
            break
        i = r_
        while M[i, lead] == 0:
            i += 1
            if i == rows:
                i = r_
                lead += 1
                if lead == cols:
                    return np.sum(M)
        M[[i, r_]] = M[[r_, i]]
        M[r_] /= M[r_, lead]
        for i in range(rows):
            if i != r_:
                M[i] -= M[i, lead] * M[r_]
        lead += 1
    return np.sum(M[:, -1] ** 2)


@case(draw(4, 4))
def determinant_by_permutations(a):
    total = 0.0
    for perm in permutations(range(4)):
        sign = 1
        for i in range(4):
            for j in range(i):
                sign *= -1 if perm[j] > perm[i] else 1
        prod = sign * 1.0
        for i, s in enumerate(perm):
            prod *= a[i, s]
        total += prod
    return total


@case(draw(5), draw(3, seed=1))
def deconvolution(g, h):
    n = len(g) - len(h) + 1
    f = np.zeros(n)
    for k in range(n):
        f[k] = g[k]
        lo = max(k - len(h) + 1, 0)
        for i in range(lo, k):
            f[k] -= f[i] * h[k - i]
        f[k] /= h[0]
    return np.sum(f**2)


@case(draw(12, low=-1))
def kalman_filter(z):
    n = len(z)
    Q = 1e-2
    xhat = np.zeros(n)
    Pm = np.zeros(n)
    xm = np.zeros(n)
    Pmi = np.zeros(n)
    K = np.zeros(n)
    Rr = 0.1**2
    Pm[0] = 1.0
    for k in range(1, n):
        xm[k] = xhat[k - 1]
        Pmi[k] = Pm[k - 1] + Q
        K[k] = Pmi[k] / (Pmi[k] + Rr)
        xhat[k] = xm[k] + K[k] * (z[k] - xm[k])
        Pm[k] = (1 - K[k]) * Pmi[k]
    return np.sum((xhat - z) ** 2)


@case(
    draw(15, low=-1),
)
def smoothed_with_a_window(x):
    window_len = 5
    s = np.r_[x[window_len - 1 : 0 : -1], x, x[-2 : -window_len - 1 : -1]]
    w = np.hanning(window_len)
    y = np.convolve(w / w.sum(), s, mode="valid")
    return np.sum(y**2)


@case(
    draw(6, 6),
)
def padded_by_reflection(z):
    w = 3
    half = w // 2
    Z = np.zeros((z.shape[0] + 2 * half, z.shape[1] + 2 * half))
    Z[half:-half, half:-half] = z
    band = z[0, :]
    Z[:half, half:-half] = band - np.abs(np.flipud(z[1 : half + 1, :]) - band)
    band = z[-1, :]
    Z[-half:, half:-half] = band + np.abs(np.flipud(z[-half - 1 : -1, :]) - band)
    band = np.tile(z[:, 0].reshape(-1, 1), (1, half))
    Z[half:-half, :half] = band - np.abs(np.fliplr(z[:, 1 : half + 1]) - band)
    k = np.ones((3, 3)) / 9
    out = np.zeros_like(z)
    for i in range(3):
        for j in range(3):
            out += k[i, j] * Z[i : i + z.shape[0], j : j + z.shape[1]]
    return np.sum(out * z)


@case(draw(8), draw(8, seed=1), 1.1, 0.9)
def predators_and_prey(x0, y0, a, b):
    X = np.array([x0[0], y0[0]])
    traj = [X]

    def dX_dt(X, t=0):
        return np.array([a * X[0] - b * X[0] * X[1], -1.5 * X[1] + 0.75 * b * X[0] * X[1]])

    for i in range(6):
        k1 = dX_dt(X)
        k2 = dX_dt(X + 0.05 * k1)
        X = X + 0.1 * k2
        traj.append(X)
    traj = np.array(traj)
    return np.mean(traj[:, 0]) + np.var(traj[:, 1])


@case(draw(5, 4), draw(4, 3, low=-1, seed=1))
def svm_loss(X, W):
    y = np.array([0, 2, 1, 1, 0])
    n = X.shape[0]
    scores = X.dot(W)
    correct = scores[range(n), y][:, np.newaxis]
    margins = np.maximum(0, scores - correct + 1.0)
    margins[range(n), y] = 0
    return np.sum(margins) / n + 0.05 * np.sum(W * W)


@case(draw(5, 4), draw(4, seed=1), draw(4, seed=2))
def batchnorm(x, gamma, beta):
    mu = x.mean(axis=0)
    xmu = x - mu
    var = np.mean(xmu**2, axis=0)
    sqrtvar = np.sqrt(var + 1e-5)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return np.sum(out**3)


@case(draw(1, 2, 5, 5, low=-1), draw(3, 2, 3, 3, low=-1, seed=1), draw(3, seed=2))
def conv_naive(x, w, b):
    stride, pad = 2, 1
    N_, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_ = 1 + (H + 2 * pad - HH) // stride
    W_ = 1 + (W + 2 * pad - WW) // stride
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = np.zeros((N_, F, H_, W_))
    for n in range(N_):
        for f in range(F):
            for i in range(H_):
                for j in range(W_):
                    out[n, f, i, j] = (
                        np.sum(
                            xp[
                                n,
                                :,
                                i * stride : i * stride + HH,
                                j * stride : j * stride + WW,
                            ]
                            * w[f]
                        )
                        + b[f]
                    )
    return np.sum(out**2)


@case(
    draw(2, 4, low=-1),
    draw(2, 3, low=-1, seed=1),
    draw(4, 12, low=-1, seed=2),
    draw(3, 12, low=-1, seed=3),
    draw(12, low=-0.5, high=0.5, seed=4),
)
def lstm_step(x, h, Wx, Wh, b):
    def sigmoid(x):
        pos = x >= 0
        neg = x < 0
        z = np.zeros_like(x)
        z[pos] = np.exp(-x[pos])
        z[neg] = np.exp(x[neg])
        top = np.ones_like(x)
        top[neg] = z[neg]
        return top / (1 + z)

    c = np.zeros_like(h)
    for t in range(2):
        a = x.dot(Wx) + h.dot(Wh) + b
        ai, af, ao, ag = np.split(a, 4, axis=1)
        i, f, o, g = sigmoid(ai), sigmoid(af), sigmoid(ao), np.tanh(ag)
        c = f * c + i * g
        h = o * np.tanh(c)
    return np.sum(h**2)


@case(
    draw(4, 6, low=-1),
)
def windows_as_columns(x):
    C = 1
    kh = 2
    i0 = np.repeat(np.arange(kh), kh)
    j0 = np.tile(np.arange(kh), kh)
    i1 = np.repeat(np.arange(3), 5)
    j1 = np.tile(np.arange(5), 3)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    cols = x[i, j]
    return np.sum(np.max(cols, axis=0) ** 2)


@case(draw(5, 3, low=-1), draw(4, 3, low=-1, seed=1))
def nearest_distances(X, T):
    d = np.sqrt(np.sum(X**2, axis=1, keepdims=True) - 2 * X @ T.T + np.sum(T**2, axis=1))
    k = np.sort(d, axis=1)[:, :2]
    return np.sum(k)


@case(draw(4, 5, low=-1), draw(5, seed=1))
def layernorm_dropout(x, g):
    np.random.seed(0)
    mask = (np.random.rand(*x.shape) < 0.6) / 0.6
    m = x.mean(-1, keepdims=True)
    s = x.std(-1, keepdims=True)
    y = g * (x - m) / (s + 1e-5) * mask
    y[y < 0] *= 0.01
    return np.sum(y**2)


@case(draw(5))
def running_product_and_its_mean(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = x[i]
        if i > 0:
            y[i] *= y[i - 1]
    t = y[1:]
    t -= t.mean()
    return np.sum(t * t)


@case(draw(3, 4), draw(4, seed=1))
def logistic_regression(W, x):
    scores = np.append(W @ x, 0.0)
    scores -= scores.max()
    e = np.exp(scores)
    return -np.log(e[1] / e.sum())


@case(draw(6), draw(6, seed=1))
def gaussian_process(x, y):
    K = np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2 / 0.3**2)
    K[np.diag_indices_from(K)] += 0.1
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.log(np.diag(L)).sum() + 3 * np.log(2 * np.pi)


@case(draw(6, 2), draw(3, 2, seed=1), draw(3, seed=2))
def gaussian_mixture(X, mu, w):
    w = w / w.sum()
    d = X[:, None, :] - mu[None]
    logp = -0.5 * np.sum(d**2, -1) + np.log(w)
    m = logp.max(1)
    return np.sum(m + np.log(np.exp(logp - m[:, None]).sum(1)))


@case(draw(4, 4))
def sinkhorn(C):
    K = np.exp(-C / 0.5)
    u = np.ones(4) / 4
    for _ in range(5):
        v = 0.25 / (K.T @ u)
        u = 0.25 / (K @ v)
    return np.sum(u[:, None] * K * v * C)


@case(draw(5, low=-1), draw(4, low=-1, seed=1))
def time_warping(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            D[i, j] = abs(a[i - 1] - b[j - 1]) + min(
                D[i - 1, j], D[i, j - 1], D[i - 1, j - 1]
            )
    return D[n, m]


@case(
    draw(6, 4, low=-1),
)
def principal_components(X):
    Xc = X - X.mean(0)
    U, S, Vt = np.linalg.svd(Xc, full_matrices=False)
    Z = Xc @ Vt[:2].T
    return np.sum((Xc - Z @ Vt[:2]) ** 2)


@case(draw(8, low=-1))
def mean_of_envelopes(x):
    up = np.maximum.accumulate(x)
    lo = np.minimum.accumulate(x)
    h = x - 0.5 * (up + lo)
    return np.sum(h**2) + np.median(h)


@case(draw(3, 3) + 3 * np.eye(3), draw(3, seed=1))
def qr_solve(A, b):
    Q, Rr = np.linalg.qr(A)
    y = Q.T @ b
    x = np.zeros(3)
    for i in reversed(range(3)):
        x[i] = (y[i] - Rr[i, i + 1 :] @ x[i + 1 :]) / Rr[i, i]
    return x @ x
