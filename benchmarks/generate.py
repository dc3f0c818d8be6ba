"""The benchmark's file: one million authorisations, nine columns, about 97 MB, always the same."""

from __future__ import annotations

import random
from pathlib import Path

HEADER = (
    "authorisation_id,applied_on,exporter,state,destination,category,quantity,value_inr,remark\n"
)
STATES = ("Karnataka", "Tamil Nadu", "Uttar Pradesh", "Maharashtra", "Telangana", "Gujarat")
SEED = 7


def write(path: Path, rows: int, changed_every: int | None = None) -> None:
    """Write `rows` rows; with `changed_every` n, every n-th row differs in its remark."""
    dice = random.Random(SEED)  # nosec B311 # to be repeatable
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for number in range(rows):
            remark = "revised" if changed_every and number % changed_every == 0 else "batch"
            file.write(
                f"EX{number:08d},"
                f"20{dice.randrange(10, 26)}-{dice.randrange(1, 13):02d}-"
                f"{dice.randrange(1, 29):02d},"
                f"Sample exporter {dice.randrange(5000)} Ltd,{dice.choice(STATES)},"
                f"C{dice.randrange(190)},ML{dice.randrange(1, 23)},{dice.randrange(1, 10000)},"
                f"{dice.randrange(1, 10**9)}.{dice.randrange(100):02d},"
                f"{remark} {dice.randrange(10**6)}\n"
            )
