"""Ask whether a pinned dependency has a known weakness: pip-audit over requirements.lock.

A weakness fails. Where the service of advisories cannot be asked, or does not know what is pinned,
this says so and fails nothing: a machine without a network can build all the same. One package is
asked about first, so that a service that knows nothing is not asked three hundred times.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
AUDIT = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--disable-pip"]


def main() -> int:
    """The exit code of the audit; 0 when there was none."""
    if why := unanswered(re.split(r"\n(?=\w)", LOCK.read_text(encoding="utf-8"))[0]):
        print(f"not audited: no service of advisories can be asked about requirements.lock ({why})")
        return 0
    return subprocess.run([*AUDIT, "--require-hashes", "-r", str(LOCK)]).returncode


def unanswered(requirement: str) -> str | None:
    """Why the service gives no answer about one pinned package; None when it gives one."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as one:
        one.write(requirement)
        one.flush()
        command = [*AUDIT, "--format", "json", "--require-hashes", "-r", one.name]
        done = subprocess.run(command, capture_output=True, text=True)
    try:
        (asked,) = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return (done.stderr.strip().splitlines() or ["no answer"])[-1]
    reason: str | None = asked.get("skip_reason")
    return reason


if __name__ == "__main__":
    sys.exit(main())
