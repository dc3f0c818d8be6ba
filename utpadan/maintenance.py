"""Maintenance: keeps the ledger small."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import psycopg

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
