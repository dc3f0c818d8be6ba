"""Background processes: found again, ended with all they forked, never mistaken for another's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from utpadan.local import process
from utpadan.local.home import Home
from utpadan.local.portals import stop_portals
from utpadan.local.postgres import start_postgres
from utpadan.local.process import LocalError

PARENT_AND_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
print(child.pid, flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with the local runtime."""
    other = subprocess.Popen(["sleep", "60"])
    yield other
    other.kill()
    other.wait()


def start(code: str, log: Path) -> process.Process:
    command = [sys.executable, "-c", code]
    started = process.start(command, log, environment=dict(os.environ), folder=log.parent)
    assert process.wait_until(lambda: process.size(log) > 0, 10), "it never spoke"
    return started


def test_stop_ends_a_process_and_its_children_of_other_process_groups(tmp_path: Path) -> None:
    started = start(PARENT_AND_CHILD, tmp_path / "log")
    child = int((tmp_path / "log").read_text())
    assert set(started.members()) == {started.pid, child}
    process.stop([started])
    assert process.started(child) is None
    assert not started.is_alive


def test_stop_ends_the_children_of_a_process_that_has_died_itself(tmp_path: Path) -> None:
    started = start(PARENT_AND_CHILD, tmp_path / "log")
    child = int((tmp_path / "log").read_text())
    os.kill(started.pid, signal.SIGKILL)
    assert process.wait_until(lambda: not started.is_alive, 5)
    assert psutil.pid_exists(child)
    process.stop([started])
    assert process.started(child) is None


def test_a_process_that_will_not_end_is_killed_after_its_time(tmp_path: Path) -> None:
    started = start(DEAF, tmp_path / "log")
    began = time.monotonic()
    process.stop([started], patience=0.2)
    assert not started.is_alive
    assert time.monotonic() - began < 5


def test_a_recorded_pid_that_another_process_has_now_is_left_alone(
    tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    home = Home(tmp_path)
    token = process.started(bystander.pid)
    assert token is not None
    lost = process.Process(bystander.pid, token + "0")
    with home.locked():
        home.record_process("portals", lost, "anything")
    assert not lost.is_alive
    assert lost.members() == []
    stop_portals(tmp_path)
    assert bystander.poll() is None
    assert home.process("portals") is None


def test_a_pid_recorded_before_the_machine_was_started_anew_is_left_alone(
    bystander: subprocess.Popen[bytes],
) -> None:
    token = process.started(bystander.pid)
    assert token is not None
    earlier = process.Process(bystander.pid, "another-boot/" + token.partition("/")[2])
    process.stop([earlier, replace(earlier, pid=2**22 + 1)])
    assert bystander.poll() is None


def test_what_listens_on_a_port_is_told_from_what_does_not(tmp_path: Path) -> None:
    server = start(
        "import socket, time\n"
        "s = socket.create_server(('127.0.0.1', 0))\n"
        "print(s.getsockname()[1], flush=True)\n"
        "time.sleep(60)\n",
        tmp_path / "log",
    )
    other = start("import time; print(0, flush=True); time.sleep(60)", tmp_path / "other")
    port = int((tmp_path / "log").read_text())
    assert server.listens_on(port)
    assert not other.listens_on(port)
    process.stop([server, other])


def test_a_home_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(LocalError, match="belongs to the user"):
        start_postgres(tmp_path)
