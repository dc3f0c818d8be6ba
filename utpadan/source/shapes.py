"""How a source is fetched and formatted, and who stands behind it: the parts of a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A piece of a contract: frozen, and strict about words it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Publisher(Part):
    """Who stands behind the facts: `official` when it is a public authority or its own portal."""

    name: str
    official: bool
    url: str | None = None


class Licence(Part):
    """Terms of use; `note` says how far they were verified and what must be credited."""

    name: str
    url: str | None = None
    note: str


class FileFetch(Part):
    """A file: in the checkout (relative path), elsewhere here (absolute), or in an object store.

    `max_bytes` bounds what is brought from elsewhere.
    """

    kind: Literal["file"]
    path: str
    max_bytes: int = 10 * 1024**3


class Auth(Part):
    """Where the connection's secret goes: a bearer token, a header or a query parameter."""

    place: Literal["bearer", "header", "query"]
    name: str = "Authorization"


class PagePaging(Part):
    """Numbered pages; `pages` is the path of the page count in the JSON answer.

    `total`, where the portal states it, is the path of the row count that must be reached.
    """

    style: Literal["page"]
    param: str = "page"
    first: int = 1
    pages: str
    total: str | None = None


class OffsetPaging(Part):
    """Offset and limit; `total` is the path of the row count, `limit` the size asked for."""

    style: Literal["offset"]
    param: str = "offset"
    limit_param: str = "limit"
    limit: int
    total: str


class CursorPaging(Part):
    """An opaque cursor; `next` is its path in the JSON answer, null or absent at the end.

    `total`, where the portal states it, is the path of the row count that must be reached.
    """

    style: Literal["cursor"]
    param: str = "cursor"
    next: str
    total: str | None = None


class LinkPaging(Part):
    """HTML pages: follow the link with rel="next" until there is none.

    `pages` and `total` are patterns whose group finds, in the words of every page, how many pages
    and how many records there are. That many must come; the rows of a page's largest table are
    taken for its records, and none may come twice.
    """

    style: Literal["link"]
    pages: str | None = None
    total: str | None = None


class FeedPaging(Part):
    """An RSS feed whose items link to pages: the feed first, then every linked page.

    `shown_on_page` names an element of the items (title) whose words stand on the item's page, too:
    a page without them is another one, of maintenance or of a login.
    """

    style: Literal["feed"]
    shown_on_page: str | None = None


Paging = Annotated[
    PagePaging | OffsetPaging | CursorPaging | LinkPaging | FeedPaging,
    Field(discriminator="style"),
]


class HttpFetch(Part):
    """An HTTP portal. `base_url` is the real portal; a connection of that name overrides it.

    `since_param` asks an incremental portal for records updated since the newest value seen of
    `since_field` (a path in the record), less `overlap_days`. A delivery of more than `max_bytes`
    is refused, and so is a CSV whose last line does not end, as cut off, while `last_line_ends`.
    """

    kind: Literal["http"]
    connection: str
    base_url: str
    path: str
    params: Mapping[str, str] = {}
    auth: Auth | None = None
    paging: Paging | None = None
    since_param: str | None = None
    since_field: str | None = None
    overlap_days: int = 1
    requests_per_second: float = 5.0
    max_bytes: int = 10 * 1024**3
    last_line_ends: bool = True


class SameAsFetch(Part):
    """The delivery of another source carries this one too (a sheet, a nested list)."""

    kind: Literal["same_as"]
    source: str


Fetch = Annotated[FileFetch | HttpFetch | SameAsFetch, Field(discriminator="kind")]


class CsvFormat(Part):
    """Delimited text. Encoding, delimiter and the header's line are found from the bytes."""

    kind: Literal["csv"]


class JsonFormat(Part):
    """JSON: `records` is the path of the record list ("" for the document itself).

    With `nested`, each record's list at that path gives the rows; columns then read the nested
    record, and `^name` in a column's header reads the parent record.
    """

    kind: Literal["json"]
    records: str
    nested: str | None = None


class XlsxFormat(Part):
    """A workbook's sheet; the header row is found by the contract's headers."""

    kind: Literal["xlsx"]
    sheet: str


class HtmlFormat(Part):
    """An HTML table, the first whose header row carries the contract's headers."""

    kind: Literal["html"]


class RssFormat(Part):
    """RSS 2.0 items with their linked pages: title, link, guid, pubDate, description, body."""

    kind: Literal["rss"]


Format = Annotated[
    CsvFormat | JsonFormat | XlsxFormat | HtmlFormat | RssFormat, Field(discriminator="kind")
]
