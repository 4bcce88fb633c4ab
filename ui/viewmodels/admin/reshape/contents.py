"""What came, went, moved or was renamed among options, stages, items, columns or steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from metamodel.actions import ActionStep
from metamodel.approvals import ApprovalStep, Threshold
from metamodel.diff import said
from metamodel.duties import Escalation
from metamodel.flows import Stage
from metamodel.label import Label
from metamodel.model import Option
from metamodel.views import Section, Tab, ViewColumn
from ui.screen import Screen
from ui.viewmodels.admin.role_changes import ChangedLine
from ui.viewmodels.cells import path_label


@dataclass(frozen=True, slots=True)
class Member:
    """One of several things in an order: what it is called, and all that it says."""

    label: str
    said: object
    into: str = ""


def contents(
    was: Screen, now: Screen, entity: str, before: object, after: object
) -> Iterator[ChangedLine]:
    """Yield what differs between two collections, each read over the model that it is of."""
    old, new = _members(was, entity, before), _members(now, entity, after)
    say = now.words.say
    for key, member in new.items():
        if key not in old:
            yield ChangedLine(say("Added"), "", member.label)
        elif old[key].label != member.label:
            yield ChangedLine(say("Renamed"), old[key].label, member.label)
        elif old[key].said != member.said:
            yield ChangedLine(say("Changed"), "", member.label)
    for key, member in old.items():
        if key not in new:
            into = _into(after, key)
            target = new[into].label if into in new else ""
            heading = say("Merged") if target else say("Taken away")
            yield ChangedLine(heading, member.label, target)
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        order = " · ".join(member.label for member in new.values())
        yield ChangedLine(say("New order"), "", order)


def _into(found: object, key: str) -> str:
    """Return the key of what a retired member was merged into, "" for none."""
    member = found.get(key) if isinstance(found, Mapping) else None
    return str(getattr(member, "into", "") or "")


def _members(screen: Screen, entity: str, found: object) -> dict[str, Member]:
    """Return the members of a collection by key, those out of use left out."""
    if isinstance(found, Mapping):
        live = {k: each for k, each in found.items() if not getattr(each, "retired", False)}
        return {key: Member(_label(screen, each, key), _plain(each)) for key, each in live.items()}
    members: dict[str, Member] = {}
    for each in found if isinstance(found, tuple) else ():
        if isinstance(each, Tab):
            members |= dict(_items(screen, entity, each))
        elif isinstance(each, ViewColumn):
            label = path_label(screen, each.path, each.label)
            members[each.path.text] = Member(label, said(each))
        elif isinstance(each, ActionStep | ApprovalStep | Threshold | Escalation):
            members[each.name] = Member(_label(screen, each, each.name), said(each))
    return members


def _items(screen: Screen, entity: str, tab: Tab) -> Iterator[tuple[str, Member]]:
    """Yield the sections of a tab and the fields on them."""
    for section in tab.sections:
        heading = _heading(screen, tab, section)
        yield f"{tab.name}/{section.name}", Member(heading, said(section.visible_when))
        for item in section.items:
            known = screen.ctx.model.entities.get(entity)
            field = known.fields.get(item.field) if known else None
            label = screen.field_label(field) if field else item.field
            yield item.field, Member(label, (tab.name, section.name, said(item)))


def _heading(screen: Screen, tab: Tab, section: Section) -> str:
    return screen.label(section.label) or screen.label(tab.label, tab.name)


def _label(screen: Screen, member: object, key: str) -> str:
    label = getattr(member, "label", None)
    return screen.label(label, key) if isinstance(label, Label) else key


def _plain(member: object) -> object:
    """Return what a member says beside its label."""
    if isinstance(member, Option):
        return member.color, member.icon, member.active, said(member.takes)
    if isinstance(member, Stage):
        shown = member.color, member.probability, member.ends, member.must_fill
        return *shown, member.normal_days, said(member.takes)
    return said(member)
