"""Every source against every fault of its portal: it ends as without, or says why and does nothing.

What a load makes of a delivery depends on nothing but its bytes: where the same bytes come, the
same staging comes. So a source "is the same" when the ledger finds no newer bytes, and has "failed"
when the ledger gained one error and nothing else.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import psycopg
import pytest
from broken_portals import PATIENT, Replayed, ledger_of, pointed, replayed
from psycopg.sql import SQL, Identifier

from portals.faults import FAULTS
from utpadan import fetching, nightly
from utpadan.fetch import Endpoint, Fetched, NothingNew, Previous, fetch
from utpadan.settings import Settings
from utpadan.source import HttpFetch, Source, load_sources

ALWAYS = 1_000_000
SOURCES = load_sources()
PULLED = [source for source in SOURCES.values() if isinstance(source.fetch, HttpFetch)]

HARMLESS = {
    "always_304",
    "clock_ahead",
    "closed_in_time",
    "cookie_wall",
    "packed",
    "wrong_charset",
    "wrong_type",
}
"""The source is the same, however often they strike."""

CUT = r"cut off"
PASSING = {
    "chunks_cut": CUT,
    "closed_early": CUT,
    "cut_short": CUT,
    "cut_with_right_length": CUT,
    "empty": r"the answer is empty \(0 bytes\)",
    "error_500": r"the portal answers 500: out of order",
    "error_502": r"the portal answers 502: 502 Bad Gateway",
    "error_503": r"the portal answers 503: out of order",
    "long_header": r"no HTTP",
    "no_http": r"no HTTP",
    "packed_and_cut": r"cut off: its gzip does not end",
    "packed_in_name_only": r"says it is gzip and cannot be unpacked",
    "redirect_loop": r"it redirects more than 5 times",
    "redirect_nonsense": r"Invalid URL in location header",
    "reset": r"the connection broke",
    "silence": r"it fell silent",
    "too_many_requests": r"the portal answers 429",
    "too_many_requests_until_a_date": r"the portal answers 429",
    "too_many_requests_wait_a_second": r"the portal answers 429",
    "too_many_requests_wait_a_year": r"the portal answers 429",
    "two_lengths": r"no HTTP",
}
"""Asked again: the source is the same when they strike once, and fails when they stay."""

ELSEWHERE = r"it leads to another server, {}; if that is right, point the connection \w+ there"
STANDING = {
    "cookie_page": r"a web page came instead|does not stand|there is no 'Page|without </html>",
    "endless": r"the body has more than [\d,]+ bytes",
    "error_document": r"there is no '|came instead|no workbook|no records|none of the contract",
    "expired_token": r"answers 401: .*token expired.*; check the secret of the connection \w+$",
    "forbidden": r"answers 403: .*not authorised.*; check the secret of the connection \w+ and",
    "gone": r"the portal answers 410",
    "login": r"a web page came instead|does not stand|there is no 'Page|answers 404",
    "maintenance_page": r"a web page came .*Under maintenance|does not stand|there is no 'Page",
    "no_content": r"the portal answers 204",
    "not_found": r"answers 404: no such thing; check `fetch.path` in source.yml",
    "packed_twice": r"gzip, packed twice or not declared, came instead of",
    "packed_unasked": r"packed as 'br', which was not asked for",
    "partial_content": r"the portal answers 206",
    "redirect_elsewhere": ELSEWHERE.format(r"http://localhost:9/data\?key=\*\*\*"),
    "redirect_file": ELSEWHERE.format("file:///etc/passwd"),
    "redirect_ftp": ELSEWHERE.format("ftp://localhost:9/data.csv"),
    "redirect_gopher": ELSEWHERE.format("gopher://localhost:9/_GET"),
    "redirect_https": ELSEWHERE.format(r"https://127.0.0.1:9/\S+"),
    "redirect_number": ELSEWHERE.format("http://2130706434:9/"),
    "redirect_private": ELSEWHERE.format("http://127.0.0.2:9/"),
    "slow_drip": r"the time for one fetch, 1 s, is over|came in the time allowed|fell silent",
}
"""Not tried again, or in vain: the source fails."""

MOVED = r"the data changes while it is fetched, twice: "
BETWEEN_PAGES = {
    "page_missing": MOVED + r"only \d+ of \d+ (records|pages) came",
    "page_without_records": MOVED + r"(page \d has no records|only \d+ of \d+ records came)",
    "pages_overlap": MOVED + r"(\d+ records came, \d+ were announced|a record came that was on)",
    "pages_shifted": MOVED + r"a record came that was on an earlier page",
    "total_changed": rf"{MOVED}|the portal answers 404",  # for the page that the total promises
}
"""Fetched anew: the source is the same when they strike once, and fails when they stay."""

BETWEEN_PAGES_FOR_GOOD = {
    "page_loop": r"came twice",
    "page_repeated": r"the same page came twice|does not stand",
    "total_negative": r"the number of (records|pages), .*, is '-1'|there is no '(Page|Total)",
}
"""The source fails, whether they strike once or stay."""

MESSAGES = {**PASSING, **STANDING, **BETWEEN_PAGES, **BETWEEN_PAGES_FOR_GOOD}


class Case(NamedTuple):
    """One source with one fault, which strikes after `skip` requests, `times` times."""

    source: str
    fault: str
    skip: int
    times: int


class Outcome(NamedTuple):
    """How a pull came out, and what it said."""

    became: Literal["same", "failed", "other"]
    message: str
    retries: int


def cases(stand: Replayed) -> Iterator[Case]:
    """Every fault that can strike a source, at its first request or after it, once or for good.

    What is wrong between pages strikes the second request; where that is for the page of a feed's
    first item, the one for the second item.
    """
    later = 1 if "pages" in stand.kinds else 2
    for name, fault in FAULTS.items():
        if fault.needs not in stand.kinds:
            continue
        places = [(0, ALWAYS)] if fault.needs == "anything" else [(later, 1), (later, ALWAYS)]
        if name in PASSING:
            places.append((0, 1))
        if fault.needs == "anything" and name not in HARMLESS and "more" in stand.kinds:
            places.append((later, 1))
        for skip, times in places:
            yield Case(stand.source.name, name, skip, times)


def expected(case: Case) -> str:
    if case.fault in HARMLESS:
        return "same"
    passes = case.fault in PASSING or case.fault in BETWEEN_PAGES
    return "same" if passes and case.times == 1 else "failed"


@pytest.fixture(scope="module")
def stands(shared_warehouse: Settings) -> Iterator[dict[str, Replayed]]:
    """The portals of all sources, whose good answers are loaded; patience is each portal's own."""
    with pytest.MonkeyPatch.context() as patch, replayed(shared_warehouse, SOURCES) as stands:
        patch.setattr(fetching, "fetch", partial(_fetch, stands))
        for stand in stands.values():
            nightly.load_source(stand.settings, stand.source)
        yield stands


