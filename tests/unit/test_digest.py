"""A night in words: what the message says, and that no word of a source steers whoever reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from utpadan.digest import Night, compose
from utpadan.health import Health

NOW = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVIL = "<img src=x onerror=alert(1)> {{ conn.warehouse.password }}\n- fine: @here\x1b[31m"

SOURCE = {
    "source": "mous",
    "domain": "engagement",
    "owner": "engagement-desk",
    "problem": "refused",
    "reason": "2 rows admitted, fewer than rows.min 22",
    "problem_since": NOW - 3 * HOUR,
    "rows_rejected": 4,
}
WARNING = {
    "boundary": "marts",
    "suite": "vendors",
    "rule": "Nine of ten names are linked",
    "severity": "warning",
    "owner": "vendor-registry-desk",
    "unexpected_count": 30,
    "fault": None,
    "first_failed_at": NOW - 12 * DAY,
    "acceptance_id": None,
}
ACCEPTED = {
    "boundary": "load",
    "subject": "mous",
    "accepted_by": "anita",
    "accepted_at": NOW - HOUR,
    "reason": "the organiser cancelled six agreements",
}
RED = {**WARNING, "boundary": "staging", "suite": "engagement", "severity": "error"}
RELEASE: dict[str, Any] = {
    "release_id": 12,
    "published_at": NOW - HOUR,
    "undone_at": None,
    "is_current": True,
    "tables": {"fct_production": 43, "dim_state": 36},
}
REVISION = {
    "subject": "production",
    "fy_label": "2024-25",
    "sector": "total",
    "measure": "value",
    "scope": "headline",
    "stated_as": "Rs 1,54,000 crore",
    "known_from": date(2025, 11, 20),
    "is_doubtful": False,
    "replaced": "Rs 1,50,590 crore",
}
NAME = {
    "vendor_name": "Keltron",
    "named_in": "mous (party)",
    "rows_naming": 3,
    "candidate_1": "Katalyst Techtex",
    "score_1": 69.8,
}
LOAD = {"source": "events", "rows_new": 1, "rows_changed": 2, "rows_closed": 0}
UNPUBLISHED = {"source": "events", "load_id": 5, "changed_at": NOW - 2 * HOUR}
GATE = {"boundary": "staging", "suite": "engagement", "errors": 1, "warnings": 0, "rules": 17}
BUILD = {
    "started_at": NOW - HOUR,
    "failed": 0,
    "nodes": 9,
    "failed_nodes": None,
    "audited_at": NOW,
}


def night(is_due: bool = False, **changes: Any) -> Night:
    """A quiet night after release 12 of the night before, but for these changes."""
    old = {**RELEASE, "published_at": NOW - 30 * HOUR}
    state: dict[str, Any] = {
        "now": NOW,
        "release": old,
        "newest_release": old,
        "build": None,
        "disk": {},
    }
    lists = ("sources", "gates", "findings", "accepted", "unpublished", "file_systems", "at_work")
    state |= {name: [] for name in lists}
    facts: dict[str, Any] = {name: [] for name in ("loads", "releases", "revisions", "names")}
    for name, value in changes.items():
        (facts if name in facts else state)[name] = value
    return Night(since=NOW - DAY, health=Health(**state), is_due=is_due, **facts)


EVENTFUL = night(
    sources=[SOURCE],
    findings=[WARNING],
    releases=[RELEASE],
    release=RELEASE,
    revisions=[REVISION],
    names=[NAME],
    loads=[LOAD],
)


def test_a_quiet_night_is_told_in_three_lines() -> None:
    digest = compose(night())
    assert digest.subject == "Utpadan: all is well; nothing published"
    assert digest.text.splitlines()[2:] == [
        "",
        "Nothing was to be published: no load and no model is newer; readers see",
        "release 12. The night up to 2026-12-01 23:30 UTC.",
    ]


def test_an_eventful_night_names_everything_with_owner_and_age() -> None:
    digest = compose(EVENTFUL)
    assert digest.subject == "Utpadan: 1 problem, 1 warning; release 12 published"
    lines = digest.text.splitlines()
    assert lines[3:5] == [
        "Release 12 was published at 22:30 UTC: 2 tables, 79 rows. The night up to",
        "2026-12-01 23:30 UTC.",
    ]
    assert lines[5:] == [
        "",
        "Needs a person (1)",
        "- mous: refused, 3 h: 2 rows admitted, fewer than rows.min 22",
        "  [engagement-desk]",
        "",
        "Warnings (1)",
        "- marts/vendors, 12 d: Nine of ten names are linked (30 rows)",
        "  [vendor-registry-desk]",
        "",
        "Rejected rows (1)",
        "- mous: 4 rows: `utpadan rejected mous` shows them [engagement-desk]",
        "",
        "Revised and new figures (1)",
        "- production 2024-25, total value: Rs 1,54,000 crore, known from 2025-11-20;",
        "  it replaces Rs 1,50,590 crore",
        "",
        "New in staging (1)",
        "- events: 1 new, 2 changed, 0 closed",
        "",
        "Vendor names to review (1)",
        "- Keltron: likest Katalyst Techtex (70); 3 rows of mous (party)",
    ]


class Page(HTMLParser):
    """What a page is made of: its tags, with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_what_the_text_says_and_asks_for_nothing_from_elsewhere() -> None:
    digest = compose(EVENTFUL)
    page = Page(digest.html)
    assert page.attributes <= {"style", "lang", "charset"}
    shown = " ".join(page.text.split())
    for item in ("refused, 3 h", "fewer than rows.min 22", "engagement-desk", "Keltron", "12 d"):
        assert item in shown
    assert "http" not in digest.html


