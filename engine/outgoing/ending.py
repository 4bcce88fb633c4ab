"""Cuts a connection off after a time, for libraries that wait anew with each byte that comes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer


@contextmanager
def ended_after(seconds: float, connected: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Have whatever is `connected` after so many seconds cut off, unless this ends before."""

    def cut() -> None:
        found = connected()
        if found is not None:
            with suppress(OSError):
                # Of the plain class: that of TLS would change what another thread reads with.
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
