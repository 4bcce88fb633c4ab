"""Pages around one record: its form, its own page, the trash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from engine.access.grants import administers
from engine.access.listed import may_use
from engine.query.spec import LinkValue, ListQuery, Record
from formula.typed import Typed
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import Cell, cell
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.fitting import fitting_form
from ui.viewmodels.forms import TabView, form_of, form_tabs
from ui.viewmodels.linked import Known, linked_values, plain, read_together
from ui.viewmodels.related import RelatedTab, related_tabs
from ui.viewmodels.shell import Shell, shell
from ui.viewmodels.stages import StagePath, stage_paths


@dataclass(frozen=True, slots=True)
class FormPage:
    """A record being entered or changed. `state` is what the browser's formulas start from."""

    shell: Shell
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
    version: int | None
    revision: int
    state: Mapping[str, object]

    @property
    def new(self) -> bool:
        return self.version is None


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure in a record's heading."""

    label: str
    cell: Cell
    money: str = ""


@dataclass(frozen=True, slots=True)
class ConvertButton:
    """Making other records from this one."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A record as it is read."""

    shell: Shell
    heading: str
    entity: str
    entity_label: str
    icon: str
    list_url: str
    list_label: str
    edit_url: str
    delete_url: str
    converts: tuple[ConvertButton, ...]
    paths: tuple[StagePath, ...]
    figures: tuple[Figure, ...]
    tabs: tuple[TabView, ...]
    related: tuple[RelatedTab, ...]
    history_url: str
    share_url: str
    why_url: str
    personal_url: str
    kept: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


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


def form_page(
    screen: Screen, entity: Entity, record: Record | None, given: Mapping[str, LinkValue]
) -> FormPage:
    """Return the form of a new record, or of an existing one."""
    name = screen.entity_label(entity)
    heading = record.title if record is not None else screen.words.say("New {name}", name=name)
    here = screen.url("records", entity.name)
    parts = (str(record.id),) if record is not None else ()
    return FormPage(
        shell=shell(screen, heading, here),
        heading=heading,
        entity=entity.name,
        entity_label=name,
        icon=entity.icon or "file",
        tabs=form_tabs(screen, entity, form_of(screen, entity), record, given),
        save_url=screen.url("records", entity.name, *parts),
        back_url=screen.url("records", entity.name, *parts),
        list_url=here,
        list_label=screen.entity_label(entity, plural=True),
        script_url=screen.url("formulas", f"{entity.name}.{screen.ctx.revision}.js"),
        linked_url=screen.url("linked"),
        version=record.version if record is not None else None,
        revision=screen.ctx.revision,
        state=_state(screen, entity, record, given),
    )


def _state(
    screen: Screen, entity: Entity, record: Record | None, given: Mapping[str, LinkValue]
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
    return {line: linked_values(screen, child, found, known) for line, found in links.items()}


def record_page(screen: Screen, entity: Entity, record: Record) -> RecordPage:
    """Return a record's own page."""
    here = screen.url("records", entity.name)
    changeable = may_now(screen, "update", entity, record.id)
    form = fitting_form(screen, entity, form_of(screen, entity), record)
    return RecordPage(
        shell=shell(screen, record.title, here),
        heading=record.title,
        entity=entity.name,
        entity_label=screen.entity_label(entity),
        icon=entity.icon or "file",
        list_url=here,
        list_label=screen.entity_label(entity, plural=True),
        edit_url=screen.record_url(entity.name, record.id, "edit") if changeable else "",
        delete_url=(
            screen.record_url(entity.name, record.id, "delete")
            if may_now(screen, "delete", entity, record.id)
            else ""
        ),
        converts=_converts(screen, entity, record) if changeable else (),
        paths=stage_paths(screen, entity, record, changeable=changeable),
        figures=_figures(screen, entity, record, form.figures),
        tabs=form_tabs(screen, entity, form, record),
        related=related_tabs(screen, entity, form, record),
        history_url=screen.record_url(entity.name, record.id, "history") if entity.track else "",
        share_url=_share_url(screen, entity, record),
        why_url=screen.record_url(entity.name, record.id, "why"),
        personal_url=_personal_url(screen, entity, record),
        kept=tuple(
            (screen.field_label(entity.fields[each.field]), each.text)
            for each in screen.services.conversions.beside(screen.ctx, entity.key, record.id)
        ),
        facts=_facts(screen, entity, record),
    )


def _share_url(screen: Screen, entity: Entity, record: Record) -> str:
    """Return where a record's shares are seen, "" where there can be none."""
    shared = entity.owned and entity.child_of is None
    return screen.record_url(entity.name, record.id, "shares") if shared else ""


def _personal_url(screen: Screen, entity: Entity, record: Record) -> str:
    """Return where personal data is given and erased, "" for others and where there is none."""
    personal = any(each.personal_data for each in entity.fields.values())
    there = personal and administers(screen.ctx)
    return screen.url("admin", "people", "data", entity.name, str(record.id)) if there else ""


def may_now(screen: Screen, action: str, entity: Entity, record: UUID) -> bool:
    """Return whether the person may do this to this record."""
    return screen.services.access.decide(
        screen.ctx, action, entity=entity.key, record=record
    ).allowed


def _converts(screen: Screen, entity: Entity, record: Record) -> tuple[ConvertButton, ...]:
    return tuple(
        ConvertButton(
            label=screen.label(convert.label, convert.name),
            icon=convert.icon or "arrow-right",
            url=screen.record_url(entity.name, record.id, "convert", convert.name),
        )
        for convert in entity.converts.values()
        if may_use(screen.ctx, entity, "buttons", convert.key)
        and (convert.when is None or _holds(screen, entity, record.id, convert.when))
    )


def _holds(screen: Screen, entity: Entity, record: UUID, condition: Typed) -> bool:
    """Return whether a condition holds for a record now."""
    wanted = both(linked_to(screen, entity.key, "id", record), condition)
    page = screen.services.reader.find(
        screen.ctx, ListQuery(entity=entity.key, filter=wanted, limit=1)
    )
    return bool(page.rows)


def _figures(
    screen: Screen, entity: Entity, record: Record, keys: tuple[str, ...]
) -> tuple[Figure, ...]:
    found = []
    for key in keys:
        if key not in record.values:
            continue
        field, value = entity.fields[key], record.values[key]
        money = ""
        if field.type == "money" and isinstance(value, Decimal):
            money = screen.formats.money(value)
        found.append(Figure(screen.field_label(field), cell(screen, field, value), money))
    return tuple(found)


def _facts(screen: Screen, entity: Entity, record: Record) -> tuple[tuple[str, str], ...]:
    """Return who made and last changed the record, and when."""
    found = []
    for name in ("created_by", "created_at", "updated_by", "updated_at"):
        field = entity.fields.get(name)
        value = record.values.get(name)
        if field is not None and value is not None:
            found.append((screen.field_label(field), cell(screen, field, value).text))
    return tuple(found)


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
