"""Picks loopback ports that are free and that stay free while a server is down for a moment."""

from __future__ import annotations

import random
import socket

# Below the range from which Linux (32768) and macOS (49152) give ports to outgoing connections: a client
# that dials a dead server's port from that range can end up connected to itself, and the server then
# cannot come back to its own port.
LOWEST, HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a connection in TIME_WAIT does not make a port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: set[int] | None = None) -> int:
    """A free port that is not in `taken`. Random, so that two suites started together rarely collide."""
    for _ in range(1_000):
        port = random.randrange(LOWEST, HIGHEST)  # noqa: S311 - not a secret
        if port not in (taken or set()) and is_free(port):
            return port
    raise OSError(f"no free port on 127.0.0.1 between {LOWEST} and {HIGHEST}")


def accepts(port: int) -> bool:
    """Whether something accepts connections there: cheaper, and quieter, than a client's own attempts."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
