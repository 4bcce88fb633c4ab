"""Which tenants there are, and where each of them lives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from secrets import choice
from types import MappingProxyType
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Row, case, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from engine.audit.event import PersonEvent
from engine.audit.log import tell
from engine.connections import DEFAULT
from engine.context import Tenant
from engine.database import MOVING, Database
from engine.tenants.errors import NameInvalid, TenantExists, TenantUnknown
from engine.tenants.tables import tenant as table

State = Literal["making", "restoring", "live", "moving", "archived", "leaving"]

Place = Callable[[Connection], str]
"""Chooses the database of the next tenant, in the registry's transaction."""

RESERVED = frozenset(
    {"account", "admin", "api", "assets", "docs", "favicon", "feeds", "forms", "healthz", "hooks",
     "joinery", "login", "logout", "mail", "metrics", "new", "portal", "readyz", "robots",
     "sign_in", "sign_out", "sign-in", "sign-out", "static", "studio", "unsubscribe"}
)  # fmt: skip
"""Names that addresses of pages begin with, and that no tenant may have."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 40

# Letters and digits that nobody takes for one another.
_TAIL, _TAIL_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 7


@dataclass(frozen=True, slots=True)
class Subscription:
    """What was agreed about a tenant: a plan, seats for active people, a last day of writing."""

    plan: str = ""
    seats: int | None = None
    expires_on: date | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """A tenant as it stands in the registry; `leaving_at` is when it goes for good.

    Taken back until then it is again what it was `state_before`.
    """

    tenant: Tenant
    label: str
    language: str
    template: str
    state: State
    created_at: datetime
    template_version: str = ""
    subscription: Subscription = Subscription()
    leaving_at: datetime | None = None
    builtin: str = ""
    state_before: State = "live"

    @property
    def logo(self) -> str:
        """The digest of its logo, blank for none."""
        return self.tenant.logo


UNTOLD = frozenset({"builtin", "template_version", "logo"})
"""What is noted of a tenant when something is done that its own audit log tells of."""


NOTHING: Mapping[str, ColumnElement[Any]] = MappingProxyType({})


class TenantRegistry:
    """The list of tenants, kept in the installation's own schema."""

    def __init__(self, database: Database, place: Place = lambda _: DEFAULT) -> None:
        self._database = database
        self._place = place

    def get(self, name: str) -> TenantRecord:
        """Return a tenant by name; raise `TenantUnknown`."""
        with self._database.registry() as connection:
            row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
        if row is None:
            raise TenantUnknown(
                f"There is no tenant {name!r}. `joinery tenant list` shows those that exist.",
                tenant=name,
            )
        return _record(row)

    def all(self) -> tuple[TenantRecord, ...]:
        """Return every tenant, by name."""
        with self._database.registry() as connection:
            return tuple(_record(row) for row in connection.execute(select(table).order_by("name")))

    def behind(self, digest: str) -> tuple[TenantRecord, ...]:
        """Return the tenants whose own tables follow another version of the built-in layer."""
        statement = select(table).where(table.c.builtin != digest, table.c.state != "leaving")
        with self._database.registry() as connection:
            rows = connection.execute(statement.order_by("name"))
            return tuple(_record(row) for row in rows)

    def set_builtin(self, name: str, digest: str) -> None:
        """Note which version of the built-in layer a tenant's own tables follow."""
        self._change(name, {"builtin": digest})

    def set_template(self, name: str, version: str) -> None:
        """Note which version of its template a tenant runs on."""
        self._change(name, {"template_version": version})

    def set_logo(self, name: str, digest: str) -> None:
        """Note which logo is among a tenant's settings, blank for none."""
        self._change(name, {"logo": digest})

    def add(
        self,
        name: str,
        *,
        label: str,
        language: str,
        template: str,
        state: State = "making",
        database: str = "",
    ) -> TenantRecord:
        """Enter a new tenant, by default in the making; raise `TenantExists` or `NameInvalid`.

        It goes to the named database, else to the one that has most room.
        """
        require_name(name)
        schema = new_schema(name)
        values = {
            "name": name,
            "schema": schema,
            "role": f"jt_{schema}",
            "label": label or name,
            "language": language,
            "template": template,
            "state": state,
        }
        try:
            with self._database.registry() as connection:
                place = database or self._place(connection)
                row = connection.execute(
                    insert(table).values({**values, "database": place}).returning(table)
                ).one()
                _tell(connection, name, {**values, "database": place})
        except IntegrityError:
            raise TenantExists(
                f"There is a tenant {name!r} already: choose another name, or delete it "
                f"with `joinery tenant delete {name}`.",
                tenant=name,
            ) from None
        return _record(row)

    def set_state(
        self, name: str, state: State, *, leaving_at: datetime | None = None, quiet: bool = False
    ) -> None:
        """Note what becomes of a tenant, and when it goes where it is leaving.

        With `quiet` it is noted to be a copy, in which nothing writes to anybody outside.
        """
        told: dict[str, object] = {"state": state, "leaving_at": leaving_at}
        self._change(name, told | {"quiet": True} if quiet else told)

    def set_leaving(self, name: str, when: datetime) -> None:
        """Note that a tenant goes at a moment, and what it was before."""
        before = case((table.c.state == "leaving", table.c.state_before), else_=table.c.state)
        self._change(name, {"state": "leaving", "leaving_at": when}, noted={"state_before": before})

    def take_back(self, name: str) -> State:
        """Make a tenant that was leaving what it was before; return that."""
        was = self.get(name).state_before
        self._change(name, {"state": was, "leaving_at": None}, noted={"state_before": null()})
        return was

    def place(self, name: str, database: str) -> None:
        """Note that a tenant lives on another database now, and open it."""
        self._change(name, {"database": database, "state": "live"})

    def subscribe(self, name: str, agreed: Subscription) -> None:
        """Note what was agreed about a tenant."""
        self._change(
            name,
            {
                "plan": agreed.plan,
                "seats": agreed.seats,
                "expires_on": agreed.expires_on,
                "notes": agreed.notes,
            },
        )

    def rename(self, name: str, to: str) -> None:
        """Give a tenant another name; its schema and its role keep theirs."""
        require_name(to)
        try:
            self._change(name, {"name": to})
        except IntegrityError:
            raise TenantExists(f"There is a tenant {to!r} already.", tenant=to) from None

    def remove(self, name: str) -> None:
        """Strike a tenant out, with its memberships and tokens."""
        with self._database.registry() as connection:
            connection.execute(table.delete().where(table.c.name == name))
            _tell(connection, name, {"state": "gone"})

    def _change(
        self,
        name: str,
        values: Mapping[str, object],
        *,
        noted: Mapping[str, ColumnElement[Any]] = NOTHING,
    ) -> None:
        """Change a tenant's row and tell of it; what is `noted` beside is nobody's business."""
        changed = update(table).where(table.c.name == name).values({**values, **noted})
        with self._database.registry() as connection:
            done = connection.execute(changed)
            if not done.rowcount:
                raise TenantUnknown(f"There is no tenant {name!r}.", tenant=name)
            if UNTOLD.isdisjoint(values):
                _tell(connection, name, values)


