"""The encoding of a text file, found from its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from utpadan.parse.encode import refusal

_BEGINNING = 64 * 1024
_SAMPLE = 4096
_BLOCK = 1024 * 1024
_KINDS = {
    b"PK\x03\x04": "a zip archive or workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old or password-protected Office document",
    b"\x1f\x8b": "a gzip file",
    b"\xfd7zXZ\x00": "an xz file",
    b"BZh": "a bzip2 file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"PAR1": "a Parquet file",
    b"\xff\xfe\x00\x00": "UTF-32 text",
    b"\x00\x00\xfe\xff": "UTF-32 text",
}
_PAGE = re.compile(
    rb"(?:<!--(?:(?!-->).)*-->\s*)*"
    rb"<(?:!doctype html|html|head|body|meta|title|script|style|frameset|table|div|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[\[{\"\]]")
_KEPT_BYTE = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def beginning_of(path: Path) -> bytes:
    """The first bytes of a file, enough to know its kind and its mark."""
    with path.open("rb") as file:
        return file.read(_BEGINNING)


def marked_encoding(start: bytes) -> str | None:
    """UTF-8 or UTF-16 where a BOM, or UTF-16 where its NULs say so; None where nothing does."""
    by_bom = (encoding for bom, encoding in _BOMS.items() if start.startswith(bom))
    return next(by_bom, None) or _utf_16(start[:_SAMPLE])


def encoding_of(path: Path) -> str:
    """The encoding by its mark, else UTF-8 if the whole file reads so, else cp1252.

    A file with some broken bytes between good UTF-8 is UTF-8: decode it with `surrogateescape`,
    which keeps the broken bytes visible.
    """
    marked = marked_encoding(beginning_of(path))
    return marked or ("utf-8" if _reads_as_utf_8(path) else "cp1252")


def refuse_other_kinds(name: str, start: bytes, wanted: str) -> None:
    """Raise ParseError when the first bytes are those of nothing, a web page, a zip or PDF."""
    text = start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if not text:
        raise refusal(name, None, "the file is empty", f"fetch it again, {wanted} is expected")
    for magic, kind in _KINDS.items():
        if start.startswith(magic) or text.startswith(magic):
            raise refusal(name, 1, f"this is {kind}, not {wanted}", "check `format` in source.yml")
    if _PAGE.match(text):
        cause = f"this is a web page{_title(start)}, not {wanted}"
        raise refusal(name, 1, cause, "the portal probably showed an error; fetch it again")
    is_json, is_xml = _JSON.match(text), text.startswith(b"<?xml")
    if (is_json and wanted != "JSON") or (is_xml and wanted != "an RSS feed"):
        said = " ".join(text[:160].decode("utf-8", "replace").split())
        cause = f"this is {'JSON' if is_json else 'XML'}, not {wanted}: {said[:80]!r}"
        raise refusal(name, 1, cause, "read what the portal says; check `format` in source.yml")


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
