def return_in_loop_grad(x, n):
    """Gradient of return_in_loop (functions_loops.py:56) with respect to x. Generated
    by symdiff.
    """
    tape = []
    s = x
    returned = False
    for _ in range(n):
        s1 = s * s + 0.1                # line 59
        t = s1 > 3                      # line 60
        tape.append((t, s1, s))
        if t:
            s = s1
            returned = True
            break
        s = s1
    # reverse sweep
    if returned:
        result_bar, s_bar, x_bar = 1.0, 0.0, 0.0
    else:
        result_bar, s_bar, x_bar = 0.0, 1.0, -1.0
    for t, s1, s in reversed(tape):     # line 58, backwards
        if t:
            x_bar += result_bar * s1
            s_bar += result_bar * x     # line 61
        s_bar *= s
        s_bar = s_bar + s_bar           # line 59
        result_bar = 0.0
    return x_bar + s_bar
