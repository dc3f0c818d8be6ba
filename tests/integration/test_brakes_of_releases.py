"""Gates stop a release, or a domain, that is unusual, until a person accepts just that.

The suite of the release is the real one; the marts it judges are small ones of a test's own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from loading import Desk, day, open_desk
from psycopg.rows import dict_row
from publishing import audit_marts, withdraw_all

from utpadan import brakes, ledger, nightly, publish
from utpadan.brakes import NotAccepted, accept_rule
from utpadan.publish import PublishError, Release
from utpadan.quality import AuditResult, GateFailed
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, load_sources

WHY = "the portal gave up these lists, as its notice of 1 March says"
SOURCES = load_sources()
CORRIDORS = SOURCES["corridors"]
DELIVERED = (CHECKOUT / "data/state_policy/corridors.csv").read_bytes()

STAGING = """
title: Corridors as delivered
owner: test-desk
rules:
  - id: there_are_three_corridors
    rule: There are three corridors in this test, and two in the delivery.
    table: corridors
    severity: error
    brake: true
    unexpected_rows: select count(*) as corridors from corridors having count(*) < 3
"""
ACROSS = STAGING.replace("    brake: true\n", "").replace("< 3", "< 2")
KEYS = """
title: Keys of documents
owner: test-desk
rules:
  - id: documents_are_numbered
    rule: A document has a number above zero; this rule is no brake.
    table: dim_source_document
    severity: error
    unexpected_rows: select document from dim_source_document where document < 1
