"""Claims: what the rules read out of a text, how well, and that no text is too much for them."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.claims import Score, readings, score
from utpadan.claims import METRICS, read_claims

WORDS = [
    *("exports", "production", "Rs", "₹", "US $", "crore", "lakh crore", "per cent", "%", "over"),
    *("from", "to", "against", "2024-25", "FY25", "last fiscal", "the previous year", "Q1", "and"),
    *("1,50,590", "1.5", "2024", "DPSUs", "private sector", "share", "grew by", "(", ")", ".", ","),
    *("MoUs", "jobs", "corridor", "Uttar Pradesh", "since 2014", "target of", "\n\n", "-", "–"),
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join) | st.text(max_size=300)


def measured(name: str) -> Score:
    return score(one for one in readings() if one.set == name)


def test_the_labelled_sentences_are_enough_and_half_of_them_are_held_out() -> None:
    read = readings()
    held_out = [one for one in read if one.set == "held_out"]
    assert len(read) >= 90
    assert len(held_out) >= len(read) / 2
    assert sum(1 for one in read if not one.expected) >= 10
    assert len({one.id for one in read}) == len(read)
    assert {key[0] for one in read for key in one.expected} <= set(METRICS)


@pytest.mark.parametrize("name", ["dev", "held_out"])
def test_claims_are_read_with_precision_and_recall(name: str) -> None:
    found = measured(name)
    assert found.precision >= 0.95, found
    assert found.recall >= 0.9, found


def test_a_score_counts_what_is_wholly_right() -> None:
    half = Score(right=1, found=2, expected=4)  # 1 of 2 read is right, 1 of 4 labelled is found
    assert (half.precision, half.recall) == (0.5, 0.25)


def test_a_claim_tells_where_it_stands() -> None:
    text = "A short visit.\n\nExports were Rs 21,083 crore (approx. US $2.63 billion) in 2023-24."
    (claim,) = read_claims(text)
    assert text[claim.offset :].startswith("Rs 21,083 crore")
    assert text[claim.sentence_offset :].startswith("Exports were")
    assert claim.also_stated_as == "US $2.63 billion"
    assert claim.half_unit == 5_000_000  # half a crore


def test_last_fiscal_counts_from_the_day_of_publication() -> None:
    text = "Exports of last fiscal were Rs 23,622 crore."
    assert [claim.period for claim in read_claims(text)] == [None]
    assert [claim.period for claim in read_claims(text, date(2025, 3, 31))] == ["2023-24"]
    assert [claim.period for claim in read_claims(text, date(2025, 4, 1))] == ["2024-25"]


def test_a_headline_without_a_year_has_it_from_the_text() -> None:
    text = "Exports touch Rs 38,424 crore\n\nIn 2025-26 exports came to Rs 38,424 crore."
    assert [claim.period for claim in read_claims(text)] == ["2025-26", "2025-26"]


def test_figures_told_in_parallel_are_left_out() -> None:
    text = "Exports and imports were Rs 100 crore and Rs 200 crore respectively in 2023-24."
    assert read_claims(text) == []


def test_a_decline_is_a_negative_growth() -> None:
    (claim,) = read_claims("Exports fell by 5.6 per cent in 2020-21.")
    assert (claim.measure, claim.value) == ("growth", -claim.value.copy_abs())


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.none() | st.dates(date(2000, 1, 1), date(2049, 12, 31)))
def test_no_text_is_an_error_and_every_claim_stands_in_it(text: str, day: date | None) -> None:
    for claim in read_claims(text, day):
        assert claim.metric in METRICS
        assert claim.half_unit > 0
        assert " ".join(text[claim.offset :].split()).startswith(claim.stated_as)
        assert claim.sentence in " ".join(text.split())


@pytest.mark.parametrize(
    "piece",
    [
        *("Rs 5 crore exports ", "2024-25 ", "1,23,456", "9", ". ", "from 5 to 6 ", "\n \n"),
        "against FY25 Rs 1 crore share ",
        "Ab Limited and the DPSUs exported up to 5 crore to ",
    ],
)
def test_the_time_grows_with_the_length_of_the_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        begin = time.process_time()
        read_claims(text)
        return time.process_time() - begin

    seconds(1_000)  # compiles what is compiled once
    assert seconds(80_000) < 40 * max(seconds(8_000), 0.02)  # ten times the text, never its square
