"""A real HTTP server on loopback whose answers a test writes down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from portals.wire import Answering, Asked, Reply, serving


@dataclass
class ScriptedPortal:
    """`asked` are the requests so far. `script` maps a path to answers, the last one repeats."""

    base_url: str = ""
    asked: list[Asked] = field(default_factory=list)
    script: dict[str, list[Reply] | Answering] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        answers = self.script.get(asked.path, [Reply(status=404)])
        if callable(answers):
            return answers(asked)
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def scripted_portal() -> Iterator[ScriptedPortal]:
    """A portal on a free port for the time of the context."""
    portal = ScriptedPortal()
    with serving(portal.answer) as port:
        portal.base_url = f"http://127.0.0.1:{port}"
        yield portal
