"""One domain through several nights: all well, nothing new, trouble, a red gate, mended.

Each night is a fixture that comes after the night before, so the tests may run in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from dag_runner import Airflow, Run

DAG = "ingest_engagement"
SOURCES = {
    "event_meetings",
    "events",
    "mous",
    "partnership_day_meetings",
    "partnership_day_options",
    "partnership_day_registrations",
    "press_claims",
    "press_releases",
    "publications",
}
NO_LOAD = {"pull": "success", "load": "skipped", "gate": "success", "report": "success"}
EVENTS, MOUS = "data/engagement/events.csv", "data/engagement/mous.csv"
A_DAY = "EV-IDSDST25,HQ IDS - DST MoU signing,HQ Integrated Defence Staff,2025-03-21,2025-03-2"
"""The begin of the line of an event that began and ended on 2025-03-21."""


@dataclass(frozen=True)
class Night:
    """A run, what was in the warehouse before and after it, and how often assets were reported."""

    run: Run
    before: dict[str, str]
    after: dict[str, str]
    reported: int
    began_at: datetime


def night(airflow: Airflow, dag_id: str = DAG) -> Night:
    machine = airflow.machine
    count = "select count(*) from asset_event"
    reported = machine.query_airflow(count)[0][0]
    before, began_at = machine.contents(), machine.query("select clock_timestamp()")[0][0]
    run = airflow.run(dag_id)
    reported = machine.query_airflow(count)[0][0] - reported
    return Night(run, before, machine.contents(), reported, began_at)


def versions(airflow: Airflow, table: str) -> tuple[int, int]:
    """Current rows of a source, and those that were."""
    query = "select count(*) filter (where _known_to is null), count(_known_to) from staging."
    current, former = airflow.machine.query(query + table)[0]
    return current, former


@pytest.fixture(scope="module")
def first(airflow: Airflow) -> Night:
    return night(airflow)


@pytest.fixture(scope="module")
def quiet(airflow: Airflow, first: Night) -> Night:
    """Nothing has changed since the first night."""
    return night(airflow)


@pytest.fixture(scope="module")
def troubled(airflow: Airflow, quiet: Night) -> Night:
    """One portal is down, one file is cut short after two rows, one file has a row changed."""
    machine = airflow.machine
    mous = machine.checkout / MOUS
    whole = mous.read_bytes()
    mous.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))
    machine.replace(EVENTS, "access to DST infrastructure", "access to infrastructure (sample)")
    machine.break_portals("partnership_days")
    found = night(airflow)
    machine.break_portals()
    mous.write_bytes(whole)
    return found


@pytest.fixture(scope="module")
def red(airflow: Airflow, troubled: Night) -> Night:
    """An event ends before it begins, which the gate does not let pass."""
    airflow.machine.replace(EVENTS, A_DAY + "1,", A_DAY + "0,")
    return night(airflow)


@pytest.fixture(scope="module")
def still_red(airflow: Airflow, red: Night) -> Night:
    """Nothing is new, and nobody has mended anything."""
    return night(airflow)


@pytest.fixture(scope="module")
def held_back(airflow: Airflow, still_red: Night) -> Night:
    """The marts are due while the gate is red."""
    return night(airflow, "marts")


@pytest.fixture(scope="module")
def mended(airflow: Airflow, held_back: Night) -> Night:
    airflow.machine.replace(EVENTS, A_DAY + "0,", A_DAY + "1,")
    return night(airflow)


@pytest.fixture(scope="module")
def accepted(airflow: Airflow, mended: Night) -> Night:
    """A file of 21 of its 27 rows, fewer than rows.min, was refused and then accepted."""
    machine = airflow.machine
    mous = machine.checkout / MOUS
    whole = mous.read_bytes()
    mous.write_bytes(b"".join(whole.splitlines(keepends=True)[:22]))
    refused = machine.utpadan("ingest", "mous")
    assert refused.returncode == 1
    assert "21 rows admitted, fewer than rows.min 22" in refused.stderr
    reason = "six agreements were cancelled, says the organiser"
    done = machine.utpadan("accept", "mous", "--reason", reason, "--by", "asha")
    assert done.returncode == 0, done.stderr
    return night(airflow)


def test_the_first_night_loads_each_source_in_a_task_of_its_name(first: Night) -> None:
    loads = {f"load[{name}]": "success" for name in SOURCES}
    others = {"pull": "success", "gate": "success", "report": "success"}
    assert first.run.states == loads | others
    assert first.run.state == "success"


def test_the_log_of_a_task_has_the_ids_of_what_it_did(airflow: Airflow, first: Night) -> None:
    loads = airflow.machine.query(
        "select load_id, delivery_id from ops.load where source = 'mous' order by load_id limit 1"
    )
    for load_id, delivery_id in loads:
        ids = f"load source=mous load_id={load_id} delivery_id={delivery_id} status=loaded"
        assert ids in first.run.log
    assert "gate run_id=" in first.run.log and "suite=engagement status=passed" in first.run.log


def test_a_domain_that_passed_its_gate_is_reported(first: Night, quiet: Night) -> None:
    assert (first.reported, quiet.reported) == (1, 1)


def test_a_night_without_news_starts_no_load_and_is_green(quiet: Night) -> None:
    assert quiet.run.states == NO_LOAD
    assert quiet.run.state == "success"


def test_a_night_without_news_writes_nothing_but_the_time_of_the_check(
    airflow: Airflow, quiet: Night
) -> None:
    assert quiet.after == quiet.before
    checks = airflow.machine.query("select checked_at >= %s from ops.delivery", quiet.began_at)
    assert len(checks) >= len(SOURCES) - 1  # press_claims is in the delivery of press_releases


def test_sources_that_fail_turn_their_own_task_red_and_no_other(troubled: Night) -> None:
    assert troubled.run.failed == [
        "load[mous]",
        "load[partnership_day_meetings]",
        "load[partnership_day_options]",
        "load[partnership_day_registrations]",
    ]
    assert troubled.run.states["load[events]"] == "success"
    assert troubled.run.state == "failed"


def test_the_gate_judges_what_did_load_and_reports_the_domain(
    airflow: Airflow, troubled: Night
) -> None:
    assert troubled.run.states["gate"] == "success"
    assert troubled.run.states["report"] == "upstream_failed"
    assert troubled.reported == 1
    judged = airflow.machine.query(
        "select count(distinct run_id) from ops.check_result where suite = 'engagement'"
    )
    assert judged[0][0] >= 2


def test_a_portal_that_is_down_is_named_with_the_reason_and_the_remedy(troubled: Night) -> None:
    for source in ("registrations", "meetings", "options"):
        said = next(
            line
            for line in troubled.run.log.splitlines()
            if f"partnership_day_{source}: GET http://" in line
        )
        assert f"/partnership-days/exports/{source}.csv: the portal answers 503" in said
        assert "try again later" in said
        assert f"More: `utpadan ingest partnership_day_{source}`" in troubled.run.log


def test_a_delivery_that_is_cut_short_is_refused_with_the_bound_it_breaks(
    airflow: Airflow, troubled: Night
) -> None:
    reason = "2 rows admitted, fewer than rows.min 22"
    assert f"mous: {reason}" in troubled.run.log
    assert "More: `utpadan rejected mous`" in troubled.run.log
    refused = airflow.machine.query(
        "select message, rows_landed from ops.load where source = 'mous' and status = 'refused'"
    )
    assert [(message.split(";")[0], landed) for message, landed in refused[:1]] == [(reason, 2)]


def test_a_refusal_names_the_commands_that_show_the_bytes_and_accept_them(
    airflow: Airflow, troubled: Night
) -> None:
    ((delivery,),) = airflow.machine.query(
        "select max(delivery_id) from ops.load where source = 'mous' and rows_landed = 2"
    )
    assert (
        "mous: 2 rows admitted, fewer than rows.min 22; 25 of 27 current rows would change or "
        "close (92.6%), more than rows.max_change 30.0%; "
        f"`utpadan deliveries mous {delivery} > FILE` gives its bytes; "
        "if it is right: `utpadan accept mous --reason WHY`"
    ) in troubled.run.log


def test_staging_keeps_the_last_good_state_of_what_failed(
    airflow: Airflow, troubled: Night
) -> None:
    for table in ("mous", "partnership_day_registrations", "partnership_day_meetings"):
        assert troubled.after[f"staging.{table}"] == troubled.before[f"staging.{table}"]
    assert troubled.after["staging.events"] != troubled.before["staging.events"]
    assert versions(airflow, "mous") == (27, 0)  # the lines of data/engagement/mous.csv


def test_no_task_is_tried_twice_while_somebody_waits_for_the_run(
    airflow: Airflow, troubled: Night
) -> None:
    tries = airflow.machine.query_airflow(
        "select max(try_number) from task_instance where run_id = %s", troubled.run.run_id
    )
    assert tries == [(1,)]


def test_a_gate_that_fails_turns_the_run_red_and_reports_nothing(red: Night) -> None:
    assert red.run.failed == ["gate"]
    assert red.run.states["load[events]"] == "success"
    assert (red.run.state, red.run.states["report"]) == ("failed", "upstream_failed")
    assert "No event ends before it begins" in red.run.log
    assert "More: `utpadan gate engagement`" in red.run.log
    assert red.reported == 0


def test_a_gate_stays_red_on_a_night_without_news(still_red: Night) -> None:
    assert still_red.run.states == {
        "pull": "success",
        "load": "skipped",
        "gate": "failed",
        "report": "upstream_failed",
    }
    assert still_red.run.state == "failed"
    assert still_red.reported == 0


def test_marts_are_not_built_from_staging_that_failed_its_gate(
    airflow: Airflow, held_back: Night
) -> None:
    assert held_back.run.states == {
        "is_due": "success",
        "build": "failed",
        "audit": "upstream_failed",
        "publish": "upstream_failed",
        "export": "upstream_failed",
    }
    assert held_back.run.state == "failed"
    assert "staging of engagement has not passed its gate: `utpadan gate engagement` says why" in (
        held_back.run.log
    )
    assert airflow.machine.query("select * from ops.build") == []
    assert airflow.machine.query("select to_regnamespace('marts_next')") == [(None,)]


def test_what_is_mended_passes_and_is_reported(airflow: Airflow, mended: Night) -> None:
    assert mended.run.state == "success"
    assert mended.run.states["load[events]"] == "success"
    assert mended.reported == 1
    ends = airflow.machine.query(
        "select end_date from staging.events where event_id = 'EV-IDSDST25' and _known_to is null"
    )
    assert ends == [("2025-03-21",)]


def test_the_night_after_an_acceptance_is_green_and_has_nothing_to_load(
    airflow: Airflow, accepted: Night
) -> None:
    assert accepted.run.states == NO_LOAD
    assert (accepted.run.state, accepted.reported) == ("success", 1)
    assert versions(airflow, "mous") == (21, 6)
    assert airflow.machine.query(
        "select accepted, accepted_by from ops.acceptance where subject = 'mous'"
    ) == [({"rows.min": 21}, "asha")]
