"""`python -m benchmarks.large`: a file of 5 GB through fetch, archive and load, and its memory.

Prints the seconds and the peak memory of the loading process. It needs six times the file's size
of disk for the time it runs, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import generate
from benchmarks.__main__ import measure_in_a_process
from utpadan import local
from utpadan.migrate import migrate
from utpadan.settings import Settings

PATTERN = 100_000
"""Rows that are generated; the file repeats them under other numbers."""


def write(path: Path, size: int) -> int:
    """Write a file of that many bytes or a little more; returns its rows."""
    generate.write(path, PATTERN)
    header, *rows = path.read_text("utf-8").splitlines(keepends=True)
    tails = [row[row.index(",") :] for row in rows]
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(header)
        while file.tell() < size:
            file.write("".join(f"EX{n:08d}{tail}" for n, tail in enumerate(tails, start=number)))
            number += PATTERN
    return number


def main() -> None:
    """Generate, load and report."""
    parser = argparse.ArgumentParser(prog="benchmarks.large", description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="utpadan-large-") as folder:
        home, file = Path(folder, "home"), Path(folder, "large.csv")
        rows = write(file, int(options.gigabytes * 1024**3))
        local.start_postgres(home)
        try:
            os.environ["UTPADAN_HOME"] = str(home)
            migrate(Settings.load())
            measured = measure_in_a_process("load", file)
        finally:
            local.stop_postgres(home)
        size = file.stat().st_size / 1024**3
    print(f"{size:.2f} GB, {rows:,} rows: {measured['seconds']:.0f} s, {measured['steps']}")
    print(f"the loading process peaked at {measured['peak_mb']:.0f} MB")


if __name__ == "__main__":
    main()
