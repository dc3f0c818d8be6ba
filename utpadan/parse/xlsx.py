"""A workbook's sheet → Table. Formulas give the value the workbook was saved with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError as XmlError  # nosec B405 # an exception, no parser
from zipfile import BadZipFile, ZipFile

import openpyxl
from lxml.etree import XMLSyntaxError
from openpyxl.utils.exceptions import InvalidFileException

from utpadan.pages import DOCUMENT_LIMIT
from utpadan.parse.container import is_zip, open_zip
from utpadan.parse.encode import Record, refusal
from utpadan.parse.grid import tabulate
from utpadan.parse.text import refuse_other_kinds
from utpadan.source import Source, XlsxFormat, fold
from utpadan.table import ParseError, Table

_LAST_ROW = 1_048_576
"""The last row that a worksheet can have."""

_DTD = (b"<!DOCTYPE", b"<!ENTITY")

_UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    XMLSyntaxError,
    XmlError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)
"""What openpyxl raises for a zip that is no workbook, or whose parts contradict each other."""


def read_xlsx(source: Source, shape: XlsxFormat, name: str, path: Path) -> Table:
    """Read one sheet; `line` is the worksheet's row.

    Raises ParseError when the file is no workbook, has no such sheet or no header, and while the
    blocks are read, when the sheet is damaged.
    """
    _refuse_unsafe(name, path)
    return tabulate(source, name, _rows(shape.sheet, name, path), padded=True)


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
        with archive.open(entry) as part:
            start = part.read(4096).replace(b"\0", b"")
        if any(mark in start for mark in _DTD):
            cause = f"its part {entry.filename} declares XML entities"
            raise refusal(name, None, cause, "no office program writes this; look at the file")


def _rows(sheet: str, name: str, path: Path) -> Iterator[Record]:
    """Every row of the sheet. A second look, at the formulas, finds those never calculated."""
    with _book(name, path, values=True) as values, _book(name, path, values=False) as formulas:
        pairs = zip(
            _sheet(name, values, sheet).iter_rows(),
            _sheet(name, formulas, sheet).iter_rows(),
            strict=True,
        )
        for line, (cells, originals) in enumerate(pairs, start=1):
            if line > _LAST_ROW:
                raise refusal(name, line, "the sheet has impossible rows", "fetch it again")
            yield Record(line, [_text(cell.value) for cell in cells], _fault(cells, originals))


@contextmanager
def _book(name: str, path: Path, values: bool) -> Iterator[Any]:
    try:
        with path.open("rb") as file:  # a path would have to end in .xlsx
            book = openpyxl.load_workbook(file, read_only=True, data_only=values)
            try:
                yield book
            finally:
                book.close()
    except ParseError:
        raise
    except _UNREADABLE as error:
        cause = f"the workbook is damaged: {type(error).__name__}: {error}"
        raise refusal(name, None, cause, "fetch it again or save it anew") from error


def _sheet(name: str, book: Any, wanted: str) -> Any:
    for sheet in book.worksheets:
        if fold(sheet.title) == fold(wanted):
            sheet.reset_dimensions()  # what the file says of its size is often wrong
            return sheet
    titles = ", ".join(repr(sheet.title) for sheet in book.worksheets)
    cause = f"there is no sheet {wanted!r}; the workbook has {titles}"
    raise refusal(name, None, cause, "check `format.sheet` in source.yml")


def _fault(cells: tuple[Any, ...], originals: tuple[Any, ...]) -> str:
    for cell, original in zip(cells, originals, strict=True):
        if cell.data_type == "e":
            return f"cell {cell.coordinate}: {cell.value}"
        if original.data_type == "f" and cell.value is None:
            return f"cell {original.coordinate}: the formula was never calculated"
    return ""


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
    return None if value is None else str(value)
