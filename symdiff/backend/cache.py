"""Generated text kept between processes, in the user's cache directory.

An entry is a Python file: the text, after a comment that holds what it was compiled to
and all else that is needed to run it. It is found by a key made without parsing (see
`symdiff.backend.survey`), and trusted only if it is undamaged and lies in a directory
that no one else can write to.

Environment: SYMDIFF_CACHE=off switches it off, SYMDIFF_CACHE_DIR moves it.
"""

from __future__ import annotations

import contextlib
import functools
import marshal
import os
import stat
import sys
import warnings
from collections.abc import Mapping
from types import CodeType

from symdiff.backend.survey import Survey, code_text, static_text
from symdiff.digests import digest
from symdiff.errors import Span
from symdiff.ir.external import External
from symdiff.records import dataclass
from symdiff.request import Built, Request
from symdiff.version import __version__

__all__ = ["Entry", "directory", "keep_text", "key_of", "read", "write"]

_MARK = "# symdiff"
_MOST_FILES = 4000
_POSIX = os.name == "posix"


@dataclass(frozen=True, slots=True)
class Entry:
    """Emitted text, what it was compiled to, and what must hold for it to be used."""

    source: str
    lines: Mapping[int, Span]
    name: str
    externals: tuple[External, ...]
    assumed: Mapping[str, str]
    written: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    code: CodeType | None = None

    @classmethod
    def of(cls, built: Built, survey: Survey, code: CodeType | None) -> Entry:
        text = built.emitted
        assumed = survey.assumed(text.externals)
        return cls(
            text.source, dict(text.lines), text.name, text.externals, assumed,
            built.written, built.compared, code,
        )  # fmt: skip


def key_of(request: Request, survey: Survey) -> str:
    """The key of a request: equal only where the generated text is."""
    parts = (
        __version__, _stamp(), sys.implementation.cache_tag, sys.version_info[:3],
        sys.flags.optimize, request.argnums, request.single, request.mode,
        request.has_aux,
        list(request.signature.items()), static_text(request.statics), request.unroll,
        request.order, request.indicators, request.batch, request.target,
        request.checkpoint, request.holomorphic, request.exact, request.late,
        request.rounds == "many",
        code_text(request.function.__code__), survey.digest,
    )  # fmt: skip
    return digest(repr(parts))


@functools.cache
def _stamp() -> str:
    """A digest of symdiff's own files, so that a changed checkout starts afresh. An
    installed copy is replaced as a whole, which one of them shows."""
    found: list[str] = []
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    todo = [home]
    if "site-packages" in home or "dist-packages" in home:
        status = os.stat(os.path.join(home, "version.py"))
        return f"{home} {status.st_mtime_ns} {status.st_ino}"
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append(f"{entry.path} {status.st_mtime_ns} {status.st_size}")
                elif entry.name != "__pycache__" and entry.is_dir():
                    todo.append(entry.path)
    return digest("\n".join(sorted(found)))


# -- where ----------------------------------------------------------------------------


def directory() -> str | None:
    """The cache directory, made if need be; None where there is none to be trusted."""
    if os.environ.get("SYMDIFF_CACHE", "").lower() in ("off", "0", "no", "false"):
        return None
    return _checked(os.environ.get("SYMDIFF_CACHE_DIR") or _default_directory())


def _default_directory() -> str:
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        return os.path.join(base, "symdiff", "Cache")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "symdiff")
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # the convention says to ignore a relative one
        base = os.path.join(home, ".cache")
    return os.path.join(base, "symdiff")


@functools.lru_cache(16)
def _checked(path: str) -> str | None:
    """The directory if only this user can write to it. Asked once for each path."""
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode):
        return None
    problem = ""
    if _POSIX and status.st_uid != os.geteuid():
        problem = "belongs to another user"
    elif _POSIX and status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        problem = "can be written to by other users"
    if problem:
        warnings.warn(
            f"the cache directory {path} {problem}: it is not used. Make it yours with "
            "mode 0700, or set SYMDIFF_CACHE_DIR or SYMDIFF_CACHE=off",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    return path


# -- reading and writing --------------------------------------------------------------


def read(key: str) -> Entry | None:
    """The entry of a key; None if there is none, or a damaged one."""
    folder = directory()
    if folder is None:
        return None
    try:
        with open(os.path.join(folder, f"{key}.py"), encoding="utf-8", newline="") as file:
            head, source = file.readline(), file.read()
    except (OSError, UnicodeDecodeError):
        return None
    return _parse(key, head, source)


def _parse(key: str, head: str, source: str) -> Entry | None:
    try:
        mark, check, held = head.removesuffix("\n").rsplit(" ", 2)
        if mark != _MARK or check != _check(key, held, source):
            return None
        lines, name, externals, *rest = marshal.loads(bytes.fromhex(held))
    except ValueError:
        return None
    spans = {at: Span(*place) for at, place in lines.items()}
    return Entry(source, spans, name, tuple([External(*e) for e in externals]), *rest)


def _check(key: str, held: str, source: str) -> str:
    """A checksum over all of an entry."""
    return digest(f"{key} {held} {source}")


def write(key: str, entry: Entry) -> None:
    """Keep an entry. A full or unwritable disk only means that it is not kept."""
    folder = directory()
    if folder is None:
        return
    held = (
        {at: tuple(span) for at, span in entry.lines.items()}, entry.name,
        [(e.name, e.path) for e in entry.externals], dict(entry.assumed), entry.written,
        entry.compared, entry.code,
    )  # fmt: skip
    try:
        packed = marshal.dumps(held).hex()
        check = _check(key, packed, entry.source)
        text = f"{_MARK} {check} {packed}\n{entry.source}"
        _replace(os.path.join(folder, f"{key}.py"), text)
        _keep_small(folder)
    except (OSError, ValueError):
        return


def keep_text(path: str, text: str) -> bool:
    """Have a text in a file of its own, beside which others keep what they make of it."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            if file.read() == text:
                return True
    except (OSError, UnicodeDecodeError):
        pass
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        _replace(path, text)
        _keep_small(folder)
    except (OSError, UnicodeEncodeError):
        return False
    return True


def _replace(path: str, text: str) -> None:
    """Write a file that takes the place of the old one in one step, or not at all."""
    import threading  # loaded only where an entry is made

    temporary = f"{path}.{os.getpid()}.{threading.get_ident()}.tmp"
    try:
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@functools.lru_cache(16)
def _keep_small(folder: str) -> None:
    """Once in each process that writes: drop the oldest half of too many entries."""
    with os.scandir(folder) as found:
        entries = [(e.stat().st_mtime_ns, e.path) for e in found if e.is_file()]
    if len(entries) > _MOST_FILES:
        for _, path in sorted(entries)[: len(entries) // 2]:
            with contextlib.suppress(OSError):
                os.unlink(path)
