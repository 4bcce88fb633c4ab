"""Pages around one record: its form, its own page, the trash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.query.spec import LinkValue, ListQuery, Record
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.alike import alike_fields
from ui.viewmodels.desk import desk_url, draft_of
from ui.viewmodels.forms import TabView, form_of, form_tabs
from ui.viewmodels.inputs import Given
from ui.viewmodels.linked import Known, linked_values, linked_values_of, plain, read_together
from ui.viewmodels.locking import Locked, locked_of
from ui.viewmodels.record import RecordView, record_view
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class FormView:
    """A record being entered or changed. `state` is what the browser's formulas start from."""

    heading: str
    entity: str
    entity_label: str
    icon: str
    tabs: tuple[TabView, ...]
    save_url: str
    back_url: str
    list_url: str
    list_label: str
    script_url: str
    linked_url: str
    desk_url: str
    alike_url: str
    alike_fields: str
    version: int | None
    revision: int
    state: Mapping[str, object]
    locked: Locked = Locked()

    @property
    def new(self) -> bool:
        return self.version is None


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form on a page of its own."""

    shell: Shell
    form: FormView


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A record on a page of its own."""

    shell: Shell
    record: RecordView


@dataclass(frozen=True, slots=True)
class TrashLine:
    """One record in the trash."""

    title: str
    when: str
    restore_url: str


@dataclass(frozen=True, slots=True)
class TrashPage:
    """The trash of one entity."""

    shell: Shell
    heading: str
    list_url: str
    lines: tuple[TrashLine, ...]
    capped: bool


def form_page(screen: Screen, form: FormView) -> FormPage:
    """Return a form as a page of its own."""
    return FormPage(shell(screen, form.heading, form.list_url), form)


def form_view(
    screen: Screen, entity: Entity, record: Record | None, given: Mapping[str, Given],
    *, form: str = "default",
) -> FormView:  # fmt: skip
    """Return the form of a new record, or of an existing one; `form` is one of the entity's."""
    name = screen.entity_label(entity)
    heading = record.title if record is not None else screen.words.say("New {name}", name=name)
    here = screen.url("records", entity.name)
    parts = (str(record.id),) if record is not None else ()
    locked = locked_of(screen, entity, record.id) if record is not None else Locked()
    return FormView(
        heading=heading,
        entity=entity.name,
        entity_label=name,
        icon=entity.icon or "file",
        tabs=form_tabs(screen, entity, form_of(screen, entity, form), record, given, locked),
        save_url=screen.url("records", entity.name, *parts),
        back_url=screen.url("records", entity.name, *parts),
        list_url=here,
        list_label=screen.entity_label(entity, plural=True),
        script_url=screen.url("formulas", f"{entity.name}.{screen.ctx.revision}.js"),
        linked_url=screen.url("linked"),
        desk_url=desk_url(screen, entity, record.id if record is not None else None),
        alike_url=screen.url("alike", entity.name),
        alike_fields=" ".join(alike_fields(entity)),
        version=record.version if record is not None else None,
        revision=screen.ctx.revision,
        state=_state(screen, entity, record, given),
        locked=locked,
    )


def _state(
    screen: Screen, entity: Entity, record: Record | None, given: Mapping[str, Given]
) -> Mapping[str, object]:
    """Return what the form's formulas read beside its inputs."""
    values = record.values if record is not None else {}
    links = {
        field.name: found.id
        for field in entity.fields.values()
        if isinstance(found := values.get(field.key, given.get(field.name)), LinkValue)
    }
    moment = screen.ctx.moment
    known: Known = {} if record is None else {(entity.key, record.id): record}
    return {
        "entity": entity.name,
        "draft": draft_of(screen, entity, record.id if record is not None else None),
        "linked": linked_values(screen, entity, links, known),
        "lines": {
            name: _lines_state(screen, entity, name, lines, known)
            for name, lines in (record.lines if record is not None else {}).items()
        },
        "moment": {
            "now": moment.now.isoformat(),
            "today": moment.today.isoformat(),
            "zone": moment.zone,
        },
        "user": {
            "id": str(screen.ctx.actor.user),
            "name": screen.ctx.actor.name,
            "roles": list(screen.ctx.actor.roles),
            "language": screen.ctx.language,
            "department": str(screen.ctx.actor.department or "") or None,
        },
        "settings": {
            name: plain(screen.ctx.settings.get(name, setting.default))
            for name, setting in screen.ctx.model.settings.items()
        },
    }


def _lines_state(
    screen: Screen, entity: Entity, collection: str, lines: Sequence[Record], known: Known
) -> Mapping[str, object]:
    """Return what the formulas of lines read behind their links, by the line's id."""
    child = screen.ctx.model.entities[entity.collections[collection].entity]
    links = {
        str(line.id): {
            child.fields[key].name: value.id
            for key, value in line.values.items()
            if isinstance(value, LinkValue)
        }
        for line in lines
    }
    read_together(screen, child, list(links.values()), known)
    behind = linked_values_of(screen, child, list(links.values()), known)
    return dict(zip(links, behind, strict=True))


def record_page(screen: Screen, entity: Entity, record: Record) -> RecordPage:
    """Return a record's own page."""
    here = screen.url("records", entity.name)
    return RecordPage(shell(screen, record.title, here), record_view(screen, entity, record))


def trash_page(screen: Screen, entity: Entity) -> TrashPage:
    """Return what of an entity lies in the trash."""
    page = screen.services.reader.find(
        screen.ctx, ListQuery(entity=entity.key, trashed=True, limit=100)
    )
    heading = screen.words.say("Trash: {name}", name=screen.entity_label(entity, plural=True))
    return TrashPage(
        shell=shell(screen, heading, screen.url("records", entity.name)),
        heading=heading,
        list_url=screen.url("records", entity.name),
        lines=tuple(
            TrashLine(
                title=row.title,
                when=_when(screen, row.values.get("updated_at")),
                restore_url=screen.record_url(entity.name, row.id, "restore"),
            )
            for row in page.rows
        ),
        capped=page.next is not None,
    )


def _when(screen: Screen, value: object) -> str:
    return screen.formats.instant(value) if isinstance(value, datetime) else ""
