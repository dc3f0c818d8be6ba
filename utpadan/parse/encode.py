"""Parsed rows on their way to COPY: one numbered CSV record for each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from utpadan.table import ParseError, spelled_out

BLOCK = 512 * 1024
"""About how much goes to COPY at once."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, which Postgres cannot store, and what a decoder leaves where it could not decode."""


class Record(NamedTuple):
    """One row: where it is in the delivery, its cells, and what is wrong with its structure."""

    line: int
    cells: Sequence[str | None]
    fault: str = ""


def refusal(name: str, line: int | None, cause: str, remedy: str) -> ParseError:
    """The error for a delivery that cannot be read as a whole."""
    place = f"{name}:{line}" if line else name
    return ParseError(f"{place}: {' '.join(cause.split())}; {remedy}")


def encode(headers: Sequence[str], records: Iterable[Record]) -> Iterator[bytes]:
    """UTF-8 blocks of CSV: line, fault, cells. A cell without text is null."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for record in records:
        line, cells, fault = _storable(headers, record)
        writer.writerow((line, fault, *cells))
        if buffer.tell() >= BLOCK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


def _storable(headers: Sequence[str], record: Record) -> Record:
    if not _UNSTORABLE.search("".join(filter(None, record.cells)) + record.fault):
        return record
    faults = [record.fault] if record.fault else []
    faults += [
        f"{header}: holds {_name(found.group())}"
        for header, cell in zip(headers, record.cells, strict=True)
        if cell and (found := _UNSTORABLE.search(cell))
    ]
    cells = [cell and storable(cell) for cell in record.cells]
    return Record(record.line, cells, storable("; ".join(faults)))


def storable(text: str) -> str:
    """The text with NULs and what could not be decoded spelled out."""
    return _UNSTORABLE.sub(lambda found: spelled_out(found.group()), text)


def _name(character: str) -> str:
    return "a NUL byte" if character == "\0" else f"the unreadable {spelled_out(character)}"
