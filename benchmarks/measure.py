"""One measured step in a process of its own: `python -m benchmarks.measure STEP FILE`.

Prints one JSON object: seconds of the step (the process's start and imports aside), the peak memory
of the process in MB, and what the step says of itself.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from utpadan import nightly
from utpadan.load.admission import SQL_TYPE
from utpadan.settings import Settings
from utpadan.source import FileFetch, Source, load_source

CONTRACT = Path(__file__).parent / "sources/benchmark/authorisations"
BLOCK = 1 << 20


def load(settings: Settings, source: Source, file: Path) -> dict[str, Any]:
    """The whole load: fetch, archive, admission, versions, ledger."""
    pointed = source.model_copy(update={"fetch": FileFetch(kind="file", path=str(file))})
    pulled = nightly.pull(settings, [pointed])
    if pulled.failed:
        raise SystemExit(pulled.failed[source.name])
    if not pulled.to_load:
        return {"reading": "nothing new"}
    (outcome,) = nightly.load_source(settings, pointed)
    return {"reading": outcome.reading, "rows": vars(outcome.rows), "steps": outcome.seconds}


def copy(settings: Settings, source: Source, file: Path) -> dict[str, Any]:
    """Plain COPY into a typed table with the same primary key, emptied before."""
    with psycopg.connect(settings.loader_url) as conn, file.open("rb") as data:
        table = Identifier("landing", "plain_copy")
        next(data)
        with conn.cursor() as cursor:
            with cursor.copy(SQL("copy {} from stdin (format csv)").format(table)) as stream:
                while block := data.read(BLOCK):
                    stream.write(block)
            return {"rows": cursor.rowcount}


def prepare_copy(settings: Settings, source: Source, file: Path) -> dict[str, Any]:
    """The table of `copy`, new and empty."""
    columns = [
        SQL("{} {}").format(Identifier(name), SQL_TYPE[column.type])
        for name, column in source.columns.items()
    ]
    key = SQL(", ").join(map(Identifier, source.key))
    with psycopg.connect(settings.loader_url) as conn:
        conn.execute("drop table if exists landing.plain_copy")
        conn.execute(
            SQL("create table landing.plain_copy ({}, primary key ({}))").format(
                SQL(", ").join(columns), key
            )
        )
    return {}


def pandas_to_sql(settings: Settings, source: Source, file: Path) -> dict[str, Any]:
    """pandas.read_csv and to_sql, as most scripts do it."""
    import pandas as pd
    import sqlalchemy

    url = settings.loader_url.replace("postgresql://", "postgresql+psycopg://", 1)
    frame = pd.read_csv(file)
    frame.to_sql("pandas", sqlalchemy.create_engine(url), schema="landing", if_exists="replace")
    return {"rows": len(frame)}


def dlt_run(settings: Settings, source: Source, file: Path) -> dict[str, Any]:
    """dlt's pipeline of the same file: its own types, its own tables."""
    import csv
    import tempfile

    import dlt

    dlt.config["runtime.dlthub_telemetry"] = False
    with tempfile.TemporaryDirectory() as folder, file.open(encoding="utf-8", newline="") as rows:
        pipeline = dlt.pipeline(
            "bench",
            pipelines_dir=folder,
            destination=dlt.destinations.postgres(settings.admin_url),
            dataset_name="bench_dlt",
            dev_mode=True,
        )
        pipeline.run(csv.DictReader(rows), table_name="rows", write_disposition="replace")
        return {"steps": str(pipeline.last_trace.last_normalize_info.row_counts)}


STEPS = {f.__name__: f for f in (load, copy, prepare_copy, pandas_to_sql, dlt_run)}


if __name__ == "__main__":
    step, file = STEPS[sys.argv[1]], Path(sys.argv[2])
    arguments = Settings.load(), load_source(CONTRACT), file
    start = time.perf_counter()
    said = step(*arguments)
    seconds = time.perf_counter() - start
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": seconds, "peak_mb": kilobytes / unit, **said}))
