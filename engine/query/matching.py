"""Search text as a condition on an entity's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.types import Text

from engine.access.fields import field_rights
from engine.context import Context
from engine.query.joins import RowSource
from engine.values.searchkeys import search_query, words_of
from metamodel.model import Field


@dataclass(frozen=True, slots=True)
class Matching:
    """A search as a condition with fixed binds, and their values.

    The tokens of a record hold all its search fields. Somebody who may not read one of them
    would find by it, so for them every word must also stand in a field they do read:
    `legible` are those, None where all are.
    """

    binds: Mapping[str, object]
    legible: tuple[Field, ...] | None = None

    def condition(self, source: RowSource) -> ColumnElement[bool]:
        """Return the condition that a row is found."""
        query = cast(bindparam("search_query", type_=Text()), TSQUERY)
        found = source.row.c.sys_search.op("@@", is_comparison=True)(query)
        return found if self.legible is None else found & self._stands_in(source, self.legible)

    def _stands_in(self, source: RowSource, fields: tuple[Field, ...]) -> ColumnElement[bool]:
        words = func.unnest(bindparam("search_words", type_=ARRAY(Text()))).column_valued("word")
        columns = [
            source.row.c[name]
            for field in fields
            for name in (field.column, field.sort_column)
            if name
        ]
        stands = or_(false(), *(func.strpos(func.lower(column), words) > 0 for column in columns))
        missing = select(words).where(func.coalesce(stands, false()).is_(false()))
        return ~missing.exists()


def matching_of(ctx: Context, entity: str, text: str) -> Matching:
    """Return the search for `text` in one entity."""
    if not text:
        return Matching({})
    kind = ctx.model.entities[entity]
    fields = [field for field in kind.fields.values() if field.search and not field.retired]
    rights = field_rights(ctx, kind)
    legible = tuple(f for f in fields if f.key in rights.readable and f.key not in rights.masked)
    values = {"search_query": search_query(text), "search_words": words_of(text)}
    return Matching(values, None if len(legible) == len(fields) else legible)
