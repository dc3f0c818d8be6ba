"""A name → its company, or its candidates, on a handful of companies."""

from __future__ import annotations

import pytest

from utpadan.resolve import Candidate, Knowledge, Link, Reading

PAGE, OTHER_PAGE = "https://example.org/a", "https://example.org/b"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(
        readings=[
            Reading("Delta Combat Systems", "delta", None, True),
            Reading("Delta Combat Systems Ltd", "delta", PAGE),
            Reading("Bharat Electronics Limited", "bel", None, True),
            Reading("BEML", "beml", None, True),
            Reading("Twin Works", "north", PAGE),
            Reading("Twin Works", "south", OTHER_PAGE),
            Reading("Tata Advanced Systems", "tas", None, True),
            Reading("Throttle Aerospace Systems", "throttle", None, True),
            Reading("Mishra Dhatu Nigam", "midhani", None, True),
            Reading("Verivin Defence", "verivin", None, True),
            Reading("Werywin Defence", "verivin", None, True),
        ],
        decisions={"BE Ltd": "bel", "DRDO": None},
        identifiers={"U29100MH2016PTC287163": "delta", "delta": "delta"},
        mentioned=["Mishra Dhatu Nigam Limited (MIDHANI)", "AR Polymers (MKU)"],
    )


@pytest.mark.parametrize(
    ("name", "page", "link"),
    [
        ("U29100MH2016PTC287163", None, Link("delta", "identifier")),
        ("be ltd", None, Link("bel", "reviewed_decision")),
        ("DRDO", PAGE, Link(None, "reviewed_decision")),
        ("Delta", PAGE, Link("delta", "same_publication")),
        ("Delta", OTHER_PAGE, None),
        ("delta combat system", None, Link("delta", "normalised_name")),
        ("Delta Combat", None, Link("delta", "short_name")),
        ("DCSL", None, Link("delta", "initials")),
        ("BEL", None, Link("bel", "initials")),
        ("Bharat Earth Movers Ltd", None, Link("beml", "initials")),
        ("Bharat Earth Movers (BEML)", None, Link("beml", "normalised_name")),
        ("MIDHANI", None, Link("midhani", "initials")),
        ("MKU", None, None),
        ("TAS", None, None),
        ("Twin Works", None, None),
        ("Twin Works", PAGE, Link("north", "same_publication")),
        ("Veriwin Defence", None, Link("verivin", "normalised_name")),
        ("Delta Combat Sistems", None, None),
        ("", None, None),
    ],
)
def test_a_name_links_by_what_is_certain_and_by_nothing_else(
    knowledge: Knowledge, name: str, page: str | None, link: Link | None
) -> None:
    assert knowledge.link(name, page) == link


def test_likeness_orders_the_candidates_of_a_misprint(knowledge: Knowledge) -> None:
    answer = knowledge.resolve("Delta Combat Sistems")
    assert answer.link is None
    assert answer.candidates[0].vendor_id == "delta"
    assert [c.score for c in answer.candidates] == sorted(
        (c.score for c in answer.candidates), reverse=True
    )
    assert len({c.vendor_id for c in answer.candidates}) == 3


def test_an_abbreviation_is_held_against_initials(knowledge: Knowledge) -> None:
    assert knowledge.candidates("DCXL")[0].vendor_id == "delta"


def test_a_name_like_no_other_is_looked_for_on_its_page(knowledge: Knowledge) -> None:
    assert "delta" not in {c.vendor_id for c in knowledge.candidates("NxtQube")}
    assert {"delta", "north"} <= {c.vendor_id for c in knowledge.candidates("NxtQube", PAGE)}


def test_who_knows_no_company_gives_no_candidate() -> None:
    assert Knowledge([]).resolve("Anybody Ltd").candidates == ()


def test_the_same_name_is_100_and_scores_have_one_decimal(knowledge: Knowledge) -> None:
    assert knowledge.candidates("Tata Advanced Systems")[0] == Candidate("tas", 100.0)
    for candidate in knowledge.candidates("Tata Motors"):
        assert candidate.score == round(candidate.score, 1)
