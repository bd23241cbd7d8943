"""The gradients of the programs, written by hand for speed."""

import math

import numpy as np


def hamiltonian_grad(a, b, p, q, m1, m2, l1, l2):
    delta = a - b
    s = math.sin(delta)
    c = math.cos(delta)
    mass = m1 + m2 * s * s
    u = l2 * p
    v = l1 * q
    vc = v * c
    m = m1 + m2
    mv = m * v
    r = l1 * l2
    # With the 2 m2 of the energy's denominator cancelled wherever it meets a numerator.
    w = 1 / (r * r * mass)
    top = m2 * u * (u - 2 * vc) + mv * v
    slope = w * s * (u * v - c * top / mass)
    return (
        slope + 9.81 * m * l1 * math.sin(a),
        9.81 * m2 * l2 * math.sin(b) - slope,
        w * (u - vc) * l2,
        w * (mv / m2 - u * c) * l1,
    )


def two_inputs_grad(x, y):
    a = x * y + math.sin(x)
    bump = math.exp(-a * a)
    b = bump + y**2
    ratio = a / b
    c = ratio - math.log(b)
    root = math.sqrt(c * c + 1.0)
    d = root * x
    t = math.tanh(d - a)
    e = t * b
    left = e + c
    right = e - y
    r = 1.0 + d * d
    g = left * right / r
    cosine = math.cos(g)
    ex = e * x
    h = cosine * a + math.atan(ex)
    h_bar = 2.0 * h
    k = h_bar / (1.0 + ex * ex)
    w = (b - h_bar * a * math.sin(g)) / r
    left_bar = w * right
    right_bar = w * left
    e_bar = k * x + left_bar + right_bar
    u = e_bar * b * (1.0 - t * t)
    d_bar = u - 2.0 * w * g * d
    v = (left_bar - 3.0 + d_bar * x * c / root) / b
    b_bar = g + e_bar * t - v * (ratio + 1.0)
    a_bar = h_bar * cosine - u + v - 2.0 * b_bar * bump * a
    x_bar = k * e + d_bar * root + a_bar * (y + math.cos(x))
    return x_bar, 2.0 * b_bar * y - right_bar + a_bar * x


def pendulum_grad(theta, omega, k, c, dt, steps):
    tape = []
    for _ in range(steps):
        s = math.sin(theta)
        tape.append((theta, s, omega))
        theta, omega = theta + dt * omega, omega - dt * (k * s + c * omega)
    theta_bar = 2 * theta
    omega_bar = k_bar = c_bar = 0.0
    for theta, s, omega in reversed(tape):
        alpha_bar = dt * omega_bar
        k_bar -= alpha_bar * s
        c_bar -= alpha_bar * omega
        omega_bar += dt * theta_bar - c * alpha_bar
        theta_bar -= alpha_bar * k * math.cos(theta)
    return theta_bar, omega_bar, k_bar, c_bar


def burgers_grad(u0, observed, dt, dx, nu, steps):
    u = u0.copy()
    r, k = dt / dx, nu * dt / dx**2
    diagonal = 1 - 2 * k
    states = np.empty((steps, u.size))
    for n in range(steps):
        states[n] = u
        left, mid, right = u[:-2], u[1:-1], u[2:]
        # mid - r mid (mid - left) + k (right - 2 mid + left), with fewer passes
        u[1:-1] = mid * (diagonal - r * (mid - left)) + k * (right + left)
    u_bar = u - observed
    for u in states[::-1]:
        a = r * u
        mid = a[1:-1]
        v = u_bar[1:-1].copy()
        u_bar[1:-1] *= diagonal - 2 * mid + a[:-2]
        u_bar[2:] += k * v
        u_bar[:-2] += v * (mid + k)
    return u_bar


