"""Fictional registrations and meetings at the Defence Partnership Days of `events.csv`.

No count is published, so nothing is calibrated. Phone numbers begin with 0, which no Indian
subscriber number does; mail addresses lie in example.org, reserved for examples.
"""

from datetime import date, timedelta
from functools import cache
from random import Random

from portals.data import Row, table
from portals.sample.items import ITEMS
from portals.sample.names import PEOPLE, PRIVATE_COMPANIES

REGISTRATIONS_AN_EVENT = 90
MEETINGS_AN_EVENT = 140
_DATE_FORMAT = "%d-%m-%Y"
_COMPANY_TYPES = ("msme", "startup", "private_large")
_OFFICES = (
    "Directorate of Standardisation (sample desk)",
    "Directorate of Naval Armament (sample desk)",
    "Maintenance Command, stores (sample desk)",
    "Coast Guard, materiel (sample desk)",
    "Defence laboratory, industry interface (sample desk)",
)
_OUTCOMES = ("", "Follow-up visit agreed", "Samples to be sent, test report to follow", "No fit")
_FIRST_SLOT_MINUTE = 10 * 60
_SLOT_MINUTES = 20


@cache
def registrations() -> tuple[Row, ...]:
    """One row per company and event."""
    return tuple(row for event in _events() for row in _registrations_of(event))


@cache
def meetings() -> tuple[Row, ...]:
    """One row per meeting: B2G with an office, B2B with another registered company."""
    return tuple(row for event in _events() for row in _meetings_of(event))


def _events() -> list[Row]:
    return [row for row in table("engagement/events") if row["event_type"] == "partnership_days"]


def _code(event: Row) -> str:
    return event["event_id"].removeprefix("EV-")


def _registrations_of(event: Row) -> list[Row]:
    rng = Random(f"utpadan sample: registrations {event['event_id']}")  # nosec B311 # to be repeatable
    opens_on = date.fromisoformat(event["start_date"]) - timedelta(45)
    companies = rng.sample(PRIVATE_COMPANIES, REGISTRATIONS_AN_EVENT)
    people = rng.sample(PEOPLE, REGISTRATIONS_AN_EVENT)
    states = [row for row in table("state_policy/states") if row["capital"]]
    rows = []
    for number, (company, person) in enumerate(zip(companies, people, strict=True), 1):
        state = rng.choice(states)
        rows.append(
            {
                "Registration No": f"{_code(event)}-R-{number:04d}",
                "Event ID": event["event_id"],
                "Company Name": company,
                "Company Type": rng.choice(_COMPANY_TYPES),
                "City": state["capital"],
                "State Code": state["state_code"],
                "Registered On": (opens_on + timedelta(rng.randrange(40))).strftime(_DATE_FORMAT),
                **_contact(person),
                "Products of Interest": "\n".join(_goods(rng)),
                "Is Sample": "true",
            }
        )
    return rows


def _contact(person: str) -> Row:
    number = PEOPLE.index(person)
    return {
        "Contact Name": person,
        "Contact Email": f"{person.lower().replace(' ', '.')}@example.org",
        "Contact Phone": f"+91 00000 {number:05d}",
    }


def _goods(rng: Random) -> list[str]:
    return [item.description for item in rng.sample(ITEMS, rng.randint(1, 3))]


def _meetings_of(event: Row) -> list[Row]:
    rng = Random(f"utpadan sample: meetings {event['event_id']}")  # nosec B311 # to be repeatable
    guests = _registrations_of(event)
    start = date.fromisoformat(event["start_date"])
    days = (date.fromisoformat(event["end_date"]) - start).days + 1
    rows = []
    for number in range(1, MEETINGS_AN_EVENT + 1):
        guest, other = rng.sample(guests, 2)
        is_b2b = rng.randrange(100) < 35
        rows.append(
            {
                "Meeting No": f"{_code(event)}-M-{number:04d}",
                "Event ID": event["event_id"],
                "Meeting Type": "B2B" if is_b2b else "B2G",
                "Registration No": guest["Registration No"],
                "Counterpart": other["Company Name"] if is_b2b else rng.choice(_OFFICES),
                "Counterpart Registration No": other["Registration No"] if is_b2b else "",
                "Meeting Date": (start + timedelta(rng.randrange(days))).strftime(_DATE_FORMAT),
                "Slot": _slot(rng.randrange(18)),
                **{
                    name: guest[name] for name in ("Contact Name", "Contact Email", "Contact Phone")
                },
                "Agenda": f'1. Introduction, "who makes what"\n2. {_goods(rng)[0]}\n3. Next steps',
                "Outcome": rng.choice(_OUTCOMES),
                "Is Sample": "true",
            }
        )
    return rows


def _slot(number: int) -> str:
    begin = _FIRST_SLOT_MINUTE + number * _SLOT_MINUTES
    end = begin + _SLOT_MINUTES
    return f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"
