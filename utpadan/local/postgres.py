"""Postgres 18 on this machine, from the binaries a Python wheel carries; nothing is installed.

The server listens on loopback alone and asks everybody for a password (scram-sha-256), which lives
only in the home's env file. It survives the command that started it. A crash costs a recovery,
never what was committed.
"""

import signal
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from utpadan.local import cluster, credentials, process, unprivileged
from utpadan.local.credentials import ADMIN, AIRFLOW, WAREHOUSE
from utpadan.local.home import Home
from utpadan.local.ports import free_ports
from utpadan.local.process import LocalError
from utpadan.local.unprivileged import Way

PREFERRED_PORT = 5433
START_SECONDS = 300.0
STOP_SECONDS = 60.0
REMAINS_SECONDS = 30.0


def start_postgres(home_folder: Path) -> None:
    """Have Postgres running with its databases and URLs; at once when it already is.

    Raises LocalError with the cause and the end of the server's log when it cannot be.
    """
    home = Home(home_folder)
    with home.locked():
        has_passwords = credentials.are_complete(home)
        if _is_ready(home) and has_passwords:
            return
        _stop(home)
        way = unprivileged.choose(home.path, cluster.program("postgres"))
        is_new = cluster.ensure_cluster(home, way)
        _clear_remains(home)
        if is_new or not has_passwords:
            credentials.provide(home)
            cluster.configure(home, PREFERRED_PORT)
            password = credentials.password(home, "UTPADAN_ADMIN_URL")
            cluster.set_admin_password(home, way, password)
        _launch(home, way)
        _create_databases(home)


def stop_postgres(home_folder: Path) -> None:
    """Stop the server of this home if it runs; open sessions end, what is committed stays."""
    home = Home(home_folder)
    if home.path.exists():
        with home.locked():
            _stop(home)


def postgres_pid(home_folder: Path) -> int | None:
    """The pid of this home's server, when it runs and accepts connections."""
    home = Home(home_folder)
    return _server(home) if _is_ready(home) else None


def _launch(home: Home, way: Way) -> None:
    """Start the server and wait until it accepts connections, on another port if one is taken."""
    log = home.log("postgres")
    for port in free_ports(PREFERRED_PORT, home.remembered_port("postgres")):
        cluster.configure(home, port)
        before = process.size(log)
        if _runs(home, way):
            home.remember_port("postgres", port)
            credentials.set_port(home, port)
            return
        said = process.tail(log, since=before)
        if "could not bind" not in said:
            raise LocalError(f"Postgres did not start, run as {way.name}; {log} ends:\n{said}")


def _runs(home: Home, way: Way) -> bool:
    """Start the server once; whether it came up. A server that takes too long is ended again."""
    server = process.start(
        [*way.prefix, str(cluster.program("postgres")), "-D", str(cluster.data_folder(home))],
        home.log("postgres"),
        environment=cluster.environment(),
        folder=Path("/"),
        user=way.user,
        group=way.group,
    )
    with process.ended_on_failure([server]):
        process.wait_until(lambda: _is_ready(home) or not server.is_alive, START_SECONDS)
        if not _is_ready(home):
            process.stop([server])
    return server.is_alive


def _create_databases(home: Home) -> None:
    """The warehouse's database, and the role and database of Airflow's metadata."""
    import psycopg
    from psycopg import sql

    admin = urlsplit(home.env()["UTPADAN_ADMIN_URL"])._replace(path="/postgres").geturl()
    password = credentials.password(home, "UTPADAN_AIRFLOW_URL").encode()
    owners = {WAREHOUSE: ADMIN, AIRFLOW: AIRFLOW}
    with psycopg.connect(admin, autocommit=True) as connection:
        # The server is sent a verifier: its logs cannot hold the password. Nobody visits databases
        # that are not theirs; the warehouse's own rights are made by its migration.
        scram = connection.pgconn.encrypt_password(password, AIRFLOW.encode(), b"scram-sha-256")
        verifier = sql.Literal(scram.decode())
        known = connection.execute("select 1 from pg_roles where rolname = %s", (AIRFLOW,))
        verb = sql.SQL("alter" if known.fetchone() else "create")
        role = sql.Identifier(AIRFLOW)
        connection.execute(sql.SQL("{} role {} login password {}").format(verb, role, verifier))
        for name, owner in owners.items():
            found = connection.execute("select 1 from pg_database where datname = %s", (name,))
            if not found.fetchone():
                connection.execute(
                    sql.SQL("create database {} owner {}").format(
                        sql.Identifier(name), sql.Identifier(owner)
                    )
                )
        for name in ("template1", "postgres", AIRFLOW):
            connection.execute(
                sql.SQL("revoke all on database {} from public").format(sql.Identifier(name))
            )


def _stop(home: Home) -> None:
    """Stop the server: politely (sessions are ended), then at once, which costs a recovery."""
    pid = _server(home)
    if pid is None:
        return
    token = process.started(pid)
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0)):
        process.signal_to([pid], number)
        if process.wait_until(lambda: process.started(pid) != token, seconds):
            return
    raise LocalError(f"Postgres (pid {pid}) does not stop; see {home.log('postgres')}")


def _clear_remains(home: Home) -> None:
    """After an unclean end: end what the lost server left, and its claim on a pid now another's.

    Postgres itself takes any living process of the same user for its rival; whether a server still
    has these files open it checks again by their shared memory, whatever this function removes.
    """
    data = cluster.data_folder(home)
    if _server(home) is not None:
        return
    lost = [pid for pid in psutil.pids() if _is_postgres_of(data, pid)]
    process.signal_to(lost, signal.SIGQUIT)
    if not process.wait_until(lambda: not any(map(process.started, lost)), REMAINS_SECONDS):
        process.signal_to(lost, signal.SIGKILL)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _server(home: Home) -> int | None:
    """The pid of the running server of this home, whether or not it accepts connections yet."""
    lines = _lock_lines(home)
    if not lines or not lines[0].isdigit():
        return None
    pid = int(lines[0])
    return pid if _is_postgres_of(cluster.data_folder(home), pid) else None


def _is_ready(home: Home) -> bool:
    """Whether the running server says of itself (in its lock file) that it accepts connections."""
    return _lock_lines(home)[7:8] == ["ready"] and _server(home) is not None


def _lock_lines(home: Home) -> list[str]:
    try:
        text = (cluster.data_folder(home) / "postmaster.pid").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def _is_postgres_of(data: Path, pid: int) -> bool:
    """Whether this process is a Postgres at work in this folder, and no zombie.

    The server names the folder in its command, what it forks bears the cluster's name in its title.
    """
    try:
        candidate = psutil.Process(pid)
        if candidate.name() != "postgres" or process.started(pid) is None:
            return False
        command = candidate.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return str(data) in command or any(cluster.title(data) in word for word in command)
