"""Ray tracing through a lens of spherical surfaces; the size of the spot that results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Optional


class Ray(NamedTuple):
    """A ray in a plane that holds the axis: position, and direction of length one."""

    y: float
    z: float
    dy: float
    dz: float

    def at(self, distance: float) -> tuple[float, float]:
        return self.y + distance * self.dy, self.z + distance * self.dz


@dataclass
class Surface:
    position: float  # of the vertex, along the axis
    curvature: float
    index: float  # of what lies behind
    aperture: float = math.inf

    def intersect(self, ray: Ray) -> Optional[float]:
        """Distance along the ray to the surface, or None where it misses."""
        y, z = ray.y, ray.z - self.position
        c = self.curvature
        if abs(c) < 1e-12:
            if ray.dz == 0:
                return None
            return -z / ray.dz
        b = c * (y * ray.dy + z * ray.dz) - ray.dz
        d = c * (y * y + z * z) - 2 * z
        discriminant = b * b - c * d
        if discriminant < 0:
            return None
        return d / (-b + math.sqrt(discriminant))

    def normal(self, y: float, z: float) -> tuple[float, float]:
        return -self.curvature * y, 1.0 - self.curvature * (z - self.position)


def refract(dy: float, dz: float, ny: float, nz: float, ratio: float):
    """Snell's law in vector form; None for total reflection."""
    cos_i = dy * ny + dz * nz
    k = 1.0 - ratio**2 * (1.0 - cos_i**2)
    if k < 0:
        return None
    scale = math.sqrt(k) - ratio * cos_i
    return ratio * dy + scale * ny, ratio * dz + scale * nz


def trace(ray: Ray, surfaces: list[Surface]) -> Optional[Ray]:
    n = 1.0
    for surface in surfaces:
        distance = surface.intersect(ray)
        if distance is None:
            return None
        y, z = ray.at(distance)
        if abs(y) > surface.aperture:
            return None  # vignetted
        ny, nz = surface.normal(y, z)
        bent = refract(ray.dy, ray.dz, ny, nz, n / surface.index)
        if bent is None:
            return None
        ray = Ray(y, z, *bent)
        n = surface.index
    return ray


def doublet(c1: float, c2: float, c3: float, thickness: float) -> list[Surface]:
    surfaces = [Surface(0.0, c1, 1.5168, aperture=12.0)]
    surfaces.append(Surface(thickness, c2, 1.6200, aperture=12.0))
    surfaces.append(Surface(thickness + 2.5, c3, 1.0))
    return surfaces


def spot_size(c1: float, c2: float, c3: float, thickness: float, focus: float) -> float:
    """RMS height of a fan of rays on the screen, with a penalty for rays that are lost."""
    surfaces = doublet(c1, c2, c3, thickness)
    total, count, lost = 0.0, 0, 0
    for angle in (0.0, 0.02):
        heights = []
        for k in range(-3, 4):
            start = Ray(2.9 * k, -10.0, math.sin(angle), math.cos(angle))
            end = trace(start, surfaces)
            if end is None:
                lost += 1
                continue
            heights.append(end.at((focus - end.z) / end.dz)[0])
        mean = sum(heights) / len(heights)
        total += sum((h - mean) ** 2 for h in heights)
        count += len(heights)
    return math.sqrt(total / count) + 0.1 * lost


if __name__ == "__main__":
    print(spot_size(0.017, -0.022, -0.0078, 6.0, 97.0))
