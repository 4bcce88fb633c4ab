"""Forms and fields: every kind of record that an administrator can change, by module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metamodel.model import Entity, Model
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import DraftBar, Drafted, draft_bar
from ui.viewmodels.admin.reshape.origins import Origins, Written, origins_below
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of record."""

    label: str
    icon: str
    url: str
    fields: int
    stages: int
    written: Written
    note: str


@dataclass(frozen=True, slots=True)
class KindGroup:
    """The kinds of one module."""

    label: str
    lines: tuple[KindLine, ...]


@dataclass(frozen=True, slots=True)
class KindsPage:
    """All of them, and what is not published yet."""

    shell: Shell
    heading: str
    count: int
    groups: tuple[KindGroup, ...]
    bar: DraftBar
    add_url: str


def kinds_page(screen: Screen, drafted: Drafted) -> KindsPage:
    """Return every kind of record of the draft's model."""
    heading, here = screen.words.say("Forms and fields"), screen.url("admin", "forms")
    groups = tuple(_groups(drafted.screen))
    return KindsPage(
        shell=shell(screen, heading, here),
        heading=heading,
        count=sum(len(group.lines) for group in groups),
        groups=groups,
        bar=draft_bar(screen, drafted),
        add_url=screen.url("admin", "forms", "add", "kind"),
    )


def changeable(entity: Entity) -> bool:
    """Return whether an entity's form is anybody's business."""
    return not (entity.system or entity.retired or entity.off or entity.pair)


def _groups(screen: Screen) -> Iterator[KindGroup]:
    found: dict[str, list[KindLine]] = {}
    origins = origins_below(screen.ctx.model, "entities")
    for entity in screen.ctx.model.entities.values():
        if changeable(entity):
            found.setdefault("people" if entity.builtin else entity.module, []).append(
                _line(screen, entity, origins)
            )
    for name in _ordered(screen.ctx.model, found):
        yield KindGroup(_module(screen, name), tuple(found[name]))


def _ordered(model: Model, found: dict[str, list[KindLine]]) -> list[str]:
    """Return the names of modules as the app lists them; people come last."""
    known = [name for name in model.modules if name in found]
    return [*known, *(name for name in found if name not in known)]


def _module(screen: Screen, name: str) -> str:
    module = screen.ctx.model.modules.get(name)
    if module is not None:
        return screen.label(module.label, name)
    return screen.words.say("People") if name == "people" else screen.words.say("Other")


def _line(screen: Screen, entity: Entity, origins: Origins) -> KindLine:
    parent = screen.ctx.model.entities.get(entity.child_of.entity) if entity.child_of else None
    return KindLine(
        label=screen.entity_label(entity),
        icon=entity.icon or ("list-details" if parent else "forms"),
        url=screen.url("admin", "forms", entity.name),
        fields=sum(not (each.retired or each.builtin) for each in entity.fields.values()),
        stages=sum(
            not stage.retired
            for pipeline in entity.pipelines.values()
            for stage in pipeline.stages.values()
        ),
        written=origins.of("entities", entity.name),
        note=screen.words.say("Lines of {name}", name=screen.entity_label(parent))
        if parent
        else "",
    )
