"""What goes into a fetch and what comes out of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from utpadan.table import visible


@dataclass(frozen=True)
class Endpoint:
    """Where a connection points, and its secret."""

    base_url: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Previous:
    """What the delivery before said of itself.

    `etag` and `last_modified` must come from the same request; leave them out when the contract's
    fetch or the connection has changed since.
    """

    etag: str | None = None
    last_modified: str | None = None
    watermark: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A delivery on disk. `url` carries no secret.

    `requests` were sent in all, `retries` of them again after trouble, in `seconds`.
    """

    path: Path
    sha256: str
    size: int
    url: str
    etag: str | None = None
    last_modified: str | None = None
    watermark: str | None = None
    requests: int = 0
    retries: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class NothingNew:
    """The portal has nothing that is not known: 304, or an increment of no records."""

    requests: int = 0
    retries: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Patience:
    """How long a portal is waited for.

    `tries` for one request; the pauses between them start at `pause_s`, double, and never exceed
    `longest_pause_s`, whatever Retry-After asks. `answer_s` is the silence after which a try is
    given up, `total_s` the time for the whole fetch: lookups, pauses, slow bodies and all.
    """

    tries: int = 5
    pause_s: float = 1.0
    longest_pause_s: float = 60.0
    answer_s: float = 30.0
    total_s: float = 3600.0


class FetchError(RuntimeError):
    """A delivery that could not be fetched; the message says which, why and what to do.

    The message is one line that any log and any database can hold, whatever the portal sent. It and
    `url` carry no secret. `status` is the HTTP status, where there is one;
    `requests`, `retries` and `seconds` are what was spent in vain.
    """

    requests = 0
    retries = 0
    seconds = 0.0

    def __init__(
        self, source: str, url: str, cause: str, remedy: str, status: int | None = None
    ) -> None:
        super().__init__(visible(f"{source}: {url}: {cause}; {remedy}"))
        self.source = source
        self.url = url
        self.cause = cause
        self.status = status


def sha256_of(path: Path) -> str:
    """The file's hash, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
