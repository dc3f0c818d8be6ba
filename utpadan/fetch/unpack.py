"""Bodies that were packed for the way: unpacked piece by piece, and only whole ones."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from utpadan.fetch.trouble import Passing, Refused

ACCEPTED = "gzip, deflate"
"""For the header Accept-Encoding."""

_PIECE = 1024 * 1024


def unpacked(body: Iterable[bytes], encodings: str) -> Iterator[bytes]:
    """The body as it was before it was packed; `encodings` is the header Content-Encoding.

    Pieces are at most 1 MiB, however well they were packed. Raises Passing for a body that is cut
    off or damaged, Refused for an encoding that was not asked for.
    """
    names = [
        name for name in re.split(r"[,\s]+", encodings.lower()) if name not in ("", "identity")
    ]
    for name in reversed(names):  # the last was put on last
        if name not in ("gzip", "x-gzip", "deflate"):
            raise Refused(f"the body is packed as {name[:40]!r}, which was not asked for", _TELL)
        body = _inflated(body, name)
    return iter(body)


_TELL = "tell the portal: it must heed Accept-Encoding"


def _inflated(body: Iterable[bytes], name: str) -> Iterator[bytes]:
    pieces = filter(None, body)
    first = next(pieces, b"")
    if not first:
        return
    packing = _packing(name, first)
    unpacker = zlib.decompressobj(packing)
    try:
        for piece in chain([first], pieces):
            while piece:
                if unpacker.eof:  # members may follow one another
                    unpacker = zlib.decompressobj(packing)
                yield unpacker.decompress(piece, _PIECE)
                piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        while not unpacker.eof and (rest := unpacker.decompress(b"", _PIECE)):
            yield rest
    except zlib.error as error:
        raise Passing(f"the body says it is {name} and cannot be unpacked: {error}") from error
    if not unpacker.eof:
        raise Passing(f"the body was cut off: its {name} does not end")


def _packing(name: str, start: bytes) -> int:
    """As zlib counts them: gzip, or `deflate`, which is zlib's format or, wrongly, bare."""
    if name != "deflate":
        return 16 + zlib.MAX_WBITS
    return zlib.MAX_WBITS if start[0] & 0x0F == 8 else -zlib.MAX_WBITS
