"""Outcomes as rows of `ops.check_result`, and the age of a failure from them."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from utpadan.quality.outcome import Outcome
from utpadan.quality.suite import Suite

STORE = """
insert into ops.check_result (
    run_id, boundary, suite, rule_id, rule, target, expectation, severity,
    success, observed, unexpected_count, sample, fault, owner, suite_sha256,
    judged, acceptance_id
)
values (
    %(run_id)s, %(boundary)s, %(suite)s, %(rule_id)s, %(rule)s, %(target)s, %(expectation)s,
    %(severity)s, %(success)s, %(observed)s, %(unexpected_count)s, %(sample)s, %(fault)s, %(owner)s,
    %(suite_sha256)s, %(judged)s, %(acceptance_id)s
)
"""

FAILING_SINCE = """
select
    failed.rule_id,
    min(failed.checked_at)
from ops.check_result as failed
where
    failed.boundary = %(boundary)s
    and failed.suite = %(suite)s
    and not failed.success
    and not exists (
        select from ops.check_result as held
        where
            held.boundary = failed.boundary
            and held.suite = failed.suite
            and held.rule_id = failed.rule_id
            and held.check_id > failed.check_id
            and held.success
    )
group by failed.rule_id
"""
"""Of every rule of a suite that failed when it was last checked: when that streak began."""


def store(
    connection: psycopg.Connection[Any],
    run_id: uuid.UUID,
    suite: Suite,
    judged: Mapping[str, Any],
    outcomes: tuple[Outcome, ...],
) -> None:
    """Write one row for every outcome, all or none."""
    run = {
        "run_id": run_id,
        "boundary": suite.boundary,
        "suite": suite.name,
        "suite_sha256": suite.sha256,
        "judged": Jsonb(judged),
    }
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(STORE, [{**run, **_row(outcome)} for outcome in outcomes])


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "rule_id": outcome.rule.id,
        "rule": outcome.rule.rule.strip(),
        "target": outcome.rule.table,
        "expectation": outcome.rule.test,
        "severity": outcome.rule.severity,
        "success": outcome.success,
        "observed": Jsonb(outcome.observed),
        "unexpected_count": outcome.unexpected_count,
        "sample": Jsonb(outcome.sample),
        "fault": outcome.fault,
        "owner": outcome.owner,
        "acceptance_id": outcome.acceptance.acceptance_id if outcome.acceptance else None,
    }


def with_age(
    connection: psycopg.Connection[Any], suite: Suite, outcomes: tuple[Outcome, ...]
) -> tuple[Outcome, ...]:
    """The stored outcomes with `failing_since`, where they failed."""
    names = {"boundary": suite.boundary, "suite": suite.name}
    with connection.transaction():
        since = dict(connection.execute(FAILING_SINCE, names).fetchall())
    return tuple(
        dataclasses.replace(outcome, failing_since=since.get(outcome.rule.id))
        for outcome in outcomes
    )
