"""The verb that prints the digest of the night."""

from __future__ import annotations

from utpadan import digest as digests
from utpadan.cli.app import app, explained, out
from utpadan.cli.look import LOOK
from utpadan.settings import Settings


@app.command(rich_help_panel=LOOK)
@explained()
def digest() -> None:
    """Print the message that Airflow sends each morning: the last 24 hours."""
    out.print(digests.compose(digests.look(Settings.load())).text, markup=False, end="")
