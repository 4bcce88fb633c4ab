"""What becomes of values when a field changes its type: every pair of types has an answer here.

`every` value converts (though not always with all that it said: a formatted text leaves its
formatting, an instant its clock); `some` do, those that read as a value of the new type, and
the others are kept beside it; or the pair is refused, and there is a way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from metamodel.fieldtypes import FIELD_TYPES

Family = Literal[
    "text", "checked", "rich", "number", "fraction", "duration", "date", "datetime", "time",
    "period", "choice", "choices", "tags", "boolean", "link", "links", "address", "location",
    "json", "uuid", "file",
]  # fmt: skip
"""Types whose values are alike: what is said of one holds for the others."""

Verdict = Literal["every", "some", "refused"]

_MEMBERS: Mapping[Family, str] = {
    "text": "text long_text phone code autonumber barcode",
    "checked": "email url color",
    "rich": "rich_text",
    "number": "integer decimal money rating",
    "fraction": "percent progress",
    "duration": "duration",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "period": "period",
    "choice": "choice",
    "choices": "multi_choice",
    "tags": "tags",
    "boolean": "boolean",
    "link": "link user department team",
    "links": "links users",
    "address": "address",
    "location": "location",
    "json": "json",
    "uuid": "uuid",
    "file": "file image signature",
}

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {type_: family for family, types in _MEMBERS.items() for type_ in types.split()}
)
"""The family of every field type."""

SAID = frozenset({"text", "rich", "tags", "json"})
"""Families that hold whatever can be said in words."""

_READ = (
    "checked number fraction duration date datetime time period choice choices boolean link links "
    "location uuid"
)
"""What a text may read as."""

_SOME: Mapping[Family, str] = {
    "text": _READ,
    "checked": _READ,
    "rich": _READ,
    "number": "number fraction duration choice choices boolean link links",
    "fraction": "number fraction choice choices",
    "duration": "number time choice choices",
    "date": "choice choices",
    "datetime": "choice choices",
    "time": "choice choices",
    "period": "date datetime choice choices",
    "choice": _READ,
    "choices": "choice choices link links",
    "tags": "checked choice choices link links",
    "boolean": "choice choices",
    "link": "link links choice choices uuid",
    "links": "link links choice choices",
    "json": f"{_READ} address tags",
    "uuid": "link",
}

_EVERY: Mapping[Family, str] = {
    "text": "address",
    "rich": "address",
    "date": "date datetime period",
    "datetime": "date datetime time period",
    "time": "duration time",
    "duration": "duration",
    "period": "period",
    "choice": "address",
    "boolean": "boolean number",
    "address": "address",
    "location": "location",
    "uuid": "uuid",
    "file": "file",
}

WAY_ROUND = "Add another field of the new type, fill it, and retire this one."
"""What can be done instead of a change of type that is refused."""


def verdict(old: str, new: str) -> Verdict:
    """Return what becomes of the values of one field type under another."""
    source, target = FAMILIES[old], FAMILIES[new]
    if target in _EVERY.get(source, "").split():
        return "every"
    if target in _SOME.get(source, "").split():
        return "some"
    return "every" if target in SAID and source != "file" else "refused"


def conversion_reference() -> str:
    """Return the page of the reference that states every pair, in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _PREFACE.splitlines()
    yield ""
    yield "| from | every value | those that read so | refused |"
    yield "| --- | --- | --- | --- |"
    for old in FIELD_TYPES:
        cells = (
            " ".join(f"`{new}`" for new in FIELD_TYPES if new != old and verdict(old, new) == said)
            for said in ("every", "some", "refused")
        )
        yield f"| `{old}` | {' | '.join(cells)} |"


_PREFACE = """\
# Conversions

What becomes of the values when a field changes its type, written from the table of conversions.
*Every value* converts, though not always with all that it said. *Those that read so* convert;
the others are kept beside the field until an administrator closes the conversion, as
[changing a tenant](../how-to/change-a-tenant.md) tells. What is *refused* is not published while
the field has values: add another field of the new type, fill it, and retire this one.

How values are read and told:

- A number may have groups of three digits (`1,200.50`), a sign of currency before it, or 元.
  A bare number that becomes a percentage is a fraction (0.13); `13%` is one, too.
- A day is `2026-03-01`, `2026/3/1`, `2026.3.1`, `2026年3月1日`, `20260301` or `1.3.2026`. An
  instant has a clock behind its day, in the app's time zone where it says none. A period is two
  days with `/`, `~`, `至` or a dash between them.
- A time of day is `9:30`, `09:30:15` or `9点30分`; a length of time `1:30`, `2d 3h 30m`,
  `2小时30分` or a number of seconds, and becomes a number in seconds.
- An option is met by its name, a former name, or its label in any language; one that was merged
  leads to the one it was merged into. It is told by its label in the app's first language.
- Several values stand between `,` `，` `、` `;` `；` `|` or on lines of their own; either all of
  them are known, or the value does not convert.
- A link is met by a unique field, the title or the id of one record that is not in the trash;
  where two are called the same, the value does not convert. It is told by its title. A link to
  several kinds of records is refused every other type.
- Yes is `yes` `true` `1` `y` 是 对 真 有, no is `no` `false` `0` `n` 否 不 错 假 无. It is told as
  是/否 where the app's first language is Chinese, else as yes/no.
- What is changed between `link`, `links`, `user` and `users` keeps the records that it names as
  far as the new field may name them; several do not fit into one."""
