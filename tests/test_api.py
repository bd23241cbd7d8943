"""The functions that users call, and what a call costs and keeps."""

from __future__ import annotations

import copy
import dataclasses
import functools
import gc
import inspect
import linecache
import math
import os
import pickle
import subprocess
import sys
import threading
import timeit
import weakref

import numpy as np
import pytest

import symdiff
from symdiff import check_grads, grad, value_and_grad
from symdiff.api import gradient, specialise
from symdiff.checking import GradientMismatch, compare, difference
from symdiff.signature import as_float, key_of_value, kind_of_value, parse_types

G = 2.0


def f(x, y=3.0, *, z=1.0):
    """The example."""
    return x * y * z + math.sin(x)


def exact(x, y, z=1.0):
    return y * z + math.cos(x), x * z, x * y


@symdiff.grad
def decorated(x):
    return x * x


@symdiff.grad(argnums=("y", "x"))
def decorated_with_names(x, y):
    return x * x * y


def make(k):
    return lambda x: k * x * x


@pytest.fixture
def builds(monkeypatch):
    """The requests that reach the generator, with nothing cached before."""
    made = []
    build = specialise._build
    monkeypatch.setattr(specialise, "_build", lambda r: made.append(r) or build(r))
    monkeypatch.setattr(specialise, "_kept", {})
    monkeypatch.setenv("SYMDIFF_CACHE", "off")
    return made


# -- calling --------------------------------------------------------------------------


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="no mode 'sideways'; there are \"forward\" and"):
        symdiff.grad(lambda x: x * x, mode="sideways")


def test_arguments_are_passed_as_to_the_function():
    g = grad(f, argnums=(0, 1, 2))
    assert g(0.5, 2.0, z=4.0) == pytest.approx(exact(0.5, 2.0, 4.0))
    assert g(0.5) == pytest.approx(exact(0.5, 3.0))
    assert g(y=2.0, x=0.5) == pytest.approx(exact(0.5, 2.0))
    for args, kwargs in (((), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"q": 1})):
        with pytest.raises(TypeError, match=r"^f_grad\(\) "):
            g(*args, **kwargs)


def odd(find, /, type, p0, rest, *, float=2.0, fits=1.0, KeyError=1.0):
    return find * type * p0 * rest * float * fits * KeyError


def test_no_parameter_hides_what_a_call_needs():
    g = grad(odd, tuple(range(7)))
    for _ in range(3):
        assert g(3.0, 1.0, 1.0, 1.0, fits=5.0)[0] == 10.0
        assert g(3.0, rest=1.0, p0=2.0, type=1.0)[2:4] == (6.0, 12.0)
    for args, kwargs in (
        ((1.0,) * 5, {}), ((1.0,), {"rest": 1.0}), ((), {"find": 1.0}),
        ((1.0,) * 4, {"q": 1.0}), ((1.0,) * 4, {"type": 1.0}),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"^odd_grad\(\) "):
            g(*args, **kwargs)


def test_repeated_calls_look_at_kinds():
    def total(u, w):
        return (u * w).sum()

    g = grad(total, (0, 1))
    for dtype in ("f8", "f4", "f8"):
        for a, b in [
            ((3,), (3,)), ((3,), (1,)), ((1,), (3,)), ((1,), (1,)), ((), (3,)),
            ((2, 3), (2, 1)), ((2, 3), (1, 3)), ((2, 3), (2, 3)), ((0,), (1,)),
        ]:  # fmt: skip
            for _ in range(2):
                found = g(np.ones(a, dtype), np.ones(b, dtype))
                assert [(each.shape, each.dtype) for each in found] == [
                    (a, dtype),
                    (b, dtype),
                ]

    def scaled(scale, x):
        return scale(x) * x

    g = grad(scaled, 1)
    for scale in (math.sin, f, math.sin, f):
        by = grad(f)(2.0) if scale is f else math.cos(2.0)
        for _ in range(2):
            assert g(scale, 2.0) == pytest.approx(scale(2.0) + by * 2.0)


