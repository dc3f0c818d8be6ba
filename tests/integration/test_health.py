"""What the warehouse says of its own state: to people, to scripts, to analysts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from command import environment, plain
from loading import Desk, figures, open_desk
from publishing import release, withdraw_all
from typer.testing import CliRunner, Result

from utpadan import health, ledger
from utpadan.cli import app
from utpadan.load import LoadRefused
from utpadan.settings import Settings
from utpadan.source import SameAsFetch
from utpadan.transform.results import BROKEN

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOOD, WORSE, BAD = (
    b"year,sector,value\n2023-24,,1\n",
    b"year,sector,value\n2023-24,,1\n2024-25,,many\n",
    b"year,sector,value\n2023-24,,none\n",
)
SOURCES = {
    name: figures(name=name, owner=f"{name}-desk")
    for name in ("well", "rejects", "refused", "down", "unknown", "late", "waiting")
} | {
    "silent": figures(name="silent", freshness_days=30),
    "carried": figures(name="carried", fetch=SameAsFetch(kind="same_as", source="down")),
}
PROBLEMS = {
    "well": None,
    "rejects": None,
    "refused": ("refused", "1 of 1 rows are rejected (100.0%), more than max_bad_share 99.0%"),
    "down": ("not fetched", "the portal answers 503"),
    "carried": ("not fetched", "the portal answers 503"),
    "unknown": ("never asked", "`utpadan ingest unknown` asks it"),
    "late": ("not asked", "`utpadan ingest late` does"),
    "waiting": ("not loaded", "`utpadan ingest waiting` loads it"),
    "silent": ("silent", "its contract expects something every 30 days"),
}

SPENT = {"requests": 1, "retries": 0, "seconds": 0.1}


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def desk(shared_warehouse: Settings, now: datetime) -> Iterator[Desk]:
    """Sources of which each but two has another trouble; a release from before all of it."""
    withdraw_all(shared_warehouse)
    with psycopg.connect(shared_warehouse.admin_url) as conn:
        ledger.record_sources(conn, SOURCES)
    with open_desk(shared_warehouse) as desk:
        for name in ("well", "refused", "down", "carried"):
            desk.load(SOURCES[name], GOOD, now - DAY)
        desk.load(SOURCES["late"], GOOD, now - 27 * HOUR)
        desk.load(SOURCES["silent"], GOOD, now - 31 * DAY)
        release(shared_warehouse, 1)
        desk.load(SOURCES["rejects"], WORSE, now - 5.5 * HOUR)
        with pytest.raises(LoadRefused):
            desk.load(SOURCES["refused"], BAD, now - HOUR)
        desk.deliver(SOURCES["waiting"], GOOD, now - 3 * HOUR)
        desk.conn.execute("update ops.delivery set checked_at = fetched_at")
        ledger.record_check(desk.conn, "silent", SPENT)
        ledger.record_fetch_error(desk.conn, "well", "it was down, and answers again", SPENT)
        ledger.record_check(desk.conn, "well", SPENT)
        ledger.record_fetch_error(desk.conn, "down", "down: GET x: the portal answers 503", SPENT)
        yield desk


@pytest.fixture(scope="module")
def found(desk: Desk) -> health.Health:
    return health.look(desk.settings)


def status(settings: Settings, *arguments: str, columns: int = 80) -> Result:
    variables = {**environment(settings), "COLUMNS": str(columns)}
    return CliRunner().invoke(app, ["status", *arguments], env=variables)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_shows_its_trouble_with_the_reason_and_what_to_do(
    found: health.Health, name: str
) -> None:
    (row,) = [row for row in found.sources if row["source"] == name]
    problem, reason = PROBLEMS[name] or (None, "")
    assert row["problem"] == problem
    assert reason in (row["reason"] or "")


def test_a_problem_names_its_owner_and_its_age(found: health.Health, now: datetime) -> None:
    (refused,) = [one for one in found.problems if one.what == "refused: refused"]
    assert (refused.owner, refused.since) == ("refused-desk", now - HOUR)
    (silent,) = [one for one in found.problems if one.what == "silent: silent"]
    assert silent.since == now - DAY  # 30 days after the delivery of 31 days ago


def test_sources_that_nobody_asked_are_one_problem_of_the_nightly(
    found: health.Health, now: datetime
) -> None:
    (unasked,) = [one for one in found.problems if "not asked" in one.what]
    assert unasked.what == "2 sources: not asked"
    assert unasked.since == now - 27 * HOUR


def test_rejected_rows_and_loads_in_no_release_are_shown_and_need_nobody_yet(
    found: health.Health,
) -> None:
    assert [(row["source"], row["rows_rejected"]) for row in found.rejects] == [
        ("refused", 1),
        ("rejects", 1),
    ]
    assert [row["source"] for row in found.unpublished] == ["rejects"]
    assert not [one for one in found.problems if "release" in one.what]


def test_the_table_fits_a_narrow_terminal_and_ends_with_what_needs_a_person(desk: Desk) -> None:
    shown = status(desk.settings)
    assert shown.exit_code == 1
    lines = plain(shown.output).splitlines()
    table = lines[: lines.index("")]
    assert len(table) == 1 + len(SOURCES)
    assert max(map(len, table)) <= 80
    row = next(line for line in table if "rejects" in line)
    assert re.fullmatch(r"✓ rejects +5 h +\d+ min +1 +1 *", row)
    assert (
        "✗ unknown                               –       –        –        –  never asked" in table
    )
    assert "! 1 rejected row of rejects: `utpadan rejected rejects` shows them" in lines
    assert lines[-1] == "6 things need a person"
    assert [line for line in lines if line.startswith("✗ silent: silent, 24 h: nothing new")]


def test_the_keys_of_the_json_are_what_the_pages_say(desk: Desk) -> None:
    told = status(desk.settings, "--json")
    assert told.exit_code == 1
    document = json.loads(told.stdout)
    assert list(document) == [
        *("is_well", "problems", "now", "sources", "gates", "findings", "accepted"),
        *("unpublished", "build", "release", "newest_release", "disk", "file_systems", "at_work"),
    ]
    assert document["is_well"] is False
    assert list(document["problems"][0]) == ["what", "owner", "since", "reason"]
    assert document["release"]["is_current"] is True
    assert document["disk"]["archive"] == len(GOOD) + len(WORSE) + len(BAD)  # GOOD came five times


def test_what_is_at_work_is_shown_with_its_age(desk: Desk) -> None:
    with desk.conn.transaction():
        ledger.lock_source(desk.conn, "late")
        (work,) = health.look(desk.settings).at_work
        assert work["work"] == "load of late"
        assert timedelta() <= datetime.now(UTC) - work["since"] < timedelta(minutes=5)
        assert "  at work: load of late, for 0 min" in plain(status(desk.settings).output)
    assert health.look(desk.settings).at_work == []


def test_a_source_whose_portal_answers_again_is_well(desk: Desk) -> None:
    with desk.conn.transaction(force_rollback=True):
        ledger.record_check(desk.conn, "down", SPENT)
        rows = desk.conn.execute(
            "select source from ops.source_health where problem = 'not fetched'"
        ).fetchall()
    assert rows == []


def record_nodes(desk: Desk, **statuses: str) -> None:
    """A build whose nodes ended so."""
    build_id = uuid4()
    with psycopg.connect(desk.settings.builder_url) as conn:
        for node, word in statuses.items():
            conn.execute(
                """
                insert into ops.model_run (build_id, node, kind, layer, status, seconds, started_at)
                values (%s, %s, 'model', 'marts', %s, 2, clock_timestamp())
                """,
                (build_id, f"model.utpadan.{node}", word),
            )


def test_a_build_that_failed_needs_a_person_until_the_next_one(desk: Desk) -> None:
    record_nodes(desk, fct_one="success", fct_two="error", mart_three="skipped")
    (failed,) = [one for one in health.look(desk.settings).problems if "build" in one.what]
    assert failed.reason.startswith("2 of 3 nodes failed or were skipped (fct_two); readers keep")
    record_nodes(desk, fct_one="success", fct_two="success", mart_three="success")
    assert not [one for one in health.look(desk.settings).problems if "build" in one.what]


def test_the_ledger_knows_every_word_of_dbt_for_a_node_that_broke(desk: Desk) -> None:
    for word in sorted(BROKEN):
        record_nodes(desk, fct_one=word)
        row = desk.conn.execute(
            "select failed from ops.build_history order by started_at desc limit 1"
        ).fetchone()
        assert row == (1,), word
    record_nodes(desk, fct_one="success")


def test_a_release_that_stays_behind_needs_a_person_after_a_night(desk: Desk) -> None:
    with psycopg.connect(desk.settings.admin_url) as conn:
        conn.execute(
            "update ops.load set loaded_at = now() - interval '27 hours' where source = 'rejects'"
        )
    (behind,) = [one for one in health.look(desk.settings).problems if "behind" in one.what]
    assert behind.reason.startswith("1 load in no release; Airflow's `marts`")
    with psycopg.connect(desk.settings.admin_url) as conn:
        conn.execute("update ops.load set loaded_at = now() where source = 'rejects'")


def test_a_disk_without_room_for_another_night_is_low(desk: Desk) -> None:
    (roomy,) = health.file_systems(desk.settings, {"marts": 0})
    assert roomy.holds == ("home", "archive", "exports")
    assert not roomy.is_low
    (low,) = health.file_systems(desk.settings, {"marts": roomy.free_bytes})
    assert low.is_low


def test_analysts_read_every_view_of_the_ledger_and_each_says_what_it_is(desk: Desk) -> None:
    with psycopg.connect(desk.settings.analyst_url, autocommit=True) as conn:
        views = conn.execute(
            "select relname, obj_description(oid, 'pg_class') from pg_class "
            "where relnamespace = 'ops'::regnamespace and relkind = 'v'"
        ).fetchall()
        assert len(views) >= 13
        for name, words in views:
            assert words, name
            conn.execute(f"select * from ops.{name}".encode())
        sources = conn.execute("select count(*) from ops.source").fetchone()
    assert sources == (len(SOURCES),)


def test_no_view_shows_a_cell_of_a_row_or_where_a_portal_is(desk: Desk) -> None:
    """`reasons` and `sample` name what is wrong; ops.rejection says so of itself."""
    with psycopg.connect(desk.settings.analyst_url) as conn:
        columns = conn.execute(
            "select attrelid::regclass::text, attname from pg_attribute "
            "inner join pg_class on pg_class.oid = attrelid "
            "where relnamespace = 'ops'::regnamespace and relkind = 'v' and attnum > 0 "
            "and attname in ('row', 'url', 'etag', 'watermark', 'request_sha256')"
        ).fetchall()
    assert columns == []
