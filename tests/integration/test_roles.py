"""What each role may see and do, and that it may nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from loading import contract, day, open_desk
from publishing import release

from utpadan.settings import Settings

PEOPLE = contract(
    {
        "name": {"type": "text", "required": True},
        "email": {"type": "text", "personal": True},
    },
    name="people",
)
DENIED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)

ACCEPT = (
    "insert into ops.acceptance "
    "(boundary, subject, judged, accepted, refusal, accepted_by, reason) "
    "values ('{}', 'people', '{{}}', '{{}}', 'refused', 'asha', 'because it is right')"
)

ROLES = ("loader", "builder", "analyst", "bi")
MAY = {
    "select name from staging.people": ("loader", "builder"),
    "select email from staging.people": ("loader",),
    "select _extra from staging.people": ("loader",),
    "select _load_id, _line, _known_from, _known_to from staging.people": ("loader", "builder"),
    "select * from staging.people": ("loader",),
    "select ops.read_integer('1')": ("loader",),
    "update staging.people set name = 'x'": ("loader",),
    "insert into staging.people (name) values ('y')": ("loader",),
    "delete from staging.people": ("loader",),
    "drop table staging.people cascade": ("loader",),
    "create table staging.more (id int)": ("loader",),
    "create table landing.more (id int)": ("loader",),
    "select name from prep.stg_people": ("builder", "analyst"),
    "select id from prep.by_hand": ("builder", "analyst"),
    "insert into prep.by_hand values (1)": ("builder",),
    "create table prep.more (id int)": ("builder",),
    "drop view prep.stg_people": ("builder",),
    "select number from marts.fct_two": ("builder", "analyst", "bi"),
    "select number from marts_prev.fct_two": ("builder",),
    "update marts.fct_two set number = 5": ("builder",),
    "truncate marts.fct_two": ("builder",),
    "create table marts.more (id int)": ("builder",),
    "alter schema marts rename to mine": ("builder",),
    "create schema mine": ("builder",),
    "select from ops.load": ("loader", "builder"),
    "insert into ops.load select * from ops.load where false": ("loader",),
    "update ops.load set status = 'reverted'": ("loader",),
    "update ops.load set message = 'x'": (),
    "delete from ops.load where false": (),
    "update ops.delivery set checked_at = now()": ("loader",),
    "update ops.delivery set etag = 'x'": ("loader",),
    "update ops.delivery set sha256 = 'x'": (),
    "select row from ops.rejected_row": ("loader",),
    "delete from ops.rejected_row": ("loader",),
    "select source from ops.rejection": ROLES[:3],
    "select source from ops.source_status": ROLES[:3],
    "select suite from ops.gate_status": ROLES[:3],
    "select suite from ops.open_finding": ROLES[:3],
    "select release_id from ops.release_history": ROLES[:3],
    "select source from ops.source_health": ROLES[:3],
    "select work from ops.at_work": ROLES[:3],
    "update ops.source set owner = 'me'": (),
    "select vendor_name from ops.vendor_name_review": ROLES[:3],
    "delete from ops.vendor_name_review where false": ("builder",),
    "select from ops.check_result": ("loader", "builder"),
    "select reason from ops.acceptance": ROLES[:3],
    ACCEPT.format("load"): ("loader",),
    ACCEPT.format("staging"): ("loader",),
    ACCEPT.format("marts"): ("builder",),
    "insert into ops.acceptance (accepted_at) values ('2020-01-01')": (),
    "insert into ops.acceptance (session_role) values ('somebody else')": (),
    "update ops.acceptance set reason = 'because it is right'": (),
    "delete from ops.acceptance": (),
    "truncate ops.acceptance": (),
    "delete from ops.release": ("builder",),
    "update ops.release set undone_at = now()": ("builder",),
    "update ops.build set audited_at = now()": ("builder",),
    "update ops.build set loads = '{}'": (),
    "drop table ops.load": (),
    "create table ops.more (id int)": (),
    "create table public.more (id int)": (),
    "create temporary table mine (id int)": ("loader", "builder"),
    "create function pg_temp.mine() returns int language sql return 1": ("loader", "builder"),
    "select pg_try_advisory_xact_lock(1)": ("loader", "builder"),
    "select pg_advisory_lock_shared(1, 2)": ("loader", "builder"),
    "select lo_create(0)": (),
    "select lo_from_bytea(0, 'x')": (),
    "select pg_logical_emit_message(false, 'a', 'b')": (),
    "set log_error_verbosity = verbose": (),
    "set session_replication_role = replica": (),
    "grant utpadan_restricted to utpadan_bi": (),
    "create role anybody": (),
    "alter role utpadan_admin password 'guessed'": (),
    "set role utpadan_admin": (),
    "set role utpadan_loader": ("loader",),
    "select pg_read_file('/etc/hostname')": (),
    "copy (select 1) to program 'true'": (),
}


def url_of(settings: Settings, role: str) -> str:
    return str(getattr(settings, f"{role}_url"))


@pytest.fixture(scope="module")
def peopled(shared_warehouse: Settings) -> Iterator[Settings]:
    """A person in staging, a rejected one, a view and a table in prep, two releases."""
    with open_desk(shared_warehouse) as desk:
        rows = b"name,email\nAsha Udaharan,asha@example.org\n,nobody@example.org\n"
        desk.load(PEOPLE, rows, day(1))
        release(shared_warehouse, 1)
        release(shared_warehouse, 2)
    with psycopg.connect(shared_warehouse.builder_url, autocommit=True) as builder:
        builder.execute("create view prep.stg_people as select name from staging.people")
        builder.execute("create table prep.by_hand (id int)")
    yield shared_warehouse


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", MAY)
def test_a_role_may_do_what_it_is_for_and_nothing_else(
    peopled: Settings, statement: str, role: str
) -> None:
    with psycopg.connect(url_of(peopled, role)) as conn:
        try:
            conn.execute(statement.encode())
            allowed = True
        except DENIED:
            allowed = False
        conn.rollback()
    assert allowed == (role in MAY[statement])


@pytest.mark.parametrize("role", ["analyst", "bi"])
def test_a_reader_can_write_nowhere_even_if_it_asks_to(peopled: Settings, role: str) -> None:
    with psycopg.connect(url_of(peopled, role)) as conn:
        conn.execute("set transaction read write")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("update marts.fct_two set number = 0")


@pytest.mark.parametrize(
    ("role", "timeout", "path"),
    [("bi", "1min", "marts"), ("analyst", "15min", "marts, prep, ops")],
)
def test_readers_have_a_time_limit_and_find_marts_without_a_schema(
    peopled: Settings, role: str, timeout: str, path: str
) -> None:
    with psycopg.connect(url_of(peopled, role)) as conn:
        assert conn.execute("show statement_timeout").fetchone() == (timeout,)
        assert conn.execute("show search_path").fetchone() == (path,)
        assert conn.execute("show transaction_read_only").fetchone() == ("on",)
        assert conn.execute("select number from fct_two").fetchone() == (2,)


def test_no_reason_that_analysts_see_holds_personal_data(peopled: Settings) -> None:
    with psycopg.connect(peopled.analyst_url) as conn:
        rows = conn.execute("select line, reasons from ops.rejection").fetchall()
    assert rows == [(3, ["name: required, but empty"])]


@pytest.mark.parametrize("role", ["admin", *ROLES])
def test_nobody_comes_in_with_a_wrong_password_or_without_one(peopled: Settings, role: str) -> None:
    parts = urlsplit(url_of(peopled, role))
    for password in (":wrong@", "@"):
        place = f"{parts.hostname}:{parts.port}"
        url = parts._replace(netloc=f"{parts.username}{password}{place}").geturl()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url, connect_timeout=10, passfile="/dev/null")


def test_roles_are_no_more_than_roles(peopled: Settings) -> None:
    with psycopg.connect(peopled.admin_url) as conn:
        rows = conn.execute(
            "select rolname from pg_roles where rolname like 'utpadan\\_%' and "
            "rolname <> 'utpadan_admin' and (rolsuper or rolcreaterole or rolcreatedb "
            "or rolreplication or rolbypassrls)"
        ).fetchall()
        members = conn.execute(
            "select member::regrole::text, roleid::regrole::text from pg_auth_members "
            "where member::regrole::text = any(%s)",
            ([f"utpadan_{role}" for role in ROLES],),
        ).fetchall()
        limits = conn.execute(
            "select rolname, rolconnlimit from pg_roles where rolconnlimit >= 0 order by 1"
        ).fetchall()
    assert (rows, members) == ([], [("utpadan_builder", "utpadan_restricted")])
    assert limits == [("utpadan_analyst", 20), ("utpadan_bi", 50)]


def test_no_reader_can_hold_the_nightly_up_by_a_lock(peopled: Settings) -> None:
    """A lock of a name that is free is what a load, a build and a publish wait for."""
    for reader in (peopled.analyst_url, peopled.bi_url):
        with (
            psycopg.connect(reader, autocommit=True) as conn,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            conn.execute("select pg_advisory_lock(hashtextextended('utpadan.publish', 0))")
    release(peopled, 3)


def test_nobody_is_known_by_another_method_than_scram(peopled: Settings) -> None:
    with psycopg.connect(peopled.admin_url) as conn:
        rules = conn.execute(
            "select type, address, auth_method, error from pg_hba_file_rules"
        ).fetchall()
        stored = conn.execute(
            "select count(*) from pg_authid where rolcanlogin and rolpassword is not null "
            "and rolpassword not like 'SCRAM-SHA-256$%'"
        ).fetchone()
        listens = conn.execute(
            "select current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        ).fetchone()
    assert rules == [("host", "127.0.0.1", "scram-sha-256", None)]
    assert stored == (0,)
    assert listens == ("127.0.0.1", "")


@pytest.mark.parametrize("method", ["password", "md5", "none"])
def test_a_client_that_insists_on_another_method_is_not_served(
    peopled: Settings, method: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="authentication method requirement"):
        psycopg.connect(peopled.bi_url, require_auth=method, connect_timeout=10)
