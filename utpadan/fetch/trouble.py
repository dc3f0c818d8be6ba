"""Why one try failed: trouble that may pass, or an answer that another try would repeat."""

from __future__ import annotations


class Passing(Exception):
    """A failure worth another try; `pause_s` is how long the portal asks to wait."""

    def __init__(self, cause: str, status: int | None = None, pause_s: float = 0.0) -> None:
        super().__init__(cause)
        self.status = status
        self.pause_s = pause_s


class Refused(Exception):
    """A failure that another try would repeat; `remedy` may name `{connection}`."""

    def __init__(self, cause: str, remedy: str, status: int | None = None) -> None:
        super().__init__(cause)
        self.remedy = remedy
        self.status = status
