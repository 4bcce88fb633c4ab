"""Looks up what links of drafts point to: there, live, readable, and what is read through it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, any_, bindparam, func, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.grants import rights_key
from engine.access.policy import allows
from engine.database import Rows
from engine.query.joins import RowSource
from engine.query.people import USER, left_at
from engine.records.draft import Chosen, Draft
from engine.records.pairs import members
from engine.records.plans import plan_of
from engine.records.work import IDS, Work
from engine.schema.tables import compared_columns
from engine.values.payload import LinksEdit, Reference
from engine.values.sending import Request
from formula.scope import FieldBinding, Step

Way = tuple[Step, ...]


@dataclass(slots=True)
class Targets:
    """What was found of one target entity: ids by what names them, and by id what is read."""

    named: dict[tuple[str, object], UUID] = field(default_factory=dict)
    reached: dict[UUID, Mapping[Way, object]] = field(default_factory=dict)
    hidden: set[UUID] = field(default_factory=set)
    trashed: set[UUID] = field(default_factory=set)

    def id_of(self, reference: Reference) -> UUID | None:
        """Return the id that a reference says or names; None where nothing has the name."""
        if reference.id is not None:
            return reference.id
        return self.named.get((reference.by, reference.value))

    def may_be_chosen(self, id_: UUID | None) -> bool:
        """Return whether there is such a record, live and readable."""
        return id_ in self.reached and id_ not in self.hidden and id_ not in self.trashed


def resolve(work: Work, drafts: Sequence[Draft]) -> Mapping[str, Targets]:
    """Put ids in place of references, refuse those that lead nowhere; return what was found.

    One statement for each target entity.
    """
    made = {draft.id for draft in drafts if draft.is_new}
    known = _look_up(work, _asked(drafts))
    for draft in drafts:
        for key, reference in draft.references.items():
            _settle(draft, key, reference, known, made)
        draft.references.clear()
        for key, edit in draft.edits.items():
            draft.chosen[key] = _choose(work, draft, key, edit, known)
        draft.edits.clear()
    return known


def find_targets(
    work: Work, entity: str, references: Mapping[str, Collection[Reference]]
) -> Mapping[str, Targets]:
    """Return what references lead to, given by the key of the link that holds them."""
    asked: dict[str, _Asked] = {}
    for key, each in references.items():
        for reference in each:
            asked.setdefault(reference.entity, _Asked()).add((entity, key), reference)
    return _look_up(work, asked)


def _look_up(work: Work, asked: Mapping[str, _Asked]) -> Mapping[str, Targets]:
    found = {target: _known(work, target, each) for target, each in asked.items()}
    missing = [target for target, known in found.items() if known is None]
    finds = [_request(work, target, asked[target]) for target in missing]
    for target, rows in zip(missing, work.send(finds), strict=True):
        found[target] = _found(work, target, asked[target], rows)
    return {target: each for target, each in found.items() if each is not None}


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """Links entered to one target entity, and the request for those it lost meanwhile."""

    links: Sequence[tuple[Draft, str]]
    request: Request

    def note(self, rows: Rows) -> None:
        """Refuse links to records that went to the trash while these were written."""
        gone = {row[0] for row in rows}
        for draft, key in self.links:
            if draft.values.get(key) in gone:
                draft.refuse("link_missing", key, value=str(draft.values[key]))


def link_checks(work: Work, drafts: Sequence[Draft]) -> Iterator[LinkCheck]:
    """Yield for each target entity that is not locked what finds links to trashed records."""
    asked: dict[str, list[tuple[Draft, str]]] = {}
    safe = work.held | work.shared | {(draft.entity.key, draft.id) for draft in drafts}
    for draft in drafts:
        for each in plan_of(work.ctx.compiled, draft.entity).links:
            value = draft.values.get(each.key)
            if not isinstance(value, UUID) or value == draft.before.get(each.key):
                continue
            target = draft.targets.get(each.key) or (each.link.to[0] if each.link else "")
            if (target, value) not in safe and not work.entity(target).system:
                asked.setdefault(target, []).append((draft, each.key))
    for target, links in asked.items():
        ids = {draft.values[key] for draft, key in links}
        yield LinkCheck(links, trashed_request(work, target, ids))


def trashed_request(work: Work, target: str, ids: Iterable[object]) -> Request:
    """Return the request for those of the records that lie in the trash."""
    make = partial(_trashed, work, target)
    return work.ask(("trashed", target), make, {"ids": list(ids)})


def _trashed(work: Work, target: str) -> Select[Any]:
    table = work.ctx.compiled.tables.of(target)
    return select(table.c.id).where(table.c.id == any_(IDS), table.c.sys_trashed_at.is_not(None))


def reached_by(draft: Draft, found: Mapping[str, Targets]) -> dict[Way, object]:
    """Return what was read through the links that a draft holds."""
    reached: dict[Way, object] = {}
    for key, value in draft.values.items():
        each = draft.entity.fields.get(key)
        if each is None or each.link is None or not isinstance(value, UUID):
            continue
        target = found.get(draft.targets.get(key) or each.link.to[0])
        ways = target.reached.get(value, {}) if target else {}
        reached.update({way: read for way, read in ways.items() if way[0].field == key})
    return reached


@dataclass(slots=True)
class _Asked:
    """What is asked of one target entity: ids, values of naming fields, and which links ask."""

    ids: set[UUID] = field(default_factory=set)
    named: dict[str, set[object]] = field(default_factory=dict)
    links: set[tuple[str, str]] = field(default_factory=set)

    def add(self, link: tuple[str, str], reference: Reference) -> None:
        """Ask for one more record, through a link by entity and field key."""
        self.links.add(link)
        if reference.id is not None:
            self.ids.add(reference.id)
        else:
            self.named.setdefault(reference.by, set()).add(reference.value)


def _asked(drafts: Iterable[Draft]) -> dict[str, _Asked]:
    found: dict[str, _Asked] = {}
    for draft in drafts:
        for key, reference in _named(draft):
            found.setdefault(reference.entity, _Asked()).add((draft.entity.key, key), reference)
    return found


def _named(draft: Draft) -> Iterator[tuple[str, Reference]]:
    """Yield every record that a draft names, by the key of the link that does."""
    yield from draft.references.items()
    for key, edit in draft.edits.items():
        yield from ((key, reference) for reference in edit.references())


def _choose(
    work: Work, draft: Draft, key: str, edit: LinksEdit, found: Mapping[str, Targets]
) -> Chosen:
    """Return what a link to many records is to hold; refuse records that are not to be linked."""
    held = members(work, draft, key)
    add: dict[UUID, None] = {}
    for reference in edit.add:
        targets = found[reference.entity]
        id_ = targets.id_of(reference)
        if id_ is None or not (targets.may_be_chosen(id_) or id_ in held):
            draft.refuse("link_missing", key, value=reference.shown)
            continue
        add[id_] = None
    gone = {found[reference.entity].id_of(reference) for reference in edit.remove}
    return Chosen(tuple(add), frozenset(each for each in gone if each), edit.whole)


def _settle(
    draft: Draft,
    key: str,
    reference: Reference,
    found: Mapping[str, Targets],
    made: set[UUID],
) -> None:
    """Give one link its target, or refuse it."""
    targets = found[reference.entity]
    id_ = targets.id_of(reference)
    draft.values[key] = id_
    draft.targets[key] = reference.entity
    if id_ in made:
        return
    if reference.passed and not targets.may_be_chosen(id_):
        draft.values[key] = None
        return
    if id_ is None or id_ not in targets.reached or id_ in targets.hidden:
        if id_ is None or id_ != draft.before.get(key):
            _refuse(draft, key, reference)
    elif id_ in targets.trashed and id_ != draft.before.get(key):
        _refuse(draft, key, reference)


def _refuse(draft: Draft, key: str, reference: Reference) -> None:
    """Say that a link leads nowhere; nothing more is said of the field."""
    draft.refuse("link_missing", key, value=reference.shown)
    draft.unread.add((*draft.path, draft.entity.fields[key].name))


def _known(work: Work, target: str, asked: _Asked) -> Targets | None:
    """Return targets whose rows were read already, where nothing else is asked of them."""
    places = {(target, id_) for id_ in asked.ids}
    open_to_all = work.policy.row_filter(work.ctx, target, "read") is None
    if target == USER or asked.named or not open_to_all or not places <= work.rows.keys():
        return None
    if _ways(work, target, asked.links):
        return None
    rows = {id_: work.rows[target, id_] for id_ in asked.ids}
    trashed = {id_ for id_, row in rows.items() if row.get("sys_trashed_at") is not None}
    return Targets(reached={id_: {} for id_ in rows}, trashed=trashed)


def _request(work: Work, target: str, asked: _Asked) -> Request:
    """Return the request that reads one target entity's records."""
    ways = _ways(work, target, asked.links)
    names = tuple(sorted(asked.named))
    key = ("references", target, tuple(ways), names, *rights_key(work.ctx))
    values: dict[str, Any] = {
        f"by_{at}": list(_by_compared(work, target, name, asked.named[name]))
        for at, name in enumerate(names)
    }
    make = partial(_statement, work, target, ways, names)
    return work.ask(key, make, {"ids": list(asked.ids), **values})


