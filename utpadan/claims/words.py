"""Words beside a figure that bound it or say how firm it is."""

from __future__ import annotations

import re

from utpadan.claims.claim import Bound, Status

_BOUNDS: tuple[tuple[Bound, str], ...] = (
    (
        "upper",
        r"(?<!add )(?<!adds )(?<!added )(?<!adding )up\s?to|less than|fewer than|not more than|"
        r"no more than|at most|under|below|within",
    ),
    (
        "lower",
        r"(?<!hand )(?<!hands )(?<!handed )(?<!taken )over|more than|above|in excess of|"
        r"exceed(?:s|ed|ing)?|cross(?:es|ed|ing)?|past|beyond|surpass(?:es|ed|ing)?|at least|"
        r"not less than|no less than|upwards of|minimum of",
    ),
    (
        "approximate",
        r"about|around|nearly|almost|roughly|approximately|approx\.?|close to|some|an estimated|"
        r"in the region of|~",
    ),
)
_BEFORE = {
    bound: re.compile(rf"(?:^|(?<=[\s(]))(?:{words})\s*$", re.IGNORECASE)
    for bound, words in _BOUNDS
}
_REACH = 24
"""Characters before a figure in which its bound word stands."""

_STATUSES: tuple[tuple[Status, str], ...] = (
    ("provisional", r"provisional(?:ly)?"),
    ("final", r"finali[sz]ed|final figures?|audited"),
    (
        "target",
        r"targets?|targeted|targeting|goals?|aims?|aimed|aiming|ambition|aspires?|means to|"
        r"intends? to|plans? to|seeks? to|looks for|vision",
    ),
    (
        "expected",
        r"expect(?:s|ed)?|expectation|likely|poised|projected|projection|should|hopes?|would|"
        r"could|may|set to|slated|potential to|to go",
    ),
    ("estimated", r"estimates?|estimated"),
)
_STATUS = {status: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for status, words in _STATUSES}
_PROVISIONAL_AFTER = re.compile(r"[^;.]{0,30}?\b(provisional(?:ly)?)\b", re.IGNORECASE)
_PART_YEAR = re.compile(
    r"\b(so far|till date|till now|to date|(?:till|until|up to|upto|by) "
    r"(?:now|(?:the end of )?(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)))\b",
    re.IGNORECASE,
)
_OTHER_THOUGHT = re.compile(r"[,;:]|\b(?:against|while|and|compared|from|after)\b", re.IGNORECASE)


def bound_before(text: str) -> tuple[Bound, str]:
    """What the words at the end of `text`, just before a figure, make of it, and the words."""
    near = text[-_REACH:]
    for bound, pattern in _BEFORE.items():
        found = pattern.search(near)
        if found:
            return bound, found.group().strip()
    return "exact", ""


def status_of(before: str, after: str) -> tuple[Status, str]:
    """How firm a figure is by the words of its own part of the sentence, and the words."""
    found = _PROVISIONAL_AFTER.match(after)
    if found:
        return "provisional", found.group(1)
    for part in (_OTHER_THOUGHT.split(before)[-1], _OTHER_THOUGHT.split(after, maxsplit=1)[0]):
        for status, pattern in _STATUS.items():
            word = pattern.search(part)
            if word:
                return status, word.group()
    return "stated", ""


def part_year(sentence: str) -> str:
    """The words by which a sentence counts only a part of the year; "" when there are none."""
    found = _PART_YEAR.search(sentence)
    return found.group() if found else ""
