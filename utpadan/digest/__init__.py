"""The digest: one message a night of what needs somebody, what is new, and what was published.

`look()` gathers the night from the ledger, `compose()` makes a subject, a plain text and a simple
HTML page of it. Sending is left to the caller. A digest holds names, counts, times and the figures
of published marts: no cell of a rejected row, no address, no secret.
"""

from utpadan.digest.compose import Digest, compose
from utpadan.digest.night import Night, look

__all__ = ["Digest", "Night", "compose", "look"]
