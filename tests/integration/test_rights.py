"""Every right on every object, as the server's catalog has it, is one that is declared here.

An object that is new and declared nowhere fails, and so does a right that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from utpadan.settings import Settings
from utpadan.source import Source, load_sources

Rights = dict[str, str]
"""Role → its rights in alphabetical order; a right on single columns names them."""

READERS = ("utpadan_analyst", "utpadan_bi")
ROLES = ("public", "utpadan_loader", "utpadan_builder", *READERS, "utpadan_restricted")
ALL = "delete insert maintain references select trigger truncate update"

ACCEPTING = "insert(accepted,accepted_by,boundary,judged,reason,refusal,subject) select"
ASKED_AGAIN = (
    "check_requests,check_retries,check_seconds,checked_at,confirmed_at,etag,last_modified,"
    "request_sha256"
)
"""Columns of a delivery that a later question to the portal changes."""

LEDGER = {
    "acceptance": {
        "utpadan_analyst": "select",
        "utpadan_builder": ACCEPTING,
        "utpadan_loader": ACCEPTING,
    },
    "build": {"utpadan_builder": "insert select update(audited_at)", "utpadan_loader": "select"},
    "check_result": {
        "utpadan_builder": "delete insert select",
        "utpadan_loader": "insert select",
    },
    "delivery": {
        "utpadan_builder": "select",
        "utpadan_loader": f"insert select update({ASKED_AGAIN})",
    },
    "fetch_error": {"utpadan_builder": "select", "utpadan_loader": "insert select"},
    "load": {
        "utpadan_builder": "select",
        "utpadan_loader": "insert select update(reverted_at,status)",
    },
    "load_load_id_seq": {"utpadan_loader": "usage"},
    "model_run": {"utpadan_builder": "delete insert select", "utpadan_loader": "select"},
    "rejected_row": {"utpadan_loader": "delete insert select update"},
    "release": {
        "utpadan_builder": "delete insert select update(undone_at)",
        "utpadan_loader": "select",
    },
    "release_load": {"utpadan_builder": "delete insert select", "utpadan_loader": "select"},
    "release_release_id_seq": {"utpadan_builder": "usage"},
    "vendor_name_review": {
        "utpadan_analyst": "select",
        "utpadan_builder": "delete insert select",
        "utpadan_loader": "select",
    },
}
"""Tables and sequences of ops; a sequence that is left out is nobody's."""

SHOWN = (
    *("at_work", "build_history", "disk_use", "fetch_history", "gate_status", "load_history"),
    *("model_trend", "open_finding", "rejection", "release_history", "source", "source_health"),
    *("source_status", "unpublished_load"),
)
"""What of ops all but bi read: its views, and the sources' names and owners."""
CALLED = {
    "compare_releases": "utpadan_builder",
    "release_before": "utpadan_builder",
    "statements_at_work": "utpadan_builder",
    "locks_held": "utpadan_analyst utpadan_builder utpadan_loader",
}
"""Functions of ops that are not the loader's."""

