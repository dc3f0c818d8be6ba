"""The Postgres of a home: real servers in temporary folders, ended in every way there is."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from utpadan.local import cluster, postgres, process, unprivileged
from utpadan.local.home import Home
from utpadan.local.process import LocalError
from utpadan.local.unprivileged import Way
from utpadan.settings import read_env_file
from utpadan.source import CHECKOUT

IS_ROOT = os.geteuid() == 0
START = """
import sys, pathlib
from utpadan import local
local.start_postgres(pathlib.Path(sys.argv[1]))
"""
STOP = START.replace("start_postgres", "stop_postgres")
NAMELESS = 54321


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home with its server running, in a folder only its owner can enter."""
    folder = Path(tempfile.mkdtemp(prefix="utpadan-home-"))
    postgres.start_postgres(folder / ".utpadan")
    yield folder / ".utpadan"
    postgres.stop_postgres(folder / ".utpadan")
    shutil.rmtree(folder)


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A home in which nothing was started yet; what a test starts there is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="utpadan-home-"))
    yield folder / ".utpadan"
    postgres.stop_postgres(folder / ".utpadan")
    shutil.rmtree(folder)


def urls(folder: Path) -> dict[str, str]:
    return read_env_file(folder / "env")


def admin(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(urls(folder)["UTPADAN_ADMIN_URL"], autocommit=True)


def ask(folder: Path, query: str) -> object:
    with admin(folder) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def pid_of(folder: Path) -> int:
    pid = postgres.postgres_pid(folder)
    assert pid is not None, "Postgres does not run"
    return pid


def run_python(code: str, folder: Path, *, user: int | None = None) -> subprocess.Popen[str]:
    """Another command at work on the home, as another user if one is given."""
    command = [sys.executable, "-c", code, str(folder)]
    if user is not None:
        rights = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
        ids = (f"--reuid={user}", f"--regid={user}", "--clear-groups")
        command = ["setpriv", *ids, *rights, "--", *command]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def test_only_its_owner_can_read_the_home_and_its_secrets(home: Path) -> None:
    assert stat.S_IMODE((home / "env").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "state.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) & 0o066 == 0


def test_every_role_has_a_url_with_a_password_of_its_own(home: Path) -> None:
    roles = ("ADMIN", "LOADER", "BUILDER", "ANALYST", "BI", "AIRFLOW")
    parts = [urlsplit(urls(home)[f"UTPADAN_{role}_URL"]) for role in roles]
    assert len({part.password for part in parts}) == 6
    assert all(part.password and len(part.password) >= 32 for part in parts)
    assert [part.path for part in parts] == ["/utpadan"] * 5 + ["/airflow"]


def test_a_wrong_password_and_no_password_are_refused(home: Path) -> None:
    parts = urlsplit(urls(home)["UTPADAN_ADMIN_URL"])
    for secret in (":wrong", ""):
        place = f"{parts.username}{secret}@{parts.hostname}:{parts.port}"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(parts._replace(netloc=place).geturl(), passfile=os.devnull)


def test_it_listens_on_loopback_alone(home: Path) -> None:
    port = urlsplit(urls(home)["UTPADAN_ADMIN_URL"]).port
    listening = [
        tuple(one.laddr)
        for one in psutil.Process(pid_of(home)).net_connections("all")
        if one.status == psutil.CONN_LISTEN or one.family == socket.AF_UNIX
    ]
    assert listening == [("127.0.0.1", port)]


def test_it_is_set_up_for_a_warehouse_that_must_survive_a_crash(home: Path) -> None:
    assert str(ask(home, "show server_version")).startswith("18.")
    assert ask(home, "show server_encoding") == "UTF8"
    assert ask(home, "show timezone") == "UTC"
    assert ask(home, "show fsync") == "on"
    assert ask(home, "show synchronous_commit") == "on"
    assert ask(home, "show full_page_writes") == "on"
    assert ask(home, "select lower('É') || upper('ß')") == "éß"
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = '{}'"
    assert ask(home, owner.format("utpadan")) == "utpadan_admin"
    assert ask(home, owner.format("airflow")) == "airflow"


def test_airflow_can_make_tables_in_its_own_database(home: Path) -> None:
    with psycopg.connect(urls(home)["UTPADAN_AIRFLOW_URL"]) as connection:
        connection.execute("create table public.probe ()")
        connection.rollback()


def test_starting_again_changes_nothing_and_takes_no_time(home: Path) -> None:
    before = (pid_of(home), urls(home))
    began = time.monotonic()
    postgres.start_postgres(home)
    assert time.monotonic() - began < 0.3
    assert (pid_of(home), urls(home)) == before


def test_two_homes_run_side_by_side_and_stopping_one_leaves_the_other(
    home: Path, fresh: Path
) -> None:
    postgres.start_postgres(fresh)
    assert pid_of(fresh) != pid_of(home)
    ports = {urlsplit(urls(each)["UTPADAN_ADMIN_URL"]).port for each in (home, fresh)}
    assert len(ports) == 2
    postgres.stop_postgres(fresh)
    assert postgres.postgres_pid(fresh) is None
    assert ask(home, "select 1") == 1


def test_the_port_is_kept_until_it_is_taken_and_then_every_url_has_the_new_one(
    fresh: Path,
) -> None:
    postgres.start_postgres(fresh)
    first = urlsplit(urls(fresh)["UTPADAN_ADMIN_URL"]).port
    postgres.stop_postgres(fresh)
    with socket.create_server(("127.0.0.1", first or 0)):
        postgres.start_postgres(fresh)
    ports = {urlsplit(urls(fresh)[variable]).port for variable in urls(fresh) if "_URL" in variable}
    assert len(ports) == 1
    assert ports != {first}
    assert ask(fresh, "select 1") == 1


def test_a_killed_server_comes_back_with_everything_that_was_committed(home: Path) -> None:
    with admin(home) as connection:
        connection.execute("create table kept as select 7 as n")
    busy = admin(home)
    orphan = busy.info.backend_pid
    busy.execute("begin")
    busy.execute("create table lost ()")
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 1e12::bigint)")
    os.kill(pid_of(home), signal.SIGKILL)
    assert process.wait_until(lambda: postgres.postgres_pid(home) is None, 5)
    postgres.start_postgres(home)
    busy.close()
    assert ask(home, "select n from kept") == 7
    assert ask(home, "select to_regclass('lost') is null") is True
    assert process.started(orphan) is None


def test_a_stale_lock_file_whose_pid_another_process_has_now_is_no_obstacle(home: Path) -> None:
    lock = cluster.data_folder(Home(home)) / "postmaster.pid"
    lines = lock.read_text().splitlines()
    postgres.stop_postgres(home)
    with subprocess.Popen(["sleep", "60"]) as bystander:
        lock.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        assert postgres.postgres_pid(home) is None
        postgres.stop_postgres(home)
        postgres.start_postgres(home)
        assert pid_of(home) != bystander.pid
        assert bystander.poll() is None
        bystander.kill()


def test_a_lost_env_file_is_made_anew_and_the_data_stay(home: Path) -> None:
    with admin(home) as connection:
        connection.execute("create table remains as select 3 as n")
    old = urls(home)
    (home / "env").unlink()
    postgres.start_postgres(home)
    assert urls(home)["UTPADAN_ADMIN_URL"] != old["UTPADAN_ADMIN_URL"]
    assert ask(home, "select n from remains") == 3
    with psycopg.connect(urls(home)["UTPADAN_AIRFLOW_URL"]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_two_starts_at_once_make_one_server(fresh: Path) -> None:
    commands = [run_python(START, fresh) for _ in range(2)]
    errors = [command.communicate(timeout=60)[1] for command in commands]
    assert [command.returncode for command in commands] == [0, 0], errors
    assert ask(fresh, "select 1") == 1
    data = str(cluster.data_folder(Home(fresh)))
    everything = psutil.process_iter(["cmdline"])
    servers = [one for one in everything if data in (one.info["cmdline"] or [])]
    assert [server.pid for server in servers] == [pid_of(fresh)]


def test_an_interrupted_first_start_leaves_nothing_in_the_way(fresh: Path) -> None:
    (fresh / "postgres" / "draft" / "base").mkdir(parents=True)
    (fresh / "postgres" / "draft" / "PG_VERSION").write_text("18\n")
    fresh.chmod(0o700)
    postgres.start_postgres(fresh)
    assert ask(fresh, "select 1") == 1


def test_a_cluster_of_another_version_is_refused_and_left_as_it_is(fresh: Path) -> None:
    data = fresh / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(LocalError, match=r"made by Postgres 17, this is 18"):
        postgres.start_postgres(fresh)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize("user", ["daemon", NAMELESS] if IS_ROOT else [None])
def test_an_ordinary_user_runs_a_server_of_their_own(user: str | int | None) -> None:
    uid = pwd.getpwnam(user).pw_uid if isinstance(user, str) else user
    folder = Path(tempfile.mkdtemp(prefix="utpadan-home-"))
    home = folder / ".utpadan"
    if uid is not None:
        os.chown(folder, uid, uid)
    try:
        command = run_python(START, home, user=uid)
        assert command.communicate(timeout=60)[1] == ""
        assert command.returncode == 0
        assert ask(home, "select 1") == 1
        expected = os.geteuid() if uid is None else uid
        assert psutil.Process(pid_of(home)).uids().effective == expected
    finally:
        stopped = run_python(STOP, home, user=uid)
        assert stopped.communicate(timeout=60)[1] == ""
    assert postgres.postgres_pid(home) is None
    shutil.rmtree(folder)


def test_each_way_to_run_it_as_root_takes_over_the_data_of_the_other(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = [way for way in unprivileged.ways() if not way.opens_home] if IS_ROOT else []
    for number, way in enumerate([*ways, *ways[:1]]):
        monkeypatch.setattr(unprivileged, "ways", lambda chosen=way: iter([chosen]))
        postgres.start_postgres(fresh)
        with admin(fresh) as connection:
            connection.execute("create table if not exists seen (n int)")
            connection.execute("insert into seen values (%s)", (number,))
        assert ask(fresh, "select count(*) from seen") == number + 1
        postgres.stop_postgres(fresh)
    assert stat.S_IMODE(fresh.parent.stat().st_mode) == 0o700


def test_when_no_way_works_the_message_says_why_each_was_refused(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.mkdir()
    said = "echo 'Operation not permitted' >&2; exit 1"
    refused = [
        Way("a user namespace", prefix=("/bin/sh", "-c", said)),
        Way("the user nobody", prefix=("/no/such/program",)),
    ]
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(unprivileged, "ways", lambda: iter(refused))
    with pytest.raises(LocalError) as raised:
        unprivileged.choose(fresh, Path("/bin/true"))
    assert "a user namespace: Operation not permitted" in str(raised.value)
    assert "the user nobody: [Errno 2]" in str(raised.value)
    assert "ordinary user" in str(raised.value)
    assert list(fresh.iterdir()) == []


def test_stopping_where_nothing_was_started_does_nothing(fresh: Path) -> None:
    postgres.stop_postgres(fresh)
    assert not fresh.exists()
