"""How rules fared: what Great Expectations found, the outcome of a rule, the result of a gate."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from utpadan.ledger import Acceptance
from utpadan.quality.suite import Rule, Suite

SAMPLE = 5
"""So many offending values or rows are kept of a rule."""

MOST_ACCEPTED = 1000
"""So many offending rows are kept of a brake; with more than that it cannot be accepted."""

LONGEST_TEXT = 200
"""A text in a sample is cut after so many characters."""


@dataclass(frozen=True)
class Finding:
    """What was found of one rule; `fault` says why it could not be judged."""

    success: bool
    observed: dict[str, Any] = field(default_factory=dict)
    unexpected_count: int | None = None
    sample: list[Any] = field(default_factory=list)
    fault: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How one rule fared, who answers for it, and since when it has failed without a break.

    `sample` holds a few of the offending values, or of the offending rows as mappings. With an
    `acceptance` a person has let just this pass.
    """

    rule: Rule
    owner: str
    success: bool
    observed: dict[str, Any]
    unexpected_count: int | None
    sample: list[Any]
    fault: str | None
    failing_since: datetime | None = None
    acceptance: Acceptance | None = None

    @classmethod
    def of(cls, rule: Rule, owner: str, finding: Finding) -> Outcome:
        """The outcome of a rule for which this was found."""
        return cls(
            rule=rule,
            owner=owner,
            success=finding.success,
            observed=finding.observed,
            unexpected_count=finding.unexpected_count,
            sample=[_short(value) for value in finding.sample],
            fault=finding.fault,
        )

    @property
    def blocks(self) -> bool:
        """Whether it holds the data back: an error rule failed, or any rule could not be judged."""
        if self.success or self.acceptance:
            return False
        return self.rule.severity == "error" or self.fault is not None

    @property
    def is_acceptable(self) -> bool:
        """Whether a person may let it pass: a brake stopped, and all that it found is kept."""
        return (
            self.blocks
            and self.rule.brake
            and self.fault is None
            and self.unexpected_count == len(self.sample)
        )

    @property
    def found(self) -> str:
        """What was found, in a few words."""
        if self.fault:
            return f"could not be judged: {self.fault}"
        if self.unexpected_count is None:
            values = ", ".join(f"{name} {value}" for name, value in self.observed.items())
            return f"{values}; expected was {self.rule.test}"
        found = _count(self.unexpected_count, "offence")
        if "element_count" in self.observed:
            found += f" in {_count(self.observed['element_count'], 'row')}"
        if self.success or not self.sample:
            return found
        return f"{found}, such as {self.sample[0]}"


@dataclass(frozen=True)
class AuditResult:
    """All outcomes of one run of one suite, in the suite's order; `page` shows them to people."""

    run_id: uuid.UUID
    suite: Suite
    outcomes: tuple[Outcome, ...]
    page: Path | None

    @property
    def errors(self) -> tuple[Outcome, ...]:
        """Failures that hold the data back."""
        return tuple(outcome for outcome in self.outcomes if outcome.blocks)

    @property
    def warnings(self) -> tuple[Outcome, ...]:
        """Failures that their owner is told of, while the data goes on."""
        failed = (o for o in self.outcomes if not o.success and not o.blocks)
        return tuple(outcome for outcome in failed if outcome.acceptance is None)

    @property
    def accepted(self) -> tuple[Outcome, ...]:
        """Failures that a person has let pass."""
        return tuple(outcome for outcome in self.outcomes if outcome.acceptance)

    def __str__(self) -> str:
        """One line for a person: `staging/engagement: 11 of 12 rules hold, 1 warning`."""
        held = sum(outcome.success for outcome in self.outcomes)
        parts = [f"{self.suite.label}: {held} of {_count(len(self.outcomes), 'rule')} hold"]
        for kind, failed in (("error", self.errors), ("warning", self.warnings)):
            parts += [_count(len(failed), kind)] if failed else []
        parts += [f"{outcome.rule.id} {outcome.acceptance}" for outcome in self.accepted]
        return ", ".join(parts)


class GateFailed(Exception):
    """Gates that hold their data back; the message names every rule that did, and what to do.

    `result` is that of the first.
    """

    def __init__(self, *results: AuditResult) -> None:
        self.result, self.results = results[0], results
        super().__init__("\n".join(line for result in results for line in _lines(result)))


def _lines(result: AuditResult) -> Iterator[str]:
    yield str(result)
    for outcome in result.errors:
        yield f"  {outcome.rule.table}: {outcome.rule.rule.strip()}"
        yield f"    {outcome.rule.id}: {outcome.found}"
        if outcome.is_acceptable:
            rule = result.suite.label_of(outcome.rule)
            yield f"    if it is right: utpadan accept {rule} --reason WHY"
    findings = f"ops.open_finding where suite = '{result.suite.name}'"
    yield f'more: utpadan sql -c "select * from {findings}"'  # nosec B608 # shown, not run
    if result.page:
        yield f"page: {result.page}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + " …"
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_short(part) for part in value]
    return value
