"""What a conversion stands on beside the two fields: zone, language, and records by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from engine.database import driver_of
from engine.query.kept import CONVERSION
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.names import literal, object_name, quoted
from formula.types import NumberType, TextType
from metamodel.linking.pairs import PAIR
from metamodel.model import HOLDER, MEMBER, PLACE, Entity, Field, Model


@dataclass(frozen=True, slots=True)
class Named:
    """The records of an entity: their table, what shows one of them, what one is met by.

    `shown` and `met_by` are expressions over the table under the name `x`.
    """

    table: str
    shown: str
    met_by: tuple[str, ...] = ()
    alive: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What conversions read beside the fields: `named` by entity key, `pairs` by link table.

    `left` tells for each place that held a field's values before (entity, field, column or link
    table) which revision left it last.
    """

    schema: str = ""
    zone: str = "UTC"
    language: str = "en"
    named: Mapping[str, Named] = field(default_factory=dict)
    pairs: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    def changed_since(self, table: str, field: Field) -> str | None:
        """Return the condition that somebody changed a field since its place was left.

        None where the values were never elsewhere: there is nothing to come back to.
        """
        revision = self.left.get((field.entity, field.key, place_of(field)))
        if revision is None:
            return None
        return self._told_since(table, field, revision, f"c.after ? {literal(field.key)}")

    def made_since(self, table: str, field: Field, place: str) -> str | None:
        """Return the condition that a record was made since a field's values left a place.

        For a field that was computed meanwhile: what history tells of it nobody entered.
        """
        revision = self.left.get((field.entity, field.key, place))
        if revision is None:
            return None
        return self._told_since(table, field, revision, "c.operation = 'create'")

    def _told_since(self, table: str, field: Field, revision: int, condition: str) -> str:
        changes, sets = (qualified(self.schema, f"sys_{name}") for name in ("change", "change_set"))
        return (
            f"{table}.id IN (SELECT c.record FROM {changes} c JOIN {sets} s "  # noqa: S608
            f"ON s.id = c.change_set WHERE c.entity = {literal(field.entity)} "
            f"AND {condition} AND s.revision >= {revision} AND s.door <> 'publish')"
        )


def entered_place(table: str, field: Field) -> str:
    """Return the column in which what was entered is kept while a field is computed in its own."""
    return object_name("kept", table, field.column, ("entered",))


def place_of(field: Field) -> str:
    """Return where a field's values are: the name of its column, or of its link table."""
    return field.link.through if field.link is not None and field.link.many else field.column


def ground_of(
    schema: str, model: Model, live: Live, left: Mapping[tuple[str, str, str], int] | None = None
) -> Ground:
    """Return what conversions into a model stand on, as far as its tables are there."""
    entities = [each for each in model.entities.values() if each.table in live]
    return Ground(
        schema=schema,
        left=left or {},
        zone=model.app.timezone,
        language=model.app.languages[0],
        named={
            each.key: _named(schema, each, live[each.table].columns)
            for each in entities
            if each.pair is None
        },
        pairs={name: qualified(schema, name) for name in live if name.startswith(PAIR)},
    )


def members(pairs: str, holder: str, each: str) -> str:
    """Return the rows of a link table that a record holds, with `each` chosen, in their order."""
    return (
        f"SELECT {each} FROM {pairs} p WHERE p.{quoted(HOLDER)} = {holder} "  # noqa: S608
        f"ORDER BY p.{quoted(PLACE)}, p.id"
    )


MEMBER_COLUMN = f"p.{quoted(MEMBER)}"
"""The record that a row of a link table names."""


def places_left(
    connection: Connection, schema: str, live: Live
) -> Mapping[tuple[str, str, str], int]:
    """Return for each place that held values before which revision left it last."""
    if CONVERSION not in live:
        return {}
    rows = driver_of(connection).execute(
        f"SELECT entity, field, from_place, max(revision) FROM {qualified(schema, CONVERSION)} "  # noqa: S608
        "GROUP BY 1, 2, 3 "
        # What somebody closed is gone for good, whatever stands in its place now.
        "HAVING (array_agg(closed_by ORDER BY revision DESC))[1] IS NULL".encode()
    )
    return {
        (entity, field, place): int(revision)
        for entity, field, place, revision in rows.fetchall()
        if place in live or (entity in live and place in live[entity].columns)
    }


def _named(schema: str, entity: Entity, columns: Mapping[str, str]) -> Named:
    title = entity.fields.get(entity.title_field)
    read = [each for each in (title, *_unique(entity)) if each and _is_read(each, columns)]
    met_by = dict.fromkeys(f"x.{quoted(each.column)}::text" for each in read)
    shown = [*met_by][:1] or ["x.id::text"]
    return Named(
        table=qualified(schema, entity.table),
        shown=f"coalesce({shown[0]}, x.id::text)",
        met_by=(*met_by, "x.id::text"),
        alive="" if entity.system else "x.sys_trashed_at IS NULL",
    )


def _unique(entity: Entity) -> Iterator[Field]:
    """Yield the fields of which each value names one record."""
    alone = {rule.fields[0] for rule in entity.unique.values() if len(rule.fields) == 1}
    for each in entity.fields.values():
        if (each.unique or each.key in alone or each.type == "autonumber") and not each.retired:
            yield each


def _is_read(each: Field, columns: Mapping[str, str]) -> bool:
    plain = isinstance(each.value_type, TextType | NumberType) and not each.encrypted
    return plain and not each.retired and each.column in columns
