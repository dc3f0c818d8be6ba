"""The services of docker-compose.yml, run as processes here with what the file gives them.

Not run here: Redis and the Celery worker, whose server is in no package; their settings are read.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from compose_file import Deployment, env_file
from psycopg.sql import SQL, Literal

from utpadan import local
from utpadan.local import process, variables
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, load_sources

RUN_HERE = (
    "portals",
    "airflow-api-server",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
)
START_SECONDS = 180.0
REACH = """
import psycopg, urllib.request
from airflow_settings import settings
found = settings()
for url in (found.loader_url, found.builder_url):
    print(psycopg.connect(url).execute("select current_user").fetchone()[0])
portal = found.connection("srijan_deep")
vendors = portal.url + "/api/v1/vendors"
asked = urllib.request.Request(vendors, headers={"X-Api-Token": portal.token})
print(urllib.request.urlopen(asked).status)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a local runtime, for its Postgres."""
    folder = tmp_path_factory.mktemp("server")
    local.start_postgres(folder)
    yield folder
    local.stop_postgres(folder)


@pytest.fixture(scope="module")
def deployment(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The deployment beside a Postgres as its image leaves it: an admin and an empty warehouse."""
    given = env_file(tmp_path_factory.mktemp("env"))
    url = Settings.load({"UTPADAN_HOME": str(home)}).admin_url
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("drop database airflow")
        conn.execute("drop role airflow")
        password = Literal(given["UTPADAN_ADMIN_PASSWORD"])
        conn.execute(SQL("alter role utpadan_admin password {}").format(password))
    return Deployment(tmp_path_factory.mktemp("deployment"), given, urlsplit(url).port or 0)


@pytest.fixture(scope="module")
def migrated(deployment: Deployment) -> Deployment:
    """The deployment after its one-shot service."""
    said(deployment, "migrate", deployment.command("migrate"))
    return deployment


@pytest.fixture(scope="module")
def running(migrated: Deployment) -> Iterator[Deployment]:
    """The deployment with the services that can run here, each healthy by its own check."""
    started: dict[str, process.Process] = {}
    try:
        for name in RUN_HERE:
            started[name] = process.start(
                migrated.command(name),
                migrated.folder / f"{name}.log",
                environment=migrated.environment(name),
                folder=CHECKOUT,
            )
        for name, service in started.items():
            await_health(migrated, name, service)
        yield migrated
    finally:
        process.stop(started.values(), patience=10.0)


def await_health(deployment: Deployment, name: str, service: process.Process) -> None:
    """Ask the check until it passes; fails with the end of the service's log when it does not."""
    process.wait_until(
        lambda: is_healthy(deployment, name) or not service.is_alive, START_SECONDS, every=0.5
    )
    log = process.tail(deployment.folder / f"{name}.log")
    assert service.is_alive and is_healthy(deployment, name), f"{name}:\n{log}"


def is_healthy(deployment: Deployment, service: str) -> bool:
    return deployment.run(service, deployment.health_command(service)).returncode == 0


