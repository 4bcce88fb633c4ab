"""Passwords: hashed with Argon2id, compared at the same cost whether there is one or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Busy
from engine.tenants.errors import PasswordWeak

SHORTEST = 8
LONGEST = 512

AT_ONCE = min(4, os.cpu_count() or 1)
"""How many passwords a process works on at once: each takes memory and a core."""

PATIENCE = 10.0
"""Seconds that a password waits for its turn."""


class Passwords:
    """Hashes passwords and compares them, a bounded number at once in each process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(AT_ONCE)

    def hash(self, password: str, *, email: str = "") -> str:
        """Return what is stored of a new password; raise `PasswordWeak`."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise PasswordWeak(
                f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}."
            )
        if email and password.strip().lower() in (email.lower(), email.partition("@")[0].lower()):
            raise PasswordWeak("A password is not one's own address: choose another.")
        if len(set(password)) < 3:
            raise PasswordWeak("A password is not one letter again and again: choose another.")
        with self._turn():
            return self._hasher.hash(password)

    def match(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one; where none is stored it is not, as slowly."""
        if len(password) > LONGEST:
            return False
        with self._turn():
            # The first one waits for the decoy, known or not.
            decoy = self._decoy
            try:
                right = self._hasher.verify(stored or decoy, password)
            except (VerificationError, InvalidHashError):
                return False
        return right and stored is not None

    def is_dated(self, stored: str) -> bool:
        """Tell whether a stored hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _decoy(self) -> str:
        """What an unknown address is compared with, so that it costs the time of a wrong password.

        Made when somebody signs in: most processes, such as commands, never compare a password.
        """
        return self._hasher.hash("nobody's password")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=PATIENCE):
            raise Busy(attempts=1)
        try:
            yield
        finally:
            self._turns.release()
