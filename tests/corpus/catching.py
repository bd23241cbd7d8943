"""Errors that are caught, and contexts."""

import contextlib
import math
import time
import warnings
from contextlib import suppress

import numpy as np

from corpus.registry import case


@case(1.5)
@case(-1.5)
def log_or_zero(x):
    try:
        y = math.log(x)
    except ValueError:
        y = 3 * x
    return y * x


@case(1.5)
@case(-1.5)
def returns_from_handler(x):
    try:
        return math.log(x)
    except ValueError:
        return x * x


@case(1.5, 2.0)
@case(1.5, 0.0, argnums=(0,))
def else_and_finally(x, y):
    try:
        z = x / y
    except ZeroDivisionError:
        z = 2 * x
    else:
        z = z + 1
    finally:
        w = x
    return z * w


def checked_root(x):
    if x < 0:
        raise ValueError("negative")
    return math.sqrt(x)


@case(1.5)
@case(-1.5)
def raised_in_a_callee(x):
    try:
        y = checked_root(x) * 2
    except ValueError:
        y = x
    return y


@case(np.array([1.0, -2.0, 3.0]))
def continue_in_a_handler(xs):
    s = 0.0
    for x in xs:
        try:
            s += math.log(x)
        except ValueError:
            continue
    return s * s


@case(np.array([1.0, 2.0, 3.0]))
@case(np.array([1.0, 2.0, -3.0, 4.0]))
def loop_inside_try(xs):
    s = 0.0
    try:
        for x in xs:
            s += math.log(x) * x
    except ValueError:
        s = s * 2
    return s * s


@case(1.5)
@case(-1.5)
@case(-2.5)
def nested_handlers(x):
    try:
        try:
            y = math.sqrt(x)
        except ZeroDivisionError:
            y = 0.0
        y = y * 3
    except (ValueError, TypeError) as e:
        try:
            y = math.log(x + 2)
        except ValueError:
            y = x * x
    return y


@case(1.5, True)
@case(-1.5, True)
@case(-1.5, False)
def try_around_a_known_branch(x, flag):
    y = x
    try:
        if flag:
            y = y * 2
            z = math.sqrt(x)
            y = y * z
        else:
            y = y * 5
        y += 1
    except ValueError:
        y = y * 7
    return y


@case(1.5, 1.0)
@case(-1.5, 1.0)
@case(-1.5, -1.0)
def try_around_a_branch(x, a):
    y = x
    try:
        if a > 0:
            y = y * 2
            z = math.sqrt(x)
            y = y * z
        else:
            y = y * 5
        y += 1
    except ValueError:
        y = y * 7
    return y


class TooLarge(ValueError):
    pass


def limited(x, lim):
    for k in range(3):
        x = x * 1.5
        if x > lim:
            raise TooLarge("too large")
    return x


@case(1.5, 100.0, argnums=(0,))
@case(1.5, 3.0, argnums=(0,))
def raised_in_a_loop_of_a_callee(x, lim):
    try:
        return limited(x, lim)
    except TooLarge:
        return -x * x


@case(1.5)
@case(2.5)
def error_with_a_name(x):
    try:
        if x > 2:
            raise KeyError("x")
        y = x * x
    except KeyError as err:
        print(err, end="")
        y = x
    return y


@case(np.array([[2.0, 1.0], [1.0, 2.0]]))
@case(np.array([[-2.0, 1.0], [1.0, 2.0]]))
def singular_matrix(a):
    try:
        L = np.linalg.cholesky(a @ a.T - 3 * np.eye(2) if a[0, 0] < 0 else a @ a.T)
        return np.log(L[0, 0]) + L[1, 1]
    except np.linalg.LinAlgError:
        return (a * a).sum()


@case(1.5)
@case(800.0)
def overflow(x):
    try:
        y = math.exp(x)
    except OverflowError:
        y = x
    return y


@case(1.5, 3)
@case(1.5, 0)
def failed_assertion(x, n):
    try:
        assert n > 0
        y = x / n
    except AssertionError:
        y = x * x
    return y


@case(np.array([1.0, 2.0]), 1)
@case(np.array([1.0, 2.0]), 5)
def index_out_of_range(xs, i):
    try:
        return xs[i] * 2
    except IndexError:
        return xs[0] ** 2


@case(1.5)
def catches_everything(x):
    try:
        y = 1 / x
    except Exception:
        y = 0.0
    return y * y + x


