import math


def running_maximum_grad(x, n):
    """Gradient of running_maximum (functions_loops.py:97) with respect to x. Generated
    by symdiff.
    """
    tape = []
    best = -10.0
    for i in range(n):
        v = math.sin(x * i)                     # line 100
        t = v > best                            # line 101
        tape.append((i, t))
        if t:
            best = v
    # reverse sweep
    best_bar = x
    x_bar = best
    for i, t in reversed(tape):                 # line 99, backwards
        if t:
            v_bar = best_bar
            best_bar = 0.0
        else:
            v_bar = 0.0
        x_bar += v_bar * math.cos(x * i) * i    # line 100
    return x_bar
