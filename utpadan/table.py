"""What parsing hands to loading: records ready for COPY, and how reading can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


class ParseError(ValueError):
    """A delivery that cannot be read; the message names file, line, cause and what to do."""


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
