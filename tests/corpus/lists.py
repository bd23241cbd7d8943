"""Lists whose length is known at run time only: stacks, queues, tables, trajectories."""

import math

import numpy as np

from corpus.registry import case


@case(0.3, 5)
def append_sum(x, n):
    xs = []
    for i in range(n):
        xs.append(math.sin(x * i))
    return sum(xs)


@case(0.3, 6)
def fib(x, n):
    xs = [x, x * x]
    for i in range(2, n):
        xs.append(math.sin(xs[i - 1]) * xs[i - 2])
    return xs[-1] + sum(xs)


@case(0.7, 5)
def stack(x, n):
    st = [x]
    total = 0.0
    while st:
        v = st.pop()
        total += v * v
        if len(st) + int(total > 2) < n and v > 0.05:
            st.append(v * 0.5)
            st.append(math.sin(v) * 0.3)
    return total


@case([0.3, -1.2, 0.8])
def sumsq(xs):
    s = 0.0
    for v in xs:
        s += v * v
    return s


@case([0.3, -1.2, 0.8])
def enum(xs):
    s = 0.0
    for i, v in enumerate(xs):
        s += (i + 1) * math.sin(v)
    return s


@case([0.3, 1.2, 0.8], [0.1, 0.2, 0.3], argnums=(0, 1))
def dot(xs, ys):
    return sum((a * b for a, b in zip(xs, ys)))


@case([[1.0, 2.0], [3.0, 0.4]], [[0.1, 0.2], [0.3, 0.7]], argnums=(0, 1))
def matmul(A, B):
    n = len(A)
    m = len(B[0])
    k = len(B)
    C = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            for l in range(k):
                C[i][j] += A[i][l] * B[l][j]
    s = 0.0
    for i in range(n):
        for j in range(m):
            s += math.sin(C[i][j])
    return s


@case(np.array([0.3, 0.7, -0.2]), 6)
def trajectory(x, n):
    xs = [x]
    for _ in range(n):
        x = x + 0.1 * np.sin(x)
        xs.append(x)
    return np.sum(np.array(xs) ** 2)


@case(np.array([0.3, 0.7, -0.2]), 6)
def trajectory_stack(x, n):
    xs = [x]
    for _ in range(n):
        xs.append(xs[-1] + 0.1 * np.sin(xs[-1]))
    return np.sum(np.stack(xs)[-1] * xs[0])


@case([1.0, 3.0, 2.0, 5.0])
def dp(w):
    n = len(w)
    best = [0.0] * (n + 1)
    for i in range(1, n + 1):
        best[i] = best[i - 1] + w[i - 1] ** 2
        if i > 1 and best[i - 2] + w[i - 1] * 3 > best[i]:
            best[i] = best[i - 2] + w[i - 1] * 3
    return best[n]


@case(0.4, 7)
def comp(x, n):
    ys = [math.exp(-x * k) for k in range(n)]
    return sum(y * y for y in ys)


@case(0.4, 5)
def queue(x, n):
    q = [x, 2 * x]
    s = 0.0
    for _ in range(n):
        v = q.pop(0)
        s += v * math.sin(v)
        q.append(v * 0.9)
    return s


