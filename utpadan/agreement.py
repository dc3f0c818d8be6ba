"""Whether the archive, the ledger, staging and the marts say the same of each other.

Reads everything and changes nothing, but for half-written files of processes that were killed,
which it removes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan import ledger
from utpadan.archive import Archive, ArchiveError
from utpadan.publish import READERS
from utpadan.settings import Settings
from utpadan.source import Source


@dataclass(frozen=True)
class Agreement:
    """One sentence each: `faults` are lost or wrong, `remarks` harmless and good to know."""

    faults: tuple[str, ...]
    remarks: tuple[str, ...]


def examine(settings: Settings, sources: Mapping[str, Source]) -> Agreement:
    """Compare all there is; every archived byte and every row of staging is read."""
    archive = Archive(settings.archive_url)
    kept, copies = archive.holds(), archive.ledgers()
    with psycopg.connect(settings.loader_url) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        faults = [sentence for query in _OF_THE_LEDGER for (sentence,) in conn.execute(query)]
        tables = conn.execute(
            "select tablename from pg_tables where schemaname = 'staging' order by tablename"
        ).fetchall()
        for (table,) in tables:
            faults += _faults_of_staging(conn, table, sources.get(table))
        recorded = {sha256 for (sha256,) in conn.execute("select sha256 from ops.delivery")}
        known = conn.execute("select source from ops.delivery union select source from ops.load")
        names = sorted(name for (name,) in known.fetchall())
        behind = [name for name in names if copies.get(name) != ledger.write_copy(conn, name)]
    with psycopg.connect(settings.builder_url) as conn:
        conn.execute("select pg_advisory_xact_lock_shared(hashtextextended('utpadan.publish', 0))")
        faults += _faults_of_marts(conn)
    faults += damaged_deliveries(settings)
    remarks = [
        f"the archive's copy of the ledger of {name} is behind: `utpadan ingest {name}` renews it"
        for name in behind
    ]
    remarks += [
        f"the archive keeps {sha256}, which no delivery names: a fetch ended before it was on "
        "record; the next one of these bytes takes it over"
        for sha256 in sorted(kept - recorded)
    ]
    remarks += [
        f"staging.{table} has no contract any more: drop it when nobody needs it"
        for (table,) in tables
        if table not in sources
    ]
    return Agreement(tuple(faults), tuple(remarks))


def damaged_deliveries(settings: Settings) -> list[str]:
    """The deliveries of the ledger whose bytes the archive has not, or not as they came.

    One sentence each, with what to do; every byte is read and hashed.
    """
    with psycopg.connect(settings.builder_url) as conn:
        deliveries = conn.execute(
            """
            select sha256, array_agg(distinct source order by source) from ops.delivery
            group by sha256 order by min(delivery_id)
            """
        ).fetchall()
    archive = Archive(settings.archive_url)
    faults = ((sources, _fault(archive, sha256)) for sha256, sources in deliveries)
    return [f"{', '.join(sources)}: {fault}" for sources, fault in faults if fault]


def _fault(archive: Archive, sha256: str) -> str | None:
    try:
        with archive.open(sha256):
            return None
    except ArchiveError as error:
        return str(error)


_OF_THE_LEDGER: tuple[LiteralString, ...] = (
    """
    select format('load %s of %s is not of the time of its delivery', load_id, load.source)
    from ops.load inner join ops.delivery using (delivery_id)
    where known_at <> fetched_at
    """,
    """
    select format(
        'load %s of %s rejected %s rows, the ledger keeps %s', load_id, source, rows_rejected, kept
    )
    from ops.load
    cross join lateral (
        select count(*) as kept from ops.rejected_row where rejected_row.load_id = load.load_id
    ) as rejected
    where kept <> rows_rejected
    """,
    """
    select format('%s has loads that hold, and no table in staging', source)
    from ops.load
    where status in ('loaded', 'unchanged') and to_regclass(format('staging.%I', source)) is null
    group by source
    """,
    """
    select format('release %s does not name the loads of its build %s', release_id, build_id)
    from ops.release inner join ops.build using (build_id)
    where
        loads is distinct from (
            select coalesce(jsonb_object_agg(source, load_id), '{}') from ops.release_load
            where release_load.release_id = release.release_id
        )
    """,
    """
    select format('landing.%s was left behind: drop it', relname) from pg_class
    where relnamespace = 'landing'::regnamespace and relkind = 'r'
    """,
)

_OF_STAGING: tuple[LiteralString, ...] = (
    """
    select format('%s rows are of loads that do not hold', count(*)) from {table} as version
    where
        not exists (
            select from ops.load
            where
                load_id = _load_id and known_at = _known_from
                and source = {source} and status = 'loaded'
        )
    having count(*) > 0
    """,
    """
    select format(
        'load %s made %s versions and closed %s, staging has %s and %s',
        load_id, rows_new + rows_changed, rows_changed + rows_closed, made, closed
    )
    from ops.load
    cross join lateral (
        select
            count(*) filter (where _load_id = load_id) as made,
            count(*) filter (where _known_to = known_at) as closed
        from {table} as version
    ) as found
    where
        source = {source} and status = 'loaded'
        and (made, closed) <> (rows_new + rows_changed, rows_changed + rows_closed)
    """,
    """
    select format('%s versions end when no load was', count(*)) from {table} as version
    where
        _known_to is not null
        and not exists (
            select from ops.load
            where known_at = _known_to and source = {source} and status = 'loaded'
        )
    having count(*) > 0
    """,
)

_CHAINS: LiteralString = """
select format('%s versions of a key overlap, or are of no time', count(*)) from (
    select
        _known_from,
        coalesce(_known_to, 'infinity') as until,
        lead(_known_from) over (partition by {key} order by _known_from) as following
    from {table}
) as chain
where _known_from >= until or following < until
having count(*) > 0
"""

_UNBROKEN: LiteralString = """
select format('%s versions ended without a next one, which no increment does', count(*)) from (
    select
        _known_to,
        lead(_known_from) over (partition by {key} order by _known_from) as following
    from {table}
) as chain
where _known_to is not null and following is distinct from _known_to
having count(*) > 0
"""


def _faults_of_staging(
    conn: psycopg.Connection, table: str, contract: Source | None
) -> Iterator[str]:
    names: dict[str, Composable] = {
        "table": Identifier("staging", table),
        "source": Literal(table),
    }
    queries = list(_OF_STAGING)
    if contract is not None:
        names["key"] = SQL(", ").join(map(Identifier, contract.key))
        queries += [_CHAINS, *([_UNBROKEN] if contract.delivery == "increment" else [])]
    for query in queries:
        for (sentence,) in conn.execute(SQL(query).format(**names)):
            yield f"staging.{table}: {sentence}"


def _faults_of_marts(conn: psycopg.Connection) -> Iterator[str]:
    with conn.cursor(row_factory=dict_row) as cursor:
        release: dict[str, Any] | None = cursor.execute(
            "select release_id, build_id, tables from ops.release_history where is_current"
        ).fetchone()
    builds = {str(build_id) for (build_id,) in conn.execute("select build_id from ops.build")}
    stated: dict[str, str | None] = dict(
        conn.execute(
            "select nspname::text, obj_description(oid, 'pg_namespace') from pg_namespace "
            "where nspname in ('marts', 'marts_next', 'marts_prev')"
        ).fetchall()
    )
    for schema, build_id in sorted(stated.items()):
        if build_id and build_id not in builds:
            yield f"{schema} is of build {build_id}, of which the ledger knows nothing"
    if release is None:
        if stated.get("marts"):
            yield f"readers see build {stated['marts']}, and no release is current"
        return
    if stated.get("marts") != str(release["build_id"]):
        yield (
            f"readers see build {stated.get('marts')}, the current release {release['release_id']} "
            f"is of build {release['build_id']}"
        )
        return
    yield from _faults_of_tables(conn, release["tables"])


def _faults_of_tables(conn: psycopg.Connection, tables: Mapping[str, int]) -> Iterator[str]:
    found = conn.execute(
        """
        select
            tablename::text,
            array(
                select reader from unnest(%s::text[]) as reader
                where not has_table_privilege(reader, format('marts.%%I', tablename), 'select')
                or not has_schema_privilege(reader, 'marts', 'usage')
            )
        from pg_tables where schemaname = 'marts' order by tablename
        """,
        (list(READERS),),
    ).fetchall()
    for name in sorted(tables.keys() ^ {name for name, _ in found}):
        where = "the current release" if name in tables else "the schema marts"
        yield f"marts.{name}: only {where} has it"
    for name, barred in found:
        row = conn.execute(SQL("select count(*) from {}").format(Identifier("marts", name)))
        (count,) = row.fetchone() or (0,)
        if tables.get(name, count) != count:
            yield f"marts.{name} has {count} rows, it was published with {tables[name]}"
        if barred:
            yield f"marts.{name}: {', '.join(barred)} may not read it"
