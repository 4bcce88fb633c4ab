"""SQL that says a value of any field in words: what a person reads, so that it can be read back."""

from __future__ import annotations

from collections.abc import Mapping

from engine.schema.ground import MEMBER_COLUMN, Ground, members
from engine.schema.names import literal, quoted
from metamodel.conversions import FAMILIES
from metamodel.fields import Option
from metamodel.model import Field

YES_NO: Mapping[str, tuple[str, str]] = {"zh": ("是", "否"), "en": ("yes", "no")}
"""What yes and no are called."""

BETWEEN = ", "
"""What stands between several values."""


def told(field: Field, ground: Ground, table: str) -> str | None:
    """Return the text of a field's value, NULL for a blank one; None where words do not hold it.

    `table` is what the statement that it becomes part of calls the table of records.
    """
    column = quoted(field.column)
    match FAMILIES[field.type]:
        case "text" | "checked":
            return column
        case "rich":
            return quoted(field.plain_column)
        case "number":
            return f"trim_scale({column})::text"
        case "fraction":
            return f"trim_scale({column} * 100)::text || '%'"
        case "choice":
            return _label(column, field.options, ground)
        case "choices" | "tags":
            return _several(column, field, ground)
        case "link":
            return _title(field, ground, table)
        case "links":
            return _titles(field, ground, table)
        case "file":
            return None
        case _:
            return _plain(column, field, ground)


def _plain(column: str, field: Field, ground: Ground) -> str:
    match FAMILIES[field.type]:
        case "boolean":
            yes, no = YES_NO.get(ground.language, YES_NO["en"])
            return f"CASE WHEN {column} THEN {literal(yes)} ELSE {literal(no)} END"
        case "duration":
            seconds = f"extract(epoch FROM {column})::bigint"
            sign = f"CASE WHEN {seconds} < 0 THEN '-' ELSE '' END"
            parts = f"lpad((abs({seconds}) / 60 % 60)::text, 2, '0')"
            rest = f"lpad((abs({seconds}) % 60)::text, 2, '0')"
            return f"{sign} || (abs({seconds}) / 3600)::text || ':' || {parts} || ':' || {rest}"
        case "datetime":
            return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        case "period":
            sides = (
                f"coalesce(lower({column})::text, '')",
                f"coalesce((upper({column}) - 1)::text, '')",
            )
            return f"{sides[0]} || '/' || {sides[1]}"
        case "address":
            parts = ", ".join(f"{column}->>{literal(part)}" for part in _POSTAL)
            return f"concat_ws(' ', {parts})"
        case "location":
            return f"({column}->>'lat') || ', ' || ({column}->>'lon')"
        case "json":
            scalar = f"jsonb_typeof({column}) IN ('string', 'number', 'boolean')"
            return f"CASE WHEN {scalar} THEN {column} #>> '{{}}' ELSE {column}::text END"
        case _:
            return f"{column}::text"


_POSTAL = ("country", "region", "city", "district", "street", "postcode")


def _label(column: str, options: Mapping[str, Option], ground: Ground) -> str:
    whens = " ".join(
        f"WHEN {literal(key)} THEN {literal(option.label.text(ground.language) or option.name)}"
        for key, option in options.items()
    )
    return f"CASE {column} {whens} ELSE {column} END" if whens else column


def _several(column: str, field: Field, ground: Ground) -> str:
    if not field.options:
        return f"array_to_string({column}, {literal(BETWEEN)})"
    label = _label("each", field.options, ground)
    listed = f"SELECT string_agg({label}, {literal(BETWEEN)} ORDER BY place)"
    return f"({listed} FROM unnest({column}) WITH ORDINALITY u(each, place))"


def _title(field: Field, ground: Ground, table: str) -> str | None:
    """Return the title of the one record that a link names, whichever entity it is of."""
    columns = field.columns or dict.fromkeys(field.link.to if field.link else (), field.column)
    known = [(name, ground.named[key]) for key, name in columns.items() if key in ground.named]
    # The table is named: that of the records that are looked up may have such a column, too.
    shown = [
        f"(SELECT {named.shown} FROM {named.table} x WHERE x.id = {table}.{quoted(name)})"  # noqa: S608
        for name, named in known
    ]
    return f"coalesce({', '.join(shown)})" if shown else None


def _titles(field: Field, ground: Ground, table: str) -> str | None:
    link = field.link
    pairs = ground.pairs.get(link.through) if link else None
    named = ground.named.get(link.to[0]) if link and link.to else None
    if pairs is None or named is None:
        return None
    shown = f"(SELECT {named.shown} FROM {named.table} x WHERE x.id = {MEMBER_COLUMN})"  # noqa: S608
    listed = members(pairs, f"{table}.id", f"{shown} AS shown")
    return f"(SELECT string_agg(shown, {literal(BETWEEN)}) FROM ({listed}) listed)"  # noqa: S608
