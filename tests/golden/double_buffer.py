import numpy as np


def double_buffer_grad(u, n):
    """Gradient of double_buffer (functions_places.py:24) with respect to u. Generated
    by symdiff.
    """
    new = np.empty_like(u)      # line 25
    tape = []
    u1 = u.copy()               # line 26
    for _ in range(n):
        new[0] = u1[0]          # line 27
        new[-1] = u1[-1]        # line 28
        new[1:-1] = u1[1:-1] * (u1[2:] + u1[:-2])
        u2 = u1.copy()          # line 29
        tape.append(u2)
        new, u1 = u1, new
    # reverse sweep
    new_bar = np.zeros_like(u)  # line 26
    u_bar = u1 + u1             # line 31
    for u2 in reversed(tape):   # line 26, backwards
        t1_bar = u_bar[1:-1].copy()
        u_bar[1:-1] = 0.0
        t2_bar = t1_bar * u2[1:-1]
        new_bar[1:-1] += t1_bar * (u2[2:] + u2[:-2])
        new_bar[:-2] += t2_bar
        new_bar[2:] += t2_bar   # line 29
        t3_bar = u_bar[-1]
        u_bar[-1] = 0.0
        new_bar[-1] += t3_bar   # line 28
        t3_bar = u_bar[0]
        u_bar[0] = 0.0
        new_bar[0] += t3_bar    # line 27
        new_bar, u_bar = u_bar, new_bar
    return u_bar
