"""Who acts, when, and on which model: the first argument of everything that touches records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, Protocol
from uuid import UUID, uuid5

from sqlalchemy import Connection

from engine.compiled import CompiledModel
from engine.errors import KeysClosed
from engine.once import Once
from engine.vault.ring import Ring
from formula.backends.contract import Moment
from metamodel.model import Model


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as the registry knows it; `database` names the server it is placed on.

    `frozen` says why nobody may change it now, blank where people may; `seats` is how many
    active people it may have, None for any number; `logo` is the digest of its logo, if any. A
    `quiet` one writes to nobody outside, as a copy does until somebody lets it.
    """

    name: str
    schema: str
    role: str
    database: str = "default"
    frozen: str = ""
    seats: int | None = None
    logo: str = field(default="", compare=False)
    quiet: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the system itself, on whose behalf something is done.

    `user` is the id of the tenant's own user row (the system actor has one, too).
    `roles` are the person's own and those of the `position`, whose `level` is known, too.
    `represents` are the people whose deputy the person is today. `teams`, `homes` (departments),
    `departments` (those and all below them) and `above` (those and all above them) are those of
    the person and of everybody represented. `managers` is the chain of superiors, nearest first.
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
    represents: tuple[UUID, ...] = ()
    homes: tuple[UUID, ...] = ()
    above: tuple[UUID, ...] = ()
    position: UUID | None = None
    level: int | None = None
    manager: UUID | None = None
    managers: tuple[UUID, ...] = ()

    @property
    def acting_for(self) -> tuple[UUID, ...]:
        """The person and everybody represented."""
        return (self.user, *self.represents)

    @property
    def home_departments(self) -> tuple[UUID, ...]:
        """The departments of the person and of everybody represented."""
        return self.homes or ((self.department,) if self.department is not None else ())

    @property
    def grantees(self) -> tuple[UUID, ...]:
        """All that a record may be shared with to reach the person."""
        departments = self.above or self.home_departments
        roles = (role_id(role) for role in self.roles)
        return (*self.acting_for, *departments, *self.teams, *roles)


@lru_cache(maxsize=1024)
def role_id(role: str) -> UUID:
    """Return the id under which a role is shared with, the same everywhere."""
    return uuid5(_ROLES, role)


_ROLES = UUID("6a1f7e58-6f0c-5d0b-9c55-0f3c1d2b7a10")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a change is made: through which door, and by which import, job or conversion.

    Of an automation, `chain` are the keys of those that led to it, itself the last, and `run`
    is the run that began the chain. Where many runs act together, `roots` are those that began
    the chains of some records, by id.
    """

    door: Literal[
        "form",
        "api",
        "import",
        "job",
        "cli",
        "convert",
        "scenario",
        "publish",
        "handover",
        "automation",
        "pool",
        "clock",
    ]
    reference: str = ""
    chain: tuple[str, ...] = ()
    run: UUID | None = None
    roots: Mapping[UUID, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where something is done: the address on the network, the program, the session.

    `session` is a public id of the session or the start of the API token, never its secret.
    """

    address: str = ""
    agent: str = ""
    session: str = ""


class Rings(Protocol):
    """Gives out the keys that a tenant's encrypted values are under."""

    def ring(self, tenant: Tenant, connection: Connection | None = None) -> Ring:
        """Return a tenant's keys as they are now, read on `connection` where there is one."""
        ...


@dataclass(frozen=True, slots=True)
class NoRings:
    """Where nothing encrypted is read or written: whoever asks for keys is refused."""

    def ring(self, tenant: Tenant, connection: Connection | None = None) -> Ring:
        """Raise `KeysClosed`."""
        raise KeysClosed(tenant=tenant.name)


NOWHERE = Origin()
"""Where commands, jobs and the system itself act from."""


NO_RINGS = NoRings()


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a use case may know about its surroundings; nothing is ambient.

    `once` is there where the same request may come again; `rings` gives out the keys of
    encrypted values. With `pool`, the key of a public pool, its records are looked at through
    its door: those that nobody has, with its masks, and no others of that kind.
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
    origin: Origin = NOWHERE
    rings: Rings = field(default=NO_RINGS, repr=False, compare=False)
    pool: str = ""

    @property
    def model(self) -> Model:
        return self.compiled.model

    @property
    def now(self) -> datetime:
        return self.moment.now
