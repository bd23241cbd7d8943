"""How far a ball flies, and how that depends on each of the conditions.

A ball is thrown with air drag that grows with the square of the speed, and its flight is
stepped until it lands. What is asked is a whole table of results, so forward mode fits:
one run of the generated code for each condition, whatever the number of results, and
nothing is kept of the steps. The errors of the measured conditions then give that of
each result: linear error propagation.
"""

import math

import numpy as np

from symdiff import check_grads, grad, jacfwd, jvp, source

GRAVITY = 9.81
DT = 0.001


def flight(speed, angle, drag, wind):
    """The distance of the landing, the highest point and the time in the air."""
    x, y, time, top = 0.0, 0.0, 0.0, 0.0
    u, v = speed * math.cos(angle), speed * math.sin(angle)
    while True:
        w = math.hypot(u - wind, v)
        u -= DT * drag * w * (u - wind)
        v -= DT * (GRAVITY + drag * w * v)
        if y + DT * v < 0.0:
            break
        x += DT * u
        y += DT * v
        time += DT
        top = max(top, y)
    rest = -y / v  # the last part of a step, down to the ground
    return x + rest * u, top, time + rest


def distance(speed, angle, drag, wind):
    return flight(speed, angle, drag, wind)[0]


def main():
    conditions = {"speed": 30.0, "angle": 0.7, "drag": 0.01, "wind": 2.0}
    errors = {"speed": 0.3, "angle": 0.01, "drag": 0.0005, "wind": 1.0}
    at = tuple(conditions.values())
    print(source(distance, *at, argnums=("speed", "angle"), mode="jvp"))

    value, change = jvp(flight, at, (1.0, None, None, None))
    print("distance, height, time   ", "  ".join(f"{each:9.4f}" for each in value))
    print("change with 1 m/s more   ", "  ".join(f"{each:9.4f}" for each in change))

    jacobian = np.array(jacfwd(flight, argnums=tuple(conditions))(*at))
    print("\nresult     d/dspeed  d/dangle    d/ddrag    d/dwind      error")
    spread = np.sqrt(jacobian**2 @ np.array(list(errors.values())) ** 2)
    for name, row, error in zip(
        ("distance", "height", "time"), jacobian, spread, strict=True
    ):
        columns = " ".join(f"{each:10.4f}" for each in row)
        print(f"{name:8} {columns} {error:10.4f}")

    reverse = grad(distance, argnums=tuple(conditions))(*at)
    np.testing.assert_allclose(jacobian[0], reverse, rtol=1e-10)
    print("\ncheck: forward mode agrees with reverse mode in 4 entries")
    check_grads(distance, at)
    print("check: reverse mode agrees with central differences in 4 entries")


if __name__ == "__main__":
    main()
