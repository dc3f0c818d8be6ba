"""Every rule of every contract stops what breaks it, and no other rule need be there for that.

The rules are counted from the contracts, so a new rule is put to the test by being written down.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from math import floor
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from contract_rules import (
    OF_A_CELL,
    OF_PEOPLE,
    OF_READING,
    OTHER_WORDS,
    CellRule,
    Cells,
    broken,
    cell_rules,
    changed,
    counted_up,
    fixture_of,
    free_column,
    good_row,
    needed_columns,
    numbered,
    says,
    table_of,
)
from loading import Desk, day, open_desk

from utpadan.ledger import Delivery, Outcome
from utpadan.load import LoadRefused, load
from utpadan.parse import ParseError, read
from utpadan.settings import Settings
from utpadan.source import Column, JsonFormat, Rows, Source, XlsxFormat, load_sources
from utpadan.table import Table

SOURCES = load_sources()
NAMES = sorted(SOURCES)
ERROR_PAGE = b"<!doctype html><html><title>Service unavailable</title><body>Sorry</body></html>"


@pytest.fixture(scope="module")
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


@cache
def good_of(name: str) -> Cells:
    return good_row(SOURCES[name])


def lenient(name: str, of: str) -> Source:
    """The contract, for a staging table of its own, that refuses no load for its rows' number."""
    rows = SOURCES[name].rows.model_copy(update={"min": 0, "max_change": 1.0})
    number = NAMES.index(name)
    return SOURCES[name].model_copy(
        update={"name": f"{of}_of_{number}", "max_bad_share": 1.0, "rows": rows}
    )


class Deliveries:
    """Deliveries of one source, each fetched a day after the one before."""

    def __init__(self, desk: Desk, source: Source) -> None:
        self.desk, self.source, self.number = desk, source, 0

    def load(self, rows: Iterable[Cells], without: str = "") -> Outcome:
        return self.load_table(table_of(self.source, rows, without))

    def load_table(self, table: Table) -> Outcome:
        delivery = self._next()
        outcome = load(self.desk.conn, self.source, lambda: table, delivery)
        assert outcome is not None
        return outcome

    def refused(self, rows: Iterable[Cells], why: str, without: str = "") -> None:
        """The load is refused for that reason alone, and staging is as it was before."""
        before = self._staged()
        with pytest.raises(LoadRefused) as refusal:
            self.load(rows, without)
        assert why in str(refusal.value)
        assert self._staged() == before

    def _next(self) -> Delivery:
        self.number += 1
        content = f"{self.source.name} {self.number}".encode()
        return self.desk.deliver(self.source, content, day(1) + timedelta(days=self.number))

    def _staged(self) -> list[tuple[object, ...]]:
        known = self.desk.conn.execute(
            "select to_regclass(%s) is not null", (f"staging.{self.source.name}",)
        ).fetchone()
        return self.desk.bytes_of(self.source) if known == (True,) else []


@pytest.mark.parametrize("name", NAMES)
def test_each_rule_of_a_cell_alone_keeps_its_row_out_of_staging(desk: Desk, name: str) -> None:
    source = lenient(name, "cells")
    rules, good = cell_rules(source), good_of(name)
    spoiled = [{**good, r.column: broken(source.columns[r.column], r.kind)} for r in rules]
    outcome = Deliveries(desk, source).load([good, *spoiled])
    assert staged(desk, source, "_line") == [1]
    found = {rules[line - 2]: why for line, why, _ in desk.rejected(outcome.load_id)}
    assert {rule: why for rule, why in found.items() if not is_only(source, rule, why)} == {}
    assert found.keys() == set(rules)


def is_only(source: Source, rule: CellRule, reasons: list[str]) -> bool:
    return len(reasons) == 1 and says(rule, source.columns[rule.column], reasons[0])


def staged(desk: Desk, source: Source, column: str) -> list[Any]:
    """The column's values in staging, in the order of the lines."""
    query = f'select "{column}" from staging."{source.name}" where _known_to is null order by _line'
    return [value for (value,) in desk.conn.execute(query.encode()).fetchall()]


@pytest.mark.parametrize("name", NAMES)
def test_of_rows_with_one_key_and_other_values_none_is_believed(desk: Desk, name: str) -> None:
    """But the last one of an increment, whose records come in order."""
    source = lenient(name, "keys")
    good = good_of(name)
    one = numbered(source, good, 99)
    outcome = Deliveries(desk, source).load([good, one, changed(source, one)])
    rejected = [(line, why) for line, why, _ in desk.rejected(outcome.load_id)]
    if source.delivery == "increment":
        assert staged(desk, source, "_line") == [1, 3]
        assert staged(desk, source, free_column(source))[1] == OTHER_WORDS
    else:
        assert staged(desk, source, "_line") == [1]
        assert rejected == [
            (2, ["key repeats with other values on line 3"]),
            (3, ["key repeats with other values on line 2"]),
        ]


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_without_a_needed_column_is_refused(desk: Desk, name: str) -> None:
    source = lenient(name, "columns")
    deliveries, good = Deliveries(desk, source), good_of(name)
    deliveries.load([good])
    for column in needed_columns(source):
        deliveries.refused([good], f"no column for {column} (", without=column)


