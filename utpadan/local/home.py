"""The home folder of the local runtime (`.utpadan`): its files, its lock, what it remembers.

`env` holds settings and secrets (0600), `state.json` ports and processes, `logs/` what they say.
Both files are replaced as a whole, so a reader never meets half of one.
"""

import fcntl
import json
import os
import pwd
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from utpadan.local.process import LocalError, Process, wait_until
from utpadan.settings import ENV_FILE, read_env_file

LOCK_SECONDS = 180.0
HEADER = "# Written by the local runtime of Utpadan. Secrets: not to be shared, nor committed.\n"


class Home:
    """One home folder. Two of them share nothing, not even a port."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.env_file = self.path / ENV_FILE
        self.state_file = self.path / "state.json"
        self.postgres = self.path / "postgres"
        self.airflow = self.path / "airflow"
        self.logs = self.path / "logs"

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.logs / f"{name}.log"

    @contextmanager
    def locked(self, what: str = "processes") -> Iterator[None]:
        """Keep every other start and stop in this home waiting; make the folder if need be.

        `locked("runs")` keeps other runs of DAGs waiting instead; who needs both takes that first.
        The lock is the system's: it ends with its holder, however that ends.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (owner := self.path.stat().st_uid) != os.geteuid():
            raise LocalError(
                f"{self.path} belongs to the user {_name(owner)}: run this as that user, or set "
                "UTPADAN_HOME to a folder of your own"
            )
        self.logs.mkdir(mode=0o700, exist_ok=True)
        with (self.path / f"{what}.lock").open("a") as file:
            if not wait_until(lambda: _try_lock(file.fileno()), LOCK_SECONDS):
                raise LocalError(
                    f"another command has been busy with the {what} of {self.path} for more than "
                    f"{LOCK_SECONDS:.0f} s; wait for it or end it, then try again"
                )
            yield

    def env(self) -> dict[str, str]:
        """The settings this home has provided so far."""
        return read_env_file(self.env_file)

    def update_env(self, values: Mapping[str, str]) -> None:
        """Add or change settings. Raises LocalError for a value of more than one line."""
        merged = {**self.env(), **values}
        if merged == self.env():
            return
        if broken := [name for name, value in values.items() if "\n" in value]:
            raise LocalError(f"{broken[0]} cannot be kept in {self.env_file}: it has several lines")
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(merged.items())]
        _replace(self.env_file, HEADER + "".join(lines))

    def remembered_port(self, name: str) -> int | None:
        """The port `name` had last time."""
        port: int | None = self._state()["ports"].get(name)
        return port

    def remember_port(self, name: str, port: int) -> None:
        """Use this port again next time, so that links and saved connections keep working."""
        state = self._state()
        state["ports"][name] = port
        self._save(state)

    def process(self, name: str, made_of: str | None = None) -> Process | None:
        """The process recorded as `name`; it may have ended since.

        With `made_of`: only if it was started from just that (see `record_process`).
        """
        record = self._state()["processes"].get(name)
        if record is None or made_of not in (None, record["made_of"]):
            return None
        return Process(record["pid"], record["started"])

    def record_process(self, name: str, process: Process, made_of: str) -> None:
        """Remember a process that was started, and a fingerprint of what it was started from."""
        state = self._state()
        state["processes"][name] = {**asdict(process), "made_of": made_of}
        self._save(state)

    def forget_process(self, name: str) -> None:
        """Remember that the process was ended."""
        state = self._state()
        if state["processes"].pop(name, None):
            self._save(state)

    def _state(self) -> dict[str, dict[str, Any]]:
        try:
            text = self.state_file.read_text(encoding="utf-8")
            state: dict[str, dict[str, Any]] = json.loads(text)
        except FileNotFoundError:
            return {"ports": {}, "processes": {}}
        except json.JSONDecodeError as error:
            raise LocalError(
                f"{self.state_file}, line {error.lineno}: {error.msg}. It lists what was started: "
                "end those processes by hand (`ps`), delete the file, and start again"
            ) from error
        return state

    def _save(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        _replace(self.state_file, json.dumps(state, indent=2, sort_keys=True) + "\n")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace(path: Path, text: str) -> None:
    """Write a file only its owner can read, whole and durable before it takes the name."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
