"""One gate: a suite run over the rows under test, its outcomes recorded, a failure raised."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from utpadan import ledger
from utpadan.quality import expectations, pages, record, rows
from utpadan.quality.outcome import AuditResult, Finding, GateFailed, Outcome
from utpadan.quality.suite import Suite, load_suite
from utpadan.source import SOURCES


def audit(
    suite_path: Path,
    url: str,
    schema: str,
    *,
    docs: Path | None = None,
    sources: Path = SOURCES,
) -> AuditResult:
    """Run a suite over `schema`, record every outcome in `ops.check_result`, return them.

    `url` is of the role that reads `schema` and writes the ledger: the loader's for staging, the
    builder's for marts. Below `docs`, the pages of this run replace those of the suite's last.
    A rule that could not be judged (no such table, no row in it, an error in its SQL) has failed,
    and it blocks whatever its severity.

    What is judged has at least the loads that are newest now; the ledger keeps which.

    Raises GateFailed, after all was recorded, when a rule of severity error failed or one could
    not be judged; SuiteError for a suite that is not valid, before anything is run.
    """
    suite = load_suite(suite_path)
    compiled = expectations.compile_suite(suite)
    run_id = uuid.uuid4()
    with psycopg.connect(url) as connection:
        loads = ledger.newest_loads(connection)
        names = rows.name_tables(connection, suite, schema, sources)
        faults = rows.unjudgeable(connection, suite, schema, names)
        with pages.replacing(docs, suite) as site:
            judged = {name: test for name, test in compiled.items() if name not in faults}
            findings = expectations.validate(suite, judged, connection, site)
        findings |= {name: Finding(success=False, fault=why) for name, why in faults.items()}
        outcomes = _outcomes(connection, suite, findings)
        record.store(connection, run_id, suite, outcomes, loads)
        outcomes = record.with_age(connection, suite, outcomes)
        # Pages first: killed before the commit, the gate is still due and writes them again.
        page = pages.write_index(docs, suite, outcomes) if docs else None
    result = AuditResult(run_id, suite, outcomes, page)
    if result.errors:
        raise GateFailed(result)
    return result


def _outcomes(
    connection: psycopg.Connection[Any], suite: Suite, findings: Mapping[str, Finding]
) -> tuple[Outcome, ...]:
    outcomes = []
    for rule in suite.rules:
        finding = findings[rule.id]
        if rule.unexpected_rows and not finding.success and not finding.fault:
            finding = dataclasses.replace(finding, sample=rows.sample(connection, rule))
        outcomes.append(Outcome.of(rule, suite.owner_of(rule), finding))
    return tuple(outcomes)
