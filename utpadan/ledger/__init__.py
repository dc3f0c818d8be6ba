"""The ledger: rows of `ops` that say what was fetched, loaded, judged, built and refused."""

from utpadan.ledger.build import (
    build_in_marts_next,
    gate_is_due,
    gate_is_red,
    mark_audited,
    record_build,
)
from utpadan.ledger.delivery import (
    Delivery,
    deliveries,
    latest_delivery,
    record_check,
    record_delivery,
    record_fetch_error,
)
from utpadan.ledger.due import (
    base,
    due,
    held,
    reverted,
    standing,
)
from utpadan.ledger.loading import (
    Counts,
    Outcome,
    lock_source,
    mark_reverted,
    newest_change,
    newest_known_at,
    newest_loads,
    next_load_id,
    record_load,
    supersede_loads,
)

__all__ = [
    "Counts",
    "Delivery",
    "Outcome",
    "base",
    "build_in_marts_next",
    "deliveries",
    "due",
    "gate_is_due",
    "gate_is_red",
    "held",
    "latest_delivery",
    "lock_source",
    "mark_audited",
    "mark_reverted",
    "newest_change",
    "newest_known_at",
    "newest_loads",
    "next_load_id",
    "record_build",
    "record_check",
    "record_delivery",
    "record_fetch_error",
    "record_load",
    "reverted",
    "standing",
    "supersede_loads",
]
