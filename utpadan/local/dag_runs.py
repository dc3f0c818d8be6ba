"""Runs DAGs to their end and says how each ended.

Through the scheduler when this home's Airflow is up; else in one process of their own, which is as
quick as a command line wants to be. The two are never mixed: a running scheduler would take up the
tasks of a run in process and run each of them a second time.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from utpadan.local import airflow, process, variables
from utpadan.local.home import Home
from utpadan.source import CHECKOUT

LOG = "dag-runs"
PROGRAM = [sys.executable, "-m", "utpadan.local.in_process"]
RUN_SECONDS = 3600.0


@dataclass(frozen=True)
class DagRun:
    """How a run ended.

    `state` is Airflow's word for the run; it may be `success` although a task failed: those are
    `failed_tasks`. `reason` is why they failed, or what kept the run from ending by itself, where
    that is known. `log` is a file or folder.
    """

    dag_id: str
    run_id: str
    state: str
    seconds: float
    log: Path
    failed_tasks: tuple[str, ...] = ()
    reason: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the run succeeded and no task of it failed."""
        return self.state == "success" and not self.failed_tasks


@dataclass(frozen=True)
class _Order:
    """What `run_dags` was asked for."""

    home: Home
    settings: Mapping[str, str]
    dag_ids: Sequence[str]
    conf: Mapping[str, Any]
    seconds: float
    on_wait: Callable[[], None]


def run_dags(
    home_folder: Path,
    dag_ids: Sequence[str],
    *,
    checkout: Path = CHECKOUT,
    conf: Mapping[str, Any] | None = None,
    on_end: Callable[[DagRun], None] = lambda run: None,
    on_wait: Callable[[], None] = lambda: None,
    seconds: float = RUN_SECONDS,
) -> list[DagRun]:
    """Run these DAGs in this order, each to its end; a failed one does not keep the next back.

    `on_end` is told of each run as it ends, `on_wait` is called several times a second meanwhile;
    `seconds` bounds each run. A run that fails or takes too long is a DagRun that says so. Raises
    LocalError when Airflow cannot be reached, or when another command keeps running DAGs in this
    home. Interrupted (Ctrl-C), it ends the process it started.
    """
    home = Home(home_folder)
    settings = variables.environment(home.path, checkout)
    order = _Order(home, settings, dag_ids, conf or {}, seconds, on_wait)
    runs = []
    for run in _by_scheduler(order) if airflow.airflow_is_up(home.path) else _in_process(order):
        on_end(run)
        runs.append(run)
    return runs


def _by_scheduler(order: _Order) -> Iterator[DagRun]:
    from utpadan.local.rest import Scheduler

    with Scheduler(variables.airflow_url(order.home), order.settings) as scheduler:
        for dag_id in order.dag_ids:
            began = time.monotonic()
            end = scheduler.run(dag_id, order.conf, order.seconds, order.on_wait)
            yield DagRun(
                dag_id=dag_id,
                run_id=end.run_id,
                state=end.state,
                seconds=time.monotonic() - began,
                log=order.home.logs / "airflow" / f"dag_id={dag_id}" / f"run_id={end.run_id}",
                failed_tasks=end.failed_tasks,
                reason=end.reason,
            )


def _in_process(order: _Order) -> Iterator[DagRun]:
    """All in one process; should it die, the DAG it was at failed and a new one does the rest.

    Airflow is not started meanwhile: `start_airflow` waits for the same lock.
    """
    order.home.airflow.mkdir(mode=0o700, exist_ok=True)
    done = 0
    with order.home.locked("runs"):
        while done < len(order.dag_ids):
            for run in _one_process(order, order.dag_ids[done:]):
                done += 1
                yield run


def _one_process(order: _Order, dag_ids: Sequence[str]) -> Iterator[DagRun]:
    """The runs of one process, at least one: the last has failed when the process ended in it."""
    log, folder = order.home.log(LOG), order.home.airflow
    with tempfile.TemporaryDirectory(prefix="runs-", dir=folder) as scratch:
        results = Path(scratch, "results")
        command = [*PROGRAM, str(results), json.dumps(order.conf), *dag_ids]
        runner = process.start(command, log, environment=order.settings, folder=folder)
        with process.ended_on_failure([runner]):
            for number, dag_id in enumerate(dag_ids):
                before, began = process.size(log), time.monotonic()
                line = _line(results, number, runner, order)
                if line is None:
                    why = f"took over {order.seconds:.0f} s" if runner.is_alive else runner.ending
                    process.stop([runner], patience=5.0)
                    reason = f"its process {why}; {log} ends:\n{process.tail(log, since=before)}"
                    took = time.monotonic() - began
                    yield DagRun(dag_id, "", "failed", took, log, reason=reason)
                    return
                yield DagRun(**{**line, "log": log, "failed_tasks": tuple(line["failed_tasks"])})
            process.wait_until(lambda: not runner.is_alive, 30.0)
            process.stop([runner])


def _line(results: Path, number: int, runner: process.Process, order: _Order) -> Any | None:
    """The result of this number, waited for; None when its process ends or takes too long."""

    def lines() -> list[str]:
        text = results.read_text(encoding="utf-8") if results.exists() else ""
        return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]

    def is_settled() -> bool:
        order.on_wait()
        return len(lines()) > number or not runner.is_alive

    process.wait_until(is_settled, order.seconds, every=0.2)
    return json.loads(lines()[number]) if len(lines()) > number else None
