"""Who gains and who loses what, before a change of roles is published or given to somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.fields import field_reason
from engine.access.grants import explains
from engine.access.policy import Readings
from engine.access.shifts import RecordAction, Shift, Sides, examples, shifts
from engine.access.verdicts import in_general
from engine.compiled import CompiledModel
from engine.context import Actor, Context
from engine.doors import Access
from engine.errors import Forbidden
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from engine.tenants.people import actor_of, actor_sentence
from engine.values.sending import Request, send_all
from metamodel.access import FieldRight
from metamodel.diff import said
from metamodel.model import Entity

RECORD_ACTIONS: tuple[RecordAction, ...] = ("read", "update", "delete", "export")
"""What is done with records that are there; counted record by record."""

NEW_ACTIONS = ("create", "import")
"""What makes records; told as allowed or not."""

Key = tuple[str, RecordAction]
"""An entity and what is done with its records."""

MOST_PEOPLE = 50
"""People who are told one by one, those most affected first."""


@dataclass(frozen=True, slots=True)
class RecordsChange:
    """How many records of an entity somebody gains and loses for an action, and a few of them."""

    entity: str
    action: RecordAction
    gained: int
    lost: int
    some_gained: tuple[LinkValue, ...] = ()
    some_lost: tuple[LinkValue, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What somebody may do with a field, before and after; entity and field by key."""

    entity: str
    field: str
    before: FieldRight
    after: FieldRight


