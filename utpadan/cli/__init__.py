"""The command line: `utpadan --help`.

Every verb does one step of the nightly, or looks at what it did. Exit code 0: done, or nothing to
do; 1: refused or failed, the message says what, where and what to do; 2: a wrong call.
"""

from utpadan.cli import (  # noqa: F401, I001 (the order of the help)
    machine,
    steps,
    brakes,
    rejected,
    contracts,
    status,
    digest,
    look,
    keep,
    resolve,
    estimate,
    claims,
)
from utpadan.cli.app import app

__all__ = ["app"]
