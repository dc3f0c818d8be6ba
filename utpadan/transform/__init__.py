"""Runs dbt: from staging to an empty `marts_next`, in one process, with every result on record.

`build()` is the way in. Its inputs are the staging tables, its outcome the tables of `marts_next`
with their keys, which nobody reads until they are published. Documentation, metrics and the age of
the sources are read from what is published. dbt itself is never imported: it runs as a child
process and says what it does as JSON lines.
"""

from utpadan.transform.build import BuildFailed, BuildResult, BuildRunning, build
from utpadan.transform.process import Layer
from utpadan.transform.properties import write_contracts
from utpadan.transform.reading import ReadingFailed, run_metricflow, stale_sources, write_docs
from utpadan.transform.results import NodeResult

__all__ = [
    "BuildFailed",
    "BuildResult",
    "BuildRunning",
    "Layer",
    "NodeResult",
    "ReadingFailed",
    "build",
    "run_metricflow",
    "stale_sources",
    "write_contracts",
    "write_docs",
]
