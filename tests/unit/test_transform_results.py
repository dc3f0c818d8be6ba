"""What is read from dbt's own files and words."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from utpadan.transform.process import Dbt, Layer, connection_variables
from utpadan.transform.results import plain, read_results

STARTED = datetime(2026, 11, 1, 22, 30, tzinfo=UTC)
NODES = {
    "model.utpadan.dim_a": {"resource_type": "model", "fqn": ["utpadan", "marts", "r", "dim_a"]},
    "model.utpadan.fct_a": {"resource_type": "model", "fqn": ["utpadan", "marts", "r", "fct_a"]},
    "test.utpadan.sums.1": {"resource_type": "test", "fqn": ["utpadan", "marts", "r", "sums"]},
}
MANIFEST = {"nodes": NODES, "functions": {}, "unit_tests": {}}


def outcome(node: str, status: str, **changes: Any) -> dict[str, Any]:
    return {
        "unique_id": node,
        "status": status,
        "timing": [],
        "adapter_response": {},
        "failures": None,
        "execution_time": 0.5,
        "message": None,
        "compiled_code": "select 1",
        **changes,
    }


def target(folder: Path, *outcomes: dict[str, Any]) -> Path:
    (folder / "target").mkdir()
    (folder / "target/manifest.json").write_text(json.dumps(MANIFEST))
    if outcomes:
        (folder / "target/run_results.json").write_text(json.dumps({"results": outcomes}))
    return folder / "target"


def test_a_model_that_was_built_has_its_rows_and_no_message(tmp_path: Path) -> None:
    times = [{"started_at": "2026-11-01T22:31:05Z"}, {"started_at": "2026-11-01T22:31:04Z"}]
    built = outcome(
        "model.utpadan.dim_a",
        "success",
        timing=times,
        adapter_response={"rows_affected": 36},
        message="INSERT 0 36",
    )
    (result,) = read_results(target(tmp_path, built), STARTED)
    assert (result.kind, result.layer, result.row_count) == ("model", "marts", 36)
    assert result.message is None
    assert result.started_at == datetime(2026, 11, 1, 22, 31, 4, tzinfo=UTC)


def test_a_view_has_no_row_count(tmp_path: Path) -> None:
    made = outcome("model.utpadan.dim_a", "success", adapter_response={"rows_affected": -1})
    assert read_results(target(tmp_path, made), STARTED)[0].row_count is None


def test_a_test_that_fails_counts_the_rows_and_keeps_the_query_that_finds_them(
    tmp_path: Path,
) -> None:
    failed = outcome(
        "test.utpadan.sums.1", "fail", failures=3, adapter_response={"rows_affected": 1}
    )
    (result,) = read_results(target(tmp_path, failed), STARTED)
    assert (result.layer, result.row_count, result.query) == ("tests", 3, "select 1")


def test_a_skipped_node_started_with_the_build(tmp_path: Path) -> None:
    skipped = outcome("model.utpadan.fct_a", "skipped")
    (result,) = read_results(target(tmp_path, skipped), STARTED)
    assert (result.message, result.started_at) == ("skipped", STARTED)


def test_a_run_that_never_began_has_no_results(tmp_path: Path) -> None:
    assert read_results(target(tmp_path), STARTED) == ()


def test_a_message_keeps_the_cause_and_loses_the_wrapping() -> None:
    message = (
        "Database Error in model dim_a (models/marts/r/dim_a.sql)\n"
        '  column "typo" does not exist\n'
        "  LINE 10:     typo,\n"
        "  compiled code at /home/x/target/run/dim_a.sql"
    )
    assert plain(message) == 'column "typo" does not exist\nLINE 10:     typo,'


def test_the_builders_url_becomes_the_variables_of_the_profile() -> None:
    variables = connection_variables("postgresql://builder:s%40t@db.in:6432/warehouse")
    assert variables["UTPADAN_BUILDER_HOST"] == "db.in"
    assert variables["UTPADAN_BUILDER_PORT"] == "6432"
    assert variables["UTPADAN_BUILDER_USER"] == "builder"
    assert variables["UTPADAN_BUILDER_DATABASE"] == "warehouse"
    # pragma: allowlist nextline secret: made up
    assert variables["DBT_ENV_SECRET_BUILDER_PASSWORD"] == "s@t"
    assert variables["PGTZ"] == "UTC"


def test_a_url_without_a_database_is_refused() -> None:
    with pytest.raises(ValueError, match="UTPADAN_BUILDER_URL names no database"):
        connection_variables("postgresql://builder@db.in")


def said(name: str, level: str = "info", **data: Any) -> str:
    return json.dumps({"info": {"name": name, "level": level, "msg": name}, "data": data})


def test_a_layer_is_reported_once_when_its_last_node_has_ended(tmp_path: Path) -> None:
    target(tmp_path)
    ended: list[Layer] = []
    dbt = Dbt(Path("project"), tmp_path, "postgresql://b@h/d", ended.append)
    first = {"unique_id": "model.utpadan.dim_a", "node_status": "success"}
    second = {"unique_id": "model.utpadan.fct_a", "node_status": "skipped"}
    dbt.hear(said("LogModelResult", node_info=first))
    assert ended == []
    dbt.hear(said("SkippingDetails", node_info=second))
    assert [(layer.name, layer.nodes, dict(layer.statuses)) for layer in ended] == [
        ("marts", 2, {"success": 1, "skipped": 1})
    ]


def test_warnings_and_what_is_no_event_are_kept(tmp_path: Path) -> None:
    dbt = Dbt(Path("project"), tmp_path, "postgresql://b@h/d")
    dbt.hear(said("UnusedResourceConfigPath", level="warn"))
    dbt.hear("Segmentation fault\n")
    assert dbt.warnings == ["UnusedResourceConfigPath"]
    assert dbt.errors == ["Segmentation fault"]