@case(1.5, 2)
@case(1.5, 0)
def raised_in_the_test_of_a_loop(x, n):
    s = x
    try:
        while 6 / n > 0.5:
            s = s * x
            n = n + 1
        s = s + 1
    except ZeroDivisionError:
        s = s * 9
    return s


@case(1.5)
@case(-0.5)
def try_around_a_comprehension(x):
    try:
        s = sum([math.sqrt(x + k) for k in range(3)])
    except ValueError:
        s = x * x
    return s


@case(np.array([1.0, 2.0]))
@case(np.array([1.0, -2.0]))
def try_around_a_generator(xs):
    try:
        s = sum(math.sqrt(x) for x in xs)
    except ValueError:
        s = (xs * xs).sum()
    return s


@case(1.5)
@case(-1.5)
def raised_in_one_operand(x):
    try:
        ok = x > 0 or math.sqrt(x) > 2
        y = x * 2 if ok else math.sqrt(x)
    except ValueError:
        y = x**3
    return y


@case(1.5)
def handler_that_raises_again(x):
    try:
        y = math.sqrt(x)
    except ValueError:
        raise
    return y


@case(1.5)
def handler_that_raises_another(x):
    try:
        y = math.sqrt(x)
    except ValueError as e:
        raise RuntimeError("bad") from e
    return y


@case(1.5)
@case(-1.5)
def return_before_finally(x):
    total = 0.0
    try:
        total += x * x
        if x > 0:
            return total
        total += math.sqrt(x)
    except ValueError:
        total = total * 3
    finally:
        z = 3.0
    return total * z


@case(1.5, 4)
@case(-1.5, 4)
def retry_until_it_works(x, n):
    for k in range(n):
        try:
            y = math.log(x)
            break
        except ValueError:
            x = x + 1.0
    else:
        y = 0.0
    return y * x


@case(1.5)
def caught_warnings(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = x * x
    return y


@case(1.5)
@case(-1.5)
def suppressed_errors(x):
    y = x
    with suppress(ValueError, ZeroDivisionError):
        y = math.log(x)
        y = y * x
    return y * 3


@case(1.5)
def context_that_does_nothing(x):
    with contextlib.nullcontext(x * x) as y, np.errstate(all="ignore"):
        z = y * 2
        return z


@case(np.array([1.0, 2.0]))
def context_in_a_loop(xs):
    s = 0.0
    for x in xs:
        with np.errstate(all="ignore"):
            s += x * x
            if s > 100:
                break
    return s


class Timer:
    def __init__(self, name):
        self.name = name
        self.spent = 0.0

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *args):
        self.spent = time.perf_counter() - self.start
        return False


class Scale:
    def __init__(self, k):
        self.k = k
        self.log = []

    def __enter__(self):
        return self

    def __exit__(self, kind, err, tb):
        self.k = self.k * 2


@case(1.5)
def context_of_a_class(x):
    with Timer("a") as tm:
        y = x * x
        if x > 1:
            return y * 3
    return y


@case(1.5)
def context_that_changes(x):
    with Scale(x) as s:
        y = s.k * x
    return y * s.k


@case(-0.3, -0.4)
@case(0.3, 0.4)
@case(0.5, 0.4)
def two_causes_of_one_handler(x, y):
    try:
        if y > x:
            raise ValueError("no")
        x = math.log(y)
    except (ValueError, KeyError):
        x += y
    return x


@case(0.5, 0.4, 1)
@case(0.5, -0.4, 0)
@case(0.5, 0.4, 0)
def three_causes_in_two_branches(x, y, n):
    try:
        if n > 0:
            x *= 2
            raise ValueError("no")
        elif y < 0:
            raise KeyError("y")
        x = math.sqrt(y) / x
        y = math.log(x - y)
    except ValueError:
        x += y
    except KeyError:
        y *= x
    return x * y


@case(0.5, 0.4)
def loop_in_a_finally_after_a_return(x, y):
    z = 0.0
    try:
        return x * y
    finally:
        for k in range(3):
            z += k
    return x


@case(0.5, 0.4)
@case(0.5, -0.4)
def loop_in_a_finally_on_the_way_to_a_handler(x, y):
    try:
        try:
            x = x * math.sqrt(y)
        finally:
            for k in range(3):
                x = x + y
        x = x * x
    except ValueError:
        x = x * y
    return x


