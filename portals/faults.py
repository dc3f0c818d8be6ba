"""Faults a test arms: the next requests of a portal get an error status instead of an answer."""

import ipaddress
from dataclasses import dataclass, field
from threading import Lock

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from portals.registry import PORTALS, portal


class Fault(BaseModel):
    """The next `times` requests of `portal` are answered with `status`."""

    model_config = ConfigDict(extra="forbid")

    portal: str
    status: int = Field(ge=400, le=599)
    times: int = Field(default=1, ge=1)
    retry_after: int | None = Field(default=None, ge=0)

    @field_validator("portal")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            return portal(name).name
        except KeyError as error:
            raise ValueError(error.args[0]) from error


@dataclass
class Armory:
    """The armed faults, in order; each is used up by the requests it strikes."""

    _faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def arm(self, faults: list[Fault]) -> None:
        """Replaces what is armed; an empty list disarms."""
        with self._lock:
            self._faults = [fault.model_copy() for fault in faults]

    def armed(self) -> list[Fault]:
        """What is still armed."""
        with self._lock:
            return [fault.model_copy() for fault in self._faults]

    def strike(self, portal_name: str) -> Fault | None:
        """The fault that hits this request, counted down; None when there is none."""
        with self._lock:
            for fault in self._faults:
                if fault.portal == portal_name:
                    fault.times -= 1
                    struck = fault.model_copy()
                    self._faults = [fault for fault in self._faults if fault.times > 0]
                    return struck
        return None


class FaultMiddleware:
    """Answers for a portal that has a fault armed; passes everything else on."""

    def __init__(self, app: ASGIApp, armory: Armory) -> None:
        self._app = app
        self._armory = armory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _portal_at(scope["path"]) if scope["type"] == "http" else None
        fault = self._armory.strike(name) if name else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        answer = PlainTextResponse("the portal is out of order", fault.status, headers)
        await answer(scope, receive, send)


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
