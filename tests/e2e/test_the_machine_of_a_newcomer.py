"""A fresh machine from its first run to a release that the scheduler published by itself.

One home goes through it all: `utpadan run` three times (all new, nothing new, trouble), then
`utpadan up`, the five ingest DAGs by REST, and `utpadan run` through the scheduler. Each step is a
fixture that comes after the step before, so the tests may run in any order.
"""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import leaks
import psutil
import psycopg
import pytest
from machine import Machine
from newcomer import (
    DOMAINS,
    MARTS_OF_THESE_RUNS,
    Chain,
    Step,
    rows_read,
    run,
    session,
    source_names,
    trigger,
    unfinished,
    wait,
)

from portals.sample.meetings import registrations
from utpadan import local
from utpadan.local import process
from utpadan.local.home import Home
from utpadan.local.variables import airflow_url
from utpadan.publish import current_release
from utpadan.settings import read_env_file

pytestmark = pytest.mark.timeout(1500)  # a test may bring all the steps with it

STATES, TARGETS = "data/state_policy/states.csv", "data/production_exports/targets.csv"
SIKKIM = "IN-SK,,Sikkim,{},"
STATED, STATED_ANEW = "Rs 17,000 crore likely", "Rs 17,000 crore likely (sample)"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    new = Machine.new(tmp_path_factory.mktemp("newcomer"))
    yield new
    new.stop()


@pytest.fixture(scope="module")
def first(machine: Machine) -> Step:
    return run(machine)


@pytest.fixture(scope="module")
def second(machine: Machine, first: Step) -> Step:
    """Nothing has changed anywhere."""
    return run(machine)


@pytest.fixture(scope="module")
def third(machine: Machine, second: Step) -> Step:
    """A portal is down, and a state has become a territory, which a gate does not let pass."""
    machine.replace(STATES, SIKKIM.format("state"), SIKKIM.format("union_territory"))
    local.start_portals(machine.home, machine.checkout)  # a restart, which mends them
    machine.break_portals("partnership_days")
    return run(machine)


@pytest.fixture(scope="module")
def chain(machine: Machine, third: Step) -> Chain:
    """All is mended, a target is stated otherwise, and Airflow is up (which mends the portals)."""
    machine.replace(STATES, SIKKIM.format("union_territory"), SIKKIM.format("state"))
    machine.replace(TARGETS, STATED, STATED_ANEW)
    up = machine.utpadan("up")
    assert up.returncode == 0, up.stderr
    wait(lambda: not unfinished(machine), "the scheduler has not caught up")
    with ThreadPoolExecutor(len(DOMAINS)) as pool:
        ends = list(pool.map(lambda domain: trigger(machine, f"ingest_{domain}"), DOMAINS))
    runs = [end.run_id for end in ends]
    wait(
        lambda: any(
            state in ("success", "failed")
            for _, state in machine.query_airflow(MARTS_OF_THESE_RUNS, runs)
        ),
        "marts did not run, or not to its end, after every domain had reported",
    )
    marts = [(name, state) for name, state in machine.query_airflow(MARTS_OF_THESE_RUNS, runs)]
    return Chain(ends, marts, current_release(machine.settings.builder_url))


@pytest.fixture(scope="module")
def by_scheduler(machine: Machine, chain: Chain) -> Step:
    """`utpadan run` while Airflow is up."""
    return run(machine)


@pytest.fixture(scope="module")
def down(machine: Machine, by_scheduler: Step) -> list[int]:
    """What is left of the processes of this home after `utpadan down`."""
    home = Home(machine.home)
    names = [part.name for part in local.status(machine.home) if part.name != "postgres"]
    sessions = {found.pid for name in names if (found := home.process(name))}
    postgres = local.postgres_pid(machine.home)
    assert len(sessions) == 5 and postgres
    done = machine.utpadan("down")
    assert done.returncode == 0, done.stderr
    alive = [pid for pid in psutil.pids() if process.started(pid) is not None]  # no zombies
    return [pid for pid in alive if pid == postgres or session(pid) in sessions]


def test_the_first_run_publishes_a_release(first: Step) -> None:
    assert first.exit_code == 0, first.err
    assert first.release is not None and first.release.release_id == 1
    assert "release 1 published" in first.out
    assert re.search(r"^Release 1, published ", first.out, re.MULTILINE)


