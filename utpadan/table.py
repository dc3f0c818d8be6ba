"""What parsing hands to loading: records ready for COPY, and how reading can fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLANKS = (
    " \t\n\v\f\r\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069"
    "\u3000\ufeff"
)
"""What does not count at the ends of a cell: blanks of all widths, none included, and the marks
that only turn the direction of writing."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def visible(text: str) -> str:
    """The text with what a terminal would obey or nobody could see spelled out: \\x1b, \\u202e.

    The joiners U+200C and U+200D stay, for Indian scripts are written with them.
    """
    return _UNSEEN.sub(lambda found: spelled_out(found.group()), text)


def spelled_out(character: str) -> str:
    """One character as its number; a byte that could not be decoded as that byte."""
    code = ord(character)
    if code < 0x100 or 0xDC80 <= code <= 0xDCFF:  # as "surrogateescape" keeps a byte
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}"


class ParseError(ValueError):
    """A delivery that cannot be read; the message names file, line, cause and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


class NeedsCare(Exception):
    """Raised while a fast reading runs: the delivery has something that needs `careful`."""


@dataclass(frozen=True)
class Table:
    """One delivery as CSV records for COPY.

    `headers` are the column names as sent; `blocks` UTF-8 CSV without a header record, in which an
    empty cell is null. When `numbered`, each record starts with two more cells: its line in the
    file and the structural fault (empty for none); otherwise record *i* is on line
    `first_line + i`. `careful` reads the same delivery again with more care, should COPY refuse
    the fast reading or `blocks` raise NeedsCare. `has_blanks` says, once `blocks` is used up,
    whether a cell may start or end with a blank.

    A difference has only the rows that the delivery before had not; `gone` are those which that one
    had and this has not, `kept` the number of rows that both have.
    """

    headers: tuple[str, ...]
    blocks: Iterator[bytes]
    delimiter: str = ","
    numbered: bool = True
    first_line: int = 1
    careful: Callable[[], Table] | None = None
    has_blanks: Callable[[], bool] = lambda: True
    gone: Table | None = None
    kept: int = 0
