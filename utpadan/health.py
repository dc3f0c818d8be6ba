"""Health: what the ledger says of sources, gates, builds, releases and disks, and what is wrong.

`look()` reads the views of `sql/055_health.sql` and the file systems of this machine. A problem is
what needs a person: nothing of it mends itself. Warnings of gates and rejected rows have an owner
and are shown, but are no problem.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.rows import dict_row

from utpadan.plain import count, one_line, size
from utpadan.settings import Settings

Row = dict[str, Any]

NIGHTLY = timedelta(hours=26)
"""A night and some patience: what the nightly should have done is late after that."""

UNASKED = ("never asked", "not asked")
SPARE_BYTES = 1_000_000_000
WAREHOUSE = "warehouse-desk"
"""Who answers for what is no source's: builds, releases, disks."""

_QUERIES = {
    "sources": "select * from ops.source_health order by source",
    "gates": "select * from ops.gate_status order by boundary, suite",
    "findings": """
        select boundary, suite, rule_id, rule, severity, owner, unexpected_count, fault,
            checked_at, first_failed_at, acceptance_id
        from ops.open_finding order by boundary, suite, rule_id
    """,
    "accepted": """
        select boundary, subject, accepted_by, accepted_at, reason from ops.acceptance
        where accepted_at > now() - interval '30 days' order by acceptance_id
    """,
    "unpublished": "select * from ops.unpublished_load order by changed_at",
    "build": "select * from ops.build_history order by started_at desc limit 1",
    "release": "select * from ops.release_history where is_current",
    "newest_release": "select * from ops.release_history order by release_id desc limit 1",
    "disk": "select part, bytes from ops.disk_use",
    "at_work": "select work, since from ops.at_work order by since",
}


@dataclass(frozen=True)
class Problem:
    """Something that needs a person: what, who answers for it, since when, why and what to do."""

    what: str
    owner: str
    since: datetime | None
    reason: str


@dataclass(frozen=True)
class FileSystem:
    """A file system of this machine, and what of the warehouse is on it."""

    holds: tuple[str, ...]
    path: str
    free_bytes: int
    total_bytes: int
    is_low: bool


@dataclass(frozen=True)
class Health:
    """The state of the warehouse at the moment `now`; rows are those of the views in `ops`."""

    now: datetime
    sources: list[Row]
    gates: list[Row]
    findings: list[Row]
    accepted: list[Row]
    unpublished: list[Row]
    build: Row | None
    release: Row | None
    newest_release: Row | None
    disk: dict[str, int]
    file_systems: list[FileSystem]
    at_work: list[Row]

    @property
    def problems(self) -> list[Problem]:
        """What needs a person."""
        return list(_problems(self))

    @property
    def is_well(self) -> bool:
        """Whether nothing needs a person."""
        return not self.problems

    @property
    def warnings(self) -> list[Row]:
        """Rules that warn and do not hold."""
        return [
            finding
            for finding in self.findings
            if not blocks(finding) and finding["acceptance_id"] is None
        ]

    @property
    def rejects(self) -> list[Row]:
        """Sources whose newest delivery has rejected rows."""
        return [source for source in self.sources if source["rows_rejected"]]

    def as_json(self) -> dict[str, Any]:
        """The same, for scripts: is_well, problems, and the rows of the views."""
        problems = [asdict(problem) for problem in self.problems]
        return {"is_well": not problems, "problems": problems, **asdict(self)}


def look(settings: Settings) -> Health:
    """Ask the ledger and the file systems; changes nothing."""
    with psycopg.connect(settings.builder_url, row_factory=dict_row) as conn:
        moment = conn.execute("select now() as now").fetchone()
        rows = {name: conn.execute(query.encode()).fetchall() for name, query in _QUERIES.items()}
    disk = {row["part"]: row["bytes"] for row in rows["disk"]}
    return Health(
        now=moment["now"] if moment else datetime.min,
        sources=rows["sources"],
        gates=rows["gates"],
        findings=rows["findings"],
        accepted=rows["accepted"],
        unpublished=rows["unpublished"],
        build=next(iter(rows["build"]), None),
        release=next(iter(rows["release"]), None),
        newest_release=next(iter(rows["newest_release"]), None),
        disk=disk,
        file_systems=file_systems(settings, disk),
        at_work=rows["at_work"],
    )


def blocks(finding: Mapping[str, Any]) -> bool:
    """Whether a rule that does not hold keeps data back; one that cannot be judged does."""
    does = finding["severity"] == "error" or finding["fault"] is not None
    return does and finding["acceptance_id"] is None


