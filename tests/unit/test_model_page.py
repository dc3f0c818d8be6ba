"""What docs/model.md takes from the models: grain, keys, pictures of the keys, metrics."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

from utpadan.transform.build import PROJECT
from utpadan.transform.diagram import draw
from utpadan.transform.keys import ForeignKey, Mart, read_marts, read_metrics
from utpadan.transform.model_page import PAGE, PICTURES, derived_files

STATED = """
models:
  - name: fct_visit
    description: >-
      One visit of one delegation. A second sentence says more.
    constraints:
      - {type: primary_key, columns: [visit_id]}
      - {type: unique, columns: [day, state_code]}
      - {type: foreign_key, columns: [state_code], to: ref('dim_state'), to_columns: [state_code]}
"""


def mart(name: str, subject: str, *keys: tuple[str, str]) -> Mart:
    foreign = tuple(ForeignKey((column,), named) for column, named in keys)
    return Mart(name, subject, PROJECT / name, "One row.", (f"{name}_id",), foreign)


def test_the_page_and_its_pictures_are_up_to_date() -> None:
    files = derived_files(PROJECT)
    for path, text in files.items():
        assert path.exists() and path.read_text(encoding="utf-8") == text, (
            f"{path} is not what the models say: `make docs` writes it anew"
        )
    assert set(PICTURES.glob("*")) == set(files) - {PAGE}


def test_a_mart_is_read_with_its_grain_and_its_keys(tmp_path: Path) -> None:
    folder = tmp_path / "models/marts/engagement"
    folder.mkdir(parents=True)
    (folder / "fct_visit.yml").write_text(STATED, encoding="utf-8")
    assert read_marts(tmp_path) == [
        Mart(
            name="fct_visit",
            subject="engagement",
            file=folder / "fct_visit.yml",
            grain="One visit of one delegation.",
            primary_key=("visit_id",),
            foreign_keys=(ForeignKey(("state_code",), "dim_state"),),
        )
    ]


def test_every_metric_says_what_it_is_and_in_which_unit() -> None:
    metrics = read_metrics(PROJECT)
    assert len({metric.name for metric in metrics}) == len(metrics) > 20
    for metric in metrics:
        words = {"INR": "rupees", "percent": "percent", "count": "umber"}[metric.unit]
        assert words in metric.description or "as published" in metric.description, metric
        assert metric.name.endswith("_inr") == (metric.unit == "INR"), metric
        assert metric.name.endswith("_percent") == (metric.unit == "percent"), metric


def test_a_picture_has_a_line_for_each_key_but_those_to_documents() -> None:
    marts = [
        mart("fct_visit", "engagement", ("state_code", "dim_state"), ("day", "dim_date"),
             ("source_document_id", "dim_source_document")),
        mart("fct_talk", "engagement", ("day", "dim_date")),
        mart("fct_deal", "exports", ("day", "dim_date")),
        *(mart(name, "reference") for name in ("dim_state", "dim_date", "dim_source_document")),
    ]  # fmt: skip
    picture = draw("engagement", marts)
    assert picture is not None
    tree = ElementTree.fromstring(picture)
    svg = "{http://www.w3.org/2000/svg}"
    assert len(tree.findall(f"{svg}path")) == 3
    named = {text.text for text in tree.findall(f"{svg}text")}
    assert {"fct_visit", "fct_talk", "dim_state", "dim_date", "state_code"} <= named
    assert not named & {"fct_deal", "dim_source_document"}


def test_tables_of_a_picture_do_not_lie_on_each_other() -> None:
    marts = read_marts(PROJECT)
    for subject in {mart.subject for mart in marts}:
        picture = draw(subject, marts)
        if picture is None:
            continue
        tree = ElementTree.fromstring(picture)
        boxes = [box for box in tree.iter() if box.get("class") == "box"]
        for column in {box.get("x") for box in boxes}:
            placed = [box for box in boxes if box.get("x") == column]
            edges = sorted((int(box.get("y", 0)), int(box.get("height", 0))) for box in placed)
            for (top, height), (below, _) in pairwise(edges):
                assert top + height < below, subject


def test_marts_that_point_to_nothing_have_no_picture() -> None:
    assert draw("reference", [mart("dim_state", "reference")]) is None