@case(0.5, 0.4)
@case(0.5, -0.4)
def finally_after_a_continue(x, y):
    for i in range(3):
        try:
            if y > 0:
                continue
            x = x * y
        finally:
            for k in range(2):
                x = x + y
        x = x * x
    return x


@case(0.5, 0.4, 2)
@case(0.3, 0.2, 3)
@case(1.5, 0.2, 2)
def else_of_a_loop_whose_test_raises(x, y, n):
    u = [x, y, 0.5]
    k = 0
    try:
        while k < n and u[k] < 0.79:
            k += 1
            x += u[k]
            if x > 2.5:
                break
        else:
            y = y * x
    except IndexError:
        return x
    return y


@case(0.5, 3)
@case(1.5, 2)
@case(7.1, 3)
def else_of_a_loop_that_continues_the_outer_one(x, n):
    s = 0.0
    try:
        for i in range(n):
            k = 0
            while math.log(x - k) > -2:
                k += 1
                if s > 50:
                    return s * x
                s += x * k
            else:
                s *= x
                continue
            s += 1
    except ValueError:
        return s * 3
    return s


class Overdrawn(Exception):
    """An error that says more than its message."""

    def __init__(self, wanted, there):
        super().__init__(f"{wanted} is more than {there}", wanted)
        self.wanted = wanted
        self.missing = wanted - there


def withdrawn(balance, amount):
    if amount > balance:
        raise Overdrawn(amount, balance)
    return balance - amount


@case(0.5, 0.7)
@case(0.9, 0.7)
def parts_of_an_error(balance, amount):
    try:
        return withdrawn(balance, amount) ** 2
    except Overdrawn as error:
        return error.wanted * error.missing + error.args[1]


@case(2.0, 0.7, 9)
def parts_of_an_error_in_a_loop(balance, amount, n):
    total = 0.0
    for k in range(n):
        try:
            balance = withdrawn(balance, amount * (k + 1))
        except Overdrawn as error:
            total += error.missing**2
            break
        total += balance
    return total


@case(0.5, 0.7)
@case(0.9, 0.7)
def arguments_of_an_error(x, y):
    try:
        if x < y:
            raise ValueError("too small", x * y)
        return x
    except ValueError as error:
        message, product = error.args
        return product * len(message)


@case(3.0, 0.5)
@case(0.3, 0.5)
def the_handler_calls_what_has_failed(x, y):
    def root(v):
        if v < 0:
            raise ValueError("negative")
        return math.sqrt(v)

    total = 0.0
    for v in (x - 8 * y, -y, x * y):
        try:
            total += root(v)
        except ValueError:
            total -= 3.0 * root(-v)
        finally:
            total *= 1.5
    return total


@case(3.0)
@case(0.3)
def texts_that_one_path_adds(x):
    notes = []
    try:
        if x > 1:
            raise ValueError("large")
        x = x * x
    except ValueError as error:
        notes.append(str(error))
        x = 3.0 * x
    if notes:
        x += 1.0
    return x * (1 + len(notes) + notes.count("large"))


@case(0.7, 3)
@case(1.3, 4)
def loops_over_lists_where_all_is_caught(x, n):
    made = [x + j for j in range(n)]
    t = 1.0
    for w in made[1:]:
        t = math.tanh(max(w, 1.81))
        try:
            t *= sum([v for v in made if v > 0.9])
            t /= n % 2
            break
        except Exception:
            t *= 0.3
        finally:
            t -= x
    return x + sum(made) + t


def half_of_small(x):
    if x > 2.0:
        raise ValueError("big")
    return x / 2


@case([0.5, 0.7, 1.1])
@case([0.5, 2.3, 0.3])
def the_item_of_a_round_raises(u):
    total = u[0]
    try:
        for v in map(half_of_small, u):
            total += math.sin(v) * v
    except ValueError:
        total *= 3.0
    return total


class Hiding:
    """Hides all errors, and counts how often it was left."""

    def __init__(self):
        self.left = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.left += 1
        return True


@case(0.7)
@case(-0.7)
def context_that_hides_errors(x):
    hiding, y = Hiding(), 3.0 * x
    with hiding:
        y = math.log(x) * y
        y += x
    with hiding as h:
        y *= h.left
        h.left = 5 * x
        if x < 0:
            raise ValueError("below")
        y *= 2
    return y * hiding.left


@case(0.7)
@case(2.7)
@case(-0.7)
def context_that_an_error_leaves(x):
    scale = Scale(x)
    try:
        with scale as s, Timer("a"):
            if x > 2:
                return s.k * x
            y = math.log(x) * s.k
    except ValueError:
        y = x
    return y * scale.k


