"""Reads the published facts of `data/`: the portals hold no copy of their own.

`UTPADAN_DATA_DIR` points the portals at another copy of the directory.
"""

import csv
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

DATA_DIR = Path(os.environ.get("UTPADAN_DATA_DIR", Path(__file__).resolve().parent.parent / "data"))

Row = dict[str, str]


def path_of(name: str) -> Path:
    """The file of `domain/table`, e.g. `vendor_registry/vendors`."""
    return DATA_DIR / f"{name}.csv"


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of `domain/table` in the file's order, every cell as text ('' when blank)."""
    with path_of(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def columns(name: str) -> tuple[str, ...]:
    """The column names of `domain/table` in the file's order."""
    with path_of(name).open(encoding="utf-8", newline="") as file:
        return tuple(next(csv.reader(file)))


def last_modified(*paths: Path) -> datetime:
    """When the newest of these files changed, to the second, in UTC."""
    newest = max(path.stat().st_mtime for path in paths)
    return datetime.fromtimestamp(int(newest), UTC)


def number(text: str) -> int | float | None:
    """A cell as a JSON number: whole numbers as int, None when blank."""
    if not text:
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)
