"""Text → sentences with their offsets, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_END = re.compile(r"""\n[^\S\n]*\n|[.!?]["'\u201d\u2019)]?(?=\s+["'\u201c\u2018(]?[A-Z0-9₹])""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:Rs|No|Nos|Dr|Mr|Mrs|Ms|Shri|Smt|Lt|Gen|Col|Maj|Adm|Prof|St|approx|cr|Co|vs|"
    r"i\.e|e\.g|[A-Z])$"
)
_LONGEST = 2000
"""Characters; what runs on for longer is no sentence and is cut."""


class Sentence(NamedTuple):
    """A sentence as it stands in the text, and where it begins."""

    text: str
    offset: int


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences in order; a blank line ends one too. None of them is blank."""
    begin = 0
    for end in _END.finditer(text):
        if end.group().startswith(".") and _ABBREVIATION.search(
            text, max(begin, end.start() - 8), end.start()
        ):
            continue
        yield from _pieces(text, begin, end.end())
        begin = end.end()
    yield from _pieces(text, begin, len(text))


def _pieces(text: str, begin: int, end: int) -> Iterator[Sentence]:
    for start in range(begin, end, _LONGEST):
        piece = text[start : min(start + _LONGEST, end)]
        stripped = piece.strip()
        if stripped:
            yield Sentence(stripped, start + piece.index(stripped[0]))
