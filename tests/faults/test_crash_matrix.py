"""Every verb is killed before every one of its steps; then it is run again, as a person would.

The steps are found by watching the verb (`kill_points.py`), so one that the code gains is killed
too. After each kill the whole warehouse is either as it was before the verb, or the verb, run
again, makes it what an undisturbed run makes it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from crash_cases import VERBS, Verb, World
from kill_points import ends_of_stretches, killed_before, steps_of
from whole_state import State, differences
from worlds import Worlds, state_of, worlds_of

from utpadan.agreement import examine
from utpadan.migrate import migrate
from utpadan.settings import Settings

AT_LEAST = {
    "pull": 20,
    "first load": 30,
    "load": 30,
    "replay": 30,
    "revert": 6,
    "backfill": 30,
    "publish": 15,
    "undo": 10,
    "export": 10,
    "migrate": 10,
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verb_killed_at_any_step_and_run_again_ends_as_if_nothing_had_happened(
    verb: Verb, server: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / verb.name.replace(" ", "_")
    with worlds_of(server, folder) as worlds:
        points = kill_everywhere(verb, worlds)
    assert len(points) >= AT_LEAST[verb.name]


def kill_everywhere(verb: Verb, worlds: Worlds) -> list[int]:
    """Kill the verb before each of its steps; returns which."""
    world = worlds.prepared()
    if verb.name != "migrate":
        migrate(world.settings)
    verb.prepare(world)
    before = state_of(world)
    undisturbed = worlds.copy()
    steps = steps_of(lambda: verb.run(undisturbed), worlds.folder / "steps")
    after = state_of(undisturbed)
    assert after != before
    points = ends_of_stretches(steps) if verb.at_ends else list(range(len(steps)))
    world, again = worlds.copy(), 0
    for number in points:
        step = steps[number]
        if not killed_before(lambda: verb.run(world), number):
            break
        if state_of(world) != before:
            run_again(verb, world, after, step)
            world, again = worlds.copy(), again + 1
    run_again(verb, world, after, "the end")
    print(f"{verb.name}: {len(points)} kill points, {again} of them left something to finish")
    return points


def run_again(verb: Verb, world: World, after: State, step: str) -> None:
    (verb.again or verb.run)(world)
    assert differences(state_of(world), after) == [], f"killed before {step}"
    assert examine(world.settings, world.sources).faults == (), f"killed before {step}"
