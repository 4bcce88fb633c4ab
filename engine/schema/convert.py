"""SQL that turns the values of a field of one type into those of another: NULL where none fits.

Every expression is total: it never raises, whatever the column holds, so that a plan can count
what does not convert and a publish fills the new column with the very same expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.schema.ground import Ground
from engine.schema.names import literal, quoted
from engine.schema.reading import listed, matches, met, read, read_option
from engine.schema.telling import told
from formula.types import NumberType, PercentType
from metamodel.conversions import FAMILIES, Family, verdict
from metamodel.model import Field


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a value becomes: an expression over the old column.

    A text that names a record is looked up: `matches` is the statement of all that can be said,
    and `said` what the old value says; `value` does the same for one row.
    """

    value: str
    said: str = ""
    matches: str = ""

    @property
    def fits(self) -> str:
        """The condition that a value converts."""
        if self.matches:
            return f"{self.said} IN (SELECT m.said FROM ({self.matches}) m)"  # noqa: S608
        return f"({self.value}) IS NOT NULL"


def conversion(old: Field, new: Field, ground: Ground, table: str = "") -> Conversion | None:
    """Return what becomes of a field's values under its new type, or None where nothing does.

    Both hold one value in a column of the table that is called `table`.
    """
    sealed = old.encrypted or new.encrypted
    if sealed or verdict(old.type, new.type) == "refused" or not (old.column and new.column):
        return None
    source, target = FAMILIES[old.type], FAMILIES[new.type]
    column = quoted(old.column)
    plain = _PLAIN.get((source, target))
    if plain is not None:
        return Conversion(plain.format(c=column, zone=literal(ground.zone)))
    direct = _direct(source, target, column, old, new)
    if direct is not None:
        return Conversion(direct)
    if target == "link":
        return _linked(old, new, ground, table)
    text = told(old, ground, table)
    if text is None:
        return None
    if source != "text" and source != "rich" and target == "tags":
        return Conversion(f"ARRAY[{text}]")
    value = read(text, new, ground)
    return Conversion(value) if value is not None else None


def _direct(source: Family, target: Family, column: str, old: Field, new: Field) -> str | None:
    """Return what needs no words in between."""
    if source in ("number", "fraction") and target in ("number", "fraction"):
        return _fitting(column, new)
    if source == "choice" and target in ("choice", "choices"):
        option = _option(column, old, new)
        several = f"CASE WHEN {option} IS NOT NULL THEN ARRAY[{option}] END"
        return option if target == "choice" else several
    if source in ("choices", "tags"):
        known = target in ("choice", "choices", "tags", "json")
        return _of_several(source, target, column, old, new) if known else None
    if source == "json" and target in ("tags", "choices"):
        each = f"jsonb_array_elements_text({column}) WITH ORDINALITY u(part, place)"
        whole = listed(each, "btrim(part)", new)
        return f"CASE WHEN jsonb_typeof({column}) = 'array' THEN {whole} END"
    if source == "json" and target in ("address", "location"):
        return _structured(column, target)
    if source == target and source not in ("text", "checked", "rich"):
        same = old.link is None or (new.link is not None and old.link.to == new.link.to)
        return column if same else None
    return None


_PLAIN: Mapping[tuple[Family, Family], str] = {
    ("boolean", "number"): "CASE WHEN {c} THEN 1 ELSE 0 END::numeric",
    ("number", "boolean"): "CASE {c} WHEN 1 THEN true WHEN 0 THEN false END",
    ("number", "json"): "to_jsonb({c})",
    ("boolean", "json"): "to_jsonb({c})",
    ("address", "json"): "{c}",
    ("location", "json"): "{c}",
    ("link", "uuid"): "{c}",
    ("datetime", "date"): "({c} AT TIME ZONE {zone})::date",
    ("datetime", "time"): "date_trunc('second', {c} AT TIME ZONE {zone})::time",
    ("datetime", "period"): (
        "daterange(({c} AT TIME ZONE {zone})::date, ({c} AT TIME ZONE {zone})::date, '[]')"
    ),
    ("date", "datetime"): "({c}::timestamp AT TIME ZONE {zone})",
    ("date", "period"): "daterange({c}, {c}, '[]')",
    ("period", "date"): "CASE WHEN upper({c}) - lower({c}) = 1 THEN lower({c}) END",
    ("period", "datetime"): (
        "CASE WHEN upper({c}) - lower({c}) = 1 THEN lower({c})::timestamp AT TIME ZONE {zone} END"
    ),
    ("time", "duration"): "{c}::interval",
    ("duration", "time"): (
        "CASE WHEN {c} >= interval '0' AND {c} < interval '1 day' THEN time '00:00' + {c} END"
    ),
    ("duration", "number"): "extract(epoch FROM {c})::numeric",
    ("number", "duration"): (
        "CASE WHEN abs({c}) <= 1000000000 THEN round({c}) * interval '1 second' END"
    ),
}
"""What is said of the column `c` alone, in the app's zone."""


