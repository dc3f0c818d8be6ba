"""Airflow and the portals of a home: the real processes, with a few small DAGs of a checkout."""

import os
import signal
import socket
import stat
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from utpadan import local
from utpadan.local import airflow, process, variables
from utpadan.local.dag_runs import DagRun
from utpadan.local.home import Home
from utpadan.local.process import LocalError
from utpadan.settings import Settings, read_env_file

DAGS = """
import datetime, os
from airflow.sdk import DAG, task

def dag(dag_id):
    return DAG(dag_id, schedule=None, start_date=datetime.datetime(2025, 1, 1), catchup=False)

with dag("good"):
    @task
    def say(n, params):
        with open(params["to"], "a") as file:
            file.write(f"{n}\\n")
    say.expand(n=[1, 2])

with dag("half_bad"):
    @task
    def check(n, params):
        with open(params["to"], "a") as file:
            file.write(f"{n}\\n")
        assert n != 2, "two is one too many"
    @task(trigger_rule="all_done")
    def report():
        pass
    check.expand(n=[1, 2]) >> report()

with dag("hopeful"):
    @task(retries=3, retry_delay=datetime.timedelta(minutes=10))
    def wish():
        raise OSError("not today")
    wish()

with dag("deadly"):
    @task
    def die():
        os._exit(9)
    die()
"""
PORTALS = {
    "registry.py": """
        from dataclasses import dataclass

        @dataclass
        class Portal:
            name: str
            path: str
            token: str | None

        PORTALS = (Portal("toy_shop", "/toy", "demo-toy"), Portal("open_shop", "/open", None))
        """,
    "app.py": """
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                while True:
                    kind = (await receive())["type"]
                    await send({"type": kind + ".complete"})
                    if kind == "lifespan.shutdown":
                        return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"version 1"})
        """,
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "dags").mkdir()
    (folder / "dags" / "small.py").write_text(DAGS)
    (folder / "portals").mkdir()
    for name, text in PORTALS.items():
        (folder / "portals" / name).write_text(textwrap.dedent(text))
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home") / ".utpadan"
    local.start_postgres(folder)
    local.migrate_airflow(folder, checkout)
    yield folder
    local.stop_airflow(folder)
    local.stop_portals(folder)
    local.stop_postgres(folder)


def processes(home: Path) -> dict[str, process.Process]:
    found = {f"airflow-{name}": Home(home).process(f"airflow-{name}") for name in airflow.COMMANDS}
    return {name: one for name, one in found.items() if one}


def sessions(pids: set[int]) -> list[int]:
    """What is left of these sessions; a zombie is not."""
    return [
        pid for pid in psutil.pids() if process.started(pid) is not None and os.getsid(pid) in pids
    ]


def by_id(runs: list[DagRun]) -> dict[str, DagRun]:
    return {run.dag_id: run for run in runs}


def test_the_portals_are_served_and_their_settings_are_written(home: Path, checkout: Path) -> None:
    local.start_portals(home, checkout)
    settings = Settings.load({"UTPADAN_HOME": str(home)})
    assert settings.connection("toy_shop").url.endswith("/toy")
    assert settings.connection("toy_shop").token == "demo-toy"
    assert settings.connection("open_shop").token is None
    assert httpx.get(settings.connection("open_shop").url, trust_env=False).text == "version 1"


def test_the_portals_are_restarted_only_when_their_code_has_changed(
    home: Path, checkout: Path
) -> None:
    local.start_portals(home, checkout)
    first = Home(home).process("portals")
    local.start_portals(home, checkout)
    assert Home(home).process("portals") == first
    app = checkout / "portals" / "app.py"
    app.write_text(app.read_text().replace("version 1", "version 2!"))
    local.start_portals(home, checkout)
    url = Settings.load({"UTPADAN_HOME": str(home)}).connection("open_shop").url
    assert httpx.get(url, trust_env=False).text == "version 2!"
    local.stop_portals(home)
    assert first is not None
    assert not first.is_alive
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_portals_that_do_not_start_are_reported_with_the_end_of_their_log(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "registry.py").write_text("PORTALS = ()\n")
    (tmp_path / "portals" / "app.py").write_text("raise RuntimeError('out of stock')\n")
    with pytest.raises(LocalError, match=r"(?s)portals\.log ends:.*out of stock"):
        local.start_portals(home, tmp_path)


