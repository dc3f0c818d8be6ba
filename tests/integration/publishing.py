"""Small marts of a test's own: built, audited and published without dbt and GX."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from utpadan import ledger, publish
from utpadan.migrate import migrate
from utpadan.publish import Release
from utpadan.settings import Settings


def withdraw_all(settings: Settings) -> None:
    """The warehouse as migrated: no load, no build, no release, empty marts."""
    with psycopg.connect(settings.admin_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        conn.execute("delete from ops.release; delete from ops.build; delete from ops.load")
        for name in schemas(settings):
            conn.execute(SQL("drop schema {} cascade").format(Identifier(name)))
    migrate(settings)


def build_marts(settings: Settings, number: int) -> UUID:
    """A whole `marts_next` of two tables that both hold just this number, not audited yet."""
    build_id = uuid4()
    publish.drop_spare_schemas(settings.builder_url)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        conn.execute("drop schema if exists marts_next cascade; create schema marts_next")
        for name in ("dim_one", "fct_two"):
            conn.execute(f"create table marts_next.{name} as select {number} as number".encode())
            conn.execute(f"alter table marts_next.{name} add primary key (number)".encode())
        loads = ledger.newest_loads(conn)
        ledger.record_build(conn, build_id, publish.models_sha256(), loads)
    return build_id


def audit_marts(settings: Settings, build_id: UUID) -> None:
    """The gate passes the build."""
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        ledger.mark_audited(conn, build_id, passed=True)


def release(settings: Settings, number: int) -> Release:
    """Build, audit and publish marts that hold this number."""
    audit_marts(settings, build_marts(settings, number))
    return publish.publish(settings.builder_url)


def as_read(url: str) -> int:
    """The number that a reader finds in the marts."""
    with psycopg.connect(url) as conn:
        row = conn.execute("select number from marts.fct_two").fetchone()
    assert row is not None
    return int(row[0])


def schemas(settings: Settings) -> list[str]:
    """The schemas of marts there are."""
    with psycopg.connect(settings.admin_url) as conn:
        rows = conn.execute(
            "select nspname from pg_namespace where nspname like 'marts%' order by 1"
        )
        return [name for (name,) in rows]