def test_a_repeated_call_is_not_searched_for(monkeypatch):
    """Those of one kind go straight to the generated code."""

    def scaled(u, s, mode, power=2, *, c=1.0):
        return ((u * s) ** power).sum() * c if mode == "a" else s

    g = grad(scaled, ("u", "s"))
    first = g(np.ones((3, 1)), 2, "a")
    monkeypatch.setattr(gradient, "find", None)
    again = np.ones((3, 1))
    for u in (again, pickle.loads(pickle.dumps(again))):
        found = g(mode="a", u=u, s=2)
        assert found[0].tolist() == first[0].tolist()
        assert type(found[1]) in (float, np.float64)
    with pytest.raises(TypeError, match="NoneType"):
        g(again, 2, "b")


def test_a_program_that_only_a_closer_look_makes_known_is_looked_at_once(builds):
    def by_keys(keys, x):
        seen = {}
        for key in keys:
            seen[key] = seen.get(key, 0.0) + x
        return sum(v * v for v in seen.values())

    def written_out(x, n):
        made = {}
        for k in range(n):
            made[f"w{k}"] = x * k
        return sum(v * v for v in made.values())

    keys = np.array([3, 1, 3])
    for function, args, by in ((by_keys, (keys, 2.0), 1), (written_out, (2.0, 2), 0)):
        gradient = grad(function, by)
        first = gradient(*args)
        made = len(builds)
        assert gradient(*args) == grad(function, by)(*args) == first
        assert len(builds) == made


def test_errors_of_any_call_name_the_line():
    def logarithm(x):
        return math.log(x)

    g = grad(logarithm)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            g(0.0)
        assert "in `logarithm`: return math.log(x)" in caught.value.__notes__[0]
        assert len(caught.value.__notes__) == 1
        g(1.0)


