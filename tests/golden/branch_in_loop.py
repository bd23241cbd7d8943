def branch_in_loop_grad(x, n):
    """Gradient of branch_in_loop (functions_loops.py:86) with respect to x. Generated
    by symdiff.
    """
    tape = []
    s = x
    for _ in range(n):
        tape.append(s)
        s = s * 0.5 * x if s > 1 else s + s * s     # line 89
    # reverse sweep
    s_bar, x_bar = 1.0, 0.0
    for s in reversed(tape):                        # line 88, backwards
        if s > 1:
            x_bar += s_bar * s * 0.5
            s_bar = 0.5 * s_bar * x                 # line 90
        else:
            t = s_bar * s
            s_bar = s_bar + t + t                   # line 92
    return x_bar + s_bar
