"""Airflow on this machine: metadata in the home's Postgres, four processes in the background."""

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from utpadan.local import credentials, process, variables
from utpadan.local.home import Home
from utpadan.local.ports import free_ports
from utpadan.local.process import LocalError, Process
from utpadan.source import CHECKOUT

if TYPE_CHECKING:
    from psycopg import Connection

AIRFLOW = [sys.executable, "-m", "airflow"]
COMMANDS = {
    "api-server": ["api-server"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
}
"""Each process and its command. Logs are read from files: no further port is opened for them."""

HEARTBEATS = {
    "scheduler": "latest_scheduler_heartbeat",
    "triggerer": "latest_triggerer_heartbeat",
    "dag_processor": "latest_dag_processor_heartbeat",
}
START_SECONDS = 180.0
STOPPED = {"dag-processor": 1.0, "triggerer": 1.0, "scheduler": 30.0, "api-server": 2.0}
"""The order in which they are ended, and the seconds each is given to end by itself."""

LOST_RUNS = "select dag_id, run_id from dag_run where state = 'running' and triggered_by = 'TEST'"
UNFINISHED = ["running", "queued", "scheduled", "up_for_retry", "up_for_reschedule", "deferred"]


def migrate_airflow(home_folder: Path, checkout: Path = CHECKOUT) -> None:
    """Bring Airflow's metadata to the installed version; at once when it is there.

    The database itself says, in its comment, which version it is at. Raises LocalError with the end
    of the log when the migration fails.
    """
    home = Home(home_folder)
    with home.locked():
        settings = variables.environment(home.path, checkout)
        url = settings["UTPADAN_AIRFLOW_URL"]
        wanted = f"metadata of Airflow {importlib.metadata.version('apache-airflow-core')}"
        if _comment(url) == wanted:
            return
        log = home.log("airflow-migrate")
        before = process.size(log)
        home.airflow.mkdir(mode=0o700, exist_ok=True)
        with log.open("ab") as output:
            done = subprocess.run(
                [*AIRFLOW, "db", "migrate"],
                stdout=output,
                stderr=output,
                env=settings,
                cwd=home.airflow,
                check=False,
            )
        if done.returncode != 0:
            said = process.tail(log, since=before)
            raise LocalError(f"Airflow's metadata could not be migrated; {log} ends:\n{said}")
        _set_comment(url, wanted)


def start_airflow(home_folder: Path, checkout: Path = CHECKOUT) -> None:
    """Have the api-server, scheduler, dag-processor and triggerer running and healthy.

    At once when they already are, with the same settings; else what is left of them is ended first.
    Raises LocalError with the end of the log of the one that failed; then none is left running.
    """
    home = Home(home_folder)
    if _is_up(home, _fingerprint(variables.environment(home.path, checkout))):
        return
    with home.locked("runs"), home.locked():
        if _is_up(home, _fingerprint(variables.environment(home.path, checkout))):
            return
        _stop(home)
        _fail_lost_runs(variables.environment(home.path, checkout)["UTPADAN_AIRFLOW_URL"])
        _write_password(home)
        for port in free_ports(variables.AIRFLOW_PORT, home.remembered_port("airflow")):
            home.remember_port("airflow", port)
            failed = _launch(home, variables.environment(home.path, checkout), port)
            if failed is None:
                return
            if process.ADDRESS_IN_USE not in failed:
                raise LocalError(failed)


def stop_airflow(home_folder: Path) -> None:
    """End Airflow's processes of this home; running tasks get half a minute to end."""
    home = Home(home_folder)
    if home.path.exists():
        with home.locked():
            _stop(home)


def airflow_is_up(home_folder: Path) -> bool:
    """Whether all four processes that were started here are still there."""
    return _is_up(Home(home_folder))


def _is_up(home: Home, made_of: str | None = None) -> bool:
    processes = [home.process(f"airflow-{name}", made_of) for name in COMMANDS]
    return all(process is not None and process.is_alive for process in processes)


def _launch(home: Home, settings: Mapping[str, str], port: int) -> str | None:
    """Start all four and wait for their health; None, or why one failed: then all are ended.

    The scheduler waits for the api-server: tasks that it starts at once must reach it.
    """
    since = datetime.now(UTC)
    before = {name: process.size(_log(home, name)) for name in COMMANDS}
    started: dict[str, Process] = {}
    with process.ended_on_failure(started.values()):
        for name, command in COMMANDS.items():
            if name == "scheduler":
                _wait_for_api(home, started.values())
            started[name] = process.start(
                [*AIRFLOW, *command], _log(home, name), environment=settings, folder=home.airflow
            )
            home.record_process(f"airflow-{name}", started[name], _fingerprint(settings))
        problem = _wait_until_healthy(home, started, since, port)
    if problem is None:
        return None
    process.stop(started.values())
    name, why = problem
    said = process.tail(_log(home, name), since=before[name])
    return f"Airflow's {name} {why}; {_log(home, name)} ends:\n{said}"


def _wait_for_api(home: Home, started: Collection[Process]) -> None:
    """Return once the api-server answers, or one of them has ended, or it has had its time."""

    def is_decided() -> bool:
        return not all(one.is_alive for one in started) or _health(home) is not None

    process.wait_until(is_decided, START_SECONDS, every=0.25)


def _wait_until_healthy(
    home: Home, started: Mapping[str, Process], since: datetime, port: int
) -> tuple[str, str] | None:
    """Wait for signs of life newer than `since`; the process that failed and how, if one does."""

    def ended() -> list[str]:
        return [name for name, one in started.items() if not one.is_alive]

    def late() -> list[str]:
        if not started["api-server"].listens_on(port):
            return ["api-server"]
        return _without_heartbeat(home, since)

    process.wait_until(lambda: bool(ended()) or not late(), START_SECONDS, every=0.25)
    if gone := ended():
        return gone[0], started[gone[0]].ending
    if silent := late():
        return silent[0], f"was not healthy after {START_SECONDS:.0f} s"
    return None


def _without_heartbeat(home: Home, since: datetime) -> list[str]:
    """The processes that gave no sign of life since then, by the account of the api-server."""
    health = _health(home)
    if health is None:
        return ["api-server"]
    return [
        part.replace("_", "-")
        for part, field in HEARTBEATS.items()
        if not (seen := health[part].get(field)) or datetime.fromisoformat(seen) < since
    ]


def _log(home: Home, name: str) -> Path:
    return home.log(f"airflow-{name}")


def _health(home: Home) -> dict[str, Any] | None:
    import httpx

    try:
        url = f"{variables.airflow_url(home)}/api/v2/monitor/health"
        answer = httpx.get(url, timeout=10.0, trust_env=False)
    except httpx.TransportError:
        return None
    health: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return health


def _stop(home: Home) -> None:
    """End the scheduler once its tasks have ended, and the api-server last: they report to it."""
    for name, patience in STOPPED.items():
        recorded = home.process(f"airflow-{name}")
        if recorded:
            process.stop([recorded], patience=patience)
            home.forget_process(f"airflow-{name}")


def _write_password(home: Home) -> None:
    """The file in which Airflow's simple auth manager looks its user up."""
    home.airflow.mkdir(mode=0o700, exist_ok=True)
    password = home.env()[credentials.UI_PASSWORD]
    path = variables.passwords_file(home)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({variables.AIRFLOW_USER: password}, file)


def _fingerprint(settings: Mapping[str, str]) -> str:
    """Changes when a setting of Airflow or of the warehouse does."""
    told = sorted(item for item in settings.items() if item[0].startswith(("AIRFLOW", "UTPADAN")))
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _fail_lost_runs(url: str) -> None:
    """Close the runs whose process (see dag_runs) was ended in the middle.

    A scheduler would take them for its own and wait for tasks that nobody runs.
    """
    with _database(url) as connection:
        connection.execute(
            "update task_instance set state = 'failed', end_date = now() "
            f"where (dag_id, run_id) in ({LOST_RUNS}) and state = any(%s)",  # nosec B608 # a constant
            (UNFINISHED,),
        )
        connection.execute(
            "update dag_run set state = 'failed', end_date = now() "
            f"where (dag_id, run_id) in ({LOST_RUNS})"  # nosec B608 # a constant
        )


def _comment(url: str) -> str | None:
    query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
    with _database(url) as connection:
        row = connection.execute(query, (credentials.AIRFLOW,)).fetchone()
    return row[0] if row else None


def _set_comment(url: str, text: str) -> None:
    from psycopg import sql

    with _database(url) as connection:
        statement = sql.SQL("comment on database {} is {}")
        connection.execute(statement.format(sql.Identifier(credentials.AIRFLOW), sql.Literal(text)))


@contextmanager
def _database(url: str) -> "Iterator[Connection[tuple[Any, ...]]]":
    """Airflow's own database, committed when the block ends well."""
    import psycopg

    try:
        connection = psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise LocalError(
            f"Airflow's database does not answer: {error}\n`utpadan up` starts it; or does "
            "UTPADAN_AIRFLOW_URL point to another server?"
        ) from error
    with connection:
        yield connection
