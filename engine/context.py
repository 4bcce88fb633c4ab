"""Who acts, when, and on which model: the first argument of everything that touches records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from engine.compiled import CompiledModel
from engine.once import Once
from formula.backends.contract import Moment
from metamodel.model import Model


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as the registry knows it; `database` names the server it is placed on."""

    name: str
    schema: str
    role: str
    database: str = "default"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the system itself, on whose behalf something is done.

    `user` is the id of the tenant's own user row (the system actor has one, too).
    `departments` are the ids of the person's department and all below it.
    `scopes` is what an API token narrows the person's rights to: `all`, `read`, or
    `entity:right`; None for a session.
    """

    user: UUID
    name: str
    roles: tuple[str, ...]
    department: UUID | None = None
    departments: tuple[UUID, ...] = ()
    teams: tuple[UUID, ...] = ()
    kind: Literal["person", "system"] = "person"
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a change is made: through which door, and by which import, job or conversion."""

    door: Literal["form", "api", "import", "job", "cli", "convert", "scenario", "publish"]
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """From where something is done: the address on the network, the program, the session.

    `session` is a public id of the session or the start of the API token, never its secret.
    """

    address: str = ""
    agent: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a use case may know about its surroundings; nothing is ambient.

    `once` is there where the same request may come again.
    """

    tenant: Tenant
    compiled: CompiledModel
    revision: int
    actor: Actor
    moment: Moment
    language: str = "en"
    cause: Cause = Cause("form")
    settings: Mapping[str, object] = field(default_factory=dict)
    once: Once | None = None
    origin: Origin = Origin()

    @property
    def model(self) -> Model:
        return self.compiled.model

    @property
    def now(self) -> datetime:
        return self.moment.now
