"""The fast reading of CSV: the file's own bytes, block by block, for COPY.

COPY and the careful reading must never differ in silence. So every block is searched, as a
whole, for what COPY would read otherwise, or would give a wrong line number; the first find raises
NeedsCare. What COPY refuses by itself (ragged rows, broken encoding, mixed line ends) is left to
it.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from utpadan.parse.grid import is_footer
from utpadan.parse.header import Header
from utpadan.source import Source, fold
from utpadan.table import NeedsCare, Table

LINE_LIMIT = 16 * 1024 * 1024
"""The longest line, and the longest quoted cell."""

_BLOCK = 1024 * 1024
_TAIL = 64 * 1024
_MOST_QUOTED = 4 * _BLOCK
_BLANKS = b" \t\xc2\xa0\xef\xbb\xbf"  # with the bytes of the non-breaking one and of the BOM
_LINE_END = rb"\r?\n"
_PLAIN_BLANKS = (b"\t", b"\v", b"\f")
_ODD_BLANKS = tuple(blank.encode() for blank in ("\u00a0", "\u3000", "\ufeff"))
_OTHER_BLANKS = re.compile(b"\xe2(?:\x80[\x80-\x8b\x8e\x8f\xa8-\xaf]|\x81[\x9f\xa0\xa6-\xa9])")


def fast_table(
    source: Source,
    path: Path,
    header: Header,
    delimiter: str,
    careful: Callable[[], Table],
    *,
    is_known: bool,
) -> Table | None:
    """The fast table, or None when the file's first or last line already asks for care.

    A file that `is_known` was read fast before: its blocks are not searched again.
    """
    if not header.is_first_row or header.width != len(header.names):
        return None
    with path.open("rb") as file:
        first_line = file.readline(LINE_LIMIT)
    start = len(first_line)
    if not _is_one_plain_line(first_line):
        return None
    end, last_line = _ending(path)
    if b"\r" in last_line or (end > start and _reads_as_footer(header, last_line, delimiter)):
        return None
    watch = _Watch({fold(header.names[0]), *source.headers}, delimiter)
    return Table(
        headers=header.names,
        blocks=_blocks(path, start, end, None if is_known else watch),
        delimiter=delimiter,
        numbered=False,
        first_line=2,
        careful=careful,
        has_blanks=lambda: is_known or watch.has_blanks,
    )


def _is_one_plain_line(line: bytes) -> bool:
    return line.endswith(b"\n") and b"\r" not in line[:-2] and line.count(b'"') % 2 == 0


def _ending(path: Path) -> tuple[int, bytes]:
    """Where the last line ends that is not blank, and that line."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    text = tail.rstrip(b"\r\n")
    newline = tail[len(text) :].find(b"\n") + 1
    return size - len(tail) + len(text) + newline, text.rsplit(b"\n", 1)[-1]


def _reads_as_footer(header: Header, line: bytes, delimiter: str) -> bool:
    text = line.decode("utf-8", "replace")
    cells = next(csv.reader([text], delimiter=delimiter), [])
    return is_footer(header, cells, apart=True)


def _blocks(path: Path, start: int, end: int, watch: _Watch | None) -> Iterator[bytes]:
    """The bytes from `start` to `end` in blocks of whole lines."""
    with path.open("rb") as file:
        file.seek(start)
        while (left := end - file.tell()) > 0:
            block = file.read(min(_BLOCK, left))
            if len(block) < left and not block.endswith(b"\n"):
                block += file.readline(LINE_LIMIT)
            if watch:
                watch.look_at(block)
            yield block


class _Watch:
    """Searches blocks of whole lines for what COPY would read differently.

    Every pattern begins with one literal byte: that is what makes the search fast.
    """

    def __init__(self, headers: Collection[str], delimiter: str) -> None:
        mark = re.escape(delimiter.encode())
        blank_row = b'["' + _BLANKS + mark + b"]*" + _LINE_END
        ends_copy = rb"\\\."  # the end of the data, to COPY before Postgres 18
        header_row = _header_row(headers, mark)
        self._suspect = re.compile(
            b"\n(?:" + blank_row + b"|" + ends_copy + b"|" + header_row + b")", re.IGNORECASE
        )
        edges, quote = b'\n"' + mark, b'"'
        self._stray_quote = re.compile(
            quote + b"(?:[^\r" + edges + b"]|(?<=[^" + edges + b"]" + quote + b"))"
        )
        self._blank = re.compile(b" (?:[\r" + edges + b"]|(?<=[" + edges + b"] ))")
        self._has_tabs = delimiter == "\t"
        self.has_blanks = False

    def look_at(self, block: bytes) -> None:
        """Raise NeedsCare when the block needs care; note whether it has blanks to trim."""
        lines = b"\n" + block + (b"" if block.endswith(b"\n") else b"\n")
        if len(block) > LINE_LIMIT or b"\0" in block or self._suspect.search(lines):
            raise NeedsCare
        if b'"' in block:
            if len(block) > _MOST_QUOTED:  # cut at its quotes it would fill the memory
                raise NeedsCare
            self._look_at_quotes(block)
        self.has_blanks = self.has_blanks or self._may_have_blanks(lines)

    def _look_at_quotes(self, block: bytes) -> None:
        pieces = block.split(b'"')
        quoted, outside = b"".join(pieces[1::2]), b'"'.join(pieces[::2])
        if len(pieces) % 2 == 0 or b"\n" in quoted or b"\r" in quoted:
            raise NeedsCare
        if self._stray_quote.search(outside):
            raise NeedsCare

    def _may_have_blanks(self, lines: bytes) -> bool:
        """Whether a cell may begin or end with a blank; any but the plain one counts anywhere."""
        plain = _PLAIN_BLANKS[1:] if self._has_tabs else _PLAIN_BLANKS
        if any(blank in lines for blank in plain) or self._blank.search(lines):
            return True
        if lines.isascii():
            return False
        return any(blank in lines for blank in _ODD_BLANKS) or bool(_OTHER_BLANKS.search(lines))


def _header_row(headers: Collection[str], mark: bytes) -> bytes:
    """A pattern for rows that begin with one of the folded headers, in any spelling."""
    gap = b"[_" + _BLANKS + b"]+"
    spelled = (gap.join(map(re.escape, header.encode().split())) for header in headers)
    around = b'[_"' + _BLANKS + b"]*"
    return (
        around
        + b"(?:"
        + b"|".join(spelled)
        + b")"
        + around
        + b"(?:"
        + mark
        + b"|"
        + _LINE_END
        + b")"
    )
