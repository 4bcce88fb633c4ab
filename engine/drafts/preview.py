"""A draft as if it were live, for its author alone: its model, over the records that are there.

Nothing of it is seen by anybody else and nothing can be written through it. Stored values that
would be computed anew are computed when they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from engine.compiled import CompiledModel
from engine.context import Context
from engine.database import PREVIEW, Database
from engine.drafts.service import Drafts
from engine.errors import Forbidden
from engine.schema.derived import Place, followers, restated
from engine.schema.previews import KEPT, await_preview, drop_previews, has_preview, make_preview
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.values.graph import is_computed
from metamodel.dump import dump
from metamodel.model import Model
from metamodel.problems import DefinitionInvalid


class Previews:
    """Makes, enters and leaves previews of drafts."""

    def __init__(self, database: Database, store: ModelStore, drafts: Drafts) -> None:
        self._database = database
        self._store = store
        self._drafts = drafts

    def enter(self, ctx: Context, name: str) -> Context:
        """Return the context in which the draft's author looks at it as if it were live.

        Raises `NotFound`, `Forbidden` for whom it is not, `DefinitionInvalid` where the draft
        has no model.
        """
        draft = self._drafts.open(ctx, name)
        if draft.author != ctx.actor.user:
            raise Forbidden
        documents = self._drafts.documents(ctx, draft)
        compiled = self._compiled(ctx, documents)
        schema = _schema(ctx, documents)
        with self._database.reading(ctx) as connection:
            there = has_preview(connection, schema)
        if not there:
            self._make(ctx, schema, compiled, name)
        return replace(
            ctx,
            tenant=replace(ctx.tenant, schema=schema, frozen=PREVIEW),
            compiled=compiled,
        )

    def leave(self, ctx: Context, name: str) -> None:
        """Take what was made to look at a draft away."""
        with self._database.owner(ctx.tenant) as connection:
            drop_previews(connection, ctx.tenant, of=name)

    def _make(self, ctx: Context, schema: str, compiled: CompiledModel, name: str) -> None:
        told = f"{ctx.now.isoformat()} {name}"
        with self._database.owner(ctx.tenant) as connection:
            if not await_preview(connection, schema):
                return
            drop_previews(connection, ctx.tenant, before=ctx.now - KEPT)
            drop_previews(connection, ctx.tenant, of=name)
            make_preview(connection, ctx.tenant, schema, (ctx.compiled, compiled), told)

    def _compiled(self, ctx: Context, documents: Sequence[Document]) -> CompiledModel:
        """Return the draft's model, with what nobody has computed yet computed when it is read."""
        plain = self._store.compiled(documents, passing=True)
        changed = restated(ctx.compiled, plain) | converted(ctx.compiled.model, plain.model)
        stale = frozenset(
            (entity, key)
            for entity, key in followers(plain.graph, changed)
            if is_computed(plain.model.entities[entity].fields[key])
        )
        while stale:
            layer = Document("preview", dump(_unstored(plain, stale)))
            try:
                return self._store.compiled((*documents, layer), passing=True)
            except DefinitionInvalid as error:
                # What must be stored, as something unique, is shown as empty.
                refused = {each.place.path for each in error.problems}
                left = frozenset(each for each in stale if not _is_of(plain, each, refused))
                stale = left if left != stale else frozenset()
        return plain


def converted(old: Model, new: Model) -> frozenset[Place]:
    """Return the fields whose values stand in another column than they do now."""
    return frozenset(
        (key, each.key)
        for key, entity in new.entities.items()
        if key in old.entities
        for each in entity.fields.values()
        if each.column
        and (former := old.entities[key].fields.get(each.key)) is not None
        and former.column not in ("", each.column)
    )


def _unstored(compiled: CompiledModel, places: frozenset[Place]) -> dict[str, object]:
    entities: dict[str, dict[str, object]] = {}
    for key, field in sorted(places):
        entity = compiled.model.entities[key]
        fields = entities.setdefault(entity.name, {})
        fields[entity.fields[field].name] = {"stored": False}
    return {"entities": {name: {"fields": fields} for name, fields in entities.items()}}


def _is_of(compiled: CompiledModel, place: Place, paths: set[tuple[str, ...]]) -> bool:
    entity = compiled.model.entities[place[0]]
    path = ("entities", entity.name, "fields", entity.fields[place[1]].name)
    return any(each[:4] == path for each in paths)


def _schema(ctx: Context, documents: Sequence[Document]) -> str:
    """Return the name of the schema that holds exactly this preview."""
    said = "\0".join((ctx.tenant.schema, str(ctx.revision), *(each.digest for each in documents)))
    return f"p_{blake2b(said.encode(), digest_size=16, person=b'preview').hexdigest()}"
