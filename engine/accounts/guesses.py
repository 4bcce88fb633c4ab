"""What slows guessing, and cannot be used to keep somebody out for long.

Tries are counted before they are looked at, so that many at once are counted as well, and taken
back when they were right. Counted are tries for one account from one place, whose waits grow to
a quarter of an hour; all tries from one place; and all tries for one account. The last never
bars at the first step: where many guess at an account from many places, a place that is new to
it waits once, briefly. Behind a right password it does bar such places, since a code is short
and only who knows the password gets there. Who comes with a browser, or from a place, that the
account was used with before is counted by themselves alone: what others do there or elsewhere
does not touch them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock
from time import monotonic

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from engine.accounts.tables import guess

FORGOTTEN = timedelta(hours=1)
"""How long after the last one wrong tries count."""

LONGEST_WAIT, KNOWN_WAIT, NEW_WAIT = 900, 60, 30
"""Seconds: the longest wait; the longest where the account was used before; a new place's wait."""

FREE, FREE_OF_PLACE, FREE_OF_ACCOUNT = 5, 100, 50
"""Wrong tries without a wait: for an account from a place, from a place, for an account."""

BEHIND = frozenset({"code"})
"""What is asked only of somebody who proved something before."""

MOST = 100_000
"""How many counters are kept; the oldest go first."""

_SWEEP_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Try:
    """One try: what for, whose account by its address, from where; `known` is a mark if any.

    `known` is what the account knows this browser by, or this place; blank for a stranger.
    """

    purpose: str
    email: str
    address: str
    known: bytes = b""
    device: bool = False

    @property
    def own(self) -> bytes:
        """The key of tries for this account from here."""
        place = self.known if self.device else place_of(self.address).encode()
        return _key("own", self.purpose, self.email.lower(), place.hex())

    @property
    def place(self) -> bytes:
        """The key of all tries from here."""
        return _key("place", place_of(self.address))

    @property
    def account(self) -> bytes:
        """The key of all tries for this account."""
        return _key("account", self.purpose, self.email.lower())

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys that a try counts under."""
        return (self.own,) if self.known else (self.own, self.place, self.account)


@dataclass(frozen=True, slots=True)
class _Count:
    failures: int
    until: datetime


class Guesses:
    """Counts tries in the registry, one row for each key however many tries there are."""

    def __init__(self) -> None:
        self._swept = monotonic()
        self._sweeping = Lock()

    def admit(self, connection: Connection, one: Try) -> int:
        """Count a try; return 0, or the seconds to wait where it is not to be looked at."""
        now = datetime.now(UTC)
        self._sweep(connection, now)
        _in_turn(connection, one.own if one.known else one.place)
        counts = _read(connection, one.keys, now)
        until = max((count.until for count in counts.values()), default=now)
        if until > now:
            return ceil((until - now).total_seconds())
        crowded = counts.get(one.account, _Count(0, now)).failures >= FREE_OF_ACCOUNT
        if crowded and one.own not in counts:
            _write(connection, {one.own: _Count(0, now + timedelta(seconds=NEW_WAIT))}, now)
            return NEW_WAIT
        _write(connection, _counted(one, counts, now, crowded=crowded), now)
        return 0

    def forgive(self, connection: Connection, one: Try) -> None:
        """Take a try back that was right, and what was wrong before it from the same place."""
        connection.execute(delete(guess).where(guess.c.key == one.own))
        for key in one.keys[1:]:
            connection.execute(
                guess.update()
                .where(guess.c.key == key)
                .values(failures=func.greatest(guess.c.failures - 1, 0), until=func.now())
            )

    def _sweep(self, connection: Connection, now: datetime) -> None:
        if monotonic() - self._swept < _SWEEP_EVERY or not self._sweeping.acquire(blocking=False):
            return
        try:
            self._swept = monotonic()
            sweep(connection, now)
        finally:
            self._sweeping.release()


def sweep(connection: Connection, now: datetime, *, most: int = MOST) -> None:
    """Delete counters that count no more, and the oldest of too many."""
    connection.execute(delete(guess).where(guess.c.last_at < now - FORGOTTEN))
    oldest = select(guess.c.key).order_by(guess.c.last_at.desc()).offset(most)
    connection.execute(delete(guess).where(guess.c.key.in_(oldest)))


def place_of(address: str) -> str:
    """Return the place of a network address: one household has a /64 of IPv6 to itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)


def wait_after(failures: int, free: int, longest: int) -> int:
    """Return the seconds to wait after so many failures: none, then doubling."""
    over = failures - free
    return 0 if over <= 0 else min(longest, 2 ** min(over, 20))


def _counted(
    one: Try, counts: Mapping[bytes, _Count], now: datetime, *, crowded: bool
) -> dict[bytes, _Count]:
    """Return the counters of a try as they are after it."""

    def after(key: bytes, free: int, longest: int, least: int = 0) -> _Count:
        failures = counts[key].failures + 1 if key in counts else 1
        wait = max(least, wait_after(failures, free, longest))
        return _Count(failures, now + timedelta(seconds=wait))

    if one.known:
        longest = LONGEST_WAIT if one.device else KNOWN_WAIT
        return {one.own: after(one.own, FREE, longest)}
    return {
        one.own: after(one.own, FREE, LONGEST_WAIT, NEW_WAIT if crowded else 0),
        one.place: after(one.place, FREE_OF_PLACE, LONGEST_WAIT),
        one.account: after(
            one.account, FREE_OF_ACCOUNT, LONGEST_WAIT if one.purpose in BEHIND else 0
        ),
    }


def _in_turn(connection: Connection, key: bytes) -> None:
    """Let tries from one place be counted one after the other."""
    number = int.from_bytes(key[:8], "big", signed=True)
    connection.execute(select(func.pg_advisory_xact_lock(number)))


def _read(connection: Connection, keys: tuple[bytes, ...], now: datetime) -> dict[bytes, _Count]:
    rows = connection.execute(
        select(guess.c.key, guess.c.failures, guess.c.until).where(
            guess.c.key.in_(keys), guess.c.last_at > now - FORGOTTEN
        )
    )
    return {row.key: _Count(row.failures, row.until) for row in rows}


def _write(connection: Connection, counts: Mapping[bytes, _Count], now: datetime) -> None:
    # In the order of their keys, so that two tries never wait for each other.
    for key, count in sorted(counts.items()):
        values = {"failures": count.failures, "until": count.until, "last_at": now}
        connection.execute(
            insert(guess)
            .values(key=key, **values)
            .on_conflict_do_update(index_elements=["key"], set_=values)
        )


def _key(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
