"""Who really calls, and over what, when a proxy stands in between: told by trusted proxies only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Any: what WSGI hands around has no narrower type.
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Forwarded:
    """Puts the caller's own address and scheme in place of the proxy's, before anybody reads them.

    `secure` says that people reach the site over HTTPS whatever the proxy tells.
    """

    def __init__(self, inner: Application, proxies: tuple[Network, ...], *, secure: bool) -> None:
        self.inner = inner
        self._proxies = proxies
        self._secure = secure

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request. Any: see above."""
        if self._trusts(environ.get("REMOTE_ADDR", "")):
            environ["REMOTE_ADDR"] = self._caller(environ)
            if _last(environ.get("HTTP_X_FORWARDED_PROTO", "")) in {"http", "https"}:
                environ["wsgi.url_scheme"] = _last(environ["HTTP_X_FORWARDED_PROTO"])
        if self._secure:
            environ["wsgi.url_scheme"] = "https"
        return self.inner(environ, start_response)

    def _caller(self, environ: Environ) -> str:
        """Return the last address in the chain that is no proxy of ours.

        Whoever calls may write what they like at its beginning.
        """
        found = str(environ["REMOTE_ADDR"])
        chain = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        for each in reversed([part.strip() for part in chain]):
            if not _is_address(each):
                break
            found = each
            if not self._trusts(each):
                break
        return found

    def _trusts(self, text: str) -> bool:
        if not self._proxies or not _is_address(text):
            return False
        address = ipaddress.ip_address(text)
        return any(address in network for network in self._proxies)


def networks(text: str) -> tuple[Network, ...]:
    """Return the addresses and networks that a setting names, separated by commas.

    Raises `ValueError` with the part that is neither.
    """
    named = filter(None, (part.strip() for part in text.split(",")))
    return tuple(ipaddress.ip_network(each, strict=False) for each in named)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _last(text: str) -> str:
    return text.rpartition(",")[2].strip().lower()