def burgers_grad_buffers(u0, observed, dt, dx, nu, steps):
    """The same without an allocation in either loop."""
    n = u0.size
    r, k = dt / dx, nu * dt / dx**2
    diagonal = 1 - 2 * k
    states = np.empty((steps + 1, n))
    states[0] = u0
    states[1:, 0] = u0[0]
    states[1:, -1] = u0[-1]
    left, mid, right = states[:, :-2], states[:, 1:-1], states[:, 2:]
    s, t = np.empty(n - 2), np.empty(n - 2)
    multiply, add, subtract = np.multiply, np.add, np.subtract
    for i in range(steps):
        new = mid[i + 1]
        subtract(mid[i], left[i], s)
        multiply(s, r, s)
        subtract(diagonal, s, s)
        multiply(s, mid[i], s)
        add(right[i], left[i], t)
        multiply(t, k, t)
        add(s, t, new)
    u_bar = states[-1] - observed
    a = np.empty(n)
    a_left, a_mid = a[:-2], a[1:-1]
    b_left, b_mid, b_right = u_bar[:-2], u_bar[1:-1], u_bar[2:]
    v = np.empty(n - 2)
    for i in range(steps - 1, -1, -1):
        multiply(states[i], r, a)
        v[:] = b_mid
        subtract(a_left, a_mid, s)
        subtract(s, a_mid, s)
        add(s, diagonal, s)
        multiply(b_mid, s, b_mid)
        multiply(v, k, t)
        add(b_right, t, b_right)
        add(a_mid, k, s)
        multiply(s, v, s)
        add(b_left, s, b_left)
    return u_bar


def charges_grad(places):
    grad = [0.2 * place for place in places]
    for i in range(5):
        x, y = places[2 * i], places[2 * i + 1]
        for j in range(i):
            dx = x - places[2 * j]
            dy = y - places[2 * j + 1]
            r2 = dx * dx + dy * dy + 0.01
            r = math.sqrt(r2)
            slope = (0.6 - math.exp(-0.5 * r) * (0.5 + 1.0 / r)) / r2
            if j == i - 1:
                slope += 1.0 - 1.0 / r
            dx *= slope
            dy *= slope
            grad[2 * i] += dx
            grad[2 * i + 1] += dy
            grad[2 * j] -= dx
            grad[2 * j + 1] -= dy
    return grad


def runge_kutta_grad(x, v, mu, k, dt, steps):
    tape = []
    half = 0.5 * dt
    sixth = dt / 6
    for _ in range(steps):
        s1 = 1.0 - x * x
        k1v = mu * s1 * v - k * x
        v2 = v + half * k1v
        x2 = x + half * v
        s2 = 1.0 - x2 * x2
        k2v = mu * s2 * v2 - k * x2
        v3 = v + half * k2v
        x3 = x + half * v2
        s3 = 1.0 - x3 * x3
        k3v = mu * s3 * v3 - k * x3
        v4 = v + dt * k3v
        x4 = x + dt * v3
        s4 = 1.0 - x4 * x4
        tape.append((x, v, s1, x2, v2, s2, x3, v3, s3, x4, v4, s4))
        x += sixth * (v + 2.0 * (v2 + v3) + v4)
        v += sixth * (k1v + 2.0 * (k2v + k3v) + mu * s4 * v4 - k * x4)
    x_bar, v_bar = 2.0 * x, 2.0 * v
    mu_bar = k_bar = 0.0
    mu2 = 2.0 * mu
    for x, v, s1, x2, v2, s2, x3, v3, s3, x4, v4, s4 in reversed(tape):
        a = sixth * v_bar
        b = sixth * x_bar
        # through the fourth acceleration, and so on down to the first
        p = a * v4
        x4_bar = -mu2 * p * x4 - k * a
        mu_bar += p * s4
        k_bar -= a * x4
        v4_bar = b + mu * a * s4
        c = 2.0 * a + dt * v4_bar
        p = c * v3
        x3_bar = -mu2 * p * x3 - k * c
        mu_bar += p * s3
        k_bar -= c * x3
        v3_bar = 2.0 * b + dt * x4_bar + mu * c * s3
        c = 2.0 * a + half * v3_bar
        p = c * v2
        x2_bar = -mu2 * p * x2 - k * c
        mu_bar += p * s2
        k_bar -= c * x2
        v2_bar = 2.0 * b + half * x3_bar + mu * c * s2
        c = a + half * v2_bar
        p = c * v
        mu_bar += p * s1
        k_bar -= c * x
        x_bar += x4_bar + x3_bar + x2_bar - mu2 * p * x - k * c
        v_bar += b + v4_bar + v3_bar + v2_bar + half * x2_bar + mu * c * s1
    return x_bar, v_bar, mu_bar, k_bar


