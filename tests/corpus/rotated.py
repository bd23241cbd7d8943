"""Rotations of SciPy, made in the function and outside of it."""

import numpy as np
from scipy.spatial.transform import Rotation

from corpus.registry import case

TILT = Rotation.from_euler("x", 0.4)
SEVERAL = Rotation.from_rotvec(np.array([[0.3, 0.1, 0.2], [0.5, -0.2, 0.1]]))
MARKS = np.array([[1.0, 0.2, 0.1], [0.3, -0.4, 1.2]])


@case(np.array([0.3, -0.2, 0.5]), np.array([0.1, 0.4, -0.2]))
def registered(turn, shift):
    """The error of points that a rotation and a shift bring to others."""
    moved = Rotation.from_rotvec(turn).apply(MARKS) + shift
    return np.sum((moved - TILT.apply(MARKS)) ** 2)


@case(np.array([0.3, -0.2, 0.5]))
def pose_of_an_arm(angles):
    hand, at = Rotation.identity(), np.zeros(3)
    for k, axis in enumerate("zyx"):
        hand = hand * Rotation.from_euler(axis, angles[k])
        at = at + hand.apply([1.0, 0.0, 0.2])
    away = (TILT.inv() * hand).magnitude()
    return at @ at + away**2 + hand.as_euler("xyz") @ angles


@case(np.array([0.0, 0.0, 0.0]))
def near_no_turn(turn):
    r = Rotation.from_rotvec(turn)
    return np.sum(SEVERAL.apply(r.apply(MARKS)) * MARKS) + r.as_rotvec()[0]
