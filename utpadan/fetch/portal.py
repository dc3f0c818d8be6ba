"""A delivery from an HTTP portal: one response as it is, or many pages as one zip."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from utpadan.fetch.answer import Answer, Wanted
from utpadan.fetch.bundle import Page, bundle
from utpadan.fetch.client import Client
from utpadan.fetch.delivery import Fetched, NothingNew, Previous, sha256_of
from utpadan.fetch.documents import (
    items,
    list_at,
    next_link,
    parsed,
    refuse_other_page,
    rows_on,
    stated_on,
    web_page,
)
from utpadan.fetch.paging import (
    MOST_PAGES,
    REMEDY,
    Announced,
    Broken,
    Moved,
    json_pages,
    refuse_overlap,
)
from utpadan.fetch.watermark import Watermark
from utpadan.jsonpath import NoSuchPath
from utpadan.pages import DOCUMENT_LIMIT, FEED, page_name
from utpadan.source import (
    CsvFormat,
    CursorPaging,
    FeedPaging,
    HtmlFormat,
    HttpFetch,
    JsonFormat,
    LinkPaging,
    OffsetPaging,
    PagePaging,
    RssFormat,
    Source,
    fold,
)

_EXTENSION = {"rss": "xml"}
_BEGINNING = 64 * 1024


class PortalFetch:
    """One fetch of one source from one portal."""

    def __init__(
        self, client: Client, source: Source, fetch: HttpFetch, previous: Previous, folder: Path
    ) -> None:
        self._client = client
        self._source = source
        self._fetch = fetch
        self._previous = previous
        self._folder = folder
        self._scratch = folder / f"{source.name}.page"
        self._start_over()

    def run(self) -> Fetched | NothingNew:
        """The delivery, or the word that there is nothing new. Raises FetchError."""
        return self._single() if self._fetch.paging is None else self._paged()

    def _start_over(self) -> None:
        mark, fetch = self._previous.watermark, self._fetch
        self._records = self._client.received = 0
        self._watermark = Watermark(fetch.since_field or "", mark, datetime.now(UTC))
        self._since = self._watermark.since(fetch.overlap_days) if fetch.since_param else None
        since = {fetch.since_param: self._since} if fetch.since_param and self._since else {}
        self._params = {**fetch.params, **since}
        self._url = self._client.address(self._params)

    def _single(self) -> Fetched | NothingNew:
        shape = self._source.format
        kind = _EXTENSION.get(shape.kind, shape.kind)
        target = self._folder / f"{self._source.name}.{kind}"
        limit = self._fetch.max_bytes if kind in ("csv", "xlsx") else DOCUMENT_LIMIT
        wanted = Wanted(kind, limit, may_end_anywhere=not self._fetch.last_line_ends)
        answer = self._client.get(self._url, target, wanted, self._conditions())
        if answer.is_unchanged:
            return self._nothing_new()
        if isinstance(shape, CsvFormat):
            self._refuse_other_table(answer)
        if isinstance(shape, JsonFormat):
            document = parsed(self._client, answer)
            self._see(answer.url, list_at(self._client, answer, document, shape.records))
        etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        return self._fetched(target, answer.sha256, answer.size, etag, modified)

    def _conditions(self) -> dict[str, str]:
        """What allows the portal to answer 304; none for increments, whose URL differs."""
        if self._fetch.since_param:
            return {}
        asked = {
            "If-None-Match": self._previous.etag,
            "If-Modified-Since": self._previous.last_modified,
        }
        return {name: value for name, value in asked.items() if value}

    def _paged(self) -> Fetched | NothingNew:
        target = self._folder / f"{self._source.name}.zip"
        try:
            bundle(self._pages(), target)
        except Moved:
            self._start_over()
            try:
                bundle(self._pages(), target)
            except Moved as moved:
                cause = f"the data changes while it is fetched, twice: {moved}"
                raise self._client.error(self._url, cause, "try again later") from moved
        finally:
            self._scratch.unlink(missing_ok=True)
        return self._fetched(target, sha256_of(target), target.stat().st_size)

    def _fetched(
        self,
        path: Path,
        sha256: str,
        size: int,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Fetched | NothingNew:
        if self._since is not None and not self._records:
            return self._nothing_new()
        is_json, least = isinstance(self._source.format, JsonFormat), self._source.rows.min
        if is_json and self._source.delivery == "complete" and least and not self._records:
            cause = f"the answer holds no records; {least} at least are expected"
            raise self._client.error(self._url, cause, "look at the portal's answer")
        return Fetched(
            path=path,
            sha256=sha256,
            size=size,
            url=self._client.shown(self._url),
            etag=etag,
            last_modified=last_modified,
            watermark=self._watermark.text if self._fetch.since_field else None,
            requests=self._client.requests,
            retries=self._client.retries,
            seconds=self._client.seconds,
        )

    def _nothing_new(self) -> NothingNew:
        return NothingNew(self._client.requests, self._client.retries, self._client.seconds)

    def _refuse_other_table(self, answer: Answer) -> None:
        """FetchError when none of the contract's headers stands where a table has them."""
        with answer.path.open("rb") as file:
            start = file.read(_BEGINNING)
        is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = fold(start.decode("utf-16" if is_wide else "utf-8", "replace").replace("\0", ""))
        if not any(header in text for header in self._source.headers):
            cause = f"none of the contract's headers is in what came: {text[:200]}"
            raise self._client.error(answer.url, cause, "open the address; check source.yml")

    def _see(self, url: httpx.URL, records: list[Any]) -> None:
        self._records += len(records)
        if self._fetch.since_field:
            try:
                self._watermark.see(records)
            except ValueError as error:
                cause = f"{self._fetch.since_field}: {error}"
                raise self._client.error(url, cause, "check `since_field` in source.yml") from None

    def _pages(self) -> Iterator[Page]:
        paging, shape = self._fetch.paging, self._source.format
        if isinstance(paging, PagePaging | OffsetPaging | CursorPaging) and isinstance(
            shape, JsonFormat
        ):
            return self._json(paging, shape)
        if isinstance(paging, LinkPaging) and isinstance(shape, HtmlFormat):
            return self._linked(paging)
        if isinstance(paging, FeedPaging) and isinstance(shape, RssFormat):
            return self._feed(paging)
        cause = f"paging {paging.style if paging else ''} does not go with format {shape.kind}"
        raise self._client.error(self._url, cause, "mend `fetch.paging` in source.yml")

    def _json(
        self, paging: PagePaging | OffsetPaging | CursorPaging, shape: JsonFormat
    ) -> Iterator[Page]:
        for page, records in json_pages(self._client, paging, shape, self._params, self._scratch):
            self._see(self._url, records)
            yield page

    def _linked(self, paging: LinkPaging) -> Iterator[Page]:
        """Web pages by their rel="next"; a page that comes twice is an error."""
        url = self._url
        seen: set[str] = set()
        known: set[bytes] = set()
        pages = Announced(paging.pages, "pages", stated_on)
        total = Announced(paging.total, "records", stated_on)
        for number in range(1, MOST_PAGES + 1):
            answer = self._page(url)
            if {str(url), answer.sha256} & seen:
                cause = "the same page came twice on the way from link to link"
                raise self._client.error(url, cause, "tell the portal")
            seen |= {str(url), answer.sha256}
            tree = web_page(self._client, answer)
            try:
                pages.see(tree)
                pages.count(1)
                if paging.total:
                    total.see(tree)
                    rows = rows_on(tree)
                    total.count(len(rows))
                    refuse_overlap(rows, known)
            except (Broken, NoSuchPath) as error:
                raise self._client.error(url, str(error), REMEDY) from None
            yield Page(page_name(number, "html"), answer.path.read_bytes())
            link = next_link(tree)
            if link is None:
                pages.must_be_reached()
                total.must_be_reached()
                return
            url = self._client.follow(answer.url, link)
        cause = f"the links do not end within {MOST_PAGES} pages"
        raise self._client.error(self._url, cause, "tell the portal")

    def _feed(self, paging: FeedPaging) -> Iterator[Page]:
        """The feed, then the page of every item that links to one."""
        wanted = Wanted("xml", DOCUMENT_LIMIT)
        answer = self._client.get(self._url, self._scratch, wanted)
        yield Page(FEED, answer.path.read_bytes())
        for number, item in enumerate(items(self._client, answer, paging.shown_on_page), start=1):
            if item.link:
                page = self._page(self._client.follow(answer.url, item.link))
                refuse_other_page(self._client, page, item)
                yield Page(page_name(number, "html"), page.path.read_bytes())

    def _page(self, url: httpx.URL) -> Answer:
        return self._client.get(url, self._scratch, Wanted("html", DOCUMENT_LIMIT))
