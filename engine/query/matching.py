"""Search text as a condition on an entity's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.types import Text

from engine.access.fields import field_rights
from engine.context import Context
from engine.query.joins import RowSource
from engine.values.sealed import END
from engine.values.searchkeys import search_query, words_of
from metamodel.model import Field


@dataclass(frozen=True, slots=True)
class Matching:
    """A search as a condition with fixed binds, and their values.

    The tokens of a record hold all its search fields. Somebody who may not read one of them
    would find by it, so for them every word must also stand in a field they do read:
    `legible` are those, None where all are. Of `encrypted` fields, where the person may read
    them, the whole value is found, and its last four digits.
    """

    binds: Mapping[str, object]
    legible: tuple[Field, ...] | None = None
    encrypted: tuple[Field, ...] = ()

    def condition(self, source: RowSource) -> ColumnElement[bool]:
        """Return the condition that a row is found."""
        query = cast(bindparam("search_query", type_=Text()), TSQUERY)
        found: ColumnElement[bool] = source.row.c.sys_search.op("@@", is_comparison=True)(query)
        if self.legible is not None:
            found = found & self._stands_in(source, self.legible)
        return or_(found, *_blindly(source, self.encrypted)) if self.encrypted else found

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


def matching_of(
    ctx: Context, entity: str, text: str, connection: Connection | None = None
) -> Matching:
    """Return the search for `text` in one entity; for encrypted values keys are read."""
    if not text:
        return Matching({})
    kind = ctx.model.entities[entity]
    fields = [field for field in kind.fields.values() if field.search and not field.retired]
    rights = field_rights(ctx, kind)
    legible = [f for f in fields if f.key in rights.readable and f.key not in rights.masked]
    plain = tuple(each for each in legible if not each.encrypted)
    encrypted = tuple(each for each in legible if each.encrypted)
    whole = len(plain) == sum(not each.encrypted for each in fields)
    values: dict[str, object] = {
        "search_query": search_query(text),
        "search_words": words_of(text),
    }
    if encrypted and connection is not None:
        values |= blind_words(ctx, connection, text)
    return Matching(values, None if whole else plain, encrypted)


def blind_words(ctx: Context, connection: Connection, text: str) -> dict[str, str]:
    """Return the binds that encrypted values are found by: as a whole, and by their end."""
    ring = ctx.rings.ring(ctx.tenant, connection)
    digits = text.strip()
    is_end = len(digits) == END and digits.isascii() and digits.isdigit()
    return {"search_blind": ring.blind(text), "search_end": ring.ends(digits) if is_end else ""}


def searches_blindly(ctx: Context) -> bool:
    """Return whether any encrypted field of the model is searched."""
    return ctx.compiled.keep(
        ("searches blindly",),
        lambda: any(
            each.encrypted and each.search
            for entity in ctx.model.entities.values()
            for each in entity.fields.values()
        ),
    )


def _blindly(source: RowSource, fields: tuple[Field, ...]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that an encrypted field is the text, or ends in it."""
    for field in fields:
        yield source.row.c[field.blind_column] == bindparam("search_blind", type_=Text())
        if field.tail_column:
            yield source.row.c[field.tail_column] == bindparam("search_end", type_=Text())
