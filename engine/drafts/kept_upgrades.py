"""Upgrades that somebody has to decide about, kept as drafts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.drafts.draft import Draft, add_draft, begun, drafts_in, drop_draft
from engine.schema.revisions import Document
from metamodel.threeway import Question


@dataclass(frozen=True, slots=True)
class KeptUpgrades:
    """Begins drafts that stand on other documents than what serves."""

    database: Database

    def keep(
        self,
        ctx: Context,
        *,
        name: str,
        title: str,
        layer: str,
        below: tuple[Document, ...],
        questions: tuple[Question, ...],
    ) -> tuple[Question, ...]:
        """Begin the draft of that name, which is to stand on `below`; return its questions.

        One over the same documents that somebody worked on stays as it is.
        """
        draft = replace(begun(ctx, name, title, layer), below=below, questions=questions)

        def put(connection: Connection) -> Draft:
            kept = next((each for each in drafts_in(connection, ctx) if each.name == name), None)
            if kept is not None and kept.below == below and kept.version > draft.version:
                return kept
            if kept is not None:
                drop_draft(connection, ctx, name)
            return add_draft(connection, ctx, draft)

        return self.database.unit(ctx, put).questions
