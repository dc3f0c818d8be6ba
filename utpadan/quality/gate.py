"""One gate: a suite run over the rows under test, its outcomes recorded, a failure raised."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from utpadan import events, ledger
from utpadan.quality import expectations, pages, record, rows
from utpadan.quality.outcome import SAMPLE, AuditResult, Finding, GateFailed, Outcome
from utpadan.quality.suite import Suite, load_suite
from utpadan.source import SOURCES


def audit(
    suite_path: Path,
    url: str,
    schema: str,
    *,
    judged: Mapping[str, Any] | None = None,
    docs: Path | None = None,
    sources: Path = SOURCES,
) -> AuditResult:
    """Run a suite over `schema`, record every outcome in `ops.check_result`, return them.

    `url` is of the role that reads `schema` and writes the ledger: the loader's for staging, the
    builder's for marts. Below `docs`, the pages of this run replace those of the suite's last.
    A suite that reads restricted rows shows no example of any: its outcomes are for everybody.
    A rule that could not be judged (no such table, no row in it, an error in its SQL) has failed,
    and it blocks whatever its severity. `judged` is what the rows come from; a brake that a person
    has accepted for just that, and for the offending rows it has, does not block.

    Raises GateFailed, after all was recorded, when a rule of severity error failed or one could
    not be judged; SuiteError for a suite that is not valid, before anything is run.
    """
    start, suite = perf_counter(), load_suite(suite_path)
    compiled = expectations.compile_suite(suite)
    run_id = uuid.uuid4()
    with psycopg.connect(url) as connection:
        names = rows.name_tables(connection, suite, schema, sources)
        faults = rows.unjudgeable(connection, suite, schema, names)
        examples = 0 if rows.holds_restricted(connection, suite, names, sources) else SAMPLE
        with pages.replacing(docs, suite) as site:
            asked = {name: test for name, test in compiled.items() if name not in faults}
            findings = expectations.validate(suite, asked, connection, site, examples)
        findings |= {name: Finding(success=False, fault=why) for name, why in faults.items()}
        came_from = identity(suite, judged or {})
        outcomes = _outcomes(connection, suite, findings, came_from, examples)
        with connection.transaction():
            record.store(connection, run_id, suite, came_from, outcomes)
            outcomes = record.with_age(connection, suite, outcomes)
            # Pages first: killed before the commit, the gate is still due and writes them again.
            page = pages.write_index(docs, suite, outcomes) if docs else None
    result = AuditResult(run_id, suite, outcomes, page)
    events.emit(
        "gate",
        run_id=run_id,
        boundary=suite.boundary,
        suite=suite.name,
        status="red" if result.errors else "passed",
        rules=len(outcomes),
        errors=len(result.errors),
        warnings=len(result.warnings),
        since=start,
    )
    if result.errors:
        raise GateFailed(result)
    return result


def identity(suite: Suite, judged: Mapping[str, Any]) -> dict[str, Any]:
    """What an acceptance is good for: what the rows come from, and the suite that judged them."""
    return {**judged, "suite_sha256": suite.sha256}


def _outcomes(
    connection: psycopg.Connection[Any],
    suite: Suite,
    findings: Mapping[str, Finding],
    judged: Mapping[str, Any],
    examples: int,
) -> tuple[Outcome, ...]:
    outcomes = []
    for rule in suite.rules:
        finding = findings[rule.id]
        if rule.unexpected_rows and not finding.success and not finding.fault:
            sample = rows.sample(connection, rule, examples)
            finding = dataclasses.replace(finding, sample=sample)
        outcome = Outcome.of(rule, suite.owner_of(rule), finding)
        outcomes.append(_accepted(connection, suite, outcome, judged))
    return tuple(outcomes)


def _accepted(
    connection: psycopg.Connection[Any],
    suite: Suite,
    outcome: Outcome,
    judged: Mapping[str, Any],
) -> Outcome:
    """The outcome, with the acceptance of just what was found, if there is one."""
    if not outcome.is_acceptable:
        return outcome
    subject = f"{suite.name}/{outcome.rule.id}"
    acceptance = ledger.acceptance_of(connection, suite.boundary, subject, judged)
    if acceptance is None or not acceptance.covers_rows(outcome.sample):
        return outcome
    return dataclasses.replace(outcome, acceptance=acceptance)
