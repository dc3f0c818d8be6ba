"""Every question of the cookbook is asked of a release, and answers what the input says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.rows import dict_row

from utpadan.settings import CHECKOUT, Settings

QUESTIONS = sorted((CHECKOUT / "sql" / "cookbook").glob("*.sql"))
ANSWERS: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("cookbook_answers.yml").read_text(encoding="utf-8")
)
AT_LEAST = 25


def test_there_are_enough_questions_and_each_has_its_answer() -> None:
    assert len(QUESTIONS) >= AT_LEAST
    assert list(ANSWERS) == [path.stem for path in QUESTIONS]


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_is_its_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("-- ") and "?" in first


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_answers_what_the_input_says(released: Settings, path: Path) -> None:
    answer = ANSWERS[path.stem]
    rows = ask(released, path)
    assert rows, "a question without an answer"
    assert len(rows) == answer.get("rows", len(rows))
    if "first" in answer:
        assert holds(answer["first"], rows[0]), rows[0]
    for wanted in answer.get("has", ()):
        assert any(holds(wanted, row) for row in rows), (wanted, rows)


def ask(settings: Settings, path: Path) -> list[dict[str, Any]]:
    """The answer as the BI role gets it."""
    with psycopg.connect(settings.bi_url, row_factory=dict_row) as conn:
        return conn.execute(path.read_bytes()).fetchall()


def holds(wanted: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the row has these values; numbers by value, dates by day."""
    return all(row[name] == in_sql(value) for name, value in wanted.items())


def in_sql(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    assert value is None or isinstance(value, bool | int | str | date)
    return value
