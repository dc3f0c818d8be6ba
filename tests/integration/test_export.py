"""A release as files: whole, typed, written once."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from utpadan import ledger, publish
from utpadan.export import ExportError, export
from utpadan.settings import Settings

MARTS = """
create table marts_next.dim_state (state_code text primary key, name text not null);
comment on table marts_next.dim_state is 'One row per state.';
comment on column marts_next.dim_state.name is 'Name of the state.';
create table marts_next.fct_grant (
    grant_id bigint primary key, state_code text references marts_next.dim_state,
    value_inr numeric, is_sample boolean, granted_on date, seen_at timestamptz
);
insert into marts_next.dim_state values ('IN-TN', 'Tamil Nadu'), ('IN-UP', '=1+1 "or" so');
insert into marts_next.fct_grant values
    (1, 'IN-TN', 12345678901234567890.5, true, '2025-08-09', '2025-08-09 05:30:00+05:30'),
    (2, null, null, false, null, null);
"""


@pytest.fixture
def released(warehouse: Settings) -> Settings:
    with psycopg.connect(warehouse.builder_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        conn.execute("drop schema if exists marts_next cascade; create schema marts_next")
        conn.execute(MARTS.encode())
        build_id = uuid4()
        ledger.record_build(conn, build_id, "0" * 64, {})
        ledger.mark_audited(conn, build_id, passed=True)
    publish.publish(warehouse.builder_url)
    return warehouse


def package(folder: Path) -> dict[str, Any]:
    manifest = next(folder.glob("release_*/datapackage.json"))
    return json.loads(manifest.read_text(encoding="utf-8"))


def rows(folder: Path, table: str) -> list[list[str]]:
    packed = next(folder.glob(f"release_*/{table}.csv.gz")).read_bytes()
    return list(csv.reader(io.StringIO(gzip.decompress(packed).decode())))


def test_every_row_is_in_the_files_as_the_marts_have_it(released: Settings, tmp_path: Path) -> None:
    done = export(released.builder_url, tmp_path.as_uri())
    assert (done.tables, done.is_new) == (2, True)
    assert rows(tmp_path, "dim_state") == [
        ["state_code", "name"],
        ["IN-TN", "Tamil Nadu"],
        ["IN-UP", '=1+1 "or" so'],
    ]
    assert rows(tmp_path, "fct_grant")[1:] == [
        [
            "1",
            "IN-TN",
            "12345678901234567890.5",
            "true",
            "2025-08-09",
            "2025-08-09T00:00:00.000000Z",
        ],
        ["2", "", "", "false", "", ""],
    ]


def test_the_package_says_what_each_file_holds(released: Settings, tmp_path: Path) -> None:
    done = export(released.builder_url, tmp_path.as_uri())
    content = package(tmp_path)
    state, grant = content["resources"]
    assert content["version"] == str(done.release_id)
    assert state["description"] == "One row per state."
    assert state["schema"]["fields"][1] == {
        "name": "name",
        "type": "string",
        "description": "Name of the state.",
        "constraints": {"required": True},
    }
    assert [field["type"] for field in grant["schema"]["fields"]] == [
        "integer",
        "string",
        "number",
        "boolean",
        "date",
        "datetime",
    ]
    assert grant["schema"]["primaryKey"] == ["grant_id"]
    assert grant["schema"]["foreignKeys"] == [
        {
            "fields": ["state_code"],
            "reference": {"resource": "dim_state", "fields": ["state_code"]},
        }
    ]
    file = next(tmp_path.glob("release_*/fct_grant.csv.gz")).read_bytes()
    assert (grant["rows"], grant["bytes"]) == (2, len(file))
    assert grant["hash"] == f"sha256:{hashlib.sha256(file).hexdigest()}"


def test_a_release_is_written_once_and_the_same_rows_give_the_same_bytes(
    released: Settings, tmp_path: Path
) -> None:
    export(released.builder_url, (tmp_path / "a").as_uri())
    assert not export(released.builder_url, (tmp_path / "a").as_uri()).is_new
    export(released.builder_url, (tmp_path / "b").as_uri())
    assert package(tmp_path / "a") == package(tmp_path / "b")


def test_a_folder_that_was_left_half_written_is_written_again(
    released: Settings, tmp_path: Path
) -> None:
    export(released.builder_url, tmp_path.as_uri())
    whole = package(tmp_path)
    next(tmp_path.glob("release_*/datapackage.json")).unlink()
    next(tmp_path.glob("release_*/fct_grant.csv.gz")).write_bytes(b"half")
    assert export(released.builder_url, tmp_path.as_uri()).is_new
    assert package(tmp_path) == whole
    assert len(rows(tmp_path, "fct_grant")) == 3


def test_without_a_release_or_a_place_it_says_so(warehouse: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no release to export: `make run` publishes one"):
        export(warehouse.builder_url, tmp_path.as_uri())


def test_a_place_that_takes_no_files_is_named(released: Settings, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(ExportError, match="taken/release_1 cannot be written"):
        export(released.builder_url, (tmp_path / "taken").as_uri())
