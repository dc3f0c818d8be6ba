"""A real HTTP server on loopback whose answers a test writes down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Said:
    """One answer. `cut` sends only so many bytes of the body and hangs up."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    at: float


Answering = Callable[[Asked], Said]


@dataclass
class ScriptedPortal:
    """`asked` are the requests so far. `script` maps a path to answers, the last one repeats."""

    base_url: str
    asked: list[Asked] = field(default_factory=list)
    script: dict[str, list[Said] | Answering] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Said:
        self.asked.append(asked)
        answers = self.script.get(asked.path, [Said(status=404)])
        if callable(answers):
            return answers(asked)
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def scripted_portal() -> Iterator[ScriptedPortal]:
    """A portal on a free port for the time of the context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    portal = ScriptedPortal(f"http://127.0.0.1:{server.server_port}")
    server.portal = portal  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(url.path, dict(parse_qsl(url.query)), headers, monotonic())
        said = self.server.portal.answer(asked)  # type: ignore[attr-defined]
        self.send_response(said.status)
        for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.body if said.cut is None else said.body[: said.cut])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
