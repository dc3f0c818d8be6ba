"""The digest of a real ledger and real marts: what is new, and what stays out of it."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg
import pytest
from command import environment
from loading import contract, day, open_desk
from publishing import audit_marts, build_marts, withdraw_all
from typer.testing import CliRunner

from utpadan import digest, ledger, publish
from utpadan.cli import app
from utpadan.settings import Settings

PEOPLE = contract(
    {"name": {"type": "text", "required": True}, "email": {"type": "text", "personal": True}},
    name="people",
)
FIGURES = """
create table marts_next.fct_production_revision as
select *, '2024-04-01'::date as fy_start_date, '2024-25' as fy_label, 'total' as sector,
    'value' as measure, 'headline' as scope, false as is_doubtful
from (values {}) as vintage (vintage_number, stated_as, known_from)
"""
MAY = "(1, 'Rs 1,46,000 crore', '2025-05-29'::date)"
AUGUST = "(2, 'Rs 1,50,590 crore', '2025-08-09'::date)"


@pytest.fixture
def settings(shared_warehouse: Settings) -> Settings:
    withdraw_all(shared_warehouse)
    with psycopg.connect(shared_warehouse.admin_url) as conn:
        ledger.record_sources(conn, {"people": PEOPLE})
        conn.execute("delete from ops.delivery; delete from ops.vendor_name_review")
    return shared_warehouse


def release(settings: Settings, *vintages: str) -> None:
    """Publish marts with these vintages of one figure."""
    build_id = build_marts(settings, 1)
    with psycopg.connect(settings.builder_url) as conn:
        conn.execute(FIGURES.format(", ".join(vintages)).encode())
    audit_marts(settings, build_id)
    publish.publish(settings.builder_url)


def test_a_revision_is_told_in_the_night_in_which_it_is_published(settings: Settings) -> None:
    release(settings, MAY)
    assert digest.look(settings).revisions == []  # there is no release before to hold it against
    release(settings, MAY, AUGUST)
    (found,) = digest.look(settings).revisions
    assert (found["subject"], found["stated_as"], found["replaced"]) == (
        *("production", "Rs 1,50,590 crore", "Rs 1,46,000 crore"),
    )
    release(settings, MAY, AUGUST)
    assert digest.look(settings).revisions == []


def test_a_release_of_another_night_is_not_told_again(settings: Settings) -> None:
    release(settings, MAY)
    release(settings, MAY, AUGUST)
    with psycopg.connect(settings.admin_url) as conn:
        conn.execute("update ops.release set published_at = now() - interval '25 hours'")
    night = digest.look(settings)
    assert (night.releases, night.revisions, night.is_due) == ([], [], False)


def test_a_release_that_is_undone_leaves_no_revisions(settings: Settings) -> None:
    release(settings, MAY)
    release(settings, MAY, AUGUST)
    publish.undo(settings.builder_url)
    night = digest.look(settings)
    assert [row["undone_at"] is None for row in night.releases] == [True, False]
    assert night.revisions == []


def test_no_personal_data_and_no_address_is_in_any_form_of_it(settings: Settings) -> None:
    rows = b"name,email\nAsha Udaharan,asha@example.org\n,nobody@example.org\n"
    with open_desk(settings) as desk:
        desk.load(PEOPLE, rows, day(1))
    with psycopg.connect(settings.builder_url) as conn:
        conn.execute(
            "insert into ops.vendor_name_review (vendor_name, named_in, rows_naming) "
            "values ('Keltron', 'people (party)', 1)"
        )
    told = digest.compose(digest.look(settings))
    for form in (told.text, told.html, told.chat):
        assert "Keltron" in form
        assert "people: 1 row" in form
        assert "example.org" not in form and "Udaharan" not in form
        assert settings.builder_url not in form


def test_a_warehouse_that_is_down_is_told_without_its_password(settings: Settings) -> None:
    port = urlsplit(settings.builder_url).port
    nowhere = settings.builder_url.replace(f":{port}/", ":1/")
    told = digest.tell(
        Settings.load({"UTPADAN_HOME": str(settings.home), "UTPADAN_BUILDER_URL": nowhere})
    )
    assert told.subject == "Utpadan: the warehouse does not answer"
    assert "port 1 failed" in told.text
    assert str(urlsplit(nowhere).password) not in told.text + told.html


def test_it_can_be_printed_by_hand(settings: Settings) -> None:
    release(settings, MAY)
    printed = CliRunner().invoke(app, ["digest"], env=environment(settings))
    assert printed.exit_code == 0
    assert printed.stdout.splitlines()[0].startswith("Utpadan: 1 problem; release ")
    assert "- people: never asked: it has no delivery: `utpadan ingest people`" in printed.stdout