def test_threads_share_a_gradient():
    g = grad(f)
    wrong = []

    def work(values):
        for k in range(400):
            x = values[k % len(values)]
            if g(x) != pytest.approx(exact(2.0, 3.0)[0]):
                wrong.append(x)

    orders = [(2.0, np.float64(2.0)), (2.0, 2), (np.float64(2.0), 2.0, 2), (2.0,)]
    threads = [threading.Thread(target=work, args=[values]) for values in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("argnums", [0, "x", -3, np.int64(0)])
def test_one_argnum_gives_a_bare_gradient(argnums):
    assert grad(f, argnums)(0.5) == pytest.approx(exact(0.5, 3.0)[0])


@pytest.mark.parametrize("argnums", [("z", 0), [2, "x"], (-1, -3)])
def test_several_argnums_give_a_tuple_in_their_order(argnums):
    x, _, z = exact(0.5, 3.0)
    assert grad(f, argnums)(0.5) == pytest.approx((z, x))
    assert grad(f, ("x",))(0.5) == pytest.approx((x,))


def test_decorators():
    assert decorated(3.0) == 6.0
    assert decorated_with_names(3.0, 5.0) == (9.0, 30.0)
    assert decorated.__wrapped__(3.0) == 9.0


def test_value_and_grad():
    value, gradient = value_and_grad(f)(0.5)
    assert (value, gradient) == pytest.approx((f(0.5), exact(0.5, 3.0)[0]))
    value, gradients = value_and_grad(f, (0, 1))(0.5)
    assert (value, gradients[1]) == pytest.approx((f(0.5), 0.5))


def test_name_documentation_and_signature():
    g = grad(f, ("x", "z"))
    assert (g.__name__, g.__module__) == ("f_grad", __name__)
    assert g.__doc__ == "Gradient of f with respect to x, z.\n\nThe example."
    assert str(inspect.signature(g)) == "(x, y=3.0, *, z=1.0)"
    assert inspect.unwrap(g) is f
    assert repr(g).startswith("<f_grad of <function f")
    assert value_and_grad(f).__name__ == "f_value_and_grad"
    assert grad(lambda x: x).__name__ == "lambda_grad"


def test_integers_that_are_differentiated_are_floats():
    g = grad(f, (0, 1))
    for args in ((2, 3), (np.int32(2), np.float64(3)), (2.0, 3)):
        result = g(*args)
        assert result == pytest.approx(exact(2.0, 3.0)[:2])
        assert all(isinstance(v, float) for v in result)
    assert g(x=2, y=3) == pytest.approx(exact(2.0, 3.0)[:2])

    def with_default(x, c=2):
        return x * c * c

    assert grad(with_default, "c")(3.0) == 12.0
    assert isinstance(grad(with_default, "c")(3.0), float)


def test_pickling_and_copying():
    for g in (grad(f), decorated):
        assert g(2.0) == pickle.loads(pickle.dumps(g))(2.0) == copy.deepcopy(g)(2.0)
    grad(make(1.0))(1.0)
    pickle.dumps(make)


def test_copies_of_a_functions_attributes_share_no_code():
    grad(f)(1.0)

    @functools.wraps(f)
    def wrapper(x):
        return 10.0 * x

    assert grad(wrapper)(1.0) == 10.0
    assert grad(f)(1.0) == pytest.approx(exact(1.0, 3.0)[0])


# -- what is kept ---------------------------------------------------------------------


def test_one_specialisation_for_each_signature(builds):
    def f(x, y=3.0, *, z=1.0):
        return x * y * z + math.sin(x)

    g = grad(f)
    for args in ((1.0,), (2.0,), (1.0, 2.0)):
        g(*args)
    grad(f)(3.0)
    assert len(builds) == 1
    g(np.float64(1.0))
    assert len(builds) == 2
    grad(f, "y")(1.0)
    value_and_grad(f)(1.0)
    assert len(builds) == 4
    g(1.0)
    g(np.float64(1.0))
    assert len(builds) == 4
    assert dict(builds[0].signature) == {
        name: kind_of_value(1.0) for name in ("x", "y", "z")
    }


def test_closures_follow_their_values(builds):
    assert [grad(make(k))(1.0) for k in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    assert len(builds) == 1


def test_closures_of_libraries_follow_their_values():
    def doubled(whole):
        def number(*args):
            return 2.0 * whole(*args)

        number.__module__ = "symdiff"
        return number

    functions = [doubled(lambda x: x * x), doubled(lambda x: x * x * x)]
    assert [grad(f, (0,))(3.0) for f in functions] == [(12.0,), (54.0,)]


def test_changed_constants_and_helpers_are_followed(write_module):
    module = write_module(
        """
        G = 2.0
        def helper(x):
            return x * G
        def other(x):
            return x * x
        def f(x):
            return helper(x) * 3.0
        """
    )
    g = grad(module.f)
    assert g(1.0) == 6.0
    module.G = 5.0
    assert g(1.0) == 15.0
    assert g.specialize(1.0)(1.0) == 15.0
    module.helper = module.other
    assert g(1.0) == 6.0
    module.helper.__code__ = module.f.__code__.replace(co_name="other")
    del module.helper
    with pytest.raises((NameError, symdiff.DifferentiationError)):
        g(1.0)


def test_a_function_that_gets_other_parameters_is_followed(write_module):
    module = write_module(
        """
        def f(x, k=2.0):
            return k * x
        def other(x, y, k=3.0):
            return x * x * y * k
        """
    )
    g = grad(module.f)
    for _ in range(2):
        assert (g(5.0), g(5.0, 3.0), g(x=5.0)) == (2.0, 3.0, 2.0)
    module.f.__code__ = module.other.__code__
    module.f.__defaults__ = module.other.__defaults__
    for _ in range(2):
        assert g(5.0, 1.0, 2.0) == 20.0
        assert g(5.0, 1.0) == g(5.0, y=1.0) == 30.0
        with pytest.raises(TypeError):
            g(5.0)


def test_a_default_that_is_changed_in_place_is_seen():
    def f(x, *, p=2):
        return x**p

    g = grad(f)
    assert g(3.0) == 6.0
    f.__kwdefaults__["p"] = 4
    assert g(3.0) == 108.0


class Slotted:
    __slots__ = ("power",)


def test_what_comes_to_stand_before_something_else_is_seen(write_module):
    module = write_module(
        """
        class Power:
            n = 2
            def of(self, x):
                return x**self.n
        held, slotted = Power(), None
        def counted(x):
            return held.of(x)
        def sloted(x):
            return x**slotted.power
        def built_in(x):
            return x * max(1.0, 2.0)
        def marked(x):
            return x**marked.n if hasattr(marked, "n") else x
        """
    )
    g = grad(module.counted)
    assert g(1.0) == 2.0
    module.held.n = 5
    assert g(1.0) == 5.0
    module.held.of = lambda x: 7.0 * x
    assert g(1.0) == 7.0
    del module.held.of, module.held.n
    assert g(1.0) == 2.0

    module.slotted = Slotted()
    g = grad(module.sloted)
    for power in (2, 3):
        module.slotted.power = power
        assert g(1.0) == power

    g = grad(module.built_in)
    assert g(1.0) == 2.0
    module.max = lambda a, b: 10.0
    assert g(1.0) == 10.0

    g = grad(module.marked)
    assert g(1.0) == 1.0
    for power in (2, 3):
        module.marked.n = power
        assert g(1.0) == power


def test_arrays_that_are_written_share_no_memory():
    def filled(x, w=np.ones(3)):
        w[0] = x
        return w.sum()

    def mixed(u, w):
        w[0] = u[1]
        return w.sum() + u.sum()

    w = filled.__defaults__[0]
    assert grad(filled)(2.0) == grad(filled)(2.0, w) == 1.0
    assert w.tolist() == [1.0, 1.0, 1.0]
    g = grad(mixed)
    for _ in range(2):
        assert g(np.ones(3), np.ones(3)).tolist() == [1.0, 2.0, 1.0]
        both = np.ones(4)
        for u, w in ((both, both), (both[1:], both[:-1])):
            with pytest.raises(symdiff.DifferentiationError, match="shares memory"):
                g(u, w=w)


def test_arrays_that_own_their_memory_need_no_look(monkeypatch):
    def filled(parts, *, w):
        w[0] = parts["u"][1] * parts[2.5][0]
        return w.sum()

    looked = []
    monkeypatch.setattr("symdiff.api.prepared.check_apart", lambda *_: looked.append(1))
    g, one, two = grad(filled, argnums=0), np.ones(2), np.ones(4)
    for u, w, count in ((one, two, 0), (two[:2], np.ones(4), 1), (one, one, 2)):
        found = g({"u": u, 2.5: np.full(3, 4.0)}, w=w)
        assert found["u"].tolist() == [0.0, 4.0]
        assert found[2.5].tolist() == [1.0, 0.0, 0.0]
        assert len(looked) == count


def test_shapes_that_only_the_function_itself_would_find_wrong():
    def total(u, parts, *, w):
        return np.sum(3.0 * u + parts["not an identifier"] * w)

    g = grad(total, argnums=(0, 1))
    name = "not an identifier"
    assert g(np.ones(3), {name: np.ones(3)}, w=np.ones(3))[0].tolist() == [3.0] * 3
    message = rf"`parts\['{name}'\]` has shape \(4,\), its gradient would have \(3,\)"
    with pytest.raises(ValueError, match=message):
        g(np.ones(3), {name: np.ones(4)}, w=np.ones(3))


def test_all_goes_with_the_function():
    function = make(3.0)
    g = grad(function)
    g(1.0)
    file = g.specialize(1.0).__code__.co_filename
    assert file in linecache.cache
    gone = weakref.ref(function)
    del function, g
    gc.collect()
    assert gone() is None
    assert file not in linecache.cache


DISK = """
import ast, sys
import model
from symdiff import grad
parse, parsed = ast.parse, []
ast.parse = lambda *a, **k: parsed.append(a) or parse(*a, **k)
print(grad(model.f)(2.0), len(parsed), "symdiff.pipeline" in sys.modules)
"""


def test_a_new_process_finds_the_code_on_disk_without_parsing(tmp_path):
    (tmp_path / "model.py").write_text("K = 3.0\ndef f(x):\n    return K * x * x\n")
    env = {**os.environ, "SYMDIFF_CACHE_DIR": str(tmp_path / "cache")}
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])

    def run():
        done = subprocess.run(
            [sys.executable, "-c", DISK],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert run()[0] == "12.0"
    assert run() == ["12.0", "0", "False"]
    assert run() == ["12.0", "0", "False"]
    (tmp_path / "model.py").write_text("K = 4.0\ndef f(x):\n    return K * x * x\n")
    assert run() == ["16.0", "0", "False"]
    (tmp_path / "model.py").write_text("K = 4.0\ndef f(x):\n    return K * x * x * x\n")
    assert run()[0] == "48.0"
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:-9])
    assert run()[0] == "48.0"


