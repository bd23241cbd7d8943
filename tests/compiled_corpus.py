"""Every function of the corpus that Numba can compile, against its gradient in Python.

    PYTHONPATH=. python tests/compiled_corpus.py [FROM [STEP]]

takes about 20 minutes; `tests/test_compiled.py` runs some of them.
"""

from __future__ import annotations

import collections
import contextlib
import copy
import io
import os
import sys
import warnings

from corpus import CASES
from corpus.trees import same

import symdiff

NOT_COMPILED = (
    "cannot be compiled", "numba cannot compile", "numba would", "compiled code takes",
    "compiled code does not",
)  # fmt: skip


def compared(case) -> str:
    """ "agrees", "differs", or why there is nothing to compare."""
    if case.refused:
        return "refused"
    want = symdiff.grad(case.function, argnums=case.argnums)(*copy.deepcopy(case.args))
    compiled = symdiff.grad(case.function, argnums=case.argnums, compile="numba")
    args = copy.deepcopy(case.args)
    try:
        found = compiled(*args)
    except symdiff.DifferentiationError as error:
        message = error.diagnostics[0].message
        known = any(text in message for text in NOT_COMPILED)
        return message if known else f"differs: {error}"
    assert same(args, case.args), "an argument was changed"
    close = same(found, want, rtol=1e-9, atol=1e-15)  # what cancels leaves its rounding
    return "agrees" if close else f"differs: {found}, not {want}"


def main(start: int = 0, step: int = 1) -> int:
    os.environ["SYMDIFF_CACHE"] = "off"
    warnings.simplefilter("ignore")
    counts: collections.Counter[str] = collections.Counter()
    for case in CASES[start::step]:
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                outcome = compared(case)
            except Exception as error:
                outcome = f"differs: {type(error).__name__}: {error}"
        counts[outcome.partition(":")[0]] += 1
        if outcome.startswith("differs"):
            print(f"{case.name}: {outcome}", flush=True)
    for outcome, count in counts.most_common():
        print(f"{count:5} {outcome}")
    return int(counts["differs"] > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
