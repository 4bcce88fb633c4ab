"""Records of one option that become another's: counted in order, as steps, with what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.answers import RECORDS, named_records
from engine.schema.ddl import qualified
from engine.schema.earlier import Moved, after, at_first, publish_set, staying
from engine.schema.names import literal
from engine.schema.retelling import Retold, retelling
from engine.schema.splits import Split
from engine.schema.steps import Cost, Effect, Listing, Step, Verdict
from formula.types import ListType
from metamodel.model import Entity, Field

SAMPLES = 5
"""How many records are named of those that stay where they were moved."""

BACK = ("return", "retrace")
"""What shifts do that bring records back: by an earlier move, or to what they held once."""

Element = tuple[str, str, str]
"""An option of a field of an entity, by key."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Records of one option that become another's; `chosen` finds them among present values.

    It `undoes` an earlier move, or carries a `split` out, or moves all that an option has.
    """

    verb: str
    field: Field
    option: str
    into: str
    chosen: Callable[[str], Retold]
    when: str = ""
    undoes: Moved | None = None
    split: Split | None = None


Turn = Callable[[str], Sequence[Shift]]
"""Shifts of one field, given the statement of the values that its records have by then."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What moves records, what that does to them, and options whose records it speaks of."""

    steps: tuple[Step, ...] = ()
    effects: tuple[Effect, ...] = ()
    told: frozenset[Element] = frozenset()
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class Counting:
    """A look at the data, in which nothing is changed."""

    connection: Connection
    ctx: Context

    def planned(
        self, choice: Field, turns: Sequence[Turn], is_clear: Callable[[Split], bool]
    ) -> Moves:
        """Return the steps of one field's shifts, each counted as it will find the records.

        Those of each turn follow from what the turns before leave.
        """
        entity = self.ctx.model.entities[choice.entity]
        first = present = at_first(self.ctx, entity.table, choice.column)
        shifts: list[Shift] = []
        steps: list[Step] = []
        effects: list[Effect] = []
        for turn in turns:
            for shift in turn(present):
                shifts.append(shift)
                if shift.split is not None and not is_clear(shift.split):
                    effects += self._unclear(shift, present)
                    continue
                source = shift.chosen(present).source
                rows = self._number(source)
                steps.append(self._step(shift, shift.chosen(first), rows))
                effects += self._effects(shift, source, rows)
                if shift.undoes is not None:
                    effects += self._stays(shift.undoes, present)
                present = after(present, source) if rows else present
        gone = _gone(choice, shifts)
        effects += (effect for option in gone for effect in self._left(choice, option, present))
        told = frozenset((choice.entity, choice.key, option) for option in gone)
        return Moves(tuple(steps), tuple(effects), told, tuple(shifts))

    def records(self, entity: Entity) -> int:
        """Return how many records there are, in the trash or not."""
        return self._number(f"SELECT 1 FROM {qualified(self.ctx.tenant.schema, entity.table)}")  # noqa: S608

    def _unclear(self, shift: Shift, present: str) -> Iterator[Effect]:
        mine = held(shift.field, "value", shift.option)
        rows = self._number(f"SELECT id FROM ({present}) h WHERE {mine}")  # noqa: S608
        if rows:
            yield unclear(shift.field, (shift.option, shift.into), rows)

    def _step(self, shift: Shift, retold: Retold, rows: int) -> Step:
        sql = retelling(self.ctx, retold, publish_set(self.ctx.revision))
        cost: Cost = "rewrites" if rows else "instant"
        return replace(on_nobody(shift), sql=(sql,), cost=cost, rows=rows)

    def _effects(self, shift: Shift, source: str, rows: int) -> Iterator[Effect]:
        """Yield how many records move, with some of them, and where the others are named."""
        if not rows:
            return
        kind = "stage" if shift.field.pipeline else "option"
        listing = f"SELECT id, '' FROM ({source}) n ORDER BY id"  # noqa: S608
        some = driver_of(self.connection).execute(f"{listing} LIMIT {RECORDS}".encode())
        yield Effect(
            f"{kind}_returns" if shift.verb in BACK else f"{kind}_moves",
            shift.field.entity,
            "notice",
            rows,
            params={
                "field": shift.field.key, "option": shift.option, "into": shift.into,
                **_where(shift),
            },
            records=named_records(some.fetchall()),
            listing=Listing(listing),
        )  # fmt: skip

    def _stays(self, undoes: Moved, present: str) -> Iterator[Effect]:
        left = staying(self.ctx, undoes, present)
        rows = self._number(left)
        if rows:
            named = driver_of(self.connection).execute(
                f"SELECT shown FROM ({left}) n ORDER BY 1 LIMIT {SAMPLES}".encode()  # noqa: S608
            )
            params = {"field": undoes.field, "option": undoes.option, "into": undoes.into}
            shown = tuple(str(row[0]) for row in named.fetchall())
            yield Effect("stays_moved", undoes.entity, "notice", rows, shown, params)

    def _left(self, choice: Field, option: str, present: str) -> Iterator[Effect]:
        mine = held(choice, "value", option)
        rows = self._number(f"SELECT id FROM ({present}) h WHERE {mine}")  # noqa: S608
        if rows:
            code = "stage_retired" if choice.pipeline else "option_retired"
            params = {"field": choice.key, "option": option}
            # Records keep a retired one, and its label; one that is not there has no label.
            verdict: Verdict = "notice" if option in choice.options else "loses"
            yield Effect(code, choice.entity, verdict, rows, (), params)

    def _number(self, source: str) -> int:
        statement = f"SELECT count(*) FROM ({source}) n"  # noqa: S608
        row = driver_of(self.connection).execute(statement.encode()).fetchone()
        return int(row[0]) if row else 0


