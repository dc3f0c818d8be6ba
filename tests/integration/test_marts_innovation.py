"""The funnel of innovation and its contracts, against what the lines of the input say, by hand.

Line numbers are those of the files in data/innovation, the header being line 1.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

CRORE = 10_000_000
Ask = Callable[[str], list[tuple[Any, ...]]]

FUNNEL = """
select
    challenges, problem_statements, awards, idex_awards, idex_contracts, other_contracts,
    technology_transfers, tdf_projects, test_facilities, research_facilities,
    idex_contract_value_inr, other_contract_value_inr
from mart_innovation_funnel
where period_level = 'all_years' and
"""


def test_the_funnel_of_space_counts_the_lines_about_space(ask: Ask) -> None:
    # Mission DefSpace (idex_challenges 16) with 75 problems; SpacePixxel, PierSight, Pixxel and SAR
    # Space (idex_winners 7, 18, 19, 23); the satellite (idex_contracts 5), without value, and
    # GSAT-7B (22) of 2,963 crore; the timing system (tdf_projects 7).
    (space,) = ask(f"{FUNNEL} technology_domain = 'space'")
    assert space == (1, 75, 4, 4, 1, 1, 0, 1, 0, 0, None, 2963 * CRORE)


def test_the_funnel_of_electronic_warfare_counts_the_lines_about_it(
    ask: Ask,
) -> None:
    # Counter-UAS of 155 and Sarang of 412 crore (idex_contracts 12, 21); SHAKTI and the vehicle
    # mounted ECM (technology_transfers 33, 48); the facility at Chennai (test_facilities 3).
    (warfare,) = ask(f"{FUNNEL} technology_domain = 'electronic_warfare'")
    assert warfare == (0, 0, 0, 0, 0, 2, 2, 0, 1, 0, None, 567 * CRORE)


def test_the_funnel_by_year_has_what_is_dated(ask: Ask) -> None:
    # ECM 2020-02-07; Counter-UAS 2021-08; SHAKTI 2022-10-20 and Sarang 2023-03-29; facility
    # 2024-07-02.
    years = ask(
        """
        select fy_label, other_contracts, technology_transfers, test_facilities
        from mart_innovation_funnel
        where technology_domain = 'electronic_warfare' and period_level = 'fiscal_year'
        order by fy_start_date
        """,
    )
    assert years == [
        ("2019-20", 0, 1, 0),
        ("2021-22", 1, 0, 0),
        ("2022-23", 1, 1, 0),
        ("2024-25", 0, 0, 1),
    ]


def test_each_consulted_domain_has_its_row_even_if_nothing_came_of_it(
    ask: Ask,
) -> None:
    consulted = ask(
        """
        select technology_domain from mart_innovation_funnel
        where is_consultation_2025 and period_level = 'all_years'
        order by technology_domain
        """,
    )
    assert [domain for (domain,) in consulted] == [
        "advanced_materials", "ai_ml", "cyber", "drones", "electronic_warfare", "quantum", "radar",
        "space",
    ]  # fmt: skip
    (cyber,) = ask(f"{FUNNEL} technology_domain = 'cyber'")
    assert cyber == (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None)


def test_a_contract_of_three_domains_counts_in_each_and_once_in_all(
    ask: Ask,
) -> None:
    # The satellite with EO, IR, SAR payloads (idex_contracts 5): 6 contracts, 8 in their domains.
    domains = ask(
        """
        select item.technology_domain
        from mart_innovation_item as item
        inner join fct_innovation_contract as contract on item.item_id = contract.contract_id
        where item.stage = 'contract' and contract.contract_ordinal = '350'
        order by item.technology_domain
        """,
    )
    assert domains == [("electro_optics",), ("radar",), ("space",)]
    counts = ask(
        """
        select domain_level = 'all_domains', cast(sum(idex_contracts) as integer)
        from mart_innovation_funnel
        where period_level = 'all_years'
        group by domain_level = 'all_domains'
        order by 1
        """,
    )
    assert counts == [(False, 8), (True, 6)]


def test_of_all_problems_of_rounds_the_domain_is_known_of_78(ask: Ask) -> None:
    # 17 + 19 + 1 (ADITI, lines 9, 10, 12), 3 + 11 + 35 + 22 + 41 + 7 + 11 + 38 (DISC, lines 3, 4,
    # 5, 8, 11, 13, 20, 21), 75 + 75 + 2 (16, 17, 18) = 357; known: 75 of space, 2 naval, 1 other.
    problems = ask(
        """
        select domain_level, sum(problem_statements) from mart_innovation_funnel
        where period_level = 'all_years'
        group by domain_level
        order by domain_level
        """,
    )
    assert problems == [("all_domains", 357), ("domain", 78), ("not_stated", 279)]


def test_contracts_of_idex_are_six_with_one_value(ask: Ask) -> None:
    # Lines 2 to 7; only the firefighting bot (7) has a value, 200 crore. Of 37 lines, 14 and 15 are
    # one contract and 38 is a plan, so 29 others, whose values come to 84,941.53 crore without
    # the two that contradict each other.
    contracts = ask(
        """
        select is_idex, is_planned, count(*), sum(value_inr) from fct_innovation_contract
        group by is_idex, is_planned
        order by is_idex desc, is_planned
        """,
    )
    assert contracts == [
        (True, False, 6, 200 * CRORE),
        (False, False, 29, Decimal("84941.53") * CRORE),
        (False, True, 1, 30_000 * CRORE),
    ]


def test_two_publications_of_one_order_are_one_contract_without_a_value(
    ask: Ask,
) -> None:
    # Lines 14 and 15: 425,000 carbines, 27,770 and 2,772 crore, Bharat Forge and PLR Systems.
    carbines = ask(
        """
        select
            contract.value_inr, contract.is_value_disputed, contract.statements,
            contract.contracted_from, contract.contracted_to, contract.fy_label,
            array_agg(distinct statement.value_inr) as stated,
            array_agg(distinct contractor.vendor_name) as contractors,
            count(distinct contractor.vendor_id)
        from fct_innovation_contract as contract
        inner join fct_innovation_contract_statement as statement
            on contract.contract_id = statement.contract_id
        inner join bridge_innovation_contract_vendor as contractor
            on contract.contract_id = contractor.contract_id
        where contract.product_name like '425,000 CQB carbines%'
        group by contract.contract_id
        """,
    )
    assert carbines == [
        (
            None, True, 2, date(2025, 9, 1), date(2025, 10, 1), "2025-26",
            [2772 * CRORE, 27_770 * CRORE], ["Bharat Forge", "PLR Systems"], 2,
        )
    ]  # fmt: skip


def test_contracts_of_idex_lead_to_their_award_and_its_round(ask: Ask) -> None:
    # Contracts 3 to 7 and awards 2, 3, 7, 8, 9. The hundredth (2) has no published award.
    chain = ask(
        """
        select contract.vendor_name, award.challenge_id
        from fct_innovation_contract as contract
        left join fct_challenge_award as award
            on contract.challenge_award_id = award.challenge_award_id
        where contract.is_idex
        order by contract.vendor_name
        """,
    )
    assert chain == [
        ("Altair Infrasec", "SPRINT-1"),
        ("Hyper Stealth Technologies Pvt Ltd", "iDEX"),
        ("Pacify Medical Technologies Pvt Ltd", None),
        ("QuNu Labs", "OPEN-2.0"),
        ("SpacePixxel Technologies Pvt Ltd", "MISSION-DEFSPACE"),
        ("Swadeshi Empresa", "SPRINT-1"),
    ]
