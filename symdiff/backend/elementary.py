"""Elementary functions for loops over elements, without branches or calls of a library:
so the compiler has one instruction work on several elements. Exact to two units in the
last place.

Moshier, Cephes Mathematical Library: reduced arguments, then quotients of polynomials.
Half of two to the 53rd, added to a number, leaves it as an integer in the last bits.
"""

from __future__ import annotations

__all__ = ["EXP", "LOG", "TANH"]

EXP = '''\
def _exp(x):
    """exp(x) as 2**n * exp(r) with a small r."""
    x = -746.0 if x < -746.0 else 710.0 if x > 710.0 else x
    n = (1.4426950408889634 * x + 6755399441055744.0) - 6755399441055744.0
    r = x - 0.693145751953125 * n - 1.4286068203094173e-06 * n
    s = r * r
    p = r * (1.0 + s * (0.030299440770744195 + s * 0.00012617719307481058))
    q = 0.002524483403496841 + s * 3.0019850513866446e-06
    q = 2.0 + s * (0.22726554820815503 + s * q)
    y = 1.0 + {numpy}.divide(2.0 * p, q - p)
    half = {numpy}.floor(0.5 * n)  # two factors, since 2**n may be too small for one
    one = {numpy}.float64(half + 6755399441056767.0).view({numpy}.int64) << 52
    other = {numpy}.float64(n - half + 6755399441056767.0).view({numpy}.int64) << 52
    y *= {numpy}.int64(one).view({numpy}.float64)
    return y * {numpy}.int64(other).view({numpy}.float64)
'''

LOG = '''\
def _log(x):
    """log(x) as n * log(2) + log(1 + r) with a small r."""
    tiny = x < 2.2250738585072014e-308
    bits = {numpy}.float64(18014398509481984.0 * x if tiny else x).view({numpy}.int64)
    n = float((bits >> 52) - 1022) - (54.0 if tiny else 0.0)
    m = {numpy}.int64(bits & 0x000FFFFFFFFFFFFF | 0x3FE0000000000000)
    m = m.view({numpy}.float64)
    low = m < 0.7071067811865476
    n = n - 1.0 if low else n
    r = 2.0 * m - 1.0 if low else m - 1.0
    p = 4.705791198788817 + r * (0.497494994976747 + r * 0.00010187566380458093)
    p = 7.708387337558854 + r * (17.936867850781983 + r * (14.498922534161093 + r * p))
    q = 82.98752669127767 + r * (45.22791458375322 + r * (11.287358718916746 + r))
    q = 23.125162012676533 + r * (71.15447506185639 + r * q)
    s = r * r
    y = r * s * {numpy}.divide(p, q) - 0.00021219444005469057 * n - 0.5 * s
    y = r + y + 0.693359375 * n
    y = x if x == {numpy}.inf else -{numpy}.inf if x == 0.0 else y
    return y if x >= 0.0 else {numpy}.nan
'''

TANH = '''\
def _tanh(x):
    """tanh(x): a quotient of polynomials near 0, else by exp(2 * x)."""
    s = x * x
    p = 1614.6876844170845 + s * (99.28772310019185 + s * 0.9643991794250523)
    q = 4844.063053251255 + s * (2235.4883906010045 + s * (112.81167849163293 + s))
    near = x * (1.0 - s * {numpy}.divide(p, q))
    far = 1.0 - {numpy}.divide(2.0, _exp(2.0 * abs(x)) + 1.0)
    far = -far if x < 0.0 else far
    return near if abs(x) < 0.625 else far
'''
