"""A delivery of earlier days, put into its place: the history is as if it had come in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from command import Command, command_of
from loading import Desk, day, figures, open_desk

from utpadan import ledger, nightly
from utpadan.archive import Archive
from utpadan.backfill import BackfillRefused, backfill
from utpadan.ledger import Outcome
from utpadan.load import LoadRefused
from utpadan.settings import Settings
from utpadan.source import Source

HEADER = "year,sector,value\n"
FIRST = HEADER + "2021-22,,94846\n2022-23,,106800\n"
BETWEEN = HEADER + "2022-23,,107500\n2023-24,,126000\n"
NEWEST = HEADER + "2022-23,,108684\n2023-24,,126887\n"
INCREMENT = figures(delivery="increment")


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


@pytest.fixture
def between(tmp_path: Path) -> Path:
    file = tmp_path / "between.csv"
    file.write_text(BETWEEN, encoding="utf-8")
    return file


def fill(
    desk: Desk, source: Source, file: Path, at: datetime | None = None, **more: Source
) -> list[Outcome]:
    """The file becomes the delivery of that moment, by default of the second day."""
    sources = {source.name: source, **more}
    return backfill(desk.settings, sources, source, file, at or day(2))


@pytest.mark.parametrize("source", [figures(), INCREMENT], ids=["complete", "increment"])
def test_a_backfill_gives_the_history_of_deliveries_that_came_in_order(
    desk: Desk, between: Path, source: Source
) -> None:
    for number, text in enumerate((FIRST, BETWEEN, NEWEST), start=1):
        desk.load(source, text.encode(), day(number))
    in_order = desk.history(source)
    with open_desk(desk.settings) as desk:
        desk.load(source, FIRST.encode(), day(1))
        desk.load(source, NEWEST.encode(), day(3))
        assert desk.history(source) != in_order
        assert len(fill(desk, source, between)) == 3
        assert desk.history(source) == in_order


def test_what_only_an_increment_of_earlier_days_had_is_known_from_then(
    desk: Desk, between: Path
) -> None:
    desk.load(INCREMENT, NEWEST.encode(), day(3))
    between.write_text(FIRST, encoding="utf-8")
    fill(desk, INCREMENT, between, day(1))
    # 2021-22 is in the backfill alone; the newer delivery has the last word on 2022-23.
    assert [(row[0], row[2], row[-2], row[-1]) for row in desk.history(INCREMENT)] == [
        ("2021-22", "94846", day(1), None),
        ("2022-23", "106800", day(1), day(3)),
        ("2022-23", "108684", day(3), None),
        ("2023-24", "126887", day(3), None),
    ]


def test_the_same_bytes_at_the_same_moment_are_nothing_new(desk: Desk, between: Path) -> None:
    desk.load(figures(), NEWEST.encode(), day(3))
    fill(desk, figures(), between)
    loads = desk.statuses(figures())
    assert fill(desk, figures(), between) == []
    assert desk.statuses(figures()) == loads


def test_a_backfill_keeps_its_bytes_and_the_next_ingest_has_nothing_to_do(
    desk: Desk, between: Path
) -> None:
    desk.load(INCREMENT, NEWEST.encode(), day(3))
    fill(desk, INCREMENT, between)
    known = ledger.deliveries(desk.conn, "figures")
    assert [delivery.fetched_at for delivery in known] == [day(2), day(3)]
    with Archive(desk.settings.archive_url).open(known[0].sha256) as kept:
        assert kept.read_text(encoding="utf-8") == BETWEEN
    assert nightly.load_source(desk.settings, INCREMENT) == []


def test_a_backfill_as_the_newest_delivery_does_not_move_the_watermark(
    desk: Desk, between: Path
) -> None:
    desk.load(INCREMENT, FIRST.encode(), day(1))
    with psycopg.connect(desk.settings.admin_url) as admin:
        admin.execute("update ops.delivery set watermark = '2026-01-01'")
    fill(desk, INCREMENT, between)
    newest = ledger.latest_delivery(desk.conn, "figures")
    assert newest is not None
    assert (newest.fetched_at, newest.watermark, newest.etag) == (day(2), "2026-01-01", None)


def test_a_reverted_delivery_stays_out_of_a_backfilled_history(desk: Desk, between: Path) -> None:
    desk.load(figures(), FIRST.encode(), day(1))
    desk.load(figures(), NEWEST.encode(), day(3))
    nightly.revert_source(desk.settings, figures())
    assert len(fill(desk, figures(), between)) == 2
    assert desk.current(figures()) == [("2022-23", None, "107500"), ("2023-24", None, "126000")]


def test_a_delivery_that_carries_other_sources_is_read_for_each(desk: Desk, between: Path) -> None:
    carried = figures(name="carried", fetch={"kind": "same_as", "source": "figures"})
    desk.load(figures(), NEWEST.encode(), day(3))
    nightly.load_source(desk.settings, carried)
    fill(desk, figures(), between, carried=carried)
    assert desk.history(carried) == desk.history(figures())
    with pytest.raises(BackfillRefused, match="carried has no delivery of its own: backfill fig"):
        fill(desk, carried, between, figures=figures())


REFUSALS = {
    "a moment to come": (datetime.now(UTC) + timedelta(days=1), None, "is yet to come"),
    "a known moment": (day(3), None, r"of 2026-01-03 20:30:15 UTC has other bytes"),
    "a lost file": (day(2), "lost", "there is no such file"),
}


@pytest.mark.parametrize(("at", "file", "why"), REFUSALS.values(), ids=REFUSALS)
def test_a_backfill_is_refused_with_the_reason(
    desk: Desk, between: Path, at: datetime, file: str | None, why: str
) -> None:
    desk.load(figures(), NEWEST.encode(), day(3))
    before = desk.bytes_of(figures())
    with pytest.raises(BackfillRefused, match=why):
        fill(desk, figures(), between.with_name(file) if file else between, at)
    assert desk.bytes_of(figures()) == before
    assert len(ledger.deliveries(desk.conn, "figures")) == 1


def test_a_file_that_the_contract_refuses_leaves_no_trace_in_the_ledger(
    desk: Desk, between: Path
) -> None:
    tight = figures(rows={"min": 2, "max": 10, "max_change": 1})
    desk.load(tight, NEWEST.encode(), day(3))
    before, loads = desk.bytes_of(tight), desk.statuses(tight)
    between.write_text(HEADER + "2022-23,,1\n", encoding="utf-8")
    with pytest.raises(BackfillRefused, match=r"rows\.min 2.*; nothing was recorded"):
        fill(desk, tight, between)
    assert (desk.bytes_of(tight), desk.statuses(tight)) == (before, loads)
    assert len(ledger.deliveries(desk.conn, "figures")) == 1


def test_a_backfill_under_a_contract_that_loses_what_staging_holds_changes_nothing(
    desk: Desk, between: Path
) -> None:
    desk.load(figures(), (HEADER + "2022-23,,1\n").encode(), day(3))
    before, loads = desk.bytes_of(figures()), desk.statuses(figures())
    with pytest.raises(LoadRefused, match="which staging holds; staging stays as it was"):
        fill(desk, figures(rows={"min": 2, "max": 10, "max_change": 1}), between)
    assert (desk.bytes_of(figures()), desk.statuses(figures())) == (before, loads)
    assert len(ledger.deliveries(desk.conn, "figures")) == 1


@pytest.fixture
def command(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Command]:
    with open_desk(shared_warehouse):
        yield command_of(shared_warehouse, monkeypatch, tmp_path)


def test_the_verb_takes_a_day_or_a_time_and_says_what_was_loaded(
    command: Command, tmp_path: Path
) -> None:
    command.file.write_text("year,value\n2024,1\n", encoding="utf-8")
    command.run("ingest")
    earlier = tmp_path / "earlier.csv"
    earlier.write_text("year,value\n2023,1\n2024,2\n", encoding="utf-8")
    said = command.run("backfill", "figures", str(earlier), "--at", "2024-05-01")
    assert said.count("figures") == 2
    again = command.run("backfill", "figures", str(earlier), "--at", "2024-05-01T05:30+05:30")
    assert "nothing new" in again
    assert "2024-05-01T06:30Z" in command.run(
        "backfill", "figures", str(earlier), "--at", "May", code=2
    )
    assert "is yet to come" in command.run(
        "backfill", "figures", str(earlier), "--at", "2999-01-01", code=1
    )
