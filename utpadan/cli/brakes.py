"""Verbs for what a brake has stopped: accept it with a reason, look at the bytes delivered."""

from __future__ import annotations

import getpass
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from difflib import get_close_matches
from typing import Annotated

import psycopg
import typer

from utpadan import brakes, ledger
from utpadan.archive import Archive, ArchiveError
from utpadan.brakes import NotAccepted, RuleOfSuite
from utpadan.cli.app import SourceName, app, explained, fail, out, source_named
from utpadan.cli.lines import load_line
from utpadan.ledger import Delivery
from utpadan.load import LoadRefused
from utpadan.quality import SuiteError
from utpadan.settings import Settings
from utpadan.source import load_sources

STEPS = "The nightly, step by step"
LOOK = "Look"


def _in_words(reason: str) -> str:
    """The reason in one line; refuses one that says nothing."""
    words = " ".join(reason.split())
    if len(words) < 10 or not any(letter.isalpha() for letter in words):
        raise typer.BadParameter("say why in words that somebody understands a year from now")
    return words


@app.command(rich_help_panel=STEPS)
@explained(NotAccepted, LoadRefused, ArchiveError, SuiteError)
def accept(
    what: Annotated[
        str, typer.Argument(metavar="SOURCE|RULE", help="A source, or marts/SUITE/RULE.")
    ],
    reason: Annotated[
        str, typer.Option(metavar="WHY", help="Why it is right; kept.", callback=_in_words)
    ],
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who accepts. Default: this machine's user.")
    ] = None,
) -> None:
    """Let in a refused delivery, or let a gate pass what a brake found; this one and no other."""
    settings, who = Settings.load(), by or _user()
    if what in load_sources():
        out.print(load_line(brakes.accept_delivery(settings, source_named(what), reason, who)))
        return
    named = _rule_named(what)
    out.print(f"{named.label} is {brakes.accept_rule(settings, named, reason, who)}")
    out.print(f"`{named.again}` passes it")


@app.command(rich_help_panel=LOOK)
@explained(ArchiveError)
def deliveries(
    source: SourceName,
    delivery: Annotated[
        int | None, typer.Argument(metavar="ID", help="Write this delivery's bytes to a pipe.")
    ] = None,
) -> None:
    """Every delivery of a source and what became of it, or the bytes of one."""
    settings, named = Settings.load(), source_named(source)
    with psycopg.connect(settings.loader_url) as conn:
        known = {d.delivery_id: d for d in ledger.deliveries(conn, named.delivery_source)}
        became = ledger.what_became(conn, named.name)
    if delivery is None:
        for line in _lines(known.values(), became):
            out.print(line, markup=False)
        return
    if delivery not in known:
        ids = ", ".join(map(str, list(known)[-5:])) or "none"
        raise typer.BadParameter(f"{source} has no delivery {delivery}; its newest are: {ids}")
    if sys.stdout.isatty():
        fail(f"bytes go to a file or a pipe: utpadan deliveries {source} {delivery} > FILE")
    archive = Archive(settings.archive_url)
    with archive.open(known[delivery].sha256) as path, path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)


def _lines(
    known: Iterable[Delivery], became: Mapping[int, tuple[str, str | None]]
) -> Iterator[str]:
    yield f"{'id':>6}  {'fetched at (UTC)':<20}{'bytes':>13}  {'state':<11}  sha256"
    for one in known:
        state, message = became.get(one.delivery_id, ("not loaded", None))
        yield (
            f"{one.delivery_id:>6}  {one.fetched_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} "
            f"{one.size_bytes:>13,}  {state:<11}  {one.sha256[:12]}"
        )
        if state == "refused":
            yield f"        {message}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        raise typer.BadParameter("this user has no name here; say who you are: --by NAME") from None


def _rule_named(what: str) -> RuleOfSuite:
    """The rule with that label, or with an unmistakable end of it."""
    rules = brakes.rules()
    found = [label for label in rules if f"/{label}".endswith(f"/{what}")]
    if len(found) == 1:
        return rules[found[0]]
    names = [*load_sources(), *(label for label, named in rules.items() if named.rule.brake)]
    near = found or get_close_matches(what, names, n=3, cutoff=0.4)
    raise typer.BadParameter(
        f"{what!r} is {'more than one rule' if found else 'neither a source nor a rule'}"
        + (f"; there is: {', '.join(near)}" if near else "")
    )
