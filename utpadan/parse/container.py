"""The bytes of a delivery: one document, or a zip of the pages it was fetched in.

Both are bounded, so that no delivery can fill memory or disk by unpacking: see the limits below.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from utpadan.pages import DOCUMENT_LIMIT
from utpadan.parse.encode import refusal

_TOTAL_LIMIT = 4 * 1024**3
"""The most that a zip may hold, unpacked."""

_RATIO_LIMIT = 200
"""How much smaller than its content a zip of more than `_RATIO_FREE` may be; tables reach 50."""

_RATIO_FREE = 4 * 1024 * 1024
_ENTRY_LIMIT = 100_000
_BLOCK = 1024 * 1024
_MAGIC = b"PK\x03\x04"

DAMAGED = (
    BadZipFile,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What Python's reader raises for a zip that is damaged, or packed in a way it does not know."""


def is_zip(packed: Path | bytes) -> bool:
    """Whether the file, or these bytes, begin as a zip does."""
    if isinstance(packed, bytes):
        return packed.startswith(_MAGIC)
    with packed.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def documents(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """The delivery's documents, each with its name for messages: its pages, or itself."""
    if not is_zip(path):
        yield name, whole(name, path)
        return
    with open_zip(name, path) as archive:
        for entry in archive.infolist():
            yield f"{name}/{entry.filename}", member(name, archive, entry)


def whole(name: str, path: Path) -> bytes:
    """The file's bytes; ParseError when it is too large to be read as one document."""
    _refuse_large(name, path.stat().st_size)
    return path.read_bytes()


@contextmanager
def open_zip(name: str, packed: Path | bytes) -> Iterator[ZipFile]:
    """A zip within the limits, open for reading; ParseError when it is none or is damaged."""
    size = len(packed) if isinstance(packed, bytes) else packed.stat().st_size
    with ExitStack() as stack:
        with _undamaged(name):
            file = BytesIO(packed) if isinstance(packed, bytes) else packed
            archive = stack.enter_context(ZipFile(file))
        _refuse_bomb(name, size, archive.infolist())
        yield archive


def member(name: str, archive: ZipFile, entry: ZipInfo) -> bytes:
    """The bytes of one entry, no more than DOCUMENT_LIMIT."""
    _refuse_large(f"{name}/{entry.filename}", entry.file_size)
    with _undamaged(name):
        return archive.read(entry)


def blocks(name: str, archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """The bytes of one entry, block by block."""
    with _undamaged(name), archive.open(entry) as part:
        while block := part.read(_BLOCK):
            yield block


@contextmanager
def _undamaged(name: str) -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        cause = f"the zip is damaged or cut off: {error}"
        raise refusal(name, None, cause, "fetch it again") from error


def _refuse_large(name: str, size: int) -> None:
    if size > DOCUMENT_LIMIT:
        cause = f"the document has {size:,} bytes, more than {DOCUMENT_LIMIT:,}"
        raise refusal(name, None, cause, "have it fetched in pages")


def _refuse_bomb(name: str, packed: int, entries: list[ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        cause = "the zip is protected by a password"
        raise refusal(name, None, cause, "have it sent without one")
    too_much = total > _TOTAL_LIMIT or len(entries) > _ENTRY_LIMIT
    if too_much or (total > _RATIO_FREE and total > packed * _RATIO_LIMIT):
        cause = f"{packed:,} bytes of zip hold {total:,} bytes in {len(entries):,} entries"
        raise refusal(name, None, cause, "this is no honest delivery; look at it")
