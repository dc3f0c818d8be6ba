"""Loopback ports: the one a server had before, or else the first free one."""

import socket
from collections.abc import Iterator

from utpadan.local.process import LocalError

LOOPBACK = "127.0.0.1"
TRIED = 100


def free_ports(preferred: int, remembered: int | None = None) -> Iterator[int]:
    """Ports nobody listens on, best first: the remembered one, then upwards from `preferred`.

    A port may be taken between the look and the use: the caller then asks for the next. Raises
    LocalError when there is none left.
    """
    upwards = range(preferred, preferred + TRIED)
    if remembered is not None and _is_free(remembered):
        yield remembered
    yield from (port for port in upwards if port != remembered and _is_free(port))
    raise LocalError(f"the ports {upwards[0]} to {upwards[-1]} of {LOOPBACK} are all in use")


def _is_free(port: int) -> bool:
    """Nobody answers there and it can be bound; asking both finds listeners on other addresses."""
    with socket.socket() as caller:
        caller.settimeout(0.5)
        if caller.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
