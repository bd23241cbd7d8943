"""A wave packet that is steered by its potential: the Schroedinger equation, solved by
Fourier transforms, and the gradient of how well the packet meets its target.

Kinetic and potential energy act in turns, each where it is a product: the one on the
frequencies, the other on the places (split step). All between the real potential and the
real overlap is complex.
"""

import numpy as np

import symdiff

POINTS, LENGTH, STEPS, DT = 64, 20.0, 40, 0.05
x = LENGTH * (np.arange(POINTS) / POINTS - 0.5)
k = 2 * np.pi * np.fft.fftfreq(POINTS, LENGTH / POINTS)


def packet(place, speed):
    psi = np.exp(-((x - place) ** 2) + 1j * speed * x)
    return psi / np.sqrt(np.sum(np.abs(psi) ** 2))


def evolved(psi, v):
    """The wave after a time of STEPS * DT in the potential v."""
    half, kinetic = np.exp(-0.5j * DT * v), np.exp(-0.5j * DT * k**2)
    for _ in range(STEPS):
        psi = half * psi
        psi = np.fft.ifft(kinetic * np.fft.fft(psi))
        psi = half * psi
    return psi


def missed(v, start, target):
    """What is missing of the overlap with the target, and the cost of the potential."""
    overlap = np.vdot(target, evolved(start, v))
    return 1.0 - np.abs(overlap) ** 2 + 1e-4 * np.sum(np.diff(v) ** 2)


def steered(start, target, rounds=150):
    """The potential, by gradient descent with momentum."""
    loss_and_slope = symdiff.value_and_grad(missed)
    v, change, losses = np.zeros(POINTS), np.zeros(POINTS), []
    for _ in range(rounds):
        loss, slope = loss_and_slope(v, start, target)
        change = 0.8 * change - 2.0 * slope
        v = v + change
        losses.append(loss)
    return v, losses


def main():
    start, target = packet(-3.0, 1.5), packet(3.0, 0.0)
    v = np.zeros(POINTS)
    print(symdiff.source(missed, v, start, target))

    v, losses = steered(start, target)
    print(
        f"missed {losses[0]:.4f} at the start, {losses[-1]:.4f} after {len(losses)} steps"
    )
    norm = np.sum(np.abs(evolved(start, v)) ** 2)
    print(f"norm of the wave {norm:.12f}")

    # By the complex wave at the start as well: dL/da - i dL/db of a + ib.
    symdiff.check_grads(missed, (v, start, target), most=12)
    print("check: the gradient agrees with central differences")
    along = np.cos(x)
    (curvature, *_) = symdiff.hvp(missed, (v, start, target), (along, None, None))
    step = 1e-5
    slope = symdiff.grad(missed)
    by_differences = slope(v + step * along, start, target)
    by_differences = (by_differences - slope(v - step * along, start, target)) / (2 * step)
    print(f"curvature: off by {np.max(np.abs(curvature - by_differences)):.1e}")


if __name__ == "__main__":
    main()
