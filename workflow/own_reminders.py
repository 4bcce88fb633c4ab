"""Reminding people by rules of their own: so many days before a date of records that are theirs.

Rules are a preference of the person. Once a day, from the morning on, each is asked as that
person: nobody is reminded of what they may not read, and of nothing that is over. What is told,
what is mailed, and that this day was looked at are one transaction: no day is told of twice, and
those on which no worker ran are made up for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.doors import Reader
from engine.notices.preferences import REMINDERS
from engine.notices.tables import PREFERENCE, columns_of
from engine.notices.telling import News, tell
from engine.query.parse import parse_filter, parse_path
from engine.query.spec import ListQuery
from engine.query.titles import titles_of
from engine.values.identity import new_id
from engine.walking import in_each, one_by_one
from metamodel.model import Entity, Field, Model
from workflow.messages.outbox import Outbox, Wanted
from workflow.messages.writing import is_address

OWN_REMINDERS = "reminders.own"

COUNTER = "sys_counter"

HOUR = 8
"""The hour of the app's day from which people are reminded."""

MADE_UP = 7
"""Days on which nobody looked, at most, that are made up for."""

MOST = 100
"""Records that one rule reminds of on one day."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """So many `days` before a date of one's own records; with `mail` by e-mail, too."""

    entity: Entity
    field: Field
    days: int
    mail: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A record of somebody, and its date that comes near."""

    rule: Rule
    record: UUID
    on: date


@dataclass(frozen=True, slots=True)
class OwnReminders:
    """Reminds the people of every tenant by their own rules; a `jobs.Recurring`.

    `person` returns the context of somebody by their row of `user`, None for one who may not
    come in any more, and `address` where they are written to. `dated` writes a day as they read
    it; `site` is where people find this installation, blank where nobody said.
    """

    database: Database
    reader: Reader
    policy: Policy
    outbox: Outbox
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]
    person: Callable[[str, UUID], Context | None]
    address: Callable[[Context], str]
    dated: Callable[[Context, date], str]
    site: str = ""

    @property
    def cron(self) -> str:
        """When it is looked whether the day was told of."""
        return "*/10 * * * *"

    def tick(self, at: datetime) -> None:
        """Remind in each tenant; one that cannot be reached keeps nobody else waiting."""
        in_each(self.tenants(), self.system, self.remind, (_LOG, "Nobody was reminded"))

    def remind(self, ctx: Context) -> None:
        """Remind the people of one tenant, each once a day."""
        local = ctx.now.astimezone(ZoneInfo(ctx.model.app.timezone))
        if ctx.tenant.frozen or local.hour < HOUR:
            return

        def look(ruled: tuple[UUID, object]) -> None:
            own = self.person(ctx.tenant.name, ruled[0])
            if own is not None:
                self._person(ctx, own, rules_of(ctx.model, ruled[1]), local.date())

        told = (_LOG, f"Somebody was not reminded in {ctx.tenant.name}")
        one_by_one(self._ruled(ctx).items(), lambda ruled: str(ruled[0]), look, told)

    def _ruled(self, ctx: Context) -> Mapping[UUID, object]:
        """Return the rules of all who have some, as they are kept."""
        _, column = columns_of(ctx, PREFERENCE)
        statement = select(column["person"], column["value"]).where(column["name"] == REMINDERS)
        with self.database.reading(ctx) as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def _person(self, ctx: Context, own: Context, rules: Sequence[Rule], today: date) -> None:
        last = self._last(ctx, own.actor.user)
        since = today.toordinal() - 1 if last is None else max(last, today.toordinal() - MADE_UP)
        if since >= today.toordinal():
            return
        coming = [
            each
            for rule in rules
            for each in self._coming(own, rule, date.fromordinal(since), today)
        ]

        def unit(connection: Connection) -> None:
            if _moved_on(ctx, connection, own.actor.user, today.toordinal()):
                self._tell(ctx, connection, own, coming)

        self.database.unit(ctx, unit)

    def _last(self, ctx: Context, person: UUID) -> int | None:
        """Return the day up to which somebody was reminded, None where they never were."""
        _, column = columns_of(ctx, COUNTER)
        mine = (column["name"] == OWN_REMINDERS, column["period"] == str(person))
        with self.database.reading(ctx) as connection:
            found = connection.execute(select(column["value"]).where(*mine)).scalar_one_or_none()
        return None if found is None else int(found)

    def _coming(self, own: Context, rule: Rule, since: date, today: date) -> Iterator[Coming]:
        """Yield the person's records whose date has come as near as a rule says, since a day."""
        entity, name = rule.entity, rule.field.name
        first, final = (
            date.fromordinal(day.toordinal() + rule.days).isoformat() for day in (since, today)
        )
        readable = self.policy.readable(own, entity.key)
        if rule.field.key not in readable:
            return
        wanted = f'owner == user.id and {name} > DATE("{first}") and {name} <= DATE("{final}")'
        for stage in {each.field_key for each in entity.pipelines.values()} & set(readable):
            wanted += f" and ISBLANK({entity.fields[stage].name}.ends)"
        query = ListQuery(
            entity.key, filter=parse_filter(own, entity.key, wanted),
            paths=(parse_path(own, entity.key, name),), limit=MOST,
        )  # fmt: skip
        for row in self.reader.find(own, query).rows:
            on = row.values.get(name)
            if isinstance(on, date):
                yield Coming(rule, row.id, on)

    def _tell(
        self, ctx: Context, connection: Connection, own: Context, coming: Sequence[Coming]
    ) -> None:
        for each in coming:
            words = {"field": each.rule.field.key, "on": each.on.isoformat()}
            news = News("due", each.rule.entity.key, each.record, words)
            tell(ctx, connection, [own.actor.user], news)
        mailed = [each for each in coming if each.rule.mail]
        address = self.address(own) if mailed else ""
        if is_address(address):
            lines = [self._line(connection, own, each) for each in mailed]
            more = f" (+{len(lines) - 1})" if len(lines) > 1 else ""
            told = [
                "\n".join(filter(None, (line, self._link(own, each))))
                for line, each in zip(lines, mailed, strict=True)
            ]
            said = Wanted("email", address, lines[0] + more, "\n\n".join(told), own.language)
            self.outbox.put(ctx, connection, said)

    def _line(self, connection: Connection, own: Context, coming: Coming) -> str:
        """Return what is written of a record: what it is called, and which date comes."""
        rule, language = coming.rule, own.language
        entity = rule.entity
        titles = titles_of(own, self.policy, connection, entity.key, [coming.record])
        title = titles[coming.record].title if coming.record in titles else ""
        kind = entity.label.text(language) or entity.name
        field = rule.field.label.text(language) or rule.field.name
        return f"{kind} {title} · {field} {self.dated(own, coming.on)}"

    def _link(self, own: Context, coming: Coming) -> str:
        """Return where a record is found, "" where nobody said where the site is."""
        if not self.site:
            return ""
        return f"{self.site}/{own.tenant.name}/records/{coming.rule.entity.name}/{coming.record}"


