"""Which of a sentence's periods a figure belongs to."""

from __future__ import annotations

import re

from utpadan.claims.claim import Measure
from utpadan.claims.line import Line
from utpadan.claims.metrics import FLOWS
from utpadan.claims.periods import Period

_BREAK = re.compile(
    r"[,;:]|\b(?:and|after|against|while|whereas|compared|versus|but|up from)\b", re.IGNORECASE
)
_BASE = re.compile(r"\b(?:over|than|from|compared|above|against|of)\b", re.IGNORECASE)
_COMPARISON = re.compile(
    r"\b(?:against|compared (?:to|with)|than|(?:up|down) from|times|twice|above)\b"
    r"(?:[^,;]|,(?=[0-9]))*$",
    re.IGNORECASE,
)
_NEAR = 120
"""Characters within which a comparison must be told."""
_FROM = re.compile(r"\bfrom\s*$", re.IGNORECASE)
_TO = re.compile(r"\bto\s*$", re.IGNORECASE)


def period_of(line: Line, place: int, metric: str, measure: Measure) -> str | None:
    """The period right behind the figure, else the last before it, else the only one there is.

    A sentence without periods goes on with the period told before, where the metric is counted
    by the year. The first figure of "from 21% to 23%" has none.
    """
    behind = _behind(line, place, measure)
    if behind:
        return behind.label
    if _is_start_of_change(line, place):
        return None
    figure = line.figures[place]
    own = [period for period in line.periods if not is_compared(line, period)]
    if measure == "growth":
        own = [period for period in own if not period.is_before]
    earlier = [period for period in own if period.end <= figure.start]
    if earlier:
        return earlier[-1].label
    later = [
        period
        for period in own
        if not period.is_before and not _is_base(line, place, measure, period)
    ]
    if len(later) == 1:
        return later[0].label
    return line.told.period if not later and metric in FLOWS else None


def is_compared(line: Line, period: Period) -> bool:
    """Whether a period is only there to be compared with: "against Rs 100 crore in 2023-24"."""
    return bool(_COMPARISON.search(line.text[max(0, period.start - _NEAR) : period.start]))


def _behind(line: Line, place: int, measure: Measure) -> Period | None:
    figure, end = line.figures[place], line.end(place)
    for period in line.periods:
        if figure.end <= period.start < end:
            between = line.text[figure.end : period.start]
            is_own = not _BREAK.search(between) and not _is_base(line, place, measure, period)
            is_own = is_own and not (measure == "growth" and period.is_before)
            return period if is_own else None
    return None


def _is_base(line: Line, place: int, measure: Measure, period: Period) -> bool:
    """Whether the period is the one a growth is measured from: "18 per cent over 2023-24"."""
    between = line.text[line.figures[place].end : period.start]
    return measure == "growth" and bool(_BASE.search(between))


def _is_start_of_change(line: Line, place: int) -> bool:
    if place + 1 >= len(line.figures):
        return False
    return bool(_FROM.search(line.before(place)) and _TO.search(line.before(place + 1)))
