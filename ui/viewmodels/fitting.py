"""What a record's own page leaves out: what its conditions hide, as long as it holds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.errors import QueryInvalid
from engine.query.spec import AggregateQuery, Record
from formula.typed import Typed
from metamodel.model import Entity
from metamodel.views import Form, Item, Section, Tab
from ui.screen import Screen
from ui.viewmodels.conditions import linked_to


def fitting_form(screen: Screen, entity: Entity, form: Form, record: Record) -> Form:
    """Return a form without the empty parts that its conditions hide on this record.

    What is hidden and yet holds something stays: a page must not conceal what is stored.
    """
    conditions = {typed.text: typed for typed in _conditions(entity, form)}
    if not conditions:
        return form
    fit = _Fitting(entity, record, unmet(screen, entity, record, conditions.values()))
    return replace(form, tabs=tuple(fit.tab(tab) for tab in form.tabs if fit.keeps_tab(tab)))


def _conditions(entity: Entity, form: Form) -> Iterator[Typed]:
    for tab in form.tabs:
        if tab.visible_when is not None:
            yield tab.visible_when
        for section in tab.sections:
            if section.visible_when is not None:
                yield section.visible_when
            for item in section.items:
                seen = _seen(entity, item)
                if seen is not None:
                    yield seen


def _seen(entity: Entity, item: Item) -> Typed | None:
    return item.visible_when or entity.fields[item.field].visible_when


def unmet(
    screen: Screen, entity: Entity, record: Record, conditions: Iterable[Typed]
) -> frozenset[str]:
    """Return the texts of the conditions that do not hold, found by one question.

    None is among them that reads what the person may not.
    """
    asked = {f"c{place}": typed for place, typed in enumerate(conditions)}
    query = AggregateQuery(
        entity.key, linked_to(screen, entity.key, "id", record.id), asked, explain=False
    )
    try:
        rows = screen.services.reader.aggregate(screen.ctx, query).rows
    except QueryInvalid:
        return frozenset()
    return frozenset(asked[name].text for row in rows for name in asked if row[name] is not True)


@dataclass(frozen=True, slots=True)
class _Fitting:
    """One record, and the conditions that do not hold for it."""

    entity: Entity
    record: Record
    hidden: frozenset[str]

    def keeps_tab(self, tab: Tab) -> bool:
        held = any(self.holds(section) for section in tab.sections)
        return self.shows(tab.visible_when) or held

    def tab(self, tab: Tab) -> Tab:
        kept = (
            replace(section, items=tuple(item for item in section.items if self.keeps(item)))
            for section in tab.sections
            if self.shows(section.visible_when) or self.holds(section)
        )
        return replace(tab, sections=tuple(kept))

    def keeps(self, item: Item) -> bool:
        return self.shows(_seen(self.entity, item)) or self.has(item)

    def shows(self, condition: Typed | None) -> bool:
        return condition is None or condition.text not in self.hidden

    def holds(self, section: Section) -> bool:
        """Return whether a section has lines, or a value that somebody gave it."""
        return bool(self.record.lines.get(section.grid)) or any(map(self.has, section.items))

    def has(self, item: Item) -> bool:
        return self.record.values.get(item.field) not in (None, False, "", ())
