"""Rows of restricted sources: from the contract to the marts, seen by members and nobody else.

The lists of the partnership days are loaded as if they were real: registrations and meetings are
restricted, options are not, but name who registered. All other sources are public.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import yaml
from loading import Desk, contract, day, open_desk
from publishing import audit_marts, build_marts
from readable import readable
from real_chain import load_everything
from small_dbt import small_project

from utpadan import ledger, publish
from utpadan.export import export
from utpadan.load import ensure_staging, replay
from utpadan.settings import Settings
from utpadan.source import Source, load_sources
from utpadan.transform import write_contracts
from utpadan.transform.build import PROJECT
from utpadan.transform.process import Dbt
from utpadan.transform.results import BROKEN, read_results

RESTRICTED = ("partnership_day_registrations", "partnership_day_meetings")
MARKED = (
    "bridge_document_load",
    "dim_source_document",
    "fct_event_meeting",
    "fct_event_option",
    "fct_event_participation",
    "mart_engagement_outcomes",
)
NUMBERS = ("-R-00", "-M-00", "-O-00")
"""What every number of a registration, a meeting or an option has in it."""


def restricted(source: Source) -> Source:
    why = {"restricted": "Real lists are for the engagement desk."}
    return source.model_copy(update=why) if source.name in RESTRICTED else source


BESIDE = {
    "int_event_participants_named": "select 'EV-DPD24' as event_id, 'host' as role, 'HQ' as "
    "participant_name, 'hq' as vendor_id, 'd' as source_document_id",
    "dim_event": "select 'EV-DPD24' as event_id, null::text as main_event_id, "
    "date '2024-02-27' as held_to",
    "bridge_event_technology_domain": "select '' as event_id, '' as technology_domain limit 0",
    "fct_innovation_contract": "select '' as contract_id, '' as technology_domain, "
    "current_date as contracted_from, current_date as contracted_to, false as is_planned limit 0",
    "bridge_innovation_contract_vendor": "select '' as contract_id, '' as vendor_id limit 0",
    "fct_technology_transfer": "select '' as vendor_id, '' as technology_transfer_id, '' as "
    "technology_domain, current_date as transferred_from, current_date as transferred_to, "
    "true as is_transfer limit 0",
    "fct_memorandum": "select '' as memorandum_id, '' as event_id, current_date as signed_from, "
    "current_date as signed_to limit 0",
    "bridge_memorandum_party": "select '' as memorandum_id, '' as vendor_id limit 0",
    "bridge_memorandum_technology_domain": "select '' as memorandum_id, '' as technology_domain "
    "limit 0",
    "fct_export_authorisation": "select '' as exporter_name, '' as authorisation_id, "
    "current_date as issued_on, true as is_sample limit 0",
}
"""What else the marts read, made up: one event, one host, and nothing that followed."""

READ = (*RESTRICTED, "partnership_day_options", "publications")


def project_of(folder: Path, sources: dict[str, Source]) -> Path:
    """The project's own models of these marts and sources, without keys that lead elsewhere."""
    project = small_project(folder)
    shutil.copytree(PROJECT / "functions", project / "functions")
    real = {path.stem: path for path in (PROJECT / "models").rglob("*.sql")}
    for name in (*MARKED, "int_documents_cited", *(f"stg_{source}" for source in READ)):
        place = project / real[name].relative_to(PROJECT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(real[name], place)
        if "marts" in place.parts:
            (model,) = yaml.safe_load(real[name].with_suffix(".yml").read_text())["models"]
            del model["constraints"]
            place.with_suffix(".yml").write_text(yaml.safe_dump({"models": [model]}))
    for words in (PROJECT / "models").rglob("_columns.md"):
        shutil.copy(words, project / "models" / f"{words.parent.name}.md")
    shutil.copy(PROJECT / "models/groups.yml", project / "models")
    for name, query in BESIDE.items():
        (project / "models" / "intermediate" / f"{name}.sql").write_text(query)
    write_contracts(sources, project)
    return project


@pytest.fixture(scope="module")
def published(shared_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The marts that name a registration, built by the real dbt from the real models."""
    settings, every = shared_warehouse, load_sources()
    sources = {name: restricted(every[name]) for name in READ}
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        ensure_staging(conn, [sources["publications"]])
    load_everything(settings, {n: s for n, s in sources.items() if n != "publications"})
    project = project_of(tmp_path_factory.mktemp("project"), sources)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute("create schema marts_next")
        dbt, started = Dbt(project, settings.home / "dbt", settings.builder_url), datetime.now(UTC)
        exit_code = dbt.run(["build", "--exclude-resource-types", "test", "unit_test"])
        results = read_results(dbt.target, started)
        assert [(node.node, node.message) for node in results if node.status in BROKEN] == []
        assert exit_code == 0, dbt.errors
        build_id = uuid4()
        ledger.record_build(conn, build_id, publish.models_sha256(), ledger.newest_loads(conn))
        ledger.mark_audited(conn, build_id, passed=True)
    publish.publish(settings.builder_url)
    return settings


@pytest.fixture(scope="module")
def member(published: Settings) -> Iterator[str]:
    """The URL of somebody of the engagement desk: an analyst, and a member."""
    role = f"member_{uuid4().hex[:8]}"
    with psycopg.connect(published.admin_url, autocommit=True) as admin:
        admin.execute(f"create role {role} login in role utpadan_analyst, utpadan_restricted")
        admin.execute(f"alter role {role} password 'of the desk'".encode())
        parts = urlsplit(published.analyst_url)
        netloc = f"{role}:of%20the%20desk@{parts.hostname}:{parts.port}"
        yield parts._replace(netloc=netloc).geturl()
        admin.execute(f"drop role {role}".encode())


def counts(url: str, condition: str = "true") -> dict[str, int]:
    """Rows of each mart that has the mark, as this role sees them."""
    with psycopg.connect(url) as conn:
        found = {}
        for mart in MARKED:
            query = f"select count(*) from marts.{mart} where {condition}"
            (found[mart],) = conn.execute(query.encode()).fetchone() or (0,)
        return found


def test_the_mark_comes_from_the_contract_and_is_handed_on(published: Settings) -> None:
    """90 registrations, 140 meetings and the options of who registered, of one event.

    What followed the event is told of each of those who registered.
    """
    marked = counts(published.admin_url, "is_restricted")
    assert marked["fct_event_participation"] == 90
    assert marked["fct_event_meeting"] == 140
    assert marked["fct_event_option"] == counts(published.admin_url)["fct_event_option"] > 0
    assert marked["mart_engagement_outcomes"] == 90
    assert marked["dim_source_document"] == marked["bridge_document_load"] == 2


@pytest.mark.parametrize("role", ["analyst", "bi"])
def test_a_reader_sees_all_rows_but_the_restricted_ones(published: Settings, role: str) -> None:
    url = getattr(published, f"{role}_url")
    assert counts(url, "is_restricted") == dict.fromkeys(MARKED, 0)
    assert counts(url) == counts(published.admin_url, "not is_restricted")
    assert counts(url)["fct_event_participation"] > 0
    seen = readable(url)
    assert [place for place, text in seen.items() if any(n in text for n in NUMBERS)] == (
        ["prep.stg_partnership_day_options"] if role == "analyst" else []
    )


def test_a_member_sees_them_all_in_the_marts_and_in_prep(published: Settings, member: str) -> None:
    assert counts(member) == counts(published.admin_url)
    seen = readable(member)
    for name in RESTRICTED:
        assert any(number in seen[f"prep.stg_{name}"] for number in NUMBERS)


def test_a_reader_cannot_become_a_member(published: Settings) -> None:
    for url in (published.analyst_url, published.bi_url):
        with psycopg.connect(url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("set role utpadan_restricted")


def test_an_export_has_no_restricted_row(published: Settings, tmp_path: Path) -> None:
    written = export(published.builder_url, tmp_path.as_uri())
    folder = tmp_path / f"release_{written.release_id}"
    package = json.loads((folder / "datapackage.json").read_text())
    rows = {resource["name"]: resource["rows"] for resource in package["resources"]}
    public = counts(published.admin_url, "not is_restricted")
    assert {mart: rows[mart] for mart in MARKED} == public
    texts = {path.name: gzip.decompress(path.read_bytes()) for path in folder.glob("*.gz")}
    found = [name for name, text in texts.items() if any(n.encode() in text for n in NUMBERS)]
    assert found == []


LIST = contract(
    {"name": {"type": "text", "required": True}, "seat": {"type": "integer"}},
    name="guests",
    restricted="The list of guests is for the desk alone.",
)


@pytest.fixture
def guarded(warehouse: Settings) -> Settings:
    """A guest, a rejected row, and two releases, in each of which one row is restricted."""
    with open_desk(warehouse) as desk:
        desk.load(LIST, b"name,seat\nVayu,1\nAgni,window\n", day(1))
    with psycopg.connect(warehouse.builder_url, autocommit=True) as conn:
        conn.execute("create view prep.stg_guests as select name from staging.guests")
        for number in (1, 2):
            build_id = build_marts(warehouse, number)
            conn.execute("alter table marts_next.fct_two add column is_restricted boolean")
            conn.execute("update marts_next.fct_two set is_restricted = false")
            conn.execute("insert into marts_next.fct_two values (-1, true)")
            audit_marts(warehouse, build_id)
            publish.publish(warehouse.builder_url)
    return warehouse


def numbers(url: str) -> list[int]:
    with psycopg.connect(url) as conn:
        rows = conn.execute("select number from marts.fct_two order by number").fetchall()
    return [number for (number,) in rows]


def test_an_undone_release_leaves_marts_that_are_guarded_too(guarded: Settings) -> None:
    assert numbers(guarded.bi_url) == [2]
    publish.undo(guarded.builder_url)
    assert numbers(guarded.bi_url) == [1]
    assert numbers(guarded.builder_url) == [-1, 1]


def test_a_restricted_source_is_read_through_views_by_members_alone(guarded: Settings) -> None:
    query = "select name from prep.stg_guests"
    seen = {}
    for role in ("analyst", "builder"):
        with psycopg.connect(getattr(guarded, f"{role}_url")) as conn:
            seen[role] = conn.execute(query.encode()).fetchall()
    assert seen == {"analyst": [], "builder": [("Vayu",)]}


def test_why_a_restricted_row_was_rejected_is_for_members_alone(guarded: Settings) -> None:
    seen = {}
    for role in ("analyst", "loader", "builder"):
        with psycopg.connect(getattr(guarded, f"{role}_url")) as conn:
            seen[role] = conn.execute("select reasons from ops.rejection").fetchall()
    why = [(["seat: 'window' is not a whole number"],)]
    assert seen == {"analyst": [], "loader": [], "builder": why}


def test_a_source_that_is_no_longer_restricted_is_read_anew_and_by_all(guarded: Settings) -> None:
    public = Source(**{**LIST.model_dump(), "restricted": None})
    with psycopg.connect(guarded.loader_url, autocommit=True) as conn:
        (delivery,) = ledger.deliveries(conn, LIST.name)
        assert ledger.standing(conn, LIST, delivery) == "loaded"
        assert ledger.standing(conn, public, delivery) == "replay"
        replay(conn, public, [(delivery, Desk(guarded, conn).reading(public, delivery))])
    with psycopg.connect(guarded.analyst_url) as conn:
        assert conn.execute("select name from prep.stg_guests").fetchall() == [("Vayu",)]
        assert conn.execute("select count(*) from ops.rejection").fetchone() == (1,)
