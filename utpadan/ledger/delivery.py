"""What was fetched: `ops.delivery`, `ops.fetch_error`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class Delivery:
    """Bytes that a source delivered; `sha256` names them in the archive.

    `is_confirmed` when the portal has sent just these bytes within the last week: so long its word
    that nothing changed is believed.
    """

    delivery_id: int
    source: str
    sha256: str
    size_bytes: int
    url: str
    request_sha256: str
    etag: str | None
    last_modified: str | None
    watermark: str | None
    fetched_at: datetime
    is_confirmed: bool = True


def hold_fetching(conn: Connection, source: str) -> None:
    """Let no other session fetch the source until this one ends, or record a delivery of it."""
    conn.execute("select pg_advisory_lock(hashtextextended('utpadan.fetch.' || %s, 0))", (source,))


def latest_delivery(conn: Connection, source: str) -> Delivery | None:
    """The newest delivery of a source, whatever became of it."""
    found = deliveries(conn, source)
    return found[-1] if found else None


def deliveries(conn: Connection, source: str) -> list[Delivery]:
    """All deliveries of a source, oldest first."""
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(
            """
            select
                delivery_id, source, sha256, size_bytes, url, request_sha256, etag,
                last_modified, watermark, fetched_at,
                coalesce(
                    confirmed_at between
                    clock_timestamp() - interval '7 days' and clock_timestamp(), false
                ) as is_confirmed
            from ops.delivery
            where source = %s
            order by fetched_at
            """,
            (source,),
        ).fetchall()


def archived(conn: Connection) -> list[str]:
    """The sha256 of all bytes that the archive must hold, in the order in which they came."""
    rows = conn.execute("select sha256 from ops.delivery group by 1 order by min(fetched_at), 1")
    return [sha256 for (sha256,) in rows]


def record_check(conn: Connection, source: str, spent: Mapping[str, Any]) -> None:
    """The source was asked and said that it has nothing new; `spent` is as record_delivery has it.

    Nothing is written when it never delivered anything.
    """
    conn.execute(_CHECKED.format(also=""), {"source": source, **spent})


def record_same(conn: Connection, source: str, facts: Mapping[str, Any]) -> None:
    """The source sent the bytes of its newest delivery again; `facts` are as record_delivery has.

    What it says of them now (ETag, Last-Modified) is what the next conditional request repeats.
    """
    also = """,
            confirmed_at = clock_timestamp(),
            etag = %(etag)s,
            last_modified = %(last_modified)s,
            request_sha256 = %(request_sha256)s"""
    conn.execute(_CHECKED.format(also=also), {"source": source, **facts})


_CHECKED = """
        update ops.delivery set
            checked_at = clock_timestamp(),
            check_requests = %(requests)s,
            check_retries = %(retries)s,
            check_seconds = %(seconds)s{also}
        where delivery_id = (
            select delivery_id from ops.delivery
            where source = %(source)s order by fetched_at desc limit 1
        )
        """


def record_fetch_error(
    conn: Connection, source: str, message: str, spent: Mapping[str, Any]
) -> None:
    """The source could not be fetched; `spent` are the requests, retries and seconds it took."""
    conn.execute(
        """
        insert into ops.fetch_error (source, message, requests, retries, seconds)
        values (%(source)s, %(message)s, %(requests)s, %(retries)s, %(seconds)s)
        """,
        {"source": source, "message": message, **spent},
    )


def record_delivery(conn: Connection, source: str, facts: Mapping[str, Any]) -> Delivery:
    """Write down a new delivery, whose bytes are in the archive already.

    `facts` are the fields of Delivery but its id and source, and `requests`, `retries` and, where
    they were counted, `seconds`. Without `fetched_at` it is stamped by the clock of the server, and
    never before the source's newest delivery, whatever that clock does: deliveries are in the order
    in which they were recorded.
    """
    row = conn.execute(
        """
        insert into ops.delivery (
            source, sha256, size_bytes, url, request_sha256, etag, last_modified, watermark,
            requests, retries, seconds, fetched_at, checked_at, confirmed_at
        )
        values (
            %(source)s, %(sha256)s, %(size_bytes)s, %(url)s, %(request_sha256)s, %(etag)s,
            %(last_modified)s, %(watermark)s, %(requests)s, %(retries)s, %(seconds)s,
            coalesce(
                %(fetched_at)s,
                greatest(
                    clock_timestamp(),
                    (
                        select max(fetched_at) + interval '1 microsecond'
                        from ops.delivery where source = %(source)s
                    )
                )
            ),
            clock_timestamp(),
            clock_timestamp()
        )
        returning delivery_id, fetched_at
        """,
        {"source": source, "seconds": None, "fetched_at": None, **facts},
    ).fetchone()
    assert row is not None
    kept = {f.name for f in fields(Delivery)} & facts.keys()
    known = {name: facts[name] for name in kept}
    return Delivery(**{**known, "delivery_id": row[0], "source": source, "fetched_at": row[1]})