def rules_of(model: Model, kept: object) -> tuple[Rule, ...]:
    """Return the rules of a preference that the app still has the fields for."""
    rules: Any = kept.get("rules") if isinstance(kept, dict) else None  # Any: JSON of every shape
    found = []
    for each in rules if isinstance(rules, list) else ():
        key, _, of = str(each.get("what", "")).partition(".")
        entity = model.entities.get(key)
        field = entity.fields.get(of) if entity is not None else None
        if entity is not None and field is not None and may_remind(entity, field):
            found.append(Rule(entity, field, int(each["days"]), each.get("mail") is True))
    return tuple(found)


def may_remind(entity: Entity, field: Field) -> bool:
    """Return whether somebody may be reminded of a date of their own records."""
    there = not (entity.system or entity.retired or field.retired) and entity.owned
    return there and field.type == "date"


def _moved_on(ctx: Context, connection: Connection, person: UUID, day: int) -> bool:
    """Note that somebody is reminded up to a day; return False where that was done already."""
    table, column = columns_of(ctx, COUNTER)
    row = {"id": new_id(ctx.now), "name": OWN_REMINDERS, "period": str(person), "value": day}
    value = column["value"]
    statement = insert(table).values({column[key].name: each for key, each in row.items()})
    moved = statement.on_conflict_do_update(
        index_elements=[column["name"], column["period"]],
        set_={value.name: day},
        where=value < day,
    ).returning(column["id"])
    return connection.execute(moved).one_or_none() is not None
