"""A refused delivery is let in by a person with a reason: that one, as far as it was seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from loading import FIGURES, Desk, contract, day, figures, open_desk
from psycopg.rows import dict_row

from utpadan import ledger, nightly
from utpadan.archive import Archive, ArchiveError
from utpadan.brakes import NotAccepted, accept_delivery
from utpadan.ledger import Counts, Outcome
from utpadan.load import LoadRefused
from utpadan.settings import Settings
from utpadan.source import Source

HEADER = b"year,sector,value\n"
YEARS = HEADER + b"2021-22,,94846\n2022-23,,108684\n2023-24,,127434\n2024-25,,150590\n"
TIGHT = figures(rows={"min": 3, "max": 5, "max_change": 0.5}, max_bad_share=0.25)
SHORT = HEADER + b"2023-24,,127434\n2024-25,,150590\n"
"""Two of the four years: fewer than rows.min, and a change of just the half that may change."""
OTHER = HEADER + b"2022-23,,1\n2023-24,,2\n2024-25,,150590\n2025-26,,3\n"
"""Of the four years two change and one closes: 75 %."""
BAD = YEARS.replace(b"94846", b"n/a").replace(b"2022-23", b"") + b"2025-26,,7\n"
"""Of five rows two are not understood: 40 %. Two of the four years would close, which may be."""
ALL = HEADER + b"2022-23,,n/a\n2024-25,,150591\n"
"""One of two rows is not understood, one row is admitted, and all four years change or close."""
WHY = "the ministry withdrew these years, see its corrigendum"


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


def refused(desk: Desk, data: bytes, source: Source = TIGHT, number: int = 2) -> dict[str, Any]:
    """The load of a delivery that is refused."""
    with pytest.raises(LoadRefused, match="`utpadan accept figures --reason WHY`"):
        desk.load(source, data, day(number))
    return desk.newest_load(source)


def accept(desk: Desk, source: Source = TIGHT) -> Outcome:
    return accept_delivery(desk.settings, source, WHY, "asha")


def acceptances(desk: Desk) -> list[dict[str, Any]]:
    """What analysts see of the acceptances of deliveries that there are."""
    with psycopg.connect(desk.settings.analyst_url, row_factory=dict_row) as conn:
        every = conn.execute("select * from ops.acceptance order by acceptance_id").fetchall()
    there = {delivery.delivery_id for delivery in ledger.deliveries(desk.conn, "figures")}
    return [row for row in every if row["judged"].get("delivery_id") in there]


@pytest.mark.parametrize(
    ("data", "breaches", "counts"),
    [
        (SHORT, {"rows.min": 2}, Counts(2, 2, closed=2)),
        (OTHER, {"rows.max_change": 0.75}, Counts(4, 4, new=1, changed=2, closed=1)),
        (BAD, {"max_bad_share": 0.4}, Counts(5, 3, 2, new=1, closed=2)),
        (
            ALL,
            {"max_bad_share": 0.5, "rows.min": 1, "rows.max_change": 1.0},
            Counts(2, 1, 1, changed=1, closed=3),
        ),
    ],
    ids=["volume", "change share", "rejected share", "all of them"],
)
def test_a_refused_delivery_is_accepted_with_all_it_breaks_and_loaded_at_once(
    desk: Desk, data: bytes, breaches: dict[str, float], counts: Counts
) -> None:
    desk.load(TIGHT, YEARS, day(1))
    load = refused(desk, data)
    assert load["breaches"] == breaches
    outcome = accept(desk)
    assert (outcome.status, outcome.rows) == ("loaded", counts)
    assert desk.statuses(TIGHT) == ["loaded", "refused", "loaded"]
    assert nightly.load_source(desk.settings, TIGHT) == []
    (kept,) = acceptances(desk)
    assert (kept["boundary"], kept["subject"]) == ("load", "figures")
    assert (kept["accepted"], kept["refusal"]) == (breaches, load["message"])
    assert (kept["reason"], kept["accepted_by"]) == (WHY, "asha")
    assert kept["session_role"] == "utpadan_loader"
    assert kept["judged"]["delivery_id"] == load["delivery_id"]
    cause = load["message"].partition("; `utpadan deliveries")[0]
    said = f"{cause}; accepted by asha ({kept['acceptance_id']}): {WHY}"
    assert desk.newest_load(TIGHT)["warnings"] == outcome.warnings == [said]


def test_rows_that_an_accepted_delivery_rejects_stay_rejected_and_kept(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    rejected = desk.rejected(refused(desk, BAD)["load_id"])
    assert desk.rejected(accept(desk).load_id) == rejected
    assert [line for line, *_ in rejected] == [2, 3]


def test_a_first_delivery_can_be_accepted_too(desk: Desk) -> None:
    refused(desk, SHORT)
    assert accept(desk).rows.new == 2
    assert desk.current(TIGHT) == [("2023-24", None, "127434"), ("2024-25", None, "150590")]


@pytest.mark.parametrize("data", [SHORT, SHORT + b"\n"], ids=["same bytes", "other bytes"])
def test_another_delivery_needs_another_acceptance(desk: Desk, data: bytes) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, SHORT)
    accept(desk)
    desk.load(TIGHT, YEARS, day(3))
    refused(desk, data, number=4)
    assert desk.statuses(TIGHT)[-2:] == ["loaded", "refused"]
    accept(desk)
    assert len(acceptances(desk)) == 2


def test_nothing_is_accepted_beyond_what_was_observed(desk: Desk) -> None:
    """Staging had four rows when the delivery was refused, and has two when it is accepted."""
    desk.load(TIGHT, HEADER + b"2021-22,,1\n2022-23,,2\n2023-24,,3\n", day(1))
    desk.load(TIGHT, HEADER + b"2021-22,,1\n2022-23,,2\n2023-24,,3\n2024-25,,4\n", day(2))
    data = HEADER + b"2021-22,,7\n2022-23,,8\n2023-24,,9\n2024-25,,4\n"
    assert refused(desk, data, number=3)["breaches"] == {"rows.max_change": 0.75}
    nightly.revert_source(desk.settings, TIGHT)
    before = desk.bytes_of(TIGHT)
    with pytest.raises(LoadRefused, match=r"3 of 3 current rows would change or close"):
        accept(desk)
    assert (desk.bytes_of(TIGHT), acceptances(desk)) == (before, [])
    assert desk.statuses(TIGHT) == ["loaded", "reverted", "refused"]


def test_what_is_loaded_or_was_never_there_cannot_be_accepted(desk: Desk) -> None:
    nothing = "figures: nothing to accept: its newest load was not refused"
    with pytest.raises(NotAccepted, match=nothing):
        accept(desk)
    desk.load(TIGHT, YEARS, day(1))
    with pytest.raises(NotAccepted, match=nothing):
        accept(desk)
    refused(desk, SHORT)
    accept(desk)
    with pytest.raises(NotAccepted, match=nothing):
        accept(desk)
    assert len(acceptances(desk)) == 1


@pytest.mark.parametrize(
    ("data", "number", "what"),
    [
        (b"<!doctype html><html><body>Sign in</body></html>", 3, "this is a web page, not CSV"),
        (OTHER, 1, "`utpadan replay figures` reads all deliveries in order"),
    ],
    ids=["unreadable", "older"],
)
def test_what_is_not_refused_for_a_bound_cannot_be_accepted_and_the_cause_is_told_again(
    desk: Desk, data: bytes, number: int, what: str
) -> None:
    desk.load(TIGHT, YEARS, day(2))
    with pytest.raises(LoadRefused):
        desk.load(TIGHT, data, day(number))
    with pytest.raises(NotAccepted, match="it was refused for something else: .*" + what):
        accept(desk)
    assert acceptances(desk) == []


def test_a_refused_delivery_after_which_a_newer_one_came_cannot_be_accepted(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, SHORT)
    desk.deliver(TIGHT, OTHER, day(3))
    with pytest.raises(NotAccepted, match="not the one that waits: `utpadan ingest figures`"):
        accept(desk)
    with pytest.raises(LoadRefused, match=r"rows\.max_change"):
        nightly.load_source(desk.settings, TIGHT)
    assert accept(desk).rows.changed == 2, "the newer one, which was refused in its turn"


def test_of_increments_the_refused_one_is_accepted_before_those_that_wait_behind_it(
    desk: Desk,
) -> None:
    source = figures(delivery="increment", rows={"min": 2, "max": 9, "max_change": 1})
    desk.load(source, YEARS, day(1))
    refused(desk, HEADER + b"2024-25,,151000\n", source)
    desk.deliver(source, HEADER + b"2024-25,,154000\n2025-26,,1\n", day(3))
    accept(desk, source)
    (outcome,) = nightly.load_source(desk.settings, source)
    assert outcome.rows == Counts(2, 2, new=1, changed=1)


def test_a_refusal_under_another_contract_is_judged_again_first(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, SHORT)
    other = contract({**FIGURES, "note": {"type": "text"}}, key=["year", "sector"])
    with pytest.raises(NotAccepted, match="the contract has changed since the refusal"):
        accept(desk, other)


def mended(**columns: dict[str, Any]) -> Source:
    """TIGHT after an edit of its columns."""
    parts = {"rows": {"min": 3, "max": 5, "max_change": 0.5}, "max_bad_share": 0.25}
    return contract({**FIGURES, **columns}, key=["year", "sector"], **parts)


def test_a_replay_honours_what_was_accepted(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, BAD)
    accept(desk)
    history = desk.history(TIGHT)
    nightly.replay_source(desk.settings, TIGHT)
    assert desk.history(TIGHT) == history
    outcomes = nightly.load_source(desk.settings, mended(note={"type": "text"}))
    assert [outcome.status for outcome in outcomes] == ["loaded", "loaded"]
    assert WHY in desk.newest_load(TIGHT)["warnings"][-1]


def test_what_a_replay_refuses_at_its_end_is_accepted_like_what_a_load_refuses(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, SHORT)
    wider = mended(note={"type": "text"})
    with pytest.raises(LoadRefused, match="`utpadan accept figures --reason WHY`"):
        nightly.load_source(desk.settings, wider)
    assert accept(desk, wider).rows.closed == 2
    assert nightly.load_source(desk.settings, wider) == []


def test_a_contract_that_rejects_more_than_was_accepted_changes_nothing(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, BAD)
    accept(desk)
    before = desk.bytes_of(TIGHT)
    stricter = mended(value={"type": "numeric", "unit": "INR crore", "min": 100})
    with pytest.raises(LoadRefused, match=r"3 of 5 rows are rejected .*max_bad_share") as refusal:
        nightly.load_source(desk.settings, stricter)
    assert "staging stays as it was until source.yml is mended" in str(refusal.value)
    assert desk.bytes_of(TIGHT) == before
    with pytest.raises(NotAccepted, match="it was refused for something else"):
        accept(desk, stricter)


def test_an_accepted_load_is_taken_back_like_any_other_and_stays_out(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    history = desk.history(TIGHT)
    refused(desk, OTHER)
    accept(desk)
    nightly.revert_source(desk.settings, TIGHT)
    assert desk.history(TIGHT) == history
    assert nightly.load_source(desk.settings, TIGHT) == []
    nightly.replay_source(desk.settings, TIGHT)
    assert desk.history(TIGHT) == history
    assert len(acceptances(desk)) == 1, "that it was accepted is not forgotten"


def test_without_its_bytes_nothing_is_accepted(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, SHORT)
    with Archive(desk.settings.archive_url).open(
        ledger.deliveries(desk.conn, "figures")[1].sha256
    ) as path:
        path.unlink()
    with pytest.raises(ArchiveError, match="restore the archive"):
        accept(desk)
    assert acceptances(desk) == []


def test_of_two_who_accept_at_once_one_loads_and_the_other_is_told(desk: Desk) -> None:
    """Both wait for a load that is at work."""
    desk.load(TIGHT, YEARS, day(1))
    refused(desk, SHORT)
    ended: list[object] = []

    def try_it() -> None:
        try:
            ended.append(accept(desk).status)
        except NotAccepted as refusal:
            ended.append(str(refusal))

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    with psycopg.connect(desk.settings.loader_url) as other:
        ledger.lock_source(other, "figures")
        for thread in threads:
            thread.start()
        threads[0].join(0.5)
        assert ended == []
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, ended)) == [
        "figures: nothing to accept: its newest load was not refused",
        "loaded",
    ]
    assert len(acceptances(desk)) == 1
