"""Text → claims: each figure with the metric, sector, period and words that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from utpadan.claims.attach import is_decline, measure_of, metric_of, sector_of
from utpadan.claims.claim import Bound, Claim, Measure, Status
from utpadan.claims.dating import is_compared, period_of
from utpadan.claims.figures import Figure, figures
from utpadan.claims.line import Line, Told
from utpadan.claims.metrics import FLOWS
from utpadan.claims.periods import Period, periods
from utpadan.claims.sentences import Sentence, sentences
from utpadan.claims.words import bound_before, part_year, status_of

_IN_PARALLEL = re.compile(r"\bcorresponding(?:ly)?\b|\brespectively\b", re.IGNORECASE)
"""Lists told side by side: which figure goes with which name is not ours to guess."""

_IN_OTHER_WORDS = re.compile(r"\s?(?:\(|,? or |,? i\.e\.,? )[^()0-9]{0,30}")
_JOINED = re.compile(r"[^;.,]{0,40},?\s?\b(?:and|or|including)\b[^;.,]{0,24}", re.IGNORECASE)


def read_claims(text: str, published_on: date | None = None) -> list[Claim]:
    """The claims of a text in order.

    `published_on` tells which year "last fiscal" is; without it such a period stays None. The
    time it takes grows with the length of the text, and no text raises an error.
    """
    told = Told()
    claims: list[Claim] = []
    for sentence in sentences(text):
        found, told = _claims_of(sentence, published_on, told)
        claims += found
    return _dated(claims)


def _dated(claims: list[Claim]) -> list[Claim]:
    """A figure without a period, told elsewhere in the text with just one, is of that period."""
    known: dict[tuple[str, ...], set[str]] = {}
    for claim in claims:
        if claim.period:
            known.setdefault(_figure_of(claim), set()).add(claim.period)
    return [
        replace(claim, period=next(iter(found)))
        if claim.period is None and len(found := known.get(_figure_of(claim), set())) == 1
        else claim
        for claim in claims
    ]


def _figure_of(claim: Claim) -> tuple[str, ...]:
    return (claim.metric, claim.sector, claim.measure, claim.unit, str(claim.value.normalize()))


def _claims_of(
    sentence: Sentence, published_on: date | None, told: Told
) -> tuple[list[Claim], Told]:
    """The claims of a sentence, and what the next one may go on with."""
    named = periods(sentence.text, published_on, told.period)
    pairs = _told_once(sentence.text, list(figures(_without(sentence.text, named))))
    line = Line(sentence.text, [figure for figure, _ in pairs], named, told)
    claims = []
    if not _IN_PARALLEL.search(sentence.text):
        claims = list(_read(line, [other for _, other in pairs], sentence))
    labels = [
        period.label
        for period in named
        if period.label and not period.is_before and not is_compared(line, period)
    ]
    return claims, Told(
        period=labels[0] if labels else told.period,
        metric=claims[0].metric if claims else told.metric,
        sector=_subject(line, claims, told),
        place=line.places[0].name if line.places else told.place,
        is_of_corridors=line.is_of_corridors,
    )


def _subject(line: Line, claims: list[Claim], told: Told) -> str:
    if line.sectors:
        return line.sectors[0].name
    return claims[0].sector if claims else told.sector


def _without(text: str, named: list[Period]) -> str:
    """The text with its periods struck out: 2024-25 is no figure."""
    for period in named:
        text = f"{text[: period.start]}{'_' * (period.end - period.start)}{text[period.end :]}"
    return text


def _told_once(text: str, found: list[Figure]) -> list[tuple[Figure, str | None]]:
    """Each figure with its other expression: `Rs 21,083 crore (approx. US $2.63 billion)`.

    Of the two the one in rupees leads.
    """
    pairs: list[tuple[Figure, str | None]] = []
    for figure in found:
        first, other = pairs[-1] if pairs else (None, None)
        if first and other is None and _repeats(text, first, figure):
            leads, follows = (figure, first) if figure.unit == "INR" else (first, figure)
            pairs[-1] = (leads, follows.text)
        else:
            pairs.append((figure, None))
    return pairs


def _repeats(text: str, first: Figure, second: Figure) -> bool:
    between = text[first.end : second.start]
    return {first.unit, second.unit} == {"INR", "USD"} and bool(_IN_OTHER_WORDS.fullmatch(between))


def _read(line: Line, others: list[str | None], sentence: Sentence) -> Iterator[Claim]:
    status: Status = "stated"
    words = ""
    for place, other in enumerate(others):
        before = line.before(place)
        found, found_words = status_of(before, line.after(place))
        is_joined = place > 0 and bool(_JOINED.fullmatch(before))
        if found != "stated" or not is_joined:
            status, words = found, found_words
        metric = metric_of(line, place)
        measure = measure_of(line, place, metric) if metric else None
        line.metrics.append(metric)
        if metric and measure:
            yield _claim(line, place, sentence, metric, measure, (status, words), other)


def _claim(
    line: Line,
    place: int,
    sentence: Sentence,
    metric: str,
    measure: Measure,
    stands: tuple[Status, str],
    other: str | None,
) -> Claim:
    figure = line.figures[place]
    falls = measure == "growth" and is_decline(line, place)
    bound, bound_words = _bound(line, place)
    period = period_of(line, place, metric, measure)
    status, status_words = stands
    begin, end = line.clause(place)
    if status == "stated" and period and metric in FLOWS - {"fdi"}:
        status_words = part_year(line.text[begin:end])
        status = "part_year" if status_words else status
    return Claim(
        metric=metric,
        sector=sector_of(line, place, metric),
        measure=measure,
        period=period,
        unit=figure.unit,
        value=-figure.value if falls else figure.value,
        value_high=figure.high,
        half_unit=figure.half_unit(is_hedged=bound == "approximate"),
        bound=bound,
        bound_words=bound_words,
        status=status,
        status_words=status_words,
        stated_as=" ".join(figure.text.split()),
        also_stated_as=other,
        sentence=" ".join(line.text.split()),
        sentence_offset=sentence.offset,
        offset=sentence.offset + figure.start,
    )


def _bound(line: Line, place: int) -> tuple[Bound, str]:
    figure = line.figures[place]
    bound, words = bound_before(line.text[: figure.start])
    return ("lower", "+") if bound == "exact" and figure.has_plus else (bound, words)
