"""The marts are built from staging that stands still and has been judged, or not at all."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from utpadan import nightly, transform
from utpadan.nightly import GateIsRed, HeldBack
from utpadan.quality import GateFailed
from utpadan.settings import Settings
from utpadan.source import load_sources

SOURCES = load_sources()


def ingest(settings: Settings, *names: str) -> None:
    nightly.pull(settings, [SOURCES[name] for name in names])
    for name in names:
        nightly.load_source(settings, SOURCES[name])


def builds(settings: Settings) -> int:
    with psycopg.connect(settings.builder_url) as conn:
        return len(conn.execute("select * from ops.build").fetchall())


def test_staging_that_no_gate_has_judged_is_not_built_from(warehouse: Settings) -> None:
    """It may be an ingest at work, so the task is tried again: it is no GateIsRed."""
    ingest(warehouse, "tdf_projects")
    with pytest.raises(HeldBack, match="staging of innovation is not judged yet") as held:
        nightly.build(warehouse, SOURCES)
    assert not isinstance(held.value, GateIsRed)
    assert "`utpadan gate innovation` judges it" in str(held.value)


def test_staging_that_failed_its_gate_is_named_with_what_to_do(warehouse: Settings) -> None:
    """One source of ten has come, and rules of the suite have no row to judge."""
    ingest(warehouse, "tdf_projects")
    with pytest.raises(GateFailed):
        nightly.gate(warehouse, "innovation", SOURCES)
    with pytest.raises(GateIsRed, match="`utpadan gate innovation` says why; mend it or take"):
        nightly.build(warehouse, SOURCES)


def test_a_build_during_which_staging_changed_does_not_count(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(settings: Settings, *_: Any, **__: Any) -> transform.BuildResult:
        ingest(settings, "drdo_labs")
        return transform.BuildResult(uuid.uuid4(), 0.0, (), ())

    monkeypatch.setattr(transform, "build", build)
    with pytest.raises(HeldBack, match="staging changed while the marts were built"):
        nightly.build(warehouse, SOURCES)
    assert builds(warehouse) == 0
