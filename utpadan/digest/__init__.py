"""The digest: one message a night of what needs somebody, what is new, and what was published.

`look()` gathers the night from the ledger, `compose()` makes a subject, a plain text and a simple
HTML page of it; `late()` makes them of a run that missed its deadline. Sending is left to the
caller. A message holds names, counts, times, reasons and the figures of published marts: no cell of
a rejected row, no secret.
"""

from utpadan.digest.compose import Message, compose, late
from utpadan.digest.night import Night, look

__all__ = ["Message", "Night", "compose", "late", "look"]
