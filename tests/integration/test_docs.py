"""README and docs/: every command runs, every name exists, every link leads somewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import psycopg
import pytest
import yaml
from pages import DOCS, NO_RUN, PAGES, README, anchors, blocks, cells, code, links, masked
from reader import Reader

from utpadan.cli import app
from utpadan.settings import CHECKOUT

pytestmark = pytest.mark.timeout(600)

MODEL, OPERATE = DOCS / "model.md", DOCS / "operate.md"
RUN = [MODEL, DOCS / "quality.md", OPERATE, README]
"""The pages whose commands are run; test_add_a_source.py follows one more.

README comes last, as it leaves Airflow running.
"""

COOKBOOK = sorted((CHECKOUT / "sql" / "cookbook").glob("*.sql"))
MARTS = {path.stem: path for path in (CHECKOUT / "dbt_project/models/marts").glob("*/*.sql")}
NOT_AGAIN = {
    "make test": "it is what runs this",
    "make lint": "it stands beside `make test` wherever that runs",
    "make bench": "it takes minutes",
}
ids = {"ids": lambda value: value.name if isinstance(value, Path) else None}


@dataclass(frozen=True)
class FirstRun:
    """A reader who typed `make run` on a new checkout, and what that printed."""

    reader: Reader
    printed: str


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstRun]:
    reader = Reader.with_a_checkout(tmp_path_factory.mktemp("reader"))
    try:
        yield FirstRun(reader, reader.types("make run"))
    finally:
        reader.machine.stop()


@pytest.mark.parametrize("query", COOKBOOK, **ids)
def test_a_question_of_the_cookbook_has_an_answer(first_run: FirstRun, query: Path) -> None:
    text = query.read_text(encoding="utf-8")
    assert re.match(r"-- [A-Z].*\?\n", text), "its first line is the question"
    with psycopg.connect(first_run.reader.machine.settings.bi_url) as conn:
        assert conn.execute(text.encode()).fetchall()


def test_the_end_of_a_run_shows_a_line_that_opens_psql(first_run: FirstRun) -> None:
    (line,) = re.findall(r"^  (PGPASSFILE=.*)$", first_run.printed, re.M)
    shown = first_run.reader.types(f"{line} -Atc 'select count(*) from fct_production'")
    assert int(shown) > 0
    for query in COOKBOOK[:3]:
        assert query.read_text(encoding="utf-8").strip() in first_run.printed


@pytest.mark.parametrize("page", RUN, **ids)
def test_every_command_of_the_page_runs_and_prints_what_is_shown(
    first_run: FirstRun, page: Path
) -> None:
    reader, printed = first_run.reader, first_run.printed
    if page == OPERATE:
        change_a_source(reader)
    for block in blocks(page):
        if block.is_run:
            commands = runnable(block.text)
            printed = reader.types(commands) if commands != "make run" else first_run.printed
        elif block.language == "sql":
            printed = reader.types(f"utpadan sql --bi -c {quote(block.text)}")
            assert "(0 rows)" not in printed, block.place
        elif block.is_printed:
            for cell in cells(block.text):
                assert cell in masked(printed), f"{block.place}: {cell!r} is not in\n{printed}"


def change_a_source(reader: Reader) -> None:
    """Have a second delivery of a source loaded: the one that the page takes back."""
    reader.machine.replace("data/engagement/mous.csv", "AI, IoT and", "IoT and")
    reader.types("utpadan ingest mous")


def runnable(commands: str) -> str:
    """The commands without those that are not run here, and without remarks."""
    lines = [re.sub(r"\s+# .*", "", line) for line in commands.splitlines()]
    return "\n".join(line for line in lines if line not in NOT_AGAIN)


@pytest.mark.parametrize("page", PAGES, **ids)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, **ids)
def test_every_verb_and_target_exists(page: Path) -> None:
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands}
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    for text in code(page):
        typed = re.findall(r"^(?:\.venv/bin/)?(utpadan|make) ([a-z]+)", text, re.M)
        for program, word in typed:
            assert word in (verbs if program == "utpadan" else targets), f"{program} {word}"


@pytest.mark.parametrize("page", PAGES, **ids)
def test_every_table_and_setting_and_path_that_is_named_exists(page: Path) -> None:
    known = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    folders = {path.name for path in CHECKOUT.iterdir() if path.is_dir()}
    for text in [*code(page), *(block.text for block in blocks(page) if block.language == "sql")]:
        for table in re.findall(r"\bmarts\.(\w+)", text):
            assert table in MARTS, table
        for setting in re.findall(r"\bUTPADAN_[A-Z_]+[A-Z]\b(?!…)", text):
            assert setting in known, setting
        path = re.fullmatch(r"([a-z_]+)/[\w./-]*", text)
        if path and path[1] in folders and page.name != "add-a-source.md":
            assert (CHECKOUT / text).exists(), text


@pytest.mark.parametrize("page", PAGES, **ids)
def test_a_command_that_is_not_run_says_why(page: Path) -> None:
    for block in blocks(page):
        assert block.language, f"{block.place} has no language"
        if block.language == "sh" and block.note:
            assert len(block.note.removeprefix(NO_RUN)) > 10, block.place
            assert block.note.startswith(NO_RUN), block.place


@pytest.mark.parametrize("mart", sorted(MARTS))
def test_the_model_page_gives_the_grain_of_every_mart(mart: str) -> None:
    contract = MARTS[mart].with_suffix(".yml")
    (model,) = yaml.safe_load(contract.read_text(encoding="utf-8"))["models"]
    grain = re.split(r"(?<=\.)\s", " ".join(model["description"].split()))[0]
    line = f"| [`{mart}`](../{contract.relative_to(CHECKOUT)}) | {grain} |"
    assert line in MODEL.read_text(encoding="utf-8").splitlines(), f"docs/model.md lacks\n{line}"


def test_the_model_page_names_no_other_mart() -> None:
    named = re.findall(r"^\| \[`(\w+)`\]", MODEL.read_text(encoding="utf-8"), re.M)
    assert sorted(named) == sorted(MARTS)


def test_every_message_that_the_operating_page_explains_is_one_of_ours() -> None:
    files = (CHECKOUT.glob(f"{part}/**/*.*") for part in ("utpadan", "dags", "sql"))
    sources = (
        path.read_text(encoding="utf-8")
        for found in files
        for path in found
        if path.suffix in (".py", ".sql")
    )
    ours = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))
    ours += "must be able to SET ROLE"  # Postgres' own words
    for message in re.findall(r"^\| `(.*?) \| |^`([^`]+)`[,.:]", OPERATE.read_text(), re.M):
        for part in re.split(r"`|…", "".join(message)):
            words = part.strip(" ;:.")
            assert len(words) < 3 or words in ours, words


def test_the_picture_is_whole_and_asks_for_nothing_from_elsewhere() -> None:
    picture = DOCS / "flow.svg"
    assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    text = picture.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "@import" not in text
