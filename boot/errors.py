"""What keeps Joinery from starting or a command from being done, as a sentence."""

from __future__ import annotations


class BootError(Exception):
    """Something refused outside the engine; the message says what to do. Exit status 1."""


class WouldLoseData(Exception):  # noqa: N818 - it is an answer, not a fault
    """A change that would put values out of reach and was not agreed to. Exit status 2."""
