def fibonacci_like_grad(x, n):
    """Gradient of fibonacci_like (functions_loops.py:107) with respect to x. Generated
    by symdiff.
    """
    tape = []
    a = x
    b = 1.0
    for _ in range(n):
        tape.append((b, a))
        a, b = b, a * b + x         # line 110
    # reverse sweep
    a_bar, b_bar, x_bar = 1.0, 1.0, 0.0
    for b, a in reversed(tape):     # line 109, backwards
        a_bar1 = b_bar * b
        x_bar += b_bar
        b_bar = a_bar + b_bar * a   # line 110
        a_bar = a_bar1
    return x_bar + a_bar
