"""What happened in a night, gathered from the ledger and the marts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from utpadan import health, publish
from utpadan.health import Health, Row
from utpadan.settings import Settings

NIGHT = timedelta(hours=24)
REVISED = {"production": "fct_production_revision", "exports": "fct_export_revision"}
"""Subjects whose figures are revised, and the mart that keeps every vintage."""


@dataclass(frozen=True)
class Night:
    """A night up to `health.now`; rows are those of the views in `ops`, and of the marts.

    `loads` changed staging, `releases` were published. `revisions` are vintages that the current
    release has and the one before had not, when it was published in this night. `names` wait for a
    review. `is_due`: a release would hold something new.
    """

    since: datetime
    health: Health
    loads: list[Row]
    releases: list[Row]
    revisions: list[Row]
    names: list[Row]
    is_due: bool


def look(settings: Settings, night: timedelta = NIGHT) -> Night:
    """Gather the night that ends now; changes nothing."""
    found = health.look(settings)
    since = found.now - night
    with psycopg.connect(settings.builder_url, row_factory=dict_row) as conn:
        releases = conn.execute(
            "select * from ops.release_history where published_at >= %s order by release_id",
            (since,),
        ).fetchall()
        return Night(
            since=since,
            health=found,
            loads=conn.execute(
                """
                select source, status, rows_new, rows_changed, rows_closed from ops.load_history
                where loaded_at >= %s and status = 'loaded' order by load_id
                """,
                (since,),
            ).fetchall(),
            releases=releases,
            revisions=_revisions(conn) if any(row["is_current"] for row in releases) else [],
            names=conn.execute(
                """
                select vendor_name, named_in, rows_naming, candidate_1, score_1
                from ops.vendor_name_review order by rows_naming desc, vendor_name
                """
            ).fetchall(),
            is_due=publish.is_due(settings.builder_url),
        )


def _revisions(conn: psycopg.Connection[Row]) -> list[Row]:
    """Vintages of `marts` that `marts_prev` has not, each with what it replaced, if anything."""
    found: list[Row] = []
    for subject, table in REVISED.items():
        there = conn.execute(
            "select to_regclass(%s) is not null and to_regclass(%s) is not null as both",
            (f"marts.{table}", f"marts_prev.{table}"),
        ).fetchone()
        if there and there["both"]:
            query = SQL(_NEW_VINTAGES).format(
                new=Identifier("marts", table), old=Identifier("marts_prev", table)
            )
            found += ({"subject": subject, **row} for row in conn.execute(query).fetchall())
    return found


_NEW_VINTAGES = """
select
    vintage.fy_label, vintage.sector, vintage.measure, vintage.scope, vintage.stated_as,
    vintage.known_from, vintage.is_doubtful, replaced.stated_as as replaced
from {new} as vintage
left join {new} as replaced
    on
        vintage.fy_start_date = replaced.fy_start_date
        and vintage.sector = replaced.sector
        and vintage.measure = replaced.measure
        and vintage.scope = replaced.scope
        and vintage.vintage_number = replaced.vintage_number + 1
where not exists (
    select from {old} as known
    where
        vintage.fy_start_date = known.fy_start_date
        and vintage.sector = known.sector
        and vintage.measure = known.measure
        and vintage.scope = known.scope
        and vintage.stated_as = known.stated_as
        and vintage.known_from = known.known_from
)
order by vintage.fy_start_date desc, vintage.sector, vintage.measure, vintage.scope
"""
