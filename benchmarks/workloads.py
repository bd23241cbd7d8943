"""The workloads that generated code is compared on: programs with arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import by_hand, programs

__all__ = ["ALONE", "WORKLOADS", "Workload", "flat"]


@dataclass(frozen=True)
class Workload:
    """A program of `programs`, its gradient in `by_hand`, and what they are called with.

    jacobian: whether the program returns several numbers, with a derivative of each.
    rounds: how often it is timed.
    """

    what: str
    name: str
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...]
    rounds: int
    jacobian: bool = False

    @property
    def function(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(programs, self.name)
        return found

    @property
    def hand(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(
            by_hand, f"{self.name}_{'jacobian' if self.jacobian else 'grad'}"
        )
        return found


def flat(tree: Any) -> np.ndarray:
    """All numbers of a gradient in a row."""
    if isinstance(tree, (tuple, list)):
        return np.concatenate([flat(item) for item in tree])
    return np.ravel(np.asarray(tree, dtype=float))


def _workloads() -> list[Workload]:
    rng = np.random.default_rng(0)
    wave = np.sin(np.pi * np.linspace(0, 1, 200)) ** 2
    charges = [0.0, 0.1, 1.0, -0.2, 0.9, 0.8, -0.3, 1.2, 0.5, 0.5]
    camera = [0.1, -0.2, 0.3, 0.1, 0.2, 0.3, 500.0, 1.0, 2.0, 0.01, 0.001]

    def normal(*shape: int, scale: float = 1.0) -> np.ndarray:
        return scale * rng.normal(size=shape)

    labels = np.eye(10)[rng.integers(0, 10, 32)]
    network = (normal(64, 128, scale=0.1), np.zeros(128), normal(128, 10, scale=0.1),
               np.zeros(10), normal(32, 64), labels)  # fmt: skip
    clusters = normal(5), normal(5, 3), normal(5, 3, scale=0.1), normal(1000, 3)
    cell = (normal(32, 256, scale=0.1), normal(64, 256, scale=0.1), np.zeros(256),
            normal(50, 16, 32), normal(50, 16, 64))  # fmt: skip
    return [
        Workload("scalar, 30 operations", "two_inputs", (1.3, 0.7), (0, 1), 401),
        Workload("scalar, 250 operations, small loops", "charges", (charges,), 0, 301),
        Workload("1,000 Euler steps", "pendulum",
                 (1.0, 0.2, 2.0, 0.1, 0.001, 1000), (0, 1, 2, 3), 201),
        Workload("1,000 Runge-Kutta steps", "runge_kutta",
                 (1.0, 0.2, 0.8, 1.3, 0.01, 1000), (0, 1, 2, 3), 101),
        Workload("while inside a loop", "implicit_steps",
                 (1.0, 2.0, 0.05, 100), (0, 1), 201),
        Workload("MLP 64-128-10, batch 32", "classifier", network, (0, 1, 2, 3), 201),
        Workload("GMM likelihood, 1,000 points", "mixture", clusters, (0, 1, 2), 101),
        Workload("Burgers in place, 500 steps of 200", "burgers",
                 (wave, 0.9 * wave, 0.0004, 1 / 199, 0.002, 500), 0, 41),
        Workload("bundle adjustment, 2 x 15 Jacobian", "reprojection",
                 (camera, [0.5, 0.4, 5.0], 1.2, [10.0, 20.0]), (0, 1, 2), 301, True),
        Workload("LSTM, 50 steps, hidden 64", "memory_cell", cell, (0, 1, 2), 41),
    ]  # fmt: skip


def _alone() -> list[Workload]:
    rng = np.random.default_rng(1)
    net = (0.1 * rng.normal(size=(128, 128)), 0.1 * rng.normal(size=(128, 8)),
           np.zeros(128), rng.normal(size=(100, 8)),
           rng.normal(size=(100, 128)))  # fmt: skip
    rates = np.array([0.6, 0.03, 0.5, 0.8])
    ring = np.sin(2 * np.pi * np.arange(200) / 200)
    strings = rng.uniform(size=20), rng.uniform(size=20)
    return [
        Workload("recurrent net of vectors", "recurrent", net, (0, 1, 2), 101),
        Workload("prey and hunters, 1,000 steps", "prey_and_hunters",
                 (rates, 10.0, 5.0, 0.001, 1000), 0, 101),
        Workload("autoregression, 1,000 numbers", "autoregression",
                 (np.array([0.5, 0.1, 1.2]), rng.normal(size=1000)), 0, 101),
        Workload("valley of four numbers", "valley", (rng.normal(size=4),), 0, 301),
        Workload("alignment, 20 x 20", "alignment", strings, (0, 1), 101),
        Workload("wave in three buffers, 200 steps", "three_buffers", (ring, 200), 0, 101),
        Workload("normal density, 100 numbers", "likelihood",
                 (0.1, 1.2, rng.normal(size=100)), (0, 1), 301),
        Workload("distance of two points", "distance",
                 ([0.1, 0.2, 0.3], [1.0, 1.5, -1.0]), (0, 1), 301),
        Workload("refraction", "refracted", (0.4, 1.3), (0, 1), 301),
        Workload("elements in turn, 500 steps", "settled",
                 (rng.uniform(size=9), 500), 0, 101),
        Workload("second derivatives, 1,000 steps", "slopes_of_swing",
                 (1.0, 0.1, 9.81, 1.0, 0.1, 0.001, 1000), tuple(range(6)), 101),
    ]  # fmt: skip


WORKLOADS = _workloads()
# Programs that only the passes are measured on.
ALONE = _alone()
