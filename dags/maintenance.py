"""Once a week: forget old results, drop spare marts, read the whole archive, name stale sources.

`utpadan/maintenance.py` says what is kept and for how long. A red `check_archive` names the sources
whose deliveries are lost or damaged (restore those bytes before anything has to be replayed) and
what else disagrees; `utpadan check --deep` says the same by hand. A red
`check_freshness` names those that had nothing new for longer than their contracts say.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    description="Forget old results, drop spare marts, read the archive, name stale sources",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(
        "0 6 * * 0", timezone="Asia/Kolkata", run_immediately=timedelta()
    ),
    catchup=False,
    max_active_runs=1,
    tags=["utpadan", "maintenance"],
    default_args={
        "owner": "warehouse-desk",
        "retries": 1,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=6),
    },
)
def maintenance() -> None:
    """prune, drop_spares, check_archive and check_freshness, each on its own."""

    @task
    def prune() -> None:
        """Delete results of rules and models that are past their retention."""
        from airflow_settings import settings

        from utpadan.maintenance import prune

        print(prune(settings()))

    @task
    def drop_spares() -> None:
        """Drop the marts that somebody still read when they were replaced."""
        from airflow_settings import settings

        from utpadan.publish import drop_spare_schemas

        print(drop_spare_schemas(settings().builder_url))

    @task
    def check_archive() -> None:
        """Whether archive, ledger, staging and marts agree, byte for byte and row for row."""
        from airflow_notices import given_up
        from airflow_settings import settings

        from utpadan.agreement import examine
        from utpadan.source import load_sources

        found = examine(settings(), load_sources())
        print(*found.remarks, sep="\n")
        if found.faults:
            raise given_up("\n".join(found.faults), "utpadan check --deep")

    @task
    def check_freshness() -> None:
        """Whether every source had something new in the time its contract gives it."""
        from airflow_notices import given_up
        from airflow_settings import settings

        from utpadan.source import load_sources
        from utpadan.transform import stale_sources

        if stale := stale_sources(settings(), load_sources()):
            raise given_up("\n".join(stale), "utpadan freshness")

    prune()
    drop_spares()
    check_archive()
    check_freshness()


maintenance()
