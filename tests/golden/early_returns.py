import math


def early_returns_grad(x):
    """Gradient of early_returns (functions_scalars.py:44) with respect to x. Generated
    by symdiff.
    """
    t1 = x < 0                      # line 45
    if not t1:
        y = x * x                   # line 47
        t3 = y > 4                  # line 48
        if t3:
            x_bar = math.sqrt(y)    # line 49
        else:
            t2 = math.exp(-y)       # line 50
    # reverse sweep
    if t1:
        return -3.0
    if t3:
        y_bar = 0.5 * x / x_bar     # line 49
    else:
        x_bar = 0.0
        y_bar = t2 - y * t2         # line 50
    t2 = y_bar * x                  # line 47
    return x_bar + t2 + t2
