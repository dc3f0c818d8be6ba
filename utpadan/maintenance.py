"""Maintenance: keeps the ledger small, and proves that the archive could be replayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import psycopg

from utpadan.archive import Archive, ArchiveError, sha256_of
from utpadan.settings import Settings

RETENTION = timedelta(days=400)
"""How long results of rules and models are kept: a night can be held against that of a year ago."""


@dataclass(frozen=True)
class Pruned:
    """Rows that were deleted."""

    check_results: int
    model_runs: int


def prune(settings: Settings, keep: timedelta = RETENTION) -> Pruned:
    """Delete results of rules and models that are older than `keep`.

    Whatever their age, these stay: each suite's newest run, the day since which a rule that fails
    now has failed, and the models of the current release.
    """
    with psycopg.connect(settings.builder_url) as conn:
        results = conn.execute(
            """
            delete from ops.check_result
            where
                checked_at < now() - %s
                and run_id not in (
                    select distinct on (boundary, suite) run_id from ops.check_result
                    order by boundary asc, suite asc, check_id desc
                )
                and (boundary, suite, rule_id, checked_at) not in (
                    select boundary, suite, rule_id, first_failed_at from ops.open_finding
                )
            """,
            (keep,),
        )
        models = conn.execute(
            """
            delete from ops.model_run
            where
                started_at < now() - %s
                and build_id not in (select build_id from ops.release_history where is_current)
            """,
            (keep,),
        )
        return Pruned(results.rowcount, models.rowcount)


def damaged_deliveries(settings: Settings) -> list[str]:
    """The deliveries of the ledger whose bytes the archive has not, or not as they came.

    One sentence each, with what to do; every byte is read and hashed.
    """
    with psycopg.connect(settings.builder_url) as conn:
        deliveries = conn.execute(
            """
            select sha256, array_agg(distinct source order by source) from ops.delivery
            group by sha256 order by min(fetched_at)
            """
        ).fetchall()
    archive = Archive(settings.archive_url)
    faults = ((sources, _fault(archive, sha256)) for sha256, sources in deliveries)
    return [f"{', '.join(sources)}: {fault}" for sources, fault in faults if fault]


def _fault(archive: Archive, sha256: str) -> str | None:
    try:
        with archive.open(sha256) as path:
            if sha256_of(path) == sha256:
                return None
    except ArchiveError as error:
        return str(error)
    return f"{archive.url}: the bytes of {sha256} are damaged; restore them from the backup"
