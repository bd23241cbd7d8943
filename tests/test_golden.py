"""The generated code of some functions, byte for byte, and what it computes.

After a change of the generator `python tests/test_golden.py` writes the files anew.
Read their differences as a colleague's before you commit them.
"""

from __future__ import annotations

import ast
import copy
import difflib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from corpus.trees import at, same
from corpus.trees import gradient as by_differences
from golden import FOLDER, GOLDEN

import symdiff
from symdiff.api.argnums import Goal, parameters, resolve_argnums
from symdiff.api.specialise import find
from symdiff.cli.standalone import standalone
from symdiff.pipeline import build

by_name = pytest.mark.parametrize("case", GOLDEN, ids=[c.path.stem for c in GOLDEN])
backward = [c for c in GOLDEN if not c.forward]
forward = [c for c in GOLDEN if c.forward]


def made(case):
    """The gradient for the case's arguments."""
    mode = "jvp" if case.forward else "value_and_grad" if case.value else "grad"
    positions = resolve_argnums(case.function, case.argnums)
    single = not isinstance(case.argnums, tuple)
    options = {
        "unroll": case.unroll, "indicators": case.indicators, "order": case.order,
        "target": case.target, "checkpoint": case.checkpoint,
    }  # fmt: skip
    goal = Goal(mode, positions, single, case.has_aux, **options)
    args = copy.deepcopy(case.args)
    return find(case.function, goal, args, {}, case.name)


def generated(case) -> str:
    """The stand-alone module, as `symdiff show -o` writes it."""
    return standalone(made(case))


def module_of(path: Path):
    """The golden file as a module of its own."""
    spec = importlib.util.spec_from_file_location(f"golden_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def update() -> list[str]:
    """Write all files; the names of those that changed."""
    wanted = {case.path: generated(case) for case in GOLDEN}
    for path in golden_files() - set(wanted):
        path.unlink()
    changed = [p for p, text in wanted.items() if not p.exists() or p.read_text() != text]
    for path in changed:
        path.write_text(wanted[path], encoding="utf-8", newline="\n")
    return [path.name for path in changed]


def golden_files() -> set[Path]:
    keep = ("functions_", "__")
    return {p for p in FOLDER.glob("*.py") if not p.name.startswith(keep)}


@pytest.fixture(autouse=True)
def _no_disk_cache(monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE", "off")


@by_name
def test_the_code_is_the_file(case):
    text = generated(case)
    kept = case.path.read_text(encoding="utf-8") if case.path.exists() else ""
    if text != kept:
        lines = difflib.unified_diff(
            kept.splitlines(),
            text.splitlines(),
            str(case.path),
            "generated now",
            lineterm="",
        )
        pytest.fail(
            "\n".join([*lines, "", "if this is better: python tests/test_golden.py"]),
            pytrace=False,
        )


@pytest.mark.parametrize("case", forward, ids=[c.path.stem for c in forward])
def test_the_file_computes_the_tangent(case):
    """The tangent is the gradient times the direction."""
    jvp = getattr(module_of(case.path), f"{case.name}_jvp")
    args, positions = copy.deepcopy(case.args), resolve_argnums(case.function, case.argnums)
    names = parameters(case.function)
    dots = {f"{names[k]}_dot": copy.deepcopy(args[k]) for k in positions}
    value, tangent = jvp(*args, **dots)
    assert same(args, case.args), "an argument was changed"
    assert value == case.function(*copy.deepcopy(case.args))
    bars = [by_differences(case.function, case.args, k) for k in positions]
    want = sum(
        np.sum(bar * np.asarray(at(case.args[k], path)))
        for k, found in zip(positions, bars, strict=True)
        for path, bar in found.items()
    )
    assert tangent == pytest.approx(want, rel=case.rtol)


@pytest.mark.parametrize("case", backward, ids=[c.path.stem for c in backward])
def test_the_file_computes_the_gradient(case):
    """The file by itself."""
    module = module_of(case.path)
    suffix = "value_and_grad" if case.value else "grad"
    args = copy.deepcopy(case.args)
    result = getattr(module, f"{case.name}_{suffix}")(*args)
    assert same(args, case.args), "an argument was changed"
    if case.value:
        value, result = result
        assert value == case.function(*copy.deepcopy(case.args))
    elif case.has_aux:
        result, rest = result
        assert same(rest, case.function(*copy.deepcopy(case.args))[1])
    positions = resolve_argnums(case.function, case.argnums)
    bars = result if isinstance(case.argnums, tuple) else (result,)
    for place, bar in zip(positions, bars, strict=True):
        wanted = by_differences(value_alone(case), case.args, place)
        for path, want in wanted.items():
            given, got = at(case.args[place], path), at(bar, path)
            assert np.shape(got) == np.shape(given)
            assert getattr(got, "dtype", float) == getattr(given, "dtype", float)
            assert np.allclose(got, want, rtol=case.rtol, atol=1e-8), f"{got} != {want}"


def value_alone(case):
    """The function without what it returns beside its value."""
    if not case.has_aux:
        return case.function
    return lambda *args: case.function(*args)[0]


@by_name
def test_the_file_knows_nothing_of_symdiff(case):
    imported = set()
    for node in ast.walk(ast.parse(case.path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    own = {"golden.functions_declared"}  # what generated code calls as it is
    own |= {"numba"} if case.target == "numba" else set()
    own |= {"functools", "scipy.integrate", "scipy.optimize"}
    own |= {"scipy.sparse", "scipy.sparse.linalg"}
    assert imported <= {"cmath", "dataclasses", "math", "numpy"} | own


@by_name
def test_the_file_is_well_formed(case):
    text = case.path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for line in text.splitlines():
        assert line == line.rstrip()
        assert len(line) <= 88
    assert "\t" not in text


def test_every_file_belongs_to_a_function():
    assert golden_files() == {case.path for case in GOLDEN}
    assert len(GOLDEN) == len({case.path for case in GOLDEN})
    assert len(GOLDEN) >= 30


def test_the_same_bytes_in_every_process():
    """Twice here, and in processes that hash strings differently."""
    for case in GOLDEN:
        kept = made(case)
        assert build(kept.request).emitted.source == kept.entry.source
    program = (
        "import sys; from test_golden import GOLDEN, generated;"
        "sys.stdout.write(''.join(map(generated, {order})))"
    )
    root = Path(symdiff.__file__).parents[1]
    for seed, order in (("1", "GOLDEN"), ("4242", "GOLDEN[::-1]")):
        path = os.pathsep.join([str(root), str(Path(__file__).parent)])
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
        done = subprocess.run(
            [sys.executable, "-c", program.format(order=order)],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        cases = GOLDEN if order == "GOLDEN" else GOLDEN[::-1]
        assert done.stdout == "".join(map(generated, cases))


if __name__ == "__main__":
    os.environ["SYMDIFF_CACHE"] = "off"
    print("\n".join(update()) or "nothing changed")
