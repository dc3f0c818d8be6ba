"""One DAG per domain: pull what is new, load it, judge the domain's staging as a whole.

`pull` asks every source of the domain at once. `load` is mapped over what has something to do, so
a night without news costs two tasks. A source that cannot be fetched is a `load` task that fails
with the reason, under its own name; the others load. `gate` reports the domain's asset, unless it
fails. The run is green only when all of them are.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import (
    DAG,
    Asset,
    CronTriggerTimetable,
    TriggerRule,
    dag,
    get_current_context,
    task,
)
from airflow_notices import done_within

from utpadan.source import Source, load_sources

NIGHTLY = CronTriggerTimetable("0 2 * * *", timezone="Asia/Kolkata", run_immediately=timedelta())
"""An Airflow that is new waits for the next night, at whatever hour it is started."""


def ingest_dag(domain: str, sources: dict[str, Source]) -> DAG:
    """The DAG that brings a domain's sources into staging."""

    @dag(
        dag_id=f"ingest_{domain}",
        description=f"Pull, load and judge the {len(sources)} sources of {domain}",
        doc_md=_documentation(domain, sources),
        schedule=NIGHTLY,
        catchup=False,
        max_active_runs=1,
        deadline=done_within(timedelta(minutes=90)),  # by 03:30 IST
        tags=["utpadan", "ingest", domain],
        default_args={
            "owner": next(iter(sources.values())).owner,
            "retries": 2,
            "retry_delay": timedelta(minutes=5),
            "execution_timeout": timedelta(hours=1),
        },
    )
    def ingest() -> None:
        @task
        def pull() -> list[dict[str, str]]:
            """The sources that have something to load, and those that failed, with the reason."""
            from airflow_settings import settings

            from utpadan.nightly import pull

            pulled = pull(settings(), sources.values())
            for name in pulled.nothing_new:
                print(f"{name}: nothing new")
            waiting = [{"source": name} for name in pulled.to_load]
            return waiting + [{"source": n, "failure": why} for n, why in pulled.failed.items()]

        @task(map_index_template="{{ source_name }}")
        def load(delivery: dict[str, str]) -> None:
            """Load one source's new deliveries into staging."""
            from airflow_notices import given_up
            from airflow_settings import settings

            from utpadan.archive import ArchiveError
            from utpadan.load import LoadRefused
            from utpadan.nightly import load_source

            context: Any = get_current_context()
            context["source_name"] = name = delivery["source"]
            if "failure" in delivery:
                raise given_up(delivery["failure"], f"utpadan ingest {name}")
            try:
                for outcome in load_source(settings(), sources[name]):
                    print(outcome)
            except LoadRefused as refusal:
                raise given_up(refusal, f"utpadan rejected {name}") from refusal
            except ArchiveError as error:
                raise given_up(f"{name}: {error}", "utpadan status") from error

        @task(outlets=[Asset(f"staging_{domain}")], trigger_rule=TriggerRule.ALL_DONE)
        def gate() -> None:
            """Judge the domain's staging, when it changed since it was last judged."""
            from airflow_notices import given_up
            from airflow_settings import settings

            from utpadan.nightly import gate
            from utpadan.quality import GateFailed

            try:
                print(gate(settings(), domain, sources) or f"{domain}: nothing new to judge")
            except GateFailed as failure:
                raise given_up(failure, f"utpadan gate {domain}") from failure

        # The last task gives the run its colour: it waits for the gate also when no load ran.
        report = EmptyOperator(task_id="report", trigger_rule=TriggerRule.NONE_FAILED)
        loaded = load.expand(delivery=pull())
        [loaded, loaded >> gate()] >> report

    return ingest()


def _documentation(domain: str, sources: dict[str, Source]) -> str:
    rows = "\n".join(f"| {name} | {source.title} |" for name, source in sources.items())
    return (
        f"Brings the domain **{domain}** into `staging` and judges it by "
        f"`expectations/staging/{domain}.yml`.\n\n"
        "A red `load` task is named after its source and says what to do; "
        "`utpadan rejected <source>` shows the rows that were refused, `utpadan deliveries "
        "<source>` the bytes. A delivery that broke a bound and is right all the same: `utpadan "
        "accept <source> --reason WHY`; the next run is green.\n\n"
        f"| source | title |\n|---|---|\n{rows}\n"
    )


contracts = load_sources()
for name in sorted({source.domain for source in contracts.values()}):
    ingest_dag(name, {n: s for n, s in contracts.items() if s.domain == name})
