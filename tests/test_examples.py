"""The example programs, each run as a user runs it; and what the README shows of them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


def python(*args: str) -> str:
    """What the command prints, colour and the caches of other runs left out."""
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "error::RuntimeWarning",
    }
    done = subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(pattern: str, text: str) -> list[float]:
    """The numbers in the groups of the one line that the pattern describes."""
    found = re.findall(pattern.replace("#", f"({NUMBER})"), text, re.MULTILINE)
    assert len(found) == 1, text
    groups = found[0] if isinstance(found[0], tuple) else (found[0],)
    return [float(group) for group in groups]


def test_small() -> None:
    text = python("examples/small.py")
    assert "def f_grad(x, y):\n" in text
    assert "check: the gradient agrees with central differences" in text
    for name in "xy":
        got, formula = numbers(f"^df/d{name} = #, by the formula #$", text)
        assert got == pytest.approx(formula, rel=1e-11)


def test_network() -> None:
    text = python("examples/network.py")
    assert "def loss_value_and_grad(params, x, y):\n" in text
    start, end = numbers("^mean squared error # at the start, # after 1000 steps$", text)
    assert end < 0.1 * start
    assert "check: the gradient agrees with central differences" in text


def test_jacobian_sizes() -> None:
    text = python("examples/jacobian_sizes.py")
    assert "  d h1   / d w1  50 x 50  2,500 entries\n" in text
    assert "\n3,710 Jacobian entries for 50 gradients\n" in text
    assert "check: both agree with the generated code" in text


def test_solvers() -> None:
    pytest.importorskip("scipy")
    text = python("examples/solvers.py")
    assert "    rates_bar, t2 = balance_vjp(c_bar, c, rates, feed)" in text
    assert "    y0_bar, p_bar, time_bar = end_vjp(t_bar, t, y0, p, time)" in text
    assert text.count("check: the gradient") == 2


def test_schroedinger() -> None:
    text = python("examples/schroedinger.py")
    assert "        psi1_bar = np.fft.fft(np.fft.ifft(psi_bar * half) * kinetic)" in text
    start, end = numbers("^missed # at the start, # after 150 steps$", text)
    assert end < 0.4 * start
    assert numbers("^norm of the wave #$", text) == [1.0]
    assert "check: the gradient agrees with central differences" in text
    (off,) = numbers("^curvature: off by #$", text)
    assert off < 1e-8


def test_digits() -> None:
    pytest.importorskip("sklearn")
    text = python("examples/digits.py", "--epochs", "25")
    assert "check: the gradient agrees with central differences" in text
    first, last = numbers("^loss # in the first epoch, # in the last$", text)
    assert last < 0.1 * first
    assert numbers("^accuracy # in the test$", text)[0] > 0.95


def test_digits_modules() -> None:
    pytest.importorskip("sklearn")
    text = python("examples/digits_modules.py", "--epochs", "8")
    assert "modules in order: maps edges pooled features kept seen pixels guessed" in text
    assert numbers("^accuracy # in the test$", text)[0] > 0.95


def test_equations() -> None:
    text = python("examples/equations.py")
    for line in ("z5 = z1 @ z3 ", "z6 = sigmoid(z5) ", "z8 = softmax(z7) "):
        assert f"\n{line}" in text
    assert "\nz9 = loss(z8, z2) " in text
    assert "check: the gradients are those of the generated code" in text
    assert "9 equations, 19 with the calls written out" in text
    assert numbers("^   20 +# +#$", text) == [80, 2**20]


def test_triangles(tmp_path: Path) -> None:
    text = python("examples/triangles.py", str(tmp_path))
    assert "a chain: 9 rows, 17 entries" in text
    assert "z1  \\  #  .  .  .  .  .  .  .\n" in text
    gaps = re.findall(f"by ({NUMBER}) at most", text)
    assert len(gaps) == 12
    assert max(map(float, gaps)) < 1e-12
    assert text.endswith("    - λ9*(z9 - loss(z8, z2))\n")
    drawn = {path.name for path in tmp_path.glob("*.svg")}
    assert drawn == {"chain.svg", "layers.svg", "block.svg"}


def test_hanging_chain() -> None:
    text = python("examples/hanging_chain.py")
    assert "def energy_grad_jvp(x, *, x_dot):\n" in text
    (force,) = numbers("^largest force left: #$", text)
    assert force < 1e-8
    low, high = numbers("^it is a minimum: curvatures from # to #$", text)
    assert 0.0 < low < high


def test_newton() -> None:
    text = python("examples/newton.py")
    found = numbers(r"^root\(3\) = #, its derivative #$", text)
    assert found == numbers("^by the formula: # and #$", text)


def test_compiled() -> None:
    text = python("examples/compiled.py")
    assert "        for j in range(n1):\n" in text
    assert "the same gradient: True; compiled in " in text
    (faster,) = numbers("^compiled, it is # times as fast$", text)
    assert faster > 5
    (left,) = numbers("^misfit of the start that was found: #$", text)
    assert left < 1e-4


def test_unrolled() -> None:
    text = python("examples/unrolled.py")
    assert "    x2 = x1 * t2 + c " in text
    assert "check: both agree, and with central differences" in text


def test_indicators() -> None:
    text = python("examples/indicators.py")
    assert "float(y > 0)" in text
    assert "check: the gradients are those of the branches" in text


def test_elimination() -> None:
    text = python("examples/elimination.py")
    for name in ("lighthouse", "waist", "kepler"):
        best, *others = numbers(f"^{name} +# +# +#$", text)
        assert best < min(others)
    assert "check: the Jacobians are those of forward mode" in text


def test_batches() -> None:
    text = python("examples/batches.py")
    assert "check: the entries are those of a loop" in text
    assert numbers("^faster than the loop by a factor of #$", text)[0] > 3
    assert "np.where(" in text


def test_lotka_volterra() -> None:
    text = python("examples/lotka_volterra.py")
    assert "def misfit_value_and_grad(p, hares, lynx):\n" in text
    assert "check: the gradient agrees with central differences in 6 entries" in text
    start, end, _ = numbers("^misfit # at the start, # after # iterations$", text)
    assert start > 10
    assert end == pytest.approx(2.0187, abs=1e-3)
    assert numbers("^  a  = #$", text) == pytest.approx([0.540], abs=0.002)
    (largest,) = numbers("^check: largest entry of the gradient at the fit #$", text)
    assert abs(largest) < 1e-4
    assert len(re.findall(r"^19\d\d  ", text, re.MULTILINE)) == 21


def test_burgers() -> None:
    text = python("examples/burgers.py")
    assert "def misfit_value_and_grad(u0, observed, steps):\n" in text
    assert "check: the gradient agrees with central differences in 100 of 200" in text
    before, after = numbers("^relative error .*: # before, # after$", text)
    assert before > 0.3
    assert after < 0.01


def test_logistic() -> None:
    text = python("examples/logistic.py")
    assert "def loss_grad(weights, bias, X, y, penalty=0.001):\n" in text
    assert "check: the gradient agrees with central differences in 31 entries" in text
    losses = [numbers(f"^ *{step} +#$", text)[0] for step in range(0, 501, 100)]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(0.6931)
    assert numbers("^accuracy on the test set +#$", text)[0] > 0.95


def test_sensitivity() -> None:
    text = python("examples/sensitivity.py")
    assert "def distance_jvp(speed, angle, drag, wind, *, speed_dot, angle_dot):" in text
    columns = numbers("^distance +# +# +# +# +#$", text)
    (change,) = numbers(r"^change with 1 m/s more +#  +\S+ +\S+$", text)
    assert change == columns[0]
    assert columns[3] == pytest.approx(1.5868, abs=1e-3)
    assert "check: forward mode agrees with reverse mode in 4 entries" in text


def test_bundle_adjustment() -> None:
    text = python("examples/bundle_adjustment.py")
    assert numbers("^products with vectors for all 1932 columns: #$", text)[0] <= 15
    assert numbers("^check: differs from differences by #$", text)[0] < 1e-7
    (before,) = numbers("^cost # at the start$", text)
    assert numbers(r"^cost # after \d+ Jacobians, .* s$", text)[0] < 0.1 * before


def test_rod() -> None:
    text = python("examples/rod.py")
    assert "unknowns 100000, entries of the Hessian 299998\n" in text
    assert "products with vectors for a Hessian: 3\n" in text
    assert numbers("^check: differs from a product with the Hessian by #$", text)[0] < 1e-12


def test_cantilever() -> None:
    pytest.importorskip("scipy")
    text = python("examples/cantilever.py")
    assert "    result = _coo_solve(data1, row, col, t6)\n" in text
    assert "check: the gradient agrees with central differences" in text
    start, end = numbers("^compliance # at the start, # in the end$", text)
    assert end < 0.3 * start


def test_hmc() -> None:
    """The posterior means are near 4.4 and 3.6 (Gelman et al., Bayesian Data Analysis)."""
    text = python("examples/hmc.py")
    assert "check: the gradient agrees with central differences\n" in text
    assert numbers("^accepted # % of the proposals$", text)[0] > 80
    mean, spread = numbers("^mean effect #, spread #$", text)
    assert mean == pytest.approx(4.4, abs=0.8)
    assert spread == pytest.approx(3.6, abs=0.8)


def test_estimator() -> None:
    text = python("examples/estimator.py")
    assert "def loss_value_and_grad(p, X, y, alpha):\n" in text
    ours, theirs = numbers("^median error #, of least squares #$", text)
    assert ours < theirs


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = re.compile(
    r"(?<=^```console\n)\$ symdiff ([^\n]*)\n(.*?)(?=^```$)", re.MULTILINE | re.DOTALL
)


def printed(command: str) -> str:
    return python("-m", "symdiff", *shlex.split(command)).strip("\n") + "\n"


@pytest.mark.parametrize(
    "command, output",
    [found for page in PAGES for found in SHOWN.findall(page.read_text(encoding="utf-8"))],
)
def test_what_the_pages_show_is_what_is_printed(command: str, output: str) -> None:
    assert printed(command) == output


def renew() -> None:
    """Put what the commands print now into the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        new = SHOWN.sub(lambda m: f"$ symdiff {m[1]}\n{printed(m[1])}", text)
        page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    renew()


REFUSED = """import math


def energy(x, steps):
    for line in open("weights.txt"):
        x *= float(line)
    with open("log.txt", "w") as log:
        print(x, file=log)
    return x
"""


def test_the_errors_that_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(REFUSED, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "symdiff",
            "show",
            "model.py:energy",
            "--types",
            "float, int",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SYMDIFF_CACHE": "off"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    shown = (ROOT / "README.md").read_text("utf-8").split("## Errors\n\n")[1]
    block = shown.split("\nAll problems")[0]
    lines = [line.removeprefix("    ") for line in block.rstrip().split("\n")]
    assert done.stderr.rstrip().split("\n") == lines
