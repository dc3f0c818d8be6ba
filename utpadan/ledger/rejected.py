"""Rows that contracts did not understand: `ops.rejected_row`, by delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

from utpadan.source import Source


@dataclass(frozen=True)
class RejectedRow:
    """A row as it was sent, whole, with every reason against it."""

    load_id: int
    delivery_id: int
    line: int
    reasons: list[str]
    row: Mapping[str, str]


@dataclass(frozen=True)
class RejectedCount:
    """How many rows of a load have a reason; what it quotes of them is left out."""

    source: str
    load_id: int
    delivery_id: int
    reason: str
    rows: int


def rejected_rows(
    conn: Connection, source: Source, load_id: int | None = None
) -> list[RejectedRow]:
    """The rows that one load rejected, or else those that count now.

    Of complete deliveries the newest load counts; of increments the newest load of each.
    """
    with conn.cursor(row_factory=class_row(RejectedRow)) as cursor:
        return cursor.execute(
            """
            select load_id, load.delivery_id, rejected.line, rejected.reasons, rejected.row
            from ops.rejected_row as rejected
            inner join ops.load as load using (load_id)
            where
                load.source = %(source)s
                and case
                    when %(load_id)s::bigint is not null then load_id = %(load_id)s
                    else load_id in (
                        select max(newest.load_id) from ops.load as newest
                        where newest.source = %(source)s and newest.status <> 'superseded'
                        group by case when %(each)s then newest.delivery_id end
                    )
                end
            order by load_id, rejected.line
            """,
            {"source": source.name, "load_id": load_id, "each": source.delivery == "increment"},
        ).fetchall()


def rejected_counts(conn: Connection, increments: list[str]) -> list[RejectedCount]:
    """Per source, load and reason, the rows rejected that count now; `increments` are sources."""
    with conn.cursor(row_factory=class_row(RejectedCount)) as cursor:
        return cursor.execute(
            """
            with newest as (
                select source, max(load_id) as load_id from ops.load
                where status <> 'superseded'
                group by source, case when source = any(%s) then delivery_id end
            )

            select
                newest.source,
                load_id,
                load.delivery_id,
                regexp_replace(why.reason, ': (.*) (is|does) ', ': … \\2 ') as reason,
                count(*) as rows
            from newest
            inner join ops.load as load using (load_id)
            inner join ops.rejected_row as rejected using (load_id)
            cross join lateral unnest(rejected.reasons) as why (reason)
            group by 1, 2, 3, 4
            order by 1, 2, 5 desc, 4
            """,
            (increments,),
        ).fetchall()


def rejected_lines(conn: Connection, source: str) -> dict[tuple[int, int], str]:
    """(delivery, line) of every row that is rejected → contract under which it was judged last."""
    rows = conn.execute(
        """
        select load.delivery_id, rejected.line, load.contract_sha256
        from ops.rejected_row as rejected
        inner join ops.load as load using (load_id)
        where load_id in (
            select max(load_id) from ops.load
            where source = %s and status <> 'superseded'
            group by delivery_id
        )
        """,
        (source,),
    )
    return {(delivery_id, line): contract for delivery_id, line, contract in rows}