def _found(work: Work, target: str, asked: _Asked, rows: Rows) -> Targets:
    ways = _ways(work, target, asked.links)
    names = tuple(sorted(asked.named))
    known = {name: _by_compared(work, target, name, asked.named[name]) for name in names}
    found = Targets()
    for row in rows:
        id_, trashed, shown = row[0], row[1], row[2]
        found.reached[id_] = dict(zip(ways, row[3 + len(names) :], strict=True))
        if not shown:
            found.hidden.add(id_)
        if trashed is not None:
            found.trashed.add(id_)
            continue
        for name, value in zip(names, row[3 : 3 + len(names)], strict=True):
            for wanted in known[name].get(value, ()):
                found.named[name, wanted] = id_
    return found


def _by_compared(
    work: Work, target: str, name: str, wanted: Collection[object]
) -> dict[object, list[object]]:
    """Return values that name records by what the database compares: ciphertext by its blind."""
    if not work.entity(target).fields[name].encrypted:
        return {value: [value] for value in wanted}
    ring = work.ctx.rings.ring(work.ctx.tenant, work.connection)
    found: dict[object, list[object]] = {}
    for value in wanted:
        found.setdefault(ring.blind(str(value)), []).append(value)
    return found


def _ways(work: Work, target: str, links: Iterable[tuple[str, str]]) -> dict[Way, FieldBinding]:
    """Return what is read of a target, as seen from it, by the way from the record that links."""
    found: dict[Way, FieldBinding] = {}
    for entity, link in sorted(links):
        for binding in plan_of(work.ctx.compiled, work.entity(entity)).chains.get(link, ()):
            if binding.steps[1].entity == target:
                found[binding.way] = replace(binding, steps=binding.steps[1:])
    return found


