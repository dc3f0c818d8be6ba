"""What an investment would receive, worked out by hand from data/state_policy/incentives.csv.

The lines are named by their incentive_id. 1 crore is 10,000,000 rupees.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import psycopg
import pytest
from built_marts import build_subject, rows
from command import environment, plain
from policy_marts import (
    CRORE,
    DAY,
    amounts,
    question,
    total,
)
from publishing import release
from real_chain import release_what_is_built
from typer.testing import CliRunner

from utpadan import cli, publish
from utpadan.estimate import EstimateError, estimate
from utpadan.settings import Settings


@pytest.fixture(scope="module")
def published(own_copy: Settings) -> Settings:
    """A release of the real input."""
    release_what_is_built(own_copy)
    return own_copy


def test_kerala_gives_a_large_unit_a_tenth_up_to_10_crore(published: Settings) -> None:
    # INC0240, 10% up to Rs 10 crore: 10 of 100; of 1,000 the cap, for a mega unit as a large one
    assert amounts(published, "IN-KL") == {"10% up to Rs 10 crore": (10, 10, True)}
    assert total(published, "IN-KL") == ("kl-ind-2023", 10, 10)
    assert total(published, "IN-KL", crore=1000, category="mega") == ("kl-ind-2023", 10, 10)


def test_rajasthan_gives_one_of_its_alternatives(published: Settings) -> None:
    # INC0156, 20-28% for manufacturing, or INC0157, 14-20% for services; Rs 50 to 300 crore: large
    assert amounts(published, "IN-RJ") == {
        "20-28% over 10 years": (20, 28, True),
        "14-20%": (14, 20, True),
    }
    assert total(published, "IN-RJ") == ("rj-ad-2026", 14, 28), "from the least to the most of one"


def test_chhattisgarh_has_two_policies_which_are_not_added(published: Settings) -> None:
    # INC0210, 35% of Rs 50-500 crore; INC0195, INC0198 and INC0201, 30% in each of three groups
    assert amounts(published, "IN-CG") == {
        "up to 35%, max Rs 300 crore": (35, 35, True),
        "30% max Rs 100 Cr": (30, 30, True),
        "30% max Rs 125 Cr": (30, 30, True),
        "30% max Rs 150 Cr": (30, 30, True),
    }
    assert total(published, "IN-CG") == ("cg-def-2025", 35, 35)
    # at 600 crore the first is out of its bounds, and 30% (180) is cut to 100, 125 and 150
    assert total(published, "IN-CG", crore=600) == ("cg-idp-2024", 100, 150)
    assert total(published, "IN-CG", crore=600, zone="group_2") == ("cg-idp-2024", 125, 125)


@pytest.mark.parametrize(
    ("asked", "crore"),
    [
        ({}, (7, 10)),  # INC0031 7% outside, INC0032 10% in Bundelkhand
        ({"zone": "bundelkhand"}, (10, 10)),
        ({"zone": "non_bundelkhand"}, (7, 7)),
        ({"crore": 10000}, (500, 500)),  # 700 and 1,000 are cut to Rs 500 crore
    ],
)
def test_uttar_pradesh_of_2023_differs_by_zone(
    published: Settings, asked: dict[str, Any], crore: tuple[float, float]
) -> None:
    assert total(published, "IN-UP", on=date(2023, 4, 1), **asked) == ("up-ad-2022-a2", *crore)


def test_uttar_pradesh_of_2025_publishes_no_rate_so_there_is_no_amount(published: Settings) -> None:
    found = estimate(published.bi_url, question(on=date(2025, 4, 1))).of_state("Uttar Pradesh")
    policy = [row for row in found.incentives if row["policy_id"] == "up-ad-2024"]
    assert {row["amount_inr"] for row in policy} == {None}
    # INC0034 to INC0037
    assert {row["incentive_type"]: row["reason_without_amount"] for row in policy} == {
        "land_rebate": "no rate is published",
        "stamp_duty_exemption": "no rate is published",
        "transport_subsidy": "no rate is published",
        "capital_subsidy": "the rate is no percentage: front-end subsidy",
    }


def test_what_an_amendment_left_alone_stands_under_the_version_in_force(
    published: Settings,
) -> None:
    found = estimate(published.bi_url, question(on=date(2023, 4, 1))).of_state("IN-UP")
    (stamps,) = [row for row in found.incentives if row["stated_as"] == "100% exemption"]  # INC0030
    assert (stamps["policy_id"], stamps["stated_by_policy_id"]) == (
        "up-ad-2022-a2",
        "up-ad-2019-a1",
    )
    assert stamps["is_carried_over"]
    assert stamps["reason_without_amount"] == "needs the stamp duty due"


def test_karnataka_counts_a_micro_unit_once_and_leaves_out_what_is_in_doubt(
    published: Settings,
) -> None:
    # INC0057 (which contains the 5% of INC0060), INC0058, INC0059; INC0061 is in CONFLICT
    assert amounts(published, "IN-KA", crore=1, category="micro") == {
        "35% for micro in special category": (0.35, 0.35, True),
        "30% for micro in Zone 2 and 3": (0.3, 0.3, True),
        "5% additional subsidy": (0.05, 0.05, False),
        "may go up to Rs 35 lakh per entrepreneur": (0.05, 0.05, False),
    }
    assert total(published, "IN-KA", crore=1, category="micro", zone="zone_1")[1:] == (0.35, 0.35)


def test_every_state_is_in_the_totals(published: Settings) -> None:
    found = estimate(published.bi_url, question())
    assert len({row["state_code"] for row in found.totals}) == 36
    (sikkim,) = found.of_state("sikkim").totals
    assert sikkim["remark"] == "no policy in force on that day is known"
    assert sikkim["incentives_without_amount"] == 0


INVENTED = """
select estimated.policy_incentive_id, estimated.amount_inr
from unnest(array['micro', 'msme', 'large', 'mega', 'anchor', null]) as category
cross join unnest(array[0.5, 10, 100, 500, 1000, 20000]) as crore
cross join unnest(array[date '2018-10-01', '2021-01-01', '2023-04-01', '2026-04-01']) as day
cross join lateral marts.estimate_incentives(crore, day, category) as estimated
inner join marts.fct_policy_incentive as stated
    on estimated.policy_incentive_id = stated.policy_incentive_id
