"""What spellings of one company's name share: pure functions of the name alone.

`normalised`, `name_key`, `keys_known`, `keys_in_publication` and `keys_asked` state in Python what
the SQL functions `normalised_company_name`, `company_name_key`, `company_keys_known`,
`company_keys_in_publication` and `company_keys_asked` (`dbt_project/functions`) state for the
models; a test holds each pair against each other. Letters outside a–z tell nothing apart here,
unless a name has no others.

That legal forms, punctuation and blanks are noise is common practice (Christen, Data Matching,
Springer 2012, chapter 3). So are a plural and letters that carry no sound of their own: one sound
is written v or w here, letters are doubled at will (Toccol), and u after q says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

FEWEST_LETTERS = 3
"""Of an abbreviation; two letters mean anything."""
UNMISTAKABLE = 4
"""Letters of a company's own abbreviated name, which a name in full may be led to."""
SHORTEST_SHORT_NAME = 6
"""Letters of a name without its trade words that still tell a company from others."""

REMEMBERED = 10_000
"""Names whose parts are remembered; the same ones come again and again."""

_IN_BRACKETS_OR_TITLE = re.compile(r"\([^)]*\)|^\s*m/s\b", re.ASCII)
_LEGAL_FORM = re.compile(r"\b(and|pvt|private|ltd|limited|llp|inc)\b")
_TRADE_WORDS = re.compile(
    "( (advanced|aerospace|defence|electronics|engineering|engineers|group|industries"
    "|international|labs?|research|services|shipbuilders|solutions|space|systems?"
    "|technologies|technology|works))+$"
)
_PLURAL = re.compile(r"([a-z0-9]{3}[a-z0-9]*[a-rt-z0-9])s\b")
_ACRONYM = re.compile(r"\s*(?:M/s\s+)?([A-Z]{3,10})\s*", re.ASCII)
_BRACKETED = re.compile(r"\(([A-Z]{3,10})\)")
_TO_LOWER = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@lru_cache(REMEMBERED)
def normalised(name: str) -> str | None:
    """The words that tell the name from others, in small letters; None when nothing is left."""
    words = _IN_BRACKETS_OR_TITLE.sub(" ", _lower(name))
    words = re.sub("[^a-z0-9]+", " ", re.sub("[.'\u2019]", "", words))
    words = re.sub(" +", " ", _LEGAL_FORM.sub("", words)).strip(" ")
    words = re.sub(r"^([^ ]+ .+) india$", r"\1", words)
    words = re.sub(r"\b(co|comp)\b", "company", words)
    return re.sub(r"\bdefense\b", "defence", words) or None


@lru_cache(REMEMBERED)
def name_key(name: str) -> str:
    """What spellings of one name share: its words folded and without blanks."""
    words = normalised(name)
    return _lower(name) if words is None else _folded(words)


def keys_known(name: str, is_canonical: bool) -> list[str]:
    """Keys under which a name of a company is found wherever it is asked for.

    A single word is one only as canonical name: Delta may be anybody.
    """
    words = normalised(name) or ""
    keys = [f"name:{name_key(name)}"] if is_canonical or " " in words else []
    keys += _short_keys(words)
    keys += [f"initials:{letters}" for letters in _initials(name)]
    keys += [f"initials:{letters}" for letters in stated_short_form(name)]
    own = _acronym(name) if is_canonical else None
    return keys + ([f"acronym:{own}"] if own and len(own) >= UNMISTAKABLE else [])


def keys_in_publication(name: str) -> list[str]:
    """Keys under which a company's name is found in the publication that states it.

    There its first word is enough.
    """
    first, _, rest = (normalised(name) or "").partition(" ")
    return [f"name:{name_key(name)}", *([f"first:{_folded(first)}"] if rest else [])]


def keys_asked(name: str) -> list[str]:
    """Keys by which a name is looked up, the surest first."""
    words, acronym = normalised(name) or "", _acronym(name)
    keys = [f"name:{name_key(name)}"]
    keys += [f"name:{name_key(letters)}" for letters in stated_short_form(name)]
    keys += _short_keys(words)
    keys += [f"initials:{letters}" for letters in ([acronym] if acronym else [])]
    if not acronym:
        keys += [f"acronym:{letters}" for letters in _initials(name)]
    return keys + ([f"first:{_folded(words)}"] if words and " " not in words else [])


def _lower(text: str) -> str:
    return text.translate(_TO_LOWER)


def _folded(words: str) -> str:
    singular = _PLURAL.sub(r"\1", words).replace(" ", "")
    return re.sub(r"([a-z])([a-z])\2+", r"\1\2", singular.replace("w", "v").replace("qu", "q"))


def _short_keys(words: str) -> Iterator[str]:
    """The name without trade words at its end; at least its first two words stay."""
    short = _TRADE_WORDS.sub("", words)
    if " " not in short:
        short = " ".join(words.split(" ")[:2])
    folded = _folded(short)
    if " " in short and len(folded) >= SHORTEST_SHORT_NAME:
        yield f"short:{folded}"


@lru_cache(REMEMBERED)
def _initials(name: str) -> tuple[str, ...]:
    """First letters of all words, legal form included; a capital inside a word may begin one."""
    plain = re.sub("[.'\u2019]", "", re.sub(r"\([^)]*\)|^\s*M/s\b", " ", name, flags=re.ASCII))
    parted = re.sub("([a-z])([A-Z])", r"\1 \2", plain)
    found = []
    for text in (plain, parted):
        words = re.sub("[^a-z0-9]+", " ", _lower(text))
        words = re.sub(r"\band\b", "", words)
        letters = re.sub(" *([a-z0-9])[a-z0-9]* *", r"\1", words).upper()
        if len(letters) >= FEWEST_LETTERS and letters not in found:
            found.append(letters)
    return tuple(found)


def _acronym(name: str) -> str | None:
    found = _ACRONYM.fullmatch(name)
    return found[1] if found else None


def stated_short_form(name: str) -> Iterator[str]:
    """What stands in brackets, if its letters are in the name in this order: (BEML)."""
    bracketed = _BRACKETED.search(name)
    words = normalised(name)
    if bracketed and words and words[0] == _lower(bracketed[1][0]):
        letters = iter(f"{words} private limited")
        if all(letter in letters for letter in _lower(bracketed[1])):
            yield bracketed[1]