"""
ROWS, FACTS, NAMES = (
    f"marts/release/{name}"
    for name in (
        "marts_keep_their_rows",
        "facts_stay_as_published",
        "names_lead_to_vendors_as_before",
    )
)


@dataclass(frozen=True)
class Marts:
    """Builds `marts_next` and asks the gates: documents, four years of production, ten places."""

    settings: Settings
    desk: Desk

    def build(self, documents: int = 10, kept: int = 4, linked: int = 9, first: int = 1) -> UUID:
        """So many documents; so many of the years as ever; so many places that name a vendor."""
        with psycopg.connect(self.settings.builder_url, autocommit=True) as conn:
            conn.execute("set client_min_messages = warning")
            conn.execute("drop schema if exists marts_next cascade; create schema marts_next")
            conn.execute("set search_path = marts_next")
            conn.execute(
                f"create table dim_source_document as select document "
                f"from generate_series({first}, {first + documents - 1}) as document".encode()
            )
            conn.execute(
                f"create table fct_production as select year, "
                f"case when year <= {kept} then 100 else 7 end as value "
                f"from generate_series(1, 4) as year".encode()
            )
            conn.execute(
                f"create table bridge_vendor_alias as select 'mous' as source_name, "
                f"'party' as role, case when place <= {linked} then 'v' || place end as vendor_id, "
                f"null::text as link_method from generate_series(1, 10) as place".encode()
            )
            build_id, loads = uuid4(), ledger.newest_loads(conn)
            ledger.record_build(conn, build_id, publish.models_sha256(), loads)
        return build_id

    def released(self) -> Release:
        """The release that readers have: ten documents, four years, nine of ten places linked."""
        audit_marts(self.settings, self.build())
        return publish.publish(self.settings.builder_url)

    def audit(self) -> dict[str, AuditResult]:
        """The results of all suites, by label. Raises GateFailed."""
        return {result.suite.label: result for result in nightly.audit(self.settings)}

    def stopped_by(self) -> list[str]:
        """The rules that hold the build back."""
        with pytest.raises(GateFailed) as stopped:
            nightly.audit(self.settings)
        return [
            result.suite.label_of(outcome.rule)
            for result in stopped.value.results
            for outcome in result.errors
        ]

    def accept(self, label: str) -> str:
        """Accept what the rule found."""
        return str(accept_rule(self.settings, brakes.rules()[label], WHY, "asha"))


@pytest.fixture
def marts(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Marts]:
    for boundary in ("staging", "marts"):
        (tmp_path / boundary).mkdir()
    shutil.copy(CHECKOUT / "expectations/marts/release.yml", tmp_path / "marts")
    (tmp_path / "staging/state_policy.yml").write_text(STAGING, encoding="utf-8")
    (tmp_path / "staging/across_domains.yml").write_text(ACROSS, encoding="utf-8")
    monkeypatch.setattr(nightly, "EXPECTATIONS", tmp_path)
    withdraw_all(shared_warehouse)
    with psycopg.connect(shared_warehouse.admin_url) as conn:
        conn.execute("delete from ops.check_result; delete from ops.acceptance")
    with open_desk(shared_warehouse) as desk:
        desk.load(CORRIDORS, DELIVERED, day(1))
        yield Marts(shared_warehouse, desk)


def found(settings: Settings, query: str) -> list[dict[str, Any]]:
    """What analysts see."""
    with psycopg.connect(settings.analyst_url, row_factory=dict_row) as conn:
        return conn.execute(query.encode()).fetchall()


def test_a_first_release_has_nothing_to_be_held_against(marts: Marts) -> None:
    marts.build(documents=1, kept=0, linked=1)
    marts.audit()
    assert publish.publish(marts.settings.builder_url).tables == {
        "bridge_vendor_alias": 10,
        "dim_source_document": 1,
        "fct_production": 4,
    }


def test_a_release_at_the_bounds_passes(marts: Marts) -> None:
    """8 of 10 rows are left, 2 of 4 are as they were, 7 of 10 places are linked, where 9 were."""
    marts.released()
    marts.build(documents=8, kept=2, linked=7)
    marts.audit()


FOUND = {
    ROWS: {"mart": "dim_source_document", "rows_before": 10, "rows_now": 7},
    FACTS: {"mart": "fct_production", "rows_before": 4, "rows_now": 4, "rows_kept": 1},
    NAMES: {"source_name": "mous", "share_before": 0.9, "share_now": 0.6},
}


def test_brakes_stop_a_release_until_a_person_accepts_each_of_them_with_a_reason(
    marts: Marts,
) -> None:
    before = marts.released()
    marts.build(documents=7, kept=1, linked=6)
    with pytest.raises(GateFailed) as stopped:
        nightly.audit(marts.settings)
    for label in FOUND:
        assert f"if it is right: utpadan accept {label} --reason WHY" in str(stopped.value)
    with pytest.raises(PublishError, match="the gate has not passed marts_next"):
        publish.publish(marts.settings.builder_url)
    said = {label: marts.accept(label) for label in (FACTS, ROWS)}
    assert marts.stopped_by() == [NAMES]
    said[NAMES] = marts.accept(NAMES)
    parts = [f"{label.rpartition('/')[2]} {said[label]}" for label in FOUND]
    assert str(marts.audit()["marts/release"]) == (
        f"marts/release: 0 of 3 rules hold, {', '.join(parts)}"
    )
    kept = found(marts.settings, "select * from ops.acceptance where boundary = 'marts'")
    assert {f"marts/{row['subject']}": row["accepted"] for row in kept} == {
        label: [offence] for label, offence in FOUND.items()
    }
    assert {(row["reason"], row["accepted_by"], row["session_role"]) for row in kept} == {
        (WHY, "asha", "utpadan_builder")
    }
    findings = found(marts.settings, "select * from ops.open_finding")
    assert [(row["reason"], row["accepted_by"]) for row in findings] == [(WHY, "asha")] * 3
    (gate,) = found(marts.settings, "select * from ops.gate_status where suite = 'release'")
    assert (gate["rules"], gate["errors"], gate["warnings"], gate["accepted"]) == (3, 0, 0, 3)
    assert publish.publish(marts.settings.builder_url).release_id > before.release_id
    marts.build(documents=7, kept=1, linked=6)
    assert str(marts.audit()["marts/release"]) == "marts/release: 3 of 3 rules hold"
    assert found(marts.settings, "select * from ops.open_finding") == []


def test_an_acceptance_is_good_for_just_what_was_judged(marts: Marts) -> None:
    """The same again passes; other readers' marts, another suite, less rows, other loads do not."""
    marts.released()
    marts.build(documents=7)
    assert marts.stopped_by() == [ROWS]
    marts.accept(ROWS)
    marts.build(documents=7)
    marts.audit()
    with psycopg.connect(marts.settings.builder_url, autocommit=True) as conn:
        conn.execute("delete from marts.dim_source_document where document = 10")
        assert marts.stopped_by() == [ROWS], "7 of 9 was not accepted"
        conn.execute("insert into marts.dim_source_document values (10)")
    suite = nightly.EXPECTATIONS / "marts/release.yml"
    text = suite.read_text(encoding="utf-8")
    suite.write_text(text + "# mended\n", encoding="utf-8")
    assert marts.stopped_by() == [ROWS]
    suite.write_text(text, encoding="utf-8")
    marts.build(documents=6)
    assert marts.stopped_by() == [ROWS]
    marts.desk.load(CORRIDORS, DELIVERED.replace(b"Uttar", b"UTTAR"), day(2))
    marts.build(documents=7)
    assert marts.stopped_by() == [ROWS]


