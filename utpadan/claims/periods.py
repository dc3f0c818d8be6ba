"""Fiscal years and periods in a sentence, as the warehouse writes them.

`FY 2024-25`, `FY25`, `2024–25`, `financial year 2024-25` → `2024-25`; quarters and half-years
→ `2024-25 Q1`, `2024-25 H1`; `April to June 2024` → `2024-25 Q1`; `by 2029` → `2029`;
`since 2014` stays itself. Words such as "last fiscal" count from the day of publication, "the
year before" from the year told last; without either they are a period nobody can name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

_YEAR = r"(?:19|20)[0-9]{2}"
_FY_WORDS = r"(?:F\.?Y\.?|financial\syear|fiscal(?:\syear)?|the\syear)"
_FISCAL = re.compile(
    rf"(?<![\w/.,-])(?:{_FY_WORDS}\s?)?'?({_YEAR})\s?[-–—/]\s?((?:19|20)?[0-9]{{2}})(?![\w/-])",
    re.IGNORECASE,
)
_ENDING = re.compile(
    rf"\b(?:FY\s?['\u2019]?|fiscal(?:\syear)?\s|financial\syear\s)({_YEAR}|[0-9]{{2}})\b(?![-–—/][0-9])",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    rf"\b(April|July|October|January)\s?(?:-|–|to|and)\s?(June|September|December|March)"
    rf"(?:\squarter)?(?:\sof)?,?\s?({_YEAR})\b(?![-–—/][0-9])",
    re.IGNORECASE,
)
_SINCE = re.compile(rf"\bsince\s(?:[A-Z][a-z]+\s)?({_YEAR})\b(?![-–—/][0-9])", re.IGNORECASE)
_CALENDAR = re.compile(
    rf"\b(?:by|in|during|for|of)\s(?:the\s)?(?:calendar\s)?(?:year\s)?({_YEAR})\b(?![-–—/,][0-9])",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:(first|second|third|fourth)[\s-](quarter|half)|([QH])([1-4]))"
    r"(?:\s(?:of|in|for))?(?:\sthe)?(?:\s|-)?(?=$)",
    re.IGNORECASE,
)
_PART_ALONE = re.compile(
    r"\b(?:(first|second|third|fourth)[\s-](quarter|half)|([QH])([1-4]))\b", re.IGNORECASE
)
_SAME_PART = re.compile(r"\bsame\s(?:quarter|half|period)\sof\s(?:the\s)?(?=$)", re.IGNORECASE)
_FROM_PUBLICATION = re.compile(
    r"\b(?:(last|just ended)|(current|this|ongoing|running))\s(?:financial\s|fiscal\s)?"
    r"(?:fiscal|year)\b",
    re.IGNORECASE,
)
_FROM_CONTEXT = re.compile(
    r"\b(?:previous|preceding|prior)\s(?:financial\s|fiscal\s)?(?:fiscal|year)\b|"
    r"\byear\s(?:before|ago|earlier)\b|\byear-ago\b|\b(?:a\s|one\s)?(year\slater|year\safter)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(
    rf"\b\w+\syears\s(?:from|since|starting|beginning)\s(?:with\s|in\s)?{_YEAR}(?:-[0-9]{{2}})?|"
    r"\b\w+\syears\s(?:before|earlier|ago)\b|\b(?:over|within|in)\s\w+\syears\b",
    re.IGNORECASE,
)
_MONTH_OF = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\s$"
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_MONTH_SPANS = {
    ("april", "june"): "Q1",
    ("july", "september"): "Q2",
    ("october", "december"): "Q3",
    ("january", "march"): "Q4",
    ("april", "september"): "H1",
    ("october", "march"): "H2",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A period named between `start` and `end` of a sentence; without `label` it is unknown.

    `is_before` marks one named only by what it came before: "the previous year".
    """

    start: int
    end: int
    label: str | None
    is_before: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention before it is counted out: a label, or years from publication or from context."""

    start: int
    end: int
    label: str | None = None
    from_publication: int | None = None
    from_context: int | None = None
    part: str = ""
    same_part: bool = False


def fiscal_year(first: int) -> str:
    """The label of the fiscal year that begins in April of that year."""
    return f"{first}-{(first + 1) % 100:02d}"


def periods(text: str, published_on: date | None, context: str | None) -> list[Period]:
    """The periods of a sentence from left to right; `context` is the one told last before it."""
    told = context
    resolved: list[Period] = []
    for found in _spans(text, _with_parts(text, _found(text))):
        label = found.label or _counted(found, published_on, told)
        told = label if label and not label.startswith("since") else told
        resolved.append(Period(found.start, found.end, label, found.from_context == -1))
    return resolved


def _found(text: str) -> list[_Found]:
    every = sorted(_mentions(text), key=lambda found: (found.start, -found.end))
    kept: list[_Found] = []
    for found in every:
        if not kept or found.start >= kept[-1].end:
            kept.append(found)
    return kept


def _mentions(text: str) -> Iterator[_Found]:
    readers: dict[re.Pattern[str], Callable[[re.Match[str]], _Found | None]] = {
        _YEARS: lambda m: _Found(*m.span()),
        _FISCAL: _stated,
        _ENDING: _ending,
        _MONTHS: _months,
        _SINCE: lambda m: _Found(*m.span(), label=f"since {m[1]}"),
        _CALENDAR: lambda m: _Found(*m.span(1), label=m[1]),
        _FROM_PUBLICATION: _from_publication,
        _FROM_CONTEXT: lambda m: _Found(*m.span(), from_context=1 if m[1] else -1),
    }
    for pattern, reader in readers.items():
        for match in pattern.finditer(text):
            found = reader(match)
            if found:
                yield found


def _from_publication(match: re.Match[str]) -> _Found | None:
    if _MONTH_OF.search(match.string, max(0, match.start() - 12), match.start()):
        return None
    return _Found(*match.span(), from_publication=-1 if match[1] else 0)


def _stated(match: re.Match[str]) -> _Found | None:
    first, second = int(match[1]), int(match[2])
    if (first + 1) % 100 != second % 100 or (second > 99 and second != first + 1):
        return None
    return _Found(*match.span(), label=fiscal_year(first))


def _ending(match: re.Match[str]) -> _Found:
    last = int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1])
    return _Found(*match.span(), label=fiscal_year(last - 1))


def _months(match: re.Match[str]) -> _Found | None:
    part = _MONTH_SPANS.get((match[1].lower(), match[2].lower()))
    if part is None:
        return None
    year = int(match[3]) - (1 if part in ("Q4", "H2") else 0)
    return _Found(*match.span(), label=f"{fiscal_year(year)} {part}")


def _with_parts(text: str, mentions: list[_Found]) -> list[_Found]:
    """Quarters and half-years joined to the year behind them; those alone are of the context."""
    joined: list[_Found] = []
    for found in mentions:
        before = text[max(0, found.start - 40) : found.start]
        part, same = _PART.search(before), _SAME_PART.search(before)
        if part and not (found.label and " " in found.label):
            label = f"{found.label} {_part(part)}" if found.label else None
            begin = found.start - len(before) + part.start()
            found = replace(found, start=begin, label=label, part=_part(part))
        elif same:
            begin = found.start - len(before) + same.start()
            found = replace(found, start=begin, same_part=True)
        joined.append(found)
    for match in _PART_ALONE.finditer(text):
        if not any(found.start <= match.start() < found.end for found in joined):
            joined.append(_Found(*match.span(), from_context=0, part=_part(match)))
    return sorted(joined, key=lambda found: found.start)


def _part(match: re.Match[str]) -> str:
    if match[3]:
        return f"{match[3].upper()}{match[4]}"
    return f"{match[2][0].upper()}{_ORDINALS[match[1].lower()]}"


def _spans(text: str, mentions: list[_Found]) -> Iterator[_Found]:
    """`2004-05 to 2013-14` is one period of several years."""
    pending: _Found | None = None
    for found in mentions:
        if pending and pending.label and found.label and _joins(text, pending, found):
            pending = replace(pending, end=found.end, label=f"{pending.label} to {found.label}")
            continue
        if pending:
            yield pending
        pending = found
    if pending:
        yield pending


def _joins(text: str, first: _Found, second: _Found) -> bool:
    between = text[first.end : second.start].strip().lower()
    if between in ("to", "till", "until", "through", "–", "—"):
        return True
    return between == "and" and text[: first.start].rstrip().lower().endswith("between")


def _counted(found: _Found, published_on: date | None, told: str | None) -> str | None:
    """The label of a period counted from the day of publication or from the one told last."""
    published = _fiscal_year_of(published_on) if published_on else None
    if found.from_publication is not None:
        first = None if published is None else published + found.from_publication
        return None if first is None else _labelled(fiscal_year(first), found.part)
    match = re.match(rf"({_YEAR})-[0-9]{{2}}(?: ([QH][1-4]))?$", told or "")
    shift = found.from_context
    if shift is None:
        return None
    if match:
        part = found.part or (match[2] or "" if found.same_part else "")
        return _labelled(fiscal_year(int(match[1]) + shift), part)
    return None if published is None else _labelled(fiscal_year(published + shift), found.part)


def _labelled(label: str, part: str) -> str:
    return f"{label} {part}" if part else label


def _fiscal_year_of(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1