def implicit_steps_grad(y, rate, dt, steps):
    tape = []
    h = dt * rate
    h3 = 3.0 * h
    for _ in range(steps):
        cube = y * y * y
        residual = h * cube
        rounds = []
        z = y
        while abs(residual) > 1e-9:
            z2 = z * z
            slope = 1.0 + h3 * z2
            step = residual / slope
            new = z - step
            new2 = new * new
            cube_new = new2 * new
            residual = new - y + h * cube_new
            rounds.append((z, z2, slope, step, new2, cube_new))
            z = new
        tape.append((y, cube, rounds))
        y = z
    y_bar, h_bar = 1.0, 0.0
    for y, cube, rounds in reversed(tape):
        z_bar = y_bar
        y_bar = residual_bar = 0.0
        for z, z2, slope, step, new2, cube_new in reversed(rounds):
            z_bar += residual_bar * (1.0 + h3 * new2)
            h_bar += residual_bar * cube_new
            y_bar -= residual_bar
            step_bar = z_bar / slope
            residual_bar = -step_bar
            t = 3.0 * step_bar * step
            h_bar += t * z2
            z_bar += 2.0 * h * t * z
        y_bar += z_bar + h3 * residual_bar * y * y
        h_bar += residual_bar * cube
    return y_bar, h_bar * dt


def classifier_grad(w1, b1, w2, b2, images, labels):
    hidden = np.tanh(images @ w1 + b1)
    logits = hidden @ w2 + b2
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    e -= labels
    e /= len(e)
    hidden_bar = e @ w2.T
    w2_bar = hidden.T @ e
    hidden *= hidden
    np.subtract(1.0, hidden, hidden)
    hidden_bar *= hidden
    return images.T @ hidden_bar, hidden_bar.sum(axis=0), w2_bar, e.sum(axis=0)


def mixture_grad(weights, means, log_scales, points):
    narrow = np.exp(-log_scales)
    scaled = points[:, None, :] - means
    scaled *= narrow
    squares = scaled * scaled
    log_density = squares.sum(axis=2)
    log_density *= -0.5
    log_density += weights - log_scales.sum(axis=1)
    log_density -= log_density.max(axis=1, keepdims=True)
    share = np.exp(log_density, out=log_density)
    share /= share.sum(axis=1, keepdims=True)
    total = share.sum(axis=0)
    e = np.exp(weights)
    squares *= share[:, :, None]
    scaled *= share[:, :, None]
    return (
        total - len(points) / e.sum() * e,
        scaled.sum(axis=0) * narrow,
        squares.sum(axis=0) - total[:, None],
    )


