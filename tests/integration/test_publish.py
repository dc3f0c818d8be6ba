"""Publish and undo: readers see one release or the other, at once, and never wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from loading import day, figures, open_desk
from publishing import as_read, audit_marts, build_marts, release, schemas, withdraw_all

from utpadan import publish
from utpadan.publish import PublishError
from utpadan.settings import Settings

YEARS = b"year,sector,value\n2023-24,,127434\n"


@pytest.fixture
def warehouse(shared_warehouse: Settings) -> Settings:
    withdraw_all(shared_warehouse)
    return shared_warehouse


def test_publishing_makes_the_audited_build_what_everybody_reads(warehouse: Settings) -> None:
    build_id = build_marts(warehouse, 1)
    audit_marts(warehouse, build_id)
    published = publish.publish(warehouse.builder_url)
    assert (published.build_id, published.undone_at) == (build_id, None)
    assert published.tables == {"dim_one": 1, "fct_two": 1}
    assert publish.current_release(warehouse.builder_url) == published
    assert as_read(warehouse.bi_url) == as_read(warehouse.analyst_url) == 1
    assert schemas(warehouse) == ["marts", "marts_prev"]


def test_a_release_names_the_loads_in_it(warehouse: Settings) -> None:
    with open_desk(warehouse) as desk:
        load_id = desk.load(figures(), YEARS, day(1)).load_id
        published = release(warehouse, 1)
        rows = desk.conn.execute("select * from ops.release_load").fetchall()
    assert rows == [(published.release_id, "figures", load_id)]


def test_the_release_before_is_kept_and_hidden_from_readers(warehouse: Settings) -> None:
    release(warehouse, 1)
    release(warehouse, 2)
    assert as_read(warehouse.bi_url) == 2
    for url in (warehouse.bi_url, warehouse.analyst_url):
        with psycopg.connect(url) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select number from marts_prev.fct_two")
    with psycopg.connect(warehouse.builder_url) as builder:
        assert builder.execute("select number from marts_prev.fct_two").fetchone() == (1,)


def test_a_build_is_hidden_from_readers_until_it_is_published(warehouse: Settings) -> None:
    release(warehouse, 1)
    build_marts(warehouse, 2)
    for url in (warehouse.bi_url, warehouse.analyst_url):
        with psycopg.connect(url) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select number from marts_next.fct_two")


def test_only_the_newest_releases_are_kept(warehouse: Settings) -> None:
    for number in (1, 2, 3, 4):
        release(warehouse, number)
    publish.drop_spare_schemas(warehouse.builder_url)
    assert schemas(warehouse) == ["marts", "marts_prev"]
    assert as_read(warehouse.bi_url) == 4


def test_nothing_is_published_that_the_gate_has_not_passed(warehouse: Settings) -> None:
    release(warehouse, 1)
    build_marts(warehouse, 2)
    with pytest.raises(
        PublishError, match="the gate has not passed marts_next: run `utpadan audit`"
    ):
        publish.publish(warehouse.builder_url)
    assert as_read(warehouse.bi_url) == 1


def test_nothing_is_published_twice(warehouse: Settings) -> None:
    with pytest.raises(PublishError, match="there is no whole marts_next: run `utpadan build`"):
        publish.publish(warehouse.builder_url)
    release(warehouse, 1)
    with pytest.raises(PublishError, match="there is no whole marts_next"):
        publish.publish(warehouse.builder_url)
    assert as_read(warehouse.bi_url) == 1


def test_a_build_that_broke_off_is_not_published_in_the_name_of_the_one_before(
    warehouse: Settings,
) -> None:
    audit_marts(warehouse, build_marts(warehouse, 1))
    with psycopg.connect(warehouse.builder_url, autocommit=True) as builder:
        builder.execute("drop schema marts_next cascade; create schema marts_next")
        builder.execute("create table marts_next.fct_two as select 2 as number")
    with pytest.raises(PublishError, match="there is no whole marts_next"):
        publish.publish(warehouse.builder_url)
    assert publish.current_release(warehouse.builder_url) is None


def test_undo_gives_readers_the_release_before(warehouse: Settings) -> None:
    first, second = release(warehouse, 1), release(warehouse, 2)
    undone, now = publish.undo(warehouse.builder_url)
    assert undone.release_id == second.release_id
    assert now == first == publish.current_release(warehouse.builder_url)
    assert as_read(warehouse.bi_url) == as_read(warehouse.analyst_url) == 1
    publish.drop_spare_schemas(warehouse.builder_url)
    assert schemas(warehouse) == ["marts"]
    with psycopg.connect(warehouse.analyst_url) as reader:
        rows = reader.execute(
            "select release_id, undone_at is not null, is_current from ops.release_history "
            "order by release_id"
        ).fetchall()
    assert rows == [(first.release_id, False, True), (second.release_id, True, False)]


def test_a_second_undo_is_refused_and_says_why(warehouse: Settings) -> None:
    release(warehouse, 1)
    release(warehouse, 2)
    publish.undo(warehouse.builder_url)
    with pytest.raises(PublishError, match="no release to go back to, for one step is kept"):
        publish.undo(warehouse.builder_url)
    assert as_read(warehouse.bi_url) == 1


def test_undoing_the_only_release_leaves_readers_without_one(warehouse: Settings) -> None:
    only = release(warehouse, 1)
    undone, now = publish.undo(warehouse.builder_url)
    assert (undone.release_id, now) == (only.release_id, None)
    with psycopg.connect(warehouse.bi_url) as reader, pytest.raises(psycopg.errors.UndefinedTable):
        reader.execute("select number from marts.fct_two")
    with pytest.raises(PublishError, match="no release to go back to"):
        publish.undo(warehouse.builder_url)


def test_after_an_undo_the_next_release_follows_the_one_in_force(warehouse: Settings) -> None:
    first = release(warehouse, 1)
    release(warehouse, 2)
    publish.undo(warehouse.builder_url)
    third = release(warehouse, 3)
    assert as_read(warehouse.bi_url) == 3
    undone, now = publish.undo(warehouse.builder_url)
    assert (undone.release_id, now and now.release_id) == (third.release_id, first.release_id)
    assert as_read(warehouse.bi_url) == 1


def test_a_release_is_due_when_loads_or_models_are_newer_and_not_after_an_undo(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = warehouse.builder_url
    assert publish.is_due(url)
    release(warehouse, 1)
    assert not publish.is_due(url)
    with open_desk(warehouse) as desk:
        desk.load(figures(), YEARS, day(1))
        assert publish.is_due(url)
        release(warehouse, 2)
        assert not publish.is_due(url)
        publish.undo(url)
        assert not publish.is_due(url)
        desk.load(figures(), YEARS.replace(b"127434", b"127000"), day(2))
        assert publish.is_due(url)
        release(warehouse, 3)
    monkeypatch.setattr(publish, "models_sha256", lambda: "other models")
    assert publish.is_due(url)


def test_of_two_publishes_at_once_one_releases_and_the_other_is_refused(
    warehouse: Settings,
) -> None:
    audit_marts(warehouse, build_marts(warehouse, 1))
    with ThreadPoolExecutor(4) as pool:
        attempts = [pool.submit(publish.publish, warehouse.builder_url) for _ in range(4)]
    errors = [str(attempt.exception()) for attempt in attempts if attempt.exception()]
    assert len(errors) == 3
    assert {error.partition(":")[0] for error in errors} <= {
        "there is no whole marts_next",
        "a build is running",
    }
    with psycopg.connect(warehouse.builder_url) as conn:
        assert conn.execute("select count(*) from ops.release").fetchone() == (1,)
    assert as_read(warehouse.bi_url) == 1


def test_the_identity_of_the_models_follows_models_and_suites_and_nothing_else(
    tmp_path: Path,
) -> None:
    folder = tmp_path
    of_models = (
        "dbt_project/models/a.sql",
        "expectations/marts/b.yml",
        "sources/policy/c/source.yml",
    )
    for name in of_models:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("one", encoding="utf-8")
    one = publish.models_sha256(folder)
    for name in ("dbt_project/models/_contracts.yml", "dbt_project/log.txt", "README.md"):
        (folder / name).write_text("two", encoding="utf-8")
    assert publish.models_sha256(folder) == one
    identities = {one}
    for name in of_models:
        (folder / name).write_text("two", encoding="utf-8")
        identities.add(publish.models_sha256(folder))
    assert len(identities) == 4
