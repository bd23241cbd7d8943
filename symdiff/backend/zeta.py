"""Text of the derivatives of the zeta function by its argument."""

from __future__ import annotations

__all__ = ["ZETA"]

ZETA = '''\
def _zeta_slope(x, q, n):
    """The nth derivative of the zeta function of Hurwitz by x; of Riemann's where q is 1.

    Power series around x, by the formula of Euler and Maclaurin (DLMF 25.11.5); below -1
    by reflection (25.4.1).
    """
    value = {special}.zeta(x, q)
    x, q = {numpy}.broadcast_arrays({numpy}.asarray(x, float), {numpy}.asarray(q, float))
    turned = x < -1
    s = {numpy}.where(turned, 1 - x, x)
    orders = range(n + 1)
    factorial = {numpy}.cumprod([1.0, *orders[1:]])

    def product(a, b):
        return [sum(a[k] * b[m - k] for k in range(m + 1)) for m in orders]

    def power(base, factor):  # factor * base ** -s
        log_base = -{numpy}.log(base)
        front = factor * base**-s
        return [front * log_base**m / factorial[m] for m in orders]

    terms = [power(q + k, 1.0) for k in range(12)]
    end = q + 12
    terms.append(power(end, 0.5))
    pole = [(-1) ** m / (s - 1) ** (m + 1) for m in orders]
    terms.append(product(power(end, end), pole))
    # the Bernoulli numbers over (2 * j)!
    bernoulli = (
        1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
        1 / 74724249600, -3617 / 10670622842880000, 43867 / 5109094217170944000,
    )
    rising = product(power(end, 1 / end), [s, 1.0, *[0.0] * n][: n + 1])
    for j, number in enumerate(bernoulli):
        terms.append([number * each for each in rising])
        for k in (2 * j + 1, 2 * j + 2):
            rising = product(rising, [(s + k) / end, 1 / end, *[0.0] * n][: n + 1])
    series = [sum(each) for each in zip(*terms)]
    if {numpy}.any(turned):
        other = {numpy}.where(turned, s, 2.0)  # the argument of the gamma function
        slopes = [{numpy}.log(2 * {numpy}.pi) - {special}.digamma(other)]
        for m in orders[2:]:
            sign = (-1) ** m / factorial[m]
            slopes.append(sign * {special}.polygamma(m - 1, other))
        size = {special}.gammaln(other) - other * {numpy}.log(2 * {numpy}.pi)
        front = [2 * {numpy}.exp(size)]
        for m in orders[1:]:
            parts = (k * slopes[k - 1] * front[m - k] for k in range(1, m + 1))
            front.append(sum(parts) / m)
        quarter = {numpy}.pi / 2
        wave = [
            quarter**m / factorial[m] * {numpy}.sin(quarter * ((1 - other) % 4 + m))
            for m in orders
        ]
        mirrored = [(-1) ** m * each for m, each in enumerate(series)]
        mirrored = product(product(front, wave), mirrored)
        series = [{numpy}.where(turned, *both) for both in zip(mirrored, series)]
    return (factorial[n] * series[n]).astype(value.dtype)[()]
'''
