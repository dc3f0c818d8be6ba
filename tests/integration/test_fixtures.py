"""Every fixture of every source: its bytes through the real parser, COPY and admission."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from loading import Desk, open_desk

from utpadan.load import load
from utpadan.parse import read
from utpadan.settings import Settings
from utpadan.source import SOURCES, Source, load_sources

CONTRACTS = load_sources()
EXPECTED = ".expected.yml"
EXPECTATIONS = sorted(SOURCES.glob(f"*/*/fixtures/*{EXPECTED}"))


class Case(NamedTuple):
    """The bytes of a fixture, and the contract in a name of its own with bounds wide open."""

    source: Source
    path: Path
    expected: dict[str, Any]


@pytest.fixture(scope="module")
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


def case_of(expectation: Path) -> Case:
    contract = CONTRACTS[expectation.parents[1].name]
    number = EXPECTATIONS.index(expectation)
    source = contract.model_copy(
        update={
            "name": f"{contract.name}_{number}",
            "max_bad_share": 1.0,
            "rows": contract.rows.model_copy(update={"min": 0, "max_change": 1.0}),
        }
    )
    stem = expectation.name.removesuffix(EXPECTED)
    (path,) = (p for p in expectation.parent.glob(f"{stem}.*") if p != expectation)
    return Case(source, path, yaml.safe_load(expectation.read_text(encoding="utf-8")))


def given_columns(rows: list[tuple[str | None, ...]], source: Source) -> list[dict[str, str]]:
    """Rows without their empty cells, as fixtures list them."""
    named = (dict(zip(source.columns, row, strict=True)) for row in rows)
    return [{name: cell for name, cell in row.items() if cell is not None} for row in named]


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda path: path.parents[1].name)
def test_a_fixture_is_admitted_and_rejected_exactly_as_expected(
    desk: Desk, expectation: Path
) -> None:
    source, path, expected = case_of(expectation)
    delivery = desk.deliver(source, path.read_bytes(), datetime(2026, 1, 1, tzinfo=UTC))
    outcome = load(desk.conn, source, lambda: read(source, path), delivery)
    assert outcome is not None
    admitted = [
        {name: cell for name, cell in row.items() if cell is not None}
        for row in expected["admitted"]
    ]
    assert given_columns(desk.current(source), source) == admitted
    assert [
        {"line": line, "reasons": reasons} for line, reasons, _ in desk.rejected(outcome.load_id)
    ] == (expected.get("rejected") or [])
    assert outcome.rows.admitted == len(admitted)


def test_every_source_has_a_fixture_of_admitted_rows() -> None:
    shown = {path.parents[1].name for path in EXPECTATIONS if case_of(path).expected["admitted"]}
    assert shown == set(CONTRACTS)


def test_no_bytes_of_a_fixture_lie_there_unread() -> None:
    read_by_a_case = {case_of(expectation).path for expectation in EXPECTATIONS}
    there = {path for path in SOURCES.glob("*/*/fixtures/*") if not path.name.endswith(EXPECTED)}
    assert there == read_by_a_case
