"""Production, exports and their targets on the real data: vintages, and what was known when.

Expected values are lines of `data/production_exports/*.csv`, read by hand: `production_annual:103`
is line 103 of that file, header included.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from built_marts import rows_of

from utpadan.settings import Settings

VINTAGES = """
select vintage_number, value_inr / 10000000, known_from, known_to
from {fact}_revision
where fy_label = %s and sector = 'total' and measure = 'value' and scope = 'headline'
order by vintage_number
"""

KNOWN = """
select value_inr / 10000000
from fct_production_revision
where
    fy_label = '2024-25' and sector = 'total' and measure = 'value' and scope = 'headline'
    and known_from <= %(day)s and (known_to is null or %(day)s < known_to)
"""

STATEMENT = """
select kind, role, scope, value_inr / 10000000
from {fact}_statement as statement
inner join dim_source_document as page
    on statement.source_document_id = page.source_document_id
where
    fy_label = %s and sector = %s and measure = %s and stated_as = %s and page.url like %s
"""


@pytest.mark.parametrize(
    ("fact", "year", "expected"),
    [
        # production_annual:11 (undated; its newest actual is 2018-19: out by 2020-03-31), 12
        ("fct_production", "2016-17", [(74121, "2020-03-31"), (74054, "2022-02-07")]),
        # production_annual:26 "78,569.28", 27 and 28 "Rs 79,071 crore"
        ("fct_production", "2019-20", [("78569.28", "2021-12-06"), (79071, "2022-02-07")]),
        # production_annual:35 "84,666.84", 36 to 38 "Rs 84,643 crore"
        ("fct_production", "2020-21", [("84666.84", "2021-12-06"), (84643, "2022-02-07")]),
        # production_annual:48 and 49 provisional; 50 "Rs 1.09 trillion" is 108,684 of 51 rounded,
        # and was the first to tell it
        ("fct_production", "2022-23", [(106800, "2023-05-19"), (108684, "2024-04-04")]),
        # production_annual:71 and 72; 73 to 75 are roundings, 70 is a part of the year; 76 and 77
        ("fct_production", "2023-24", [(126887, "2024-07-05"), (127434, "2025-11-20")]),
        # production_annual:103 and 105; 106 and 107; 109 to 112
        (
            "fct_production",
            "2024-25",
            [(146000, "2025-05-29"), (150590, "2025-08-09"), (154000, "2025-11-20")],
        ),
        # exports_annual:12, 14; 11 is of half the year, 13 and 15 are roundings
        ("fct_export", "2014-15", [("994.04", "2015-12-11"), ("1940.64", "2021-08-04")]),
        # exports_annual:72 (2020, so out by its end), 73; 71 and 76 to 78 are roundings
        ("fct_export", "2019-20", [("8620.59", "2020-12-31"), ("9115.55", "2021-02-10")]),
        # exports_annual:142; 140 (20,915) is taken up by no later page, 141 is a part of the year
        ("fct_export", "2023-24", [(21083, "2024-04-01")]),
        # exports_annual:183 and 184
        ("fct_export", "2025-26", [(38424, "2026-04-02")]),
    ],
)
def test_the_revisions_that_were_followed_by_hand_are_the_vintages(
    released: Settings, fact: str, year: str, expected: list[tuple[Any, str]]
) -> None:
    days = [date.fromisoformat(day) for _, day in expected]
    assert rows_of(released, VINTAGES.format(fact=fact), [year]) == [
        (number, Decimal(value), known_from, known_to)
        for number, ((value, _), known_from, known_to) in enumerate(
            zip(expected, days, [*days[1:], None], strict=True), start=1
        )
    ]


@pytest.mark.parametrize(
    ("day", "crore"),
    [
        ("2025-05-28", []),  # only the expectation of production_annual:102 is out
        ("2025-05-29", [146000]),
        ("2025-06-30", [146000]),
        ("2025-08-08", [146000]),
        ("2025-08-09", [150590]),
        ("2025-09-01", [150590]),
        ("2025-11-19", [150590]),
        ("2025-11-20", [154000]),
        ("2030-01-01", [154000]),
    ],
)
def test_production_of_2024_25_is_what_was_known_on_the_day(
    released: Settings, day: str, crore: list[int]
) -> None:
    found = rows_of(released, KNOWN.replace("%(day)s", f"date '{day}'"))
    assert [value for (value,) in found] == crore


@pytest.mark.parametrize(
    ("fact", "year", "sector", "measure", "stated", "page", "kind"),
    [
        # production_annual:70, 74, 97, 102, 104
        ("fct_production", "2023-24", "total", "value", "Rs 74,739 crore", "%", "part_year"),
        ("fct_production", "2023-24", "total", "value", "over Rs 1.27 lakh crore", "%", "bound"),
        (
            "fct_production",
            "2024-25",
            "total",
            "value",
            "poised to exceed Rs 1,40,000 crore",
            "%",
            "expectation",
        ),
        (
            "fct_production",
            "2024-25",
            "total",
            "value",
            "record Rs 1.30 lakh crore today",
            "%",
            "unnamed_year",
        ),
        # exports_annual:11, 141
        ("fct_export", "2014-15", "total", "value", "Rs. 166.67 crore", "%", "part_year"),
        ("fct_export", "2023-24", "total", "value", "Rs 6,052 crore", "%", "part_year"),
    ],
)
def test_what_is_no_figure_of_the_year_is_kept_and_is_no_vintage(
    released: Settings,
    fact: str,
    year: str,
    sector: str,
    measure: str,
    stated: str,
    page: str,
    kind: str,
) -> None:
    rows = rows_of(released, STATEMENT.format(fact=fact), [year, sector, measure, stated, page])
    assert [row[:2] for row in rows] == [(kind, "none")]


def test_a_figure_of_another_scope_revises_none_of_the_headline(released: Settings) -> None:
    scopes = """
    select scope, value_inr / 10000000, vintage_count from fct_export
    where fy_label = %s and sector = %s and measure = 'value' order by scope
    """
    # exports_annual:55 and 59 count authorisations, 58 and its repeats are replies in Parliament
    assert rows_of(released, scopes, ["2018-19", "total"]) == [
        ("authorisation_basis", Decimal("8320.09"), 1),
        ("headline", Decimal("10745.77"), 1),
    ]
    # exports_annual:149 and 152: 8,389 and, of the 16 undertakings, 6,695
    assert rows_of(released, scopes, ["2024-25", "dpsu"]) == [
        ("headline", 8389, 1),
        ("sixteen_dpsus", 6695, 1),
    ]


def test_no_vintage_rests_on_anything_but_figures_of_its_own_scope(released: Settings) -> None:
    for fact, key in (("fct_production", "production"), ("fct_export", "export")):
        mixed = f"""
        select statement.statement_id
        from {fact}_statement as statement
        inner join {fact}_revision as vintage using ({key}_revision_id)
        where statement.kind <> 'figure' or statement.scope <> vintage.scope
        """
        assert rows_of(released, mixed) == []


def test_no_sample_is_behind_an_official_figure(released: Settings) -> None:
    for mart in ("fct_production", "fct_export", "mart_export_performance", "mart_target_tracker"):
        of_samples = f"select * from {mart} inner join dim_source_document as page "
        of_samples += "using (source_document_id) where page.is_sample"
        assert rows_of(released, of_samples) == []


def test_a_target_that_many_pages_state_is_one_with_its_pages_counted(released: Settings) -> None:
    by_2029 = rows_of(
        released,
        """
        select metric, value_inr / 10000000, kind, statement_count, announced_on, first_stated_on
        from fct_target where fy_label = '2028-29' order by metric
        """,
    )
    announced, first = date(2025, 3, 29), date(2025, 3, 30)
    assert by_2029 == [
        # targets:12 to 14, and exim_stats:14 "target 2029"
        ("exports", 50000, "target", 4, announced, first),
        # targets:26 to 28
        ("production", 300000, "target", 3, announced, first),
    ]


def test_targets_drafts_projections_and_expectations_for_a_year_are_told_apart(
    released: Settings,
) -> None:
    rows = rows_of(
        released,
        """
        select kind, value_inr / 10000000, statement_count from fct_target
        where metric = 'exports' and fy_label = '2024-25' order by kind, value_inr
        """,
    )
    assert rows == [
        ("draft_target", 35000, 3),  # targets:4 (2020) and 5 (2018), exim_stats:44 (2018)
        ("projection", 25000, 1),  # targets:8
        ("target", 30000, 1),  # targets:7 and exim_stats:16, which are one page
        ("target", 35000, 1),  # targets:6
        ("target", 36500, 1),  # targets:9, the rupees of USD 5 billion in another month
    ]


def test_every_row_that_states_a_target_is_in_one_statement(released: Settings) -> None:
    # 27 lines of targets, exim_stats:14, 16 and 44, industry_indicators:55; one page is in two
    assert rows_of(
        released, "select count(*), sum(source_row_count) from fct_target_statement"
    ) == [(30, 31)]


def test_the_tracker_works_out_what_a_target_takes(released: Settings) -> None:
    """Production of 3 lakh crore by 2028-29, from 1,54,000 crore in 2024-25.

    300000 / 154000 = 1.948052, its fourth root 1.181409: 18.14 percent a year for four years.
    One year before it was 127,434: 154000 / 127434 = 1.208469. Three years before 94,846: 1.623685,
    its cube root 1.175350. Five years before 79,071: 1.947617, its fifth root 1.142617.
    """
    (row,) = rows_of(
        released,
        """
        select
            actual_fy_label, actual_inr / 10000000, actual_vintage_count, gap_inr / 10000000,
            years_left, required_growth_percent, growth_1_year_percent, growth_3_years_percent,
            growth_5_years_percent, outcome, is_on_track, actual_usd, usd_missing_reason,
            actual_real_inr, real_missing_reason
        from mart_target_tracker where subject = 'production' and fy_label = '2028-29'
        """,
    )
    assert row[:5] == ("2024-25", 154000, 3, 146000, 4)
    growth = [Decimal(text) for text in ("18.14", "20.85", "17.54", "14.26")]
    assert list(row[5:9]) == growth
    assert row[9:11] == ("open", False), "17.54 percent over three years is less than 18.14"
    assert row[11:13] == (None, "no exchange rate of calendar year 2025")
    assert row[13:15] == (None, "the deflator series ends with 2020-21")


def test_a_target_whose_year_is_known_was_reached_or_missed(released: Settings) -> None:
    rows = rows_of(
        released,
        """
        select
            kind, fy_label, actual_inr / 10000000, gap_inr / 10000000, outcome, is_on_track,
            actual_usd, actual_real_inr
        from mart_target_tracker
        where subject = 'exports' and target_inr / 10000000 in (15000, 17000)
            or subject = 'exports' and kind = 'expectation'
        order by fy_label
        """,
    )
    # 8,434.84 crore at (9 x 74.10 + 3 x 73.92) / 12 = 74.055 rupees; at 146.13 for 100 in 2011-12
    assert rows[0] == (
        *("target", "2020-21", Decimal("8434.84"), Decimal("6565.16"), "missed", None),
        *(1_138_996_692, 57_721_480_873),
    )
    # 15,920 crore at (9 x 78.60449058 + 3 x 82.59927645) / 12 = 79.603187 rupees
    assert rows[1] == ("projection", "2022-23", 15920, 1080, "missed", None, 1_999_919_928, None)
    # targets:10 expects 30,000 for 2025-26, of which exports_annual:183 tells 38,424
    assert rows[2] == ("expectation", "2025-26", 38424, -8424, "reached", None, None, None)
