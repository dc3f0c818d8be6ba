"""What a person let through although a brake had stopped it: `ops.acceptance`, append-only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from psycopg import Connection
from psycopg.types.json import Jsonb

from utpadan.ledger.delivery import Delivery

Boundary = Literal["load", "staging", "marts"]


@dataclass(frozen=True)
class Brake:
    """What stopped and may be accepted.

    `subject` is a source, or suite/rule. `judged` is what the acceptance is good for: another
    delivery, other loads, other models need another one. `observed` is how far it goes: the values
    of the broken bounds, or the offending rows.
    """

    boundary: Boundary
    subject: str
    judged: Mapping[str, Any]
    observed: Mapping[str, float] | Sequence[Any]
    refusal: str


@dataclass(frozen=True)
class Acceptance:
    """That it was accepted; `accepted` is what was observed then."""

    acceptance_id: int
    accepted: Any
    reason: str
    accepted_by: str

    def __str__(self) -> str:
        return f"accepted by {self.accepted_by} ({self.acceptance_id}): {self.reason}"

    def covers_bounds(self, breaches: Mapping[str, float]) -> bool:
        """Whether each of the bounds was accepted, and is broken no further than it was then."""
        return all(
            bound in self.accepted
            and (
                value >= self.accepted[bound]
                if bound.endswith(".min")
                else value <= self.accepted[bound]
            )
            for bound, value in breaches.items()
        )

    def covers_rows(self, rows: Sequence[Any]) -> bool:
        """Whether every offending row is one of those accepted."""
        return not _counted(rows) - _counted(self.accepted)


def delivered(delivery: Delivery) -> dict[str, Any]:
    """What the acceptance of a load is good for: this delivery of these bytes."""
    return {"delivery_id": delivery.delivery_id, "sha256": delivery.sha256}


def record_acceptance(conn: Connection, brake: Brake, reason: str, accepted_by: str) -> Acceptance:
    """Write down that somebody accepted just this, and why."""
    row = conn.execute(
        """
        insert into ops.acceptance (
            boundary, subject, judged, accepted, refusal, reason, accepted_by
        )
        values (
            %(boundary)s, %(subject)s, %(judged)s, %(observed)s, %(refusal)s, %(reason)s, %(by)s
        )
        returning acceptance_id, accepted
        """,
        {
            **asdict(brake),
            "judged": Jsonb(brake.judged),
            "observed": Jsonb(brake.observed),
            "reason": reason,
            "by": accepted_by,
        },
    ).fetchone()
    assert row is not None
    acceptance_id, accepted = row
    return Acceptance(acceptance_id, accepted, reason, accepted_by)


def acceptance_of(
    conn: Connection, boundary: Boundary, subject: str, judged: Mapping[str, Any]
) -> Acceptance | None:
    """The newest acceptance of a source or rule that is good for just what is judged."""
    row = conn.execute(
        """
        select acceptance_id, accepted, reason, accepted_by from ops.acceptance
        where boundary = %s and subject = %s and judged = %s
        order by acceptance_id desc limit 1
        """,
        (boundary, subject, Jsonb(judged)),
    ).fetchone()
    return Acceptance(*row) if row else None


def _counted(rows: Sequence[Any]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True, default=str) for row in rows)
