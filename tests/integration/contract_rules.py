"""Every rule of a contract, counted from the contract itself, and how a good row is made bad.

A rule about a cell is broken by one cell of a row that is good otherwise: empty, unreadable,
unknown, or just past the bound. The good row is the first one of the source's own fixture that is
admitted.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import yaml

from utpadan.parse import NeedsCare, read
from utpadan.parse.encode import Record, encode
from utpadan.source import SCALE, Column, Source, fold, scale_of
from utpadan.table import Table

Cells = Mapping[str, str | None]
"""A row: column of the contract → text as sent."""

OF_A_CELL = {"required", "type", "allowed", "matches", "min", "max"}
OF_READING = {"header", "unit", "stated_unit", "formats", "lookup"}
"""How a cell becomes a value; what is not understood breaks the rule of the type."""
OF_PEOPLE = {"description", "personal"}

UNREADABLE = "\u00bf \u00bf"
"""No number, no date, no code, and no value that any contract allows or matches."""

OTHER_WORDS = "other words"
"""What stands in a column of free text when a row is to differ."""

NUMBERED = {
    "corridors": {"corridor": "{letters}DIC"},
    "drdo_stats": {"source_url": "https://example.org/{n}"},
    "event_meetings": {"source_url": "https://example.org/{n}"},
    "events": {"event_id": "EV-N{n}"},
    "exim_export_authorisations": {"authorisation_id": "EXA-2024-25-{n:05}"},
    "exim_import_authorisations": {"authorisation_id": "IMA-2024-25-{n:05}"},
    "export_control_rules": {"rule_id": "XR-{n:02}"},
    "export_controls": {"ml_code": "6A0{n:02}"},
    "partnership_day_meetings": {"meeting_no": "DPD24-M-{n:06}"},
    "partnership_day_options": {"option_no": "DPD24-O-{n:06}"},
    "partnership_day_registrations": {"registration_no": "DPD24-R-{n:06}"},
    "policies": {"policy_id": "zz-n{n}"},
    "press_claims": {"text_offset": "{n}"},
    "press_releases": {"release_id": "release-{n}"},
    "publications": {"url": "https://example.org/{n}"},
    "srijan_deep_vendor_capabilities": {"registration_id": "SD-{n:012X}"},
    "srijan_deep_vendor_products": {"product_id": "SP-{n:012X}"},
    "srijan_deep_vendors": {"registration_id": "SD-{n:012X}"},
    "states": {"state_code": "IN-{letters}"},
    "un_comtrade_hs93": {"period": "{year}", "partner_code": "{last}"},
    "world_bank_exchange_rate": {"calendar_year": "{since_1960}"},
    "world_bank_gdp_deflator": {"calendar_year": "{since_1960}"},
}
"""How keys are counted up where no part of the key is free text or an address."""


class CellRule(NamedTuple):
    """One rule about the cells of a column; `kind` is its word in source.yml."""

    column: str
    kind: str


def cell_rules(source: Source) -> list[CellRule]:
    """The rules that a cell of the source can break, in the contract's order."""
    return [
        CellRule(name, kind) for name, column in source.columns.items() for kind in _kinds(column)
    ]


def _kinds(column: Column) -> Iterator[str]:
    if column.required:
        yield "required"
    if column.type != "text":
        yield "type"
    yield from (kind for kind in ("allowed", "matches", "min", "max") if _states(column, kind))


def _states(column: Column, kind: str) -> bool:
    return getattr(column, kind) is not None


def needed_columns(source: Source) -> list[str]:
    """Columns without which no delivery is read."""
    return [n for n, column in source.columns.items() if column.required or n in source.key]


def delivery_rules(source: Source) -> list[str]:
    """The rules that a delivery as a whole can break."""
    bounds = ["rows.min", "rows.max", "max_bad_share", "freshness_days"]
    if source.rows.max_change < 1:
        bounds.append("rows.max_change")
    shape = [name for name in ("sheet", "records") if getattr(source.format, name, None)]
    needed = [f"there is a column {name}" for name in needed_columns(source)]
    return ["key", "delivery", "format", *shape, *bounds, *needed]


def broken(column: Column, kind: str) -> str | None:
    """A cell that breaks this rule of the column."""
    if kind == "required":
        return None
    if kind in ("min", "max"):
        return _beyond(column, str(getattr(column, kind)), -1 if kind == "min" else 1)
    return UNREADABLE


def _beyond(column: Column, bound: str, step: int) -> str:
    """The next value past a bound, as the file would state it."""
    if column.type in ("date", "timestamp"):
        return str(date.fromisoformat(bound[:10]) + timedelta(days=step))
    stated = Decimal(SCALE[column.stated_unit]) if column.stated_unit else Decimal(1)
    stored = Decimal(scale_of(column.unit)) if column.stated_unit else Decimal(1)
    return f"{Decimal(bound) * stored / stated + step:f}"


