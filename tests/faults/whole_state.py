"""The whole of a warehouse as something to compare: every row, every right, every file.

Ids that a sequence or chance gave become their place in order, times become the delivery they are
of. Left out is what a journal keeps of attempts: loads that a replay superseded, of the checks all
but the newest run of a suite, of builds (and the runs of their models) those that no schema and no
release is of.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from utpadan import ledger
from utpadan.settings import Settings

State = dict[str, list[str]]

OURS = "nspname !~ '^pg_' and nspname not in ('information_schema', 'public')"
IDS = {
    "delivery_id": "select delivery_id from ops.delivery order by source, fetched_at",
    "load_id": "select load_id from ops.load where status <> 'superseded' order by load_id",
    "release_id": "select release_id from ops.release order by release_id",
}
ROWS = {
    "ops.load": "select * from ops.load where status <> 'superseded'",
    "ops.rejected_row": """
        select rejected_row.* from ops.rejected_row inner join ops.load using (load_id)
        where status <> 'superseded'
    """,
    "ops.check_result": """
        select * from ops.check_result where run_id in (
            select distinct on (boundary, suite) run_id from ops.check_result
            order by boundary, suite, check_id desc
        )
    """,
    "ops.build": """
        select * from ops.build where build_id in (select build_id from ops.release)
        or build_id::text in (select obj_description(oid, 'pg_namespace') from pg_namespace)
    """,
}
ROWS["ops.model_run"] = (
    f"select * from ops.model_run where build_id in (select build_id from ({ROWS['ops.build']}))"
)
NOT_COMPARED = {
    *("check_id", "fetch_error_id", "run_id", "seconds"),
    *("check_requests", "check_retries", "check_seconds"),
}
CATALOGUE = {
    "schemas": f"""
        select nspname, pg_get_userbyid(nspowner), nspacl::text[],
            obj_description(oid, 'pg_namespace')
        from pg_namespace where {OURS}
    """,
    "relations": f"""
        select nspname, relname, relkind, relpersistence, pg_get_userbyid(relowner),
            relacl::text[], obj_description(class.oid, 'pg_class'),
            case relkind when 'v' then pg_get_viewdef(class.oid)
                when 'i' then pg_get_indexdef(class.oid) end
        from pg_class as class inner join pg_namespace on relnamespace = pg_namespace.oid
        where {OURS} and relkind in ('r', 'v', 'i', 'S')
    """,
    "columns": f"""
        select nspname, relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
            attacl::text[], col_description(class.oid, attnum)
        from pg_class as class inner join pg_namespace on relnamespace = pg_namespace.oid
        inner join pg_attribute on attrelid = class.oid
        where {OURS} and relkind = 'r' and attnum > 0 and not attisdropped
    """,
    "constraints": f"""
        select nspname, conrelid::regclass::text, conname, pg_get_constraintdef(con.oid)
        from pg_constraint as con inner join pg_namespace on connamespace = pg_namespace.oid
        where {OURS}
    """,
    "functions": f"""
        select nspname, proname, pg_get_functiondef(proc.oid), proacl::text[]
        from pg_proc as proc inner join pg_namespace on pronamespace = pg_namespace.oid
        where {OURS}
    """,
}


def whole_state(settings: Settings, *folders: Path) -> State:
    """Every row, definition and file, by where it is."""
    with psycopg.connect(settings.admin_url) as conn:
        names = _Names(conn)
        found = {
            kind: sorted(names.of(row) for row in conn.execute(query.encode()))
            for kind, query in CATALOGUE.items()
        }
        tables = conn.execute(
            f"select nspname, relname from pg_class inner join pg_namespace "
            f"on relnamespace = pg_namespace.oid where {OURS} and relkind = 'r'".encode()
        ).fetchall()
        with conn.cursor(row_factory=dict_row) as cursor:
            for schema, table in tables:
                everything = SQL("select * from {}").format(Identifier(schema, table))
                query = ROWS.get(f"{schema}.{table}") or everything.as_string()
                rows = cursor.execute(query.encode()).fetchall()
                found[names.plain(f"{schema}.{table}")] = sorted(names.of(row) for row in rows)
        files = {str(folder.name): _files(folder, conn) for folder in folders}
    return found | files


def differences(one: State, other: State) -> list[str]:
    """What only one of them has, the first with -, the other with +."""
    return [
        f"{sign} {place}: {line}"
        for place in sorted(one.keys() | other.keys())
        for sign, here, there in (("-", one, other), ("+", other, one))
        for line in here.get(place, [])
        if line not in there.get(place, [])
    ] + [
        f"{place}: {len(one[place])} against {len(other[place])}"
        for place in one.keys() & other.keys()
        if len(one[place]) != len(other[place])
    ]


class _Names:
    """What stands for ids and times."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self.ids: dict[str, dict[Any, str]] = {}
        self.builds: dict[str, str] = {}
        self.moments: dict[datetime, str] = {}
        if conn.execute("select to_regclass('ops.build')").fetchone() == (None,):
            return  # not migrated yet
        for kind, query in IDS.items():
            found = conn.execute(query.encode()).fetchall()
            self.ids[kind] = {value: f"{kind} {n}" for n, (value,) in enumerate(found, 1)}
        builds = conn.execute(f"{ROWS['ops.build']} order by built_at".encode()).fetchall()
        self.builds = {str(row[0]): f"build {n}" for n, row in enumerate(builds, 1)}
        moments = conn.execute(
            "select fetched_at, source, row_number() over (partition by source order by fetched_at)"
            " from ops.delivery"
        )
        self.moments = {at: f"fetch {number} of {source}" for at, source, number in moments}

    def _load(self, load_id: int) -> str:
        return self.ids["load_id"].get(load_id, "a superseded load")

    def of(self, row: tuple[Any, ...] | Mapping[str, Any]) -> str:
        """One row as text."""
        if isinstance(row, tuple):
            return " | ".join(self._value("", value) for value in row)
        kept = {name: value for name, value in row.items() if name not in NOT_COMPARED}
        return ", ".join(f"{name}={self._value(name, value)}" for name, value in kept.items())

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, datetime):
            return self.moments.get(value, "a time")
        if isinstance(value, list) and not name:
            return str(sorted(map(str, value)))  # rights, in whatever order they were given
        if name == "loads" and value is not None:
            return str({source: self._load(load) for source, load in value.items()})
        if name in ("load_id", "_load_id"):
            return self._load(value)
        if name in self.ids:
            return self.ids[name][value]
        if isinstance(value, UUID) or str(value) in self.builds:
            return self.builds.get(str(value), "another id")
        return self.plain(str(value))

    def plain(self, text: str) -> str:
        """Names of tables and schemas without the numbers of loads and transactions."""
        text = re.sub(r"\b(marts_spare)_\d+", r"\1_#", text)
        return re.sub(r"_\d+(_admitted|_pkey)", r"_#\1", text)


def _files(folder: Path, conn: psycopg.Connection) -> list[str]:
    """Every file and temporary folder by name; the content too, unless it tells the time."""
    found, is_docs = [], folder.name == "data_docs"
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() and "utpadan-" not in name:
            continue
        if is_docs:
            name = re.sub(r"\d{8}T\d{6}\.\d+Z|[0-9a-f]{32}", "#", name)
        name = re.sub(r"utpadan-[^./]+", "utpadan-#", name)
        is_of_time = is_docs or path.name == "datapackage.json" or path.is_dir()
        if path.parent.name == "ledger":
            is_behind = path.read_bytes() != ledger.write_copy(conn, path.stem)
            content = "behind" if is_behind else "as the ledger"
        else:
            content = "" if is_of_time else hashlib.sha256(path.read_bytes()).hexdigest()
        found.append(f"{name} {content}")
    return found
