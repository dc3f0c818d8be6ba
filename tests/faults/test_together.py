"""Twice, together, by a clock that jumps: what is to happen happens, and just once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from crash_cases import HEADER, VERSIONS, World
from kill_points import started
from loading import Desk, day, open_desk
from publishing import audit_marts, build_marts, release
from warehouses import fresh_warehouse
from whole_state import differences
from worlds import state_of

from utpadan import ledger, nightly, publish
from utpadan.agreement import examine
from utpadan.archive import Archive
from utpadan.load import load
from utpadan.parse import read
from utpadan.publish import PublishError
from utpadan.settings import Settings

FETCHING = "select pg_advisory_xact_lock(hashtextextended('utpadan.fetch.figures', 0))"
CURRENT = "select year, value::text from staging.figures where _known_to is null order by 1, 2"


@pytest.fixture
def world(server: Settings, tmp_path: Path) -> Iterator[World]:
    (tmp_path / "home").mkdir()
    with fresh_warehouse(server, tmp_path / "home") as settings:
        yield World(settings, tmp_path)


def wait_for_sessions(world: World, number: int, event: str = "advisory") -> None:
    """Wait until so many sessions wait for an advisory lock."""
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() "
        f"and wait_event = '{event}'"
    )
    end = time.monotonic() + 60
    while world.query(query) != [(number,)]:
        assert time.monotonic() < end, "they never came to wait"
        time.sleep(0.02)


def at_once(world: World, lock: str, *acts: Callable[[], object]) -> list[object]:
    """All of them wait for the lock first; what each gives, or raises, in their order."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with psycopg.connect(world.settings.admin_url) as holder:
            holder.execute(lock.encode())
            attempts = [pool.submit(act) for act in acts]
            wait_for_sessions(world, len(acts))
        return [attempt.exception() or attempt.result() for attempt in attempts]


def with_file(world: World, number: int) -> World:
    """The same warehouse and source, whose file is another one with this version."""
    folder = world.folder / f"file_{number}"
    folder.mkdir()
    (folder / "figures.csv").write_text(HEADER + VERSIONS[number - 1], encoding="utf-8")
    return replace(world, folder=folder)


def test_an_ingest_done_twice_is_done_once(world: World) -> None:
    world.deliver(1)
    world.ingest()
    once = state_of(world)
    world.ingest()
    assert differences(state_of(world), once) == []


def test_two_ingests_of_the_same_bytes_at_once_are_one_delivery_and_one_load(world: World) -> None:
    world.deliver(1)
    with psycopg.connect(world.settings.admin_url) as holder:
        holder.execute(FETCHING.encode())
        children = [started(world.ingest) for _ in range(2)]
        wait_for_sessions(world, 2)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert world.query("select count(*) from ops.delivery") == [(1,)]
    assert world.query("select status from ops.load") == [("loaded",)]


def test_two_ingests_of_different_bytes_at_once_are_two_deliveries_in_order(world: World) -> None:
    one, two = with_file(world, 1), with_file(world, 2)
    assert at_once(world, FETCHING, one.ingest, two.ingest) == [None, None]
    deliveries = world.query(
        "select size_bytes, row_number() over (order by delivery_id) "
        "= row_number() over (order by fetched_at) from ops.delivery order by delivery_id"
    )
    assert [in_order for _, in_order in deliveries] == [True, True]
    newest = 1 if deliveries[-1][0] == len(HEADER + VERSIONS[0]) else 2
    assert (
        world.query(CURRENT)
        == {
            1: [("2022-23", "106800"), ("2023-24", "126887")],
            2: [("2022-23", "108684"), ("2023-24", "126887"), ("2024-25", "146000")],
        }[newest]
    )
    assert world.query("select from ops.load where status = 'refused'") == []
    assert examine(world.settings, world.sources).faults == ()


def source_lock(name: str = "figures") -> str:
    return f"select pg_advisory_xact_lock(hashtextextended('utpadan.source.{name}', 0))"


def test_a_replay_that_waits_for_a_load_reads_its_delivery_too(world: World) -> None:
    world.deliver(1)
    world.ingest()
    world.deliver(2)
    world.pull()
    source = world.sources["figures"]
    with ThreadPoolExecutor(1) as pool, open_connection(world) as holder:
        ledger.lock_source(holder, "figures")
        replay = pool.submit(nightly.replay_source, world.settings, source)
        wait_for_sessions(world, 1)
        delivery = ledger.deliveries(holder, "figures")[-1]
        with Archive(world.settings.archive_url).open(delivery.sha256) as path:
            load(holder, source, lambda: read(source, path), delivery)
        holder.commit()
        assert len(replay.result(60)) == 2
    assert world.query(CURRENT)[0] == ("2022-23", "108684")
    assert examine(world.settings, world.sources).faults == ()


def test_a_replay_that_waits_for_a_revert_leaves_out_what_was_taken_back(world: World) -> None:
    for number in (1, 2):
        world.deliver(number)
        world.ingest()
    source = world.sources["figures"]
    with ThreadPoolExecutor(2) as pool, open_connection(world) as holder:
        ledger.lock_source(holder, "figures")
        revert = pool.submit(nightly.revert_source, world.settings, source)
        wait_for_sessions(world, 1)
        replay = pool.submit(nightly.replay_source, world.settings, source)
        wait_for_sessions(world, 2)
        holder.commit()
        revert.result(60)
        assert len(replay.result(60)) == 1
    assert world.query(CURRENT)[0] == ("2022-23", "106800")


