"""What is sent of a view that somebody keeps, as the screens and the API send it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.context import Context, role_id
from engine.errors import FieldError, NotFound, RecordRefused
from engine.values.refusals import shown
from engine.views import SavedView, SavedViews, Sharing, Wanted, kept, spec_of
from metamodel.model import Entity
from ui.viewmodels.looking import ICONS

SHARINGS: Mapping[str, Sharing] = {"mine": "mine", "some": "some", "everyone": "everyone"}


def seen_view(views: SavedViews, ctx: Context, entity: Entity, view: UUID) -> SavedView:
    """Return a saved view of this entity that the person sees; raise `NotFound` for others."""
    found = views.get(ctx, view)
    if found.entity != entity.key or found.kind not in ICONS:
        raise NotFound(view=str(view))
    return found


def wanted_view(
    ctx: Context, entity: Entity, values: Mapping[str, Any], before: SavedView | None = None
) -> Wanted:
    """Return the view that was sent; what is not said stays as it was. Any: JSON values."""
    state = spec_of(state_of(values)) if "state" in values else None
    made = kept(ctx, entity, state) if state is not None else None
    base = str(values.get("base", "")) if before is None else before.base
    begun = next((view for view in entity.views.values() if view.key == base), None)
    sharing = SHARINGS.get(str(values.get("sharing", before.sharing if before else "mine")), "mine")
    return Wanted(
        title=str(values.get("title", before.title if before else "") or ""),
        spec=made.spec if made is not None else before.spec if before is not None else {},
        uses=made.uses if made is not None else before.uses if before is not None else (),
        kind=begun.type if begun is not None else "list",
        entity=entity.key,
        base=base,
        sharing=sharing,
        shared_with=_whom(ctx, values)
        if "sharing" in values
        else before.shared_with
        if before
        else (),
        locked=bool(values.get("locked", before.locked if before else False)),
    )


def state_of(values: Mapping[str, Any]) -> Any:
    """Return the spec that was sent: as an object, or as the text that a form holds."""
    state = values.get("state")
    if not isinstance(state, str):
        return state
    try:
        return json.loads(state)
    except ValueError:
        raise RecordRefused([FieldError("object_expected", ("state",))]) from None


def _whom(ctx: Context, values: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Return with whom a view is shared: people, departments, teams, and roles by their names."""
    roles = _list(values.get("roles"))
    unknown = next((each for each in roles if str(each) not in ctx.model.roles), None)
    if unknown is not None:
        known = {"value": shown(unknown), "known": sorted(ctx.model.roles)}
        raise RecordRefused([FieldError("unknown_role", ("roles",), known)])
    found = [role_id(str(name)) for name in roles]
    for kind in ("person", "department", "team"):
        for text in _list(values.get(kind)):
            try:
                found.append(UUID(str(text)))
            except ValueError:
                wrong = FieldError("invalid_id", (kind,), {"value": str(text)[:80]})
                raise RecordRefused([wrong]) from None
    return tuple(dict.fromkeys(found))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
