"""Postgres' own clients, run against any server: the password is on no command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess, run

from psycopg.conninfo import conninfo_to_dict

from utpadan.local.cluster import program
from utpadan.local.process import LocalError

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",  # nosec B105 # pragma: allowlist secret: its variable
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
LINES = 10
"""Lines of what a client said that an error shows."""


def psql_program() -> Path:
    """The `psql` of the same version as the local server."""
    return program("psql")


def run_client(url: str, command: Sequence[str]) -> int:
    """Run `psql` and the like at this terminal; returns its exit code."""
    return run([str(program(command[0])), *command[1:]], env=_environment(url)).returncode


def run_quietly(url: str, command: Sequence[str]) -> None:
    """Run `pg_dump` and the like. Raises LocalError with the end of what it said when it fails."""
    done: CompletedProcess[str] = run(
        [str(program(command[0])), *command[1:]],
        env=_environment(url),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-LINES:])
        raise LocalError(f"{command[0]} failed:\n{said}")


def _environment(url: str) -> dict[str, str]:
    parts = conninfo_to_dict(url)
    given = {variable: str(parts[key]) for key, variable in _VARIABLES.items() if key in parts}
    return {**os.environ, **given}
