"""Bounds: what a contract says of a delivery as a whole, and what a person accepted beyond them.

A delivery that breaks a bound is refused with all that it breaks, so that a person can decide once.
An acceptance is good for that delivery alone, and no further than was observed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from utpadan import ledger
from utpadan.load.landing import Landing


class Refusal(Exception):
    """A reason to refuse a delivery; `breaches` are the bounds it breaks, with the values seen."""

    def __init__(self, why: str, breaches: Mapping[str, float] | None = None) -> None:
        super().__init__(why)
        self.breaches = dict(breaches or {})


def refuse_out_of_bounds(landing: Landing, *, is_held: bool) -> None:
    """Raise Refusal for bounds that are broken and not accepted; warn of what is let through.

    `is_held`: of a delivery that staging held before, its change was judged then.
    """
    source, outcome = landing.source, landing.outcome
    found = list(_broken(landing, is_held=is_held))
    if found:
        breaches = {bound: value for bound, value, _ in found}
        said = "; ".join(message for *_, message in found)
        judged = ledger.delivered(landing.delivery)
        acceptance = ledger.acceptance_of(landing.conn, "load", source.name, judged)
        if acceptance is None or not acceptance.covers_bounds(breaches):
            raise Refusal(said, breaches)
        outcome.warnings.append(f"{said}; {acceptance}")
    if outcome.rows.admitted > source.rows.max:
        outcome.warnings.append(
            f"{outcome.rows.admitted} rows admitted, more than rows.max {source.rows.max}"
        )


def _broken(landing: Landing, *, is_held: bool) -> Iterator[tuple[str, float, str]]:
    """Each bound that is broken: its name, the value observed, a sentence."""
    source, rows = landing.source, landing.rows
    bad_share = rows.rejected / rows.landed if rows.landed else 0.0
    if bad_share > source.max_bad_share:
        yield (
            "max_bad_share",
            bad_share,
            f"{rows.rejected} of {rows.landed} rows are rejected ({bad_share:.1%}), more than "
            f"max_bad_share {source.max_bad_share:.1%}; `utpadan rejected {source.name}` shows "
            "them",
        )
    if rows.admitted < source.rows.min:
        yield (
            "rows.min",
            rows.admitted,
            f"{rows.admitted} rows admitted, fewer than rows.min {source.rows.min}",
        )
    touched = rows.changed + rows.closed
    if is_held or not touched:
        return
    current = landing.before
    if current is None:
        (current,) = landing.counts("select count(*) from {staging} where _known_to is null")
    if touched / current > source.rows.max_change:
        yield (
            "rows.max_change",
            touched / current,
            f"{touched} of {current} current rows would change or close ({touched / current:.1%}), "
            f"more than rows.max_change {source.rows.max_change:.1%}",
        )
