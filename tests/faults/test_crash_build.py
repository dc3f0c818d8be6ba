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
from kill_points import killed_before, started, steps_of
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
def project(tmp_path: Path) -> Path:
    """Two marts, the second of which waits for the lock 7."""
    project = small_project(tmp_path / "project")
    add_mart(project, "aa_first", "select 1 as dim_id, 'one' as name", COLUMNS, KEYS)
    add_mart(project, "bb_waits", WHILE_HELD, COLUMNS, KEYS)
    return project


@pytest.fixture
def worlds(
    server: Settings, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Worlds]:
    """A warehouse to build that project in."""
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


def test_a_build_killed_at_any_step_and_while_dbt_is_at_work_is_made_whole_by_the_next(
    worlds: Worlds, project: Path
) -> None:
    undisturbed, world = worlds.copy(), worlds.copy()
    steps = steps_of(partial(built, undisturbed), worlds.folder / "steps")
    after = state_of(undisturbed)
    dbt = next(number for number, step in enumerate(steps) if "subprocess.Popen" in step)
    results = next(number for number, step in enumerate(steps) if "build.py _record" in step)
    recorded = max(number for number, step in enumerate(steps) if "record_build" in step)
    points = [*range(dbt + 1), results, recorded]  # the others cost a run of dbt each
    for number in points:
        for derived in project.rglob("_contracts.*"):
            derived.unlink()
        assert killed_before(partial(built, world), number)
        assert is_held_back(world), f"killed before: {steps[number]}"
    kill_while_dbt_is_at_work(world)
    assert is_held_back(world)
    built(world)
    assert differences(state_of(world), after) == []
    assert examine(world.settings, world.sources).faults == ()
    print(f"build: {len(points) + 2} kill points")
    assert len(points) >= 18


def kill_while_dbt_is_at_work(world: World) -> None:
    """Twice: first what runs dbt alone, then, in the next build and between two nodes, both.

    The dbt that lost its build is gone before the next one writes, its session of the server too.
    """
    with psycopg.connect(world.settings.admin_url) as holder:
        holder.execute("select pg_advisory_lock(7)")
        first = started(partial(built, world))
        orphan = session_that_waits(world)
        (dbt,) = psutil.Process(first).children()
        token = process.started(dbt.pid)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
        second = started(partial(built, world))
        session_that_waits(world, but=orphan)
        assert world.query(f"select from pg_stat_activity where pid = {orphan}") == []
        assert process.started(dbt.pid) != token
        os.killpg(second, signal.SIGKILL)
        os.waitpid(second, 0)


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
        holder.execute("select pg_advisory_unlock_all()")
        with pytest.raises(psycopg.OperationalError):
            attempt.result(60)
    assert is_held_back(world)


def test_staging_that_changes_during_a_build_and_changes_back_holds_it_back(
    worlds: Worlds,
) -> None:
    world = worlds.copy()
    world.deliver(1)
    world.ingest()
    with psycopg.connect(world.settings.admin_url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("select pg_advisory_lock(7)")
        attempt = pool.submit(built, world)
        session_that_waits(world)
        world.deliver(2)
        world.ingest()
        nightly.revert_source(world.settings, world.sources["figures"])
        holder.execute("select pg_advisory_unlock_all()")
        with pytest.raises(nightly.HeldBack, match="staging changed while the marts were built"):
            attempt.result(120)
    assert is_held_back(world)
