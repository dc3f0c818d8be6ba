"""Events, participants, memoranda and claims, against what the lines of the input say, by hand.

Line numbers are those of the files in data/engagement (other folders are named), the header being
line 1.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

CRORE = 10_000_000
Ask = Callable[[str], list[tuple[Any, ...]]]


def test_every_event_is_there_with_the_days_on_which_it_was_held(ask: Ask) -> None:
    # events.csv has the lines 2 to 75. 28: 10 to 14 February 2025, the last day inclusive; 29: a
    # part of it, in February 2025; 11: no date at all.
    assert ask("select count(*) from dim_event") == [(74,)]
    events = ask(
        """
        select event_id, main_event_id, held_from, held_to, fy_label from dim_event
        where event_id in ('EV-AI25', 'EV-AI25-MANTHAN', 'EV-MSMEIND24')
        order by event_id
        """
    )
    assert events == [
        ("EV-AI25", None, date(2025, 2, 10), date(2025, 2, 15), "2024-25"),
        ("EV-AI25-MANTHAN", "EV-AI25", date(2025, 2, 1), date(2025, 3, 1), "2024-25"),
        ("EV-MSMEIND24", None, None, None, None),
    ]


def test_an_event_told_by_several_pages_is_one_and_counts_them(ask: Ask) -> None:
    # events.csv 47 is from business-standard.com, the memorandum signed there (mous.csv 14) from
    # newdelhitimes.com.
    told = ask("select document_count from dim_event where event_id = 'EV-VRDE25'")
    assert told == [(2,)]


def test_topics_lead_to_technology_domains(ask: Ask) -> None:
    # events.csv 4: "space; quantum; EW; drones; AI/ML; radar; cyber; advanced materials".
    domains = ask(
        """
        select technology_domain from bridge_event_technology_domain
        where event_id = 'EV-DDP25' order by technology_domain
        """
    )
    assert [domain for (domain,) in domains] == [
        *("advanced_materials", "ai_ml", "cyber", "drones", "electronic_warfare"),
        *("quantum", "radar", "space"),
    ]


def test_those_who_got_a_technology_at_an_event_took_part(ask: Ask) -> None:
    # innovation/technology_transfers.csv: of the lines of 2025-06-07, 2 to 11, 13 and 14 are from a
    # page about the event (12 is not) and name ten licensees, Bharat Electronics in 2 and 9. The
    # event's own page counts ten industries too (events.csv 47).
    licensees = ask(
        """
        select participant_name, statement_count from fct_event_participation
        where event_id = 'EV-VRDE25' and role = 'licensee'
        """
    )
    assert len(licensees) == 10
    assert ("Bharat Electronics Limited", 2) in licensees


def test_memoranda_lead_to_the_companies_among_their_parties(ask: Ask) -> None:
    # mous.csv has the lines 2 to 28 with two parties each, but for 19, a consortium of three
    # companies: 27 memoranda, 55 parties. 20 was signed in September 2025.
    assert ask("select count(*), sum(party_count) from fct_memorandum") == [(27, 55)]
    amca = ask(
        """
        select parties, vendor_count, signed_from, signed_to from fct_memorandum
        where subject like 'AMCA%' order by signed_to
        """
    )
    assert amca == [
        ("BEML; Bharat Forge; Data Patterns", 3, date(2025, 9, 26), date(2025, 9, 27)),
        ("Bharat Electronics Limited; Larsen & Toubro", 2, date(2025, 9, 1), date(2025, 10, 1)),
    ]


def test_published_figures_of_events_are_counts_or_rupees(ask: Ask) -> None:
    # event_meetings.csv 2: over 300 meetings; 4 to 8: 345, 42, 46, 18 and their sum 451; 9: Rs 1.5
    # lakh crore.
    figures = ask(
        """
        select indicator, value_count, value_inr, bound, is_total from fct_event_statistic
        where event_id in ('EV-ETECH25', 'EV-DX22-BANDHAN') and engagement_kind <> 'attendance'
        order by indicator
        """
    )
    assert figures == [
        ("major_announcements", 42, None, "exact", False),
        ("meetings_held", 300, None, "lower", False),
        ("mous", 345, None, "exact", False),
        ("product_launches", 46, None, "exact", False),
        ("total", 451, None, "exact", True),
        ("tots", 18, None, "exact", False),
        ("value_crore", None, 150_000 * CRORE, "exact", False),
    ]


def test_single_meetings_are_sample_and_meet_no_published_count(ask: Ask) -> None:
    # The only event with registrations is EV-DPD24, for which no count is published
    # (event_meetings.csv 21 is blank).
    assert ask("select distinct event_id, is_sample from fct_event_meeting") == [("EV-DPD24", True)]
    assert ask("select distinct event_id, is_sample from fct_event_option") == [("EV-DPD24", True)]
    published = ask("select value_count from fct_event_statistic where event_id = 'EV-DPD24'")
    assert published == [(None,)]


def test_no_personal_column_leaves_staging(ask: Ask) -> None:
    columns = ask(
        """
        select table_name, column_name from information_schema.columns
        where table_schema in ('marts_next', 'prep') and column_name ~ '^contact|email|phone'
        """
    )
    assert columns == []


def test_what_followed_an_event_within_a_year_is_counted_with_its_days(ask: Ask) -> None:
    # Bharat Forge got a technology on 2025-06-07. The consortium for AMCA (mous.csv 19) followed on
    # 2025-09-26: 23 + 31 + 31 + 26 = 111 days later; the carbines (innovation/idex_contracts.csv
    # 14 and 15, one contract) in September: 86 days (the 1st) to 115 (the 30th).
    followed = ask(
        """
        select
            technology_domain, contracts_followed_within_a_year,
            memoranda_followed_within_a_year, days_to_first_at_least, days_to_first_at_most
        from mart_engagement_outcomes
        where event_id = 'EV-VRDE25' and participant_name like 'Bharat Forge%'
        order by technology_domain
        """
    )
    assert followed == [("aero", 0, 1, 111, 111), ("land_systems", 1, 0, 86, 115)]


def test_what_was_signed_at_the_event_did_not_follow_it(ask: Ask) -> None:
    # mous.csv 17 and 18 were signed at Aero India 2023 two days after its first day; its last one
    # is not stated (events.csv 25).
    followed = ask(
        """
        select sum(memoranda_followed_within_a_year) from mart_engagement_outcomes
        where event_id = 'EV-AI23'
        """
    )
    assert followed == [(0,)]


def test_sample_and_real_outcomes_are_never_in_one_row(ask: Ask) -> None:
    mixed = ask(
        """
        select count(*) from mart_engagement_outcomes
        where
            is_sample = (vendor_id is not null)
            or (not is_sample and authorisations_followed_within_a_year > 0)
        """
    )
    assert mixed == [(0,)]


def claim(ask: Ask, released_on: str, condition: str) -> list[tuple[Any, ...]]:
    """Verdict, printed official figure, its scope, and whether it stood on that day."""
    return ask(
        f"""
        select verdict, official_stated_as, official_scope, is_official_standing_then
        from fct_press_claim
        where released_on = '{released_on}' and not is_repeat and {condition}
        """
    )


def test_a_claim_agrees_with_the_vintage_of_its_day(ask: Ask) -> None:
    # production_exports/production_annual.csv: 1,50,590 from 9 August, 1.54 lakh crore from 20
    # November 2025. The release of 10 November rounds the former: 1.51 lakh crore is 1,50,500 to
    # 1,52,000 crore.
    production = "metric = 'production' and period_label = '2024-25' and sector = 'total'"
    amount = f"{production} and measure = 'value'"
    assert claim(ask, "2025-08-09", amount) == [("agrees", "Rs 1,50,590 crore", "headline", True)]
    assert claim(ask, "2025-11-20", amount) == [("agrees", "Rs 1.54 lakh crore", "headline", True)]
    ((verdict, stated_as, scope, _),) = claim(ask, "2025-11-10", amount)
    assert (verdict, stated_as, scope) == ("agrees", "Rs 1,50,590 crore", "headline")


def test_a_claim_of_another_scope_agrees_with_that_scope(ask: Ask) -> None:
    # Sixteen DPSUs made 71.6 per cent; the headline counts nine of them.
    share = "sector = 'dpsu' and metric = 'production'"
    assert claim(ask, "2025-11-10", share) == [("agrees", "71.6 per cent", "sixteen_dpsus", True)]


def test_a_target_is_compared_with_targets_only(ask: Ask) -> None:
    # "By 2029 ... equipment worth Rs 3 trillion": production_exports/targets.csv has Rs 3 lakh
    # crore for 2028-29, the fiscal year that ends in 2029.
    goals = ask(
        """
        select distinct official_series, official_period_label, verdict from fct_press_claim
        where status = 'target' and metric = 'production'
        """
    )
    assert goals == [("fct_target", "2028-29", "agrees")]


def test_what_one_company_says_is_compared_with_nothing(ask: Ask) -> None:
    companies = ask("select distinct verdict from fct_press_claim where sector = 'company'")
    assert companies == [("not_comparable",)]


def test_no_claim_enters_an_official_series(ask: Ask) -> None:
    leaked = ask(
        """
        select count(*)
        from fct_production_statement as statement
        inner join dim_source_document as document
            on statement.source_document_id = document.source_document_id
        where document.is_sample
        """
    )
    assert leaked == [(0,)]
    assert ask("select distinct is_sample from fct_press_claim") == [(True,)]
