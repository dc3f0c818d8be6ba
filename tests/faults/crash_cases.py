"""The verbs of the crash matrix: what they start from, how they are run, how they are run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from command import CONTRACT
from kill_points import file_of
from loading import FIGURES, contract, figures
from publishing import audit_marts, build_marts, release

from utpadan import nightly, publish
from utpadan.archive import Archive, sha256_of
from utpadan.backfill import backfill
from utpadan.export import export
from utpadan.migrate import migrate
from utpadan.publish import PublishError
from utpadan.settings import Settings
from utpadan.source import FileFetch, Source

HEADER = "year,sector,value\n"
VERSIONS = (
    "2022-23,,106800\n2023-24,,126887\n2023-24,dpsu,n/a\n",
    "2022-23,,108684\n2023-24,,126887\n2024-25,,146000\n2024-25,dpsu,unknown\n",
    "2023-24,,127434\n2024-25,,150590\n2024-25,private,33979\n",
)
EARLIER = "2022-23,,106000\n"
EARLIER_DAY = datetime(2024, 5, 1, tzinfo=UTC)
DOMAIN = "production_exports"
SUITES = {
    f"staging/{DOMAIN}.yml": ("figures", "value > 0"),
    "staging/across_domains.yml": ("figures", "year is not null"),
    "marts/trial.yml": ("fct_two", "number > 0"),
}
SUITE = """
title: Of the crash matrix
owner: test-desk
rules:
  - id: the_rule
    rule: It holds of every row of {table}.
    table: {table}
    severity: error
    unexpected_rows: select * from {table} where not ({condition})
"""


@dataclass(frozen=True)
class World:
    """A warehouse, what is delivered to it, and the folder both keep their files in."""

    settings: Settings
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "figures.csv"

    @property
    def sources(self) -> Mapping[str, Source]:
        return {"figures": figures(fetch=FileFetch(kind="file", path=str(self.file)))}

    def deliver(self, number: int) -> None:
        """From now on the source has this version of the file."""
        self.file.write_text(HEADER + VERSIONS[number - 1], encoding="utf-8")

    def ingest(self) -> None:
        """Pull, and load what is new."""
        if "figures" in self.pull():
            self.load()

    def pull(self) -> list[str]:
        """The sources that have something to load."""
        pulled = nightly.pull(self.settings, self.sources.values())
        assert pulled.failed == {}
        return pulled.to_load

    def load(self) -> None:
        """Load what waits."""
        nightly.load_source(self.settings, self.sources["figures"])

    def query(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.settings.admin_url) as conn:
            return conn.execute(query.encode()).fetchall()


Act = Callable[[World], object]


@dataclass(frozen=True)
class Verb:
    """`again` is what a person does after `run` was killed, by default the same.

    With `place`, it is killed where a stretch of steps in one place begins and ends.
    """

    name: str
    prepare: Act
    run: Act
    again: Act | None = None
    place: Callable[[str], str] | None = None


def ingested(*numbers: int) -> Act:
    """These versions were delivered and loaded, and the next one waits."""

    def act(world: World) -> None:
        for number in numbers:
            world.deliver(number)
            world.ingest()
        world.deliver(min(len(numbers), 2) + 1)

    return act


def pulled(*numbers: int) -> Act:
    """As `ingested`, and the next one is in the archive."""

    def act(world: World) -> None:
        ingested(*numbers)(world)
        world.pull()

    return act


def replayed(world: World) -> None:
    """By a contract that has one column more."""
    more = contract({**FIGURES, "note": {"type": "text"}}, key=["year", "sector"])
    nightly.replay_source(world.settings, more)


def reverted(world: World) -> None:
    nightly.revert_source(world.settings, world.sources["figures"])


def reverted_if_not_yet(world: World) -> None:
    """As a person does who looks at `utpadan status` first; the portal has nothing new."""
    if world.query("select status from ops.source_status") != [("reverted",)]:
        reverted(world)
    world.deliver(2)
    assert world.pull() == []


def backfilled(world: World) -> None:
    source, file = world.sources["figures"], world.folder / "earlier.csv"
    backfill(world.settings, world.sources, source, file, EARLIER_DAY)


def with_earlier_file(world: World) -> None:
    """Its bytes are in the archive already, as `pull` shows for every step to there."""
    ingested(1)(world)
    file = world.folder / "earlier.csv"
    file.write_text(HEADER + EARLIER, encoding="utf-8")
    Archive(world.settings.archive_url).keep(file, sha256_of(file))


def judged(world: World) -> None:
    nightly.gate(world.settings, DOMAIN, world.sources)


def with_suites(world: World) -> None:
    """A delivery is loaded and marts are built; neither is judged."""
    ingested(1)(world)
    build_marts(world.settings, 1)
    contract_file = world.folder / "sources" / DOMAIN / "figures/source.yml"
    contract_file.parent.mkdir(parents=True, exist_ok=True)
    contract_file.write_text(CONTRACT.format(file=world.file), encoding="utf-8")
    for name, (table, condition) in SUITES.items():
        path = world.folder / "expectations" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SUITE.format(table=table, condition=condition), encoding="utf-8")


def audited(world: World) -> None:
    nightly.audit(world.settings)


def with_a_release_to_come(world: World) -> None:
    ingested(1)(world)
    for number in (1, 2):
        release(world.settings, number)
    audit_marts(world.settings, build_marts(world.settings, 3))


def published(world: World) -> None:
    publish.publish(world.settings.builder_url)


def published_if_not_yet(world: World) -> None:
    with suppress(PublishError):
        published(world)


def with_releases(world: World) -> None:
    ingested(1)(world)
    for number in (1, 2):
        release(world.settings, number)


def undone(world: World) -> None:
    publish.undo(world.settings.builder_url)


def undone_if_not_yet(world: World) -> None:
    with suppress(PublishError):
        undone(world)


def exported(world: World) -> None:
    export(world.settings.builder_url, world.settings.export_url)


def migrated(world: World) -> None:
    migrate(world.settings)


def between_suites(step: str) -> str:
    """The verdict of a suite, what comes before and what comes after it."""
    file = file_of(step)
    return file if file == "quality/gate.py" or file.startswith(("ledger", "nightly")) else "suite"


VERBS = (
    Verb("pull", ingested(1), World.pull),
    Verb("first load", pulled(), World.load),
    Verb("load", pulled(1), World.load),
    Verb("replay", ingested(1, 2), replayed),
    Verb("revert", ingested(1, 2), reverted, reverted_if_not_yet),
    Verb("backfill", with_earlier_file, backfilled, place=file_of),
    Verb("publish", with_a_release_to_come, published, published_if_not_yet),
    Verb("undo", with_releases, undone, undone_if_not_yet),
    Verb("export", with_releases, exported),
    Verb("migrate", lambda _: None, migrated),
)
JUDGING = (
    Verb("gate", with_suites, judged, place=file_of),
    Verb("audit", with_suites, audited, place=between_suites),
)
