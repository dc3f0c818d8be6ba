"""Records, each a mapping of header → text, → Table.

Records may have different fields, so they are read twice: once for the fields, once for the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from utpadan.parse.encode import Record, encode, refusal, storable
from utpadan.parse.header import needed_columns, refuse_wide
from utpadan.source import Row, Source, fold
from utpadan.table import Table


class Fields(NamedTuple):
    """One record before its cells have places."""

    line: int
    row: Row
    fault: str = ""


def from_records(source: Source, name: str, records: Callable[[], Iterator[Fields]]) -> Table:
    """The contract's columns first, by the first of their headers; then what else was sent.

    Raises ParseError when there are records and none has a field that the contract needs, or when
    they have more different fields than a table has columns.
    """
    sent = _sent(name, records())
    columns = {c.header[0] if c.header else n: n for n, c in source.columns.items()}
    found = {source.headers[key] for key in map(fold, sent) if key in source.headers}
    missing = sorted(needed_columns(source) - found)
    if sent and missing:
        cause = f"no record has a field for the required column {', '.join(missing)}"
        raise refusal(name, None, cause, "add its new name to `header` of the column in source.yml")
    unknown = [header for header in sent if fold(header) not in source.headers]
    headers = (*columns, *unknown)
    places = {header: place for place, header in enumerate(headers)}
    for header in sent:
        column = source.headers.get(fold(header))
        places[header] = places[header] if column is None else list(columns.values()).index(column)
    shown = tuple(map(storable, headers))
    return Table(shown, encode(shown, _placed(records(), places, headers)))


def _sent(name: str, records: Iterator[Fields]) -> dict[str, None]:
    """Every field that some record has, in order of appearance."""
    sent: dict[str, None] = {}
    for record in records:
        sent.update(dict.fromkeys(record.row))
        refuse_wide(name, record.line, len(sent))
    return sent


def _placed(
    records: Iterator[Fields], places: Mapping[str, int], headers: tuple[str, ...]
) -> Iterator[Record]:
    for line, row, fault in records:
        cells: list[str | None] = [None] * len(headers)
        for header, cell in row.items():
            place = places[header]
            if cells[place] and cell and cells[place] != cell:
                fault = fault or f"{headers[place]}: two fields fill it with different values"
                cell = f"{cells[place]}; {cell}"
            cells[place] = cell or cells[place]
        yield Record(line, cells, fault)
