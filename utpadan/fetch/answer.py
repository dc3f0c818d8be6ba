"""One HTTP response → a file, or the reason why not.

The body goes to the file while it is hashed, so memory does not grow with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic

import httpx

from utpadan.fetch.trouble import Passing, Refused
from utpadan.fetch.unpack import unpacked
from utpadan.fetch.whole import refuse_other_kinds, said

_BEGINNING = 4096

_REMEDIES = {
    400: "the portal does not understand the request: check `fetch` in source.yml",
    401: "check the secret of the connection {connection}",
    403: "check the secret of the connection {connection} and what it may read",
    404: "check `fetch.path` in source.yml and the address of the connection {connection}",
}


@dataclass(frozen=True)
class Wanted:
    """What a body must be: `kind` is csv, html, json, xlsx or xml; at most `limit` bytes long.

    A CSV whose last line does not end is cut off, unless `may_end_anywhere`.
    """

    kind: str
    limit: int
    may_end_anywhere: bool = False


@dataclass(frozen=True)
class Answer:
    """A body on disk, or the word that nothing changed (304)."""

    url: httpx.URL
    path: Path
    size: int
    sha256: str
    headers: httpx.Headers
    is_unchanged: bool = False


def read_answer(
    response: httpx.Response, url: httpx.URL, target: Path, wanted: Wanted, deadline: float
) -> Answer:
    """Save the body of a good response. Raises Passing or Refused."""
    status = response.status_code
    if status == 304 and any(name in response.request.headers for name in _CONDITIONS):
        return Answer(url, target, 0, "", response.headers, is_unchanged=True)
    if status in (408, 425, 429) or status >= 500:
        cause = f"the portal answers {status}{_beginning(response)}"
        raise Passing(cause, status, _retry_after(response.headers))
    if status != 200:
        remedy = _REMEDIES.get(status, "look at the portal's answer, then at `fetch` in source.yml")
        raise Refused(f"the portal answers {status}{_beginning(response)}", remedy, status)
    size, sha256 = _save(response, target, wanted.limit, deadline)
    refuse_other_kinds(target, size, wanted.kind, wanted.may_end_anywhere)
    return Answer(url, target, size, sha256, response.headers)


_CONDITIONS = ("If-None-Match", "If-Modified-Since")


def _save(response: httpx.Response, target: Path, limit: int, deadline: float) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    body = unpacked(response.iter_raw(), response.headers.get("Content-Encoding", ""))
    with target.open("wb") as file:
        for piece in body:
            size += len(piece)
            if size > limit:
                cause = f"the body has more than {limit:,} bytes"
                raise Refused(
                    cause, "look at what it sends; if that is right, see `fetch` in source.yml"
                )
            if monotonic() > deadline:
                raise Refused(f"only {size:,} bytes came in the time allowed", "try again later")
            digest.update(piece)
            file.write(piece)
    return size, digest.hexdigest()


def _beginning(response: httpx.Response) -> str:
    """`: ` and what the portal says with an error status, if it says anything."""
    start = b""
    for piece in unpacked(response.iter_raw(), response.headers.get("Content-Encoding", "")):
        start += piece
        if len(start) >= _BEGINNING:
            break
    words = said(start[:_BEGINNING])
    return f": {words}" if words else ""


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds, from a number or a date; 0 for neither. A date counts by the portal's own clock."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    when, now = _moment(value), _moment(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (when - now).total_seconds()) if when else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
