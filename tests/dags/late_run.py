"""Makes a run miss its deadline: `python late_run.py DAG_ID OUTPUT` writes one JSON document.

What the scheduler does with a deadline that has passed, and then the triggerer with its callback,
is done here at once, by their own code and through Airflow's own database.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def main(dag_id: str) -> dict[str, Any]:
    """Queue a run, let its deadline pass; what became of the callback.

    First as the environment has the connections, then with a webhook at which nobody listens, then
    with no connection at all.
    """
    from airflow._shared.module_loading import import_string
    from airflow.models import Deadline
    from airflow.models.dagbag import DBDagBag
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType
    from sqlalchemy import select

    now = datetime.now(UTC)
    with create_session() as session:
        dag = DBDagBag().get_latest_version_of_dag(dag_id, session=session)
        assert dag is not None
        run = dag.create_dagrun(
            run_id="late",
            logical_date=None,
            data_interval=None,
            run_after=now,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.QUEUED,
            session=session,
        )
        session.flush()
        (deadline,) = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id))
        seconds = (deadline.deadline_time - run.queued_at).total_seconds()
        deadline.deadline_time = now - timedelta(minutes=1)
        deadline.handle_miss(session)
        trigger = deadline.callback.trigger
        of_trigger = import_string(trigger.classpath)
        kwargs = trigger.kwargs
        session.rollback()

    def told() -> list[dict[str, str]]:
        return asyncio.run(_events(of_trigger(**copy.deepcopy(kwargs))))

    sent = told()
    webhook = json.loads(os.environ["AIRFLOW_CONN_NOTICE_WEBHOOK"])
    webhook["host"] = webhook["host"].replace(webhook["host"].split("/")[2], "127.0.0.1:1")
    os.environ["AIRFLOW_CONN_NOTICE_WEBHOOK"] = json.dumps(webhook)
    refused = told()
    for way in ("MAIL", "WEBHOOK"):
        del os.environ[f"AIRFLOW_CONN_NOTICE_{way}"]
    return {"seconds": seconds, "sent": sent, "refused": refused, "nowhere": told()}


async def _events(trigger: Any) -> list[dict[str, str]]:
    return [event.payload async for event in trigger.run()]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(sys.argv[1]), default=str), encoding="utf-8")
