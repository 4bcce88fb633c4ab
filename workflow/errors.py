"""What may go wrong with what the app does by itself."""

from __future__ import annotations

from engine.errors import EngineError, FieldError, Forbidden, RecordRefused
from metamodel.label import Label


class StepFailed(EngineError):
    """A step that could not be done; `step` names it, the error that it met is the cause."""

    code = "step_failed"


class NobodyFits(EngineError):
    """A step gives a record to somebody, and nobody is of the kind that it asks for."""

    code = "nobody_fits"


class WordsWrong(EngineError):
    """A text that somebody wrote into a record, with a gap that means nothing."""

    code = "words_wrong"


class TooMany(EngineError):
    """A step for each member of a collection that has more than can be gone through."""

    code = "members_too_many"


class SeenEnough(Forbidden):
    """Another record of a pool, for somebody who has looked at as many as a day allows."""

    code = "seen_enough"


def reasons_of(error: StepFailed) -> tuple[FieldError, ...]:
    """Return what a step met: refusals one by one, anything else by its code."""
    cause = error.__cause__
    if isinstance(cause, RecordRefused):
        return cause.errors
    return (FieldError(cause.code, (), cause.params),) if isinstance(cause, EngineError) else ()


def reason(error: StepFailed, step: str) -> dict[str, object]:
    """Return what is kept of an error: codes, where, and what the app says, never values."""
    cause = error.__cause__
    found: dict[str, object] = {"code": error.code, "step": step}
    if isinstance(cause, RecordRefused):
        found["refused"] = [_kept(each) for each in cause.errors]
    if isinstance(cause, EngineError):
        found["code"] = cause.code
    return found


def _kept(error: FieldError) -> dict[str, object]:
    """Return a refusal with the app's own texts, by language: a rule's sentence, a stage's name."""
    words = {key: dict(each.texts) for key, each in error.params.items() if isinstance(each, Label)}
    kept: dict[str, object] = {"code": error.code, "path": [str(part) for part in error.path]}
    return {**kept, "words": words} if words else kept
