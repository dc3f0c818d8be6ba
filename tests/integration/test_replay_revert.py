"""Replay reads the archive anew, revert takes the newest load back: staging as it should be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from loading import FIGURES, Desk, contract, day, figures, open_desk

from utpadan import ledger, nightly
from utpadan.archive import Archive, ArchiveError
from utpadan.ledger import Counts
from utpadan.load import LoadRefused, ensure_staging, replay
from utpadan.settings import Settings
from utpadan.source import Source
from utpadan.table import Table

HEADER = b"year,sector,value\n"
FIRST = HEADER + b"2022-23,,106800\n2023-24,,126887\n2023-24,dpsu,n/a\n"
SECOND = HEADER + b"2022-23,,108684\n2023-24,,126887\n2024-25,,146000\n"
THIRD = HEADER + b"2023-24,,127434\n2024-25,,146000\n2022-23,,106800\n"
INCREMENT = figures(delivery="increment")


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


def load_three(desk: Desk, source: Source) -> list[list[tuple[Any, ...]]]:
    """Load the three deliveries; the history after each of them."""
    histories = []
    for number, data in enumerate((FIRST, SECOND, THIRD), start=1):
        desk.load(source, data, day(number))
        histories.append(desk.history(source))
    return histories


def changed(column: str, changes: dict[str, Any] | None = None, **rules: Any) -> Source:
    """`figures()` after an edit of one column of its contract, or after one was added."""
    return contract({**FIGURES, column: rules}, key=["year", "sector"], **(changes or {}))


@pytest.mark.parametrize("source", [figures(), INCREMENT], ids=["complete", "increment"])
def test_a_replay_gives_the_history_that_the_loads_gave(desk: Desk, source: Source) -> None:
    *_, history = load_three(desk, source)
    rejected = desk.rejected(1 + desk.newest_load(source)["load_id"] - 3)
    outcomes = nightly.replay_source(desk.settings, source)
    assert desk.history(source) == history
    assert desk.statuses(source) == ["superseded"] * 3 + ["loaded"] * 3
    assert [outcome.rows.rejected for outcome in outcomes] == [1, 0, 0]
    assert desk.rejected(outcomes[0].load_id) == rejected
    loads = desk.conn.execute("select distinct _load_id from staging.figures order by 1").fetchall()
    assert [load_id for (load_id,) in loads] == [outcome.load_id for outcome in outcomes]


def test_a_replay_keeps_the_table_and_the_views_that_read_it(desk: Desk) -> None:
    load_three(desk, figures())
    with psycopg.connect(desk.settings.builder_url, autocommit=True) as builder:
        builder.execute("create view prep.stg_figures as select year, value from staging.figures")
        nightly.replay_source(desk.settings, figures())
        assert builder.execute("select count(*) from prep.stg_figures").fetchone() == (6,)
        nightly.replay_source(desk.settings, changed("note", type="text"))
        assert builder.execute("select count(*) from prep.stg_figures").fetchone() == (6,)
        builder.execute("select note from staging.figures")
        nightly.replay_source(desk.settings, changed("value", type="integer"))
        with pytest.raises(psycopg.errors.UndefinedTable):
            builder.execute("select from prep.stg_figures")


def test_readers_see_the_old_rows_without_waiting_until_a_replay_is_done(desk: Desk) -> None:
    load_three(desk, figures())
    (only,) = ledger.deliveries(desk.conn, "figures")[2:]
    with psycopg.connect(desk.settings.builder_url, autocommit=True) as reader:
        reader.execute("set lock_timeout = '1s'")
        seen: list[Any] = []

        def reading_meanwhile() -> Table:
            seen.append(reader.execute("select count(*) from staging.figures").fetchone())
            return desk.reading(figures(), only)()

        replay(desk.conn, figures(), [(only, reading_meanwhile)])
    assert seen == [(6,)]
    assert len(desk.history(figures())) == 3


def test_a_replay_reads_new_columns_out_of_old_deliveries(desk: Desk) -> None:
    data = b"year,sector,value,status\n2022-23,,106800,provisional\n"
    desk.load(figures(), data, day(1))
    desk.load(figures(), data.replace(b"provisional", b"final"), day(2))
    assert [row[3] for row in desk.history(figures())] == [
        {"status": "provisional"},
        {"status": "final"},
    ]
    wider = changed("status", type="text")
    assert nightly.load_source(desk.settings, wider)[1].rows == Counts(1, 1, changed=1)
    assert desk.history(wider) == [
        ("2022-23", None, "106800", "provisional", None, 2, day(1), day(2)),
        ("2022-23", None, "106800", "final", None, 2, day(2), None),
    ]


def test_a_replay_mends_spellings_and_types_and_keys_back_to_the_first_delivery(desk: Desk) -> None:
    desk.load(figures(), HEADER + b"2022-23,All,106800\n2022-23,,1\n", day(1))
    desk.load(figures(), HEADER + b"2022-23,All,108684\n2023-24,total,2\n", day(2))
    mended = contract(
        {
            "year": {"type": "text", "required": True},
            "sector": {"type": "text", "lookup": {"All": "total", "": "total"}, "required": True},
            "value": {"type": "integer", "unit": "INR crore"},
        },
        key=["sector", "year"],
    )
    outcomes = nightly.load_source(desk.settings, mended)
    assert [outcome.rows.rejected for outcome in outcomes] == [1, 0]
    assert desk.history(mended) == [
        ("2022-23", "total", "106800", None, 2, day(1), day(2)),
        ("2022-23", "total", "108684", None, 2, day(2), None),
        ("2023-24", "total", "2", None, 3, day(2), None),
    ]
    assert nightly.load_source(desk.settings, mended) == []


def test_a_column_that_becomes_personal_is_hidden_by_the_replay(desk: Desk) -> None:
    load_three(desk, figures())
    personal = changed("value", type="numeric", unit="INR crore", personal=True)
    nightly.load_source(desk.settings, personal)
    with psycopg.connect(desk.settings.builder_url, autocommit=True) as builder:
        builder.execute("select year, sector from staging.figures")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            builder.execute("select value from staging.figures")


def test_a_contract_that_refuses_what_staging_holds_changes_nothing(desk: Desk) -> None:
    load_three(desk, figures())
    before, statuses = desk.bytes_of(figures()), desk.statuses(figures())
    broken = changed("year", {"max_bad_share": 0.5}, type="date")
    for attempt in (1, 2):
        with pytest.raises(LoadRefused) as refused:
            nightly.load_source(desk.settings, broken)
        assert str(refused.value) == (
            "figures: today's contract refuses the delivery of 2026-01-01 20:30:15, which staging "
            "holds; staging stays as it was until source.yml is mended: 3 of 3 rows are rejected "
            "(100.0%), more than max_bad_share 50.0%; `utpadan rejected figures` shows them"
        )
        assert desk.bytes_of(figures()) == before
        assert desk.statuses(figures()) == statuses + ["refused"] * attempt
    assert [reasons for _, reasons, _ in desk.rejected(desk.newest_load(broken)["load_id"])] == [
        ["year: '2022-23' is not a date"],
        ["year: '2023-24' is not a date"],
        ["year: '2023-24' is not a date", "value: 'n/a' is not a number"],
    ]
    assert nightly.load_source(desk.settings, figures()) == []
    assert desk.landing_tables() == []


def test_a_delivery_refused_once_is_judged_again_and_does_not_stop_a_replay(desk: Desk) -> None:
    strict = figures(rows={"min": 3, "max": 9, "max_change": 1})
    desk.load(strict, FIRST + b"2021-22,,1\n", day(1))
    with pytest.raises(LoadRefused):
        desk.load(strict, HEADER + b"2022-23,,1\n", day(2))
    desk.load(strict, SECOND, day(3))
    history = desk.history(strict)
    assert [o.status for o in nightly.replay_source(desk.settings, strict)] == [
        "loaded",
        "refused",
        "loaded",
    ]
    assert desk.history(strict) == history


def test_a_change_that_was_let_in_once_is_let_in_by_a_replay_under_a_tighter_bound(
    desk: Desk,
) -> None:
    *_, history = load_three(desk, figures())
    tighter = figures(rows={"min": 0, "max": 9, "max_change": 0.01})
    nightly.replay_source(desk.settings, tighter)
    assert desk.history(tighter) == history
    with pytest.raises(LoadRefused, match="max_change"):
        desk.load(tighter, FIRST, day(4))


def test_a_replay_whose_newest_delivery_is_refused_says_so(desk: Desk) -> None:
    strict = figures(rows={"min": 2, "max": 9, "max_change": 1})
    desk.load(strict, FIRST, day(1))
    history = desk.history(strict)
    with pytest.raises(LoadRefused):
        desk.load(strict, HEADER + b"2022-23,,1\n", day(2))
    with pytest.raises(LoadRefused, match=r"fewer than rows\.min 2"):
        nightly.replay_source(desk.settings, strict)
    assert desk.history(strict) == history


def test_a_replay_without_the_bytes_of_a_delivery_changes_nothing(desk: Desk) -> None:
    load_three(desk, figures())
    before, statuses = desk.bytes_of(figures()), desk.statuses(figures())
    sha256 = ledger.deliveries(desk.conn, "figures")[1].sha256
    with Archive(desk.settings.archive_url).open(sha256) as path:
        path.unlink()
    with pytest.raises(ArchiveError, match=sha256):
        nightly.replay_source(desk.settings, figures())
    assert desk.bytes_of(figures()) == before
    assert desk.statuses(figures()) == statuses


def test_a_load_under_another_contract_than_staging_asks_for_a_replay(desk: Desk) -> None:
    desk.load(figures(), FIRST, day(1))
    with pytest.raises(LoadRefused, match="`utpadan replay figures` reads all deliveries"):
        desk.load(changed("value", type="integer"), SECOND, day(2))
    assert desk.statuses(figures()) == ["loaded"]


def test_an_empty_staging_table_follows_its_contract(desk: Desk) -> None:
    ensure_staging(desk.conn, [contract({"id": {"type": "text"}, "value": {"type": "text"}})])
    ensure_staging(desk.conn, [figures()])
    ensure_staging(desk.conn, [figures()])
    assert desk.history(figures()) == []
    assert desk.load(figures(), FIRST, day(1)).rows.new == 2
    clash = HEADER + b"2022-23,,1\n2022-23,dpsu,2\n"
    assert desk.load(figures(), clash, day(2)).rows == Counts(2, 2, new=1, changed=1, closed=1)


@pytest.mark.parametrize("source", [figures(), INCREMENT], ids=["complete", "increment"])
def test_reverts_restore_exactly_what_was_before_each_load(desk: Desk, source: Source) -> None:
    first, second, _ = load_three(desk, source)
    newest = desk.newest_load(source)["load_id"]
    assert nightly.revert_source(desk.settings, source) == newest
    assert desk.history(source) == second
    assert nightly.revert_source(desk.settings, source) == newest - 1
    assert desk.history(source) == first
    nightly.revert_source(desk.settings, source)
    assert desk.history(source) == []
    with pytest.raises(LoadRefused, match="figures: no load to revert"):
        nightly.revert_source(desk.settings, source)


def test_reverted_bytes_do_not_come_back_by_themselves(desk: Desk) -> None:
    _, second, _ = load_three(desk, figures())
    nightly.revert_source(desk.settings, figures())
    assert nightly.load_source(desk.settings, figures()) == []
    nightly.replay_source(desk.settings, figures())
    assert desk.history(figures()) == second
    mended = changed("value", type="numeric", unit="INR crore", lookup={"n/a": ""})
    assert len(nightly.load_source(desk.settings, mended)) == 2
    assert nightly.load_source(desk.settings, mended) == []
    assert max(row[-2] for row in desk.history(mended)) == day(2)


def test_the_next_delivery_is_loaded_on_top_of_what_a_revert_left(desk: Desk) -> None:
    load_three(desk, figures())
    nightly.revert_source(desk.settings, figures())
    outcome = desk.load(figures(), SECOND.replace(b"146000", b"150590"), day(4))
    assert outcome.rows == Counts(landed=3, admitted=3, changed=1)
    assert desk.history(figures())[-2:] == [
        ("2024-25", None, "146000", None, 4, day(2), day(4)),
        ("2024-25", None, "150590", None, 4, day(4), None),
    ]


def test_a_revert_takes_equal_deliveries_after_it_back_too(desk: Desk) -> None:
    desk.load(figures(), FIRST, day(1))
    history = desk.history(figures())
    desk.load(figures(), SECOND, day(2))
    assert desk.load(figures(), SECOND.replace(b"\n", b"\r\n"), day(3)).status == "unchanged"
    nightly.revert_source(desk.settings, figures())
    assert desk.statuses(figures()) == ["loaded", "reverted", "reverted"]
    assert nightly.load_source(desk.settings, figures()) == []
    nightly.replay_source(desk.settings, figures())
    assert desk.history(figures()) == history


def test_a_revert_passes_over_a_refused_load(desk: Desk) -> None:
    strict = figures(rows={"min": 2, "max": 9, "max_change": 1})
    desk.load(strict, FIRST, day(1))
    with pytest.raises(LoadRefused):
        desk.load(strict, HEADER + b"2022-23,,1\n", day(2))
    nightly.revert_source(desk.settings, strict)
    assert desk.history(strict) == []


def test_a_load_waits_for_a_replay_of_its_source(desk: Desk) -> None:
    load_three(desk, figures())
    ended = threading.Event()

    def replay_it() -> None:
        nightly.replay_source(desk.settings, figures())
        ended.set()

    with psycopg.connect(desk.settings.loader_url) as other:
        ledger.lock_source(other, "figures")
        thread = threading.Thread(target=replay_it)
        thread.start()
        assert not ended.wait(0.5)
        other.rollback()
        assert ended.wait(30)
        thread.join()
