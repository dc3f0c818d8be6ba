"""Background processes that outlive the command which started them, found again and ended safely.

A process is known by its pid together with a token of the moment it started, so that a pid which
the system has given to another process since is never taken for ours. Each runs in a session of
its own: whatever it forks stays in that session and is ended with it, even after its own death.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

KEEP_LOG_BYTES = 20_000_000
ADDRESS_IN_USE = "address already in use"
"""What uvicorn logs when another process has its port."""

_children: dict[int, subprocess.Popen[bytes]] = {}
"""What this very process started: to be reaped when it ends, or it would stay a zombie."""


class LocalError(RuntimeError):
    """Something of the local runtime failed; the message says what, where and what to do."""


@dataclass(frozen=True)
class Process:
    """A process we started: its pid, which is also its session, and the token of its start."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs: the same process, not another one that was given its pid."""
        return started(self.pid) == self.started

    @property
    def ending(self) -> str:
        """How it ended, as far as the process that started it can know."""
        child = _children.get(self.pid)
        code = None if child is None else child.poll()
        if code is None:
            return "ended"
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def members(self) -> list[int]:
        """The pids of its session: itself if alive, and all it forked that is still there.

        The system does not give a pid away while a session of that number lives, so the session is
        ours unless its number now belongs to a process that began at another moment.
        """
        if started(self.pid) not in (None, self.started) or _boot() != self.started.split("/")[0]:
            return []
        return [pid for pid in psutil.pids() if _session(pid) == self.pid and started(pid)]

    def listens_on(self, port: int) -> bool:
        """Whether it, or a process of its session, accepts connections on this TCP port."""
        for pid in self.members():
            with suppress(psutil.NoSuchProcess):
                for socket in psutil.Process(pid).net_connections("tcp"):
                    if socket.status == psutil.CONN_LISTEN and socket.laddr.port == port:
                        return True
        return False


def started(pid: int) -> str | None:
    """A token that no other process with this pid ever has; None when none runs (or is a zombie).

    It is taken from the system's count since boot where there is /proc, since the wall clock that
    psutil reports may be set while the process runs.
    """
    if pid in _children:
        _children[pid].poll()
    try:
        process = psutil.Process(pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
        if sys.platform != "linux":
            return f"{_boot()}/{process.create_time()}"
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None
    return f"{_boot()}/{stat.rpartition(')')[2].split()[19]}"


def start(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str],
    folder: Path,
    user: int | None = None,
    group: int | None = None,
) -> Process:
    """Start `command` in the background, in its own session, its output added to `log`.

    Raises LocalError when the program cannot be run at all.
    """
    if log.exists() and log.stat().st_size > KEEP_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                start_new_session=True,
            )
        except OSError as error:
            raise LocalError(f"{command[0]} cannot be started: {error}") from error
    _children[child.pid] = child
    token = started(child.pid)
    return Process(child.pid, token or f"{_boot()}/ended")


def stop(processes: Collection[Process], *, patience: float = 20.0) -> None:
    """End these processes and all they forked; return when none is left.

    Each is asked (SIGTERM) and given `patience` seconds in all, then what is left of its session is
    asked (5 s at most), then killed. A process that is not there any more is no error.
    """
    for process in processes:
        if process.is_alive:
            signal_to([process.pid], signal.SIGTERM)
    wait_until(lambda: not any(process.is_alive for process in processes), patience)
    for sent, wait in ((signal.SIGTERM, min(patience, 5.0)), (signal.SIGKILL, 10.0)):
        if not _members(processes):
            return
        signal_to(_members(processes), sent)
        wait_until(lambda: not _members(processes), wait)
    if left := _members(processes):
        raise LocalError(
            f"processes {left} do not end, not even when killed; see `ps -fp {left[0]}`"
        )


def signal_to(pids: Sequence[int], number: int) -> None:
    """Send a signal to each of these pids that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def wait_until(condition: Callable[[], bool], seconds: float, *, every: float = 0.05) -> bool:
    """Ask `condition` until it holds; False when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def tail(log: Path, *, since: int = 0, lines: int = 15) -> str:
    """The last lines of a log, of what was written after byte `since`; for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(since)
            text = file.read().decode(errors="replace").rstrip()
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"


def size(log: Path) -> int:
    """Bytes of a log so far; 0 when it is not there."""
    return log.stat().st_size if log.exists() else 0


@contextmanager
def ended_on_failure(processes: Collection[Process]) -> Iterator[None]:
    """End `processes` when the block fails or is interrupted: nothing is left half-started."""
    try:
        yield
    except BaseException:
        stop(processes)
        raise


def _members(processes: Collection[Process]) -> list[int]:
    return [pid for process in processes for pid in process.members()]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


@cache
def _boot() -> str:
    """What tells this run of the machine from the last, where starts are counted from boot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
