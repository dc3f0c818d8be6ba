"""The words that name a metric or a sector, and which of them a figure belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

METRICS: dict[str, str] = {
    "production": "Value of defence production, its growth, and shares in it.",
    "exports": "Value of defence exports, its growth, and shares in it.",
    "imports": "Defence procurement from abroad.",
    "defence_budget": "Budget of the Ministry of Defence.",
    "capital_outlay": "Capital outlay of the defence budget.",
    "capital_acquisition": "Capital acquisition (modernisation) budget.",
    "capital_domestic": "Part of the capital acquisition budget kept for domestic industry.",
    "fdi": "Foreign direct investment in the defence sector.",
    "investment": "Investment made (in corridors and states).",
    "potential_investment": "Investment promised, proposed or announced.",
    "turnover": "Turnover of a company.",
    "export_authorisations": "Export authorisations issued.",
    "exporters": "Companies that export.",
    "destinations": "Countries supplied.",
    "licences": "Industrial licences given for defence production.",
    "licensed_companies": "Companies that hold such licences.",
    "msmes": "Micro, small and medium enterprises in the sector.",
    "startups": "Start-ups in the sector or engaged by its programmes.",
    "mous": "Memoranda of understanding signed.",
    "jobs": "Jobs created or promised.",
    "items_listed": "Items on positive indigenisation lists.",
    "items_indigenised": "Items indigenised.",
    "contracts": "iDEX contracts signed.",
    "transfers": "Licences for the transfer of technology.",
    "meetings": "Business-to-government and business-to-business meetings held.",
}
"""Every metric a claim can have."""

FLOWS = frozenset(
    {
        *("production", "exports", "imports", "defence_budget", "capital_outlay", "turnover"),
        *("capital_acquisition", "capital_domestic", "fdi", "export_authorisations"),
    }
)
"""Metrics of a period: a sentence that names none goes on with the one told before."""

OTHER = ""
"""What is named here is money of another kind: no metric of ours."""

_NAMES: tuple[tuple[str, str], ...] = (
    (
        OTHER,
        r"order\s?book|orders? (?:worth|of|valued)|contracts? (?:worth|of|valued)|cost(?:s|ing)?|"
        r"priced?|prices|profits?|import substitut\w+|imports? (?:worth|saved)|saving imports|"
        r"net worth|grants?|revenue|licence fees?|scheme|savings?|valued? addition|loans?|"
        r"procurement (?:from (?:domestic|MSMEs?|GeM)|contracts?)",
    ),
    ("imports", r"imports?|procure(?:ment|d) from abroad|foreign procurement|imported"),
    (
        "capital_domestic",
        r"domestic (?:private )?(?:defence )?industr(?:y|ies)|domestic procurement|"
        r"domestic sources|domestic vendors",
    ),
    ("capital_acquisition", r"capital acquisition(?: budget)?|moderni[sz]ation (?:budget|fund)"),
    ("capital_outlay", r"capital (?:outlay|expenditure|head|budget)"),
    (
        "defence_budget",
        r"(?:defence|union) budget|budget(?:ary)? allocation|allocat(?:ed|ion) to the ministry",
    ),
    (
        "fdi",
        r"foreign direct investments?|FDI(?: equity)?(?: inflows?)?",
    ),
    (
        "potential_investment",
        r"potential(?: of)?(?: investments?)?|proposed investments?|proposals(?: of)?|"
        r"agreed to invest|MoUs worth|investment (?:proposals|intent)|"
        r"investments? (?=[^;.]{0,40}\bannounced)",
    ),
    ("investment", r"invest(?:ed|ments?|ing)?|on the ground"),
    ("turnover", r"turnover"),
    ("export_authorisations", r"export authori[sz]ations?"),
    ("exporters", r"number of (?:\w+ )?exporters|number of exporting (?:firms|companies)"),
    ("exports", r"export(?:s|ed|ing|ers)?|(?<!from )abroad|overseas sales"),
    (
        "production",
        r"(?<!of defence )production(?! licen)|defence production|output|produced|turned out|"
        r"ma[dk]e(?=[^;.]{0,60}\b(?:equipment|weapons|platforms|arms)\b)|manufactured",
    ),
    ("licences", r"industrial licen[cs]es|defence licen[cs]es"),
    ("mous", r"MoUs|memorand(?:a|ums) of understanding"),
    ("jobs", r"jobs"),
)
_NAMED = tuple((metric, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for metric, words in _NAMES)
_OFFICES = re.compile(
    r"Departments? of Defence Production|Secretary,? \(?Defence Production\)?|"
    r"Export[- ]Import|Defence Production and Export Promotion Policy",
    re.IGNORECASE,
)

_EXPORTING = r"export|suppl(?:y|ies|ied)|sell|sold|bought|buy"
_COUNTED: tuple[tuple[str, str, str], ...] = (
    ("export_authorisations", r"(?:export )?authori[sz]ations", r"export"),
    ("transfers", r"(?:technology|production) licen[cs]es|licensing agreements", r""),
    ("transfers", r"(?:transfers? of technolog(?:y|ies)|ToTs|technology transfers)", r""),
    ("licences", r"(?:industrial |defence )*licen[cs]es", r"industrial|defence"),
    ("exporters", r"(?:firms|companies|exporters)(?=[^.;,]{0,40}\bexport)|exporters", r""),
    ("licensed_companies", r"(?:licensed )?(?:defence )?(?:companies|firms)", r"licen[cs]e"),
    ("destinations", r"(?:countries|nations|destinations)", _EXPORTING),
    ("msmes", r"(?:micro, )?small and medium enterprises|(?:defence )?M?SMEs", r""),
    ("startups", r"(?:defence )?start-?\s?ups", r""),
    ("mous", r"(?:MoUs?|memorand(?:a|ums) of understanding)", r""),
    ("jobs", r"(?:direct |indirect |new )*jobs", r""),
    ("meetings", r"(?:B2[GB]|B2G and B2B|one-to-one) meetings", r""),
    ("contracts", r"contracts?", r"iDEX"),
    ("items_indigenised", r"(?:have|had|were|are|has) (?:\w+ ){0,2}indigeni[sz]ed", r""),
    (
        "items_indigenised",
        r"(?:items|products)(?=[^.;,]{0,70}\b(?:been|were|already) indigeni[sz]ed)",
        r"",
    ),
    ("items_listed", r"items", r"\blists?\b"),
)
_NOUNS = tuple(
    (
        metric,
        re.compile(rf"\s*(?:(?:defence|Indian|such|new|more|private)\s)?(?:{noun})\b", re.I),
        re.compile(needed, re.IGNORECASE),
    )
    for metric, noun, needed in _COUNTED
)


class Mention(NamedTuple):
    """Words that name a metric, between `start` and `end` of a sentence."""

    start: int
    end: int
    name: str


def mentions(text: str) -> list[Mention]:
    """The metrics named in a sentence, from left to right; the longer name hides the shorter."""
    masked = _OFFICES.sub(lambda match: "_" * len(match.group()), text)
    found = sorted(_named(masked), key=lambda mention: (mention.start, -mention.end))
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _named(text: str) -> Iterator[Mention]:
    for metric, pattern in _NAMED:
        for match in pattern.finditer(text):
            yield Mention(*match.span(), metric)


def counted(after: str, sentence: str) -> str | None:
    """The metric of the noun that follows a count, if it is one of ours."""
    for metric, noun, needed in _NOUNS:
        if noun.match(after) and needed.search(sentence):
            return metric
    return None
