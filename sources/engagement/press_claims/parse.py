"""The claims that the rules of `utpadan.claims` read in each release of the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from utpadan.claims import Claim, read_claims
from utpadan.parse.rss import items

Row = Mapping[str, str | None]
_BETWEEN = "\n\n"


def parse(data: bytes) -> Iterator[tuple[int, Row]]:
    """One row a claim; its line is that of the item in the feed.

    Headline, summary and text are read as one, since one goes on with what the other told. "Last
    fiscal" counts from the day of release where it was released.
    """
    for line, item, _ in items("the feed", data):
        parts = {
            "headline": item.get("title") or "",
            "summary": item.get("description") or "",
            "body": item.get("body") or "",
        }
        for claim in read_claims(_BETWEEN.join(parts.values()), _released_on(item)):
            yield line, _row(item.get("guid"), _part(parts, claim.offset), claim)


def _released_on(item: Row) -> date | None:
    """The day of release in its own time zone; None where the feed states no time."""
    try:
        return datetime.fromisoformat(item.get("pubDate") or "").date()
    except ValueError:
        return None


def _part(parts: Mapping[str, str], offset: int) -> str:
    end = 0
    for name, text in parts.items():
        end += len(text) + len(_BETWEEN)
        if offset < end:
            return name
    return name


def _row(release_id: str | None, part: str, claim: Claim) -> Row:
    high = claim.value_high
    return {
        "release_id": release_id,
        "text_offset": str(claim.offset),
        "part": part,
        "sentence": claim.sentence,
        "metric": claim.metric,
        "sector": claim.sector,
        "measure": claim.measure,
        "period": claim.period,
        "unit": claim.unit,
        "value": f"{claim.value:f}",
        "value_high": None if high is None else f"{high:f}",
        "half_unit": f"{claim.half_unit:f}",
        "bound": claim.bound,
        "bound_words": claim.bound_words,
        "status": claim.status,
        "status_words": claim.status_words,
        "stated_as": claim.stated_as,
        "also_stated_as": claim.also_stated_as,
    }
