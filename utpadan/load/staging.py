"""Staging tables: their DDL, derived from the contracts.

A staging table holds every version of every row: the contract's columns, typed, then the
warehouse's own. `_known_from` and `_known_to` are half-open, null means now; the current rows are
unique in the contract's key.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan.load.admission import SQL_TYPE
from utpadan.source import Source

META = {
    "_extra": ("jsonb", "Cells of columns the contract does not know, by header."),
    "_load_id": ("bigint", "The load that brought this version: ops.load."),
    "_line": ("bigint", "Line, or record number, of the row in its delivery."),
    "_known_from": ("timestamptz", "When the delivery with this version was fetched (UTC)."),
    "_known_to": (
        "timestamptz",
        "When a delivery without this version was fetched; null: current.",
    ),
}


def staging_table(source: Source) -> Identifier:
    """The source's table in schema staging."""
    return Identifier("staging", source.name)


def staging_exists(conn: Connection, source: Source) -> bool:
    """Whether the source has a staging table yet."""
    row = conn.execute("select to_regclass(%s)", (f"staging.{source.name}",)).fetchone()
    return row is not None and row[0] is not None


def create_staging(conn: Connection, source: Source) -> None:
    """Create the empty staging table of a source that has none."""
    columns = [
        SQL("{} {}").format(Identifier(name), SQL_TYPE[column.type])
        for name, column in source.columns.items()
    ] + [SQL("{} {}").format(Identifier(n), SQL(t)) for n, (t, _) in META.items()]
    table = staging_table(source)
    conn.execute(SQL("create table {} ({})").format(table, SQL(", ").join(columns)))
    index_current(conn, source, table)
    finish_staging(conn, source)


def fit_staging(conn: Connection, source: Source) -> None:
    """Give an empty staging table the columns and the key of today's contract.

    It stays the same table, so that the views on it live on; only those go that read a column
    which is gone or has another type.
    """
    table = staging_table(source)
    types = {name: SQL_TYPE[column.type].as_string() for name, column in source.columns.items()}
    types |= {name: kind for name, (kind, _) in META.items()}
    unfit = conn.execute(
        _UNFIT, (f"staging.{source.name}", list(types), list(types.values()))
    ).fetchall()
    changes = [
        SQL("drop column {} cascade").format(Identifier(gone)) for gone, _ in unfit if gone
    ] + [
        SQL("add column {} {}").format(Identifier(name), SQL(types[name]))
        for _, name in unfit
        if name
    ]
    if changes:
        conn.execute(SQL("alter table {} {}").format(table, SQL(", ").join(changes)))
    if _key_in_place(conn, source) != list(source.key):
        _drop_indexes(conn, source)
        index_current(conn, source, table)
    finish_staging(conn, source)


_UNFIT = """
    select present.attname, wanted.name
    from (
        select attname, atttypid from pg_attribute
        where attrelid = %s::regclass and attnum > 0 and not attisdropped
    ) as present
    full join unnest(%s::text[], %s::regtype[]) as wanted (name, type)
        on attname = name and atttypid = type
    where attname is null or name is null
"""
"""Columns that are there and should not be, and columns that should be there and are not."""


def _key_in_place(conn: Connection, source: Source) -> list[str]:
    rows = conn.execute(
        """
        select attname from pg_index
        cross join unnest(indkey) with ordinality as part (attnum, place)
        inner join pg_attribute on attrelid = indrelid and pg_attribute.attnum = part.attnum
        where indrelid = %s::regclass
        order by place
        """,
        (f"staging.{source.name}",),
    )
    return [name for (name,) in rows]


def _drop_indexes(conn: Connection, source: Source) -> None:
    rows = conn.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass",
        (f"staging.{source.name}",),
    )
    for (name,) in rows.fetchall():
        conn.execute(SQL("drop index {}").format(SQL(name)))


def index_current(conn: Connection, source: Source, table: Composable) -> None:
    """Make the current rows unique in the key; raises UniqueViolation when they are not.

    The index has a name of its own, as Postgres would cut the names of two sources to the same.
    """
    conn.execute(
        SQL("create unique index {} on {} ({}) nulls not distinct where _known_to is null").format(
            Identifier(f"_{source.name}_current"),
            table,
            SQL(", ").join(map(Identifier, source.key)),
        )
    )


def finish_staging(conn: Connection, source: Source) -> None:
    """Comments and grants: the builder reads all but personal columns, and nothing else.

    A view asks for the rights of its owner, the builder, but for the membership of who reads it:
    through the views of prep, too, only members of utpadan_restricted see a restricted source.
    """
    table = staging_table(source)
    words = {name: column.description for name, column in source.columns.items()}
    words |= {name: text for name, (_, text) in META.items()}
    statements: list[Composable] = [
        SQL("comment on table {} is {}").format(table, Literal(f"{source.title}. {source.grain}"))
    ]
    for name, text in words.items():
        place = SQL("{}.{}").format(table, Identifier(name))
        statements.append(SQL("comment on column {} is {}").format(place, Literal(text)))
    statements.append(SQL("revoke all on {} from utpadan_builder").format(table))
    statements.append(
        SQL("grant select ({}) on {} to utpadan_builder").format(
            SQL(", ").join(map(Identifier, _readable(source))), table
        )
    )
    if _is_guarded(conn, source) != bool(source.restricted):
        statements.append((_UNGUARD if source.restricted is None else _GUARD).format(table))
    conn.execute(SQL("; ").join(statements))


_GUARD = SQL(
    "alter table {0} enable row level security; "
    "create policy restricted on {0} for select to utpadan_builder "
    "using (pg_has_role('utpadan_restricted', 'usage'))"
)
_UNGUARD = SQL("drop policy restricted on {0}; alter table {0} disable row level security")
"""Both lock readers out, and so are run only when the contract says otherwise than before."""


def _is_guarded(conn: Connection, source: Source) -> bool:
    found = conn.execute(
        "select relrowsecurity from pg_class where oid = %s::regclass", (f"staging.{source.name}",)
    ).fetchone()
    return found == (True,)


def _readable(source: Source) -> Iterable[str]:
    yield from (name for name, column in source.columns.items() if not column.personal)
    yield from (name for name in META if name != "_extra" or not source.has_personal)
