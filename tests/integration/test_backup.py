"""Backup and restore: the same warehouse on another server, or none at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from command import environment, plain
from loading import day, figures, open_desk
from publishing import as_read, build_marts, release
from typer.testing import CliRunner
from warehouses import settings_of
from whole_database import rows_by_table, structure

from utpadan import cli, local, publish
from utpadan.archive import ArchiveError, sha256_of
from utpadan.backup import BackupError, backup, restore
from utpadan.ledger import build_in_marts_next
from utpadan.migrate import migrate
from utpadan.settings import Settings

KEPT = ("staging", "ops", "marts")


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server on which nobody ever migrated anything."""
    home = tmp_path_factory.mktemp("other_server")
    local.start_postgres(home)
    yield Settings.load({"UTPADAN_HOME": str(home)})
    local.stop_postgres(home)


def test_a_release_is_reproduced_on_an_empty_server(
    released: Settings, other_server: Settings, tmp_path: Path
) -> None:
    made = backup(released, tmp_path.as_uri())
    assert restore(other_server, tmp_path.as_uri()) == made
    assert rows_by_table(other_server.admin_url, *KEPT) == rows_by_table(released.admin_url, *KEPT)
    assert structure(other_server.admin_url, *KEPT) == structure(released.admin_url, *KEPT)
    with psycopg.connect(other_server.bi_url) as bi:
        query = "select max(value_inr) / 10000000 from fct_production where fy_label = '2024-25'"
        assert bi.execute(query).fetchone() == (154000,)
    assert publish.current_release(other_server.builder_url) == publish.current_release(
        released.builder_url
    )
    assert not publish.is_due(other_server.builder_url)
    assert {p.name for p in (other_server.home / "archive").glob("??/*")} == set(made.sha256s)


@pytest.fixture
def small(warehouse: Settings) -> Settings:
    """A warehouse with one load and one release, and a build that nobody published."""
    with open_desk(warehouse) as desk:
        desk.load(figures(), b"year,sector,value\n2023-24,,1\n", day(1))
    release(warehouse, 1)
    return warehouse


@pytest.fixture
def empty(small: Settings, server: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty database on the same server, with another home."""
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute("drop database if exists emptied with (force)")
        conn.execute("create database emptied")
    yield settings_of(server, "emptied", tmp_path / "emptied_home")
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute("drop database emptied with (force)")


def test_a_warehouse_that_was_migrated_and_never_loaded_counts_as_empty(
    small: Settings, empty: Settings, tmp_path: Path
) -> None:
    backup(small, str(tmp_path / "kept"))
    migrate(empty)
    restore(empty, str(tmp_path / "kept"))
    assert as_read(empty.bi_url) == 1


def test_a_warehouse_that_holds_something_is_never_overwritten(
    small: Settings, tmp_path: Path
) -> None:
    backup(small, str(tmp_path / "kept"))
    release(small, 2)
    with pytest.raises(BackupError, match=r"holds a warehouse, and nothing is overwritten"):
        restore(small, str(tmp_path / "kept"))
    assert as_read(small.bi_url) == 2


def test_the_newest_whole_backup_is_restored_unless_another_is_named(
    small: Settings, empty: Settings, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    first = backup(small, str(kept))
    release(small, 2)
    second = backup(small, str(kept))
    cut_off = kept / "99990101T000000.000000Z"
    cut_off.mkdir()
    (cut_off / "warehouse.dump").write_bytes(b"half")
    with pytest.raises(
        BackupError, match=rf"no whole backup {cut_off.name}; there is {first.name}"
    ):
        restore(empty, str(kept), cut_off.name)
    assert restore(empty, str(kept), first.name).release_id == first.release_id
    assert as_read(empty.bi_url) == 1
    assert second.name > first.name


def damage_dump(kept: Path) -> None:
    (dump,) = kept.glob("*/warehouse.dump")
    dump.write_bytes(dump.read_bytes()[:-100])


def damage_archive(kept: Path) -> None:
    (stored,) = kept.glob("archive/??/*")
    stored.write_bytes(b"#")


def damage_inside(kept: Path) -> None:
    """A dump that is whole by its digest and cannot be restored."""
    (manifest,) = kept.glob("*/backup.json")
    damage_dump(kept)
    (dump,) = kept.glob("*/warehouse.dump")
    written = json.loads(manifest.read_text()) | {"dump_sha256": sha256_of(dump)}
    manifest.write_text(json.dumps(written))


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (damage_dump, BackupError, "the dump of .* is damaged; name another with --name"),
        (damage_archive, ArchiveError, "the bytes of .* are damaged"),
        (damage_inside, local.LocalError, "pg_restore failed:\n"),
    ],
)
def test_a_damaged_backup_restores_nothing(
    small: Settings,
    empty: Settings,
    tmp_path: Path,
    damage: Callable[[Path], None],
    error: type[Exception],
    words: str,
) -> None:
    kept = tmp_path / "kept"
    backup(small, str(kept))
    damage(kept)
    with pytest.raises(error, match=words):
        restore(empty, str(kept))
    with psycopg.connect(empty.admin_url) as conn:
        assert conn.execute("select to_regclass('ops.delivery')").fetchone() == (None,)


def test_what_the_next_build_makes_anew_is_not_in_a_backup(
    small: Settings, empty: Settings, tmp_path: Path
) -> None:
    build_marts(small, 2)
    backup(small, str(tmp_path / "kept"))
    restore(empty, str(tmp_path / "kept"))
    with psycopg.connect(empty.builder_url) as conn:
        assert build_in_marts_next(conn) is None
    assert as_read(empty.bi_url) == 1


def test_the_verbs_say_what_was_kept_and_what_came_back(
    small: Settings, empty: Settings, tmp_path: Path
) -> None:
    def run(settings: Settings, *words: str) -> str:
        result = CliRunner().invoke(cli.app, list(words), env=environment(settings))
        return f"{result.exit_code} {plain(result.output)}"

    kept = str(tmp_path / "kept")
    assert run(empty, "restore", kept).startswith(f"1 error: {kept} holds no backup")
    (release_id,) = (r.release_id for r in [publish.current_release(small.builder_url)] if r)
    assert f": release {release_id}, 1 deliveries, a dump of " in run(small, "backup", kept)
    assert f"is restored; readers see release {release_id}" in run(empty, "restore", kept)
