"""Global sequence alignment with a soft maximum, affine gaps and a learned score table."""

import math
from typing import Dict, List, Tuple

import numpy as np

PURINES = "AG"
PYRIMIDINES = "CT"


def same_class(a: str, b: str) -> bool:
    return (a in PURINES and b in PURINES) or (a in PYRIMIDINES and b in PYRIMIDINES)


def softmax3(a: float, b: float, c: float, temperature: float) -> float:
    """Smooth maximum of three numbers, safe for large ones."""
    top = max(a, b, c)
    total = (
        math.exp((a - top) / temperature)
        + math.exp((b - top) / temperature)
        + math.exp((c - top) / temperature)
    )
    return top + temperature * math.log(total)


def build_scores(match: float, transition: float, transversion: float) -> Dict:
    """The score of each pair of letters."""
    scores = {}
    for a in "ACGT":
        for b in "ACGT":
            if a == b:
                scores[a, b] = match
            elif same_class(a, b):
                scores[a, b] = transition
            else:
                scores[a, b] = transversion
    return scores


def fill_tables(
    first: str,
    second: str,
    scores: Dict,
    gap_open: float,
    gap_extend: float,
    temperature: float,
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The tables of Gotoh's algorithm: match, gap in the second, gap in the first."""
    m, n = len(first), len(second)
    big = -50.0
    M = np.full((m + 1, n + 1), big)
    X = np.full((m + 1, n + 1), big)
    Y = np.full((m + 1, n + 1), big)
    M[0, 0] = 0.0
    for i in range(1, m + 1):
        X[i, 0] = gap_open + (i - 1) * gap_extend
    for j in range(1, n + 1):
        Y[0, j] = gap_open + (j - 1) * gap_extend
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            s = scores[first[i - 1], second[j - 1]]
            M[i, j] = s + softmax3(
                M[i - 1, j - 1], X[i - 1, j - 1], Y[i - 1, j - 1], temperature
            )
            X[i, j] = softmax3(
                M[i - 1, j] + gap_open, X[i - 1, j] + gap_extend, Y[i - 1, j] + gap_open,
                temperature,
            )  # fmt: skip
            Y[i, j] = softmax3(
                M[i, j - 1] + gap_open, Y[i, j - 1] + gap_extend, X[i, j - 1] + gap_open,
                temperature,
            )  # fmt: skip
    return M, X, Y


def alignment_score(
    match: float, transition: float, transversion: float, gap_open: float, gap_extend: float
) -> float:
    """The mean soft score of a few pairs of reads."""
    pairs: List[Tuple[str, str]] = [
        ("ACGTTA", "ACTTGA"),
        ("GATTACA", "GCATGCT"),
        ("CCG", "CG"),
    ]
    scores = build_scores(match, transition, transversion)
    total = 0.0
    for first, second in pairs:
        M, X, Y = fill_tables(first, second, scores, gap_open, gap_extend, 0.5)
        total += softmax3(M[-1, -1], X[-1, -1], Y[-1, -1], 0.5) / max(
            len(first), len(second)
        )
    return total / len(pairs)


if __name__ == "__main__":
    print(alignment_score(1.0, -0.4, -0.9, -1.1, -0.3))