@case([0.7, -0.3, 1.2])
def context_that_hides_in_a_loop(u):
    total, hiding = 0.0, Hiding()
    for v in u:
        with hiding:
            if v > 1:
                break
            total += math.sqrt(v)
        total *= 1.5
    return total * hiding.left


@case(0.7, 3)
@case(0.7, 0)
def item_of_a_list_that_is_always_empty(x, n):
    items = []
    try:
        for k in range(n):
            x = x * items[k]
    except IndexError:
        x = 3.0 * x * x
    return x


@case(0.7, 3)
@case(0.7, 0)
def last_item_of_a_list_that_is_empty_at_first(x, n):
    items = []
    for _ in range(n):
        try:
            last = items[-1] * x
        except IndexError:
            last = 1.0 + x
        items.append(last)
    return x + sum(items)


class Converged(Exception):
    def __init__(self, root, rounds):
        super().__init__(f"after {rounds} rounds")
        self.root = root
        self.rounds = rounds


@case(2.3, 0.4, 1e-10, argnums=(0, 1))
@case(2.3, 0.4, 0.0, argnums=(0, 1))
def an_error_brings_the_result_out_of_a_loop(a, b, tolerance):
    x = 1.0
    try:
        for k in range(12):
            step = (x * x - a) / (2 * x)
            if abs(step) < tolerance:
                raise Converged(x - step, k)
            x -= step
    except Converged as found:
        return found.root * b + found.rounds * b**2
    return x


class NotDefinite(ValueError):
    def __init__(self, row, pivot):
        self.row, self.pivot = row, pivot


def diagonal_of_factor(a):
    found = np.zeros(len(a))
    for j in range(len(a)):
        pivot = a[j, j] - a[j, :j] @ a[j, :j]
        if pivot <= 0:
            raise NotDefinite(j, pivot)
        found[j] = math.sqrt(pivot)
    return found


@case(np.array([[1.0, 2.0], [2.0, 0.7]]), 0.1)
def tried_again_after_an_error_of_a_loop(a, shift):
    penalty = 0.0
    while True:
        try:
            root = diagonal_of_factor(a + shift * np.eye(2))
        except NotDefinite as error:
            shift *= 2
            penalty += error.pivot**2 * (error.row + 1)
            continue
        break
    return np.sum(root) + penalty


@case(2.3, 0.4)
@case(-2.3, 0.4)
def handlers_around_a_handler_that_raises_again(a, b):
    total = 0.0
    for again in (1, 2, 3):
        try:
            try:
                total += math.log(-a * again)
            except ValueError as error:
                total += a * b
                if again == 2:
                    raise error
                raise
        except ValueError:
            total += b * a**2
        try:
            try:
                if total > b:
                    raise Converged(total * a, again)
            except Converged as found:
                total += found.root
                raise
        except ArithmeticError:
            return 0.0
        except Exception as found:
            total += found.rounds * found.root**2
    return total


class Nested:
    def __init__(self, total):
        self.total = total
        self.open = []

    @contextlib.contextmanager
    def level(self, weight):
        self.open.append(weight)
        yield len(self.open)
        self.total += self.open.pop() ** 2

    @classmethod
    @contextlib.contextmanager
    def started(cls, x):
        made = cls(x)
        try:
            yield made
        finally:
            made.total *= 2


def first_product(nested, xs, bound):
    for k, x in enumerate(xs):
        with nested.level(x) as depth:
            for y in xs:
                if x * y > bound:
                    return x * y * (k + depth)
    return bound


@case(np.array([0.3, 1.2, 0.8, 2.0]), 1.5)
@case(np.array([0.3, 1.2, 0.8, 2.0]), 9.5)
def contexts_that_are_methods_and_left_by_return(xs, bound):
    with Nested.started(xs[0]) as nested:
        total = first_product(nested, xs, bound)
    for x in xs:
        with nested.level(x * bound), nested.level(x) as depth:
            if x < 0.5:
                continue
            total += x * depth
            if total > 6.0:
                break
            total *= 1.1
    return total + nested.total


@case(1.3)
def what_a_number_is_not(x):
    y = 2.0 * x
    try:
        y.name = "y"
    except AttributeError:
        y *= x
    try:
        y += float([x])
    except TypeError:
        y *= x
    return y
