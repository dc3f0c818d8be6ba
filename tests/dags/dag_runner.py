"""Airflow without a scheduler: one process that runs the DAGs it is told to, one after another."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from machine import Machine

from utpadan import local
from utpadan.local import process

PROGRAM = """
import os
import sys
from pathlib import Path
from utpadan.local.in_process import main

def told():
    for line in map(str.strip, iter(sys.stdin.readline, "")):
        name, equals, value = line.partition("=")
        if equals:
            os.environ[name] = value
        else:
            yield line

main(Path(sys.argv[1]), {}, told())
"""
RUN_SECONDS = 120.0


@dataclass(frozen=True)
class Run:
    """A run that ended: state by task, the tasks that failed, what was logged meanwhile."""

    dag_id: str
    run_id: str
    state: str
    failed: list[str]
    states: dict[str, str]
    log: str


@dataclass
class Airflow:
    """A machine and the process that runs its DAGs."""

    machine: Machine
    folder: Path
    ended: int = 0
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.results, self.log = self.folder / "results", self.folder / "log"
        environment = local.environment(self.machine.home, self.machine.checkout)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(self.results)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                text=True,
                env=environment,
                cwd=self.folder,
            )

    def run(self, dag_id: str) -> Run:
        """Run a DAG to its end."""
        before = process.size(self.log)
        self._tell(dag_id)
        self.ended += 1
        there = process.wait_until(lambda: len(self._lines()) >= self.ended, RUN_SECONDS, every=0.1)
        assert there, f"{dag_id} did not end: {process.tail(self.log, since=before)}"
        told = json.loads(self._lines()[-1])
        assert told["run_id"], told["reason"]
        return Run(
            dag_id,
            told["run_id"],
            told["state"],
            told["failed_tasks"],
            self.machine.states(dag_id, told["run_id"]),
            self.log.read_bytes()[before:].decode(),
        )

    def set(self, variable: str, value: str) -> None:
        """Set a variable of the environment for the runs that follow."""
        self._tell(f"{variable}={value}")

    def stop(self) -> None:
        """Let the process end, with those it has started to tell lineage."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def _lines(self) -> list[str]:
        assert self.process.poll() is None, process.tail(self.log)
        return self.results.read_text().splitlines() if self.results.exists() else []
