"""Claims: figures read out of press text by rules. Pure: no network, no clock, no database.

The rules know the metrics of the official series (`METRICS`), the Indian forms of numbers and
fiscal years, and the words that bound a figure or say how firm it is. What they do not understand
they leave out: a figure without a metric is no claim.
"""

from utpadan.claims.claim import Claim
from utpadan.claims.metrics import METRICS
from utpadan.claims.reading import read_claims

__all__ = ["METRICS", "Claim", "read_claims"]
