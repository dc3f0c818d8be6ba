"""Every figure can be followed to its page, and to the load that brought it."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from utpadan.settings import CHECKOUT, Settings
from utpadan.source import load_sources

MARTS = CHECKOUT / "dbt_project" / "models" / "marts"
FACTS = sorted(path.stem for path in MARTS.glob("*/fct_*.sql"))

UNTRACED = """
select count(*) from marts.{fact} as fact
where
    not exists (
        select from marts.dim_source_document as document
        inner join marts.bridge_document_load as brought
            on document.source_document_id = brought.source_document_id
        inner join ops.load as load
            on brought.load_id = load.load_id and brought.source_name = load.source
        inner join ops.delivery as delivery on load.delivery_id = delivery.delivery_id
        where
            document.source_document_id = fact.source_document_id
            and document.url <> '' and brought.fetched_at = delivery.fetched_at
            and load.status = 'loaded'
    )
"""


def test_there_are_facts_of_every_subject() -> None:
    subjects = {path.parent.name for path in MARTS.glob("*/fct_*.sql")}
    assert subjects == {"engagement", "exports", "innovation", "policy", "production", "vendors"}


@pytest.mark.parametrize("fact", FACTS)
def test_every_row_of_a_fact_reaches_its_document_and_its_load(
    released: Settings, fact: str
) -> None:
    with psycopg.connect(released.admin_url) as conn:
        rows = conn.execute(SQL("select count(*) from marts.{}").format(Identifier(fact)))
        assert rows.fetchone() > (0,), "a fact without rows shows nothing"
        query = SQL(UNTRACED).format(fact=Identifier(fact))  # type: ignore[arg-type]
        assert conn.execute(query).fetchone() == (0,)


def test_a_document_says_who_published_it_when_and_when_it_was_first_seen(
    released: Settings,
) -> None:
    with psycopg.connect(released.bi_url) as conn:
        document = conn.execute(
            """
            select document.publisher, document.published_on, document.first_seen_at is not null
            from marts.fct_production_revision as vintage
            inner join marts.dim_source_document as document
                on vintage.source_document_id = document.source_document_id
            where
                vintage.fy_label = '2024-25' and vintage.sector = 'total'
                and vintage.measure = 'value' and vintage.scope = 'headline'
                and vintage.value_inr = 1505900000000
            """
        ).fetchone()
    assert document is not None
    assert document[1].isoformat() == "2025-08-09"
    assert document[0] and document[2]


def test_every_source_with_rows_is_the_origin_of_a_document(released: Settings) -> None:
    with psycopg.connect(released.bi_url) as conn:
        rows = conn.execute("select source_name from marts.bridge_document_load").fetchall()
    assert {name for (name,) in rows} == set(load_sources())
