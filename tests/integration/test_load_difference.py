"""A file that comes again changed ends in the same staging, read as a difference or whole."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from utpadan import ledger
from utpadan.archive import sha256_of
from utpadan.load import LoadRefused, Reading, load
from utpadan.parse import read, read_difference
from utpadan.settings import Settings
from utpadan.source import Source

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "code,note,quantity\n"


def contract(name: str, folder: Path) -> Source:
    return Source.model_validate(
        {
            "name": name,
            "domain": "engagement",
            "folder": folder,
            "title": "Parts",
            "description": "Parts and how many of each are in store, for a test.",
            "publisher": {"name": "Test", "official": False},
            "licence": {"name": "none", "note": "made for a test"},
            "owner": "test-desk",
            "fetch": {"kind": "file", "path": "parts.csv"},
            "format": {"kind": "csv"},
            "delivery": "complete",
            "grain": "one part and note",
            "key": ["code", "note"],
            "rows": {"min": 0, "max": 1000, "max_change": 1},
            "freshness_days": 1,
            "max_bad_share": 0.99,
            "columns": {
                "code": {"type": "text", "required": True, "description": "code of the part"},
                "note": {"type": "text", "description": "part of the key, may be empty"},
                "quantity": {"type": "integer", "unit": "count", "description": "in store"},
            },
        }
    )


def deliver(conn: psycopg.Connection[Any], source: Source, path: Path, day: int) -> ledger.Delivery:
    facts = {
        "sha256": sha256_of(path),
        "size_bytes": path.stat().st_size,
        "url": str(path),
        "request_sha256": "test",
        "etag": None,
        "last_modified": None,
        "watermark": None,
        "requests": 1,
        "retries": 0,
        "fetched_at": FIRST_DAY + timedelta(days=day),
    }
    return ledger.record_delivery(conn, source.name, facts)


def versions(conn: psycopg.Connection[Any], source: Source) -> list[tuple[Any, ...]]:
    query = SQL(
        "select code, note, quantity, _known_from, _known_to from staging.{} order by 1, 2, 4"
    )
    return conn.execute(query.format(Identifier(source.name))).fetchall()


def load_both(
    conn: psycopg.Connection[Any], tmp_path: Path, name: str, files: list[str]
) -> tuple[list[str], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Load the files whole into one source, as differences into another.

    Returns the readings of the second, and the versions of both.
    """
    whole, parts = contract(f"whole_{name}", tmp_path), contract(f"parts_{name}", tmp_path)
    readings: list[str] = []
    before: Path | None = None
    for day, text in enumerate(files):
        path = tmp_path / f"{name}_{day}.csv"
        path.write_text(HEADER + text, encoding="utf-8")
        load(conn, whole, partial(read, whole, path), deliver(conn, whole, path, day))
        reading: Reading = partial(read, parts, path)
        if before and ledger.base(conn, parts):
            reading = partial(difference_or_whole, parts, path, before)
        outcome = load(conn, parts, reading, deliver(conn, parts, path, day))
        assert outcome is not None
        readings.append(outcome.reading)
        before = path
    return readings, versions(conn, whole), versions(conn, parts)


def difference_or_whole(source: Source, path: Path, before: Path) -> Any:
    return read_difference(source, path, before) or read(source, path)


def test_a_changed_an_added_and_a_missing_row_are_versioned(
    warehouse: Settings, tmp_path: Path
) -> None:
    files = ["a,,1\nb,x,2\nc,,3\nd,,4\n", "a,,1\nb,x,5\nd,,4\ne,,6\n"]
    with psycopg.connect(warehouse.loader_url, autocommit=True) as conn:
        readings, _, found = load_both(conn, tmp_path, "simple", files)
    first, second = FIRST_DAY, FIRST_DAY + timedelta(days=1)
    assert readings == ["fast", "difference"]
    assert found == [
        ("a", None, 1, first, None),
        ("b", "x", 2, first, second),
        ("b", "x", 5, second, None),
        ("c", None, 3, first, second),
        ("d", None, 4, first, None),
        ("e", None, 6, second, None),
    ]


