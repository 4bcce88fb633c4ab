"""Several drafts of one person: begun, named, and the one chosen that is worked on."""

from __future__ import annotations

from dataclasses import dataclass

from engine.access.grants import require_everything
from engine.context import Context
from engine.database import Database
from engine.drafts.draft import Draft, drafts_in, touch_draft
from engine.errors import FieldError, RecordRefused
from engine.values.refusals import remark


@dataclass(frozen=True, slots=True)
class OwnDrafts:
    """A person's own drafts; the one that they touched last is the one they work on."""

    database: Database

    def list(self, ctx: Context) -> tuple[Draft, ...]:
        """Return the person's drafts as they were left, the one worked on first."""
        require_everything(ctx)
        with self.database.reading(ctx) as connection:
            return tuple(
                each for each in drafts_in(connection, ctx) if each.author == ctx.actor.user
            )

    def take_up(self, ctx: Context, name: str) -> None:
        """Make a draft the one worked on; raises `NotFound` where it is not theirs."""
        require_everything(ctx)
        self.database.unit(ctx, lambda connection: touch_draft(connection, ctx, name))

    def entitle(self, ctx: Context, name: str, title: str) -> None:
        """Call a draft something else, and work on it.

        Raises `NotFound` where it is not theirs, `RecordRefused` for a title that says nothing.
        """
        require_everything(ctx)
        said = remark("title", title).strip()
        if not said:
            raise RecordRefused([FieldError("required", ("title",))])
        self.database.unit(ctx, lambda connection: touch_draft(connection, ctx, name, said))
