"""Real servers on this machine, which outgoing calls may only reach where that is allowed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest


@dataclass(slots=True)
class Elsewhere:
    """A server: where it is, and the requests that reached it."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


class Answers(BaseHTTPRequestHandler):
    """Answers by its path; `elsewhere` keeps what was asked."""

    elsewhere: Elsewhere

    def do_GET(self) -> None:
        self.elsewhere.asked.append(f"{self.headers['Host']} {self.path}")
        getattr(self, f"answer_{self.path.partition('/to/')[0].strip('/')}")()

    do_POST = do_GET

    def answer_hello(self) -> None:
        self._head(200, {"Content-Length": "5"})
        self.wfile.write(b"hello")

    def answer_redirect(self) -> None:
        self._head(302, {"Location": self.path.partition("/to/")[2], "Content-Length": "0"})

    def answer_round(self) -> None:
        self._head(302, {"Location": "/round", "Content-Length": "0"})

    def answer_large(self) -> None:
        # As many bytes as the reader takes, and no word of how many there will be.
        self._head(200, {"Connection": "close"})
        while not self.elsewhere.over.is_set():
            self.wfile.write(b"x" * 65536)

    def answer_said(self) -> None:
        self._head(200, {"Content-Length": str(10**10)})

    def answer_packed(self) -> None:
        self._head(200, {"Content-Encoding": "gzip", "Content-Length": "0"})

    def answer_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.elsewhere.over.is_set():
            self.wfile.write(b"x")
            time.sleep(0.05)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def handle(self) -> None:
        # Whoever asked may have had enough.
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Answers,), {"elsewhere": server}))
    server.port = http.server_port
    thread = Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.over.set()
    http.shutdown()
    http.server_close()
    thread.join()
