"""Fixtures shared by all tests: a real Postgres, started once, and a fresh warehouse in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from real_chain import build_everything, release_what_is_built
from warehouses import copied_warehouse, fresh_warehouse

from utpadan import local
from utpadan.settings import Settings

for variable in [name for name in os.environ if name.startswith("UTPADAN_")]:
    del os.environ[variable]  # no test may touch a warehouse that the shell happens to name


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of a Postgres of this run's own."""
    home = tmp_path_factory.mktemp("server")
    local.start_postgres(home)
    try:
        yield Settings.load({"UTPADAN_HOME": str(home)})
    finally:
        local.stop_postgres(home)


@pytest.fixture
def warehouse(server: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A migrated, empty warehouse in a database of its own, with an archive of its own."""
    with fresh_warehouse(server, tmp_path) as settings:
        yield settings


@pytest.fixture(scope="module")
def shared_warehouse(
    server: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A warehouse for the tests of one module that do not get in each other's way."""
    with fresh_warehouse(server, tmp_path_factory.mktemp("warehouse")) as settings:
        yield settings


@pytest.fixture(scope="session")
def everything_built(
    server: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A warehouse with everything there is, judged and built, but not published; to be copied."""
    with fresh_warehouse(server, tmp_path_factory.mktemp("everything")) as settings:
        build_everything(settings)
        yield settings


@pytest.fixture(scope="module")
def own_copy(server: Settings, everything_built: Settings) -> Iterator[Settings]:
    """A copy of it that the tests of one module may spoil."""
    with copied_warehouse(server, everything_built) as settings:
        yield settings


@pytest.fixture(scope="session")
def released(server: Settings, everything_built: Settings) -> Iterator[Settings]:
    """A warehouse with a release of everything there is; for tests that only read."""
    with copied_warehouse(server, everything_built) as settings:
        release_what_is_built(settings)
        yield settings


@pytest.fixture(scope="session")
def ask(released: Settings) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Gives what a query finds in the marts of the release."""
    with psycopg.connect(
        released.builder_url, autocommit=True, options="-c search_path=marts"
    ) as conn:
        yield lambda query: conn.execute(query.encode()).fetchall()
