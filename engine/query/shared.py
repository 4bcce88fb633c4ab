"""Records shared with the person acting, as an array that is read once for a statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    DateTime,
    Select,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy import Text as TextColumn

from engine.compiled import CompiledModel
from engine.context import Context
from engine.values.sending import Request, send, sentence

SHARES = "sys_share"

Given = tuple[str, str]
"""What a statement asks of shares: the key of an entity, and the right."""


def shared_ids(
    compiled: CompiledModel,
    entity: str,
    grantees: ColumnElement[Any],
    now: ColumnElement[Any],
    *,
    writes: bool,
) -> ColumnElement[Any]:
    """Return the ids of an entity's records shared with any of `grantees`, and not ended.

    An array beside the statement, and not a sub-query of each row, so that indexes serve it.
    """
    table = compiled.tables.of(SHARES)
    names = {key: each.column for key, each in compiled.model.entities[SHARES].fields.items()}
    until = table.c[names["until"]]
    wanted = [
        table.c[names["grantee"]] == func.any(grantees),
        table.c[names["entity"]] == literal(entity, TextColumn()),
        or_(until.is_(None), until > now),
    ]
    if writes:
        wanted.append(table.c[names["writes"]])
    statement = select(table.c[names["record"]]).where(*wanted).correlate(None)
    return func.array(statement.scalar_subquery(), type_=ARRAY(Uuid()))


def shared_bind(entity: str, right: str) -> str:
    """Return the name of the bind that carries what is shared with the person acting."""
    return f"shared__{entity}__{right}"


def shared_values(
    connection: Connection, ctx: Context, asked: Sequence[Given]
) -> dict[str, object]:
    """Return the values of the binds of shares, read now, as texts of arrays.

    PostgreSQL plans a long list best where it knows it: it looks values up by their hash, and
    finds rows by an index where few are shared.
    """
    if not asked:
        return {}

    def make() -> Select[Any]:
        grantees = cast(bindparam("user__grantees", type_=ARRAY(Uuid())), ARRAY(Uuid()))
        now = bindparam("now", type_=DateTime(timezone=True))
        texts: list[ColumnElement[Any]] = [
            cast(
                shared_ids(ctx.compiled, entity, grantees, now, writes=right == "write"),
                TextColumn(),
            ).label(f"s{place}")
            for place, (entity, right) in enumerate(asked)
        ]
        found: Select[Any] = select(*texts)
        return found

    request = Request(sentence(connection, ctx, ("shared", *asked), make), ({},))
    [row] = send(connection, ctx, request)
    return {shared_bind(*each): row[place] for place, each in enumerate(asked)}
