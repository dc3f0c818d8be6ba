"""Migration: any number of times, by an admin who is no superuser, with the passwords of today."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest
from loading import day, figures, open_desk
from psycopg.sql import SQL, Identifier
from publishing import as_read, release

from utpadan import migrate as module
from utpadan.local.home import Home
from utpadan.migrate import MigrationError, migrate
from utpadan.settings import Settings

ROLES = ("utpadan_loader", "utpadan_builder", "utpadan_analyst", "utpadan_bi")
NAMES = ("admin", "loader", "builder", "analyst", "bi")
STRUCTURE = """
select n.nspname, c.relname, c.relkind::text, c.relacl::text, pg_get_userbyid(c.relowner)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('landing', 'staging', 'ops', 'prep', 'marts')
union all
select nspname, '', 'schema', nspacl::text, pg_get_userbyid(nspowner) from pg_namespace
union all
select 'function', proname, prosrc, proacl::text, pg_get_userbyid(proowner)
from pg_proc where pronamespace = 'ops'::regnamespace
union all
select 'default', defaclobjtype::text, '', defaclacl::text, pg_get_userbyid(defaclrole)
from pg_default_acl
union all
select 'role', r.rolname, '', s.setconfig::text, ''
from pg_roles r left join pg_db_role_setting s on s.setrole = r.oid
order by 1, 2, 3, 4
"""


def with_url(settings: Settings, role: str, **parts: str) -> Settings:
    """The settings with another user, password or query in the URL of a role."""
    urls = {name: getattr(settings, f"{name}_url") for name in NAMES}
    old = urlsplit(urls[role])
    user, password = parts.get("user", old.username), parts.get("password", old.password)
    netloc = f"{user}:{password}@{old.hostname}:{old.port}"
    urls[role] = old._replace(netloc=netloc, query=parts.get("query", old.query)).geturl()
    environment = {f"UTPADAN_{name.upper()}_URL": url for name, url in urls.items()}
    return Settings.load({"UTPADAN_HOME": str(settings.home), **environment})


def test_a_second_migration_changes_nothing(warehouse: Settings) -> None:
    with open_desk(warehouse) as desk, psycopg.connect(warehouse.admin_url) as admin:
        desk.load(figures(), b"year,sector,value\n2023-24,,1\n", day(1))
        release(warehouse, 1)
        before, staging = admin.execute(STRUCTURE).fetchall(), desk.bytes_of(figures())
        admin.rollback()
        migrate(warehouse)
        assert admin.execute(STRUCTURE).fetchall() == before
        assert desk.bytes_of(figures()) == staging
        assert as_read(warehouse.bi_url) == 1


def test_several_migrations_at_once_follow_each_other(warehouse: Settings) -> None:
    with ThreadPoolExecutor(3) as pool:
        for attempt in [pool.submit(migrate, warehouse) for _ in range(3)]:
            attempt.result(60)


def test_a_server_that_is_too_old_is_refused_before_anything_is_done(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OLDEST_SERVER", 99)
    monkeypatch.setattr(module, "SQL_FOLDER", warehouse.home / "there is none")
    with pytest.raises(MigrationError, match=r"the server runs Postgres \d+, .* needs 99 or newer"):
        migrate(warehouse)


def test_a_migration_that_fails_leaves_the_warehouse_as_it_was(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = warehouse.home / "sql"
    folder.mkdir()
    (folder / "010_one.sql").write_text("create table ops.one (id int);", encoding="utf-8")
    (folder / "020_two.sql").write_text("create table ops.two (id nonsense);", encoding="utf-8")
    monkeypatch.setattr(module, "SQL_FOLDER", folder)
    with pytest.raises(psycopg.errors.UndefinedObject, match="nonsense"):
        migrate(warehouse)
    with psycopg.connect(warehouse.admin_url) as admin:
        assert admin.execute("select to_regclass('ops.one')").fetchone() == (None,)


def test_a_new_password_in_a_url_is_the_password_after_the_migration(warehouse: Settings) -> None:
    renewed = with_url(warehouse, "bi", password="new%20%27%2F%40%3A")
    try:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(renewed.bi_url)
        migrate(renewed)
        psycopg.connect(renewed.bi_url).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(warehouse.bi_url)
    finally:
        migrate(warehouse)
    psycopg.connect(warehouse.bi_url).close()


def test_no_log_of_statements_holds_a_password(server: Settings, warehouse: Settings) -> None:
    log = Home(server.home).log("postgres")
    before = log.stat().st_size
    migrate(with_url(warehouse, "admin", query="options=-c%20log_statement%3Dall"))
    written = log.read_bytes()[before:].decode()
    assert written.count("SCRAM-SHA-256$4096:") == 4
    passwords = [urlsplit(getattr(warehouse, f"{role}_url")).password for role in NAMES]
    assert [password for password in passwords if str(password) in written] == []


def test_a_url_without_a_password_is_refused_by_the_name_of_its_setting(
    warehouse: Settings,
) -> None:
    with pytest.raises(MigrationError, match=r"^UTPADAN_BI_URL names no role or no password"):
        migrate(with_url(warehouse, "bi", password=""))


@pytest.fixture
def of_a_limited_admin(server: Settings, warehouse: Settings) -> Iterator[Settings]:
    """An empty database whose owner may create roles and has created those of the warehouse."""
    name = "warehouse_of_a_limited_admin"
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute("create role limited_admin login createrole password 'limited'")
        for role in ROLES:
            conn.execute(
                SQL("grant {} to limited_admin with admin true, inherit false, set false").format(
                    Identifier(role)
                )
            )
        conn.execute(SQL("create database {} owner limited_admin").format(Identifier(name)))
        settings = with_url(server, "admin", user="limited_admin", password="limited")
        urls = {
            f"UTPADAN_{role}_URL": urlsplit(url)._replace(path=f"/{name}").geturl()
            for role, url in (
                ("ADMIN", settings.admin_url),
                ("LOADER", settings.loader_url),
                ("BUILDER", settings.builder_url),
                ("ANALYST", settings.analyst_url),
                ("BI", settings.bi_url),
            )
        }
        yield Settings.load({"UTPADAN_HOME": str(warehouse.home), **urls})
        conn.execute(SQL("drop database {} with (force)").format(Identifier(name)))
        conn.execute("drop role limited_admin")


def test_the_admin_need_not_be_a_superuser(of_a_limited_admin: Settings) -> None:
    migrate(of_a_limited_admin)
    migrate(of_a_limited_admin)
    with open_desk(of_a_limited_admin) as desk:
        desk.load(figures(), b"year,sector,value\n2023-24,,1\n", day(1))
    release(of_a_limited_admin, 1)
    assert as_read(of_a_limited_admin.bi_url) == 1
