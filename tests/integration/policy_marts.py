"""The state policies of the real input, over nights on which their workbook is edited."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from real_chain import deliver_edited, load_everything

from utpadan import nightly
from utpadan.estimate import Question, estimate
from utpadan.load import ensure_staging
from utpadan.settings import Settings
from utpadan.source import load_sources

CRORE = 10_000_000
DAY = date(2026, 4, 1)
SUBJECTS = ("state_policy", "vendor_registry")
CellValue = str | int | date
HEADER_ROW = 5
"""Row of the compendium's sheets that names their columns."""


def load_policies(settings: Settings) -> None:
    """Staging of the policies and of the vendors that corridor units name; all else is empty."""
    sources = load_sources()
    with psycopg.connect(settings.loader_url) as conn:
        ensure_staging(conn, sources.values())
    load_everything(settings, {n: s for n, s in sources.items() if s.domain in SUBJECTS})


def deliver_workbook(
    settings: Settings, at: datetime, folder: Path, *edits: Callable[[Workbook], None]
) -> None:
    """Load the newest workbook of the compendium with these edits, as fetched at that moment."""

    def edited(content: bytes) -> bytes:
        workbook = load_workbook(io.BytesIO(content))
        for edit in edits:
            edit(workbook)
        saved = io.BytesIO()
        workbook.save(saved)
        return saved.getvalue()

    sources = load_sources()
    deliver_edited(settings, sources["policies"], edited, folder, at)
    for name in ("policies", "policy_incentives", "policy_project_classes"):
        nightly.load_source(settings, sources[name])


def set_cell(sheet: str, key: str, header: str, value: CellValue) -> Callable[[Workbook], None]:
    """The cell under `header` in the row whose first cell is `key` gets this value."""

    def edit(workbook: Workbook) -> None:
        page = workbook[sheet]
        headers = [cell.value for cell in page[HEADER_ROW]]
        row = _row_of(page.iter_rows(min_row=HEADER_ROW + 1), key)
        page.cell(row, headers.index(header) + 1).value = value

    return edit


def remove_row(sheet: str, key: str) -> Callable[[Workbook], None]:
    """The row whose first cell is `key` is gone."""

    def edit(workbook: Workbook) -> None:
        page = workbook[sheet]
        page.delete_rows(_row_of(page.iter_rows(min_row=HEADER_ROW + 1), key))

    return edit


def add_row(sheet: str, cells: Mapping[str, CellValue]) -> Callable[[Workbook], None]:
    """A row more, after the last one, with these cells by header."""

    def edit(workbook: Workbook) -> None:
        page = workbook[sheet]
        headers = [cell.value for cell in page[HEADER_ROW]]
        line = HEADER_ROW + 1
        while page.cell(line, 1).value is not None:
            line += 1
        page.insert_rows(line)
        for header, value in cells.items():
            page.cell(line, headers.index(header) + 1).value = value

    return edit


def _row_of(found: Iterable[tuple[Any, ...]], key: str) -> int:
    (row,) = [cells[0].row for cells in found if cells[0].value == key]
    return int(row)


def amounts(settings: Settings, state: str, **asked: Any) -> dict[str, Any]:
    """The words of each incentive with an amount → least and most in crore, and if it counts."""
    found = estimate(settings.bi_url, question(**asked)).of_state(state)
    return {
        row["stated_as"]: (
            row["amount_inr"] / CRORE,
            (row["amount_inr_max"] or row["amount_inr"]) / CRORE,
            row["is_counted"],
        )
        for row in found.incentives
        if row["amount_inr"] is not None
    }


def total(settings: Settings, state: str, **asked: Any) -> tuple[Any, ...]:
    """The state's policy that gives most: its id, least and most in crore."""
    found = estimate(settings.bi_url, question(**asked)).of_state(state)
    (row,) = [row for row in found.totals if row["is_total_of_state"]]
    inr = (row["total_inr"], row["total_inr_max"])
    return row["policy_id"], *(None if part is None else part / CRORE for part in inr)


def question(
    crore: float = 100, on: date = DAY, category: str | None = "large", zone: str | None = None
) -> Question:
    return Question(Decimal(str(crore)), on, category, zone)
