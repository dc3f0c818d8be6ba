"""One HTTP response → a file, or the reason why not.

The body goes to the file while it is hashed, so memory does not grow with it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic

import httpx

_BEGINNING = 4096

_REMEDIES = {
    400: "the portal does not understand the request: check `fetch` in source.yml",
    401: "check the secret of the connection {connection}",
    403: "check the secret of the connection {connection} and what it may read",
    404: "check `fetch.path` in source.yml and the address of the connection {connection}",
}


@dataclass(frozen=True)
class Answer:
    """A body on disk, or the word that nothing changed (304)."""

    url: httpx.URL
    path: Path
    size: int
    sha256: str
    headers: httpx.Headers
    is_unchanged: bool = False


class Passing(Exception):
    """A failure worth another try; `pause_s` is how long the portal asks to wait."""

    def __init__(self, cause: str, status: int | None = None, pause_s: float = 0.0) -> None:
        super().__init__(cause)
        self.status = status
        self.pause_s = pause_s


class Refused(Exception):
    """A failure that another try would repeat; `remedy` may name `{connection}`."""

    def __init__(self, cause: str, remedy: str, status: int | None = None) -> None:
        super().__init__(cause)
        self.remedy = remedy
        self.status = status


def read_answer(
    response: httpx.Response,
    url: httpx.URL,
    target: Path,
    wanted: str,
    limit: int | None,
    deadline: float,
) -> Answer:
    """Save the body of a good response. Raises Passing or Refused."""
    status = response.status_code
    if status == 304 and any(name in response.request.headers for name in _CONDITIONS):
        return Answer(url, target, 0, "", response.headers, is_unchanged=True)
    if status in (408, 425, 429) or status >= 500:
        cause = f"the portal answers {status}{_beginning(response)}"
        raise Passing(cause, status, _retry_after(response.headers.get("Retry-After", "")))
    if status != 200:
        remedy = _REMEDIES.get(status, "look at the portal's answer, then at `fetch` in source.yml")
        raise Refused(f"the portal answers {status}{_beginning(response)}", remedy, status)
    size, sha256 = _save(response, target, limit, deadline)
    _refuse_web_page(response, target, wanted)
    return Answer(url, target, size, sha256, response.headers)


_CONDITIONS = ("If-None-Match", "If-Modified-Since")


def _save(
    response: httpx.Response, target: Path, limit: int | None, deadline: float
) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with target.open("wb") as file:
        for chunk in response.iter_bytes():
            size += len(chunk)
            if limit is not None and size > limit:
                raise Refused(f"the body has more than {limit:,} bytes", "ask for smaller pages")
            if monotonic() > deadline:
                raise Refused(f"only {size:,} bytes came in the time allowed", "try again later")
            digest.update(chunk)
            file.write(chunk)
    return size, digest.hexdigest()


def _refuse_web_page(response: httpx.Response, target: Path, wanted: str) -> None:
    with target.open("rb") as file:
        start = file.read(_BEGINNING)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    says_html = response.headers.get("Content-Type", "").startswith("text/html")
    is_page = re.match(rb"<(!doctype html|html)\b", text, re.IGNORECASE) is not None
    is_page = is_page or (says_html and wanted != "xml" and text.startswith(b"<"))
    if is_page and wanted != "html":
        cause = f"a web page came instead of {wanted.upper()}: {_said(start)}"
        remedy = "the portal may be down for maintenance or want a login: open the address"
        raise Refused(cause, remedy, response.status_code)


def _beginning(response: httpx.Response) -> str:
    """`: ` and what the portal says with an error status, if it says anything."""
    start = b""
    for chunk in response.iter_bytes():
        start += chunk
        if len(start) >= _BEGINNING:
            break
    said = _said(start[:_BEGINNING])
    return f": {said}" if said else ""


def _said(start: bytes) -> str:
    """The title of a web page, else the first words."""
    title = re.search(rb"<title[^>]*>([^<]*)", start, re.IGNORECASE)
    text = (title.group(1) if title else start).decode("utf-8", "replace")
    return " ".join(text.split())[:200]


def _retry_after(value: str) -> float:
    """Seconds, from a number or a date; 0 for neither."""
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
