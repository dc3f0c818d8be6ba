"""Challenges, laboratories, facilities and figures, against what the lines of the input say.

Line numbers are those of the files in data/innovation, the header being line 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from loading import Desk, day, open_desk

from utpadan.settings import Settings
from utpadan.source import CHECKOUT, load_sources

CRORE = 10_000_000
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        ("DISC-5", (35, False, 3, date(2021, 8, 19))),  # lines 5, 6 and 25 agree
        ("DISC-13", (7, True, 2, date(2024, 10, 29))),  # line 13; 28 in line 14, a later page
        ("DISC-1", (11, False, 2, date(2018, 8, 4))),  # line 20; line 19 knows the month only
    ],
)
def test_a_round_that_several_publications_describe_is_one(
    ask: Ask, challenge: str, expected: tuple[Any, ...]
) -> None:
    (found,) = ask(
        f"""
        select problem_statements, is_problem_count_disputed, statements, launched_from
        from dim_challenge where challenge_id = '{challenge}'
        """,
    )
    assert found == expected


def test_a_laboratory_has_its_transfers(ask: Ask) -> None:
    # VRDE: lines 2 to 14, 13 licences of 9 technologies on 2025-06-07, in the words of 2025 of
    # drdo_labs (18) and not of 2017 (21).
    laboratory = ask(
        """
        select
            lab.lab_id, lab.city, lab.former_cities, lab.statements, count(*),
            count(distinct transfer.technology_key), count(transfer.vendor_name),
            min(transfer.transferred_from), max(transfer.transferred_to), min(transfer.fy_label)
        from fct_technology_transfer as transfer
        inner join dim_drdo_lab as lab on transfer.lab_id = lab.lab_id
        where lab.acronym = 'VRDE'
        group by lab.lab_id
        """,
    )
    assert laboratory == [
        (
            "VRDE", "Ahilyanagar", "Ahmednagar", 2, 13, 9, 13,
            date(2025, 6, 7), date(2025, 6, 8), "2025-26",
        )
    ]  # fmt: skip


def test_memoranda_are_no_transfers_and_centres_no_laboratories(
    ask: Ask,
) -> None:
    # The centre at IIT Delhi: lines 55 to 57 are licences, 58 to 64 are memoranda.
    centre = ask(
        """
        select transfer.is_transfer, count(*), count(transfer.lab_id), min(centre.city)
        from fct_technology_transfer as transfer
        inner join fct_research_infrastructure as centre
            on transfer.research_infrastructure_id = centre.research_infrastructure_id
        group by transfer.is_transfer
        order by transfer.is_transfer
        """,
    )
    assert centre == [(False, 7, 0, "Delhi"), (True, 3, 0, "Delhi")]
    unlisted = "select lab_stated from fct_technology_transfer where lab_stated = 'TBRL'"
    assert ask(f"{unlisted} and lab_id is null") == [("TBRL",)]  # line 66


def test_three_publications_of_one_facility_are_one_with_its_steps(
    ask: Ask,
) -> None:
    # Lines 2, 8 and 9: the consortium chosen in 2023, the memorandum of 2024, 45 crore.
    facility = ask(
        """
        select consortium_chosen_on, mou_signed_on, operational_on, cost_inr, statements,
            location_city, is_city_disputed
        from fct_test_facility
        where domain_stated = 'Unmanned Aerial Systems' and corridor = 'TNDIC'
        """,
    )
    chosen, signed = date(2023, 8, 17), date(2024, 7, 2)
    assert facility == [(chosen, signed, None, 45 * CRORE, 3, "Vallam Vadagal", True)]


@pytest.mark.parametrize(
    ("day_asked", "known"),
    [
        ("2022-07-25", [(60, "exact")]),  # line 54, 2021-12-10
        ("2022-07-26", [(100, "exact")]),  # line 5
        ("2022-09-01", [(102, "exact")]),  # lines 12 and 58: one figure, told twice
        ("2023-12-31", [(150, "exact")]),  # line 9
        ("2026-11-01", [(430, "rounded")]),  # line 33, approx
    ],
)
def test_contracts_signed_as_of_a_day_are_one_figure(
    ask: Ask, day_asked: str, known: list[tuple[Any, ...]]
) -> None:
    figures = ask(
        f"""
        select figure, bound from fct_programme_statistic
        where
            programme = 'iDEX' and indicator = 'contracts_signed' and not is_repeat
            and as_of_from <= '{day_asked}'
            and (next_as_of_on is null or '{day_asked}' < next_as_of_on)
        """,
    )
    assert figures == known


def test_the_agreement_of_hq_ids_opens_the_hubs_of_its_party(ask: Ask) -> None:
    # The memorandum of 21 March 2025 (mous 2): four hubs and the I-Hub (lines 2 to 5 and 10).
    opened = ask(
        """
        select infrastructure.technology_domain, infrastructure.opened_from, count(*)
        from fct_research_infrastructure as infrastructure
        inner join dim_source_document as agreement
            on infrastructure.agreement_document_id = agreement.source_document_id
        group by infrastructure.technology_domain, infrastructure.opened_from
        """,
    )
    assert opened == [("quantum", date(2025, 3, 21), 5)]


@pytest.fixture
def desk(warehouse: Settings) -> Iterator[Desk]:
    with open_desk(warehouse) as desk:
        yield desk


def test_transfers_are_new_changed_withdrawn_and_back_from_night_to_night(desk: Desk) -> None:
    source = load_sources()["technology_transfers"]
    first = (CHECKOUT / "data/innovation/technology_transfers.csv").read_bytes()
    lines = first.splitlines(keepends=True)
    line = next(line for line in lines if line.startswith(b"e-Nasika"))
    withdrawn = first.replace(line, b"")
    grenade = b"Multi-mode hand grenade,TBRL,"
    second = withdrawn.replace(grenade, grenade.replace(b"TBRL", b"ARDE"))
    second += line.replace(b"e-Nasika", b"e-Nasika Mk-II")
    assert (first.count(line), first.count(grenade)) == (1, 1)

    outcomes = [desk.load(source, data, day(n)) for n, data in enumerate([first, second, first], 1)]

    assert [(o.rows.new, o.rows.changed, o.rows.closed) for o in outcomes] == [
        (len(lines) - 1, 0, 0),
        (1, 1, 1),
        (1, 1, 1),
    ]
    history = desk.conn.execute(
        "select technology, lab, _known_from, _known_to from staging.technology_transfers "
        "where technology like 'e-Nasika%' or technology = 'Multi-mode hand grenade' "
        "order by technology, _known_from"
    ).fetchall()
    assert history == [
        ("Multi-mode hand grenade", "TBRL", day(1), day(2)),
        ("Multi-mode hand grenade", "ARDE", day(2), day(3)),
        ("Multi-mode hand grenade", "TBRL", day(3), None),
        ("e-Nasika", None, day(1), day(2)),
        ("e-Nasika", None, day(3), None),
        ("e-Nasika Mk-II", None, day(2), day(3)),
    ]
