"""A filter while it is typed as a formula: what is wrong, what could follow, how many it finds."""

from __future__ import annotations

from engine.errors import QueryInvalid
from engine.messages import formula_sentence
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.formulas import Checked, completions


def checked_filter(screen: Screen, entity: Entity, text: str, at: int) -> Checked:
    """Return what is known of a filter; nothing is offered or told that somebody may not read.

    `at` is where the cursor stands.
    """

    def fits(name: str) -> bool:
        return _readable(screen, entity, name)

    offered = tuple(completions(screen, entity, text[:at], fits=fits))
    say = screen.words.say
    try:
        typed = parse_filter(screen.ctx, entity.key, text)
        query = ListQuery(entity.key, filter=typed, limit=1, count="capped")
        page = screen.services.reader.find(screen.ctx, query)
    except QueryInvalid as refused:
        wrong = tuple(formula_sentence(each, screen.language) for each in refused.problems)
        return Checked(wrong, "", offered)
    number = screen.formats.number(page.total or 0)
    count = f"{number}+" if page.capped else number
    return Checked((), say("{count} records match", count=count), offered)


def _readable(screen: Screen, entity: Entity, dotted: str) -> bool:
    """Return whether somebody may read every field on a way; what is no field is for everybody."""
    here: Entity | None = entity
    for name in dotted.split("."):
        field = here.field_named(name) if here is not None else None
        if here is None or field is None:
            inside = here.collections.get(name) if here is not None else None
            here = screen.ctx.model.entities[inside.entity] if inside is not None else None
            continue
        if field.key not in screen.services.access.readable(screen.ctx, here.key):
            return False
        targets = field.link.to if field.link is not None else ()
        here = screen.ctx.model.entities.get(targets[0]) if len(targets) == 1 else None
    return True
