"""The published aliases, held against the registry, are linked as well as is promised.

The thresholds are the promise: 99 links of 100 right, 90 aliases of 100 linked when nothing else is
known of their company, the rest among the first three candidates.
"""

from __future__ import annotations

import pytest

from benchmarks import resolution


@pytest.fixture(scope="module")
def published() -> resolution.Published:
    return resolution.read_published()


def test_aliases_are_linked_rightly_though_none_of_their_company_is_known(
    published: resolution.Published,
) -> None:
    score = resolution.measure_folds(published, "", on_page=True, decisions=False)
    assert score.known == 113, "115 aliases; the two of Bharati Defence have no registration"
    assert score.precision >= 0.99
    assert score.recall >= 0.90
    assert score.in_candidates == score.known - score.right - score.wrong


def test_without_its_page_a_name_is_linked_less_often_and_never_wrongly(
    published: resolution.Published,
) -> None:
    score = resolution.measure_folds(published, "", on_page=False, decisions=False)
    assert score.wrong == 0
    assert score.recall >= 0.85


def test_no_name_of_an_unknown_company_is_given_to_another(
    published: resolution.Published,
) -> None:
    asked, mistaken = resolution.strangers(published)
    assert asked == 242 + 113, "every registration, and every alias of a registered company"
    assert mistaken == []


def test_known_aliases_are_all_linked(published: resolution.Published) -> None:
    assert resolution.measure_known(published).recall == 1