def _where(shift: Shift) -> dict[str, str]:
    """Return the condition of a split as it is written now."""
    if shift.verb != "split":
        return {}
    condition = shift.field.options[shift.into].takes[shift.option]
    return {"where": condition.text} if condition is not None else {}


def on_nobody(shift: Shift) -> Step:
    """Return the step of a shift that finds no record, which is known later to be carried out."""
    said = {"when": shift.when, **_where(shift)} if shift.when else {}
    return Step(
        f"{shift.verb}_stages" if shift.field.pipeline else f"{shift.verb}_options",
        shift.field.entity,
        # With the revision: before it, who reads the old model would miss the option.
        phase="switch",
        params={"field": shift.field.key, "option": shift.option, "into": shift.into, **said},
        fields=(shift.field.key,),
    )


def unclear(choice: Field, way: tuple[str, str], rows: int) -> Effect:
    """Return what stands against a split whose records cannot be known before it is published."""
    params = {"field": choice.key, "option": way[0], "into": way[1]}
    return Effect("split_unclear", choice.entity, "blocks", rows, (), params)


def moved_into(
    entity: Entity, choice: Field, way: tuple[str, str], present: str, only: str = ""
) -> Retold:
    """Return the records that have one option and get another in its place."""
    option, into = map(literal, way)
    value = f"{into}::text"
    if isinstance(choice.value_type, ListType):
        value = (
            "(SELECT array_agg(each ORDER BY place) FROM (SELECT each, min(place) AS place "  # noqa: S608
            f"FROM unnest(array_replace(value, {option}, {into})) WITH ORDINALITY u(each, place) "
            "GROUP BY each) one)"
        )
    source = (
        f"SELECT id, value AS was, {value} AS becomes FROM ({present}) h "  # noqa: S608
        f"WHERE {held(choice, 'value', way[0])}{only}"
    )
    return Retold(entity, choice, *way, source)


def held(choice: Field, column: str, option: str) -> str:
    """Return the condition that a column of a field's values has one of its options, by key."""
    if isinstance(choice.value_type, ListType):
        return f"{column} @> ARRAY[{literal(option)}]"
    return f"{column} = {literal(option)}"


def _gone(choice: Field, shifts: Sequence[Shift]) -> tuple[str, ...]:
    """Return options that are there no more, or retired, with records that these do not move."""
    takers = (each.into for each in shifts if each.undoes is not None)
    givers = (choice.options[each.option] for each in shifts if each.split is not None)
    kept = (each.key for each in givers if each.retired and not each.into)
    return tuple(dict.fromkeys((*(each for each in takers if each not in choice.options), *kept)))
