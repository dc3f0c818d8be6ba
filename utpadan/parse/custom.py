"""A source's own `parse.py` → Table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from utpadan.parse.container import whole
from utpadan.parse.encode import refusal
from utpadan.parse.records import Fields, from_records
from utpadan.source import Source
from utpadan.table import Table


def read_custom(source: Source, name: str, path: Path) -> Table:
    """What `parse(data)` of the source's folder makes of the delivery's bytes.

    It is called twice, which a pure function does not notice. A ValueError it raises becomes a
    ParseError.
    """
    return from_records(source, name, partial(_rows, source, name, whole(name, path)))


def _rows(source: Source, name: str, data: bytes) -> Iterator[Fields]:
    try:
        for line, row in source.custom_parse()(data):
            yield Fields(line, row)
    except ValueError as error:
        raise refusal(name, None, f"parse.py: {error}", "mend the file or parse.py") from error
