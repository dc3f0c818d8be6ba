"""Many pages as one delivery: a zip whose bytes depend on nothing but the pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EPOCH = (1980, 1, 1, 0, 0, 0)


class Page(NamedTuple):
    """One page and its name in the zip."""

    name: str
    body: bytes


def bundle(pages: Iterable[Page], path: Path) -> int:
    """Write the pages in order as they come; returns how many."""
    count = 0
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for page in pages:
            entry = ZipInfo(page.name, _EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, page.body, compresslevel=6)
            count += 1
    return count
