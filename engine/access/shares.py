"""Records shared with people, departments, teams and roles, for a time or for good (A-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from engine.access.grants import SHARE
from engine.access.policy import Policy
from engine.access.tracked import live_among, require_live
from engine.audit.event import Auditing, Event
from engine.context import Context, role_id
from engine.database import Database
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused
from engine.notices.telling import News, tell
from engine.query.shared import SHARES
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from engine.requests import claim, settle
from engine.values.identity import new_ids
from engine.values.refusals import Refused, bounded_text
from metamodel.model import Entity

Kind = Literal["person", "department", "team", "role"]

Right = Literal["read", "write"]

ENTITIES: Mapping[Kind, str] = {"person": "user", "department": "department", "team": "team"}
"""Whose records those are that something is shared with; a role has only a name."""

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Gift:
    """What is given: to whom (an id, or the name of a role), which right, and until when.

    A day means its end in the tenant's zone; None means for good.
    """

    kind: Kind
    whom: UUID | str
    right: Right = "read"
    until: datetime | date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A record's share: `whom` is the person, department or team, None for a `role`.

    `ended` ones count no more, and are shown so that they can be given again.
    """

    id: UUID
    kind: Kind
    whom: LinkValue | None
    role: str
    right: Right
    until: datetime | None
    by: LinkValue | None
    at: datetime
    note: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What became of many records: those `done`, and the codes of what refused the others.

    `made` are the shares that were not there before.
    """

    done: tuple[UUID, ...]
    refused: Mapping[UUID, str]
    made: tuple[UUID, ...] = ()


class Shares:
    """Gives and takes shares of records; whoever may update a record by a role may do so."""

    def __init__(self, database: Database, policy: Policy, audit: Auditing) -> None:
        self._database = database
        self._policy = policy
        self._audit = audit

    def share(self, ctx: Context, entity: str, record: UUID, gift: Gift) -> Share:
        """Share a record; what was given to the same before is replaced.

        Raises `NotFound` for a record that is not there for the person, `Forbidden` for one
        that they may not share, `RecordRefused` for whom or until when is wrong.
        """
        kind = _shared(ctx, entity)

        def unit(connection: Connection) -> Share:
            claim(ctx, connection)
            require_live(ctx, self._policy, connection, (kind, record), SHARE)
            given, whom = self._given(ctx, connection, kind, gift)
            [(id_, _)] = self._put(ctx, connection, [record], given)
            told = _event("shared", given, record, whom)
            self._audit.within(connection, ctx, [told])
            made = next(each for each in self._of(ctx, connection, kind, record) if each.id == id_)
            if gift.kind == "person":
                words = {"right": gift.right, "note": given["note"] or ""}
                tell(ctx, connection, [given["grantee"]], News("shared", kind.key, record, words))
            settle(ctx, connection, made)
            return made

        return self._database.unit(ctx, unit)

    def share_many(
        self, ctx: Context, entity: str, records: Sequence[UUID], gift: Gift,
        *, rehearsed: bool = False,
    ) -> Given:  # fmt: skip
        """Share those of many records that the person may share; `rehearsed`: none is.

        Whom they are given to is told once. Raises `RecordRefused` for whom or until when.
        """
        kind = _shared(ctx, entity)

        def unit(connection: Connection) -> Given:
            claim(ctx, connection)
            given, whom = self._given(ctx, connection, kind, gift)
            readable, allowed = live_among(ctx, self._policy, connection, (kind, records), SHARE)
            done = tuple(each for each in records if each in allowed)
            refused = {
                each: "forbidden" if each in readable else "not_found"
                for each in records
                if each not in allowed
            }
            if rehearsed or not done:
                found = Given(done, refused)
            else:
                made = self._put(ctx, connection, done, given)
                events = [_event("shared", given, each, whom) for each in done]
                self._audit.within(connection, ctx, events)
                self._tell_many(ctx, connection, kind, given, len(done))
                found = Given(done, refused, tuple(id_ for id_, fresh in made if fresh))
            settle(ctx, connection, found)
            return found

        return self._database.unit(ctx, unit)

    def unshare_many(self, ctx: Context, entity: str, shares: Sequence[UUID]) -> int:
        """Take back shares that the person gave themselves; return how many there were."""
        kind = _shared(ctx, entity)
        table, column = _table(ctx)

        def unit(connection: Connection) -> int:
            own = (table.c.id.in_(shares), column["entity"] == kind.key,
                   column["by"] == ctx.actor.user)  # fmt: skip
            rows = connection.execute(delete(table).where(*own).returning(table)).mappings().all()
            gone = [{key: row[each.name] for key, each in column.items()} for row in rows]
            events = [_event("unshared", each, each["record"], None) for each in gone]
            self._audit.within(connection, ctx, events)
            return len(gone)

        return self._database.unit(ctx, unit)

    def unshare(self, ctx: Context, entity: str, record: UUID, share: UUID) -> None:
        """Take a share back: who may share the record may, and who gave it.

        Raises `NotFound` for a record or share that is not there, `Forbidden` for another's.
        """
        kind = _shared(ctx, entity)
        table, column = _table(ctx)

        def unit(connection: Connection) -> None:
            require_live(ctx, self._policy, connection, (kind, record), "read")
            at = (table.c.id == share, column["entity"] == kind.key, column["record"] == record)
            found = connection.execute(select(table).where(*at)).mappings().one_or_none()
            if found is None:
                raise NotFound(entity=kind.name, id=str(share))
            if found[column["by"].name] != ctx.actor.user and not self.may_share(
                ctx, connection, kind, record
            ):
                raise Forbidden(action=SHARE, entity=kind.name, id=str(record))
            connection.execute(delete(table).where(*at))
            before = {key: found[each.name] for key, each in column.items()}
            self._audit.within(connection, ctx, [_event("unshared", before, record, None)])

        self._database.unit(ctx, unit)

    def shares_of(self, ctx: Context, entity: str, record: UUID) -> tuple[Share, ...]:
        """Return a record's shares, the latest first; raise `NotFound` for one not readable."""
        kind = _shared(ctx, entity)
        with self._database.reading(ctx) as connection:
            require_live(ctx, self._policy, connection, (kind, record), "read")
            return self._of(ctx, connection, kind, record)

    def may_share(self, ctx: Context, connection: Connection, entity: Entity, record: UUID) -> bool:
        """Return whether the person may share a record, seen by this transaction."""
        return bool(
            self._policy.permitted(ctx, connection, [record], entity=entity.key, action=SHARE)
        )

    def _given(
        self, ctx: Context, connection: Connection, kind: Entity, gift: Gift
    ) -> tuple[dict[str, Any], str]:
        """Return what is kept of a gift beside its record, and what its taker is called."""
        until, note = _checked(ctx, gift)
        grantee, whom = self._whom(ctx, connection, gift)
        given = {
            "entity": kind.key, "kind": gift.kind, "grantee": grantee,
            "role": str(gift.whom) if gift.kind == "role" else None,
            "writes": gift.right == "write", "until": until,
            "by": ctx.actor.user, "at": ctx.now, "note": note or None,
        }  # fmt: skip
        return given, whom

    def _put(
        self, ctx: Context, connection: Connection, records: Sequence[UUID],
        given: Mapping[str, object],
    ) -> list[tuple[UUID, bool]]:  # fmt: skip
        """Keep a share of each record; return their ids, and whether there was none before."""
        table, column = _table(ctx)
        named = {column[key].name: value for key, value in given.items()}
        once = [column[key] for key in ("entity", "record", "kind", "grantee")]
        rows = [
            {"id": id_, column["record"].name: record, **named}
            for id_, record in zip(new_ids(ctx.now, len(records)), records, strict=True)
        ]
        kept = {name: value for name, value in named.items()
                if name not in {each.name for each in once}}  # fmt: skip
        statement = insert(table).values(rows)
        statement = statement.on_conflict_do_update(index_elements=once, set_=kept)
        # PostgreSQL writes nobody's number into a row that was not there before.
        fresh: ColumnElement[bool] = literal_column("xmax = 0")
        return [
            (row[0], row[1]) for row in connection.execute(statement.returning(table.c.id, fresh))
        ]

    def _tell_many(
        self, ctx: Context, connection: Connection, kind: Entity, given: Mapping[str, Any],
        count: int,
    ) -> None:  # fmt: skip
        if given["kind"] != "person":
            return
        words = {
            "entity": kind.key, "count": count, "note": given["note"] or "",
            "url": f"/{ctx.tenant.name}/records/{kind.name}",
        }  # fmt: skip
        tell(ctx, connection, [given["grantee"]], News("shared", words=words))

    def _whom(self, ctx: Context, connection: Connection, gift: Gift) -> tuple[UUID, str]:
        """Return the id under which a share is found, and what whom it is given to is called."""
        if gift.kind == "person" and gift.whom == ctx.actor.user:
            # What somebody reaches by standing in, or as an owner, ends with that.
            raise RecordRefused([FieldError("share_with_oneself", ("whom",))])
        if gift.kind == "role":
            role = ctx.model.roles.get(str(gift.whom))
            if role is None:
                known = sorted(ctx.model.roles)
                wrong = {"value": str(gift.whom), "known": known}
                raise RecordRefused([FieldError("unknown_role", ("whom",), wrong)])
            return role_id(role.name), role.name
        entity = ENTITIES[gift.kind]
        table = ctx.compiled.tables.of(entity)
        live = select(table.c.id).where(table.c.id == gift.whom, table.c.sys_trashed_at.is_(None))
        found = connection.execute(live).scalar()
        if found is None:
            wrong = {"value": str(gift.whom)}
            raise RecordRefused([FieldError("link_missing", ("whom",), wrong)])
        title = titles_of(ctx, self._policy, connection, entity, [found]).get(found)
        return found, (title.title if title else None) or str(found)

    def _of(
        self, ctx: Context, connection: Connection, entity: Entity, record: UUID
    ) -> tuple[Share, ...]:
        table, column = _table(ctx)
        named = [table.c.id, *(each.label(key) for key, each in column.items() if key != "id")]
        rows = connection.execute(
            select(*named)
            .where(column["entity"] == entity.key, column["record"] == record)
            .order_by(column["at"].desc(), table.c.id.desc())
        ).all()
        titles = self._titles(ctx, connection, rows)
        return tuple(
            Share(
                row.id, row.kind, titles.get(row.grantee), row.role or "",
                "write" if row.writes else "read", row.until, titles.get(row.by), row.at,
                row.note or "", row.until is not None and row.until <= ctx.now,
            )
            for row in rows
        )  # fmt: skip

    def _titles(
        self, ctx: Context, connection: Connection, rows: Sequence[Any]
    ) -> dict[UUID, LinkValue]:
        """Return what people, departments and teams are called, by id. Any: rows."""
        wanted: dict[str, set[UUID]] = {"user": {row.by for row in rows if row.by}}
        for row in rows:
            if row.kind != "role":
                wanted.setdefault(ENTITIES[row.kind], set()).add(row.grantee)
        found: dict[UUID, LinkValue] = {}
        for entity, ids in wanted.items():
            found |= titles_of(ctx, self._policy, connection, entity, ids)
        return found