def said(deployment: Deployment, service: str, command: list[str]) -> str:
    """What a command prints in the environment of a service; it must end well."""
    done: subprocess.CompletedProcess[str] = deployment.run(service, command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_airflow_is_configured_as_on_one_machine_but_for_places_and_secrets(
    home: Path, deployment: Deployment
) -> None:
    own = deployment.environment("airflow-scheduler")
    told = {
        name: value
        for name, value in local.environment(home).items()
        if name.startswith("AIRFLOW__") or name in variables.NO_TELEMETRY
    }
    assert {name for name, value in told.items() if own.get(name) != value} == {
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__BASE_URL",
        "AIRFLOW__API__PORT",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",
    }
    assert told.keys() <= own.keys()


def test_postgres_is_healthy_only_while_it_answers(deployment: Deployment) -> None:
    assert is_healthy(deployment, "postgres")
    assert not is_healthy(replace(deployment, database_port=1), "postgres")


def test_the_migration_makes_every_role_its_password_and_airflows_database(
    migrated: Deployment,
) -> None:
    own = migrated.environment("migrate")
    for role in ("loader", "builder", "analyst", "bi"):
        with psycopg.connect(own[f"UTPADAN_{role.upper()}_URL"]) as conn:
            assert conn.execute("select current_user").fetchone() == (f"utpadan_{role}",)
    metadata = own["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg.connect(metadata) as conn:
        assert conn.execute("select count(*) from alembic_version").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match='database "airflow"'):
        psycopg.connect(urlsplit(own["UTPADAN_ANALYST_URL"])._replace(path="/airflow").geturl())


def test_the_migration_can_be_run_again_and_takes_a_new_password(migrated: Deployment) -> None:
    first = "psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=docker/airflow.sql"
    assert first in migrated.command("migrate")[-1]
    again = ["env", "UTPADAN_AIRFLOW_DB_PASSWORD=it's-new", "sh", "-euc"]
    said(migrated, "migrate", [*again, f'{first} "$UTPADAN_ADMIN_URL"'])
    old = migrated.environment("migrate")["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    old = old.replace("+psycopg2", "")
    with psycopg.connect(old, password="it's-new") as conn:
        assert conn.execute("select current_user").fetchone() == ("airflow",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(old)
    said(migrated, "migrate", ["sh", "-euc", f'{first} "$UTPADAN_ADMIN_URL"'])
    psycopg.connect(old).close()


@pytest.mark.parametrize("service", RUN_HERE)
def test_a_service_that_does_not_run_is_not_healthy(migrated: Deployment, service: str) -> None:
    assert not is_healthy(migrated, service)


def test_airflow_is_up_with_every_dag_and_the_password_of_the_environment(
    running: Deployment,
) -> None:
    url = f"http://127.0.0.1:{running.ports['8080']}"
    login = {"username": "admin", "password": running.variables["UTPADAN_AIRFLOW_PASSWORD"]}
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        wrong = {**login, "password": running.variables["UTPADAN_REDIS_PASSWORD"]}
        assert client.post("/auth/token", json=wrong).status_code == 401
        token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        domains = {source.domain for source in load_sources().values()}
        expected = {"marts", *(f"ingest_{domain}" for domain in domains)}
        process.wait_until(lambda: dags(client) >= expected, START_SECONDS, every=1.0)
        assert dags(client) >= expected
        assert client.get("/api/v2/importErrors").json()["import_errors"] == []
    password = running.folder / "airflow" / "passwords.json"
    assert password.stat().st_mode & 0o077 == 0


def dags(client: httpx.Client) -> set[str]:
    return {dag["dag_id"] for dag in client.get("/api/v2/dags").json()["dags"]}


def test_what_runs_tasks_reaches_the_warehouse_and_the_portals(running: Deployment) -> None:
    for service in ("airflow-scheduler", "airflow-worker"):
        answers = said(running, service, ["env", "PYTHONPATH=dags", "python", "-c", REACH])
        assert answers.split()[-3:] == ["utpadan_loader", "utpadan_builder", "200"]


def test_the_command_line_works_in_its_container(running: Deployment) -> None:
    program = running.services["utpadan"]["entrypoint"]
    state = running.run("utpadan", [*program, "status"])
    assert (state.returncode, "no release yet" in state.stdout) == (1, True)
    answer = said(running, "utpadan", [*program, "sql", "--csv", "-c", "select current_user"])
    assert answer.split() == ["current_user", "utpadan_analyst"]


def test_celery_is_one_variable_away(deployment: Deployment, tmp_path: Path) -> None:
    chosen = {**deployment.variables, "UTPADAN_EXECUTOR": "CeleryExecutor"}
    celery = replace(deployment, folder=tmp_path, variables=chosen)
    health = celery.health_command("airflow-worker")[-1].split()
    (app,) = [word.removeprefix("--app=") for word in health if word.startswith("--app=")]
    module, _, name = app.rpartition(".")
    script = (
        f"from airflow.configuration import conf; from {module} import {name} as app\n"
        "print(conf.get('core', 'executor'), app.conf.broker_url, app.conf.result_backend)"
    )
    printed = said(celery, "airflow-worker", ["python", "-c", script]).split()
    executor, broker, results = printed[-3:]
    assert executor == "CeleryExecutor"
    assert broker == f"redis://:{chosen['UTPADAN_REDIS_PASSWORD']}@redis:6379/0"
    metadata = celery.environment("airflow-worker")["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert results == f"db+{metadata}"
    assert celery.command("airflow-worker")[:3] == ["airflow", "celery", "worker"]
