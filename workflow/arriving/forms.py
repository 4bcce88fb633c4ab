"""Public forms: filled in by anybody, each answer a record, as many as the form allows."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from secrets import token_urlsafe
from time import sleep
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Cause, Context, Origin
from engine.database import Database
from engine.errors import Busy, EngineError, FieldError, NotFound, RecordRefused
from engine.notices.tables import columns_of
from engine.once import Answer, KeyRunning, Once, Repeated
from engine.records.formed import Stand, values_here, values_of
from engine.records.work import Work
from engine.requests import claim, settle
from engine.sealing import MasterKey, Unsealable
from engine.values.identity import new_id
from engine.values.wire import plain
from metamodel.model import Field
from metamodel.outward import UNASKED, PublicForm
from workflow.arriving.asking import asked_about, form_named
from workflow.arriving.beginning import active, set_off
from workflow.runner import Runner

COUNTER = "sys_counter"

SOONEST = 2
"""Seconds that a person takes to fill a form in, at least."""

WAITS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds for which an answer waits for the same one that is being taken, each time anew."""

LATEST = 24 * 3600
"""Seconds for which a form that was opened can be sent."""

PURPOSE = "public form"


class FormTooOften(EngineError):
    """An address that sent a form more often than it may within an hour."""

    code = "form_too_often"


class FormStale(EngineError):
    """A form that was sent at once, or opened too long ago: by a program, or to be sent again."""

    code = "form_stale"


