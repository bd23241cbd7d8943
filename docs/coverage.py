"""Writes coverage.md, which says what becomes of each name in surface.txt."""

from __future__ import annotations

import importlib
import sys
import textwrap
from pathlib import Path

from symdiff.definitions import class_for, definition_of, method_for
from symdiff.frontend.reading.library import ARRAY_METHODS, WRITERS, operation
from symdiff.rules import Zero, rule_for

HERE = Path(__file__).parent
STATES = {
    "rule": "a rule",
    "followed": "followed into what it does",
    "written": "written in place",
    "constant": "constant: the derivative is 0",
    "run": "run as it is: no derivative is asked of it",
}
# Names that no rule says anything about.
RUN = {
    "numpy": """
        array2string array_repr array_str asmatrix base_repr binary_repr
        bitwise_count bmat broadcast_shapes busday_count busday_offset can_cast
        common_type datetime_as_string datetime_data einsum_path
        format_float_positional format_float_scientific from_dlpack frombuffer
        fromfile fromiter fromregex fromstring genfromtxt get_include
        get_printoptions getbufsize geterr geterrcall histogram2d
        histogram_bin_edges histogramdd info is_busday isdtype isfortran isnat
        iterable ix_ load loadtxt mask_indices may_share_memory min_scalar_type
        mintypecode nested_iters packbits printoptions promote_types
        ravel_multi_index save savetxt savez savez_compressed set_printoptions
        setbufsize seterr seterrcall show_config show_runtime test typename
        unpackbits gcd lcm left_shift right_shift bitwise_left_shift
        bitwise_right_shift
    """,
    "numpy.linalg": "matrix_rank",
    "numpy.fft": "fftfreq rfftfreq",
    "numpy.ndarray": """base byteswap ctypes data device dump dumps flags getfield setfield
        setflags to_device tobytes tofile""",
    "scipy.stats": "mode rankdata",
    "scipy.special": "bernoulli",
}
METHODS = {
    "rule": "T conj conjugate copy flat flatten imag item mT real tolist view",
    "constant": "dtype itemsize nbytes ndim shape size strides",
    "written": "fill partition put resize sort",
}
REASONS = {
    "a neighbouring number is no smooth function": {
        "numpy": "nextafter", "math": "nextafter",
    },
}  # fmt: skip


def surface() -> dict[str, list[str]]:
    """The names of each module."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in (HERE / "surface.txt").read_text("utf-8").splitlines():
        if line.startswith(" "):
            names += line.split()
        else:
            names = found[line] = []
    return found


def op_of(module: str, name: str) -> str:
    """The operation that a name stands for: that of another name, of the same thing."""
    owner = importlib.import_module(module)
    for part in name.split("."):
        owner = getattr(owner, part, None)
    return (owner is not None and operation(owner)) or f"{module}.{name}"


def is_class_followed(module: str, name: str) -> bool:
    value = getattr(importlib.import_module(module), name, None)
    return isinstance(value, type) and class_for(value) is not None


def state_of(module: str, name: str) -> str:
    """One of STATES, or the reason why it is refused."""
    if module == "numpy.ndarray":
        for state, names in METHODS.items():
            if name in names.split():
                return state
        if name in ARRAY_METHODS:
            return state_of("numpy", name)
    else:
        if name.startswith("ufunc."):
            return "followed" if name != "ufunc.at" else "written"
        op = op_of(module, name)
        if op in WRITERS:
            return "written"
        if name in ("put_along_axis",):
            return "written"
        rule = rule_for(op)
        if rule is not None:
            return "constant" if isinstance(rule, Zero) else "rule"
        if definition_of(op, 99) is not None or op in FOLLOWED:
            return "followed"
        if is_class_followed(module, name):
            return "followed"
        if module == "scipy.stats" and method_for(name.rpartition(".")[2]) is not None:
            return "followed"
    if name in RUN.get(module, "").split():
        return "run"
    for reason, names in REASONS.items():
        if name in names.get(module, "").split():
            return reason
    raise LookupError(f"say in {__file__} what becomes of {module}.{name}")


# Done where calls are read, in terms of other operations.
FOLLOWED = frozenset(("numpy.append", "numpy.real", "numpy.imag"))


def by_which_not(module: str, name: str) -> str:
    """The arguments by which a rule has no formula."""
    rule = rule_for(op_of(module, name)) if module != "numpy.ndarray" else None
    partials = getattr(rule, "partials", ())
    if not isinstance(partials, tuple) or None not in partials:
        return ""
    names = rule.form.partition("(")[2].rstrip(")").split(", ")
    missing = [
        n.partition("=")[0] for n, p in zip(names, partials, strict=False) if p is None
    ]
    return f" (not by {', '.join(missing)})"


INTRODUCTION = """\
# Coverage

What becomes of the functions of NumPy, SciPy and `math` that have a derivative, and of
those around them. Written by `python docs/coverage.py` from the rules; a test holds the two
together. `tests/golden/calls.txt` has the calls with which each is tested, in reverse and
in forward mode. `symdiff rules NAME` shows a rule."""


def page() -> str:
    """The text of coverage.md."""
    lines = [INTRODUCTION]
    for module, names in surface().items():
        groups: dict[str, list[str]] = {}
        for name in names:
            state = state_of(module, name)
            shown = name + (by_which_not(module, name) if state == "rule" else "")
            groups.setdefault(state, []).append(shown)
        lines += ["", f"## {module}"]
        for state in [*STATES, *REASONS]:
            if state in groups:
                what = STATES.get(state) or f"refused: {state}"
                lines += ["", f"{what[0].upper()}{what[1:]}.", ""]
                lines += wrapped(groups[state])
    return "\n".join(lines) + "\n"


def wrapped(names: list[str]) -> list[str]:
    text = " · ".join(f"`{n.split(' ')[0]}`{n[len(n.split(' ')[0]) :]}" for n in names)
    return textwrap.wrap(text, 110, break_on_hyphens=False, break_long_words=False)


if __name__ == "__main__":
    (HERE / "coverage.md").write_text(page(), encoding="utf-8")
    sys.exit(0)
