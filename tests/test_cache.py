"""The survey of what a function reads, keys, and entries on disk."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import textwrap
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import symdiff
from symdiff.backend import cache
from symdiff.backend.cache import Entry
from symdiff.backend.survey import survey
from symdiff.errors import Span
from symdiff.ir.core import External
from symdiff.ir.kinds import FLOAT, Array, Size
from symdiff.request import Request

ENTRY = Entry(
    source="def f_grad(x):\n    return 'é', G\n",
    lines={1: Span("a.py", 3, 0, 5, 9), 2: Span("b.py", 4, 1, 4, 7)},
    name="f_grad",
    externals=(External("G", ("global", "model", "G")),),
    assumed={"global.model.H": "2.0"},
    written=("x",),
    code=compile("def f_grad(x):\n    return 'é', G\n", "<f_grad>", "exec"),
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDIFF_CACHE_DIR", str(tmp_path / "deep" / "cache"))
    return tmp_path / "deep" / "cache"


# -- entries --------------------------------------------------------------------------


def test_an_entry_comes_back_as_it_was(folder):
    assert cache.read("k") is None
    cache.write("k", ENTRY)
    assert cache.read("k") == ENTRY
    assert cache.read("other") is None
    assert [p.name for p in folder.iterdir()] == ["k.py"]
    compile((folder / "k.py").read_text("utf-8"), "k.py", "exec")  # a Python file


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_modes(folder):
    cache.write("k", ENTRY)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "k.py").stat().st_mode & 0o777 == 0o600


def test_damaged_entries_count_as_none(folder):
    cache.write("k", ENTRY)
    file = folder / "k.py"
    whole = file.read_bytes()
    head, _, text = whole.partition(b"\n")
    renamed = head.replace(b"f_grad".hex().encode(), b"g_grad".hex().encode())
    assert renamed != head
    bad = [
        b"", b"\xff\xfe", b"# symdiff", b"# symdiff \n", b"# symdiff 0 00\n",
        b"# symdiff 0 {}\n",
        whole[:-1], whole[: len(whole) // 2], whole + b"import os\n", whole[5:],
        whole.replace(b"return", b"retorn"), b"\n" * 5,
        renamed + b"\n" + text,
    ]  # fmt: skip
    for content in bad:
        file.write_bytes(content)
        assert cache.read("k") is None, content
    file.write_bytes(whole)
    assert cache.read("k") == ENTRY
    (folder / "moved.py").write_bytes(whole)
    assert cache.read("moved") is None
    file.unlink()
    file.mkdir()
    assert cache.read("k") is None
    cache.write("k", ENTRY)  # cannot be written, and that is no error


@pytest.mark.parametrize("word", ["off", "OFF", "0", "no", "false"])
def test_switched_off(folder, monkeypatch, word):
    monkeypatch.setenv("SYMDIFF_CACHE", word)
    cache.write("k", ENTRY)
    assert cache.read("k") is None
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_directory_that_others_can_write_to_is_refused(tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("SYMDIFF_CACHE_DIR", str(shared))
    with pytest.warns(RuntimeWarning, match="can be written to by other users: it is not"):
        assert cache.directory() is None
    cache.write("k", ENTRY)  # said once
    assert list(shared.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="owners are those of POSIX")
def test_a_directory_of_another_user_is_refused(tmp_path, monkeypatch):
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    monkeypatch.setenv("SYMDIFF_CACHE_DIR", str(theirs))
    monkeypatch.setattr(os, "geteuid", lambda: theirs.stat().st_uid + 1)
    with pytest.warns(RuntimeWarning, match="belongs to another user"):
        assert cache.directory() is None


def test_a_place_that_is_no_directory(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for place in ("file", "file/under"):
        monkeypatch.setenv("SYMDIFF_CACHE_DIR", str(tmp_path / place))
        cache.write("k", ENTRY)
        assert cache.read("k") is None


def test_where_the_cache_lies(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/mine")
    assert cache._default_directory() == "/var/mine/symdiff"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache._default_directory() == "/home/me/.cache/symdiff"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache._default_directory() == "/home/me/Library/Caches/symdiff"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache._default_directory() == "/local/symdiff/Cache"


def test_many_writers_at_once(folder):
    def work(number):
        for _ in range(20):
            cache.write("k", ENTRY)
            assert cache.read("k") == ENTRY
        return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == list(range(8))
    assert [p.name for p in folder.iterdir()] == ["k.py"]


def test_the_oldest_entries_go(folder, monkeypatch):
    monkeypatch.setattr(cache, "_MOST_FILES", 10)
    cache._keep_small.cache_clear()
    folder.mkdir(parents=True, mode=0o700)
    for number in range(12):
        path = folder / f"{number}.py"
        path.touch()
        os.utime(path, (number, number))
    cache.write("k", ENTRY)
    left = {p.stem for p in folder.iterdir()}
    assert left == {"6", "7", "8", "9", "10", "11", "k"}


# -- keys -----------------------------------------------------------------------------

MODEL = """
import math
import numpy as np
G = 2.0
N = 3
NAMES = ("a", 1.5)
TABLE = np.ones(3)
class Config:
    steps = 4
def helper(x):
    return x * G
def f(x, c=1.5):
    for i in range(N):
        x = helper(x) + TABLE[i] * Config.steps
    return math.sin(x) if NAMES[0] == "a" else x
def unrelated(x):
    return x
