import copy
from symdiff import grad


class N:
    def __init__(self, v):
        self.v = v
        self.up = None
        self.kids = []

    def add(self, k):
        self.kids.append(k)
        k.up = self
        return k


def f(x):
    r = N(x)
    k = r.add(N(2 * x))
    c = copy.deepcopy(r)
    c.kids[0].up.v = 9 * x
    return c.v + r.v * k.up.v + c.kids[0].v


n = (f(0.73 + 1e-6) - f(0.73 - 1e-6)) / 2e-6
try:
    print(grad(f)(0.73), n)
except Exception as e:
    print(str(e)[:400])
