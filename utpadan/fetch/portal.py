"""A delivery from an HTTP portal: one response as it is, or many pages as one zip."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from utpadan.fetch.answer import Answer
from utpadan.fetch.bundle import Page, bundle
from utpadan.fetch.client import Client
from utpadan.fetch.delivery import Fetched, Previous, sha256_of
from utpadan.fetch.documents import item_links, list_at, next_link, parsed
from utpadan.fetch.paging import MOST_PAGES, Moved, json_pages
from utpadan.fetch.watermark import Watermark
from utpadan.pages import DOCUMENT_LIMIT, FEED, page_name
from utpadan.source import (
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
)

_EXTENSION = {"rss": "xml"}


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

    def run(self) -> Fetched | None:
        """The delivery, or None when the portal has nothing new. Raises FetchError."""
        return self._single() if self._fetch.paging is None else self._paged()

    def _start_over(self) -> None:
        mark, fetch = self._previous.watermark, self._fetch
        self._records = 0
        self._watermark = Watermark(fetch.since_field or "", mark, datetime.now(UTC))
        self._since = self._watermark.since(fetch.overlap_days) if fetch.since_param else None
        since = {fetch.since_param: self._since} if fetch.since_param and self._since else {}
        self._params = {**fetch.params, **since}
        self._url = self._client.address(self._params)

    def _single(self) -> Fetched | None:
        shape = self._source.format
        kind = _EXTENSION.get(shape.kind, shape.kind)
        target = self._folder / f"{self._source.name}.{kind}"
        limit = None if kind in ("csv", "xlsx") else DOCUMENT_LIMIT
        answer = self._client.get(self._url, target, kind, self._conditions(), limit)
        if answer.is_unchanged:
            return None
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

    def _paged(self) -> Fetched | None:
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
    ) -> Fetched | None:
        if self._since is not None and not self._records:
            return None
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
        )

    def _see(self, url: httpx.URL, records: list[Any]) -> None:
        self._records += len(records)
        if self._fetch.since_field:
            try:
                self._watermark.see(records)
            except ValueError as error:
                cause = f"{self._fetch.since_field}: {error}"
                raise self._client.error(url, cause, "check `since_field` in source.yml") from error

    def _pages(self) -> Iterator[Page]:
        paging, shape = self._fetch.paging, self._source.format
        if isinstance(paging, PagePaging | OffsetPaging | CursorPaging) and isinstance(
            shape, JsonFormat
        ):
            return self._json(paging, shape)
        if isinstance(paging, LinkPaging) and isinstance(shape, HtmlFormat):
            return self._linked()
        if isinstance(paging, FeedPaging) and isinstance(shape, RssFormat):
            return self._feed()
        cause = f"paging {paging.style if paging else ''} does not go with format {shape.kind}"
        raise self._client.error(self._url, cause, "mend `fetch.paging` in source.yml")

    def _json(
        self, paging: PagePaging | OffsetPaging | CursorPaging, shape: JsonFormat
    ) -> Iterator[Page]:
        for page, records in json_pages(self._client, paging, shape, self._params, self._scratch):
            self._see(self._url, records)
            yield page

    def _linked(self) -> Iterator[Page]:
        """Web pages by their rel="next"; a page that comes twice is an error."""
        url = self._url
        seen: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            answer = self._page(url)
            if {str(url), answer.sha256} & seen:
                cause = "the same page came twice on the way from link to link"
                raise self._client.error(url, cause, "tell the portal")
            seen |= {str(url), answer.sha256}
            yield Page(page_name(number, "html"), answer.path.read_bytes())
            link = next_link(self._client, answer)
            if link is None:
                return
            url = self._client.follow(answer.url, link)
        cause = f"the links do not end within {MOST_PAGES} pages"
        raise self._client.error(self._url, cause, "tell the portal")

    def _feed(self) -> Iterator[Page]:
        """The feed, then the page of every item that links to one."""
        answer = self._client.get(self._url, self._scratch, "xml", limit=DOCUMENT_LIMIT)
        yield Page(FEED, answer.path.read_bytes())
        for number, link in enumerate(item_links(self._client, answer), start=1):
            if link:
                page = self._page(self._client.follow(answer.url, link))
                yield Page(page_name(number, "html"), page.path.read_bytes())

    def _page(self, url: httpx.URL) -> Answer:
        return self._client.get(url, self._scratch, "html", limit=DOCUMENT_LIMIT)
