"""dbt's `adapter` as sqlfluff sees it."""

from collections.abc import Callable


def dispatch(name: str, package: str) -> Callable[..., str]:
    """A macro that each engine implements renders as a call of its name."""
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"
