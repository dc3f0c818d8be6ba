"""An RSS 2.0 feed, with the pages its items link to, → Table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from lxml import etree

from utpadan.pages import FEED, page_name
from utpadan.parse.container import is_zip, member, open_zip, whole
from utpadan.parse.encode import refusal
from utpadan.parse.markup import article_of, page_tree
from utpadan.parse.records import Fields, from_records
from utpadan.parse.text import refuse_other_kinds
from utpadan.source import Source
from utpadan.table import Table

_PROLOG = 64 * 1024
_ELEMENT = re.compile(rb"<[A-Za-z]")
_ENTITIES = ("the feed declares XML entities", "no feed needs them; look at it")
_ONCE = ("title", "link", "guid", "pubDate", "description")
"""Elements that RSS allows once in an item."""


def read_rss(source: Source, name: str, path: Path) -> Table:
    """One row an item: its elements by name, and `body`, the text of its page; `line` counts items.

    Without pages (a feed alone) `body` is empty. Raises ParseError for what is no RSS feed and for
    XML that declares entities.
    """
    return from_records(source, name, partial(items, name, path))


def items(name: str, delivery: Path | bytes) -> Iterator[Fields]:
    """The items of a delivery, as `read_rss` describes them."""
    with ExitStack() as stack:
        archive = stack.enter_context(open_zip(name, delivery)) if is_zip(delivery) else None
        feed = _alone(name, delivery) if archive is None else _entry(name, archive, FEED)
        if feed is None:
            raise refusal(name, None, f"the zip holds no {FEED}", "fetch it again")
        for line, item in enumerate(_channel(name, feed).iterfind("item"), start=1):
            page = page_name(line, "html")
            body = archive and _entry(name, archive, page)
            article = article_of(page_tree(f"{name}/{page}", body)) if body else None
            row, fault = _elements(item)
            yield Fields(line, {**row, "body": article}, fault)


def _alone(name: str, delivery: Path | bytes) -> bytes:
    return delivery if isinstance(delivery, bytes) else whole(name, delivery)


def _entry(name: str, archive: ZipFile, wanted: str) -> bytes | None:
    """The zip's entry of that name, None when there is none."""
    if wanted not in archive.namelist():
        return None
    return member(name, archive, archive.getinfo(wanted))


def _channel(name: str, feed: bytes) -> Any:
    refuse_other_kinds(name, feed[: 64 * 1024], "an RSS feed")
    start = feed[:_PROLOG].replace(b"\0", b"")
    element = _ELEMENT.search(start)
    if b"<!DOCTYPE" in (start[: element.start()] if element else start):
        raise refusal(name, 1, *_ENTITIES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(feed, parser)
    except etree.XMLSyntaxError as error:
        raise refusal(name, error.lineno, f"broken XML: {error.msg}", "fetch it again") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise refusal(name, 1, *_ENTITIES)
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        cause = f"the document is <{root.tag}>, not an RSS 2.0 feed with a channel"
        raise refusal(name, 1, cause, "check `format` in source.yml")
    return channel


def _elements(item: Any) -> tuple[dict[str, str | None], str]:
    """Element name → text, and what is wrong with the item.

    An element that repeats (category) gives its texts with semicolons; one that may stand once and
    says two things is a fault.
    """
    texts: dict[str, list[str]] = {}
    for element in item.iterchildren(etree.Element):
        local = etree.QName(element).localname
        name = f"{element.prefix}:{local}" if element.prefix else local
        text = "".join(element.itertext()).strip()
        texts.setdefault(name, []).extend([text] if text else [])
    doubles = [name for name in _ONCE if len(set(texts.get(name, ()))) > 1]
    fault = f"{doubles[0]}: the item has two" if doubles else ""
    row = {
        name: "; ".join(dict.fromkeys(found) if name in _ONCE else found) or None
        for name, found in texts.items()
    }
    if moment := row.get("pubDate"):
        row["pubDate"] = _iso(moment)
    return row, fault


def _iso(moment: str) -> str:
    """An RFC 822 time, as RSS writes it, in ISO; what is none stays as sent for admission.

    So does one whose zone is a name that mail does not know: IST is India's, Israel's or Ireland's.
    """
    try:
        time = parsedate_to_datetime(moment)
    except (ValueError, OverflowError):
        return moment
    return time.isoformat() if time.tzinfo or moment.endswith("-0000") else moment
