"""A small contract to parse by, and what a Table holds once it is read."""

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

from utpadan.parse import Table
from utpadan.source import Source

COLUMNS: dict[str, dict[str, Any]] = {
    "fiscal_year": {"required": True, "header": ["Fiscal Year", "year"]},
    "sector": {"required": True},
    "value_crore": {"header": ["Value (Rs crore)", "value_crore"]},
    "note": {},
}


class Line(NamedTuple):
    """One record of a Table: its line, its cells by header, its structural fault."""

    line: int
    cells: dict[str, str | None]
    fault: str


def contract(
    shape: dict[str, Any], columns: dict[str, dict[str, Any]] | None = None, **changes: Any
) -> Source:
    """A valid contract of this format; columns are text unless they say otherwise."""
    columns = columns or COLUMNS
    parts: dict[str, Any] = {
        "name": "production",
        "domain": "production_exports",
        "folder": Path("/nowhere/production"),
        "title": "Production",
        "description": "Value of production by sector, for the tests of parsing.",
        "publisher": {"name": "Nobody", "official": False},
        "licence": {"name": "None", "note": "Made for tests."},
        "owner": "test-desk",
        "fetch": {"kind": "file", "path": "production.csv"},
        "format": shape,
        "delivery": "complete",
        "grain": "one sector in one fiscal year",
        "key": [next(iter(columns))],
        "rows": {"min": 0, "max": 1000, "max_change": 1},
        "freshness_days": 400,
        "max_bad_share": 0.1,
        "columns": {
            name: {"type": "text", "description": f"The {name} of the test.", **column}
            for name, column in columns.items()
        },
    }
    return Source(**{**parts, **changes})


def lines(table: Table) -> list[Line]:
    """The records that COPY would see, with their lines."""
    text = b"".join(table.blocks).decode("utf-8")
    records = csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter, strict=True)
    if table.numbered:
        return [Line(int(line), _named(table, cells), fault) for line, fault, *cells in records]
    return [
        Line(number, _named(table, cells), "")
        for number, cells in enumerate(records, start=table.first_line)
    ]


def _named(table: Table, cells: list[str]) -> dict[str, str | None]:
    return {name: cell or None for name, cell in zip(table.headers, cells, strict=True)}
