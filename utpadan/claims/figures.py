"""Figures in a sentence: the Indian ways of writing numbers → value, unit and step.

`Rs 1,50,590 crore`, `₹1.27 lakh crore`, `1.5 trillion rupees`, `US $2.63 billion`, `16.92%`,
`450+`, `1.2–1.5 lakh crore`, `350th`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from utpadan.claims.claim import Unit

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{2,3}){1,6}|[0-9]{1,15})(?:\.[0-9]{1,6})?"
_CURRENCY = r"(?:Rs\b\.?|INR\b|₹|Rupees\b|US\s?\$|USD\b|\$)"
_SCALE = (
    r"lakh[\s-]?(?:crores?|cr\b)|thousand[\s-]crores?|crores?\b|cr\b|lakhs?\b|trillion\b|tn\b|"
    r"billion\b|bn\b|million\b|mn\b|per\s?cent\b|percent\b|percentage\spoints?\b|%"
)
_FIGURE = re.compile(
    rf"""(?<![\w.,/:#-])
    (?P<currency>{_CURRENCY}\s?)?
    (?P<low>(?!0[0-9]){_NUMBER})
    (?:\s?(?P<link>[-–—]|\bto\b|\band\b)\s?(?:{_CURRENCY}\s?)?(?P<high>{_NUMBER}))?
    (?P<ordinal>(?:st|nd|rd|th)\b)?
    (?P<plus>\+)?
    (?:[\s-]?(?P<scale>{_SCALE}))?
    (?P<rupees>\srupees\b)?
    (?![\w/]|[-–:][0-9]|[,.][0-9])""",
    re.VERBOSE | re.IGNORECASE,
)
_LAKH = Decimal(100_000)
_CRORE = Decimal(10_000_000)
_SCALES = {
    "lakhcrore": _LAKH * _CRORE,
    "thousandcrore": 1000 * _CRORE,
    "crore": _CRORE,
    "lakh": _LAKH,
    "trillion": Decimal(10) ** 12,
    "billion": Decimal(10) ** 9,
    "million": Decimal(10) ** 6,
}
_SHORT = {"cr": "crore", "tn": "trillion", "bn": "billion", "mn": "million"}
_COUNTED = re.compile(r"\s+(?:\w+\s+)?(?:jobs|people|persons|units|items|msmes)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure between `start` and `end` of its sentence; `step` is the unit of its last digit.

    `zeros` counts the zeros at the end of a whole number: one alone is taken for rounding only
    where the text says "about". A bare figure has neither currency nor scale nor percent sign.
    """

    start: int
    end: int
    text: str
    unit: Unit
    value: Decimal
    high: Decimal | None
    step: Decimal
    zeros: int
    has_plus: bool
    is_ordinal: bool
    is_bare: bool

    def half_unit(self, *, is_hedged: bool) -> Decimal:
        """Half of the last digit stated; zeros at the end round when hedged or two or more."""
        rounded = self.zeros if is_hedged or self.zeros >= 2 else 0
        return self.step.scaleb(rounded) / 2


def figures(text: str) -> Iterator[Figure]:
    """The figures of a sentence, from left to right."""
    position = 0
    while found := _FIGURE.search(text, position):
        if found["high"] and not _is_range(text, found):
            low = _FIGURE.fullmatch(text, found.start(), found.end("low"))
            end = _end_of_first(text, found)
            found = _FIGURE.match(text, found.start(), end) or low
        if found is None:
            return
        yield _figure(text, found)
        position = found.end()


def _is_range(text: str, found: re.Match[str]) -> bool:
    """`1.2–1.5 lakh crore`, `20,000 to 25,000 crore`, `between 20 and 25 crore`."""
    before = text[max(0, found.start() - 9) : found.start()].lower()
    link = found["link"].lower()
    rises = _number(found["low"]) < _number(found["high"])
    if link == "and":
        return rises and before.endswith("between ")
    if link == "to":
        return rises and bool(found["scale"]) and not before.endswith("from ")
    return rises


def _end_of_first(text: str, found: re.Match[str]) -> int:
    return found.start("link") - (1 if text[found.start("link") - 1].isspace() else 0)


def _figure(text: str, found: re.Match[str]) -> Figure:
    scale_word = _scale_word(found["scale"])
    scale = _SCALES.get(scale_word, Decimal(1))
    whole, _, fraction = found["high" if found["high"] else "low"].replace(",", "").partition(".")
    is_exact = bool(fraction or found["ordinal"])
    zeros = 0 if is_exact else len(whole) - len(whole.rstrip("0"))
    return Figure(
        start=found.start(),
        end=found.end(),
        text=found.group().strip(),
        unit=_unit(text, found, scale_word),
        value=_number(found["low"]) * scale,
        high=_number(found["high"]) * scale if found["high"] else None,
        step=Decimal(1).scaleb(-len(fraction)) * scale,
        zeros=zeros,
        has_plus=bool(found["plus"]),
        is_ordinal=bool(found["ordinal"]),
        is_bare=not (found["currency"] or found["scale"] or found["rupees"]),
    )


def _unit(text: str, found: re.Match[str], scale: str) -> Unit:
    currency = (found["currency"] or "").lower()
    if "$" in currency or "usd" in currency:
        return "USD"
    if currency or found["rupees"]:
        return "INR"
    if scale == "percent":
        return "percent"
    if scale.endswith("crore") and not _COUNTED.match(text, found.end()):
        return "INR"
    return "count"


def _scale_word(stated: str | None) -> str:
    """The scale in one spelling: lakhcrore, crore, percent and so on; "" when there is none."""
    word = re.sub(r"[\s-]", "", (stated or "").lower())
    if word == "%" or word.startswith("percent"):
        return "percent"
    word = word.removesuffix("s")
    word = word + "ore" if word == "lakhcr" else word
    return _SHORT.get(word, word)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
