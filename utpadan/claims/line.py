"""One sentence taken apart: its figures, periods, and the words that name metrics and sectors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from utpadan.claims.figures import Figure
from utpadan.claims.metrics import Mention, mentions
from utpadan.claims.periods import Period
from utpadan.claims.sectors import IS_CORRIDOR, places, sectors

_CLAUSE_END = re.compile(r";|\b(?:while|whereas)\b", re.IGNORECASE)


@dataclass(slots=True)
class Told:
    """What the text said last: a sentence that leaves something open goes on with it."""

    period: str | None = None
    metric: str | None = None
    sector: str = "total"
    place: str = "total"
    is_of_corridors: bool = False


@dataclass(slots=True)
class Line:
    """A sentence. `metrics` are the metrics of the figures read so far, from left to right."""

    text: str
    figures: list[Figure]
    periods: list[Period]
    told: Told
    mentions: list[Mention] = field(init=False)
    sectors: list[Mention] = field(init=False)
    places: list[Mention] = field(init=False)
    metrics: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mentions = mentions(self.text)
        self.sectors = sectors(self.text)
        self.places = places(self.text)

    @property
    def is_of_corridors(self) -> bool:
        """Whether this sentence, or the one before it, speaks of the defence corridors."""
        return bool(IS_CORRIDOR.search(self.text)) or self.told.is_of_corridors

    def begin(self, place: int) -> int:
        """Where the text between the figure before and this one begins."""
        return self.figures[place - 1].end if place else 0

    def end(self, place: int) -> int:
        """Where the next figure begins, or the sentence ends."""
        return self.figures[place + 1].start if place + 1 < len(self.figures) else len(self.text)

    def before(self, place: int) -> str:
        """The text between the figure before and this one."""
        return self.text[self.begin(place) : self.figures[place].start]

    def after(self, place: int) -> str:
        """The text between this figure and the next one."""
        return self.text[self.figures[place].end : self.end(place)]

    def clause(self, place: int) -> tuple[int, int]:
        """From and to in the sentence: what stands with the figure between ";" or "while"."""
        figure = self.figures[place]
        begin, end = 0, len(self.text)
        for mark in _CLAUSE_END.finditer(self.text):
            if mark.end() <= figure.start:
                begin = mark.end()
            elif mark.start() >= figure.end:
                return begin, mark.start()
        return begin, end


def last_before(named: list[Mention], begin: int, end: int) -> Mention | None:
    """The last of the words between two places of the sentence."""
    inside = [mention for mention in named if begin <= mention.start and mention.end <= end]
    return inside[-1] if inside else None


def first_after(named: list[Mention], begin: int, end: int) -> Mention | None:
    """The first of the words between two places of the sentence."""
    inside = [mention for mention in named if begin <= mention.start and mention.end <= end]
    return inside[0] if inside else None
