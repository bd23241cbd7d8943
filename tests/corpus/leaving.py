"""Loops that are left, or gone on with, from the `else` of a loop inside them."""

import math

from corpus.registry import case


@case(0.3, 0.4, 2)
@case(0.3, 0.4, 9)
def continue_in_the_else_of_a_for(x, y, n):
    for i in range(3):
        for j in range(n):
            if j > 5:
                break
        else:
            continue
        x = y
    return x


@case(0.3, 0.4, 2)
@case(0.3, 0.4, 9)
def break_in_the_else_of_a_while(x, y, n):
    for i in range(3):
        j = 0
        while j < n:
            if j > 5:
                break
            j += 1
        else:
            break
        x = x * y
    return x


@case(0.3, 0.4, 2)
@case(0.3, 0.4, 9)
def continue_after_work_in_an_else(x, y, n):
    for i in range(3):
        for j in range(n):
            y = y * x + 0.1
            if j > 5:
                break
        else:
            x = x * 2
            continue
        x = math.sin(x) * y
    return x * y


@case(0.3, 0.4, 2)
@case(0.9, 0.4, 2)
@case(0.9, 0.4, 9)
def branch_of_an_else_leaves(x, y, n):
    for i in range(4):
        for j in range(n):
            if j > 5:
                break
        else:
            if x > 0.5:
                break
            y = y * x
        x = x + y
    else:
        x = x * x
    return x * y


@case(0.3, 0.4, 3)
@case(1.3, 0.4, 3)
def else_within_an_else(x, y, n):
    total = 0.0
    for i in range(n):
        for j in range(2):
            total += x * j
            if total > 2:
                break
        else:
            k = 0
            while k < i:
                k += 1
                total *= y
                if total > 1:
                    break
            else:
                continue
            break
        total -= y
    return total * x


@case(0.5, 0.4, 1)
@case(0.5, 0.4, 5)
def finally_that_raises_what_is_caught(x, y, n):
    u = [x, y]
    try:
        try:
            if n > 1:
                raise ValueError("given up")
            x = x * y
        except ZeroDivisionError:
            x = 0.0
        finally:
            try:
                y = y * u[n]
            finally:
                for k in range(2):
                    x = x * y
    except IndexError:
        return x * y
    return x + y


@case(0.8, 4)
def recursion_in_a_try_with_a_finally(x, n):
    def go(x, k):
        return x if k == 0 else x * go(x * 0.9, k - 1)

    try:
        y = go(x, n)
    finally:
        x = x + 1
    return x * y


@case(0.5, 3)
@case(1.5, 1)
def raise_in_each_branch_and_in_an_else(x, n):
    if n < 1:
        if x > 0.42:
            raise ValueError("large")
        else:
            for k in range(2):
                x += 0.69
            else:
                raise ValueError("small")
    return x * x


@case(0.7, 1.2, 1)
@case(1.4, 1.1, 1)
@case(0.7, 1.2, 0)
def a_list_that_one_path_makes_after_a_guard(x, y, n):
    z = [x, y]
    if x > 1:
        z[0] = 3.0
        w = y
    else:
        if x < 0.2:
            raise ValueError("too small")
        w = z[n] * y
        z = [y, x * x, w]
    if n == 0:
        w = w * z[0]
    else:
        z[n] = w
    if x > 1:
        return y * y
    return w + z[n]


@case(1.4, 1.2, 2)
@case(0.6, 1.3, 2)
@case(0.6, 1.3, 0)
def a_store_in_finally_after_a_return_in_try(x, y, n):
    u = [x, y, 0.5]
    try:
        if x > 0.9:
            return y * y
        y = y * 1.09 - x
        if x < 0.2:
            raise ValueError("too small")
    finally:
        if n == 0:
            x = x * y
        else:
            u[n] = y
            x += 0.57 * x
    return y + u[n] * x


@case(0.7, 3)
def a_test_asked_again_after_it_raised(x, n):
    if x < 0.2:
        raise ValueError("small")
    else:
        z = x * n
    y = z * x
    if x < 0.2:
        y = y * 3.0
    return y


@case(0.7, 3)
@case(0.7, 0)
@case(0.1, 0)
def a_test_that_raises_in_one_branch_only(x, n):
    small = x < 0.2
    if n > 1:
        if small:
            raise ValueError("small")
        x = x * n
    y = x * x
    if n > 1:
        y = y * (3.0 if small else x)
    elif small:
        y = y + x
    return y * x
