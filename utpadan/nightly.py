"""The nightly, step by step: what the command line and the Airflow tasks both call.

pull → load → gate, per domain; then build → audit → publish. Each step opens its own connections,
can be run by hand and again at any time, and does nothing when there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from utpadan import events, ledger, publish, quality, transform
from utpadan.archive import Archive, ArchiveError
from utpadan.fetching import fetch_and_keep, ledger_kept
from utpadan.ledger import Delivery, Outcome
from utpadan.load import Reading, ensure_staging, load, replay, revert
from utpadan.parse import read, read_difference
from utpadan.resolve.warehouse import list_for_review
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, Source
from utpadan.table import Table
from utpadan.transform.process import OnLayer

EXPECTATIONS = CHECKOUT / "expectations"
ACROSS_DOMAINS = "across_domains.yml"
DATA_DOCS = "data_docs"
AT_ONCE = 4
"""Portals asked at the same time."""


class HeldBack(RuntimeError):
    """Staging is not what its gates have passed; the message names it and says what to do.

    It may pass by itself, when an ingest that is at work has ended; GateIsRed does not.
    """


class GateIsRed(HeldBack):
    """A domain's staging has failed its gate."""


@dataclass
class Pulled:
    """What a domain's sources had: those to load, those with nothing new, those that failed."""

    to_load: list[str] = field(default_factory=list)
    nothing_new: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def domains(sources: Mapping[str, Source]) -> list[str]:
    """The domains there are sources for, in order."""
    return sorted({source.domain for source in sources.values()})


def pull(settings: Settings, sources: Iterable[Source]) -> Pulled:
    """Ask every source whether there is anything new, and archive it.

    A source that fails does not hold back the others: it is in `failed` with the reason.
    """
    wanted = list(sources)
    carriers = [source for source in wanted if source.delivery_source == source.name]
    pulled = Pulled()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        reasons = pool.map(lambda source: fetch_and_keep(settings, source), carriers)
        failed = {c.name: why for c, why in zip(carriers, reasons, strict=True) if why}
    with ledger_kept(settings, *(source for source in wanted if source not in carriers)) as conn:
        for source in wanted:
            if source.delivery_source in failed:
                pulled.failed[source.name] = failed[source.delivery_source]
            elif _waits(conn, source):
                pulled.to_load.append(source.name)
            else:
                pulled.nothing_new.append(source.name)
    return pulled


def load_source(settings: Settings, source: Source) -> list[Outcome]:
    """Load every delivery of the source that waits; a changed contract replays them all.

    Raises LoadRefused for a delivery that staging does not take, ArchiveError for lost bytes.
    """
    archive = Archive(settings.archive_url)
    with ledger_kept(settings, source) as conn:
        if _replay_is_due(conn, source):
            return _replay(conn, source, archive)
        due = readings(conn, archive, source, ledger.due(conn, source))
        loads = [load(conn, source, reading, delivery) for delivery, reading in due]
        return [outcome for outcome in loads if outcome is not None]


def replay_source(settings: Settings, source: Source) -> list[Outcome]:
    """Rebuild the source's staging from the archive, all deliveries in order."""
    with ledger_kept(settings, source) as conn:
        return _replay(conn, source, Archive(settings.archive_url))


def history(
    conn: psycopg.Connection, source: Source, archive: Archive
) -> Iterator[tuple[Delivery, Reading]]:
    """What a replay reads. The ledger is asked when the first is taken: under the source's lock."""
    left_out = ledger.reverted(conn, source)
    known = ledger.deliveries(conn, source.delivery_source)
    kept = [delivery for delivery in known if delivery.delivery_id not in left_out]
    yield from readings(conn, archive, source, kept)


def revert_source(settings: Settings, source: Source) -> int:
    """Take the source's newest load back; returns its id."""
    with ledger_kept(settings, source) as conn:
        return revert(conn, source)


def gate(
    settings: Settings, domain: str, sources: Mapping[str, Source]
) -> quality.AuditResult | None:
    """Judge a domain's staging as a whole; None when it and its suite are as they last passed.

    Loads and reverts of the domain wait meanwhile: a verdict on the rows of one load must not
    stand for those of another. Raises GateFailed.
    """
    with psycopg.connect(settings.loader_url) as conn:
        for source in sources.values():
            if source.domain == domain:
                ledger.lock_source(conn, source.name)
        if not _gate_is_due(conn, domain, sources):
            return None
        judged = judged_staging(conn, _members(domain, sources))
        suite, docs = _staging_suite(domain), settings.home / DATA_DOCS
        return quality.audit(suite, settings.loader_url, "staging", judged=judged, docs=docs)


def build(
    settings: Settings, sources: Mapping[str, Source], on_layer: OnLayer | None = None
) -> transform.BuildResult:
    """Build all models into `marts_next`, and list the names of companies that wait for review.

    Raises GateIsRed when a domain has failed its gate, HeldBack when staging is not judged yet or
    changes meanwhile, BuildFailed when dbt does not build everything, SuiteError for a suite that
    is not valid.
    """
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        ensure_staging(conn, sources.values())
        loads, state = ledger.newest_loads(conn), ledger.staging_state(conn)
        _require_passed_gates(conn, sources)
    models = publish.models_sha256()
    base = publish.spare_of(settings.builder_url, models)
    publish.drop_spare_schemas(settings.builder_url, but=base)
    result = transform.build(settings, sources, on_layer, base=base)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        if ledger.staging_state(conn) != state:
            raise HeldBack("staging changed while the marts were built from it; build them again")
        list_for_review(conn)
        ledger.record_build(conn, result.build_id, models, loads)
    events.emit(
        "build",
        build_id=result.build_id,
        status="built",
        nodes=len(result.nodes),
        seconds=round(result.seconds, 3),
    )
    return result


