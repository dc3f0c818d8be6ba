"""What a suite's table names mean on a connection, and which tables can be judged at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from utpadan.quality.outcome import MOST_ACCEPTED
from utpadan.quality.suite import Rule, Suite
from utpadan.source import Source, load_source

TIMEOUT = "10min"
"""A query of a rule that runs longer is stopped, and the rule fails."""

LINEAGE = ("_load_id", "_line", "_known_from")
"""The warehouse's own columns that a rule may read and a sample shows."""


def name_tables(
    connection: psycopg.Connection[Any], suite: Suite, schema: str, sources: Path
) -> frozenset[str]:
    """Make table names mean the rows under test, for this session; returns those a rule may name.

    Marts: the tables of `schema`. Staging: temporary views on the current rows of `schema`, with
    the contract's columns less the personal ones, so that no rule can show personal data.
    """
    connection.execute(f"set statement_timeout = '{TIMEOUT}'")
    if suite.boundary == "marts":
        connection.execute(sql.SQL("set search_path = {}").format(sql.Identifier(schema)))
        names = frozenset(_columns(connection, schema))
    else:
        connection.execute("set search_path = pg_temp")
        folders = {path.parent.name: path.parent for path in sources.glob("*/*/source.yml")}
        names = frozenset(folders)
        for table, columns in _columns(connection, schema).items():
            if table in suite.words & names:
                _view_current(connection, schema, load_source(folders[table]), columns)
    connection.commit()
    return names


def _columns(connection: psycopg.Connection[Any], schema: str) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, array_agg(column_name::text order by ordinal_position)"
        " from information_schema.columns where table_schema = %s group by table_name",
        (schema,),
    )
    return dict(rows.fetchall())


def _view_current(
    connection: psycopg.Connection[Any], schema: str, source: Source, columns: list[str]
) -> None:
    public = {name for name, column in source.columns.items() if not column.personal}
    shown = [sql.Identifier(name) for name in columns if name in public or name in LINEAGE]
    statement = sql.SQL(
        "create temporary view {view} as select {columns} from {table} where _known_to is null"
    )
    connection.execute(
        statement.format(
            view=sql.Identifier(source.name),
            columns=sql.SQL(", ").join(shown),
            table=sql.Identifier(schema, source.name),
        )
    )


def unjudgeable(
    connection: psycopg.Connection[Any], suite: Suite, schema: str, names: frozenset[str]
) -> dict[str, str]:
    """Rule id → why it cannot be judged: a table it reads does not exist or holds no row."""
    faults: dict[str, str] = {}
    for table in sorted({rule.table for rule in suite.rules} | suite.words & names):
        missing = connection.execute("select to_regclass(%s) is null", (table,)).fetchone()
        if missing == (True,):
            of = " that a contract describes" if suite.boundary == "staging" else ""
            faults[table] = f"there is no table {schema}.{table}{of}"
            continue
        some = sql.SQL("select exists(select from {})").format(sql.Identifier(table))
        if connection.execute(some).fetchone() == (False,):
            faults[table] = f"{schema}.{table} holds no current row"
    connection.commit()
    return {
        rule.id: "; ".join(faults[table] for table in sorted(rule.words & faults.keys()))
        for rule in suite.rules
        if rule.words & faults.keys()
    }


def holds_restricted(
    connection: psycopg.Connection[Any], suite: Suite, names: frozenset[str], sources: Path
) -> bool:
    """Whether a table that the suite names holds rows of a source that its contract restricts."""
    read = suite.words & names
    if suite.boundary == "staging":
        folders = (path.parent for path in sources.glob("*/*/source.yml"))
        return any(load_source(folder).restricted for folder in folders if folder.name in read)
    marked = connection.execute(
        "select attrelid::regclass::text from unnest(%s::text[]) as name "
        "inner join pg_attribute on attrelid = to_regclass(name) and attname = 'is_restricted'",
        (sorted(read),),
    ).fetchall()
    some = sql.SQL("select exists(select from {} where is_restricted)")
    tables = [sql.SQL(name) for (name,) in marked]
    found = [connection.execute(some.format(table)).fetchone() for table in tables]
    connection.commit()
    return (True,) in found


def sample(connection: psycopg.Connection[Any], rule: Rule, examples: int) -> list[Any]:
    """So many of the rows that a query rule found; of a brake all that can be accepted."""
    most = MOST_ACCEPTED if rule.brake and examples else examples
    rows = connection.execute(
        sql.SQL("select to_jsonb(offending) from ({}\n) as offending limit {}").format(
            sql.SQL(rule.sql), sql.Literal(most)
        )
    ).fetchall()
    connection.commit()
    return [row for (row,) in rows]
