"""SQL that reads a text as a value of a field: NULL where it is none, and never an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.schema.ground import Ground, Named
from engine.schema.names import literal
from formula.types import ChoiceType, ListType, NumberType, PercentType
from metamodel.conversions import FAMILIES, Family
from metamodel.model import Field

TRUE = ("true", "yes", "y", "1", "是", "对", "真", "有")

FALSE = ("false", "no", "n", "0", "否", "不", "错", "假", "无")

SEVERAL = "'[,，、;；|\\n]'"
"""What stands between several values."""

_NUMBER = "'^[¥￥$€£]? ?[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]+)? ?元?$'"

LONGEST_NUMBER = 100
"""Bytes from which on a text is no number to anybody; PostgreSQL knows no longer one either."""

_CLOCK = "([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"

_OFFSET = "(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])"

_CHECKED: Mapping[str, str] = {
    "email": "'^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$'",
    "url": "'^[hH][tT][tT][pP][sS]?://[^[:space:]]+$'",
    "color": "'^(#[0-9a-fA-F]{6}|[a-z]+)$'",
}
"""What the types of text that are checked must look like, as their readers hold it."""


def read(text: str, field: Field, ground: Ground) -> str | None:
    """Return the value of a field that a text says; None where no text says one."""
    bare = f"btrim({text})"
    match FAMILIES[field.type]:
        case "text":
            return text
        case "checked":
            return f"CASE WHEN {bare} ~ {_CHECKED[field.type]} THEN {bare} END"
        case "rich":
            return f"'<p>' || {_escaped(text)} || '</p>'"
        case "number" | "fraction":
            return read_number(bare, field)
        case "choice":
            return read_option(bare, field)
        case "choices" | "tags":
            return _read_several(text, field)
        case "link":
            matched = _match(field, ground)
            return matched and f"(SELECT m.match FROM ({matched}) m WHERE m.said = {met(text)})"  # noqa: S608
        case "file" | "links":
            return None
        case "datetime":
            return _read_instant(bare, ground.zone)
        case family:
            reader = _PLAIN.get(family)
            return reader(bare) if reader else None


_ID = "'^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'"


def _match(field: Field, ground: Ground) -> str | None:
    """Return what the records that a link may name are met by; None where it may name any."""
    targets = field.link.to if field.link else ()
    named = ground.named.get(targets[0]) if len(targets) == 1 else None
    return matches(named) if named else None


def matches(named: Named) -> str:
    """Return the statement of all that one record alone is met by: `said`, and the `match`."""
    alive = f" WHERE {named.alive}" if named.alive else ""
    each = " UNION ".join(
        f"SELECT {met(said)} AS said, x.id FROM {named.table} x{alive}"  # noqa: S608
        for said in named.met_by
    )
    return (
        f"SELECT said, (array_agg(id))[1] AS match FROM ({each}) each "  # noqa: S608
        "WHERE said IS NOT NULL GROUP BY said HAVING count(*) = 1"
    )


def met(text: str) -> str:
    """Return a text as records are met by it: without space around it, small letters."""
    return f"lower(btrim({text}))"


def read_number(text: str, field: Field) -> str:
    """Return the number that a text says, rounded to the field's decimals, if it fits."""
    kind = field.value_type
    if not isinstance(kind, NumberType | PercentType):
        raise TypeError(f"{field.key} is no number")
    limit, digits = f"{10**kind.digits}::numeric", f"translate({text}, ',¥￥$€£元 ', '')"
    number = f"round({digits}::numeric, {kind.scale})"
    # What is short enough fits: most values are worked out once.
    short = f"CASE WHEN octet_length({text}) < {kind.digits} THEN {number}"
    shaped = f"octet_length({text}) < {LONGEST_NUMBER} AND {text} ~ {_NUMBER}"
    plain = f"CASE WHEN {shaped} THEN {short} WHEN abs({number}) < {limit} THEN {number} END"
    if isinstance(kind, NumberType):
        return f"{plain} END"
    share = f"round(translate({text}, '%％ ', '')::numeric / 100, {kind.scale})"
    percent = f"{text} ~ '^[-+]?[0-9]{{1,4}}([.][0-9]{{1,30}})? ?[%％]$'"
    return f"{plain} WHEN {percent} THEN {share} END"


