"""What all tests share: a cache of their own, and modules written to files."""

from __future__ import annotations

import gc
import importlib.util
import itertools
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_numbers = itertools.count()


def pytest_collection_finish() -> None:
    """What is loaded stays: spare the garbage collector from looking through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def cache_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the cache of the user who runs it; what one process has
    generated the others find."""
    run = tmp_path_factory.getbasetemp()
    folder = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "cache"
    folder.mkdir(mode=0o700, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDIFF_CACHE_DIR", str(folder))
        patch.delenv("SYMDIFF_CACHE", raising=False)
        yield folder


@pytest.fixture
def write_module(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`write_module(text)`: the text as a file, imported as a module."""
    made: list[str] = []

    def write(text: str, name: str | None = None) -> Any:
        name = name or f"written{next(_numbers)}"
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        made.append(name)
        spec.loader.exec_module(module)
        return module

    yield write
    for name in made:
        sys.modules.pop(name, None)
