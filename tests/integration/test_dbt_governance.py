"""What every part of the dbt project owes: an owner, a description, freshness, a unit test."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from utpadan.settings import CHECKOUT
from utpadan.source import load_sources
from utpadan.transform.build import PROJECT
from utpadan.transform.process import Dbt
from utpadan.transform.properties import write_contracts

NOWHERE = "postgresql://nobody:secret@127.0.0.1:1/none"  # pragma: allowlist secret: made up
COOKBOOK = sorted((CHECKOUT / "sql/cookbook").glob("*.sql"))
LOGIC = re.compile(
    r"\b(case|join|union|intersect|except|group\s+by|distinct|lateral)\b|\b(over|filter)\s*\("
)
"""Words of SQL that decide something; a model without any of them selects and renames."""

Node = dict[str, Any]


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The project as dbt reads it, with every deprecation; that needs no server."""
    write_contracts(load_sources(), PROJECT)
    dbt = Dbt(PROJECT, tmp_path_factory.mktemp("dbt"), NOWHERE)
    assert dbt.run(["parse", "--show-all-deprecations"]) == 0, dbt.errors
    return dbt


@pytest.fixture(scope="module")
def manifest(parsed: Dbt) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads((parsed.target / "manifest.json").read_bytes())
    return read


def nodes(manifest: Mapping[str, Any], kind: str, *layers: str) -> list[Node]:
    """The models or seeds of the layers; a layer is the first folder."""
    found = (node for node in manifest["nodes"].values() if node["resource_type"] == kind)
    return [node for node in found if not layers or node["fqn"][1] in layers]


def test_dbt_reads_the_project_without_a_warning(parsed: Dbt) -> None:
    assert parsed.warnings == []


def test_every_model_belongs_to_a_desk_that_has_a_name(manifest: Mapping[str, Any]) -> None:
    desks = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert {source.owner for source in load_sources().values()} < set(desks)
    for model in nodes(manifest, "model", "intermediate", "marts"):
        assert desks.get(model["group"]), f"{model['name']}: a group, in dbt_project.yml"
    for model in nodes(manifest, "model", "staging"):
        assert model["config"]["meta"]["owner"] in desks, model["name"]


def test_readers_are_offered_the_marts_and_nothing_else(manifest: Mapping[str, Any]) -> None:
    for model in nodes(manifest, "model"):
        is_mart = model["fqn"][1] == "marts"
        assert model["access"] == ("public" if is_mart else "protected"), model["name"]
        assert model["config"]["contract"]["enforced"] == is_mart, model["name"]


def test_every_column_that_is_stated_is_described(manifest: Mapping[str, Any]) -> None:
    missing = [
        f"{node['name']}.{column}"
        for node in [*nodes(manifest, "model"), *nodes(manifest, "seed")]
        for column, stated in node["columns"].items()
        if not stated["description"].strip()
    ]
    assert missing == []


def test_every_column_of_a_seed_is_described(manifest: Mapping[str, Any]) -> None:
    for seed in nodes(manifest, "seed"):
        header = (PROJECT / seed["original_file_path"]).read_text(encoding="utf-8").split("\n")[0]
        assert set(header.strip().split(",")) == set(seed["columns"]), seed["name"]
        assert seed["description"], seed["name"]


def test_every_source_is_stale_when_its_contract_says_so(manifest: Mapping[str, Any]) -> None:
    stated = {node["name"]: node for node in manifest["sources"].values()}
    for name, source in load_sources().items():
        limit = stated[name]["freshness"]["error_after"]
        assert limit == {"count": source.freshness_days, "period": "day"}, name
        assert f"source = '{name}'" in stated[name]["loaded_at_query"]


def without_unit_test(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Models that decide something and that no unit test has as its subject."""
    tested = {test["depends_on"]["nodes"][0] for test in manifest["unit_tests"].values()}
    for model in nodes(manifest, "model", "intermediate", "marts"):
        if LOGIC.search(model["raw_code"].lower()) and model["unique_id"] not in tested:
            yield f"{model['name']}: a unit test, in {model['original_file_path'][:-4]}.yml"


def test_every_model_that_decides_something_has_a_unit_test(manifest: Mapping[str, Any]) -> None:
    missing = list(without_unit_test(manifest))
    assert missing == [], "\n".join(missing)


def exposed(manifest: Mapping[str, Any]) -> dict[str, Node]:
    """Exposures by name; `marts` are the names of what they read."""
    return {
        exposure["name"]: exposure
        | {"marts": {node.rpartition(".")[2] for node in exposure["depends_on"]["nodes"]}}
        for exposure in manifest["exposures"].values()
    }


@pytest.mark.parametrize("file", COOKBOOK, ids=lambda path: path.stem)
def test_a_question_of_the_cookbook_is_an_exposure_of_what_it_reads(
    manifest: Mapping[str, Any], file: Path
) -> None:
    exposure = exposed(manifest)[f"cookbook_{file.stem}"]
    question, _, query = file.read_text(encoding="utf-8").partition("\n")
    assert exposure["label"] == question.removeprefix("-- ")
    assert exposure["marts"] == set(re.findall(r"marts\.(\w+)", query))


def test_every_mart_that_is_ready_to_read_is_on_a_dashboard(manifest: Mapping[str, Any]) -> None:
    dashboards = [node for node in exposed(manifest).values() if node["type"] == "dashboard"]
    shown = set().union(*(node["marts"] for node in dashboards))
    ready = {node["name"] for node in nodes(manifest, "model", "marts")}
    assert {name for name in ready if name.startswith("mart_")} <= shown
    owners = {group["owner"]["name"] for group in manifest["groups"].values()}
    assert {node["owner"]["name"] for node in dashboards} <= owners


def test_metrics_read_marts_and_samples_say_so_in_their_names(manifest: Mapping[str, Any]) -> None:
    for model in manifest["semantic_models"].values():
        (read,) = model["depends_on"]["nodes"]
        assert manifest["nodes"][read]["fqn"][1] == "marts", model["name"]
    for metric in manifest["metrics"].values():
        is_sample = metric["config"]["meta"].get("is_sample", False)
        assert ("_sample" in metric["name"]) == ("(sample)" in metric["label"]) == is_sample