def named_by_role(database: Database, role: str) -> str | None:
    """Return what the tenant of a role is called now; None where there is none."""
    with database.registry() as connection:
        found = select(table.c.name).where(table.c.role == role)
        return connection.execute(found).scalar_one_or_none()


def _tell(connection: Connection, name: str, values: Mapping[str, object]) -> None:
    """Tell the installation's audit log what became of a tenant."""
    tell(connection, PersonEvent("tenant_changed", tenant=name, detail=values))


def require_name(name: str) -> None:
    """Raise `NameInvalid` unless `name` can be a tenant's, in addresses as in PostgreSQL."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise NameInvalid(
            f"{name!r} cannot be a tenant's name: it starts with a letter from a to z and goes on "
            f"with such letters, digits and single hyphens or underscores, at most {_LONGEST}.",
            tenant=name,
        )
    if name in RESERVED:
        raise NameInvalid(
            f"{name!r} begins addresses of Joinery itself and cannot name a tenant.", tenant=name
        )


def new_schema(name: str) -> str:
    """Return the name of a schema that no tenant has had: people read its start, and it differs.

    A tenant's name may be given away and taken again; what lies on disk under it is never mixed.
    """
    tail = "".join(choice(_TAIL) for _ in range(_TAIL_LENGTH))
    return f"t_{name.replace('-', '_')}_{tail}"


def _record(row: Row[Any]) -> TenantRecord:
    frozen = MOVING if row.state == MOVING else ""
    place = Tenant(
        row.name, row.schema, row.role, row.database, frozen, row.seats, row.logo, row.quiet
    )
    return TenantRecord(
        tenant=place,
        label=row.label,
        language=row.language,
        template=row.template,
        state=cast(State, row.state),
        created_at=row.created_at,
        template_version=row.template_version,
        subscription=Subscription(row.plan, row.seats, row.expires_on, row.notes),
        leaving_at=row.leaving_at,
        builtin=row.builtin,
        state_before=cast(State, row.state_before or "live"),
    )
