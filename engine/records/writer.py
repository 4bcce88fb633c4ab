"""The one door to writing: implements `engine.doors.Writer`, each use case one unit of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.changes import Change
from engine.context import Context
from engine.doors import Bulk, BulkResult, Edit, Payload
from engine.errors import FieldError, NotFound, RecordRefused
from engine.records.bulk import MOST_ITEMS, MOST_WITHIN, Again, BulkWrite, in_parts, joined
from engine.records.convert import convert_drafts
from engine.records.draft import Draft
from engine.records.entering import all_lines, enter_change, enter_new, existing
from engine.records.formed import Setting, changed_drafts
from engine.records.held import Held, Units
from engine.records.hooks import Hooks
from engine.records.numbers import Counts, Numbers, counted
from engine.records.plans import plan_of
from engine.records.save import Build, Saved, Start, save
from engine.records.setwise.bulk import SETWISE_FROM, batch_of
from engine.records.setwise.fitting import NotSetwise
from engine.records.setwise.setting import set_many
from engine.records.trash import restore_drafts, trash_drafts
from engine.records.upwards import start_changes, start_creation
from engine.records.work import Place, Work
from engine.requests import claim, settle
from engine.values.payload import load_payload
from metamodel.model import Entity

Keep = Callable[[Connection, Change | None], object]
"""Runs at the end of a unit and returns what it did; without a change nothing was written."""


class Records:
    """Writes records of any tenant, under the person's rights and the app's rules."""

    def __init__(
        self,
        database: Units,
        policy: Policy,
        hooks: Sequence[Hooks] = (),
        *,
        setwise_from: int = SETWISE_FROM,
        numbers: Numbers | None = None,
        most: int = MOST_ITEMS,
    ) -> None:
        self._database = database
        self._setwise_from = setwise_from
        self._policy = policy
        self._hooks = tuple(hooks)
        self._numbers = numbers or Numbers(database)
        self._most = most

    def is_watched(self, ctx: Context, entity: str) -> bool:
        """Return whether each change of an entity is shown to somebody before it is done."""
        return any(hook.watches(ctx, entity) for hook in self._hooks)

    def within(
        self, connection: Connection, *, rehearsed: bool = False, whole: bool = False
    ) -> Records:
        """Return the same door inside a unit that is open already.

        Where that is `rehearsed` and taken back at the end, so are the numbers it takes; any
        other takes them beforehand, so that nobody waits for it. A `whole` one is begun again
        where a write must be, which saves each write a way back of its own.
        """
        held = Held(connection, whole)
        return Records(
            held,
            self._policy,
            self._hooks,
            setwise_from=self._setwise_from,
            numbers=None if rehearsed else self._numbers,
            most=MOST_WITHIN,
        )

    def create(self, ctx: Context, entity: str, payloads: Sequence[Payload]) -> Change:
        """Create records with their lines; `Change.ids` begins with theirs, in order."""
        kind = _live(ctx, entity)
        loaded = [load_payload(ctx.compiled, kind, payload) for payload in payloads]
        many = len(loaded) > 1

        def build(work: Work) -> list[Draft]:
            return [
                draft
                for index, each in enumerate(loaded)
                for draft in enter_new(work, kind, each, (index,) if many else ())
            ]

        start = partial(start_creation, entity=kind, payloads=loaded)
        return self._save(ctx, build, counted(ctx, kind, loaded), start=start).change

    def update(self, ctx: Context, entity: str, edits: Sequence[Edit]) -> Change:
        """Change what the edits name and nothing else."""
        kind = _live(ctx, entity)
        loaded = [load_payload(ctx.compiled, kind, edit.values) for edit in edits]
        many = len(loaded) > 1

        def build(work: Work) -> list[Draft]:
            work.read(kind.key, [edit.id for edit in edits])
            drafts: list[Draft] = []
            for index, (edit, each) in enumerate(zip(edits, loaded, strict=True)):
                draft = existing(work, kind, edit.id, (index,) if many else ())
                drafts += enter_change(work, draft, each, version=edit.version)
            return drafts

        changes = {edit.id: each for edit, each in zip(edits, loaded, strict=True)}
        start = partial(start_changes, entity=kind, changes=changes)
        return self._save(ctx, build, counted(ctx, kind, loaded, new=False), start=start).change

    def recalculate(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        """Take the exchange rates of records, and of their lines, anew."""
        kind = _live(ctx, entity)

        def build(work: Work) -> list[Draft]:
            work.read(kind.key, ids)
            drafts = [existing(work, kind, id_) for id_ in ids]
            drafts += [line for draft in drafts for line in all_lines(work, draft)]
            for draft in drafts:
                draft.afresh = True
            return drafts

        return self._save(ctx, build).change

    def delete(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        """Move records, and what goes with them, to the trash."""
        kind = _live(ctx, entity)
        return self._save(ctx, lambda work: trash_drafts(work, kind, ids)).change

    def restore(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        """Take records back from the trash, with exactly what went with them."""
        kind = _live(ctx, entity)
        return self._save(ctx, lambda work: restore_drafts(work, kind, ids)).change

    def move(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, pipeline: str, to: str,
        values: Payload | None = None,
    ) -> Change:  # fmt: skip
        """Move records to a stage, filling `values` on the way; stage and pipeline by name."""
        kind = _live(ctx, entity)
        field = _stage_field(kind, pipeline, to)
        loaded = load_payload(ctx.compiled, kind, {**(values or {}), field: to})
        many = len(ids) > 1

        def build(work: Work) -> list[Draft]:
            work.read(kind.key, ids)
            drafts: list[Draft] = []
            for index, id_ in enumerate(ids):
                draft = existing(work, kind, id_, (index,) if many else (), "move")
                drafts += enter_change(work, draft, loaded)
            return drafts

        start = partial(start_changes, entity=kind, changes=dict.fromkeys(ids, loaded))
        return self._save(ctx, build, start=start).change

    def convert(self, ctx: Context, entity: str, record: UUID, name: str) -> Change:
        """Make other records from one, once."""
        kind = _live(ctx, entity)
        return self._save(ctx, lambda work: convert_drafts(work, kind, record, name)).change

    def write(self, ctx: Context, build: Build | Setting) -> Change:
        """Write what `build` makes of the rows as they are, as one unit.

        Values that many records take are written at once, where nothing stands against it.
        """
        if not isinstance(build, Setting):
            return self._save(ctx, build).change
        setting, hints = build, set[Place]()

        def unit(connection: Connection) -> Change:
            work = Work.begin(ctx, connection, self._policy)
            work.hints = hints
            return set_many(work, setting, self._hooks)

        if len(setting.ids) >= self._setwise_from:
            try:
                return self._database.unit(ctx, unit)
            except NotSetwise:
                # One by one, then: slower, and the same in every other way.
                pass
        return self._save(ctx, lambda work: changed_drafts(work, setting)).change

    def bulk(self, ctx: Context, entity: str, bulk: Bulk) -> BulkResult:
        """Do many writes at once."""
        kind = _live(ctx, entity)
        if len(bulk.create) + len(bulk.update) + len(bulk.delete) > self._most:
            raise RecordRefused([FieldError("bulk_too_large", (), {"max": self._most})])
        if len(bulk.create) >= self._setwise_from:
            try:
                return self._create_many(ctx, kind, bulk)
            except NotSetwise:
                # One by one, then: slower, and the same in every other way.
                pass
        parts = in_parts(bulk)
        if parts:
            return joined(self.bulk(ctx, entity, part) for part in parts)
        created = [load_payload(ctx.compiled, kind, payload) for payload in bulk.create]
        updated = [load_payload(ctx.compiled, kind, edit.values) for edit in bulk.update]
        write = BulkWrite(kind, bulk, created, updated)
        write.refuse_unreadable()
        counts = counted(ctx, kind, created)
        while not (bulk.atomic and write.refused):
            try:
                return self._bulk(ctx, write, counts)
            except Again:
                continue
            except RecordRefused as error:
                # Each round refuses at least one more item, or nothing could be told apart.
                if not write.note(error):
                    raise
        return write.result(None)

    def _create_many(self, ctx: Context, kind: Entity, bulk: Bulk) -> BulkResult:
        """Make many new records set-wise; raises `NotSetwise` where that cannot be."""
        batch = batch_of(ctx, kind, bulk)
        numbers = {
            each.key: self._numbers.take(ctx, each, batch.readable)
            for each in plan_of(ctx.compiled, kind).numbers
        }
        many = batch.begin(numbers, self._hooks)
        hints: set[Place] = set()

        def unit(connection: Connection) -> BulkResult:
            claim(ctx, connection)
            work = Work.begin(ctx, connection, self._policy)
            work.hints = hints
            change = many.run(work, atomic=bulk.atomic)
            result = batch.result(many.refused, change)
            if bulk.atomic and many.refused:
                return result
            if bulk.alongside is not None:
                bulk.alongside(connection, result)
            settle(ctx, connection, result)
            return result

        return self._database.unit(ctx, unit)

    def _bulk(self, ctx: Context, write: BulkWrite, counts: Counts) -> BulkResult:
        """Write the items that are not refused, in one unit."""
        results: list[BulkResult] = []

        def keep(connection: Connection, change: Change | None) -> BulkResult:
            results[:] = [write.result(change)]
            if write.bulk.alongside is not None:
                write.bulk.alongside(connection, results[0])
            return results[0]

        self._save(ctx, write.build, counts, keep=keep)
        return results[0]

    def _save(
        self,
        ctx: Context,
        build: Build,
        counts: Counts | None = None,
        *,
        keep: Keep | None = None,
        start: Start | None = None,
    ) -> Saved:
        """Run one unit; numbers are taken before it, and what it found too late is remembered."""
        hints: set[Place] = set()
        taken = {
            place: self._numbers.take(ctx, ctx.model.entities[place[0]].fields[place[1]], count)
            for place, count in (counts or {}).items()
        }

        def unit(connection: Connection) -> Saved:
            claim(ctx, connection)
            work = Work.begin(ctx, connection, self._policy)
            work.hints = hints
            work.numbers = {place: iter(numbers) for place, numbers in taken.items()}
            saved = save(work, build, start or (lambda work: None), self._hooks)
            done: object = saved.change
            if keep is not None:
                done = keep(connection, saved.change if saved.drafts else None)
            settle(ctx, connection, done)
            return saved

        return self._database.unit(ctx, unit)


def _live(ctx: Context, entity: str) -> Entity:
    found = ctx.model.entities.get(entity)
    if found is None or found.retired or found.system:
        raise NotFound(entity=entity)
    return found


def _stage_field(entity: Entity, pipeline: str, to: str) -> str:
    """Return the name of the field that a pipeline moves; raise where it has no such stage."""
    for each in entity.pipelines.values():
        names = [stage.name for stage in each.stages.values()]
        if each.name == pipeline or (not pipeline and to in names):
            field = entity.fields[each.field_key].name
            if to not in names:
                error = FieldError("unknown_stage", (field,), {"value": to, "known": names})
                raise RecordRefused([error])
            return field
    raise NotFound(entity=entity.name, pipeline=pipeline)
