"""The machine of the tests of DAGs, on which a process runs the DAGs it is told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dag_runner import Airflow
from machine import Machine


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """A machine on which nothing was loaded yet, and its Airflow."""
    machine = Machine.new(tmp_path_factory.mktemp("machine"))
    try:
        machine.start()
        runner = Airflow(machine, tmp_path_factory.mktemp("runner"))
        yield runner
        runner.process.kill()
        runner.process.wait()
    finally:
        machine.stop()
