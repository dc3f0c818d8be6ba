"""Scratch: folders for the time of a context, of which a killed process leaves none for long.

Each has a lock file beside it, held by the process that works in it. A lock ends with its holder,
however that ends, so whoever needs a folder in the same place next removes those without a holder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

PREFIX = "utpadan-"
LOCK = ".lock"


@contextmanager
def scratch(place: Path | None = None) -> Iterator[Path]:
    """A new folder in `place`, by default where the system has temporary files."""
    place = place or Path(tempfile.gettempdir())
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(place)
    lock = _hold_new(place)
    folder = lock.path.with_suffix("")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.path.unlink(missing_ok=True)
        os.close(lock.descriptor)


def sweep(place: Path) -> int:
    """Remove what killed processes of this user left in `place`; returns how many folders."""
    removed = 0
    for lock in place.glob(f"{PREFIX}*{LOCK}"):
        with suppress(FileNotFoundError, PermissionError, BlockingIOError):
            if lock.lstat().st_uid != os.geteuid():
                continue
            with lock.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink()
            removed += 1
    return removed


class _Held(NamedTuple):
    """A lock file, and the descriptor by which this process holds it."""

    path: Path
    descriptor: int


def _hold_new(place: Path) -> _Held:
    """Make a lock file of a new name and hold it."""
    while True:
        descriptor, name = tempfile.mkstemp(LOCK, PREFIX, place)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return _Held(Path(name), descriptor)
        os.close(descriptor)  # swept before it was held
