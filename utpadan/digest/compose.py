"""A night in words: pure, from rows of the ledger to subject, text and HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from utpadan import health
from utpadan.digest.night import REVISED, Night
from utpadan.digest.page import Item, Section, as_chat, as_html, as_text
from utpadan.health import Health, Row
from utpadan.plain import age, count, one_line

SHOWN = 10
"""So many items of a long section are shown; of the rest, how many they are and where they are."""

REVISIONS = tuple(f"marts.{table}" for table in REVISED.values())


@dataclass(frozen=True)
class Message:
    """One message: `text` for a terminal, `chat` the same for a chat, `html` for a mail."""

    subject: str
    text: str
    chat: str
    html: str


def compose(night: Night) -> Message:
    """The digest of a night."""
    sections = [section for section in _sections(night) if section.items]
    subject = _subject(night)
    lead = f"{_published(night)} The night up to {night.health.now:%Y-%m-%d %H:%M} UTC."
    return _message(subject, lead, sections)


def late(missed: Mapping[str, Any]) -> Message:
    """The notice that a run was not done in time, from what Airflow tells of a missed deadline."""
    run, due = missed["dag_run"], missed["deadline"]["deadline_time"]
    moment = due if isinstance(due, datetime) else datetime.fromisoformat(due)
    subject = f"Utpadan: {run['dag_id']} is late"
    lead = (
        f"{run['dag_id']} should have been done by {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC "
        f"and is not: its run {run['dag_run_id']} is {run['state']}. Readers keep the release they "
        "have. `utpadan status` shows what is at work and what is wrong; docs/operate.md, under "
        "`A run is late`, says what to do."
    )
    return _message(subject, lead, [])


def unreachable(why: str) -> Message:
    """The digest of a night of which nothing is known."""
    lead = (
        f"The warehouse does not answer, and readers see nothing: {one_line(why)}. `utpadan up` "
        "starts the one of this machine; docs/operate.md says more, under `Another Postgres`."
    )
    return _message("Utpadan: the warehouse does not answer", lead, [])


def _message(subject: str, lead: str, sections: list[Section]) -> Message:
    text = as_text(subject, lead, sections)
    return Message(subject, text, as_chat(text), as_html(subject, lead, sections))


def _subject(night: Night) -> str:
    problems, warnings = len(night.health.problems), len(night.health.warnings)
    found = [count(problems, "problem")] if problems else []
    found += [count(warnings, "warning")] if warnings else []
    published = [row for row in night.releases if row["is_current"]]
    end = f"release {published[-1]['release_id']} published" if published else "nothing published"
    return f"Utpadan: {', '.join(found) or 'all is well'}; {end}"


def _published(night: Night) -> str:
    """Whether a release was published, or why none was."""
    if night.releases:
        row = night.releases[-1]
        rows = count(sum(row["tables"].values()), "row")
        undone = f", and undone at {row['undone_at']:%H:%M}" if row["undone_at"] else ""
        return (
            f"Release {row['release_id']} was published at {row['published_at']:%H:%M} UTC: "
            f"{count(len(row['tables']), 'table')}, {rows}{undone}."
        )
    release = night.health.release
    seen = f"readers see release {release['release_id']}" if release else "readers see no release"
    if not night.is_due:
        return f"Nothing was to be published: no load and no model is newer; {seen}."
    return f"Nothing was published: {_held_back(night)}; {seen}."


def _held_back(night: Night) -> str:
    state, build = night.health, night.health.build
    red = [row["suite"] for row in state.gates if row["boundary"] == "staging" and row["errors"]]
    if red:
        return f"the gate of {', '.join(red)} is red"
    if any(row["work"] in ("build", "publish") for row in state.at_work):
        return "a build or a publish is at work"
    changed = max((row["changed_at"] for row in state.unpublished), default=night.since)
    if build is None or build["started_at"] < changed:
        return "no build has begun since the newest load, Airflow's `marts` says why"
    if build["failed"]:
        return "the build failed"
    if build["audited_at"] is None:
        return "the gate has not passed what was built"
    return "it is built and passed, `utpadan publish` publishes it"


def _sections(night: Night) -> Iterator[Section]:
    state = night.health
    problems = [
        Item(_aged(problem.what, problem.since, state), problem.reason, problem.owner)
        for problem in state.problems
    ]
    warnings = [
        Item(
            _aged(health.gate_name(row), row["first_failed_at"], state),
            health.found(row),
            row["owner"],
        )
        for row in state.warnings
    ]
    yield Section("Needs a person", problems)
    yield Section("Warnings", warnings)
    accepted = [row for row in state.accepted if row["accepted_at"] >= night.since]
    yield Section("Accepted", [_accepted(row) for row in accepted])
    yield Section("Rejected rows", [_rejected(row) for row in state.rejects])
    yield Section("Revised and new figures", *_cut(map(_revision, night.revisions), *REVISIONS))
    yield Section("New in staging", *_cut(map(_loaded, night.loads), "ops.load_history"))
    yield Section(
        "Vendor names to review", *_cut(map(_name, night.names), "ops.vendor_name_review")
    )


def _aged(what: str, since: datetime | None, state: Health) -> str:
    return f"{what}, {age(since, state.now)}" if since else what


def _cut(items: Iterable[Item], *tables: str) -> tuple[list[Item], str, int]:
    return list(items), f"`utpadan sql` on {' and '.join(tables)}", SHOWN


def _accepted(row: Row) -> Item:
    return Item(one_line(row["subject"]), one_line(row["reason"]), one_line(row["accepted_by"]))


def _rejected(row: Row) -> Item:
    return Item(
        f"{row['source']}: {count(row['rows_rejected'], 'row')}",
        f"`utpadan rejected {row['source']}` shows them",
        row["owner"],
    )


def _loaded(row: Row) -> Item:
    changes = ("new", "changed", "closed")
    return Item(row["source"], ", ".join(f"{row[f'rows_{name}']:,} {name}" for name in changes))


def _revision(row: Row) -> Item:
    scope = "" if row["scope"] == "headline" else f", {row['scope']}"
    said = f"{row['stated_as']}, known from {row['known_from']}"
    if row["replaced"]:
        said += f"; it replaces {row['replaced']}"
    if row["is_doubtful"]:
        said += "; doubtful"
    what = f"{row['subject']} {row['fy_label']}, {row['sector']} {row['measure']}{scope}"
    return Item(one_line(what), one_line(said))


def _name(row: Row) -> Item:
    near = f"likest {row['candidate_1']} ({row['score_1']:.0f})" if row["candidate_1"] else "new"
    used = count(row["rows_naming"], "row")
    return Item(one_line(row["vendor_name"]), one_line(f"{near}; {used} of {row['named_in']}"))
