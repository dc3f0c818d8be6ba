"""Defence EXIM Portal: cursor-paged JSON of authorisations, with `updated_since` and a rate limit.

Row-level authorisations are not public: what is served is sample data (`portals.sample`).
"""

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portals.registry import portal
from portals.sample import authorisations
from portals.sample.authorisations import Record
from portals.web import portal_app, whole_number

MAX_LIMIT = 500
_CODES = {
    400: "invalid_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    429: "too_many_requests",
}


class RateLimit:
    """`burst` requests, then refusals until `pause` seconds after the first refusal.

    `idle` seconds without a request clear the count. A client that pages on without waiting is
    refused at the same request every time, however fast the machine.
    """

    def __init__(
        self,
        burst: int = 5,
        pause: float = 1.0,
        idle: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pause = pause
        self._burst = burst
        self._idle = idle
        self._clock = clock
        self._lock = Lock()
        self._served = 0
        self._last_request = clock()
        self._refused_at: float | None = None

    def admits(self) -> bool:
        """Counts one request; False when it has to wait."""
        with self._lock:
            now = self._clock()
            is_idle = now - self._last_request >= self._idle
            has_paused = self._refused_at is not None and now - self._refused_at >= self.pause
            if is_idle or has_paused:
                self._served, self._refused_at = 0, None
            self._last_request = now
            if self._served < self._burst:
                self._served += 1
                return True
            if self._refused_at is None:
                self._refused_at = now
            return False


def app() -> Starlette:
    """The portal, to be mounted."""
    limit = RateLimit()
    return portal_app(
        [
            Route("/api/v1/export-authorisations", _endpoint(limit, authorisations.exports)),
            Route("/api/v1/import-authorisations", _endpoint(limit, authorisations.imports)),
        ],
        _error,
    )


def _endpoint(
    limit: RateLimit, records: Callable[[], tuple[Record, ...]]
) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        _authorise(request)
        if not limit.admits():
            wait = {"Retry-After": f"{limit.pause:.0f}"}
            raise HTTPException(429, "too many requests, wait and ask again", wait)
        return _page(request, records())

    return page


def _authorise(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {portal('defence_exim').token}":
        challenge = {"WWW-Authenticate": 'Bearer realm="defence-exim"'}
        raise HTTPException(401, "a valid bearer token is required", challenge)


def _page(request: Request, records: tuple[Record, ...]) -> Response:
    size = whole_number(request, "limit", 100, 1, MAX_LIMIT)
    since = _moment(request.query_params.get("updated_since"))
    after = _position(request.query_params.get("cursor"))
    wanted = [record for record in records if since is None or record["updated_at"] > since]
    rest = [record for record in wanted if after is None or _place(record) > after]
    page = rest[:size]
    cursor = _cursor(page[-1]) if len(rest) > size else None
    return JSONResponse({"data": page, "next_cursor": cursor, "total": len(wanted)})


def _moment(text: str | None) -> str | None:
    """`updated_since` as the portal writes moments, so that text compares as time."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(400, f"updated_since is not an ISO 8601 moment: {text!r}") from error
    if moment.tzinfo is None:
        raise HTTPException(400, f"updated_since has no time zone: {text!r}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(record: Record) -> tuple[str, str]:
    return record["updated_at"], record["authorisation_id"]


def _cursor(record: Record) -> str:
    return base64.urlsafe_b64encode("|".join(_place(record)).encode()).decode()


def _position(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        updated_at, key = base64.urlsafe_b64decode(cursor).decode().split("|")
    except (binascii.Error, ValueError) as error:
        raise HTTPException(400, "cursor is not one this portal gave out") from error
    return updated_at, key


def _error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    body = {"error": {"code": _CODES.get(status, "error"), "message": message}}
    return JSONResponse(body, status, headers)
