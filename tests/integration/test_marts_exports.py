"""Export deals, destinations and performance on the real data.

Expected values are lines of `data/production_exports/*.csv`, read by hand.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

from built_marts import rows_of

from utpadan.settings import Settings
from utpadan.source import CHECKOUT

DESTINATIONS = CHECKOUT / "data" / "production_exports" / "export_destinations.csv"


def test_every_statement_is_of_a_deal_or_of_a_destination(released: Settings) -> None:
    with DESTINATIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stated = sorted((row["iso3"], row["item_exported"], row["source_url"]) for row in rows)
    kept = rows_of(
        released,
        """
        select destination_iso3, item_exported, page.url
        from (
            select destination_iso3, item_exported, source_document_id
            from fct_export_deal_statement
            union all
            select destination_iso3, item_exported, source_document_id from fct_export_destination
        ) as statement
        inner join dim_source_document as page using (source_document_id)
        """,
    )
    assert len(stated) == 115
    assert sorted(kept) == stated
    # lines 91 to 108 are contracts, orders, ships being built, deliveries and reports of deals
    assert rows_of(released, "select count(*) from fct_export_deal_statement") == [(18,)]


def test_three_pages_with_two_prices_tell_of_one_deal(released: Settings) -> None:
    """BrahMos for the Philippines, lines 91 to 93: 375, 374.9 and 335 million dollars.

    375 is 374.9 rounded, so two pages agree and the finer of them stands; 335 is no rounding of it.
    """
    (deal,) = rows_of(
        released,
        """
        select
            value_usd, value_inr, value_eur, trend_indicator_value, is_value_disputed,
            statement_count, exporter_name, vendor_id is not null, stage, first_delivered_on,
            first_stated_on, period_from, period_to
        from fct_export_deal where destination_iso3 = 'PHL'
        """,
    )
    assert deal[:4] == (374_900_000, None, None, None)
    assert deal[4:8] == (True, 3, "BrahMos Aerospace", True)
    assert deal[8:] == (
        *("delivery_begun", date(2024, 4, 19), date(2022, 10, 19)),
        *(date(2022, 1, 1), date(2023, 1, 1)),
    )
    statements = rows_of(
        released,
        """
        select value_usd, value_role from fct_export_deal_statement
        where destination_iso3 = 'PHL' order by value_usd
        """,
    )
    assert statements == [
        (335_000_000, "differs"),
        (374_900_000, "shown"),
        (375_000_000, "agrees"),
    ]


def test_one_ship_with_a_price_in_rupees_and_one_in_dollars_is_one_deal(
    released: Settings,
) -> None:
    rows = rows_of(
        released,
        """
        select value_inr, value_usd, is_value_disputed, statement_count, stage from fct_export_deal
        where deal_name = 'CGS Barracuda offshore patrol vessel'
        """,
    )
    # lines 101 and 102: 350 crore rupees, 58.5 million dollars
    assert rows == [(3_500_000_000, 58_500_000, False, 2, "delivered")]


def test_deals_of_one_country_that_differ_in_goods_stay_apart(released: Settings) -> None:
    rows = rows_of(
        released,
        """
        select deal_name, value_usd, statement_count, is_doubtful from fct_export_deal
        where destination_iso3 = 'ARM' order by deal_name
        """,
    )
    # lines 94 to 99; 98 and 99 are one system, and 95 may be the order of 94 told again
    assert rows == [
        ("155 mm artillery guns", 155_500_000, 1, False),
        ("ATAGS 155 mm howitzers (84)", 155_000_000, 1, True),
        ("Akash air defence missile system", None, 2, True),
        ("Pinaka rockets", None, 1, False),
        ("Swathi weapon locating radars (4)", 40_000_000, 1, False),
    ]


def test_every_company_that_sells_in_a_deal_is_found(released: Settings) -> None:
    # line 100: "Bharat Dynamics Limited / L&T"
    rows = rows_of(
        released,
        """
        select exporter.exporter_name, exporter.place, exporter.vendor_id = deal.vendor_id
        from bridge_export_deal_exporter as exporter
        inner join fct_export_deal as deal using (deal_id)
        where deal.deal_name = 'Lightweight torpedoes' order by exporter.place
        """,
    )
    assert rows == [("Bharat Dynamics Limited", 1, True), ("L&T", 2, False)]


def test_a_destination_is_a_permission_or_an_export_and_no_deal(released: Settings) -> None:
    rows = rows_of(
        released,
        "select stage, count(*) from fct_export_destination group by stage order by stage",
    )
    # authorised: lines 19 to 26 and, with "NOC granted", 35 to 90
    # exported: lines 2 to 18, 27 to 34 and 109 to 116
    assert rows == [("authorised", 8 + 56), ("exported", 17 + 8 + 8)]


def test_a_year_of_exports_stands_with_its_growth_shares_and_counts(released: Settings) -> None:
    """2024-25 beside 2023-24, as the releases of April 2025 and November 2025 give them.

    23,622 / 21,083 = 1.120429; 15,233 / 23,622 = 0.644865; 23,622 of a production of 1,54,000 is
    15.34 percent.
    """
    rows = rows_of(
        released,
        """
        select
            sector, value_inr / 10000000, growth_percent, share_of_exports_percent,
            share_of_production_percent, authorisations, destinations, q1_value_inr / 10000000,
            q2_value_inr, vintage_count, known_from
        from mart_export_performance where fy_label = '2024-25' order by sector
        """,
    )
    released = date(2025, 4, 1)
    assert [row[0] for row in rows] == ["dpsu", "private", "total"]
    assert [row[1] for row in rows] == [8389, 15233, 23622]
    # 8,389 / 5,874 = 1.428158; 15,233 / 15,209 = 1.001578
    assert [row[2] for row in rows] == [Decimal(text) for text in ("42.82", "0.16", "12.04")]
    assert [row[3] for row in rows] == [Decimal(text) for text in ("35.51", "64.49", "100")]
    assert [row[4] for row in rows] == [Decimal(text) for text in ("5.45", "9.89", "15.34")]
    assert rows[2][5:] == (1762, 80, 6915, None, 1, released)


def test_exports_are_given_in_dollars_and_constant_rupees_as_far_as_the_series_go(
    released: Settings,
) -> None:
    rows = rows_of(
        released,
        """
        select fy_label, value_usd, usd_missing_reason, real_value_inr, real_missing_reason
        from mart_export_performance
        where sector = 'total' and fy_label in ('2019-20', '2021-22', '2025-26') order by fy_label
        """,
    )
    ends = "the deflator series ends with 2020-21"
    assert rows == [
        # 9,115.55 crore / 71.34 and / 1.3968
        ("2019-20", 1_277_761_424, None, 65_260_237_686, None),
        # 12,815 crore / ((9 x 73.92 + 3 x 78.60449058) / 12 = 75.091123)
        ("2021-22", 1_706_593_201, None, None, ends),
        ("2025-26", None, "no exchange rate of calendar years 2025 and 2026", None, ends),
    ]
