"""What a fetched page says: looked at before it is archived, so that no rubbish is."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from lxml import etree, html

from utpadan.fetch.answer import Answer
from utpadan.fetch.client import Client
from utpadan.jsonpath import NoSuchPath, json_at

_REMEDY = "look at the portal's answer; if its shape changed, change `fetch` and `format`"


def parsed(client: Client, answer: Answer) -> Any:
    """The JSON document; FetchError when it is none."""
    body = answer.path.read_bytes()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        cause = f"the answer of {answer.size:,} bytes is not JSON ({error}): {_start(body)}"
        raise client.error(answer.url, cause, "try again later") from None


def list_at(client: Client, answer: Answer, document: Any, path: str) -> list[Any]:
    """The list of records; FetchError when the document has none."""
    try:
        found = json_at(document, path)
    except NoSuchPath as error:
        cause = f"{error}: {_start(answer.path.read_bytes())}"
        raise client.error(answer.url, cause, _REMEDY) from None
    if not isinstance(found, list):
        cause = f"{path!r} is no list: {_start(answer.path.read_bytes())}"
        raise client.error(answer.url, cause, _REMEDY)
    return found


def rows_on(page: Any) -> list[list[str]]:
    """The texts of the largest table's rows, without those of head and foot.

    A first cell that only counts is left out, so that a row is the same on whichever page.
    """
    tables = [
        [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        for table in page.iter("table")
    ]
    rows = [
        [" ".join(str(cell.text_content()).split()) for cell in row.iterchildren("td")]
        for row in max(tables, key=len, default=[])
        if row.getparent().tag not in ("thead", "tfoot")
    ]
    return [cells[1:] if cells[0].isdecimal() else cells for cells in rows if cells]


class Item(NamedTuple):
    """An item of a feed: where its page is, and the words that must be on it."""

    link: str | None
    words: str


def web_page(client: Client, answer: Answer) -> Any:
    """The page's tree; FetchError when it is none, or is cut off."""
    parser = html.HTMLParser()
    try:
        page = html.document_fromstring(answer.path.read_bytes(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise client.error(answer.url, f"this is no web page: {error}", _REMEDY) from None
    if cut := parser.error_log.filter_from_fatals():
        raise client.error(answer.url, f"the page ends early: {cut[0].message.strip()}", _REMEDY)
    return page


def next_link(page: Any) -> str | None:
    """The address behind rel="next" on a web page; None on the last one."""
    for link in page.iter("a", "link"):
        if "next" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href"))
    return None


def stated_on(page: Any, pattern: str) -> str:
    """The number that the pattern's group finds in the page's words. Raises NoSuchPath."""
    text = " ".join(str(page.text_content()).split())
    found = re.search(pattern, text)
    if found is None:
        raise NoSuchPath(pattern, pattern, text)
    return found.group(1).replace(",", "")


def items(client: Client, answer: Answer, shown_on_page: str | None) -> list[Item]:
    """Every item of an RSS feed, in order. Entities are not expanded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        feed = etree.fromstring(answer.path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise client.error(answer.url, f"this is no XML: {error}", _REMEDY) from None
    if feed.find("channel") is None:
        raise client.error(answer.url, f"<{feed.tag}> is no RSS 2.0 feed", _REMEDY)
    return [
        Item(
            (item.findtext("link") or "").strip() or None,
            (item.findtext(shown_on_page) or "") if shown_on_page else "",
        )
        for item in feed.iterfind("channel/item")
    ]


def refuse_other_page(client: Client, answer: Answer, item: Item) -> None:
    """FetchError for a page that does not show its item's words: it is another page."""
    page = web_page(client, answer)
    if _folded(item.words) not in _folded(str(page.text_content())):
        title = " ".join((page.findtext(".//title") or "").split())
        cause = f"the page {title!r} came, on which {item.words.strip()!r} does not stand"
        remedy = "the portal may be down for maintenance or want a login: open the address"
        raise client.error(answer.url, cause, remedy)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _start(body: bytes) -> str:
    return " ".join(body[:300].decode("utf-8", "replace").split())[:200]