def test_foreign_text_is_text_in_every_form() -> None:
    digest = compose(
        night(
            sources=[{**SOURCE, "reason": EVIL}],
            findings=[{**WARNING, "rule": EVIL}],
            names=[{**NAME, "vendor_name": EVIL, "candidate_1": EVIL}],
            revisions=[{**REVISION, "stated_as": EVIL}],
        )
    )
    assert not {"img", "script"} & Page(digest.html).tags
    assert "\x1b" not in digest.html + digest.text
    assert [line for line in digest.text.splitlines() if line.startswith("- fine")] == []
    assert not set("<>@") & set(digest.chat)


def test_a_long_section_says_how_many_more_there_are_and_where() -> None:
    text = compose(night(names=[{**NAME, "vendor_name": f"Name {n}"} for n in range(25)])).text
    assert "Vendor names to review (25)" in text
    assert text.count("- Name ") == 10
    assert "and 15 more: `utpadan sql` on ops.vendor_name_review" in text


WHY_NOT = {
    "the gate of engagement is red": {"gates": [GATE], "findings": [RED]},
    "a build or a publish is at work": {"at_work": [{"work": "build", "since": NOW}]},
    "no build has begun since the newest load": {},
    "the build failed": {"build": {**BUILD, "failed": 2, "failed_nodes": ["model.utpadan.a"]}},
    "the gate has not passed what was built": {"build": {**BUILD, "audited_at": None}},
    "it is built and passed, `utpadan publish` publishes it": {"build": BUILD},
}


@pytest.mark.parametrize("why", WHY_NOT)
def test_a_night_without_a_release_says_why(why: str) -> None:
    changes: dict[str, Any] = WHY_NOT[why]
    text = compose(night(is_due=True, unpublished=[UNPUBLISHED], **changes)).text
    assert f"Nothing was published: {why}" in " ".join(text.split())
    assert "readers see release 12" in " ".join(text.split())


def test_a_release_that_was_undone_in_the_night_is_told_as_such() -> None:
    undone = {**RELEASE, "undone_at": NOW - HOUR / 2, "is_current": False}
    digest = compose(night(releases=[undone], newest_release=undone))
    assert digest.subject.endswith("nothing published")
    assert "2 tables, 79 rows, and undone at 23:00." in " ".join(digest.text.split())


def test_what_somebody_accepted_in_the_night_is_told_with_the_reason() -> None:
    older = {**ACCEPTED, "subject": "budget", "accepted_at": NOW - 2 * DAY}
    text = compose(night(accepted=[older, ACCEPTED])).text
    assert "mous" in text and "the organiser cancelled six agreements" in text and "anita" in text
    assert "budget" not in text


def test_an_accepted_rule_is_neither_a_problem_nor_a_warning() -> None:
    state = night(findings=[{**RED, "acceptance_id": 7}]).health
    assert state.problems == [] and state.warnings == []
