"""Build, judge, publish and export the marts: when all domains have reported, or at 04:00 IST.

Nothing is built when no load and no model is newer than the newest release.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, AssetAll, AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from airflow_notices import done_within

from utpadan.source import load_sources

DOMAINS = sorted({source.domain for source in load_sources().values()})
STAGING = [Asset(f"staging_{domain}") for domain in DOMAINS]


@dag(
    description="Build, judge and publish the marts",
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(
            "0 4 * * *", timezone="Asia/Kolkata", run_immediately=timedelta()
        ),
        assets=AssetAll(*STAGING),
    ),
    catchup=False,
    max_active_runs=1,
    deadline=done_within(timedelta(hours=1)),  # by 05:00 IST
    tags=["utpadan", "marts"],
    default_args={
        "owner": "warehouse-desk",
        "retries": 1,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=2),
    },
)
def marts() -> None:
    """build → audit → publish → export."""

    @task.short_circuit
    def is_due() -> bool:
        """Whether anything changed since the newest release."""
        from airflow_settings import settings

        from utpadan.publish import is_due

        return is_due(settings().builder_url)

    @task(inlets=STAGING)
    def build() -> None:
        """Run dbt into `marts_next`."""
        from airflow_notices import given_up
        from airflow_settings import settings

        from utpadan.nightly import GateIsRed, build
        from utpadan.transform import BuildFailed

        try:
            result = build(settings(), load_sources(), print)
        except (BuildFailed, GateIsRed) as failure:
            raise given_up(failure, "utpadan build") from failure
        print(f"build {result.build_id}: {len(result.nodes)} nodes in {result.seconds:.0f} s")

    @task
    def audit() -> None:
        """Judge staging across domains, and `marts_next` by every suite of expectations/marts."""
        from airflow_notices import given_up
        from airflow_settings import settings

        from utpadan.nightly import HeldBack, audit
        from utpadan.quality import GateFailed

        try:
            for result in audit(settings()):
                print(result)
        except (GateFailed, HeldBack) as failure:
            raise given_up(failure, "utpadan audit") from failure

    @task(outlets=[Asset("marts")])
    def publish() -> None:
        """Let everybody read what was built."""
        from airflow_settings import settings

        from utpadan.publish import publish

        release = publish(settings().builder_url)
        print(f"release {release.release_id}: {len(release.tables)} tables")

    @task
    def export() -> None:
        """Write the release as files, for those who have no Postgres."""
        from airflow_settings import settings

        from utpadan.export import export

        print(export(settings().builder_url, settings().export_url))

    is_due() >> build() >> audit() >> publish() >> export()


marts()
