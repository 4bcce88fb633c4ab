"""What a form must know of the records it links to, for its formulas and copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from engine.errors import NotFound
from engine.query.spec import LinkValue, Record
from formula.scope import Step
from metamodel.model import Entity
from ui.formulas import dotted, linked_paths
from ui.screen import Screen

Known = dict[tuple[str, UUID], Record | None]
"""Records by entity and id that were read before, None for one that may not be read."""


def linked_values(
    screen: Screen, entity: Entity, links: Mapping[str, UUID], known: Known | None = None
) -> Mapping[str, object]:
    """Return values by dotted path from this entity, for links by field name.

    A value behind a blank link, or one the person may not read, is left out: it is blank.
    """
    return linked_values_of(screen, entity, (links,), {} if known is None else known)[0]


def linked_values_of(
    screen: Screen, entity: Entity, lines: Sequence[Mapping[str, UUID]], known: Known
) -> list[Mapping[str, object]]:
    """Return the same for each of many lines; what their formulas read is found out once."""
    model = screen.ctx.model
    reads = [
        (entity.fields[key].name, dotted(model, chain), chain)
        for key, chains in linked_paths(model, entity).items()
        for chain in chains
    ]
    return [_values(screen, reads, links, known) for links in lines]


def _values(
    screen: Screen,
    reads: Sequence[tuple[str, str, tuple[Step, ...]]],
    links: Mapping[str, UUID],
    known: Known,
) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for name, path, chain in reads:
        target = links.get(name)
        value = None if target is None else _walk(screen, target, chain, known)
        if value is not None:
            found[path] = plain(value)
        if isinstance(value, LinkValue) and value.title:
            found[path + "#title"] = value.title
    return found


def read_together(
    screen: Screen, entity: Entity, lines: Sequence[Mapping[str, UUID]], known: Known
) -> None:
    """Read at once what many lines link to, so that each does not ask for its own."""
    for key, chains in linked_paths(screen.ctx.model, entity).items():
        name = entity.fields[key].name
        targets = {chain[1].entity for chain in chains if len(chain) > 1}
        for target in targets:
            wanted = {links[name] for links in lines if name in links}
            missing = [each for each in wanted if (target, each) not in known]
            try:
                found = screen.services.reader.get(screen.ctx, target, missing) if missing else ()
            except NotFound:
                # One of them may not be read: each is asked for where it is needed.
                continue
            known.update({(target, record.id): record for record in found})


def _walk(
    screen: Screen, target: UUID, chain: tuple[Step, ...],
    records: Known,
) -> object:  # fmt: skip
    here = target
    for index, step in enumerate(chain[1:], start=1):
        record = _get(screen, step.entity, here, records)
        value = record.values.get(step.field) if record is not None else None
        if index == len(chain) - 1:
            return value
        if not isinstance(value, LinkValue):
            return None
        here = value.id
    return None


def _get(screen: Screen, entity: str, record: UUID, records: Known) -> Record | None:
    if (entity, record) not in records:
        try:
            records[entity, record] = screen.services.reader.get(screen.ctx, entity, [record])[0]
        except NotFound:
            records[entity, record] = None
    return records[entity, record]


def plain(value: object) -> object:
    """Return a value as the browser's formulas take it: text, boolean, or a list of them."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return format(value, "f")
        case LinkValue(id=found):
            return str(found)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            return str(value)
