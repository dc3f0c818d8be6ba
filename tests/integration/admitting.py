"""Admission by itself, on a real Postgres: cells go in, values and reasons come out."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from loading import contract
from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan.load.admission import Admission
from utpadan.source import Source

Cell = str | None
Spec = dict[str, Any]

NUMBER: Spec = {"type": "numeric"}
COUNT: Spec = {"type": "integer"}
CRORE: Spec = {"type": "numeric", "unit": "INR crore"}
RUPEES: Spec = {"type": "numeric", "unit": "INR"}
LAKH_IN_CRORE: Spec = {"type": "numeric", "unit": "INR crore", "stated_unit": "lakh"}
DAY: Spec = {"type": "date"}
ANY_DAY: Spec = {
    "type": "date",
    "formats": ["DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "DD Mon YYYY", "Mon DD, YYYY"],
}
MOMENT: Spec = {"type": "timestamp"}


def judged(
    conn: psycopg.Connection, source: Source, rows: list[dict[str, Cell]]
) -> list[tuple[bool | None, list[str], list[Cell]]]:
    """For each landed row: whether it is accepted, the reasons against it, its values as text."""
    admission = Admission(source, trim=True)
    columns = ["_fault", *source.columns]
    values = [SQL("({})::text").format(admission.value(name)) for name in source.columns]
    parts: dict[str, Composable] = {
        "accepted": admission.accepted(),
        "reasons": admission.reasons(),
        "values": SQL(", ").join(values),
        "rows": Literal(json.dumps(rows)),
        "columns": SQL(", ").join(SQL("{} text").format(Identifier(name)) for name in columns),
    }
    query = SQL(
        "select {accepted}, {reasons}, array[{values}] "
        "from jsonb_to_recordset({rows}::jsonb) as sent ({columns})"
    )
    return conn.execute(query.format(**parts)).fetchall()


def value_of(conn: psycopg.Connection, spec: Spec, cell: Cell) -> Cell:
    """The value a cell is admitted with; it must be admitted."""
    ((accepted, reasons, (value,)),) = judged(conn, contract({"it": spec}), [{"it": cell}])
    assert (accepted, reasons) == (True, [])
    return value


def reasons_for(conn: psycopg.Connection, spec: Spec, cell: Cell) -> list[str]:
    """The reasons against a cell; it must not be admitted."""
    ((accepted, reasons, _),) = judged(conn, contract({"it": spec}), [{"it": cell}])
    assert not accepted
    return reasons
