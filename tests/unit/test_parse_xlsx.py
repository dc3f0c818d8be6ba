"""Workbooks: one sheet's rows as a person sees them, with the worksheet's row numbers."""

import datetime as dt
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

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


def test_errors_and_formulas_without_a_value_are_faults(path: Path) -> None:
    table = written(path, [HEADER, ["Karnataka", None, "#REF!"], [None, None, "=SUM(C1:C2)"]])
    assert [(line.line, line.fault) for line in lines(table)] == [
        (2, "cell C2: #REF!"),
        (3, "cell C3: the formula was never calculated"),
    ]


def test_a_cell_beyond_the_header_is_a_fault(path: Path) -> None:
    table = written(path, [HEADER, ["Karnataka", None, 1, "a", None, "stray"]])
    assert lines(table)[0].fault == "row has 6 cells, the header has 4"
    assert lines(read(SOURCE, path))[0].cells["Note"] == "a,,stray"


def test_the_sheet_is_found_whatever_its_case(path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("POLICIES ").append(HEADER)
    book.save(path)
    assert lines(read(SOURCE, path)) == []


def test_a_workbook_needs_no_name_of_its_own(path: Path) -> None:
    written(path, [HEADER, ["Karnataka"]])
    assert len(lines(read(SOURCE, path.rename(path.with_name("e3b0c442"))))) == 1


def test_a_missing_sheet_is_refused_with_those_there_are(path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Incentives")
    book.save(path)
    with pytest.raises(
        ParseError, match="no sheet 'Policies'; the workbook has 'Sheet', 'Incentives'"
    ):
        read(SOURCE, path)


def test_a_missing_header_is_refused_with_its_row(path: Path) -> None:
    with pytest.raises(
        ParseError, match=r"policies\.xlsx:2: the header lacks .* state \('State'\)"
    ):
        written(path, [["Title"], ["Approved on", "Note"], ["2022-01-01", "x"]])


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "the file is empty"),
        (b"<!doctype html><title>Sorry</title>", "a web page titled 'Sorry', not an XLSX workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office document"),
        (b"State;Note\n", "this is no XLSX workbook"),
        (b"PK\x03\x04 and no more", "the zip is damaged or cut off"),
    ],
)
def test_what_is_no_workbook_is_refused(path: Path, data: bytes, cause: str) -> None:
    path.write_bytes(data)
    with pytest.raises(ParseError, match=cause):
        read(SOURCE, path)


def test_a_workbook_cut_off_is_refused(path: Path) -> None:
    written(path, [HEADER])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ParseError, match="the zip is damaged or cut off"):
        read(SOURCE, path)


def test_a_zip_that_is_no_workbook_is_refused(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(ParseError, match="the workbook is damaged"):
        read(SOURCE, path)


def test_a_sheet_that_is_broken_inside_is_refused(path: Path) -> None:
    written(path, [HEADER, ["Karnataka"]])
    _replace_sheet(path, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(ParseError, match="the workbook is damaged"):
        lines(read(SOURCE, path))


def test_a_part_that_declares_entities_is_refused(path: Path) -> None:
    written(path, [HEADER, ["Karnataka"]])
    dtd = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>'
    _replace_sheet(path, lambda xml: dtd + xml)
    with pytest.raises(ParseError, match=r"sheet\d\.xml declares XML entities"):
        read(SOURCE, path)


def test_a_workbook_that_unpacks_to_a_multiple_is_refused(path: Path) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 16 * 1024 * 1024)
    with pytest.raises(ParseError, match="bytes of zip hold 16,777,216 bytes in 1 entries"):
        read(SOURCE, path)


def _replace_sheet(path: Path, change: Any) -> None:
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, change(data) if "worksheets/sheet" in name else data)
