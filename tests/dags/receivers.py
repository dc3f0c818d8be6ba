"""Those who get notices: a mail and a web server on loopback, which can be told to refuse."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOOPBACK = "127.0.0.1"


@dataclass
class PostOffice:
    """A mail server that wants a password: the mails it got."""

    port: int
    login: str
    password: str
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return "554 no mail is taken today"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        return "250 taken"

    def admit(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: Any
    ) -> AuthResult:
        """Whether it is the login and the password."""
        assert isinstance(told, LoginPassword)
        known = (told.login, told.password) == (self.login.encode(), self.password.encode())
        return AuthResult(success=known)


@contextmanager
def post_office(login: str, password: str) -> Iterator[PostOffice]:
    """A mail server for the time of the context."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    office = PostOffice(port, login, password)
    controller = Controller(
        office,
        hostname=LOOPBACK,
        port=port,
        authenticator=office.admit,
        auth_require_tls=False,
        auth_required=True,
    )
    controller.start()
    yield office
    controller.stop()


@dataclass
class Web:
    """A web server: path and JSON of every POST it got."""

    address: str = ""
    status: int = 200
    posts: list[tuple[str, Any]] = field(default_factory=list)

    def to(self, path: str) -> list[Any]:
        """What was posted to that path, in order."""
        return [body for place, body in self.posts if place == path]


@contextmanager
def web() -> Iterator[Web]:
    """A web server for the time of the context."""
    receiver = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.posts.append((self.path, json.loads(body)))
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    receiver.address = f"http://{LOOPBACK}:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()