def test_a_repeated_call_is_cheap():
    """Loosely: a machine under load must pass. The benchmarks measure it."""

    def primal(x, y):
        return x * y

    g = grad(primal, (0, 1))
    g(1.0, 2.0)
    plain = g.specialize(1.0, 2.0)

    def time(function):
        return min(timeit.repeat(lambda: function(1.0, 2.0), number=2000, repeat=9)) / 2000

    assert time(g) - time(plain) < 5e-6


# -- looking inside -------------------------------------------------------------------


def test_source_before_and_after_a_call():
    g = grad(f)
    before = g.source
    assert "def f_grad(" in before
    assert before.endswith("\n")
    g(1.0)
    assert "def f_grad(" in g.source
    assert symdiff.source(f) == before
    assert symdiff.source(grad(f, "y")) == grad(f, "y").source
    assert "def f_grad(" in symdiff.source(f, np.float64(1.0), argnums="x")


def test_specialize_refuses_code_that_is_right_for_one_call_only():
    def power(x, n):
        found = {0: 1.0}
        for k in range(n):
            found[k + 1] = found[k] * x
        return found[n]

    gradient = grad(power)
    assert gradient(2.0, 3) == 12.0
    assert gradient(2.0, 4) == 32.0
    with pytest.raises(symdiff.DifferentiationError) as caught:
        gradient.specialize(2.0, 3)
    (problem,) = caught.value.diagnostics
    message = "this code is right for the integers and lengths of one call only"
    assert problem.message == message
    assert "unroll=True" in problem.help
    assert grad(power, unroll=True).specialize(2.0, 3)(2.0, 3) == 12.0


