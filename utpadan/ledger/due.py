"""Which deliveries staging holds, and which wait to be loaded or read anew."""

from __future__ import annotations

from typing import Literal

from psycopg import Connection

from utpadan.ledger.delivery import Delivery, deliveries
from utpadan.source import Source

Standing = Literal["loaded", "pending", "replay"]


def standing(conn: Connection, source: Source, delivery: Delivery) -> Standing:
    """Whether a delivery is in staging, waits to be loaded, or asks for a replay.

    A replay is due when staging was read under another contract. A delivery that was reverted
    counts as loaded: the same bytes do not come back by themselves. So does a complete one that a
    newer one overtook on the way to staging: there is nothing in it that still counts.
    """
    last = conn.execute(
        """
        select contract_sha256 from ops.load
        where source = %s and status in ('loaded', 'unchanged')
        order by load_id desc limit 1
        """,
        (source.name,),
    ).fetchone()
    if last is not None and last[0] != source.contract_sha256:
        return "replay"
    known = conn.execute(
        """
        select from ops.load
        where
            source = %(source)s
            and (
                delivery_id = %(id)s
                or %(complete)s and delivery_id > %(id)s and known_at > %(fetched_at)s
            )
            and status in ('loaded', 'unchanged', 'reverted')
        """,
        {
            "source": source.name,
            "id": delivery.delivery_id,
            "complete": source.delivery == "complete",
            "fetched_at": delivery.fetched_at,
        },
    ).fetchone()
    return "pending" if known is None else "loaded"


def due(conn: Connection, source: Source) -> list[Delivery]:
    """The deliveries that wait to be loaded, oldest first.

    Of complete deliveries only the newest counts; of increments every one does.
    """
    known = deliveries(conn, source.delivery_source)
    if source.delivery == "complete":
        known = known[-1:]
    return [delivery for delivery in known if standing(conn, source, delivery) == "pending"]


def held(conn: Connection, source: str) -> set[int]:
    """The deliveries that staging holds."""
    rows = conn.execute(
        "select delivery_id from ops.load where source = %s and status in ('loaded', 'unchanged')",
        (source,),
    )
    return {row[0] for row in rows}


def reverted(conn: Connection, source: Source) -> set[int]:
    """The deliveries whose load was taken back; a replay leaves them out."""
    rows = conn.execute(
        "select delivery_id from ops.load where source = %s and status = 'reverted'",
        (source.name,),
    )
    return {row[0] for row in rows}


def base(conn: Connection, source: Source) -> Delivery | None:
    """The delivery whose rows are just the current ones of a complete source, if there is one.

    It is that of the newest load that holds, when every row was admitted and it was read fast.
    """
    row = conn.execute(
        """
        select delivery_id from ops.load
        where
            load_id = (
                select max(load_id) from ops.load
                where source = %s and status in ('loaded', 'unchanged')
            )
            and contract_sha256 = %s and rows_rejected = 0 and rows_repeated = 0
            and reading in ('fast', 'difference')
        """,
        (source.name, source.contract_sha256),
    ).fetchone()
    if row is None or source.delivery != "complete":
        return None
    known = deliveries(conn, source.delivery_source)
    return next((d for d in known if d.delivery_id == row[0]), None)
