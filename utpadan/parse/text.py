"""The encoding of a text file, found from its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from utpadan.parse.encode import refusal

_SAMPLE = 4096
_BLOCK = 1024 * 1024
_KEPT_BYTE = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def marked_encoding(path: Path) -> str | None:
    """UTF-8 or UTF-16 where a BOM, or UTF-16 where its NULs say so; None where nothing does."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    by_bom = (encoding for bom, encoding in _BOMS.items() if sample.startswith(bom))
    return next(by_bom, None) or _utf_16(sample)


def encoding_of(path: Path) -> str:
    """The encoding by its mark, else UTF-8 if the whole file reads so, else cp1252.

    A file with some broken bytes between good UTF-8 is UTF-8: decode it with `surrogateescape`,
    which keeps the broken bytes visible.
    """
    return marked_encoding(path) or ("utf-8" if _reads_as_utf_8(path) else "cp1252")


def refuse_other_kinds(name: str, start: bytes, wanted: str) -> None:
    """Raise ParseError when the first bytes are those of nothing, a web page, a zip or PDF."""
    text = start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if not text:
        raise refusal(name, None, "the file is empty", f"fetch it again, {wanted} is expected")
    kinds = {b"PK\x03\x04": "a zip archive or workbook", b"%PDF": "a PDF document"}
    kinds |= {b"\xd0\xcf\x11\xe0": "an old or password-protected Office document"}
    kinds |= {b"\x1f\x8b": "a gzip file"}
    for magic, kind in kinds.items():
        if text.startswith(magic):
            raise refusal(name, 1, f"this is {kind}, not {wanted}", "check `format` in source.yml")
    if re.match(rb"<(!doctype html|html|head|body)\b", text, re.IGNORECASE):
        cause = f"this is a web page{_title(start)}, not {wanted}"
        raise refusal(name, 1, cause, "the portal probably showed an error; fetch it again")


def _title(page: bytes) -> str:
    found = re.search(rb"<title[^>]*>([^<]*)", page, re.IGNORECASE)
    title = found.group(1).decode("utf-8", "replace").strip() if found else ""
    return f" titled {' '.join(title.split())[:80]!r}" if title else ""


def _utf_16(sample: bytes) -> str | None:
    """Text of Latin letters and digits has every other byte NUL."""
    if len(sample) < 4:
        return None
    pairs = len(sample) // 2
    high_first = sample[0 : pairs * 2 : 2].count(0)
    low_first = sample[1 : pairs * 2 : 2].count(0)
    if low_first > pairs * 0.4 and high_first < pairs * 0.1:
        return "utf-16-le"
    if high_first > pairs * 0.4 and low_first < pairs * 0.1:
        return "utf-16-be"
    return None


def _reads_as_utf_8(path: Path) -> bool:
    broken = beyond_ascii = 0
    for text in _decoded(path):
        if not text.isascii():
            broken += len(_KEPT_BYTE.findall(text))
            beyond_ascii += len(_BEYOND_ASCII.findall(text))
    return beyond_ascii >= broken


def _decoded(path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)
