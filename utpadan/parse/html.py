"""HTML tables → Table: on every page the first table that has the contract's header."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from utpadan.parse.container import documents
from utpadan.parse.encode import Record, encode, refusal
from utpadan.parse.grid import open_grid
from utpadan.parse.header import (
    Header,
    columns_named,
    find_header,
    no_header,
    refuse_wide,
)
from utpadan.parse.markup import page_tree, text_of
from utpadan.source import Source
from utpadan.table import Table


def read_html(source: Source, name: str, path: Path) -> Table:
    """Read one page, or all pages as one table.

    `line` counts the rows of the tables read, headers too, on from page to page. Rows that the
    page marks as footer (`tfoot`) are left out. Raises ParseError when a page has no table with
    the header, and while the blocks are read, when a later page has another header.
    """
    pages = _pages(source, name, path)
    opened = next(pages, None)
    if opened is None:
        raise refusal(name, None, "the zip holds no page", "fetch it again")
    header, records = opened
    others = chain.from_iterable(records for _, records in pages)
    return Table(header.names, encode(header.names, chain(records, others)))


def _pages(source: Source, name: str, path: Path) -> Iterator[tuple[Header, Iterator[Record]]]:
    first: Header | None = None
    counted = 0
    for page, body in documents(name, path):
        records, counted = _table(source, page, page_tree(page, body), counted)
        header, rows = open_grid(source, page, iter(records))
        first = first or header
        if header.names != first.names:
            cause = f"this page has the headers {header.names}, the first page {first.names}"
            raise refusal(page, None, cause, "the portal changed during the fetch; fetch it again")
        yield header, rows


def _table(source: Source, page: str, tree: Any, counted: int) -> tuple[list[Record], int]:
    """The rows of the first table with the header, numbered on from `counted`; the last number."""
    tables = [_numbered_rows(page, table, counted) for table in tree.iter("table")]
    found = next((table for table in tables if find_header(source, page, table[0])), None)
    if found is not None:
        return found
    if not tables:
        title = " ".join((tree.findtext(".//title") or "").split())[:80]
        cause = f"there is no table on the page titled {title!r}"
        raise refusal(page, None, cause, "the portal probably showed an error; fetch it again")
    likeliest = max(tables, key=lambda table: columns_named(source, table[0]))
    raise no_header(source, page, likeliest[0])


def _numbered_rows(page: str, table: Any, counted: int) -> tuple[list[Record], int]:
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    spans = _Spans(page)
    records = [
        Record(line, spans.cells(line, row)) for line, row in enumerate(rows, start=counted + 1)
    ]
    kept = [
        record for record, row in zip(records, rows, strict=True) if row.getparent().tag != "tfoot"
    ]
    return kept, counted + len(rows)


class _Spans:
    """Cells that span: to the right the rest is empty, downwards the text stands in every row."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._down: dict[int, tuple[int, str | None]] = {}

    def cells(self, line: int, row: Any) -> list[str | None]:
        """The cells of the table's next row."""
        cells: list[str | None] = []
        for cell in row.iterchildren("td", "th"):
            self._take_from_above(cells)
            refuse_wide(self._page, line, len(cells))
            text, height = text_of(cell), _span(cell, "rowspan")
            for place in range(_span(cell, "colspan")):
                value = None if place else text
                if height > 1:
                    self._down[len(cells)] = (height - 1, value)
                cells.append(value)
        self._take_from_above(cells)
        refuse_wide(self._page, line, len(cells))
        return cells

    def _take_from_above(self, cells: list[str | None]) -> None:
        while above := self._down.pop(len(cells), None):
            left, value = above
            if left > 1:
                self._down[len(cells)] = (left - 1, value)
            cells.append(value)


def _span(cell: Any, name: str) -> int:
    text = (cell.get(name) or "").strip()
    return max(1, min(int(text[:9]), 1000)) if text.isdecimal() else 1
