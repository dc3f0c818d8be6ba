"""What spellings of a company's name share, by examples worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utpadan.resolve import names

SAME = [
    ("Bharat Electronics Limited", "BHARAT ELECTRONICS LTD."),
    ("Bristol Boats", "Bristol Boats Pvt. Ltd."),
    ("VEM Technologies", "M/s VEM Technologies"),
    ("Garden Reach Shipbuilders & Engineers", "Garden Reach Ship-Builders and Engineers (GRSE)"),
    ("Chowgule and Company", "Chowgule & Co Ltd"),
    ("Veda Defence Systems", "Veda Defense Systems LLP"),
    ("Solar Industries India", "Solar Industries"),
    ("Economic Explosives", "Economic Explosive Ltd, Inc."),
    ("Alpha Tocol", "Alpha Toccol"),
    ("Verivin Defence", "Veriwin Defence"),
    ("QNu Labs", "QuNu Labs"),
    ("Gyan Data", "Gyandata Private Limited"),
]
DIFFERENT = [
    ("NewSpace India Limited", "NewSpace"),
    ("BrahMos Aerospace", "BrahMos Aerospace Thiruvananthapuram"),
    ("Tata Technologies", "Tata Motors"),
    ("Paras Aerospace", "Paras Defence and Space Technologies"),
    ("Bharat Forge", "Bharat Forges India Works"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert names.name_key(one) == names.name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_of_different_companies_have_different_keys(one: str, other: str) -> None:
    assert names.name_key(one) != names.name_key(other)


def test_a_name_without_latin_letters_is_its_own_key() -> None:
    assert (names.normalised("ఆల్ఫా"), names.name_key("ఆల్ఫా")) == (None, "ఆల్ఫా")


def test_a_single_word_is_known_anywhere_only_as_canonical_name() -> None:
    assert "name:delta" not in names.keys_known("Delta", is_canonical=False)
    assert "name:delta" in names.keys_known("Delta", is_canonical=True)
    assert "name:delta" in names.keys_in_publication("Delta")


def test_a_known_name_has_its_words_its_short_name_and_its_initials() -> None:
    # Systems and Advanced are trade words; India at the end goes before; A E A S I are initials.
    assert names.keys_known("Adani-Elbit Advanced Systems India", is_canonical=True) == [
        "name:adanielbitadvancedsystemindia".replace("india", ""),
        "short:adanielbit",
        "initials:AEASI",
    ]


def test_a_capital_inside_a_word_may_begin_one() -> None:
    keys = names.keys_known("NewSpace India Limited", is_canonical=False)
    assert [key for key in keys if key.startswith("initials")] == ["initials:NIL", "initials:NSIL"]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Bharat Earth Movers (BEML)", True),  # B, E, M of the words, L of Limited
        ("Mishra Dhatu Nigam Limited (MIDHANI)", True),
        ("AR Polymers (MKU)", False),  # another company: no M begins the name
        ("VRDE (DRDO)", False),
    ],
)
def test_capitals_in_brackets_are_an_abbreviation_if_the_name_has_their_letters(
    name: str, known: bool
) -> None:
    letters = name[name.index("(") + 1 : -1]
    assert (f"initials:{letters}" in names.keys_known(name, is_canonical=False)) is known


def test_a_short_name_keeps_two_words_and_six_letters() -> None:
    assert names.keys_known("Kalyani Systems", is_canonical=False)[1] == "short:kalyanisystem"
    assert not any(key.startswith("short") for key in names.keys_known("L&T Defence", False)), (
        "l and t are two letters, and defence is a trade word"
    )


def test_an_acronym_asks_for_initials_and_a_name_in_full_for_an_acronym() -> None:
    assert names.keys_asked("M/s SSPL") == ["name:sspl", "initials:SSPL", "first:sspl"]
    assert names.keys_asked("Bharat Earth Movers Limited")[-1] == "acronym:BEML"


@given(st.text(max_size=200))
def test_no_name_makes_it_stumble_and_its_key_is_stable(name: str) -> None:
    for keys in (
        names.keys_known(name, True),
        names.keys_known(name, False),
        names.keys_in_publication(name),
        names.keys_asked(name),
    ):
        assert all(":" in key for key in keys)
    assert names.keys_asked(name)[0] == f"name:{names.name_key(name)}"
    if names.normalised(name):
        assert names.name_key(f"{name} Pvt. Ltd.") == names.name_key(f"{name} LLP")


def test_a_very_long_name_is_read_at_once() -> None:
    name = "M/s (" + "Systems " * 20_000 + "ABCDEFGHIJ)" * 500
    assert names.keys_asked(name)
