"""A build is killed at its steps, and while dbt is at work: the next build makes everything whole.

dbt is a program of its own, and the server goes on with a statement whose client is gone. Neither
may write into the `marts_next` of the next build.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
from crash_cases import World
from kill_points import ends_of_stretches, killed_before, started, steps_of
from small_dbt import add_mart, small_project
from whole_state import differences
from worlds import Worlds, state_of, worlds_of

from utpadan import ledger, nightly, transform
from utpadan.agreement import examine
from utpadan.local import process
from utpadan.migrate import migrate
from utpadan.settings import Settings

COLUMNS = {"dim_id": "integer", "name": "text"}
KEYS = [{"type": "primary_key", "columns": ["dim_id"]}]
WHILE_HELD = """
select 2 as dim_id, cast(pg_advisory_xact_lock_shared(7) as text) || 'x' as name
from {{ ref('aa_first') }}
"""
"""A model that waits for whoever holds the lock 7."""


@pytest.fixture
def worlds(server: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worlds]:
    """A warehouse, and a project of two marts, the second of which waits for the lock 7."""
    project = small_project(tmp_path / "project")
    add_mart(project, "aa_first", "select 1 as dim_id, 'one' as name", COLUMNS, KEYS)
    add_mart(project, "bb_waits", WHILE_HELD, COLUMNS, KEYS)
    # The names of companies to review are of the real project.
    monkeypatch.setattr(nightly, "list_for_review", lambda *_: None)
    monkeypatch.setattr(transform, "build", partial(transform.build, project=project))
    with worlds_of(server, tmp_path / "build") as worlds:
        migrate(worlds.prepared().settings)
        yield worlds


def built(world: World) -> None:
    nightly.build(world.settings, {})


def is_held_back(world: World) -> bool:
    """Whether `marts_next` counts as no whole build."""
    with psycopg.connect(world.settings.builder_url) as conn:
        return ledger.build_in_marts_next(conn) is None


def session_that_waits(world: World, but: int | None = None) -> int:
    """The session of dbt that waits for the lock 7, another one than `but`."""
    query = """
        select pid from pg_stat_activity
        where application_name = 'dbt marts_next' and wait_event = 'advisory'
            and datname = current_database()
    """
    end = time.monotonic() + 120
    while True:
        found = [pid for (pid,) in world.query(query) if pid != but]
        if found:
            return int(str(found[0]))
        assert time.monotonic() < end, "dbt never came to the model that waits"
        time.sleep(0.1)


def test_a_build_killed_at_its_steps_is_made_whole_by_the_next_one(worlds: Worlds) -> None:
    undisturbed, world = worlds.copy(), worlds.copy()
    steps = steps_of(lambda: built(undisturbed), worlds.folder / "steps")
    after = state_of(undisturbed)
    dbt = next(number for number, step in enumerate(steps) if "subprocess.Popen" in step)
    points = [*range(dbt + 1), *(n for n in ends_of_stretches(steps) if n > dbt)]
    for number in points:
        assert killed_before(lambda: built(world), number)
        assert is_held_back(world), f"killed before {steps[number]}"
    built(world)
    assert differences(state_of(world), after) == []
    assert examine(world.settings, {}).faults == ()
    print(f"build: {len(points)} kill points")
    assert len(points) >= 12


def test_a_dbt_whose_build_was_killed_does_not_write_into_the_next_one(worlds: Worlds) -> None:
    world = worlds.copy()
    with psycopg.connect(world.settings.admin_url) as holder:
        holder.execute("select pg_advisory_lock(7)")
        first = started(lambda: built(world))
        orphan = session_that_waits(world)
        (dbt,) = psutil.Process(first).children()
        token = process.started(dbt.pid)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
        second = started(lambda: built(world))
        session_that_waits(world, but=orphan)
        assert world.query(f"select from pg_stat_activity where pid = {orphan}") == []
        assert process.started(dbt.pid) != token
        os.killpg(second, signal.SIGKILL)  # between two nodes, dbt and all
        os.waitpid(second, 0)
    assert is_held_back(world)
    built(world)
    marts = "select name from marts_next.aa_first union all select name from marts_next.bb_waits"
    assert world.query(marts) == [("one",), ("x",)]
    assert examine(world.settings, {}).faults == ()


def test_a_build_that_lost_its_lock_ends_its_dbt(worlds: Worlds) -> None:
    world = worlds.copy()
    lose = """
        select pg_terminate_backend(pid, 5000) from pg_locks
        where locktype = 'advisory' and classid::bigint << 32 | objid::bigint
            = hashtextextended('utpadan.build', 0)
    """
    with psycopg.connect(world.settings.admin_url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("select pg_advisory_lock(7)")
        attempt = pool.submit(built, world)
        session_that_waits(world)
        world.query(lose)
        holder.rollback()
        holder.execute("select pg_advisory_unlock_all()")
        with pytest.raises(psycopg.OperationalError):
            attempt.result(60)
    assert is_held_back(world)
