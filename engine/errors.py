"""What the engine refuses, as data: a stable code, a place, and what the sentence needs.

Sentences in each language are made from code and `params` by `engine.messages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from formula.errors import FormulaProblem


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a record: `path` leads to it, as ("lines", 2, "quantity")."""

    code: str
    path: tuple[str | int, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)


class Red(Protocol):
    """A business test that failed."""

    @property
    def name(self) -> str: ...


class EngineError(Exception):
    """Anything the engine refuses; `code` is stable."""

    code = "engine_error"

    def __init__(self, sentence: str = "", **params: object) -> None:
        super().__init__(sentence or self.code)
        self.params = params


class RecordRefused(EngineError):
    """What cannot be done with a record, such as saving it; carries every error at once.

    `code` says what was asked for, where that was not to save it.
    """

    code = "record_refused"

    def __init__(self, errors: Sequence[FieldError], code: str = "") -> None:
        super().__init__(", ".join(error.code for error in errors))
        self.errors = tuple(errors)
        self.code = code or type(self).code


class NotFound(EngineError):
    """An entity or record that does not exist, or that the person may not see."""

    code = "not_found"


class Forbidden(EngineError):
    """Something the person may not do to what they can see."""

    code = "forbidden"


class VersionConflict(EngineError):
    """A record that somebody else saved meanwhile; carries its present version."""

    code = "version_conflict"

    def __init__(self, record: UUID, version: int) -> None:
        super().__init__(record=str(record), version=version)
        self.version = version


class QueryInvalid(EngineError):
    """A filter, sort, measure or path that cannot be used; carries the formula's problems."""

    code = "query_invalid"

    def __init__(self, problems: Sequence[FormulaProblem], *, where: str = "filter") -> None:
        super().__init__("; ".join(problem.message for problem in problems), where=where)
        self.problems = tuple(problems)


class CursorStale(EngineError):
    """A cursor of another filter, sort or revision, or one that was tampered with."""

    code = "cursor_stale"


class ModelChanged(EngineError):
    """The tenant was reshaped since this context was made: load the model and run again."""

    code = "model_changed"


class PublishRunning(EngineError):
    """Somebody else is publishing in this tenant; nothing was done."""

    code = "publish_running"


class Unavailable(EngineError):
    """The database does not answer; nothing was done."""

    code = "unavailable"


class Busy(EngineError):
    """Others held what was needed for too long; nothing was done, and it can be sent again."""

    code = "busy"


class StorageFull(EngineError):
    """The database has no room left to write in; nothing was done."""

    code = "storage_full"


class KeysClosed(EngineError):
    """Encrypted values whose tenant's keys are under another master key than is at hand."""

    code = "keys_closed"


class DataLoss(EngineError):
    """A change of the model that takes data out of reach, without an explicit yes to that."""

    code = "data_loss"


class PlanBlocked(EngineError):
    """A change of the model that the data there is stands against."""

    code = "plan_blocked"


class DraftChanged(EngineError):
    """A draft that was edited since it was looked at; carries its present version."""

    code = "draft_changed"


class OlderVersion(EngineError):
    """A version of a template that is older than the one that the tenant stands on."""

    code = "older_version"


class DraftExists(EngineError):
    """A name for a draft that another one has."""

    code = "draft_exists"


class DraftUndecided(EngineError):
    """A draft with changes that meet published ones, which somebody has to decide about."""

    code = "draft_undecided"


class NothingToUndo(EngineError):
    """A draft whose last edit cannot be taken back: there is none, or others published since."""

    code = "nothing_to_undo"


class ScenariosRed(EngineError):
    """A change of the model on which business tests fail; carries the results of those."""

    code = "scenarios_red"

    def __init__(self, results: Sequence[Red]) -> None:
        names = [each.name for each in results]
        super().__init__(", ".join(names), scenarios=names)
        self.results = tuple(results)


class Previewing(EngineError):
    """A change made while looking at a draft as if it were live: nothing is saved there."""

    code = "previewing"


@contextmanager
def refused_as(code: str) -> Iterator[None]:
    """Name what is refused inside by what was asked for, whatever it was that stood against it."""
    try:
        yield
    except RecordRefused as error:
        raise RecordRefused(error.errors, code) from error
