"""Finding the records that the rows of a chunk mean, by one unique field."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from engine.context import Context
from engine.doors import Reader
from engine.errors import FieldError, RecordRefused
from engine.query.parse import parse_filter, parse_path
from engine.query.spec import ListQuery
from engine.values.wire import plain
from formula.printer import quoted_text
from metamodel.model import Entity, Field

TEXTS = ("text", "email", "phone", "url", "autonumber")
NUMBERS = ("integer", "decimal", "money")


def existing_by_key(
    ctx: Context, reader: Reader, entity: Entity, key: str, values: Sequence[object]
) -> dict[str, UUID]:
    """Return the ids of the records that have one of these values in `key`, by the value as text.

    Only what the person may see is found. At most 500 values at once.
    """
    wanted = sorted({str(value) for value in values if value not in (None, "")})
    if not wanted:
        return {}
    field = entity.field_named(key)
    bare = field is not None and field.type in NUMBERS
    listed = ", ".join(value if bare else quoted_text(value) for value in wanted)
    query = ListQuery(
        entity=entity.key,
        filter=parse_filter(ctx, entity.key, f"{key} in [{listed}]"),
        paths=(parse_path(ctx, entity.key, key),),
        limit=len(wanted),
    )
    page = reader.find(ctx, query)
    return {str(plain(row.values[key])): row.id for row in page.rows}


def check_key(entity: Entity, key: str) -> None:
    """Refuse a key that is no unique field: one row could mean several records."""
    alone = {rule.fields[0] for rule in entity.unique.values() if len(rule.fields) == 1}
    found = entity.field_named(key)
    if found is None or not _names_one(found, alone):
        unique = [item.name for item in entity.fields.values() if _names_one(item, alone)]
        raise RecordRefused([FieldError("import_key", (), {"key": key, "known": unique})])


def _names_one(field: Field, alone: set[str]) -> bool:
    """Tell whether what a cell holds of a field can name one record."""
    unique = field.unique or field.key in alone or field.type == "autonumber"
    return unique and not field.retired and field.type in (*TEXTS, *NUMBERS)
