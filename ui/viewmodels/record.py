"""A record as it is read: in a drawer beside a list, or on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from engine.access.grants import administers
from engine.access.listed import may_use
from engine.query.spec import ListQuery, Record
from engine.records.convert import changed_by
from formula.typed import Typed
from metamodel.flows import Convert
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approvals import ApprovalBar, Submitting, approval_bars, submittings
from ui.viewmodels.cells import Cell, cell, exact_money
from ui.viewmodels.clocks import ClockView, clock_views
from ui.viewmodels.conditions import both, linked_to
from ui.viewmodels.desk import desk_url
from ui.viewmodels.documents import PaperView, papers_view
from ui.viewmodels.fitting import fitting_form
from ui.viewmodels.forms import TabView, form_of, form_tabs
from ui.viewmodels.invitations import invitable
from ui.viewmodels.locking import Locked, locked_by
from ui.viewmodels.pool_told import warning_of
from ui.viewmodels.pressing import PressButton, press_buttons
from ui.viewmodels.related import RelatedTab, related_tabs
from ui.viewmodels.shell import may
from ui.viewmodels.stages import StagePath, stage_paths


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure in a record's heading."""

    label: str
    cell: Cell
    money: str = ""
    why_url: str = ""


@dataclass(frozen=True, slots=True)
class ConvertButton:
    """Making other records from this one; a `locked` one leads to the approval that locks it."""

    label: str
    icon: str
    url: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record with everything around it; `here` is its own address.

    `goes_back` says that a pool is about to take it back; `clocks` are those of service levels.
    """

    heading: str
    here: str
    entity: str
    entity_label: str
    icon: str
    list_url: str
    list_label: str
    edit_url: str
    delete_url: str
    converts: tuple[ConvertButton, ...]
    presses: tuple[PressButton, ...]
    paths: tuple[StagePath, ...]
    figures: tuple[Figure, ...]
    tabs: tuple[TabView, ...]
    related: tuple[RelatedTab, ...]
    history_url: str
    alike_url: str
    desk_url: str
    share_url: str
    why_url: str
    personal_url: str
    kept: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    papers: tuple[PaperView, ...] = ()
    invite_url: str = ""
    returns: tuple[tuple[str, str], ...] = ()
    goes_back: str = ""
    clocks: tuple[ClockView, ...] = ()
    approvals: tuple[ApprovalBar, ...] = ()
    submits: tuple[Submitting, ...] = ()
    locked: Locked = Locked()


def record_view(screen: Screen, entity: Entity, record: Record) -> RecordView:
    """Return a record with its stages, approvals, figures, tabs and related lists."""
    cases = screen.services.approvals.of_record(screen.ctx, entity, record.id)
    locked = locked_by(screen, entity, cases)
    view = _record_view(screen, entity, record, locked)
    return replace(
        view,
        goes_back=warning_of(screen, entity, record),
        clocks=clock_views(screen, entity, record),
        approvals=approval_bars(screen, cases),
        submits=submittings(screen, entity, record.id) if view.edit_url else (),
        locked=locked,
    )


def _record_view(screen: Screen, entity: Entity, record: Record, locked: Locked) -> RecordView:
    listed = screen.url("records", entity.name)
    changeable = may_now(screen, "update", entity, record.id)
    form = fitting_form(screen, entity, form_of(screen, entity), record)
    return RecordView(
        heading=record.title,
        here=screen.record_url(entity.name, record.id),
        entity=entity.name,
        entity_label=screen.entity_label(entity),
        icon=entity.icon or "file",
        list_url=listed,
        list_label=screen.entity_label(entity, plural=True),
        edit_url=screen.record_url(entity.name, record.id, "edit") if changeable else "",
        delete_url=(
            screen.record_url(entity.name, record.id, "delete")
            if not locked.kept and may_now(screen, "delete", entity, record.id)
            else ""
        ),
        converts=_converts(screen, entity, record, locked) if changeable else (),
        presses=press_buttons(screen, entity, record.id),
        paths=stage_paths(screen, entity, record, changeable=changeable, locked=locked.names),
        figures=figures_of(screen, entity, record, form.figures),
        tabs=form_tabs(screen, entity, form, record),
        related=related_tabs(screen, entity, form, record),
        alike_url=_alike_url(screen, entity),
        desk_url=desk_url(screen, entity, record.id),
        history_url=screen.record_url(entity.name, record.id, "history") if entity.track else "",
        share_url=_share_url(screen, entity, record),
        why_url=screen.record_url(entity.name, record.id, "why"),
        personal_url=_personal_url(screen, entity, record),
        kept=tuple(
            (screen.field_label(entity.fields[each.field]), each.text)
            for each in screen.services.conversions.beside(screen.ctx, entity.key, record.id)
        ),
        facts=_facts(screen, entity, record),
        papers=papers_view(screen, entity, record.id, changeable=changeable),
        invite_url=_invite_url(screen, entity, record) if changeable else "",
        returns=_returns(screen, entity, record) if changeable and entity.owned else (),
    )


def _returns(screen: Screen, entity: Entity, record: Record) -> tuple[tuple[str, str], ...]:
    """Return the pools that the record may be given back to, and where that is asked."""
    place = screen.record_url(entity.name, record.id, "give-back")
    return tuple(
        (screen.label(each.label), f"{place}/{each.name}")
        for each in screen.services.pools.takes(screen.ctx, entity.key, record.id)
    )


def _invite_url(screen: Screen, entity: Entity, record: Record) -> str:
    """Return where people are invited to what is on their calendars, "" where nobody can be."""
    found = invitable(screen, entity)
    return screen.record_url(entity.name, record.id, "invite") if found is not None else ""


def _alike_url(screen: Screen, entity: Entity) -> str:
    """Return where records that look like one another are found, "" where no rule says which."""
    mergeable = entity.duplicates and may(screen, "delete", entity.key)
    return screen.url("records", entity.name, "duplicates") if mergeable else ""


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


def _converts(
    screen: Screen, entity: Entity, record: Record, locked: Locked
) -> tuple[ConvertButton, ...]:
    offered = (
        each
        for each in entity.converts.values()
        if may_use(screen.ctx, entity, "buttons", each.key)
        and (each.when is None or _holds(screen, entity, record.id, each.when))
    )
    return tuple(_convert_button(screen, entity, record, each, locked) for each in offered)


def _convert_button(
    screen: Screen, entity: Entity, record: Record, convert: Convert, locked: Locked
) -> ConvertButton:
    label = screen.label(convert.label, convert.name)
    if not locked.names.isdisjoint(changed_by(entity, convert)):
        return ConvertButton(label, "lock", locked.url, locked=True)
    url = screen.record_url(entity.name, record.id, "convert", convert.name)
    return ConvertButton(label, convert.icon or "arrow-right", url)


def _holds(screen: Screen, entity: Entity, record: UUID, condition: Typed) -> bool:
    """Return whether a condition holds for a record now."""
    wanted = both(linked_to(screen, entity.key, "id", record), condition)
    page = screen.services.reader.find(
        screen.ctx, ListQuery(entity=entity.key, filter=wanted, limit=1)
    )
    return bool(page.rows)


def key_figures(screen: Screen, entity: Entity, record: Record) -> tuple[Figure, ...]:
    """Return the key figures of a record as its own page shows them."""
    form = fitting_form(screen, entity, form_of(screen, entity), record)
    return figures_of(screen, entity, record, form.figures)


def figures_of(
    screen: Screen, entity: Entity, record: Record, keys: tuple[str, ...]
) -> tuple[Figure, ...]:
    """Return the key figures of a record, as far as the person may read them."""
    found = []
    for key in keys:
        if key not in record.values:
            continue
        field, value = entity.fields[key], record.values[key]
        why = ""
        if field.formula is not None and value is not None:
            why = screen.record_url(entity.name, record.id, "figures", field.name)
        drawn = cell(screen, field, value)
        money = exact_money(screen, field, value)
        found.append(Figure(screen.field_label(field), drawn, money, why))
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
