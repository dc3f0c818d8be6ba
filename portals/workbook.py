"""Builds the compendium's workbook with openpyxl, byte for byte the same from the same facts."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portals.compendium_sheets import Sheet
from portals.data import columns, number, table

GROUP_ROW = 4
HEADER_ROW = 5
_FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_COLUMNS = {"approved_on", "notified_on", "effective_from", "effective_to", "published_on"}
_NUMBER_COLUMNS = {
    "validity_years",
    "target_investment_crore",
    "target_investment_usd_million",
    "target_jobs",
    "rate_percent",
    "rate_percent_max",
    "cap_crore",
    "period_years",
    "min_investment_crore",
    "max_investment_crore",
    "min_jobs",
    "investment_period_years",
}
_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
_CREATOR = "Department of Defence Production (stand-in)"
_SAVED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def build(sheets: Sequence[Sheet]) -> bytes:
    """The workbook of these sheets."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    newest = _newest_publication(sheets)
    workbook.properties.creator = _CREATOR
    workbook.properties.created = newest
    for sheet in sheets:
        _fill(workbook.create_sheet(sheet.name), sheet, newest.date())
    buffer = io.BytesIO()
    workbook.save(buffer)
    return _without_clock(buffer.getvalue(), newest)


def _newest_publication(sheets: Sequence[Sheet]) -> datetime:
    newest = max(row["published_on"] for sheet in sheets for row in table(sheet.table))
    return datetime.fromisoformat(newest)


def _fill(page: Worksheet, sheet: Sheet, newest: date) -> None:
    headers = {column: header for _, group in sheet.groups for column, header in group.items()}
    missing = set(columns(sheet.table)) ^ set(headers)
    if missing:
        raise ValueError(f"sheet {sheet.name!r} and {sheet.table}.csv differ in {sorted(missing)}")
    _head(page, sheet, len(headers), newest)
    for index, header in enumerate(headers.values(), 1):
        page.cell(HEADER_ROW, index, header).font = Font(bold=True)
    rows = table(sheet.table)
    for line, row in enumerate(rows, HEADER_ROW + 1):
        for index, column in enumerate(headers, 1):
            _write(page, line, index, column, row[column])
    footer = HEADER_ROW + len(rows) + 2
    page.cell(footer, 1, "Source: as stated in each row; collected state by state.")
    page.cell(footer + 1, 1, "Note: blank cells were not stated. 1 crore = 1,00,00,000.")
    page.freeze_panes = f"A{HEADER_ROW + 1}"


def _head(page: Worksheet, sheet: Sheet, width: int, newest: date) -> None:
    last = get_column_letter(width)
    page["A1"] = sheet.title
    page["A1"].font = Font(bold=True, size=14)
    page["A2"] = f"Newest statement: {newest:%d-%m-%Y}. Amounts in ₹ crore unless headed otherwise."
    page.merge_cells(f"A1:{last}1")
    page.merge_cells(f"A2:{last}2")
    first = 1
    for title, group in sheet.groups:
        page.cell(GROUP_ROW, first, title).alignment = Alignment(horizontal="center")
        page.merge_cells(
            start_row=GROUP_ROW,
            end_row=GROUP_ROW,
            start_column=first,
            end_column=first + len(group) - 1,
        )
        first += len(group)


def _write(page: Worksheet, line: int, index: int, column: str, text: str) -> None:
    if not text:
        return
    cell = page.cell(line, index)
    if column in _DATE_COLUMNS and _FULL_DATE.fullmatch(text):
        cell.value = date.fromisoformat(text)
        cell.number_format = "DD-MM-YYYY"
    elif column in _NUMBER_COLUMNS:
        cell.value = number(text)
    else:
        cell.value = text
        cell.data_type = "s"


def _without_clock(content: bytes, saved_at: datetime) -> bytes:
    """The same archive with fixed times inside: openpyxl stamps the moment of saving."""
    stamp = saved_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            body = source.read(entry)
            if entry.filename == "docProps/core.xml":
                body = _SAVED_AT.sub(rb"\g<1>" + stamp + rb"\g<2>", body)
            target.writestr(
                zipfile.ZipInfo(entry.filename, _ZIP_MOMENT), body, zipfile.ZIP_DEFLATED
            )
    return result.getvalue()
