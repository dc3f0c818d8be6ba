"""Readers during a publish or an undo: one release or the other, at once, and no waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from publishing import as_read, audit_marts, build_marts, release, schemas, withdraw_all

from utpadan import publish
from utpadan.settings import Settings

NO_WAIT = "?options=-c%20lock_timeout%3D1s%20-c%20statement_timeout%3D10s"


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


def test_a_statement_caught_between_two_releases_is_refused_and_mixes_nothing(
    warehouse: Settings,
) -> None:
    release(warehouse, 1)
    audit_marts(warehouse, build_marts(warehouse, 2))
    question = "select a.number, b.number from marts.dim_one a, marts.fct_two b"
    with (
        psycopg.connect(warehouse.builder_url) as holder,
        psycopg.connect(warehouse.bi_url, autocommit=True) as reader,
        ThreadPoolExecutor(1) as pool,
    ):
        # The reader has found dim_one of release 1 when it comes to wait for fct_two.
        holder.execute("lock table marts.fct_two in access exclusive mode")
        answer = pool.submit(lambda: reader.execute(question).fetchone())
        wait_for_a_lock(warehouse, reader.info.backend_pid)
        publish.publish(warehouse.builder_url)
        holder.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="dim_one"):
            answer.result(30)
        assert reader.execute(question).fetchone() == (2, 2)


def wait_for_a_lock(settings: Settings, pid: int) -> None:
    """Until the session waits for a lock that another one holds."""
    query = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
    with psycopg.connect(settings.admin_url, autocommit=True) as admin:
        end = time.monotonic() + 30
        while admin.execute(query, (pid,)).fetchone() != (True,):
            assert time.monotonic() < end, "it did not come to wait"
            time.sleep(0.01)


def test_no_statement_ever_mixes_two_releases(warehouse: Settings) -> None:
    release(warehouse, 0)
    ended, seen, refused = threading.Event(), set[tuple[int, int]](), list[str]()

    def read_on_and_on() -> None:
        with psycopg.connect(warehouse.bi_url, autocommit=True, prepare_threshold=None) as conn:
            while not ended.is_set():
                try:
                    row = conn.execute(
                        "select a.number, b.number from dim_one a, fct_two b"
                    ).fetchone()
                except psycopg.errors.InsufficientPrivilege as error:
                    refused.append(str(error))
                else:
                    assert row is not None
                    seen.add((row[0], row[1]))

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read_on_and_on) for _ in range(2)]
        try:
            for number in range(1, 21):
                release(warehouse, number)
        finally:
            ended.set()
        for reading in readers:
            reading.result(30)
    assert {one for one, _ in seen} >= {20}
    assert len(seen) > 3
    assert [pair for pair in seen if pair[0] != pair[1]] == []
    assert len(refused) <= 10, "only a statement that starts in the very moment may be refused"