def audit(settings: Settings) -> list[quality.AuditResult]:
    """Judge staging across its domains and `marts_next`; passing every suite allows to publish.

    One audit runs at a time, or an older one could pass what a newer one stops.
    Raises GateFailed with all suites that fail, after all have run, and HeldBack when there is no
    whole build to judge, another one took its place meanwhile, or staging is not what it was built
    from.
    """
    start = perf_counter()
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        ledger.lock_audit(conn)
        build_id = ledger.build_in_marts_next(conn)
        if build_id is None:
            raise HeldBack("there is no whole marts_next to judge: run `utpadan build` first")
        ledger.mark_audited(conn, build_id, passed=False)
        judged = ledger.judged_build(conn, build_id)
        _require_loads_of(conn, judged)
        results = _audit_all(settings, judged_staging(conn), judged)
        if ledger.build_in_marts_next(conn) != build_id:
            raise HeldBack("marts_next was built anew meanwhile: run `utpadan audit` again")
        _require_loads_of(conn, judged)
        ledger.mark_audited(conn, build_id, passed=True)
    events.emit("audit", build_id=build_id, status="passed", gates=len(results), since=start)
    return results


def readings(
    conn: psycopg.Connection, archive: Archive, source: Source, wanted: Iterable[Delivery]
) -> Iterator[tuple[Delivery, Reading]]:
    """How each of these deliveries is read; its bytes are there until the next one is asked for."""
    for delivery in wanted:
        with archive.open(delivery.sha256) as path:
            yield delivery, partial(_read, conn, archive, source, path)


def judged_staging(
    conn: psycopg.Connection, members: Collection[str] = ()
) -> dict[str, dict[str, int]]:
    """What a gate of staging judges: the newest loads, of a domain's sources or else of all."""
    loads = ledger.newest_loads(conn)
    return {"loads": {n: load_id for n, load_id in loads.items() if not members or n in members}}


def _require_loads_of(conn: psycopg.Connection, judged: Mapping[str, Any]) -> None:
    """The suite across domains reads staging, and must see what the build has seen."""
    if ledger.newest_loads(conn) != judged["loads"]:
        raise HeldBack("staging has changed since marts_next was built: run `utpadan build` again")


def _audit_all(
    settings: Settings, staging: Mapping[str, Any], marts: Mapping[str, Any]
) -> list[quality.AuditResult]:
    docs = settings.home / DATA_DOCS
    gates = [(EXPECTATIONS / "staging" / ACROSS_DOMAINS, settings.loader_url, "staging", staging)]
    suites = sorted((EXPECTATIONS / "marts").glob("*.yml"))
    if not suites:
        raise HeldBack(f"there is no suite in {EXPECTATIONS / 'marts'}: a gate needs rules to pass")
    gates += [(suite, settings.builder_url, "marts_next", marts) for suite in suites]
    results, failed = [], []
    for suite, url, schema, judged in gates:
        try:
            results.append(quality.audit(suite, url, schema, judged=judged, docs=docs))
        except quality.GateFailed as failure:
            failed.append(failure.result)
    if failed:
        raise quality.GateFailed(*failed)
    return results


def _gate_is_due(conn: psycopg.Connection, domain: str, sources: Mapping[str, Source]) -> bool:
    suite = quality.load_suite(_staging_suite(domain))
    return ledger.gate_is_due(conn, domain, _members(domain, sources), suite.sha256)


def _members(domain: str, sources: Mapping[str, Source]) -> list[str]:
    return [source.name for source in sources.values() if source.domain == domain]


def _staging_suite(domain: str) -> Path:
    return EXPECTATIONS / "staging" / f"{domain}.yml"


def _require_passed_gates(conn: psycopg.Connection, sources: Mapping[str, Source]) -> None:
    due = [name for name in domains(sources) if _gate_is_due(conn, name, sources)]
    red = [name for name in due if ledger.gate_is_red(conn, name)]
    if red:
        raise GateIsRed(
            f"staging of {', '.join(red)} has not passed its gate: `utpadan gate {red[0]}` says "
            "why; mend it or take the load back (`utpadan revert SOURCE`)"
        )
    if due:
        raise HeldBack(
            f"staging of {', '.join(due)} is not judged yet: an ingest is at work, or was ended "
            f"before its gate; `utpadan gate {due[0]}` judges it"
        )


def _waits(conn: psycopg.Connection, source: Source) -> bool:
    return _replay_is_due(conn, source) or bool(ledger.due(conn, source))


def _replay_is_due(conn: psycopg.Connection, source: Source) -> bool:
    newest = ledger.latest_delivery(conn, source.delivery_source)
    return newest is not None and ledger.standing(conn, source, newest) == "replay"


def _replay(conn: psycopg.Connection, source: Source, archive: Archive) -> list[Outcome]:
    return replay(conn, source, history(conn, source, archive))


def _read(conn: psycopg.Connection, archive: Archive, source: Source, path: Path) -> Table:
    """The whole delivery, or its difference to the one that staging holds, when that is simple."""
    before = ledger.base(conn, source)
    if before is None:
        return read(source, path)
    try:
        with archive.open(before.sha256) as old:
            return read_difference(source, path, old) or read(source, path)
    except ArchiveError:  # lost or damaged: the check of the archive says so, a load can do without
        return read(source, path)
