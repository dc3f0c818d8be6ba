"""Fictional options taken at the Defence Partnership Days: sponsorship, booth, branding.

No price list is published: the amounts are made up, round, and calibrated to nothing.
"""

from functools import cache
from random import Random

from portals.data import Row
from portals.sample.meetings import registrations

OPTIONS_AN_EVENT = 24
_PACKAGES = (
    ("sponsorship", "Principal", 2_500_000),
    ("sponsorship", "Associate", 1_000_000),
    ("booth", "18 sq m", 450_000),
    ("booth", "9 sq m", 225_000),
    ("branding", "Delegate bags", 300_000),
    ("branding", "Hall banners", 150_000),
)
_SHARES = (1, 2, 5, 10, 3, 3)
"""How often each package is taken, of 24."""


@cache
def options() -> tuple[Row, ...]:
    """One row per option a registered company took; a company takes each kind once."""
    events = dict.fromkeys(row["Event ID"] for row in registrations())
    return tuple(row for event_id in events for row in _options_of(event_id))


def _options_of(event_id: str) -> list[Row]:
    rng = Random(f"utpadan sample: options {event_id}")  # nosec B311 # to be repeatable
    guests = [row for row in registrations() if row["Event ID"] == event_id]
    taken = [
        package for package, times in zip(_PACKAGES, _SHARES, strict=True) for _ in range(times)
    ]
    assert len(taken) == OPTIONS_AN_EVENT
    code = event_id.removeprefix("EV-")
    return [
        {
            "Option No": f"{code}-O-{number:04d}",
            "Event ID": event_id,
            "Registration No": guest["Registration No"],
            "Option": kind,
            "Package": package,
            "Amount (Rs)": _indian(amount),
            "Booked On": guest["Registered On"],
            "Is Sample": "true",
        }
        for number, (guest, (kind, package, amount)) in enumerate(
            zip(rng.sample(guests, OPTIONS_AN_EVENT), taken, strict=True), 1
        )
    ]


def _indian(amount: int) -> str:
    """2500000 → 25,00,000."""
    head, tail = divmod(amount, 1000)
    lakhs, thousands = divmod(head, 100)
    return f"{lakhs},{thousands:02d},{tail:03d}" if lakhs else f"{thousands},{tail:03d}"
