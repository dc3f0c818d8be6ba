"""`python -m benchmarks.resolution`: how well names of companies are linked, measured on real ones.

The published alias table (`vendor_aliases`, 115 spellings) is held against the vendor registry
(`vendors`): each alias is asked for and the compiler's reading is the answer. Ten folds by company:
when the aliases of a company are asked for, none of them, and no reviewed decision on the company,
is known. What is known is the registry, its products, the aliases of other companies, and what
other sources print. An alias whose company the registry does not have must link to nothing.

The rules were written by people who had seen this table, and there is no other one: the folds keep
the answers out, not that. The strangers are the harder test: every company is removed whole, and
none of its names, registered ones included, may link to another company.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from utpadan.resolve import Answer, Knowledge, Reading
from utpadan.source import CHECKOUT

RESULTS = Path(__file__).parent / "results"
DATA = CHECKOUT / "data"
DECISIONS = CHECKOUT / "dbt_project" / "seeds" / "vendors" / "vendor_name_decisions.csv"
FOLDS = 10
OTHER_NAMES = {
    "innovation/idex_contracts": ("vendor",),
    "innovation/idex_winners": ("winner_vendor",),
    "innovation/tdf_projects": ("awardee",),
    "innovation/technology_transfers": ("licensee_vendor",),
    "innovation/test_facilities": ("lead_agency", "consortium"),
    "state_policy/corridor_units": ("company",),
    "production_exports/dpsu_turnover": ("dpsu",),
    "production_exports/export_destinations": ("exporter",),
    "engagement/mous": ("party_a", "party_b"),
}
"""Columns of other sources that name companies, as int_vendor_names_mentioned has them."""


@dataclass(frozen=True)
class Alias:
    """A published spelling, the company that the compiler reads and the page it stands on."""

    name: str
    company: str
    publication: str


@dataclass(frozen=True)
class Score:
    """What became of the aliases asked for; `known`: those of companies that the registry has."""

    title: str
    known: int
    right: int
    wrong: int
    in_candidates: int

    @property
    def precision(self) -> float:
        """Share of the links that are right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the aliases of known companies that are linked, and rightly."""
        return self.right / self.known


@dataclass(frozen=True)
class Published:
    """The published tables: who is registered, under which names, and the aliases."""

    registered: Sequence[Alias]
    products: Sequence[Alias]
    aliases: Sequence[Alias]
    decisions: Mapping[str, str | None]
    mentioned: Sequence[str]

    @property
    def companies(self) -> set[str]:
        """Canonical names of the registry."""
        return {row.company for row in self.registered}


def read_published() -> Published:
    """The tables as they are in the checkout."""
    registered = _aliases("vendors", "vendor_name")
    products = _aliases("vendor_products", "canonical_name")
    with DECISIONS.open(encoding="utf-8", newline="") as file:
        decisions = {row["name"]: row["canonical_name"] or None for row in csv.DictReader(file)}
    mentioned = [
        name.strip()
        for path, columns in OTHER_NAMES.items()
        for row in _rows(path)
        for column in columns
        for name in re.split(r"\s*;\s*|\s+/\s+", row[column])
    ]
    return Published(
        registered, products, _aliases("vendor_aliases", "alias"), decisions, mentioned
    )


def knowledge_of(
    published: Published,
    aliases: Iterable[Alias],
    *,
    left_out: frozenset[str] = frozenset(),
    with_decisions: bool = False,
) -> Knowledge:
    """What is known without the companies left out, with these of the aliases."""
    companies = published.companies - left_out
    named = [*published.registered, *published.products, *aliases]
    decisions = {
        name: company
        for name, company in published.decisions.items()
        if company is None or company in companies
    }
    return Knowledge(
        [Reading(name, name, None, True) for name in companies]
        + [Reading(r.name, r.company, r.publication) for r in named if r.company in companies],
        decisions if with_decisions else {},
        mentioned=published.mentioned,
    )


def measure_folds(published: Published, title: str, *, on_page: bool, decisions: bool) -> Score:
    """Ask for the aliases of each fold with those of the other folds known.

    `on_page`: the page of an alias is told. `decisions`: reviewed decisions are known as well.
    """
    answers = []
    for fold in range(FOLDS):
        asked = [alias for alias in published.aliases if _fold(alias.company) == fold]
        others = [alias for alias in published.aliases if _fold(alias.company) != fold]
        knowledge = knowledge_of(published, others, with_decisions=decisions)
        answers += [
            (alias, knowledge.resolve(alias.name, alias.publication if on_page else None))
            for alias in asked
        ]
    return _score(title, published.companies, answers)


def measure_known(published: Published) -> Score:
    """Ask for every alias with all of them known, as the warehouse does."""
    knowledge = knowledge_of(published, published.aliases, with_decisions=True)
    answers = [(a, knowledge.resolve(a.name, a.publication)) for a in published.aliases]
    return _score("all known, as in the warehouse", published.companies, answers)


def strangers(published: Published) -> tuple[int, list[tuple[Alias, str]]]:
    """Names asked for of companies that are not known, and those that link to another company."""
    named, mistaken = [*published.registered, *published.aliases], []
    for company in sorted(published.companies):
        others = [alias for alias in published.aliases if alias.company != company]
        knowledge = knowledge_of(published, others, left_out=frozenset({company}))
        for alias in (alias for alias in named if alias.company == company):
            link = knowledge.link(alias.name, alias.publication)
            if link and link.vendor_id:
                mistaken.append((alias, link.vendor_id))
    asked = sum(alias.company in published.companies for alias in named)
    return asked, mistaken


def not_linked(published: Published) -> Iterator[tuple[Alias, Answer]]:
    """The aliases that no rule links when they are not known, with their candidates."""
    for alias in published.aliases:
        others = [other for other in published.aliases if other.company != alias.company]
        answer = knowledge_of(published, others).resolve(alias.name, alias.publication)
        if answer.link is None and alias.company in published.companies:
            yield alias, answer


def main() -> None:
    """Measure, print and keep the figures."""
    published = read_published()
    scores = [
        measure_folds(published, "names alone", on_page=False, decisions=False),
        measure_folds(published, "names and their page", on_page=True, decisions=False),
        measure_folds(published, "and reviewed decisions", on_page=True, decisions=True),
        measure_known(published),
    ]
    asked, mistaken = strangers(published)
    table = Table("known", "aliases", "linked", "wrong", "precision", "recall", "in first 3")
    for score in scores:
        rest = score.known - score.right - score.wrong
        counts = (str(score.known), str(score.right), str(score.wrong))
        shares = (f"{score.precision:.3f}", f"{score.recall:.3f}")
        table.add_row(score.title, *counts, *shares, f"{score.in_candidates} of {rest}")
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    console.print(f"strangers: {len(mistaken)} of {asked} names of unknown companies are linked")
    for alias, answer in not_linked(published):
        likest = ", ".join(f"{c.vendor_id} {c.score}" for c in answer.candidates)
        console.print(f"for review: {alias.name} (is {alias.company}): {likest}", markup=False)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"resolution-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    shown = [{**asdict(s), "precision": s.precision, "recall": s.recall} for s in scores]
    kept = {"scores": shown, "strangers": {"asked": asked, "linked": len(mistaken)}}
    path.write_text(json.dumps(kept, indent=2), encoding="utf-8")
    console.print(f"kept in {path}")


def _score(title: str, companies: set[str], answers: Iterable[tuple[Alias, Answer]]) -> Score:
    known = right = wrong = in_candidates = 0
    for alias, answer in answers:
        linked = answer.link.vendor_id if answer.link else None
        is_known = alias.company in companies
        known += is_known
        right += linked is not None and linked == alias.company
        wrong += linked is not None and linked != alias.company
        first = [candidate.vendor_id for candidate in answer.candidates]
        in_candidates += is_known and linked is None and alias.company in first
    return Score(title, known, right, wrong, in_candidates)


def _fold(company: str) -> int:
    return int(hashlib.sha256(company.encode()).hexdigest(), 16) % FOLDS


def _aliases(table: str, column: str) -> list[Alias]:
    rows = _rows(f"vendor_registry/{table}")
    return [Alias(row[column], row["canonical_name"], row["source_url"]) for row in rows]


def _rows(path: str) -> list[dict[str, str]]:
    with (DATA / f"{path}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
