"""A whole machine for a test: a checkout to spoil, a home of its own, portals that can be broken.

Nothing in it is a stand-in but the portals: Postgres, Airflow, dbt and Great Expectations are real.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.sql import SQL, Identifier, Literal

from utpadan import local
from utpadan.migrate import migrate
from utpadan.settings import Settings, read_env_file
from utpadan.source import CHECKOUT

COPIED = ("dags", "data", "dbt_project", "expectations", "portals", "sources", "sql", "utpadan")
BUILT = shutil.ignore_patterns("__pycache__", "_contracts.*", "target", "logs")
CHECKS = ["checked_at", "confirmed_at", "check_requests", "check_retries", "check_seconds"]
COMMAND = Path(sys.executable).with_name("utpadan")


@dataclass(frozen=True)
class Machine:
    """A copy of this checkout and a home; what runs is what the copy says."""

    checkout: Path
    home: Path

    @classmethod
    def new(cls, folder: Path) -> Machine:
        """A machine below `folder`, on which nothing was ever started."""
        for name in COPIED:
            shutil.copytree(CHECKOUT / name, folder / "checkout" / name, ignore=BUILT)
        return cls(folder / "checkout", folder / "home")

    def start(self) -> None:
        """Have Postgres, the portals and both databases ready, as `utpadan run` has at first."""
        local.start_postgres(self.home)
        local.start_portals(self.home, self.checkout)
        migrate(self.settings)
        local.migrate_airflow(self.home, self.checkout)

    def stop(self) -> None:
        """End whatever runs here."""
        local.stop_airflow(self.home)
        local.stop_portals(self.home)
        local.stop_postgres(self.home)

    @property
    def settings(self) -> Settings:
        """Where the warehouse and the portals of this machine are."""
        return Settings.load({"UTPADAN_HOME": str(self.home)})

    def utpadan(self, *arguments: str, seconds: float = 280) -> subprocess.CompletedProcess[str]:
        """Run the command line of the copy; its output is returned."""
        environment = {
            **os.environ,
            "UTPADAN_HOME": str(self.home),
            "PYTHONPATH": str(self.checkout),
            "COLUMNS": "200",
        }
        return subprocess.run(
            [str(COMMAND), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            cwd=self.checkout,
            timeout=seconds,
        )

    def query(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with psycopg.connect(self.settings.admin_url, autocommit=True) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def query_airflow(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of Airflow's own database."""
        url = read_env_file(self.home / "env")["UTPADAN_AIRFLOW_URL"]
        with psycopg.connect(url, autocommit=True) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def contents(self) -> dict[str, str]:
        """A digest of every table of staging and the ledger, but for when it was checked.

        A row of staging that was written anew with the same values counts as another.
        """
        found = {}
        with psycopg.connect(self.settings.admin_url) as conn:
            tables = conn.execute(
                "select schemaname, tablename from pg_tables "
                "where schemaname in ('staging', 'ops') order by 1, 2"
            ).fetchall()
            for schema, table in tables:
                place = SQL("t.ctid::text" if schema == "staging" else "''")
                row = conn.execute(
                    SQL(
                        "select md5(coalesce(string_agg(line, e'\\n' order by line), '')) from ("
                        "select (to_jsonb(t) - {}::text[])::text || {} as line from {} as t"
                        ") as lines"
                    ).format(Literal(CHECKS), place, Identifier(schema, table))
                ).fetchone()
                found[f"{schema}.{table}"] = row[0] if row else ""
        return found

    def states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """State by task of a run; a mapped one as `load[source]`."""
        rows = self.query_airflow(
            "select task_id, map_index, rendered_map_index, state from task_instance "
            "where dag_id = %s and run_id = %s",
            dag_id,
            run_id,
        )
        return {task if at < 0 else f"{task}[{name}]": state for task, at, name, state in rows}

    def break_portals(self, *names: str) -> None:
        """These portals answer 503 to everything, the others work; none: all work again."""
        url = httpx.URL(self.settings.connection("press").url).copy_with(path="/_faults")
        fault = {"status": 503, "times": 10_000, "retry_after": 0}
        faults = [{"portal": name, **fault} for name in names]
        httpx.post(url, json=faults, trust_env=False).raise_for_status()

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a file of the checkout, in which `old` occurs just once."""
        file = self.checkout / path
        text = file.read_bytes()
        assert text.count(old.encode()) == 1, f"{path} has {text.count(old.encode())} times {old!r}"
        file.write_bytes(text.replace(old.encode(), new.encode()))
