"""A source's part of the ledger as one document, kept in the archive beside the bytes.

With it the archive alone can rebuild the warehouse: it says which bytes came when, in which loads
they were read, and which of these were refused or taken back.
"""

from __future__ import annotations

import json
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal
from psycopg.types.json import Jsonb

OF_A_SOURCE = {
    "delivery": "source = %s",
    "load": "source = %s",
    "acceptance": "boundary = 'load' and subject = %s",
}
"""Tables of `ops`, in the order in which their rows can be inserted: which rows are a source's."""

HOLDS = ("loaded", "unchanged")
_PASSING = ("checked_at", "confirmed_at", "check_requests", "check_retries", "check_seconds")
"""Change with every question to the portal, and so are no part of a copy."""

Copy = dict[str, list[dict[str, Any]]]
"""Rows by table of `ops`."""


def write_copy(conn: Connection, source: str) -> bytes:
    """The document: JSON, one line a row, the same bytes for the same rows."""
    parts = []
    for table, condition in OF_A_SOURCE.items():
        rows = conn.execute(
            SQL(
                "select (to_jsonb(copied) - {passing}::text[])::text from {table} as copied "
                "where {condition} order by {number}"
            ).format(**_names(table), passing=Literal(list(_PASSING)), condition=SQL(condition)),
            (source,),
        ).fetchall()
        lines = ",\n".join(row for (row,) in rows)
        parts.append(f'"{table}": [\n{lines}\n]')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def read_copy(document: bytes) -> Copy:
    """The rows of a document that `write_copy` made; ValueError when it is none."""
    copy = json.loads(document)
    if not isinstance(copy, dict) or not all(isinstance(copy.get(t), list) for t in OF_A_SOURCE):
        raise ValueError(f"it has not the lists {', '.join(OF_A_SOURCE)}")
    return copy


def take_deliveries(conn: Connection, copy: Copy) -> None:
    """Insert the deliveries of a copy as they were, and what people accepted of them."""
    _insert(
        conn, "delivery", [{**row, "checked_at": row["fetched_at"]} for row in copy["delivery"]]
    )
    _insert(conn, "acceptance", copy["acceptance"])


def take_settled_loads(conn: Connection, copy: Copy) -> None:
    """Insert the loads of a copy that did not hold as they were."""
    _insert(conn, "load", [row for row in copy["load"] if row["status"] not in HOLDS])


def take_held_loads(conn: Connection, copy: Copy) -> None:
    """Insert the loads that held, as read by a contract of the past: they ask for a replay."""
    held = [row for row in copy["load"] if row["status"] in HOLDS]
    _insert(conn, "load", [{**row, "contract_sha256": ""} for row in held])


def held_loads(copy: Copy) -> list[tuple[int, int]]:
    """Load and delivery of the loads that held, in the order in which they were made."""
    held = [row for row in copy["load"] if row["status"] in HOLDS]
    return sorted((row["load_id"], row["delivery_id"]) for row in held)


def continue_numbering(conn: Connection) -> None:
    """Number the next delivery and the next load after those there are; the admin may."""
    for table in OF_A_SOURCE:
        conn.execute(
            SQL(
                "select setval(pg_get_serial_sequence({place}, {column}), "
                "coalesce(max({number}), 0) + 1, false) from {table}"
            ).format(**_names(table), place=Literal(f"ops.{table}"), column=Literal(f"{table}_id"))
        )


def _insert(conn: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = SQL(", ").join(map(Identifier, rows[0]))
    conn.execute(
        SQL(
            "insert into {table} ({columns}) overriding system value "
            "select {columns} from jsonb_populate_recordset(null::{table}, %s)"
        ).format(**_names(table), columns=columns),
        (Jsonb(rows),),
    )


def _names(table: str) -> dict[str, Identifier]:
    return {"table": Identifier("ops", table), "number": Identifier(f"{table}_id")}
