"""Vendor names → one vendor: what a name means for certain, else what it may mean.

`Knowledge` is pure; `warehouse` reads it from the marts.
"""

from utpadan.resolve.match import Answer, Candidate, Knowledge, Link, Reading

__all__ = ["Answer", "Candidate", "Knowledge", "Link", "Reading"]
