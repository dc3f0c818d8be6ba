"""The stand-in portals, served over HTTP on loopback by one process.

`portals/registry.py` of the checkout names them. Where each is and its demo token are written to
the env file, as the settings of a real portal would be.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from utpadan.local import process
from utpadan.local.home import Home
from utpadan.local.ports import LOOPBACK, free_ports
from utpadan.local.process import LocalError, Process
from utpadan.settings import portal_variable
from utpadan.source import CHECKOUT

NAME = "portals"
PREFERRED_PORT = 8701
START_SECONDS = 60.0
UNFINISHED = ""
"""What the process is made of until it is up and its settings are written: nothing to rely on."""
SERVED = ("portals", "data")
READ_REGISTRY = (
    "import json; from portals.registry import PORTALS; "
    "print(json.dumps([[p.name, p.path, p.token] for p in PORTALS]))"
)


@dataclass(frozen=True)
class Stand:
    """One portal of the registry: its name, where it is mounted, its demo token if it wants one."""

    name: str
    path: str
    token: str | None


def start_portals(home_folder: Path, checkout: Path = CHECKOUT) -> None:
    """Have the portals running and their settings in the env file; at once when they already are.

    They are restarted when their code or the data they serve has changed. Raises LocalError with
    the end of their log when they do not answer.
    """
    home = Home(home_folder)
    with home.locked():
        made_of = _fingerprint(checkout)
        running = home.process(NAME, made_of)
        if running and running.is_alive:
            return
        _stop(home)
        stands = _registry(checkout)
        server = _launch(home, checkout)
        for stand in stands:
            _provide_settings(home, stand)
        home.record_process(NAME, server, made_of)


def stop_portals(home_folder: Path) -> None:
    """End the portals of this home, if they run."""
    home = Home(home_folder)
    if home.path.exists():
        with home.locked():
            _stop(home)


def answers(url: str) -> bool:
    """Whether a GET of this URL gives 200; never through a proxy."""
    import httpx

    try:
        return httpx.get(url, timeout=5.0, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _launch(home: Home, checkout: Path) -> Process:
    """Start the process, on another port when one is taken meanwhile."""
    log = home.log(NAME)
    for port in free_ports(PREFERRED_PORT, home.remembered_port(NAME)):
        before = process.size(log)
        server = process.start(
            _command(checkout, port),
            log,
            environment={**os.environ, "PYTHONPATH": str(checkout)},
            folder=checkout,
        )
        home.record_process(NAME, server, UNFINISHED)
        with process.ended_on_failure([server]):
            if _is_up(server, port):
                home.remember_port(NAME, port)
                return server
        process.stop([server])
        said = process.tail(log, since=before)
        if process.ADDRESS_IN_USE not in said:
            raise LocalError(f"the portals did not start; {log} ends:\n{said}")
    raise LocalError(f"the portals found no port to start on; see {log}")


def _provide_settings(home: Home, stand: Stand) -> None:
    address = f"http://{LOOPBACK}:{home.remembered_port(NAME)}/{stand.path.strip('/')}"
    home.update_env(
        {
            portal_variable(stand.name, "URL"): address.rstrip("/"),
            portal_variable(stand.name, "TOKEN"): stand.token or "",
        }
    )


def _is_up(server: Process, port: int) -> bool:
    url = f"http://{LOOPBACK}:{port}/healthz"
    process.wait_until(lambda: not server.is_alive or answers(url), START_SECONDS)
    return server.is_alive and server.listens_on(port)


def _command(checkout: Path, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "portals.app:app", "--app-dir", str(checkout)),
        *("--host", LOOPBACK, "--port", str(port), "--no-access-log"),  # it has keys of queries
    ]


def _stop(home: Home) -> None:
    running = home.process(NAME)
    if running:
        process.stop([running], patience=5.0)
        home.forget_process(NAME)


def _registry(checkout: Path) -> list[Stand]:
    """The portals of this checkout; read by a process of its own, as the checkout may be any."""
    done = subprocess.run(
        [sys.executable, "-c", READ_REGISTRY],
        capture_output=True,
        text=True,
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        check=False,
    )
    if done.returncode != 0:
        raise LocalError(f"{checkout / 'portals' / 'registry.py'} cannot be read:\n{done.stderr}")
    return [Stand(*fields) for fields in json.loads(done.stdout)]


def _fingerprint(checkout: Path) -> str:
    """Changes when a file that the portals are made of, or serve, does."""
    digest = hashlib.sha256(str(checkout).encode())
    for folder in SERVED:
        for path in sorted((checkout / folder).rglob("*.*")):
            if path.suffix != ".pyc":
                found = path.stat()
                digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