def read_date(text: str) -> str:
    """Return the day that a text says in one of the ways in which people write days."""
    signs = f"translate(regexp_replace({text}, '[T ]00:00(:00)?$', ''), '年月/.日', '----')"
    parts = [f"split_part({signs}, '-', {index})" for index in (1, 2, 3)]
    digits = [f"substr({text}, {start}, {length})" for start, length in ((1, 4), (5, 2), (7, 2))]
    return (
        f"CASE WHEN {signs} ~ '^[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}$' THEN {_day(*parts)} "
        f"WHEN {text} ~ '^[0-9]{{8}}$' THEN {_day(*digits)} "
        f"WHEN {text} ~ '^[0-9]{{1,2}}[.][0-9]{{1,2}}[.][0-9]{{4}}$' THEN {_day(*parts[::-1])} END"
    )


def _day(year: str, month: str, day: str) -> str:
    y, m, d = f"{year}::int", f"{month}::int", f"{day}::int"
    last = f"extract(day FROM make_date({y}, {m}, 1) + interval '1 month - 1 day')"
    return (
        f"CASE WHEN {y} > 0 AND {m} BETWEEN 1 AND 12 THEN CASE WHEN {d} BETWEEN 1 AND {last} "
        f"THEN make_date({y}, {m}, {d}) END END"
    )


def _read_instant(text: str, zone: str) -> str:
    """A clock behind the day; where it says no zone, it is the app's."""
    whole = f"regexp_replace({text}, '[T ]+', ' ')"
    day, clock = read_date(f"split_part({whole}, ' ', 1)"), f"split_part({whole}, ' ', 2)"
    local = f"({day} + {clock}::time) AT TIME ZONE {literal(zone)}"
    return (
        f"CASE WHEN {clock} = '' THEN {day}::timestamp AT TIME ZONE {literal(zone)} "
        f"WHEN {clock} ~ '^{_CLOCK}$' THEN {local} "
        f"WHEN {clock} ~ '^{_CLOCK}{_OFFSET}$' "
        f"THEN ({day}::text || ' ' || {clock})::timestamptz END"
    )


def _read_period(text: str) -> str:
    signs = f"regexp_replace({text}, '[[:space:]]*(/|~|～|–|—|至|[.][.])[[:space:]]*', '/')"
    start, end = (read_date(f"split_part({signs}, '/', {index})") for index in (1, 2))
    shape = "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$'"
    day = read_date(text)
    return (
        f"CASE WHEN {signs} ~ {shape} THEN CASE WHEN {start} <= {end} "
        f"THEN daterange({start}, {end}, '[]') END "
        f"WHEN ({day}) IS NOT NULL THEN daterange({day}, {day}, '[]') END"
    )


def _read_length(text: str) -> str:
    clock = f"string_to_array(ltrim({text}, '-'), ':')"
    seconds = (
        f"({clock})[1]::int * 3600 + ({clock})[2]::int * 60 + coalesce(({clock})[3], '0')::int"
    )
    signed = f"CASE WHEN {text} LIKE '-%' THEN -1 ELSE 1 END"
    units = f"lower({text})"
    for words, unit in (("小时|时", "h"), ("分钟|分", "m"), ("秒", "s"), ("天|日", "d")):
        units = f"regexp_replace({units}, '{words}', '{unit}')"
    each = " + ".join(
        f"coalesce(substring({units} FROM '([0-9]{{1,6}}){unit}')::bigint, 0) * {length}"
        for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    )
    shape = "'^([0-9]{1,6}d)? ?([0-9]{1,6}h)? ?([0-9]{1,6}m)? ?([0-9]{1,6}s)?$'"
    return (
        f"CASE WHEN {text} ~ '^-?[0-9]{{1,5}}:[0-5][0-9](:[0-5][0-9])?$' "
        f"THEN {signed} * ({seconds}) * interval '1 second' "
        f"WHEN {text} ~ '^-?[0-9]{{1,9}}$' THEN {text}::int * interval '1 second' "
        f"WHEN {text} <> '' AND {units} ~ {shape} THEN ({each}) * interval '1 second' END"
    )