def test_specialized_code_asks_for_the_values_that_it_is_made_for():
    def volume(x, kind, scale=None):
        if kind == "cube":
            return x**3
        return x * x if scale is None else x * scale

    gradient = grad(volume)
    made = gradient.specialize(2.0, "cube")
    assert made(2.0, "cube") == 12.0
    alone: dict = {}
    exec(gradient.source, alone)
    for function in (made, alone["volume_grad"]):
        with pytest.raises(ValueError, match="is made for kind = 'cube', scale = None"):
            function(2.0, "square")
        with pytest.raises(ValueError, match="is made for kind"):
            function(2.0, "cube", scale=3.0)
    assert gradient(2.0, "square") == 4.0
    assert gradient(2.0, "square", scale=3.0) == 3.0


def test_specialize_gives_plain_python():
    plain = grad(f, (0, 1)).specialize(1.0, 2.0)
    assert inspect.isfunction(plain)
    assert plain(0.5, 2.0) == pytest.approx(exact(0.5, 2.0)[:2])
    assert inspect.getsource(plain) in grad(f, (0, 1)).source


def test_stages():
    for name in ("ssa", "active", "adjoint", "optimised"):
        assert symdiff.stage(f, name, 1.0)
        assert symdiff.stage(f, name)
    assert symdiff.stage(grad(f), "source", 1.0) == symdiff.source(f, 1.0)
    with pytest.raises(ValueError, match="no stage 'sas'; there are ssa, active"):
        symdiff.stage(f, "sas")


def test_stages_of_what_is_made_for_the_lengths_of_a_call():
    def chained(rates):
        at = {}
        for i, r in enumerate(rates):
            at[i] = r * (1 + i)
        return at[0] * at[1]

    assert "rates[1]" in symdiff.stage(chained, "ssa", [1.0, 2.0])
    made = symdiff.source(chained, [1.0, 2.0])
    assert symdiff.stage(chained, "source", [1.0, 2.0]) == made


