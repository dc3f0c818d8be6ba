"""Every verb is killed before every one of its steps; then it is run again, as a person would.

The steps are found by watching the verb (`kill_points.py`), so one that the code gains is killed
too. After each kill the whole warehouse is either as it was before the verb, or the verb, run
again, makes it what an undisturbed run makes it.
"""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path

import pytest
from crash_cases import JUDGING, VERBS, Verb, World
from kill_points import ends_of_stretches, killed_before, steps_of
from whole_state import State, differences
from worlds import Worlds, state_of, worlds_of

from utpadan import nightly, quality
from utpadan.agreement import Agreement, examine
from utpadan.migrate import migrate
from utpadan.settings import Settings

AT_LEAST = {
    "pull": 20,
    "first load": 30,
    "load": 30,
    "replay": 30,
    "revert": 6,
    "backfill": 20,
    "publish": 15,
    "undo": 10,
    "export": 15,
    "migrate": 10,
    "gate": 15,
    "audit": 6,
}
"""A verb whose steps are not seen any more must not pass for one that survives."""


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_verb_killed_at_any_step_and_run_again_ends_as_if_nothing_had_happened(
    verb: Verb, server: Settings, tmp_path: Path
) -> None:
    with worlds_of(server, tmp_path / verb.name.replace(" ", "_")) as worlds:
        if verb.name != "migrate":
            migrate(worlds.prepared().settings)
        kill_everywhere(verb, worlds)


@pytest.mark.parametrize("verb", JUDGING, ids=lambda verb: verb.name)
def test_a_gate_killed_at_any_step_and_run_again_ends_as_if_nothing_had_happened(
    verb: Verb, server: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / verb.name
    monkeypatch.setattr(nightly, "EXPECTATIONS", folder / "expectations")
    monkeypatch.setattr(quality, "audit", partial(quality.audit, sources=folder / "sources"))
    importlib.import_module("great_expectations")  # once, not in every child
    with worlds_of(server, folder) as worlds:
        migrate(worlds.prepared().settings)
        kill_everywhere(verb, worlds)


def kill_everywhere(verb: Verb, worlds: Worlds) -> None:
    """Kill the verb before each of its steps, and run it again from each state that this leaves."""
    verb.prepare(worlds.prepared())
    before = state_of(worlds.prepared())
    undisturbed = worlds.copy()
    steps = steps_of(partial(verb.run, undisturbed), worlds.folder / "steps")
    after = state_of(undisturbed)
    assert after != before
    points = ends_of_stretches(steps, verb.place) if verb.place else list(range(len(steps)))
    world, left, killed = worlds.copy(), [before], 0
    for number in points:
        if not killed_before(partial(verb.run, world), number):
            break
        killed += 1
        state = state_of(world)
        if state not in left:
            run_again(verb, world, after, steps[number])
            left.append(state)
        if state != before:
            world = worlds.copy()
    run_again(verb, world, after, "the end")
    print(f"{verb.name}: {killed} kill points, which left {len(left)} different states")
    assert killed >= AT_LEAST[verb.name]


def run_again(verb: Verb, world: World, after: State, step: str) -> None:
    """What a person does who saw the verb die at that step."""
    (verb.again or verb.run)(world)
    assert differences(state_of(world), after) == [], f"killed before: {step}"
    assert examine(world.settings, world.sources) == Agreement((), ()), f"killed before: {step}"
