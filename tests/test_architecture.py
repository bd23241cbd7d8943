"""Imports point only downward, and `import symdiff` is cheap."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import symdiff

ROOT = Path(symdiff.__file__).parent
# From the lowest to the highest; what stands together may import one another.
LAYERS = [
    {"digests", "records", "version"},
    {"checkpoints", "derivation", "depth", "errors", "patterns"},
    {"definitions"},
    {"ir"},
    {"declared", "directions", "entries", "forms", "request", "signature", "structures"},
    {"rules"},
    {"frontend"},
    {"analysis"},
    {"passes"},
    {"transform"},
    {"targets"},
    {"backend"},
    {"tracing"},
    {"algebra"},
    {"pipeline"},
    {"api", "checking"},
    {"layers", "modules"},
    {"__init__"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
# The frontend is one class in parts, each built on the one before.
FRONTEND = (
    "reading", "memory", "operations", "functions", "standard", "derivatives", "flow",
    "constructs", "lower",
)  # fmt: skip
FILES = sorted(ROOT.rglob("*.py"))


def layer_of(module):
    """The layer of `symdiff.ir.core` is `ir`, that of `symdiff` is `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            if node.module == "symdiff":
                yield from (f"symdiff.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


def imported_first(tree):
    """What is imported before anything runs: not what a function imports when called."""
    return imported(ast.Module([n for n in tree.body if hasattr(n, "module")], []))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_small_classes_are_made_fast(path):
    text = path.read_text("utf-8")
    if path.name != "records.py" and ("slots=True" in text or "import replace" in text):
        assert "from dataclasses import" not in text, "import it from symdiff.records"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_downward(path):
    own = path.relative_to(ROOT).with_suffix("").parts[0]
    for module in imported(ast.parse(path.read_text("utf-8"))):
        if module.partition(".")[0] == "symdiff":
            other = layer_of(module)
            assert other in RANK, f"{module}: say in LAYERS where it belongs"
            assert RANK[other] <= RANK[own], f"{own} must not import {module}"


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.is_relative_to(ROOT / "frontend")],
    ids=lambda p: p.relative_to(ROOT / "frontend").as_posix(),
)
def test_the_parts_of_the_frontend_stand_on_those_before(path):
    own = path.relative_to(ROOT / "frontend").with_suffix("").parts[0]
    for module in imported_first(ast.parse(path.read_text("utf-8"))):
        if module.startswith("symdiff.frontend."):
            other = module.split(".")[2]
            assert FRONTEND.index(other) <= FRONTEND.index(own), f"{own} uses {module}"


def test_one_module_owns_astor():
    users = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if "astor"
        in {m.partition(".")[0] for m in imported(ast.parse(path.read_text("utf-8")))}
    ]
    assert len(users) <= 2, users
    assert all(user.startswith("backend/") for user in users)


def run(program):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=env, check=True
    )
    return done.stdout


def test_importing_symdiff_loads_nothing_heavy():
    loaded = run(
        "import sys, symdiff; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    )
    heavy = {"sympy", "scipy", "numba", "astor", "rich", "argparse", "numpy", "sklearn"}
    assert not heavy & set(loaded.split())
    layers = run(
        "import sys, symdiff; print(*(m for m in sys.modules if m[:7] == 'symdiff'))"
    )
    heavy = {"symdiff.pipeline", "symdiff.rules", "symdiff.transform", "symdiff.passes"}
    assert not heavy & set(layers.split())


def test_importing_symdiff_costs_no_more_than_numpy():
    """At most 1.3 times: the least of several runs each, taken in turn."""

    def seconds(module):
        start = time.perf_counter()
        run(f"import {module}")
        return time.perf_counter() - start

    rounds = []
    while len(rounds) < 25:  # the least of few is not steady beside other work
        rounds.append([seconds(module) for module in ("sys", "numpy", "symdiff")])
        nothing, numpy, own = map(min, zip(*rounds))
        if len(rounds) >= 5 and own - nothing <= 1.3 * (numpy - nothing):
            return
    assert own - nothing <= 1.3 * (numpy - nothing)