# -- numerical derivatives ------------------------------------------------------------


def test_differences_have_their_order():
    """One-sided differences are off by O(h), symmetric ones by O(h**2)."""

    def error(method, eps):
        return abs(difference(math.exp, 0.5, None, eps, method)[0] - math.exp(0.5))

    assert error("one-sided", 1e-3) / error("one-sided", 1e-4) == pytest.approx(
        10, rel=0.01
    )
    assert error("symmetric", 1e-2) / error("symmetric", 1e-3) == pytest.approx(
        100, rel=0.01
    )


def test_the_cost_is_one_or_two_evaluations_for_each_input():
    calls = []

    def function(x):
        calls.append(x)
        return x

    difference(function, 1.0)
    assert len(calls) == 2


@pytest.mark.parametrize("method", ["symmetric", "one-sided"])
def test_check_grads_passes(method):
    check_grads(f, (0.5, 2.0), method=method)
    check_grads(f, (3,), kwargs={"z": 2.0}, argnums="x", method=method)
    check_grads(grad(f), (0.5,), method=method)
    check_grads(lambda *args: args[0] * args[1] ** 2, (0.5, 2.0), method=method)


def test_check_grads_names_argument_and_entry(monkeypatch):
    class Wrong:
        def __call__(self, *args, **kwargs):
            return 1.25, (7.0, np.array([[1.0, 2.0], [3.0, 5.0]]))

    def function(x, u):
        a, w = u
        return x + a + (w * np.array([[1.0, 2.0], [3.0, 4.0]])).sum()

    monkeypatch.setattr("symdiff.checking.grad", lambda *args: Wrong())
    with pytest.raises(GradientMismatch) as caught:
        check_grads(function, (1.0, (2.0, np.ones((2, 2)))))
    lines = str(caught.value).splitlines()
    assert lines[0] == "the gradient of function is wrong in 3 of 6 entries"
    assert [line.split()[:2] for line in lines[2:]] == [
        ["x", "1.25"], ["u[0]", "7"], ["u[1][1,", "1]"],
    ]  # fmt: skip
    assert all(line.endswith("wrong") for line in lines[2:])
    assert isinstance(caught.value, AssertionError)


def test_check_grads_leaves_arguments_alone():
    def function(u):
        u = u * 1.0
        return (u * u).sum()

    u = np.arange(3.0)
    found = compare(function, (u,))
    assert [each.entry for each in found] == ["[0]", "[1]", "[2]"]
    assert u.tolist() == [0.0, 1.0, 2.0]
    assert len(compare(function, (np.arange(1000.0),), most=10)) == 10


@dataclasses.dataclass
class Layer:
    gain: float
    w: np.ndarray
    power: int


def layered(layer, x, *more):
    y = np.tanh(layer.w @ x) * layer.gain**layer.power
    return {"y": y, "rest": (more[0] * x.sum(), [layer.gain, 2.0])}


def test_check_grads_takes_functions_that_return_anything():
    layer = Layer(1.2, np.arange(6.0).reshape(2, 3) / 5, 2)
    x = np.arange(3.0) / 4
    check_grads(layered, (layer, x, 0.3), 2, ["fwd", "rev"])
    check_grads(layered, argnums="x")(layer, x, 0.3)
    check_grads(np.linalg.inv, (np.eye(3) + 0.1,), 2, ["fwd"])
    check_grads(lambda z: np.exp(z) * z, (np.array([1 + 2j, 0.3 - 1j]),), order=2)
    check_grads(lambda x: (x * x, "rest"), (3.0,), order=2, has_aux=True)
    assert x.tolist() == [0.0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("order", "modes", "names"),
    [
        (1, ["rev"], ["x"]),
        (1, ["fwd"], ["forward mode"]),
        (2, ["fwd"], ["forward mode"]),
    ],
)
def test_check_grads_finds_what_is_wrong_in_each_mode(order, modes, names):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda x: np.floor(x) * np.ones(2), (2.0,), order, modes)
    lines = str(caught.value).splitlines()[2:]
    assert [line[: line.index("  ")] for line in lines] == names


