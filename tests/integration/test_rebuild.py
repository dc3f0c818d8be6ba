"""A lost database: the archive alone brings staging back, and with it the same marts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from command import environment, plain
from loading import Desk, day, figures, open_desk
from typer.testing import CliRunner
from warehouses import fresh_warehouse
from whole_database import rows_by_table

from utpadan import cli, ledger, nightly
from utpadan.backup import BackupError
from utpadan.load import LoadRefused
from utpadan.rebuild import RebuildError, Rebuilt, rebuild_all
from utpadan.settings import Settings
from utpadan.source import Source, load_sources

HEADER = b"year,sector,value\n"


@contextmanager
def with_only_the_archive(server: Settings, lost: Settings, home: Path) -> Iterator[Settings]:
    """A new database, and a home with nothing in it but a copy of the archive."""
    shutil.copytree(lost.home / "archive", home / "archive")
    with fresh_warehouse(server, home) as settings:
        yield settings


def rebuilt(settings: Settings, *sources: Source) -> list[Rebuilt]:
    return list(rebuild_all(settings, {source.name: source for source in sources}))


def test_the_archive_alone_gives_the_same_marts(
    server: Settings, released: Settings, tmp_path: Path
) -> None:
    sources = load_sources()
    with with_only_the_archive(server, released, tmp_path) as settings:
        assert [r.failure for r in rebuilt(settings, *sources.values())] == [None] * len(sources)
        assert rows_by_table(settings.admin_url, "staging") == rows_by_table(
            released.admin_url, "staging"
        )
        for domain in nightly.domains(sources):
            nightly.gate(settings, domain, sources)
        nightly.build(settings, sources)
        built = rows_by_table(settings.admin_url, "marts_next")
        assert built == rows_by_table(released.admin_url, "marts")
        assert len(built) >= 90


@pytest.fixture
def desk(warehouse: Settings) -> Iterator[Desk]:
    with open_desk(warehouse) as desk:
        yield desk


def deliver(desk: Desk, source: Source, rows: bytes, number: int) -> None:
    desk.deliver(source, HEADER + rows, day(number))
    nightly.load_source(desk.settings, source)


def test_history_refusals_and_what_was_taken_back_come_again_under_their_numbers(
    desk: Desk, server: Settings, tmp_path: Path
) -> None:
    complete, increment = figures(), figures(name="changes", delivery="increment")
    deliver(desk, complete, b"2022-23,,1\n2023-24,,2\n", 1)
    deliver(desk, increment, b"2022-23,,10\n", 1)
    deliver(desk, complete, b"2022-23,,1\n2023-24,,3\nnot,a,figure\n", 2)
    deliver(desk, increment, b"2022-23,,11\n2023-24,,12\n", 3)
    deliver(desk, complete, b"2022-23,,4\n", 3)
    nightly.revert_source(desk.settings, complete)
    with pytest.raises(LoadRefused, match="rows are rejected"):
        deliver(desk, figures(max_bad_share=0.1), b"x,y,z\n2022-23,,5\n", 4)
    nightly.replay_source(desk.settings, increment)
    with with_only_the_archive(server, desk.settings, tmp_path / "new") as settings:
        assert [r.failure for r in rebuilt(settings, complete, increment)] == [None, None]
        assert rows_by_table(settings.admin_url, "staging") == rows_by_table(
            desk.settings.admin_url, "staging"
        )
        assert numbers(settings) == numbers(desk.settings)
        assert ledger_of(settings) == ledger_of(desk.settings)
        with open_connection(settings) as conn:
            assert (
                ledger.next_load_id(conn) == max(load_id for load_id, _, _ in numbers(settings)) + 1
            )


def numbers(settings: Settings) -> list[tuple[int, int, str]]:
    with open_connection(settings) as conn:
        return conn.execute(
            "select load_id, delivery_id, status from ops.load order by load_id"
        ).fetchall()


def ledger_of(settings: Settings) -> list[tuple[object, ...]]:
    """What the loads that hold or were taken back did, but for when and how fast."""
    with open_connection(settings) as conn:
        return conn.execute(
            """
            select
                d.delivery_id, d.source, d.sha256, d.url, d.fetched_at, l.rows_landed, l.rows_new,
                l.rows_rejected, l.rows_changed, l.rows_closed, l.known_at, l.message,
                (select array_agg(reasons) from ops.rejected_row as r where r.load_id = l.load_id)
            from ops.delivery as d inner join ops.load as l using (delivery_id)
            where l.status not in ('superseded', 'refused')
            order by l.load_id
            """
        ).fetchall()


def open_connection(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(settings.loader_url, autocommit=True)


def test_a_source_that_cannot_be_read_again_holds_back_no_other_and_can_be_replayed(
    desk: Desk, server: Settings, tmp_path: Path
) -> None:
    deliver(desk, figures(), b"2022-23,,1\n", 1)
    deliver(desk, figures(), b"2022-23,,2\n", 2)
    deliver(desk, figures(name="other"), b"2022-23,,3\n", 1)
    deliver(desk, figures(name="given_up"), b"2022-23,,4\n", 1)
    stricter = figures(rows={"min": 2, "max": 10, "max_change": 1})
    with with_only_the_archive(server, desk.settings, tmp_path / "new") as settings:
        failures = {r.source: r.failure for r in rebuilt(settings, stricter, figures(name="other"))}
        assert failures["other"] is None
        assert (
            failures["figures"] and "1 rows admitted, fewer than rows.min 2" in failures["figures"]
        )
        assert failures["given_up"] and "there is no contract of this name" in failures["given_up"]
        mended = figures(rows={"min": 1, "max": 10, "max_change": 1})
        assert [o.status for o in nightly.load_source(settings, mended)] == ["loaded", "loaded"]
        with open_connection(settings) as conn:
            assert Desk(settings, conn).history(mended) == desk.history(figures())


def test_only_an_empty_warehouse_is_rebuilt_and_only_from_a_whole_archive(
    desk: Desk, server: Settings, tmp_path: Path
) -> None:
    deliver(desk, figures(), b"2022-23,,1\n", 1)
    with pytest.raises(BackupError, match="holds a warehouse, and nothing is overwritten"):
        rebuilt(desk.settings, figures())
    with with_only_the_archive(server, desk.settings, tmp_path / "new") as settings:
        (copy,) = (settings.home / "archive/ledger").iterdir()
        document = copy.read_bytes()
        copy.write_bytes(document[:-20])
        with pytest.raises(RebuildError, match="the ledger's copy of figures is damaged"):
            rebuilt(settings, figures())
        copy.unlink()
        with pytest.raises(RebuildError, match="has no copy of a ledger"):
            rebuilt(settings, figures())
        copy.write_bytes(document)
        (stored,) = (settings.home / "archive").glob("??/*")
        stored.write_bytes(b"#")
        (result,) = rebuilt(settings, figures())
        assert result.failure and "are damaged" in result.failure


def test_the_verb_lists_the_loads_and_fails_when_one_source_does(
    desk: Desk, server: Settings, tmp_path: Path
) -> None:
    deliver(desk, figures(name="given_up"), b"2022-23,,4\n", 1)
    with with_only_the_archive(server, desk.settings, tmp_path / "new") as settings:
        result = CliRunner().invoke(cli.app, ["rebuild"], env=environment(settings))
        assert result.exit_code == 1
        assert "given_up: there is no contract of this name" in plain(result.output)


def test_the_copy_is_written_again_only_when_the_ledger_changed(desk: Desk) -> None:
    deliver(desk, figures(), b"2022-23,,1\n", 1)
    (copy,) = (desk.settings.home / "archive/ledger").iterdir()
    before = copy.stat().st_ino
    ledger.record_check(desk.conn, "figures", {"requests": 1, "retries": 0, "seconds": 0.1})
    assert nightly.load_source(desk.settings, figures()) == []
    assert copy.stat().st_ino == before
    deliver(desk, figures(), b"2022-23,,2\n", 2)
    assert copy.stat().st_ino != before
