"""What may go wrong with messages."""

from __future__ import annotations

from engine.errors import EngineError


class NotCarried(EngineError):
    """A message that its carrier could not hand over now; it is tried again."""

    code = "message_not_carried"


class Unreachable(EngineError):
    """An address that will never take a message; `said` is what its server answered."""

    code = "message_unreachable"
