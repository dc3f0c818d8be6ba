"""Steps on the machine of a newcomer: commands that end, and what the scheduler did by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from machine import Machine
from psycopg.sql import SQL, Identifier

from utpadan.local.home import Home
from utpadan.local.rest import End, Scheduler
from utpadan.local.variables import airflow_url
from utpadan.publish import Release, current_release

DOMAINS = ["engagement", "innovation", "production_exports", "state_policy", "vendor_registry"]
CHAIN_SECONDS = 300.0

MARTS_OF_THESE_RUNS = """
    select marts.run_id, marts.state
    from dag_run as marts
    inner join dagrun_asset_event as used on used.dag_run_id = marts.id
    inner join asset_event as event on event.id = used.event_id
    where marts.dag_id = 'marts' and marts.run_type = 'asset_triggered'
    group by marts.run_id, marts.state
    having array_agg(distinct event.source_run_id::text) @> %s
"""
"""Runs of marts that the scheduler started because all of these ingest runs had reported."""


@dataclass(frozen=True)
class Step:
    """A command that ended, and what was in the warehouse before and after it."""

    exit_code: int
    out: str
    err: str
    before: dict[str, str]
    after: dict[str, str]
    release: Release | None


@dataclass(frozen=True)
class Chain:
    """What the scheduler did by itself after the ingest DAGs were triggered."""

    ends: list[End]
    marts: list[tuple[str, str]]
    release: Release | None


def run(machine: Machine) -> Step:
    before = machine.contents() if machine.home.exists() else {}
    done = machine.utpadan("run", seconds=600)
    release = current_release(machine.settings.builder_url)
    return Step(done.returncode, done.stdout, done.stderr, before, machine.contents(), release)


def source_names(machine: Machine) -> set[str]:
    return {path.parent.name for path in (machine.checkout / "sources").glob("*/*/source.yml")}


def rows_read(url: str, release: Release) -> dict[str, int]:
    """Rows of each mart as a reader counts them."""
    with psycopg.connect(url) as conn:
        counts = {}
        for table in release.tables:
            query = SQL("select count(*) from {}").format(Identifier("marts", table))
            row = conn.execute(query).fetchone()
            counts[table] = row[0] if row else 0
        return counts


def session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def trigger(machine: Machine, dag_id: str) -> End:
    home = Home(machine.home)
    with Scheduler(airflow_url(home), home.env()) as scheduler:
        return scheduler.run(dag_id, {}, CHAIN_SECONDS, lambda: None)


def unfinished(machine: Machine) -> bool:
    """Whether reports of earlier runs wait for the scheduler, or runs are under way."""
    waiting = machine.query_airflow("select * from asset_dag_run_queue")
    running = machine.query_airflow("select * from dag_run where state in ('queued', 'running')")
    return bool(waiting or running)


def wait(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + CHAIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.5)
