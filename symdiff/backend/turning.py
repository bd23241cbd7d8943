"""Text of how the vectors of a form of a matrix turn when the matrix changes."""

from __future__ import annotations

__all__ = ["HESSENBERG", "SCHUR"]

SCHUR = '''\
def _schur_turn(t, m, back):
    """The skew w for which m - w @ t + t @ w is in real or complex Schur form, as t is.

    One column of blocks after another by a triangular Sylvester equation; within a block
    w keeps both elements of the diagonal equal. With `back` the transposed map.
    """
    n = len(t)
    ends = [k for k in range(1, n + 1) if k == n or t[k, k - 1] == 0]
    blocks = list(zip([0, *ends], ends))
    pairs = [i for i, k in blocks if k - i == 2]
    heights = {numpy}.array([t[i, i + 1] + t[i + 1, i] for i in pairs])
    values = t.diagonal() + 0j
    for i in pairs:
        width = {numpy}.sqrt(-t[i, i + 1] * t[i + 1, i])
        values[i : i + 2] += width * {numpy}.array([1j, -1j])
    gaps = abs(values[:, None] - values)[~{numpy}.eye(n, dtype=bool)]
    small = 10 * n * {numpy}.finfo(t.dtype).eps * abs(t).max(initial=0.0)
    if {numpy}.any(gaps <= small) or {numpy}.any(abs(heights) <= small):
        raise ArithmeticError("a Schur form has no derivative where it is not unique")
    solve = {linalg}.get_lapack_funcs("trsyl", (t, m))
    if not back:
        x = {numpy}.zeros_like(m)
        for i, k in blocks[:-1]:
            right = x[k:, :i] @ t[:i, i:k] - m[k:, i:k]
            x[k:, i:k], scale, _ = solve(t[k:, k:], t[i:k, i:k], right, isgn=-1)
            x[k:, i:k] /= scale
        w = x - x.conj().T
        for i, height in zip(pairs, heights):
            first, second = (
                m[j, j] - w[j] @ t[:, j] + t[j] @ w[:, j] for j in (i, i + 1)
            )
            w[i + 1, i] = (second - first) / (2 * height)
            w[i, i + 1] = -w[i + 1, i]
        return w
    g, y = m - m.conj().T, {numpy}.zeros_like(m)
    for i, height in zip(pairs, heights):
        share = g[i + 1, i] / (2 * height)
        for j, part in ((i, -share), (i + 1, share)):
            y[j, j] = part
            along = {numpy}.zeros_like(m)
            along[j] -= part * t[:, j]
            along[:, j] += part * t[j]
            g += along - along.T
    for i, k in blocks[-2::-1]:
        column, scale, _ = solve(
            t[k:, k:], t[i:k, i:k], g[k:, i:k], trana="C", tranb="C", isgn=-1
        )
        y[k:, i:k] = -column / scale
        g[k:, :i] -= y[k:, i:k] @ t[:i, i:k].conj().T
    return y
'''

HESSENBERG = '''\
def _hessenberg_turn(h, m, back):
    """The skew w, 0 in its first column, for which m - w @ h + h @ w is in Hessenberg form
    with real numbers below the diagonal: column after column (Golub and Van Loan, Matrix
    Computations, theorem 7.4.2). With `back` the transposed map.
    """
    turning = {numpy}.iscomplexobj(h) and len(h) > 2  # SciPy leaves others alone
    steps = range(len(h) - (1 if turning else 2))
    if {numpy}.any(h.diagonal(-1)[: len(steps)] == 0):
        raise ArithmeticError("a Hessenberg form has no derivative where it is not unique")
    if not back:
        w = {numpy}.zeros_like(m)
        for j in steps:
            below = h[j + 1 :] @ w[:, j] - w[j + 1 :, : j + 1] @ h[: j + 1, j]
            below = (m[j + 1 :, j] + below) / h[j + 1, j]
            below[0] = (below[0] - below[0].conj()) / 2
            w[j + 1 :, j + 1] = below
            w[j + 1, j + 2 :] = -below[1:].conj()
        return w
    g, y = m.copy(), {numpy}.zeros_like(m)
    for j in reversed(steps):
        below = g[j + 1 :, j + 1].copy()
        below[1:] -= g[j + 1, j + 2 :].conj()
        below[0] = (below[0] - below[0].conj()) / 2
        below = below / h[j + 1, j]
        y[j + 1 :, j] = below
        g[:, j] += h[j + 1 :].conj().T @ below
        g[j + 1 :, : j + 1] -= {numpy}.outer(below, h[: j + 1, j].conj())
    return y
'''
