"""The digest of the night, at 05:00 IST whatever became of the night, by mail and to a webhook.

`utpadan digest` prints the same. Each way is an Airflow connection, `notice_mail` and
`notice_webhook`; one that is not there is skipped. A task here that is red could not send: the data
is not concerned.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    description="Send the digest of the night by mail and to a webhook",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(
        "0 5 * * *", timezone="Asia/Kolkata", run_immediately=timedelta()
    ),
    catchup=False,
    max_active_runs=1,
    tags=["utpadan", "digest"],
    default_args={
        "owner": "warehouse-desk",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(minutes=10),
    },
)
def digest() -> None:
    """notice_mail and notice_webhook, each on its own."""

    @task
    def send(way: str) -> None:
        """Send the digest by one connection, if there is one."""
        from airflow.sdk.exceptions import AirflowSkipException
        from airflow_notices import send
        from airflow_settings import settings

        from utpadan.digest import tell

        message = tell(settings())
        print(message.text)
        if not send(way, message):
            raise AirflowSkipException(f"there is no connection {way}: nothing is sent that way")

    for way in ("notice_mail", "notice_webhook"):
        send.override(task_id=way)(way)


digest()
