"""Programs of any size, written to files of their own."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

__all__ = ["chain", "module", "nest", "straight_line"]


def straight_line(statements: int, folder: str) -> Any:
    """A function with so many statements, from a file of its own."""
    forms = ("math.sin(x * y) + {k}.5", "x * y - y / 3.0", "x + 0.5 * y * x")
    lines = ["import math", "", "", "def line(x, y):"]
    for k in range(statements):
        lines.append(f"    {'xy'[k % 2]} = {forms[k % 3].format(k=k)}")
    lines.append("    return x * y")
    return module(Path(folder, f"line{statements}.py"), "\n".join(lines) + "\n").line


def nest(depth: int, folder: str) -> Any:
    """A function with loops nested so deep, which carry a value and write to an array."""
    lines = ["import numpy as np", "", "", "def nest(x, n):", "    u = np.ones(n)"]
    for k in range(depth):
        space = "    " * (k + 1)
        lines.append(f"{space}for i{k} in range(n):")
        lines.append(f"{space}    x = 0.5 * x + u[i{k}]")
        lines.append(f"{space}    u[i{k}] *= 1.0 - 0.1 * x")
    lines.append("    return x + u[0]")
    return module(Path(folder, f"nest{depth}.py"), "\n".join(lines) + "\n").nest


def chain(length: int, folder: str) -> Any:
    """Functions each of which calls the next one."""
    lines = ["import math", ""]
    for k in range(length):
        inner = f"f{k + 1}(x * 0.9)" if k + 1 < length else "math.sin(x)"
        lines += ["", f"def f{k}(x):", "    y = x * x + 0.1", f"    return y * {inner}", ""]
    return module(Path(folder, f"chain{length}.py"), "\n".join(lines) + "\n").f0


def module(path: Path, text: str) -> Any:
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