@pytest.fixture(scope="module")
def outcomes(
    stands: dict[str, Replayed],
    shared_warehouse: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[Case, Outcome]:
    """What became of every case. Staging stays as it is, and no temporary file is left."""
    folder = tmp_path_factory.mktemp("temporary")
    before = {name: rows_of(shared_warehouse, stand.source) for name, stand in stands.items()}
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(6) as pool:
        patch.setattr(tempfile, "tempdir", str(folder))
        found = pool.map(partial(_run_all, shared_warehouse), stands.values())
        outcomes = {case: outcome for of_source in found for case, outcome in of_source}
    assert list(folder.iterdir()) == []
    assert before == {name: rows_of(shared_warehouse, s.source) for name, s in stands.items()}
    return outcomes


def _fetch(
    stands: dict[str, Replayed],
    source: Source,
    previous: Previous | None,
    endpoint: Endpoint | None,
    folder: Path,
) -> Fetched | NothingNew:
    return fetch(source, previous, endpoint, folder, stands[source.name].patience)


def _run_all(settings: Settings, stand: Replayed) -> list[tuple[Case, Outcome]]:
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        return [(case, _run(conn, stand, case)) for case in cases(stand)]


def _run(conn: psycopg.Connection, stand: Replayed, case: Case) -> Outcome:
    stand.arm(case.fault, case.skip, case.times)
    if case.fault in ("slow_drip", "silence"):
        ends = case.fault == "slow_drip" or case.times == ALWAYS
        stand.patience = replace(PATIENT, answer_s=0.5, total_s=1.0 if ends else PATIENT.total_s)
    before = ledger_of(conn, stand.source.name)
    pulled = nightly.pull(stand.settings, [stand.source])
    after = ledger_of(conn, stand.source.name)
    stand.patience = PATIENT
    assert all(armed.times < case.times for armed in stand.armory.armed()), f"{case} never struck"
    message = pulled.failed.get(stand.source.name, "")
    new = after["errors"][len(before["errors"]) :]
    nothing_else = before | {"errors": None} == after | {"errors": None} and not pulled.to_load
    if nothing_else and not message and not new:
        retries = conn.execute(
            "select check_retries from ops.delivery where source = %s", (stand.source.name,)
        ).fetchone()
        return Outcome("same", "", retries[0] if retries else -1)
    if nothing_else and len(new) == 1 and new[0][0] == message:
        return Outcome("failed", message, new[0][2])
    return Outcome("other", f"{message} {before} {after}", -1)


def test_every_fault_is_expected_to_do_something() -> None:
    assert {*HARMLESS, *MESSAGES} == FAULTS.keys()
    assert len(HARMLESS) + len(MESSAGES) == len(FAULTS)


def test_every_source_meets_every_fault_that_can_strike_it(
    outcomes: dict[Case, Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    met = {(case.source, case.fault) for case in outcomes}
    anything = {name for name, fault in FAULTS.items() if fault.needs == "anything"}
    assert {(source.name, name) for source in PULLED for name in anything} <= met
    assert {fault for _, fault in met} == FAULTS.keys()
    became = [outcome.became for outcome in outcomes.values()]
    with capsys.disabled():
        print(
            f"\n{len(PULLED)} sources, {len(FAULTS)} faults, {len(outcomes)} cases: "
            f"{became.count('same')} the same, {became.count('failed')} failed"
        )


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_source_is_the_same_or_says_why_not(outcomes: dict[Case, Outcome], fault: str) -> None:
    wrong = {
        case: outcome
        for case, outcome in outcomes.items()
        if case.fault == fault and outcome.became != expected(case)
    }
    assert wrong == {}
    for case, outcome in outcomes.items():
        if case.fault == fault and outcome.became == "failed":
            assert re.match(rf"{case.source}: GET http://127\.0\.0\.1:\d+/\S+: ", outcome.message)
            assert re.search(MESSAGES[fault], outcome.message)
            assert "demo-" not in outcome.message


LOADED = {
    "partnership_day_options": "cut_with_right_length",
    "srijan_items": "pages_overlap",
    "world_bank_gdp_deflator": "packed_and_cut",
    "policies": "closed_early",
}


def test_a_fault_that_passed_leaves_the_same_staging(
    outcomes: dict[Case, Outcome],
    stands: dict[str, Replayed],
    shared_warehouse: Settings,
    warehouse: Settings,
) -> None:
    """Loaded into an empty warehouse from a faulty portal: row by row what a good one gave."""
    assert outcomes
    for name, fault in LOADED.items():
        stand = replace(stands[name], settings=pointed(warehouse, stands[name]))
        stand.arm(fault, 1 if fault == "pages_overlap" else 0, 1)
        assert nightly.pull(stand.settings, [stand.source]).to_load == [name]
        nightly.load_source(stand.settings, stand.source)
        good, bad = rows_of(shared_warehouse, stand.source), rows_of(warehouse, stand.source)
        assert len(good) >= stand.source.rows.min
        assert good == bad


def rows_of(settings: Settings, source: Source) -> list[tuple[object, ...]]:
    columns = SQL(", ").join(map(Identifier, source.columns))
    query = SQL("select _line, {}, _extra from staging.{} order by _line")
    with psycopg.connect(settings.loader_url) as conn:
        return conn.execute(query.format(columns, Identifier(source.name))).fetchall()


@pytest.mark.parametrize("fault", sorted(PASSING.keys() - {"redirect_loop", "silence"}))
def test_retries_are_bounded_and_in_the_ledger(outcomes: dict[Case, Outcome], fault: str) -> None:
    """Once is one retry; for good is the three that follow the first of four tries."""
    at_first = {case: o.retries for case, o in outcomes.items() if case.fault == fault}
    assert set(at_first.values()) == {1, 3}
    assert all((retries == 3) == (case.times == ALWAYS) for case, retries in at_first.items())
