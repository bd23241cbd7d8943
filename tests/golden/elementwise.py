import numpy as np


def elementwise_grad(u, c):
    """Gradient of elementwise (functions_arrays.py:14) with respect to u, c. Generated
    by symdiff.
    """
    t1 = -c
    t2 = np.exp(t1 * u)
    t3 = t2 * np.sin(u)     # line 15
    # reverse sweep
    return t2 * np.cos(u) + t3 * t1, -np.sum(t3 * u)
