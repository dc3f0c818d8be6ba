"""Personal data never leaves staging: it is planted everywhere in a delivery and looked for.

The contract is that of the registrations at partnership days. Every row carries the same person,
in the columns for it, in others into which cells have slipped, and in columns nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from loading import Desk, day, open_desk
from readable import readable

from utpadan.load import LoadRefused, load
from utpadan.settings import Settings
from utpadan.source import Source, load_sources
from utpadan.table import Table

NAME, MAIL, PHONE = "Zarina Udaharan", "zarina.udaharan@example.org", "+91 00000 77123"
PLANTED = ("Udaharan", "zarina.", "77123")

HEADER = (
    "Registration No,Event ID,Company Name,Company Type,City,State Code,Registered On,"
    "Contact Name,Contact Email,Contact Phone,Products of Interest,Is Sample"
)
GOOD = (
    f"DPD24-R-0001,EV-DPD24,Vayu Works,msme,Pune,IN-MH,01-02-2024,{NAME},{MAIL},{PHONE},Bolts,true"
)
BAD = {
    "a value that is not allowed": GOOD.replace("0001", "0002").replace("msme", "large"),
    "cells slipped": f"DPD24-R-0003,EV-DPD24,Vayu Works,msme,{NAME},{MAIL},{PHONE},,,,Bolts,true",
    "a cell too many": GOOD.replace("0001", "0004") + f",{MAIL}",
    "a cell too few": f"DPD24-R-0005,EV-DPD24,{MAIL}",
    "a date that is a number": GOOD.replace("0001", "0006").replace("01-02-2024", PHONE),
    "a key twice": GOOD.replace("0001", "0007"),
    "a key twice, otherwise": GOOD.replace("0001", "0007").replace("Pune", "Puri"),
    "a key that is a name": GOOD.replace("DPD24-R-0001", NAME),
}
UNKNOWN = f"{HEADER},Contact Mobile\n{GOOD},{PHONE}\n"
WITHOUT_HEADER = "\n".join([GOOD, GOOD.replace("0001", "0002")]) + "\n"
"""Its first row is taken for the header."""


@pytest.fixture(scope="module")
def source() -> Source:
    bounds = {"rows": {"min": 0, "max": 100, "max_change": 1.0}, "max_bad_share": 0.99}
    found = load_sources()["partnership_day_registrations"]
    return Source.model_validate({**found.model_dump(), **bounds})


@pytest.fixture(scope="module")
def planted(shared_warehouse: Settings, source: Source) -> Iterator[Desk]:
    """All of it was delivered, most was rejected, two deliveries were refused."""
    with open_desk(shared_warehouse) as desk:
        desk.load(source, "\n".join([HEADER, GOOD, *BAD.values()]).encode(), day(1))
        desk.load(source, UNKNOWN.encode(), day(2))
        for number, refused in enumerate((WITHOUT_HEADER, f"{MAIL}\n", f"{MAIL},{NAME}\n1,2\n"), 3):
            with pytest.raises(LoadRefused) as refusal:
                desk.load(source, refused.encode(), day(number))
            assert named(str(refusal.value)) == []
        with psycopg.connect(shared_warehouse.builder_url) as builder:
            (columns,) = builder.execute(
                "select string_agg(attname, ', ') from pg_attribute where attnum > 0 and "
                "attrelid = 'staging.partnership_day_registrations'::regclass "
                "and has_column_privilege(attrelid, attnum, 'select')"
            ).fetchone() or ("",)
            builder.execute(
                f"create view prep.stg_all as select {columns} "
                "from staging.partnership_day_registrations".encode()
            )
        yield desk


def named(text: str) -> list[str]:
    return [value for value in PLANTED if value in text]


def test_what_was_planted_is_kept_whole_for_the_loader(planted: Desk) -> None:
    kept = readable(planted.settings.loader_url)
    assert named(kept["staging.partnership_day_registrations"]) == list(PLANTED)
    assert named(kept["ops.rejected_row"]) == list(PLANTED)
    refused = planted.conn.execute("select count(*) from ops.load where status = 'refused'")
    assert refused.fetchone() == (3,)


@pytest.mark.parametrize("role", ["builder", "analyst", "bi"])
def test_nobody_else_finds_it_wherever_the_role_looks(planted: Desk, role: str) -> None:
    found = readable(getattr(planted.settings, f"{role}_url"))
    assert [place for place, text in found.items() if named(text)] == []
    if role != "bi":
        assert "Vayu Works" in found["prep.stg_all"]
        assert found["ops.rejection"].count("partnership_day_registrations") >= len(BAD)


def test_the_loader_finds_it_nowhere_but_in_staging_and_in_rejected_rows(planted: Desk) -> None:
    found = readable(planted.settings.loader_url)
    assert [place for place, text in found.items() if named(text)] == [
        "ops.rejected_row",
        "staging.partnership_day_registrations",
    ]


def test_an_error_of_the_server_in_the_middle_of_a_load_is_told_without_the_row(
    planted: Desk, source: Source
) -> None:
    delivery = planted.deliver(source, HEADER.encode(), day(20))

    def cut_off() -> Iterator[bytes]:
        row = GOOD.replace("true", "true\n").encode()
        yield b"1,," + row + b'2,,"' + MAIL.encode() + b"\n"

    def reading() -> Table:
        return Table(tuple(HEADER.split(",")), cut_off())

    with pytest.raises(LoadRefused) as failure:
        load(planted.conn, source, reading, delivery)
    assert "COPY refused it: unterminated CSV quoted field" in str(failure.value)
    assert named(str(failure.value)) == []


def test_a_statement_that_is_cancelled_while_it_copies_does_not_show_its_row(
    planted: Desk, source: Source
) -> None:
    delivery = planted.deliver(source, HEADER.encode(), day(21))

    def reading() -> Table:
        return Table(tuple(HEADER.split(",")), ended_by(planted))

    with pytest.raises(psycopg.errors.QueryCanceled) as failure:
        load(planted.conn, source, reading, delivery)
    assert str(failure.value) == (
        "partnership_day_registrations: the server ended the load with QueryCanceled (57014); "
        "its log says when"
    )
    assert failure.value.__suppress_context__


def ended_by(desk: Desk) -> Iterator[bytes]:
    row = b"1,," + GOOD.encode() + b"\n"
    yield row
    with psycopg.connect(desk.settings.admin_url, autocommit=True) as admin:
        admin.execute("select pg_cancel_backend(%s)", (desk.conn.info.backend_pid,))
    for _ in range(100):
        yield row * 100


def without_personal(source: Source) -> Source:
    tree: dict[str, Any] = source.model_dump()
    for column in tree["columns"].values():
        column["personal"] = False
    return Source.model_validate({**tree, "name": "registrations_of_nobody"})