@dataclass(frozen=True, slots=True)
class Opened:
    """A form as it stands open: on which model, what it asks, and about which record.

    What a form asks about a record is `answered` once.
    """

    ctx: Context
    form: PublicForm
    fields: tuple[Field, ...]
    about: UUID | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class PublicForms:
    """The door for answers to public forms; `system` makes the context of a tenant by name.

    What comes within `soonest` seconds after a form was opened was filled in by a program.
    """

    database: Database
    runner: Runner
    key: MasterKey
    system: Callable[[str], Context]
    soonest: float = SOONEST

    def open(self, tenant: str, name: str, origin: Origin, link: str = "") -> Opened:
        """Return a form; raise `NotFound` where there is none, or it is closed.

        `link` is what the address of a form about a record ends with.
        """
        ctx = replace(self.system(tenant), cause=Cause("form", f"form {name}"), origin=origin)
        form = form_named(ctx.model, name)
        if form is None or ctx.tenant.frozen:
            raise NotFound(form=name)
        fields = ctx.model.entities[form.entity].fields
        asked = (fields[each.field] for each in form.fields)
        opened = Opened(ctx, form, tuple(each for each in asked if each.type not in UNASKED))
        if not form.about:
            return opened
        about = asked_about(self.key, ctx, form, link)
        with self.database.reading(ctx) as connection:
            return replace(opened, about=about, answered=_is_answered(ctx, connection, form, about))

    def ticket(self, opened: Opened) -> str:
        """Return what a form brings back: when it was opened, sealed."""
        said = [opened.form.key, opened.ctx.now.timestamp(), token_urlsafe(12)]
        sealed = self.key.seal(json.dumps(said).encode(), purpose=self._purpose(opened))
        return urlsafe_b64encode(sealed).decode()

    def answer(self, opened: Opened, ticket: str, values: Mapping[str, Any]) -> UUID | None:
        """Make a record of an answer, once for each ticket; None where it was made before.

        Raises `RecordRefused` with all that is wrong, `FormStale` or `FormTooOften`. Any: JSON
        of every shape.
        """
        mark = self._read(opened, ticket)
        if opened.about is not None:
            # Two tabs are one answer.
            mark = f"about {opened.about}"
        asked = {each.name for each in opened.fields}
        unknown = [FieldError("unknown_field", (name,)) for name in values if name not in asked]
        missing = [FieldError("required", (name,)) for name in _missing(opened, values)]
        if unknown or missing:
            raise RecordRefused([*unknown, *missing])
        self._count(opened)
        once = Once(mark, f"form {opened.form.key}", "", _kept)
        ctx = replace(opened.ctx, once=once)
        for wait in WAITS:
            try:
                return self.database.unit(ctx, lambda at: self._make(ctx, at, opened, values))
            except Repeated:
                return None
            except KeyRunning:
                # Pressed twice: whoever waits for the second answer is told what became of both.
                sleep(wait)
        raise Busy

    def _make(
        self, ctx: Context, connection: Connection, opened: Opened, values: Mapping[str, Any]
    ) -> UUID:
        claim(ctx, connection)
        inside, form = replace(ctx, once=None), opened.form
        writer = self.runner.hands.writing(connection)
        payload = {**values, **self._set(inside, connection, opened)}
        (id_,) = writer.create(inside, form.entity, [payload]).ids[:1]
        for each in active(ctx, "form"):
            if each.trigger.form == form.name:
                set_off(inside, connection, self.runner, each, [Stand(form.entity, id_)])
        settle(ctx, connection, str(id_))
        return id_

    def _set(self, ctx: Context, connection: Connection, opened: Opened) -> Mapping[str, object]:
        """Return what the form sets besides, as it is entered."""
        form, about = opened.form, opened.about
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        fields, formulas = ctx.model.entities[form.entity].fields, list(form.values.values())
        named = ("form", form.key)
        if about is None:
            found = values_here(work, Stand(form.entity), formulas, named)
        else:
            link = fields[form.about].link
            stand = Stand(link.to[0] if link is not None else "", about)
            found = values_of(work, stand, [about], formulas, named).get(about, ())
        given = {
            fields[key].name: plain(tuple(value) if isinstance(value, list) else value)
            for key, value in zip(form.values, found, strict=True)
        }
        return given if about is None else {**given, fields[form.about].name: str(about)}

    def _count(self, opened: Opened) -> None:
        """Count an answer of this address within this hour, or raise `FormTooOften`.

        The address is not kept, only what it comes to under a key.
        """
        ctx, form = opened.ctx, opened.form
        secret = self.key.derive(self._purpose(opened))
        who = blake2b(ctx.origin.address.encode(), digest_size=12, key=secret).hexdigest()
        table, column = columns_of(ctx, COUNTER)
        name, hour = f"form {form.key}", ctx.now.strftime("%Y-%m-%dT%H")
        row = {"id": new_id(ctx.now), "name": name, "period": f"{hour} {who}", "value": 1}
        statement = insert(table).values({column[key].name: value for key, value in row.items()})
        value = column["value"]

        def unit(connection: Connection) -> int:
            connection.execute(delete(table).where(column["name"] == name, column["period"] < hour))
            counted = statement.on_conflict_do_update(
                index_elements=[column["name"], column["period"]],
                set_={value.name: value + 1},
            )
            return int(connection.execute(counted.returning(value)).scalar_one())

        if form.hourly and self.database.unit(ctx, unit) > form.hourly:
            raise FormTooOften(most=form.hourly)

    def _read(self, opened: Opened, ticket: str) -> str:
        """Return by what an answer is known; raise `FormStale` for what was not opened lately."""
        try:
            sealed = urlsafe_b64decode(ticket)
            said = json.loads(self.key.open(sealed, purpose=self._purpose(opened)))
            form, at, mark = said
        except (Unsealable, ValueError):
            raise FormStale from None
        age = opened.ctx.now.timestamp() - at
        # Who was sent a link is a person, however quick.
        soonest = self.soonest if opened.about is None else 0
        if form != opened.form.key or not soonest <= age <= LATEST:
            raise FormStale
        return str(mark)

    def _purpose(self, opened: Opened) -> str:
        return f"{PURPOSE} {opened.ctx.tenant.schema}"


def _is_answered(ctx: Context, connection: Connection, form: PublicForm, about: UUID) -> bool:
    """Return whether a form was answered about a record; raise `NotFound` for one that is gone."""
    field = ctx.model.entities[form.entity].fields[form.about]
    link, tables = field.link, ctx.compiled.tables
    asked = tables.of(link.to[0]) if link is not None else None
    if asked is None:
        raise NotFound(form=form.name)
    there = select(asked.c.id).where(asked.c.id == about, asked.c.sys_trashed_at.is_(None))
    if connection.execute(there).one_or_none() is None:
        raise NotFound(form=form.name)
    answers = tables.of(form.entity)
    given = select(answers.c.id).where(answers.c[field.column] == about)
    return connection.execute(given.limit(1)).one_or_none() is not None


def _missing(opened: Opened, values: Mapping[str, Any]) -> list[str]:
    fields = opened.ctx.model.entities[opened.form.entity].fields
    asked = {each.key for each in opened.fields}
    needed = [fields[each.field].name for each in opened.form.fields
              if each.required and each.field in asked]  # fmt: skip
    return [name for name in needed if values.get(name) in (None, "", [])]


def _kept(connection: Connection, done: object) -> Answer:
    return Answer(201, json.dumps(done))
