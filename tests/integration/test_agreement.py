"""What `utpadan check --deep` finds when archive, ledger, staging and marts do not agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command import Command, command_of
from loading import Desk, day, figures, open_desk
from publishing import release, withdraw_all

from utpadan import publish
from utpadan.agreement import examine
from utpadan.archive import Archive, sha256_of
from utpadan.settings import Settings

SOURCES = {
    "figures": figures(),
    "increments": figures(name="increments", delivery="increment"),
}
HEADER = "year,sector,value\n"
VERSIONS = (
    HEADER + "2021-22,,94846\n2022-23,,106800\n2022-23,dpsu,n/a\n",
    HEADER + "2022-23,,108684\n2023-24,,126887\n",
)


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    """Two sources of two loads each, and two releases; all of it agrees."""
    withdraw_all(shared_warehouse)
    with open_desk(shared_warehouse) as desk:
        for source in SOURCES.values():
            for number, text in enumerate(VERSIONS, start=1):
                desk.load(source, text.encode(), day(number))
        for number in (1, 2):
            release(shared_warehouse, number)
        assert examine(desk.settings, SOURCES).faults == ()
        yield desk


SPOILED = {
    "a version of no load": (
        "update staging.figures set _load_id = 999999 where year = '2023-24'",
        ["figures: 1 rows are of loads that do not hold", "staging has 1 and 2"],
    ),
    "a row too few": (
        "delete from staging.figures where year = '2023-24'",
        ["made 2 versions and closed 2, staging has 1 and 2"],
    ),
    "a version closed by nobody": (
        "update staging.figures set _known_to = now() where year = '2023-24'",
        ["figures: 1 versions end when no load was"],
    ),
    "versions that overlap": (
        """
        update staging.increments set _known_to = _known_to + interval '1 hour'
        where year = '2022-23' and _known_to is not null
        """,
        ["increments: 1 versions of a key overlap, or are of no time"],
    ),
    "a chain of increments that is broken": (
        "delete from staging.increments where year = '2022-23' and _known_to is null",
        ["increments: 1 versions ended without a next one"],
    ),
    "a rejected row that is lost": (
        "delete from ops.rejected_row where line = 4",
        ["of figures rejected 1 rows, the ledger keeps 0"],
    ),
    "a load of another time": (
        "update ops.load set known_at = known_at + interval '1 hour' where source = 'figures'",
        ["of figures is not of the time of its delivery"],
    ),
    "no staging": (
        "drop table staging.figures cascade",
        ["figures has loads that hold, and no table in staging"],
    ),
    "a landing table": (
        "create table landing.figures_7 ()",
        ["landing.figures_7 was left behind: drop it"],
    ),
    "a release without its loads": (
        "delete from ops.release_load where source = 'figures'",
        ["does not name the loads of its build"],
    ),
    "marts of another build": (
        "comment on schema marts is '00000000-0000-0000-0000-000000000000'",
        ["marts is of build 0000", "readers see build 0000"],
    ),
    "marts that lost a row": (
        "delete from marts.fct_two",
        ["marts.fct_two has 0 rows, it was published with 1"],
    ),
    "a mart that is gone": (
        "drop table marts.fct_two",
        ["marts.fct_two: only the current release has it"],
    ),
    "a mart too many": (
        "create table marts.fct_three (); grant select on marts.fct_three to public",
        ["marts.fct_three: only the schema marts has it"],
    ),
    "a mart that nobody may read": (
        "revoke select on marts.fct_two from utpadan_bi",
        ["marts.fct_two: utpadan_bi may not read it"],
    ),
    "a release that is not current": (
        "update ops.release set undone_at = now()",
        ["readers see build", "and no release is current"],
    ),
}


@pytest.mark.parametrize(("spoil", "said"), SPOILED.values(), ids=SPOILED)
def test_what_disagrees_is_named(desk: Desk, spoil: str, said: list[str]) -> None:
    with psycopg.connect(desk.settings.admin_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        conn.execute(spoil.encode())
        found = "\n".join(examine(desk.settings, SOURCES).faults)
        conn.execute("drop table if exists landing.figures_7")
    assert [part for part in said if part not in found] == [], found


def test_after_an_undo_all_agrees(desk: Desk) -> None:
    publish.undo(desk.settings.builder_url)
    assert examine(desk.settings, SOURCES).faults == ()


def test_bytes_that_nobody_recorded_and_staging_without_a_contract_are_no_faults(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "orphan"
    file.write_bytes(b"orphan")
    sha256 = sha256_of(file)
    Archive(desk.settings.archive_url).keep(file, sha256)
    found = examine(desk.settings, {"figures": figures()})
    assert found.faults == ()
    assert any(f"the archive keeps {sha256}, which no delivery" in said for said in found.remarks)
    assert any("staging.increments has no contract any more" in said for said in found.remarks)


def test_the_verb_ends_with_1_for_a_fault_and_with_0_without_one(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    withdraw_all(shared_warehouse)
    with open_desk(shared_warehouse) as desk:
        command: Command = command_of(shared_warehouse, monkeypatch, tmp_path)
        desk.load(figures(), VERSIONS[0].encode(), day(1))
        assert "archive, ledger, staging and marts agree" in command.run("check", "--deep")
        desk.conn.execute("delete from staging.figures where year = '2022-23'")
        said = command.run("check", "--deep", code=1)
    assert "staging.figures: load" in said
    assert "made 2 versions and closed 0, staging has 1 and 0" in said
