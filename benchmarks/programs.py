"""The programs that are measured, as a user writes them."""

import math

import numpy as np

import symdiff


def hamiltonian(a, b, p, q, m1, m2, l1, l2):
    """The energy of a double pendulum with angles a, b and momenta p, q."""
    delta = a - b
    s = math.sin(delta)
    c = math.cos(delta)
    mass = m1 + m2 * s * s
    u = l2 * p
    v = l1 * q
    top = m2 * u * u + (m1 + m2) * v * v - 2 * m2 * u * v * c
    r = l1 * l2
    kinetic = top / (2 * m2 * r * r * mass)
    potential = -9.81 * ((m1 + m2) * l1 * math.cos(a) + m2 * l2 * math.cos(b))
    return kinetic + potential


def pendulum(theta, omega, k, c, dt, steps):
    """The angle of a damped pendulum after some Euler steps, squared."""
    for _ in range(steps):
        alpha = -k * math.sin(theta) - c * omega
        theta += dt * omega
        omega += dt * alpha
    return theta**2


def burgers(u0, observed, dt, dx, nu, steps):
    """The misfit of a Burgers equation that is stepped in place."""
    u = u0.copy()
    for _ in range(steps):
        left, mid, right = u[:-2], u[1:-1], u[2:]
        u[1:-1] = (
            mid - dt / dx * mid * (mid - left) + nu * dt / dx**2 * (right - 2 * mid + left)
        )
    return 0.5 * np.sum((u - observed) ** 2)


def two_inputs(x, y):
    """Thirty operations of two inputs."""
    a = x * y + math.sin(x)
    b = math.exp(-a * a) + y**2
    c = a / b - math.log(b)
    d = math.sqrt(c * c + 1.0) * x
    e = math.tanh(d - a) * b
    g = (e + c) * (e - y) / (1.0 + d * d)
    h = math.cos(g) * a + math.atan(e * x)
    return h * h + g * b - 3.0 * c


def charges(places):
    """The energy of five charges in a plane, tied to their neighbours by springs.

    `places` are their ten coordinates: about 250 operations in small loops.
    """
    energy = 0.0
    for i in range(5):
        x, y = places[2 * i], places[2 * i + 1]
        energy += 0.1 * (x * x + y * y)
        for j in range(i):
            dx = x - places[2 * j]
            dy = y - places[2 * j + 1]
            r2 = dx * dx + dy * dy + 0.01
            r = math.sqrt(r2)
            energy += math.exp(-0.5 * r) / r + 0.3 * math.log(r2)
            if j == i - 1:
                energy += 0.5 * (r - 1.0) ** 2
    return energy


def oscillator(x, v, mu, k):
    """The acceleration of a driven van der Pol oscillator."""
    return mu * (1.0 - x * x) * v - k * x


def runge_kutta(x, v, mu, k, dt, steps):
    """The squared distance that an oscillator has after some Runge-Kutta steps."""
    for _ in range(steps):
        k1x = v
        k1v = oscillator(x, v, mu, k)
        k2x = v + 0.5 * dt * k1v
        k2v = oscillator(x + 0.5 * dt * k1x, k2x, mu, k)
        k3x = v + 0.5 * dt * k2v
        k3v = oscillator(x + 0.5 * dt * k2x, k3x, mu, k)
        k4x = v + dt * k3v
        k4v = oscillator(x + dt * k3x, k4x, mu, k)
        x += dt / 6 * (k1x + 2 * k2x + 2 * k3x + k4x)
        v += dt / 6 * (k1v + 2 * k2v + 2 * k3v + k4v)
    return x * x + v * v


def implicit_steps(y, rate, dt, steps):
    """Implicit Euler steps, each of which Newton's method solves as exactly as it needs."""
    for _ in range(steps):
        z = y
        residual = dt * rate * z**3
        while abs(residual) > 1e-9:
            z = z - residual / (1.0 + 3.0 * dt * rate * z**2)
            residual = z - y + dt * rate * z**3
        y = z
    return y


def log_sum_exp(x):
    """The logarithm of the sum of exponentials in each row."""
    top = x.max(axis=1)
    return np.log(np.sum(np.exp(x - top[:, None]), axis=1)) + top


def classifier(w1, b1, w2, b2, images, labels):
    """The cross entropy of a network with one hidden layer; labels are one-hot."""
    hidden = np.tanh(images @ w1 + b1)
    logits = hidden @ w2 + b2
    return np.mean(log_sum_exp(logits) - np.sum(labels * logits, axis=1))


def mixture(weights, means, log_scales, points):
    """The log-likelihood of points under a mixture of Gaussians with diagonal scales."""
    scaled = (points[:, None, :] - means) * np.exp(-log_scales)
    log_density = -0.5 * np.sum(scaled**2, axis=2) - np.sum(log_scales, axis=1) + weights
    total = np.log(np.sum(np.exp(weights)))
    return np.sum(log_sum_exp(log_density)) - len(points) * total


