"""Faults on demand: a test arms them, and the next requests of a portal get them as answers."""

import asyncio
import ipaddress
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portals.faults import FAULTS, Struck
from portals.registry import PORTALS, portal
from portals.wire import Asked, Reply

_MORE_THAN_ALL = 1_000_000


class Fault(BaseModel):
    """After `skip` requests of `portal`, the next `times` get the fault of that name, or `status`.

    `retry_after` goes with a status.
    """

    model_config = ConfigDict(extra="forbid")

    portal: str
    fault: str | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    skip: int = Field(default=0, ge=0)
    times: int = Field(default=1, ge=1, le=_MORE_THAN_ALL)
    retry_after: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_known(self) -> "Fault":
        try:
            portal(self.portal)
        except KeyError as error:
            raise ValueError(error.args[0]) from error
        if (self.fault is None) == (self.status is None):
            raise ValueError("name either a fault or a status")
        if self.fault is not None and self.fault not in FAULTS:
            raise ValueError(f"no fault {self.fault!r}; known: {', '.join(sorted(FAULTS))}")
        return self

    def answer(self, struck: Struck) -> Reply:
        """What is sent instead of the right answer."""
        if self.fault is not None:
            return FAULTS[self.fault].breaks(struck)
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Reply(b"the portal is out of order", self.status or 500, headers)


@dataclass
class Armory:
    """The armed faults, in order; each is used up by the requests it strikes."""

    _faults: list[Fault] = field(default_factory=list)
    _before: dict[str, Reply] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def arm(self, faults: list[Fault]) -> None:
        """Replaces what is armed; an empty list disarms."""
        with self._lock:
            self._faults = [fault.model_copy() for fault in faults]
            self._before.clear()

    def armed(self) -> list[Fault]:
        """What is still armed."""
        with self._lock:
            return [fault.model_copy() for fault in self._faults]

    def has(self, portal_name: str) -> bool:
        """Whether anything is armed for the portal."""
        with self._lock:
            return any(fault.portal == portal_name for fault in self._faults)

    def answer(self, portal_name: str, asked: Asked, good: Reply) -> Reply:
        """The answer to send: the right one, or what the fault that hits this request makes."""
        with self._lock:
            before = self._before.get(portal_name)
            self._before[portal_name] = good
            fault = self._strike(portal_name)
        return good if fault is None else fault.answer(Struck(asked, good, before))

    def _strike(self, portal_name: str) -> Fault | None:
        for fault in self._faults:
            if fault.portal == portal_name:
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                self._faults = [fault for fault in self._faults if fault.times > 0]
                return fault
        return None


class FaultMiddleware:
    """Answers for a portal that has a fault armed; passes everything else on.

    A proper server sends these answers, so what breaks HTTP itself comes as near as it lets: a
    connection that is reset is closed, one that speaks no HTTP is closed without a word.
    """

    def __init__(self, app: ASGIApp, armory: Armory) -> None:
        self._app = app
        self._armory = armory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _portal_at(scope["path"]) if scope["type"] == "http" else None
        if name is None or not self._armory.has(name):
            await self._app(scope, receive, send)
            return
        good = await _answer_of(self._app, scope, receive)
        reply = self._armory.answer(name, _asked(scope), good)
        await _send(reply, receive, send)


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> Reply:
    """What the portal would answer."""
    start: dict[str, Any] = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        start.update(message if message["type"] == "http.response.start" else {})
        body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    headers.pop("content-length", None)
    return Reply(bytes(body), start["status"], headers)


async def _send(reply: Reply, receive: Receive, send: Send) -> None:
    """Send it; an answer that is not completed has the server close the connection."""
    if reply.ending == "silent":
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    if reply.raw is not None:
        return
    headers = dict(reply.headers)
    if reply.framing == "length" and reply.status not in (204, 304):
        length = len(reply.body) if reply.length is None else reply.length
        headers["content-length"] = str(length)
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    body = reply.body if reply.sent is None else reply.body[: reply.sent]
    pieces = [body] if not reply.drip_s else [bytes([byte]) for byte in body]
    while pieces:
        for piece in pieces:
            await asyncio.sleep(reply.drip_s)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if reply.ending != "endless":
            break
    if reply.ending == "proper" and len(body) == len(reply.body):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _asked(scope: Scope) -> Asked:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["path"], scope["query_string"].decode(), headers, monotonic())


def _portal_at(path: str) -> str | None:
    for candidate in PORTALS:
        if path == candidate.path or path.startswith(candidate.path + "/"):
            return candidate.name
    return None


def is_from_loopback(request: Request) -> bool:
    """Whether the request came from this machine."""
    if request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
