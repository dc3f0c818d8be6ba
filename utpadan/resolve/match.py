"""A name → the company it means, or the companies it may mean: pure, on what is known of names.

A name links by what is certain and by nothing else, in this order: an identifier (vendor_id or
CIN); a reviewed decision; the keys of `names`, each looked up among the companies that the same
publication names and then among all, if one company alone has it. The model
`int_vendor_names_linked` does the same in SQL. Likeness links nothing: it orders the candidates
that a person reviews.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from utpadan.resolve import names

Method = Literal[
    "identifier",
    "reviewed_decision",
    "same_publication",
    "normalised_name",
    "short_name",
    "initials",
]
CANDIDATES = 3
LONGEST_ACRONYM = 8
ALIKE = 70.0
"""From this score on a candidate is like the name."""
BY_KEY: Mapping[str, Method] = {"name": "normalised_name", "short": "short_name"}


@dataclass(frozen=True)
class Reading:
    """A name that is known to mean a company, and where it stands.

    `publication` None: not of one publication. `is_canonical`: the registry calls the company so.
    """

    name: str
    vendor_id: str
    publication: str | None = None
    is_canonical: bool = False


@dataclass(frozen=True)
class Link:
    """What a name means; `vendor_id` is None when a decision says that it means no company."""

    vendor_id: str | None
    method: Method


@dataclass(frozen=True)
class Candidate:
    """A company that a name may mean; `score` from 0 to 100 says how alike the two are."""

    vendor_id: str
    score: float


@dataclass(frozen=True)
class Answer:
    """A name with its link, if it has one, and its candidates, likest first."""

    name: str
    link: Link | None
    candidates: tuple[Candidate, ...]


@dataclass
class Knowledge:
    """What is known of the names of companies.

    `decisions`: name → vendor_id, None when it means no company. `identifiers`: vendor_id or CIN →
    vendor_id. `mentioned`: other names as printed; "Mishra Dhatu Nigam Limited (MIDHANI)" tells
    an abbreviation of a company that is known by the rest of it.
    """

    readings: Iterable[Reading]
    decisions: Mapping[str, str | None] = field(default_factory=dict)
    identifiers: Mapping[str, str] = field(default_factory=dict)
    mentioned: Iterable[str] = ()

    def __post_init__(self) -> None:
        self._anywhere: dict[str, set[str]] = defaultdict(set)
        self._published: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._named_in: dict[str, set[str]] = defaultdict(set)
        self._words: set[tuple[str, str]] = set()
        self._decided = {name.lower(): vendor for name, vendor in self.decisions.items()}
        for reading in self.readings:
            self._learn(reading)
        self._learn_short_forms()

    def resolve(self, name: str, publication: str | None = None) -> Answer:
        """The link and the first three candidates of a name, as printed in a publication."""
        return Answer(name, self.link(name, publication), self.candidates(name, publication))

    def link(self, name: str, publication: str | None = None) -> Link | None:
        """The company that a name means for certain; None when nothing tells it."""
        if name in self.identifiers:
            return Link(self.identifiers[name], "identifier")
        if name.lower() in self._decided:
            return Link(self._decided[name.lower()], "reviewed_decision")
        for key in names.keys_asked(name):
            here = self._published.get((publication, key)) if publication else None
            if here and len(here) == 1:
                return Link(min(here), "same_publication")
            anywhere = self._anywhere.get(key, ())
            if len(anywhere) == 1:
                kind = key.partition(":")[0]
                return Link(min(anywhere), BY_KEY.get(kind, "initials"))
        return None

    def candidates(self, name: str, publication: str | None = None) -> tuple[Candidate, ...]:
        """The three companies whose known names are likest (`likeness`), the likest first.

        A short single word is held against initials as well (`likeness_of_letters`). The last
        place goes to the likest company that the publication names; the last two when no name at
        all is alike, since a product (NxtQube) is not like its maker's name.
        """
        scores = self._scores(name)
        ranked = sorted(scores, key=lambda vendor: (-scores[vendor], vendor))
        here = [vendor for vendor in ranked if vendor in self._named_in.get(publication or "", ())]
        is_alike = bool(ranked) and scores[ranked[0]] >= ALIKE
        by_likeness = ranked[: CANDIDATES - min(len(here), 1 if is_alike else 2)]
        chosen = dict.fromkeys([*by_likeness, *here, *ranked])
        first = sorted(list(chosen)[:CANDIDATES], key=ranked.index)
        return tuple(Candidate(vendor, round(scores[vendor], 1)) for vendor in first)

    def _learn(self, reading: Reading) -> None:
        vendor = reading.vendor_id
        for key in names.keys_known(reading.name, reading.is_canonical):
            self._anywhere[key].add(vendor)
            kind, _, letters = key.partition(":")
            if kind == "initials":
                self._words.add((vendor, letters))
        words = names.normalised(reading.name)
        if words:
            self._words.add((vendor, words))
        if reading.publication:
            self._named_in[reading.publication].add(vendor)
            for key in names.keys_in_publication(reading.name):
                self._published[reading.publication, key].add(vendor)

    def _learn_short_forms(self) -> None:
        stated: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name in self.mentioned:
            key = names.name_key(name)
            for letters in names.stated_short_form(name):
                stated[key, letters] |= self._anywhere.get(f"name:{key}", set())
        for (_, letters), vendors in stated.items():
            if len(vendors) == 1:
                self._anywhere[f"initials:{letters}"] |= vendors

    def _scores(self, name: str) -> dict[str, float]:
        words = names.normalised(name) or name.lower()
        is_short = " " not in words and len(words) <= LONGEST_ACRONYM
        scores: dict[str, float] = defaultdict(float)
        for vendor, known in self._words:
            if known.isupper():
                score = likeness_of_letters(words.upper(), known) if is_short else 0.0
            else:
                score = likeness(words, known)
            scores[vendor] = max(scores[vendor], score)
        return scores


def likeness(words: str, known: str) -> float:
    """0 to 100: the mean of rapidfuzz's WRatio, which forgives words left out, and Jaro-Winkler
    (Winkler 1990), for which the beginning counts most: names end alike in Systems and Aerospace.
    """
    return (fuzz.WRatio(words, known) + likeness_of_letters(words, known)) / 2


def likeness_of_letters(one: str, other: str) -> float:
    """0 to 100: Jaro-Winkler."""
    return 100 * JaroWinkler.similarity(one, other)
