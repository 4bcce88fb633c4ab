"""What is done with many records at once: looked at beforehand, done, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engine.access.shares import Given
from engine.doors import Bulk, BulkResult, Edit
from engine.errors import FieldError, RecordRefused
from engine.exchange.journal import ImportState
from engine.messages import phrase, sentence
from engine.query.spec import ListQuery
from engine.undoing import Kept, Undone
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.asked import Asked
from ui.viewmodels.looking import Looking
from ui.viewmodels.rows import sheet

AT_ONCE = 1000
"""Records that one request changes; the browser sends more of them in turns, and says how far."""

MOST = 20_000
"""Records that are chosen at once."""

PAGE = 500

SAMPLES = 8
"""Records that are named among those that refuse."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done with records: values by field name for each, or the trash."""

    ids: tuple[UUID, ...]
    values: Mapping[str, Any]
    trash: bool = False

    def bulk(self) -> Bulk:
        """Return the write; each record is done or refused by itself."""
        if self.trash:
            return Bulk(delete=self.ids, atomic=False)
        return Bulk(update=[Edit(each, self.values) for each in self.ids], atomic=False)


def read_wanted(body: Any, most: int = AT_ONCE) -> Wanted:  # Any: JSON of every shape
    """Return what a request wants done; raise `RecordRefused` for what cannot be read."""
    found = body if isinstance(body, Mapping) else {}
    ids, values = read_ids(body, most), found.get("values")
    trash = found.get("trash") is True
    if not trash and not (isinstance(values, Mapping) and values):
        raise RecordRefused([FieldError("required", ("values",))])
    return Wanted(ids, values if isinstance(values, Mapping) else {}, trash)


def read_ids(body: Any, most: int = AT_ONCE) -> tuple[UUID, ...]:  # Any: JSON of every shape
    """Return the records that a request is about; raise `RecordRefused` for none or too many."""
    texts = body.get("ids") if isinstance(body, Mapping) else None
    if not isinstance(texts, list) or not texts:
        raise RecordRefused([FieldError("required", ("ids",))])
    if len(texts) > most:
        raise RecordRefused([FieldError("bulk_too_large", (), {"max": most})])
    return _ids(texts)


def given_shares(body: Any) -> tuple[UUID, ...]:  # Any: JSON of every shape
    """Return the shares that a request wants taken back."""
    texts = body.get("shares") if isinstance(body, Mapping) else None
    return _ids(texts) if isinstance(texts, list) and len(texts) <= MOST else ()


def _ids(texts: Sequence[Any]) -> tuple[UUID, ...]:
    try:
        return tuple(dict.fromkeys(UUID(str(each)) for each in texts))
    except ValueError:
        raise RecordRefused([FieldError("invalid_id", ("ids",))]) from None


def change_sets(body: Any) -> tuple[UUID, ...]:  # Any: JSON of every shape
    """Return the change sets that a request wants taken back."""
    texts = body.get("change_sets") if isinstance(body, Mapping) else None
    return _ids(texts) if isinstance(texts, list) and len(texts) <= MOST // AT_ONCE + 1 else ()


def all_ids(screen: Screen, entity: Entity, looking: Looking, asked: Asked) -> list[str]:
    """Return every record of a list, as far as so many can be chosen at once."""
    made = sheet(screen, entity, replace(looking.view, columns=looking.view.columns[:1]), asked)
    found: list[str] = []
    while len(found) < MOST:
        page = made.find(limit=PAGE)
        found += [str(row.id) for row in page.rows]
        if not page.next:
            break
        made = replace(made, asked=replace(made.asked, cursor=page.next))
    return found[:MOST]


def result_answer(screen: Screen, entity: Entity, result: BulkResult) -> dict[str, object]:
    """Return what became, or would become, of records: how many, and who refuses and why."""
    refused = [item for item in result.items if item.status != "done"]
    reasons: dict[str, list[UUID]] = {}
    for item in refused:
        said = " ".join(sentence(error, screen.language) for error in item.errors)
        reasons.setdefault(said, []).append(item.id or UUID(int=0))
    return {
        "done": len(result.items) - len(refused),
        "change_set": str(result.change.id) if result.change is not None else "",
        **_refused(screen, entity, reasons),
    }


def state_answer(screen: Screen, entity: Entity, state: ImportState) -> dict[str, object]:
    """Return how far a change of many records is, and who refuses so far and why."""
    reasons: dict[str, list[UUID]] = {}
    for each in state.rejected:
        said = " ".join(sentence(error, screen.language) for error in each.errors)
        found = [UUID(cell) for cell in each.cells if cell]
        reasons.setdefault(said, []).extend(found or [UUID(int=0)])
    return {
        **_refused(screen, entity, reasons),
        "state": state.state,
        "gone": state.done,
        "total": state.total,
        "done": state.counts.get("updated", 0),
        "refused": state.counts.get("rejected", 0),
    }


def given_answer(screen: Screen, entity: Entity, given: Given) -> dict[str, object]:
    """Return what became, or would become, of records that are shared."""
    reasons: dict[str, list[UUID]] = {}
    for record, code in given.refused.items():
        reasons.setdefault(phrase(code, screen.language), []).append(record)
    return {
        "done": len(given.done),
        "shares": [str(each) for each in given.made],
        **_refused(screen, entity, reasons),
    }


def _refused(
    screen: Screen, entity: Entity, reasons: Mapping[str, Sequence[UUID]]
) -> dict[str, object]:
    """Return how many records refuse, and some of those of each reason by their titles."""
    named = titles(screen, entity, [each for ids in reasons.values() for each in ids[:SAMPLES]])
    return {
        "refused": sum(len(ids) for ids in reasons.values()),
        "why": [
            {
                "reason": reason,
                "count": len(ids),
                "records": [named.get(each, "") for each in ids[:SAMPLES]],
            }
            for reason, ids in reasons.items()
        ],
    }


def undone_answer(screen: Screen, entity: Entity, undone: Undone) -> dict[str, object]:
    """Return what was taken back, and the records that stay, with who changed them since."""
    shown = undone.kept[: SAMPLES * 2]
    named = titles(screen, entity, [each.id for each in shown])
    return {
        "done": len(undone.done),
        "kept": len(undone.kept),
        "why": [_kept(screen, entity, each, named) for each in shown],
    }


def _kept(
    screen: Screen, entity: Entity, kept: Kept, named: Mapping[UUID, str]
) -> dict[str, object]:
    if kept.reason != "changed_since":
        return {"title": named.get(kept.id, ""), "reason": phrase(kept.reason, screen.language)}
    if kept.id not in named:
        # Of a record that is not theirs to read any more they are told only that it stays.
        return {"title": "", "reason": phrase("not_found", screen.language)}
    readable = screen.services.access.readable(screen.ctx, kept.entity)
    fields = [entity.fields[key] for key in kept.fields if key in readable & entity.fields.keys()]
    joint = "、" if screen.language == "zh" else ", "
    words = {
        "who": titles(screen, screen.ctx.model.entities["user"], [kept.by]).get(kept.by, "•••")
        if kept.by
        else "•••",
        "when": screen.formats.instant(kept.at) if kept.at is not None else "",
        "fields": joint.join(screen.field_label(field) for field in fields),
    }
    said = screen.words.say("{who} changed {fields} since, {when}", **words)
    return {"title": named.get(kept.id, ""), "reason": said}


def titles(screen: Screen, entity: Entity, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return what records are called that the person may read."""
    if not ids:
        return {}
    query = ListQuery(entity.key, among=tuple(ids), limit=PAGE)
    return {row.id: row.title for row in screen.services.reader.find(screen.ctx, query).rows}
