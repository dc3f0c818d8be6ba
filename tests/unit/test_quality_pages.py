"""The pages for people: replaced as a whole, by one writer at a time, escaped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from utpadan.quality import Outcome, Rule, Suite
from utpadan.quality.outcome import Finding
from utpadan.quality.pages import replacing, write_index

RULE = Rule(
    id="a_rule",
    rule="Exports are <b>not</b> more than production & never were.",
    table="exports",
    severity="error",
    unexpected_rows="select * from exports where value > 1",
)


def suite(name: str) -> Suite:
    return Suite(
        boundary="staging",
        name=name,
        path=Path(f"{name}.yml"),
        sha256="0" * 64,
        title=f"Suite {name}",
        owner="test-desk",
        rules=(RULE,),
    )


def publish(docs: Path, name: str, text: str) -> None:
    with replacing(docs, suite(name)) as site:
        assert site is not None
        (site / "index.html").write_text(text)
    write_index(docs, suite(name), (Outcome.of(RULE, "test-desk", Finding(success=True)),))


def test_a_run_that_breaks_off_leaves_the_pages_before_it(tmp_path: Path) -> None:
    publish(tmp_path, "exports", "first")
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path, suite("exports")) as site:
        assert site is not None
        (site / "index.html").write_text("half of the second")
        raise KeyboardInterrupt
    assert (tmp_path / "staging" / "exports" / "index.html").read_text() == "first"
    assert [path.name for path in tmp_path.glob(".new-*")] == []
    publish(tmp_path, "exports", "third")
    assert (tmp_path / "staging" / "exports" / "index.html").read_text() == "third"


def test_gates_that_end_together_all_stand_on_the_page(tmp_path: Path) -> None:
    names = [f"suite_{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: publish(tmp_path, name, name), names))
    page = (tmp_path / "index.html").read_text()
    assert [page.count(f"<small>staging/{name}, ") for name in names] == [1] * 12


def test_what_rules_and_data_say_is_shown_as_text(tmp_path: Path) -> None:
    finding = Finding(success=False, unexpected_count=1, sample=[{"name": "<script>"}])
    (tmp_path / "staging" / "exports").mkdir(parents=True)
    page = write_index(tmp_path, suite("exports"), (Outcome.of(RULE, "a<b", finding),))
    text = page.read_text()
    assert "&lt;b&gt;not&lt;/b&gt; more than production &amp; never were." in text
    assert "1 offence, such as {&#x27;name&#x27;: &#x27;&lt;script&gt;&#x27;}" in text
    assert "a&lt;b" in text
    assert "<script>" not in text


def test_without_a_folder_no_pages_are_made() -> None:
    with replacing(None, suite("exports")) as site:
        assert site is None
