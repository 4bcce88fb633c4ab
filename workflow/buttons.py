"""Buttons: what a person sets off on a record, at once, after being asked what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.access.listed import may_use
from engine.context import Context
from engine.database import Database
from engine.doors import Reader
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused, refused_as
from engine.records.formed import Stand, values_here
from engine.records.work import Work
from engine.requests import claim, settle
from metamodel.automation import Automation, Button
from metamodel.model import Entity
from metamodel.scripts import script_of_button
from workflow.errors import StepFailed, reasons_of
from workflow.inputs import read_inputs
from workflow.runner import Runner
from workflow.runs import Run, begin, keep


@dataclass(frozen=True, slots=True)
class Buttons:
    """The door to buttons, under the person's rights; what they do is the app's."""

    database: Database
    reader: Reader
    runner: Runner

    def offered(self, ctx: Context, entity: Entity, record: UUID) -> tuple[Button, ...]:
        """Return the buttons that a person may press on a record now."""
        allowed = [each for each in entity.buttons.values() if _may_press(ctx, entity, each)]
        conditions = [each for each in allowed if each.visible_when is not None]
        if not conditions:
            return tuple(allowed)
        formulas = [each.visible_when for each in conditions if each.visible_when is not None]
        key = ("buttons", entity.key, *(each.key for each in conditions))
        with self.database.reading(ctx) as connection:
            work = Work.begin(ctx, connection, self.runner.hands.policy)
            holds = values_here(work, Stand(entity.key, record), formulas, key)
        hidden = {each.key for each, seen in zip(conditions, holds, strict=True) if not seen}
        return tuple(each for each in allowed if each.key not in hidden)

    @refused_as("button_refused")
    def press(
        self, ctx: Context, entity: Entity, record: UUID, name: str, sent: Mapping[str, Any]
    ) -> Run:
        """Do what a button says on a record; return the run, which may go on later.

        Raises `NotFound` for a record or button that is not there for the person, `Forbidden`
        where it does not stand there now, `RecordRefused` for what was asked or refused. Any:
        JSON of every shape.
        """
        self.reader.get(ctx, entity.key, [record])
        button = next((one for one in entity.buttons.values() if name in (one.name, one.key)), None)
        if button is None or not _may_press(ctx, entity, button):
            raise NotFound(entity=entity.name, button=name)

        def unit(connection: Connection) -> Run:
            claim(ctx, connection)
            run = self._pressed(ctx, connection, entity, record, button, sent)
            settle(ctx, connection, run)
            return run

        return self.database.unit(ctx, unit)

    def _pressed(
        self, ctx: Context, connection: Connection, entity: Entity, record: UUID,
        button: Button, sent: Mapping[str, Any],
    ) -> Run:  # fmt: skip
        work = Work.begin(ctx, connection, self.runner.hands.policy)
        work.lock({(entity.key, record)})
        stand = Stand(entity.key, record)
        if button.visible_when is not None:
            key = ("button", entity.key, button.key)
            if not values_here(work, stand, [button.visible_when], key)[0]:
                raise Forbidden(action="press", entity=entity.name, button=button.name)
        given = read_inputs(work, self.runner.hands.policy, button.input, stand, sent)
        run = begin(ctx, script_of_button(entity, button.key), replace(stand, given=given))
        run = self._done(ctx, connection, run, button)
        others = [
            begin(replace(ctx, cause=replace(ctx.cause, chain=run.chain, run=run.root)),
                  each.key, replace(stand, given=given))
            for each in _waiting_for(ctx, entity, button)
        ]  # fmt: skip
        keep(connection, ctx, [run, *others])
        self.runner.hands.later(
            connection, [each for each in (run, *others) if each.state == "waiting"]
        )
        return run

    def _done(self, ctx: Context, connection: Connection, run: Run, button: Button) -> Run:
        try:
            return self.runner.go_on(ctx, connection, run)
        except StepFailed as error:
            params = {"button": button.label or button.name, **error.params}
            refused = FieldError("button_failed", (), params)
            raise RecordRefused([refused, *reasons_of(error)]) from error


def _may_press(ctx: Context, entity: Entity, button: Button) -> bool:
    if button.roles and not set(ctx.actor.roles).intersection(button.roles):
        return False
    return may_use(ctx, entity, "buttons", button.key)


def _waiting_for(ctx: Context, entity: Entity, button: Button) -> Iterator[Automation]:
    """Yield the automations that a button sets off."""
    for each in ctx.model.automations.values():
        trigger = each.trigger
        here = trigger.on == "button" and trigger.entity == entity.key
        if each.active and here and trigger.button in (button.name, button.key):
            yield each
