"""Approvals as the inbox lists them: those to decide, one's own, copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.query.spec import ListQuery, Row
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.approval_told import comma
from ui.viewmodels.approvals import TONES, approval_label, state_label
from ui.viewmodels.cells import cell, exact_money
from ui.viewmodels.forms import form_of
from workflow.approvals.boxes import Box, Line

BOXES: Mapping[str, Box] = {
    "approve": "waiting", "requests": "mine", "copies": "copies",
}  # fmt: skip

Facts = tuple[tuple[str, str], ...]
"""What is known of a record at a glance: labels with values, as people read them."""

MOST_FACTS = 4


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One approval in the inbox; `facts` are the key figures of its record."""

    id: str
    title: str
    facts: Facts
    label: str
    kind: str
    icon: str
    url: str
    author: str
    instead_of: str
    step: str
    waits_for: str
    state_label: str
    tone: str
    at: str
    iso: str
    approve_url: str
    reject_url: str
    seen: bool


def case_lines(
    screen: Screen, tab: str, *, before: UUID | None, limit: int, decided: bool
) -> tuple[tuple[CaseLine, ...], UUID | None]:
    """Return a page of approvals for a tab of the inbox, and after what the next begins."""
    box = "decided" if decided and tab == "approve" else BOXES[tab]
    found = screen.services.approval_boxes.page(screen.ctx, box, before=before, limit=limit)
    facts = dict(_facts(screen, found))
    lines = tuple(
        _line(screen, each, facts.get(each.record.id, ()), decides=box == "waiting")
        for each in found
    )
    return lines, found[-1].of if len(found) == limit else None


def _facts(screen: Screen, lines: Sequence[Line]) -> Iterator[tuple[UUID, Facts]]:
    """Yield the key figures of each record, all records of one kind read at once."""
    ids: dict[str, list[UUID]] = {}
    for each in lines:
        ids.setdefault(each.record.entity, []).append(each.record.id)
    for name, wanted in ids.items():
        entity = screen.ctx.model.entity_named(name)
        if entity is None or not form_of(screen, entity).figures:
            continue
        query = ListQuery(entity.key, among=tuple(wanted), limit=len(wanted))
        for row in screen.services.reader.find(screen.ctx, query).rows:
            yield row.id, tuple(_known_of(screen, entity, row))[:MOST_FACTS]


def _known_of(screen: Screen, entity: Entity, row: Row) -> Iterator[tuple[str, str]]:
    """Yield the key figures of a record that say something, as far as the person may read them."""
    for key in form_of(screen, entity).figures:
        field = entity.fields[key]
        value = row.values.get(field.name)
        if value:
            shown = exact_money(screen, field, value) or cell(screen, field, value).text
            yield screen.field_label(field), shown


def _line(screen: Screen, line: Line, facts: Facts, *, decides: bool) -> CaseLine:
    entity = screen.ctx.model.entity_named(line.record.entity)
    case = str(line.case)
    url = screen.record_url(line.record.entity, line.record.id)
    names = [person.title or "•••" for person in line.waits_for[:3]]
    return CaseLine(
        id=case,
        title=line.record.title or "",
        facts=facts,
        label=approval_label(screen, line.approval),
        kind=screen.entity_label(entity) if entity is not None else "",
        icon=(entity.icon if entity is not None else "") or "file",
        url=f"{url}#approval-{case}",
        author=(line.author.title if line.author is not None else None) or "•••",
        instead_of=(line.instead_of.title if line.instead_of is not None else None) or "",
        step=line.stage.get(screen.language) or next(iter(line.stage.values()), ""),
        waits_for=comma(screen).join(names),
        state_label=state_label(screen, line.state),
        tone=TONES[line.state],
        at=screen.formats.instant(line.since),
        iso=line.since.isoformat(timespec="seconds"),
        approve_url=screen.url("approvals", case, "approve") if decides else "",
        reject_url=screen.url("approvals", case, "reject") if decides else "",
        seen=line.seen,
    )


def boxes_of(screen: Screen) -> frozenset[str]:
    """Return the tabs of approvals: there are some where the app has any."""
    return frozenset(BOXES) if screen.ctx.model.approvals else frozenset()


def approval_tabs(screen: Screen) -> Mapping[str, tuple[str, str]]:
    """Return what the tabs of approvals are called, and their icons."""
    say = screen.words.say
    if not screen.ctx.model.approvals:
        return {}
    return {
        "approve": (say("To approve"), "gavel"),
        "requests": (say("My requests"), "send"),
        "copies": (say("Copies"), "copy"),
    }


def approval_sentence(screen: Screen, what: str) -> str:
    """Return the sentence that a notice of an approval says."""
    say = screen.words.say
    told = {
        "asked": say("{who} asks you to decide on {record}: {name}"),
        "urged": say("{who} urges you to decide on {record}: {name}"),
        "reminded": say("{record} still waits for your decision: {name}"),
        "copied": say("{who} sent you a copy of {record}: {name}"),
        "approved": say("{record} is approved: {name}"),
        "rejected": say("{who} rejected {record}: {name}"),
        "returned": say("{who} returned {record} to you: {name}"),
        "replaced": say(
            "Somebody has left who was asked to decide: others decide instead on {count} approvals"
        ),
        "withdrawn": say("{who} withdrew {record}: {name}"),
        "commented": say("{who} said something about {record}: {name}"),
    }
    return told.get(what, "{record}: {name}")


def named_approval(screen: Screen, label: object) -> str:
    """Return what an approval was called when somebody was told of it."""
    if not isinstance(label, dict):
        return ""
    return str(label.get(screen.language) or next(iter(label.values()), ""))
