"""What symdiff says when it refuses a program, word for word, at its place.

`golden/messages.txt` holds small programs with the messages below the lines that they
point at. `python tests/test_messages.py` writes it anew; read what changed.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import linecache
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import symdiff
from symdiff.errors import render

FILE = Path(__file__).parent / "golden" / "messages.txt"
HEAD = "import functools, math, types\nimport numpy as np\n"
MARK = re.compile(r" *(\^+|=) ")


@dataclass
class Program:
    """A call, the text of a module with `f` in it, and both with the messages."""

    call: str
    text: str
    annotated: str

    @property
    def name(self) -> str:
        first = next((n for n in self.annotated.split("\n") if re.match(" *\\^+ ", n)), "")
        words = re.sub(r"[^\w ]", "", first.strip(" ^")).split()
        return "-".join(words[:7])


def programs() -> list[Program]:
    """The file's programs: a line with the call, the lines of the module, messages."""
    found = []
    for annotated in FILE.read_text(encoding="utf-8").split("---\n")[1:]:
        lines = annotated.rstrip("\n").split("\n")
        own = [line for line in lines[1:] if not MARK.match(line)]
        found.append(Program(lines[0], "\n".join(own) + "\n", annotated))
    return found


def outcome(program: Program, folder: Path, name: str = "program"):
    """The refusal of the program, and the file that it was written to."""
    path = folder / f"{name}.py"
    path.write_text(HEAD + program.text, encoding="utf-8")
    linecache.checkcache(str(path))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        names = {"f": symdiff.grad(module.f), "np": np}
        names["unrolled"] = symdiff.grad(module.f, unroll=True)
        names["indicated"] = symdiff.grad(module.f, indicators=True)
        names["along"] = symdiff.grad(module.f, mode="forward")
        names["blocks"] = symdiff.grad(module.f, checkpoint=3)
        names["eliminated"] = symdiff.eliminate(module.f)
        names["in_c"] = functools.partial(symdiff.c_code, module.f)
        names["compiled"] = symdiff.grad(module.f, compile="numba")
        names["batched"] = symdiff.batched(symdiff.grad(module.f, mode="reverse"))
        names["holomorphic"] = symdiff.grad(module.f, holomorphic=True)
        try:
            result = eval(program.call, names)
        except symdiff.DifferentiationError as error:
            return error, path
    finally:
        del sys.modules[name]
    raise AssertionError(f"not refused: {result}")


def annotate(program: Program, error, path: Path) -> str:
    """The program with each message under the line that it points at.

    Carets of a statement of several lines reach to the end of its first line.
    """
    lines = program.text.rstrip("\n").split("\n")
    notes: dict[int, list[str]] = {}
    for diagnostic in error.diagnostics:
        span = diagnostic.span
        assert span is not None, diagnostic
        assert span.file == str(path)
        number = span.line - 1 - HEAD.count("\n")
        end = span.end_column if span.end_line == span.line else len(lines[number])
        below = notes.setdefault(number, [])
        indent = " " * span.column
        below.append(f"{indent}{'^' * (end - span.column)} {diagnostic.message}")
        if diagnostic.help:
            below.append(f"{indent}= {diagnostic.help}")
    shown = [program.call]
    for number, line in enumerate(lines):
        shown += [line, *notes.get(number, [])]
    return "\n".join(shown) + "\n"


@pytest.mark.parametrize("program", programs(), ids=lambda p: p.name)
def test_the_messages(program, tmp_path):
    error, path = outcome(program, tmp_path)
    assert annotate(program, error, path) == program.annotated
    # And as it is shown: each message once, at its place, with the user's line.
    assert str(error) == "\n\n".join(map(render, error.diagnostics))
    for diagnostic in error.diagnostics:
        shown = render(diagnostic).split("\n")
        line, column = diagnostic.span.line, diagnostic.span.column + 1
        assert shown[0] == diagnostic.message
        assert shown[1].strip() == f"--> {path}:{line}:{column}"
        text = linecache.getline(str(path), line).rstrip("\n")
        assert shown[3] == f"{line} | {text}"
        bar, carets = shown[4].split("| ", 1)
        assert carets.index("^") == diagnostic.span.column
    assert (error.filename, error.lineno) == (str(path), error.diagnostics[0].span.line)


def test_one_message_as_it_is_printed(tmp_path):
    program = Program("f(1.5)", "def f(x):\n    return math.nextafter(x, 1.0)\n", "")
    error, path = outcome(program, tmp_path)
    assert str(error) == (
        "no derivative rule for `math.nextafter`\n"
        f" --> {path}:4:12\n"
        "  |\n"
        "4 |     return math.nextafter(x, 1.0)\n"
        "  |            ^^^^^^^^^^^^^^^^^^^^^^\n"
        "  |\n"
        "  = help: it moves to a neighbouring number and is not smooth; "
        "declare one, docs/rules.md, or use operations that have one, docs/numpy.md"
    )


def test_three_problems_of_one_function_in_one_run(tmp_path):
    text = """\
def f(x):
    y = x * wieght
    with open("log") as file:
        file.write("x")
    z = math.sine(x)
    return z
"""
    error, path = outcome(Program("f(1.5)", text, ""), tmp_path)
    assert [(d.message, d.span.line, d.span.column + 1) for d in error.diagnostics] == [
        ("name `wieght` is not defined", 4, 13),
        ("this context is not supported in `with`", 5, 10),
        ("`math` has no attribute `sine`", 7, 9),
    ]
    assert str(error).count(" --> ") == 3


