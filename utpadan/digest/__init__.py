"""The digest: one message a night of what needs somebody, what is new, and what was published.

`look()` gathers the night from the ledger, `compose()` makes a subject, a plain text and a simple
HTML page of it, `tell()` does both and has something to say also when the warehouse is down;
`late()` tells of a run that missed its deadline. Sending is left to the caller. A message holds
names, counts, times, reasons and the figures of published marts: no cell of a rejected row, no
secret.
"""

import psycopg

from utpadan.digest.compose import Message, compose, late, unreachable
from utpadan.digest.night import Night, look
from utpadan.settings import Settings

__all__ = ["Message", "Night", "compose", "late", "look", "tell"]


def tell(settings: Settings) -> Message:
    """The digest of the night that ends now; of a warehouse that does not answer, just that."""
    try:
        return compose(look(settings))
    except psycopg.OperationalError as error:
        return unreachable(str(error))
