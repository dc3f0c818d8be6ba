"""`make bench`: loads a generated million rows beside plain COPY, prints a table, writes JSON.

Everything runs on a Postgres of the benchmark's own. The steps alternate, each in a process of its
own, and the medians of the rounds are compared, so that a machine that slows down slows all.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import generate
from utpadan import local
from utpadan.migrate import migrate
from utpadan.settings import Settings

RESULTS = Path(__file__).parent / "results"
CHANGED_EVERY = 100
SLICE = 50_000
STEPS = {
    "plain COPY, typed table with the same key": "copy",
    "first load": "first",
    "unchanged bytes": "unchanged",
    "1 % changed": "changed",
}
EXTRAS = {"pandas.to_sql": "pandas_to_sql", "dlt": "dlt_run"}
"""What others use; dlt wants `pip install --editable '.[bench]'`."""
REACH = {"first": "≤ 1.8", "changed": "≤ 0.9"}


def main() -> None:
    """Run the rounds and report."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--extras", action="store_true", help="pandas and dlt as well, on a slice")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="utpadan-bench-") as folder:
        home = Path(folder, "home")
        local.start_postgres(home)
        try:
            measured = _rounds(home, Path(folder), options)
        finally:
            local.stop_postgres(home)
    _report(measured, options)


def _rounds(home: Path, folder: Path, options: argparse.Namespace) -> dict[str, list[Any]]:
    os.environ["UTPADAN_HOME"] = str(home)
    settings = Settings.load()
    migrate(settings)
    first, changed = folder / "first.csv", folder / "changed.csv"
    generate.write(first, options.rows)
    generate.write(changed, options.rows, CHANGED_EVERY)
    measured: dict[str, list[Any]] = {name: [] for name in STEPS.values()}
    for _ in range(options.rounds):
        measure_in_a_process("prepare_copy", first)
        measured["copy"].append(measure_in_a_process("copy", first))
        _forget(settings)
        measured["first"].append(measure_in_a_process("load", first))
        measured["unchanged"].append(measure_in_a_process("load", first))
        measured["changed"].append(measure_in_a_process("load", changed))
    if options.extras:
        part = folder / "part.csv"
        generate.write(part, SLICE)
        for name in EXTRAS.values():
            measured[name] = [measure_in_a_process(name, part)]
    return measured


def measure_in_a_process(step: str, file: Path) -> Any:
    """What one step of `benchmarks.measure` says of itself."""
    command = [sys.executable, "-m", "benchmarks.measure", step, str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _forget(settings: Settings) -> None:
    """An empty source again; what the server still has to write is written before the clock."""
    with psycopg.connect(settings.admin_url, autocommit=True) as conn:
        conn.execute("drop table if exists staging.authorisations")
        conn.execute("truncate ops.load, ops.delivery cascade")
        conn.execute("checkpoint")


def _report(measured: dict[str, list[Any]], options: argparse.Namespace) -> None:
    seconds = {
        name: statistics.median(run["seconds"] for run in runs) for name, runs in measured.items()
    }
    table = Table("step", "seconds", "× COPY", "reach", "rows/s", "peak MB", box=None)
    for title, name in STEPS.items():
        peak = max(run["peak_mb"] for run in measured[name])
        table.add_row(
            title,
            f"{seconds[name]:.2f}",
            f"{seconds[name] / seconds['copy']:.2f}",
            REACH.get(name, "< 1 s" if name == "unchanged" else ""),
            f"{options.rows / seconds[name]:,.0f}",
            f"{peak:.0f}",
        )
    for title, name in EXTRAS.items() if options.extras else ():
        scaled = seconds[name] * options.rows / SLICE
        peak = max(run["peak_mb"] for run in measured[name])
        ratio, rate = f"{scaled / seconds['copy']:.1f}", f"{options.rows / scaled:,.0f}"
        table.add_row(f"{title} (from a slice)", f"{scaled:.1f}", ratio, "", rate, f"{peak:.0f}")
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "rows": options.rows, "runs": measured}))
    Console().print(f"{options.rounds} rounds, medians; every run is in {path}", highlight=False)


if __name__ == "__main__":
    main()
