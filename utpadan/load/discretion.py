"""What may be said of a delivery with personal data: nothing that could be a cell of it.

Of other deliveries all is said: a message that shows the row is mended sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from psycopg import Error

from utpadan.source import Source, fold


def shown(source: Source, headers: Iterable[str]) -> list[str]:
    """Headers for people; in a file without a header, an unknown one is a cell of its first row."""
    known = {*source.headers, *map(fold, source.ignored)}
    return [
        header if fold(header) in known or not source.has_personal else "(not shown)"
        for header in headers
    ]


def said(refusal: Exception) -> str:
    """What the server said of a row, without that row."""
    if isinstance(refusal, Error):
        return refusal.diag.message_primary or type(refusal).__name__
    return str(refusal)


@contextmanager
def discreet(source: Source) -> Iterator[None]:
    """An error of the server without its words, which quote the row that it was at."""
    try:
        yield
    except Error as error:
        if not source.has_personal:
            raise
        words = f"{source.name}: the server ended the load with {type(error).__name__}"
        raise type(error)(f"{words} ({error.sqlstate or 'no code'}); its log says when") from None
