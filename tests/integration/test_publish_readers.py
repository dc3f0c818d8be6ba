"""Readers during a publish or an undo: one release or the other, nobody refused, nobody waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from loading import day, figures, open_desk
from publishing import as_read, audit_marts, build_marts, release, schemas, withdraw_all

from utpadan import publish
from utpadan.maintenance import prune
from utpadan.migrate import migrate
from utpadan.publish import PublishError, switch
from utpadan.settings import Settings
from utpadan.transform.base import prepare_marts_next
from utpadan.transform.build import PROJECT

NO_WAIT = "?options=-c%20lock_timeout%3D1s%20-c%20statement_timeout%3D10s"
QUESTION = "select a.number, b.number from marts.dim_one a, marts.fct_two b"


@pytest.fixture
def warehouse(shared_warehouse: Settings) -> Settings:
    withdraw_all(shared_warehouse)
    return shared_warehouse


@pytest.fixture
def reader(warehouse: Settings) -> Iterator[psycopg.Connection]:
    release(warehouse, 1)
    with psycopg.connect(warehouse.bi_url) as conn:
        yield conn


@pytest.mark.parametrize("level", ["read committed", "repeatable read"])
def test_an_open_cursor_reads_its_release_to_the_end_and_what_follows_the_new_one(
    warehouse: Settings, reader: psycopg.Connection, level: str
) -> None:
    reader.execute(f"set transaction isolation level {level}".encode())
    with reader.cursor(name="long_report") as cursor:
        cursor.execute("select number from marts.fct_two, generate_series(1, 50000)")
        assert cursor.fetchone() == (1,)
        audit_marts(warehouse, build_marts(warehouse, 2))
        start = time.monotonic()
        publish.publish(warehouse.builder_url + NO_WAIT)
        assert time.monotonic() - start < 5
        assert as_read(warehouse.analyst_url + NO_WAIT) == 2
        assert {number for (number,) in cursor} == {1}
    if level == "repeatable read":
        reader.commit()  # such a transaction knows nothing of tables that are younger than itself
    assert reader.execute("select number from marts.fct_two").fetchone() == (2,)


def test_an_undo_does_not_wait_for_a_reader_either(
    warehouse: Settings, reader: psycopg.Connection
) -> None:
    release(warehouse, 2)
    with reader.cursor(name="long_report") as cursor:
        cursor.execute("select number from marts.fct_two, generate_series(1, 50000)")
        cursor.fetchone()
        publish.undo(warehouse.builder_url + NO_WAIT)
        assert as_read(warehouse.analyst_url) == 1
        assert {number for (number,) in cursor} == {2}


def test_an_undo_leads_back_to_a_release_that_somebody_still_reads(
    warehouse: Settings, reader: psycopg.Connection
) -> None:
    with reader.cursor(name="long_report") as cursor:
        cursor.execute("select number from marts.fct_two, generate_series(1, 50000)")
        cursor.fetchone()
        release(warehouse, 2)
        publish.undo(warehouse.builder_url + NO_WAIT)
        assert as_read(warehouse.analyst_url) == 1
        assert {number for (number,) in cursor} == {1}


def test_a_long_report_blocks_no_step_of_the_night_and_none_of_them_blocks_it(
    warehouse: Settings, reader: psycopg.Connection
) -> None:
    url = warehouse.builder_url + NO_WAIT
    with reader.cursor(name="long_report") as cursor:
        cursor.execute("select number from marts.fct_two, generate_series(1, 50000)")
        assert cursor.fetchone() == (1,)
        migrate(warehouse)
        with open_desk(warehouse) as desk:
            desk.load(figures(), b"year,sector,value\n2023-24,,127434\n", day(1))
        release(warehouse, 2)
        publish.undo(url)
        release(warehouse, 3)
        release(warehouse, 4)
        (base,) = [name for name in schemas(warehouse) if "spare" in name]
        with psycopg.connect(url, autocommit=True) as builder:
            prepare_marts_next(builder, PROJECT, base)
            builder.execute("drop schema marts_next")
        assert publish.drop_spare_schemas(url) == []
        prune(warehouse)
        assert as_read(warehouse.bi_url) == 4
        assert {number for (number,) in cursor} == {1}
    reader.commit()
    assert publish.drop_spare_schemas(url) == [base]


def test_a_reader_that_leaves_its_transaction_open_is_ended_at_some_time(
    warehouse: Settings,
) -> None:
    for url in (warehouse.bi_url, warehouse.analyst_url):
        with psycopg.connect(url) as conn:
            limit = conn.execute("show idle_in_transaction_session_timeout").fetchone()
            assert limit == ("15min",)


def test_a_statement_that_began_before_has_a_result_of_one_release_however_long_it_takes(
    warehouse: Settings,
) -> None:
    release(warehouse, 1)
    slow = QUESTION + ", lateral pg_sleep(2)"
    with (
        psycopg.connect(warehouse.bi_url, autocommit=True) as conn,
        ThreadPoolExecutor(1) as pool,
    ):
        report = pool.submit(lambda: conn.execute(slow).fetchone())
        wait_for(warehouse, conn.info.backend_pid, "Timeout")
        release(warehouse, 2)
        assert as_read(warehouse.bi_url) == 2
        assert not report.done()
        publish.undo(warehouse.builder_url)
        release(warehouse, 3)
        assert report.result(30) == (1, 1)


def test_a_release_that_is_still_read_is_dropped_later(
    warehouse: Settings, reader: psycopg.Connection
) -> None:
    reader.execute("select number from marts.fct_two")
    release(warehouse, 2)
    release(warehouse, 3)
    assert len(spare := schemas(warehouse)) == 3
    assert spare[-1].startswith("marts_spare_")
    reader.commit()
    assert publish.drop_spare_schemas(warehouse.builder_url) == [spare[-1]]
    assert schemas(warehouse) == ["marts", "marts_prev"]


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("verb", ["publish", "undo"])
def test_a_statement_caught_between_two_releases_gets_an_answer_and_mixes_nothing(
    warehouse: Settings, verb: str, prepared: bool
) -> None:
    release(warehouse, 1)
    release(warehouse, 2)
    if verb == "publish":
        audit_marts(warehouse, build_marts(warehouse, 1))
    with (
        psycopg.connect(warehouse.builder_url) as holder,
        psycopg.connect(warehouse.bi_url, autocommit=True) as reader,
        ThreadPoolExecutor(2) as pool,
    ):
        # The reader has found dim_one of release 2 when it comes to wait for fct_two.
        holder.execute("lock table marts.fct_two in access exclusive mode")
        answer = pool.submit(lambda: reader.execute(QUESTION, prepare=prepared).fetchone())
        wait_for(warehouse, reader.info.backend_pid, "Lock")
        switching = pool.submit(getattr(publish, verb), warehouse.builder_url)
        time.sleep(1)  # tries: the names change, and change back
        assert not switching.done()
        holder.rollback()
        assert answer.result(30) in {(1, 1), (2, 2)}
        switching.result(30)
        assert reader.execute(QUESTION, prepare=prepared).fetchone() == (1, 1)


def test_when_readers_leave_no_moment_nothing_changes_and_the_message_says_so(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = release(warehouse, 1)
    audit_marts(warehouse, build_marts(warehouse, 2))
    monkeypatch.setattr(switch, "PATIENCE", 0)
    with (
        psycopg.connect(warehouse.builder_url) as holder,
        psycopg.connect(warehouse.bi_url, autocommit=True) as reader,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("lock table marts.fct_two in access exclusive mode")
        answer = pool.submit(lambda: reader.execute(QUESTION).fetchone())
        wait_for(warehouse, reader.info.backend_pid, "Lock")
        with pytest.raises(PublishError, match=r"nothing has changed, do it again: .* caught"):
            publish.publish(warehouse.builder_url)
        holder.rollback()
        assert answer.result(30) == (1, 1)
    assert publish.current_release(warehouse.builder_url) == released
    assert schemas(warehouse) == ["marts", "marts_next", "marts_prev"]
    monkeypatch.undo()
    assert publish.publish(warehouse.builder_url).release_id > released.release_id
    assert as_read(warehouse.bi_url) == 2


def wait_for(settings: Settings, pid: int, what: str) -> None:
    """Until the session waits for an event of this kind."""
    query = "select wait_event_type = %s from pg_stat_activity where pid = %s"
    with psycopg.connect(settings.admin_url, autocommit=True) as admin:
        end = time.monotonic() + 30
        while admin.execute(query, (what, pid)).fetchone() != (True,):
            assert time.monotonic() < end, "it did not come to wait"
            time.sleep(0.01)
