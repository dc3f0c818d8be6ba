"""Fictional companies and people."""

from itertools import product

_FIELDS = (
    "Ashwa",
    "Bindu",
    "Chakra",
    "Dhruvika",
    "Garud",
    "Hansa",
    "Jaldhi",
    "Kavach",
    "Lohit",
    "Megha",
    "Naabhi",
    "Pavak",
    "Rashmi",
    "Sarathi",
    "Tarang",
    "Udaan",
)
_TRADES = (
    "Precision Works",
    "Aero Structures",
    "Ordnance Components",
    "Marine Systems",
    "Electronics",
    "Protective Gear",
)
_GIVEN_NAMES = (
    "Aarohi",
    "Anil",
    "Bhaskar",
    "Bina",
    "Charu",
    "Chetan",
    "Devika",
    "Dinesh",
    "Esha",
    "Eshan",
    "Farida",
    "Feroz",
    "Gautam",
    "Gita",
    "Harleen",
    "Hemant",
    "Imran",
    "Ishita",
    "Jaya",
    "Joseph",
    "Kabir",
    "Kavita",
    "Lakshmi",
    "Lalit",
    "Manpreet",
    "Meera",
    "Nandini",
    "Naveen",
    "Omkar",
    "Oviya",
    "Pranav",
    "Priya",
    "Rahul",
    "Rekha",
    "Sunita",
    "Tanvi",
)
_SURNAMES = ("Namuna", "Udaharan", "Kalpanik", "Misal", "Drishtant")

PUBLIC_UNDERTAKINGS = (
    "Kalpit Ayudh Nigam",
    "Kalpit Vimanan Nigam",
    "Kalpit Nau Nirman Nigam",
    "Kalpit Sanchar Yantra Nigam",
    "Kalpit Prakshepan Nigam",
    "Kalpit Kavach Vahan Nigam",
)
"""Fictional defence public sector undertakings."""

PRIVATE_COMPANIES = tuple(f"Kalpit {field} {trade}" for field, trade in product(_FIELDS, _TRADES))
"""96 fictional private companies."""

PEOPLE = tuple(f"{given} {surname}" for given, surname in product(_GIVEN_NAMES, _SURNAMES))
"""180 fictional people."""
