"""Parsing: the bytes of a delivery → a Table, driven by the contract. Pure: no clock, no network.

What a file is not plain about is either read right or refused: a row that does not fit is a record
with a fault, a file that does not fit is a ParseError naming file, line, cause and what to do.
"""

from __future__ import annotations

import re
from pathlib import Path

from utpadan.parse.csv import read_csv
from utpadan.parse.custom import read_custom
from utpadan.parse.difference import difference
from utpadan.parse.html import read_html
from utpadan.parse.json import read_json
from utpadan.parse.rss import read_rss
from utpadan.parse.xlsx import read_xlsx
from utpadan.source import (
    CsvFormat,
    FileFetch,
    HtmlFormat,
    JsonFormat,
    RssFormat,
    Source,
    XlsxFormat,
)
from utpadan.table import NeedsCare, ParseError, Table

__all__ = ["NeedsCare", "ParseError", "Table", "read", "read_difference"]


def read(source: Source, path: Path) -> Table:
    """Read one delivery of the source.

    Raises ParseError at once when the delivery is not what the contract says, or while the blocks
    are read when that shows later.
    """
    name = _name(source, path)
    if source.parser:
        return read_custom(source, name, path)
    shape = source.format
    if isinstance(shape, JsonFormat):
        return read_json(source, shape, name, path)
    if isinstance(shape, XlsxFormat):
        return read_xlsx(source, shape, name, path)
    if isinstance(shape, HtmlFormat):
        return read_html(source, name, path)
    if isinstance(shape, RssFormat):
        return read_rss(source, name, path)
    return read_csv(source, name, path)


def read_difference(source: Source, path: Path, before: Path) -> Table | None:
    """Read what a delivery changes of the one before; None when only the whole will do.

    Raises ParseError as `read` does.
    """
    if source.parser or not isinstance(source.format, CsvFormat):
        return None
    return difference(source, _name(source, path), path, before)


def _name(source: Source, path: Path) -> str:
    """What messages call the delivery; in the archive its file is named by its sha256."""
    if not re.fullmatch(r"[0-9a-f]{64}", path.name):
        return f"{source.name}/{path.name}"
    known = source.fetch.path if isinstance(source.fetch, FileFetch) else source.name
    return f"{known} ({path.name[:12]})"
