"""A grid of cells as people make them in spreadsheets → the records of its table.

Above the header may stand titles; below it, rows are skipped that carry no data: blank rows, the
header repeated, and the footer. A footer is what stands after the last data row and either says
that it is one ("Source: ...", "Note: ...", "Total items: 71") or leaves empty what every data row
fills. It is dropped, as titles are. Everything else is a record; one that does not fit the header
is a record with a fault, its surplus cells joined in the last one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from utpadan.parse.encode import Record, encode, refusal
from utpadan.parse.header import (
    Header,
    find_header,
    folded,
    matched_columns,
    needed_columns,
    no_header,
    opening,
    tidy,
)
from utpadan.source import Source, fold
from utpadan.table import Table

_HELD = 50
"""A footer has at most this many rows."""

_FOOTER_TEXT = 4000
"""And each of its rows at most this many characters."""

_FOOTER_WORDS = (
    r"sources?|notes?|n\.?b|(grand |sub[- ]?)?total|footnotes?|disclaimer|remarks?|figures|legend"
    r"|generated|compiled|prepared|downloaded|printed|last updated|as on|page|end of \w+|abbr\w*"
)
_LABEL = re.compile(rf"\W*({_FOOTER_WORDS})\b[^:]{{0,30}}:", re.IGNORECASE)
_OPENING = re.compile(rf"\W*({_FOOTER_WORDS})\b|[*#†‡^(]", re.IGNORECASE)


def tabulate(source: Source, name: str, records: Iterator[Record], padded: bool = False) -> Table:
    """The table of one grid. `padded`: the grid has no row ends, so a short row is no fault.

    Raises ParseError without a header, and while the blocks are read, where another one begins.
    """
    header, body = open_grid(source, name, records, padded)
    return Table(header.names, encode(header.names, body))


def open_grid(
    source: Source, name: str, records: Iterator[Record], padded: bool = False
) -> tuple[Header, Iterator[Record]]:
    """Header and data rows of one grid."""
    start = opening(name, records)
    header = find_header(source, name, start)
    if header is None:
        raise no_header(source, name, start)
    rows = chain(start[header.first_row :], records)
    data = _without_footer(header, _without_headers(source, name, header, rows))
    return header, (_fitted(header, record, padded) for record in data)


def is_footer(header: Header, cells: Sequence[str | None], apart: bool) -> bool:
    """Whether a row reads as a footer; `apart`: a blank row or a footer stands above it."""
    filled = [i for i, cell in enumerate(cells) if cell and not cell.isspace()]
    ragged = not len(header.names) <= len(cells) <= header.width
    first = cells[filled[0]] or "" if filled else ""
    if len(header.names) < 2 or not filled or (len(filled) > 1 and not ragged):
        return False
    if sum(len(cells[i] or "") for i in filled) > _FOOTER_TEXT:
        return False
    if _LABEL.match(first):
        return True
    incomplete = ragged or not header.needed <= set(filled)
    return len(filled) == 1 and incomplete and (apart or bool(_OPENING.match(first)))


def _without_headers(
    source: Source, name: str, header: Header, records: Iterable[Record]
) -> Iterator[Record]:
    spellings = {row[0] for row in header.rows if row} | set(source.headers)
    for record in records:
        first = fold(tidy(record.cells[0])) if record.cells else None
        if first not in spellings or record.fault:
            yield record
        elif folded(record.cells) not in header.rows:
            _refuse_other_header(source, name, record)
            yield record


def _refuse_other_header(source: Source, name: str, record: Record) -> None:
    if needed_columns(source) <= matched_columns(source, record.cells):
        cause = "another header begins here, with other columns than the first"
        raise refusal(name, record.line, cause, "split the file, one header each")


def _without_footer(header: Header, records: Iterable[Record]) -> Iterator[Record]:
    held: list[Record] = []
    apart = False
    for record in records:
        if _is_blank(record):
            apart = True
        elif not record.fault and is_footer(header, record.cells, apart or bool(held)):
            held.append(record)
            if len(held) > _HELD:
                yield held.pop(0)
        else:
            yield from held
            held.clear()
            apart = False
            yield record


def _is_blank(record: Record) -> bool:
    return not record.fault and not any(cell and not cell.isspace() for cell in record.cells)


def _fitted(header: Header, record: Record, padded: bool) -> Record:
    """The record with exactly as many cells as the header has names."""
    line, cells, fault = record
    width = len(header.names)
    sent = len(cells)
    if width < sent <= (sent if padded else header.width) and not any(cells[width:]):
        cells = cells[:width]
    elif sent < width and padded:
        cells = [*cells, *[None] * (width - sent)]
    if len(cells) == width:
        return Record(line, cells, fault)
    fault = fault or f"row has {sent} cells, the header has {width}"
    return Record(line, _squeezed(cells, width), fault)


def _squeezed(cells: Sequence[str | None], width: int) -> list[str | None]:
    if len(cells) <= width:
        return [*cells, *[None] * (width - len(cells))]
    surplus = io.StringIO(newline="")
    csv.writer(surplus, lineterminator="").writerow(cells[width - 1 :])
    return [*cells[: width - 1], surplus.getvalue()]