def test_a_rule_that_is_no_brake_or_could_not_be_judged_is_mended_and_not_accepted(
    marts: Marts,
) -> None:
    (nightly.EXPECTATIONS / "marts/keys.yml").write_text(KEYS, encoding="utf-8")
    marts.build(first=0)
    assert marts.stopped_by() == ["marts/keys/documents_are_numbered"]
    with pytest.raises(NotAccepted, match=r"is no brake: .* expectations/marts/keys\.yml"):
        marts.accept("marts/keys/documents_are_numbered")
    with psycopg.connect(marts.settings.builder_url, autocommit=True) as conn:
        conn.execute("delete from marts_next.bridge_vendor_alias")
    assert marts.stopped_by() == ["marts/keys/documents_are_numbered", NAMES]
    with pytest.raises(NotAccepted, match=r"but mended: .* holds no current row"):
        marts.accept(NAMES)


def test_what_was_not_found_cannot_be_accepted(marts: Marts) -> None:
    with pytest.raises(NotAccepted, match="there is no whole marts_next: run `utpadan build`"):
        marts.accept(ROWS)
    marts.build()
    with pytest.raises(NotAccepted, match="not judged what is there now: run `utpadan audit`"):
        marts.accept(ROWS)
    marts.audit()
    with pytest.raises(NotAccepted, match="holds: there is nothing to accept"):
        marts.accept(ROWS)
    publish.publish(marts.settings.builder_url)
    marts.build(documents=7)
    assert marts.stopped_by() == [ROWS]
    marts.accept(ROWS)
    with pytest.raises(NotAccepted, match=f"is accepted by asha .*: {WHY}; `utpadan audit` passes"):
        marts.accept(ROWS)


def test_a_brake_of_a_domain_stops_it_until_its_loads_are_accepted(marts: Marts) -> None:
    """There are two corridors, where the suite of this test wants three."""
    label = "staging/state_policy/there_are_three_corridors"

    def gate() -> AuditResult | None:
        return nightly.gate(marts.settings, "state_policy", SOURCES)

    with pytest.raises(GateFailed, match=f"utpadan accept {label} --reason WHY"):
        gate()
    marts.accept(label)
    passed = gate()
    assert passed is not None and [o.rule.id for o in passed.accepted] == [label.split("/")[2]]
    assert gate() is None, "it has passed"
    marts.desk.load(CORRIDORS, DELIVERED.replace(b"Uttar", b"UTTAR"), day(2))
    with pytest.raises(NotAccepted, match=r"not judged .* now: run `utpadan gate state_policy`"):
        marts.accept(label)
    with pytest.raises(GateFailed):
        gate()
