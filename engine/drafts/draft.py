"""Drafts as rows of the tenant's own tables: a layer in the making, and what is undecided in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Row, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.context import Context
from engine.errors import DraftExists, NotFound
from engine.schema.revisions import Document
from engine.values.identity import new_id
from metamodel.dump import dump
from metamodel.source import read_source
from metamodel.threeway import Answer, Kind, Question

ENTITY = "sys_draft"

REMEMBERED = 30
"""Most edits of a draft that can be taken back."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody prepares: the tenant's own layer as it is to be, over revision `over`.

    `version` counts its edits; `questions` are changes of others that meet those here;
    `earlier` are the layers before its last edits, the newest last. `below` are the documents
    that an upgrade is to stand on; without any it stands on what the tenant does.
    """

    name: str
    title: str
    author: UUID | None
    author_name: str
    layer: str
    over: int
    version: int
    created_at: datetime
    at: datetime
    questions: tuple[Question, ...] = ()
    earlier: tuple[str, ...] = ()
    below: tuple[Document, ...] = ()

    @property
    def undoable(self) -> bool:
        """Whether the last edit can be taken back."""
        return bool(self.earlier)

    def edited(self, layer: str, at: datetime) -> Draft:
        """Return the draft with another layer, the one before it remembered."""
        if layer == self.layer:
            return self
        earlier = (*self.earlier, self.layer)[-REMEMBERED:]
        return replace(self, layer=layer, earlier=earlier, at=at)


def begun(ctx: Context, name: str, title: str, layer: str) -> Draft:
    """Return a new draft of somebody's, over what serves now."""
    return Draft(
        name=name,
        title=title,
        author=ctx.actor.user,
        author_name=ctx.actor.name,
        layer=layer,
        over=ctx.revision,
        version=1,
        created_at=ctx.now,
        at=ctx.now,
    )


def drafts_in(connection: Connection, ctx: Context) -> tuple[Draft, ...]:
    """Return every draft of the tenant, the one changed last first."""
    table = _table(ctx)
    rows = connection.execute(select(table).order_by(table.c["at"].desc(), table.c["name"]))
    return tuple(_draft(row) for row in rows)


def read_draft(connection: Connection, ctx: Context, name: str) -> Draft:
    """Return one draft; raise `NotFound` where there is none."""
    _require_name(name)
    statement = select(_table(ctx)).where(_table(ctx).c["name"] == name)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(draft=name)
    return _draft(row)


def add_draft(connection: Connection, ctx: Context, draft: Draft) -> Draft:
    """Keep a new draft; raise `DraftExists` where its name is taken."""
    try:
        with connection.begin_nested():
            connection.execute(insert(_table(ctx)), {"id": new_id(ctx.now), **_values(draft)})
    except IntegrityError as error:
        raise DraftExists(name=draft.name) from error
    return draft


def keep_draft(ctx: Context, before: Draft, draft: Draft, connection: Connection) -> Draft | None:
    """Keep a changed draft as its next version; None where somebody else changed it since."""
    table, kept = _table(ctx), replace(draft, version=before.version + 1)
    is_same = (table.c["name"] == before.name) & (table.c["version"] == before.version)
    done = connection.execute(update(table).where(is_same).values(_values(kept)))
    return kept if done.rowcount else None


def touch_draft(connection: Connection, ctx: Context, name: str, title: str | None = None) -> None:
    """Make a draft of the person's own the one touched last, under another title where given."""
    _require_name(name)
    table = _table(ctx)
    theirs = (table.c["name"] == name) & (table.c["author"] == ctx.actor.user)
    values = {"at": ctx.now, "version": table.c["version"] + 1}
    if title is not None:
        values["title"] = title
    if not connection.execute(update(table).where(theirs).values(values)).rowcount:
        raise NotFound(draft=name)


def drop_draft(connection: Connection, ctx: Context, name: str) -> None:
    """Take a draft away; raise `NotFound` where there is none."""
    _require_name(name)
    if not connection.execute(delete(_table(ctx)).where(_table(ctx).c["name"] == name)).rowcount:
        raise NotFound(draft=name)


def drop_published(connection: Connection, ctx: Context, draft: Draft) -> None:
    """Take a draft away that was published; one that was edited meanwhile stays."""
    table = _table(ctx)
    is_same = (table.c["name"] == draft.name) & (table.c["version"] == draft.version)
    connection.execute(delete(table).where(is_same))


def questions_text(questions: Sequence[Question]) -> str:
    """Return questions as text, every value as the metadata writes it."""
    facts = [
        {
            "path": list(each.path),
            "kind": each.kind,
            "base": each.base,
            "theirs": each.theirs,
            "ours": each.ours,
            "proposal": each.proposal,
        }
        for each in questions
    ]
    return dump({"questions": facts}) if facts else ""


def questions_of(text: str) -> tuple[Question, ...]:
    """Return the questions that a text holds."""
    found = read_source(text, "questions").document.get("questions")
    return tuple(
        Question(
            tuple(str(name) for name in cast("Sequence[object]", each["path"])),
            cast("Kind", each["kind"]),
            each.get("base"),
            each.get("theirs"),
            each.get("ours"),
            cast("Answer", each["proposal"]),
        )
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, Mapping)
    )


def _require_name(name: str) -> None:
    """Raise `NotFound` for a name that no text in the database can be."""
    if "\0" in name:
        raise NotFound(draft=name)


def _table(ctx: Context) -> Table:
    return ctx.compiled.tables.of(ENTITY)


def _values(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name,
        "title": draft.title,
        "author": draft.author,
        "author_name": draft.author_name,
        "layer": draft.layer,
        "below": [[each.name, each.text] for each in draft.below],
        "over": draft.over,
        "version": draft.version,
        "questions": questions_text(draft.questions),
        "earlier": list(draft.earlier),
        "created_at": draft.created_at,
        "at": draft.at,
    }


def _draft(row: Row[Any]) -> Draft:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row by its columns' names
    return Draft(
        name=values["name"],
        title=values["title"] or "",
        author=values["author"],
        author_name=values["author_name"] or "",
        layer=values["layer"] or "",
        over=int(values["over"]),
        version=int(values["version"]),
        created_at=values["created_at"],
        at=values["at"],
        questions=questions_of(values["questions"] or ""),
        earlier=tuple(values["earlier"] or ()),
        below=tuple(Document(*each) for each in values["below"] or ()),
    )
