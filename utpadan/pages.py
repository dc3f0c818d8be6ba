"""What fetching and parsing agree on: how a delivery of many pages is laid out, and its bounds."""

from __future__ import annotations

DOCUMENT_LIMIT = 64 * 1024 * 1024
"""The largest document that is read as a whole, in bytes: a JSON or HTML page, a feed."""

FEED = "feed.xml"
"""The first entry of a fetched feed; the page of item 1 is `page_name(1, "html")`."""


def page_name(number: int, extension: str) -> str:
    """The entry of a page in the delivery's zip, counted from 1: 0001.json."""
    return f"{number:04d}.{extension}"