def _fitting(column: str, new: Field) -> str:
    """Return a number rounded to the field's decimals, if it is not too large."""
    kind = new.value_type
    if not isinstance(kind, NumberType | PercentType):
        raise TypeError(f"{new.key} is no number")
    rounded = f"round({column}, {kind.scale})"
    return f"CASE WHEN abs({rounded}) < {10**kind.digits}::numeric THEN {rounded} END"


def _option(column: str, old: Field, new: Field) -> str:
    """An option stays itself where the new field has it, else the one of its name or label."""
    whens = []
    for key, option in old.options.items():
        same = new.options.get(key)
        label = next(iter(option.label.texts.values()), option.name)
        becomes = literal(same.into or key) if same else read_option(literal(label), new)
        whens.append(f"WHEN {literal(key)} THEN {becomes}")
    return f"CASE {column} {' '.join(whens)} END" if whens else "NULL::text"


def _of_several(source: Family, target: Family, column: str, old: Field, new: Field) -> str:
    one = f"CASE WHEN cardinality({column}) = 1"
    first = f"({column})[1]"
    rows = f"unnest({column}) WITH ORDINALITY u(part, place)"
    said = _said("part", old)
    match source, target:
        case "choices", "choice":
            return f"{one} THEN {_option(first, old, new)} END"
        case "tags", "choice":
            return f"{one} THEN {read_option(f'btrim({first})', new)} END"
        case _, "json":
            return f"to_jsonb(ARRAY(SELECT {said} FROM {rows} ORDER BY place))"  # noqa: S608
        case _:
            # What tags are called may hold any sign, so nothing is split.
            return listed(rows, said, new)


def _said(each: str, old: Field) -> str:
    """Return what one of several is called."""
    whens = " ".join(
        f"WHEN {literal(key)} THEN {literal(next(iter(option.label.texts.values()), key))}"
        for key, option in old.options.items()
    )
    return f"CASE {each} {whens} ELSE {each} END" if whens else each


def _structured(column: str, target: Family) -> str:
    """Return JSON that has the shape of an address or a place, as far as SQL can tell."""
    if target == "address":
        known = "'country', 'region', 'city', 'district', 'street', 'postcode', 'code'"
        odd = (
            f"SELECT 1 FROM jsonb_each({column}) e "  # noqa: S608
            f"WHERE e.key NOT IN ({known}) OR jsonb_typeof(e.value) <> 'string'"
        )
        fits = f"NOT EXISTS ({odd})"
        whole = f"CASE WHEN {fits} THEN {column} END"
        return f"CASE WHEN jsonb_typeof({column}) = 'object' THEN {whole} END"
    degrees = " AND ".join(
        f"CASE WHEN jsonb_typeof({column}->'{name}') = 'number' "
        f"THEN abs(({column}->>'{name}')::numeric) <= {most} ELSE false END"
        for name, most in (("lat", 90), ("lon", 180))
    )
    return f"CASE WHEN {degrees} THEN {column} END"


def _linked(old: Field, new: Field, ground: Ground, table: str) -> Conversion | None:
    """A record is found by what the old value says: its key, its title, its id."""
    targets = new.link.to if new.link else ()
    named = ground.named.get(targets[0]) if len(targets) == 1 else None
    if named is None:
        return None
    if FAMILIES[old.type] == "uuid":
        alive = f" AND {named.alive}" if named.alive else ""
        column = f"{table}.{quoted(old.column)}"
        found = f"SELECT x.id FROM {named.table} x WHERE x.id = {column}{alive}"  # noqa: S608
        return Conversion(f"({found})")
    text = told(old, ground, table)
    if text is None:
        return None
    value = read(text, new, ground)
    return Conversion(value, met(text), matches(named)) if value is not None else None
