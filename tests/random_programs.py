"""Random programs as source text, and the comparison of their gradients with differences.

`python tests/random_programs.py scalar 0 2000` tries seeds, counts and shrinks what fails.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import io
import itertools
import linecache
import math
import multiprocessing
import os
import sys
import time
import warnings

import numpy as np

import symdiff
from generators.arrays import array_arguments, array_program
from generators.exits import exits_arguments, exits_program
from generators.language import language_arguments, language_program
from generators.records import records_arguments, records_program
from generators.scalars import scalar_arguments, scalar_program
from generators.shapes import shapes_arguments, shapes_program
from generators.trajectories import trajectory_arguments, trajectory_program
from generators.views import views_program

_loads = itertools.count()


# -- comparison -----------------------------------------------------------------------

KINDS = {
    "scalar": (scalar_program, scalar_arguments, (0, 1)),
    "array": (array_program, array_arguments, (0, 1, 2)),
    "shapes": (shapes_program, shapes_arguments, (0, 1)),
    "views": (views_program, array_arguments, (0, 1, 2)),
    "language": (language_program, language_arguments, (0, 1)),
    "exits": (exits_program, exits_arguments, (0, 1)),
    "records": (records_program, records_arguments, (0, 1)),
    "trajectories": (trajectory_program, trajectory_arguments, (0, 1, 3)),
}


def load(text: str):
    """The function `f` of a program, with its text where `inspect` finds it."""
    file = f"<program {next(_loads)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"__name__": "random_program"}
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"]


def fresh(args):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


class Kink(Exception):
    """The function has no derivative near here, or one that differences cannot tell."""


def numerical(function, args, place, index=None) -> float:
    """The derivative of one entry; `Kink` where one-sided differences disagree."""

    def at(by):
        moved = fresh(args)
        if index is None:
            moved[place] += by
        else:
            moved[place][index] += by
        value = float(function(*moved))
        if not math.isfinite(value) or abs(value) > 1e5:
            raise Kink
        return value

    h = 1e-4
    here, a, b, c, d = at(0.0), at(h), at(-h), at(h / 2), at(-h / 2)
    coarse, fine = (a - b) / (2 * h), (c - d) / h
    size = max(1.0, abs(fine))
    if abs((a - here) - (here - b)) / h > 0.05 * size or abs(coarse - fine) > 1e-4 * size:
        raise Kink
    # A jump or bend that the points straddle shows in the second differences.
    if abs((a - 2 * here + b) - 4 * (c - 2 * here + d)) > 1e-9 * max(1.0, abs(here)):
        raise Kink
    return (4 * fine - coarse) / 3


def largest(function, args) -> float:
    """The largest number that any variable holds while the function runs."""
    most = 0.0

    def watch(frame, event, argument):
        nonlocal most
        for value in frame.f_locals.values():
            if isinstance(value, (float, np.ndarray)) and np.size(value):
                most = max(most, float(np.max(np.abs(value))))
        return watch

    sys.settrace(watch)
    try:
        function(*fresh(args))
    finally:
        sys.settrace(None)
    return most


class Invalid(Exception):
    """The program itself fails."""


class Wrong(AssertionError):
    """A gradient that differs from the differences, or something else that is false."""


def compare(text: str, args, places) -> int:
    """Raises `Wrong` if the gradient is; the number of entries that could be compared."""
    try:
        function = load(text)
    except Exception as error:
        raise Invalid(str(error)) from error
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            primal = function(*fresh(args))
            float(primal)
        except Exception as error:
            raise Invalid(str(error)) from error
        if not math.isfinite(primal) or abs(primal) > 1e5:
            raise Kink
        given = fresh(args)
        both = symdiff.value_and_grad(function, argnums=places)
        value, found = both(*given)
        if value != primal and abs(value - primal) > 1e-12 * max(1, abs(primal)):
            raise Wrong(f"value {value!r} instead of {primal!r}\n{both.source}")
        only = symdiff.grad(function, argnums=places, mode="reverse")
        for a, b in zip(found, only(*given)):
            if not np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True):
                raise Wrong(f"grad {b} instead of {a}\n{only.source}")
        for a, b in zip(given, args):
            if not np.array_equal(a, b):
                raise Wrong(f"an argument was changed\n{both.source}")
        compare_forward(function, args, places, primal, found)
        compared = 0
        for place, got in zip(places, found):
            if np.shape(got) != np.shape(args[place]):
                raise Wrong(f"shape {np.shape(got)} of gradient {place}\n{both.source}")
            for index in np.ndindex(np.shape(got)):
                try:
                    want = numerical(function, args, place, index or None)
                except (Kink, ArithmeticError, ValueError):
                    continue
                compared += 1
                have = float(np.asarray(got)[index])
                if not abs(have - want) <= 2e-5 * max(1.0, abs(want)):
                    if not largest(function, args) < 1e6:
                        raise Kink  # differences drown in rounding
                    raise Wrong(
                        f"d/d{place}{list(index)}: {have} instead of {want}\n{both.source}"
                    )
    return compared


def compare_forward(function, args, places, primal, gradients) -> None:
    """Raises `Wrong` if forward mode differs from reverse mode in some direction."""
    rng = np.random.default_rng(len(args))
    given, dots, shares = fresh(args), [None] * len(args), []
    for place, gradient in zip(places, gradients):
        dot = rng.uniform(-1.0, 1.0, np.shape(gradient))
        dots[place] = dot if np.ndim(gradient) else float(dot)
        shares.append(dot * np.asarray(gradient))

    def code():
        return symdiff.source(function, *args, argnums=places, mode="jvp")

    value, tangent = symdiff.jvp(function, given, dots)
    if value != primal and abs(value - primal) > 1e-12 * max(1, abs(primal)):
        raise Wrong(f"value {value!r} instead of {primal!r} in forward mode\n{code()}")
    want = sum(float(np.sum(each)) for each in shares)
    size = sum(float(np.sum(np.abs(each))) for each in shares)
    if math.isfinite(want) and not abs(tangent - want) <= 1e-9 * max(1.0, size):
        raise Wrong(f"tangent {tangent!r}, by reverse mode {want!r}\n{code()}")
    for a, b in zip(given, args):
        if not np.array_equal(a, b):
            raise Wrong(f"an argument was changed in forward mode\n{code()}")


def outcome(text: str, args, places) -> tuple[str, str]:
    """What became of a program, in a word, and the details."""
    try:
        compared = compare(text, args, places)
    except symdiff.DifferentiationError as error:
        return "refused", str(error.msg)
    except Kink:
        return "skipped", ""
    except Invalid as error:
        return "invalid", str(error)
    except Wrong as error:
        return "wrong", str(error)
    except RecursionError as error:
        return "crash RecursionError", str(error)
    except Exception as error:
        return f"crash {type(error).__name__}", f"{type(error).__name__}: {error}"
    return ("compared" if compared else "skipped"), str(compared)


def attempt(kind: str, seed: int) -> tuple[int, str, str]:
    program, arguments, places = KINDS[kind]
    return (seed, *outcome(program(seed), arguments(seed), places))


def _attempt(job: tuple[str, int]) -> tuple[int, str, str]:
    return attempt(*job)


# -- shrinking ------------------------------------------------------------------------


def shrink(text: str, args, places, word: str) -> str:
    """A smaller program that comes to the same end."""
    best = text
    changed = True
    end = time.monotonic() + float(os.environ.get("SHRINK", 20))
    while changed:
        changed = False
        for smaller in _smaller(best):
            if time.monotonic() > end:
                return best
            if len(smaller) < len(best) and outcome(smaller, args, places)[0] == word:
                best, changed = smaller, True
                break
    return best


def _smaller(text: str):
    tree = ast.parse(text)
    count = sum(1 for _ in ast.walk(tree))
    for number in range(count):
        for choice in range(3):
            copy = ast.parse(text)
            node = next(itertools.islice(ast.walk(copy), number, None))
            if _reduce(copy, node, choice):
                with contextlib.suppress(Exception):
                    yield ast.unparse(ast.fix_missing_locations(copy)) + "\n"


def _reduce(tree, node, choice) -> bool:
    if isinstance(node, ast.stmt):
        if isinstance(node, ast.Return) and choice == 0:
            return False
        bodies = (
            [node.body, node.orelse]
            if isinstance(node, (ast.If, ast.For, ast.While, ast.Try))
            else []
        )
        new = [] if choice == 0 else bodies[choice - 1] if choice <= len(bodies) else None
        if new is None:
            return False
        for parent in ast.walk(tree):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(parent, name, None)
                if isinstance(block, list) and node in block:
                    place = block.index(node)
                    block[place : place + 1] = new
                    if not block and name == "body":
                        block.append(ast.Pass())
                    return True
        return False
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.Call):
        parts = list(node.args)
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, (ast.UnaryOp,)):
        parts = [node.operand]
    elif isinstance(node, ast.BoolOp):
        parts = list(node.values)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        parts = [node.value]
    if choice >= len(parts):
        return False
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, parts[choice])
                return True
            if isinstance(value, list) and node in value:
                value[value.index(node)] = parts[choice]
                return True
    return False


def main(arguments: list[str]) -> None:
    kind, first, last = arguments[0], int(arguments[1]), int(arguments[2])
    os.environ["SYMDIFF_CACHE"] = "off"
    results = collections.Counter()
    refusals = collections.Counter()
    examples: dict[str, int] = {}
    failed: list[tuple[int, str, str]] = []
    with multiprocessing.Pool(2, maxtasksperchild=200) as pool:
        jobs = [(kind, seed) for seed in range(first, last)]
        for seed, word, details in pool.imap_unordered(_attempt, jobs, 10):
            results[word] += 1
            if word in ("refused", "invalid"):
                details = f"{word}: {details}"
                refusals[details] += 1
                examples.setdefault(details, seed)
            elif word not in ("compared", "skipped"):
                failed.append((seed, word, details))
    print(dict(results))
    for message, count in refusals.most_common(12):
        print(f"{count:5} as {examples[message]} {message}")
    program, arguments_of, places = KINDS[kind]
    print("failed:", *(f"{seed}" for seed, _, _ in failed[:60]))
    seen: set[str] = set()
    for seed, word, details in failed:
        key = word + details.partition("\n")[0] if word != "wrong" else str(seed)
        if key in seen or len(seen) >= int((arguments[3:] or ["6"])[0]):
            continue
        seen.add(key)
        print(f"== seed {seed}: {word}")
        small = shrink(program(seed), arguments_of(seed), places, word)
        print(f"{small}-- {outcome(small, arguments_of(seed), places)[1]}\n", flush=True)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