def _read_place(text: str) -> str:
    signs = f"regexp_replace({text}, '[[:space:]]*[,，][[:space:]]*', ',')"
    lat, lon = (f"split_part({signs}, ',', {index})::numeric" for index in (1, 2))
    shape = "'^-?[0-9]{1,2}([.][0-9]{1,12})?,-?[0-9]{1,3}([.][0-9]{1,12})?$'"
    place = f"jsonb_build_object('lat', round({lat}, 6), 'lon', round({lon}, 6))"
    return (
        f"CASE WHEN {signs} ~ {shape} THEN CASE WHEN abs({lat}) <= 90 AND abs({lon}) <= 180 "
        f"THEN {place} END END"
    )


def read_option(text: str, field: Field) -> str:
    """Return the key of the option that a text names: by name, former name, or label."""
    whens = " ".join(
        f"WHEN {literal(said)} THEN {literal(key)}" for said, key in _spellings(field).items()
    )
    return f"CASE {met(text)} {whens} END" if whens else "NULL::text"


def _read_several(text: str, field: Field) -> str:
    """Return the list of what stands between signs: each once, and every one of them known."""
    each = "btrim(part)"
    split = f"regexp_split_to_table({text}, {SEVERAL}) WITH ORDINALITY u(part, place)"
    return listed(f"{split}", each, field)


def listed(rows: str, each: str, field: Field) -> str:
    """Return a field's list from rows of texts and their `place`; blank ones are passed over."""
    kind = field.value_type
    chosen = isinstance(kind, ListType) and isinstance(kind.item, ChoiceType)
    value = read_option(each, field) if chosen else each
    once = (
        f"SELECT {value} AS value, min(place) AS place FROM {rows} "  # noqa: S608
        f"WHERE {each} <> '' GROUP BY 1"
    )
    whole = "bool_and(value IS NOT NULL)"
    return f"(SELECT CASE WHEN {whole} THEN array_agg(value ORDER BY place) END FROM ({once}) one)"  # noqa: S608


def _spellings(field: Field) -> Mapping[str, str]:
    """Return what options are called, in small letters, and the key that each leads to."""
    found: dict[str, str] = {}
    options = field.options.values()
    for option in options:
        found.setdefault(_small(option.name), option.into or option.key)
    for option in options:
        for said in (*option.label.texts.values(), option.key, *option.former):
            found.setdefault(_small(said), option.into or option.key)
    return found


def _small(text: str) -> str:
    """Return a text as `lower` gives it under the collation of our columns: A to Z alone."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text.strip(" "))


def _escaped(text: str) -> str:
    safe = f"replace(replace(replace({text}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    return f"replace({safe}, E'\\n', '</p><p>')"


def _read_truth(text: str) -> str:
    folded = f"lower({text})"
    yes, no = (", ".join(map(literal, words)) for words in (TRUE, FALSE))
    return f"CASE WHEN {folded} IN ({yes}) THEN true WHEN {folded} IN ({no}) THEN false END"


def _read_clock(text: str) -> str:
    clock = f"translate({text}, '：时点分', ':::')"
    return f"CASE WHEN {clock} ~ '^{_CLOCK}$' THEN {clock}::time END"


def _read_id(text: str) -> str:
    return f"CASE WHEN lower({text}) ~ {_ID} THEN {text}::uuid END"


_PLAIN: Mapping[Family, Callable[[str], str]] = {
    "boolean": _read_truth,
    "date": read_date,
    "time": _read_clock,
    "period": _read_period,
    "duration": _read_length,
    "address": "jsonb_build_object('street', {})".format,
    "location": _read_place,
    "json": "to_jsonb({})".format,
    "uuid": _read_id,
}
"""What reads a text without space around it, for types that have no keys of their own."""