def says(rule: CellRule, column: Column, reason: str) -> bool:
    """Whether a reason against a row is that of this rule."""
    words = {
        "required": "required, but empty",
        "allowed": "is not allowed",
        "matches": f"does not match {column.matches}",
        "min": f"is below {column.min}",
        "max": f"is above {column.max}",
        "type": {
            "integer": "is not a whole number",
            "numeric": "is not a number",
            "date": "is not a date",
            "timestamp": "is not a time",
            "boolean": "is not true or false",
            "json": "is not JSON",
        }.get(column.type, ""),
    }
    return reason.startswith(f"{rule.column}: ") and reason.endswith(words[rule.kind])


def fixture_of(source: Source) -> Path:
    """The bytes of the source's first fixture."""
    expectation = _expected(source)
    stem = expectation.name.removesuffix(".expected.yml")
    (path,) = (p for p in expectation.parent.glob(f"{stem}.*") if p != expectation)
    return path


def _expected(source: Source) -> Path:
    return min((source.folder / "fixtures").glob("*.expected.yml"))


def good_row(source: Source) -> Cells:
    """The first row of the source's first fixture that is admitted, as sent."""
    path, expectation = fixture_of(source), _expected(source)
    expected = yaml.load(expectation.read_text(encoding="utf-8"), yaml.CSafeLoader)
    rejected = {row["line"] for row in expected.get("rejected") or []}
    return next(row for line, row in _sent(source, path) if line not in rejected)


def _sent(source: Source, path: Path) -> Iterator[tuple[int, Cells]]:
    table = read(source, path)
    try:
        blocks = b"".join(table.blocks)
    except NeedsCare:
        assert table.careful is not None
        table = table.careful()
        blocks = b"".join(table.blocks)
    names = [source.headers.get(fold(header)) for header in table.headers]
    records = csv.reader(io.StringIO(blocks.decode(), newline=""), delimiter=table.delimiter)
    for place, record in enumerate(records):
        line = int(record.pop(0)) if table.numbered else table.first_line + place
        fault = record.pop(0) if table.numbered else ""
        cells = zip(names, record, strict=True)
        if not fault:
            yield line, {name: cell or None for name, cell in cells if name}


def table_of(source: Source, rows: Iterable[Cells], without: str = "") -> Table:
    """A delivery of these rows, the first on line 1; `without` is a column that it lacks."""
    columns = [name for name in source.columns if name != without]
    headers = tuple((source.columns[name].header or (name,))[0] for name in columns)
    records = (
        Record(line, [row.get(name) for name in columns]) for line, row in enumerate(rows, 1)
    )
    return Table(headers, encode(headers, records))


def counted_up(source: Source, row: Cells, total: int) -> Table:
    """A delivery of that many rows, alike but for their keys and with no cell that may be empty."""
    forms, needed = _key_form(source), needed_columns(source)
    cells = {name: f"@{name}@" if name in forms else row[name] for name in needed}
    (block,) = table_of(source, [cells]).blocks
    head, *parts = re.split("@([a-z_0-9]+)@", block.decode())
    texts = [(forms[name], after) for name, after in zip(parts[::2], parts[1::2], strict=True)]

    def lines() -> Iterator[str]:
        for number in range(total):
            keys = "".join(_form(text, number) + after for text, after in texts)
            yield f"{number + 1}{head[1:]}{keys}"

    return replace(table_of(source, []), blocks=iter(["".join(lines()).encode()]))


def numbered(source: Source, row: Cells, number: int) -> Cells:
    """The row with another key, another one for each number."""
    return {**row, **{name: _form(text, number) for name, text in _key_form(source).items()}}


def _key_form(source: Source) -> Mapping[str, str]:
    if source.folder.name in NUMBERED:
        return NUMBERED[source.folder.name]
    for name in source.key:
        column = source.columns[name]
        if column.type == "text" and not (column.matches or column.allowed):
            return {name: "number {n}"}
    return {"source_url": "https://example.org/{n}"}


def _form(text: str, n: int) -> str:
    letters = chr(65 + n // 26 % 26) + chr(65 + n % 26)
    return text.format(
        n=n, letters=letters, year=1900 + n // 900, last=n % 900, since_1960=1960 + n
    )


def free_column(source: Source) -> str:
    """A column of free text outside of the key: any other words in it are good, too."""
    return next(
        name
        for name, column in source.columns.items()
        if name not in source.key
        and column.type == "text"
        and not (column.matches or column.allowed or column.lookup)
    )


def changed(source: Source, row: Cells) -> Cells:
    """The row with other words in a column outside of the key."""
    return {**row, free_column(source): OTHER_WORDS}
