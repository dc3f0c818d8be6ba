"""A start of the portals that is killed half way is taken for none."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from kill_points import started

from utpadan import local
from utpadan.local import process
from utpadan.local.home import Home
from utpadan.settings import Settings


def test_portals_whose_start_was_killed_are_started_anew_with_their_settings(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    child = started(lambda: local.start_portals(tmp_path))
    try:
        assert process.wait_until(lambda: home.process("portals") is not None, 120)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left = home.process("portals")
        assert left is not None and left.is_alive
        assert home.env() == {}
        local.start_portals(tmp_path)
        assert Settings.load({"UTPADAN_HOME": str(tmp_path)}).connection("press").url
        assert not left.is_alive
    finally:
        local.stop_portals(tmp_path)