def reprojection_jacobian(camera, point, weight, seen):
    a0, b0, c0, cx, cy, cz, focal, pu, pv, k1, k2 = camera
    x0, y0, z0 = point[0] - cx, point[1] - cy, point[2] - cz
    angle2 = a0 * a0 + b0 * b0 + c0 * c0
    if angle2 > 0.0:
        angle = math.sqrt(angle2)
        cosine, sine = math.cos(angle), math.sin(angle)
        a, b, c = a0 / angle, b0 / angle, c0 / angle
        rest = 1.0 - cosine
        dot = a * x0 + b * y0 + c * z0
        t = dot * rest
        px, py, pz = b * z0 - c * y0, c * x0 - a * z0, a * y0 - b * x0
        x = x0 * cosine + px * sine + a * t
        y = y0 * cosine + py * sine + b * t
        z = z0 * cosine + pz * sine + c * t
    else:
        x, y, z = x0 + b0 * z0 - c0 * y0, y0 + c0 * x0 - a0 * z0, z0 + a0 * y0 - b0 * x0
    u, v = x / z, y / z
    r2 = u * u + v * v
    stretch = 1.0 + (k1 + k2 * r2) * r2
    growth = 2.0 * (k1 + 2.0 * k2 * r2)
    scale = weight * focal
    rows = []
    for by_u, by_v, along, first, second in (
        (scale * (stretch + growth * u * u), scale * growth * u * v, u, weight, 0.0),
        (scale * growth * u * v, scale * (stretch + growth * v * v), v, 0.0, weight),
    ):
        x_bar, y_bar = by_u / z, by_v / z
        z_bar = -(x_bar * u + y_bar * v)
        if angle2 > 0.0:
            t_bar = rest * (a * x_bar + b * y_bar + c * z_bar)
            qx, qy, qz = sine * x_bar, sine * y_bar, sine * z_bar
            a_bar = t * x_bar + y0 * qz - z0 * qy + x0 * t_bar
            b_bar = t * y_bar + z0 * qx - x0 * qz + y0 * t_bar
            c_bar = t * z_bar + x0 * qy - y0 * qx + z0 * t_bar
            angle_bar = (
                cosine * (px * x_bar + py * y_bar + pz * z_bar)
                + sine * (dot * t_bar / rest - x0 * x_bar - y0 * y_bar - z0 * z_bar)
                - (a * a_bar + b * b_bar + c * c_bar) / angle
            )
            x0_bar = cosine * x_bar + c * qy - b * qz + a * t_bar
            y0_bar = cosine * y_bar + a * qz - c * qx + b * t_bar
            z0_bar = cosine * z_bar + b * qx - a * qy + c * t_bar
            a_bar = a_bar / angle + angle_bar * a
            b_bar = b_bar / angle + angle_bar * b
            c_bar = c_bar / angle + angle_bar * c
        else:
            a_bar, b_bar, c_bar = (
                y0 * z_bar - z0 * y_bar,
                z0 * x_bar - x0 * z_bar,
                x0 * y_bar - y0 * x_bar,
            )
            x0_bar = x_bar + c0 * y_bar - b0 * z_bar
            y0_bar = y_bar + a0 * z_bar - c0 * x_bar
            z0_bar = z_bar + b0 * x_bar - a0 * y_bar
        k1_bar = scale * along * r2
        camera_bar = [
            a_bar, b_bar, c_bar, -x0_bar, -y0_bar, -z0_bar,
            weight * along * stretch, first, second, k1_bar, k1_bar * r2,
        ]  # fmt: skip
        off = (pu - seen[0]) if first else (pv - seen[1])
        residual = focal * along * stretch + off
        rows.append((camera_bar, [x0_bar, y0_bar, z0_bar], residual))
    return tuple(rows)


def memory_cell_grad(w, u, b, inputs, wanted):
    steps, batch, _ = inputs.shape
    size = u.shape[0]
    ahead = inputs @ w + b
    hiddens = np.zeros((steps + 1, batch, size))
    cells = np.zeros((steps + 1, batch, size))
    tops = np.empty((steps, batch, size))
    for step in range(steps):
        gates = ahead[step]
        gates += hiddens[step] @ u
        squashed = gates[:, : 3 * size]
        np.negative(squashed, squashed)
        np.exp(squashed, squashed)
        squashed += 1.0
        np.divide(1.0, squashed, squashed)
        new = gates[:, 3 * size :]
        np.tanh(new, new)
        cell = cells[step + 1]
        np.multiply(gates[:, :size], cells[step], cell)
        cell += gates[:, size : 2 * size] * new
        np.tanh(cell, tops[step])
        np.multiply(gates[:, 2 * size : 3 * size], tops[step], hiddens[step + 1])
    off = hiddens[1:] - wanted
    off *= 2.0 / steps
    bars = np.empty_like(ahead)
    hidden_bar = np.zeros((batch, size))
    cell_bar = np.zeros((batch, size))
    back = np.ascontiguousarray(u.T)
    for step in reversed(range(steps)):
        gates, bar, top = ahead[step], bars[step], tops[step]
        keep, write = gates[:, :size], gates[:, size : 2 * size]
        show, new = gates[:, 2 * size : 3 * size], gates[:, 3 * size :]
        hidden_bar += off[step]
        cell_bar += hidden_bar * show * (1.0 - top * top)
        squashed = gates[:, : 3 * size]
        np.multiply(cell_bar, cells[step], bar[:, :size])
        np.multiply(cell_bar, new, bar[:, size : 2 * size])
        np.multiply(hidden_bar, top, bar[:, 2 * size : 3 * size])
        bar[:, : 3 * size] *= squashed * (1.0 - squashed)
        np.multiply(cell_bar * write, 1.0 - new * new, bar[:, 3 * size :])
        cell_bar *= keep
        hidden_bar = bar @ back
    flat = bars.reshape(steps * batch, -1)
    w_bar = inputs.reshape(steps * batch, -1).T @ flat
    u_bar = hiddens[:-1].reshape(steps * batch, size).T @ flat
    return w_bar, u_bar, flat.sum(axis=0)
