"""The language of contracts: what it takes, and where it says a contract is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from utpadan.source import (
    SOURCES,
    ContractError,
    Source,
    load_source,
    load_sources,
)

CONTRACT = """\
title: Production
description: Value of production by sector and year, made for tests.
publisher: {name: Nobody, official: false}
licence: {name: None, note: Made for tests.}
owner: test-desk
fetch: {kind: file, path: data/production.csv}
format: {kind: csv}
delivery: complete
grain: one sector in one fiscal year
key: [fiscal_year, sector]
rows: {min: 1, max: 100, max_change: 0.2}
freshness_days: 400
max_bad_share: 0.02
columns:
  fiscal_year: {type: text, required: true, header: [Fiscal Year, FY], description: Year of it}
  sector: {type: text, description: Sector of it}
  value_crore: {type: numeric, unit: INR crore, min: 0, description: Value of it}
"""


def written(folder: Path, text: str = CONTRACT, name: str = "production") -> Path:
    """The folder of a source with this contract."""
    place = folder / "production_exports" / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "source.yml").write_text(text, encoding="utf-8")
    return place


def loaded(folder: Path, text: str = CONTRACT) -> Source:
    return load_source(written(folder, text))


def complaint(folder: Path, text: str) -> str:
    """What is said of a wrong contract, without the path to it."""
    with pytest.raises(ContractError) as error:
        loaded(folder, text)
    return str(error.value).replace(f"{folder}/production_exports/production/", "")


def test_a_contract_is_named_by_its_folders(tmp_path: Path) -> None:
    source = loaded(tmp_path)
    assert (source.name, source.domain) == ("production", "production_exports")
    assert source.folder == tmp_path / "production_exports" / "production"
    assert source.delivery_source == "production"
    assert source.parser is None


def test_every_spelling_of_a_header_leads_to_its_column(tmp_path: Path) -> None:
    assert loaded(tmp_path).headers == {
        "fiscal year": "fiscal_year",
        "fy": "fiscal_year",
        "sector": "sector",
        "value crore": "value_crore",
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("owner: test-desk\n", "", "source.yml:1: owner: Field required"),
        ("{min: 1,", "{min: -1,", "source.yml:11: rows.min: Input should be greater than"),
        ("max_change: 0.2", "max_change: 1.2", "source.yml:11: rows.max_change: Input should be"),
        ("max_bad_share: 0.02", "max_bad_share: 1", "source.yml:13: max_bad_share: Input should"),
        ("delivery: complete", "delivery: whole", "source.yml:8: delivery: Input should be"),
        ("key: [fiscal_year, sector]", "key: []", "source.yml:10: key: Tuple should have at least"),
        ("kind: csv", "kind: parquet", "source.yml:7: format: Input tag 'parquet' found"),
        ("path: data", "folder: data", "source.yml:6: fetch.file.path: Field required"),
        (
            "  sector: {type: text,",
            "  sector: {type: string,",
            "source.yml:16: columns.sector.type:",
        ),
        ("Sector of it", "Sector", "source.yml:16: columns.sector.description: String should have"),
        (
            "unit: INR crore, ",
            "",
            "source.yml:17: columns.value_crore: Value error, a number needs",
        ),
        ("title: Production", "title: [", "while parsing"),
    ],
)
def test_a_wrong_field_is_named_with_file_line_and_cause(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert CONTRACT.count(old) == 1
    assert said in complaint(tmp_path, CONTRACT.replace(old, new))


def test_every_wrong_field_is_named_at_once(tmp_path: Path) -> None:
    text = CONTRACT.replace("complete", "whole").replace("freshness_days: 400", "freshness_days: 0")
    lines = complaint(tmp_path, text).splitlines()
    assert [line.split(":")[:3] for line in lines] == [
        ["source.yml", "8", " delivery"],
        ["source.yml", "12", " freshness_days"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key: [fiscal_year,", "key: [year,", "key names 'year', which is no column"),
        ("  sector:", "  Sector:", "column name 'Sector' is not lower_snake_case"),
        ("  sector:", "  _line:", "column name '_line' is not lower_snake_case"),
        ("FY]", "Sector]", "two columns read the header 'sector'"),
    ],
)
def test_names_that_do_not_fit_each_other_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = CONTRACT.replace(old, new).replace("key: [fiscal_year, sector]", "key: [fiscal_year]")
    assert said in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Production", "title: Output"),
        ("test-desk", "another-desk"),
        ("Sector of it", "The sector in words"),
        ("max_change: 0.2", "max_change: 0.9"),
        ("max_bad_share: 0.02", "max_bad_share: 0.5"),
        ("path: data/", "path: archive/"),
        ("unit: INR crore", "unit: USD crore"),
    ],
)
def test_prose_bounds_and_places_do_not_make_it_another_contract(
    tmp_path: Path, old: str, new: str
) -> None:
    before = loaded(tmp_path).contract_sha256
    assert loaded(tmp_path, CONTRACT.replace(old, new)).contract_sha256 == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("key: [fiscal_year, sector]", "key: [fiscal_year]"),
        ("delivery: complete", "delivery: increment"),
        ("type: text, description: Sector", "type: text, required: true, description: Sector"),
        ("type: text, description: Sector", "type: text, personal: true, description: Sector"),
        ("type: text, description: Sector", "type: text, lookup: {a: b}, description: Sector"),
        ("FY]", "FY, Year]"),
        ("min: 0,", "min: 1,"),
        ("unit: INR crore", "unit: INR"),
        ("columns:", "ignored: {Sr No: a number}\ncolumns:"),
    ],
)
def test_what_decides_how_bytes_become_rows_makes_it_another_contract(
    tmp_path: Path, old: str, new: str
) -> None:
    before = loaded(tmp_path).contract_sha256
    assert loaded(tmp_path, CONTRACT.replace(old, new)).contract_sha256 != before


def test_a_parser_of_its_own_is_part_of_the_contract(tmp_path: Path) -> None:
    folder = written(tmp_path)
    identities = {load_source(folder).contract_sha256}
    for text in ("def parse(data):\n    yield 2, {'FY': data.decode()}\n", "parse = None\n"):
        (folder / "parse.py").write_text(text, encoding="utf-8")
        identities.add(load_source(folder).contract_sha256)
    assert len(identities) == 3


def test_the_parser_of_its_own_is_the_function_parse(tmp_path: Path) -> None:
    folder = written(tmp_path)
    text = "def parse(data):\n    yield 2, {'FY': data.decode()}\n"
    (folder / "parse.py").write_text(text, encoding="utf-8")
    assert list(load_source(folder).custom_parse()(b"2024-25")) == [(2, {"FY": "2024-25"})]


def test_a_name_belongs_to_one_source(tmp_path: Path) -> None:
    written(tmp_path)
    other = tmp_path / "state_policy" / "production"
    other.mkdir(parents=True)
    (other / "source.yml").write_text(CONTRACT, encoding="utf-8")
    with pytest.raises(ContractError, match=r"the name production is also .*production_exports"):
        load_sources(tmp_path)


@pytest.mark.parametrize("name", ["Production", "production-2024", "2024", "p" * 52])
def test_a_folder_that_is_no_name_of_a_table_is_refused(tmp_path: Path, name: str) -> None:
    written(tmp_path, name=name)
    with pytest.raises(ContractError, match=f"the folder name '{name}' is not lower_snake_case"):
        load_sources(tmp_path)


def test_one_delivery_may_carry_several_sources(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, _of("production"), "sectors")
    sources = load_sources(tmp_path)
    assert list(sources) == ["production", "sectors"]
    assert sources["sectors"].delivery_source == "production"


@pytest.mark.parametrize("carrier", ["nothing", "sectors", "carried"])
def test_a_delivery_is_carried_by_a_source_that_fetches_for_itself(
    tmp_path: Path, carrier: str
) -> None:
    written(tmp_path)
    written(tmp_path, _of("production"), "carried")
    written(tmp_path, _of(carrier), "sectors")
    with pytest.raises(ContractError, match=f"fetch.source: '{carrier}' is no source that fetches"):
        load_sources(tmp_path)


def _of(carrier: str) -> str:
    fetch = "fetch: {kind: file, path: data/production.csv}"
    return CONTRACT.replace(fetch, f"fetch: {{kind: same_as, source: {carrier}}}")


def test_a_contract_cannot_be_changed_once_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        loaded(tmp_path).owner = "another-desk"


def test_no_contract_states_one_thing_twice() -> None:
    """YAML takes the last of two equal keys in silence."""
    for path in SOURCES.glob("*/*/source.yml"):
        doubles = list(_doubles(yaml.compose(path.read_text(encoding="utf-8"))))
        assert doubles == [], path


def _doubles(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        names = [key.value for key, _ in node.value]
        yield from (name for name in names if names.count(name) > 1)
        for _, value in node.value:
            yield from _doubles(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _doubles(value)


def test_no_rule_of_a_published_contract_reads_a_personal_column() -> None:
    personal = [
        (source.name, name)
        for source in load_sources().values()
        for name, column in source.columns.items()
        if column.personal
        if name in source.key or column.matches or column.allowed or column.type != "text"
    ]
    assert personal == []


def test_every_pattern_of_a_published_contract_is_anchored() -> None:
    for source in load_sources().values():
        for name, column in source.columns.items():
            if column.matches:
                assert re.fullmatch(r"\^.*\$|\^[^$]*", column.matches), (source.name, name)