@case([3.0, 1.0, 2.0])
def median(xs):
    ys = sorted(xs)
    return ys[len(ys) // 2] ** 2 + ys[0]


@case([3.0, 1.0, 2.0])
def sort_inplace(xs):
    ys = list(xs)
    ys.sort()
    s = 0.0
    for i in range(len(ys)):
        s += i * ys[i] ** 2
    return s


@case([3.0, 1.0, 2.0])
def minmax(xs):
    return max(xs) ** 2 - min(xs)


@case([3.0, 1.0, 2.0], 0.5, argnums=(0, 1))
def horner(cs, x):
    r = 0.0
    for c in reversed(cs):
        r = r * x + c
    return r


@case([3.0, 1.0, 2.0])
def bubble(xs):
    a = list(xs)
    n = len(a)
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = (a[j + 1], a[j])
    s = 0.0
    for i in range(n):
        s += a[i] * (i + 1)
    return s * a[0]


@case(0.5, 4)
def pascal(x, n):
    row = [1.0]
    for _ in range(n):
        new = [1.0]
        for i in range(len(row) - 1):
            new.append(row[i] * x + row[i + 1])
        new.append(x)
        row = new
    return sum(row)


@case([[2.0, 1.0, 0.3], [0.5, 3.0, 0.2], [0.1, 0.4, 1.5]], [1.0, 2.0, 3.0], argnums=(0, 1))
def gauss(A, b):
    n = len(b)
    M = [row[:] for row in A]
    y = b[:]
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(M[i][k]) > abs(M[p][k]):
                p = i
        M[k], M[p] = (M[p], M[k])
        y[k], y[p] = (y[p], y[k])
        for i in range(k + 1, n):
            f = M[i][k] / M[k][k]
            for j in range(k, n):
                M[i][j] -= f * M[k][j]
            y[i] -= f * y[k]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = y[i]
        for j in range(i + 1, n):
            s -= M[i][j] * x[j]
        x[i] = s / M[i][i]
    return sum(v * v for v in x)


@case(0.3, 4)
def nested_append(x, n):
    table = []
    for i in range(n):
        row = []
        for j in range(i + 1):
            row.append(math.sin(x * (i + j)))
        table.append(row)
    s = 0.0
    for row in table:
        for v in row:
            s += v * v
    return s


@case([0.5, 0.3, 0.9])
def extend(xs):
    ys = []
    ys.extend(xs)
    ys += [xs[0] * xs[1]]
    ys = ys + xs
    return sum(y**3 for y in ys)


@case([0.5, 0.3, 0.9], 2)
def insert(xs, k):
    ys = list(xs)
    ys.insert(0, xs[1] * 2)
    ys.insert(k, xs[0] * xs[2])
    s = 0.0
    for i, y in enumerate(ys):
        s += y * (i + 1) ** 2
    return s


@case(0.5, 5)
def early(x, n):
    xs = []
    for i in range(n):
        x = x * 1.3
        if x > 1.2:
            break
        xs.append(x)
    return sum(xs) * x


@case(np.array([0.5, 0.2, 0.9]))
def collect(u):
    big = []
    for v in u:
        if v > 0.3:
            big.append(v * v)
    return sum(big)


@case(np.array([0.5, 0.2, 0.9]))
def toarray(u):
    out = []
    for i in range(len(u)):
        out.append(u[i] * math.exp(u[i]))
    a = np.array(out)
    return a @ a


@case([0.5, 0.2, 0.9])
def npfromlist(xs):
    a = np.array(xs)
    return np.sum(np.sin(a) * a)


@case([0.5, 0.2, 0.9])
def npsumlist(xs):
    return np.sum(xs) * np.mean(xs) + np.dot(xs, xs)


@case(0.3, 6)
def window(x, n):
    hist = []
    s = 0.0
    for i in range(n):
        x = math.sin(x) + 0.5
        hist.append(x)
        if len(hist) > 3:
            hist.pop(0)
        s += sum(hist) / len(hist)
    return s


@case(0.3, 6)
def memo(x, n):
    cache = [0.0] * n
    cache[0] = x
    for i in range(1, n):
        cache[i] = cache[i - 1] * x + i
    return cache[-1] * cache[n // 2]


@case([0.5, 0.2, 0.9], 2)
def slices(xs, k):
    a = xs[:k]
    b = xs[k:]
    return sum(a) * sum(b)


@case([1.0, 2.0, 3.0, 4.0])
def cumsum(xs):
    out = []
    t = 0.0
    for v in xs:
        t += v
        out.append(t)
    return sum(o * o for o in out)


@case([0.3, 0.5, 0.7])
def mathprod(xs):
    return math.prod(xs)


@case([0.3, 0.5, 0.7])
def fsum(xs):
    return math.fsum([v * v for v in xs])


@case(0.9, 10)
def newton(x, n):
    its = [x]
    while len(its) < n and abs(its[-1] ** 2 - 2) > 1e-10:
        its.append(its[-1] - (its[-1] ** 2 - 2) / (2 * its[-1]) * 0.7)
    return its[-1] + its[1]


@case([1.0, 2.0, 3.0], [0.5, 0.25], argnums=(0, 1))
def convolve(a, b):
    out = [0.0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] += x * y
    return sum(v**2 for v in out)


@case([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
def transpose(m):
    t = [[m[i][j] for i in range(len(m))] for j in range(len(m[0]))]
    return sum(t[j][0] * t[j][1] for j in range(len(t)))


@case([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
def rows(m):
    return sum(max(r) * sum(r) for r in m)


@case([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
def flat(m):
    return sum(v * v for r in m for v in r)


@case([[1.0, 2.0], [4.0, 5.0]])
def nparr2(m):
    a = np.array(m)
    return np.linalg.det(a)


@case(0.3, 3)
def graph(x, n):
    adj = [[] for _ in range(n)]
    for i in range(n):
        for j in range(i):
            adj[i].append(j)
    val = [x] * n
    for i in range(n):
        for j in adj[i]:
            val[i] += math.sin(val[j])
    return val[-1]


@case(np.array([0.1, 0.2]), 4)
def leapfrog(q, n):
    p = np.zeros(2)
    qs = []
    ps = []
    for _ in range(n):
        p = p - 0.1 * q
        q = q + 0.1 * p
        qs.append(q.copy())
        ps.append(p)
    Q = np.vstack(qs)
    return np.sum(Q**2) + np.sum(np.concatenate(ps))


@case(np.array([0.1, 0.2]), 4)
def arrays_written(u, n):
    hist = []
    for k in range(n):
        u = u.copy()
        u[0] = u[0] * u[1] + 0.5
        hist.append(u)
    s = 0.0
    for h in hist:
        s += h[0] * h[1]
    return s


@case(0.3, 5)
def reverse_list(x, n):
    xs = []
    for i in range(n):
        xs.append(x ** (i + 1))
    xs.reverse()
    s = 0.0
    for i in range(n):
        s = s * 0.5 + xs[i]
    return s


@case(0.3, 5)
def delitems(x, n):
    xs = [x * k for k in range(n)]
    del xs[0]
    del xs[-1]
    xs.pop(1)
    return sum(v * v for v in xs)


@case(0.3, 2)
def clear(x, n):
    s = 0.0
    buf = []
    for i in range(3 * n):
        buf.append(x * i)
        if len(buf) == 3:
            s += buf[0] * buf[1] * buf[2]
            buf.clear()
    return s


@case(0.3, 5)
def list_in_branch(x, n):
    xs = []
    if n > 3:
        for i in range(n):
            xs.append(x * i)
    else:
        xs.append(x)
    return sum(xs) ** 2


@case([0.4, 0.5, 0.6])
def write_arg(xs):
    xs[0] = xs[1] * 2
    xs.append(xs[0] * xs[2])
    return sum(v * v for v in xs)


@case([0.4, 0.5, 0.6])
def helper(xs):

    def scale(v, a):
        return [a * t for t in v]

    def add(a, b):
        return [s + t for s, t in zip(a, b)]

    ys = add(scale(xs, 2.0), xs)
    return sum(y * y for y in ys)


@case([1.0, 0.5], 20)
def rk4(y, n):

    def f(y):
        return [y[1], -y[0]]

    h = 0.1
    y = list(y)
    for _ in range(n):
        k1 = f(y)
        k2 = f([y[i] + h / 2 * k1[i] for i in range(2)])
        y = [y[i] + h * k2[i] for i in range(len(y))]
    return y[0] * y[1]


@case([[0.1, 1.0, 0.3], [0.5, 3.0, 0.2], [2.1, 0.4, 1.5]], [1.0, 2.0, 3.0], argnums=(0, 1))
def gausspivot(A, b):
    n = len(b)
    M = [row[:] for row in A]
    y = b[:]
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(M[i][k]) > abs(M[p][k]):
                p = i
        M[k], M[p] = (M[p], M[k])
        y[k], y[p] = (y[p], y[k])
        for i in range(k + 1, n):
            f = M[i][k] / M[k][k]
            for j in range(k, n):
                M[i][j] -= f * M[k][j]
            y[i] -= f * y[k]
    s = 0.0
    for i in range(n):
        s += M[i][i] * y[i]
    return s


@case([[0.1, 1.0], [0.5, 3.0]])
def row_then_pop(A):
    C = [r[:] for r in A]
    row = C[0]
    C.pop(0)
    return row[0] * C[0][1]


@case([[0.1, 1.0], [0.5, 3.0]])
def row_then_append(A):
    C = [r[:] for r in A]
    row = C[-1]
    C.append([2.0, A[0][0]])
    return row[0] * C[-1][1]


@case([[0.1, 1.0], [0.5, 3.0]])
def row_write(A):
    C = [r[:] for r in A]
    row = C[0]
    row[0] = A[1][0] * A[1][1]
    C.append([2.0, A[0][0]])
    return row[0] * C[0][0] * C[-1][1]


@case([0.1, 1.0], 3)
def table_rows(a, n):
    C = [[0.0] * 2 for _ in range(n)]
    for i in range(n):
        C[i][0] = a[0] * i
        C[i][1] += a[1] * C[i - 1][0]
    tot = 0.0
    for r in C:
        r[0] = r[0] * 2
        tot += r[0] * r[1]
    return tot + C[0][0]


@case(0.3, 5)
def tri(x, n):
    T = []
    for i in range(n):
        T.append([])
        for j in range(i + 1):
            if j == 0 or j == i:
                T[i].append(x)
            else:
                T[i].append(T[i - 1][j - 1] + x * T[i - 1][j])
    return sum(T[n - 1])


@case(0.3, 5)
def graphw(x, n):
    adj = []
    for i in range(n):
        adj.append([])
    for i in range(n):
        for j in range(i):
            adj[j].append(x * (i + j))
    dist = [0.0] * n
    for i in range(1, n):
        best = 1000000000.0
        for j in range(i):
            d = dist[j] + adj[j][i - j - 1]
            if d < best:
                best = d
        dist[i] = best
    return dist[n - 1] + sum(sum(r) for r in adj)


@case([1.0, 2.0, 3.0], 2)
def delslice(xs, k):
    ys = [2 * v for v in xs]
    del ys[:k]
    ys[0:1] = [ys[0] * xs[0], xs[1]]
    return sum(y * y for y in ys)


@case(0.3, 4)
def listof_tuples(x, n):
    ps = []
    for i in range(n):
        ps.append((x * i, x + i))
    return sum((a * b for a, b in ps))


@case(0.2, 5)
def zipped(x, n):
    a = []
    b = []
    for i in range(n):
        a.append(math.sin(x * i))
        b.append(math.cos(x + i))
    return sum((p * q for p, q in zip(a, b))) - sum(a) * max(b)


@case(0.2, 5)
def listmax_cond(x, n):
    vals = []
    for i in range(n):
        vals.append(math.sin(3 * x * i))
    best = vals[0]
    for v in vals[1:]:
        if v > best:
            best = v
    return best * len(vals)


@case(0.9, 4)
def poly_list(x, n):
    p = [1.0]
    for _ in range(n):
        q = [0.0] * (len(p) + 1)
        for i in range(len(p)):
            q[i] += p[i] * x
            q[i + 1] -= p[i]
        p = q
    return sum(c * c for c in p)


@case([0.5, 1.5, -1.0], 0.7, argnums=(0, 1))
def neville(ys, t):
    p = ys[:]
    n = len(p)
    for m in range(1, n):
        for i in range(n - m):
            p[i] = ((t - (i + m)) * p[i] + (i - t) * p[i + 1]) / (i - (i + m))
    return p[0]


@case([0.5, 1.5, -1.0])
def negidx(xs):
    ys = []
    for k in range(len(xs)):
        ys.append(xs[-k - 1] * xs[k])
    return ys[-2] + ys[-1] * ys[0]


@case([3.0, 1.0, 2.0])
def insertion_sort(xs):
    a = xs[:]
    for i in range(1, len(a)):
        key = a[i]
        j = i - 1
        while j >= 0 and a[j] > key:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = key
    return a[0] + 2 * a[1] ** 2 + a[2] ** 3


@case([[0.2, 0.7], [1.2, 0.1], [0.5, 0.6]], [0.3, 0.9], argnums=(0, 1))
def nearest(pts, q):
    ds = []
    for p in pts:
        ds.append(math.sqrt(sum(((a - b) ** 2 for a, b in zip(p, q)))))
    ds.sort()
    return ds[0] * ds[1]


@case([0.2, 0.7, 0.1], 2)
def rotate(xs, k):
    for _ in range(k):
        xs.append(xs.pop(0) * 1.5)
    return xs[0] * xs[1] + xs[2] ** 2


@case(1.5, 2)
def longer_in_inner_loops(x, n):
    held = [x for i in range(n)]
    if held[1] > -5.0:
        for _ in range(n):
            for k in range(len(held)):
                held.append(k * x)
    total = 0.0
    for v in held:
        total += v**2
    return total


@case((0.5, 0.2, 0.1), 1.5)
def a_tuple_in_a_loop(w, x):
    total = 0.0
    for i in range(len(w)):
        total += w[i] * x**i
    return total


@case((0.5, 0.2, 0.1), np.int64(6))
def a_tuple_that_is_made_anew(w, n):
    i = 0
    while i < n:
        i += 2 if w[i % 3] > 0.15 else 1
        w = (w[0] * 1.1, w[2], w[1] + w[i % 3])
    return w[i % 3] * w[i % 2]


@case(0.5, 0.3, np.int64(4))
def tuples_of_two_rounds(a, b, n):
    total = 0.0
    for i in range(n):
        c = (a, b * i, 2)
        for j in range(n - 1):
            total += c[j] * c[j - 1] + (a, b)[i % 2]
        if total > 3.0:
            total += (b, a)[i % 2] ** 2
    return total


@case((0.5, 0.2, 0.1), np.int64(3))
def a_tuple_in_a_recursion(w, n):
    def go(v, i):
        if v > 10:
            return v
        return go(v * 1.5 + w[i % n], i + 1)

    return go(w[0], 0)
