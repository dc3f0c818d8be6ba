"""Which portals there are, where each is mounted, which token it accepts. Imports nothing heavy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Portal:
    """One stand-in.

    `path` is the mount point below the app's root. `token` is what the stand-in accepts, None
    where the portal is open; it protects nothing and is no secret. `real_url` is the address of
    the portal it stands in for, None where none is known.
    """

    name: str
    path: str
    token: str | None
    title: str
    real_url: str | None


PORTALS: tuple[Portal, ...] = (
    Portal(
        "srijan_deep",
        "/srijan-deep",
        "demo-srijan-deep",
        "SRIJAN DEEP: registry of defence vendors",
        None,
    ),
    Portal(
        "srijan",
        "/srijan",
        None,
        "SRIJAN: items offered for indigenisation",
        "https://srijandefence.gov.in",
    ),
    Portal(
        "defence_exim",
        "/defence-exim",
        "demo-defence-exim",
        "Defence EXIM Portal: export and import authorisations (sample data)",
        None,
    ),
    Portal(
        "policy_compendium",
        "/compendium",
        None,
        "Aerospace and defence policy compendium of states and union territories",
        None,
    ),
    Portal(
        "open_government_data",
        "/open-government-data",
        "demo-open-government-data",
        "Open Government Data Platform: annual production and exports",
        "https://api.data.gov.in",
    ),
    Portal(
        "world_bank",
        "/world-bank",
        None,
        "World Bank Indicators API: exchange rate and deflator",
        "https://api.worldbank.org",
    ),
    Portal(
        "un_comtrade",
        "/un-comtrade",
        "demo-un-comtrade",
        "UN Comtrade API: trade in HS chapter 93",
        "https://comtradeapi.un.org",
    ),
    Portal(
        "press",
        "/press",
        None,
        "Press releases on defence production: feed and pages",
        "https://www.pib.gov.in",
    ),
    Portal(
        "partnership_days",
        "/partnership-days",
        None,
        "Defence Partnership Days: registrations and meetings (sample data)",
        None,
    ),
)


def portal(name: str) -> Portal:
    """The portal of that name; KeyError with the known names when there is none."""
    for candidate in PORTALS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in PORTALS)
    raise KeyError(f"no portal {name!r}; known: {known}")