@dataclass(frozen=True, slots=True)
class AbilityChange:
    """Whether somebody may make records of an entity from now on, or not any more."""

    entity: str
    action: str
    gained: bool


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What changes for one person."""

    person: LinkValue
    records: tuple[RecordsChange, ...]
    fields: tuple[FieldChange, ...]
    abilities: tuple[AbilityChange, ...]


@dataclass(frozen=True, slots=True)
class RoleChange:
    """The same summed over the people who have a role, by its name; records without examples."""

    role: str
    people: int
    records: tuple[RecordsChange, ...]
    fields: tuple[FieldChange, ...]
    abilities: tuple[AbilityChange, ...]


@dataclass(frozen=True, slots=True)
class AccessDiff:
    """Who gains and who loses what.

    `affected` counts people, of whom those most affected are told in `people`. `asked` of
    `everybody` were asked about every record; fewer where tables are too large for all.
    `revealed` are computed fields, as (entity, field), read from now on by whoever may read the
    record, whatever they are made of. `untold` are (entity, action) whose new condition reads
    what is only there once it is published.
    """

    everybody: int
    asked: int
    affected: int = 0
    people: tuple[PersonChange, ...] = ()
    roles: tuple[RoleChange, ...] = ()
    revealed: tuple[tuple[str, str], ...] = ()
    untold: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nobody's rights change."""
        return not (self.affected or self.revealed or self.untold)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody with their roles before and after."""

    before: Actor
    after: Actor


class Comparer:
    """Compares rights over the data that is there; changes nothing."""

    def __init__(self, database: Readings, access: Access) -> None:
        self._database = database
        self._access = access

    def models(self, ctx: Context, new: CompiledModel) -> AccessDiff:
        """Return what publishing a model would change for everybody who can sign in.

        Raises `Forbidden` for who may not ask about others.
        """
        with self._database.reading(_asking(ctx)) as connection:
            actors = _actors(ctx, connection)
            seats = [Seat(actor, actor) for actor in actors]
            return self._compared(connection, ctx, replace(ctx, compiled=new), seats)

    def roles(self, ctx: Context, given: Mapping[UUID, Sequence[str]]) -> AccessDiff:
        """Return what giving people (by id) exactly these roles would change for them."""
        with self._database.reading(_asking(ctx)) as connection:
            actors = _actors(ctx, connection, given)
            seats = [Seat(each, replace(each, roles=tuple(given[each.user]))) for each in actors]
            return self._compared(connection, ctx, ctx, seats)

    def _compared(
        self, connection: Connection, before: Context, after: Context, seats: Sequence[Seat]
    ) -> AccessDiff:
        found = _Found(before, after, self._access, connection)
        for group in _alike(seats):
            found.add(group)
        return found.told(seats)


class _Found:
    """What was found so far, by person."""

    def __init__(
        self, before: Context, after: Context, access: Access, connection: Connection
    ) -> None:
        self._sides = (before, after)
        self._access = access
        self._connection = connection
        self._records: dict[UUID, dict[Key, Shift]] = defaultdict(dict)
        self._ways: dict[tuple[UUID, Key], Sides] = {}
        self._fields: dict[UUID, tuple[FieldChange, ...]] = {}
        self._abilities: dict[UUID, tuple[AbilityChange, ...]] = {}
        self._untold: set[tuple[str, str]] = set()
        self._asked: set[UUID] = set()
        self._unasked: set[UUID] = set()

    def add(self, seats: Sequence[Seat]) -> None:
        """Find out what changes for people with the same roles on both sides."""
        before = replace(self._sides[0], actor=seats[0].before)
        after = replace(self._sides[1], actor=seats[0].after)
        fields, abilities = _field_changes(before, after), _ability_changes(before, after)
        for seat in seats:
            self._fields[seat.after.user] = fields
            self._abilities[seat.after.user] = abilities
        for entity in _shared(before, after):
            for action in RECORD_ACTIONS:
                sides = Sides(before, after, self._access, entity.key, action)
                if sides.differ():
                    self._count(sides, [seat.after for seat in seats])

    def _count(self, sides: Sides, people: Sequence[Actor]) -> None:
        if not sides.can_tell():
            self._untold.add((sides.entity, sides.action))
            return
        found, asked = shifts(self._connection, sides, people)
        self._unasked.update(each.user for each in people[asked:])
        for user, shift in found.items():
            self._records[user][sides.entity, sides.action] = shift
            self._ways[user, (sides.entity, sides.action)] = sides

    def told(self, seats: Sequence[Seat]) -> AccessDiff:
        """Return everything, with examples for those whom most changes for."""
        users = [s.after.user for s in seats]
        touched = [user for user in users if self._weight(user)]
        touched.sort(key=lambda user: (-self._weight(user), str(user)))
        most = set(touched[:MOST_PEOPLE])
        chosen = {seat.after.user: seat.after for seat in seats if seat.after.user in most}
        self._add_examples(chosen)
        names = titles_of(self._sides[0], self._access, self._connection, "user", most)
        return AccessDiff(
            everybody=len(users),
            asked=len(users) - len(self._unasked),
            affected=len(touched),
            people=tuple(self._person(u, names[u]) for u in touched[:MOST_PEOPLE] if u in names),
            roles=tuple(self._roles([s for s in seats if self._weight(s.after.user)])),
            revealed=tuple(_revealed(*self._sides)),
            untold=tuple(sorted(self._untold)),
        )

    def _weight(self, user: UUID) -> int:
        moved = sum(each.gained + each.lost for each in self._records[user].values())
        return moved + len(self._fields[user]) + len(self._abilities[user])

    def _add_examples(self, chosen: Mapping[UUID, Actor]) -> None:
        """Name a few records for each of these people; one statement for people alike."""
        wanted: dict[int, tuple[Sides, list[Actor]]] = {}
        for user, actor in chosen.items():
            for key in self._records[user]:
                sides = self._ways[user, key]
                wanted.setdefault(id(sides), (sides, []))[1].append(actor)
        for sides, people in wanted.values():
            key = (sides.entity, sides.action)
            known = {each.user: self._records[each.user][key] for each in people}
            for user, shift in examples(self._connection, sides, people, known).items():
                self._records[user][key] = shift

    def _person(self, user: UUID, name: LinkValue) -> PersonChange:
        records = tuple(self._change(key, shift) for key, shift in self._records[user].items())
        return PersonChange(name, records, self._fields[user], self._abilities[user])

    def _change(self, key: Key, shift: Shift) -> RecordsChange:
        ids = {*shift.some_gained, *shift.some_lost}
        named = titles_of(self._sides[0], self._access, self._connection, key[0], ids)
        gained, lost = (
            tuple(named[each] for each in some if each in named)
            for some in (shift.some_gained, shift.some_lost)
        )
        return RecordsChange(*key, shift.gained, shift.lost, gained, lost)

    def _roles(self, seats: Sequence[Seat]) -> Iterator[RoleChange]:
        """Yield the sums of each role that has to do with what changes."""
        holders: dict[str, list[UUID]] = defaultdict(list)
        for seat in seats:
            for role in _concerned(*self._sides, seat):
                holders[role].append(seat.after.user)
        for role, users in holders.items():
            sums: dict[Key, RecordsChange] = {}
            for key, shift in (pair for user in users for pair in self._records[user].items()):
                known = sums.get(key) or RecordsChange(*key, 0, 0)
                gained, lost = known.gained + shift.gained, known.lost + shift.lost
                sums[key] = replace(known, gained=gained, lost=lost)
            fields = dict.fromkeys(each for user in users for each in self._fields[user])
            abilities = dict.fromkeys(each for user in users for each in self._abilities[user])
            yield RoleChange(
                role, len(users), tuple(sums.values()), tuple(fields), tuple(abilities)
            )


def _asking(ctx: Context) -> Context:
    if not explains(ctx):
        raise Forbidden("explain_others")
    return ctx


def _actors(
    ctx: Context, connection: Connection, only: Iterable[UUID] | None = None
) -> list[Actor]:
    """Return everybody who can sign in, or those of them who are named; one round trip."""
    table = ctx.compiled.tables.of("user")
    found = connection.execute(select(table.c.id).order_by(table.c.id)).scalars()
    users = [each for each in found if only is None or each in set(only)]
    asked = actor_sentence(ctx.compiled)
    answers = send_all(connection, ctx, [Request(asked, ({"who": user},)) for user in users])
    actors = (actor_of(user, rows) for user, rows in zip(users, answers, strict=True))
    return [actor for actor in actors if actor is not None]


def _alike(seats: Sequence[Seat]) -> list[list[Seat]]:
    """Return people in groups of those with the same roles, before and after."""
    groups: dict[tuple[object, ...], list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[seat.before.roles, seat.after.roles].append(seat)
    return list(groups.values())


def _shared(before: Context, after: Context) -> Iterator[Entity]:
    """Yield the entities of both models whose records people have rights of their own on."""
    for key, entity in before.model.entities.items():
        there = after.model.entities.get(key)
        gone = there is None or there.retired or entity.retired
        if not (gone or entity.system or entity.child_of is not None):
            yield entity


def _field_changes(before: Context, after: Context) -> tuple[FieldChange, ...]:
    found = []
    for key, entity in before.model.entities.items():
        there = after.model.entities.get(key)
        if there is None or there.retired or entity.retired or entity.system:
            continue
        for name, field in entity.fields.items():
            other = there.fields.get(name)
            if other is None or other.retired or field.retired:
                continue
            old = field_reason(before, entity, field).right
            new = field_reason(after, there, other).right
            if old != new:
                found.append(FieldChange(key, name, old, new))
    return tuple(found)


def _ability_changes(before: Context, after: Context) -> tuple[AbilityChange, ...]:
    found = []
    for entity in _shared(before, after):
        for action in NEW_ACTIONS:
            was = in_general(before, entity, action).allowed
            becomes = in_general(after, after.model.entities[entity.key], action).allowed
            if was != becomes:
                found.append(AbilityChange(entity.key, action, gained=becomes))
    return tuple(found)


def _revealed(before: Context, after: Context) -> Iterator[tuple[str, str]]:
    for key, entity in after.model.entities.items():
        known = before.model.entities.get(key)
        for name, field in entity.fields.items():
            former = known.fields.get(name) if known else None
            if field.reveals and not (former is not None and former.reveals):
                yield key, name


def _concerned(before: Context, after: Context, seat: Seat) -> list[str]:
    """Return the roles of a person that something changed about, else all of them."""
    had, has = set(seat.before.roles), set(seat.after.roles)
    changed = [
        role
        for role in sorted(had | has)
        if (role in had) != (role in has)
        or said(before.model.roles.get(role)) != said(after.model.roles.get(role))
    ]
    return changed or sorted(has)
