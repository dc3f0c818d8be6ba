"""The operating page has what an operator can meet: every message, every word of the status."""

from __future__ import annotations

import re

import pytest
from pages import DOCS
from raised import Raised, plain_words, raised

from utpadan.settings import CHECKOUT

PAGE = (DOCS / "operate.md").read_text(encoding="utf-8")
OF_OTHERS = (
    *("claims", "estimate", "resolve"),  # tools of analysts
    *("source", "quality/suite", "quality/expectations", "transform/properties"),  # of developers
    *("cli/claims", "cli/estimate", "cli/resolve", "cli/app", "cli/steps", "cli/rejected"),
)
"""What says file and line of a contract, a suite or a model, or refuses a wrong call."""


def messages() -> dict[str, Raised]:
    found = {}
    for folder in ("utpadan", "dags"):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            name = str(path.relative_to(CHECKOUT / folder))
            if not name.startswith(OF_OTHERS):
                found |= {f"{name} {one.place}": one for one in raised(path) if one.pieces}
    return found


MESSAGES = messages()


def test_there_are_many_messages_to_find() -> None:
    assert len(MESSAGES) > 90


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_found_on_the_operating_page_by_its_words(message: str) -> None:
    assert MESSAGES[message].is_findable_in(plain_words(PAGE)), (
        f"add three words of {sorted(MESSAGES[message].pieces)} to the row of its cause"
    )


def test_every_word_for_a_problem_leads_to_its_section() -> None:
    table = PAGE.partition("| `status` says |")[2].partition("\n## ")[0]
    view = (CHECKOUT / "sql" / "055_health.sql").read_text(encoding="utf-8")
    words = re.findall(r"then '([a-z ]+)'\n", view)
    assert len(words) >= 6
    for word in words:
        assert f"`{word}`" in table, word
