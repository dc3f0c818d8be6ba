"""What a fault is, and where all of them are registered."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from portals.wire import Asked, Reply


class Struck(NamedTuple):
    """What a fault strikes: a request, the right answer to it, and the right answer before."""

    asked: Asked
    good: Reply
    before: Reply | None


Needs = Literal["anything", "pages", "totals", "order", "more"]
"""What a fault can strike: any answer; JSON or linked pages; those that state a total; those that
lead to the next page; whatever takes more than one request."""


class FaultKind(NamedTuple):
    """One fault: what it is in words, what it can strike and what becomes of an answer."""

    says: str
    needs: Needs
    breaks: Callable[[Struck], Reply]


FAULTS: dict[str, FaultKind] = {}


def fault(
    says: str, needs: Needs = "anything"
) -> Callable[[Callable[[Struck], Reply]], Callable[[Struck], Reply]]:
    def register(breaks: Callable[[Struck], Reply]) -> Callable[[Struck], Reply]:
        FAULTS[breaks.__name__] = FaultKind(says, needs, breaks)
        return breaks

    return register
