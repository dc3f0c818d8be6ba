"""Facts that catch up from a release before come out as if they had been built anew."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from built_marts import build_models, rows_of
from publishing import audit_marts, build_marts, release
from real_chain import load_everything

from utpadan import publish
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform.base import incremental_models, prepare_marts_next
from utpadan.transform.build import PROJECT

FACT = "fct_export_authorisation"
BUILT_ANEW = """
(table marts_next.fct_export_authorisation except table marts_kept.fct_export_authorisation)
union all
(table marts_kept.fct_export_authorisation except table marts_next.fct_export_authorisation)
"""
SECOND_LOAD = """
create temporary table picked as
select authorisation_id, row_number() over (order by authorisation_id) as number
from staging.exim_export_authorisations where _known_to is null;

-- the first is changed, the second withdrawn, a new one comes
update staging.exim_export_authorisations as version set _known_to = '2030-01-01'
from picked where version.authorisation_id = picked.authorisation_id and picked.number <= 2;

create temporary table coming as
select version.* from staging.exim_export_authorisations as version
inner join picked on version.authorisation_id = picked.authorisation_id and picked.number <= 2;
update coming set
    authorisation_id = case number when 2 then 'EXA-NEW' else coming.authorisation_id end,
    status = 'amended', _load_id = 999, _known_from = '2030-01-01', _known_to = null
from picked where coming.authorisation_id = picked.authorisation_id;
insert into staging.exim_export_authorisations table coming;
"""
TAKEN_BACK = """
delete from staging.exim_export_authorisations where _load_id = 999;
update staging.exim_export_authorisations set _known_to = null where _known_to = '2030-01-01';
"""


def sql(settings: Settings, statements: str) -> None:
    with psycopg.connect(settings.admin_url, autocommit=True) as conn:
        conn.execute(statements.encode())


def start_from(settings: Settings, base: str) -> list[str]:
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        return prepare_marts_next(conn, PROJECT, base)


@pytest.fixture(scope="module")
def first_build(shared_warehouse: Settings) -> Iterator[Settings]:
    """Authorisations as first built, in the schema `marts_before`."""
    sources = load_sources()
    needed = ("exim_export_authorisations", "export_controls")
    load_everything(shared_warehouse, {name: sources[name] for name in needed})
    build_models(shared_warehouse, FACT)
    sql(shared_warehouse, "alter schema marts_next rename to marts_before")
    yield shared_warehouse


def test_a_fact_catches_up_and_a_reverted_load_is_caught_up_too(first_build: Settings) -> None:
    settings = first_build
    version = f"select xmin::text from {FACT} where authorisation_id = %s"
    with psycopg.connect(settings.builder_url, options="-c search_path=marts_before") as conn:
        ids = conn.execute(f"select authorisation_id from {FACT} order by 1".encode()).fetchall()
        (changed,), (withdrawn,), (untouched,) = ids[:3]
        written = conn.execute(version.encode(), (untouched,)).fetchone()

    sql(settings, SECOND_LOAD)
    assert start_from(settings, "marts_before") == [FACT]
    build_models(settings, FACT)
    found = f"select authorisation_id, status, load_id from {FACT} where load_id = 999 order by 1"
    assert rows_of(settings, found) == [(changed, "amended", 999), ("EXA-NEW", "amended", 999)]
    assert rows_of(settings, f"select from {FACT} where authorisation_id = %s", [withdrawn]) == []
    assert rows_of(settings, version, [untouched]) == [written], "a row that stays is not rewritten"
    assert rows_of(settings, f"select count(*) from {FACT}") == [(len(ids),)]
    compare_with_a_full_build(settings)

    sql(settings, TAKEN_BACK)
    assert start_from(settings, "marts_kept") == [FACT]
    build_models(settings, FACT)
    assert rows_of(settings, f"select count(*) from {FACT}") == [(len(ids),)]
    assert rows_of(settings, f"select from {FACT} where load_id = 999") == []
    compare_with_a_full_build(settings)


def compare_with_a_full_build(settings: Settings) -> None:
    """The rows and the keys; afterwards what was caught up is in `marts_kept`."""
    sql(
        settings,
        "set client_min_messages = warning; drop schema if exists marts_kept cascade;"
        "alter schema marts_next rename to marts_kept",
    )
    build_models(settings, FACT)
    assert rows_of(settings, BUILT_ANEW) == []
    keys = """
        select contype, conname from pg_constraint
        where conrelid = %s::regclass and contype <> 'n' order by 1, 2
    """
    ours, anew = (rows_of(settings, keys, [f"{s}.{FACT}"]) for s in ("marts_kept", "marts_next"))
    assert ours == anew
    assert [kind for kind, _ in ours].count("f") == 5


def test_both_registers_of_authorisations_are_incremental() -> None:
    assert incremental_models(PROJECT) == [FACT, "fct_import_authorisation"]


def test_a_table_that_somebody_reads_stays_where_it_is(warehouse: Settings) -> None:
    sql(
        warehouse,
        f"create schema marts_before authorization utpadan_builder; set role utpadan_builder;"
        f"create table marts_before.{FACT} as select 1 as authorisation_id",
    )
    with psycopg.connect(warehouse.admin_url) as reader:
        reader.execute(f"select from marts_before.{FACT}".encode())
        assert start_from(warehouse, "marts_before") == []
    assert start_from(warehouse, "marts_before") == [FACT]


def test_only_spare_marts_of_the_same_models_are_a_base(warehouse: Settings) -> None:
    for number in (1, 2):
        release(warehouse, number)
    assert publish.spare_of(warehouse.builder_url, publish.models_sha256()) is None
    audit_marts(warehouse, build_marts(warehouse, 3))
    publish.publish(warehouse.builder_url)
    spare = publish.spare_of(warehouse.builder_url, publish.models_sha256())
    assert spare is not None and spare.startswith("marts_spare_")
    assert publish.spare_of(warehouse.builder_url, "other models") is None
    assert publish.drop_spare_schemas(warehouse.builder_url, but=spare) == []
    assert publish.drop_spare_schemas(warehouse.builder_url) == [spare]
