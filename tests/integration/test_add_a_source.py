"""docs/add-a-source.md, followed to the letter by a reader with a checkout of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import psycopg
import pytest
import yaml
from pages import DOCS, Block, blocks
from reader import Reader

from utpadan import local
from utpadan.migrate import migrate
from utpadan.quality import GateFailed, audit

pytestmark = pytest.mark.timeout(600)

PAGE = DOCS / "add-a-source.md"
SOURCE = "attache_briefings"
RULE = "briefings_are_numbered_without_gap"
CREATE = re.compile(r"[Cc]reate\s+`([^`]+)`:\s*\Z")
APPEND = re.compile(r"[Aa]ppend to\s+`([^`]+)`:\s*\Z")
INSERT = re.compile(r"[Ii]n\s+`([^`]+)`,\s+below\s+`([^`]+)`,\s+insert[^`]*:\s*\Z")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader whose warehouse has every source but the one that the page adds."""
    reader = Reader.with_a_checkout(tmp_path_factory.mktemp("reader"))
    home = reader.machine.home
    try:
        local.start_postgres(home)
        local.start_portals(home, reader.checkout)
        migrate(reader.machine.settings)
        reader.types("utpadan ingest")
        yield reader
    finally:
        reader.machine.stop()


@pytest.fixture(scope="module")
def printed(reader: Reader) -> dict[str, str]:
    """What each block of commands of the page printed, once all that stands before it was done."""
    printed = {}
    for block in blocks(PAGE):
        if block.is_run:
            printed[block.text] = reader.types(block.text)
        elif not block.is_printed:
            write(reader, block)
    return printed


def write(reader: Reader, block: Block) -> None:
    """Do with a block what the words before it say."""
    if found := CREATE.search(block.before):
        reader.writes(found[1], block.text)
    elif found := APPEND.search(block.before):
        reader.appends(found[1], block.text)
    elif found := INSERT.search(block.before):
        reader.inserts(found[1], found[2], block.text)
    else:
        pytest.fail(f"{block.place}: the page does not say what to do with this block")


def test_every_command_prints_what_the_page_shows(printed: dict[str, str]) -> None:
    shown = 0
    for command, result in pairwise(blocks(PAGE)):
        if command.is_run and result.is_printed:
            lines = {" ".join(line.split()) for line in printed[command.text].splitlines()}
            for line in result.text.splitlines():
                assert " ".join(line.split()) in lines, f"{result.place}: {printed[command.text]}"
            shown += 1
    assert shown == 3


def test_the_page_checks_the_fixture_it_has_written(printed: dict[str, str]) -> None:
    (checked,) = (said for command, said in printed.items() if "utpadan check" in command)
    assert "every source is whole" in checked
    assert "1 passed" in checked


def test_the_good_rows_are_in_staging_and_the_bad_one_is_kept_whole(
    printed: dict[str, str], reader: Reader
) -> None:
    rows = reader.machine.query(
        f"select briefing_no, held_on::text, cost_inr from staging.{SOURCE} "
        "where _known_to is null order by briefing_no"
    )
    assert rows == [
        ("BR-001", "2024-02-12", 125000),  # "1,25,000"
        ("BR-002", "2024-05-09", 240500),
        ("BR-003", "2024-08-23", 198000),
        ("BR-004", "2024-11-14", 95000),
        ("BR-005", "2025-02-05", 150000),  # ₹ 1.5 lakh
    ]
    assert reader.machine.query(
        "select row ->> 'city', reasons from ops.rejected_row "
        "where load_id = (select max(load_id) from ops.load where source = %s)",
        SOURCE,
    ) == [("Nagpur", ["held_on: 'soon' is not a date"])]


def test_the_rule_of_the_page_stops_the_domain_when_it_is_broken(
    printed: dict[str, str], reader: Reader
) -> None:
    spoiled = reader.checkout / "tests/integration/spoiled_staging.yml"
    case = yaml.safe_load(spoiled.read_text(encoding="utf-8"))["engagement"][RULE]
    assert case["tables"] == [SOURCE]
    loader_url = reader.machine.settings.loader_url
    with psycopg.connect(loader_url, options="-c search_path=staging") as conn:
        conn.execute(case["sql"])
    suite = reader.checkout / "expectations/staging/engagement.yml"
    with pytest.raises(GateFailed) as stopped:
        audit(suite, loader_url, "staging", sources=reader.checkout / "sources")
    assert [o.rule.id for o in stopped.value.result.outcomes if not o.success] == [RULE]
