"""Names in contracts and suites that try to be more than names: they are refused."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2
import pytest
from evil import EVIL
from test_source import CONTRACT, written

from utpadan.quality import SuiteError, load_suite
from utpadan.source import ContractError, load_sources
from utpadan.transform import write_contracts


@pytest.mark.parametrize("name", [*EVIL[:3], EVIL[4], *EVIL[9:11], "Ümlaut", "-x"])
def test_a_source_a_domain_a_suite_or_a_rule_cannot_have_such_a_name(
    tmp_path: Path, name: str
) -> None:
    part = name.replace("/", "|")
    one = written(tmp_path / "one", name=part)
    with pytest.raises(ContractError, match="is not lower_snake_case"):
        load_sources(tmp_path / "one")
    one.parent.rename(tmp_path / "one" / part)
    (tmp_path / "one" / part / part).rename(tmp_path / "one" / part / "production")
    with pytest.raises(ContractError, match="is not lower_snake_case"):
        load_sources(tmp_path / "one")
    rules = "title: Rules\nowner: desk\nrules:\n  - {{id: {}, rule: Holds., table: t, {}}}\n"
    test = "severity: error, unexpected_rows: select 1"
    for suite, rule in ((part, "good"), ("good", json.dumps(name))):
        path = tmp_path / "staging" / f"{suite}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(rules.format(rule, test), encoding="utf-8")
        with pytest.raises(SuiteError, match=r"name: |id: "):
            load_suite(path)


def test_columns_of_a_contract_have_plain_names(tmp_path: Path) -> None:
    for evil in EVIL:
        text = CONTRACT.replace("  sector: {type", f"  {json.dumps(evil)}: {{type")
        written(tmp_path, text.replace("key: [fiscal_year, sector]", "key: [fiscal_year]"))
        with pytest.raises(ContractError, match=r"is not lower_snake_case|Postgres takes it"):
            load_sources(tmp_path)


@pytest.mark.parametrize("evil", EVIL)
def test_a_contract_is_no_template_to_dbt(tmp_path: Path, evil: str) -> None:
    """The macro that tells dbt of the contracts gives back what they say, and evaluates nothing."""
    publisher = json.dumps(evil)
    text = CONTRACT.replace("publisher: {name: Nobody", f"publisher: {{name: {publisher}")
    source = load_sources(written(tmp_path / "sources", text).parents[1])["production"]
    model = tmp_path / "project/models/staging/production_exports/stg_production.sql"
    model.parent.mkdir(parents=True)
    model.write_text("select\n    sector\nfrom {{ source('staging', 'production') }}\n")
    write_contracts({"production": source}, tmp_path / "project")
    macro = (tmp_path / "project/macros/_contracts.sql").read_text(encoding="utf-8")
    told = []
    template = jinja2.Environment().from_string(macro + "{% set all = contracts() %}")
    template.render(fromjson=json.loads, **{"return": told.append})
    assert told[0]["production"]["publisher"] == evil
