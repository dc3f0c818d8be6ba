"""What dbt is told of the contracts: derived from them, checked against the staging models."""

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from utpadan.source import ContractError, Source, load_sources
from utpadan.transform import write_contracts
from utpadan.transform.build import PROJECT
from utpadan.transform.properties import read_model

CONTRACT: dict[str, Any] = {
    "title": "Targets",
    "description": "Targets that were announced for production and exports.",
    "publisher": {"name": "Desk's own list", "official": False, "url": "https://list.in"},
    "licence": {"name": "Facts restated", "note": "Credit the publication."},
    "owner": "production-desk",
    "fetch": {"kind": "file", "path": "data/targets.csv"},
    "format": {"kind": "csv"},
    "delivery": "complete",
    "grain": "one target of one announcement",
    "key": ["name"],
    "rows": {"min": 1, "max": 9, "max_change": 1},
    "freshness_days": 9,
    "max_bad_share": 0,
    "columns": {
        "name": {"type": "text", "description": "Name of the target."},
        "value_crore": {"type": "numeric", "unit": "INR crore", "description": "Amount aimed at."},
        "contact": {"type": "text", "description": "Telephone number.", "personal": True},
    },
}
URL = {"source_url": {"type": "text", "description": "Page that states it."}}
PORTAL = {"kind": "http", "connection": "list", "base_url": "https://api.in", "path": "/targets"}


def source(name: str = "targets", **changes: Any) -> Source:
    place = {"name": name, "domain": "production", "folder": Path("sources/production") / name}
    return Source.model_validate({**place, **CONTRACT, **changes})


def project(folder: Path, select_list: str, name: str = "stg_targets") -> Path:
    model = folder / f"models/staging/production/{name}.sql"
    model.parent.mkdir(parents=True)
    items = textwrap.indent(textwrap.dedent(select_list).strip(), "    ")
    model.write_text(f"select\n{items}\nfrom {{{{ source('staging', 'targets') }}}}\n")
    return folder


def written(folder: Path) -> dict[str, Any]:
    text = (folder / "models/staging/_contracts.yml").read_text(encoding="utf-8")
    properties: dict[str, Any] = yaml.safe_load(text)
    return properties


def documents(folder: Path) -> str:
    return (folder / "macros/_contracts.sql").read_text(encoding="utf-8")


def test_a_staging_model_takes_description_and_unit_of_a_renamed_column(tmp_path: Path) -> None:
    folder = project(tmp_path, "name as target_name,\nvalue_crore,\n_known_from")
    write_contracts({"targets": source()}, folder)
    model = written(folder)["models"][0]
    assert model["name"] == "stg_targets"
    assert [column["name"] for column in model["columns"]] == [
        "target_name",
        "value_crore",
        "_known_from",
    ]
    assert model["columns"][0]["description"] == "Name of the target."
    assert model["columns"][1]["config"] == {"meta": {"unit": "INR crore"}}


def test_a_staging_model_carries_owner_licence_publisher_and_sample_mark(tmp_path: Path) -> None:
    folder = project(tmp_path, "name")
    write_contracts({"targets": source(is_sample=True)}, folder)
    assert written(folder)["models"][0]["config"]["meta"] == {
        "owner": "production-desk",
        "publisher": "Desk's own list",
        "licence": "Facts restated",
        "is_sample": True,
    }


def test_every_source_is_a_dbt_source_with_all_its_columns(tmp_path: Path) -> None:
    write_contracts({"targets": source()}, tmp_path)
    group = written(tmp_path)["sources"][0]
    assert (group["name"], group["schema"]) == ("staging", "staging")
    assert [column["name"] for column in group["tables"][0]["columns"]] == [
        *("name", "value_crore", "contact"),
        *("_extra", "_load_id", "_line", "_known_from", "_known_to"),
    ]


def test_a_history_model_belongs_to_its_source(tmp_path: Path) -> None:
    folder = project(tmp_path, "name,\n_known_to", name="stg_targets_history")
    write_contracts({"targets": source()}, folder)
    model = written(folder)["models"][0]
    assert model["description"].startswith("Every version of the rows of Targets.")
    assert '"model": "stg_targets_history", "has_history": true' in documents(folder)


@pytest.mark.parametrize(
    ("select_list", "complaint"),
    [
        ("name,\nvalue_crore * 10000000 as value_inr", "stg_targets.sql:3: 'value_crore * 100"),
        ("name,\nvalue_lakh", "stg_targets.sql:3: the contract targets has no column 'value_lakh'"),
        ("name,\n-- asked for\ncontact", "stg_targets.sql:4: 'contact' is personal data"),
    ],
)
def test_a_staging_model_that_does_more_than_select_and_rename_is_refused(
    tmp_path: Path, select_list: str, complaint: str
) -> None:
    with pytest.raises(ContractError, match=complaint.replace("*", r"\*")):
        write_contracts({"targets": source()}, project(tmp_path, select_list))


def test_a_staging_model_without_a_contract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contract is named 'goals'"):
        write_contracts({"targets": source()}, project(tmp_path, "name", name="stg_goals"))


def test_a_staging_model_that_reads_another_source_is_refused(tmp_path: Path) -> None:
    sources = {"goals": source("goals"), "targets": source()}
    with pytest.raises(ContractError, match=r"must read {{ source\('staging', 'goals'\) }}"):
        write_contracts(sources, project(tmp_path, "name", name="stg_goals"))


def test_rows_that_name_their_document_are_cited_by_it(tmp_path: Path) -> None:
    folder = project(tmp_path, "name,\nsource_url")
    write_contracts({"targets": source(columns={**CONTRACT["columns"], **URL})}, folder)
    assert '"columns": ["source_url"], "address": null' in documents(folder)


def test_rows_of_a_portal_are_cited_by_the_address_that_is_asked(tmp_path: Path) -> None:
    folder = project(tmp_path, "name")
    write_contracts({"targets": source(fetch=PORTAL)}, folder)
    assert '"columns": [], "address": "https://api.in/targets"' in documents(folder)


def test_a_nested_source_has_the_address_of_the_delivery_that_carries_it(tmp_path: Path) -> None:
    folder = project(tmp_path, "name")
    nested = source(fetch={"kind": "same_as", "source": "vendors"})
    write_contracts({"targets": nested, "vendors": source("vendors", fetch=PORTAL)}, folder)
    assert '"address": "https://api.in/targets"' in documents(folder)


def test_files_that_are_up_to_date_are_not_touched(tmp_path: Path) -> None:
    folder = project(tmp_path, "name")
    write_contracts({"targets": source()}, folder)
    paths = [folder / "models/staging/_contracts.yml", folder / "macros/_contracts.sql"]
    before = [path.stat().st_mtime_ns for path in paths]
    write_contracts({"targets": source()}, folder)
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_every_source_has_a_staging_model_that_fits_its_contract() -> None:
    sources = load_sources()
    models = [read_model(path, sources) for path in PROJECT.glob("models/staging/*/stg_*.sql")]
    assert {f"stg_{name}" for name in sources} <= {model.name for model in models}
