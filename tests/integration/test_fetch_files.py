"""Fetching files: of the checkout, elsewhere on this machine, in an object store; nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fetching import CSV, JSON, contract, got
from fsspec.implementations.memory import MemoryFileSystem

from utpadan.fetch import Fetched, FetchError, fetch
from utpadan.fetch import file as module

LINES = b"id\n1\n"
HASH = hashlib.sha256(LINES).hexdigest()


def fetch_file(path: str, folder: Path, **how: Any) -> Fetched:
    return got(fetch(contract({"kind": "file", "path": path, **how}, CSV), None, None, folder))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one file, beside a folder that is no part of it."""
    monkeypatch.setattr(module, "CHECKOUT", tmp_path / "checkout")
    for name in ("checkout", "beside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "there.csv").write_bytes(LINES)
    return tmp_path / "checkout"


@pytest.fixture
def bucket() -> Iterator[None]:
    """An object store that keeps one object in memory, under the protocol of a real one."""

    class Store(MemoryFileSystem):
        protocol = "gs"

    fsspec.register_implementation("gs", Store, clobber=True)
    with fsspec.open("gs://bucket/there.csv", "wb") as file:
        file.write(LINES)
    yield
    Store.store.clear()


def test_a_local_file_is_hashed_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "one there.csv"
    path.write_bytes(LINES)
    for spelling in (str(path), path.as_uri()):
        fetched = fetch_file(spelling, tmp_path / "not-needed")
        assert (fetched.path, fetched.size, fetched.sha256) == (path, 5, HASH)


def test_a_file_of_the_checkout_is_named_from_its_root(checkout: Path, tmp_path: Path) -> None:
    assert fetch_file("there.csv", tmp_path).path == checkout / "there.csv"


@pytest.mark.usefixtures("bucket")
def test_an_object_is_brought_here(tmp_path: Path) -> None:
    fetched = fetch_file("gs://bucket/there.csv", tmp_path)
    assert fetched.path == tmp_path / "there.csv"
    assert (fetched.path.read_bytes(), fetched.sha256) == (LINES, HASH)
    assert fetched.url == "gs://bucket/there.csv"


@pytest.mark.usefixtures("bucket")
def test_an_object_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"it has more than 4 bytes; .*`fetch.max_bytes`"):
        fetch_file("gs://bucket/there.csv", tmp_path, max_bytes=4)


@pytest.mark.usefixtures("bucket")
def test_an_object_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"gs://bucket/none.csv: there is no such file"):
        fetch_file("gs://bucket/none.csv", tmp_path)


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("nowhere.csv", "authorisations: nowhere.csv: there is no such file; check"),
        (".", "this is a folder"),
        ("file:///nowhere/at/all.csv", "there is no such file"),
        ("../beside/there.csv", r"it leads out of .*/checkout, to .*/beside/there.csv"),
        ("../checkout/there.csv", "it leads out of"),
        ("link.csv", r"it leads out of .*/checkout, to .*/beside/there.csv"),
        ("linked/there.csv", "it leads out of"),
        ("{beside}/../checkout/there.csv", "it leads out of"),
        ("{beside}/link.csv", r"it leads out of .*/beside, to .*/checkout/there.csv"),
        ("/proc/self/environ", "no file but a view of the system"),
        ("file:///proc/self/environ", "no file but a view of the system"),
        ("/dev/zero", "there is no such file"),
        ("file://elsewhere/there.csv", "names the host 'elsewhere'; write file:///path"),
        ("http://localhost:1/x.csv", "not fetched by 'http', only from abfs.*write `kind: http`"),
        (
            "https://user:word@localhost:1/x.csv",  # pragma: allowlist secret: made up
            r"authorisations: https://localhost:1/x.csv: ",
        ),
        ("ftp://localhost/x.csv", "not fetched by 'ftp'"),
        ("memory://x.csv", "not fetched by 'memory'"),
        ("zip://x.csv::https://localhost/x.zip", "not fetched by 'zip'"),
        ("simplecache::https://localhost/x.csv", "not fetched by 'simplecache::https'"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(
    checkout: Path, tmp_path: Path, path: str, cause: str
) -> None:
    beside = tmp_path / "beside"
    (checkout / "link.csv").symlink_to(beside / "there.csv")
    (checkout / "linked").symlink_to(beside)
    (beside / "link.csv").symlink_to(checkout / "there.csv")
    with pytest.raises(FetchError, match=cause):
        fetch_file(path.format(beside=beside), tmp_path)


def test_a_link_within_its_folder_is_the_file_it_names(checkout: Path, tmp_path: Path) -> None:
    (checkout / "latest.csv").symlink_to("there.csv")
    assert fetch_file("latest.csv", tmp_path).sha256 == HASH
    assert fetch_file(str(checkout / "latest.csv"), tmp_path).sha256 == HASH


def test_a_source_without_delivery_of_its_own_cannot_be_fetched(tmp_path: Path) -> None:
    source = contract({"kind": "same_as", "source": "vendors"}, JSON)
    with pytest.raises(FetchError, match="that of vendors carries it; fetch vendors"):
        fetch(source, None, None, tmp_path)
