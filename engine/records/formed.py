"""Values that formulas give to a record which is being written: by a conversion, by a step.

A formula stands on a record, perhaps inside another (`this`), and may read what was brought
along (`input`): what a button asked for, or the records that earlier steps made.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, any_, bindparam, select
from sqlalchemy.sql.expression import Executable

from engine.database import Rows
from engine.query.joins import RowSource, bound, moment, outside
from engine.records.draft import Chosen, Draft
from engine.records.entering import enter_new, existing, put
from engine.records.work import IDS, Work
from engine.values.local import taken
from engine.values.payload import Loaded, Reference
from engine.values.readers import Refused, read_value
from formula import compile_filter, compile_sql
from formula.backends.contract import CollectionRows, Columns
from formula.backends.sql import sql_type
from formula.scope import CollectionBinding, FieldBinding, Root
from formula.typed import Typed
from formula.types import RecordType
from metamodel.fields import Link
from metamodel.model import Entity, Field

Key = tuple[Hashable, ...]
"""Under what a statement is kept with the model."""

Formulas = Mapping[str, Typed]
"""Formulas by the key of the field that they fill."""


@dataclass(frozen=True, slots=True)
class InputColumns:
    """What was brought along, as formulas read it: each `input.x` is a value that is bound."""

    def field(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Return the bind of a value."""
        if binding.root in ("user", "setting"):
            return outside(binding)
        return bound(f"input__{binding.path[-1]}", sql_type(binding.type))

    def entity_of(self, binding: FieldBinding) -> ColumnElement[Any]:
        """Raise: what was brought along is of one entity."""
        raise TypeError("a record that was made before is of one entity")

    def rows(self, collection: CollectionBinding) -> CollectionRows:
        """Raise: what was brought along has no lines to read."""
        raise TypeError("what was brought along has no collections to read")

    def bind(self, name: Literal["today", "now", "zone"]) -> ColumnElement[Any]:
        """Return the bind parameter that carries a part of the moment."""
        return moment(name)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where formulas stand: on a record of `entity` (both blank: on none), and inside which.

    `this` is the record outside, by entity key and id. `given` are the values of `input`, by
    name: plain values, or the id of a record.
    """

    entity: str = ""
    record: UUID | None = None
    this: tuple[str, UUID] | None = None
    given: Mapping[str, object] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[str, object]:
        """The binds that a statement made here takes, beside the ids of its rows."""
        found = {f"input__{name}": value for name, value in self.given.items()}
        return found if self.this is None else {**found, "outside": self.this[1]}

    @property
    def shape(self) -> tuple[Hashable, ...]:
        """What tells statements made here from others."""
        return (self.entity, self.this[0] if self.this else "")


def source_at(
    work: Work, stand: Stand, entity: str
) -> tuple[RowSource, ColumnElement[bool] | None]:
    """Return rows of `entity` as formulas read them at `stand`, and what ties `this` to its id."""
    compiled = work.ctx.compiled
    roots: dict[Root, Columns] = {"input": InputColumns()}
    tied: ColumnElement[bool] | None = None
    if stand.this is not None:
        row = compiled.tables.of(stand.this[0]).alias()
        around = RowSource.over(compiled, stand.this[0], row, roots=roots)
        roots = {**roots, "this": around}
        tied = row.c.id == bindparam("outside", type_=Uuid())
    return RowSource.over(compiled, entity, compiled.tables.of(entity).alias(), roots=roots), tied


def run_at(
    work: Work, stand: Stand, key: Key, make: Callable[[], Executable], **values: Any
) -> Rows:
    """Run a statement at a stand; `input` that nothing brought along is blank.

    Any: binds of every type.
    """
    request = work.ask(key, make)
    missing = {name: None for name in request.sentence.places if name.startswith("input__")}
    return work.send([replace(request, rows=({**missing, **stand.values, **values},))])[0]


def values_of(
    work: Work,
    stand: Stand,
    ids: Sequence[UUID],
    formulas: Sequence[Typed],
    key: tuple[Hashable, ...],
) -> Mapping[UUID, Sequence[Any]]:
    """Return the values of formulas over records of the stand's entity, by id, in order.

    The statement is kept with the model under `key`. Any: values of every type.
    """

    def make() -> Executable:
        source, tied = source_at(work, stand, stand.entity)
        columns = [compile_sql(typed, source).label(f"v{at}") for at, typed in enumerate(formulas)]
        clause: list[Any] = [source.joins.clause()]
        chosen = [source.row.c.id == any_(IDS)]
        if tied is not None:
            around = source.frame.roots["this"]
            clause += [around.joins.clause()] if isinstance(around, RowSource) else []
            chosen.append(tied)
        return select(source.row.c.id, *columns).select_from(*clause).where(*chosen)

    named = ("formed", *stand.shape, *key)
    rows = run_at(work, stand, named, make, ids=list(ids))
    return {row[0]: row[1:] for row in rows}


def values_here(work: Work, stand: Stand, formulas: Sequence[Typed], key: Key) -> Sequence[Any]:
    """Return the values of formulas on the stand's own record, or on none. Any: of every type."""
    if not formulas:
        return ()
    if stand.record is not None:
        found = values_of(work, stand, [stand.record], formulas, key)
        return found.get(stand.record, (None,) * len(formulas))

    def make() -> Select[Any]:
        columns = InputColumns()
        return select(*(compile_sql(typed, columns).label(f"v{at}")
                        for at, typed in enumerate(formulas)))  # fmt: skip

    return tuple(run_at(work, stand, ("formed", "", *key), make)[0])