where
    (estimated.amount_inr is null) = (estimated.reason_without_amount is null)
    or (estimated.amount_inr is null) <> (estimated.assumption is null)
    or (
        estimated.amount_inr is not null
        and (
            stated.rate_percent is null
            or stated.base_group <> 'investment'
            or stated.benefit_form <> 'percent'
            or estimated.amount_inr > crore * 10000000 * stated.rate_percent / 100
            or estimated.amount_inr_max > stated.cap_inr
        )
    )
"""


def test_no_amount_is_invented_whatever_is_asked(published: Settings) -> None:
    assert rows(published.builder_url, INVENTED) == []


def test_the_benchmark_is_what_the_function_says(published: Settings) -> None:
    query = """
    select benchmark.benchmark, benchmark.policy_id, benchmark.incentive_type
    from (
        select
            policy_id,
            incentive_type,
            min(amount_inr) filter (where is_counted) as least,
            max(coalesce(amount_inr_max, amount_inr)) filter (where is_counted) as most
        from marts.estimate_incentives(%s, %s, %s)
        group by policy_id, incentive_type
    ) as estimated
    full join (
        select * from marts.mart_incentive_benchmark
        where benchmark = %s and on_date = %s and incentive_type is not null
    ) as benchmark
        on
            estimated.policy_id = benchmark.policy_id
            and estimated.incentive_type = benchmark.incentive_type
    where
        estimated.policy_id is null
        or benchmark.policy_id is null
        or estimated.least is distinct from benchmark.amount_inr
        or estimated.most is distinct from benchmark.amount_inr_max
    """
    for name, crore, category in (
        ("msme_10_crore", 10, "msme"),
        ("large_100_crore", 100, "large"),
        ("mega_1000_crore", 1000, "mega"),
    ):
        for day in (date(2019, 4, 1), date(2023, 4, 1), DAY):
            assert rows(published.builder_url, query, crore, day, category, name, day) == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"category": "huge"}, r"no unit category huge; there is: anchor, large, .*vendor"),
        ({"zone": "bundelkand"}, r"no policy in force on 2026-04-01 names the zone bundelkand"),
        ({"zone": "bundelkhand"}, r"on 2026-04-01 names the zone bundelkhand; .*group_1"),
        ({"crore": 0}, r"the investment must be more than 0 crore rupees, not 0"),
    ],
)
def test_a_question_that_no_policy_understands_is_refused(
    published: Settings, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(EstimateError, match=message):
        estimate(published.bi_url, question(**asked))


@pytest.mark.parametrize("role", ["bi_url", "analyst_url"])
def test_readers_call_it_by_its_name(published: Settings, role: str) -> None:
    query = "select count(*) as states from estimate_incentive_totals(100, '2026-04-01')"
    assert rows(getattr(published, role), query)[0]["states"] >= 36


def test_it_follows_the_release_that_readers_see(published: Settings) -> None:
    how_many = "select count(*) from marts.estimate_incentives(100, '2026-04-01')"
    again_and_again = (
        "select (select count(*) from marts.estimate_incentives(100 + 0 * number, '2026-04-01')) "
        "from generate_series(1, 20) as number"
    )
    with (
        psycopg.connect(published.bi_url, autocommit=True) as reader,
        psycopg.connect(published.bi_url) as at_work,
        at_work.cursor(name="report") as report,
    ):
        before = reader.execute(how_many).fetchone()
        build_subject(published, "policy")
        with psycopg.connect(published.builder_url, autocommit=True) as builder:
            builder.execute(
                "delete from marts_next.fct_policy_incentive where state_code = 'IN-KL'"
            )
        assert reader.execute(how_many).fetchone() == before, "what is built is not seen yet"
        report.itersize = 1
        report.execute(again_and_again)
        assert report.fetchone() == before
        publish.publish(published.builder_url)
        assert reader.execute(how_many).fetchone() != before
        assert set(report) == {before}, "a statement at work stays with the release it began with"
        publish.undo(published.builder_url)
        assert reader.execute(how_many).fetchone() == before


def test_a_release_without_it_says_what_to_do(published: Settings) -> None:
    release(published, 2)
    with pytest.raises(EstimateError, match="hold no estimate: `utpadan build`"):
        estimate(published.bi_url, question())
    assert "the published marts hold no estimate" in run(published, "100", code=1)
    publish.undo(published.builder_url)
    assert total(published, "IN-KL") == ("kl-ind-2023", 10, 10)


def run(settings: Settings, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli.app, ["estimate", *arguments], env=environment(settings))
    assert result.exit_code == code, result.output
    return plain(result.output)


ASKED = ("100", "--category", "large", "--on", "2026-04-01")


def test_the_command_compares_the_states(published: Settings) -> None:
    shown = run(published, *ASKED)
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "Rs 100 crore, category: large, any zone, on 2026-04-01" in lines
    assert "Rajasthan rj-ad-2026 14 to 28 6" in lines
    assert any(line.startswith("Uttar Pradesh up-ad-2024 4 no incentive is a") for line in lines)
    assert "17 other states: no policy in force on that day is known." in lines


def test_the_command_shows_a_state_with_its_assumptions(published: Settings) -> None:
    shown = " ".join(run(published, *ASKED, "--state", "kerala").split())
    assert "Kerala Industrial Policy 2023 (kl-ind-2023)" in shown
    assert "10 * capital_subsidy, units: large: 10% up to Rs 10 crore" in shown
    assert "the whole investment counts as fixed capital and the rate is paid in full" in shown
    assert "together Rs 10 crore; 3 without an amount" in shown


def test_the_command_gives_scripts_json_and_csv(published: Settings) -> None:
    told = json.loads(run(published, *ASKED, "--state", "IN-KL", "--json"))
    assert (told["investment_crore"], told["on"]) == (100, "2026-04-01")
    assert [row["total_inr"] for row in told["totals"]] == [10 * CRORE]
    table = list(csv.DictReader(io.StringIO(run(published, *ASKED, "--state", "IN-KL", "--csv"))))
    assert len(table) == len(told["incentives"])
    assert [row["amount_inr"] for row in table if row["amount_inr"]] == ["100000000"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("hundred",), 2, "write crore rupees: 100 or 2.5"),
        (("-5",), 2, ""),
        (("100", "--on", "1 April"), 2, ""),
        (("100", "--state", "Atlantis"), 1, "there is no state 'Atlantis'; there is: IN-AN"),
        (("100", "--category", "huge"), 1, "no unit category huge; there is: anchor"),
        ((*ASKED, "--state", "IN-SK", "--csv"), 1, "no incentive in force is known for it"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_call(
    published: Settings, arguments: tuple[str, ...], code: int, message: str
) -> None:
    assert message in " ".join(run(published, *arguments, code=code).split())
