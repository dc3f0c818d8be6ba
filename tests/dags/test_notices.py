"""Notices through Airflow: the digest and missed deadlines, to a mail server and a web server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dag_runner import Airflow, Run
from machine import Machine
from receivers import PostOffice, Web, post_office, web

from utpadan import local

LOGIN, PASSWORD = "utpadan", "sesame-for-mail-2718"  # pragma: allowlist secret: made up
SECRET_PATH = "/services/T0/sesame-for-chat-3141"
LINEAGE = "/api/v1/lineage"
EVIL = "Acme {{ conn.warehouse.password }} <img src=x>"
TO = ["desk@example.org", "b@example.org"]
DIGEST = {"notice_mail", "notice_webhook"}


@dataclass(frozen=True)
class Office:
    """An Airflow that tells lineage, and whoever gets notices once it has connections."""

    airflow: Airflow
    post: PostOffice
    web: Web

    def connections(self) -> dict[str, str]:
        """The variables that make the connections."""
        extra: dict[str, Any] = {"from_email": "warehouse@example.org", "to": TO}
        extra |= {"disable_ssl": True, "disable_tls": True}
        mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": self.post.port, "extra": extra}
        mail |= {"login": LOGIN, "password": PASSWORD}
        webhook = {"conn_type": "http", "host": self.web.address + SECRET_PATH}
        return {
            "AIRFLOW_CONN_NOTICE_MAIL": json.dumps(mail),
            "AIRFLOW_CONN_NOTICE_WEBHOOK": json.dumps(webhook),
        }


@pytest.fixture(scope="module")
def office(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    machine.query(
        "insert into ops.vendor_name_review (vendor_name, named_in, rows_naming) "
        "values (%s, 'mous (party)', 1) returning 1",
        EVIL,
    )
    with (
        post_office(LOGIN, PASSWORD) as post,
        web() as site,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("OPENLINEAGE_URL", site.address)
        runner = Airflow(machine, tmp_path_factory.mktemp("notices"))
        yield Office(runner, post, site)
        runner.stop()


@pytest.fixture(scope="module")
def unwired(office: Office) -> Run:
    """The digest where no connection is set."""
    return office.airflow.run("digest")


@pytest.fixture(scope="module")
def sent(office: Office, unwired: Run) -> Run:
    """The digest where both are."""
    for variable, value in office.connections().items():
        office.airflow.set(variable, value)
    return office.airflow.run("digest")


@pytest.fixture(scope="module")
def refused(office: Office, sent: Run) -> Iterator[Run]:
    """The digest while neither receiver takes anything."""
    office.post.refuses, office.web.status = True, 500
    yield office.airflow.run("digest")
    office.post.refuses, office.web.status = False, 200


@pytest.fixture(scope="module")
def late(office: Office, sent: Run, refused: Run, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What became of the callback of a run of `marts` that missed its deadline."""
    folder = tmp_path_factory.mktemp("late")
    machine = office.airflow.machine
    office.post.refuses, office.web.status = False, 200
    subprocess.run(
        [sys.executable, str(Path(__file__).with_name("late_run.py")), "marts", folder / "told"],
        check=True,
        env=local.environment(machine.home, machine.checkout) | office.connections(),
        cwd=folder,
    )
    return json.loads((folder / "told").read_text(encoding="utf-8"))


def test_without_connections_nothing_is_sent_and_the_log_has_the_digest(unwired: Run) -> None:
    assert unwired.states == dict.fromkeys(DIGEST, "skipped")
    assert unwired.state == "success"
    assert "there is no connection notice_mail: nothing is sent that way" in unwired.log
    assert "Needs a person" in unwired.log


def test_the_digest_comes_by_mail(office: Office, sent: Run) -> None:
    assert sent.states == dict.fromkeys(DIGEST, "success")
    mail = office.post.mails[0]
    assert mail["From"] == "warehouse@example.org"
    assert mail["To"] == "desk@example.org, b@example.org"
    assert mail["Subject"] == "Utpadan: 2 problems; nothing published"
    (page,) = [part for part in mail.walk() if part.get_content_type() == "text/html"]
    assert "<h1" in page.get_content() and "sources: not asked" in page.get_content()


def test_the_digest_comes_to_the_webhook(office: Office, sent: Run) -> None:
    (body,) = office.web.to(SECRET_PATH)[:1]
    assert set(body) == {"subject", "text"}
    assert body["subject"] == "Utpadan: 2 problems; nothing published"
    assert body["text"].splitlines()[0] == body["subject"]


def test_what_a_source_wrote_is_neither_rendered_nor_markup(office: Office, sent: Run) -> None:
    (page,) = [p for p in office.post.mails[0].walk() if p.get_content_type() == "text/html"]
    assert "Acme {{ conn.warehouse.password }} &lt;img src=x&gt;" in page.get_content()
    assert "Acme {{ conn.warehouse.password }} (img src=x)" in office.web.to(SECRET_PATH)[0]["text"]


def test_a_digest_that_cannot_be_sent_is_red_and_says_by_which_connection(refused: Run) -> None:
    assert refused.failed == sorted(DIGEST)
    assert "by the connection notice_mail: SMTPDataError: (554, b'no mail is taken today')" in (
        refused.log
    )
    assert "by the connection notice_webhook: AirflowException: 500:" in refused.log


def test_no_secret_of_a_connection_is_logged(sent: Run, refused: Run) -> None:
    for run in (sent, refused):
        assert PASSWORD not in run.log
        assert SECRET_PATH not in run.log


def test_a_run_that_misses_its_deadline_is_told_both_ways(office: Office, late: Any) -> None:
    assert late["seconds"] == 3600
    assert [event["state"] for event in late["sent"]] == ["running", "success"], late
    assert late["sent"][-1]["body"] == "sent by notice_mail and notice_webhook"
    assert office.post.mails[-1]["Subject"] == "Utpadan: marts is late"
    told = " ".join(office.web.to(SECRET_PATH)[-1]["text"].split())
    assert "marts should have been done by 20" in told
    assert "its run late is queued" in told
    assert "`utpadan status` shows what is at work" in told


def test_a_notice_that_fails_one_way_is_sent_the_other_and_shows_no_secret(
    office: Office, late: Any
) -> None:
    failed = late["refused"][-1]
    assert failed["state"] == "failed"
    assert "by the connection notice_webhook: ClientConnectorError: " in failed["body"]
    assert SECRET_PATH not in failed["body"] and "notice_mail" not in failed["body"]
    subjects = [mail["Subject"] for mail in office.post.mails]
    assert subjects.count("Utpadan: marts is late") == 2


def test_a_late_run_is_told_nobody_where_there_is_no_connection(late: Any) -> None:
    assert [event["state"] for event in late["nowhere"]] == ["running", "success"]
    assert late["nowhere"][-1]["body"] == "sent by no connection, as there is none"


def test_lineage_is_told_where_it_is_configured(office: Office, sent: Run) -> None:
    events = [
        (event["job"]["name"], event["eventType"])
        for event in office.web.to(LINEAGE)
        if "job" in event
    ]
    assert ("digest", "COMPLETE") in events
    assert {("digest.notice_mail", "START"), ("digest.notice_mail", "COMPLETE")} <= set(events)
    said = json.dumps(office.web.to(LINEAGE))
    assert PASSWORD not in said and SECRET_PATH not in said