"""


def request(function, **changes):
    given = {
        "function": function, "argnums": (0,), "single": True, "mode": "grad",
        "signature": {"x": FLOAT, "c": FLOAT},
    }  # fmt: skip
    return Request(**given | changes)


def key(module, **changes):
    return cache.key_of(request(module.f, **changes), survey([module.f]))


def test_the_key_follows_what_is_read(write_module):
    module = write_module(MODEL)
    first = key(module)
    assert key(module) == first
    same = [
        lambda: setattr(module, "unrelated", 1),
        lambda: setattr(module, "G", 3.0),  # read when the code runs
        lambda: setattr(module, "TABLE", module.np.zeros(5)),
    ]
    for change in same:
        change()
        assert key(module) == first
    seen = {first}
    different = [
        lambda: setattr(module, "N", 4),
        lambda: setattr(module, "N", 4.0),
        lambda: setattr(module, "NAMES", ("b", 1.5)),
        lambda: setattr(module, "NAMES", ("b", 1.25)),
        lambda: setattr(module.Config, "steps", 5),
        lambda: setattr(module, "TABLE", module.np.zeros(1)),
        lambda: setattr(module, "TABLE", module.np.zeros(3, "float32")),
        lambda: setattr(module, "helper", module.f),
        lambda: setattr(module.f, "__defaults__", (2.5,)),
        lambda: setattr(module.f, "__code__", module.f.__code__.replace(co_firstlineno=9)),
    ]
    for number, change in enumerate(different):
        change()
        seen.add(key(module))
        assert len(seen) == number + 2, number


def test_the_key_follows_the_request(write_module):
    module = write_module(MODEL)
    keys = {
        key(module),
        key(module, argnums=(1,)),
        key(module, argnums=None),
        key(module, single=False),
        key(module, mode="value_and_grad"),
        key(module, unroll=True),
        key(module, unroll=True, order="reverse"),
        key(module, indicators=True),
        key(module, batch=((("x", "float64"),), 1)),
        key(module, signature={"x": Array("float64", (Size("x.0"),)), "c": FLOAT}),
        key(module, signature={"x": Array("float64", (1,)), "c": FLOAT}),
        key(module, signature={"x": FLOAT}, statics={"c": "a"}),
        key(module, signature={"x": FLOAT}, statics={"c": None}),
        key(module, signature={"x": FLOAT}, statics={"c": math.sin}),
        key(module, signature={"x": None, "c": None}),
    }
    assert len(keys) == 15


def test_the_key_is_the_same_in_every_process(tmp_path):
    (tmp_path / "model.py").write_text(
        MODEL + 'def g(x):\n    return x if x in {"p", "q", "r", "s"} else h(x)\n'
        "h = lambda x: [x for x in (1, 2.5)]\n"
    )
    program = (
        "import model; from symdiff.backend.survey import survey\n"
        "print(survey([model.f, model.g]).digest)"
    )
    digests = set()
    for seed in "123":
        env = {**os.environ, "PYTHONHASHSEED": seed}
        env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_survey_follows_calls_through_modules_closures_and_classes(write_module):
    lower = write_module("def deep(x):\n    return x\ndef other(x):\n    return x\n")
    module = write_module(
        f"""
        import math, numpy as np
        import {lower.__name__} as lower
        class Tools:
            @staticmethod
            def tool(x):
                return x
        def make(k):
            def inner(x):
                return k * lower.deep(x) * np.sin(math.log(x))
            return inner
        inner = make(2.5)
        def f(x):
            g = lambda y: inner(y) + Tools.tool(y) + f(y)
            return g(x)
        """
    )
    found = survey([module.f])
    names = {function.__name__ for function in found.functions}
    assert names == {"f", "inner", "tool", "deep"}
    assert list(found.loose.values()) == [2.5]
    assert all(guard.holds() for guard in found.guards)
    lower.deep = lower.other
    assert [g.name for g in found.guards if not g.holds()] == ["deep"]


def test_floats_are_assumed_unless_the_code_reads_them(write_module):
    module = write_module(MODEL)
    found = survey([module.f])
    name = module.__name__
    assert found.assumed([]) == {f"global.{name}.G": "2.0"}
    assert found.assumed([External("G", ("global", name, "G"))]) == {}


def test_a_guard_on_a_name_that_went_away(write_module):
    module = write_module(MODEL)
    found = survey([module.f])
    del module.G
    assert [g.name for g in found.guards if not g.holds()] == ["G"]
    assert len(repr(found.guards)) < 10_000


def test_no_warning_is_left(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cache.directory() == str(Path(folder))


class Settings:
    factor = 2.0

    def __init__(self):
        self.scale = 3.0
        self.kind = "linear"
        self.itself = self

    def scaled(self, x):
        return x * self.scale if self.kind == "linear" else x * x * self.scale


def test_changes_of_an_object_and_its_class_are_seen(monkeypatch):
    settings = Settings()

    def f(x):
        return settings.scaled(x) + settings.factor * x

    gradient = symdiff.grad(f)
    assert gradient(3.0) == 5.0
    settings.scale = 5.0
    assert gradient(3.0) == 7.0
    settings.kind = "square"
    assert gradient(3.0) == 32.0
    monkeypatch.setattr(Settings, "factor", 4.0)
    assert gradient(3.0) == 34.0
    monkeypatch.setattr(Settings, "scaled", lambda self, x: 7.0 * x)
    assert gradient(3.0) == 11.0


def test_attributes_are_not_taken_for_globals_that_are_called_alike(write_module):
    text = """
    r, s, wide = 1.0, 2.0, 3.0

    def f(body, x):
        def inner(y):
            return y * wide
        return body.r * x * inner(s)
    """
    module = write_module(textwrap.dedent(text))
    found = survey([module.f])
    module.r = 5.0
    assert all(guard.holds() for guard in found.guards)
    module.wide = 5.0
    assert [g.name for g in found.guards if not g.holds()] == ["wide"]
    module.s = 5.0
    assert {g.name for g in found.guards if not g.holds()} == {"s", "wide"}
