"""What a brake has stopped and a person lets through, with a reason that is kept.

An acceptance goes no further than what was refused: one delivery with the values observed of the
bounds it broke, or one rule's offending rows of the loads, models and suite that were judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from utpadan import ledger, nightly, quality
from utpadan.archive import Archive
from utpadan.fetching import ledger_kept
from utpadan.ledger import Acceptance, Brake, Delivery, Outcome
from utpadan.load import LoadRefused, load
from utpadan.settings import Settings
from utpadan.source import Source, load_sources


class NotAccepted(RuntimeError):
    """What cannot be accepted; the message says why and what to do instead."""


@dataclass(frozen=True)
class RuleOfSuite:
    """A rule of `expectations/`, by the suite it stands in."""

    suite: quality.Suite
    rule: quality.Rule

    @property
    def label(self) -> str:
        """How people call it: `marts/vendors/the_rule`."""
        return self.suite.label_of(self.rule)

    @property
    def again(self) -> str:
        """The command that judges the rule again."""
        return f"utpadan gate {self.suite.name}" if _members(self.suite) else "utpadan audit"


def rules() -> dict[str, RuleOfSuite]:
    """Every rule there is, by its label. Raises SuiteError."""
    suites = map(quality.load_suite, sorted(nightly.EXPECTATIONS.glob("*/*.yml")))
    found = [RuleOfSuite(suite, rule) for suite in suites for rule in suite.rules]
    return {named.label: named for named in found}


def accept_delivery(settings: Settings, source: Source, reason: str, by: str) -> Outcome:
    """Let in the delivery that was refused for its bounds, and load it, all or nothing.

    Waits for a load of the source that is at work. Raises NotAccepted when there is no such
    delivery, LoadRefused when it now breaks more than it was refused for, ArchiveError.
    """
    archive = Archive(settings.archive_url)
    with ledger_kept(settings, source) as conn, conn.transaction():
        ledger.lock_source(conn, source.name)
        delivery, brake = _refused_delivery(conn, source)
        ledger.record_acceptance(conn, brake, reason, by)
        for wanted, read in nightly.readings(conn, archive, source, [delivery]):
            if outcome := load(conn, source, read, wanted):
                return outcome
    raise NotAccepted(f"{source.name}: its newest delivery is loaded already")


def accept_rule(settings: Settings, named: RuleOfSuite, reason: str, by: str) -> Acceptance:
    """Let the gate pass what the brake has found, the next time it judges the same.

    Raises NotAccepted when the rule is no brake, or did not stop what is there now.
    """
    suite, rule = named.suite, named.rule
    if not rule.brake:
        raise NotAccepted(
            f"{named.label} is no brake: what breaks it is mended, or the rule itself, in "
            f"expectations/{suite.label}.yml"
        )
    url = settings.builder_url if suite.boundary == "marts" else settings.loader_url
    with psycopg.connect(url, autocommit=True) as conn, conn.transaction():
        # Two people who accept the same at once are one after the other.
        conn.execute("select pg_advisory_xact_lock(hashtextextended('utpadan.accept', 0))")
        judged = quality.identity(suite, _judged_now(conn, suite))
        brake = _stopped_rule(conn, named, judged)
        return ledger.record_acceptance(conn, brake, reason, by)


@dataclass(frozen=True)
class Readmission:
    """What a mended contract made of rows that were rejected, as (delivery, line).

    `refusal` says why the newest delivery is refused nevertheless.
    """

    readmitted: list[tuple[int, int]]
    still_rejected: int
    newly_rejected: int
    refusal: str | None


def readmit(settings: Settings, source: Source) -> Readmission:
    """Read all deliveries by today's contract, and say what became of the rejected rows.

    Raises NotAccepted when no row is rejected, or the contract is the one that rejected them;
    LoadRefused when it refuses what staging holds; ArchiveError.
    """
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        before = ledger.rejected_lines(conn, source.name)
        if not before:
            raise NotAccepted(f"no row of {source.name} is rejected")
        if set(before.values()) == {source.contract_sha256}:
            raise NotAccepted(
                f"{source.name}: today's contract is the one that rejected them: mend source.yml "
                "first (a lookup, allowed, matches, min, max, formats, header)"
            )
        refusal = None
        try:
            nightly.replay_source(settings, source)
        except LoadRefused as refused:
            refusal = str(refused)
        after = ledger.rejected_lines(conn, source.name)
        became = ledger.what_became(conn, source.name)
    taken = {id_ for id_, (status, _) in became.items() if status in ("loaded", "unchanged")}
    readmitted = sorted(key for key in before if key not in after and key[0] in taken)
    still = len(before) - len(readmitted)
    return Readmission(readmitted, still, len(after.keys() - before.keys()), refusal)


def _refused_delivery(conn: psycopg.Connection, source: Source) -> tuple[Delivery, Brake]:
    refused, due = ledger.newest_refusal(conn, source.name), ledger.due(conn, source)
    if refused is None:
        raise NotAccepted(f"{source.name}: nothing to accept: its newest load was not refused")
    if refused.breaches is None:
        raise NotAccepted(
            f"{source.name}: rows.min, rows.max_change and max_bad_share can be accepted, and it "
            f"was refused for something else: {refused.message}"
        )
    if refused.contract_sha256 != source.contract_sha256:
        raise NotAccepted(
            f"{source.name}: the contract has changed since the refusal: `utpadan ingest "
            f"{source.name}` judges by today's"
        )
    if not due or due[0].delivery_id != refused.delivery_id:
        raise NotAccepted(
            f"{source.name}: the refused delivery is not the one that waits: `utpadan ingest "
            f"{source.name}` judges the newest"
        )
    judged = ledger.delivered(due[0])
    return due[0], Brake("load", source.name, judged, refused.breaches, refused.message)


def _judged_now(conn: psycopg.Connection, suite: quality.Suite) -> Mapping[str, Any]:
    """What the gate would judge if it ran now."""
    if suite.boundary == "staging":
        return nightly.judged_staging(conn, _members(suite))
    build_id = ledger.build_in_marts_next(conn)
    if build_id is None:
        raise NotAccepted("there is no whole marts_next: run `utpadan build` and `audit` first")
    return ledger.judged_build(conn, build_id)


def _members(suite: quality.Suite) -> list[str]:
    """The sources of the domain that a suite judges; none for one that judges more than that."""
    if suite.boundary == "marts":
        return []
    return [name for name, source in load_sources().items() if source.domain == suite.name]


def _stopped_rule(conn: psycopg.Connection, named: RuleOfSuite, judged: Mapping[str, Any]) -> Brake:
    suite, rule, label = named.suite, named.rule, named.label
    check = ledger.newest_check(conn, suite.boundary, suite.name, rule.id)
    if check is None or check.judged != judged:
        raise NotAccepted(f"{label} has not judged what is there now: run `{named.again}` first")
    subject = f"{suite.name}/{rule.id}"
    accepted = ledger.acceptance_of(conn, suite.boundary, subject, judged)
    if accepted and accepted.covers_rows(check.sample):
        raise NotAccepted(f"{label} is {accepted}; `{named.again}` passes it")
    if check.success:
        raise NotAccepted(f"{label} holds: there is nothing to accept")
    if check.fault or check.unexpected_count != len(check.sample):
        found = check.fault or f"{check.unexpected_count:,} offences, more than a person can judge"
        raise NotAccepted(f"{label} is not to be accepted but mended: {found}")
    refusal = f"{rule.rule.strip()} ({check.unexpected_count} offences)"
    return Brake(suite.boundary, subject, judged, check.sample, refusal)