def test_check_grads_knows_its_modes():
    with pytest.raises(ValueError, match='unknown mode \'reverse\': "fwd" or "rev"'):
        check_grads(f, (1.0,), modes=["reverse"])


def test_nothing_to_check():
    with pytest.raises(ValueError, match="f: no argument holds floats"):
        check_grads(lambda_of_int, (1,))


def lambda_of_int(n):
    return n


lambda_of_int.__name__ = "f"


# -- kinds and keys of values ---------------------------------------------------------

KINDS = [
    (1.0, "float"), (1, "int"), (True, "bool"), (1j, "complex"), ("a", "str"),
    (None, "None"),
    (np.float32(1), "float32"), (np.float64(1), "float64"), (np.int8(1), "int"),
    (np.bool_(True), "bool"), (np.complex64(1), "complex64"), (math, "object"),
    ({}, "object"),
    (np.ones((2, 1)), "float64[:,1]"), (np.ones(()), "float64[]"),
    (np.ones((0, 3), "f4"), "float32[:,:]"),
    ((1.0, (2, "a")), "tuple[float, tuple[int, str]]"),
    ([1.0, 2.0], "list[float]"), ([1, 2.0], "list[float]"), ([], "list[float]"),
    ([np.ones(2), np.ones(3)], "list[float64[:]]"),
    ([1.0, "a"], "list[unknown]"),
    (np.zeros(2, [("a", float)]), "object"),
]  # fmt: skip


@pytest.mark.parametrize("value, text", KINDS, ids=range(len(KINDS)))
def test_kind_of_value(value, text):
    assert str(kind_of_value(value)) == text
    same = value if value is math else copy.copy(value)
    assert hash(key_of_value(value)) == hash(key_of_value(same))
    assert key_of_value(value) == key_of_value(same)


def test_keys_differ_where_kinds_do():
    values = [
        1.0, 1, True, np.float32(1), np.ones(2), np.ones(1), np.ones((1, 2)),
        np.ones((2, 1)), np.ones(2, "f4"), np.ones(2, int), "a", "b", None, (1.0,), (1,),
        (1.0, 1.0), [1.0], [1], math, math.sin, math.cos, dict,
    ]  # fmt: skip
    assert len({key_of_value(v) for v in values}) == len(values)
    assert key_of_value(np.ones(2)) == key_of_value(np.zeros(7))
    assert key_of_value([1.0] * 3) == key_of_value([2.0])


def test_as_float():
    assert as_float((1, [2, 3.5], "a")) == (1.0, [2.0, 3.5], "a")
    assert type(as_float(np.int64(3))) is float
    assert as_float(True) is True


TYPES = [
    ("float, float64[:,:]", {"x": "float", "u": "float64[:,:]"}),
    ("u: float32[3, 1], n: int", {"u": "float32[:,1]", "n": "int"}),
    ("float32, float[:], int", {"x": "float32", "u": "float64[:]", "n": "int"}),
    ("tuple[float, list[int]]", {"x": "tuple[float, list[int]]"}),
    ("", {}),
]


@pytest.mark.parametrize("text, kinds", TYPES, ids=range(len(TYPES)))
def test_types_written_down(text, kinds):
    assert {n: str(k) for n, k in parse_types(text, ("x", "u", "n")).items()} == kinds


BAD_TYPES = [
    ("float, float", "more types than the 1 parameters"),
    ("y: float", "no parameter `y`; there are x"),
    ("flot", "`flot` is not a type: write float, int, float64[:,:] or list[float]"),
    ("float64[", "`float64[` is not a type: write float, int, float64[:,:] or list[float]"),
    ("float64[a]", "`float64[a]`: an axis is `:` or a number"),
]


@pytest.mark.parametrize("text, message", BAD_TYPES, ids=range(len(BAD_TYPES)))
def test_types_that_cannot_be_read(text, message):
    with pytest.raises(ValueError) as caught:
        parse_types(text, ("x",))
    assert str(caught.value) == message
