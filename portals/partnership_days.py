"""Defence Partnership Days: registrations, meetings, options, as spreadsheet programs export them.

Byte order mark, CRLF, line breaks inside quoted cells, Indian dates. Registrations are not
public: what is served is sample data (`portals.sample`).
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portals.data import Row, last_modified, path_of
from portals.sample import meetings, options
from portals.web import conditional, portal_app

_SOURCES = (
    path_of("engagement/events"),
    path_of("state_policy/states"),
    *Path(meetings.__file__).parent.glob("*.py"),
)


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app(
        [
            Route("/exports/registrations.csv", _download(meetings.registrations)),
            Route("/exports/meetings.csv", _download(meetings.meetings)),
            Route("/exports/options.csv", _download(options.options)),
        ],
        _error,
    )


def _download(rows: Callable[[], Sequence[Row]]) -> Callable[[Request], Response]:
    @cache
    def body() -> bytes:
        return _csv(rows())

    def download(request: Request) -> Response:
        modified = last_modified(*_SOURCES)
        return conditional(request, body(), "text/csv; charset=utf-8", modified)

    return download


def _csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    return PlainTextResponse(f"{status} {message}\n", status, headers)
