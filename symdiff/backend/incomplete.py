"""Text of the derivatives of incomplete gamma and beta functions by their parameters."""

from __future__ import annotations

__all__ = ["BETA", "GAMMA"]

GAMMA = '''\
def _gammainc_slope(a, x):
    """The derivative of the incomplete gamma function P(a, x) by a.

    Moore, Algorithm AS 187 (1982): the series up to x = a + 1, beyond that the continued
    fraction, each with its derivative.
    """
    value = {special}.gammainc(a, x)
    a, x = {numpy}.broadcast_arrays({numpy}.asarray(a, float), {numpy}.asarray(x, float))
    inside = (x > 0) & (x < {numpy}.inf) & (a > 0)
    near = inside & (x <= a + 1)
    far = inside & ~near
    result = {numpy}.where({numpy}.isnan(x) | ~(a > 0), {numpy}.nan, 0.0)
    p, y = a[near], x[near]
    term, total, n = {numpy}.ones_like(y), {numpy}.ones_like(y), 0
    change, slope = {numpy}.zeros_like(y), {numpy}.zeros_like(y)
    while {numpy}.any(term > 1e-18 * total):
        n += 1
        term, change = term * y / (p + n), change - 1 / (p + n)
        total, slope = total + term, slope + term * change
    log_y = {numpy}.log(y)
    front = {numpy}.exp(p * log_y - y - {special}.gammaln(p + 1))
    result[near] = front * ((log_y - {special}.digamma(p + 1)) * total + slope)
    p, y = a[far], x[far]
    b, n = y + 1 - p, 0
    c, c_dot = {numpy}.full_like(y, {numpy}.inf), {numpy}.zeros_like(y)
    d = 1 / b
    d_dot = d * d
    h, h_dot, moved = d, d_dot, {numpy}.inf
    while {numpy}.any(moved > 1e-15 * (abs(h) + abs(h_dot))):
        n += 1
        b = b + 2
        k = n * (p - n)
        d, d_dot = k * d + b, n * d + k * d_dot - 1
        c, c_dot = b + k / c, n / c - k * c_dot / (c * c) - 1
        d = 1 / d
        d_dot = -d_dot * d * d
        step, step_dot = d * c, d_dot * c + d * c_dot
        h, h_dot = h * step, h_dot * step + h * step_dot
        moved = abs(step - 1) * (abs(h) + abs(h_dot)) + abs(step_dot * h)
    log_y = {numpy}.log(y)
    front = {numpy}.exp(p * log_y - y - {special}.gammaln(p))
    result[far] = -front * ((log_y - {special}.digamma(p)) * h + h_dot)
    return result.astype(value.dtype)[()]
'''

BETA = '''\
def _betainc_slope(a, b, x, by_a, by_b):
    """The derivative of the incomplete beta function I_x(a, b) in a direction.

    Boik and Robison-Cox, Derivatives of the Incomplete Beta Function (1998): the continued
    fraction (DLMF 8.17.22) with its derivative; beyond its range that of 1 - I_x.
    """
    value = {special}.betainc(a, b, x)
    a, b, x = {numpy}.broadcast_arrays(*({numpy}.asarray(v, float) for v in (a, b, x)))
    inside = (x > 0) & (x < 1) & (a > 0) & (b > 0)
    result = {numpy}.where({numpy}.isnan(x) | ~((a > 0) & (b > 0)), {numpy}.nan, 0.0)
    a, b, x = a[inside], b[inside], x[inside]
    turned = x > (a + 1) / (a + b + 2)
    y = {numpy}.where(turned, x, 1 - x)
    x = {numpy}.where(turned, 1 - x, x)
    a, b = {numpy}.where(turned, b, a), {numpy}.where(turned, a, b)
    p = {numpy}.where(turned, by_b, by_a)
    q = {numpy}.where(turned, by_a, by_b)
    c, c_dot, d, d_dot = {numpy}.full_like(x, {numpy}.inf), 0.0, {numpy}.ones_like(x), 0.0
    h, h_dot, n = {numpy}.ones_like(x), 0.0, 0
    small = 0
    while small < 2:  # every second step may be small by chance
        n += 1
        m, both = n // 2, (a + n - 1) * (a + n)
        if n % 2:
            k = -(a + m) * (a + b + m) * x / both
            k_dot = k * (p / (a + m) + (p + q) / (a + b + m))
        else:
            k = m * (b - m) * x / both
            k_dot = m * q * x / both
        k_dot = k_dot - k * (p / (a + n - 1) + p / (a + n))
        d, d_dot = 1 + k * d, k_dot * d + k * d_dot
        c, c_dot = 1 + k / c, k_dot / c - k * c_dot / (c * c)
        d = 1 / d
        d_dot = -d_dot * d * d
        step, step_dot = d * c, d_dot * c + d * c_dot
        h, h_dot = h * step, h_dot * step + h * step_dot
        moved = abs(step - 1) * (abs(h) + abs(h_dot)) + abs(step_dot * h)
        small = 0 if {numpy}.any(moved > 1e-15 * (abs(h) + abs(h_dot))) else small + 1
    log_x, log_y = {numpy}.log(x), {numpy}.log(y)
    whole = {special}.digamma(a + b)
    front = {numpy}.exp(a * log_x + b * log_y - {special}.betaln(a, b)) / a
    slope = p * (log_x - {special}.digamma(a) + whole - 1 / a)
    slope = slope + q * (log_y - {special}.digamma(b) + whole)
    result[inside] = {numpy}.where(turned, -front, front) * (slope * h + h_dot)
    return result.astype(value.dtype)[()]
'''