def open_connection(world: World) -> psycopg.Connection:
    return psycopg.connect(world.settings.loader_url)


def test_a_release_names_the_loads_it_was_built_from_and_not_one_that_came_meanwhile(
    world: World,
) -> None:
    world.deliver(1)
    world.ingest()
    audit_marts(world.settings, build_marts(world.settings, 1))
    ((first,),) = world.query("select load_id from ops.load")
    world.deliver(2)
    lock = "select pg_advisory_xact_lock(hashtextextended('utpadan.publish', 0))"
    with ThreadPoolExecutor(1) as pool, psycopg.connect(world.settings.admin_url) as holder:
        holder.execute(lock.encode())
        attempt = pool.submit(publish.publish, world.settings.builder_url)
        wait_for_sessions(world, 1)
        world.ingest()
        holder.commit()
        attempt.result(60)
    assert world.query("select source, load_id from ops.release_load") == [("figures", first)]
    assert publish.is_due(world.settings.builder_url)
    assert examine(world.settings, world.sources).faults == ()


def test_a_publish_and_an_undo_at_once_come_one_after_the_other(world: World) -> None:
    for number in (1, 2):
        release(world.settings, number)
    audit_marts(world.settings, build_marts(world.settings, 3))
    url = world.settings.builder_url
    lock = "select pg_advisory_xact_lock(hashtextextended('utpadan.publish', 0))"
    outcomes = at_once(world, lock, lambda: publish.publish(url), lambda: publish.undo(url))
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    # Release 3 came first and was undone, or release 2 was undone and then came 3.
    undone = world.query("select release_id from ops.release where undone_at is not null")
    readers_see = {(3,): 2, (2,): 3}[undone[0]]
    assert world.query("select number from marts.fct_two") == [(readers_see,)]
    assert examine(world.settings, world.sources).faults == ()


def test_two_undos_at_once_go_one_step_back(world: World) -> None:
    for number in (1, 2, 3):
        release(world.settings, number)
    url = world.settings.builder_url
    lock = "select pg_advisory_xact_lock(hashtextextended('utpadan.publish', 0))"
    outcomes = at_once(world, lock, lambda: publish.undo(url), lambda: publish.undo(url))
    assert [isinstance(outcome, PublishError) for outcome in outcomes].count(True) == 1
    assert world.query("select number from marts.fct_two") == [(2,)]


def test_a_clock_that_was_ahead_and_was_put_right_does_not_stop_a_source(world: World) -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    with open_desk(world.settings) as desk:
        desk.load(world.sources["figures"], (HEADER + VERSIONS[0]).encode(), ahead)
    world.deliver(2)
    world.ingest()
    assert world.query("select max(fetched_at) from ops.delivery") == [
        (ahead + timedelta(microseconds=1),)
    ]
    assert world.query(CURRENT)[0] == ("2022-23", "108684")
    assert examine(world.settings, world.sources).faults == ()


JUDGED = """
insert into ops.check_result (
    run_id, boundary, suite, rule_id, rule, target, expectation, severity, success, owner,
    judged, checked_at
)
values (
    gen_random_uuid(), 'staging', 'production_exports', 'a', '', '', '', 'error', true, 'desk',
    jsonb_build_object('suite_sha256', 'suite', 'loads', %s::jsonb), now() + %s
)
"""


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    with open_desk(world.settings) as desk:
        yield desk


@pytest.mark.parametrize("clock", [timedelta(hours=1), timedelta(days=-400)])
def test_a_gate_is_due_by_the_loads_it_saw_whatever_the_clock_says(
    desk: Desk, world: World, clock: timedelta
) -> None:
    source = world.sources["figures"]

    def is_due(suite: str = "suite") -> bool:
        return ledger.gate_is_due(desk.conn, "production_exports", ["figures"], suite)

    assert not is_due()
    first = desk.load(source, (HEADER + VERSIONS[0]).encode(), day(1)).load_id
    assert is_due()
    desk.conn.execute(JUDGED, (f'{{"figures": {first}, "another": 7}}', clock))
    assert not is_due()
    assert is_due("another suite")
    # A load that committed after the gate began to look: its time is before the verdict's.
    second = desk.load(source, (HEADER + VERSIONS[1]).encode(), day(2)).load_id
    assert is_due()
    desk.conn.execute(JUDGED, (f'{{"figures": {second}}}', clock))
    assert not is_due()
    nightly.revert_source(world.settings, source)
    assert is_due()


def test_a_source_held_by_a_killed_process_is_free_again_within_seconds(world: World) -> None:
    def hold() -> None:
        with open_connection(world) as conn:
            ledger.lock_source(conn, "figures")
            conn.execute("select pg_sleep(600)")

    child = started(hold)
    wait_for_sessions(world, 1, "PgSleep")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with open_connection(world) as conn:
        conn.execute("set lock_timeout = '60s'")
        ledger.lock_source(conn, "figures")


def test_sessions_of_a_machine_that_is_gone_or_hangs_end_by_themselves(world: World) -> None:
    wanted = {
        "tcp_keepalives_idle": "60",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "6",
        "tcp_user_timeout": "120000",
        "idle_in_transaction_session_timeout": "30min",
        "client_connection_check_interval": "2s",
    }
    for url in (world.settings.loader_url, world.settings.builder_url):
        with psycopg.connect(url) as conn:
            shown = {
                name: conn.execute("select current_setting(%s)", (name,)).fetchone()
                for name in wanted
            }
        assert shown == {name: (value,) for name, value in wanted.items()}
