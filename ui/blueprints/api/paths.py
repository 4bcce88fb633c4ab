"""What a list answers: the fields asked for, and those behind the links that are expanded."""

from __future__ import annotations

from engine.context import Context
from engine.doors import Access
from engine.errors import FieldError, RecordRefused
from engine.query.parse import parse_path, parse_paths
from engine.query.paths import plain_paths
from formula.scope import FieldBinding
from metamodel.model import Entity
from metamodel.views import FieldPath


def paths_of(
    ctx: Context, access: Access, target: Entity, *, fields: str, expand: str
) -> tuple[FieldPath, ...]:
    """Return the paths to read; none stands for every plain field."""
    named = parse_paths(ctx, target.key, fields)
    links = parse_paths(ctx, target.key, expand)
    if not links:
        return named
    wanted = {path.text: path for path in named or plain_paths(ctx, access, target).values()}
    for link in links:
        behind = _behind(ctx, link)
        wanted.setdefault(link.text, link)
        for name in _names(ctx, access, behind):
            text = f"{link.text}.{name}"
            wanted.setdefault(text, parse_path(ctx, target.key, text, where="expand"))
    return tuple(wanted.values())


def _behind(ctx: Context, link: FieldPath) -> Entity:
    """Return the one entity that a path leads to; raise where it is no link to one."""
    if isinstance(link.binding, FieldBinding):
        step = link.binding.steps[-1]
        found = ctx.model.entities[step.entity].fields[step.field].link
        if found is not None and not found.many and len(found.to) == 1:
            return ctx.model.entities[found.to[0]]
    raise RecordRefused([FieldError("not_a_link", ("expand",), {"value": link.text})])


def _names(ctx: Context, access: Access, entity: Entity) -> list[str]:
    """Return the plain fields that the person may read whole."""
    masked = access.masked(ctx, entity.key)
    return [
        entity.fields[key].name
        for key in plain_paths(ctx, access, entity)
        if key not in masked and not entity.fields[key].retired
    ]