def test_the_environment_of_a_child_has_what_airflow_and_the_tasks_need(
    home: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/somewhere/else")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:////elsewhere.db")
    # pragma: allowlist nextline secret: made up
    monkeypatch.setenv("UTPADAN_BUILDER_URL", "postgresql://me:p%40ss@db.example/w?sslmode=require")
    found = local.environment(home, checkout)
    assert found["AIRFLOW_HOME"] == str(home / "airflow")
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql+psycopg2://airflow:")
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert found["UTPADAN_LOADER_URL"] == read_env_file(home / "env")["UTPADAN_LOADER_URL"]
    builder = found["AIRFLOW_CONN_WAREHOUSE_BUILDER"]
    assert '"host": "db.example", "port": 5432, "schema": "w"' in builder
    assert '"password": "p@ss"' in builder  # pragma: allowlist secret: made up
    assert '\\"sslmode\\": \\"require\\"' in builder
    assert found["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_there_is_no_environment_before_anything_was_started(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="`make run`"):
        local.environment(tmp_path)


def test_metadata_that_are_up_to_date_are_not_migrated_again(home: Path, checkout: Path) -> None:
    log = Home(home).log("airflow-migrate")
    before = process.size(log)
    assert before > 0
    local.migrate_airflow(home, checkout)
    assert process.size(log) == before


def test_dags_run_in_process_each_to_its_end_whatever_the_others_do(
    home: Path, checkout: Path, tmp_path: Path
) -> None:
    said, seen = tmp_path / "said", list[str]()
    runs = local.run_dags(
        home,
        ["half_bad", "missing", "hopeful", "deadly", "good"],
        checkout=checkout,
        conf={"to": str(said)},
        on_end=lambda run: seen.append(run.dag_id),
    )
    assert seen == ["half_bad", "missing", "hopeful", "deadly", "good"]
    found = by_id(runs)
    assert found["half_bad"].failed_tasks == ("check[1]",)
    assert not found["half_bad"].succeeded
    assert "there is no such DAG" in found["missing"].reason
    assert (found["hopeful"].state, found["hopeful"].failed_tasks) == ("failed", ("wish",))
    assert "its process ended with exit code 9" in found["deadly"].reason
    assert found["good"].succeeded, found["good"].reason
    assert sorted(said.read_text().split()) == ["1", "1", "2", "2"]


def test_an_interrupted_run_ends_its_process_and_leaves_no_file_behind(
    home: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = list[process.Process]()
    start = process.start

    def noted(*arguments: Any, **options: Any) -> process.Process:
        begun.append(start(*arguments, **options))
        return begun[-1]

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "start", noted)
    with pytest.raises(KeyboardInterrupt):
        local.run_dags(home, ["good"], checkout=checkout, on_wait=interrupt)
    assert [one.is_alive for one in begun] == [False]
    assert list((home / "airflow").glob("runs-*")) == []


def test_airflow_starts_healthy_runs_dags_and_stops_with_no_process_left(
    home: Path, checkout: Path, tmp_path: Path
) -> None:
    local.start_airflow(home, checkout)
    started = processes(home)
    assert len(started) == 4
    assert local.airflow_is_up(home)
    local.start_airflow(home, checkout)
    assert processes(home) == started
    assert {one.name for one in local.status(home) if one.is_up} >= set(started)

    pids = {one.pid for one in started.values()}
    for pid in sessions(pids):
        for listener in psutil.Process(pid).net_connections("tcp"):
            assert listener.laddr.ip == "127.0.0.1"
    password = Home(home).airflow / "passwords.json"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    login = {"username": "admin", "password": "wrong"}  # pragma: allowlist secret: made up
    url = variables.airflow_url(Home(home))
    assert httpx.post(f"{url}/auth/token", json=login, trust_env=False).status_code == 401

    with psycopg.connect(read_env_file(home / "env")["UTPADAN_AIRFLOW_URL"]) as connection:
        lost = connection.execute("select dag_id from dag_run where state = 'running'").fetchall()
    assert lost == []

    said = tmp_path / "said"
    conf = {"to": str(said)}
    (run,) = local.run_dags(home, ["half_bad"], checkout=checkout, conf=conf, seconds=90)
    assert (run.state, run.failed_tasks) == ("success", ("check[1]",)), run
    assert sorted(said.read_text().split()) == ["1", "2"]

    os.kill(started["airflow-scheduler"].pid, signal.SIGKILL)
    assert process.wait_until(lambda: not local.airflow_is_up(home), 5)
    local.stop_airflow(home)
    assert sessions(pids) == []
    assert processes(home) == {}


def test_when_one_process_fails_its_log_is_shown_and_none_is_left(
    home: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = (
        "import sys, time; sys.argv[1] == 'triggerer' and sys.exit('no room'); time.sleep(60)"
    )
    monkeypatch.setattr(airflow, "AIRFLOW", [sys.executable, "-c", stand_in])
    with pytest.raises(
        LocalError, match=r"(?s)triggerer ended with exit code 1; .*triggerer\.log ends:.*no room"
    ):
        local.start_airflow(home, checkout)
    assert not local.airflow_is_up(home)
    assert sessions({one.pid for one in processes(home).values()}) == []


def test_without_its_database_airflow_says_what_is_missing(home: Path, checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UTPADAN_AIRFLOW_URL", f"postgresql://airflow:x@127.0.0.1:{port}/airflow")
        with pytest.raises(LocalError, match="Airflow's database does not answer"):
            local.start_airflow(home, checkout)
