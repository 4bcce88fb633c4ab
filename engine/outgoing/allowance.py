"""Which machines may be called: every public one, and of the others those that are named."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from engine.outgoing.errors import OutgoingRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Holds IPv4 addresses that a gateway translates (RFC 6052)."""

COMPATIBLE = ipaddress.IPv6Network("::/96")
"""Held IPv4 addresses once; some systems still reach them through it."""

LAST_32 = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Allowance:
    """Machines inside the own network that may be called all the same: by name or by address."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, text: str) -> Allowance:
        """Return what a setting names: hosts, addresses and networks, separated by commas."""
        hosts, networks = set(), []
        for each in filter(None, (part.strip() for part in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(each.strip("[]"), strict=False))
            except ValueError:
                hosts.add(_plain(each))
        return cls(frozenset(hosts), tuple(networks))

    def require(self, host: str, addresses: tuple[str, ...]) -> str:
        """Return the address to connect to; raise `OutgoingRefused` unless each may be called.

        A name that leads outside and inside at once is refused: which of the two would be
        called is not for its owner to choose.
        """
        named = _plain(host) in self.hosts
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            if not (named or is_public(address) or self._names(address)):
                raise OutgoingRefused(address=host)
        return addresses[0]

    def _names(self, address: Address) -> bool:
        inner = embedded(address)
        return any(each in network for network in self.networks for each in {address, inner})


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public network, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address) and address.teredo is not None:
        return False
    inner = embedded(address)
    return inner.is_global and not _special(inner)


def embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED or (address in COMPATIBLE and int(address) > LAST_32 >> 16):
        return ipaddress.IPv4Address(int(address) & LAST_32)
    return address.ipv4_mapped or address.sixtofour or address


def _special(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return True
    return address.is_multicast or address.is_reserved or address.is_unspecified


def _plain(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()