def test_the_first_run_tells_a_line_for_each_source_layer_and_gate(
    machine: Machine, first: Step
) -> None:
    told = re.findall(r"^  ✓ (\w+) .* landed .* admitted .* rejected", first.out, re.MULTILINE)
    assert sorted(told) == sorted(source_names(machine))
    for layer in ("seeds", "staging", "intermediate", "marts", "tests"):
        assert re.search(rf"^  ✓ {layer} +\d+ nodes$", first.out, re.MULTILINE), layer
    suites = [
        f"staging/{path.stem}" for path in (machine.checkout / "expectations/staging").glob("*.yml")
    ]
    suites += [
        f"marts/{path.stem}" for path in (machine.checkout / "expectations/marts").glob("*.yml")
    ]
    for suite in suites:
        assert re.search(rf"^  ✓ gate {suite} ", first.out, re.MULTILINE), suite


def test_the_psql_line_of_the_summary_works_when_pasted(machine: Machine, first: Step) -> None:
    line = next(line.strip() for line in first.out.splitlines() if "PGPASSFILE=" in line)
    query = shlex.quote("select count(*) from fct_target")
    pasted = subprocess.run(
        ["sh", "-c", f"{line} -At -c {query}"],
        capture_output=True,
        text=True,
        cwd=machine.checkout,
        timeout=30,
    )
    assert (pasted.returncode, pasted.stdout.strip()) == (0, "23")  # 31 rows state them


def test_the_bi_role_reads_every_row_of_the_release(machine: Machine, first: Step) -> None:
    assert first.release is not None
    assert min(first.release.tables.values()) > 0
    assert rows_read(machine.settings.bi_url, first.release) == first.release.tables


def test_the_second_run_finds_nothing_new_in_any_source(machine: Machine, second: Step) -> None:
    assert second.exit_code == 0, second.err
    told = re.findall(r"^  · (\w+) +nothing new$", second.out, re.MULTILINE)
    assert sorted(told) == sorted(source_names(machine))


def test_the_second_run_writes_and_publishes_nothing(second: Step) -> None:
    assert second.after == second.before
    assert second.release is not None and second.release.release_id == 1


def test_marts_that_are_not_due_are_skipped(machine: Machine, second: Step) -> None:
    runs = machine.query_airflow(
        "select run_id, state from dag_run where dag_id = 'marts' order by start_date limit 2"
    )
    assert [state for _, state in runs] == ["success", "success"]
    assert machine.states("marts", runs[1][0]) == {
        "is_due": "success",
        "build": "skipped",
        "audit": "skipped",
        "publish": "skipped",
        "export": "skipped",
    }


def test_a_run_with_a_broken_source_fails_and_names_source_reason_and_remedy(third: Step) -> None:
    assert third.exit_code == 1
    assert "ingest_engagement failed (load[partnership_day_meetings], load[" in third.err
    for source in ("registrations", "meetings"):
        said = next(line for line in third.err.splitlines() if f"partnership_day_{source}:" in line)
        assert "GET http://127.0.0.1:" in said
        assert f"{source}.csv: the portal answers 503" in said
        assert said.endswith("; try again later")


def test_the_other_sources_of_a_run_with_a_broken_one_are_asked(
    machine: Machine, third: Step
) -> None:
    quiet = set(re.findall(r"^  · (\w+) +nothing new$", third.out, re.MULTILINE))
    broken = {f"partnership_day_{part}" for part in ("meetings", "options", "registrations")}
    assert quiet == source_names(machine) - broken - {"states"}


def test_a_red_gate_holds_the_marts_back_and_the_release_stays(
    machine: Machine, first: Step, third: Step
) -> None:
    assert "ingest_state_policy failed (gate)" in third.err
    assert "There are 28 states" in third.err
    assert "marts failed (build)" in third.err
    assert "state_policy has not passed its gate: `utpadan gate state_policy`" in third.err
    assert third.release == first.release
    assert third.release is not None
    assert rows_read(machine.settings.bi_url, third.release) == third.release.tables
    kind = "select state_type from marts.dim_state where state_name = 'Sikkim'"
    assert machine.query(kind) == [("state",)]


def test_the_scheduler_runs_every_ingest_that_is_triggered(chain: Chain) -> None:
    assert [(end.state, end.failed_tasks) for end in chain.ends] == [("success", ())] * 5


def test_the_scheduler_starts_the_marts_once_all_domains_have_reported(
    machine: Machine, chain: Chain
) -> None:
    assert [state for _, state in chain.marts] == ["success"]
    assert machine.states("marts", chain.marts[0][0]) == dict.fromkeys(
        ("is_due", "build", "audit", "publish", "export"), "success"
    )


def test_under_the_scheduler_only_what_is_new_is_loaded(machine: Machine, chain: Chain) -> None:
    loads = [
        machine.states(f"ingest_{domain}", end.run_id)
        for domain, end in zip(DOMAINS, chain.ends, strict=True)
    ]
    loaded = [task for states in loads for task in states if task.startswith("load[")]
    assert sorted(loaded) == ["load[states]", "load[targets]"]