def _statement(
    work: Work, target: str, ways: Mapping[Way, FieldBinding], names: Sequence[str]
) -> Select[Any]:
    ctx = work.ctx
    row = ctx.compiled.tables.of(target).alias()
    source = RowSource.over(ctx.compiled, target, row)
    fields = ctx.model.entities[target].fields
    named = [row.c[compared_columns(fields[name])[0]] for name in names]
    shown = allows(work.policy.row_filter(ctx, target, "read"), source)
    # Files never lie in the trash; who has left is chosen as little as what does.
    trashed = row.c.get("sys_trashed_at", null().label("sys_trashed_at"))
    if target == USER:
        trashed = func.coalesce(trashed, left_at(ctx.compiled, row)).label("sys_trashed_at")
    columns = [row.c.id, trashed, shown.label("shown"), *named]
    columns += [
        source.field(binding).label(f"way_{at}") for at, binding in enumerate(ways.values())
    ]
    conditions = [row.c.id == any_(IDS)] + [
        (column == any_(bindparam(f"by_{at}", type_=ARRAY(column.type))))
        & row.c.sys_trashed_at.is_(None)
        for at, column in enumerate(named)
    ]
    statement: Select[Any] = select(*columns).select_from(source.joins.clause())
    return statement.where(or_(*conditions))
