import numpy as np


def softmax_entropy_grad(a):
    """Gradient of softmax_entropy (functions_arrays.py:68) with respect to a. Generated
    by symdiff.
    """
    t1 = a.max(axis=1, keepdims=True)
    e = np.exp(a - t1)                                  # line 69
    t2 = e.sum(axis=1, keepdims=True)
    p = e / t2                                          # line 70
    # reverse sweep
    e_bar = (-np.log(p) - p / p) / t2                   # line 70
    t_bar = (e_bar + np.sum(-(e_bar * p), axis=1, keepdims=True)) * e
    t1 = (a == t1).astype("float64")
    t2 = np.sum(-t_bar, axis=1, keepdims=True) * t1     # line 69
    return t_bar + t2 / t1.sum(axis=1, keepdims=True)
