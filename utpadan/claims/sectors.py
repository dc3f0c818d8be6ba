"""Who a figure is about: a sector, one company, or a corridor."""

from __future__ import annotations

import re

from utpadan.claims.metrics import Mention

TOTAL, COMPANY = "total", "company"

_SECTORS: tuple[tuple[str, str], ...] = (
    (TOTAL, r"public and private|overall|total (?=exports|production|output)|the country|in all"),
    (
        "dpsu_and_other_psu",
        r"(?:DPSUs?|defence undertakings) and (?:the )?other (?:PSUs?|public (?:sector )?"
        r"undertakings)|public sector undertakings together",
    ),
    ("other_psu", r"other (?:PSUs?|public (?:sector )?undertakings)"),
    (
        "dpsu",
        r"DPSUs?|(?:defence (?:public sector )?|the )undertakings|public sector(?: undertakings)?",
    ),
    (
        "private",
        r"private (?:sector|industry|companies|firms|players|enterprises|defence \w+)",
    ),
)
_SECTOR = tuple(
    (sector, re.compile(rf"\b(?:{words})", re.IGNORECASE)) for sector, words in _SECTORS
)
_COMPANY = re.compile(
    r"\b(?:[A-Z][\w&.-]{0,30} ){1,5}(?:Limited|Ltd|Pvt|Nigam|Shipyard|Dockyard)\b|"
    r"\b(?:HAL|BEL|BDL|BEML|MIL|AVNL|IOL|AWEIL|YIL|TCL|GIL|GRSE|GSL|HSL|MDL|MIDHANI)\b|"
    r"\bBharat (?:Dynamics|Electronics)\b|\bHindustan Aeronautics\b|\bMunitions India\b|"
    r"\b(?:Garden Reach|Goa Shipyard|Mazagon Dock|Armoured Vehicles Nigam|India Optel)\b|"
    r"\bthe company\b"
)
_PRONOUN = re.compile(r"\b(?:its|their|theirs)\b", re.IGNORECASE)

_UP = r"Uttar Pradesh|UPDIC|UPEIDA"
_TN = r"Tamil Nadu|TNDIC|TIDCO"
_PLACES = tuple(
    (place, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for place, words in (
        (
            "BOTH",
            rf"(?:two|both) (?:defence )?(?:industrial )?corridors|(?:{_UP}) and (?:{_TN})|"
            rf"(?:{_TN}) and (?:{_UP})",
        ),
        ("node", r"nodes?(?= (?:in|of|at|has|have)\b)|at the \w+ node|\w+ node"),
        ("UPDIC", _UP),
        ("TNDIC", _TN),
    )
)
IS_CORRIDOR = re.compile(r"\bcorridors?\b|UPDIC|TNDIC|UPEIDA", re.IGNORECASE)
PLACED = frozenset({"investment", "potential_investment", "mous", "jobs"})
"""Metrics whose sector is a corridor, where the text speaks of corridors."""


def sectors(text: str) -> list[Mention]:
    """The sectors and companies named in a sentence, from left to right."""
    found = [Mention(*m.span(), name) for name, words in _SECTOR for m in words.finditer(text)]
    found += [Mention(*m.span(), COMPANY) for m in _COMPANY.finditer(text)]
    return _apart(found)


def places(text: str) -> list[Mention]:
    """The corridors named in a sentence, from left to right."""
    return _apart(
        [Mention(*m.span(), name) for name, words in _PLACES for m in words.finditer(text)]
    )


def has_pronoun(text: str) -> bool:
    """Whether a sentence speaks of the one before as "its" or "their"."""
    return bool(_PRONOUN.search(text))


def _apart(found: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda mention: (mention.start, -mention.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept
