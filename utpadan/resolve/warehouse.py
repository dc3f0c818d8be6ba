"""What the warehouse knows of names, and the list of names that wait for a reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from utpadan.resolve.match import Knowledge, Reading

Marts = Literal["marts", "marts_next"]

READINGS = """
select vendor_name, vendor_id, source_document_id, false
from {0}.bridge_vendor_alias
where link_method = 'registry_reading'
union all
select vendor.canonical_name, product.vendor_id, product.source_document_id, false
from {0}.fct_vendor_product as product
inner join {0}.dim_vendor as vendor on product.vendor_id = vendor.vendor_id
union all
select canonical_name, vendor_id, null, true from {0}.dim_vendor_history
union all
select canonical_name, vendor_id, null, true from {0}.dim_vendor
"""
DECISIONS = """
select decision.name, identity.vendor_id
from prep.vendor_name_decisions as decision
left join prep.int_vendors_identified as identity
    on decision.canonical_name = identity.canonical_name
"""
IDENTIFIERS = """
select vendor_id, vendor_id from {0}.dim_vendor
union all
select cin, vendor_id from {0}.dim_vendor where cin is not null
"""
MENTIONED = "select distinct vendor_name from {0}.bridge_vendor_alias"
WAITING = """
select
    vendor_name,
    min(source_document_id),
    string_agg(distinct source_name || ' (' || role || ')', ', '),
    sum(rows_naming)
from {0}.bridge_vendor_alias
where vendor_id is null and link_method is null
group by vendor_name
order by vendor_name
"""
RECORD = """
insert into ops.vendor_name_review (
    vendor_name, named_in, rows_naming,
    candidate_1, score_1, candidate_2, score_2, candidate_3, score_3
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Directory:
    """What one release or build knows: `canonical_names` is vendor_id → name."""

    knowledge: Knowledge
    canonical_names: Mapping[str, str]


def read_directory(conn: psycopg.Connection, marts: Marts = "marts") -> Directory:
    """Everything that the marts of this schema, and the reviewed decisions, tell about names.

    Raises psycopg.errors.UndefinedTable when there are no such marts.
    """

    def rows(query: str) -> list[tuple[str, ...]]:
        return conn.execute(_on(marts, query)).fetchall()

    knowledge = Knowledge(
        readings=[
            Reading(name, vendor_id, publication, bool(is_canonical))
            for name, vendor_id, publication, is_canonical in rows(READINGS)
        ],
        decisions={name: vendor_id for name, vendor_id in rows(DECISIONS)},
        identifiers={identifier: vendor_id for identifier, vendor_id in rows(IDENTIFIERS)},
        mentioned=[name for (name,) in rows(MENTIONED)],
    )
    names = rows("select vendor_id, canonical_name from {0}.dim_vendor")
    return Directory(knowledge, {vendor_id: name for vendor_id, name in names})


def list_for_review(conn: psycopg.Connection, marts: Marts = "marts_next") -> int:
    """Write every name that links to no company, with its candidates, to ops.vendor_name_review.

    The list before is replaced, in one transaction. Returns the number of names.
    """
    directory = read_directory(conn, marts)
    waiting = conn.execute(_on(marts, WAITING)).fetchall()
    lines = []
    for name, publication, named_in, rows_naming in waiting:
        shown: list[str | float | None] = []
        for candidate in directory.knowledge.candidates(name, publication):
            shown += [directory.canonical_names.get(candidate.vendor_id), candidate.score]
        lines.append((name, named_in, rows_naming, *shown, *[None] * (6 - len(shown))))
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("delete from ops.vendor_name_review")
        cursor.executemany(RECORD, lines)
    return len(lines)


def _on(marts: Marts, query: str) -> Composed:
    return SQL(query).format(Identifier(marts))
