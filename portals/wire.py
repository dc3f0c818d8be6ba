"""A server that sends just what it is told, also what breaks the rules of HTTP.

It is for tests: a proper server cannot cut off its own answer, lie about its length or never end.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic
from typing import ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names in lower case, `at` by the monotonic clock."""

    path: str
    query: str
    headers: Mapping[str, str]
    at: float

    @property
    def params(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(self.query))


@dataclass(frozen=True)
class Reply:
    """One answer; by default a proper one.

    `sent` is how much of the body is sent, whatever `length` the header states (that of the body
    when it is None); `framing` says how the end of the body is to be known. With `drip_s` every
    byte of the answer comes alone, after a pause. `ending` is what happens to the connection:
    `endless` sends the body again and again, `silent` sends nothing at all.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    length: int | None = None
    framing: Literal["length", "chunked", "close"] = "length"
    ending: Literal["proper", "hang up", "reset", "endless", "silent"] = "proper"
    drip_s: float = 0.0
    raw: bytes | None = None
    """Sent instead of all the rest, when it is set."""


Answering = Callable[[Asked], Reply]


@contextmanager
def serving(answer: Answering, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of the loopback on which `answer` replies, for the time of the context."""
    over = Event()
    handler = type("Handler", (_Handler,), {"answer": staticmethod(answer), "over": over})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up or does not trust the certificate is what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer: ClassVar[Answering]
    over: ClassVar[Event]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = type(self).answer(Asked(url.path, url.query, headers, monotonic()))
        self.close_connection = reply.framing == "close" or reply.ending != "proper"
        if reply.ending == "silent":
            self.over.wait(30)
            return
        self._write(reply.raw if reply.raw is not None else _head(reply), reply.drip_s)
        if reply.raw is not None:
            self.close_connection = True
            return
        self._send_body(reply)
        if reply.ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send_body(self, reply: Reply) -> None:
        body = reply.body if reply.sent is None else reply.body[: reply.sent]
        piece = b"%x\r\n%b\r\n" % (len(body), body) if reply.framing == "chunked" else body
        self._write(piece if body else b"", reply.drip_s)
        while reply.ending == "endless" and body and not self.over.is_set():
            self._write(piece, reply.drip_s)
        if reply.framing == "chunked" and reply.ending == "proper":
            self._write(b"0\r\n\r\n", 0)

    def _write(self, data: bytes, drip_s: float) -> None:
        if not drip_s:
            self.wfile.write(data)
            return
        for byte in data:
            if self.over.wait(drip_s):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _head(reply: Reply) -> bytes:
    length = len(reply.body) if reply.length is None else reply.length
    framing = {
        "length": {"Content-Length": str(length)},
        "chunked": {"Transfer-Encoding": "chunked"},
        "close": {"Connection": "close"},
    }[reply.framing]
    version = "HTTP/1.0" if reply.framing == "close" else "HTTP/1.1"
    known = {status.value: status.phrase for status in HTTPStatus}
    lines = [f"{version} {reply.status} {known.get(reply.status, 'Unknown')}"]
    no_body = reply.status in (204, 304)
    headers = {**({} if no_body else framing), **reply.headers}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
