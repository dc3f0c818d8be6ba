"""What the contracts say, for those who ask the ledger: `ops.source`."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection

from utpadan.source import Source


def record_sources(conn: Connection, sources: Mapping[str, Source]) -> None:
    """Make `ops.source` say what these contracts say; a source that is gone loses its row."""
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("delete from ops.source where source <> all(%s)", (list(sources),))
        cursor.executemany(
            """
            insert into ops.source (
                source, domain, title, owner, publisher, delivery_source, freshness_days, is_sample
            )
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (source) do update set
                domain = excluded.domain,
                title = excluded.title,
                owner = excluded.owner,
                publisher = excluded.publisher,
                delivery_source = excluded.delivery_source,
                freshness_days = excluded.freshness_days,
                is_sample = excluded.is_sample
            """,
            [
                (
                    *(source.name, source.domain, source.title, source.owner),
                    *(source.publisher.name, source.delivery_source),
                    *(source.freshness_days, source.is_sample),
                )
                for source in sources.values()
            ],
        )
