"""The trash of an application: what is out of use, since when and by whom, and how much is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.access.grants import require_everything
from engine.context import Context
from engine.database import Database
from engine.errors import NotFound
from engine.retired.finding import Gone, gone, restoring
from engine.schema.ddl import qualified
from engine.schema.effects import held_option
from engine.schema.live import Live, read_live
from engine.schema.names import quoted
from engine.schema.revisions import Revision, documents_of, history
from engine.store import layers_of
from engine.tenants.reshape import OWN
from metamodel import read_text
from metamodel.editing import Edit, Path
from metamodel.editing.document import at
from metamodel.layers import merge
from metamodel.linking.columns import column_name
from metamodel.model import Entity, Field, Model

FIELD, OPTION = 4, 6
"""Names in the path of a field, and of an option or a stage of an entity's own."""


@dataclass(frozen=True, slots=True)
class Retired:
    """One element out of use, the version in which it went, and how many values are kept.

    Of an option or a stage `values` are the records that have it still. It is None where
    nothing can be counted: rules and views hold no data.
    """

    gone: Gone
    version: Revision
    values: int | None

    @property
    def path(self) -> Path:
        """The names that lead to it."""
        return self.gone.path


class Retirees:
    """Lists what is out of use, and says how it comes back; for those who administer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, ctx: Context) -> tuple[Retired, ...]:
        """Return everything out of use, the latest to go first."""
        require_everything(ctx)
        with self._database.reading(ctx) as connection:
            versions, found, _ = _found(connection, ctx)
            live = read_live(connection, ctx.tenant)
            return tuple(
                Retired(each, versions[each.since], _values(connection, ctx, live, each))
                for each in found
            )

    def restore(self, ctx: Context, path: Path) -> tuple[Edit, ...]:
        """Return the edits that bring one of them back; raises `NotFound` for what is in use."""
        require_everything(ctx)
        with self._database.reading(ctx) as connection:
            _, found, serving = _found(connection, ctx)
        each = next((each for each in found if each.path == path), None)
        if each is None:
            raise NotFound(element=".".join(path))
        return restoring(each, serving)


def _found(
    connection: Connection, ctx: Context
) -> tuple[Mapping[int, Revision], tuple[Gone, ...], Mapping[str, object]]:
    """Return the versions, what is out of use, and the merged document that serves."""
    versions = [each for each in history(connection) if each.number <= ctx.revision]
    serving = layers_of(documents_of(connection, versions[0].documents))
    own = {each.documents[-1] for each in versions}
    texts = {each.digest: each.text for each in documents_of(connection, sorted(own))}
    read = {digest: read_text(said, OWN).document for digest, said in texts.items()}
    layers = [(each.number, read[each.documents[-1]]) for each in versions]
    document = merge(serving).document
    return {each.number: each for each in versions}, gone(document, layers), document


def _values(connection: Connection, ctx: Context, live: Live, each: Gone) -> int | None:
    counts = []
    for table, condition in _kept(ctx.model, live, each):
        there = qualified(ctx.tenant.schema, table)
        counted = connection.exec_driver_sql(f"SELECT count(*) FROM {there} WHERE {condition}")  # noqa: S608
        counts.append(int(counted.scalar_one()))
    return sum(counts) if counts else None


def _kept(model: Model, live: Live, each: Gone) -> Iterator[tuple[str, str]]:
    """Yield the table that keeps an element's data, and the condition for the rows that do."""
    path = each.path
    if path[-2] in {"options", "stages"}:
        for field in _choosing(model, path):
            table = live.get(model.entities[field.entity].table)
            if table is not None and field.column in table.columns:
                yield table.name, held_option(field, _option_key(field, each))
        return
    entity = _entity(model, path)
    table = live.get(entity.table) if entity is not None else None
    if table is None:
        return
    if len(path) == FIELD - 2:
        yield table.name, "true"
    elif len(path) == FIELD and path[2] == "fields" and "formula" not in each.element:
        key = str(each.element.get("key", path[3]))
        kind = each.element.get("type") or at(model.source, (*path, "type"))
        column = column_name(key, str(kind))
        if column in table.columns:
            yield table.name, f"{quoted(column)} IS NOT NULL"


def _choosing(model: Model, path: Path) -> Iterator[Field]:
    """Yield the fields that hold an option or a stage."""
    if path[0] == "choices":
        for each in model.entities.values():
            yield from (field for field in each.fields.values() if field.choices == path[1])
        return
    entity = _entity(model, path)
    if entity is None or len(path) != OPTION:
        return
    if path[2] == "pipelines":
        flow = next((p for p in entity.pipelines.values() if path[3] in (p.name, p.key)), None)
        field = entity.fields.get(flow.field_key) if flow is not None else None
    else:
        field = entity.field_named(path[3])
    if field is not None:
        yield field


def _option_key(field: Field, each: Gone) -> str:
    """Return the key that records hold of an option or a stage."""
    name = each.path[-1]
    known = next((o for o in field.options.values() if name in (o.name, o.key)), None)
    return known.key if known is not None else str(each.element.get("key", name))


def _entity(model: Model, path: Path) -> Entity | None:
    named = model.entities.values() if path[0] == "entities" else ()
    return next((each for each in named if path[1] in (each.name, each.key)), None)
