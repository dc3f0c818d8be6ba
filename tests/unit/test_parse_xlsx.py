"""Workbooks: one sheet's rows as a person sees them, with the worksheet's row numbers."""

import datetime as dt
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from reading import Line, contract, lines

from utpadan.parse import ParseError, Table, read

SOURCE = contract(
    {"kind": "xlsx", "sheet": "Policies"},
    {
        "state": {"required": True, "header": ["State"]},
        "approved_on": {"header": ["Approved on"]},
        "cap": {"header": ["Cap (Rs crore)"]},
        "note": {"header": ["Note"]},
    },
)
HEADER = ["State", "Approved on", "Cap (Rs crore)", "Note"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policies.xlsx"


def written(path: Path, rows: list[list[Any]], merged: tuple[str, ...] = ()) -> Table:
    book = openpyxl.Workbook()
    book.create_sheet("Incentives")
    sheet = book.create_sheet("Policies")
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    book.save(path)
    return read(SOURCE, path)


def test_a_sheet_with_titles_group_headings_and_footer(path: Path) -> None:
    table = written(
        path,
        [
            ["Compendium of state policies"],
            ["As of 7 October 2025"],
            [],
            ["Policy", None, "Incentive", None],
            HEADER,
            ["Karnataka", dt.date(2022, 8, 26), 10, "first"],
            ["Gujarat", "2016", 2.5],
            [],
            ["Source: Department of Defence Production"],
            ["Note: collected state by state"],
        ],
        merged=("A1:D1", "A2:D2", "A4:B4", "C4:D4"),
    )
    assert table.headers == tuple(HEADER)
    assert lines(table) == [
        Line(6, dict(zip(HEADER, ["Karnataka", "2022-08-26", "10", "first"], strict=True)), ""),
        Line(7, dict(zip(HEADER, ["Gujarat", "2016", "2.5", None], strict=True)), ""),
    ]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (150590.0, "150590"),
        (0.1 + 0.2, "0.3"),
        (4.35, "4.35"),
        (1e-7, "0.0000001"),
        (12, "12"),
        (True, "true"),
        ("1,50,590", "1,50,590"),
        (dt.datetime(2025, 3, 31), "2025-03-31"),
        (dt.datetime(2025, 3, 31, 17, 30), "2025-03-31T17:30:00"),
        (dt.time(9, 15), "09:15:00"),
        ("", None),
    ],
)
def test_cells_are_plain_text(path: Path, value: Any, cell: str | None) -> None:
    table = written(path, [HEADER, ["Karnataka", None, value]])
    assert lines(table)[0].cells["Cap (Rs crore)"] == cell


def test_a_cell_beyond_the_header_is_a_fault(path: Path) -> None:
    table = written(path, [HEADER, ["Karnataka", None, 1, "a", None, "stray"]])
    assert lines(table)[0].fault == "row has 6 cells, the header has 4"
    assert lines(read(SOURCE, path))[0].cells["Note"] == "a,,stray"


def test_a_workbook_needs_no_name_of_its_own(path: Path) -> None:
    written(path, [HEADER, ["Karnataka"]])
    assert len(lines(read(SOURCE, path.rename(path.with_name("e3b0c442"))))) == 1


def test_a_missing_header_is_refused_with_its_row(path: Path) -> None:
    with pytest.raises(
        ParseError, match=r"policies\.xlsx:2: the header lacks .* state \('State'\)"
    ):
        written(path, [["Title"], ["Approved on", "Note"], ["2022-01-01", "x"]])


def test_a_zip_that_is_no_workbook_is_refused(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(ParseError, match="the workbook is damaged"):
        read(SOURCE, path)
