"""What people of a scenario do beside writing records, through the same doors as everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select

from engine.context import Context
from engine.database import Database
from engine.doors import Reader
from engine.errors import FieldError, NotFound, RecordRefused
from engine.notices.tables import NOTICE, columns_of
from engine.scenarios.player import Deed
from metamodel.model import Model
from metamodel.scripts import LEVEL
from workflow.approvals.keeping import Case
from workflow.approvals.service import ActName, Approvals
from workflow.approvals.service import Deed as Decision
from workflow.buttons import Buttons
from workflow.messages.message import MESSAGE
from workflow.pools.service import Pools
from workflow.runner import Runner


@dataclass(frozen=True, slots=True)
class Playing:
    """Presses buttons, decides on approvals, claims from pools; a `scenarios.player.Deeds`."""

    database: Database
    reader: Reader
    runner: Runner

    def do(self, ctx: Context, deed: Deed) -> None:
        """Do it as the acting person; raise what it is refused by."""
        match deed.act:
            case "press":
                entity = ctx.model.entities[deed.entity]
                buttons = Buttons(self.database, self.reader, self.runner)
                buttons.press(ctx, entity, deed.record, deed.name, deed.values)
            case "decide":
                self._decide(ctx, deed)
            case "claim":
                self._claim(ctx, deed)
            case act:
                raise NotFound(act=act)

    def _claim(self, ctx: Context, deed: Deed) -> None:
        pools = Pools(self.database, self.reader, self.runner.hands)
        done = pools.claim(ctx, pools.pool(ctx, deed.name), [deed.record])
        if done.missed:
            raise RecordRefused([FieldError(why, ("ids",)) for why in done.missed.values()])

    def approvals(self, ctx: Context, entity: str, record: UUID) -> Mapping[str, str]:
        """Return the states of a record's approvals by name, of each the last."""
        cases = self._approvals.of_record(ctx, ctx.model.entities[entity], record)
        return {
            ctx.model.approvals[each.approval].name: each.course.state for each in reversed(cases)
        }

    def told(self, ctx: Context, whom: UUID | str, since: datetime) -> Sequence[str]:
        """Return what told a person, or an address outside, after a moment: names, sorted."""
        by: Any  # Any: a column, or what stands inside of one
        if isinstance(whom, UUID):
            table, column = columns_of(ctx, NOTICE)
            words, field = column["words"], "person"
            by = func.coalesce(words["automation"].astext, words["pool"].astext)
        else:
            table, column = columns_of(ctx, MESSAGE)
            by, field = column["automation"], "address"
        mine = (column[field] == whom, column["at"] > since, by.is_not(None))
        with self.database.reading(ctx) as connection:
            scripts = connection.execute(select(by).select_from(table).where(*mine)).scalars()
            return sorted(_name(ctx.model, script) for script in scripts)

    @property
    def _approvals(self) -> Approvals:
        return Approvals(self.database, self.reader, self.runner)

    def _decide(self, ctx: Context, deed: Deed) -> None:
        entity = ctx.model.entities[deed.entity]
        if deed.answer == "submit":
            changes: Mapping[str, Any] | None = dict(deed.values) or None
            self._approvals.submit(ctx, entity, deed.record, deed.name, changes)
            return
        case = self._case(ctx, deed)
        given = dict(deed.values)
        comment = str(given.pop("comment", "played" if deed.answer == "comment" else ""))
        act = cast("ActName", deed.answer)
        self._approvals.act(ctx, case.id, Decision(act, comment, input=given))

    def _case(self, ctx: Context, deed: Deed) -> Case:
        """Return the last approval of the kind that a step decides on."""
        entity = ctx.model.entities[deed.entity]
        for case in self._approvals.of_record(ctx, entity, deed.record):
            if deed.name in (case.approval, ctx.model.approvals[case.approval].name):
                return case
        raise NotFound(entity=entity.name, approval=deed.name)


def _name(model: Model, script: str) -> str:
    """Return the name of the automation, service level or pool that steps belong to."""
    kind, _, rest = script.partition(":")
    if kind == LEVEL and rest:
        return model.service_levels[rest.partition(":")[0]].name
    found = model.automations.get(script) or model.pools.get(script)
    return found.name if found is not None else script