def test_what_the_scheduler_published_is_read_by_the_bi_role(
    machine: Machine, chain: Chain
) -> None:
    assert chain.release is not None and chain.release.release_id == 2
    bi = machine.settings.bi_url
    assert rows_read(bi, chain.release) == chain.release.tables
    with psycopg.connect(bi) as conn:
        stated = conn.execute(
            "select stated_as from marts.fct_target where stated_as like 'Rs 17,000 crore likely%'"
        ).fetchall()
    assert stated == [(STATED_ANEW,)]


def test_a_run_goes_through_the_scheduler_while_it_is_up(
    machine: Machine, by_scheduler: Step
) -> None:
    assert by_scheduler.exit_code == 0, by_scheduler.err
    assert by_scheduler.after == by_scheduler.before
    told = re.findall(r"^  · (\w+) +nothing new$", by_scheduler.out, re.MULTILINE)
    assert sorted(told) == sorted(source_names(machine))
    asked = machine.query_airflow(
        "select dag_id from dag_run where run_type = 'manual' and triggered_by = 'REST_API' "
        "and dag_id = 'marts'"
    )
    assert asked == [("marts",)]


def test_no_secret_is_told_by_anything_that_ran(
    machine: Machine, first: Step, third: Step, by_scheduler: Step
) -> None:
    """Nights that went well and one that failed: logs, ledger, XCom, pages, dbt, command lines."""
    secrets = leaks.secrets_of(machine.home)
    assert len(secrets) >= 13
    airflow = read_env_file(machine.home / "env")["UTPADAN_AIRFLOW_URL"]
    steps = {"first": first, "third": third, "scheduler": by_scheduler}
    printed = ((name, f"{step.out}{step.err}".encode()) for name, step in steps.items())
    for said in (
        printed,
        leaks.files(machine.home),
        leaks.tables(machine.settings.admin_url),
        leaks.tables(airflow),
        leaks.command_lines(),
    ):
        assert leaks.found(secrets, said) == []


def test_no_contact_of_a_meeting_is_told_by_anything_that_ran(
    machine: Machine, by_scheduler: Step
) -> None:
    names = [row["Contact Name"] for row in registrations()[:5]]
    contacts = {"mail": "@example.org", "telephone": "+91 00000 "}
    contacts |= dict(zip(names, names, strict=True))
    airflow = read_env_file(machine.home / "env")["UTPADAN_AIRFLOW_URL"]
    staged = dict(leaks.tables(machine.settings.admin_url))
    kept = staged["staging.partnership_day_registrations"]
    assert len(leaks.found(contacts, iter([("", kept)]))) == len(contacts)
    told = [(place, rows) for place, rows in staged.items() if not place.startswith("staging.")]
    for said in (iter(told), leaks.files(machine.home), leaks.tables(airflow)):
        assert leaks.found(contacts, said) == []


def test_a_home_is_closed_to_other_users_of_the_machine(
    machine: Machine, by_scheduler: Step
) -> None:
    def mode(place: str) -> int:
        return stat.S_IMODE((machine.home / place).stat().st_mode)

    assert {place: mode(place) for place in ("", "logs", "postgres", "airflow")} == dict.fromkeys(
        ("", "logs", "postgres", "airflow"), 0o700
    )
    kept = ("env", "pgpass", "state.json", "airflow/passwords.json")
    assert {place: mode(place) for place in kept} == dict.fromkeys(kept, 0o600)


def test_airflow_tells_nothing_to_who_has_no_password(machine: Machine, by_scheduler: Step) -> None:
    url = airflow_url(Home(machine.home))
    with httpx.Client(base_url=url, trust_env=False, follow_redirects=False) as browser:
        for place in (
            "dags",
            "connections",
            "variables",
            "config",
            "dags/marts/dagRuns",
            "eventLogs",
        ):
            for token in (None, "Bearer made-up"):
                headers = {"Authorization": token} if token else {}
                answer = browser.get(f"/api/v2/{place}", headers=headers)
                assert answer.status_code in (401, 403), (place, token)
        asked = browser.get("/api/v2/monitor/health", headers={"Origin": "https://evil.example"})
        assert asked.status_code == 200
        assert "access-control-allow-origin" not in asked.headers
        assert leaks.found(leaks.secrets_of(machine.home), iter([("health", asked.content)])) == []
        assert set(asked.json()) == {"metadatabase", "scheduler", "triggerer", "dag_processor"}


def test_down_leaves_no_process_behind(down: list[int]) -> None:
    assert down == []
