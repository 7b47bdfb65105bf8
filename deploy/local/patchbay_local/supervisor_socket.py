"""Talks with supervisord over its Unix socket. Its own client leaves sockets open when nobody answers."""

from __future__ import annotations

import socket
import xmlrpc.client
from http.client import HTTPConnection
from typing import Any

# What a call may raise when there is no supervisor, or one that is just going.
UNREACHABLE = (OSError, xmlrpc.client.Error)


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.settimeout(self.timeout)
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> HTTPConnection:
        connection = _UnixConnection(self._path)
        self._connection = host, connection  # where the transport's own close() looks for it
        return connection


def call(path: str, method: str, *arguments: object) -> Any:
    """One call on a connection of its own."""
    server = xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(path))
    with server:
        return getattr(server.supervisor, method)(*arguments)
