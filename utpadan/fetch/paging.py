"""JSON pages: one after the other, checked to be a whole.

A page that comes twice, a cursor that comes twice and paging without end are errors. A number of
records that changes on the way, or is not reached, and a record that comes on two pages raise
Moved: the portal's data changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from utpadan.fetch.answer import Wanted
from utpadan.fetch.bundle import Page
from utpadan.fetch.client import Client
from utpadan.fetch.documents import list_at, parsed
from utpadan.jsonpath import NoSuchPath, json_at
from utpadan.pages import DOCUMENT_LIMIT, page_name
from utpadan.source import CursorPaging, JsonFormat, OffsetPaging, PagePaging

MOST_PAGES = 9_999

Params = dict[str, str]


class Moved(Exception):
    """The pages do not make a whole: the data changed while they were fetched."""


class JsonPage(NamedTuple):
    """A page as sent, and its records."""

    page: Page
    records: list[Any]


class Broken(Exception):
    """Paging that leads nowhere, however often it is tried."""


REMEDY = "check `fetch.paging` in source.yml, or tell the portal"


class _Steps(Protocol):
    def params(self) -> Params:
        """What asks for the present page."""

    def go_on(self, document: Any, count: int) -> bool:
        """Whether there is a page after this one, which has `count` records."""


def json_pages(
    client: Client,
    paging: PagePaging | OffsetPaging | CursorPaging,
    shape: JsonFormat,
    params: Mapping[str, str],
    scratch: Path,
) -> Iterator[JsonPage]:
    """All pages in order. Raises FetchError, and Moved when fetching anew may help."""
    steps, total = _steps(paging), Announced(paging.total, "records")
    seen: set[str] = set()
    known: set[bytes] = set()
    for number in range(1, MOST_PAGES + 1):
        url = client.address({**params, **steps.params()})
        answer = client.get(url, scratch, Wanted("json", DOCUMENT_LIMIT))
        document = parsed(client, answer)
        records = list_at(client, answer, document, shape.records)
        try:
            _refuse_repetition(answer.sha256, seen, bool(records))
            total.see(document)
            total.count(len(records))
            refuse_overlap(records, known)
            goes_on = steps.go_on(document, len(records))
        except (Broken, NoSuchPath) as error:
            raise client.error(url, str(error), REMEDY) from None
        yield JsonPage(Page(page_name(number, "json"), answer.path.read_bytes()), records)
        if not goes_on:
            total.must_be_reached()
            return
    raise client.error(
        url, f"paging does not end within {MOST_PAGES} pages", "ask for larger pages"
    )


def _refuse_repetition(sha256: str, seen: set[str], has_records: bool) -> None:
    if sha256 in seen and has_records:
        raise Broken("the same page came twice")
    seen.add(sha256)


def refuse_overlap(records: list[Any], known: set[bytes]) -> None:
    """Moved when a record is one of an earlier page: where one comes twice, another is missing."""
    texts = (json.dumps(record, sort_keys=True).encode() for record in records)
    digests = {blake2b(text, digest_size=12).digest() for text in texts}
    if not known.isdisjoint(digests):
        raise Moved("a record came that was on an earlier page, too")
    known |= digests


def _steps(paging: PagePaging | OffsetPaging | CursorPaging) -> _Steps:
    if isinstance(paging, PagePaging):
        return _ByPage(paging)
    if isinstance(paging, OffsetPaging):
        return _ByOffset(paging)
    return _ByCursor(paging)


class Announced:
    """A number that every page states alike, at `path`; without a path nothing is checked.

    `read` finds it on a page; it raises NoSuchPath where there is none.
    """

    def __init__(
        self, path: str | None, what: str, read: Callable[[Any, str], object] = json_at
    ) -> None:
        self._path = path
        self._what = what
        self._read = read
        self._counted = 0
        self.value: int | None = None

    def see(self, page: Any) -> int:
        """The number on this page; Moved when it differs from the page before."""
        if self._path is None:
            return 0
        text = str(self._read(page, self._path))
        if not text.isdecimal():
            raise Broken(f"the number of {self._what}, {self._path}, is {text[:80]!r}")
        if self.value is not None and self.value != int(text):
            raise Moved(f"the number of {self._what} went from {self.value} to {text}")
        self.value = int(text)
        return self.value

    def count(self, more: int) -> None:
        """Count what came; Moved when it is more than announced."""
        self._counted += more
        if self.value is not None and self._counted > self.value:
            raise Moved(f"{self._counted} {self._what} came, {self.value} were announced")

    def must_be_reached(self) -> None:
        """Moved when less came than was announced."""
        if self.value is not None and self._counted < self.value:
            raise Moved(f"only {self._counted} of {self.value} {self._what} came")


class _ByPage:
    def __init__(self, paging: PagePaging) -> None:
        self._paging = paging
        self._pages = Announced(paging.pages, "pages")
        self._number = paging.first

    def params(self) -> Params:
        return {self._paging.param: str(self._number)}

    def go_on(self, document: Any, count: int) -> bool:
        last = self._paging.first + self._pages.see(document) - 1
        if not count and self._number < last:
            raise Moved(f"page {self._number} has no records, and {last} is the last page")
        self._number += 1
        return self._number <= last


class _ByOffset:
    def __init__(self, paging: OffsetPaging) -> None:
        self._paging = paging
        self._total = Announced(paging.total, "records")
        self._offset = 0

    def params(self) -> Params:
        return {
            self._paging.param: str(self._offset),
            self._paging.limit_param: str(self._paging.limit),
        }

    def go_on(self, document: Any, count: int) -> bool:
        self._offset += count
        return count > 0 and self._offset < self._total.see(document)


class _ByCursor:
    def __init__(self, paging: CursorPaging) -> None:
        self._paging = paging
        self._seen: set[str] = set()
        self._cursor = ""

    def params(self) -> Params:
        return {self._paging.param: self._cursor} if self._cursor else {}

    def go_on(self, document: Any, count: int) -> bool:
        try:
            found = json_at(document, self._paging.next)
        except NoSuchPath:
            found = None
        self._cursor = "" if found is None else str(found)
        if self._cursor in self._seen:
            raise Broken(f"the cursor {self._cursor[:80]!r} came twice")
        self._seen.add(self._cursor)
        return bool(self._cursor)