RELATIONS = """
select
    nspname, relname, relkind::text, role,
    coalesce(string_agg(privilege, ' ' order by privilege), '')
from pg_class
inner join pg_namespace on pg_namespace.oid = relnamespace
cross join unnest(%(roles)s::text[]) as role
left join lateral (
    select lower(privilege) as privilege
    from unnest(array[
        'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'
    ]) as privilege
    where relkind <> 'S' and has_table_privilege(role, pg_class.oid, privilege)
    union all
    select 'usage' where relkind = 'S' and has_sequence_privilege(role, pg_class.oid, 'USAGE')
    union all
    select format('%%s(%%s)', lower(privilege), string_agg(attname, ',' order by attname))
    from unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) as privilege
    inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where
        relkind <> 'S' and not has_table_privilege(role, pg_class.oid, privilege)
        and has_column_privilege(role, pg_class.oid, attnum, privilege)
    group by privilege
) as held on true
where
    relkind in ('r', 'v', 'm', 'S', 'p', 'f')
    and nspname not like 'pg\\_%%' and nspname <> 'information_schema'
group by nspname, relname, relkind, role
"""
ROUTINES = """
select nspname, proname, string_agg(role, ' ' order by role)
from pg_proc
inner join pg_namespace on pg_namespace.oid = pronamespace
left join unnest(%(roles)s::text[]) as role on has_function_privilege(role, pg_proc.oid, 'EXECUTE')
where nspname not like 'pg\\_%%' and nspname <> 'information_schema'
group by nspname, proname
"""
SCHEMAS = """
select nspname, role, string_agg(lower(privilege), ' ' order by privilege)
from pg_namespace
cross join unnest(%(roles)s::text[]) as role
cross join unnest(array['USAGE', 'CREATE']) as privilege
where
    has_schema_privilege(role, pg_namespace.oid, privilege)
    and nspname not like 'pg\\_%%' and nspname <> 'information_schema'
group by nspname, role
"""
DATABASES = """
select datname, role, string_agg(lower(privilege), ' ' order by privilege)
from pg_database
cross join unnest(%(roles)s::text[]) as role
cross join unnest(array['CONNECT', 'CREATE', 'TEMPORARY']) as privilege
where
    has_database_privilege(role, datname, privilege)
    and datname in (current_database(), 'postgres', 'template1', 'airflow')
group by datname, role
"""


