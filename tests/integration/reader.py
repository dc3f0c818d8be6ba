"""Somebody who has just cloned the project and does what its pages say."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from machine import Machine

from utpadan.settings import CHECKOUT

LEFT_OUT = shutil.ignore_patterns("__pycache__", "_contracts.*", "target", "logs", "results")
MAKE = 'make() { command make -o .venv/.installed "$@"; }\n'
"""A `make` for which the environment is installed already."""


@dataclass(frozen=True)
class Reader:
    """A checkout of its own, where everything is where the pages say that it is."""

    checkout: Path

    @classmethod
    def with_a_checkout(cls, folder: Path) -> Reader:
        """A reader with a copy of this checkout, in the environment of this one."""
        checkout = folder / "utpadan"
        checkout.mkdir()
        for part in sorted(CHECKOUT.iterdir()):
            if part.is_file():
                shutil.copy2(part, checkout)
            elif not part.name.startswith(".") and not part.name.endswith(".egg-info"):
                shutil.copytree(part, checkout / part.name, ignore=LEFT_OUT)
        (checkout / ".venv").symlink_to(CHECKOUT / ".venv")
        return cls(checkout)

    @property
    def machine(self) -> Machine:
        """What the reader started and made."""
        return Machine(self.checkout, self.checkout / ".utpadan")

    def types(self, commands: str, seconds: float = 280) -> str:
        """What these commands print; each of them must succeed."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            "PATH": f"{self.checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.checkout),
            "COLUMNS": "200",
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", MAKE + commands],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            cwd=self.checkout,
            timeout=seconds,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    def writes(self, path: str, text: str) -> None:
        """Make a new file of the checkout."""
        file = self.checkout / path
        assert not file.exists(), f"{path} is there already"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def appends(self, path: str, text: str) -> None:
        """Add to the end of a file."""
        file = self.checkout / path
        file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")

    def inserts(self, path: str, line: str, text: str) -> None:
        """Add to a file, below its one line that reads `line`."""
        file = self.checkout / path
        before, found, after = file.read_text(encoding="utf-8").partition(f"\n{line}\n")
        assert found and f"\n{line}\n" not in after, f"{path}: one line {line!r} was expected"
        file.write_text(before + found + text + after, encoding="utf-8")