def test_three_missing_rules_in_one_run(tmp_path):
    text = """\
def f(x):
    y = math.nextafter(x, 2.0)
    z = math.nextafter(2.0, x)
    return y * z + math.exp(math.nextafter(z, y))
"""
    error, path = outcome(Program("f(1.5)", text, ""), tmp_path)
    assert [(d.message, d.span.line, d.span.column + 1) for d in error.diagnostics] == [
        ("no derivative rule for `math.nextafter`", 4, 9),
        ("no derivative rule for `math.nextafter`", 5, 9),
        ("no derivative rule for `math.nextafter`", 6, 29),
    ]


def test_a_problem_in_a_loop_and_one_in_a_function_that_is_called(tmp_path):
    text = """\
def f(x):
    for i in range(3):
        x = x * unknown
    y = g(2.0)
    return x * y

def g(v):
    return math.missing(v)
"""
    error, path = outcome(Program("f(1.5)", text, ""), tmp_path)
    assert [(d.message, d.span.line) for d in error.diagnostics] == [
        ("name `unknown` is not defined", 5),
        ("`math` has no attribute `missing`", 10),
    ]


def test_calls_that_are_nested_too_deeply(tmp_path):
    text = "def f(x):\n    return f1(x)\n"
    text += "".join(f"def f{k}(x):\n    return f{k + 1}(x)\n" for k in range(1, 300))
    text += "def f300(x):\n    return x\n"
    error, path = outcome(Program("f(1.5)", text, ""), tmp_path)
    (diagnostic,) = error.diagnostics
    assert diagnostic.message == "calls are nested too deeply"
    line = linecache.getline(str(path), diagnostic.span.line)
    assert re.fullmatch(r"    return f\d+\(x\)\n", line)


# -- every message has a program ------------------------------------------------------

# Said by tests of their own above, or by rules of what the front end refuses before.
WITHOUT_PROGRAM = {
    "* leads back to itself",
    "the result holds an instance of `*`, which is not found at module level",
    "calls are nested too deeply",
    "the parameter `*` takes any number of values",
    "two functions called `*` close over different values of `*`",
    "this object cannot be reached from the generated code",
    "the kinds of the values in this loop do not settle",
    "it is not known whether this changes an array in place",
    "the kinds of the values in `*` do not settle",
    "`*` returns values of different structure",
    "`*` is called where the names it reads have changed",
    "enumerate over this is not supported",
    "cannot tell how many arrays `*` joins",
    "cannot tell the number of axes of what `*` joins",
    "`numpy.trace` is differentiated for arrays with two axes only",
    "`*` is differentiated for one or two axes only",
    "cannot tell how many items this has",
    "the subscripts of `numpy.einsum` must be a literal text",
    "`numpy.einsum` with an ellipsis is not differentiated",
    "the axes of `numpy.tensordot` must be known numbers",
    "cannot tell how many numbers `*` takes",
    "no derivative rule for `*` with * arguments",
    "no derivative rule for `*` of one sequence",
    "no derivative rule for the argument `out` of `*`",
    "cannot tell the number of axes of *",
    "axis * is out of bounds for * axes",
    "`+=` on * in a list is not differentiated",
    "the arrays in this list may have different shapes",
    "`sorted` is differentiated without a key only",
    "`*` of a list is differentiated with a fixed axis only",
    "cannot tell the number of axes of the arrays in this list",
    "a write to a slice of an inner list is not differentiated",
    "`*` of a list takes no further arguments here",
}

# Those of whole-program calls and of arguments have tests of their own.
ELSEWHERE = ("api", "errors.py", "source.py", "signature.py", "pipeline.py", "cli")


def texts() -> dict[str, str]:
    """The texts of all refusals in the package, with `*` for what is filled in."""
    found = {}
    root = Path(symdiff.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.name in ELSEWHERE or path.parent.name in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("Refusal", "Diagnostic", "Poison", "refuse"):
                for argument in node.args[: 2 if node.func.id == "refuse" else 1]:
                    text = pattern(argument)
                    if text:
                        found[text] = f"{path.relative_to(root)}:{node.lineno}"
    return found


def pattern(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "*" for p in node.values]
        return "".join(parts)
    return ""


def test_every_refusal_has_a_program():
    shown = "\n".join(
        line.strip().lstrip("^ ")
        for line in FILE.read_text(encoding="utf-8").split("\n")
        if re.match(r" *\^+ ", line)
    )
    without = {}
    for text, place in texts().items():
        expression = ".+".join(map(re.escape, text.split("*")))
        if not re.search(f"^{expression}$", shown, re.MULTILINE):
            without[text] = place
    new = {text: place for text, place in without.items() if text not in WITHOUT_PROGRAM}
    assert not new, f"no program in {FILE.name} leads to these: {new}"


def update(source: Path = FILE) -> None:
    """Write the file anew, from programs with or without their messages."""
    import tempfile

    title, *blocks = source.read_text(encoding="utf-8").split("---\n")
    shown = [title]
    with tempfile.TemporaryDirectory() as folder:
        for number, block in enumerate(blocks):
            call, *lines = block.rstrip("\n").split("\n")
            own = [line for line in lines if not MARK.match(line)]
            program = Program(call, "\n".join(own) + "\n", "")
            try:
                error, path = outcome(program, Path(folder), f"program{number}")
            except Exception as problem:
                print(
                    f"left out, {type(problem).__name__}: {problem}\n{call}\n{program.text}"
                )
                continue
            shown.append(annotate(program, error, path))
    FILE.write_text("---\n".join(shown), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    os.environ["SYMDIFF_CACHE"] = "off"
    update(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