@pytest.fixture(scope="module")
def admin(released: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection whose transaction is rolled back after each use."""
    with psycopg.connect(released.admin_url) as conn:
        yield conn


def found(admin: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return admin.execute(query.encode(), {"roles": list(ROLES)}).fetchall()


def relations(admin: psycopg.Connection[Any]) -> dict[tuple[str, str], Rights]:
    held: dict[tuple[str, str], Rights] = {}
    for schema, name, _, role, rights in found(admin, RELATIONS):
        of_this = held.setdefault((schema, name), {})
        if rights:
            of_this[role] = rights
    return held


def declared(schema: str, name: str, sources: dict[str, Source]) -> Rights | None:
    """The rights on a table, view or sequence; None for one that nobody has declared."""
    if schema == "landing":
        return {"utpadan_loader": ALL}
    if schema == "staging" and name in sources:
        return {"utpadan_loader": ALL, "utpadan_builder": read_of_staging(sources[name])}
    if schema == "prep":
        return {"utpadan_builder": ALL, "utpadan_analyst": "select"}
    if schema == "marts":
        return {"utpadan_builder": ALL, **dict.fromkeys(READERS, "select")}
    if schema in ("marts_next", "marts_prev") or schema.startswith("marts_spare_"):
        return {"utpadan_builder": ALL}
    if schema == "ops" and name in SHOWN:
        return dict.fromkeys(("utpadan_analyst", "utpadan_builder", "utpadan_loader"), "select")
    if schema == "ops" and name.endswith("_seq"):
        return LEDGER.get(name, {})
    return LEDGER.get(name) if schema == "ops" else None


def read_of_staging(source: Source) -> str:
    """All columns but the personal ones, and but the unknown ones beside personal ones."""
    personal = {name for name, column in source.columns.items() if column.personal}
    if not personal:
        return whole_table(source)
    shown = source.columns.keys() - personal
    return f"select({','.join(sorted([*shown, '_load_id', '_line', '_known_from', '_known_to']))})"


def whole_table(source: Source) -> str:
    own = ["_extra", "_load_id", "_line", "_known_from", "_known_to"]
    return f"select({','.join(sorted([*source.columns, *own]))})"


def test_every_role_has_the_declared_rights_on_every_table_view_and_sequence(
    admin: psycopg.Connection[Any],
) -> None:
    sources, held = load_sources(), relations(admin)
    assert len(held) > 200
    wrong = {
        place: (rights, wanted)
        for place, rights in held.items()
        if rights != (wanted := declared(*place, sources))
    }
    assert wrong == {}


def test_routines_are_called_by_those_they_are_for(admin: psycopg.Connection[Any]) -> None:
    callers = {
        "ops": "utpadan_loader",
        "prep": "utpadan_analyst utpadan_builder",
        "marts": "utpadan_analyst utpadan_bi utpadan_builder",
    }
    held = found(admin, ROUTINES)
    assert {schema for schema, _, _ in held} == set(callers)
    assert [row for row in held if row[2] != CALLED.get(row[1], callers[row[0]])] == []


def test_schemas_are_entered_by_those_they_are_for(admin: psycopg.Connection[Any]) -> None:
    held = {(schema, role): rights for schema, role, rights in found(admin, SCHEMAS)}
    owners = {"landing": "loader", "staging": "loader", "prep": "builder", "marts": "builder"}
    owners |= {schema: "builder" for schema, _ in held if schema.startswith("marts_")}
    entered = [("staging", "builder"), ("prep", "analyst"), ("marts", "analyst"), ("marts", "bi")]
    entered += [("ops", role) for role in ("loader", "builder", "analyst")]
    assert held == {
        **{(schema, f"utpadan_{role}"): "create usage" for schema, role in owners.items()},
        **{(schema, f"utpadan_{role}"): "usage" for schema, role in entered},
    }


def test_databases_are_entered_by_those_they_are_for(admin: psycopg.Connection[Any]) -> None:
    held = {(name, role): rights for name, role, rights in found(admin, DATABASES)}
    assert held == {
        (admin.info.dbname, "utpadan_loader"): "connect temporary",
        (admin.info.dbname, "utpadan_builder"): "connect create temporary",
        (admin.info.dbname, "utpadan_analyst"): "connect",
        (admin.info.dbname, "utpadan_bi"): "connect",
    }


def test_there_is_nothing_else_that_a_right_could_be_on(admin: psycopg.Connection[Any]) -> None:
    """No type, large object, extension, foreign server, rule of events or tablespace of our own."""
    (others,) = admin.execute(
        """
        select
            (select count(*) from pg_type where typtype in ('d', 'e', 'm', 'r')
                and typnamespace::regnamespace::text not in ('pg_catalog', 'information_schema'))
            + (select count(*) from pg_class where relkind in ('c', 'f', 'm'))
            + (select count(*) from pg_largeobject_metadata)
            + (select count(*) from pg_extension where extname <> 'plpgsql')
            + (select count(*) from pg_foreign_data_wrapper)
            + (select count(*) from pg_event_trigger)
            + (select count(*) from pg_publication)
            + (select count(*) from pg_tablespace where spcname not like 'pg\\_%')
        """
    ).fetchone() or (None,)
    assert others == 0


@pytest.mark.parametrize(
    ("maker", "schema", "readers"),
    [
        ("utpadan_loader", "landing", []),
        ("utpadan_loader", "staging", []),
        ("utpadan_builder", "prep", ["utpadan_analyst"]),
        ("utpadan_builder", "marts", []),
        ("utpadan_builder", "mine", []),
        ("utpadan_admin", "ops", []),
        ("utpadan_admin", "public", []),
    ],
)
def test_what_is_made_tomorrow_is_nobody_elses(
    admin: psycopg.Connection[Any], maker: str, schema: str, readers: list[str]
) -> None:
    admin.execute(f"set local role {maker}".encode())
    if schema == "mine":
        admin.execute("create schema mine")
    for made in (
        "table {}.tomorrow (id int generated always as identity)",
        "view {}.tomorrow_seen as select 1 as one",
        "function {}.tomorrow_called() returns int language sql return 1",
        "type {}.tomorrow_typed as enum ('a')",
    ):
        admin.execute(f"create {made.format(schema)}".encode())
    admin.execute("reset role")
    rights = relations(admin)
    for name in ("tomorrow", "tomorrow_seen"):
        assert sorted(rights[schema, name].keys() - {maker}) == readers
    assert rights[schema, "tomorrow_id_seq"].keys() <= {maker}
    (called,) = (row[2] for row in found(admin, ROUTINES) if row[1] == "tomorrow_called")
    assert sorted(set((called or "").split()) - {maker}) == readers
    typed = admin.execute(
        f"select has_type_privilege('public', '{schema}.tomorrow_typed', 'usage')".encode()
    ).fetchone()
    admin.rollback()
    assert typed == (False,)
