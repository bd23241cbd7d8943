"""The command line: what it prints where, and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from symdiff.checking import Comparison, table
from symdiff.cli import check as check_command
from symdiff.cli import main
from symdiff.cli.check import parse_arguments
from symdiff.cli.target import CommandError
from symdiff.version import __version__

MODEL = '''\
import math
import numpy as np
from symdiff import grad

K = 2.5
WEIGHTS = np.array([1.0, 2.0, 3.0])
BIG = np.ones(1000)


def loss(x, y):
    """A loss."""
    return K * x * math.sin(y)


def total(u, n=2):
    return np.sum(WEIGHTS * u ** 2) * n


def too_big(u):
    return np.sum(BIG * u * u)


@grad(argnums="y")
def taken(x, y):
    return x * y * y


def fails(x):
    return math.log(x) * x


def branchy(x):
    return abs(x) * x


def no_rule(x):
    return math.nextafter(x, 1.0)


class Tools:
    @staticmethod
    def square(x):
        return x * x
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "cli_model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("cli_model", None)


@pytest.fixture
def run(folder, capsys):
    def run(*argv):
        try:
            code = main(argv)
        except SystemExit as exit:  # argparse
            code = exit.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


# -- show -----------------------------------------------------------------------------


def test_show_prints_the_gradient_by_all_floats(run):
    code, out, err = run("show", "cli_model.py:loss")
    assert (code, err) == (0, "")
    assert "def loss_grad(x, y):\n" in out
    assert "with respect to x, y." in out
    assert "\x1b" not in out


def test_show_takes_modules_and_paths_into_classes(run):
    assert run("show", "cli_model:loss") == run("show", "cli_model.py:loss")
    code, out, _ = run("show", "cli_model.py:Tools.square")
    assert code == 0
    assert "def square_grad(x):" in out


def test_show_argnums(run):
    for argnums in ("y", "1", "-1"):
        _, out, _ = run("show", "cli_model.py:loss", "--argnums", argnums)
        assert "with respect to y." in out
    assert (
        "with respect to y, x." in run("show", "cli_model.py:loss", "--argnums", "y, x")[1]
    )
    assert "with respect to y." in run("show", "cli_model.py:taken")[1]


def test_show_value(run):
    _, out, _ = run("show", "cli_model.py:loss", "--value", "--argnums", "x", "-o", "-")
    space = {}
    exec(out, space)
    (function,) = [v for n, v in space.items() if n.startswith("loss")]
    value, gradient = function(3.0, 0.5)
    assert value == pytest.approx(2.5 * 3.0 * np.sin(0.5))
    assert gradient == pytest.approx(2.5 * np.sin(0.5))


@pytest.mark.parametrize("stage", ["ssa", "active", "adjoint", "optimised", "source"])
def test_show_stage(run, stage):
    code, out, err = run("show", "cli_model.py:loss", "--stage", stage)
    assert (code, err) == (0, "")
    assert out.strip()


def test_the_list_of_equations_needs_no_rules(run):
    assert run("show", "cli_model.py:no_rule", "--stage", "ssa")[0] == 0
    code, out, err = run("show", "cli_model.py:no_rule")
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert "cli_model.py:37:12" in err
    assert "Traceback" not in err


def test_show_types(run):
    _, out, _ = run("show", "cli_model.py:total", "--types", "float64[:]", "-o", "-")
    assert "def total_grad(u, n=2):" in out
    code, out, err = run("show", "cli_model.py:loss", "--types", "float, floot")
    assert (code, out) == (2, "")
    assert err == (
        "error: --types: `floot` is not a type: "
        "write float, int, float64[:,:] or list[float]\n"
    )


def test_output_is_a_module_that_runs_alone(run, folder):
    for name, types, call in (
        ("loss", "float, float", "loss_grad(3.0, 0.5)"),
        ("total", "float64[:]", "total_grad(np.array([1.0, 2.0, 3.0]))"),
    ):
        code, out, err = run(
            "show", f"cli_model.py:{name}", "--types", types, "-o", "alone.py"
        )
        assert (code, out, err) == (0, "", "")
        program = (
            f"import numpy as np, sys\nfrom alone import *\nprint(*np.ravel({call}))\n"
        )
        program += "assert 'symdiff' not in sys.modules\n"
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            cwd=folder,
            check=True,
        )
        values = [float(v) for v in done.stdout.split()]
        if name == "loss":
            expected = [2.5 * np.sin(0.5), 7.5 * np.cos(0.5)]
        else:
            expected = [4.0, 16.0, 36.0]
        assert values == pytest.approx(expected)
    text = (folder / "alone.py").read_text()
    assert "WEIGHTS = np.array([1.0, 2.0, 3.0], dtype='float64')\n" in text
    assert text.index("import numpy") < text.index("WEIGHTS") < text.index("def ")


def test_output_imports_what_it_cannot_write_down(run):
    _, out, _ = run("show", "cli_model.py:too_big", "--types", "float64[:]", "-o", "-")
    assert "from cli_model import BIG\n" in out


def test_output_that_cannot_be_written(run):
    code, _, err = run("show", "cli_model.py:loss", "-o", "no/such/folder.py")
    assert code == 2
    assert err == "error: cannot write no/such/folder.py: No such file or directory\n"


def test_colour_on_a_terminal(run, monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    assert "\x1b[" in run("show", "cli_model.py:loss")[1]


# -- check ----------------------------------------------------------------------------


def test_check_agrees(run):
    code, out, err = run("check", "cli_model.py:loss", "--at", "1.0, y=2.0")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["argument", "gradient", "differences", "error", "allowed"]
    assert [line.split()[0] for line in lines[1:3]] == ["x", "y"]
    assert lines[3] == "loss: the gradient agrees with central differences in 2 entries"


def test_check_arrays_and_argnums(run):
    code, out, _ = run("check", "cli_model.py:total", "--at", "np.linspace(0, 1, 3), n=3")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:4]] == ["u[0]", "u[1]", "u[2]"]
    _, out, _ = run("check", "cli_model.py:loss", "--at", "1, 2", "--argnums", "x")
    assert out.endswith("in 1 entry\n")


def test_check_finds_a_wrong_gradient(run, monkeypatch):
    wrong = [Comparison("x", "", 1.0, 2.0, 0.5), Comparison("y", "[0]", 1.0, 1.0, 0.5)]
    monkeypatch.setattr(check_command, "compare", lambda *args, **kwargs: wrong)
    code, out, err = run("check", "cli_model.py:loss", "--at", "1.0, 2.0")
    assert code == 1
    assert out.splitlines() == [
        "argument  gradient  differences    error  allowed",
        "x                1            2  1.0e+00  5.0e-01  wrong",
        "y[0]             1            1  0.0e+00  5.0e-01",
    ]
    assert err == "loss: the gradient is wrong in 1 of 2 entries\n"


def test_check_where_the_function_fails(run):
    code, out, err = run("check", "cli_model.py:fails", "--at", "-1.0")
    assert (code, out) == (2, "")
    assert err.startswith(
        "error: fails does not run at these arguments: ValueError: math domain error\n  in "
    )
    assert "`fails`" in err


def test_long_tables_show_what_is_wrong():
    rows = [Comparison("u", f"[{k}]", 1.0, 1.0 + k * (k > 97), 0.5) for k in range(100)]
    lines = table(rows).splitlines()
    assert len(lines) == 22
    assert [line.split()[0] for line in lines if line.endswith("wrong")] == [
        "u[98]",
        "u[99]",
    ]
    assert lines[-1] == "and 80 more"


def test_arguments_written_down():
    args, kwargs = parse_arguments("1.0, -2, [3, (4.5,)], 'a', None, n=2 ** 3, flag=True")
    assert args == (1.0, -2, [3, (4.5,)], "a", None)
    assert kwargs == {"n": 8, "flag": True}
    args, _ = parse_arguments(
        "np.linspace(0, 1, 3) * 2, np.float32(1), np.zeros((2, 2)), inf"
    )
    assert args[0].tolist() == [0.0, 1.0, 2.0]
    assert type(args[1]) is np.float32
    assert args[3] == float("inf")
    assert parse_arguments("") == ((), {})


@pytest.mark.parametrize(
    "text, message",
    [
        ("open('f')", "--at: `open('f')` is not allowed: write numbers, lists, "
         "tuples and np.array, np.linspace and the like"),
        ("np.zeros.__self__", "--at: `np.zeros.__self__` is not allowed: write numbers, "
         "lists, tuples and np.array, np.linspace and the like"),
        ("[x for x in (1,)]", "--at: `[x for x in (1,)]` is not allowed: write numbers, "
         "lists, tuples and np.array, np.linspace and the like"),
        ("np.load('f')", "--at: 'types.SimpleNamespace' object has no attribute 'load'"),
        ("x", "--at: name 'x' is not defined"),
        ("1 / 0", "--at: division by zero"),
        ("1.0)", "--at: `1.0)` is not a list of arguments: unmatched ')'"),
    ],
    ids=range(7),
)  # fmt: skip
def test_arguments_that_are_refused(text, message):
    with pytest.raises(CommandError) as caught:
        parse_arguments(text)
    assert str(caught.value) == message


# -- commands that cannot be understood -----------------------------------------------

BAD = [
    (["show", "cli_model.py:lss"],
     "error: no function `lss` in cli_model.py; did you mean `loss`?"),
    (["show", "cli_model.py"],
     "error: `cli_model.py`: write FILE:FUNCTION, such as model.py:loss"),
    (["show", "nothing.py:f"], "error: no file nothing.py"),
    (["show", "no_such_module:f"], "error: no module `no_such_module`"),
    (["show", "broken.py:f"], "error: broken.py cannot be imported: "
     "ZeroDivisionError: division by zero (broken.py:2)"),
    (["show", "unreadable.py:f"], "error: unreadable.py cannot be imported: "
     "SyntaxError: '(' was never closed (unreadable.py, line 1)"),
    (["show", "cli_model.py:loss", "--argnums", ","],
     "error: --argnums names no parameter"),
    (["check", "cli_model.py:loss", "--at", "1.0"],
     "error: loss does not run at these arguments: "
     "TypeError: loss() missing a required argument: 'y'"),
]  # fmt: skip


@pytest.mark.parametrize("argv, message", BAD, ids=range(len(BAD)))
def test_usage_errors(run, folder, argv, message):
    (folder / "broken.py").write_text("x = 1\ny = x / 0\n")
    (folder / "unreadable.py").write_text("x = (1\n")
    assert run(*argv) == (2, "", message + "\n")


def test_wrong_argnums_are_shown_at_the_function(run, folder):
    code, _, err = run("show", "cli_model.py:loss", "--argnums", "q")
    assert code == 2
    assert err == (
        "error: `loss` has no parameter `q`\n"
        "  --> cli_model.py:10:1\n"
        "   |\n"
        "10 | def loss(x, y):\n"
        "   | ^^^^^^^^^^^^^^^\n"
        "   |\n"
        "   = help: its parameters are x, y\n"
    )


@pytest.mark.parametrize(
    "argv", [[], ["show"], ["check", "m.py:f"], ["show", "m:f", "--no"]]
)
def test_argparse_errors(run, argv):
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert err.startswith("usage: symdiff")


def test_version_and_module(run, folder):
    assert run("--version") == (0, f"symdiff {__version__}\n", "")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "symdiff", "show", "cli_model.py:loss"],
        capture_output=True, text=True, cwd=folder, env=env, check=True,
    )  # fmt: skip
    assert "def loss_grad(x, y):" in done.stdout
