"""Everything Utpadan needs on one machine: Postgres, the stand-in portals, Airflow.

All of it lives in one home folder (`.utpadan` in the checkout), so that two checkouts do not meet.
Every `start_` returns at once when its part runs already; every `stop_` ends just what this home
started. All of them may be called at the same time by several commands. What goes wrong is a
`LocalError` whose message says where to look and what to do.
"""

from utpadan.local.airflow import airflow_is_up, migrate_airflow, start_airflow, stop_airflow
from utpadan.local.client import psql_program, run_client, run_quietly
from utpadan.local.dag_runs import DagRun, run_dags
from utpadan.local.portals import start_portals, stop_portals
from utpadan.local.postgres import postgres_pid, start_postgres, stop_postgres
from utpadan.local.process import LocalError
from utpadan.local.status import Status, status
from utpadan.local.variables import environment

__all__ = [
    "DagRun",
    "LocalError",
    "Status",
    "airflow_is_up",
    "environment",
    "migrate_airflow",
    "postgres_pid",
    "psql_program",
    "run_client",
    "run_dags",
    "run_quietly",
    "start_airflow",
    "start_portals",
    "start_postgres",
    "status",
    "stop_airflow",
    "stop_portals",
    "stop_postgres",
]