@dataclass(frozen=True, slots=True)
class Part:
    """So many of records, in the order of their ids, after one of them."""

    after: UUID
    most: int


def ids_where(
    work: Work, stand: Stand, entity: str, where: Typed, key: Key, part: Part | None = None
) -> list[UUID]:
    """Return the live records of an entity for which a condition holds, the oldest first.

    Names in it mean the record, `this` the record at the stand.
    """
    inner = replace(
        stand,
        entity=entity,
        this=(stand.entity, stand.record) if stand.record is not None else None,
    )

    def make() -> Executable:
        source, tied = source_at(work, inner, entity)
        chosen = [compile_filter(where, source), *source.alive()]
        clause: list[Any] = [source.joins.clause()]
        if tied is not None:
            around = source.frame.roots["this"]
            clause += [around.joins.clause()] if isinstance(around, RowSource) else []
            chosen.append(tied)
        found = select(source.row.c.id).select_from(*clause).order_by(source.row.c.id)
        if part is not None:
            chosen.append(source.row.c.id > bindparam("after", type_=Uuid()))
            found = found.limit(bindparam("most", type_=Integer()))
        return found.where(*chosen)

    named = ("formed ids", part is None, *inner.shape, *key)
    values = {} if part is None else {"after": part.after, "most": part.most}
    return [row[0] for row in run_at(work, inner, named, make, **values)]


def fill_in(work: Work, draft: Draft, values: Sequence[object], formulas: Formulas) -> None:
    """Enter computed values, in the order of their formulas; links are looked up like others."""
    for (key, typed), value in zip(formulas.items(), values, strict=True):
        each = draft.entity.fields[key]
        if each.link is not None and each.link.many:
            ids = tuple(value) if isinstance(value, list) else ()
            draft.chosen[key] = Chosen(ids, frozenset(), whole=True)
        elif each.link is not None and isinstance(value, UUID):
            put(draft, key, Reference(_linked(work, each.link, typed, value), value))
        else:
            value = tuple(value) if isinstance(value, list) and each.value_type else value
            value = taken(each, typed, value)
            try:
                value = _fitting(each, value)
            except Refused as refusal:
                draft.refuse(refusal.code, each.key, **refusal.params)
            put(draft, key, value)


def entered(each: Field, typed: Typed, value: object) -> object:
    """Return a formula's value as it is entered; raises `Refused` for one that may not be."""
    return _fitting(each, taken(each, typed, value))


def _fitting(each: Field, value: object) -> object:
    if each.options or each.pipeline or not isinstance(value, str | Decimal):
        return value
    return read_value(each, value)


@dataclass(frozen=True, slots=True)
class Setting:
    """Which records take which values: `formulas` by field key, each over the record itself.

    `stand` says inside which other record, and what was brought along. Statements are kept with
    the model under `key`.
    """

    entity: Entity
    ids: Sequence[UUID]
    stand: Stand
    formulas: Formulas
    key: Key

    def values(self, work: Work) -> Mapping[UUID, Sequence[Any]]:
        """Return the values of the formulas by id, in order. Any: values of every type."""
        return values_of(work, self.stand, self.ids, list(self.formulas.values()), self.key)


def changed_drafts(work: Work, setting: Setting) -> list[Draft]:
    """Return drafts of records that take values of formulas."""
    entity = setting.entity
    work.read(entity.key, setting.ids)
    found = setting.values(work)
    drafts = []
    for id_ in setting.ids:
        if id_ in found:
            draft = existing(work, entity, id_)
            fill_in(work, draft, found[id_], setting.formulas)
            drafts.append(draft)
    return drafts


def new_drafts(
    work: Work, stand: Stand, entity: Entity, id_: UUID, formulas: Formulas,
    key: Key,
) -> list[Draft]:  # fmt: skip
    """Return drafts of a record that is made with values of formulas over the stand."""
    drafts = enter_new(work, entity, Loaded({}, {}, ()), (), id_=id_)
    fill_in(work, drafts[0], values_here(work, stand, list(formulas.values()), key), formulas)
    return drafts


def many_new_drafts(
    work: Work, stand: Stand, entity: Entity, ids: Mapping[UUID, UUID], formulas: Formulas,
    key: Key,
) -> list[Draft]:  # fmt: skip
    """Return drafts of records, each made with values of formulas over a record of the stand's.

    `ids` are those of the new records by those of the records that they are made from.
    """
    found = values_of(work, stand, list(ids), list(formulas.values()), key)
    drafts = []
    for source, id_ in ids.items():
        made = enter_new(work, entity, Loaded({}, {}, ()), (), id_=id_)
        fill_in(work, made[0], found.get(source, (None,) * len(formulas)), formulas)
        drafts += made
    return drafts


def _linked(work: Work, link: Link, typed: Typed, id_: UUID) -> str:
    """Return the entity that a link is filled from: of several, the one that holds the record."""
    given = typed.type.entities if isinstance(typed.type, RecordType) else link.to
    known = [key for key in link.to if key in given] or list(link.to)
    if len(known) > 1:
        known = [key for key in known if work.read(key, [id_])] or known
    return known[0]
