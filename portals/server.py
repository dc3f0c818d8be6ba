"""Runs the portals in a process of their own for as long as somebody needs them."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_POLL_SECONDS = 0.05


@contextmanager
def running(port: int | None = None, wait_seconds: float = 30) -> Iterator[str]:
    """The base URL of the portals on this port of the loopback, a free one when none is given.

    They are up when the block begins and gone when it ends. RuntimeError when they do not come up.
    """
    port = port or _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "portals.app:app", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=_ROOT)
    try:
        _wait(process, url, wait_seconds)
        yield url
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(
                f"the portals ended with exit code {process.returncode} before they were up at "
                f"{url}; what they printed says why (is the port taken?)"
            )
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1):  # nosec B310 # http, above
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"the portals are not up at {url} after {seconds:.0f} s")