def test_a_new_row_with_the_key_of_an_unchanged_one_makes_the_file_be_read_whole(
    warehouse: Settings, tmp_path: Path
) -> None:
    files = ["a,,1\nb,,2\nc,,3\n", "a,,1\nb,,2\nc,,3\nb,,9\n"]
    with psycopg.connect(warehouse.loader_url, autocommit=True) as conn:
        readings, whole, parts = load_both(conn, tmp_path, "clash", files)
        reasons = conn.execute(
            "select line, reasons from ops.rejection where source = 'parts_clash' order by line"
        ).fetchall()
    assert readings == ["fast", "fast"]
    assert parts == whole
    assert reasons == [
        (3, ["key repeats with other values on line 5"]),
        (5, ["key repeats with other values on line 3"]),
    ]


def test_a_bad_row_in_a_difference_is_rejected_with_its_line(
    warehouse: Settings, tmp_path: Path
) -> None:
    files = ["a,,1\nb,,2\nc,,3\n", "a,,1\nx,,many\nb,,2\nc,,3\n"]
    with psycopg.connect(warehouse.loader_url, autocommit=True) as conn:
        readings, whole, parts = load_both(conn, tmp_path, "bad", files)
        rejected = conn.execute(
            "select line, reasons from ops.rejection where source = 'parts_bad'"
        ).fetchall()
    assert readings == ["fast", "difference"]
    assert parts == whole
    assert rejected == [(3, ["quantity: 'many' is not a whole number"])]


def test_max_change_refuses_a_difference_too(warehouse: Settings, tmp_path: Path) -> None:
    source = contract("brake", tmp_path)
    source = source.model_copy(update={"rows": source.rows.model_copy(update={"max_change": 0.25})})
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    paths[0].write_text(HEADER + "a,,1\nb,,2\nc,,3\nd,,4\n", encoding="utf-8")
    paths[1].write_text(HEADER + "a,,1\nb,,2\nc,,7\nd,,8\n", encoding="utf-8")
    with psycopg.connect(warehouse.loader_url, autocommit=True) as conn:
        load(conn, source, partial(read, source, paths[0]), deliver(conn, source, paths[0], 0))
        before = versions(conn, source)
        with pytest.raises(LoadRefused, match=r"2 of 4 current rows would change or close"):
            reading = partial(difference_or_whole, source, paths[1], paths[0])
            load(conn, source, reading, deliver(conn, source, paths[1], 1))
        assert versions(conn, source) == before


def edited(dice: random.Random, rows: list[str]) -> list[str]:
    """The rows with a few inserted, removed, changed, moved, repeated or spoiled."""
    rows = list(rows)
    for _ in range(dice.randrange(1, 6)):
        place = dice.randrange(len(rows)) if rows else 0
        kind = dice.choice(["insert", "remove", "change", "move", "repeat", "spoil", "none"])
        if kind == "insert" or not rows:
            rows.insert(place, f"n{dice.randrange(1000)},,{dice.randrange(9)}")
        elif kind == "remove":
            del rows[place]
        elif kind == "change":
            rows[place] = rows[place].rsplit(",", 1)[0] + f",{dice.randrange(100)}"
        elif kind == "move":
            rows.insert(dice.randrange(len(rows)), rows.pop(place))
        elif kind == "repeat":
            rows.insert(dice.randrange(len(rows)), rows[place])
        elif kind == "spoil":
            rows[place] = rows[place] + "?"
    return rows


def test_any_series_of_files_ends_in_the_same_staging(warehouse: Settings, tmp_path: Path) -> None:
    used: set[str] = set()
    with psycopg.connect(warehouse.loader_url, autocommit=True) as conn:
        for seed in range(25):
            dice = random.Random(seed)
            rows = [f"k{n},{'x' if n % 3 else ''},{n}" for n in range(40)]
            files = []
            for _ in range(4):
                files.append("".join(row + "\n" for row in rows))
                rows = edited(dice, rows)
            readings, whole, parts = load_both(conn, tmp_path, f"s{seed}", files)
            assert parts == whole, f"seed {seed}: {readings}"
            used.update(readings)
    assert used >= {"fast", "difference"}
