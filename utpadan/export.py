"""Export: a release as files, for those who have no Postgres: a Frictionless Data Package.

One gzipped CSV a mart and one `datapackage.json` with every column's type and description, the
primary and the foreign keys (https://specs.frictionlessdata.io/data-package/).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from time import perf_counter
from typing import IO, Any

import fsspec
import psycopg
from psycopg.sql import SQL, Composable, Identifier

from utpadan import events
from utpadan.settings import without_secrets

MANIFEST = "datapackage.json"
FIELD_TYPES = {
    "text": "string",
    "date": "date",
    "timestamp with time zone": "datetime",
    "boolean": "boolean",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "number",
    "double precision": "number",
}
COLUMNS = """
select
    class.relname, class.oid, obj_description(class.oid, 'pg_class'),
    attribute.attname, format_type(attribute.atttypid, null), attribute.attnotnull,
    col_description(class.oid, attribute.attnum)
from pg_class as class
inner join pg_attribute as attribute on class.oid = attribute.attrelid
where
    class.relnamespace = to_regnamespace('marts') and class.relkind = 'r'
    and attribute.attnum > 0 and not attribute.attisdropped
order by class.relname, attribute.attnum
"""
KEYS = """
select
    contype,
    (
        select array_agg(attname::text order by place)
        from unnest(conkey) with ordinality as key (attnum, place)
        inner join pg_attribute on attrelid = conrelid and pg_attribute.attnum = key.attnum
    ),
    confrelid::regclass::oid,
    (
        select array_agg(attname::text order by place)
        from unnest(confkey) with ordinality as key (attnum, place)
        inner join pg_attribute on attrelid = confrelid and pg_attribute.attnum = key.attnum
    )
from pg_constraint
where conrelid = %s and contype in ('p', 'f')
order by conname
"""


class ExportError(RuntimeError):
    """There is nothing to export, or it cannot be written; the message says why."""


@dataclass(frozen=True)
class Export:
    """A release as files below `url`; `is_new` when they were written now."""

    release_id: int
    url: str
    tables: int
    is_new: bool


@dataclass(frozen=True)
class _Table:
    name: str
    oid: int
    description: str | None
    fields: list[dict[str, Any]]


def export(database_url: str, export_url: str) -> Export:
    """Write the current release below `export_url`, any fsspec URL, in a folder `release_<id>`.

    The manifest comes last, and all at once: a folder without one is not whole and is written
    again, a folder with one is left alone. No release is published meanwhile. `database_url` is of
    a role that reads marts and the ledger's views. Raises ExportError.
    """
    start, shown = perf_counter(), without_secrets(export_url)
    try:
        files, root = fsspec.core.url_to_fs(export_url)
    except (ImportError, OSError, ValueError) as error:
        cause = f"{type(error).__name__}: {str(error).replace(export_url, shown)}"
        raise ExportError(
            f"{shown}: {cause}; check UTPADAN_EXPORT_URL and the package of its protocol"
        ) from None
    with psycopg.connect(database_url) as conn:
        conn.execute("set timezone to 'UTC'")
        conn.execute("select pg_advisory_xact_lock_shared(hashtextextended('utpadan.publish', 0))")
        release = _current_release(conn)
        tables = _tables(conn)
        folder = f"{root}/release_{release['release_id']}"
        place = f"{shown.rstrip('/')}/release_{release['release_id']}"
        if files.exists(f"{folder}/{MANIFEST}"):
            return Export(release["release_id"], place, len(tables), is_new=False)
        try:
            files.makedirs(folder, exist_ok=True)
            resources = []
            for table in tables:
                path = f"{folder}/{table.name}.csv.gz"
                with files.open(path, "wb") as file:
                    rows = _write(conn, table, file)
                facts = {"rows": rows, "bytes": files.size(path), "hash": _hash(files, path)}
                resources.append(_resource(conn, table, tables) | facts)
            package = json.dumps(_package(release, resources), indent=2, ensure_ascii=False)
            draft = f"{folder}/{MANIFEST}.new"
            files.pipe_file(draft, package.encode())
            files.mv(draft, f"{folder}/{MANIFEST}")
        except OSError as error:
            raise ExportError(f"{place} cannot be written: {error}") from error
    written = Export(release["release_id"], place, len(tables), is_new=True)
    events.emit("export", release_id=written.release_id, tables=written.tables, since=start)
    return written


def _current_release(conn: psycopg.Connection) -> dict[str, Any]:
    row = conn.execute(
        "select release_id, published_at, git_sha from ops.release_history where is_current"
    ).fetchone()
    if row is None:
        raise ExportError("there is no release to export: `make run` publishes one")
    return {"release_id": row[0], "published_at": row[1].isoformat(), "git_sha": row[2]}


def _tables(conn: psycopg.Connection) -> list[_Table]:
    tables: dict[str, _Table] = {}
    for name, oid, about, column, sql_type, required, description in conn.execute(COLUMNS):
        table = tables.setdefault(name, _Table(name, oid, about, []))
        field: dict[str, Any] = {"name": column, "type": FIELD_TYPES[sql_type]}
        if description:
            field["description"] = description
        if required:
            field["constraints"] = {"required": True}
        table.fields.append(field)
    return list(tables.values())


def _write(conn: psycopg.Connection, table: _Table, file: IO[bytes]) -> int:
    """Write the mart's rows but the restricted ones; returns how many there are."""
    marked = any(field["name"] == "is_restricted" for field in table.fields)
    query = SQL("copy (select {} from {} {}) to stdout (format csv, header)").format(
        SQL(", ").join(map(_as_printed, table.fields)),
        Identifier("marts", table.name),
        SQL("where not is_restricted" if marked else ""),
    )
    # No name and no time in the gzip header: the same rows give the same bytes.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed,
        conn.cursor() as cursor,
    ):
        with cursor.copy(query) as rows:
            for block in rows:
                packed.write(block)
        return cursor.rowcount


def _hash(files: fsspec.AbstractFileSystem, path: str) -> str:
    with files.open(path, "rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _as_printed(field: dict[str, Any]) -> Composable:
    """The column as the package's types are spelled: true and false, ISO 8601 times with a Z."""
    name = Identifier(field["name"])
    if field["type"] == "boolean":
        return SQL("{0}::text as {0}").format(name)
    if field["type"] == "datetime":
        return SQL("""to_char({0}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as {0}""").format(name)
    return name


def _resource(conn: psycopg.Connection, table: _Table, tables: list[_Table]) -> dict[str, Any]:
    names = {other.oid: other.name for other in tables}
    schema: dict[str, Any] = {"fields": table.fields}
    for kind, columns, other, other_columns in conn.execute(KEYS, (table.oid,)):
        if kind == "p":
            schema["primaryKey"] = columns
        else:
            # A key to the table itself is written with an empty name, as the specification says.
            name = "" if other == table.oid else names[other]
            reference = {"resource": name, "fields": other_columns}
            schema.setdefault("foreignKeys", []).append({"fields": columns, "reference": reference})
    return {
        "name": table.name,
        "path": f"{table.name}.csv.gz",
        "profile": "tabular-data-resource",
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "compression": "gz",
        "schema": schema,
    }


def _package(release: dict[str, Any], resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "utpadan",
        "title": "Utpadan: a data warehouse of India's defence manufacturing",
        "profile": "tabular-data-package",
        "version": str(release["release_id"]),
        "created": release["published_at"],
        "git_sha": release["git_sha"],
        "resources": resources,
    }
