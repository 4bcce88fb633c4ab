"""The one door to other machines: checked at every hop, limited in time, size and redirects."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from engine.outgoing.allowance import Allowance
from engine.outgoing.connection import CheckedNetwork, Deadline
from engine.outgoing.errors import OutgoingFailed, OutgoingRefused

SCHEMES = frozenset({"http", "https"})

LAST_PORT = 65_535

PLAIN = frozenset({"", "identity"})
"""How an answer may be packed: not at all, since a small one may unpack to a very large one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` for one answer, redirects not counted in; `size` in bytes of its body."""

    seconds: float = 20.0
    size: int = 10_000_000
    redirects: int = 3


class Outgoing:
    """Calls other machines for this installation; proxies of the environment are not used."""

    def __init__(self, allowance: Allowance, limits: Limits | None = None) -> None:
        self._allowance = allowance
        self._limits = limits or Limits()
        self._trust = ssl.create_default_context()

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Return a whole answer; raise `OutgoingRefused` or `OutgoingFailed`."""
        try:
            with self.client() as client:
                answer = client.request(method, url, headers=headers, content=content)
        except (httpx.TooManyRedirects, httpx.RemoteProtocolError) as error:
            # Sent round, or on to what is no address.
            raise OutgoingFailed("outgoing_redirects") from error
        except (httpx.InvalidURL, httpx.DecodingError, httpx.UnsupportedProtocol) as error:
            raise OutgoingRefused(address=_written(url)) from error
        if answer.request.method != method.upper():
            # Sent on as a question, as 302 and 303 have it, it arrived without what it says.
            raise OutgoingFailed("outgoing_redirects")
        return answer

    def client(self) -> httpx.Client:
        """Return a client whose every request goes through this door."""
        return httpx.Client(
            transport=self.transport(),
            trust_env=False,
            follow_redirects=True,
            max_redirects=self._limits.redirects,
            timeout=self._limits.seconds,
            headers={"Accept-Encoding": "identity", "User-Agent": "Joinery"},
        )

    def transport(self) -> httpx.BaseTransport:
        """Return the door itself, for a library that brings a client of its own."""
        return CheckedTransport(self._allowance, self._limits, self._trust)


class CheckedTransport(httpx.BaseTransport):
    """Sends each request over a new connection to an address that was checked for it."""

    def __init__(self, allowance: Allowance, limits: Limits, trust: ssl.SSLContext) -> None:
        self._allowance = allowance
        self._limits = limits
        self._trust = trust

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; redirects come here again, each as a request of its own."""
        port = request.url.port or 80
        if request.url.scheme not in SCHEMES or not request.url.host or port > LAST_PORT:
            raise OutgoingRefused(address=_shown(request.url))
        deadline = Deadline(self._limits.seconds)
        pool = httpcore.ConnectionPool(
            ssl_context=self._trust,
            max_keepalive_connections=0,
            network_backend=CheckedNetwork(self._allowance, deadline),
        )
        try:
            answer = self._sent(pool, request)
        except BaseException:
            pool.close()
            raise
        return answer

    def _sent(self, pool: httpcore.ConnectionPool, request: httpx.Request) -> httpx.Response:
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _translated():
            found = pool.handle_request(asked)
        body = LimitedBody(found, pool, self._limits.size)
        answer = httpx.Response(found.status, headers=found.headers, stream=body)
        if answer.headers.get("Content-Encoding", "").strip().lower() not in PLAIN:
            body.close()
            raise OutgoingFailed("outgoing_packed")
        if int(answer.headers.get("Content-Length", 0)) > self._limits.size:
            body.close()
            raise OutgoingFailed("outgoing_large", max=self._limits.size)
        return answer


class LimitedBody(httpx.SyncByteStream):
    """A body that ends with `OutgoingFailed` where it holds more than `size` bytes."""

    def __init__(self, answer: httpcore.Response, pool: httpcore.ConnectionPool, size: int) -> None:
        self._answer = answer
        self._pool = pool
        self._size = size

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        with _translated():
            for part in self._answer.iter_stream():
                seen += len(part)
                if seen > self._size:
                    raise OutgoingFailed("outgoing_large", max=self._size)
                yield part

    def close(self) -> None:
        """End the connection, whatever is still to come."""
        self._answer.close()
        self._pool.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the wire says into refusals of ours."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise OutgoingFailed("outgoing_slow") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise OutgoingFailed("outgoing_connection") from error


def _written(url: str) -> str:
    """Return an address that cannot be read without what may be secret in it."""
    before, mark, after = re.split(r"[?#]", url, maxsplit=1)[0].rpartition("@")
    scheme = before.partition("//")[0]
    return (f"{scheme}//{after}" if mark else after)[:200]


def _shown(url: httpx.URL) -> str:
    return str(url.copy_with(query=None, fragment=None, userinfo=None))[:200]
