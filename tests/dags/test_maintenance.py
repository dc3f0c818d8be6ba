"""What maintenance deletes, what it keeps whatever its age, and how it proves the archive."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from utpadan.agreement import damaged_deliveries
from utpadan.archive import Archive
from utpadan.maintenance import prune
from utpadan.nightly import pull
from utpadan.publish import drop_spare_schemas
from utpadan.settings import Settings
from utpadan.source import load_sources

KEPT = timedelta(days=30)
OLD, OLDER, NEW = 40, 50, 10
"""Days ago: past the retention, and within it."""


@pytest.fixture
def admin(warehouse: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse.admin_url, autocommit=True) as conn:
        yield conn


def judged(conn: psycopg.Connection, suite: str, days_ago: int, **rules: bool) -> uuid.UUID:
    """A run of a suite so many days ago: whether each rule held."""
    run_id = uuid.uuid4()
    for rule, success in rules.items():
        conn.execute(
            """
            insert into ops.check_result (
                run_id, boundary, suite, rule_id, rule, target, expectation, severity, success,
                owner, checked_at
            )
            values (%s, 'staging', %s, %s, '', '', '', 'warning', %s, 'desk', now() - %s)
            """,
            (run_id, suite, rule, success, timedelta(days=days_ago)),
        )
    return run_id


def built(conn: psycopg.Connection, days_ago: int, *, published: bool) -> uuid.UUID:
    build_id, ago = uuid.uuid4(), timedelta(days=days_ago)
    conn.execute(
        """
        insert into ops.model_run (build_id, node, kind, layer, status, seconds, started_at)
        values (%s, 'fct_target', 'model', 'marts', 'success', 1, now() - %s)
        """,
        (build_id, ago),
    )
    conn.execute(
        "insert into ops.build (build_id, models_sha256, loads) values (%s, '', '{}')", (build_id,)
    )
    if published:
        conn.execute(
            "insert into ops.release (build_id, tables, published_at) "
            "values (%s, '{}', now() - %s)",
            (build_id, ago),
        )
    return build_id


def test_results_within_the_retention_stay_and_older_ones_go(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    judged(admin, "policy", OLD, coverage=True, totals=True)
    recent = judged(admin, "policy", NEW, coverage=True)
    newest = judged(admin, "policy", 1, coverage=True)
    assert prune(warehouse, KEPT).check_results == 2
    left = admin.execute("select run_id from ops.check_result order by checked_at").fetchall()
    assert left == [(recent,), (newest,)]


def test_the_newest_run_of_a_suite_stays_whatever_its_age(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    judged(admin, "policy", OLDER, coverage=True)
    judged(admin, "policy", OLD, coverage=True, totals=True)
    judged(admin, "vendors", OLDER, names=True)
    assert prune(warehouse, KEPT).check_results == 1
    left = admin.execute("select suite, rules from ops.gate_status order by suite").fetchall()
    assert left == [("policy", 2), ("vendors", 1)]


def test_a_rule_that_fails_still_is_known_to_fail_since_its_first_day(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    judged(admin, "policy", OLDER + 10, coverage=True)
    judged(admin, "policy", OLDER, coverage=False)
    judged(admin, "policy", OLD, coverage=False)
    judged(admin, "policy", NEW, coverage=False)
    since = "select current_date - first_failed_at::date from ops.open_finding"
    assert admin.execute(since).fetchall() == [(OLDER,)]
    assert prune(warehouse, KEPT).check_results == 2
    assert admin.execute(since).fetchall() == [(OLDER,)]


def test_models_of_the_current_release_stay_whatever_their_age(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    built(admin, OLDER, published=True)
    current = built(admin, OLD, published=True)
    built(admin, OLD, published=False)
    recent = built(admin, NEW, published=False)
    assert prune(warehouse, KEPT).model_runs == 2
    left = admin.execute("select build_id from ops.model_run order by started_at").fetchall()
    assert left == [(current,), (recent,)]


def test_an_archive_that_holds_every_delivery_is_whole(warehouse: Settings) -> None:
    sources = load_sources()
    pull(warehouse, [sources["tdf_projects"], sources["drdo_labs"]])
    assert damaged_deliveries(warehouse) == []


def test_a_lost_and_a_damaged_delivery_are_named_with_what_to_do(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    sources = load_sources()
    pull(warehouse, [sources[name] for name in ("tdf_projects", "drdo_labs", "idex_winners")])
    names: dict[str, str] = dict(
        admin.execute("select source, sha256 from ops.delivery").fetchall()
    )
    with Archive(warehouse.archive_url).open(names["tdf_projects"]) as lost:
        lost.unlink()
    with Archive(warehouse.archive_url).open(names["drdo_labs"]) as damaged:
        damaged.write_bytes(damaged.read_bytes() + b"\n")
    found = sorted(damaged_deliveries(warehouse))
    assert len(found) == 2
    assert found[0].startswith("drdo_labs: ")
    assert f"the bytes of {names['drdo_labs']} are damaged; restore them" in found[0]
    assert found[1].startswith("tdf_projects: ")
    assert f"has no {names['tdf_projects']}; restore the archive" in found[1]


def test_spare_marts_are_dropped_unless_somebody_reads_them(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    with psycopg.connect(warehouse.builder_url, autocommit=True) as conn:
        for schema in ("marts_spare_1", "marts_spare_2"):
            conn.execute(f"create schema {schema}".encode())
            conn.execute(f"create table {schema}.fct_target (value_inr numeric)".encode())
    with psycopg.connect(warehouse.admin_url) as reader:
        reader.execute("select * from marts_spare_1.fct_target")
        assert drop_spare_schemas(warehouse.builder_url) == ["marts_spare_2"]
    assert drop_spare_schemas(warehouse.builder_url) == ["marts_spare_1"]
    assert admin.execute("select to_regnamespace('marts')::text").fetchone() == ("marts",)
