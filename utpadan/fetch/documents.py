"""What a fetched page says: looked at before it is archived, so that no rubbish is."""

from __future__ import annotations

import json
from typing import Any

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
        raise client.error(answer.url, cause, "try again later") from error


def list_at(client: Client, answer: Answer, document: Any, path: str) -> list[Any]:
    """The list of records; FetchError when the document has none."""
    try:
        found = json_at(document, path)
    except NoSuchPath as error:
        cause = f"{error}: {_start(answer.path.read_bytes())}"
        raise client.error(answer.url, cause, _REMEDY) from error
    if not isinstance(found, list):
        cause = f"{path!r} is no list: {_start(answer.path.read_bytes())}"
        raise client.error(answer.url, cause, _REMEDY)
    return found


def next_link(client: Client, answer: Answer) -> str | None:
    """The address behind rel="next" on a web page; None on the last one."""
    try:
        page = html.document_fromstring(answer.path.read_bytes())
    except (etree.LxmlError, ValueError) as error:
        raise client.error(answer.url, f"this is no web page: {error}", _REMEDY) from error
    for link in page.iter("a", "link"):
        if "next" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href"))
    return None


def item_links(client: Client, answer: Answer) -> list[str | None]:
    """The link of every item of an RSS feed, in order. Entities are not expanded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        feed = etree.fromstring(answer.path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise client.error(answer.url, f"this is no XML: {error}", _REMEDY) from error
    if feed.find("channel") is None:
        raise client.error(answer.url, f"<{feed.tag}> is no RSS 2.0 feed", _REMEDY)
    links = (item.findtext("link") for item in feed.iterfind("channel/item"))
    return [(link or "").strip() or None for link in links]


def _start(body: bytes) -> str:
    return " ".join(body[:300].decode("utf-8", "replace").split())[:200]
