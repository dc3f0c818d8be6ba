"""What the DAG files promise: they import fast and light, and every DAG is complete and owned."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from utpadan.source import CHECKOUT

DAGS = CHECKOUT / "dags"
IMPORT_SECONDS = 2.0
DOMAINS = ["engagement", "innovation", "production_exports", "state_policy", "vendor_registry"]
INGEST = {
    "pull": ([], "all_success"),
    "load": (["pull"], "all_success"),
    "gate": (["load"], "all_done"),
    "report": (["gate", "load"], "none_failed"),
}
MARTS = {
    "is_due": [],
    "build": ["is_due"],
    "audit": ["build"],
    "publish": ["audit"],
    "export": ["publish"],
}
KOLKATA = ZoneInfo("Asia/Kolkata")
DATES_OF_A_RUN = re.compile(
    r"\b(logical_date|execution_date|data_interval\w*|(prev_|next_|yesterday_|tomorrow_)?ds(_nodash)?"
    r"|ts(_nodash)?|dag_run|run_after)\b"
)

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What Airflow finds in dags/, told by a process of its own."""
    folder = tmp_path_factory.mktemp("airflow")
    told = folder / "told.json"
    environment = {**os.environ, "AIRFLOW_HOME": str(folder), "PYTHONPATH": str(CHECKOUT)}
    subprocess.run(
        [sys.executable, str(Path(__file__).with_name("describe.py")), str(DAGS), str(told)],
        check=True,
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    facts: Facts = json.loads(told.read_text())
    return facts


@pytest.fixture(scope="module")
def dags(found: Facts) -> dict[str, Facts]:
    found_dags: dict[str, Facts] = found["dags"]
    return found_dags


def clock(dag: Facts) -> Facts:
    """The serialized cron timetable, alone or beside assets."""
    variables: Facts = dag["timetable"]["__var"]
    nested: Facts = variables.get("timetable", {}).get("__var", variables)
    return nested


def test_every_file_imports_without_an_error(found: Facts) -> None:
    assert found["errors"] == {}


def test_every_file_imports_in_under_two_seconds_of_its_own(found: Facts) -> None:
    assert set(found["seconds"]) >= {"ingest.py", "marts.py", "maintenance.py"}
    assert {name: s for name, s in found["seconds"].items() if s >= IMPORT_SECONDS} == {}


def test_reading_the_files_imports_neither_gx_nor_pandas_nor_dbt(found: Facts) -> None:
    assert found["heavy"] == []


def test_there_is_one_ingest_dag_a_domain_and_the_marts_maintenance_and_digest(
    dags: dict[str, Facts],
) -> None:
    folders = sorted(path.name for path in (CHECKOUT / "sources").iterdir() if path.is_dir())
    assert folders == DOMAINS
    ingests = [f"ingest_{name}" for name in DOMAINS]
    assert list(dags) == ["digest", *ingests, "maintenance", "marts"]


def test_every_dag_says_what_it_is_and_runs_once_at_a_time(dags: dict[str, Facts]) -> None:
    for name, dag in dags.items():
        assert len(dag["description"]) > 20, name
        assert len(dag["doc_md"]) > 100, name
        assert "utpadan" in dag["tags"] and len(dag["tags"]) > 1, name
        assert dag["max_active_runs"] == 1, name
        assert dag["catchup"] is False, name


def test_every_task_has_an_owner_a_retry_and_an_end(dags: dict[str, Facts]) -> None:
    for name, dag in dags.items():
        for task_id, task in dag["tasks"].items():
            place = f"{name}.{task_id}"
            assert task["owner"].endswith("-desk"), place
            assert task["retries"] >= 1, place
            assert 60 <= task["retry_seconds"] <= 1800, place
            assert task["timeout_seconds"] <= 6 * 3600, place


def test_a_domain_is_owned_by_whom_its_contracts_name(dags: dict[str, Facts]) -> None:
    for domain in DOMAINS:
        contracts = (CHECKOUT / "sources" / domain).glob("*/source.yml")
        named = {
            owner
            for path in contracts
            for owner in re.findall(r"^owner: (\S+)$", path.read_text(), re.MULTILINE)
        }
        assert len(named) == 1, f"{domain}: one DAG cannot have several owners"
        assert {task["owner"] for task in dags[f"ingest_{domain}"]["tasks"].values()} == named


def test_ingest_maps_loads_and_always_comes_to_its_gate(dags: dict[str, Facts]) -> None:
    for domain in DOMAINS:
        tasks = dags[f"ingest_{domain}"]["tasks"]
        assert {n: (t["after"], t["trigger_rule"]) for n, t in tasks.items()} == INGEST
        assert [name for name, task in tasks.items() if task["is_mapped"]] == ["load"]
        reports = {name: task["reports"] for name, task in tasks.items() if task["reports"]}
        assert reports == {"gate": [f"staging_{domain}"]}


def test_ingest_documents_every_source_of_its_domain(dags: dict[str, Facts]) -> None:
    for domain in DOMAINS:
        documentation = dags[f"ingest_{domain}"]["doc_md"]
        for folder in (CHECKOUT / "sources" / domain).iterdir():
            assert f"| {folder.name} | " in documentation


def test_marts_are_built_judged_and_published_in_this_order(dags: dict[str, Facts]) -> None:
    tasks = dags["marts"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == MARTS
    assert tasks["publish"]["reports"] == ["marts"]


def test_marts_wait_for_every_domain_or_for_four_o_clock(dags: dict[str, Facts]) -> None:
    condition = dags["marts"]["timetable"]["__var"]["asset_condition"]
    assert condition["__type"] == "asset_all"
    assert [one["name"] for one in condition["objects"]] == [f"staging_{d}" for d in DOMAINS]
    reported = {
        name
        for dag_id, dag in dags.items()
        if dag_id.startswith("ingest_")
        for task in dag["tasks"].values()
        for name in task["reports"]
    }
    assert {one["name"] for one in condition["objects"]} == reported
    assert clock(dags["marts"])["expression"] == "0 4 * * *"


def test_every_schedule_is_by_the_clock_of_kolkata(dags: dict[str, Facts]) -> None:
    assert {clock(dag)["timezone"] for dag in dags.values()} == {"Asia/Kolkata"}
    for domain in DOMAINS:
        assert clock(dags[f"ingest_{domain}"])["expression"] == "0 2 * * *"
    assert clock(dags["maintenance"])["expression"] == "0 6 * * 0"
    assert clock(dags["digest"])["expression"] == "0 5 * * *"


def test_the_nightly_is_told_of_when_it_is_not_done_in_time(dags: dict[str, Facts]) -> None:
    """Ingest starts at 02:00 and is due at 03:30, marts start by 04:00 and are due at 05:00 IST."""
    calls = {"from": "DagRunQueuedAtDeadline", "calls": "airflow_notices.deadline_missed"}
    for domain in DOMAINS:
        assert dags[f"ingest_{domain}"]["deadlines"] == [{**calls, "seconds": 90 * 60}]
    assert dags["marts"]["deadlines"] == [{**calls, "seconds": 60 * 60}]


def test_the_digest_waits_for_nothing_so_that_it_always_comes(dags: dict[str, Facts]) -> None:
    assert dags["digest"]["timetable"]["__type"].endswith("CronTriggerTimetable")
    tasks = dags["digest"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == {
        "notice_mail": [],
        "notice_webhook": [],
    }


def test_a_scheduler_that_is_new_waits_for_the_next_hour_of_each_dag(
    dags: dict[str, Facts],
) -> None:
    """Whenever it is first started, and however recently that hour has passed."""
    hours = {"marts": 4, "digest": 5, "maintenance": 6}
    for name, dag in dags.items():
        for moment, first in dag["first_runs"].items():
            now, run = (datetime.fromisoformat(t).astimezone(KOLKATA) for t in (moment, first))
            assert now < run < now + timedelta(days=7 if name == "maintenance" else 1), name
            assert (run.hour, run.minute) == (hours.get(name, 2), 0), name


def test_no_dag_file_asks_for_the_date_of_its_run() -> None:
    for path in DAGS.glob("*.py"):
        assert DATES_OF_A_RUN.findall(path.read_text()) == [], path.name


def test_the_only_template_names_the_source_of_a_load() -> None:
    templates = [t for path in DAGS.glob("*.py") for t in re.findall(r"{{.*?}}", path.read_text())]
    assert templates == ["{{ source_name }}"]


def test_dag_files_are_small() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in DAGS.glob("*.py")}
    assert {name: count for name, count in lines.items() if count > 150} == {}
