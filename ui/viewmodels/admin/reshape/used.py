"""Where an element is used, in words, with the way to each place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.schema.lost_tokens import said_of, tokens_naming
from metamodel.impact import where_used
from metamodel.model import Entity
from metamodel.places import Path, place_text
from ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses an element: what it is called, and where it is changed."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class UsedLine:
    """One field, and every place that uses it."""

    name: str
    label: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class UsedView:
    """Where the fields of one kind of record are used, and which API tokens name it."""

    lines: tuple[UsedLine, ...]
    tokens: tuple[str, ...] = ()


def uses(screen: Screen, paths: Iterable[Path]) -> tuple[Use, ...]:
    """Return places as a person reads them, each once."""
    model = screen.ctx.model
    found = {
        Use(
            place_text(model, path, screen.language),
            use_url(screen, path),
        )
        for path in paths
    }
    return tuple(sorted(found, key=lambda use: use.label))


def used_view(screen: Screen, entity: Entity) -> UsedView:
    """Return where each field of a kind of record is used, unused ones last."""
    places = where_used(screen.ctx.model)
    lines = [
        UsedLine(
            field.name,
            screen.field_label(field),
            uses(screen, places.get((entity.key, field.key), ())),
        )
        for field in entity.fields.values()
        if not (field.retired or field.builtin)
    ]
    database = screen.services.people.ledger.database
    tokens = tokens_naming(database, screen.ctx.tenant, screen.ctx.model, entity)
    return UsedView(
        tuple(sorted(lines, key=lambda line: not line.uses)), tuple(map(said_of, tokens))
    )


def use_url(screen: Screen, path: Path) -> str:
    """Return the page on which an element can be seen or changed, "" where there is none."""
    model = screen.ctx.model
    if path[0] == "entities" and path[1] in model.entities:
        name = model.entities[path[1]].name
        tab = {
            "fields": "fields", "pipelines": "stages", "rules": "rules", "forms": "form",
            "views": "lists",
        }.get(path[2] if len(path) > 2 else "fields", "fields")  # fmt: skip # noqa: PLR2004
        return f"{screen.url('admin', 'forms', name)}#{tab}"
    if path[0] == "roles" and path[1] in model.roles:
        return screen.url("admin", "roles", path[1])
    if path[0] == "dashboards" and path[1] in model.dashboards:
        return screen.url("dashboards", model.dashboards[path[1]].name)
    return ""