def gate_name(row: Mapping[str, Any]) -> str:
    """How people call a gate: staging/engagement."""
    return f"{row['boundary']}/{row['suite']}"


def found(finding: Mapping[str, Any]) -> str:
    """What a rule that does not hold says, and how often: never the rows themselves."""
    how_often = (
        f"could not be judged: {finding['fault']}"
        if finding["fault"]
        else count(finding["unexpected_count"], "row")
        if finding["unexpected_count"] is not None
        else "does not hold"
    )
    return one_line(f"{finding['rule']} ({how_often})")


def file_systems(settings: Settings, disk: Mapping[str, int]) -> list[FileSystem]:
    """The file systems of this machine that hold something of the warehouse.

    One is low when less than twice the marts and a gigabyte is free: a night may need that much.
    """
    needed = 2 * disk.get("marts", 0) + SPARE_BYTES
    places = {"home": settings.home}
    for name, url in (("archive", settings.archive_url), ("exports", settings.export_url)):
        parts = urlsplit(url)
        if parts.scheme in ("", "file"):
            places[name] = Path(unquote(parts.path))
    held: dict[int, list[tuple[str, Path]]] = {}
    for name, path in places.items():
        there = next(one for one in (path, *path.parents) if one.exists())
        held.setdefault(there.stat().st_dev, []).append((name, there))
    found = []
    for parts_of_it in held.values():
        names, path = tuple(name for name, _ in parts_of_it), parts_of_it[0][1]
        usage = shutil.disk_usage(path)
        found.append(FileSystem(names, str(path), usage.free, usage.total, usage.free < needed))
    return found


def _problems(health: Health) -> Iterator[Problem]:
    for row in health.sources:
        if row["problem"] and row["problem"] not in UNASKED:
            what = f"{row['source']}: {row['problem']}"
            reason = one_line(row["reason"]).removeprefix(f"{row['source']}: ")
            yield Problem(what, row["owner"], row["problem_since"], reason)
    yield from _unasked(health)
    domains = {row["domain"] for row in health.sources}
    for finding in filter(blocks, health.findings):
        command = f"gate {finding['suite']}" if finding["suite"] in domains else "audit"
        if finding["boundary"] == "marts":
            command = "audit"
        reason = f"{found(finding)}; `utpadan {command}` says more"
        what = f"gate {gate_name(finding)} is red"
        yield Problem(what, finding["owner"], finding["first_failed_at"], reason)
    yield from _problems_of_releases(health)
    for place in health.file_systems:
        if place.is_low:
            reason = (
                f"{size(place.free_bytes)} of {size(place.total_bytes)} are free at {place.path}; "
                "the next nightly may need more"
            )
            yield Problem(f"disk of {', '.join(place.holds)} is low", WAREHOUSE, None, reason)


def _unasked(health: Health) -> Iterator[Problem]:
    """One problem for all sources that nobody asked: it is one nightly that did not run."""
    rows = [row for row in health.sources if row["problem"] in UNASKED]
    if len(rows) == 1:
        what = f"{rows[0]['source']}: {rows[0]['problem']}"
        yield Problem(what, rows[0]["owner"], rows[0]["problem_since"], rows[0]["reason"])
    elif rows:
        since = min((row["problem_since"] for row in rows if row["problem_since"]), default=None)
        reason = (
            "the nightly did not run or did not come to them; `utpadan processes` says whether "
            "Airflow is up, `utpadan ingest` asks them now"
        )
        yield Problem(f"{len(rows)} sources: not asked", WAREHOUSE, since, reason)


def _problems_of_releases(health: Health) -> Iterator[Problem]:
    build = health.build
    if build and build["failed"]:
        names = ", ".join(node.split(".")[-1] for node in (build["failed_nodes"] or [])[:3])
        reason = (
            f"{build['failed']} of {count(build['nodes'], 'node')} failed or were skipped "
            f"({names}); readers keep the release they have; `utpadan build` says why"
        )
        yield Problem("the newest build failed", WAREHOUSE, build["started_at"], reason)
    if health.release is None:
        what = "no release: all were undone" if health.newest_release else "no release yet"
        yield Problem(what, WAREHOUSE, None, "`make run` makes one")
    elif health.unpublished and health.now - health.unpublished[0]["changed_at"] > NIGHTLY:
        since = health.unpublished[0]["changed_at"]
        waiting = count(len(health.unpublished), "load")
        reason = f"{waiting} in no release; Airflow's `marts` or `utpadan build` says why"
        yield Problem("the release is behind", WAREHOUSE, since, reason)
