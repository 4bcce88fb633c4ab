"""Steps that move records of merged and split options and stages, and that bring them back.

What is undone comes first, then records are split off, then what is left of merged options goes
where they went. How many records a step moves is counted as it will find them then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from engine.compiled import CompiledModel
from engine.context import Context
from engine.schema.earlier import MERGES, SPLITS, Moved, coming_back, moves_so_far
from engine.schema.live import Live
from engine.schema.moving import Shifted, paced
from engine.schema.retelling import Retold
from engine.schema.retracing import Retracing, can_retrace
from engine.schema.shifts import Counting, Moves, Shift, Turn, moved_into, on_nobody, unclear
from engine.schema.splits import (
    Place,
    Split,
    is_claimed,
    is_return,
    is_settled,
    known_field,
    reads_any,
    splits_of,
    taken_ids,
    was_carried_out,
    was_said,
)
from engine.schema.steps import Effect, Step
from metamodel.model import Entity, Field, Model, Option


def moves(
    connection: Connection, ctx: Context, old: CompiledModel, live: Live, back_to: int | None
) -> Moves:
    """Return what moves records when the model of `ctx` takes the place of `old`.

    Where it goes `back_to` a revision, nobody loses what only revisions since then moved.
    """
    choices = tuple(_stored_choices(ctx.model, live))
    so_far = moves_so_far(connection, ctx) if _looks_back(choices, old.model) else ()
    change = _Change(ctx, old, so_far)
    shifts = [(entity, each, change.shifts(entity, each)) for entity, each in choices]
    moving = {
        (entity.key, each.key): sum(shift.verb != "move" for shift in found)
        for entity, each, found in shifts
    }
    counting, is_clear = Counting(connection, ctx), partial(_is_clear, ctx, old, live, moving)
    done = [
        (each, counting.planned(each, turns, is_clear))
        for entity, each, found in shifts
        if (turns := _turns(found, change.retraced(connection, entity, each, back_to)))
    ]
    shifted = [Shifted(each, made.shifts, made.steps) for each, made in done if made.shifts]
    there = [
        each
        for each in ctx.model.entities.values()
        if each.table in live and not (each.retired or each.system)
    ]
    early = (effect for each in there for effect in change.early(counting, each))
    stored = frozenset(_place(each) for _, each in choices)
    unasked = (step for each in there for step in change.unasked(each, stored))
    return Moves(
        (*paced(ctx, live, shifted), *unasked),
        (*(effect for _, each in done for effect in each.effects), *early),
        frozenset(element for _, each in done for element in each.told),
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """From one model to another, and what was moved before."""

    ctx: Context
    old: CompiledModel
    so_far: tuple[Moved, ...] = ()

    def shifts(self, entity: Entity, choice: Field) -> tuple[Shift, ...]:
        """Return what moves records of one field, in order."""
        back = tuple(self._back(entity, choice))
        emptied = {each.option for each in back if each.undoes and each.undoes.code in SPLITS}
        merged = _newly_merged(self.old.model, entity, choice, emptied)
        return (
            *back,
            *self._splits(entity, choice),
            *(_merge(entity, choice, option) for option in merged),
        )

    def retraced(
        self, connection: Connection, entity: Entity, choice: Field, back_to: int | None
    ) -> Iterator[Turn]:
        """Yield what gives records what they held when a revision was left, if nobody else did."""
        place = _place(choice)
        former = known_field(self.old.model, *place)
        if back_to is None or not can_retrace(choice, former):
            return
        mine = (each for each in self.so_far if (each.entity, each.field) == place)
        since = tuple(dict.fromkeys(m.revision for m in mine if m.revision > back_to))
        if since:
            way = Retracing(self.ctx, entity, choice, back_to, since)
            yield partial(way.shifts, connection)

    def _back(self, entity: Entity, choice: Field) -> Iterator[Shift]:
        """Yield what undoes earlier moves, the latest first."""
        mine = [each for each in self.so_far if (each.entity, each.field) == _place(choice)]
        undone = {each for each in mine if self._is_dropped(choice, each)}
        gone = {each.into for each in undone} - {*choice.options}
        for each in mine:
            if is_return(each) and self._is_wanted_again(choice, each):
                again = replace(each, option=each.into, into=each.option)
                yield self._returned("split", choice, again, each)
            elif each in undone or (each.code in MERGES and self._is_back(choice, each, gone)):
                yield self._returned("return", choice, each, each)

    def _returned(self, verb: str, choice: Field, undoes: Moved, told: Moved) -> Shift:
        def chosen(present: str) -> Retold:
            return coming_back(self.ctx, undoes, present)

        return Shift(verb, choice, told.option, told.into, chosen, told.when, undoes)

    def _is_dropped(self, choice: Field, moved: Moved) -> bool:
        """Return whether a split is said no more, so that its records go back."""
        return (
            moved.code in SPLITS
            and moved.option in choice.options
            and is_claimed(self.old.model, *_place(choice), moved)
            and not is_claimed(self.ctx.model, *_place(choice), moved)
        )

    def _is_wanted_again(self, choice: Field, moved: Moved) -> bool:
        return is_claimed(self.ctx.model, *_place(choice), moved) and not is_claimed(
            self.old.model, *_place(choice), moved
        )

    def _is_back(self, choice: Field, moved: Moved, gone: set[str]) -> bool:
        """Return whether an option that was merged away is in use again, or its split undone."""
        option = choice.options.get(moved.option)
        if option is None:
            return moved.option in gone
        return not option.retired and not _in_use(self.old.model, choice, moved.option)

    def _splits(self, entity: Entity, choice: Field) -> Iterator[Shift]:
        """Yield the splits that were never carried out, and are new."""
        if entity.key not in self.old.model.entities:
            return
        for split in splits_of(self.ctx.model, entity, choice):
            if not was_said(self.old.model, split) and not was_carried_out(split, self.so_far):
                yield self._split(entity, choice, split)

    def early(self, counting: Counting, entity: Entity) -> Iterator[Effect]:
        """Yield what stands against splits of records that get their option in the same publish."""
        for choice in entity.fields.values():
            found = () if choice.retired or not choice.options else self._splits(entity, choice)
            early = [each for each in found if self._is_early(entity, choice, each.option)]
            if early and (rows := counting.records(entity)):
                for each in early:
                    yield unclear(choice, (each.option, each.into), rows)

    def unasked(self, entity: Entity, stored: frozenset[Place]) -> Iterator[Step]:
        """Yield the splits of fields that no record can have a value of yet.

        They are carried out with that: whoever comes later is not parted by them, also where the
        fields go, and come back.
        """
        for choice in entity.fields.values():
            if choice.options and not choice.retired and _place(choice) not in stored:
                yield from map(on_nobody, self._splits(entity, choice))

    def _is_early(self, entity: Entity, choice: Field, giver: str) -> bool:
        """Return whether values are converted first, or records begin in the stage that gives."""
        begun = (
            each.first.key
            for key, each in entity.pipelines.items()
            if key not in self.old.model.entities[entity.key].pipelines
            and (each.field_key, each.when) == (choice.key, None)
        )
        former = known_field(self.old.model, *_place(choice))
        converted = former is not None and former.column != choice.column
        return converted or giver in begun

    def _split(self, entity: Entity, choice: Field, split: Split) -> Shift:
        def chosen(present: str) -> Retold:
            ids = taken_ids(self.ctx, self.old, split)
            return moved_into(
                entity, choice, (split.giver, split.option), present, f" AND id IN ({ids})"
            )

        return Shift("split", choice, split.giver, split.option, chosen, split.when, split=split)


def _is_clear(
    ctx: Context,
    old: CompiledModel,
    live: Live,
    moving: Mapping[tuple[str, str], int],
    split: Split,
) -> bool:
    """Return whether a condition can be asked now and says the same in the switch."""
    mine = (split.entity, split.field)
    moved = frozenset(place for place, count in moving.items() if count > (place == mine))
    settled = is_settled(split.condition, old.model, ctx.model, live)
    return settled and not reads_any(split.condition, moved)


def _turns(found: Sequence[Shift], retraced: Iterator[Turn]) -> tuple[Turn, ...]:
    """Return shifts that follow from the models alone, and then what follows from history."""
    return (*((lambda _: found,) if found else ()), *retraced)


def _looks_back(choices: tuple[tuple[Entity, Field], ...], old: Model) -> bool:
    """Return whether anything was split, or is in use again, so that earlier moves matter."""
    for entity, choice in choices:
        former = known_field(old, entity.key, choice.key)
        options = (*choice.options.values(), *(former.options.values() if former else ()))
        if any(option.takes for option in options):
            return True
        if any(not o.retired and not _in_use(old, choice, o.key) for o in choice.options.values()):
            return True
    return False


def _stored_choices(model: Model, live: Live) -> Iterator[tuple[Entity, Field]]:
    """Yield the fields in use whose column there is, and that hold options."""
    for entity in model.entities.values():
        there = live.get(entity.table)
        if there is None or entity.retired or entity.system:
            continue
        for each in entity.fields.values():
            if each.options and not each.retired and each.column in there.columns:
                yield entity, each


def _newly_merged(old: Model, entity: Entity, choice: Field, emptied: set[str]) -> Iterator[Option]:
    """Yield the options whose records belong elsewhere from now on, or that get some back."""
    former = known_field(old, entity.key, choice.key)
    same = former is not None and former.column == choice.column
    for option in choice.options.values():
        known = former.options.get(option.key) if former is not None and same else None
        if option.into and (known is None or known.into != option.into or option.key in emptied):
            yield option


def _in_use(old: Model, choice: Field, option: str) -> bool:
    former = known_field(old, choice.entity, choice.key)
    known = former.options.get(option) if former is not None else None
    return known is not None and not known.retired


def _merge(entity: Entity, choice: Field, option: Option) -> Shift:
    def chosen(present: str) -> Retold:
        return moved_into(entity, choice, (option.key, option.into), present)

    return Shift("move", choice, option.key, option.into, chosen)


def _place(choice: Field) -> tuple[str, str]:
    return choice.entity, choice.key
