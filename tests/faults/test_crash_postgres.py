"""Postgres itself is stopped at once (as by a power cut) in the middle of a load and of a publish.

The server is this test's own. When it is back, the verb is run again, and the whole warehouse is as
an undisturbed run makes it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from crash_cases import VERBS, Verb, World
from kill_points import steps_of, watch_postgres
from warehouses import settings_of
from whole_state import differences
from worlds import Worlds, state_of, worlds_of

from utpadan import local
from utpadan.agreement import examine
from utpadan.local import process
from utpadan.migrate import migrate
from utpadan.settings import Settings

POINTS = 5
"""Stops for each verb, spread evenly over its round trips."""


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("doomed")
    local.start_postgres(home)
    yield Settings.load({"UTPADAN_HOME": str(home)})
    local.stop_postgres(home)


@pytest.mark.parametrize(
    "verb", [verb for verb in VERBS if verb.name in ("load", "publish")], ids=lambda verb: verb.name
)
def test_a_server_stopped_at_once_in_the_middle_of_a_verb_loses_nothing(
    verb: Verb, own_server: Settings, tmp_path: Path
) -> None:
    with worlds_of(own_server, tmp_path / verb.name) as worlds:
        migrate(worlds.prepared().settings)
        verb.prepare(worlds.prepared())
        undisturbed = worlds.copy()
        steps = steps_of(partial(verb.run, undisturbed), worlds.folder / "steps")
        after = state_of(undisturbed)
        trips = sum("asks Postgres" in step for step in steps)
        for point in range(POINTS):
            world = worlds.copy()
            stop_server_at(own_server, trips * (2 * point + 1) // (2 * POINTS), verb, world)
            world = restarted(worlds, world)
            assert examine(world.settings, world.sources).faults == ()
            (verb.again or verb.run)(world)
            assert differences(state_of(world), after) == []


def restarted(worlds: Worlds, world: World) -> World:
    """The world when its server is back, perhaps on another port."""
    home = worlds.server.home
    local.start_postgres(home)
    worlds.server = Settings.load({"UTPADAN_HOME": str(home)})
    database = urlsplit(world.settings.admin_url).path.removeprefix("/")
    return World(settings_of(worlds.server, database, world.settings.home), world.folder)


def stop_server_at(server: Settings, number: int, verb: Verb, world: World) -> None:
    """Run the verb; before its round trip of that number the server is ended (SIGQUIT)."""
    pid = local.postgres_pid(server.home)
    assert pid is not None
    count = 0

    def on_step(_: str) -> None:
        nonlocal count
        if count == number:
            os.kill(pid, signal.SIGQUIT)
            assert process.wait_until(lambda: process.started(pid) is None, 60)
        count += 1

    stop_watching = watch_postgres(on_step)
    try:
        with pytest.raises(psycopg.OperationalError):
            verb.run(world)
    finally:
        stop_watching()
    assert count > number
