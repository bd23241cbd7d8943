"""A probe flies by a moon: symplectic integration, with detection of closest approach."""

import numpy as np

GM_PLANET = 1.0
GM_MOON = 0.05
MOON_DISTANCE = 2.0


def moon_position(t):
    omega = np.sqrt(GM_PLANET / MOON_DISTANCE**3)
    return MOON_DISTANCE * np.array([np.cos(omega * t), np.sin(omega * t)])


def acceleration(r, t):
    d = r - moon_position(t)
    planet = -GM_PLANET * r / np.linalg.norm(r) ** 3
    return planet - GM_MOON * d / (np.dot(d, d) + 1e-4) ** 1.5


def separation_rate(r, v, t, eps=1e-6):
    """Half the rate of change of the squared distance from the moon."""
    moon_velocity = (moon_position(t + eps) - moon_position(t - eps)) / (2 * eps)
    return np.dot(r - moon_position(t), v - moon_velocity)


def leapfrog(r, v, t, dt):
    v_half = v + 0.5 * dt * acceleration(r, t)
    r_new = r + dt * v_half
    v_new = v_half + 0.5 * dt * acceleration(r_new, t + dt)
    return r_new, v_new


def find_event(r, v, t, dt, g0, g1, iterations=30):
    """Refine the moment of closest approach within a step, by the secant method."""
    a, b = 0.0, dt
    for _ in range(iterations):
        s = b - g1 * (b - a) / (g1 - g0)
        r_s, v_s = leapfrog(r, v, t, s)
        g_s = separation_rate(r_s, v_s, t + s)
        a, g0, b, g1 = b, g1, s, g_s
        if abs(g_s) < 1e-13 or abs(b - a) < 1e-14:
            break
    return r_s, v_s, t + s


def propagate(r, v, t_end, dt, events):
    """Fly until t_end; append (time, distance) of each closest approach to `events`."""
    t = 0.0
    g = separation_rate(r, v, t)
    while True:
        if t >= t_end - 1e-9:
            break
        r_new, v_new = leapfrog(r, v, t, dt)
        g_new = separation_rate(r_new, v_new, t + dt)
        if g < 0 <= g_new:
            r_e, v_e, t_e = find_event(r, v, t, dt, g, g_new)
            events.append((t_e, np.linalg.norm(r_e - moon_position(t_e))))
        r, v, t, g = r_new, v_new, t + dt, g_new
    return r, v


def mission_cost(speed, direction, launch):
    """Closest approach, its moment, and the energy that the probe has gained."""
    r = np.asarray(launch).copy()
    v = speed * np.array([np.cos(direction), np.sin(direction)])
    start_energy = 0.5 * np.dot(v, v) - GM_PLANET / np.linalg.norm(r)
    events = []
    r, v = propagate(r, v, 4.0, 0.05, events)
    energy = 0.5 * v @ v - GM_PLANET / np.sqrt(r @ r)
    if not events:
        return 10.0 - energy
    t_closest, closest = min(events, key=lambda event: event[1])
    return closest + 0.1 * t_closest - 2.0 * (energy - start_energy)


if __name__ == "__main__":
    print(mission_cost(1.25, 1.0, np.array([1.0, 0.0])))
