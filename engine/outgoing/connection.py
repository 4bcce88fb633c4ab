"""Connections to the address that was checked, and to no other, for as long as is allowed."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from engine.outgoing.allowance import Allowance
from engine.outgoing.errors import OutgoingFailed, OutgoingRefused


class Deadline:
    """The moment at which a call must be over, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """Return how long one step may wait; raise `OutgoingFailed` where time is up."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OutgoingFailed("outgoing_slow")
        return left if timeout is None else min(left, timeout)


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a name once, checks where it leads, and connects to just that address.

    The name is not asked again, so that an owner who changes its answer meanwhile gains nothing.
    """

    def __init__(self, allowance: Allowance, deadline: Deadline) -> None:
        self._allowance = allowance
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Connect to a machine that may be called. Any: options of a socket are of three shapes."""
        chosen = self._allowance.require(host, resolve(host, port))
        waiting = self._deadline.within(timeout)
        stream = self._inner.connect_tcp(chosen, port, waiting, local_address, socket_options)
        return TimedStream(stream, self._deadline)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Refuse: sockets of this machine are inside. Any: see `connect_tcp`."""
        raise OutgoingRefused(address=path)


class TimedStream(httpcore.NetworkStream):
    """A connection each of whose steps ends with the deadline of the whole call."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come."""
        return self._inner.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes."""
        self._inner.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        """End the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Encrypt, for the name that was asked for, not for the address it led to."""
        waiting = self._deadline.within(timeout)
        return TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, waiting), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        """Return what the library asks about the connection. Any: of whatever type that has."""
        return self._inner.get_extra_info(info)


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return every address that a name leads to; raise `OutgoingFailed` where it leads nowhere."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutgoingFailed("outgoing_unknown_host", host=host) from error
    # Each address once, in the resolver's order of preference.
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))
