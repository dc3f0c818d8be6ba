"""The machine of the tests of DAGs, on which a process runs the DAGs it is told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dag_runner import Airflow
from machine import Machine


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which nothing was loaded yet."""
    found = Machine.new(tmp_path_factory.mktemp("machine"))
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def airflow(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """The machine's Airflow."""
    runner = Airflow(machine, tmp_path_factory.mktemp("runner"))
    yield runner
    runner.stop()
