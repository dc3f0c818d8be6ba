"""Whether a body is what was asked for and came to its end, as far as its bytes say so.

A length that fits says little: portals cut off their own answers, and dress errors as data.
"""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from utpadan.fetch.trouble import Passing, Refused

_BEGINNING = 64 * 1024
_END = 64 * 1024
_PAGE = re.compile(rb"<(!doctype html|html)\b", re.IGNORECASE)
_JSON = re.compile(rb'\{\s*["}]|\[\s*[\[{"\]]')
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BLANK = b"\xef\xbb\xbf \t\r\n\0\x1a"
_OPEN_IT = "the portal may be down for maintenance or want a login: open the address"


def refuse_other_kinds(path: Path, size: int, kind: str, may_end_anywhere: bool = False) -> None:
    """Judge a body that was saved with status 200.

    Raises Passing for one that is empty or cut off, Refused for one of another kind. What is inside
    is judged by whoever parses it.
    """
    start, end = _edges(path, size)
    text = start.lstrip(_BLANK)
    if not text:
        raise Passing(f"the answer is empty ({size:,} bytes)", 200)
    other = _other_kind(text, kind)
    if other:
        raise Refused(f"{other} came instead of {kind.upper()}: {said(start)}", _OPEN_IT, 200)
    opens_html = kind == "html" and re.search(rb"<html\b", start, re.IGNORECASE)
    if opens_html and b"</html" not in end.lower():
        raise Passing(f"the web page was cut off: its {size:,} bytes end without </html>", 200)
    if kind == "csv" and not may_end_anywhere and not end.rstrip(b"\0 \t\x1a").endswith(_BREAKS):
        last = said(re.split(rb"[\r\n]", end)[-1][-80:])
        raise Passing(f"the CSV was cut off: its last line {last!r} does not end", 200)
    if kind in _LAST and not end.rstrip(_BLANK).endswith(_LAST[kind]):
        raise Passing(f"the {kind.upper()} was cut off: it ends in {said(end[-60:])!r}", 200)
    if kind == "xlsx":
        _refuse_broken_workbook(path, size, start)


_BREAKS = (b"\n", b"\r")
_FIRST = {"json": (b"{", b"["), "xml": (b"<",)}
_LAST = {"json": (b"}", b"]"), "xml": (b">",)}


def said(start: bytes) -> str:
    """The title of a web page, else the first words."""
    title = re.search(rb"<title[^>]*>([^<]*)", start, re.IGNORECASE)
    text = (title.group(1) if title else start[:4096]).decode("utf-8", "replace")
    return " ".join(text.split())[:200]


def _edges(path: Path, size: int) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        start = file.read(_BEGINNING)
        file.seek(max(0, size - _END))
        return start, file.read()


def _other_kind(text: bytes, kind: str) -> str | None:
    """What the body is when it is not of the kind that it should be."""
    if text.startswith(b"\x1f\x8b"):
        return "gzip, packed twice or not declared,"
    if kind == "html":
        return None if b"<" in text else "plain text"
    if _PAGE.match(text):
        return "a web page"
    if kind in ("xml", "json") and not text.startswith(_FIRST[kind]):
        return "XML" if text.startswith(b"<") else "plain text"
    if kind in ("csv", "xlsx") and text.startswith(b"<"):
        return "XML" if text.startswith(b"<?xml") else "a web page"
    if kind == "csv" and text.startswith((b"%PDF", b"PK\x03\x04")):
        return "another kind of file"
    return "JSON" if kind == "csv" and _JSON.match(text) else None


def _refuse_broken_workbook(path: Path, size: int, start: bytes) -> None:
    if start.startswith(_OLD_OFFICE):
        return  # an old or encrypted workbook, which whoever reads workbooks tells apart
    if not start.startswith(b"PK"):
        raise Refused(f"no workbook came: {said(start)}", _OPEN_IT, 200)
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError) as error:
        cause = f"the workbook was cut off or damaged, {size:,} bytes came: {error}"
        raise Passing(cause, 200) from error
    if "[Content_Types].xml" not in names:
        raise Refused("a zip came that is no workbook", _OPEN_IT, 200)