def _shared(ctx: Context, entity: str) -> Entity:
    """Return an entity whose records can be shared: one that has owners."""
    kind = ctx.model.entities.get(entity)
    if kind is None or kind.retired or not kind.owned or kind.child_of is not None:
        raise NotFound(entity=entity)
    return kind


def _checked(ctx: Context, gift: Gift) -> tuple[datetime | None, str]:
    """Return the moment from which a share counts no more, and its note; refuse what is wrong."""
    wrong: list[FieldError] = []
    note = ""
    try:
        note = bounded_text(gift.note, LONGEST_NOTE)
    except Refused as refused:
        wrong.append(FieldError(refused.code, ("note",), refused.params))
    until = gift.until
    if until is not None and not isinstance(until, datetime):
        until = datetime.combine(until + timedelta(1), time(), ZoneInfo(ctx.moment.zone))
    if until is not None and until <= ctx.now:
        wrong.append(FieldError("in_the_past", ("until",), {"value": str(gift.until)}))
    if wrong:
        raise RecordRefused(wrong)
    return until, note


def _event(
    kind: Literal["shared", "unshared"], given: Mapping[str, Any], record: UUID, whom: str | None
) -> Event:
    """Return what the audit log is told of a share."""
    told = {
        "kind": given["kind"],
        "grantee": str(given["grantee"]),
        "right": "write" if given["writes"] else "read",
        "until": None if given["until"] is None else given["until"].isoformat(),
    }
    told |= {} if whom is None else {"whom": whom}
    before, after = ({}, told) if kind == "shared" else (told, {})
    return Event(kind, given["entity"], record, before, after)


def _table(ctx: Context) -> tuple[Any, dict[str, Any]]:
    """Return the table of shares, and its columns by field key. Any: SQLAlchemy's columns."""
    table = ctx.compiled.tables.of(SHARES)
    fields = ctx.model.entities[SHARES].fields
    return table, {key: table.c[each.column] for key, each in fields.items() if key != "id"}
