"""The application: its verbs are registered by the modules imported here, in the order of help."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import psycopg
import typer
from rich.console import Console
from rich.markup import escape

from utpadan import events
from utpadan.settings import MalformedEnvFile, MalformedSetting, MissingSetting
from utpadan.source import ContractError, Source, load_sources
from utpadan.table import visible

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(
    help="Utpadan: a data warehouse of India's defence manufacturing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


class Terminal(Console):
    """A console that shows what it is given and obeys none of it; `:smile:` stays what it is.

    What portals and files say is printed here.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich prints; line breaks and tabs of texts are kept."""
        super().print(*(visible(o) if isinstance(o, str) else o for o in objects), **options)


def on_one_line(text: str) -> str:
    """A cell for people: line breaks and tabs are spelled out too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


out = Terminal(highlight=False, soft_wrap=True, emoji=False)
err = Terminal(stderr=True, highlight=False, soft_wrap=True, emoji=False)

START_IT = "`utpadan up` starts everything on this machine"
MIGRATE_IT = "`utpadan migrate` brings the warehouse up to date"
NOT_MIGRATED = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.InsufficientPrivilege,
)


@app.callback()
def configure() -> None:
    """Send events to standard error, when UTPADAN_LOG asks for it."""
    try:
        events.configure(os.environ)
    except events.UnknownForm as error:
        fail(str(error))


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="A source's name.")]


def fail(message: str) -> NoReturn:
    """Say what went wrong and leave with exit code 1."""
    err.print(f"[red]error:[/red] {escape(message)}")
    raise typer.Exit(1)


def explained(*errors: type[Exception]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Errors that a person can act on end the command with their message, not a traceback."""
    expected: tuple[type[Exception], ...] = (
        ContractError,
        MissingSetting,
        MalformedEnvFile,
        MalformedSetting,
        *errors,
    )

    def decorate(command: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(command)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return command(*args, **kwargs)
            except expected as error:
                fail(str(error))
            except psycopg.OperationalError as error:
                fail(f"the warehouse does not answer: {error}".strip() + f"\n{START_IT}")
            except NOT_MIGRATED as error:
                fail(f"{error.diag.message_primary}; {MIGRATE_IT}")

        return run

    return decorate


def print_json(value: Any) -> None:
    """One JSON document on standard output; on a terminal its texts are escaped."""
    print(json.dumps(value, indent=2, default=str, ensure_ascii=sys.stdout.isatty()))


def source_named(name: str) -> Source:
    """The contract of that name; leaves with exit code 2 when there is none."""
    sources = load_sources()
    if name not in sources:
        near = get_close_matches(name, sources, n=5, cutoff=0.5) or sources
        raise typer.BadParameter(f"there is no source {name!r}; there is: {', '.join(near)}")
    return sources[name]
