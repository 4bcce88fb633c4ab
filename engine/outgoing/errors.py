"""Why a call to another machine is not made, or came to nothing."""

from __future__ import annotations

from engine.errors import EngineError


class OutgoingRefused(EngineError):
    """A call that may not be made; `address` is what was asked for, without its query."""

    code = "outgoing_refused"


class OutgoingFailed(EngineError):
    """A call that was made and brought nothing that can be used; its words say why."""

    code = "outgoing_failed"
