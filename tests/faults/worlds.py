"""Worlds to break: databases copied from a prepared one, each with copies of its files."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from crash_cases import World
from psycopg.sql import SQL, Identifier
from warehouses import settings_of
from whole_state import State, whole_state

from utpadan.settings import Settings

_numbers = count(1)


class Worlds:
    """Copies of one prepared world. The file that a source delivers lies in the same place."""

    def __init__(self, server: Settings, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.names: list[str] = []
        self._prepared = self._world("prepared", None)

    def prepared(self) -> World:
        """The world that is copied; at first it is an empty database."""
        return self._prepared

    def copy(self) -> World:
        """A new world just as the prepared one is."""
        return self._world(f"copy_{next(_numbers)}", "prepared")

    def _world(self, name: str, template: str | None) -> World:
        database, home = f"{self.folder.name}_{name}", self.folder / name
        with psycopg.connect(self.server.admin_url, autocommit=True) as conn:
            made = SQL("create database {}").format(Identifier(database))
            if template:
                source = Identifier(f"{self.folder.name}_{template}")
                made += SQL(" template {}").format(source)
                shutil.copytree(self.folder / template, home)
            conn.execute(made)
            if template:  # what roles may do with a database is not copied with it
                right = SQL("grant create on database {} to utpadan_builder")
                conn.execute(right.format(Identifier(database)))
        self.names.append(database)
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        tempfile.tempdir = str(home / "tmp")
        return World(settings_of(self.server, database, home), self.folder)

    def drop(self) -> None:
        tempfile.tempdir = None
        with psycopg.connect(self.server.admin_url, autocommit=True) as conn:
            for name in self.names:
                conn.execute(SQL("drop database {} with (force)").format(Identifier(name)))


def state_of(world: World) -> State:
    """All of it, once no session of a killed process is at work any more."""
    settle(world)
    home = world.settings.home
    folders = [home / name for name in ("archive", "exports", "tmp", "data_docs")]
    return whole_state(world.settings, *folders)


def settle(world: World) -> None:
    """Wait until nobody but the one who asks is connected."""
    end = time.monotonic() + 60
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid() and backend_type = 'client backend'"
    )
    with psycopg.connect(world.settings.admin_url, autocommit=True) as conn:
        while conn.execute(query).fetchone() != (0,):
            assert time.monotonic() < end, "a session of a killed process does not end"
            time.sleep(0.005)


@contextmanager
def worlds_of(server: Settings, folder: Path) -> Iterator[Worlds]:
    worlds = Worlds(server, folder)
    try:
        yield worlds
    finally:
        worlds.drop()
