"""What a figure is about: its metric, measure and sector, by the words around it."""

from __future__ import annotations

import re

from utpadan.claims.claim import Measure
from utpadan.claims.figures import Figure
from utpadan.claims.line import Line, first_after, last_before
from utpadan.claims.metrics import FLOWS, OTHER, Mention, counted
from utpadan.claims.sectors import PLACED, TOTAL, has_pronoun

_COUNTS = frozenset({"export_authorisations", "exporters", "licences", "mous", "jobs"})
_OF_PERCENT = frozenset(
    {"production", "exports", "imports", "turnover", "capital_domestic"}
    | {"export_authorisations", "exporters"}
)
_OF_SECTORS = frozenset(
    {"production", "exports", "turnover", "capital_domestic", "items_indigenised"}
)
_SHARED = frozenset({"production", "exports"})

_NEAR = 300
"""Characters before a percentage in which the word that explains it stands."""
_COMPARED = re.compile(
    r"\b(?:from|to|against|than|after|above|over|with|at|were|was|number|reached)\s(?:the\s)?$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\s*(?:(?:in|of|worth of|as)\s(?:the\s|defence\s){0,2}|"
    r"(?:(?:have|has|had|were|was|is|are)\s)?(?:been\s)?)",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\s*(?:of|at|is|was|worth)?(?:\s[a-z ]{0,14})?", re.IGNORECASE)
_WHOLE = re.compile(r"(?:per\s?cent|%)\s(?:of|to)\s(?:the|a)\s(?:total\s)?$", re.IGNORECASE)
_BY_WHOM = re.compile(r"\s*(?:\w+\s){0,10}(?:from|by)\s(?:the\s)?", re.IGNORECASE)

_GROWTH_BEHIND = re.compile(
    r"\s*(?:(?:more|above|higher|over|increase|growth|rise|jump|up)|"
    r"(?P<decline>decline|decrease|fall|drop|lower|less|below))\b",
    re.IGNORECASE,
)
_SHARE_BEHIND = re.compile(r"\s*(?:of|to)\s(?:the\s)?(?!last|previous)\S|\s*share\b", re.I)
_CUES = re.compile(
    r"\b(?:(?P<growth>gr[oe]w\w*|increas\w*|ris(?:e|es|en|ing)|rose|up|jump\w*|surg\w+|leap\w*|"
    r"leapt|climb\w*|higher|gain\w*)|(?P<decline>declin\w*|fell|fall\w*|down|slip\w*|dip\w*|"
    r"drop\w*|shrank|shrunk|decreas\w*|reduc\w*)|"
    r"(?P<share>shares?|account\w*|contribut\w*|brought|remaining|earmarked|made))\b",
    re.IGNORECASE,
)
_SHARE_MOVES = re.compile(r"\bshares?\b(?!.*\bby\s*$)", re.IGNORECASE)


def metric_of(line: Line, place: int) -> str | None:
    """The metric of a figure; None for a figure about something else."""
    figure = line.figures[place]
    if figure.unit == "count":
        return _counted(line, place, figure)
    found = _of_amount(line, place, figure)
    if found is None:
        told = line.told.metric
        found = told if told in FLOWS and not line.mentions else None
    if found == OTHER or (figure.unit == "percent" and found not in _OF_PERCENT):
        return None
    return found


def measure_of(line: Line, place: int, metric: str) -> Measure | None:
    """Value or count by the unit; a percentage is a growth or a share, or nothing we know."""
    figure = line.figures[place]
    if figure.unit != "percent":
        return "count" if figure.unit == "count" else "value"
    if metric == "capital_domestic":
        return "share"
    measure = _by_cue(line, place)
    if measure == "share" and (metric not in _SHARED or sector_of(line, place, metric) == TOTAL):
        return None
    return measure


def sector_of(line: Line, place: int, metric: str) -> str:
    """Who the figure is about: a sector, one company or a corridor; else the total."""
    if metric in PLACED:
        return _place_of(line, place) if line.is_of_corridors else TOTAL
    figure = line.figures[place]
    if metric not in _OF_SECTORS or _WHOLE.search(line.text[: figure.start]):
        return TOTAL
    behind = first_after(line.sectors, figure.end, line.end(place))
    if behind and _BY_WHOM.fullmatch(line.text, figure.end, behind.start):
        return behind.name
    begin, _ = line.clause(place)
    found = last_before(line.sectors, begin, figure.start)
    if found:
        return found.name
    return line.told.sector if not line.sectors and has_pronoun(line.text) else TOTAL


def _counted(line: Line, place: int, figure: Figure) -> str | None:
    """By the noun behind the count, or by the count it is compared with."""
    metric = counted(line.text[figure.end : figure.end + 120], line.text)
    if figure.is_ordinal:
        return metric if metric == "contracts" else None
    if metric or not figure.is_bare or not _COMPARED.search(line.text[: figure.start]):
        return metric
    if 1900 <= figure.value < 2100 and "," not in figure.text:
        return None
    read = [name for name in line.metrics if name in _COUNTS]
    if read:
        return read[-1]
    named = [mention for mention in line.mentions if mention.name in _COUNTS]
    found = last_before(named, 0, figure.start)
    return found.name if found else None


def _of_amount(line: Line, place: int, figure: Figure) -> str | None:
    """By the words right beside the amount, else the nearest before it, else behind it."""
    apart = _COUNTS if figure.unit != "percent" else frozenset({"mous", "jobs"})
    named = [mention for mention in line.mentions if mention.name not in apart]
    begin, end = line.clause(place)
    before = last_before(named, begin, figure.start)
    behind = first_after(named, figure.end, line.end(place))
    kept = any(mention.name == "capital_domestic" for mention in named)
    if kept and (figure.unit == "percent" or not _is_right_before(line, before, figure)):
        return "capital_domestic"
    if behind and _BEHIND.fullmatch(line.text, figure.end, behind.start):
        return behind.name
    found = before or behind or first_after(named, figure.end, end)
    found = found or last_before(named, 0, figure.start)
    return found.name if found else None


def _is_right_before(line: Line, mention: Mention | None, figure: Figure) -> bool:
    return mention is not None and bool(_BEFORE.fullmatch(line.text, mention.end, figure.start))


def is_decline(line: Line, place: int) -> bool:
    """Whether a growth is told as its contrary: "fell by 3 per cent", "3 per cent less"."""
    behind = _GROWTH_BEHIND.match(line.after(place))
    if behind:
        return bool(behind["decline"])
    cue = _last_cue(line, place)
    return cue is not None and bool(cue["decline"])


def _by_cue(line: Line, place: int) -> Measure | None:
    after = line.after(place)
    if _GROWTH_BEHIND.match(after):
        return "growth"
    if _SHARE_BEHIND.match(after):
        return "share"
    if _SHARE_MOVES.search(_said_before(line, place)):
        return "share"
    cue = _last_cue(line, place)
    if cue is None:
        return None
    return "share" if cue["share"] else "growth"


def _last_cue(line: Line, place: int) -> re.Match[str] | None:
    cues = list(_CUES.finditer(_said_before(line, place)))
    return cues[-1] if cues else None


def _said_before(line: Line, place: int) -> str:
    """The figure's clause up to it, as far as it matters."""
    begin, _ = line.clause(place)
    start = line.figures[place].start
    return line.text[max(begin, start - _NEAR) : start]


def _place_of(line: Line, place: int) -> str:
    figure = line.figures[place]
    found = last_before(line.places, 0, figure.start)
    found = found or first_after(line.places, figure.end, len(line.text))
    return found.name if found else line.told.place
