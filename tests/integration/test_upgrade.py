"""A warehouse of an earlier version, taken over: migrated, replayed where a contract changed.

`tests/upgrade/` has its dump and its archive, and says what happened to it.
"""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Callable, Iterator

import psycopg
import pytest
from real_chain import build_what_is_loaded, release_what_is_built
from warehouses import settings_of

from utpadan import local, nightly, publish
from utpadan.migrate import migrate
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, load_sources

KEPT = CHECKOUT / "tests" / "upgrade"
Ask = Callable[[str], list[tuple[object, ...]]]

SOURCES = load_sources()
ITEMS = """
select value::int, _known_to is null from staging.srijan_stats
where as_of_date = '2023-08-26' and indicator = 'items_uploaded' order by _known_from
"""
PRODUCTION = """
select value_inr / 10000000 from fct_production
where fy_label = '2024-25' and sector = 'total' and measure = 'value' and scope = 'headline'
"""
EXPORT_TARGET = """
select value_crore::int from staging.targets
where target_name = 'Defence exports target (export FY2020-21)' and _known_to is null
"""


@pytest.fixture(scope="module")
def earlier(server: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The warehouse as it was left, on this run's server."""
    home = tmp_path_factory.mktemp("earlier")
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute("create database earlier")
        settings = settings_of(server, "earlier", home)
        migrate(settings, "010_roles.sql")
        dump = home / "warehouse.sql"
        dump.write_bytes(lzma.decompress((KEPT / "warehouse.sql.xz").read_bytes()))
        how = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        local.run_quietly(settings.admin_url, ["psql", *how, f"--file={dump}"])
        with tarfile.open(KEPT / "archive.tar.xz") as archive:
            archive.extractall(home, filter="data")
        yield settings
        conn.execute("drop database earlier with (force)")


@pytest.fixture(scope="module")
def taken_over(earlier: Settings) -> Settings:
    """After the next night of this version: every source loads what it must, all is published."""
    migrate(earlier)
    for source in SOURCES.values():
        nightly.load_source(earlier, source)
    build_what_is_loaded(earlier)
    release_what_is_built(earlier)
    return earlier


@pytest.fixture
def ask(taken_over: Settings) -> Iterator[Ask]:
    with psycopg.connect(taken_over.loader_url, autocommit=True) as conn:
        yield lambda query: conn.execute(query.encode()).fetchall()


def test_history_and_what_was_taken_back_are_as_they_were_left(ask: Ask) -> None:
    assert ask(ITEMS) == [(26000, False), (26500, True)]
    assert ask(EXPORT_TARGET) == [(15000,)]


def test_a_source_whose_contract_changed_is_read_anew_from_its_bytes(ask: Ask) -> None:
    """One row of mous.csv has an approximate date, of which the earlier contract knew nothing."""
    assert ask("select count(*), max(published_on_approx) from staging.mous") == [(27, "2025-09")]
    loads = ask("select status from ops.load where source = 'mous' order by load_id")
    assert loads == [("superseded",), ("superseded",), ("loaded",)]


def test_a_source_whose_contract_did_not_change_is_left_alone(ask: Ask) -> None:
    loads = ask("select status from ops.load where source = 'srijan_stats' order by load_id")
    assert loads == [("loaded",), ("loaded",)]


def test_readers_see_a_new_release_and_can_go_back_to_that_of_the_earlier_version(
    taken_over: Settings,
) -> None:
    with psycopg.connect(taken_over.bi_url, autocommit=True) as bi:
        assert bi.execute(PRODUCTION).fetchone() == (154000,)
        undone, now = publish.undo(taken_over.builder_url)
        assert (undone.release_id, now and now.release_id) == (2, 1)
        assert bi.execute(PRODUCTION).fetchone() == (154000,)


def test_its_archive_says_what_its_bytes_are_from_then_on(taken_over: Settings) -> None:
    copies = {path.stem for path in (taken_over.home / "archive/ledger").iterdir()}
    assert copies == set(SOURCES)
