"""Whom a step means: people, teams and departments as formulas give them, and roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Text, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.context import Actor, Context
from engine.records.work import IDS
from engine.tenants.people import actor_of, actor_sentence
from engine.values.sending import Request, send
from formula.typed import Typed
from formula.types import ListType, RecordType
from workflow.doing import Here

MOST = 1000
"""People that one step tells."""


def recipients(
    here: Here, to: Typed | None, roles: Sequence[str], name: str = "to"
) -> list[tuple[Actor, str]]:
    """Return the active people that a step means, each once, with the language they chose.

    `name` is what the formula is called in the step.
    """
    with_roles = people_with(here, roles) if roles else ()
    ids = list(dict.fromkeys([*_given(here, to, name), *with_roles]))
    found = ((person_of(here, each), language_of(here, each)) for each in ids[:MOST])
    return [(actor, language) for actor, language in found if actor is not None]


def person_of(here: Here, user: UUID) -> Actor | None:
    """Return somebody as their rights are now; None for whoever does not work here any more."""
    return person_at(here.ctx, here.connection, user)


def person_at(ctx: Context, connection: Connection, user: UUID) -> Actor | None:
    """Return somebody as their rights are now, outside of any step."""
    asked = Request(actor_sentence(ctx.compiled), ({"who": user},))
    return actor_of(user, send(connection, ctx, asked))


def language_of(here: Here, user: UUID) -> str:
    """Return the language that somebody chose, else the first one of the app."""
    rows = _of_people(here, "language", [user])
    chosen = rows[0][0] if rows else None
    return chosen or here.ctx.model.app.languages[0]


def contact_of(here: Here, user: UUID, field: str) -> str:
    """Return how somebody is reached: what stands in a field of theirs, or nothing."""
    rows = _of_people(here, field, [user])
    return str(rows[0][0] or "") if rows else ""


def people_with(here: Here, roles: Sequence[str]) -> list[UUID]:
    """Return active people who hold one of the roles, by themselves or by their position."""

    def make() -> Any:  # Any: a statement
        compiled = here.ctx.compiled
        user, position = compiled.tables.of("user"), compiled.tables.of("position")
        fields, theirs = (here.ctx.model.entities[key].fields for key in ("user", "position"))
        wanted = bindparam("roles", type_=ARRAY(Text()))
        held = user.c[fields["position"].column] == position.c.id
        return (
            select(user.c.id)
            .select_from(user.outerjoin(position, held & position.c.sys_trashed_at.is_(None)))
            .where(
                user.c[fields["active"].column].is_(True),
                user.c.sys_trashed_at.is_(None),
                or_(
                    user.c[fields["roles"].column].op("&&")(wanted),
                    position.c[theirs["roles"].column].op("&&")(wanted),
                ),
            )
            .order_by(user.c.id)
        )

    rows = here.fresh().run(("people with",), make, roles=list(roles))
    return [row[0] for row in rows]


def _given(here: Here, to: Typed | None, name: str) -> Iterator[UUID]:
    """Yield the people whom a formula gives, those of teams and departments one by one."""
    value = None if to is None else here.value(to, name)
    kind = to.type if to is not None else None
    if isinstance(kind, ListType):
        kind = kind.item
    ids = value if isinstance(value, list | tuple) else [value]
    known = [each for each in ids if isinstance(each, UUID)]
    targets = kind.entities if isinstance(kind, RecordType) else ()
    for target in targets or ("user",):
        match target:
            case "team":
                yield from _members(here, known)
            case "department":
                yield from _in_departments(here, known)
            case _:
                yield from known


def _members(here: Here, teams: Sequence[UUID]) -> Iterable[UUID]:
    def make() -> Any:  # Any: a statement
        table = here.ctx.compiled.tables.of("team_member")
        fields = here.ctx.model.entities["team_member"].fields
        return select(table.c[fields["member"].column]).where(
            table.c[fields["team"].column] == any_(IDS), table.c.sys_trashed_at.is_(None)
        )

    return (row[0] for row in here.fresh().run(("members of teams",), make, ids=list(teams)))


def _in_departments(here: Here, departments: Sequence[UUID]) -> Iterable[UUID]:
    def make() -> Any:  # Any: a statement
        table = here.ctx.compiled.tables.of("user")
        fields = here.ctx.model.entities["user"].fields
        return select(table.c.id).where(
            table.c[fields["department"].column] == any_(IDS), table.c.sys_trashed_at.is_(None)
        )

    rows = here.fresh().run(("people in departments",), make, ids=list(departments))
    return (row[0] for row in rows)


def _of_people(here: Here, field: str, people: Sequence[UUID]) -> Sequence[Any]:
    def make() -> Any:  # Any: a statement
        table = here.ctx.compiled.tables.of("user")
        column = here.ctx.model.entities["user"].fields[field].column
        return select(table.c[column]).where(table.c.id == any_(IDS))

    return here.fresh().run(("people's", field), make, ids=list(people))
