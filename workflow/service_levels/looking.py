"""Looks at the clocks of some records, whatever is wrong with one of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from workflow.service_levels.keeping import put_off
from workflow.service_levels.timekeeper import Timekeeper

AGAIN_AFTER = timedelta(hours=1)
"""How long the clocks of a record wait that cannot be written; whoever mends it ends the wait."""

NOTHING: Mapping[UUID, datetime] = {}

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looker:
    """Lets the clocks of records go on, each part in a transaction."""

    database: Database
    timekeeper: Timekeeper

    def look_at(
        self, ctx: Context, entity: str, ids: Sequence[UUID],
        since: Mapping[UUID, datetime] = NOTHING,
    ) -> None:  # fmt: skip
        """Let the clocks of records go on, together, or one by one where that cannot be.

        One that breaks a rule of the app, an older version of which let it be, or that breaks
        something else, waits by itself.
        """

        def unit(connection: Connection) -> None:
            self.timekeeper.look_again(ctx, connection, entity, ids, since)

        try:
            self.database.unit(ctx, unit)
        except Exception as error:
            if len(ids) > 1:
                for each in ids:
                    self.look_at(ctx, entity, [each], since)
                return
            said = getattr(error, "code", "") or type(error).__name__
            _LOG.warning("The clocks of %s wait in %s: %s", ids[0], ctx.tenant.name, said)
            again = ctx.now + AGAIN_AFTER
            self.database.unit(ctx, lambda on: put_off(on, ctx, entity, ids[0], again))
