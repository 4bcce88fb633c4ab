"""What may go wrong with what the app does by itself."""

from __future__ import annotations

from engine.errors import EngineError


class StepFailed(EngineError):
    """A step that could not be done; `step` names it, the error that it met is the cause."""

    code = "step_failed"


class NobodyFits(EngineError):
    """A step gives a record to somebody, and nobody is of the kind that it asks for."""

    code = "nobody_fits"