@pytest.mark.parametrize("name", NAMES)
def test_each_bound_of_a_delivery_alone_refuses_it(desk: Desk, name: str) -> None:
    """Up to the bound it is loaded."""
    source = SOURCES[name]
    rows, good, share = source.rows, good_of(name), source.max_bad_share
    deliveries = Deliveries(desk, source)
    some = [numbered(source, good, number) for number in range(rows.min)]
    bad = {**good, next(r.column for r in cell_rules(source) if r.kind == "required"): None}
    tolerated = floor(share * rows.min)  # and so less than the share of all rows

    deliveries.refused(some[:-1], f"fewer than rows.min {rows.min}")
    many = [bad] * (floor(share / (1 - share) * rows.min) + 1)
    deliveries.refused([*some, *many], f"more than max_bad_share {share:.1%}")
    first = deliveries.load([*some, *[bad] * tolerated])
    assert (first.rows.new, first.rows.rejected, first.warnings) == (rows.min, tolerated, [])

    allowed = floor(rows.max_change * rows.min)
    if rows.max_change < 1:
        much = [changed(source, row) for row in some[: allowed + 1]]
        why = f"more than rows.max_change {rows.max_change:.1%}"
        deliveries.refused([*much, *some[allowed + 1 :]], why)
    other = [*(changed(source, row) for row in some[:allowed]), *some[allowed:]]
    assert deliveries.load(other).rows.changed == allowed
    closed = deliveries.load([*other[1:], numbered(source, good, rows.min)]).rows.closed
    assert closed == (1 if source.delivery == "complete" else 0)


@pytest.mark.parametrize("name", NAMES)
def test_more_rows_than_expected_are_loaded_with_a_warning(desk: Desk, name: str) -> None:
    source = lenient(name, "many")
    most, good = source.rows.max, good_of(name)
    outcome = Deliveries(desk, source).load_table(counted_up(source, good, most + 1))
    assert outcome.warnings == [f"{most + 1} rows admitted, more than rows.max {most}"]
    assert (outcome.rows.new, outcome.rows.rejected) == (most + 1, 0)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_of_the_stated_format_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "answer"
    path.write_bytes(ERROR_PAGE)
    with pytest.raises(ParseError):
        b"".join(read(SOURCES[name], path).blocks)


OF_A_SHEET = [name for name in NAMES if isinstance(SOURCES[name].format, XlsxFormat)]
OF_RECORDS = [name for name in NAMES if isinstance(SOURCES[name].format, JsonFormat)]


@pytest.mark.parametrize("name", OF_A_SHEET)
def test_a_workbook_without_the_stated_sheet_is_refused(tmp_path: Path, name: str) -> None:
    source = SOURCES[name]
    assert isinstance(source.format, XlsxFormat)
    book = openpyxl.load_workbook(fixture_of(source))
    book[source.format.sheet].title = "Moved"
    path = tmp_path / "moved.xlsx"
    book.save(path)
    with pytest.raises(ParseError, match=f"no sheet '{source.format.sheet}'"):
        b"".join(read(source, path).blocks)


@pytest.mark.parametrize("name", OF_RECORDS)
def test_json_without_records_at_the_stated_path_is_refused(tmp_path: Path, name: str) -> None:
    """Records without their nested list are none, which is too few."""
    source = SOURCES[name]
    assert isinstance(source.format, JsonFormat)
    path = tmp_path / "moved.json"
    path.write_text(json.dumps({"moved": [{}]}), encoding="utf-8")
    with pytest.raises(ParseError, match="check `records` and `nested` in source"):
        b"".join(read(source, path).blocks)
    assert source.rows.min > 0


def test_every_word_of_a_contract_is_known_as_a_rule_or_as_none() -> None:
    """A new word fails here: it is put to the test above, or named as what states no rule."""
    assert set(Column.model_fields) == OF_A_CELL | OF_READING | OF_PEOPLE
    assert set(Rows.model_fields) == {"min", "max", "max_change"}
    rules = {"format", "delivery", "key", "rows", "freshness_days", "max_bad_share", "columns"}
    of_place = {"name", "domain", "folder", "fetch", "ignored", "is_sample"}
    of_people = {"title", "description", "publisher", "licence", "owner", "grain", "restricted"}
    assert set(Source.model_fields) == rules | of_place | of_people
