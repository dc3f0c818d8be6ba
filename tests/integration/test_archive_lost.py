"""What the loss of archived bytes stops, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from utpadan import nightly
from utpadan.archive import Archive, ArchiveError, sha256_of
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, FileFetch, Source, load_sources


def mous(path: Path) -> Source:
    """A real source that reads a file of the test's own."""
    source = load_sources()["mous"]
    return source.model_copy(update={"fetch": FileFetch(kind="file", path=str(path))})


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    file = tmp_path / "mous.csv"
    real = load_sources()["mous"].fetch
    assert isinstance(real, FileFetch)
    file.write_bytes((CHECKOUT / real.path).read_bytes())
    return file


def ingest(settings: Settings, source: Source) -> list[str]:
    pulled = nightly.pull(settings, [source])
    assert pulled.failed == {}
    return [
        outcome.reading for _ in pulled.to_load for outcome in nightly.load_source(settings, source)
    ]


def archived(settings: Settings, sha256: str) -> Path:
    folder = Path(Archive(settings.archive_url).url.removeprefix("file://"))
    return folder / sha256[:2] / sha256


def lose(settings: Settings, sha256: str) -> None:
    archived(settings, sha256).unlink()


def damage(settings: Settings, sha256: str) -> None:
    with archived(settings, sha256).open("r+b") as file:
        file.write(b"#")


@pytest.mark.parametrize("harm", [lose, damage])
def test_a_next_delivery_is_read_whole_when_the_one_before_is_lost_or_damaged(
    warehouse: Settings, delivered: Path, harm: Callable[[Settings, str], None]
) -> None:
    source = mous(delivered)
    assert ingest(warehouse, source) == ["fast"]
    harm(warehouse, sha256_of(delivered))
    lines = delivered.read_text(encoding="utf-8").splitlines()
    delivered.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert ingest(warehouse, source) == ["fast"]


def test_the_same_bytes_fetched_again_mend_the_archive(
    warehouse: Settings, delivered: Path
) -> None:
    source = mous(delivered)
    ingest(warehouse, source)
    sha256 = sha256_of(delivered)
    lose(warehouse, sha256)
    assert ingest(warehouse, source) == []
    assert Archive(warehouse.archive_url).has(sha256)


def test_a_replay_says_which_bytes_are_lost(warehouse: Settings, delivered: Path) -> None:
    source = mous(delivered)
    ingest(warehouse, source)
    lose(warehouse, sha256_of(delivered))
    with pytest.raises(ArchiveError, match=f"has no {sha256_of(delivered)}; restore the archive"):
        nightly.replay_source(warehouse, source)


def test_a_replay_does_not_read_damaged_bytes(warehouse: Settings, delivered: Path) -> None:
    source = mous(delivered)
    ingest(warehouse, source)
    damage(warehouse, sha256_of(delivered))
    with pytest.raises(ArchiveError, match=f"the bytes of {sha256_of(delivered)} are damaged"):
        nightly.replay_source(warehouse, source)
