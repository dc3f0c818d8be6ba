"""Bodies that were packed: whole again in small pieces, or an error."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utpadan.fetch.trouble import Passing, Refused
from utpadan.fetch.unpack import unpacked

BODY = b"id,value\n" + b"1,2\n" * 1000
BARE = zlib.compressobj(wbits=-15)


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize(
    ("encodings", "packed"),
    [
        ("", BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", BARE.compress(BODY) + BARE.flush()),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
    ],
    ids=["none", "identity", "gzip", "case", "members", "zlib", "bare", "twice", "in_turn"],
)
def test_what_was_packed_is_unpacked(encodings: str, packed: bytes) -> None:
    for size in (1, 7, 100_000):
        assert b"".join(unpacked(in_pieces(packed, size), encodings)) == BODY


@given(st.binary(max_size=3000), st.integers(1, 500), st.data())
def test_any_cut_of_a_packed_body_is_noticed(body: bytes, size: int, data: st.DataObject) -> None:
    packed = gzip.compress(body)
    assert b"".join(unpacked(in_pieces(packed, size), "gzip")) == body
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(Passing, match="its gzip does not end"):
        list(unpacked(in_pieces(packed[:cut], size), "gzip"))


def test_a_bomb_comes_in_pieces_of_a_megabyte() -> None:
    bomb = gzip.compress(bytes(50_000_000), compresslevel=9)
    assert len(bomb) < 60_000
    pieces = [len(piece) for piece in unpacked([bomb], "gzip")]
    assert sum(pieces) == 50_000_000
    assert max(pieces) <= 1024 * 1024


def test_damage_may_pass_and_a_packing_that_was_not_asked_for_does_not() -> None:
    with pytest.raises(Passing, match="says it is gzip and cannot be unpacked"):
        list(unpacked([b"id,value\n"], "gzip"))
    with pytest.raises(Refused, match="packed as 'zstd', which was not asked for"):
        list(unpacked([BODY], "gzip, zstd"))
    assert list(unpacked([], "gzip")) == []
