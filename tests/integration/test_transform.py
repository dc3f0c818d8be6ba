"""Builds by the real dbt in a real Postgres: the project itself, and small ones with its macros."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from publishing import as_read, release
from small_dbt import add_checked, add_mart, by_name, small_project

from utpadan import health, publish
from utpadan.load import ensure_staging
from utpadan.publish import PublishError
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import BuildFailed, BuildResult, BuildRunning, Layer, build
from utpadan.transform.process import Dbt

DIM = "select 1 as dim_id, 'one' as name union all select 2, 'two'"
FCT = "select 10 as fct_id, 1 as dim_id union all select 11, null"
DIM_KEYS = [{"type": "primary_key", "columns": ["dim_id"]}]
FCT_KEYS = [
    {"type": "primary_key", "columns": ["fct_id"]},
    {"type": "unique", "columns": ["fct_id", "dim_id"]},
    {
        "type": "foreign_key",
        "columns": ["dim_id"],
        "to": "ref('zz_dim')",
        "to_columns": ["dim_id"],
    },
]
ONE_FCT_A_DIM = {"type": "unique", "columns": ["dim_id"]}
DIM_COLUMNS = {"dim_id": "integer", "name": "text"}
FCT_COLUMNS = {"fct_id": "integer", "dim_id": "integer"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


def admin(warehouse: Settings) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(warehouse.admin_url, autocommit=True)


def keys_of(conn: psycopg.Connection[tuple[Any, ...]], table: str) -> set[str]:
    query = (
        "select conname || ': ' || pg_get_constraintdef(oid) from pg_constraint "
        "where conrelid = %s::regclass and contype <> 'n'"
    )
    return {row[0] for row in conn.execute(query, (table,))}


def test_keys_stand_on_the_marts_and_a_dimension_is_built_before_what_refers_to_it(
    warehouse: Settings, project: Path
) -> None:
    add_mart(project, "aa_fct", FCT, FCT_COLUMNS, FCT_KEYS)
    add_mart(project, "zz_dim", DIM, DIM_COLUMNS, DIM_KEYS, "name")
    result = build(warehouse, {}, project=project)
    assert [node.row_count for node in result.nodes] == [2, 2]
    with admin(warehouse) as conn:
        assert keys_of(conn, "marts_next.zz_dim") == {"zz_dim_pkey: PRIMARY KEY (dim_id)"}
        assert keys_of(conn, "marts_next.aa_fct") == {
            "aa_fct_pkey: PRIMARY KEY (fct_id)",
            "aa_fct_fct_id_dim_id_key: UNIQUE NULLS NOT DISTINCT (fct_id, dim_id)",
            "aa_fct_dim_id_fkey: FOREIGN KEY (dim_id) REFERENCES marts_next.zz_dim(dim_id)",
        }


def test_a_fact_that_is_kept_gets_its_foreign_key_back_when_a_dimension_is_rebuilt(
    warehouse: Settings, project: Path
) -> None:
    kept = "{{ config(materialized='incremental', on_schema_change='fail') }}\n"
    add_mart(project, "aa_fct", kept + FCT + " limit 0", FCT_COLUMNS, FCT_KEYS)
    add_mart(project, "zz_dim", DIM, DIM_COLUMNS, DIM_KEYS)
    build(warehouse, {}, project=project)
    assert Dbt(project, warehouse.home / "dbt", warehouse.builder_url).run(["build"]) == 0
    with admin(warehouse) as conn:
        assert (
            "aa_fct_dim_id_fkey: FOREIGN KEY (dim_id) REFERENCES marts_next.zz_dim(dim_id)"
            in keys_of(conn, "marts_next.aa_fct")
        )


@pytest.fixture
def broken(warehouse: Settings, project: Path) -> BuildFailed:
    """A build in which every kind of key is broken once, after a release."""
    release(warehouse, 1)
    add_mart(project, "zz_dim", DIM, DIM_COLUMNS, DIM_KEYS, "name")
    add_mart(project, "a_repeats", "select 1 as dim_id, 'x' as name union all select 1, 'y'",
             DIM_COLUMNS, DIM_KEYS)  # fmt: skip
    add_mart(project, "a_again", FCT.replace("null", "1"), FCT_COLUMNS, [ONE_FCT_A_DIM])
    add_mart(project, "b_dangles", "select 10 as fct_id, 3 as dim_id", FCT_COLUMNS, FCT_KEYS)
    add_mart(project, "c_lacks", "select 1 as dim_id, null as name", DIM_COLUMNS, DIM_KEYS, "name")
    add_mart(project, "d_differs", "select 1 as dim_id, 2 as name", DIM_COLUMNS, DIM_KEYS)
    add_mart(project, "e_follows", "select * from {{ ref('a_repeats') }}", DIM_COLUMNS, DIM_KEYS)
    with pytest.raises(BuildFailed) as failure:
        build(warehouse, {}, project=project)
    return failure.value


def test_a_broken_key_stops_the_build_names_the_value_and_releases_nothing(
    warehouse: Settings, broken: BuildFailed
) -> None:
    nodes = by_name(broken.nodes)
    assert "Key (dim_id)=(1) is duplicated." in (nodes["a_repeats"].message or "")
    assert "Key (dim_id)=(1) is duplicated." in (nodes["a_again"].message or "")
    assert 'Key (dim_id)=(3) is not present in table "zz_dim"' in (nodes["b_dangles"].message or "")
    assert 'null value in column "name"' in (nodes["c_lacks"].message or "")
    assert "This model has an enforced contract that failed" in (nodes["d_differs"].message or "")
    assert nodes["e_follows"].status == "skipped"
    assert nodes["zz_dim"].status == "success"
    assert str(broken).startswith("5 of 7 nodes failed, 1 were skipped for it.")
    with admin(warehouse) as conn:
        query = "select node, status, message from ops.model_run where build_id = %s"
        recorded = {row[0]: row[1:] for row in conn.execute(query, (broken.build_id,))}
    assert recorded == {node.node: (node.status, node.message) for node in broken.nodes}
    with pytest.raises(PublishError, match="there is no whole marts_next"):
        publish.publish(warehouse.builder_url)
    assert as_read(warehouse.bi_url) == 1, "readers keep the release they have"


def test_a_project_that_dbt_cannot_read_fails_with_dbts_own_words(
    warehouse: Settings, project: Path
) -> None:
    add_mart(project, "zz_dim", "select * from {{ ref('nowhere') }}", DIM_COLUMNS, DIM_KEYS)
    with pytest.raises(BuildFailed, match="depends on a node named 'nowhere'") as failure:
        build(warehouse, {}, project=project)
    assert failure.value.exit_code == 2
    (itself,) = failure.value.nodes
    assert (itself.node, itself.status) == ("dbt", "error")
    (problem,) = [one for one in health.look(warehouse).problems if "build" in one.what]
    assert problem.what == "the newest build failed"
    assert "1 of 1 node failed or were skipped (dbt)" in problem.reason


def test_a_second_build_is_refused_while_one_runs(warehouse: Settings, project: Path) -> None:
    with psycopg.connect(warehouse.builder_url) as other:
        other.execute("select pg_advisory_lock(hashtextextended('utpadan.build', 0))")
        with pytest.raises(BuildRunning, match="another build is running"):
            build(warehouse, {}, project=project)


def test_an_interrupted_build_leaves_no_dbt_behind(warehouse: Settings, project: Path) -> None:
    add_mart(project, "zz_dim", DIM, DIM_COLUMNS, DIM_KEYS)
    slow = "select 1 as dim_id, cast(pg_sleep(60) as text) as name"
    add_mart(project, "zz_slow", slow, DIM_COLUMNS, DIM_KEYS)
    add_checked(project, "first", "select 1 as a", {"grain": {"columns": ["a"]}})

    def interrupt(_: Layer) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(warehouse, {}, interrupt, project=project)
    with admin(warehouse) as conn:
        query = """
            select count(*) from pg_stat_activity
            where usename = 'utpadan_builder' and datname = current_database()
        """
        assert conn.execute(query).fetchone() == (0,)


@pytest.fixture
def built(warehouse: Settings) -> tuple[BuildResult, list[Layer]]:
    """The real project, with its unit tests, on staging tables that are still empty."""
    sources, layers = load_sources(), list[Layer]()
    with psycopg.connect(warehouse.loader_url) as conn:
        ensure_staging(conn, sources.values())
    with admin(warehouse) as conn:
        conn.execute("create schema marts_next authorization utpadan_builder")
        conn.execute("create table marts_next.left_over ()")
    return build(warehouse, sources, layers.append, unit_tests=True), layers


PERIODS = {
    "2024-25": ("2024-04-01", "2025-04-01"),
    "FY1999-00": ("1999-04-01", "2000-04-01"),
    "FY2011-15": ("2011-04-01", "2015-04-01"),
    "2011-12 to 2014-15": ("2011-04-01", "2015-04-01"),
    "2022-23 H1": ("2022-04-01", "2022-10-01"),
    "2021-22 H2": ("2021-10-01", "2022-04-01"),
    "FY2024-25 Q1": ("2024-04-01", "2024-07-01"),
    "2025-26 Q4": ("2026-01-01", "2026-04-01"),
    "FY2019-20 to 2019-12-31": ("2019-04-01", "2020-01-01"),
    "2018-04 to 2018-09": ("2018-04-01", "2018-10-01"),
    "2018-19 to 2021-12": ("2018-04-01", "2022-01-01"),
    "2014 to 2018": ("2014-01-01", "2019-01-01"),
    "2015-12": ("2015-12-01", "2016-01-01"),
    "2024": ("2024-01-01", "2025-01-01"),
    "2024-02-29": ("2024-02-29", "2024-03-01"),
}
NO_PERIODS = ("target 2029", "2024-25 Q5", "2024-25 H3", "FY24", "2018-30", "31-03-2025")


def test_the_project_builds_on_empty_staging_without_a_warning(
    warehouse: Settings, built: tuple[BuildResult, list[Layer]]
) -> None:
    result, layers = built
    assert result.warnings == ()
    assert {"seeds", "staging", "intermediate", "marts", "tests", "unit tests"} <= {
        layer.name for layer in layers
    }
    with admin(warehouse) as conn:
        assert_reference_marts(conn)
        assert_periods(conn)
    manifest = json.loads((warehouse.home / "dbt/target/manifest.json").read_bytes())
    assert list(missing_in_marts(manifest["nodes"].values())) == []


def assert_reference_marts(conn: psycopg.Connection[tuple[Any, ...]]) -> None:
    def one(query: str) -> tuple[Any, ...] | None:
        return conn.execute(f"select {query}").fetchone()

    tables = "from pg_tables where schemaname = 'marts_next' and tablename = 'left_over'"
    assert one(f"count(*) {tables}") == (0,)
    # 1 April 2000 to 31 March 2040: 40 years of 365 days, and the leap days of 2004, 2008 … 2040.
    assert one("count(*) from marts_next.dim_date") == (14610,)
    last_day = (
        "fy_label, fiscal_quarter, fiscal_month, day_name, cast(fy_start_date as text) "
        "from marts_next.dim_date where date_day = "
    )
    assert one(f"{last_day} '2025-03-31'") == ("2024-25", 4, 12, "Monday", "2024-04-01")
    assert one(f"{last_day} '2025-04-01'") == ("2025-26", 1, 1, "Tuesday", "2025-04-01")
    assert one(
        "fy_label, cast(fy_end_date as text), fy_end_year from marts_next.dim_fiscal_year "
        "where fy_start_date = '1999-04-01'"
    ) == ("1999-00", "2000-04-01", 2000)
    assert one("count(*) from marts_next.dim_country") == (249,)
    assert one("count(*) from marts_next.dim_technology_domain where is_consultation_2025") == (8,)


def assert_periods(conn: psycopg.Connection[tuple[Any, ...]]) -> None:
    query = "select cast(prep.period_from(%s) as text), cast(prep.period_to(%s) as text)"
    read = {text: conn.execute(query, (text, text)).fetchone() for text in PERIODS}
    assert read == PERIODS
    for text in NO_PERIODS:
        with pytest.raises(psycopg.DataError):
            conn.execute("select prep.period_to(%s)", (text,))


def missing_in_marts(nodes: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What the conventions ask of every mart and a mart does not have."""
    numbers = ("int", "numeric", "double", "decimal", "real")
    for mart in nodes:
        if mart["resource_type"] != "model" or mart["fqn"][1] != "marts":
            continue
        if "primary_key" not in {key["type"] for key in mart["constraints"]}:
            yield f"{mart['name']}: a primary key"
        for name, column in mart["columns"].items():
            if not column["description"]:
                yield f"{mart['name']}.{name}: a description"
            is_number = any(word in column["data_type"] for word in numbers)
            if is_number and not column["config"]["meta"].get("unit"):
                yield f"{mart['name']}.{name}: a unit"
