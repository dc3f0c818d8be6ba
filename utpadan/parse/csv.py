"""Delimited text → Table.

Two readings. The fast one hands the file's own bytes to COPY and looks at no row; it takes only a
file that is plainly right: UTF-8, the header on the first line, no quote that could mislead. The
careful one takes encodings, delimiters, titles, footers and broken rows as they come.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TextIO

from utpadan.parse.encode import Record, refusal
from utpadan.parse.fast_csv import LINE_LIMIT, fast_table
from utpadan.parse.grid import tabulate
from utpadan.parse.header import SEARCHED, SEARCHED_TEXT, columns_named, find_header, refuse_wide
from utpadan.parse.text import beginning_of, encoding_of, marked_encoding, refuse_other_kinds
from utpadan.source import Source
from utpadan.table import Table

DELIMITERS = (",", ";", "\t", "|")


def read_csv(source: Source, name: str, path: Path, *, is_known: bool = False) -> Table:
    """Read one file of delimited text; one that `is_known` was read fast before.

    Raises ParseError when it is none, has no header or lacks a required column; and, while the
    blocks are read, when a quote is never closed or a line has no end.
    """
    start = beginning_of(path)
    refuse_other_kinds(name, start, "CSV")
    careful = partial(_read_carefully, source, name, path)
    if marked_encoding(start) in (None, "utf-8-sig"):
        delimiter, rows = _beginning(source, name, path, "utf-8-sig")
        header = find_header(source, name, rows)
        fast = header and fast_table(source, path, header, delimiter, careful, is_known=is_known)
        if fast:
            return fast
    return careful()


def _read_carefully(source: Source, name: str, path: Path) -> Table:
    encoding = encoding_of(path)
    delimiter, _ = _beginning(source, name, path, encoding)
    return tabulate(source, name, _records(name, path, encoding, delimiter))


def _beginning(source: Source, name: str, path: Path, encoding: str) -> tuple[str, list[Record]]:
    """The delimiter under which the first lines name most columns, and the rows they then are."""
    lines: list[str] = []
    left = SEARCHED_TEXT
    with _open(path, encoding) as stream:
        for line in islice(_Lines(name, stream), SEARCHED):
            left -= len(line)
            if left < 0:
                break
            lines.append(line)
    delimiter = max(DELIMITERS, key=lambda d: columns_named(source, _complete_rows(lines, d)))
    rows = _complete_rows(lines, delimiter)
    for row in rows:
        refuse_wide(name, row.line, len(row.cells))
    return delimiter, rows


def _complete_rows(lines: Sequence[str], delimiter: str) -> list[Record]:
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[Record] = []
    first = 1
    for cells in reader:
        rows.append(Record(first, cells))
        first = reader.line_num + 1
    return rows


def _records(name: str, path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """Every row with its physical line; rows with broken quotes as faults, blank ones too."""
    with _open(path, encoding) as stream:
        lines = _Lines(name, stream)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            lines.start_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield lines.broken_row(error)
            else:
                fault = _mixed(cells) if encoding == "cp1252" else ""
                yield Record(lines.row_line, cells, fault)


def _mixed(cells: Sequence[str]) -> str:
    """What is wrong with a row of a cp1252 file that has UTF-8 in it; empty when it has none."""
    for cell in cells:
        if cell.isascii():
            continue
        try:
            text = cell.encode("cp1252", "surrogateescape").decode("utf-8")
        except UnicodeError:
            continue
        return f"the file mixes encodings: {text!r} is UTF-8, the rows around it are not"
    return ""


def _open(path: Path, encoding: str) -> TextIO:
    """Line ends are kept as they are; bytes that do not decode stay visible where possible."""
    csv.field_size_limit(LINE_LIMIT)  # the limit is the whole process's
    errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
    return path.open(encoding=encoding, errors=errors, newline="")


class _Lines:
    """The lines of a file for a CSV reader; knows where the present row began, and its text."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self._name = name
        self._stream = stream
        self._number = 0
        self._row: list[str] = []
        self._row_size = 0
        self._ended = False
        self.row_line = 1

    def start_row(self) -> None:
        self._row.clear()
        self._row_size = 0
        self.row_line = self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._read()
        if not line:
            self._ended = True
            raise StopIteration
        self._number += 1
        self._row.append(line)
        self._row_size += len(line)
        if self._row_size > LINE_LIMIT and len(self._row) > 1:
            cause = f"a row of more than {LINE_LIMIT:,} characters over {len(self._row):,} lines"
            raise refusal(self._name, self.row_line, cause, "a closing quote is probably missing")
        return line

    def broken_row(self, error: csv.Error) -> Record:
        """The rows between a quote out of place and the line where that shows, as one record.

        Raises ParseError where no end is in sight.
        """
        if self._ended:
            cause = "the quote opened in this row is never closed"
            remedy = "the file is cut off or a quote is missing; fetch it again or mend it"
            raise refusal(self._name, self.row_line, cause, remedy)
        text = "".join(self._row)
        last = self._number
        span = f"lines {self.row_line} to {last}" if last > self.row_line else "the row"
        return Record(self.row_line, [text.rstrip("\r\n")], f"quotes in {span} are broken: {error}")

    def _read(self) -> str:
        try:
            line = self._stream.readline(LINE_LIMIT + 1)
        except UnicodeError as error:
            cause = f"the text is broken or cut off: {error}"
            raise refusal(self._name, self._number + 1, cause, "fetch it again") from error
        if len(line) > LINE_LIMIT:
            cause = f"a line of more than {LINE_LIMIT:,} characters"
            raise refusal(self._name, self._number + 1, cause, "this is not a table")
        return line
