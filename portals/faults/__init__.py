"""What portals do wrong: each fault makes, of a proper answer, the one that is sent instead.

`FAULTS` has them by name. They are pure: what they know is the request, the answer that would be
right and the one before.
"""

from portals.faults import answers, dressed, pages
from portals.faults.kinds import FAULTS, FaultKind, Struck

__all__ = ["FAULTS", "FaultKind", "Struck", "answers", "dressed", "pages"]
