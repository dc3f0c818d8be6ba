"""Kill points: what a verb does that lasts, step by step, found by watching it, not from a list.

A step is a round trip to Postgres (every statement, block of a COPY, commit), a file opened to be
written, moved or removed, a folder made, a program started. A verb runs in a child that the test
forks, which is killed (SIGKILL) just before the step of a number; one that opens a file is a second
kill point, just after: the file is there and still empty.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import psycopg

from utpadan.source import CHECKOUT

LIBRARY = f"{CHECKOUT / 'utpadan'}/"
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CHANGES = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec"),
}
"""What the interpreter reports of itself (sys.audit) that changes files or starts programs."""

OnStep = Callable[[str], None]


def steps_of(run: Callable[[], object], notes: Path) -> list[str]:
    """The steps of an undisturbed run, in order; it must end well."""
    notes.unlink(missing_ok=True)
    with notes.open("ab", buffering=0) as file:
        assert _in_child(run, lambda step: _note(file.fileno(), step)) == 0
    return notes.read_text(encoding="utf-8").splitlines()


def killed_before(run: Callable[[], object], number: int) -> bool:
    """Run it and kill it before the step of that number; False when it ended before."""
    count = 0

    def on_step(_: str) -> None:
        nonlocal count
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    status = _in_child(run, on_step)
    assert status in (0, signal.SIGKILL), "it failed by itself"
    return status == signal.SIGKILL


def ends_of_stretches(steps: list[str], place: Callable[[str], str]) -> list[int]:
    """The first and the last of consecutive steps in one place, such as the files of a page."""
    groups = groupby(range(len(steps)), lambda number: place(steps[number]))
    stretches = [list(group) for _, group in groups]
    return [number for stretch in stretches for number in sorted({stretch[0], stretch[-1]})]


def file_of(step: str) -> str:
    """The file of the library that does the step."""
    return step.split()[0]


def started(run: Callable[[], object]) -> int:
    """The pid of a child, in a group of its own, that runs this until it ends or is killed."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        _end_with(run)
    os.setpgid(pid, pid)
    return pid


def _in_child(run: Callable[[], object], on_step: OnStep) -> int:
    """The status that waitpid gives of a child that runs this, watched."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        watch(on_step)
        _end_with(run)
    return os.waitpid(pid, 0)[1]


def _end_with(run: Callable[[], object]) -> NoReturn:
    """Run this in a child, which ends with it: with 0 when it ended well."""
    code = 1
    try:
        run()
        code = 0
    finally:
        if code:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


def watch(on_step: OnStep) -> None:
    """Tell `on_step` of each step before it is done, for the rest of this process' life."""
    watch_postgres(on_step)
    sys.addaudithook(lambda event, given: _hear(event, given, on_step))


def watch_postgres(on_step: OnStep) -> Callable[[], None]:
    """Tell `on_step` of each round trip to Postgres before it is made; returns what ends that."""
    wait = psycopg.Connection.wait

    def watched(self: psycopg.Connection, *given: Any, **named: Any) -> Any:
        on_step(f"{_place()} asks Postgres")
        return wait(self, *given, **named)

    psycopg.Connection.wait = watched
    return lambda: setattr(psycopg.Connection, "wait", wait)


def _hear(event: str, given: tuple[Any, ...], on_step: OnStep) -> None:
    if event == "open":
        path, _, flags = given
        if isinstance(path, str | bytes | Path) and flags & WRITES and _lasts(path):
            on_step(f"{_place()} opens {_named(path)}")
            _open_at_once(path, flags)
            on_step(f"{_place()} fills {_named(path)}")
    elif event in CHANGES:
        on_step(f"{_place()} does {event} {_named(given[0])}")


def _open_at_once(path: str | bytes | Path, flags: int) -> None:
    """What the open that is under way does; the open itself then finds it done."""
    if flags & os.O_TRUNC and not flags & os.O_EXCL:
        os.close(_quiet_open(path, flags))


def _quiet_open(path: str | bytes | Path, flags: int) -> int:
    global _is_quiet
    _is_quiet = True
    try:
        return os.open(path, flags, 0o666)
    finally:
        _is_quiet = False


_is_quiet = False


def _lasts(path: str | bytes | Path) -> bool:
    text = os.fsdecode(path)
    return not _is_quiet and not text.startswith("/dev/") and "__pycache__" not in text


def _named(path: Any) -> str:
    return Path(os.fsdecode(path)).name if isinstance(path, str | bytes | Path) else str(path)


def _place() -> str:
    """The innermost function of the library that is at work."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(LIBRARY):
            return f"{file.removeprefix(LIBRARY)} {frame.f_code.co_name}"
        frame = frame.f_back
    return "the test"


def _note(descriptor: int, step: str) -> None:
    os.write(descriptor, f"{step}\n".encode())
