"""Looking for what must not be told in everything that is: files, tables, command lines."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

from utpadan.settings import read_env_file

KEPT = ("env", "pgpass", "airflow/passwords.json", "archive", "postgres")
"""Where secrets of a home are kept on purpose, the bytes as delivered, and the cluster's files."""

TABLES = """
select nspname, relname from pg_class
inner join pg_namespace on pg_namespace.oid = relnamespace
where
    relkind in ('r', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and nspname not like 'pg\\_temp%'
order by 1, 2
"""


def secrets_of(home: Path) -> dict[str, str]:
    """What the env file of a home holds that opens something: variable → secret."""
    found = {}
    for name, value in read_env_file(home / "env").items():
        if name.endswith("_URL") and (password := urlsplit(value).password):
            found[name] = unquote(password)
        elif re.search("KEY|SECRET|PASSWORD|TOKEN", name) and value:
            found[name] = value
    return found


def files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Place and content of every file of a home, but for those that keep secrets on purpose."""
    for path in sorted(home.rglob("*")):
        place = path.relative_to(home)
        if path.is_file() and not any(place.is_relative_to(kept) for kept in KEPT):
            content = path.read_bytes()
            yield str(place), gzip.decompress(content) if path.suffix == ".gz" else content


def tables(url: str, *left_out: str) -> Iterator[tuple[str, bytes]]:
    """Place and rows of every table of a database, and what its sessions run."""
    with psycopg.connect(url) as conn:
        for schema, name in conn.execute(TABLES).fetchall():
            if schema not in left_out and f"{schema}.{name}" not in left_out:
                table = Identifier(schema, name)
                rows = conn.execute(SQL("select t::text from {} as t").format(table))
                yield f"{schema}.{name}", "\n".join(text for (text,) in rows).encode()
        queries = conn.execute("select query from pg_stat_activity where pid <> pg_backend_pid()")
        yield "pg_stat_activity", "\n".join(text or "" for (text,) in queries).encode()


def command_lines() -> Iterator[tuple[str, bytes]]:
    """The arguments of every process of this machine, as everybody on it can read them."""
    for process in psutil.process_iter(["cmdline"]):
        yield f"process {process.pid}", " ".join(process.info["cmdline"] or ()).encode()


def found(secrets: Mapping[str, str], said: Iterator[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Which secret stands where."""
    wanted = {name: secret.encode() for name, secret in secrets.items()}
    return [
        (name, place) for place, text in said for name, secret in wanted.items() if secret in text
    ]