def reprojection(camera, point, weight, seen):
    """How far off a point is seen: camera is rotation (3), centre (3), focal length,
    principal point (2), radial distortion (2)."""
    a, b, c = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    angle2 = a * a + b * b + c * c
    if angle2 > 0.0:
        angle = math.sqrt(angle2)
        cosine, sine = math.cos(angle), math.sin(angle)
        a, b, c = a / angle, b / angle, c / angle
        t = (a * x + b * y + c * z) * (1.0 - cosine)
        x, y, z = (
            x * cosine + (b * z - c * y) * sine + a * t,
            y * cosine + (c * x - a * z) * sine + b * t,
            z * cosine + (a * y - b * x) * sine + c * t,
        )
    else:
        x, y, z = x + b * z - c * y, y + c * x - a * z, z + a * y - b * x
    u, v = x / z, y / z
    r2 = u * u + v * v
    stretch = 1.0 + camera[9] * r2 + camera[10] * r2 * r2
    u = camera[6] * u * stretch + camera[7]
    v = camera[6] * v * stretch + camera[8]
    return weight * (u - seen[0]), weight * (v - seen[1])


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def memory_cell(w, u, b, inputs, wanted):
    """A long short-term memory over a sequence of batches, and its mean squared error."""
    size = u.shape[0]
    hidden = np.zeros((inputs.shape[1], size))
    cell = np.zeros((inputs.shape[1], size))
    error = 0.0
    for step in range(len(inputs)):
        gates = inputs[step] @ w + hidden @ u + b
        keep = sigmoid(gates[:, :size])
        write = sigmoid(gates[:, size : 2 * size])
        show = sigmoid(gates[:, 2 * size : 3 * size])
        new = np.tanh(gates[:, 3 * size :])
        cell = keep * cell + write * new
        hidden = show * np.tanh(cell)
        error += np.sum((hidden - wanted[step]) ** 2)
    return error / len(inputs)


def ten_lines(x, c, n):
    """A function of ten lines, for the time that generating takes."""
    total = 0.0
    scale = math.sqrt(1.0 + c * c)
    for i in range(n):
        y = x * math.sin(x) + c * i
        if y > scale:
            total += y / scale
        else:
            total -= math.exp(-y) * c
        x = y / (1.0 + y * y)
    return total + x * scale


# -- what single passes are for --------------------------------------------------------


def recurrent(w, u, b, inputs, wanted):
    """A recurrent net over a sequence of vectors, and its squared error."""
    hidden = np.zeros(w.shape[0])
    error = 0.0
    for x, target in zip(inputs, wanted, strict=True):
        hidden = np.tanh(w @ hidden + u @ x + b)
        error += np.sum((hidden - target) ** 2)
    return error


def prey_and_hunters(p, x, y, dt, n):
    """Lotka and Volterra's equations, with their rates in an array."""
    for _ in range(n):
        eaten = p[1] * x * y
        x, y = x + dt * (p[0] * x - eaten), y + dt * (p[2] * eaten - p[3] * y)
    return x * y


def autoregression(p, y):
    """A series of numbers by the one before: minus the logarithm of its likelihood."""
    total = 0.0
    for t in range(1, len(y)):
        error = y[t] - p[0] * y[t - 1] - p[1]
        total += error**2
    return total / (2.0 * p[2] ** 2) + (len(y) - 1) * math.log(p[2])


def valley(x):
    """Rosenbrock's function of four numbers that are unpacked from an array."""
    a, b, c, d = x
    first = 100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2
    return first + 100.0 * (d - c * c) ** 2 + (1.0 - c) ** 2


def alignment(scores, gaps):
    """The best alignment of two sequences, by a table."""
    n, m = len(scores) + 1, len(gaps) + 1
    table = np.zeros((n, m))
    for i in range(1, n):
        for j in range(1, m):
            table[i, j] = max(
                table[i - 1, j - 1] + scores[i - 1] * gaps[j - 1],
                table[i - 1, j] - 0.2,
                table[i, j - 1] - gaps[j - 1] * 0.3,
            )
    return table[-1, -1]


def three_buffers(u, n):
    """A wave on a ring, in three arrays that take turns."""
    old, now, new = u, u.copy(), np.zeros_like(u)
    for _ in range(n):
        new[:] = 1.8 * now - old + 0.1 * np.roll(now, 1) + 0.1 * np.roll(now, -1)
        old, now, new = now, new, old
    return np.sum(now * now)


def likelihood(mean, width, x):
    """The logarithm of a normal density, for all of some numbers."""
    r = (x - mean) / width
    return -0.5 * np.sum(r * r) - len(x) * math.log(width)


def distance(p, q):
    """How far two points in space lie apart."""
    total = 0.0
    for k in range(3):
        total += (p[k] - q[k]) * (p[k] - q[k])
    return math.sqrt(total)


def refracted(x, n):
    """A ray through a surface, or thrown back by it."""
    bent = _bent(math.sin(x), n)
    if bent is None:
        return math.cos(x)
    across, along = bent
    return along * along * n + across * x


def _bent(sine, n):
    across = sine * n
    if abs(across) > 1.0:
        return None
    return across, math.sqrt(1.0 - across * across)


def settled(u, n):
    """Elements in turn, each by those that were set before."""
    total = 0.0
    for i in range(n):
        k = i % (len(u) - 1)
        total += u[-1] * u[-1]
        u[-1] = 0.5 * u[-1] * u[k] + 0.1
    return total


def slopes_of_swing(angle, speed, g, l, c, dt, n):
    """How much the end of a swing depends on two inputs: inside, a gradient."""
    by_angle, by_g = symdiff.grad(_swing, argnums=(0, 2))(angle, speed, g, l, c, dt, n)
    return by_angle * by_angle + by_g * by_g


def _swing(angle, speed, g, l, c, dt, n):
    for _ in range(n):
        speed = speed - dt * (g / l * math.sin(angle) + c * speed * speed)
        angle = angle + dt * speed
    return angle * angle
