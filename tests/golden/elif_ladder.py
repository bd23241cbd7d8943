import math


def elif_ladder_grad(x, k):
    """Gradient of elif_ladder (functions_scalars.py:54) with respect to x, k. Generated
    by symdiff.
    """
    t1 = x < 0                      # line 55
    if t1:
        y = k * x                   # line 56
    else:
        t4 = x < 1                  # line 57
        if t4:
            y = x * x               # line 58
        else:
            t3 = x < 2              # line 59
            if t3:
                t2 = k * x
                y = math.sin(t2)    # line 60
            else:
                y = math.log(x)     # line 62
    # reverse sweep
    if t1:
        return y + x * k, x * x
    if t4:
        t2 = x * x                  # line 58
        return y + t2 + t2, 0.0
    if t3:
        t_bar = x * math.cos(t2)    # line 60
        return y + t_bar * k, t_bar * x
    return y + x / x, 0.0
