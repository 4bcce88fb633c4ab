"""Upgrades that somebody has to look at or decide about, kept as drafts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.drafts.draft import Draft, add_draft, begun, drafts_in, drop_draft
from engine.schema.revisions import Document
from metamodel.threeway import Question

BEGINS = "upgrade_"
"""How the names of such drafts begin."""


@dataclass(frozen=True, slots=True)
class KeptUpgrade:
    """Which upgrade a draft is: of the app itself, or of the `pack` of that name, to `version`."""

    pack: str
    version: str
    title: str

    @property
    def name(self) -> str:
        """What the draft is called."""
        return f"{self._begins}{self.version.replace('.', '_')}"

    @property
    def _begins(self) -> str:
        return f"{BEGINS}{self.pack}_" if self.pack else BEGINS

    def is_of(self, draft: Draft) -> bool:
        """Return whether a draft is an upgrade of the same thing, to whatever version."""
        rest = draft.name.removeprefix(self._begins)
        is_version = bool(rest) and rest[0].isdecimal()
        return bool(draft.below) and draft.name.startswith(self._begins) and is_version


@dataclass(frozen=True, slots=True)
class KeptUpgrades:
    """Begins drafts that stand on other documents than what serves."""

    database: Database

    def keep(
        self,
        ctx: Context,
        upgrade: KeptUpgrade,
        layer: str,
        *,
        below: tuple[Document, ...],
        questions: tuple[Question, ...],
    ) -> tuple[str, tuple[Question, ...]]:
        """Begin the draft of an upgrade, which is to stand on `below`.

        Returns its name and its questions. One over the same documents that somebody worked on
        stays as it is; those to other versions give way to it.
        """
        draft = replace(begun(ctx, upgrade.name, upgrade.title, layer), below=below)
        draft = replace(draft, questions=questions)

        def put(connection: Connection) -> Draft:
            for kept in filter(upgrade.is_of, drafts_in(connection, ctx)):
                worked_on = kept.below == below and kept.version > draft.version
                if worked_on and kept.name == draft.name:
                    return kept
                drop_draft(connection, ctx, kept.name)
            return add_draft(connection, ctx, draft)

        done = self.database.unit(ctx, put)
        return done.name, done.questions
