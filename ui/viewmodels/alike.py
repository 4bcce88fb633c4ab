"""Records that look like one another: while one is typed, in groups, and two beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.merging import Cluster, Lookalike
from engine.query.spec import LinkValue, Record
from metamodel.model import Entity, Field
from ui.screen import Screen
from ui.viewmodels.cells import Cell, cell
from ui.viewmodels.inputs import enterable
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class AlikeLine:
    """One record of a group, and where it is made one with the first."""

    title: str
    url: str
    merge_url: str


@dataclass(frozen=True, slots=True)
class AlikeGroup:
    """Records that agree in something."""

    label: str
    count: int
    lines: tuple[AlikeLine, ...]


@dataclass(frozen=True, slots=True)
class AlikePage:
    """The groups of an entity."""

    shell: Shell
    heading: str
    icon: str
    list_url: str
    list_label: str
    groups: tuple[AlikeGroup, ...]


@dataclass(frozen=True, slots=True)
class MergeLine:
    """One field of both records; `theirs`: without a word the other value is taken."""

    name: str
    label: str
    mine: Cell
    other: Cell
    differs: bool
    choosable: bool
    theirs: bool


@dataclass(frozen=True, slots=True)
class MergePage:
    """Two records beside each other, and which value each field is to keep."""

    shell: Shell
    heading: str
    icon: str
    kept_title: str
    kept_url: str
    gone_title: str
    gone_url: str
    swap_url: str
    save_url: str
    back_url: str
    lines: tuple[MergeLine, ...]


def alike_fields(entity: Entity) -> Iterator[str]:
    """Yield the fields, by name, that may say that a record is there already."""
    keys = {key for rule in entity.duplicates.values() for key in rule.match}
    if entity.duplicates and entity.title_field:
        keys.add(entity.title_field)
    yield from (field.name for key, field in entity.fields.items() if key in keys)


def alike_lines(
    screen: Screen, entity: Entity, found: Iterable[Lookalike]
) -> list[Mapping[str, object]]:
    """Return what a record would look like, as the browser says it beside a field."""
    say = screen.words.say
    lines: list[Mapping[str, object]] = []
    for each in found:
        kind = screen.ctx.model.entities[each.entity]
        if each.id is None:
            said = say("There is one already, which somebody else looks after.")
        else:
            said = say("Nearly the same:") if each.near else say("There already:")
        lines.append(
            {
                "field": each.field,
                "said": said,
                "title": each.title,
                "url": screen.record_url(kind.name, each.id) if each.id is not None else "",
                "blocks": each.blocks,
            }
        )
    return lines


def alike_page(screen: Screen, entity: Entity, found: Iterable[Cluster]) -> AlikePage:
    """Return the groups of records that look like one another."""
    heading = screen.words.say("Duplicates: {name}", name=screen.entity_label(entity, plural=True))
    here = screen.url("records", entity.name)
    return AlikePage(
        shell=shell(screen, heading, here),
        heading=heading,
        icon=entity.icon or "copy",
        list_url=here,
        list_label=screen.entity_label(entity, plural=True),
        groups=tuple(_group(screen, entity, each) for each in found),
    )


def _group(screen: Screen, entity: Entity, found: Cluster) -> AlikeGroup:
    first = found.records[0] if found.records else None
    return AlikeGroup(
        label=" · ".join(screen.field_label(entity.fields[key]) for key in found.fields),
        count=found.count,
        lines=tuple(
            AlikeLine(
                each.title or "•••",
                screen.record_url(entity.name, each.id),
                _merge_url(screen, entity, first, each),
            )
            for each in found.records
        ),
    )


def _merge_url(screen: Screen, entity: Entity, kept: LinkValue | None, gone: LinkValue) -> str:
    if kept is None or kept.id == gone.id:
        return ""
    at = ("records", entity.name, str(kept.id), "merge")
    return screen.url(*at, **{"with": str(gone.id)})


def merge_page(screen: Screen, entity: Entity, kept: Record, gone: Record) -> MergePage:
    """Return two records beside each other."""
    heading = screen.words.say("Merge two into one")
    here = ("records", entity.name)
    writable = screen.services.access.writable(screen.ctx, entity.key)
    return MergePage(
        shell=shell(screen, heading, screen.url(*here)),
        heading=heading,
        icon=entity.icon or "copy",
        kept_title=kept.title,
        kept_url=screen.record_url(entity.name, kept.id),
        gone_title=gone.title,
        gone_url=screen.record_url(entity.name, gone.id),
        swap_url=screen.url(*here, str(gone.id), "merge", **{"with": str(kept.id)}),
        save_url=screen.url(*here, str(kept.id), "merge", **{"with": str(gone.id)}),
        back_url=screen.url(*here, "duplicates"),
        lines=tuple(
            _line(screen, field, kept, gone, writable)
            for key, field in entity.fields.items()
            if _compared(field, key, kept, gone)
        ),
    )


def _compared(field: Field, key: str, kept: Record, gone: Record) -> bool:
    """Return whether a field has something to compare: entered, and filled in one of both."""
    entered = field.formula is None and not (field.retired or field.hidden)
    own = not field.builtin or key == "owner"
    filled = any(each.values.get(key) not in (None, "", ()) for each in (kept, gone))
    return entered and own and filled and field.type != "autonumber"


def _line(
    screen: Screen, field: Field, kept: Record, gone: Record, writable: frozenset[str]
) -> MergeLine:
    mine, other = kept.values.get(field.key), gone.values.get(field.key)
    choosable = enterable(field, writable) and not field.encrypted and other not in (None, "", ())
    return MergeLine(
        name=field.name,
        label=screen.field_label(field),
        mine=cell(screen, field, mine),
        other=cell(screen, field, other),
        differs=mine != other,
        choosable=choosable and mine != other,
        theirs=mine in (None, "", ()),
    )
