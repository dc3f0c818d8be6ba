"""A workbook's sheet → Table. Formulas give the value the workbook was saved with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError as XmlError  # nosec B405 # an exception, no parser
from zipfile import ZipFile

import openpyxl
from lxml.etree import XMLSyntaxError
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from utpadan.pages import DOCUMENT_LIMIT
from utpadan.parse.container import DAMAGED, blocks, is_zip, open_zip
from utpadan.parse.encode import Record, refusal
from utpadan.parse.grid import tabulate
from utpadan.parse.text import refuse_other_kinds
from utpadan.source import Source, XlsxFormat, fold
from utpadan.table import ParseError, Table

_LAST_ROW = 1_048_576
"""The last row that a worksheet can have."""

_MOST_CELLS = 20_000_000
"""Cells of a sheet, the empty ones before the last of a row too."""

_FIRST_SURE_DAY = 61
"""1 March 1900 as a number; before it spreadsheets count a 29 February that never was."""

_DTD = (b"<!DOCTYPE", b"<!ENTITY")
_LONGEST_DTD = max(map(len, _DTD))
_ESCAPED = re.compile("_x00([01][0-9A-Fa-f])_")
_UNREADABLE = (
    *DAMAGED,
    InvalidFileException,
    XMLSyntaxError,
    XmlError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What openpyxl raises for a zip that is no workbook, or whose parts contradict each other."""

Cell = Mapping[str, Any]
"""A cell as openpyxl parses it: row, column, value, data_type, style_id."""


def read_xlsx(source: Source, shape: XlsxFormat, name: str, path: Path) -> Table:
    """Read one sheet; `line` is the worksheet's row.

    Raises ParseError when the file is no workbook, has no such sheet or no header, and while the
    blocks are read, when the sheet is damaged.
    """
    _refuse_unsafe(name, path)
    return tabulate(source, name, _records(shape.sheet, name, path), padded=True)


def _refuse_unsafe(name: str, path: Path) -> None:
    if not is_zip(path):
        with path.open("rb") as file:
            refuse_other_kinds(name, file.read(64 * 1024), "an XLSX workbook")
        raise refusal(name, 1, "this is no XLSX workbook", "check `format` in source.yml")
    with open_zip(name, path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > 4 * DOCUMENT_LIMIT:
            cause = f"the workbook unpacks to more than {4 * DOCUMENT_LIMIT:,} bytes"
            raise refusal(name, None, cause, "have the data sent as CSV")
        _refuse_dtd(name, archive)


def _refuse_dtd(name: str, archive: ZipFile) -> None:
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        end = b""
        for block in blocks(name, archive, entry):
            text = end + block.replace(b"\0", b"")
            if any(mark in text for mark in _DTD):
                cause = f"its part {entry.filename} declares XML entities"
                raise refusal(name, None, cause, "no office program writes this; look at the file")
            end = text[-_LONGEST_DTD:]


def _records(wanted: str, name: str, path: Path) -> Iterator[Record]:
    """Every row of the sheet; one blank record for the rows that are left out between two.

    Raises ParseError for rows out of their order: two may have one number.
    """
    last = cells = 0
    with _book(name, path) as book, _told(name, lambda: last):
        sheet = _Sheet(book, _sheet(name, book, wanted))
        for line, values, originals in sheet.rows():
            if not last < line <= _LAST_ROW:
                cause = f"row {line} follows row {last}"
                raise refusal(name, line, cause, "the workbook is damaged; save it anew")
            if line > last + 1:
                yield Record(last + 1, [])
            record = sheet.record(line, values, originals)
            cells += len(record.cells)
            if cells > _MOST_CELLS:
                cause = f"the sheet has more than {_MOST_CELLS:,} cells"
                raise refusal(name, line, cause, "have the data sent as CSV")
            yield record
            last = line


@contextmanager
def _book(name: str, path: Path) -> Iterator[Any]:
    with path.open("rb") as file, _told(name, lambda: 0):  # a path would have to end in .xlsx
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def _told(name: str, line: Callable[[], int]) -> Iterator[None]:
    """What openpyxl raises as a ParseError; `line` is the row that was read last."""
    try:
        yield
    except ParseError:
        raise
    except _UNREADABLE as error:
        place = f" after row {line()}" if line() else ""
        cause = f"the workbook is damaged{place}: {type(error).__name__}: {error}"
        remedy = "fetch it again or save it anew"
        raise refusal(name, None, cause, remedy) from error


def _sheet(name: str, book: Any, wanted: str) -> Any:
    found = [sheet for sheet in book.worksheets if fold(sheet.title) == fold(wanted)]
    if len(found) == 1:
        return found[0]
    titles = ", ".join(repr(sheet.title) for sheet in book.worksheets) or "no sheet"
    what = f"there are {len(found)} sheets" if found else "there is no sheet"
    cause = f"{what} {wanted!r}; the workbook has {titles}"
    raise refusal(name, None, cause, "check `format.sheet` in source.yml")


class _Sheet:
    """A worksheet, parsed twice side by side: its values, and the formulas behind them.

    openpyxl's own rows leave out what is out of order and fill up what is missing, so that a few
    bytes can become billions of cells; its parser does neither.
    """

    def __init__(self, book: Any, sheet: Any) -> None:
        self._book = book
        self._sheet = sheet

    def rows(self) -> Iterator[tuple[int, list[Cell], list[Cell]]]:
        """Number, values and originals of each row there is."""
        part = self._sheet._worksheet_path
        with self._book._archive.open(part) as one, self._book._archive.open(part) as other:
            pairs = zip(self._parsed(one, True), self._parsed(other, False), strict=True)
            for (line, values), (_, originals) in pairs:
                yield line, values, originals

    def _parsed(self, part: Any, values: bool) -> Iterator[tuple[int, list[Cell]]]:
        strings = self._sheet._shared_strings
        yield from WorkSheetParser(part, strings, data_only=values, epoch=self._book.epoch).parse()

    def record(self, line: int, values: Sequence[Cell], originals: Sequence[Cell]) -> Record:
        """The row as text, each cell in its column; the first fault of its cells."""
        cells: list[str | None] = []
        fault = ""
        for cell, original in zip(values, originals, strict=True):
            column = cell["column"]
            text, why = self._read(cell, original)
            if text is not None:
                cells += [None] * (column - len(cells))
                if cells[column - 1] is not None:
                    text, why = f"{cells[column - 1]}; {text}", "it stands twice in the row"
                cells[column - 1] = text
            if why and not fault:
                fault = f"cell {get_column_letter(column)}{line}: {why}"
        return Record(line, cells, fault)

    def _read(self, cell: Cell, original: Cell) -> tuple[str | None, str]:
        """A cell as text, and what is wrong with it."""
        value = cell["value"]
        if cell["data_type"] == "e":
            return value, str(value)
        if original["data_type"] == "f" and value is None:
            return None, "the formula was never calculated"
        style = cell["style_id"]
        if cell["data_type"] != "n" or value is None or style not in self._book._date_formats:
            return _text(value), ""
        if 1 <= value < _FIRST_SURE_DAY and self._book.epoch == WINDOWS_EPOCH:
            return _text(value), f"day {_text(value)} is before March 1900, where workbooks err"
        try:
            is_span = style in self._book._timedelta_formats
            return _text(from_excel(value, self._book.epoch, timedelta=is_span)), ""
        except (OverflowError, ValueError):
            return _text(value), f"{_text(value)} is no day that a workbook knows"


def _text(value: Any) -> str | None:
    """A cell as text: dates ISO, numbers plain with the 15 digits a spreadsheet keeps."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), value)
    return None if value is None else str(value)
