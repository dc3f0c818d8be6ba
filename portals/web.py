"""What the portals share of HTTP: conditional answers, whole numbers, errors in their own shape."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

ErrorShape = Callable[[int, str, Mapping[str, str]], Response]


def portal_app(routes: list[BaseRoute], error: ErrorShape) -> Starlette:
    """A portal whose every HTTP error, its own 404 and 405 included, comes in the shape `error`."""

    async def handle(request: Request, exception: Exception) -> Response:
        assert isinstance(exception, HTTPException)
        return error(exception.status_code, exception.detail, exception.headers or {})

    return Starlette(routes=routes, exception_handlers={HTTPException: handle})


def html_error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    """The error of a portal made of pages and files."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>Error {status}</title>\n</head>\n"
        f"<body>\n<h1>Error {status}</h1>\n<p>{escape(message)}</p>\n</body>\n</html>\n"
    )
    return HTMLResponse(page, status, headers)


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """The query parameter as a whole number in [low, high]; HTTPException 400 otherwise."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise HTTPException(
            400, f"{name} must be a whole number from {low} to {high}, got {text!r}"
        )
    return int(text)


def etag_of(body: bytes) -> str:
    """A strong entity tag derived from the content alone."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def conditional(
    request: Request,
    body: bytes,
    media_type: str,
    modified: datetime,
    *,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The body with ETag and Last-Modified, or 304 when the client already holds it.

    If-None-Match decides when it is sent; If-Modified-Since only without it (RFC 9110, 13.2.2).
    `etag` stands in for the tag of the body, `headers` come on top.
    """
    etag = etag or etag_of(body)
    headers = {
        **(headers or {}),
        "ETag": etag,
        "Last-Modified": format_datetime(modified, usegmt=True),
    }
    if _is_unchanged(request, etag, modified):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _is_unchanged(request: Request, etag: str, modified: datetime) -> bool:
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return "*" in tags or etag in tags
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return modified <= moment
