"""Loads that are cut, that meet, that are large: the state before or the state after, no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from loading import FIGURES, Desk, contract, day, figures, open_desk

from utpadan import ledger, nightly
from utpadan.ledger import Delivery
from utpadan.load import ensure_staging, load
from utpadan.settings import Settings
from utpadan.table import Table

HEADER = b"year,sector,value\n"
BEFORE = HEADER + b"2022-23,,106800\n2023-24,,126887\n"
AFTER = HEADER + b"2022-23,,108684\n2024-25,,146000\n"


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


@pytest.fixture
def admin(shared_warehouse: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_warehouse.admin_url, autocommit=True) as conn:
        yield conn


def waits_for_a_lock(admin: psycopg.Connection, pid: int) -> bool:
    row = admin.execute(
        "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", (pid,)
    ).fetchone()
    return row == (True,)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_a_load_cut_in_the_middle_of_copy_leaves_the_state_before(
    desk: Desk, admin: psycopg.Connection
) -> None:
    desk.load(figures(), BEFORE, day(1))
    staging = desk.bytes_of(figures())
    delivery = desk.deliver(figures(), AFTER, day(2))
    with psycopg.connect(desk.settings.loader_url, autocommit=True) as doomed:

        def cut_blocks(table: Table) -> Iterator[bytes]:
            yield from table.blocks
            admin.execute("select pg_terminate_backend(%s, 5000)", (doomed.info.backend_pid,))
            yield b"2025-26,,1\n" * 100_000

        def reading() -> Table:
            table = desk.reading(figures(), delivery)()
            return replace(table, blocks=cut_blocks(table))

        with pytest.raises(psycopg.OperationalError):
            load(doomed, figures(), reading, delivery)
    assert_nothing_happened_and_it_can_be_loaded(desk, staging, delivery)


def test_a_load_cut_while_it_writes_versions_leaves_the_state_before(
    desk: Desk, admin: psycopg.Connection
) -> None:
    desk.load(figures(), BEFORE, day(1))
    staging = desk.bytes_of(figures())
    delivery = desk.deliver(figures(), AFTER, day(2))
    with (
        psycopg.connect(desk.settings.loader_url, autocommit=True) as doomed,
        psycopg.connect(desk.settings.loader_url) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("select from staging.figures where year = '2022-23' for update")
        pid = doomed.info.backend_pid
        attempt = pool.submit(load, doomed, figures(), desk.reading(figures(), delivery), delivery)
        wait_until(lambda: waits_for_a_lock(admin, pid))
        admin.execute("select pg_terminate_backend(%s, 5000)", (pid,))
        with pytest.raises(psycopg.OperationalError):
            attempt.result(30)
    assert_nothing_happened_and_it_can_be_loaded(desk, staging, delivery)


def assert_nothing_happened_and_it_can_be_loaded(
    desk: Desk, staging: list[tuple[object, ...]], delivery: Delivery
) -> None:
    assert desk.bytes_of(figures()) == staging
    assert desk.statuses(figures()) == ["loaded"]
    assert desk.landing_tables() == []
    (outcome,) = nightly.load_source(desk.settings, figures())
    assert (outcome.rows.new, outcome.rows.changed, outcome.rows.closed) == (1, 1, 1)
    assert desk.current(figures()) == [("2022-23", None, "108684"), ("2024-25", None, "146000")]


def test_a_first_load_that_is_cut_leaves_nothing(desk: Desk, admin: psycopg.Connection) -> None:
    delivery = desk.deliver(figures(), BEFORE, day(1))
    with psycopg.connect(desk.settings.loader_url, autocommit=True) as doomed:

        def reading() -> Table:
            admin.execute("select pg_terminate_backend(%s, 5000)", (doomed.info.backend_pid,))
            return desk.reading(figures(), delivery)()

        with pytest.raises(psycopg.OperationalError):
            load(doomed, figures(), reading, delivery)
    assert desk.statuses(figures()) == []
    assert desk.conn.execute("select to_regclass('staging.figures')").fetchone() == (None,)
    assert len(nightly.load_source(desk.settings, figures())) == 1


def test_of_two_loads_of_one_delivery_the_second_finds_nothing_to_do(desk: Desk) -> None:
    desk.deliver(figures(), BEFORE, day(1))
    with ThreadPoolExecutor(2) as pool, psycopg.connect(desk.settings.loader_url) as holder:
        ledger.lock_source(holder, "figures")
        attempts = [pool.submit(nightly.load_source, desk.settings, figures()) for _ in range(2)]
        time.sleep(0.5)
        assert not any(attempt.done() for attempt in attempts)
        holder.rollback()
        counts = sorted(len(attempt.result(30)) for attempt in attempts)
    assert counts == [0, 1]
    assert desk.statuses(figures()) == ["loaded"]
    assert len(desk.current(figures())) == 2


def test_two_loads_of_an_increment_take_every_delivery_once_and_in_order(desk: Desk) -> None:
    source = figures(delivery="increment")
    for number in range(1, 6):
        desk.deliver(source, HEADER + b"2022-23,,%d\n" % number, day(number))
    with ThreadPoolExecutor(2) as pool:
        attempts = [pool.submit(nightly.load_source, desk.settings, source) for _ in range(2)]
        done = [outcome for attempt in attempts for outcome in attempt.result(30)]
    assert len(done) == 5
    assert [(row[2], row[-2]) for row in desk.history(source)] == [
        (str(number), day(number)) for number in range(1, 6)
    ]


def test_a_load_of_another_source_does_not_wait(desk: Desk) -> None:
    other = figures(name="other_figures")
    with psycopg.connect(desk.settings.loader_url) as holder:
        ledger.lock_source(holder, "figures")
        assert desk.load(other, BEFORE, day(1)).status == "loaded"


def test_models_do_not_wait_for_a_load_to_find_their_tables(desk: Desk) -> None:
    desk.load(figures(), BEFORE, day(1))
    with psycopg.connect(desk.settings.loader_url) as holder:
        ledger.lock_source(holder, "figures")
        desk.conn.execute("set lock_timeout = '1s'")
        ensure_staging(desk.conn, [figures(), figures(name="never_loaded")])
    assert desk.history(figures(name="never_loaded")) == []
    assert len(desk.history(figures())) == 2


def test_a_complete_delivery_that_a_newer_one_overtook_is_left_out_without_a_fuss(
    desk: Desk,
) -> None:
    older = desk.deliver(figures(), BEFORE, day(1))
    newer = desk.deliver(figures(), AFTER, day(2))
    with (
        psycopg.connect(desk.settings.loader_url, autocommit=True) as slow,
        psycopg.connect(desk.settings.loader_url) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        ledger.lock_source(holder, "figures")
        late = pool.submit(load, slow, figures(), desk.reading(figures(), older), older)
        load(holder, figures(), desk.reading(figures(), newer), newer)
        holder.commit()
        assert late.result(30) is None
    assert desk.statuses(figures()) == ["loaded"]
    assert desk.current(figures()) == [("2022-23", None, "108684"), ("2024-25", None, "146000")]


def test_the_fast_and_the_careful_reading_of_a_large_file_give_the_same_staging(desk: Desk) -> None:
    columns = {**FIGURES, "on_day": {"type": "date"}, "is_final": {"type": "boolean"}}
    rows = (
        f"FY{number:06},{'' if number % 7 else 'dpsu'},{number * 37 % 100_003}.{number % 100:02},"
        f"2024-{number % 12 + 1:02}-{number % 31 + 1:02},{'yes' if number % 3 else 'no'}\n"
        for number in range(200_136)
    )
    data = b"year,sector,value,on_day,is_final\n" + "".join(rows).encode()
    outcomes = {}
    for name in ("read_fast", "read_carefully"):
        source = contract(columns, key=["year", "sector"], name=name)
        delivery = desk.deliver(source, data, day(1))
        table = desk.reading(source, delivery)
        outcomes[name] = load(
            desk.conn, source, careful(table) if name == "read_carefully" else table, delivery
        )
    fast, slow = outcomes["read_fast"], outcomes["read_carefully"]
    assert fast and slow and (fast.reading, slow.reading) == ("fast", "careful")
    assert fast.rows == slow.rows
    # 12 and 31 share no factor: each month meets each day once in 372 rows, of which 6 are no dates
    # (30 and 31 February, 31 April, June, September, November). 538 times 372 rows.
    assert (fast.rows.landed, fast.rows.rejected) == (200_136, 3_228)
    differing = desk.conn.execute(
        "select count(*) from ("
        "(select year, sector, value, on_day, is_final, _line, _known_from from staging.read_fast "
        "except all "
        "select year, sector, value, on_day, is_final, _line, _known_from "
        "from staging.read_carefully)) as differing"
    ).fetchone()
    assert differing == (0,)
    assert desk.rejected(fast.load_id) == desk.rejected(slow.load_id)


def careful(reading: Callable[[], Table]) -> Callable[[], Table]:
    def read_carefully() -> Table:
        table = reading()
        assert table.careful is not None
        return table.careful()

    return read_carefully
